//! 全部指标: every figure of the year with its value, found by its words.

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
        statistics::{
            self,
            figures::{self, FigureView, UnitKind},
        },
    },
    web::{
        field::Field,
        refusal::Refusal,
        shell::{Shell, ok},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

/// Figures of a page.
const PAGE: usize = 100;

#[derive(Template)]
#[template(path = "statistics/figures.html")]
struct FiguresPage {
    shell: Shell,
    frame: Frame,
    found: String,
    table: Table,
}

/// A value with its unit, to be read on its own.
pub fn shown(view: &FigureView) -> String {
    let display = view.value.display();
    let unit = view.definition.shown_in;
    match view.value.unit() {
        UnitKind::Count if !view.value.is_nothing() && !unit.is_empty() => format!("{display} {unit}"),
        _ => display,
    }
}

#[get("/statistics/{year}/figures")]
pub async fn list_figures(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let year = year_of(&path)?;
    statistics::may_read(&visitor.caller.actor)?;
    let mut query = Query::parse(request.query_string());
    let words = query.text("q").unwrap_or_default();
    let from = query
        .integer("from", 0..=1_000_000)
        .and_then(|n| usize::try_from(n).ok());
    let scope = Scope::read(&ctx, year, &mut query)?;
    query.finish()?;
    let from = from.unwrap_or(0);
    let (annual, mut views) = figures::list(&ctx, &scope.asked).await?;
    views.retain(|view| {
        words.split_whitespace().all(|word| {
            let texts = [&view.name, &view.definition.name, &view.definition.meaning];
            texts.iter().any(|text| text.contains(word))
        })
    });
    let count = views.len();
    let row = |view: &FigureView| Row {
        key: String::new(),
        cells: vec![
            Cell::link(&view.definition.name, scope.figure(&view.name)),
            Cell::text(shown(view)),
            Cell::text(&view.definition.meaning),
            Cell::text(&view.name),
        ],
    };
    let search = |from: usize| {
        let from = from.to_string();
        let mut more = vec![("q", words.as_str()), ("from", from.as_str())];
        more.retain(|(_, value)| !value.is_empty() && *value != "0");
        scope.href("/figures", &more)
    };
    let table = Table {
        caption: "指标".to_owned(),
        columns: vec![
            Column::text("指标"),
            Column::number("数值"),
            Column::text("定义"),
            Column::text("标识"),
        ],
        rows: views.iter().skip(from).take(PAGE).map(row).collect(),
        empty: "没有符合的指标。换一个词再查，例如“八师”“增速”“计划内”。".to_owned(),
        next: (from + PAGE < count).then(|| search(from + PAGE)),
        first: (from > 0).then(|| search(0)),
        ..Table::default()
    };
    let own = vec![Field::text("q", "查找指标").value(&words)];
    let frame = Frame::around(&ctx, &visitor, &scope, "/figures").await?;
    Ok(ok(&FiguresPage {
        found: format!("共 {count} 项指标。"),
        table,
        frame: frame.showing(&scope, annual.as_of, "/figures", own),
        shell: visitor.shell(&format!("{year} 年全部指标")).at("/statistics").wide(),
    }))
}
