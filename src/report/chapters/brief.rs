//! The chapters of a bulletin: the sentences that the annual report has too, with tables of both spans beside each other.

use super::{Chapter, names, plan::sources, sizes, trade, types, units, volume};
use crate::{
    report::{
        layout::{column, row, total},
        model::{Align, ChartKind, Table},
        template::Phrase,
        view::View,
    },
    statistics::Section,
};

/// The chapters in order.
pub fn brief(view: &View<'_>) -> Vec<Chapter> {
    if !view.has_begun() {
        let mut chapter = Chapter::new("overall");
        chapter.heading(1, "一、总体情况");
        chapter.say([volume(view, "")]);
        return vec![chapter];
    }
    let unit_items = view.items(Section::Units);
    let size_items = view.items(Section::Sizes);
    let mut places = units::regions(view, "").to_vec();
    places.insert(0, units::over_a_hundred_million(view, &unit_items, ""));
    places.insert(0, units::first_divisions(view, &unit_items));
    let type_items = view.items(Section::Types);
    let mut size_words = sizes::classes(view, &size_items, "").to_vec();
    size_words.insert(0, sizes::large(view));
    let split: [(Section, &str, &str, Vec<Option<Phrase>>); 7] = [
        (Section::Units, "二、各师市院校", "单位", places),
        (
            Section::Types,
            "三、合同类型",
            "合同类别",
            types::sentences(view, &type_items, "").into(),
        ),
        (Section::Plan, "四、任务来源", "任务来源", sources(view, "").into()),
        (
            Section::Flows,
            "五、技术流向",
            "流向",
            trade::flow_sentences(view, "").into(),
        ),
        (
            Section::Sellers,
            "六、交易主体",
            "卖方类别",
            trade::seller_sentences(view, "").into(),
        ),
        (
            Section::Fields,
            "七、技术领域",
            "技术领域",
            trade::field_sentences(view, "").into(),
        ),
        (Section::Sizes, "八、单项合同规模", "金额规模", size_words),
    ];
    let mut chapters = vec![overall(view)];
    for (number, (section, heading, head, sentences)) in (1_u8..).zip(split) {
        let mut chapter = Chapter::new(section.key());
        chapter.heading(1, heading);
        chapter.say(sentences);
        chapter.table(both_spans(view, section, number, head));
        chapters.push(chapter);
    }
    chapters
}

fn overall(view: &View<'_>) -> Chapter {
    let mut chapter = Chapter::new("overall");
    chapter.heading(1, "一、总体情况");
    chapter.say([volume(view, "")]);
    let items = view.items(Section::Types);
    chapter.chart(
        1,
        &format!("{}各类技术合同成交额", view.names.span),
        ChartKind::Columns,
        super::labels(&items),
        vec![
            super::series(view, &items, view.names.before, super::WAN, "previous_amount"),
            super::series(view, &items, "本期", super::WAN, "amount"),
        ],
    );
    chapter
}

/// One item a row: this span, the one before, growth.
fn both_spans(view: &View<'_>, section: Section, number: u8, head: &str) -> Table {
    let measures = ["contracts", "previous_contracts", "amount", "previous_amount", "growth"];
    let items = view.items(section);
    let mut rows: Vec<_> = items.iter().map(|item| row(view, item, &measures)).collect();
    rows.push(total(row(view, &view.total(), &measures)));
    let numbers = |upper: &str, lower: &str| column(&[upper, lower], Align::Right);
    let before = view.names.before;
    Table {
        id: format!("table_{number}"),
        caption: format!("表 {number} {}技术合同登记情况（按{head}）", view.names.span),
        unit: None,
        columns: vec![
            names(head),
            numbers("合同数（项）", "本期"),
            numbers("合同数（项）", before),
            numbers("成交额（万元）", "本期"),
            numbers("成交额（万元）", before),
            column(&["成交额同比"], Align::Right),
        ],
        rows,
        notes: Vec::new(),
    }
}
