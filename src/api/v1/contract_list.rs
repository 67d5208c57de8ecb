//! `GET /contracts`: filters, order, pages.

use actix_web::{HttpRequest, HttpResponse, get, web};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    contract_out::ContractOut,
    counted_contracts::{self, CountedContractPage},
};
use crate::{
    api::{extract::Caller, openapi::Refusals, problem::Problem},
    domain::{code_list::ListName, error::FieldError, policy::Scope, queue::Queue, time::parse_date, workflow::State},
    http::query::Query,
    usecases::{
        Context, Error,
        contracts::{
            self,
            list::{ContractQuery, Position, SortKey, SortValue},
        },
        work_queues,
    },
};

/// A page of contracts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractPage {
    items: Vec<ContractOut>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

/// One of both.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only documents the two forms of the answer")]
pub enum ContractList {
    /// With `figure`.
    BehindFigure(Box<CountedContractPage>),
    /// Without.
    Contracts(ContractPage),
}

/// Filters, order and place of a list of contracts. With `figure`: the contracts behind a figure; then `year` is the year of the
/// statistics, and of the others only `sort` (`id`, `confirmed_at`, `amount_fen`), `limit` and `cursor` are taken.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only documents the parameters; `read_query` reads them")]
pub struct ContractListParams {
    /// One of the caller's work queues, by its id.
    queue: Option<String>,
    /// One or more states, separated by commas.
    state: Option<String>,
    /// Year of first confirmation.
    year: Option<i32>,
    /// Code list `unit`.
    unit: Option<String>,
    /// Code list `type`.
    #[param(rename = "type")]
    contract_type: Option<String>,
    /// Code list `field`.
    field: Option<String>,
    /// Code of the agency.
    agency: Option<String>,
    /// Username, or `me`.
    claimed_by: Option<String>,
    /// Due on a day before this.
    due_before: Option<String>,
    /// Submitted on this day (or at this moment) or later.
    submitted_from: Option<String>,
    /// Submitted on this day or earlier (or before this moment).
    submitted_to: Option<String>,
    /// Text within a number, the project name, or the name or credit code of a party.
    q: Option<String>,
    /// Name of a figure of the annual statistics: `units.div_08.amount`.
    figure: Option<String>,
    /// With `figure`: which of the sums that it is made of, `part` or `whole` of a share; the first where absent.
    term: Option<String>,
    /// With `figure`: RFC 3339; now where absent.
    as_of: Option<String>,
    /// With `figure`: a day of the year, up to whose end is counted.
    until: Option<String>,
    /// With `figure`: 1–12, only that month.
    month: Option<u32>,
    /// With `figure`: 1–4, only that quarter.
    quarter: Option<u32>,
    /// With `figure`: a closed edition of the year.
    edition: Option<i64>,
    /// `id`, `submitted_at`, `confirmed_at`, `due_on`, `amount_fen`; with `-` before it, largest first. Default `-id`.
    sort: Option<String>,
    /// 1–100, default 20.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List the contracts that the caller may see.
#[utoipa::path(tag = "contracts", security(("bearer" = [])), params(ContractListParams),
    responses((status = 200, body = ContractList), Refusals))]
#[get("/contracts")]
pub async fn list_contracts(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let actor = caller.0.actor;
    let text = request.query_string();
    if form_urlencoded::parse(text.as_bytes()).any(|(name, _)| name == "figure") {
        return counted_contracts::list(&ctx, actor, text).await;
    }
    let (queue, mut query) = read_query(&ctx, request.query_string(), &actor.username).map_err(Problem::invalid)?;
    query.queue = queue
        .map(|queue| work_queues::queue_of(&ctx, &actor, queue))
        .transpose()
        .map_err(Error::from)?;
    let (sort, descending) = (query.sort, query.descending);
    let page = contracts::list::list(&ctx, actor, query).await?;
    Ok(HttpResponse::Ok().json(ContractPage {
        next_cursor: page.next.map(|position| write_cursor(sort, descending, position)),
        items: page.items.into_iter().map(ContractOut::from).collect(),
    }))
}

/// What a list's parameters ask for; the queue is still to be seen with the caller's eyes.
type Asked = (Option<Queue>, ContractQuery);

fn read_query(ctx: &Context, text: &str, me: &str) -> Result<Asked, Vec<FieldError>> {
    let mut query = Query::parse(text);
    let queue = query.text("queue").and_then(|id| {
        let queue = Queue::from_id(&id);
        if queue.is_none() {
            query.error("queue", "unknown_code", format!("没有“{id}”这个工作队列。"));
        }
        queue
    });
    let code = |query: &mut Query, name: &str, list: ListName| {
        let value = query.text(name)?;
        if !ctx.catalogue.list(list).contains(&value) {
            query.error(name, "unknown_code", format!("不认识的值“{value}”。"));
        }
        Some(value)
    };
    let sort_text = query.text("sort").unwrap_or_else(|| "-id".to_owned());
    let (descending, sort_name) = match sort_text.strip_prefix('-') {
        Some(name) => (true, name),
        None => (false, sort_text.as_str()),
    };
    let sort = SortKey::ALL
        .into_iter()
        .find(|k| k.id() == sort_name)
        .unwrap_or_else(|| {
            query.error("sort", "unknown_code", format!("不能按“{sort_name}”排序。"));
            SortKey::Id
        });
    let after = query.text("cursor").and_then(|cursor| {
        let position = read_cursor(sort, descending, &cursor);
        if position.is_none() {
            query.error("cursor", "malformed_cursor", "cursor 无效，或与排序方式不符。");
        }
        position
    });
    let read = ContractQuery {
        queue: None,
        scope: Scope::default(),
        states: query.list("state", State::from_id),
        year: query.integer("year", 1900..=2200).and_then(|y| i32::try_from(y).ok()),
        unit: code(&mut query, "unit", ListName::Unit),
        contract_type: code(&mut query, "type", ListName::Type),
        field: code(&mut query, "field", ListName::Field),
        agency_code: query.text("agency"),
        claimed_by: query
            .text("claimed_by")
            .map(|c| if c == "me" { me.to_owned() } else { c }),
        due_before: query.date("due_before"),
        submitted_from: query.day_start("submitted_from"),
        submitted_before: query.day_end("submitted_to"),
        text: query.text("q"),
        sort,
        descending,
        after,
        limit: query.integer("limit", 1..=100).unwrap_or(20),
    };
    query.finish().map(|()| (queue, read))
}

/// Opaque to callers: sort, direction, value and key of the last contract of the page.
pub(super) fn write_cursor(sort: SortKey, descending: bool, position: Position) -> String {
    let value = match position.value {
        None => String::new(),
        Some(SortValue::Number(n)) => format!("n{n}"),
        Some(SortValue::Day(d)) => format!("d{d}"),
    };
    URL_SAFE_NO_PAD.encode(format!("{}|{descending}|{value}|{}", sort.id(), position.id))
}

pub(super) fn read_cursor(sort: SortKey, descending: bool, cursor: &str) -> Option<Position> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let parts: Vec<&str> = text.split('|').collect();
    let [name, direction, value, id] = parts.as_slice() else {
        return None;
    };
    if *name != sort.id() || *direction != descending.to_string() {
        return None;
    }
    let value = match (sort, value.split_at_checked(1)) {
        (_, None) => None,
        (SortKey::DueOn, Some(("d", day))) => Some(SortValue::Day(parse_date(day).ok()?)),
        (SortKey::SubmittedAt | SortKey::ConfirmedAt | SortKey::Amount, Some(("n", n))) => {
            Some(SortValue::Number(n.parse().ok()?))
        }
        _ => return None,
    };
    Some(Position {
        value,
        id: id.parse().ok()?,
    })
}
