//! The contracts behind a figure, each as it is counted there, and the sums that make the figure.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{columns::name_of, filters::Kept};
use crate::{
    http::{
        counted_contracts::{read_counted, write_place},
        query::Query,
    },
    usecases::{
        Context,
        contracts::{behind, list::SortKey},
        statistics,
    },
    web::{
        refusal::Refusal,
        shell::{Shell, page},
        show::{minute, state_mark, yuan},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "contracts/counted.html")]
struct CountedPage {
    shell: Shell,
    facts: Vec<(&'static str, String)>,
    terms: Table,
    table: Table,
}

/// Contracts of a page.
const PAGE: usize = 50;

/// Answers the list.
pub async fn show(ctx: &Context, visitor: &Visitor, text: &str) -> Result<HttpResponse, Refusal> {
    statistics::may_read(&visitor.caller.actor)?;
    let mut given = Query::parse(text);
    let limited = given.has("limit");
    let mut asked = read_counted(&mut given, ctx.clock.now());
    given.finish()?;
    if !limited {
        asked.limit = PAGE;
    }
    let found = behind::list(ctx, visitor.caller.actor.clone(), asked.clone()).await?;
    let kept = Kept::of(text);
    let mut facts = vec![
        ("指标", found.definition.name.clone()),
        ("数值", found.value.display()),
        ("算法", found.definition.formula.clone()),
        ("统计年度", format!("{} 年", asked.year)),
        ("统计时点", minute(found.as_of)),
    ];
    facts.extend(asked.span.month().map(|m| ("月份", format!("{m} 月"))));
    facts.extend(asked.span.quarter().map(|q| ("季度", format!("第 {q} 季度"))));
    facts.extend(asked.span.until().map(|day| ("截至", day.to_string())));
    facts.extend(asked.edition.map(|n| ("版次", format!("第 {n} 版"))));
    let terms = Table {
        caption: "各项合计（包括您无权查看的合同）".to_owned(),
        columns: vec![
            Column::text("项"),
            Column::number("合同数"),
            Column::number("合同成交额（元）"),
            Column::number("技术交易额（元）"),
        ],
        rows: found
            .terms
            .iter()
            .map(|(role, sum)| Row {
                key: String::new(),
                cells: vec![
                    if *role == found.listed {
                        Cell::text(format!("{}（下列）", term_label(role)))
                    } else {
                        Cell::link(term_label(role), kept.with("term", Some(role)).address("/contracts"))
                    },
                    Cell::text(sum.contracts.to_string()),
                    Cell::text(yuan(sum.amount)),
                    Cell::text(yuan(sum.technology)),
                ],
            })
            .collect(),
        ..Table::default()
    };
    let table = Table {
        total: None,
        caption: "合同（按计入统计的数值）".to_owned(),
        columns: vec![
            Column::text("合同名称"),
            Column::text("登记编号"),
            Column::text("现状态"),
            head(&kept, &asked, "计入时间", SortKey::ConfirmedAt, false),
            Column::number("版"),
            head(&kept, &asked, "合同成交额（元）", SortKey::Amount, true),
            Column::number("技术交易额（元）"),
        ],
        rows: found
            .items
            .iter()
            .map(|(view, listed)| Row {
                key: String::new(),
                cells: vec![
                    Cell::link(name_of(&view.contract), format!("/contracts/{}", view.contract.id)),
                    Cell::maybe(view.contract.registration_number.clone()),
                    state_mark(view.contract.state),
                    Cell::text(minute(listed.at)),
                    Cell::maybe(listed.revision.map(|n| n.to_string())),
                    Cell::yuan(listed.amount_fen),
                    Cell::yuan(listed.technology_amount_fen),
                ],
            })
            .collect(),
        empty: "没有合同。".to_owned(),
        next: write_place(&asked, &found).map(|cursor| kept.with("cursor", Some(&cursor)).address("/contracts")),
        first: asked.after.map(|_| kept.address("/contracts")),
        tick: None,
    };
    let counted = CountedPage {
        shell: visitor.shell("数据背后的合同").at("/statistics").wide(),
        facts,
        terms,
        table,
    };
    Ok(page(StatusCode::OK, &counted))
}

/// What a sum is in the formula.
fn term_label(role: &str) -> &str {
    match role {
        "sum" => "合计",
        "part" => "部分",
        "whole" => "总体",
        "current" => "本期",
        "previous" => "上期",
        other => other,
    }
}

fn head(kept: &Kept, asked: &behind::BehindQuery, label: &str, sort: SortKey, number: bool) -> Column {
    let current = asked.sort == sort;
    let value = format!("{}{}", if current && asked.descending { "" } else { "-" }, sort.id());
    Column {
        label: label.to_owned(),
        number,
        short: true,
        sort: Some(kept.with("sort", Some(&value)).address("/contracts")),
        sorted: current.then_some(if asked.descending { "descending" } else { "ascending" }),
    }
}
