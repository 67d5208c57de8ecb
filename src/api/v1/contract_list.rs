//! `GET /contracts`: filters, order, pages.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    contract_out::ContractOut,
    counted_contracts::{self, CountedContractPage},
};
use crate::{
    api::{extract::Caller, openapi::Refusals, problem::Problem},
    http::{
        contract_list::{read_filters, write_cursor},
        query::Query,
    },
    usecases::{Context, Error, contracts, work_queues},
};

/// A page of contracts.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractPage {
    items: Vec<ContractOut>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

/// One of both.
#[derive(Serialize, ToSchema)]
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
    let mut given = Query::parse(text);
    let (queue, mut query) = read_filters(&ctx.catalogue, &mut given, &actor.username);
    given.finish().map_err(Problem::invalid)?;
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
