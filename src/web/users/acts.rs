//! Locking, unlocking, another password.

use actix_web::{HttpResponse, get, post, web};

use super::{PLACE, address_of, edit::given, edit::tell, roles};
use crate::{
    domain::policy,
    usecases::{
        Context, Error,
        users::{
            self,
            lock::{lock, unlock},
            reset_password::reset_password,
        },
    },
    web::{
        act::ActPage,
        acted::{acted, go_to, refused},
        field::{Field, Fieldset},
        posted::Posted,
        refusal::Refusal,
        visitor::Visitor,
    },
};

/// The page of an act on one account.
async fn act_page(
    ctx: &Context,
    visitor: &Visitor,
    username: &str,
    title: &str,
    act: &str,
    consequences: &[&str],
) -> Result<ActPage, Refusal> {
    let actor = &visitor.caller.actor;
    let view = users::read::read(ctx, actor, username).await?;
    policy::decide_change_accounts(actor).map_err(Error::from)?;
    let place = address_of(&view.account.username);
    let mut page = ActPage::new(visitor.shell(title).at(PLACE), format!("{place}/{act}"), place);
    page.subject = vec![
        ("用户名", view.account.username.clone()),
        ("姓名", view.account.profile.full_name.clone().unwrap_or_default()),
        ("角色", roles(&view)),
    ];
    page.subject.retain(|(_, text)| !text.is_empty());
    page.consequences = consequences.iter().map(|line| (*line).to_owned()).collect();
    Ok(page)
}

fn reason() -> Vec<Fieldset> {
    vec![Fieldset::new(
        "",
        vec![
            Field::area("/reason", "理由", 3)
                .required()
                .focus()
                .help("记入账户账。"),
        ],
    )]
}

async fn lock_page(ctx: &Context, visitor: &Visitor, username: &str) -> Result<ActPage, Refusal> {
    let consequences = [
        "该账号的登录立即全部失效，解锁前不能登录。",
        "其领取的合同不会自动放回，须由他人接手；未表决的论证不再等待其意见。",
    ];
    let mut act = act_page(ctx, visitor, username, "锁定账号", "lock", &consequences).await?;
    act.grave = true;
    act.sets = reason();
    Ok(act)
}

async fn unlock_page(ctx: &Context, visitor: &Visitor, username: &str) -> Result<ActPage, Refusal> {
    let view = users::read::read(ctx, &visitor.caller.actor, username).await?;
    let (title, consequence) = match view.account.locked_at {
        Some(_) => ("解锁账号", "解除锁定并清除登录失败记录，该账号可以立即用原密码登录。"),
        None => ("清除登录失败记录", "因多次输错密码而须等待的，可以立即用原密码登录。"),
    };
    let mut act = act_page(ctx, visitor, username, title, "unlock", &[consequence]).await?;
    act.sets = reason();
    Ok(act)
}

async fn password_page(ctx: &Context, visitor: &Visitor, username: &str) -> Result<ActPage, Refusal> {
    let consequences = [
        "原密码立即失效，该账号的登录全部结束。",
        "系统给出一次性密码，只显示一次；本人下次登录须先修改。锁定状态不变。",
    ];
    let mut act = act_page(ctx, visitor, username, "重置密码", "password", &consequences).await?;
    act.grave = true;
    Ok(act)
}

#[get("/users/{username}/lock")]
pub async fn show_lock(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    Ok(lock_page(&ctx, &visitor, &path).await?.show())
}

#[post("/users/{username}/lock")]
pub async fn lock_user(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let reason = Ok(posted.typed.text("/reason"));
    let done = lock(&ctx, posted.command(acted), path.clone(), reason).await;
    let to = format!("{}?done=locked", address_of(&path));
    go_to(done, &to, &posted.typed, lock_page(&ctx, &posted.visitor, &path)).await
}

#[get("/users/{username}/unlock")]
pub async fn show_unlock(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    Ok(unlock_page(&ctx, &visitor, &path).await?.show())
}

#[post("/users/{username}/unlock")]
pub async fn unlock_user(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let reason = Ok(posted.typed.text("/reason"));
    let done = unlock(&ctx, posted.command(acted), path.clone(), reason).await;
    let to = format!("{}?done=unlocked", address_of(&path));
    go_to(done, &to, &posted.typed, unlock_page(&ctx, &posted.visitor, &path)).await
}

#[get("/users/{username}/password")]
pub async fn show_reset_password(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    Ok(password_page(&ctx, &visitor, &path).await?.show())
}

#[post("/users/{username}/password")]
pub async fn reset_user_password(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    match reset_password(&ctx, posted.command(given), path.clone(), Ok(None)).await {
        Ok(answer) => tell(&posted.visitor, "密码已重置", answer),
        Err(error) => refused(error, &posted.typed, password_page(&ctx, &posted.visitor, &path)).await,
    }
}
