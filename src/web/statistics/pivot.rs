//! 交叉表: the contracts by any two dimensions, chosen on the page.

use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;

use super::{
    frame::Frame,
    scope::{Scope, year_of},
};
use crate::{
    documents::pivot_table::title,
    http::query::Query,
    usecases::{
        Context,
        statistics::{self, Dimension, FigureValue, Layout, Measure, Pivot},
    },
    web::{
        field::{Choice, Field},
        refusal::Refusal,
        shell::{Shell, ok},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

/// Filters of one table; more than any list of codes has.
const MOST_FILTERS: usize = 100;

/// Years that can be filtered by: those of the series.
const YEARS: i32 = 5;

#[derive(Template)]
#[template(path = "statistics/pivot.html")]
struct PivotPage {
    shell: Shell,
    frame: Frame,
    filters: Vec<FilterView>,
    about: String,
    table: Table,
    downloads: Vec<(&'static str, String)>,
}

/// Values of a dimension to choose from.
struct FilterView {
    label: &'static str,
    chosen: usize,
    choices: Vec<Choice>,
}

/// What a table shows, as its address says.
pub struct PivotAsked {
    /// Year and part of it, moment.
    pub scope: Scope,
    /// What is in the table.
    pub layout: Layout,
}

impl PivotAsked {
    /// Reads an address; without dimensions it is the units by types.
    pub fn read(ctx: &Context, year: i32, text: &str) -> Result<Self, Refusal> {
        let mut query = Query::parse_with_many(text, "filter");
        let named = query.has("rows");
        let rows = query.one_of("rows", Dimension::from_id).unwrap_or(Dimension::Unit);
        let columns = query.one_of("columns", Dimension::from_id);
        let columns = if named {
            columns
        } else {
            columns.or(Some(Dimension::Type))
        };
        let measure = query.one_of("measure", Measure::from_id).unwrap_or(Measure::Amount);
        let filters = query.every(MOST_FILTERS, |text| {
            let (dimension, code) = text.split_once(':')?;
            Some((Dimension::from_id(dimension)?, code.to_owned()))
        });
        if columns == Some(rows) {
            query.error("columns", "same_as_rows", "列应与行不同。");
        }
        let scope = Scope::read_current(ctx, year, &mut query)?;
        query.finish()?;
        Ok(Self {
            scope,
            layout: Layout {
                rows,
                columns,
                measure,
                filters,
            },
        })
    }

    /// The table.
    pub async fn pivot(&self, ctx: &Context) -> Result<Pivot, Refusal> {
        let asked = self.scope.asked;
        Ok(statistics::pivot(ctx, asked.year, asked.as_of, asked.span, self.layout.clone()).await?)
    }

    fn href(&self, path: &str) -> String {
        let filters: Vec<String> = self
            .layout
            .filters
            .iter()
            .map(|(dimension, code)| format!("{}:{code}", dimension.id()))
            .collect();
        let mut more = vec![("rows", self.layout.rows.id())];
        more.extend(self.layout.columns.map(|columns| ("columns", columns.id())));
        more.push(("measure", self.layout.measure.id()));
        more.extend(filters.iter().map(|filter| ("filter", filter.as_str())));
        self.scope.href(path, &more)
    }

    fn fields(&self) -> Vec<Field> {
        let dimensions = || -> Vec<Choice> { Dimension::ALL.map(|d| Choice::new(d.id(), d.label())).into() };
        let measures = Measure::ALL.map(|m| Choice::new(m.id(), m.label()));
        vec![
            Field::select("rows", "行", dimensions()).value(self.layout.rows.id()),
            Field::select("columns", "列（可不选）", dimensions()).maybe(self.layout.columns.map(Dimension::id)),
            Field::select("measure", "数值", measures.into()).value(self.layout.measure.id()),
        ]
    }

    fn filters(&self, ctx: &Context) -> Vec<FilterView> {
        let year = self.scope.asked.year;
        let values = |dimension: Dimension| -> Vec<(String, String)> {
            let numbered =
                |last: i32, words: fn(i32) -> String| (1..=last).map(|n| (n.to_string(), words(n))).collect();
            match (dimension.list(), dimension) {
                (Some(list), _) => {
                    let items = ctx.catalogue.list(list).items().iter();
                    items
                        .map(|item| (item.id.to_string(), item.label.to_string()))
                        .collect()
                }
                (None, Dimension::Quarter) => numbered(4, |n| format!("第 {n} 季度")),
                (None, Dimension::Month) => numbered(12, |n| format!("{n} 月")),
                (None, _) => (year - YEARS + 1..=year)
                    .map(|y| (y.to_string(), y.to_string()))
                    .collect(),
            }
        };
        let filter = |dimension: Dimension| {
            let mut chosen = 0;
            let choice = |(code, label): (String, String)| {
                let is_it = self.layout.filters.iter().any(|(d, c)| *d == dimension && *c == code);
                chosen += usize::from(is_it);
                Choice {
                    chosen: is_it,
                    ..Choice::new(format!("{}:{code}", dimension.id()), label)
                }
            };
            let choices = values(dimension).into_iter().map(choice).collect();
            FilterView {
                label: dimension.label(),
                chosen,
                choices,
            }
        };
        Dimension::ALL.into_iter().map(filter).collect()
    }
}

#[get("/statistics/{year}/pivot")]
pub async fn show_pivot(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let year = year_of(&path)?;
    statistics::may_read(&visitor.caller.actor)?;
    let asked = PivotAsked::read(&ctx, year, request.query_string())?;
    let pivot = asked.pivot(&ctx).await?;
    let frame = Frame::around(&ctx, &visitor, &asked.scope, "/pivot").await?;
    Ok(ok(&PivotPage {
        filters: asked.filters(&ctx),
        about: format!("单位：{}；登记账第 {} 条。", unit(&pivot), pivot.ledger.sequence),
        table: table(&pivot),
        downloads: vec![
            ("下载 XLSX", asked.href("/pivot.xlsx")),
            ("下载 CSV", asked.href("/pivot.csv")),
        ],
        frame: frame.showing(&asked.scope, pivot.as_of, "/pivot", asked.fields()),
        shell: visitor.shell(&format!("{year} 年交叉表")).at("/statistics").wide(),
    }))
}

/// What the cells are in.
fn unit(pivot: &Pivot) -> &'static str {
    match pivot.layout.measure {
        Measure::Contracts => "项",
        Measure::Amount | Measure::TechnologyAmount | Measure::MeanAmount => "万元",
        Measure::Share | Measure::CountShare => "%",
    }
}

fn table(pivot: &Pivot) -> Table {
    let mut columns = vec![Column::text(pivot.layout.rows.label())];
    columns.extend(pivot.columns.iter().map(|head| Column::number(&head.label)));
    columns.push(Column::number("合计"));
    let row = |label: &str, values: &[FigureValue], total: &FigureValue| {
        let value = |value: &FigureValue| Cell::text(value.digits());
        Row {
            key: String::new(),
            cells: std::iter::once(Cell::text(label))
                .chain(values.iter().chain([total]).map(value))
                .collect(),
        }
    };
    let rows = pivot.rows.iter().zip(&pivot.cells).zip(&pivot.row_totals);
    // Without columns there is one sum, which the totals are.
    let sums: &[FigureValue] = if pivot.columns.is_empty() {
        &[]
    } else {
        &pivot.column_totals
    };
    Table {
        caption: title(pivot),
        columns,
        rows: rows
            .map(|((head, cells), total)| row(&head.label, cells, total))
            .collect(),
        total: Some(row("合计", sums, &pivot.total)),
        empty: "没有合同。".to_owned(),
        ..Table::default()
    }
}
