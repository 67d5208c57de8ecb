//! Tests of whole documents: everything that a report says stands in each, and nothing that a text holds becomes anything else.

use std::{
    collections::{BTreeSet, HashMap},
    io::{Cursor, Read as _},
    process::Command,
    sync::LazyLock,
};

use calamine::{Data, Reader as _, Xlsx, open_workbook_from_rs};

use super::{
    pdf::Pdf,
    report_document::{ReportFormat, report_document},
    report_head::cell_text,
    report_sample::{HOSTILE, sample},
    report_xlsx::number_of,
};
use crate::{
    report::{Block, Cell, Number, Office, Report, Setting, Span, annual},
    statistics::{
        AnnualFigures, FigureValue, PrintedUnit, UnitKind,
        sample::reader::{Sample, ask, catalogue, figures},
    },
};

static PDF: LazyLock<Pdf> = LazyLock::new(|| Pdf::new(None));

fn made(report: &Report, format: ReportFormat) -> Vec<u8> {
    report_document(&PDF, report, format).unwrap()
}

fn html(report: &Report) -> String {
    String::from_utf8(made(report, ReportFormat::Html)).unwrap()
}

/// The files of a package that end so, by name.
fn parts(bytes: &[u8], ending: &str) -> HashMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = HashMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        if name.ends_with(ending) {
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            parts.insert(name, text);
        }
    }
    parts
}

/// The words of XML or HTML, without elements, in their order.
fn words(markup: &str) -> String {
    let mut text = String::new();
    for piece in markup.split('<').skip(1) {
        text.push_str(piece.split_once('>').map_or("", |(_, words)| words));
    }
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ];
    entities.iter().fold(text, |text, (entity, c)| text.replace(entity, c))
}

fn pdf_text(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.pdf");
    std::fs::write(&file, bytes).unwrap();
    let out = Command::new("pdftotext")
        .args(["-layout"])
        .arg(&file)
        .arg("-")
        .output()
        .unwrap();
    assert!(out.status.success());
    String::from_utf8(out.stdout).unwrap()
}

fn sheets(bytes: &[u8]) -> Vec<(String, calamine::Range<Data>)> {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let names = book.sheet_names();
    names
        .into_iter()
        .map(|name| (name.clone(), book.worksheet_range(&name).unwrap()))
        .collect()
}

/// What a report says, piece by piece in its order, tables row by row, charts as their numbers.
fn said(report: &Report) -> Vec<String> {
    let mut said = Vec::new();
    for block in &report.blocks {
        let table = match block {
            Block::Heading { text, .. } => {
                said.push(text.clone());
                continue;
            }
            Block::Paragraph(paragraph) => {
                for span in &paragraph.spans {
                    said.push(match span {
                        Span::Text(text) => text.clone(),
                        Span::Figure(number) => number.text.clone(),
                    });
                }
                continue;
            }
            Block::Table(table) => table.clone(),
            Block::Chart(chart) => chart.table(),
        };
        said.push(table.caption.clone());
        said.extend(
            table
                .rows
                .iter()
                .flat_map(|row| &row.cells)
                .map(|cell| cell_text(cell).to_owned()),
        );
        said.extend(table.notes);
    }
    said
}

fn in_order(document: &str, said: &[String], format: &str) {
    let mut rest = document;
    for piece in said {
        let at = rest.find(piece.as_str());
        assert!(at.is_some(), "{format}: {piece} is not where it should be");
        rest = &rest[at.unwrap() + piece.len()..];
    }
}

fn annual_figures() -> AnnualFigures {
    figures(&Sample::read(), &ask(2025, "2026-03-01T00:00:00+08:00", None))
}

fn annual_report(figures: &AnnualFigures) -> Report {
    let hash = figures.hash().unwrap();
    let setting = Setting {
        office: Office::embedded().unwrap(),
        catalogue: &catalogue(),
        demo: true,
        figures_hash: &hash,
        paragraphs: &[],
    };
    annual(figures, setting)
}

/// Every published figure: name, unit, its derived value as the published report would print it.
fn published(figures: &AnnualFigures) -> Vec<(String, PrintedUnit, String)> {
    let mut reader = csv::Reader::from_reader(include_bytes!("../../config/demo/published-2025.csv").as_slice());
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        let unit = PrintedUnit::from_id(&row[2]).unwrap();
        let decimals = row[1].split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let value = figures
            .get(&row[0])
            .unwrap()
            .rounded(unit, u32::try_from(decimals).unwrap());
        (row[0].to_owned(), unit, value.unwrap())
    });
    rows.collect()
}

/// Without sign, % and zeros at the end: how it is printed, whatever the decimals.
fn bare(text: &str) -> String {
    let text = text.trim_start_matches(['-', '−']).trim_end_matches('%');
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    }
}

/// Every number in a text, bare.
fn numbers_in(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map(|number| bare(number.trim_matches('.')))
        .filter(|number| !number.is_empty())
        .collect()
}

fn numbers(report: &Report) -> Vec<&Number> {
    let mut numbers = Vec::new();
    for block in &report.blocks {
        match block {
            Block::Heading { .. } => {}
            Block::Paragraph(paragraph) => numbers.extend(paragraph.spans.iter().filter_map(|span| match span {
                Span::Figure(number) => Some(number),
                Span::Text(_) => None,
            })),
            Block::Table(table) => numbers.extend(table.rows.iter().flat_map(|r| &r.cells).filter_map(|c| match c {
                Cell::Figure(number) => Some(number),
                Cell::Text(_) => None,
            })),
            Block::Chart(chart) => numbers.extend(chart.series.iter().flat_map(|series| &series.values)),
        }
    }
    numbers
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let report = sample();
    for format in ReportFormat::ALL {
        assert!(made(&report, format) == made(&report, format), "{format:?}");
    }
}

#[test]
fn a_page_holds_all_and_nothing_that_runs_or_asks_elsewhere() {
    let mut report = sample();
    let page = html(&report);
    for absent in [
        "<script",
        "\u{0}",
        "\u{1B}",
        "http-equiv=\"refresh\"",
        "<img",
        "<link",
        "<iframe",
        "style=\"",
        "onload",
    ] {
        assert!(!page.contains(absent), "{absent}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("default-src 'none'"));
    assert!(page.contains("<html lang=\"zh-CN\">"));
    assert!(
        page.contains("<th scope=\"colgroup\" colspan=\"3\">2025 年</th>"),
        "merged heads"
    );
    assert!(page.contains("<th scope=\"col\" rowspan=\"2\">单位</th>"));
    assert!(page.contains("<data value=\"0.33021\" data-figure=\"total.growth\">33.0%</data>"));
    assert!(page.contains("<data value=\"108310043500\" data-figure=\"total.amount\">10.83</data>"));
    assert!(page.contains("<data value=\"\" data-figure=\"none\">–</data>"));
    assert_eq!(page.matches("<svg").count(), report.charts().count());
    assert_eq!(page.matches(&report.figures_hash).count(), 2);
    // Nothing is loaded: every address is the name of a kind of drawing.
    for (at, _) in page.match_indices("http") {
        let rest = &page[at..];
        assert!(
            rest.starts_with("http-equiv=\"Content-Security-Policy\"") || rest.starts_with("http://www.w3.org/"),
            "{}",
            rest.chars().take(60).collect::<String>()
        );
    }
    plain(&mut report);
    in_order(&words(&page), &said(&report), "html");
}

/// The sample without characters that no document may hold.
fn plain(report: &mut Report) {
    for block in &mut report.blocks {
        if let Block::Paragraph(paragraph) = block {
            for span in &mut paragraph.spans {
                if let Span::Text(text) = span {
                    *text = text.replace(['\u{0}', '\u{1B}'], "").replace("\r\n", " ");
                }
            }
        }
    }
}

#[test]
fn a_text_document_holds_all_in_its_styles() {
    let mut report = sample();
    let bytes = made(&report, ReportFormat::Docx);
    let parts = parts(&bytes, ".xml");
    let document = &parts["word/document.xml"];
    plain(&mut report);
    in_order(&words(document), &said(&report), "docx");
    assert!(!document.contains("<script") && !document.contains('\u{0}') && !document.contains('\u{1B}'));
    for style in ["Title", "Heading1", "Heading2", "Heading3", "Body", "Caption"] {
        assert!(document.contains(&format!("<w:pStyle w:val=\"{style}\" />")), "{style}");
    }
    // The head of table 2 has two rows, repeated on each page; 2025 年 is over three columns, 单位 in two rows.
    assert!(document.contains("<w:tblHeader />"));
    assert!(document.contains("<w:gridSpan w:val=\"3\" />"));
    assert!(
        document.contains("<w:vMerge w:val=\"restart\" />") && document.contains("<w:vMerge w:val=\"continue\" />")
    );
    for (number, chart) in (1..).zip(report.charts()) {
        assert!(document.contains(&format!(
            "<wp:docPr id=\"{number}\" name=\"{}\" descr=\"",
            chart.caption
        )));
    }
    assert!(parts["word/footer1.xml"].contains(&report.figures_hash));
    assert!(parts["docProps/core.xml"].contains("<dc:title>2025 年兵团技术市场统计年报</dc:title>"));
    assert!(parts["docProps/core.xml"].contains("2026-03-01T00:30:00Z"));
    // GB/T 9704: margins of 37, 26, 35 and 28 mm on A4.
    assert!(
        document.contains("w:top=\"2097\"") && document.contains("w:left=\"1587\""),
        "margins"
    );
}

#[test]
fn a_workbook_holds_numbers_and_no_formula() {
    let report = sample();
    let bytes = made(&report, ReportFormat::Xlsx);
    let sheets_xml = parts(&bytes, ".xml");
    for (name, xml) in sheets_xml.iter().filter(|(name, _)| name.starts_with("xl/worksheets/")) {
        assert!(!xml.contains("<f>") && !xml.contains("<f "), "{name} has a formula");
        assert!(xml.contains("paperSize=\"9\""), "{name} is not A4");
        assert!(xml.contains(&report.figures_hash), "{name}");
    }
    assert_eq!(
        sheets_xml.keys().filter(|name| name.contains("charts/chart")).count(),
        report.charts().count()
    );
    let sheets = sheets(&bytes);
    let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[..3], ["封面", "正文", "表 2 2025 年各师、院校技术合同登记量"]);
    assert_eq!(names.last(), Some(&"指标"));
    // Every table as it is: text as text, numbers as numbers in the unit in which they are printed.
    let mut pages = sheets.iter().skip(2);
    for block in &report.blocks {
        let table = match block {
            Block::Table(table) => table.clone(),
            Block::Chart(chart) => chart.table(),
            _ => continue,
        };
        let (name, page) = pages.next().unwrap();
        let depth = table.columns.iter().map(|column| column.head.len()).max().unwrap();
        for (row, line) in (2 + depth..).zip(&table.rows) {
            for (column, cell) in line.cells.iter().enumerate() {
                let found = page.get((row, column)).unwrap_or(&Data::Empty);
                match cell {
                    Cell::Text(text) => assert_eq!(found, &Data::String(text.clone()), "{name}"),
                    Cell::Figure(number) => match number_of(number) {
                        Some(value) => assert_eq!(found, &Data::Float(value), "{name}"),
                        None => assert!(matches!(found, Data::Empty | Data::String(_)), "{name}: {found:?}"),
                    },
                }
            }
        }
    }
}

#[test]
fn pages_are_numbered_and_carry_the_hash() {
    let report = sample();
    let bytes = made(&report, ReportFormat::Pdf);
    assert!(bytes.starts_with(b"%PDF-"));
    let find = |what: &str| bytes.windows(what.len()).any(|window| window == what.as_bytes());
    for part in ["/StructTreeRoot", "/Outlines", "/Lang", "/FontFile"] {
        assert!(find(part), "{part}");
    }
    let text = pdf_text(&bytes);
    let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    for (number, page) in (1..).zip(&pages) {
        assert!(
            page.contains(&format!("第 {number} 页 / 共 {} 页", pages.len())),
            "page {number}: {page}"
        );
        assert!(page.contains(&report.figures_hash), "page {number}");
    }
    for part in HOSTILE {
        assert!(text.contains(part), "{part}");
    }
    for heading in [
        "一、年度登记量基本情况",
        "目",
        "1. 各师市院校",
        "单位：万元",
        "图 5 各技术领域成交额占比",
    ] {
        assert!(text.contains(heading), "{heading}");
    }
}

#[test]
fn every_published_figure_stands_in_every_document() {
    let figures = annual_figures();
    let report = annual_report(&figures);
    let published = published(&figures);
    assert_eq!(published.len(), 240);
    let folder = std::env::var_os("DENGJI_DOCUMENTS_FOLDER").map(std::path::PathBuf::from);
    let documents = ReportFormat::ALL.map(|format| (format, made(&report, format)));
    if let Some(folder) = &folder {
        for (format, bytes) in &documents {
            std::fs::write(folder.join(format!("report.{}", format.id())), bytes).unwrap();
        }
        let list: Vec<_> = published
            .iter()
            .map(|(name, unit, text)| serde_json::json!({"figure": name, "unit": unit.id(), "display": text}))
            .collect();
        std::fs::write(folder.join("figures.json"), serde_json::Value::from(list).to_string()).unwrap();
    }
    for (format, bytes) in &documents {
        match format {
            ReportFormat::Html => {
                let page = std::str::from_utf8(bytes).unwrap();
                for (name, _, text) in &published {
                    let start = format!("data-figure=\"{name}\">");
                    let printed = page.match_indices(&start).any(|(at, _)| {
                        let rest = &page[at + start.len()..];
                        bare(rest.split_once('<').unwrap().0) == bare(text)
                    });
                    assert!(printed, "html: {name} {text}");
                }
                in_order(&words(page), &said(&report), "html");
            }
            ReportFormat::Docx => {
                let document = words(&parts(bytes, "word/document.xml")["word/document.xml"]);
                in_order(&document, &said(&report), "docx");
            }
            ReportFormat::Pdf => {
                let found = numbers_in(&pdf_text(bytes));
                for (name, _, text) in &published {
                    assert!(found.contains(&bare(text)), "pdf: {name} {text}");
                }
            }
            ReportFormat::Xlsx => {
                let sheets = sheets(bytes);
                let (_, list) = sheets.last().unwrap();
                let values: HashMap<String, Data> = list
                    .rows()
                    .skip(1)
                    .map(|row| (row[0].to_string(), row[1].clone()))
                    .collect();
                for number in numbers(&report) {
                    let found = values.get(&number.figure).unwrap();
                    let exact = number.value.as_f64();
                    assert_eq!(
                        exact.is_none(),
                        matches!(found, Data::String(_)),
                        "xlsx: {}",
                        number.figure
                    );
                }
                for (name, ..) in &published {
                    assert!(matches!(values.get(name), Some(Data::Float(_))), "xlsx: {name}");
                }
            }
        }
    }
}

#[test]
fn a_year_without_anything_and_one_below_nothing_have_documents_too() {
    for value in [
        FigureValue::nothing(UnitKind::Fen),
        FigureValue::fen(0),
        FigureValue::fen(-12_345_678),
        FigureValue::fen(i64::MAX),
    ] {
        let mut report = sample();
        for block in &mut report.blocks {
            if let Block::Chart(chart) = block {
                for series in &mut chart.series {
                    for number in &mut series.values {
                        *number = super::report_sample::number("all", value, PrintedUnit::WanYuan);
                    }
                }
            }
        }
        let page = html(&report);
        assert!(!page.contains("NaN") && !page.contains("inf"), "{value:?}");
        assert_eq!(page.matches("<svg").count(), report.charts().count());
        let charts = parts(&made(&report, ReportFormat::Xlsx), ".xml");
        assert!(
            charts
                .values()
                .all(|xml| !xml.contains("NaN") && !xml.contains("\"inf\"")),
            "{value:?}"
        );
    }
    let mut report = sample();
    report.blocks.clear();
    for format in ReportFormat::ALL {
        assert!(!made(&report, format).is_empty(), "{format:?}");
    }
}
