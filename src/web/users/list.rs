//! The accounts, and one of them.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{PLACE, address_of, role_choices, roles, standing};
use crate::{
    domain::{account::Role, policy},
    http::query::Query,
    usecases::{
        Context,
        users::{self, UserView, list::UserFilter},
    },
    web::{
        field::{Choice, Field},
        key_page::{KeyPage, ROWS, address},
        refusal::Refusal,
        registrars,
        sheet::{ActLink, Sheet},
        show::minute,
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

#[get("/users")]
pub async fn list_users(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let actor = &visitor.caller.actor;
    users::read::may_read(actor)?;
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    let filter = UserFilter {
        role: query.one_of("role", Role::from_id),
        agency: query.text("agency"),
        locked: query.one_of("locked", |text| text.parse().ok()),
        q: query.text("q"),
    };
    query.finish()?;
    let filters = [
        ("q", filter.q.clone()),
        ("role", filter.role.map(|r| r.id().to_owned())),
        ("agency", filter.agency.clone()),
        ("locked", filter.locked.map(|l| l.to_string())),
    ];
    let wanted = usize::try_from(ROWS + 1).unwrap_or(51);
    let found = users::list::list(&ctx, actor, filter, page.after, wanted).await?;
    let (found, next) = KeyPage::cut(found, |v| v.account.id);
    let with = |after: Option<i64>| {
        let after = [("after", after.map(|a| a.to_string()))];
        address(PLACE, &[filters.as_slice(), &after].concat())
    };
    let table = Table {
        total: None,
        caption: "账号".to_owned(),
        columns: ["用户名", "姓名", "角色", "登记机构", "状态", "建立时间"]
            .map(Column::text)
            .into(),
        rows: found.iter().map(row).collect(),
        empty: "没有这样的账号。".to_owned(),
        next: next.map(|n| with(Some(n))),
        first: page.after.map(|_| with(None)),
        tick: None,
    };
    let plain = |choices: Vec<Choice>| choices.into_iter().map(|c| Choice::new(c.value, c.label)).collect();
    let [(_, q), (_, role), (_, agency), (_, locked)] = filters.clone();
    let mut sheet = Sheet::list(visitor.shell("账号").at(PLACE), table).filtered(
        PLACE,
        vec![
            Field::text("q", "用户名或姓名").maybe(q),
            Field::select("role", "角色", plain(role_choices())).maybe(role),
            Field::select("agency", "登记机构", registrars::agencies(&ctx).await?).maybe(agency),
            Field::select(
                "locked",
                "锁定",
                vec![Choice::new("true", "已锁定"), Choice::new("false", "未锁定")],
            )
            .maybe(locked),
        ],
    );
    if policy::decide_change_accounts(actor).is_ok() {
        sheet.acts.push(ActLink::new("新建账号", "/users/new").main());
    }
    Ok(sheet.show())
}

fn row(view: &UserView) -> Row {
    let account = &view.account;
    Row {
        key: account.id.to_string(),
        cells: vec![
            Cell::link(&account.username, address_of(&account.username)),
            Cell::maybe(account.profile.full_name.clone()),
            Cell::text(roles(view)),
            Cell::maybe(account.agency.as_ref().map(|a| a.name.clone())),
            standing(view),
            Cell::text(minute(account.created_at)),
        ],
    }
}

#[get("/users/{username}")]
pub async fn show_user(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let actor = &visitor.caller.actor;
    let view = users::read::read(&ctx, actor, &path).await?;
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    query.finish()?;
    let account = &view.account;
    let place = address_of(&account.username);
    let mut sheet = Sheet::new(
        visitor
            .shell(&format!("账号 {}", account.username))
            .at(PLACE)
            .done(done.as_deref()),
    );
    if policy::decide_change_accounts(actor).is_ok() {
        sheet.acts.push(ActLink::new("修改", format!("{place}/edit")).main());
        if account.username == actor.username {
            sheet.acts.push(ActLink::new("修改本人密码", "/password"));
        } else {
            sheet.acts.push(ActLink::new("重置密码", format!("{place}/password")));
        }
        if account.locked_at.is_none() {
            sheet.acts.push(ActLink::new("锁定", format!("{place}/lock")));
            sheet
                .acts
                .push(ActLink::new("清除登录失败记录", format!("{place}/unlock")));
        } else {
            sheet.acts.push(ActLink::new("解锁", format!("{place}/unlock")));
        }
    }
    sheet.facts = facts(&view);
    Ok(sheet.show())
}

fn facts(view: &UserView) -> Vec<(&'static str, Cell)> {
    let account = &view.account;
    let profile = &account.profile;
    let certificate = match &account.certificate {
        None => Cell::maybe(None::<String>),
        Some(c) => Cell::Many(vec![
            Cell::link(&c.number, registrars::address_of(&c.number)),
            match c.is_valid_on(view.today) {
                true => Cell::mark("今日有效", "good"),
                false => Cell::mark("今日无效", "bad"),
            },
        ]),
    };
    vec![
        ("状态", standing(view)),
        ("角色", Cell::text(roles(view))),
        ("姓名", Cell::maybe(profile.full_name.clone())),
        ("登记机构", Cell::maybe(account.agency.as_ref().map(|a| a.name.clone()))),
        ("登记员证书", certificate),
        ("电子邮件", Cell::maybe(profile.email.clone())),
        ("工作单位", Cell::maybe(profile.employer.clone())),
        ("工作单位统一社会信用代码", Cell::maybe(profile.employer_uscc.clone())),
        ("建立时间", Cell::text(minute(account.created_at))),
        ("锁定时间", Cell::maybe(account.locked_at.map(minute))),
        ("密码设置时间", Cell::text(minute(account.password_changed_at))),
        (
            "密码到期",
            Cell::text(view.password.expires_at.map_or_else(|| "不到期".to_owned(), minute)),
        ),
    ]
}
