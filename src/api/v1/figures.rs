//! `/statistics/annual/{year}/figures`: every figure as a thing of its own, with what it means.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::statistics::with_edition;
use crate::{
    api::{
        answer::{KeyPage, key},
        extract::Caller,
        openapi::Refusals,
        problem::Problem,
    },
    domain::time::Moment,
    http::query::Query,
    usecases::{
        Context, Error,
        statistics::{
            self, Asked, Span,
            figures::{self, FigureView, UnitKind},
        },
    },
};

/// Figures of a year, in the order of the annual object.
#[derive(Debug, Serialize, ToSchema)]
pub struct FigurePage {
    year: i32,
    as_of: String,
    until: Option<String>,
    month: Option<u32>,
    quarter: Option<u32>,
    edition: Option<i64>,
    items: Vec<FigureOut>,
    /// Where the next page begins; null on the last one, and where no `limit` was given.
    next_cursor: Option<String>,
}

/// A figure.
#[derive(Debug, Serialize, ToSchema)]
pub struct FigureOut {
    /// Its path in the annual object without `_fen`.
    #[schema(example = "units.div_08.amount")]
    name: String,
    /// Chinese name.
    #[schema(example = "八师合同成交额")]
    label: String,
    /// Amounts in fen, rates at full precision and not in percent; null where there is nothing.
    #[schema(value_type = Option<f64>)]
    value: serde_json::Value,
    /// As printed, with its unit.
    #[schema(example = "38102.33 万元")]
    display: String,
    /// `count`, `fen`, `rate`, `ratio`, `year`.
    #[schema(value_type = String, example = "fen")]
    unit: UnitKind,
    /// What it is shown in; empty for plain numbers.
    #[schema(example = "万元")]
    shown_in: String,
    /// What it is, in a sentence.
    meaning: String,
    /// How it is computed.
    formula: String,
    /// Table or chapter of the published report of 2025, or the rule, that it comes from.
    source: String,
    /// Address of the list of the contracts behind it; null where none are.
    contracts_link: Option<String>,
}

impl FigureOut {
    fn of(view: FigureView, asked: &Asked, as_of: Moment) -> Self {
        let link = view.has_contracts.then(|| contracts_link(&view.name, asked, as_of));
        Self {
            name: view.name,
            label: view.definition.name,
            value: view.value.to_json(),
            display: view.value.display(),
            unit: view.value.unit(),
            shown_in: view.definition.shown_in.to_owned(),
            meaning: view.definition.meaning,
            formula: view.definition.formula,
            source: view.definition.source,
            contracts_link: link,
        }
    }
}

/// The list of the contracts behind a figure, of the same state of things as the figure.
fn contracts_link(figure: &str, asked: &Asked, as_of: Moment) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("year", &asked.year.to_string());
    query.append_pair("figure", figure);
    match asked.edition {
        Some(edition) => query.append_pair("edition", &edition.to_string()),
        None => query.append_pair("as_of", &as_of.to_string()),
    };
    match asked.span {
        Span::Year => &mut query,
        Span::Until(day) => query.append_pair("until", &day.to_string()),
        Span::Month(month) => query.append_pair("month", &month.to_string()),
        Span::Quarter(quarter) => query.append_pair("quarter", &quarter.to_string()),
    };
    format!("/api/v1/contracts?{}", query.finish())
}

/// The year in a path; what is no year has no statistics.
pub(super) fn year_of(path: &str) -> Result<i32, Problem> {
    i32::try_from(key(path)?).map_err(|_| Error::NotFound.into())
}

/// List every figure of a year with its meaning; all of them where no `limit` is given.
#[utoipa::path(tag = "statistics", security(("bearer" = [])),
    params(("year" = i32, Path),
        ("as_of" = Option<String>, Query, description = "RFC 3339; now where absent"),
        ("until" = Option<String>, Query, description = "A day of the year: only what was confirmed up to its end"),
        ("month" = Option<i64>, Query, description = "1–12: only that month"),
        ("quarter" = Option<i64>, Query, description = "1–4: only that quarter"),
        ("edition" = Option<i64>, Query, description = "A closed edition"),
        ("limit" = Option<i64>, Query, description = "1–100; all where absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = FigurePage), Refusals))]
#[get("/statistics/annual/{year}/figures")]
pub async fn list_figures(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    statistics::may_read(&caller.0.actor)?;
    let mut query = Query::parse(request.query_string());
    let paged = query.has("limit");
    let page = KeyPage::read(&mut query);
    let asked = with_edition(&ctx, &path, query)?;
    let (annual, views) = figures::list(&ctx, &asked).await?;
    let start = page.after.and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
    let limit = if paged {
        usize::try_from(page.limit).unwrap_or(usize::MAX)
    } else {
        usize::MAX
    };
    let end = start.saturating_add(limit);
    let more = end < views.len();
    let items = views.into_iter().skip(start).take(limit);
    Ok(HttpResponse::Ok().json(FigurePage {
        year: asked.year,
        as_of: annual.as_of.to_string(),
        until: annual.until.map(|day| day.to_string()),
        month: annual.span.month(),
        quarter: annual.span.quarter(),
        edition: annual.edition,
        items: items.map(|view| FigureOut::of(view, &asked, annual.as_of)).collect(),
        next_cursor: more.then(|| KeyPage::cursor(i64::try_from(end).unwrap_or(i64::MAX))),
    }))
}

/// Read one figure of a year with its meaning.
#[utoipa::path(tag = "statistics", security(("bearer" = [])),
    params(("year" = i32, Path), ("figure" = String, Path, description = "`units.div_08.amount`"),
        ("as_of" = Option<String>, Query, description = "RFC 3339; now where absent"),
        ("until" = Option<String>, Query, description = "A day of the year: only what was confirmed up to its end"),
        ("month" = Option<i64>, Query, description = "1–12: only that month"),
        ("quarter" = Option<i64>, Query, description = "1–4: only that quarter"),
        ("edition" = Option<i64>, Query, description = "A closed edition")),
    responses((status = 200, body = FigureOut), Refusals))]
#[get("/statistics/annual/{year}/figures/{figure}")]
pub async fn read_figure(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (year, figure) = path.into_inner();
    statistics::may_read(&caller.0.actor)?;
    let asked = with_edition(&ctx, &year, Query::parse(request.query_string()))?;
    let (annual, view) = figures::read(&ctx, &asked, figure).await?;
    Ok(HttpResponse::Ok().json(FigureOut::of(view, &asked, annual.as_of)))
}
