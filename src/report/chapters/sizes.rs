//! 八、单项合同成交额: large contracts, imports, classes of size.

use super::{Chapter, names, numbers};
use crate::{
    domain::code_list::ListName,
    report::{
        claims::{named, ranking},
        layout::{row, total},
        model::Table,
        template::{Phrase, words},
        view::{Item, View, is_bulk_of},
    },
    statistics::Section,
};

/// The chapter.
pub fn sizes(view: &View<'_>) -> Chapter {
    let mut chapter = Chapter::new("sizes");
    let items = view.items(Section::Sizes);
    chapter.heading(1, "八、单项合同成交额");
    chapter.say([large(view), imports(view)]);
    chapter.say(classes(view, &items, "（表 5）"));
    let measures = ["contracts", "count_share", "amount", "share"];
    let mut rows: Vec<_> = items.iter().map(|size| row(view, size, &measures)).collect();
    rows.push(total(row(view, &view.total(), &["contracts", "", "amount", ""])));
    chapter.table(Table {
        id: "table_5".into(),
        caption: format!("表 5 {} 年单项技术合同规模统计", view.figures.year),
        unit: None,
        columns: vec![
            names("金额规模"),
            numbers("合同数（项）"),
            numbers("份数占比"),
            numbers("成交额（万元）"),
            numbers("成交额占比"),
        ],
        rows,
        notes: vec!["各规模含下限、不含上限。".into()],
    });
    chapter
}

/// Contracts of the size that the office calls large.
pub fn large(view: &View<'_>) -> Option<Phrase> {
    if view.total().contracts == 0 {
        return None;
    }
    if view.whole("large.contracts") == 0 {
        return Phrase::sentence([words!(
            view,
            "{span}未登记单项成交额 {highlights.large_from|0} 万元以上（含）的大额技术合同"
        )]);
    }
    Phrase::sentence([
        words!(
            view,
            "{span}共认定登记单项成交额 {highlights.large_from|0} 万元以上（含）的大额技术合同 {large.contracts} 项"
        ),
        words!(view, "成交额 {large.amount} 万元"),
        words!(view, "占总成交额的 {large.share}"),
    ])
}

fn imports(view: &View<'_>) -> Option<Phrase> {
    if view.total().contracts == 0 {
        return None;
    }
    if view.whole("imports.contracts") == 0 {
        return Phrase::sentence([words!(view, "未登记技术进口合同")]);
    }
    let types = view.listed("imports.by_type", ListName::Type);
    let some: Vec<&Item> = types.iter().filter(|item| item.contracts > 0).collect();
    let parts = match some.as_slice() {
        [only] => words!(view, "均为{t}合同", t = only),
        some => {
            let part = |item: &&Item| words!(view, "{t}合同 {t.contracts} 项", t = item);
            words!(
                view,
                "其中{parts}",
                parts = Phrase::join(some.iter().filter_map(part), "、")
            )
        }
    };
    let parts = if some.is_empty() || view.whole("imports.contracts") == 1 && some.len() == 1 {
        some.first().and_then(|only| words!(view, "为{t}合同", t = only))
    } else {
        parts
    };
    Phrase::sentence([
        words!(view, "认定登记技术进口合同 {imports.contracts} 项"),
        parts,
        words!(view, "成交额 {imports.amount} 万元"),
    ])
}

/// Where the number and where the amount lies.
pub fn classes(view: &View<'_>, items: &[Item], at: &str) -> [Option<Phrase>; 3] {
    let total = view.total();
    if total.contracts == 0 {
        return [None, None, None];
    }
    let bulk = view.office.bulk_percent;
    let (small, big) = (view.item("bands.under_1m", ""), view.item("bands.from_1m", ""));
    let most = ranking(items, |item| item.contracts);
    if let [group] = most.as_slice()
        && let [only] = group.as_slice()
    {
        let all = words!(view, "所登记合同的单项成交额均为 {s}{at}", s = only, at = at);
        return [Phrase::sentence([all]), None, None];
    }
    let most = match most.first().map(Vec::as_slice) {
        Some([only]) => words!(
            view,
            "单项成交额 {s}的合同数量最多，有 {s.contracts} 项，份数占比 {s.count_share}",
            s = only
        ),
        Some(tied @ [first, ..]) => words!(
            view,
            "单项成交额 {list}的合同数量并列最多，各有 {s.contracts} 项",
            list = named(view, tied.iter().copied(), "规模"),
            s = first
        ),
        _ => None,
    };
    let number = if small.contracts == 0 {
        words!(view, "无百万元以下合同")
    } else if is_bulk_of(small.contracts, total.contracts, bulk) {
        words!(
            view,
            "百万元以下合同是份数的主体，份数占比 {bands.under_1m.count_share}"
        )
    } else {
        words!(view, "百万元以下合同份数占比 {bands.under_1m.count_share}")
    };
    let richest = ranking(items, |item| item.amount);
    let richest = match richest.first().map(Vec::as_slice) {
        Some([only]) => words!(view, "单项成交额 {s}的合同成交额占比最高，为 {s.share}", s = only),
        Some(tied @ [first, ..]) => words!(
            view,
            "单项成交额 {list}的合同成交额占比并列最高，均为 {s.share}",
            list = named(view, tied.iter().copied(), "规模"),
            s = first
        ),
        _ => None,
    };
    let amount = if big.contracts == 0 {
        words!(view, "无百万元以上合同")
    } else if is_bulk_of(big.amount, total.amount, bulk) {
        words!(view, "百万元以上合同是成交额的主体，占总成交额的 {bands.from_1m.share}")
    } else {
        words!(view, "百万元以上合同占总成交额的 {bands.from_1m.share}")
    };
    let least = (view.whole("bands.under_100k.contracts") > 0)
        .then(|| words!(view, "十万元以下合同成交额合计占总成交额的 {bands.under_100k.share}"))
        .flatten();
    [
        Phrase::sentence([number, most]),
        Phrase::sentence([amount, richest.map(|said| said.then(at))]),
        Phrase::sentence([least]),
    ]
}
