//! A list as people see it, as XLSX: a head, then row by row; amounts as numbers, days as dates. Texts are strings, never formulas,
//! whatever they start with.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, XlsxError};

use crate::domain::{
    money::{Fen, format_yuan},
    time::Date,
};

/// From here on an amount in fen may lose its last digit as a spreadsheet's number, and is written as text.
const MAX_NUMBER_FEN: Fen = 1_000_000_000_000_000;

/// Characters of a cell.
const LONGEST: usize = 32_767;

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListCell {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// An amount, written in 元.
    Amount(Fen),
    /// A day.
    Day(Date),
}

/// Writes rows as they come, into a temporary file; memory does not grow with them.
pub struct ListXlsx {
    workbook: Workbook,
    /// What a person edits in it stays text: a number of sixteen digits would lose its last.
    text: Format,
    date: Format,
    amount: Format,
    row: u32,
}

impl ListXlsx {
    /// Starts a workbook of one sheet: its name, and each column's head and width in characters.
    ///
    /// # Errors
    /// Of the temporary file.
    pub fn new(name: &str, columns: &[(&str, f64)]) -> Result<Self, XlsxError> {
        let mut workbook = super::workbook::workbook()?;
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        let head = Format::new().set_bold();
        for ((label, width), place) in columns.iter().zip(0..) {
            sheet.set_column_width(place, *width)?;
            sheet.write_string_with_format(0, place, *label, &head)?;
        }
        Ok(Self {
            workbook,
            text: Format::new().set_num_format("@"),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            amount: Format::new().set_num_format("#,##0.00"),
            row: 0,
        })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// More rows than a sheet holds; the temporary file.
    pub fn write(&mut self, cells: &[ListCell]) -> Result<(), XlsxError> {
        self.row += 1;
        let row = self.row;
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (cell, place) in cells.iter().zip(0..) {
            match cell {
                ListCell::Empty => {}
                ListCell::Text(text) => {
                    let text: String = text.chars().take(LONGEST).collect();
                    sheet.write_string_with_format(row, place, text, &self.text)?;
                }
                #[expect(clippy::cast_precision_loss, reason = "below 10^15, so exact to the fen")]
                ListCell::Amount(fen) if fen.abs() < MAX_NUMBER_FEN => {
                    sheet.write_number_with_format(row, place, *fen as f64 / 100.0, &self.amount)?;
                }
                ListCell::Amount(fen) => {
                    sheet.write_string(row, place, format_yuan(*fen))?;
                }
                ListCell::Day(day) => match ExcelDateTime::parse_from_str(&day.to_string()) {
                    Ok(date) => {
                        sheet.write_datetime_with_format(row, place, date, &self.date)?;
                    }
                    Err(_) => {
                        sheet.write_string(row, place, day.to_string())?;
                    }
                },
            }
        }
        Ok(())
    }

    /// The file.
    ///
    /// # Errors
    /// Of the temporary file.
    pub fn finish(mut self) -> Result<Vec<u8>, XlsxError> {
        self.workbook.save_to_buffer()
    }
}
