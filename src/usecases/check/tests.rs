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

/// What is not recognised, or called wrong, of a report with these figures.
fn faults(figures: &AnnualFigures, report: &Report, question: &Question) -> Vec<String> {
    let docx = report_document(&PDF, report, ReportFormat::Docx).unwrap();
    let mut faults = Vec::new();
    for (format, bytes) in [("docx", docx), ("txt", as_text(report).into_bytes())] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let outline = report::read_report(file.path()).unwrap();
        let Ok(read) = published::read(&outline, &catalogue(), question, || Ok::<_, std::convert::Infallible>(()));
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
        if format == "txt" {
            if let Ok(folder) = std::env::var("DEV_OWN") {
                std::fs::write(format!("{folder}/own-{}.txt", faults.len()), as_text(report)).unwrap();
            }
        }
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
        .unwrap_or(60_u64);
    let mut wrong = Vec::new();
    for seed in 1..=years {
        let figures = count_with(&register_of(seed), &[], &question());
        if figures.get("total.contracts").and_then(FigureValue::as_whole) == Some(0) {
            continue;
        }
        let found = faults(&figures, &annual(&figures, setting(&catalogue)), &question());
        wrong.extend(found.into_iter().map(|fault| format!("seed {seed}: {fault}")));
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong[..wrong.len().min(60)].join("\n"));
}

#[test]
fn the_own_reports_of_the_sample_are_recognised_whole() {
    let (catalogue, sample) = (catalogue(), Sample::read());
    for year in 2021..=2025 {
        let question = ask(year, &format!("{}-03-01T00:00:00+08:00", year + 1), None);
        let figures = figures(&sample, &question);
        let found = faults(&figures, &annual(&figures, setting(&catalogue)), &question);
        assert!(found.is_empty(), "{year}: {}\n{}", found.len(), found.join("\n"));
    }
}

/// Holds the reports of a folder against the sample's figures; for trying out.
#[test]
fn dev_folder() {
    let Ok(folder) = std::env::var("DEV_FOLDER") else { return };
    let question = ask(2025, "2026-06-15T12:00:00+08:00", None);
    let figures = figures(&Sample::read(), &question);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.extension().is_some_and(|e| e == "md" || e == "txt" || e == "docx") {
            continue;
        }
        let outline = report::read_report(&path).unwrap();
        let Ok(read) = published::read(&outline, &catalogue(), &question, || Ok::<_, std::convert::Infallible>(()));
        let mut items: Vec<Compared> = read
            .statements
            .iter()
            .map(|statement| of_statement(statement, &HashMap::new(), &figures))
            .collect();
        items.extend(internal(&read));
        let rows: Vec<_> = items
            .iter()
            .map(|c| serde_json::json!({"figure": c.figure, "where": c.place, "published": c.published, "derived": c.derived, "verdict": c.verdict, "note": c.note, "against": c.against}))
            .collect();
        let unread: Vec<_> = read
            .unread
            .iter()
            .map(|u| serde_json::json!({"text": u.text, "where": u.place, "context": u.context}))
            .collect();
        let out = path.with_extension("json");
        std::fs::write(out, serde_json::json!({"items": rows, "unread": unread}).to_string()).unwrap();
    }
}
