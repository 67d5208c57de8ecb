//! `/outbox`: where mail stands, for administrators and auditors; without its words.

use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::{
    act::ActPage,
    acted::{acted, go_to},
    field::{Choice, Field},
    key_page::{KeyPage, ROWS, address, key},
    posted::Posted,
    refusal::Refusal,
    sheet::Sheet,
    show::{NOTHING, minute},
    table::{Cell, Column, Row, Table},
    visitor::Visitor,
};
use crate::{
    domain::policy,
    http::query::Query,
    usecases::{
        Context, Error,
        messages::{self, Mail, MailState},
    },
};

/// Where mail is.
const PLACE: &str = "/outbox";

const STATES: [(MailState, &str, &str); 4] = [
    (MailState::Pending, "待发送", "wait"),
    (MailState::Sending, "发送中", "wait"),
    (MailState::Sent, "已发送", "good"),
    (MailState::Dead, "发送失败", "bad"),
];

/// What mail is about, by the ids of its kinds.
const KINDS: [(&str, &str); 19] = [
    ("returned", "退回补正"),
    ("confirmed", "审核确认"),
    ("refused", "不予登记"),
    ("revoked", "撤销登记"),
    ("reinstated", "恢复登记"),
    ("reopened", "重新受理"),
    ("taken_over", "合同由他人接手"),
    ("handed_over", "移交审核"),
    ("released", "放回待领"),
    ("overdue", "超过办理期限"),
    ("due_soon", "临近办理期限"),
    ("unclaimed_due", "待领取的合同临近期限"),
    ("expert_invited", "专家论证邀请"),
    ("voting_again", "专家论证须再次表决"),
    ("certificates_expiring", "登记员证书到期"),
    ("certificate_expiring", "登记员证书到期"),
    ("certificate_suspended", "登记员证书暂停"),
    ("change_decided", "变更、注销申请的决定"),
    ("audit_assigned", "自查任务"),
];

fn about(kind: &str) -> &str {
    KINDS
        .iter()
        .find(|(id, _)| *id == kind)
        .map_or(kind, |(_, words)| words)
}

/// What a state is called.
pub(super) fn state_label(state: MailState) -> &'static str {
    let known = STATES.iter().find(|(s, _, _)| *s == state);
    known.map_or(state.id(), |(_, label, _)| *label)
}

fn state_mark(state: MailState) -> Cell {
    let known = STATES.iter().find(|(s, _, _)| *s == state);
    known.map_or_else(|| Cell::text(state.id()), |(_, label, kind)| Cell::mark(*label, kind))
}

#[get("/outbox")]
pub async fn list_mails(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let actor = &visitor.caller.actor;
    policy::decide_read_outbox(actor).map_err(Error::from)?;
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    let state = query.one_of("state", MailState::from_id);
    let done = query.text("done");
    query.finish()?;
    let found = messages::list_mails(&ctx, actor, state, page.after, ROWS + 1).await?;
    let (found, next) = KeyPage::cut(found, |m| m.id);
    let state = state.map(|s| s.id().to_owned());
    let retries = policy::decide_retry_mail(actor).is_ok();
    let table = Table {
        total: None,
        caption: "邮件".to_owned(),
        columns: ["收件人", "地址", "事项", "状态", "次数", "时间", "失败原因", "办理"]
            .map(Column::text)
            .into(),
        rows: found.iter().map(|mail| row(mail, retries)).collect(),
        empty: "没有邮件。".to_owned(),
        next: next.map(|n| address(PLACE, &[("state", state.clone()), ("after", Some(n.to_string()))])),
        first: page.after.map(|_| address(PLACE, &[("state", state.clone())])),
        tick: None,
    };
    let states = STATES.map(|(s, label, _)| Choice::new(s.id(), label));
    let mut sheet = Sheet::list(visitor.shell("邮件").at(PLACE).done(done.as_deref()), table)
        .filtered(PLACE, vec![Field::select("state", "状态", states.into()).maybe(state)]);
    sheet.lead = "系统通知的发送情况。主题和正文不在此显示。".to_owned();
    Ok(sheet.show())
}

fn row(mail: &Mail, retries: bool) -> Row {
    let times = match (mail.sent_at, mail.due_at) {
        (Some(at), _) => format!("{} 发出", minute(at)),
        (None, Some(at)) => format!("{} 到时发送", minute(at)),
        (None, None) => format!("{} 写入", minute(mail.created_at)),
    };
    let waits = matches!(mail.state, MailState::Pending | MailState::Dead);
    Row {
        key: mail.id.to_string(),
        cells: vec![
            Cell::text(&mail.username),
            Cell::text(&mail.address),
            Cell::text(about(&mail.kind)),
            state_mark(mail.state),
            Cell::text(mail.attempts.to_string()),
            Cell::text(times),
            Cell::text(mail.last_error.as_deref().unwrap_or(NOTHING)),
            match retries && waits {
                true => Cell::link("立即重发", format!("{PLACE}/{}/retry", mail.id)),
                false => Cell::text(NOTHING),
            },
        ],
    }
}

fn retry_page(visitor: &Visitor, id: i64) -> Result<ActPage, Refusal> {
    policy::decide_retry_mail(&visitor.caller.actor).map_err(Error::from)?;
    let mut act = ActPage::new(
        visitor.shell("重发邮件").at(PLACE),
        format!("{PLACE}/{id}/retry"),
        PLACE,
    );
    act.button = "立即重发".to_owned();
    act.consequences = vec!["邮件立即重新发送，次数从头计算。收件服务器此前若已收下，对方可能收到两封。".to_owned()];
    Ok(act)
}

#[get("/outbox/{id}/retry")]
pub async fn show_retry(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Refusal> {
    policy::decide_retry_mail(&visitor.caller.actor).map_err(Error::from)?;
    Ok(retry_page(&visitor, key(&path)?)?.show())
}

#[post("/outbox/{id}/retry")]
pub async fn retry(ctx: web::Data<Context>, path: web::Path<String>, posted: Posted) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let done = messages::retry_mail(&ctx, posted.command(acted), id, Ok(())).await;
    let act = async { retry_page(&posted.visitor, id) };
    go_to(done, "/outbox?done=retry", &posted.typed, act).await
}
