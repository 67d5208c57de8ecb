//! A new account, and another one's particulars.

use actix_web::{HttpRequest, HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::{PLACE, address_of, role_choices};
use crate::{
    domain::policy,
    http::address::client_address,
    usecases::{
        Context, Error, StoredAnswer,
        command::Answer,
        users::{
            self, UserGiven,
            change::{UserPatch, change},
            create::{NewUserInput, create},
            fields::{Profile, UserFields, roles_of},
        },
    },
    web::{
        act::ActPage,
        acted::{acted, go_to, refused},
        field::{Field, Fieldset},
        people,
        posted::{Posted, Typed, kept, location},
        refusal::{Refusal, redirect},
        registrars,
        shell::{Shell, page},
        visitor::Visitor,
    },
};

/// The page that tells a random password, this once.
#[derive(Template)]
#[template(path = "given.html")]
struct GivenPage {
    shell: Shell,
    username: String,
    password: String,
    address: String,
}

/// Where to go when the password was told before.
pub(super) fn given(given: &UserGiven) -> Result<StoredAnswer, Error> {
    kept(address_of(&given.user.account.username))
}

/// The answer to a password that was made: told once, never again, never kept.
pub(super) fn tell(visitor: &Visitor, title: &str, answer: Answer<UserGiven>) -> Result<HttpResponse, Refusal> {
    let done = match answer {
        Answer::Repeated(_) => return Ok(redirect(&location(&answer, given)?)),
        Answer::Done(done) => done,
    };
    let username = done.user.account.username;
    Ok(page(
        StatusCode::OK,
        &GivenPage {
            shell: visitor.shell(title).at(PLACE),
            address: address_of(&username),
            password: done.initial_password.unwrap_or_default(),
            username,
        },
    ))
}

struct Standing {
    roles: Vec<String>,
    agency: Option<String>,
    certificate: Option<String>,
    profile: Profile,
}

async fn sets(ctx: &Context, standing: Standing) -> Result<Vec<Fieldset>, Error> {
    let mut roles = role_choices();
    for role in &mut roles {
        role.chosen = standing.roles.contains(&role.value);
    }
    let profile = standing.profile;
    Ok(vec![
        Fieldset::new(
            "权限",
            vec![
                Field::several("/roles", "角色", roles)
                    .required()
                    .help("管理员、审计员不得兼任其他角色。"),
                Field::select("/agency", "登记机构", registrars::agencies(ctx).await?)
                    .maybe(standing.agency)
                    .help("登记员必填；不填的，按证书的登记机构。"),
                people::certificate("/certificate", "登记员证书")
                    .maybe(standing.certificate)
                    .help("证书编号，可按编号、姓名、机构查找。登记员提交合同须有当日有效的证书。"),
            ],
        ),
        Fieldset::new(
            "本人",
            vec![
                Field::text("/full_name", "姓名")
                    .maybe(profile.full_name)
                    .help("登记员、审核员、专家、统计员必填；显示在办理记录、纪要等处。"),
                Field::text("/email", "电子邮件")
                    .maybe(profile.email)
                    .help("系统通知发到这里。"),
                Field::text("/employer", "工作单位")
                    .maybe(profile.employer)
                    .help("专家必填：据此核出利害关系，自动列为回避。"),
                Field::text("/employer_uscc", "工作单位统一社会信用代码")
                    .maybe(profile.employer_uscc)
                    .help("18 位（GB 32100-2015）。"),
            ],
        ),
    ])
}

fn profile(typed: &Typed) -> Profile {
    Profile {
        full_name: typed.text("/full_name"),
        email: typed.text("/email"),
        employer: typed.text("/employer"),
        employer_uscc: typed.text("/employer_uscc"),
    }
}

async fn new_page(ctx: &Context, visitor: &Visitor) -> Result<ActPage, Refusal> {
    policy::decide_change_accounts(&visitor.caller.actor).map_err(Error::from)?;
    let mut act = ActPage::new(visitor.shell("新建账号").at(PLACE), "/users/new", PLACE);
    act.button = "新建".to_owned();
    act.consequences = vec![
        "系统给出一次性初始密码，只显示一次，请当面或以密封方式交给本人。".to_owned(),
        "本人首次登录须先修改密码，之后才能使用。用户名以后不能更改，账号不能删除，只能锁定。".to_owned(),
    ];
    act.sets = vec![Fieldset::new(
        "账号",
        vec![
            Field::text("/username", "用户名")
                .required()
                .focus()
                .help("最多 64 个文字、数字和 . _ - @，不区分大小写。"),
        ],
    )];
    let standing = Standing {
        roles: Vec::new(),
        agency: None,
        certificate: None,
        profile: Profile::default(),
    };
    act.sets.extend(sets(ctx, standing).await?);
    act.proposals = Some(people::certificates(ctx, &visitor.caller.actor).await?);
    Ok(act)
}

#[get("/users/new")]
pub async fn show_create(ctx: web::Data<Context>, visitor: Visitor) -> Result<HttpResponse, Refusal> {
    Ok(new_page(&ctx, &visitor).await?.show())
}

#[post("/users/new")]
pub async fn create_user(ctx: web::Data<Context>, posted: Posted) -> Result<HttpResponse, Refusal> {
    let typed = &posted.typed;
    let input = roles_of(&typed.all("/roles")).map(|roles| NewUserInput {
        username: Some(typed.raw("/username").to_owned()),
        fields: UserFields {
            roles,
            agency_code: typed.text("/agency"),
            certificate_number: typed.text("/certificate"),
            profile: profile(typed),
        },
        password: None,
    });
    match create(&ctx, posted.command(given), input).await {
        Ok(answer) => tell(&posted.visitor, "账号已新建", answer),
        Err(error) => refused(error, typed, new_page(&ctx, &posted.visitor)).await,
    }
}

async fn edit_page(ctx: &Context, visitor: &Visitor, username: &str) -> Result<ActPage, Refusal> {
    let actor = &visitor.caller.actor;
    let view = users::read::read(ctx, actor, username).await?;
    policy::decide_change_accounts(actor).map_err(Error::from)?;
    let account = view.account;
    let place = address_of(&account.username);
    let mut act = ActPage::new(visitor.shell("修改账号").at(PLACE), format!("{place}/edit"), place);
    act.button = "保存".to_owned();
    act.version = Some(account.version);
    act.subject = vec![("用户名", account.username.clone())];
    act.consequences = vec!["从该账号的下一次操作起生效，不需要重新登录。改动记入账户账。".to_owned()];
    let standing = Standing {
        roles: account.roles.iter().map(|r| r.id().to_owned()).collect(),
        agency: account.agency.and_then(|a| a.code),
        certificate: account.certificate.map(|c| c.number),
        profile: account.profile,
    };
    act.sets = sets(ctx, standing).await?;
    act.sets.push(Fieldset::new(
        "确认",
        vec![
            Field::password("/current_password", "您本人的密码", "current-password")
                .help("修改电子邮件时必填，其他修改不必填。"),
        ],
    ));
    act.proposals = Some(people::certificates(ctx, actor).await?);
    Ok(act)
}

#[get("/users/{username}/edit")]
pub async fn show_edit(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    Ok(edit_page(&ctx, &visitor, &path).await?.show())
}

#[post("/users/{username}/edit")]
pub async fn change_user(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    request: HttpRequest,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let typed = &posted.typed;
    let profile = profile(typed);
    let patch = UserPatch {
        roles: Some(Some(typed.all("/roles"))),
        agency: Some(typed.text("/agency")),
        certificate: Some(typed.text("/certificate")),
        full_name: Some(profile.full_name),
        email: Some(profile.email),
        employer: Some(profile.employer),
        employer_uscc: Some(profile.employer_uscc),
        current_password: Some(typed.raw("/current_password"))
            .filter(|p| !p.is_empty())
            .map(str::to_owned),
    };
    let address = client_address(&request, &ctx.settings.server.trusted_proxies);
    let caller = (&posted.visitor.caller, address);
    let done = change(&ctx, caller, posted.command(acted), path.clone(), Ok(patch)).await;
    let to = format!("{}?done=saved", address_of(&path));
    go_to(done, &to, typed, edit_page(&ctx, &posted.visitor, &path)).await
}
