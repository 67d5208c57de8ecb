//! 看板: the year at a glance, of one reading of the figures; every number leads to what it means.

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
        statistics::board::{self, Cell as Figure, RowKind, Table as Numbers},
    },
    web::{
        refusal::Refusal,
        shell::{Shell, ok},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "statistics/board.html")]
struct BoardPage {
    shell: Shell,
    frame: Frame,
    notices: Vec<String>,
    totals: Vec<TotalCard>,
    panels: Vec<PanelView>,
    drawn: bool,
    report: String,
}

struct TotalCard {
    label: &'static str,
    unit: &'static str,
    number: Cell,
    beside: Vec<(String, Cell)>,
}

struct PanelView {
    id: String,
    title: String,
    caption: String,
    drawing: Option<String>,
    table: Table,
}

#[get("/statistics/{year}")]
pub async fn show_board(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let year = year_of(&path)?;
    let mut query = Query::parse(request.query_string());
    let scope = Scope::read(&ctx, year, &mut query)?;
    query.finish()?;
    let view = board::read(&ctx, &visitor.caller.actor, &scope.asked).await?;
    let frame = Frame::around(&ctx, &visitor, &scope, "").await?;
    let mut notices = Vec::new();
    if ctx.settings.documents.made_up_records {
        notices.push("登记簿中是示例数据，各项数字均为虚构。".to_owned());
    }
    if let Some(restated) = &view.figures.restated {
        notices.push(format!(
            "上年数据在封账（第 {} 版）后有 {} 项发生变化，同比按变化后的数据计算。",
            restated.edition,
            restated.figures.len()
        ));
    }
    // What a number leads to is what it was counted of.
    let counted = Scope {
        asked: view.asked,
        ..scope.clone()
    };
    let mut drawings = view.drawings.into_iter().map(Some);
    let drawn = drawings.len() > 0;
    let total = |total: &board::Total| TotalCard {
        label: total.label,
        unit: total.unit,
        number: cell(&counted, &total.number),
        beside: total
            .beside
            .iter()
            .map(|(label, figure)| (label.clone(), cell(&counted, figure)))
            .collect(),
    };
    let panel = |panel: &board::Panel| PanelView {
        id: panel.chart.id.clone(),
        title: panel.title.clone(),
        caption: panel.chart.caption.clone(),
        drawing: drawings.next().flatten(),
        table: table(&counted, &panel.table),
    };
    Ok(ok(&BoardPage {
        totals: view.board.totals.iter().map(total).collect(),
        panels: view.board.panels.iter().map(panel).collect(),
        drawn,
        report: scope.href("/report", &[]),
        notices,
        frame: frame.showing(&scope, view.figures.as_of, "", Vec::new()),
        shell: visitor
            .shell(&format!("{}技术市场统计", view.board.span))
            .at("/statistics")
            .wide(),
    }))
}

/// A figure as a cell that leads to what it means.
fn cell(scope: &Scope, figure: &Figure) -> Cell {
    match figure {
        Figure::Text(text) => Cell::text(text),
        Figure::Figure(number) => Cell::link(&number.text, scope.figure(&number.figure)),
    }
}

fn table(scope: &Scope, numbers: &Numbers) -> Table {
    let column = |(index, column): (usize, &board::Column)| {
        let head = column.head.join(" ");
        if index == 0 {
            Column::text(head)
        } else {
            Column::number(head)
        }
    };
    let row = |row: &board::Row| Row {
        key: String::new(),
        cells: row.cells.iter().map(|figure| cell(scope, figure)).collect(),
    };
    let total = numbers.rows.iter().find(|row| row.kind == RowKind::Total);
    let items = numbers.rows.iter().filter(|row| row.kind == RowKind::Item);
    Table {
        caption: numbers.caption.clone(),
        columns: numbers.columns.iter().enumerate().map(column).collect(),
        rows: items.map(row).collect(),
        total: total.map(row),
        empty: "没有数据。".to_owned(),
        ..Table::default()
    }
}
