//! The register as XLSX: the columns of `domain::interchange`, amounts as numbers, dates as dates, times and codes as text.
//! Texts are strings, never formulas, whatever they start with.

use std::io::Write;

use chrono::Datelike as _;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::register_cells::{TableError, text};
use crate::domain::{
    catalogue::Catalogue,
    interchange::{Form, REGISTER_COLUMNS, RegisterColumn, RegisterRow, Value, guarded},
    money::Fen,
};

/// Rows of a sheet, the header included.
const MAX_ROWS: u32 = 1_048_576;

/// The first year whose days are written as dates; earlier ones are text, since a date cell of before is taken for a number.
const FIRST_YEAR: i32 = 1980;

/// From here on an amount in fen may lose its last digit as a spreadsheet's number, and is written as text.
const MAX_NUMBER_FEN: Fen = 1_000_000_000_000_000;

/// Writes rows as they come, into a temporary file; memory does not grow with them.
pub struct RegisterXlsx<'c> {
    workbook: Workbook,
    catalogue: &'c Catalogue,
    formats: Formats,
    row: u32,
}

/// Formats of cells.
struct Formats {
    /// What a person edits in it stays text: a number of sixteen digits would lose its last.
    text: Format,
    date: Format,
    amount: Format,
}

impl<'c> RegisterXlsx<'c> {
    /// Starts a workbook with the header.
    ///
    /// # Errors
    /// Of the temporary file.
    pub fn new(catalogue: &'c Catalogue) -> Result<Self, TableError> {
        let mut workbook = super::workbook::workbook()?;
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name("登记台账")?.set_freeze_panes(1, 0)?;
        let header = Format::new().set_bold();
        let text = Format::new().set_num_format("@");
        for (column, place) in REGISTER_COLUMNS.iter().zip(0..) {
            sheet.set_column_width(place, width(column.form))?;
            if is_text(column.form) {
                sheet.set_column_format(place, &text)?;
            }
            sheet.write_string_with_format(0, place, column.header, &header)?;
        }
        Ok(Self {
            workbook,
            catalogue,
            formats: Formats {
                text,
                date: Format::new().set_num_format("yyyy-mm-dd"),
                amount: Format::new().set_num_format("0.00"),
            },
            row: 0,
        })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// Too many rows, a text too long for a cell, the temporary file.
    pub fn write(&mut self, row: &RegisterRow) -> Result<(), TableError> {
        self.row += 1;
        if self.row >= MAX_ROWS {
            return Err(TableError::TooManyRows);
        }
        let at = self.row;
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (column, place) in RegisterColumn::ALL.iter().zip(0..) {
            let value = column.value(row);
            if matches!(value, Value::Empty) {
                // Programs do not ask the column for the format of a cell that is not there, and numbers typed into it lose digits.
                if REGISTER_COLUMNS
                    .get(usize::from(place))
                    .is_some_and(|c| is_text(c.form))
                {
                    sheet.write_blank(at, place, &self.formats.text)?;
                }
                continue;
            }
            write_cell(sheet, (at, place), value, self.catalogue, &self.formats).map_err(|error| match error {
                XlsxError::MaxStringLengthExceeded => TableError::TextTooLong { row: at + 1 },
                error => error.into(),
            })?;
        }
        Ok(())
    }

    /// Puts the workbook together in `output`.
    ///
    /// # Errors
    /// Of the output.
    pub fn finish<W: Write + Send>(mut self, output: W) -> Result<(), TableError> {
        Ok(self.workbook.save_to_writer(output)?)
    }
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    value: Value<'_>,
    catalogue: &Catalogue,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match value {
        Value::Empty => {}
        // Before, days are numbers that nobody typed: they are not read back.
        Value::Date(day) if day.year() >= FIRST_YEAR => {
            let day = ExcelDateTime::parse_from_str(&day.to_string())?;
            sheet.write_datetime_with_format(row, column, day, &formats.date)?;
        }
        #[expect(clippy::cast_precision_loss, reason = "below 10^15, so exact to the fen")]
        Value::Amount(fen) if fen.abs() < MAX_NUMBER_FEN => {
            sheet.write_number_with_format(row, column, fen as f64 / 100.0, &formats.amount)?;
        }
        value => {
            sheet.write_string_with_format(
                row,
                column,
                guarded(&text(value, catalogue)).into_owned(),
                &formats.text,
            )?;
        }
    }
    Ok(())
}

/// Whether what a person types into the column is text, whatever it looks like.
fn is_text(form: Form) -> bool {
    matches!(form, Form::Text | Form::Identifier | Form::CreditCode)
}

/// Width of a column in characters.
fn width(form: Form) -> f64 {
    match form {
        Form::Text => 30.0,
        Form::Moment => 27.0,
        Form::CreditCode | Form::Identifier => 20.0,
        _ => 14.0,
    }
}
