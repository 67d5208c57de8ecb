//! 三、技术合同类型.

use super::{Chapter, PERCENT, labels, names, numbers, series};
use crate::{
    report::{
        claims::{comparison, fastest, followers, leader, listed, missing, ranking},
        layout::{row, total},
        model::{ChartKind, Table},
        template::{Phrase, words},
        view::{Item, View},
    },
    statistics::Section,
};

/// The chapter.
pub fn types(view: &View<'_>) -> Chapter {
    let mut chapter = Chapter::new("types");
    let items = view.items(Section::Types);
    chapter.heading(1, "三、技术合同类型");
    chapter.say(sentences(view, &items, "（表 3、图 5）"));
    let measures = ["contracts", "amount", "share"];
    let mut rows: Vec<_> = items.iter().map(|kind| row(view, kind, &measures)).collect();
    rows.push(total(row(view, &view.total(), &["contracts", "amount", ""])));
    let year = view.figures.year;
    chapter.table(Table {
        id: "table_3".into(),
        caption: format!("表 3 {year} 年不同类型技术合同成交额及占比"),
        unit: None,
        columns: vec![
            names("统计指标"),
            numbers("登记合同数（项）"),
            numbers("成交额（万元）"),
            numbers("成交额占比"),
        ],
        rows,
        notes: Vec::new(),
    });
    chapter.chart(
        5,
        &format!("{year} 年不同类型技术合同成交额占比"),
        ChartKind::Doughnut,
        labels(&items),
        vec![series(view, &items, "成交额占比", PERCENT, "share")],
    );
    chapter
}

/// What is said of the types; bulletins say it too.
pub fn sentences(view: &View<'_>, items: &[Item], at: &str) -> [Option<Phrase>; 5] {
    if view.total().contracts == 0 {
        return [
            comparison(view, items, "“五技”合同各类型", "类型"),
            None,
            None,
            None,
            None,
        ];
    }
    let groups = ranking(items, |item| item.amount);
    let first = leader(view, items, &groups, true, "类型").map(|first| first.then(at));
    [
        Phrase::sentence([first, followers(view, &groups, "类型")]),
        both(view, &groups),
        comparison(view, items, "“五技”合同各类型", "类型"),
        fastest(view, items, "类型"),
        missing(view, items, "合同", "类型的合同"),
    ]
}

/// What the two largest come to together, where it is clear which they are.
fn both(view: &View<'_>, groups: &[Vec<&Item>]) -> Option<Phrase> {
    let two: Vec<&Item> = groups.iter().take(2).flatten().copied().collect();
    let clear = two.len() == 2 && groups.len() > 2;
    let list = Phrase::join(two.iter().map(|item| listed([*item])), "与");
    let said = words!(
        view,
        "{list}合同成交额合计占总成交额的 {highlights.two_largest_types_share}",
        list = list
    );
    Phrase::sentence([clear.then_some(said).flatten()])
}
