//! The requests for changes, the newest first.

use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;

use super::{kind_label, state_of_request};
use crate::{
    domain::change_request::{ChangeKind, RequestState},
    http::query::Query,
    usecases::{
        Context,
        change_requests::{self, list::ChangeRequestQuery},
    },
    web::{
        contracts::Kept,
        field::{Choice, Field},
        refusal::Refusal,
        registrars::agencies,
        shell::{Shell, ok},
        show::minute,
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "change_requests/list.html")]
struct RequestsPage {
    shell: Shell,
    tabs: Vec<(&'static str, String, bool)>,
    fields: Vec<Field>,
    state: String,
    table: Table,
}

/// Requests of a page.
const PAGE: i64 = 50;

#[get("/change-requests")]
pub async fn list_requests(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let text = request.query_string();
    let kept = Kept::of(text);
    let mut query = Query::parse(text);
    let actor = &visitor.caller.actor;
    let done = query.text("done");
    let agency = query.text("agency");
    let me = |name: String| if name == "me" { actor.username.clone() } else { name };
    let asked = ChangeRequestQuery {
        agency_id: None,
        contract_id: None,
        states: query.list("state", RequestState::from_id),
        kinds: query.list("kind", ChangeKind::from_id),
        requested_by: query.text("requested_by").map(me),
        after: query.integer("after", 1..=i64::MAX),
        limit: query.integer("limit", 1..=100).unwrap_or(PAGE),
    };
    query.finish()?;
    let later = asked.after.is_some();
    let page = change_requests::list::list(&ctx, actor.clone(), agency, asked).await?;
    let kept = kept.with("after", None);
    let state = kept.value("state").to_owned();
    let tab = |label: &'static str, id: Option<&str>| {
        let address = kept.with("state", id).address("/change-requests");
        (label, address, state == id.unwrap_or_default())
    };
    let mut tabs = vec![tab("全部", None)];
    tabs.extend(RequestState::ALL.map(|s| tab(s.label(), Some(s.id()))));
    let rows = page.items.iter().map(|view| {
        let request = &view.request;
        Row {
            key: String::new(),
            cells: vec![
                Cell::link(
                    format!(
                        "{}：{}",
                        kind_label(request.kind),
                        view.project_name.as_deref().unwrap_or("未命名")
                    ),
                    format!("/change-requests/{}", request.id),
                ),
                state_of_request(request.state()),
                Cell::maybe(view.registration_number.clone()),
                Cell::text(visitor.names.of(&request.requested_by)),
                Cell::text(minute(request.requested_at)),
                Cell::maybe(
                    request
                        .decided
                        .as_ref()
                        .map(|d| format!("{} {}", visitor.names.of(&d.by), minute(d.at))),
                ),
            ],
        }
    });
    let kinds = ChangeKind::ALL.into_iter().map(|k| Choice::new(k.id(), kind_label(k)));
    let requests = RequestsPage {
        shell: visitor.shell("变更与注销").at("/change-requests").done(done.as_deref()),
        tabs,
        fields: vec![
            Field::select("kind", "种类", kinds.collect()).value(kept.value("kind")),
            Field::select("agency", "登记机构", agencies(&ctx).await?)
                .data("choose", "")
                .value(kept.value("agency")),
            Field::text("requested_by", "申请人")
                .value(kept.value("requested_by"))
                .help("申请人的用户名。"),
        ],
        state: state.clone(),
        table: Table {
            total: None,
            caption: "变更与注销申请".to_owned(),
            columns: vec![
                Column::text("申请"),
                Column::text("状态"),
                Column::text("登记编号"),
                Column::text("申请人"),
                Column::text("申请时间"),
                Column::text("办理"),
            ],
            rows: rows.collect(),
            empty: "没有这样的申请。".to_owned(),
            next: page
                .next
                .map(|id| kept.with("after", Some(&id.to_string())).address("/change-requests")),
            first: later.then(|| kept.address("/change-requests")),
            tick: None,
        },
    };
    Ok(ok(&requests))
}
