//! 九: what the records say beyond the published report. Each figure that the register does not give is left out.

use super::{COUNT, Chapter, WAN, names, numbers};
use crate::{
    report::{
        layout::{row, total},
        model::Table,
        template::{Phrase, words},
        view::View,
    },
    statistics::Section,
};

/// The chapter.
pub fn records(view: &View<'_>) -> Chapter {
    let mut chapter = Chapter::new("records");
    chapter.heading(1, "九、登记记录补充指标");
    chapter.heading(2, "（一）技术交易额");
    chapter.say([technology(view)]);
    let measures = ["contracts", "amount", "technology_amount"];
    let types = view.items(Section::Types);
    let mut rows: Vec<_> = types.iter().map(|kind| row(view, kind, &measures)).collect();
    rows.push(total(row(view, &view.total(), &measures)));
    chapter.table(Table {
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
    });
    chapter
}

fn technology(view: &View<'_>) -> Option<Phrase> {
    if view.total().contracts == 0 {
        return Phrase::sentence([words!(view, "{span}未登记技术合同，无技术交易额")]);
    }
    Phrase::sentence([words!(
        view,
        "{span}认定登记技术合同的成交总金额中，经核定的技术交易额为 {total.technology_amount} 万元"
    )])
}
