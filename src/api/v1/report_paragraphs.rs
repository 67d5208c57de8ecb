//! `/reports/annual/{year}/paragraphs`: what staff add to a year's report.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::acts::NothingIn;
use crate::{
    api::{
        answer::{KeyPage, answer, key, stored_version},
        extract::{Caller, Change},
        json::Document,
        openapi::Refusals,
        problem::Problem,
    },
    domain::time::Moment,
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        command::Command,
        report_paragraphs::{self, NewParagraph, ParagraphView},
        values::Checked,
    },
};

/// A page of paragraphs.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportParagraphPage {
    items: Vec<ReportParagraphOut>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

/// A paragraph that staff added to a year's report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportParagraphOut {
    id: i64,
    /// Rises with every write: what `If-Match` must name.
    version: i64,
    year: i32,
    /// Id of the chapter at whose end it stands.
    #[schema(example = "summary")]
    chapter: String,
    /// Its place among those of the chapter, from the lowest up.
    position: i64,
    /// Its words, figures in double braces.
    #[schema(example = "成交额 {{total.amount|yi_yuan|2}} 亿元。")]
    text: String,
    /// Numbers typed into it that no figure stands behind.
    unbound: Vec<UnboundOut>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    created_by: String,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Moment,
    changed_by: String,
}

/// A number that is bound to no figure.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnboundOut {
    /// As typed, with its unit.
    #[schema(example = "12 项")]
    text: String,
    /// Where it begins, in characters (Unicode scalar values) of the text.
    offset: usize,
}

impl From<ParagraphView> for ReportParagraphOut {
    fn from(view: ParagraphView) -> Self {
        let unbound = view.unbound.into_iter().map(|typed| UnboundOut {
            text: typed.text,
            offset: typed.offset,
        });
        let paragraph = view.paragraph;
        Self {
            id: paragraph.id,
            version: paragraph.version,
            year: paragraph.year,
            chapter: paragraph.chapter,
            position: paragraph.position,
            text: paragraph.text,
            unbound: unbound.collect(),
            created_at: paragraph.created_at,
            created_by: paragraph.created_by,
            changed_at: paragraph.changed_at,
            changed_by: paragraph.changed_by,
        }
    }
}

/// A paragraph to be added, or what is to be changed of one.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReportParagraphIn {
    /// `summary`, `overall`, `units`, `types`, `plan`, `flows`, `sellers`, `fields`, `sizes` or `records`.
    #[schema(example = "summary")]
    chapter: Option<String>,
    /// 0–100000; after the last one of the chapter, where absent.
    position: Option<i64>,
    /// 1–2000 characters; `{{figure}}`, `{{figure|unit|decimals}}` for figures.
    text: Option<String>,
}

impl Document for ReportParagraphIn {}

fn input(body: Checked<ReportParagraphIn>) -> Checked<NewParagraph> {
    body.map(|body| NewParagraph {
        chapter: body.chapter,
        position: body.position,
        text: body.text,
    })
}

fn render_added(view: &ParagraphView) -> Result<StoredAnswer, Error> {
    let paragraph = &view.paragraph;
    let location = format!("/api/v1/reports/annual/{}/paragraphs/{}", paragraph.year, paragraph.id);
    stored_version(
        &ReportParagraphOut::from(view.clone()),
        paragraph.version,
        201,
        Some(location),
    )
}

fn render_changed(view: &ParagraphView) -> Result<StoredAnswer, Error> {
    stored_version(
        &ReportParagraphOut::from(view.clone()),
        view.paragraph.version,
        200,
        None,
    )
}

fn year(path: &str) -> Result<i32, Problem> {
    i32::try_from(key(path)?).map_err(|_| Error::NotFound.into())
}

/// List the paragraphs that staff added to a year's report, in the order of entry.
#[utoipa::path(tag = "reports", security(("bearer" = [])),
    params(("year" = i32, Path),
        ("limit" = Option<i64>, Query, description = "1–100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = ReportParagraphPage), Refusals))]
#[get("/reports/annual/{year}/paragraphs")]
pub async fn list_report_paragraphs(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let year = year(&path)?;
    let mut query = Query::parse(request.query_string());
    let KeyPage { after, limit } = KeyPage::read(&mut query);
    query.finish().map_err(Problem::invalid)?;
    let (found, more) = report_paragraphs::list(&ctx, caller.0.actor, year, after, limit).await?;
    let last = found.last().filter(|_| more).map(|view| view.paragraph.id);
    Ok(HttpResponse::Ok().json(ReportParagraphPage {
        next_cursor: last.map(KeyPage::cursor),
        items: found.into_iter().map(ReportParagraphOut::from).collect(),
    }))
}

/// Add a paragraph to a year's report.
#[utoipa::path(tag = "reports", request_body = ReportParagraphIn, security(("bearer" = [])),
    params(("year" = i32, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 201, body = ReportParagraphOut, headers(("Location" = String))), Refusals))]
#[post("/reports/annual/{year}/paragraphs")]
pub async fn add_report_paragraph(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ReportParagraphIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_added);
    let done = report_paragraphs::add(&ctx, command, year(&path)?, input(body)).await?;
    answer(done, render_added)
}

/// Change a paragraph of a year's report; what is absent stays.
#[utoipa::path(tag = "reports", request_body(content = ReportParagraphIn, content_type = "application/merge-patch+json"),
    security(("bearer" = [])), params(("year" = i32, Path), ("id" = i64, Path),
        ("If-Match" = Option<String>, Header, description = "\"<version>\"")),
    responses((status = 200, body = ReportParagraphOut, headers(("ETag" = String))), Refusals))]
#[patch("/reports/annual/{year}/paragraphs/{id}")]
pub async fn change_report_paragraph(
    ctx: web::Data<Context>,
    path: web::Path<(String, String)>,
    change: Change<ReportParagraphIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_changed);
    let place = (year(&path.0)?, key(&path.1)?);
    let done = report_paragraphs::change(&ctx, command, place, input(body)).await?;
    answer(done, render_changed)
}

/// Take a paragraph out of a year's report.
#[utoipa::path(tag = "reports", security(("bearer" = [])),
    params(("year" = i32, Path), ("id" = i64, Path), ("If-Match" = Option<String>, Header, description = "\"<version>\"")),
    responses((status = 204), Refusals))]
#[delete("/reports/annual/{year}/paragraphs/{id}")]
pub async fn remove_report_paragraph(
    ctx: web::Data<Context>,
    path: web::Path<(String, String)>,
    change: Change<NothingIn>,
) -> Result<HttpResponse, Problem> {
    let (command, _) = change.into_parts(|()| Err(Error::internal("a removal has no answer to keep")));
    let command: Command<()> = command;
    report_paragraphs::remove(&ctx, command, (year(&path.0)?, key(&path.1)?)).await?;
    Ok(HttpResponse::NoContent().finish())
}
