//! 一、年度登记量基本情况: the year, and the five years up to it.

use super::{COUNT, Chapter, WAN, YI, labels, names, numbers, series};
use crate::{
    report::{
        claims::{MOST_DECIMALS, change, decimals, each, falls_to_nothing, listed, prints_as_zero, unsigned},
        layout::row,
        model::{ChartKind, Series, Table},
        template::{Form, Phrase, words},
        view::{Item, Trend, View},
    },
    statistics::PrintedUnit,
};

/// The chapter.
pub fn overall(view: &View<'_>) -> Chapter {
    let mut chapter = Chapter::new("overall");
    let year = view.figures.year;
    chapter.heading(1, "一、年度登记量基本情况");
    chapter.heading(2, format!("（一）{year} 年总体情况"));
    chapter.say([volume(view, "（图 1）")]);
    let years = view.years();
    let last_two = years.len().saturating_sub(2);
    two_years(view, &mut chapter, years.get(last_two..).unwrap_or_default());
    chapter.heading(2, format!("（二）{}总体情况", era(view)));
    chapter.say([trend_of_years(view, &view.years_over()), period(view)]);
    chapter.chart(
        2,
        &format!("{}技术合同成交额", era(view)),
        ChartKind::ColumnsAndLine,
        labels(&years),
        vec![
            series(view, &years, "成交额", YI, "amount"),
            Series {
                second_axis: true,
                ..series(view, &years, "同比增速", super::PERCENT, "growth")
            },
        ],
    );
    chapter.table(Table {
        id: "table_1".into(),
        caption: format!("表 1 {}技术合同成交额及同比", era(view)),
        unit: None,
        columns: vec![
            names("年份"),
            numbers("合同项数（项）"),
            numbers("成交额（亿元）"),
            numbers("同比增速"),
        ],
        rows: years
            .iter()
            .map(|year| row(view, year, &["contracts", "amount|yi_yuan", "growth|2"]))
            .collect(),
        notes: Vec::new(),
    });
    chapter
}

/// What the years of the series are called: the five-year plan where they are its years, else the last five years.
pub fn era(view: &View<'_>) -> String {
    let years = view.years();
    let plan = crate::statistics::plan_of(view.figures.year);
    match (plan, years.first()) {
        (Some(plan), Some(first)) if plan.to == view.figures.year && first.label == plan.from.to_string() => {
            format!("“{}”", plan.name)
        }
        _ => "近五年".to_owned(),
    }
}

/// How many contracts, how much, against the span before.
pub fn volume(view: &View<'_>, at: &str) -> Option<Phrase> {
    let (total, name_before) = view.compared_total();
    let amount_before = || view.figure(&name_before, Form::default());
    if !view.has_begun() {
        return Phrase::sentence([words!(view, "{span}尚未开始")]);
    }
    if total.contracts == 0 {
        let before = (total.before > 0)
            .then(|| words!(view, "{last}成交额为 {amount} 万元", amount = amount_before()))
            .flatten();
        let neither = (total.before == 0 && total.contracts_before == 0 && view.knows_before())
            .then(|| words!(view, "{before}亦无登记"))
            .flatten();
        return Phrase::sentence([words!(view, "{span}{region}未认定登记技术合同"), before, neither]);
    }
    let compared = match total.trend() {
        Trend::New | Trend::FromNought | Trend::Never | Trend::Ended => change(view, &total, 1),
        _ => words!(
            view,
            "{change}（{last}为 {amount} 万元）",
            change = change(view, &total, 1),
            amount = amount_before()
        ),
    };
    Phrase::sentence([
        words!(view, "{span}{region}共认定登记技术合同 {total.contracts} 项"),
        words!(view, "合同成交总金额 {total.amount} 万元{at}", at = at),
        compared,
    ])
}

fn two_years(view: &View<'_>, chapter: &mut Chapter, years: &[Item]) {
    chapter.chart(
        1,
        &format!(
            "{} 年与 {} 年技术合同登记量对比",
            view.figures.year,
            view.figures.year - 1
        ),
        ChartKind::ColumnsAndLine,
        labels(years),
        vec![
            series(view, years, "成交额", WAN, "amount"),
            Series {
                second_axis: true,
                ..series(view, years, "合同项数", COUNT, "contracts")
            },
        ],
    );
}

/// In which of the years the amount grew and in which it fell, with the rates.
fn trend_of_years(view: &View<'_>, years: &[Item]) -> Option<Phrase> {
    if !view.has_begun() {
        return None;
    }
    let compared = years.get(1..).unwrap_or_default();
    // To the percent, as the rises of the published report; one number of decimals in a sentence.
    // A year without a contract has no rate to be told; of one before the register's first a reference figure may tell the amount.
    let has_rate = |year: &Item| {
        let is_of_register = view.value(&format!("{}.contracts", year.key)).is_some();
        view.value(&format!("{}.growth", year.key)).is_some()
            && if is_of_register {
                year.contracts > 0
            } else {
                year.amount > 0
            }
    };
    let is_small = |year: &Item| {
        let moved = has_rate(year) && matches!(year.trend(), Trend::Grew | Trend::Fell);
        let name = format!("{}.growth", year.key);
        moved && (prints_as_zero(view, &name, unsigned(0)) || falls_to_nothing(view, &name, unsigned(0)))
    };
    let falls_short = |places: &u32| {
        let fell = compared
            .iter()
            .filter(|year| has_rate(year) && year.trend() == Trend::Fell);
        let mut names = fell.map(|year| format!("{}.growth", year.key));
        !names.any(|name| falls_to_nothing(view, &name, unsigned(*places)))
    };
    let places = u32::from(compared.iter().any(is_small));
    let places = (places..=MOST_DECIMALS).find(falls_short).unwrap_or(MOST_DECIMALS);
    let (up, down) = (decimals(places), unsigned(places));
    let which = |trend: Trend, form| -> Vec<&Item> {
        let told = |year: &&Item| {
            year.trend() == trend && has_rate(year) && !prints_as_zero(view, &format!("{}.growth", year.key), form)
        };
        compared.iter().filter(told).collect()
    };
    let (grew, fell) = (which(Trend::Grew, up), which(Trend::Fell, down));
    let list = |some: &[&Item]| Phrase::join(some.iter().filter_map(|year| words!(view, "{y} 年", y = year)), "、");
    let rates = |some: &[&Item], form| each(view, some.iter().copied(), "growth", form);
    let respectively = |some: &[&Item]| if some.len() > 1 { "分别" } else { "" };
    let risen = || {
        words!(
            view,
            "{years}成交额{each}较前一年增长 {rates}",
            years = list(&grew),
            each = respectively(&grew),
            rates = rates(&grew, up)
        )
    };
    let fallen = || {
        words!(
            view,
            "{years}成交额{each}较前一年下降 {rates}",
            years = list(&fell),
            each = respectively(&fell),
            rates = rates(&fell, down)
        )
    };
    let registered = compared
        .iter()
        .filter(|year| year.amount > 0 || year.before > 0)
        .count();
    let first = match (grew.len(), fell.len()) {
        (0, 0) => None,
        (n, 0) if n == compared.len() && n > 1 => {
            words!(view, "{region}技术合同成交额逐年增长，{risen}", risen = risen())
        }
        (0, n) if n == compared.len() && n > 1 => {
            words!(view, "{region}技术合同成交额逐年下降，{fallen}", fallen = fallen())
        }
        (ups, downs) if ups + downs == registered && registered == compared.len() && ups > downs => words!(
            view,
            "除 {except} 年成交额较前一年下降 {rates} 外，其余年份成交额均较前一年增长，{risen}",
            except = join_years(&fell),
            rates = rates(&fell, down),
            risen = risen()
        ),
        (_, 0) => risen(),
        (0, _) => fallen(),
        _ => words!(view, "{risen}；{fallen}", risen = risen(), fallen = fallen()),
    };
    Phrase::sentence([first.map(|first| first.then("（表 1、图 2）"))])
}

fn join_years(years: &[&Item]) -> Phrase {
    listed(years.iter().copied())
}

/// Growth over the five-year plan so far.
fn period(view: &View<'_>) -> Option<Phrase> {
    if view.total().contracts == 0 || view.is_running() || !view.has_begun() {
        return None;
    }
    let plan = crate::statistics::plan_of(view.figures.year)?;
    let grew = view.value("period.average_growth")?.compare_to(0)?.is_gt();
    let form = unsigned(PrintedUnit::Percent.decimals());
    let rate = view.figure("period.average_growth", form);
    let moved = if prints_as_zero(view, "period.average_growth", form) {
        words!(view, "“{plan}”以来成交额与基期大体持平", plan = &plan.name)
    } else if grew {
        words!(
            view,
            "“{plan}”以来成交额年均增长 {rate}",
            plan = &plan.name,
            rate = rate
        )
    } else {
        words!(
            view,
            "“{plan}”以来成交额年均下降 {rate}",
            plan = &plan.name,
            rate = rate
        )
    };
    Phrase::sentence([
        moved,
        words!(
            view,
            "{period.last_year} 年为基期 {period.base_year} 年的 {period.multiple_of_base} 倍"
        ),
        words!(view, "为规划末年目标的 {period.multiple_of_target} 倍"),
    ])
}
