//! `/statistics/annual/{year}/…`: checklist, closing, editions, restatement.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::figures::year_of;
use crate::{
    api::{
        answer::{KeyPage, answer, stored},
        extract::{Caller, Change},
        json::Document,
        openapi::Refusals,
        problem::Problem,
    },
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        statistics::{
            self,
            checklist::{self, Item},
            close::{self, CloseInput, OverrideInput},
            editions::{self, EditionView},
        },
    },
};

/// What must be in order before a year is closed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChecklistOut {
    year: i32,
    /// The moment it was looked at, RFC 3339.
    at: String,
    /// Whether the year can be closed without overriding anything.
    can_close: bool,
    /// The number that the next edition would have.
    next_edition: i64,
    items: Vec<ChecklistItemOut>,
}

/// One item.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChecklistItemOut {
    /// `year_over`, `contracts_decided`, `self_audit_completed`, `tables_add_up`, `figures_true`, `sentences_true`,
    /// `follow_up_present`, `activities_present`.
    #[schema(example = "contracts_decided")]
    item: String,
    /// What must be so.
    label: String,
    /// `passed`, `failed`, `not_applicable`.
    #[schema(value_type = String, example = "failed")]
    outcome: checklist::Outcome,
    /// Whether a reason in writing may stand for it.
    overridable: bool,
    /// What is wrong, a sentence each.
    problems: Vec<String>,
}

impl From<Item> for ChecklistItemOut {
    fn from(item: Item) -> Self {
        Self {
            item: item.id,
            label: item.label,
            outcome: item.outcome,
            overridable: item.overridable,
            problems: item.problems,
        }
    }
}

/// A closed edition.
#[derive(Debug, Serialize, ToSchema)]
pub struct EditionOut {
    year: i32,
    /// 1, 2, 3 … within the year.
    edition: i64,
    /// RFC 3339; the moment whose state of things it is of.
    closed_at: String,
    closed_by: String,
    note: Option<String>,
    overrides: Vec<OverrideOut>,
    /// The checklist as it was.
    checklist: Vec<ChecklistItemOut>,
    /// The end of the ledger when the figures were computed, before the entry of the closing itself.
    ledger: EditionLedgerOut,
    /// SHA-256 of the frozen figures.
    figures_hash: String,
    /// Contracts of the year that were counted.
    contracts: i64,
    /// SHA-256 of the lines "key revision" of them, in the order of keys.
    contracts_hash: String,
}

/// An item that was overridden.
#[derive(Debug, Serialize, ToSchema)]
pub struct OverrideOut {
    item: String,
    reason: String,
}

/// A place in the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct EditionLedgerOut {
    sequence: i64,
    hash: String,
}

impl From<&EditionView> for EditionOut {
    fn from(view: &EditionView) -> Self {
        let overrides = view.overrides.iter().map(|o| OverrideOut {
            item: o.item.clone(),
            reason: o.reason.clone(),
        });
        Self {
            year: view.year,
            edition: view.edition,
            closed_at: view.closed_at.to_string(),
            closed_by: view.closed_by.clone(),
            note: view.note.clone(),
            overrides: overrides.collect(),
            checklist: view.checklist.iter().cloned().map(ChecklistItemOut::from).collect(),
            ledger: EditionLedgerOut {
                sequence: view.ledger.sequence,
                hash: view.ledger.hash.clone(),
            },
            figures_hash: view.figures_hash.clone(),
            contracts: view.contracts,
            contracts_hash: view.contracts_hash.clone(),
        }
    }
}

/// Editions of a year, the first one first.
#[derive(Debug, Serialize, ToSchema)]
pub struct EditionPage {
    items: Vec<EditionOut>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

/// A year to be closed.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct CloseIn {
    /// Why; required from the second edition on.
    note: Option<String>,
    /// Items of the checklist that are not in order, each with a reason.
    overrides: Option<Vec<OverrideIn>>,
}

/// An item to be overridden.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct OverrideIn {
    #[schema(example = "contracts_decided")]
    item: Option<String>,
    /// Why it may stand as it is.
    reason: Option<String>,
}

impl Document for CloseIn {
    const ARRAYS: &'static [&'static str] = &["/overrides"];
}

impl From<CloseIn> for CloseInput {
    fn from(body: CloseIn) -> Self {
        let overrides = body.overrides.unwrap_or_default();
        Self {
            note: body.note,
            overrides: overrides
                .into_iter()
                .map(|o| OverrideInput {
                    item: o.item,
                    reason: o.reason,
                })
                .collect(),
        }
    }
}

fn render_closed(view: &EditionView) -> Result<StoredAnswer, Error> {
    let place = format!("/api/v1/statistics/annual/{}?edition={}", view.year, view.edition);
    stored(&EditionOut::from(view), 201, Some(place))
}

/// Look at what must be in order before a year is closed.
#[utoipa::path(tag = "statistics", security(("bearer" = [])), params(("year" = i32, Path)),
    responses((status = 200, body = ChecklistOut), Refusals))]
#[get("/statistics/annual/{year}/checklist")]
pub async fn read_closing_checklist(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let year = year_of(&path)?;
    statistics::may_read(&caller.0.actor)?;
    let (items, next_edition, at) = checklist::read(&ctx, year).await?;
    Ok(HttpResponse::Ok().json(ChecklistOut {
        year,
        at: at.to_string(),
        can_close: items.iter().all(|item| item.outcome != checklist::Outcome::Failed),
        next_edition,
        items: items.into_iter().map(ChecklistItemOut::from).collect(),
    }))
}

/// Close a year: freeze its figures as the next edition.
#[utoipa::path(tag = "statistics", request_body = CloseIn, security(("bearer" = [])),
    params(("year" = i32, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 201, body = EditionOut, headers(("Location" = String))), Refusals))]
#[post("/statistics/annual/{year}/close")]
pub async fn close_year(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<CloseIn>,
) -> Result<HttpResponse, Problem> {
    let year = year_of(&path)?;
    let (command, body) = change.into_parts(render_closed);
    answer(
        close::close(&ctx, command, year, body.map(CloseInput::from)).await?,
        render_closed,
    )
}

/// List the editions of a year, the first one first.
#[utoipa::path(tag = "statistics", security(("bearer" = [])),
    params(("year" = i32, Path),
        ("limit" = Option<i64>, Query, description = "1–100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = EditionPage), Refusals))]
#[get("/statistics/annual/{year}/editions")]
pub async fn list_editions(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let year = year_of(&path)?;
    statistics::may_read(&caller.0.actor)?;
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    query.finish().map_err(Problem::invalid)?;
    let (views, more) = editions::list(&ctx, year, page.after.unwrap_or(0), page.limit).await?;
    let next_cursor = views.last().filter(|_| more).map(|last| KeyPage::cursor(last.edition));
    Ok(HttpResponse::Ok().json(EditionPage {
        items: views.iter().map(EditionOut::from).collect(),
        next_cursor,
    }))
}
