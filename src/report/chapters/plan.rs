//! 四、合同任务来源: within and outside the plans that the state pays for.

use std::cmp::Ordering;

use super::{Chapter, PERCENT, labels, overall::era, series};
use crate::{
    report::{
        claims::{change, decimals, money, prints_as_zero},
        layout::{column, row},
        model::{Align, ChartKind, Span, Table},
        template::{Form, Phrase, words},
        view::{Item, View, is_bulk_of, is_share},
    },
    statistics::Section,
};

/// The chapter.
pub fn plan(view: &View<'_>) -> Chapter {
    let mut chapter = Chapter::new("plan");
    let year = view.figures.year;
    chapter.heading(1, "四、合同任务来源");
    chapter.heading(2, "（一）任务来源");
    chapter.say(sources(view, "（图 6）"));
    let items = view.items(Section::Plan);
    chapter.chart(
        6,
        &format!("{year} 年技术合同任务来源构成"),
        ChartKind::Doughnut,
        labels(&items),
        vec![series(view, &items, "成交额占比", PERCENT, "share")],
    );
    chapter.heading(2, format!("（二）{}计划内外项目登记占比", era(view)));
    let years = view.years();
    chapter.say([
        over_the_period(view),
        over_the_years(view, &view.years_over(), "（表 4）"),
    ]);
    let measures = [
        "plan_funded_amount|yi_yuan",
        "plan_funded_share|0",
        "outside_plan_amount|yi_yuan",
        "outside_plan_share|0",
    ];
    let head = |upper: &str, lower: &str| column(&[upper, lower], Align::Right);
    chapter.table(Table {
        id: "table_4".into(),
        caption: format!("表 4 {}技术合同不同任务来源成交额及占比", era(view)),
        unit: None,
        columns: vec![
            column(&["年份"], Align::Center),
            head("计划内", "成交额（亿元）"),
            head("计划内", "占比"),
            head("计划外", "成交额（亿元）"),
            head("计划外", "占比"),
        ],
        rows: years.iter().map(|year| row(view, year, &measures)).collect(),
        notes: Vec::new(),
    });
    chapter
}

/// Both groups this year, and how the share of the second moved.
pub fn sources(view: &View<'_>, at: &str) -> [Option<Phrase>; 3] {
    if view.total().contracts == 0 {
        return [None, None, None];
    }
    let (funded, outside) = (
        view.one(Section::Plan, "plan_funded"),
        view.one(Section::Plan, "outside_plan"),
    );
    let inside = if funded.contracts == 0 {
        Phrase::sentence([words!(view, "{span}未登记各级财政计划项目技术合同")])
    } else {
        Phrase::sentence([
            words!(
                view,
                "{span}共认定登记各级财政计划项目技术合同 {p.contracts} 项",
                p = &funded
            ),
            words!(view, "成交额 {p.amount} 万元", p = &funded),
            change(view, &funded, 0),
            words!(view, "占总成交额的 {p.share}", p = &funded),
        ])
    };
    let beyond = if outside.contracts == 0 {
        Phrase::sentence([words!(view, "{span}未登记计划外项目技术合同")])
    } else {
        Phrase::sentence([
            words!(view, "认定登记计划外项目技术合同 {p.contracts} 项", p = &outside),
            words!(view, "成交额 {p.amount} 万元", p = &outside),
            change(view, &outside, 0),
            words!(view, "占总成交额的 {p.share}{at}", p = &outside, at = at),
        ])
    };
    [inside, beyond, shift(view, &outside)]
}

/// How the share of what is outside the plans moved, and what that says.
fn shift(view: &View<'_>, outside: &Item) -> Option<Phrase> {
    let total = view.total();
    // Of nothing there is no share.
    if total.before == 0 || total.amount == 0 || (outside.contracts == 0 && outside.contracts_before == 0) {
        return None;
    }
    let order = (i128::from(outside.amount) * i128::from(total.before))
        .cmp(&(i128::from(outside.before) * i128::from(total.amount)));
    let points = || words!(view, "{plan.outside_plan.share_change|points}");
    let form = Form {
        points: true,
        ..Form::default()
    };
    match order {
        Ordering::Greater | Ordering::Less if prints_as_zero(view, "plan.outside_plan.share_change", form) => {
            Phrase::sentence([words!(view, "计划外项目成交额占比与{before}基本持平")])
        }
        Ordering::Greater => Phrase::sentence([
            words!(
                view,
                "计划外项目成交额占比较{before}提高 {points} 个百分点",
                points = points()
            ),
            words!(view, "市场导向的成果转化比重上升"),
        ]),
        Ordering::Less => Phrase::sentence([words!(
            view,
            "计划外项目成交额占比较{before}降低 {points} 个百分点",
            points = points()
        )]),
        Ordering::Equal => Phrase::sentence([words!(view, "计划外项目成交额占比与{before}持平")]),
    }
}

/// Both groups over the five-year plan so far.
fn over_the_period(view: &View<'_>) -> Option<Phrase> {
    let (inside, outside) = ("period.plan_funded_contracts", "period.outside_plan_contracts");
    if view.whole(inside) + view.whole(outside) == 0 {
        return None;
    }
    let so_far = if view.is_running() {
        "（截至统计时点）"
    } else {
        ""
    };
    let years = if view.whole("period.from") == view.whole("period.last_year") {
        words!(view, "{period.from} 年{so_far}", so_far = so_far)
    } else {
        words!(
            view,
            "{period.from} 年至 {period.last_year} 年{so_far}累计",
            so_far = so_far
        )
    };
    let amount = |group: &str| money(view, &format!("period.{group}_amount"));
    let with_share = |said: Option<Phrase>, share: Option<Phrase>| {
        Some(share.into_iter().fold(said?, |said, share| said.then("，").then(share)))
    };
    let sums = [
        if view.whole(inside) == 0 {
            words!(view, "{years}，未登记各级财政计划项目合同", years = years)
        } else {
            let said = words!(
                view,
                "{years}，各级财政计划项目共认定登记 {period.plan_funded_contracts} 项，成交额 {amount}",
                years = years,
                amount = amount("plan_funded")
            );
            with_share(said, words!(view, "占总成交额的 {period.plan_funded_share}"))
        },
        if view.whole(outside) == 0 {
            words!(view, "未登记计划外项目合同")
        } else {
            let said = words!(
                view,
                "计划外项目共认定登记 {period.outside_plan_contracts} 项，成交额 {amount}",
                amount = amount("outside_plan")
            );
            with_share(said, words!(view, "占总成交额的 {period.outside_plan_share}"))
        },
    ];
    let (inside, outside) = (
        view.whole("period.plan_funded_amount"),
        view.whole("period.outside_plan_amount"),
    );
    let whole = inside + outside;
    let halves = is_share(inside.min(outside), whole, view.office.halves_percent);
    let bulk = view.office.bulk_percent;
    let verdict = match () {
        () if halves => words!(view, "两者大体各占一半"),
        () if inside > outside && is_bulk_of(inside, whole, bulk) => words!(view, "以财政计划项目为主"),
        () if is_bulk_of(outside, whole, bulk) => words!(view, "以计划外项目为主"),
        () => None,
    };
    let [inside, outside] = sums;
    Phrase::period([
        inside,
        outside.map(|said| verdict.into_iter().fold(said, |said, v| said.then("，").then(v))),
    ])
}

/// Between which shares the years lie.
fn over_the_years(view: &View<'_>, years: &[Item], at: &str) -> Option<Phrase> {
    let share = |year: &Item| {
        (
            i128::from(view.whole(&format!("{}.plan_funded_amount", year.key))),
            i128::from(year.amount),
        )
    };
    let mut known: Vec<&Item> = years
        .iter()
        .filter(|year| year.contracts > 0 && year.amount > 0)
        .collect();
    known.sort_by(|a, b| {
        let ((a, all_a), (b, all_b)) = (share(a), share(b));
        (a * all_b).cmp(&(b * all_a))
    });
    let (Some(low), Some(high)) = (known.first(), known.last()) else {
        return None;
    };
    let of = |year: &Item| view.figure(&format!("{}.plan_funded_share", year.key), decimals(0));
    if known.len() < 2 {
        return None;
    }
    if share(high).0 == 0 {
        return Phrase::sentence([words!(view, "分年度看，各年均未登记各级财政计划项目合同{at}", at = at)]);
    }
    let largest = format!("{}.plan_funded_share", high.key);
    if prints_as_zero(view, &largest, decimals(0)) {
        return Phrase::sentence([words!(
            view,
            "分年度看，各年计划内项目成交额占比均接近于零{at}",
            at = at
        )]);
    }
    let ((a, all_a), (b, all_b)) = (share(low), share(high));
    if a * all_b == b * all_a {
        return Phrase::sentence([words!(
            view,
            "分年度看，各年计划内项目成交额占比均为 {least}{at}",
            least = of(low),
            at = at
        )]);
    }
    if of(low).map(figure_text) == of(high).map(figure_text) {
        return Phrase::sentence([words!(
            view,
            "分年度看，各年计划内项目成交额占比均为 {least} 左右{at}",
            least = of(low),
            at = at
        )]);
    }

    Phrase::sentence([words!(
        view,
        "分年度看，计划内项目成交额占比最低为 {low} 年的 {least}，最高为 {high} 年的 {most}{at}",
        low = low,
        least = of(low),
        high = high,
        most = of(high),
        at = at
    )])
}

/// What a figure alone prints.
fn figure_text(phrase: Phrase) -> String {
    let text = |span| match span {
        Span::Figure(number) => number.text,
        Span::Text(words) => words,
    };
    phrase.spans().into_iter().map(text).collect()
}
