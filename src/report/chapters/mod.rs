//! The chapters of a report, one file each (flows, sellers and fields share one). A chapter says what the figures of its sections
//! say; whatever is true of no figure, or of one without a value, is left out.
//!
//! Next: `claims` for what several chapters say alike, `template` for how a sentence is written.

mod brief;
mod overall;
mod plan;
mod records;
mod sizes;
mod summary;
mod trade;
mod types;
mod units;

pub use brief::brief;
pub use overall::overall;
pub use plan::plan;
pub use records::records;
pub use sizes::sizes;
pub use summary::summary;
pub use trade::{fields, flows, sellers};
pub use types::types;
pub use units::units;

use overall::volume;

use super::{
    layout::column,
    model::{Align, Block, Chart, ChartKind, Paragraph, Series, Table},
    template::{Form, Phrase, number},
    view::{Item, View},
};
use crate::statistics::PrintedUnit;

/// A chapter on its way.
pub struct Chapter {
    /// Where free paragraphs name it.
    pub id: &'static str,
    /// What it says.
    pub blocks: Vec<Block>,
}

impl Chapter {
    fn new(id: &'static str) -> Self {
        Self { id, blocks: Vec::new() }
    }

    fn heading(&mut self, level: u8, text: impl Into<String>) {
        let text = text.into();
        self.blocks.push(Block::Heading { level, text });
    }

    /// One paragraph of the sentences that there are; none where there is none.
    fn say(&mut self, sentences: impl IntoIterator<Item = Option<Phrase>>) {
        let spans = Phrase::join(sentences.into_iter().flatten(), "").spans();
        if !spans.is_empty() {
            self.blocks.push(Block::Paragraph(Paragraph { spans, free: false }));
        }
    }

    fn table(&mut self, table: Table) {
        self.blocks.push(Block::Table(table));
    }

    /// A chart; none where there is nothing in it.
    fn chart(&mut self, number: u8, caption: &str, kind: ChartKind, categories: Vec<String>, series: Vec<Series>) {
        if categories.is_empty() {
            return;
        }
        self.blocks.push(Block::Chart(Chart {
            id: format!("figure_{number}"),
            caption: format!("图 {number} {caption}"),
            kind,
            categories,
            series,
        }));
    }
}

/// One series of a chart: the figure `measure` of each item.
pub(super) fn series(
    view: &View<'_>,
    items: &[Item],
    name: &str,
    unit: (&str, PrintedUnit, u32),
    measure: &str,
) -> Series {
    let form = Form {
        unit: Some(unit.1),
        decimals: Some(unit.2),
        ..Form::default()
    };
    let value = |item: &Item| {
        let name = format!("{}.{measure}", item.key);
        super::layout::value(view, &name).and_then(|value| number(&name, &value, form))
    };
    Series {
        name: name.to_owned(),
        unit: unit.0.to_owned(),
        second_axis: false,
        values: items.iter().filter_map(value).collect(),
    }
}

pub(super) const WAN: (&str, PrintedUnit, u32) = ("万元", PrintedUnit::WanYuan, 2);
pub(super) const YI: (&str, PrintedUnit, u32) = ("亿元", PrintedUnit::YiYuan, 2);
pub(super) const COUNT: (&str, PrintedUnit, u32) = ("项", PrintedUnit::Count, 0);
pub(super) const PERCENT: (&str, PrintedUnit, u32) = ("%", PrintedUnit::Percent, 1);

pub(super) fn labels(items: &[Item]) -> Vec<String> {
    items.iter().map(|item| item.label.clone()).collect()
}

/// Column of names.
pub(super) fn names(head: &str) -> super::model::Column {
    column(&[head], Align::Left)
}

/// Column of numbers.
pub(super) fn numbers(head: &str) -> super::model::Column {
    column(&[head], Align::Right)
}
