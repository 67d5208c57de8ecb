//! `/users`: accounts, for administrators, and for auditors to read.

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};

use super::{
    acts::ReasonIn,
    user_in::{UserIn, UserPasswordIn, UserPatchIn},
    user_out::{UserCreatedOut, UserOut, UserPage},
};
use crate::{
    api::{
        answer::{KeyPage, answer, respond},
        extract::{Caller, Change},
        openapi::Refusals,
        problem::Problem,
    },
    domain::account::Role,
    http::{address::client_address, query::Query},
    usecases::{
        Context, Error, StoredAnswer,
        users::{self, UserGiven, UserView, change::UserPatch, create::NewUserInput, list::UserFilter},
    },
};

fn etag(view: &UserView) -> Option<String> {
    Some(format!("\"{}\"", view.account.version))
}

fn render(view: &UserView) -> Result<StoredAnswer, Error> {
    Ok(StoredAnswer {
        status: 200,
        etag: etag(view),
        location: None,
        body: serde_json::to_string(&UserOut::from(view)).map_err(Error::internal)?,
    })
}

fn render_given(given: &UserGiven, status: u16) -> Result<StoredAnswer, Error> {
    let body = serde_json::to_string(&UserCreatedOut::from(given)).map_err(Error::internal)?;
    // Every character of a name that is allowed and not of ASCII goes percent-encoded, `@` too.
    let name = form_urlencoded::byte_serialize(given.user.account.username.as_bytes()).collect::<String>();
    Ok(StoredAnswer {
        status,
        etag: etag(&given.user),
        location: (status == 201).then(|| format!("/api/v1/users/{name}")),
        body,
    })
}

fn render_created(given: &UserGiven) -> Result<StoredAnswer, Error> {
    render_given(given, 201)
}

fn render_reset(given: &UserGiven) -> Result<StoredAnswer, Error> {
    render_given(given, 200)
}

/// The answer as it is kept for a repeated request: without the password, which is told once and kept nowhere.
fn without_password(given: &UserGiven) -> UserGiven {
    UserGiven {
        initial_password: None,
        ..given.clone()
    }
}

fn keep_created(given: &UserGiven) -> Result<StoredAnswer, Error> {
    render_created(&without_password(given))
}

fn keep_reset(given: &UserGiven) -> Result<StoredAnswer, Error> {
    render_reset(&without_password(given))
}

/// List accounts, in the order in which they were added.
#[utoipa::path(tag = "users", security(("bearer" = [])),
    params(("role" = Option<String>, Query, description = "Id of a role"),
        ("agency" = Option<String>, Query, description = "Six digits"),
        ("locked" = Option<bool>, Query),
        ("q" = Option<String>, Query, description = "Text in the user name or the person's name, whatever the case"),
        ("limit" = Option<i64>, Query, description = "1–100, default 20"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = UserPage), Refusals))]
#[get("/users")]
pub async fn list_users(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    users::read::may_read(&caller.0.actor)?;
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    let filter = UserFilter {
        role: query.one_of("role", Role::from_id),
        agency: query.text("agency"),
        locked: query.one_of("locked", |text| text.parse().ok()),
        q: query.text("q"),
    };
    query.finish().map_err(Problem::invalid)?;
    let wanted = usize::try_from(page.limit + 1).unwrap_or(100);
    let found = users::list::list(&ctx, &caller.0.actor, filter, page.after, wanted).await?;
    let (found, next_cursor) = page.cut(found, |v| v.account.id);
    Ok(HttpResponse::Ok().json(UserPage {
        next_cursor,
        items: found.iter().map(UserOut::from).collect(),
    }))
}

/// Add an account; its password must be changed at the first log-in. Without `password` a random one is made and told once.
#[utoipa::path(tag = "users", request_body = UserIn, security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header,
        description = "1–255 visible ASCII characters. A repeated request is answered without the password")),
    responses((status = 201, body = UserCreatedOut, headers(("ETag" = String), ("Location" = String))), Refusals))]
#[post("/users")]
pub async fn create_user(ctx: web::Data<Context>, change: Change<UserIn>) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(keep_created);
    let input = body.and_then(NewUserInput::try_from);
    answer(users::create::create(&ctx, command, input).await?, render_created)
}

/// Read one account.
#[utoipa::path(tag = "users", security(("bearer" = [])), params(("username" = String, Path)),
    responses((status = 200, body = UserOut, headers(("ETag" = String))), Refusals))]
#[get("/users/{username}")]
pub async fn read_user(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    respond(&render(&users::read::read(&ctx, &caller.0.actor, &path).await?)?)
}

/// Change roles, agency, certificate or particulars (RFC 7396 merge patch); holds from the account's next request on.
#[utoipa::path(tag = "users", request_body(content = UserPatchIn, content_type = "application/merge-patch+json"),
    security(("bearer" = [])),
    params(("username" = String, Path), ("If-Match" = Option<String>, Header, description = "\"<version>\"")),
    responses((status = 200, body = UserOut, headers(("ETag" = String))), Refusals))]
#[patch("/users/{username}")]
pub async fn change_user(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    request: HttpRequest,
    change: Change<UserPatchIn>,
) -> Result<HttpResponse, Problem> {
    let caller = change.caller.clone();
    let address = client_address(&request, &ctx.settings.server.trusted_proxies);
    let (command, body) = change.into_parts(render);
    let patch = body.map(UserPatch::from);
    let done = users::change::change(&ctx, (&caller, address), command, path.into_inner(), patch).await?;
    answer(done, render)
}

/// Lock an account: its sessions end at once, and it cannot log in.
#[utoipa::path(tag = "users", request_body = ReasonIn, security(("bearer" = [])),
    params(("username" = String, Path),
        ("If-Match" = Option<String>, Header, description = "\"<version>\"; need not be given"),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = UserOut, headers(("ETag" = String))), Refusals))]
#[post("/users/{username}/lock")]
pub async fn lock_user(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ReasonIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render);
    let reason = body.map(ReasonIn::into_reason);
    answer(
        users::lock::lock(&ctx, command, path.into_inner(), reason).await?,
        render,
    )
}

/// Unlock an account and forget its failed log-ins.
#[utoipa::path(tag = "users", request_body = ReasonIn, security(("bearer" = [])),
    params(("username" = String, Path),
        ("If-Match" = Option<String>, Header, description = "\"<version>\"; need not be given"),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = UserOut, headers(("ETag" = String))), Refusals))]
#[post("/users/{username}/unlock")]
pub async fn unlock_user(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ReasonIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render);
    let reason = body.map(ReasonIn::into_reason);
    answer(
        users::lock::unlock(&ctx, command, path.into_inner(), reason).await?,
        render,
    )
}

/// Give an account another password: all its sessions end, and the password must be changed at the next log-in.
#[utoipa::path(tag = "users", request_body = UserPasswordIn, security(("bearer" = [])),
    params(("username" = String, Path),
        ("If-Match" = Option<String>, Header, description = "\"<version>\"; need not be given"),
        ("Idempotency-Key" = Option<String>, Header,
            description = "1–255 visible ASCII characters. A repeated request is answered without the password")),
    responses((status = 200, body = UserCreatedOut, headers(("ETag" = String))), Refusals))]
#[post("/users/{username}/password")]
pub async fn reset_user_password(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<UserPasswordIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(keep_reset);
    let password = body.map(|b| b.password);
    let done = users::reset_password::reset_password(&ctx, command, path.into_inner(), password).await?;
    answer(done, render_reset)
}
