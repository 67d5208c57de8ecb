//! `/reports`: the annual statistics as a document.

use actix_web::{HttpRequest, HttpResponse, get, http::header, web};

use super::statistics::with_edition;
use crate::{
    api::{extract::Caller, openapi::Refusals, problem::Problem},
    documents::{
        annual_csv::annual_csv,
        report_document::{ReportFormat, html_policy},
    },
    http::download::disposition,
    http::query::Query,
    usecases::{Context, reports, statistics},
};

/// The forms of a report.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// The figures as JSON.
    Json,
    /// The figures as CSV.
    Csv,
    /// A document for people.
    Document(ReportFormat),
}

impl Form {
    fn all() -> impl Iterator<Item = (&'static str, Self)> {
        let documents = ReportFormat::ALL
            .into_iter()
            .map(|format| (format.id(), Self::Document(format)));
        [("json", Self::Json), ("csv", Self::Csv)].into_iter().chain(documents)
    }
}

/// The report on a year (统计年报), or the bulletin (月报、季报) of a part of it, as a document.
#[utoipa::path(tag = "reports", security(("bearer" = [])),
    params(("year" = i32, Path),
        ("format" = Option<String>, Query, description = "`html` (where absent), `pdf`, `docx`, `xlsx`; `csv` and `json` are the figures for machines"),
        ("as_of" = Option<String>, Query, description = "RFC 3339; now where absent"),
        ("until" = Option<String>, Query, description = "A day of the year: a report on the year up to its end"),
        ("month" = Option<i64>, Query, description = "1–12: the month's bulletin"),
        ("quarter" = Option<i64>, Query, description = "1–4: the quarter's bulletin"),
        ("edition" = Option<i64>, Query, description = "A closed edition")),
    responses((status = 200, content(
        (String = "text/html"), (Vec<u8> = "application/pdf"), (String = "text/csv"), (Object = "application/json"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), Refusals))]
#[get("/reports/annual/{year}")]
pub async fn read_annual_report(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    statistics::may_read(&caller.0.actor)?;
    let mut query = Query::parse(request.query_string());
    let form = query.list("format", |id| {
        Form::all().find(|(known, _)| *known == id).map(|(_, form)| form)
    });
    let asked = with_edition(&ctx, &path, query)?;
    let (year, span) = (asked.year, asked.span);
    let form = form.first().copied().unwrap_or(Form::Document(ReportFormat::Html));
    let name = |extension: &str| reports::file_name(year, span, extension);
    match form {
        Form::Json => {
            let figures = statistics::read(&ctx, &asked).await?;
            Ok(HttpResponse::Ok().json(figures))
        }
        Form::Csv => {
            let figures = statistics::read(&ctx, &asked).await?;
            Ok(HttpResponse::Ok()
                .content_type("text/csv; charset=utf-8")
                .insert_header((header::CONTENT_DISPOSITION, disposition(false, &name("csv"))))
                .body(annual_csv(&figures, &ctx.catalogue)))
        }
        Form::Document(format) => {
            let report = reports::report(&ctx, asked).await?;
            let document = reports::document(&ctx, report, format).await?;
            let inline = matches!(format, ReportFormat::Html);
            Ok(HttpResponse::Ok()
                .content_type(format.media_type())
                .insert_header((header::CONTENT_SECURITY_POLICY, html_policy()))
                .insert_header((header::CONTENT_DISPOSITION, disposition(inline, &name(format.id()))))
                .body(document))
        }
    }
}
