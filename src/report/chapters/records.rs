//! 九: what the records say beyond the published report: technology amounts, the usual contract and the large ones, how decisions
//! went, what the self-audit found. Each figure that the register does not give is left out.

use super::{COUNT, Chapter, WAN, names, numbers};
use crate::{
    report::{
        claims::in_words,
        layout::{cell, column, row, total},
        model::{Align, Cell, Row, RowKind, Table},
        template::{Phrase, words},
        view::View,
    },
    statistics::{Section, definition},
};

/// The chapter.
pub fn records(view: &View<'_>) -> Chapter {
    let mut chapter = Chapter::new("records");
    chapter.heading(1, "九、登记记录补充指标");
    chapter.heading(2, "（一）技术交易额");
    chapter.say([technology(view)]);
    chapter.table(technology_amounts(view));
    let rest = [
        ("单项合同与集中程度", vec![usual(view), concentrated(view)]),
        ("认定登记办理", vec![duration(view), returns(view), revocations(view)]),
        ("年度自查", vec![self_audit(view)]),
    ];
    let said = rest
        .into_iter()
        .filter(|(_, sentences)| sentences.iter().any(Option::is_some));
    for (number, (heading, sentences)) in (2..).zip(said) {
        chapter.heading(2, format!("（{}）{heading}", in_words(number)));
        chapter.say(sentences);
    }
    if let Some(table) = indicators(view) {
        chapter.table(table);
    }
    chapter
}

fn technology(view: &View<'_>) -> Option<Phrase> {
    if view.total().contracts == 0 {
        return Phrase::sentence([words!(view, "{span}未登记技术合同，无技术交易额")]);
    }
    Phrase::sentence([
        words!(
            view,
            "{span}认定登记技术合同的成交总金额中，经核定的技术交易额为 {total.technology_amount} 万元"
        ),
        words!(view, "占 {technology.share}"),
        view.value("technology.share")
            .and_then(|_| words!(view, "{before}该占比为 {technology.previous_share}")),
    ])
}

fn technology_amounts(view: &View<'_>) -> Table {
    let measures = ["contracts", "amount", "technology_amount"];
    let types = view.items(Section::Types);
    let mut rows: Vec<_> = types.iter().map(|kind| row(view, kind, &measures)).collect();
    rows.push(total(row(view, &view.total(), &measures)));
    Table {
        id: "technology_amounts".into(),
        caption: "附表 1 各类技术合同技术交易额".into(),
        unit: None,
        columns: vec![
            names("合同类别"),
            numbers(&format!("合同数（{}）", COUNT.0)),
            numbers(&format!("成交额（{}）", WAN.0)),
            numbers(&format!("技术交易额（{}）", WAN.0)),
        ],
        rows,
        notes: vec!["历史资料未载明技术交易额的，按零计。".into()],
    }
}

fn usual(view: &View<'_>) -> Option<Phrase> {
    Phrase::sentence([
        words!(view, "单项合同成交额中位数为 {contract_amounts.median} 万元"),
        words!(view, "平均为 {contract_amounts.mean} 万元"),
    ])
}

/// How many contracts the share of the largest ones is of.
const TOP: i64 = 10;

fn concentrated(view: &View<'_>) -> Option<Phrase> {
    let contracts = view.total().contracts;
    let units = view
        .items(Section::Units)
        .iter()
        .filter(|unit| unit.contracts > 0)
        .count();
    // Of ten contracts or fewer the largest ten are all, of one unit it is the whole.
    let some = |is_part: bool, said: Option<Phrase>| said.filter(|_| is_part);
    Phrase::sentence([
        some(
            contracts > TOP,
            words!(view, "成交额最大的十项合同占总成交额的 {concentration.top_10_share}"),
        ),
        some(
            contracts > TOP,
            words!(view, "成交额最大的一成合同占总成交额的 {concentration.top_tenth_share}"),
        ),
        some(
            units > 1,
            words!(view, "成交额最大的单位占总成交额的 {concentration.largest_unit_share}"),
        ),
    ])
}

fn duration(view: &View<'_>) -> Option<Phrase> {
    Phrase::sentence([
        words!(view, "合同自提交至审核确认的天数中位数为 {decisions.median_days} 天"),
        words!(view, "平均为 {decisions.mean_days} 天"),
        words!(view, "在办理期限内办结的占 {decisions.in_time_share}"),
    ])
}

fn returns(view: &View<'_>) -> Option<Phrase> {
    let clause = |count: &str, some: Option<Phrase>, none: Option<Phrase>| {
        if view.value(count).is_none() {
            None
        } else if view.whole(count) > 0 {
            some
        } else {
            none
        }
    };
    Phrase::sentence([
        clause(
            "decisions.returned",
            words!(
                view,
                "曾退回补正的合同 {decisions.returned} 项，退回率 {decisions.return_rate}"
            ),
            words!(view, "没有退回补正的记录"),
        ),
        clause(
            "decisions.refused",
            words!(
                view,
                "不予登记的合同 {decisions.refused} 项，不予登记率 {decisions.refusal_rate}"
            ),
            words!(view, "没有不予登记的记录"),
        ),
    ])
}

fn revocations(view: &View<'_>) -> Option<Phrase> {
    view.value("decisions.revocation_rate")?;
    if view.whole("revocations.contracts") == 0 {
        return Phrase::sentence([words!(view, "无撤销登记的合同")]);
    }
    Phrase::sentence([
        words!(view, "撤销登记合同 {revocations.contracts} 项"),
        words!(view, "成交额 {revocations.amount} 万元"),
        words!(view, "撤销率 {decisions.revocation_rate}"),
    ])
}

fn self_audit(view: &View<'_>) -> Option<Phrase> {
    view.value("self_audits.drawn")?;
    if view.whole("self_audits.drawn") == 0 {
        return Phrase::sentence([words!(view, "尚无已完成的年度自查")]);
    }
    let wrong = if view.whole("self_audits.wrong") == 0 {
        words!(view, "未查出有误合同")
    } else {
        words!(
            view,
            "查出有误合同 {self_audits.wrong} 项，差错率 {self_audits.error_rate}"
        )
    };
    Phrase::sentence([
        words!(view, "年度自查抽取合同 {self_audits.drawn} 项"),
        words!(view, "已查 {self_audits.checked} 项"),
        (view.whole("self_audits.checked") > 0).then_some(wrong).flatten(),
    ])
}

/// Sections whose figures stand in the table at the end, one a row.
const INDICATORS: [&str; 5] = [
    "technology.",
    "contract_amounts.",
    "concentration.",
    "decisions.",
    "self_audits.",
];

/// Every figure of those sections that has a value; `None` where there is none.
fn indicators(view: &View<'_>) -> Option<Table> {
    let wanted = |name: &str| INDICATORS.iter().any(|section| name.starts_with(section));
    let figures = view.figures.figures();
    let rows: Vec<Row> = figures
        .filter(|(name, value)| wanted(name) && !value.is_nothing())
        .filter(|(name, _)| !name.starts_with("concentration.top_") || view.total().contracts > TOP)
        .filter_map(|(name, _)| {
            let definition = definition(view.catalogue, name)?;
            let unit = if definition.shown_in == "%" {
                ""
            } else {
                definition.shown_in
            };
            Some(Row {
                kind: RowKind::Item,
                cells: vec![
                    Cell::Text(definition.name),
                    cell(view, name),
                    Cell::Text(unit.to_owned()),
                ],
            })
        })
        .collect();
    (!rows.is_empty()).then(|| Table {
        id: "record_indicators".into(),
        caption: "附表 2 登记记录补充指标".into(),
        unit: None,
        columns: vec![names("指标"), numbers("数值"), column(&["单位"], Align::Center)],
        rows,
        notes: Vec::new(),
    })
}
