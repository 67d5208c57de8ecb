//! 报告: read on the screen as it will be printed, every number leading to what it means; and its files.

use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use askama::Template;

use super::{
    frame::Frame,
    scope::{Scope, year_of},
};
use crate::{
    documents::{
        annual_csv::annual_csv,
        report_document::{ReportFormat, html_policy},
    },
    http::{download::disposition, query::Query},
    usecases::{Context, Error, reports, statistics},
    web::{
        refusal::Refusal,
        shell::{Shell, ok},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "statistics/report.html")]
struct ReportPage {
    shell: Shell,
    frame: Frame,
    downloads: Vec<(&'static str, String)>,
    office: String,
    dated: String,
    notices: Vec<String>,
    facts: Vec<(&'static str, String)>,
    body: String,
}

#[get("/statistics/{year}/report")]
pub async fn show_report(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let year = year_of(&path)?;
    statistics::may_read(&visitor.caller.actor)?;
    let mut query = Query::parse(request.query_string());
    let scope = Scope::read(&ctx, year, &mut query)?;
    query.finish()?;
    let report = reports::report(&ctx, scope.asked).await?;
    let fixed = scope.at(report.as_of);
    let downloads = [
        ("PDF", "pdf"),
        ("Word", "docx"),
        ("Excel", "xlsx"),
        ("网页", "html"),
        ("CSV", "csv"),
        ("JSON", "json"),
    ];
    let downloads = downloads.map(|(text, format)| (text, fixed.href(&format!("/report.{format}"), &[])));
    let frame = Frame::around(&ctx, &visitor, &scope, "/report").await?;
    let links = fixed.clone();
    let facts = vec![
        ("统计范围", format!("{}内首次审核确认的合同", report.span)),
        (
            "登记账",
            format!("第 {} 条 {}", report.ledger.sequence, report.ledger.hash),
        ),
        ("数据指纹（SHA-256）", report.figures_hash.clone()),
    ];
    Ok(ok(&ReportPage {
        downloads: downloads.into(),
        office: report.office.clone(),
        dated: report.dated.clone(),
        notices: report.notices.clone(),
        facts,
        frame: frame.showing(&scope, report.as_of, "/report", Vec::new()),
        shell: visitor.shell(&report.title).at("/statistics").wide(),
        body: reports::in_page(&ctx, report, move |figure| links.figure(figure)).await?,
    }))
}

#[get("/statistics/{year}/report.{format}")]
pub async fn download_report(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let (year, format) = path.into_inner();
    let year = year_of(&year)?;
    statistics::may_read(&visitor.caller.actor)?;
    let mut query = Query::parse(request.query_string());
    let scope = Scope::read(&ctx, year, &mut query)?;
    query.finish()?;
    let name = reports::file_name(year, scope.asked.span, &format);
    let attached = |inline| (header::CONTENT_DISPOSITION, disposition(inline, &name));
    if let "csv" | "json" = format.as_str() {
        let figures = statistics::read(&ctx, &scope.asked).await?;
        let mut response = HttpResponse::Ok();
        response.insert_header(attached(false));
        return Ok(if format == "json" {
            response.json(figures)
        } else {
            response
                .content_type("text/csv; charset=utf-8")
                .body(annual_csv(&figures, &ctx.catalogue))
        });
    }
    let format = ReportFormat::from_id(&format).ok_or(Error::NotFound)?;
    let report = reports::report(&ctx, scope.asked).await?;
    let document = reports::document(&ctx, report, format).await?;
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header((header::CONTENT_SECURITY_POLICY, html_policy()))
        .insert_header(attached(format == ReportFormat::Html))
        .body(document))
}
