//! Made-up registers, and reports as tests read them.

use super::super::*;
use crate::{
    domain::{catalogue::Catalogue, code_list::ListName, time::Moment},
    statistics::{
        Accumulator, AnnualFigures, Coder, LedgerHead, Question, ReferenceFigure, ReferenceKind, Standing, UNKNOWN,
        sample::reader::{ask, catalogue},
    },
};

/// One contract: year, unit, type, plan source, kind of seller, field, flow (indexes of the lists), yuan.
#[derive(Debug, Clone, Copy)]
pub struct Made {
    pub year: i32,
    pub unit: usize,
    pub contract_type: usize,
    pub plan_source: usize,
    pub seller: usize,
    pub field: usize,
    pub flow: usize,
    pub is_import: bool,
    pub yuan: i64,
}

impl Made {
    /// Of that year and unit, otherwise the first of every list.
    pub fn new(year: i32, unit: usize, yuan: i64) -> Self {
        Self {
            year,
            unit,
            contract_type: 0,
            plan_source: 0,
            seller: 0,
            field: 0,
            flow: 0,
            is_import: false,
            yuan,
        }
    }
}

pub const YEAR: i32 = 2025;

pub fn question() -> Question {
    ask(YEAR, "2026-03-01T00:00:00+08:00", None)
}

/// The figures of [`YEAR`] of these contracts, confirmed on 5 May of their years.
pub fn count(contracts: &[Made], question: &Question) -> AnnualFigures {
    count_with(contracts, &[], question)
}

/// The same with reference figures: years and what they came to, yuan.
pub fn count_with(contracts: &[Made], references: &[(i32, i64)], question: &Question) -> AnnualFigures {
    let catalogue = catalogue();
    let coder = Coder::new(&catalogue);
    let mut accumulator = Accumulator::new(&coder, question);
    let code = |list: ListName, index: usize| u8::try_from(index % catalogue.list(list).items().len()).unwrap();
    for made in contracts {
        accumulator.add_standing(&Standing {
            first_confirmed_at: Moment::parse(&format!("{}-05-05T12:00:00+08:00", made.year)).unwrap(),
            amount_fen: made.yuan * 100,
            technology_amount_fen: made.yuan * 60,
            unit: code(ListName::Unit, made.unit),
            contract_type: code(ListName::Type, made.contract_type),
            plan_source: code(ListName::PlanSource, made.plan_source),
            seller_kind: code(ListName::PartyKind, made.seller),
            field: code(ListName::Field, made.field),
            flow: code(ListName::Flow, made.flow),
            cross_border: if made.is_import {
                coder.code(ListName::CrossBorder, Some("import"))
            } else {
                UNKNOWN
            },
        });
    }
    for (year, yuan) in references {
        accumulator.add_reference(ReferenceFigure {
            kind: ReferenceKind::Amount,
            year: *year,
            amount_fen: yuan * 100,
        });
    }
    accumulator.finish(LedgerHead::default())
}

pub fn setting(catalogue: &Catalogue) -> Setting<'_> {
    Setting {
        office: Office::embedded().unwrap(),
        catalogue,
        demo: true,
        figures_hash: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        paragraphs: &[],
    }
}

pub fn report_of(contracts: &[Made]) -> (AnnualFigures, Report) {
    let (catalogue, figures) = (catalogue(), count(contracts, &question()));
    let report = annual(&figures, setting(&catalogue));
    (figures, report)
}

/// Every number of a report, wherever it stands.
pub fn numbers(report: &Report) -> Vec<&Number> {
    let mut numbers = Vec::new();
    for block in &report.blocks {
        match block {
            Block::Heading { .. } => {}
            Block::Paragraph(paragraph) => numbers.extend(paragraph.spans.iter().filter_map(|span| match span {
                Span::Figure(number) => Some(number),
                Span::Text(_) => None,
            })),
            Block::Table(table) => {
                let cells = table.rows.iter().flat_map(|row| &row.cells);
                numbers.extend(cells.filter_map(|cell| match cell {
                    Cell::Figure(number) => Some(number),
                    Cell::Text(_) => None,
                }));
            }
            Block::Chart(chart) => numbers.extend(chart.series.iter().flat_map(|series| &series.values)),
        }
    }
    numbers
}

/// The paragraphs as people read them.
pub fn sentences(report: &Report) -> String {
    let mut text = String::new();
    for block in &report.blocks {
        if let Block::Paragraph(paragraph) = block {
            for span in &paragraph.spans {
                text.push_str(match span {
                    Span::Text(words) => words,
                    Span::Figure(number) => &number.text,
                });
            }
            text.push('\n');
        }
    }
    text
}

/// What must hold of any report whatever its figures.
pub fn check_form(report: &Report, catalogue: &Catalogue) {
    let labels: Vec<String> = ListName::ALL
        .into_iter()
        .flat_map(|list| catalogue.list(list).items().iter().map(|item| item.label.clone()))
        .collect();
    for block in &report.blocks {
        match block {
            Block::Heading { text, .. } => assert!(!text.is_empty()),
            Block::Paragraph(paragraph) => {
                let last = paragraph.spans.last().unwrap();
                assert!(
                    matches!(last, Span::Text(text) if text.ends_with('。')),
                    "{paragraph:?}"
                );
                for span in &paragraph.spans {
                    match span {
                        Span::Figure(number) => {
                            assert!(!number.value.is_nothing(), "{number:?}");
                            assert!(number.text.chars().next().unwrap().is_ascii_digit(), "{number:?}");
                        }
                        Span::Text(text) => {
                            // A span has the days of its end.
                            let mut left = text.replace(&report.span, "");
                            for label in &labels {
                                left = left.replace(label.as_str(), "");
                            }
                            for (before, after) in [("图 ", ""), ("表 ", ""), (":", "")] {
                                for number in (1..=10).rev() {
                                    left = left.replace(&format!("{before}{number}{after}"), "");
                                }
                            }
                            for year in report.year - 10..=report.year {
                                left = left.replace(&year.to_string(), "");
                            }
                            let digit = |c: char| matches!(c, '0'..='9' | '０'..='９');
                            assert!(!left.contains(digit), "a number that is no figure: {text}");
                        }
                    }
                }
            }
            Block::Table(table) => {
                assert!(
                    table.rows.iter().all(|row| row.cells.len() == table.columns.len()),
                    "{}",
                    table.id
                );
            }
            Block::Chart(chart) => {
                assert!(
                    chart
                        .series
                        .iter()
                        .all(|series| series.values.len() == chart.categories.len()),
                    "{}",
                    chart.id
                );
            }
        }
    }
    let text = sentences(report);
    for wrong in [
        "NaN",
        "，，",
        "。。",
        "，。",
        "；。",
        "–",
        "{",
        "}",
        "、、",
        "（）",
        "  ",
        "分别增长 。",
        "inf",
        "：，",
    ] {
        assert!(!text.contains(wrong), "{wrong}: {text}");
    }
    let ids: std::collections::BTreeSet<_> = report
        .tables()
        .map(|t| &t.id)
        .chain(report.charts().map(|c| &c.id))
        .collect();
    assert_eq!(ids.len(), report.tables().count() + report.charts().count());
}
