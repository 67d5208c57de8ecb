//! Logging in and out, changing one's password.

use actix_web::{HttpRequest, HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::{
    act::{ActPage, Problem},
    again::again_at,
    cookies::{device, device_cookie, no_session_cookie, page_secret, session_cookie, stranger, stranger_cookie},
    field::{Field, Fieldset},
    posted::{Posted, PostedByStranger, Typed},
    refusal::{Refusal, redirect, status_of},
    shell::{Shell, ok, page},
    tour::Tour,
    visitor::{Visitor, form_token, visitor},
};
use crate::{
    http::address::{client_address, client_name, own_address},
    usecases::{
        Context, Error,
        accounts::{PageOpened, Whence, change_password as change, logout, open_page_session},
        seam,
    },
};

#[derive(Template)]
#[template(path = "login.html")]
struct LogInPage {
    shell: Shell,
    problem: Option<Problem>,
    fields: Vec<Field>,
    next: String,
    /// What was typed into a form when the session ran out, URL-encoded.
    typed: String,
    /// Of a demonstration: who can be, and what to try.
    tour: Option<Tour>,
}

/// What was typed is taken along to the page of its form, which shows it and sends nothing by itself.
#[derive(Template)]
#[template(path = "resume.html")]
struct ResumePage {
    shell: Shell,
    /// Where the form is shown again.
    again: String,
    /// What was typed, URL-encoded.
    typed: String,
}

impl LogInPage {
    fn new(secret: &str, next: &str, typed: &str) -> Self {
        Self {
            shell: Shell {
                form_token: form_token(secret),
                ..Shell::bare("登录")
            },
            problem: None,
            fields: vec![
                Field {
                    autocomplete: "username",
                    ..Field::text("username", "用户名").span(4).focus()
                },
                Field::password("password", "密码", "current-password").span(4),
            ],
            next: next.to_owned(),
            typed: typed.to_owned(),
            tour: None,
        }
    }

    /// The same with the tour of a demonstration; nothing more in an office.
    fn with_tour(mut self, ctx: &Context) -> Self {
        self.tour = ctx.settings.demo.as_ref().map(Tour::of);
        self
    }
}

/// Where the log-in leads: an address of ours, else the first page.
fn next_of(given: &str) -> String {
    own_address(given).unwrap_or_else(|| "/".to_owned())
}

#[get("/login")]
pub async fn show_log_in(ctx: web::Data<Context>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let query: Vec<(String, String)> = form_urlencoded::parse(request.query_string().as_bytes())
        .into_owned()
        .collect();
    let parameter = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let next = next_of(parameter("next").unwrap_or_default());
    if visitor(&request).await.is_ok() {
        return Ok(redirect(&next));
    }
    let secret = match stranger(&request) {
        Some(secret) => secret,
        None => seam::random_token()?,
    };
    let mut asked = LogInPage::new(&secret, &next, "").with_tour(&ctx);
    let lost = match parameter("lost") {
        Some("file") => Some("登录已失效，所选的文件没有上传。登录后请重新选择文件。"),
        Some("typed") => Some(
            "登录已失效，刚才的表单没有提交，其内容也没有保留（含密码、过大或来源不明的表单不予保留）。登录后请重新填写。",
        ),
        _ => None,
    };
    asked.problem = lost.map(|detail| Problem {
        detail: detail.to_owned(),
        errors: Vec::new(),
    });
    let mut response = ok(&asked);
    response
        .add_cookie(&stranger_cookie(ctx.settings.server.is_behind_tls(), secret))
        .map_err(Error::internal)?;
    Ok(response)
}

/// The log-in page for who was at work when the session ran out.
pub(super) fn interrupted(next: &str, typed: &str, secret: &str, behind_tls: bool) -> HttpResponse {
    let mut response = page(StatusCode::UNAUTHORIZED, &LogInPage::new(secret, next, typed));
    if response
        .add_cookie(&stranger_cookie(behind_tls, secret.to_owned()))
        .is_err()
    {
        tracing::error!("a cookie that cannot be written");
    }
    response
}

#[post("/login")]
pub async fn log_in(
    ctx: web::Data<Context>,
    request: HttpRequest,
    posted: PostedByStranger,
) -> Result<HttpResponse, Refusal> {
    let typed = posted.0;
    let address = client_address(&request, &ctx.settings.server.trusted_proxies);
    let next = next_of(typed.raw("next"));
    let kept = typed.raw("typed").to_owned();
    let whence = Whence {
        address,
        client: client_name(&request),
        device: device(&request),
        earlier: page_secret(&request),
    };
    let opened = open_page_session(&ctx, typed.raw("username"), typed.raw("password"), whence).await;
    let PageOpened { secret, device } = match opened {
        Ok(opened) => opened,
        Err(error) => {
            error.log();
            let stranger = stranger(&request).ok_or(Refusal::NoToken)?;
            let mut again = LogInPage::new(&stranger, &next, &kept).with_tour(&ctx);
            for field in &mut again.fields {
                field.refill(&typed);
            }
            again.problem = Some(Problem::of(&error, &[]));
            return Ok(page(status_of(&error).0, &again));
        }
    };
    let mut response = if kept.is_empty() {
        redirect(&next)
    } else {
        resume(&ctx, &secret, &next, &kept).await?
    };
    response
        .add_cookie(&session_cookie(&ctx, secret))
        .map_err(Error::internal)?;
    response
        .add_cookie(&device_cookie(&ctx, device))
        .map_err(Error::internal)?;
    Ok(response)
}

/// On to the form with what was typed, for who typed it; who else logs in does not get to see it.
async fn resume(ctx: &Context, secret: &str, next: &str, kept: &str) -> Result<HttpResponse, Refusal> {
    let caller = crate::usecases::accounts::visit(ctx, secret).await?;
    let typed = Typed::parse(kept.as_bytes());
    let visitor = Visitor {
        names: crate::usecases::people::names(ctx).await?,
        form_token: form_token(secret),
        unread: 0,
        caller,
    };
    if typed.raw("_as") != visitor.caller.actor.username || visitor.caller.password.must_change {
        return Ok(redirect("/"));
    }
    Ok(ok(&ResumePage {
        shell: visitor.shell("继续刚才的操作"),
        again: again_at(next),
        typed: kept.to_owned(),
    }))
}

#[post("/logout")]
pub async fn log_out(ctx: web::Data<Context>, posted: Posted) -> Result<HttpResponse, Refusal> {
    logout(&ctx, &posted.visitor.caller).await?;
    let mut response = redirect("/login");
    response.add_cookie(&no_session_cookie(&ctx)).map_err(Error::internal)?;
    Ok(response)
}

fn password_page(ctx: &Context, visitor: &Visitor) -> ActPage {
    let mut act = ActPage::new(visitor.shell("修改密码"), "/password", "/");
    if visitor.caller.password.must_change {
        act.consequences
            .push("首次登录或密码到期，须先修改密码才能继续使用。".to_owned());
    }
    act.consequences.push("修改后，您在其他地方的登录全部失效。".to_owned());
    act.elsewhere = Some(("/sessions", "查看登录情况"));
    let rule = crate::usecases::accounts::password_policy::describe(&ctx.settings.auth.password);
    act.sets = vec![Fieldset::new(
        "",
        vec![
            Field::password("/current_password", "当前密码", "current-password")
                .required()
                .focus()
                .span(4),
            Field::password("/new_password", "新密码", "new-password")
                .required()
                .help(rule)
                .span(4),
            Field::password("/repeated", "再输入一次新密码", "new-password")
                .required()
                .span(4),
        ],
    )];
    act
}

#[get("/password")]
pub async fn show_password(ctx: web::Data<Context>, visitor: Visitor) -> Result<HttpResponse, Refusal> {
    Ok(password_page(&ctx, &visitor).show())
}

#[post("/password")]
pub async fn change_password(
    ctx: web::Data<Context>,
    request: HttpRequest,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let typed = &posted.typed;
    let address = client_address(&request, &ctx.settings.server.trusted_proxies);
    let (current, new) = (typed.raw("/current_password"), typed.raw("/new_password"));
    let done = if typed.raw("/repeated") == new {
        change(&ctx, &posted.visitor.caller, current, new, address).await
    } else {
        Err(Error::invalid("/repeated", "differs", "两次输入的新密码不一致。"))
    };
    match done {
        Ok(()) => Ok(redirect("/?done=password")),
        Err(error) => password_page(&ctx, &posted.visitor).refused(error, typed),
    }
}
