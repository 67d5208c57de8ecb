//! A pivot as CSV and XLSX: heads in Chinese, totals at the end, numbers as numbers. Amounts are in 万元, shares in CSV in percent.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, XlsxError};

use super::workbook::workbook;

use crate::{
    domain::interchange::marked,
    statistics::{
        FigureValue, UnitKind,
        pivot::{Head, Pivot},
    },
};

/// UTF-8 byte order mark, by which Excel knows the encoding.
const BOM: &str = "\u{FEFF}";

/// What the last row and column are called.
const TOTAL: &str = "合计";

/// Title of the table: what of which year by what.
pub fn title(pivot: &Pivot) -> String {
    let by = match pivot.layout.columns {
        Some(columns) => format!("{}、{}", pivot.layout.rows.label(), columns.label()),
        None => pivot.layout.rows.label().to_owned(),
    };
    let measure = pivot.layout.measure.label();
    let measure = measure.strip_prefix("合同").unwrap_or(measure);
    format!("{}年技术合同{measure}（按{by}）", pivot.year)
}

/// The unit of the cells, and of what moment they are.
pub fn subtitle(pivot: &Pivot) -> String {
    let unit = match pivot.total.unit() {
        UnitKind::Fen => "万元",
        UnitKind::Rate => "%",
        _ => "项",
    };
    format!(
        "单位：{unit}　统计时点：{}　登记账：第 {} 条",
        pivot.as_of, pivot.ledger.sequence
    )
}

/// Head and rows as text: labels, and each value as `write` says it.
fn lines<T>(pivot: &Pivot, text: impl Fn(&str) -> T, write: impl Fn(&FigureValue) -> T) -> Vec<Vec<T>> {
    let label = |head: &Head| text(&head.label);
    let mut lines = Vec::new();
    let mut first = vec![text(pivot.layout.rows.label())];
    first.extend(pivot.columns.iter().map(label));
    first.push(text(TOTAL));
    lines.push(first);
    for ((head, cells), total) in pivot.rows.iter().zip(&pivot.cells).zip(&pivot.row_totals) {
        let mut line = vec![label(head)];
        line.extend(cells.iter().chain([total]).map(&write));
        lines.push(line);
    }
    let mut last = vec![text(TOTAL)];
    last.extend(pivot.column_totals.iter().chain([&pivot.total]).map(&write));
    lines.push(last);
    lines
}

/// As CSV: UTF-8 with byte order mark, CRLF; values unrounded, empty for nothing; no text is taken for a formula.
///
/// # Errors
/// Never: it is written to memory.
pub fn pivot_csv(pivot: &Pivot) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(BOM.as_bytes().to_vec());
    let text = |text: &str| marked(text).into_owned();
    for line in lines(pivot, text, |value| value.unrounded().unwrap_or_default()) {
        writer.write_record(line)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

enum Cell {
    Text(String),
    Number(f64),
    Nothing,
}

/// As a workbook of one sheet: merged title, unit, heads, numbers formatted and not rounded.
///
/// # Errors
/// Of the writer.
pub fn pivot_xlsx(pivot: &Pivot) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = workbook()?;
    let sheet = workbook.add_worksheet();
    sheet.set_name("透视表")?;
    let (format, number): (_, fn(f64) -> f64) = match pivot.total.unit() {
        UnitKind::Fen => ("#,##0.00", |fen| fen / 1_000_000.0),
        UnitKind::Rate => ("0.0%", |rate| rate),
        _ => ("#,##0", |count| count),
    };
    let cell = |value: &FigureValue| value.as_f64().map_or(Cell::Nothing, |n| Cell::Number(number(n)));
    let lines = lines(pivot, |text| Cell::Text(text.to_owned()), cell);
    let last_column = u16::try_from(pivot.columns.len() + 1).unwrap_or(u16::MAX);
    let bordered = Format::new().set_border(FormatBorder::Thin);
    let heads = bordered
        .clone()
        .set_bold()
        .set_align(FormatAlign::Center)
        .set_text_wrap();
    let numbers = bordered.clone().set_num_format(format);
    let titled = Format::new()
        .set_bold()
        .set_font_size(14)
        .set_align(FormatAlign::Center);
    sheet.merge_range(0, 0, 0, last_column, &title(pivot), &titled)?;
    let unit = Format::new().set_align(FormatAlign::Right);
    sheet.merge_range(1, 0, 1, last_column, &subtitle(pivot), &unit)?;
    for (line, row) in lines.iter().zip(2..) {
        for (cell, column) in line.iter().zip(0..) {
            match cell {
                Cell::Text(text) => sheet.write_string_with_format(row, column, text, &heads)?,
                Cell::Number(number) => sheet.write_number_with_format(row, column, *number, &numbers)?,
                Cell::Nothing => sheet.write_string_with_format(row, column, crate::statistics::NOTHING, &bordered)?,
            };
        }
    }
    sheet.set_column_width(0, 22)?;
    sheet.set_column_range_width(1, last_column, 14)?;
    sheet.set_freeze_panes(3, 1)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    workbook.save_to_buffer()
}
