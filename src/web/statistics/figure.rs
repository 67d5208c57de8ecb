//! One figure: its value, what it means, how it is computed, and the contracts that it is made of.

use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;

use super::{
    figures::shown,
    frame::Frame,
    scope::{Scope, year_of},
};
use crate::{
    domain::code_list::ListName,
    http::query::Query,
    usecases::{
        Context,
        contracts::{
            behind::{self, BehindPage, BehindQuery, TermSum},
            list::{Position, SortKey, SortValue},
        },
        statistics::{self, figures},
    },
    web::{
        refusal::Refusal,
        shell::{Shell, ok},
        show::{NOTHING, minute, text, yuan},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

/// Contracts of a page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "statistics/figure.html")]
struct FigurePage {
    shell: Shell,
    frame: Frame,
    display: String,
    name: String,
    facts: Vec<(&'static str, String)>,
    terms: Option<Table>,
    lead: String,
    contracts: Option<Table>,
}

/// How the contracts are sorted.
#[derive(Clone, Copy)]
struct Sorting {
    key: SortKey,
    descending: bool,
}

impl Sorting {
    fn read(query: &mut Query) -> Self {
        let text = query.text("sort").unwrap_or_else(|| "-amount_fen".to_owned());
        let (descending, name) = match text.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, text.as_str()),
        };
        let known = [SortKey::Id, SortKey::ConfirmedAt, SortKey::Amount];
        let key = known.into_iter().find(|key| key.id() == name).unwrap_or_else(|| {
            query.error("sort", "unknown_code", "不能这样排序。");
            SortKey::Id
        });
        Self { key, descending }
    }

    fn id(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.key.id())
    }
}

/// What of the list is asked for.
struct Listing {
    term: Option<String>,
    sorting: Sorting,
    after: Option<Position>,
}

/// A place in the list: the value sorted by and the key.
fn read_place(text: &str) -> Option<Position> {
    let (value, id) = text.split_once('_')?;
    let value = match value {
        "" => None,
        value => Some(SortValue::Number(value.parse().ok()?)),
    };
    Some(Position {
        value,
        id: id.parse().ok()?,
    })
}

fn write_place(position: &Position) -> String {
    match &position.value {
        Some(SortValue::Number(value)) => format!("{value}_{}", position.id),
        _ => format!("_{}", position.id),
    }
}

#[get("/statistics/{year}/figures/{figure}")]
pub async fn show_figure(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let (year, figure) = path.into_inner();
    let year = year_of(&year)?;
    statistics::may_read(&visitor.caller.actor)?;
    let mut query = Query::parse(request.query_string());
    let term = query.text("term");
    let sorting = Sorting::read(&mut query);
    let after = query.text("after").and_then(|text| {
        let place = read_place(&text);
        if place.is_none() {
            query.error("after", "malformed_cursor", "页的位置无效。");
        }
        place
    });
    let scope = Scope::read(&ctx, year, &mut query)?;
    query.finish()?;
    let (annual, view) = figures::read(&ctx, &scope.asked, figure).await?;
    let fixed = scope.at(annual.as_of);
    let listing = Listing { term, sorting, after };
    let behind = if view.has_contracts {
        let asked = BehindQuery {
            year,
            figure: view.name.clone(),
            as_of: fixed.asked.as_of.filter(|_| scope.asked.edition.is_none()),
            span: scope.asked.span,
            edition: scope.asked.edition,
            term: listing.term.clone(),
            sort: sorting.key,
            descending: sorting.descending,
            after: listing.after,
            limit: PAGE,
        };
        Some(behind::list(&ctx, visitor.caller.actor.clone(), asked).await?)
    } else {
        None
    };
    let definition = &view.definition;
    let facts = vec![
        ("定义", definition.meaning.clone()),
        ("算法", definition.formula.clone()),
        ("出处", definition.source.clone()),
        ("计量单位", text(Some(definition.shown_in))),
        ("精确值", view.value.unrounded().unwrap_or_else(|| NOTHING.to_owned())),
        ("标识", view.name.clone()),
    ];
    let lead = match &behind {
        Some(page) => sentence(page),
        None => "这项数据不是由合同汇总的，没有所计合同的清单。".to_owned(),
    };
    let frame = Frame::around(&ctx, &visitor, &scope, "/figures").await?;
    Ok(ok(&FigurePage {
        display: shown(&view),
        name: view.name.clone(),
        facts,
        terms: behind.as_ref().map(|page| terms(&ctx, &fixed, &view.name, page)),
        lead,
        contracts: behind.map(|page| contracts(&fixed, &view.name, &listing, page)),
        frame: frame.showing(&scope, annual.as_of, &format!("/figures/{}", view.name), Vec::new()),
        shell: visitor.shell(&view.definition.name).at("/statistics").wide(),
    }))
}

fn sentence(page: &BehindPage) -> String {
    let sum = page.terms.iter().find(|(term, _)| *term == page.listed);
    let sum = sum.map(|(_, sum)| *sum).unwrap_or_default();
    format!(
        "下列 {} 项合同之和：成交额 {} 元，技术交易额 {} 元。",
        sum.contracts,
        yuan(sum.amount),
        yuan(sum.technology)
    )
}

/// The sums that the figure is made of, each leading to its contracts.
fn terms(ctx: &Context, scope: &Scope, figure: &str, page: &BehindPage) -> Table {
    let row = |(term, sum): &(String, TermSum)| {
        let name = if *term == page.listed {
            Cell::text(format!("{}（所列）", term_label(ctx, term)))
        } else {
            Cell::link(
                term_label(ctx, term),
                scope.href(&format!("/figures/{figure}"), &[("term", term.as_str())]),
            )
        };
        Row {
            key: String::new(),
            cells: vec![
                name,
                Cell::text(sum.contracts.to_string()),
                Cell::yuan(Some(sum.amount)),
                Cell::yuan(Some(sum.technology)),
            ],
        }
    };
    Table {
        caption: "算式中的各项".to_owned(),
        columns: vec![
            Column::text("项"),
            Column::number("合同数（项）"),
            Column::number("成交额（元）"),
            Column::number("技术交易额（元）"),
        ],
        rows: page.terms.iter().map(row).collect(),
        ..Table::default()
    }
}

/// What a sum is in the formula.
fn term_label(ctx: &Context, term: &str) -> String {
    let known = match term {
        "sum" => "合计",
        "all" => "全部合同",
        "part" => "部分",
        "whole" => "总体",
        "previous_part" => "上年同期的部分",
        "previous_whole" => "上年同期的总体",
        "current" => "本期",
        "previous" => "上年同期",
        "north" => "北疆",
        "south" => "南疆",
        "unit" => "该单位",
        "last_year" => "末年",
        "base_year" => "基年",
        other => ctx.catalogue.list(ListName::Unit).label(other).unwrap_or(other),
    };
    known.to_owned()
}

fn contracts(scope: &Scope, figure: &str, listing: &Listing, page: BehindPage) -> Table {
    let path = format!("/figures/{figure}");
    let at = |sort: &str, after: Option<&str>| {
        let mut more = vec![("sort", sort)];
        more.extend(listing.term.as_deref().map(|term| ("term", term)));
        more.extend(after.map(|after| ("after", after)));
        scope.href(&path, &more)
    };
    let own = listing.sorting.id();
    let sorted = |mut column: Column, key: SortKey| {
        let is_it = listing.sorting.key == key;
        let descending = !(is_it && listing.sorting.descending);
        column.sort = Some(at(&Sorting { key, descending }.id(), None));
        column.sorted = is_it.then_some(if listing.sorting.descending {
            "descending"
        } else {
            "ascending"
        });
        column
    };
    let rows = page.items.into_iter().map(|(view, listed)| {
        let contract = view.contract;
        let number = contract
            .registration_number
            .unwrap_or_else(|| format!("（未编号 {}）", contract.id));
        Row {
            key: String::new(),
            cells: vec![
                Cell::link(number, format!("/contracts/{}", contract.id)),
                Cell::maybe(contract.content.project_name),
                Cell::text(minute(listed.at)),
                Cell::yuan(listed.amount_fen),
                Cell::yuan(listed.technology_amount_fen),
                Cell::text(contract.state.label()),
            ],
        }
    });
    Table {
        caption: "所计合同".to_owned(),
        columns: vec![
            sorted(Column::text("登记编号"), SortKey::Id),
            Column::text("项目名称"),
            sorted(Column::text("确认时间"), SortKey::ConfirmedAt),
            sorted(Column::number("所计成交额（元）"), SortKey::Amount),
            Column::number("所计技术交易额（元）"),
            Column::text("现状态"),
        ],
        rows: rows.collect(),
        empty: "没有合同。".to_owned(),
        next: page.next.map(|position| at(&own, Some(&write_place(&position)))),
        first: listing.after.as_ref().map(|_| at(&own, None)),
        ..Table::default()
    }
}
