//! A report as a workbook: a cover, the text, one sheet a table, one sheet a chart (its numbers and the chart drawn from them by the
//! spreadsheet itself), and a list of every figure. Numbers are numbers, in the unit in which they are printed and as exact as a
//! spreadsheet can carry them; formats show as many decimals as the report prints. Texts are strings, never formulas.

use std::collections::{BTreeMap, HashSet};

use rust_xlsxwriter::{DocProperties, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::{
    report_document::{DocumentError, provenance, spans_text},
    report_head::{cell_text, column_widths, head_cells, head_depth, note_lines, text_width, unit_line},
    report_xlsx_chart,
};
use crate::{
    report::{Align, Block, Cell, Number, Report, RowKind, Span, Table},
    statistics::{NOTHING, PrintedUnit},
};

/// Half-width characters of a sheet's columns from which the page lies on its side: an upright A4 page has room for about so many.
const UPRIGHT: usize = 88;
/// Characters that the name of a sheet may have.
const SHEET_NAME: usize = 31;
/// A4.
const PAPER: u8 = 9;

/// How cells look.
pub(super) struct Look {
    font: Format,
    title: Format,
    head: Format,
    note: Format,
    unit: Format,
    heading: Format,
}

impl Look {
    fn new() -> Self {
        let font = Format::new()
            .set_font_name("宋体")
            .set_font_size(11)
            .set_align(FormatAlign::VerticalCenter);
        let wrapped = font.clone().set_text_wrap();
        Self {
            title: font
                .clone()
                .set_font_name("黑体")
                .set_font_size(14)
                .set_align(FormatAlign::Center),
            head: wrapped
                .clone()
                .set_bold()
                .set_align(FormatAlign::Center)
                .set_background_color(0x00EC_ECEA)
                .set_border(FormatBorder::Thin),
            note: wrapped.clone().set_font_size(9).set_align(FormatAlign::Top),
            unit: font.clone().set_align(FormatAlign::Right),
            heading: font.clone().set_font_name("黑体").set_font_size(12),
            font: wrapped,
        }
    }

    /// A cell in the body of a table.
    fn body(&self, align: Align, kind: RowKind) -> Format {
        let place = match align {
            Align::Left => FormatAlign::Left,
            Align::Center => FormatAlign::Center,
            Align::Right => FormatAlign::Right,
        };
        let format = self.font.clone().set_align(place).set_border(FormatBorder::Thin);
        match kind {
            RowKind::Item => format,
            RowKind::Total => format.set_bold(),
        }
    }
}

/// Lays a report out. The same report gives the same bytes.
///
/// # Errors
/// A text longer than a cell may be (32,767 characters), more rows or sheets than the format knows.
pub(super) fn render(report: &Report) -> Result<Vec<u8>, DocumentError> {
    let mut book = Workbook::new();
    let created = report.as_of.beijing_time().naive_utc();
    book.set_properties(
        &DocProperties::new()
            .set_title(report.title.as_str())
            .set_author(report.office.as_str())
            .set_comment(format!("数据指纹 SHA-256：{}", report.figures_hash))
            .set_creation_datetime(&created),
    );
    let look = Look::new();
    let mut names = HashSet::new();
    cover(add(&mut book, "封面", &mut names, report)?, report, &look)?;
    text(add(&mut book, "正文", &mut names, report)?, report, &look)?;
    for block in &report.blocks {
        match block {
            Block::Table(table) => {
                let sheet = add(&mut book, &table.caption, &mut names, report)?;
                write_table(sheet, table, &look, false)?;
            }
            Block::Chart(chart) => {
                let sheet = add(&mut book, &chart.caption, &mut names, report)?;
                let table = chart.table();
                let below = write_table(sheet, &table, &look, true)?;
                // The chart stays on one page with its numbers.
                sheet.set_print_fit_to_pages(1, 1);
                report_xlsx_chart::insert(sheet, chart, head_depth(&table), below)?;
            }
            _ => {}
        }
    }
    figures(add(&mut book, "指标", &mut names, report)?, report, &look)?;
    Ok(book.save_to_buffer()?)
}

/// Adds a sheet of A4 pages under a name that is not there yet.
fn add<'b>(
    book: &'b mut Workbook,
    caption: &str,
    names: &mut HashSet<String>,
    report: &Report,
) -> Result<&'b mut Worksheet, XlsxError> {
    let name = sheet_name(caption, names);
    let sheet = book.add_worksheet();
    sheet.set_name(name)?;
    sheet
        .set_paper_size(PAPER)
        .set_margins(0.7, 0.7, 0.75, 0.85, 0.3, 0.35)
        .set_print_fit_to_pages(1, 0)
        .set_print_center_horizontally(true)
        .set_footer(format!(
            "&L&7SHA-256 {}&R&9第 &P 页 / 共 &N 页",
            // Two & are one in a footer.
            report
                .figures_hash
                .replace('&', "&&")
                .chars()
                .take(128)
                .collect::<String>()
        ));
    Ok(sheet)
}

/// A caption as the name of a sheet: without the characters that such a name may not hold, at most 31 characters, unlike the others.
fn sheet_name(caption: &str, names: &mut HashSet<String>) -> String {
    let allowed = |c: &char| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'');
    let base: String = caption.trim().chars().filter(allowed).collect();
    let base = if base.trim().is_empty() { "表".to_owned() } else { base };
    for number in 1_usize.. {
        let ending = if number == 1 {
            String::new()
        } else {
            format!("（{number}）")
        };
        // Counted as the format does, in UTF-16.
        let mut room = SHEET_NAME - ending.encode_utf16().count();
        let fits = |c: &char| {
            let fits = c.len_utf16() <= room;
            room = room.saturating_sub(if fits { c.len_utf16() } else { room });
            fits
        };
        let name = base.chars().take_while(fits).collect::<String>().trim().to_owned() + &ending;
        if names.insert(name.to_lowercase()) {
            return name;
        }
    }
    base
}

fn cover(sheet: &mut Worksheet, report: &Report, look: &Look) -> Result<(), XlsxError> {
    sheet.set_column_width(0, 20)?.set_column_width(1, 64)?;
    sheet.set_row_height(1, 42)?;
    let title = look.title.clone().set_font_size(20).set_text_wrap();
    sheet.merge_range(1, 0, 1, 1, &report.title, &title)?;
    let centered = look.font.clone().set_align(FormatAlign::Center);
    sheet.merge_range(2, 0, 2, 1, &report.office, &centered)?;
    sheet.merge_range(3, 0, 3, 1, &report.dated, &centered)?;
    let mut row = 5;
    for notice in &report.notices {
        sheet.merge_range(row, 0, row, 1, notice, &look.font.clone().set_bold())?;
        sheet.set_row_height(row, height(notice, 78, 15.0))?;
        row += 1;
    }
    row += 1;
    for (label, value) in provenance(report) {
        sheet.write_string_with_format(row, 0, label, &look.font)?;
        sheet.set_row_height(row, height(&value, 58, 15.0))?;
        sheet.write_string_with_format(row, 1, value, &look.font)?;
        row += 1;
    }
    Ok(())
}

/// The height of a row that holds a text of its own.
fn height(text: &str, line: usize, of_line: f64) -> f64 {
    let lines = text_width(text).div_ceil(line).max(1);
    // 409 points are all that a row can have.
    u32::try_from(lines).map_or(409.0, |lines| (f64::from(lines) * of_line + 3.0).min(409.0))
}

fn text(sheet: &mut Worksheet, report: &Report, look: &Look) -> Result<(), XlsxError> {
    sheet.set_column_width(0, 78)?;
    let mut row = 0;
    let mut put = |text: &str, format: &Format| -> Result<(), XlsxError> {
        sheet.write_string_with_format(row, 0, text, format)?;
        sheet.set_row_height(row, height(text, 74, 15.0))?;
        row += 1;
        Ok(())
    };
    put(&report.title, &look.title)?;
    for block in &report.blocks {
        match block {
            Block::Heading { text, .. } => put(text, &look.heading)?,
            Block::Paragraph(paragraph) => put(&format!("　　{}", spans_text(&paragraph.spans)), &look.font)?,
            Block::Table(table) => put(&format!("（见工作表：{}）", table.caption), &look.font)?,
            Block::Chart(chart) => put(&format!("（见工作表：{}）", chart.caption), &look.font)?,
        }
    }
    Ok(())
}

/// Writes a table from the top left corner; gives the first row below it. In the data of a chart, what has no value is left empty.
fn write_table(sheet: &mut Worksheet, table: &Table, look: &Look, of_chart: bool) -> Result<u32, XlsxError> {
    let widths = column_widths(table);
    let last = index(table.columns.len().max(1) - 1);
    for (place, width) in (0_u16..).zip(&widths) {
        sheet.set_column_width(place, u32::try_from(width + 3).unwrap_or(60))?;
    }
    let wide = widths.iter().map(|width| width + 3).sum::<usize>();
    if wide > UPRIGHT {
        sheet.set_landscape();
    }
    if of_chart {
        // Over the chart as well, which is wider than its numbers.
        let left = look.title.clone().set_align(FormatAlign::Left);
        sheet.write_string_with_format(0, 0, &table.caption, &left)?;
        sheet.set_row_height(0, 24)?;
    } else {
        let title = look.title.clone().set_text_wrap();
        merge(sheet, (0, 0, 0, last), &table.caption, &title)?;
        sheet.set_row_height(0, height(&table.caption, (wide * 11 / 15).max(1), 20.0))?;
    }
    if let Some(unit) = unit_line(table) {
        merge(sheet, (1, 0, 1, last), &unit, &look.unit)?;
    }
    let depth = head_depth(table);
    for cell in head_cells(table) {
        let (row, column) = (2 + long(cell.row), index(cell.column));
        let to = (row + long(cell.rows) - 1, column + index(cell.columns) - 1);
        merge(sheet, (row, column, to.0, to.1), &cell.text, &look.head)?;
    }
    for (row, _) in (2..).zip(0..depth) {
        let of_row = head_cells(table)
            .into_iter()
            .filter(|cell| cell.row + cell.rows + 1 == row as usize);
        let lines = of_row.map(|cell| {
            let room: usize = widths[cell.column..cell.column + cell.columns]
                .iter()
                .map(|width| width + 2)
                .sum();
            text_width(&cell.text).div_ceil(room.max(1)).max(1)
        });
        sheet.set_row_height(
            row,
            f64::from(u32::try_from(lines.max().unwrap_or(1)).unwrap_or(1)) * 15.0 + 5.0,
        )?;
    }
    let body = 2 + long(depth);
    sheet.set_freeze_panes(body, 1)?.set_repeat_rows(0, body - 1)?;
    let mut row = body;
    for line in &table.rows {
        for ((place, cell), column) in (0_u16..).zip(&line.cells).zip(&table.columns) {
            let format = look.body(column.align, line.kind);
            match cell {
                Cell::Text(text) => sheet.write_string_with_format(row, place, text, &format)?,
                Cell::Figure(number) => write_number(sheet, (row, place), number, format, of_chart)?,
            };
        }
        let lines = line
            .cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| text_width(cell_text(cell)).div_ceil(width + 1));
        if let Some(lines @ 2..) = lines.max() {
            sheet.set_row_height(row, f64::from(u32::try_from(lines).unwrap_or(20)).min(26.0) * 15.0)?;
        }
        row += 1;
    }
    for note in note_lines(table) {
        merge(sheet, (row, 0, row, last), &note, &look.note)?;
        sheet.set_row_height(row, height(&note, wide, 13.0))?;
        row += 1;
    }
    Ok(row)
}

fn long(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn index(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

/// Merges cells, or writes the one that there is.
fn merge(sheet: &mut Worksheet, range: (u32, u16, u32, u16), text: &str, format: &Format) -> Result<(), XlsxError> {
    let (row, column, last_row, last_column) = range;
    if (row, column) == (last_row, last_column) {
        sheet.write_string_with_format(row, column, text, format)?;
    } else {
        sheet.merge_range(row, column, last_row, last_column, text, format)?;
    }
    Ok(())
}

/// The number's format: as many decimals as are printed; a rate printed with its % is a fraction shown as percent.
pub(super) fn number_format(number: &Number) -> String {
    let zeros = match number.decimals {
        0 => "0".to_owned(),
        decimals => format!("0.{}", "0".repeat(decimals as usize)),
    };
    if is_percent(number) { format!("{zeros}%") } else { zeros }
}

fn is_percent(number: &Number) -> bool {
    number.unit == PrintedUnit::Percent && (number.text.ends_with('%') || number.value.is_nothing())
}

/// The number in a cell.
pub(super) fn number_of(number: &Number) -> Option<f64> {
    if is_percent(number) {
        number.value.as_f64()
    } else {
        number.value.in_unit(number.unit)
    }
}

fn write_number<'s>(
    sheet: &'s mut Worksheet,
    (row, column): (u32, u16),
    number: &Number,
    format: Format,
    of_chart: bool,
) -> Result<&'s mut Worksheet, XlsxError> {
    match number_of(number) {
        Some(value) => {
            let format = format.set_num_format(number_format(number));
            sheet.write_number_with_format(row, column, value, &format)
        }
        None if of_chart => sheet.write_blank(row, column, &format),
        None => sheet.write_string_with_format(row, column, &number.text, &format),
    }
}

/// Every figure that the report prints, once, by name: the number, its unit, how it is printed.
fn figures(sheet: &mut Worksheet, report: &Report, look: &Look) -> Result<(), XlsxError> {
    let mut all: BTreeMap<&str, &Number> = BTreeMap::new();
    // Where one is printed in several ways, the finest stands for it.
    for number in numbers(report) {
        let known = all.entry(&number.figure).or_insert(number);
        if known.unit == PrintedUnit::YiYuan && number.unit != known.unit {
            *known = number;
        }
    }
    for (column, (head, width)) in (0_u16..).zip([("指标", 44), ("数值", 18), ("单位", 8), ("印出", 16)]) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, head, &look.head)?;
    }
    sheet.set_freeze_panes(1, 0)?.set_repeat_rows(0, 0)?;
    for (row, (name, number)) in (1_u32..).zip(all) {
        sheet.write_string_with_format(row, 0, name, &look.body(Align::Left, RowKind::Item))?;
        write_number(sheet, (row, 1), number, look.body(Align::Right, RowKind::Item), false)?;
        let unit = match number.unit {
            PrintedUnit::Count => "",
            PrintedUnit::WanYuan => "万元",
            PrintedUnit::YiYuan => "亿元",
            PrintedUnit::Percent => "%",
            PrintedUnit::Ratio => "比",
        };
        sheet.write_string_with_format(row, 2, unit, &look.body(Align::Center, RowKind::Item))?;
        let printed = if number.text.is_empty() { NOTHING } else { &number.text };
        sheet.write_string_with_format(row, 3, printed, &look.body(Align::Right, RowKind::Item))?;
    }
    Ok(())
}

/// Every number, in the order in which the report prints them.
fn numbers(report: &Report) -> impl Iterator<Item = &Number> {
    report.blocks.iter().flat_map(|block| -> Vec<&Number> {
        match block {
            Block::Heading { .. } => Vec::new(),
            Block::Paragraph(paragraph) => paragraph
                .spans
                .iter()
                .filter_map(|span| match span {
                    Span::Figure(number) => Some(number),
                    Span::Text(_) => None,
                })
                .collect(),
            Block::Table(table) => table
                .rows
                .iter()
                .flat_map(|row| &row.cells)
                .filter_map(|cell| match cell {
                    Cell::Figure(number) => Some(number),
                    Cell::Text(_) => None,
                })
                .collect(),
            Block::Chart(chart) => chart.series.iter().flat_map(|series| &series.values).collect(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sheets_are_short_and_unlike() {
        let mut names = HashSet::new();
        assert_eq!(
            sheet_name("表 1 “十四五”: 成交额/增长量[*]?", &mut names),
            "表 1 “十四五” 成交额增长量"
        );
        let long = "图 9 2025 年技术领域成交额与占比以及相较于上年的增长幅度一览";
        let first = sheet_name(long, &mut names);
        let second = sheet_name(long, &mut names);
        assert_eq!(first.encode_utf16().count(), 31);
        assert_eq!(second.encode_utf16().count(), 31);
        assert!(second.ends_with("（2）"), "{second}");
        assert_eq!(sheet_name("：/", &mut names), "：");
        assert_eq!(sheet_name("/", &mut names), "表");
    }
}
