//! A report as one web page: its style and its charts are in it, it holds no script and asks for nothing else. Every number is a
//! `data` element that names its figure and carries its exact value.

use std::fmt::Write as _;

use super::{
    chart,
    fonts::ChartFonts,
    pdf::Pdf,
    report_document::{DocumentError, hash_line, provenance},
    report_head::{cell_text, head_cells, head_depth, note_lines, unit_line},
};
use crate::{
    domain::ledger::sha256_base64,
    report::{Align, Block, Cell, Chart, Number, Report, RowKind, Span, Table},
};

/// All style there is.
const STYLE: &str = include_str!("report_html.css");

/// Rows from which a table may be broken between pages.
const LONG: usize = 24;

/// What browsers that lack the charts' font take instead.
const OTHER_FONTS: &str = ", Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, SimHei, sans-serif";

/// Where a report is to be seen: as a document of its own, or within a page that has its own style and leads from each figure to what it
/// means.
#[derive(Clone, Copy)]
enum Place<'a> {
    Document,
    Page(&'a (dyn Fn(&str) -> String + Sync)),
}

/// SHA-256 of all style there is, in Base64: what a page's policy names.
pub(super) fn style_hash() -> String {
    sha256_base64(STYLE.as_bytes())
}

/// Lays a report out.
///
/// # Errors
/// No Chinese font to measure the charts' words with.
pub(super) fn render(pdf: &Pdf, report: &Report) -> Result<String, DocumentError> {
    let fonts = pdf.chart_fonts()?;
    let title = escaped(&report.title);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; \
         form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n",
        style_hash()
    );
    front(&mut page, report);
    contents(&mut page, report);
    write_blocks(&mut page, report, fonts, Place::Document)?;
    let _ = write!(
        page,
        "<footer>{}</footer>\n</main>\n</body>\n</html>\n",
        escaped(&hash_line(report))
    );
    Ok(page)
}

/// A report without its front and style, to be put into a page: from each figure a link leads to where `link` says.
///
/// # Errors
/// No Chinese font to measure the charts' words with.
pub(super) fn blocks(
    pdf: &Pdf,
    report: &Report,
    link: &(dyn Fn(&str) -> String + Sync),
) -> Result<String, DocumentError> {
    let mut page = String::new();
    write_blocks(&mut page, report, pdf.chart_fonts()?, Place::Page(link))?;
    Ok(page)
}

/// A chart to be put into a page, with room for it kept.
///
/// # Errors
/// No Chinese font to measure the words with.
pub(super) fn svg(pdf: &Pdf, chart: &Chart) -> Result<String, DocumentError> {
    drawing(chart, pdf.chart_fonts()?)
}

fn write_blocks(page: &mut String, report: &Report, fonts: &ChartFonts, place: Place<'_>) -> Result<(), DocumentError> {
    let mut headings = 0;
    for block in &report.blocks {
        match block {
            Block::Heading { level, text } => {
                headings += 1;
                let tag = heading_tag(*level);
                let _ = writeln!(page, "<{tag} id=\"h{headings}\">{}</{tag}>", escaped(text));
            }
            Block::Paragraph(paragraph) => {
                page.push_str("<p class=\"text\">");
                for span in &paragraph.spans {
                    match span {
                        Span::Text(text) => page.push_str(&escaped(text)),
                        Span::Figure(number) => page.push_str(&data(number, place)),
                    }
                }
                page.push_str("</p>\n");
            }
            Block::Table(table) => {
                let class = if table.rows.len() > LONG { " class=\"long\"" } else { "" };
                let _ = write!(
                    page,
                    "<figure id=\"{}\"{class}>\n{}",
                    escaped(&table.id),
                    scroll(&table.caption, place)
                );
                write_table(page, table, "", place);
                page.push_str("</div>\n");
                for note in note_lines(table) {
                    let _ = writeln!(page, "<p class=\"note\">{}</p>", escaped(&note));
                }
                page.push_str("</figure>\n");
            }
            Block::Chart(chart) => write_chart(page, chart, fonts, place)?,
        }
    }
    Ok(())
}

/// What holds a table that may be wider than the page. Within a page it can be reached by keyboard.
fn scroll(caption: &str, place: Place<'_>) -> String {
    match place {
        Place::Document => "<div class=\"scroll\">".to_owned(),
        Place::Page(_) => format!(
            "<div class=\"sheet\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">",
            escaped(caption)
        ),
    }
}

/// Text for HTML and XML, within elements and quoted attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The title is the page's only heading of the first level.
fn heading_tag(level: u8) -> &'static str {
    match level {
        0 | 1 => "h2",
        2 => "h3",
        _ => "h4",
    }
}

fn front(page: &mut String, report: &Report) {
    let _ = write!(
        page,
        "<header>\n<h1>{}</h1>\n<p>{}</p>\n<p>{}</p>\n",
        escaped(&report.title),
        escaped(&report.office),
        escaped(&report.dated)
    );
    if !report.notices.is_empty() {
        page.push_str("<div class=\"notice\" role=\"note\">");
        for notice in &report.notices {
            let _ = write!(page, "<p>{}</p>", escaped(notice));
        }
        page.push_str("</div>\n");
    }
    page.push_str("<dl>");
    for (label, value) in provenance(report) {
        let _ = write!(page, "<dt>{label}</dt><dd>{}</dd>", escaped(&value));
    }
    page.push_str("</dl>\n</header>\n");
}

fn contents(page: &mut String, report: &Report) {
    let mut lines = String::new();
    let headings = report.blocks.iter().filter_map(|block| match block {
        Block::Heading { level, text } => Some((*level, text)),
        _ => None,
    });
    for (number, (level, text)) in (1..).zip(headings) {
        if level < 3 {
            let _ = write!(
                lines,
                "<li class=\"l{}\"><a href=\"#h{number}\">{}</a></li>",
                level.max(1),
                escaped(text)
            );
        }
    }
    if !lines.is_empty() {
        let _ = writeln!(page, "<nav aria-label=\"目录\">目录<ol>{lines}</ol></nav>");
    }
}

/// A number: its figure by name, its exact value as the API gives it (fen for amounts, 1 = 100 % for rates), empty for nothing.
fn data(number: &Number, place: Place<'_>) -> String {
    let value = match number.value.to_json() {
        serde_json::Value::Null => String::new(),
        value => value.to_string(),
    };
    let data = format!(
        "<data value=\"{}\" data-figure=\"{}\">{}</data>",
        escaped(&value),
        escaped(&number.figure),
        escaped(&number.text)
    );
    match place {
        Place::Document => data,
        Place::Page(link) => format!("<a href=\"{}\">{data}</a>", escaped(&link(&number.figure))),
    }
}

fn class(align: Align) -> &'static str {
    match align {
        Align::Left => "",
        Align::Center => " class=\"c\"",
        Align::Right => " class=\"r\"",
    }
}

fn write_table(page: &mut String, table: &Table, kind: &str, place: Place<'_>) {
    let _ = write!(page, "<table{kind}>\n<caption>{}", escaped(&table.caption));
    if let Some(unit) = unit_line(table) {
        let _ = write!(page, "<span class=\"unit\">{}</span>", escaped(&unit));
    }
    page.push_str("</caption>\n<thead>\n");
    let depth = head_depth(table);
    let cells = head_cells(table);
    for row in 0..depth {
        page.push_str("<tr>");
        for cell in cells.iter().filter(|cell| cell.row == row) {
            let mut spans = String::new();
            if cell.columns > 1 {
                let _ = write!(spans, " colspan=\"{}\"", cell.columns);
            }
            if cell.rows > 1 {
                let _ = write!(spans, " rowspan=\"{}\"", cell.rows);
            }
            let scope = if cell.is_lowest(depth) { "col" } else { "colgroup" };
            let _ = if cell.text.is_empty() {
                write!(page, "<td{spans}></td>")
            } else {
                write!(page, "<th scope=\"{scope}\"{spans}>{}</th>", escaped(&cell.text))
            };
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</thead>\n<tbody>\n");
    for row in &table.rows {
        page.push_str(match row.kind {
            RowKind::Item => "<tr>",
            RowKind::Total => "<tr class=\"total\">",
        });
        for (index, (cell, column)) in row.cells.iter().zip(&table.columns).enumerate() {
            let class = class(column.align);
            let _ = match cell {
                Cell::Text(_) if index == 0 => {
                    write!(page, "<th scope=\"row\"{class}>{}</th>", escaped(cell_text(cell)))
                }
                Cell::Text(text) => write!(page, "<td{class}>{}</td>", escaped(text)),
                Cell::Figure(number) => write!(page, "<td{class}>{}</td>", data(number, place)),
            };
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table>\n");
}

/// The drawing with what browsers need: other fonts, and what it is.
fn drawing(chart: &Chart, fonts: &ChartFonts) -> Result<String, DocumentError> {
    let drawing = chart::draw(chart, fonts)?;
    let family = escaped(&fonts.family);
    let svg = drawing.svg.replace(
        &format!("font-family=\"{family}\""),
        &format!("font-family=\"{family}{OTHER_FONTS}\""),
    );
    Ok(svg.replacen(
        "<svg",
        &format!("<svg role=\"img\" aria-label=\"{}\"", escaped(&chart.caption)),
        1,
    ))
}

fn write_chart(page: &mut String, chart: &Chart, fonts: &ChartFonts, place: Place<'_>) -> Result<(), DocumentError> {
    let svg = drawing(chart, fonts)?;
    let mut table = chart.table();
    table.caption = format!("{}：数据", chart.caption);
    let _ = write!(
        page,
        "<figure id=\"{}\">\n{svg}\n<figcaption>{}</figcaption>\n{}",
        escaped(&chart.id),
        escaped(&chart.caption),
        scroll(&table.caption, place)
    );
    write_table(page, &table, " class=\"data\"", place);
    page.push_str("</div>\n</figure>\n");
    Ok(())
}
