//! The report on the sample register prints every figure that the published one prints.

use super::super::*;
use crate::{
    domain::catalogue::Catalogue,
    statistics::sample::reader::{Sample, ask, catalogue, figures},
    statistics::{AnnualFigures, PrintedUnit},
};

pub fn report(figures: &AnnualFigures, catalogue: &Catalogue) -> Report {
    annual(figures, setting(catalogue))
}

pub fn setting(catalogue: &Catalogue) -> Setting<'_> {
    Setting {
        office: Office::embedded().unwrap(),
        catalogue,
        demo: true,
        figures_hash: None,
        paragraphs: &[],
    }
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

/// The report as plain text: for reading by people and tests.
pub fn text(report: &Report) -> String {
    let mut text = String::new();
    for block in &report.blocks {
        match block {
            Block::Heading { text: heading, .. } => text.push_str(heading),
            Block::Paragraph(paragraph) => {
                for span in &paragraph.spans {
                    text.push_str(match span {
                        Span::Text(words) => words,
                        Span::Figure(number) => &number.text,
                    });
                }
            }
            Block::Table(table) => text.push_str(&table.caption),
            Block::Chart(chart) => text.push_str(&chart.caption),
        }
        text.push('\n');
    }
    text
}

fn sample() -> AnnualFigures {
    figures(&Sample::read(), &ask(2025, "2026-03-01T00:00:00+08:00", None))
}

#[test]
fn every_published_figure_is_printed_as_it_was() {
    let (figures, catalogue) = (sample(), catalogue());
    let report = report(&figures, &catalogue);
    let mut reader = csv::Reader::from_reader(include_bytes!("../../../config/demo/published-2025.csv").as_slice());
    let mut missing = Vec::new();
    let mut rows = 0;
    for row in reader.records() {
        let row = row.unwrap();
        rows += 1;
        let unit = PrintedUnit::from_id(&row[2]).unwrap();
        let decimals = row[1].split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let derived = figures
            .get(&row[0])
            .unwrap()
            .rounded(unit, u32::try_from(decimals).unwrap())
            .unwrap();
        let trimmed = |text: &str| {
            let text = text.trim_start_matches('-').trim_end_matches('%');
            if text.contains('.') {
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            } else {
                text.to_owned()
            }
        };
        let printed = numbers(&report).into_iter().any(|number| {
            number.figure == row[0]
                && number.unit == unit
                && number.decimals as usize >= decimals
                && trimmed(&number.text) == trimmed(&derived)
        });
        if !printed {
            let as_printed: Vec<_> = numbers(&report)
                .into_iter()
                .filter(|number| number.figure == row[0])
                .map(|number| number.text.clone())
                .collect();
            missing.push(format!("{} {derived} {unit:?} {as_printed:?}", &row[0]));
        }
    }
    assert_eq!(rows, 240);
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
