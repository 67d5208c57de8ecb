//! 版次: the closed editions of a year, and where each is to be read.

use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;

use super::{
    frame::Frame,
    scope::{Scope, year_of},
};
use crate::{
    http::query::Query,
    usecases::{
        Context,
        people::Names,
        statistics::{self, editions},
    },
    web::{
        refusal::Refusal,
        shell::{Shell, ok},
        show::{minute, text},
        visitor::Visitor,
    },
};

/// Editions of a page.
const PAGE: i64 = 20;

#[derive(Template)]
#[template(path = "statistics/editions.html")]
struct EditionsPage {
    shell: Shell,
    frame: Frame,
    year: i32,
    editions: Vec<EditionSection>,
    next: Option<String>,
}

struct EditionSection {
    number: i64,
    facts: Vec<(&'static str, String)>,
    overrides: Vec<(String, String)>,
    links: Vec<(&'static str, String)>,
}

impl EditionSection {
    fn of(names: &Names, view: &editions::EditionView) -> Self {
        let of = |path: &str| format!("/statistics/{}{path}?edition={}", view.year, view.edition);
        let label = |id: &str| {
            let item = view.checklist.iter().find(|item| item.id == id);
            item.map_or_else(|| id.to_owned(), |item| item.label.clone())
        };
        Self {
            number: view.edition,
            facts: vec![
                ("封账时间", minute(view.closed_at)),
                ("封账人", names.of(&view.closed_by)),
                ("所计合同", format!("{} 项", view.contracts)),
                ("封账说明", text(view.note.as_deref())),
                ("数据指纹（SHA-256）", view.figures_hash.clone()),
                ("登记账", format!("第 {} 条 {}", view.ledger.sequence, view.ledger.hash)),
            ],
            overrides: view
                .overrides
                .iter()
                .map(|o| (label(&o.item), o.reason.clone()))
                .collect(),
            links: vec![
                ("看板", of("")),
                ("全部指标", of("/figures")),
                ("报告", of("/report")),
                ("PDF", of("/report.pdf")),
                ("Word", of("/report.docx")),
                ("Excel", of("/report.xlsx")),
                ("封账后的变化（重述）", of("/restatement")),
            ],
        }
    }
}

#[get("/statistics/{year}/editions")]
pub async fn list_editions(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let year = year_of(&path)?;
    statistics::may_read(&visitor.caller.actor)?;
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    let after = query.integer("after", 0..=i64::MAX).unwrap_or(0);
    query.finish()?;
    let (views, more) = editions::list(&ctx, year, after, PAGE).await?;
    let last = views.last().filter(|_| more);
    Ok(ok(&EditionsPage {
        next: last.map(|last| format!("/statistics/{year}/editions?after={}", last.edition)),
        editions: views
            .iter()
            .map(|view| EditionSection::of(&visitor.names, view))
            .collect(),
        year,
        frame: Frame::around(&ctx, &visitor, &Scope::year(year), "/editions").await?,
        shell: visitor
            .shell(&format!("{year} 年版次"))
            .at("/statistics")
            .done(done.as_deref()),
    }))
}
