//! A report as a document: which formats there are, and what is the same in all of them.
//!
//! The same report gives the same bytes: dates inside a document are the moment whose state was counted, never a clock's.

use std::borrow::Cow;

use super::{
    pdf::{Pdf, PdfError},
    report_docx, report_html, report_pdf, report_xlsx,
};
use crate::report::{Block, Cell, Chart, Number, Report, Span, Table};

/// A form of the report for people; CSV and JSON are for machines and made of the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportFormat {
    /// One web page that needs nothing beside it.
    Html,
    /// Pages to print, tagged, with bookmarks.
    Pdf,
    /// A document to edit in a word processor.
    Docx,
    /// A workbook: one sheet a table, charts of its own.
    Xlsx,
}

impl ReportFormat {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Html, Self::Pdf, Self::Docx, Self::Xlsx];

    /// The id, which is also the file's extension: `html`, `pdf`, `docx`, `xlsx`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
        }
    }

    /// The format of that id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.id() == id)
    }

    /// The media type for `Content-Type`.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// No Chinese font, or a defect of the layout.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// A chart that cannot be drawn.
    #[error("chart {id}: {reason}")]
    Chart {
        /// Which.
        id: String,
        /// Why.
        reason: String,
    },
    /// A defect of the text document.
    #[error("docx: {0}")]
    Docx(String),
    /// A workbook that breaks a limit of its format.
    #[error("xlsx: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
}

/// Makes a document of a report. `pdf` knows the fonts. Texts are taken as words whatever they hold; characters that no document
/// may hold are dropped.
///
/// # Errors
/// No Chinese font; a report beyond a format's limits (a text of more than 32,767 characters in XLSX).
pub fn report_document(pdf: &Pdf, report: &Report, format: ReportFormat) -> Result<Vec<u8>, DocumentError> {
    let report = cleaned(report.clone());
    match format {
        ReportFormat::Html => Ok(report_html::render(pdf, &report)?.into_bytes()),
        ReportFormat::Pdf => report_pdf::render(pdf, &report),
        ReportFormat::Docx => report_docx::render(pdf, &report),
        ReportFormat::Xlsx => report_xlsx::render(&report),
    }
}

/// A report to be read within a page: what stands between its front and its foot, as HTML whose every text is escaped; from each figure a
/// link leads to where `link` says.
///
/// # Errors
/// No Chinese font.
pub fn report_in_page(
    pdf: &Pdf,
    report: &Report,
    link: &(dyn Fn(&str) -> String + Sync),
) -> Result<String, DocumentError> {
    report_html::blocks(pdf, &cleaned(report.clone()), link)
}

/// Charts as SVG to be put into a page: of a fixed size, described, every text escaped.
///
/// # Errors
/// No Chinese font.
pub fn chart_drawings<'c>(
    pdf: &Pdf,
    charts: impl IntoIterator<Item = &'c Chart>,
) -> Result<Vec<String>, DocumentError> {
    let draw = |chart: &Chart| match serde_json::to_string(chart) {
        Ok(key) => pdf.drawn(key, || report_html::svg(pdf, chart)),
        Err(_) => report_html::svg(pdf, chart),
    };
    charts.into_iter().map(draw).collect()
}

/// What a browser may do with [`ReportFormat::Html`]: show it with its own style, which is named by its hash, and nothing else.
pub fn html_policy() -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        report_html::style_hash()
    )
}

/// What the figures are: label and value, for the title page. The hash is the last.
pub(super) fn provenance(report: &Report) -> Vec<(&'static str, String)> {
    let edition = report.edition.map_or_else(
        || "当前数据（非封账版次）".to_owned(),
        |edition| format!("第 {edition} 版（已封账）"),
    );
    vec![
        ("统计范围", format!("{}内首次审核确认的合同", report.span)),
        ("统计时点", report.as_of.to_string()),
        ("版次", edition),
        (
            "登记账",
            format!("第 {} 条 {}", report.ledger.sequence, report.ledger.hash),
        ),
        ("数据指纹（SHA-256）", report.figures_hash.clone()),
    ]
}

/// The line at the foot of pages.
pub(super) fn hash_line(report: &Report) -> String {
    format!("数据指纹 SHA-256：{}", report.figures_hash)
}

/// A paragraph's words.
pub(super) fn spans_text(spans: &[Span]) -> String {
    spans
        .iter()
        .map(|span| match span {
            Span::Text(text) => text.as_str(),
            Span::Figure(number) => number.text.as_str(),
        })
        .collect()
}

/// Whether a character can stand in a document: not the control characters, nor what turns the direction of text or is no character
/// in XML.
fn allowed(c: char) -> bool {
    !(c.is_control()
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FFFE}' | '\u{FFFF}' | '\u{2028}' | '\u{2029}'))
}

/// Line ends and tabulators become spaces, what cannot stand goes.
fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(allowed) {
        return Cow::Borrowed(text);
    }
    let spaced = |c: char| {
        if matches!(c, '\n' | '\t' | '\u{2028}' | '\u{2029}') {
            ' '
        } else {
            c
        }
    };
    Cow::Owned(text.chars().map(spaced).filter(|c| allowed(*c)).collect())
}

fn scrub(text: &mut String) {
    if let Cow::Owned(better) = clean(text) {
        *text = better;
    }
}

/// The report with every text cleaned.
fn cleaned(mut report: Report) -> Report {
    for text in [
        &mut report.title,
        &mut report.office,
        &mut report.dated,
        &mut report.figures_hash,
        &mut report.ledger.hash,
    ] {
        scrub(text);
    }
    report.notices.iter_mut().for_each(scrub);
    for block in &mut report.blocks {
        match block {
            Block::Heading { text, .. } => scrub(text),
            Block::Paragraph(paragraph) => {
                for span in &mut paragraph.spans {
                    match span {
                        Span::Text(text) => scrub(text),
                        Span::Figure(number) => clean_number(number),
                    }
                }
            }
            Block::Table(table) => clean_table(table),
            Block::Chart(chart) => clean_chart(chart),
        }
    }
    report
}

fn clean_number(number: &mut Number) {
    scrub(&mut number.figure);
    scrub(&mut number.text);
}

fn clean_table(table: &mut Table) {
    scrub(&mut table.id);
    scrub(&mut table.caption);
    table.unit.iter_mut().for_each(scrub);
    table.notes.iter_mut().for_each(scrub);
    table.columns.iter_mut().flat_map(|c| &mut c.head).for_each(scrub);
    for cell in table.rows.iter_mut().flat_map(|row| &mut row.cells) {
        match cell {
            Cell::Text(text) => scrub(text),
            Cell::Figure(number) => clean_number(number),
        }
    }
}

fn clean_chart(chart: &mut Chart) {
    scrub(&mut chart.id);
    scrub(&mut chart.caption);
    chart.categories.iter_mut().for_each(scrub);
    for series in &mut chart.series {
        scrub(&mut series.name);
        scrub(&mut series.unit);
        series.values.iter_mut().for_each(clean_number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_found_by_their_ids() {
        for format in ReportFormat::ALL {
            assert_eq!(ReportFormat::from_id(format.id()), Some(format));
        }
        assert_eq!(ReportFormat::from_id("exe"), None);
    }

    #[test]
    fn what_cannot_stand_in_a_document_is_dropped() {
        assert!(matches!(clean("八师 =1+1 <b>"), Cow::Borrowed("八师 =1+1 <b>")));
        for (text, left) in [
            ("a\u{0}b\u{1B}c\u{7F}", "abc"),
            ("一\r\n二\t三", "一 二 三"),
            ("a\u{202E}b\u{FFFE}", "ab"),
        ] {
            assert_eq!(clean(text), left);
        }
    }
}
