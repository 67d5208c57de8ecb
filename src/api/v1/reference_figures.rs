//! `/reference-figures`: totals from before the register, targets of plans, kept by statisticians. The address is kind and year.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::attachments::RemoveIn;
use crate::{
    api::{
        answer::{answer, stored_version, versioned},
        extract::{Caller, Change},
        json::{Document, present},
        openapi::Refusals,
        problem::Problem,
    },
    domain::interchange::ReferenceRow,
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        follow_ups::may_keep,
        reference_figures::{self, Identity, ReferenceInput, ReferenceView},
        statistics::may_read,
    },
};

/// A reference figure; in a patch, what is absent stays.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReferenceFigureIn {
    /// `amount` (a year's total) or `amount_target` (a plan's target); stays.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    kind: Option<Option<String>>,
    /// The year; stays.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    year: Option<Option<i64>>,
    /// 成交额, in fen.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    amount_fen: Option<Option<i64>>,
    /// 说明
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    note: Option<Option<String>>,
}

impl Document for ReferenceFigureIn {}

impl From<ReferenceFigureIn> for ReferenceInput {
    fn from(body: ReferenceFigureIn) -> Self {
        Self {
            kind: body.kind,
            year: body.year,
            amount_fen: body.amount_fen,
            note: body.note,
        }
    }
}

/// A reference figure as it is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferenceFigureOut {
    /// Its address: kind and year.
    id: String,
    /// Rises with every write: what `If-Match` must name.
    version: i64,
    /// `amount` or `amount_target`.
    kind: String,
    year: i32,
    amount_fen: i64,
    note: Option<String>,
}

fn id_of(row: &ReferenceRow) -> String {
    format!("{}-{}", row.kind, row.year)
}

impl From<&ReferenceView> for ReferenceFigureOut {
    fn from(view: &ReferenceView) -> Self {
        let row = &view.row;
        Self {
            id: id_of(row),
            version: view.version,
            kind: row.kind.clone(),
            year: row.year,
            amount_fen: row.fen,
            note: row.note.clone(),
        }
    }
}

/// The reference figures; there are few, so the list is whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferenceFigurePage {
    items: Vec<ReferenceFigureOut>,
    /// Always null.
    next_cursor: Option<String>,
}

/// Kind and year of an address; what is none is the address of nothing.
fn identity(id: &str) -> Result<Identity, Error> {
    let found = id
        .rsplit_once('-')
        .and_then(|(kind, year)| Some((kind.to_owned(), year.parse().ok()?)));
    found.ok_or(Error::NotFound)
}

fn render_created(view: &ReferenceView) -> Result<StoredAnswer, Error> {
    stored_version(
        &ReferenceFigureOut::from(view),
        view.version,
        201,
        Some(format!("/api/v1/reference-figures/{}", id_of(&view.row))),
    )
}

fn render_changed(view: &ReferenceView) -> Result<StoredAnswer, Error> {
    stored_version(&ReferenceFigureOut::from(view), view.version, 200, None)
}

/// List the reference figures by kind and year.
#[utoipa::path(tag = "reference-figures", security(("bearer" = [])),
    params(("year" = Option<i32>, Query, description = "Of this year")),
    responses((status = 200, body = ReferenceFigurePage), Refusals))]
#[get("/reference-figures")]
pub async fn list_reference_figures(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut query = Query::parse(request.query_string());
    let year = query
        .integer("year", 1900..=2200)
        .and_then(|year| i32::try_from(year).ok());
    query.finish().map_err(Problem::invalid)?;
    let found = reference_figures::list(&ctx, &caller.0.actor, year).await?;
    Ok(HttpResponse::Ok().json(ReferenceFigurePage {
        items: found.iter().map(ReferenceFigureOut::from).collect(),
        next_cursor: None,
    }))
}

/// Record a reference figure.
#[utoipa::path(tag = "reference-figures", request_body = ReferenceFigureIn, security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 201, body = ReferenceFigureOut, headers(("Location" = String))), Refusals))]
#[post("/reference-figures")]
pub async fn create_reference_figure(
    ctx: web::Data<Context>,
    change: Change<ReferenceFigureIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_created);
    answer(
        reference_figures::create(&ctx, command, body.map(ReferenceInput::from)).await?,
        render_created,
    )
}

/// Read a reference figure.
#[utoipa::path(tag = "reference-figures", security(("bearer" = [])),
    params(("id" = String, Path, description = "`<kind>-<year>`")),
    responses((status = 200, body = ReferenceFigureOut), Refusals))]
#[get("/reference-figures/{id}")]
pub async fn read_reference_figure(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    may_read(&caller.0.actor)?;
    let view = reference_figures::read(&ctx, &caller.0.actor, identity(&path)?).await?;
    Ok(versioned(&ReferenceFigureOut::from(&view), view.version))
}

/// Change a reference figure (RFC 7396 merge patch).
#[utoipa::path(tag = "reference-figures", request_body(content = ReferenceFigureIn, content_type = "application/merge-patch+json"),
    security(("bearer" = [])), params(("id" = String, Path, description = "`<kind>-<year>`"),
        ("If-Match" = Option<String>, Header, description = "\"<version>\"")),
    responses((status = 200, body = ReferenceFigureOut, headers(("ETag" = String))), Refusals))]
#[patch("/reference-figures/{id}")]
pub async fn change_reference_figure(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ReferenceFigureIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_changed);
    may_keep(&command.actor)?;
    let done = reference_figures::change(&ctx, command, identity(&path)?, body.map(ReferenceInput::from)).await?;
    answer(done, render_changed)
}

/// Remove a reference figure. The ledger keeps what it said.
#[utoipa::path(tag = "reference-figures", security(("bearer" = [])),
    params(("id" = String, Path, description = "`<kind>-<year>`"),
        ("If-Match" = Option<String>, Header, description = "\"<version>\"")),
    responses((status = 204), Refusals))]
#[delete("/reference-figures/{id}")]
pub async fn remove_reference_figure(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<RemoveIn>,
) -> Result<HttpResponse, Problem> {
    let (command, _) = change.into_parts(|()| Err(Error::internal("a removal has no answer to keep")));
    may_keep(&command.actor)?;
    reference_figures::remove(&ctx, command, identity(&path)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
