//! 补充段落: what staff add to a year's report, each as it will be printed, with what is wrong with it.

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
        report_paragraphs::{self, CHAPTERS, ParagraphView, Said, Span},
    },
    web::{
        refusal::Refusal,
        shell::{Shell, ok},
        show::minute,
        visitor::Visitor,
    },
};

/// Paragraphs of a page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "statistics/paragraphs.html")]
struct ParagraphsPage {
    shell: Shell,
    frame: Frame,
    year: i32,
    may_write: bool,
    paragraphs: Vec<ParagraphSection>,
    next: Option<String>,
}

struct ParagraphSection {
    title: String,
    text: String,
    said: SaidView,
    changed: String,
    href: String,
}

/// A text as it will be printed, and what is wrong with it.
#[derive(Debug, Clone, Template)]
#[template(path = "statistics/said.html")]
pub struct SaidView {
    spans: Vec<(String, Option<String>)>,
    unbound: Vec<String>,
    missing: Vec<String>,
}

impl SaidView {
    /// Of a text of the report of that year.
    pub fn of(year: i32, said: Said, typed: Vec<report_paragraphs::Typed>) -> Self {
        let scope = Scope::year(year);
        let span = |span: Span| match span {
            Span::Text(text) => (text, None),
            Span::Figure(number) => (number.text, Some(scope.figure(&number.figure))),
        };
        Self {
            spans: said.paragraph.spans.into_iter().map(span).collect(),
            unbound: typed.into_iter().map(|one| one.text).collect(),
            missing: said.missing,
        }
    }
}

/// What a chapter is called.
pub fn chapter(id: &str) -> &str {
    CHAPTERS
        .iter()
        .find(|(known, _)| *known == id)
        .map_or(id, |(_, title)| *title)
}

#[get("/statistics/{year}/paragraphs")]
pub async fn list_paragraphs(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let year = year_of(&path)?;
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    let after = query.integer("after", 0..=i64::MAX);
    query.finish()?;
    let actor = &visitor.caller.actor;
    let (found, more) = report_paragraphs::list(&ctx, actor.clone(), year, after, PAGE).await?;
    let last = found.last().filter(|_| more).map(|view| view.paragraph.id);
    let texts: Vec<String> = found.iter().map(|view| view.paragraph.text.clone()).collect();
    let said = if texts.is_empty() {
        Vec::new()
    } else {
        report_paragraphs::preview(&ctx, actor, year, &texts).await?
    };
    let section = |(view, said): (ParagraphView, Said)| {
        let paragraph = view.paragraph;
        ParagraphSection {
            title: format!("{}（第 {} 位）", chapter(&paragraph.chapter), paragraph.position),
            text: paragraph.text,
            said: SaidView::of(year, said, view.unbound),
            changed: format!(
                "{} 由 {} 修改",
                minute(paragraph.changed_at),
                visitor.names.of(&paragraph.changed_by)
            ),
            href: format!("/statistics/{year}/paragraphs/{}", paragraph.id),
        }
    };
    Ok(ok(&ParagraphsPage {
        paragraphs: found.into_iter().zip(said).map(section).collect(),
        next: last.map(|last| format!("/statistics/{year}/paragraphs?after={last}")),
        may_write: report_paragraphs::may_write(actor).is_ok(),
        year,
        frame: Frame::around(&ctx, &visitor, &Scope::year(year), "/paragraphs").await?,
        shell: visitor
            .shell(&format!("{year} 年报告的补充段落"))
            .at("/statistics")
            .done(done.as_deref()),
    }))
}
