//! The register's own reports, of made years and of the sample, in the formats that are read: every number is recognised and right.

use std::{io::Write as _, sync::LazyLock};

use super::*;
use crate::{
    documents::{
        pdf::Pdf,
        report_document::{ReportFormat, report_document},
    },
    report::{
        Block, Cell, Report, Span, annual,
        tests::{
            dice::register_of,
            read::{count_with, question, setting},
        },
    },
    statistics::{
        Question,
        sample::reader::{Sample, ask, catalogue, figures},
    },
};

static PDF: LazyLock<Pdf> = LazyLock::new(|| Pdf::new(None));

/// The report as plain text, cells between tabs, a unit on a line of its own.
fn as_text(report: &Report) -> String {
    let mut text = format!("{}\n\n", report.title);
    for block in &report.blocks {
        match block {
            Block::Heading { text: heading, .. } => text += &format!("{heading}\n\n"),
            Block::Paragraph(paragraph) => {
                for span in &paragraph.spans {
                    text += match span {
                        Span::Text(words) => words,
                        Span::Figure(number) => &number.text,
                    };
                }
                text += "\n\n";
            }
            Block::Table(table) => {
                text += &format!("{}\n", table.caption);
                text += &table.unit.iter().map(|unit| format!("{unit}\n")).collect::<String>();
                let heads = table.columns.iter().map(|column| column.head.concat());
                text += &format!("{}\n", heads.collect::<Vec<_>>().join("\t"));
                for row in &table.rows {
                    let cells = row.cells.iter().map(|cell| match cell {
                        Cell::Text(text) => text.as_str(),
                        Cell::Figure(number) => number.text.as_str(),
                    });
                    text += &format!("{}\n", cells.collect::<Vec<_>>().join("\t"));
                }
                text += "\n";
            }
            Block::Chart(chart) => text += &format!("{}\n\n", chart.caption),
        }
    }
    text
}

/// The report in a format that is read.
fn made(report: &Report, format: &str) -> Vec<u8> {
    match format {
        "docx" => report_document(&PDF, report, ReportFormat::Docx).unwrap(),
        _ => as_text(report).into_bytes(),
    }
}

/// What is not recognised, or called wrong, of a report with these figures, in these formats.
fn faults(figures: &AnnualFigures, report: &Report, question: &Question, formats: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    for format in formats {
        let bytes = made(report, format);
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let outline = report::read_report(file.path()).unwrap();
        let Ok(read) = published::read(&outline, &catalogue(), question, || {
            Ok::<_, std::convert::Infallible>(())
        });
        let compared = read
            .statements
            .iter()
            .map(|statement| of_statement(statement, &HashMap::new(), figures));
        let compared = compared.chain(internal(&read));
        faults.extend(
            compared
                .filter(|one| !matches!(one.verdict, Verdict::Match | Verdict::Rounding))
                .map(|one| format!("{format}: {one:?}")),
        );
        faults.extend(read.unread.iter().map(|unread| format!("{format}: {unread:?}")));
        let numbers = read.statements.len();
        if numbers < 20 && figures.get("total.contracts").and_then(FigureValue::as_whole) != Some(0) {
            faults.push(format!("{format}: only {numbers} numbers"));
        }
    }
    faults
}

#[test]
fn the_own_report_of_any_year_is_recognised_whole() {
    let catalogue = catalogue();
    let years = std::env::var("DENGJI_EDGE_YEARS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(64_u64);
    let mut wrong = Vec::new();
    for seed in 1..=years {
        let figures = count_with(&register_of(seed), &[], &question());
        if figures.get("total.contracts").and_then(FigureValue::as_whole) == Some(0) {
            continue;
        }
        // Drawing a document's charts takes its time; now and then is enough.
        let formats = if seed % 16 == 1 { &["docx", "txt"][..] } else { &["txt"] };
        let found = faults(&figures, &annual(&figures, setting(&catalogue)), &question(), formats);
        wrong.extend(found.into_iter().map(|fault| format!("seed {seed}: {fault}")));
    }
    assert!(
        wrong.is_empty(),
        "{}\n{}",
        wrong.len(),
        wrong[..wrong.len().min(60)].join("\n")
    );
}

#[test]
fn the_own_reports_of_the_sample_are_recognised_whole() {
    let (catalogue, sample) = (catalogue(), Sample::read());
    for year in 2021..=2025 {
        let question = ask(year, &format!("{}-03-01T00:00:00+08:00", year + 1), None);
        let figures = figures(&sample, &question);
        let report = annual(&figures, setting(&catalogue));
        let found = faults(&figures, &report, &question, &["docx", "txt"]);
        assert!(found.is_empty(), "{year}: {}\n{}", found.len(), found.join("\n"));
    }
}

/// What is held against the figures of the sample's year, of a text.
fn held(text: &str) -> (Vec<Compared>, PublishedReport) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let outline = report::read_report(file.path()).unwrap();
    let question = ask(2025, "2026-03-01T00:00:00+08:00", None);
    let Ok(read) = published::read(&outline, &catalogue(), &question, || {
        Ok::<_, std::convert::Infallible>(())
    });
    let figures = figures(&Sample::read(), &question);
    let held = read
        .statements
        .iter()
        .map(|statement| of_statement(statement, &HashMap::new(), &figures));
    (held.collect(), read)
}

#[test]
fn what_is_not_sure_is_unclear_whether_it_is_right_or_wrong() {
    for (number, is_suspect) in [("101.6", false), ("106.1", true)] {
        let (compared, read) = held(&format!("第一师增长{number}%。"));
        let found: Vec<(&str, Verdict, bool)> = compared
            .iter()
            .map(|one| (one.figure.as_str(), one.verdict, one.is_suspect))
            .collect();
        assert_eq!(found, [("units.div_01.growth", Verdict::Unknown, is_suspect)]);
        let coverage = Coverage::of(&read, &compared);
        assert_eq!((coverage.recognised, coverage.unclear), (0, 1));
        assert!(
            compared[0].note.as_deref().unwrap().contains("不能确定"),
            "{compared:?}"
        );
    }
    // A plain sentence is sure, and a wrong number in it an error.
    for (amount, verdict) in [("10.83", Verdict::Match), ("10.38", Verdict::Differs)] {
        let (compared, _) = held(&format!("2025年认定登记技术合同1134项，成交额{amount}亿元。"));
        let found: Vec<(&str, Verdict)> = compared.iter().map(|one| (one.figure.as_str(), one.verdict)).collect();
        assert_eq!(found, [("total.contracts", Verdict::Match), ("total.amount", verdict)]);
    }
}
