//! The report of a self-audit, finished or not, to be read and printed.

use actix_web::{HttpResponse, get, web};

use super::{PLACE, address_of, state_mark, stratum};
use crate::{
    domain::{
        catalogue::Catalogue,
        code_list::ListName,
        self_audit::{
            Design,
            estimate::Estimate,
            report::{Counted, Heading, Report},
            words::percent,
        },
    },
    usecases::{
        Context,
        self_audits::{read, report},
    },
    web::{
        key_page::key,
        refusal::Refusal,
        sheet::{ActLink, Section, Sheet},
        show::{minute, wan},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

#[get("/self-audits/{id}/report")]
pub async fn show_report(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let actor = visitor.caller.actor.clone();
    read::may_read(&actor)?;
    let id = key(&path)?;
    let (heading, report) = report::read(&ctx, actor, id).await?;
    let mut sheet = Sheet::new(visitor.shell(&format!("{}：自查报告", heading.title)).at(PLACE));
    sheet.acts = vec![ActLink::new("返回自查", address_of(id))];
    sheet.facts = vec![
        ("年度", Cell::text(format!("{} 年", heading.year))),
        ("状态", state_mark(heading.state)),
        ("范围", Cell::text(heading.filter.in_words(&ctx.catalogue, wan))),
        ("抽样方式", Cell::text(heading.design.in_words())),
        ("抽取时间", Cell::text(minute(heading.drawn_at))),
        ("结束时间", Cell::maybe(heading.ended_at.map(minute))),
    ];
    sheet.sections = sections(&ctx.catalogue, &heading, &report);
    Ok(sheet.show())
}

fn counts(caption: &str, first: &str, rows: Vec<(String, Counted)>, empty: &str) -> Table {
    Table {
        caption: caption.to_owned(),
        columns: vec![
            Column::text(first),
            Column::number("合同数（份）"),
            Column::number("合同成交额（万元）"),
        ],
        rows: rows
            .into_iter()
            .map(|(name, counted)| numbers(name, &[counted.contracts.to_string(), wan(counted.amount_fen)]))
            .collect(),
        empty: empty.to_owned(),
        ..Table::default()
    }
}

fn numbers(name: String, values: &[String]) -> Row {
    let values = values.iter().map(Cell::text);
    Row {
        key: String::new(),
        cells: std::iter::once(Cell::text(name)).chain(values).collect(),
    }
}

fn sections(catalogue: &Catalogue, heading: &Heading, report: &Report) -> Vec<Section> {
    let looked_at = [
        ("总体", report.population),
        ("抽取", report.drawn),
        ("已检查", report.checked),
        ("无误", report.right),
        ("有误", report.wrong),
    ];
    let looked_at = looked_at.map(|(name, counted)| (name.to_owned(), counted));
    let list = catalogue.list(ListName::RevocationGround);
    let grounds = report.wrong_by_ground.iter().filter(|(_, c)| c.contracts > 0);
    let grounds = grounds.map(|(id, counted)| (list.label(id).unwrap_or(id).to_owned(), *counted));
    let strata = report.strata.iter().map(|s| {
        let values = [s.stratum.contracts, s.stratum.drawn, s.checked, s.wrong].map(|n| n.to_string());
        numbers(stratum(&s.stratum.id, catalogue), &values)
    });
    let people = report.auditors.iter().map(|a| {
        let name = a.auditor.clone().unwrap_or_else(|| "无人可查".to_owned());
        numbers(name, &[a.assigned, a.checked, a.wrong].map(|n| n.to_string()))
    });
    let table = |caption: &str, columns: &[&str], rows: Vec<Row>| Table {
        caption: caption.to_owned(),
        columns: columns
            .iter()
            .enumerate()
            .map(|(n, label)| {
                if n == 0 {
                    Column::text(*label)
                } else {
                    Column::number(*label)
                }
            })
            .collect(),
        rows,
        ..Table::default()
    };
    let mut sections = vec![
        Section::list(
            "found",
            "一、抽查情况",
            counts("总体、抽取和检查", "项目", looked_at.into(), ""),
        ),
        Section::list(
            "grounds",
            "二、有误合同",
            counts(
                "有误合同，按撤销事由",
                "撤销事由",
                grounds.collect(),
                "没有发现有误的合同。",
            ),
        ),
        Section {
            texts: rates(heading, report),
            ..Section::facts("rates", "三、差错率", Vec::new())
        },
        Section::list(
            "strata",
            "四、各层情况",
            table(
                "各层情况（份）",
                &["层", "总体", "抽取", "已检查", "有误"],
                strata.collect(),
            ),
        ),
        Section::list(
            "auditors",
            "五、检查人",
            table("检查人（份）", &["检查人", "分配", "已检查", "有误"], people.collect()),
        ),
    ];
    if heading.revoked + heading.already_ended > 0 {
        let text = format!(
            "撤销登记 {} 份；检查结束前已撤销或注销、不再处理的 {} 份。",
            heading.revoked, heading.already_ended
        );
        sections.push(Section {
            texts: vec![text],
            ..Section::facts("result", "六、处理结果", Vec::new())
        });
    }
    sections
}

fn rates(heading: &Heading, report: &Report) -> Vec<String> {
    let mut texts = Vec::new();
    match report.sample_error_rate {
        Some(rate) => texts.push(format!("已检查合同中有误的占 {}。", percent(rate))),
        None => texts.push("尚未检查。".to_owned()),
    }
    if report.checked.contracts < report.drawn.contracts {
        let open = report.drawn.contracts - report.checked.contracts;
        texts.push(format!("还有 {open} 份没有检查结论，暂不推断总体。"));
        return texts;
    }
    let Some(rate) = report.error_rate else {
        if matches!(heading.design, Design::RiskyFirst { .. }) {
            texts.push("风险优先不是随机抽样，结果不能推断总体。".to_owned());
        }
        return texts;
    };
    let of = |name: &str, e: Estimate| match e.interval {
        Some((low, high)) => format!(
            "{name} {}（95% 置信区间 {} 至 {}）。",
            percent(e.value),
            percent(low),
            percent(high)
        ),
        None => format!("{name} {}（全部检查，无抽样误差）。", percent(e.value)),
    };
    texts.push(of("总体差错率（按合同数）", rate));
    texts.extend(
        report
            .amount_error_rate
            .map(|rate| of("总体差错率（按合同成交额）", rate)),
    );
    texts.extend(report.estimated_wrong_amount.map(|amount| {
        let interval = amount.interval_fen.map_or_else(String::new, |(low, high)| {
            format!("（95% 置信区间 {} 至 {} 万元）", wan(low), wan(high))
        });
        format!("涉及合同成交额 {} 万元{interval}。", wan(amount.value_fen))
    }));
    texts
}
