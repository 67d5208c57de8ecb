//! 二、各师市院校登记情况: by unit, and the south against the north.

use std::cmp::Ordering;

use super::{Chapter, PERCENT, WAN, labels, names, numbers, overall::era, series};
use crate::{
    report::{
        claims::{
            MOST_DECIMALS, change, comparison, each, falls_to_nothing, followers, in_words, leader, listed, named,
            ranking, unsigned,
        },
        layout::{column, row, total},
        model::{Align, ChartKind, Table},
        template::{Form, Phrase, number, words},
        view::{Item, View},
    },
    statistics::{PrintedUnit, Section},
};

/// The chapter.
pub fn units(view: &View<'_>) -> Chapter {
    let mut chapter = Chapter::new("units");
    let year = view.figures.year;
    let items = view.items(Section::Units);
    chapter.heading(1, "二、各师市院校登记情况");
    chapter.heading(2, "（一）各师市院校技术合同登记量");
    chapter.say([
        first_divisions(view, &items),
        over_a_hundred_million(view, &items, "（表 2）"),
    ]);
    chapter.say([
        comparison(view, &items, "各单位", "单位"),
        fast(view, &items),
        deep(view, &items),
        absent(view, &items),
    ]);
    let measures = ["previous_amount", "amount", "growth", "rank"];
    let mut rows: Vec<_> = items.iter().map(|unit| row(view, unit, &measures)).collect();
    rows.push(total(row(
        view,
        &view.total(),
        &["previous_amount", "amount", "growth", ""],
    )));
    chapter.table(Table {
        id: "table_2".into(),
        caption: format!("表 2 {year} 年各师、院校技术合同登记量"),
        unit: Some("单位：万元".into()),
        columns: vec![
            names("单位"),
            numbers(&format!("{} 年成交额", year - 1)),
            numbers(&format!("{year} 年成交额")),
            numbers("同比增速"),
            column(&[&format!("{year} 年师成交额排名")], Align::Center),
        ],
        rows,
        notes: vec!["排名只在各师之间进行，成交额相同的名次相同。".into()],
    });
    chapter.heading(2, "（二）南北疆技术合同成交额比较");
    chapter.heading(3, "本年度南北疆技术合同成交额");
    chapter.say(regions(view, "（图 3）"));
    let regions = view.items(Section::Regions);
    chapter.chart(
        3,
        &format!("{year} 年南北疆技术合同成交额对比"),
        ChartKind::Columns,
        labels(&regions),
        vec![
            series(
                view,
                &regions,
                &format!("{} 年成交额", year - 1),
                WAN,
                "previous_amount",
            ),
            series(view, &regions, &format!("{year} 年成交额"), WAN, "amount"),
        ],
    );
    chapter.heading(3, format!("{}南北疆技术合同登记占比情况", era(view)));
    chapter.say([south_by_year(view, &view.years_over(), "（图 4）")]);
    let years = view.years();
    chapter.chart(
        4,
        &format!("{}南疆技术合同成交额占比", era(view)),
        ChartKind::Line,
        labels(&years),
        vec![series(view, &years, "南疆成交额占比", PERCENT, "south_share")],
    );
    chapter
}

/// Which divisions come first.
pub fn first_divisions(view: &View<'_>, items: &[Item]) -> Option<Phrase> {
    let is_division = |item: &&Item| view.value(&format!("{}.rank", item.key)).is_some();
    let divisions: Vec<Item> = items.iter().filter(is_division).cloned().collect();
    let groups = ranking(&divisions, |item| item.amount);
    if groups.is_empty() {
        let none = if divisions.iter().any(|division| division.contracts > 0) {
            words!(view, "{span}各师登记的技术合同成交额均为零")
        } else {
            words!(view, "{span}各师均未登记技术合同")
        };
        return Phrase::sentence([(view.total().contracts > 0).then_some(none).flatten()]);
    }
    let first = words!(
        view,
        "各师中，{leader}",
        leader = leader(view, &divisions, &groups, false, "师")
    );
    Phrase::sentence([first, followers(view, &groups, "师")])
}

/// Which units came to more than a hundred million yuan.
pub fn over_a_hundred_million(view: &View<'_>, items: &[Item], at: &str) -> Option<Phrase> {
    let mut over: Vec<&Item> = items
        .iter()
        .filter(|item| i128::from(item.amount) > crate::domain::money::FEN_PER_YI_YUAN)
        .collect();
    over.sort_by_key(|item| std::cmp::Reverse(item.amount));
    let most = view.office.named_at_most;
    let list = listed(over.iter().copied().take(most)).then(if over.len() > most { "等" } else { "" });
    let said = match over.len() {
        0 if view.total().contracts == 0 => None,
        0 => words!(view, "没有成交额超亿元的单位{at}", at = at),
        1 => words!(
            view,
            "成交额超亿元的单位有 {highlights.units_over_100m} 家，为{list}{at}",
            list = list,
            at = at
        ),
        _ => words!(
            view,
            "成交额超亿元的单位有 {highlights.units_over_100m} 家，分别是{list}{at}",
            list = list,
            at = at
        ),
    };
    Phrase::sentence([said])
}

fn fast(view: &View<'_>, items: &[Item]) -> Option<Phrase> {
    let percent = view.office.fast_growth_percent;
    let mut fast: Vec<&Item> = items.iter().filter(|item| item.grew_by(percent)).collect();
    fast.sort_by(|a, b| b.by_growth(a));
    moved(view, &fast, ["增长突出", "增长", "增幅"])
}

fn deep(view: &View<'_>, items: &[Item]) -> Option<Phrase> {
    let line = -view.office.deep_fall_percent;
    // Fell by that much or more: did not stay above it. What is not registered any more is told by itself.
    let fell = |item: &&Item| {
        item.before > 0
            && item.amount > 0
            && i128::from(item.amount) * 100 <= i128::from(item.before) * i128::from(100 + line)
    };
    let mut deep: Vec<&Item> = items.iter().filter(fell).collect();
    deep.sort_by(|a, b| a.by_growth(b));
    moved(view, &deep, ["降幅较大", "下降", "降幅"])
}

/// Units that moved much, the first of them with their rates; a rate that all have is told once.
fn moved(view: &View<'_>, units: &[&Item], [much, verb, rate]: [&'static str; 3]) -> Option<Phrase> {
    // In as many decimals as tell that something is left.
    let leaves_something = |form: &Form| {
        let mut names = units.iter().map(|unit| format!("{}.growth", unit.key));
        !names.any(|name| falls_to_nothing(view, &name, *form))
    };
    let form = (1..=MOST_DECIMALS).map(unsigned).find(leaves_something)?;
    let rates = |some: &[&Item]| each(view, some.iter().copied(), "growth", form);
    let shown = units
        .get(..view.office.named_at_most.min(units.len()))
        .unwrap_or_default();
    let first = units.first()?;
    let rate_of = |unit: &Item| view.figure(&format!("{}.growth", unit.key), form);
    let text = |unit: &Item| {
        let name = format!("{}.growth", unit.key);
        view.value(&name)
            .and_then(|value| number(&name, value, form))
            .map(|number| number.text)
    };
    let all_alike = units.iter().all(|unit| text(unit) == text(first));
    let who = match units.len() {
        1 => words!(view, "为{list}", list = listed(units.iter().copied())),
        _ if all_alike => words!(view, "有{list}", list = named(view, units.iter().copied(), "单位")),
        n if n == shown.len() => words!(view, "有{list}", list = listed(units.iter().copied())),
        n => words!(
            view,
            "有{count}个，其中{list}{rate}居前",
            count = &in_words(n),
            list = listed(shown.iter().copied()),
            rate = rate
        ),
    };
    let shown_alike = shown.iter().all(|unit| text(unit) == text(first));
    let (all, rates) = match units.len() {
        1 => ("", rate_of(first)),
        _ if shown_alike => ("均", rate_of(first)),
        _ => ("分别", Some(rates(shown))),
    };
    let said = words!(
        view,
        "{much}的单位{who}，成交额{all}{verb} {rates}",
        much = much,
        who = who,
        all = all,
        verb = verb,
        rates = rates
    );
    Phrase::sentence([said])
}

/// Which units registered nothing, while others did.
fn absent(view: &View<'_>, items: &[Item]) -> Option<Phrase> {
    let (none, some): (Vec<&Item>, Vec<&Item>) = items.iter().partition(|unit| unit.contracts == 0);
    if none.is_empty() || some.is_empty() {
        return None;
    }
    let few = some.len() <= view.office.named_at_most;
    Phrase::sentence([if none.len() > some.len() && few {
        words!(view, "除{some}外，其余单位均未登记技术合同", some = listed(some))
    } else {
        words!(view, "{none}未登记技术合同", none = named(view, none, "单位"))
    }])
}

/// South and north, and one against the other.
pub fn regions(view: &View<'_>, at: &str) -> [Option<Phrase>; 3] {
    let items = view.items(Section::Regions);
    if view.total().contracts == 0 && view.total().before == 0 {
        return [None, None, None];
    }
    let part = |item: &Item| {
        if item.contracts == 0 {
            return words!(view, "{r}未登记技术合同", r = item).unwrap_or_default();
        }
        Phrase::join(
            [
                words!(view, "{r}技术合同成交额 {r.amount} 万元", r = item),
                change(view, item, 1),
                words!(view, "占总成交额的 {r.share}", r = item),
            ]
            .into_iter()
            .flatten(),
            "，",
        )
    };
    let parts = Phrase::join(items.iter().map(part), "；").then(at);
    [
        comparison(view, &items, "南疆、北疆", "地区")
            .filter(|_| items.iter().all(|item| item.before > 0 && item.contracts > 0)),
        Phrase::sentence([Some(parts)]),
        gap(view),
    ]
}

/// The ratio of north to south, and whether the gap between them closed.
fn gap(view: &View<'_>) -> Option<Phrase> {
    let (south, north) = (view.one(Section::Regions, "south"), view.one(Section::Regions, "north"));
    let one = ":1";
    let now = || {
        words!(
            view,
            "北疆与南疆技术合同成交额之比为 {regions.north_to_south}{one}",
            one = one
        )
    };
    let then = || words!(view, "{last}为 {regions.previous_north_to_south}{one}", one = one);
    if [south.amount, north.amount].contains(&0) {
        return None;
    }
    if [south.before, north.before].contains(&0) {
        return Phrase::sentence([now()]);
    }
    // The larger part over the smaller one, before and now.
    let larger = |a: i64, b: i64| (i128::from(a.max(b)), i128::from(a.min(b)));
    let (is, was) = (larger(north.amount, south.amount), larger(north.before, south.before));
    let same_side = (north.amount >= south.amount) == (north.before >= south.before);
    let text = |name: &str| view.value(name).map(|value| value.digits());
    let prints_alike = text("regions.north_to_south") == text("regions.previous_north_to_south");
    let verdict = match (is.0 * was.1).cmp(&(was.0 * is.1)) {
        _ if same_side && prints_alike => words!(view, "差距与{before}大体相当"),
        Ordering::Less => words!(view, "差距较{before}缩小"),
        Ordering::Greater => words!(view, "差距较{before}扩大"),
        Ordering::Equal => words!(view, "差距与{before}大体相当"),
    };
    Phrase::sentence([now(), then(), verdict])
}

/// The south's share year by year.
fn south_by_year(view: &View<'_>, years: &[Item], at: &str) -> Option<Phrase> {
    let known: Vec<&Item> = years
        .iter()
        .filter(|year| year.contracts > 0 && year.amount > 0)
        .collect();
    let has_any = |year: &&Item| view.whole(&format!("{}.south_amount", year.key)) > 0;
    if !known.iter().any(has_any) {
        return None;
    }
    let form = Form {
        unit: Some(PrintedUnit::Ratio),
        decimals: Some(2),
        ..Form::default()
    };
    let shares = each(view, known.iter().copied(), "south_share", form);
    let (first, last) = match known.as_slice() {
        [] => return None,
        [only] => {
            return Phrase::sentence([words!(
                view,
                "{y} 年南疆技术合同成交额占比为 {shares}{at}",
                y = only,
                shares = shares,
                at = at
            )]);
        }
        [first, .., last] => (*first, *last),
    };
    let labels = listed(known.iter().copied());
    let list = words!(
        view,
        "{labels} 年南疆技术合同成交额占比分别为 {shares}{at}",
        labels = labels,
        shares = shares,
        at = at
    );
    // What is compared is what is printed.
    let printed = |item: &Item| -> i64 {
        let value = view.value(&format!("{}.south_share", item.key));
        let text = value
            .and_then(|value| value.rounded(PrintedUnit::Ratio, 2))
            .unwrap_or_default();
        text.replace('.', "").parse().unwrap_or_default()
    };
    let order = |a: &Item, b: &Item| printed(b).cmp(&printed(a));
    let steps: Vec<Ordering> = known.windows(2).map(|pair| order(pair[0], pair[1])).collect();
    let all = |wanted: Ordering| steps.iter().all(|step| *step == wanted);
    let steady = match () {
        () if steps.len() < 2 => None,
        () if all(Ordering::Greater) => words!(view, "逐年提高"),
        () if all(Ordering::Less) => words!(view, "逐年降低"),
        () if steps.contains(&Ordering::Greater) && steps.contains(&Ordering::Less) => {
            words!(view, "年际间有升有降")
        }
        () => None,
    };
    let ends = match order(first, last) {
        Ordering::Greater => words!(view, "期末占比高于期初"),
        Ordering::Less => words!(view, "期末占比低于期初"),
        Ordering::Equal => words!(view, "期末占比与期初相当"),
    };
    Phrase::sentence([list, ends, steady])
}
