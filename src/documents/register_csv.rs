//! The register as CSV: UTF-8 with byte order mark, CRLF, the columns of `domain::interchange`, row by row.

use std::io::Write;

use super::register_cells::{TableError, text};
use crate::domain::{
    catalogue::Catalogue,
    interchange::{RegisterColumn, RegisterRow, Value, marked},
};

/// Writes rows as they come; holds one at a time.
pub struct RegisterCsv<'c, W: Write> {
    csv: csv::Writer<W>,
    catalogue: &'c Catalogue,
}

impl<'c, W: Write> RegisterCsv<'c, W> {
    /// Writes byte order mark and header.
    ///
    /// # Errors
    /// Of the output.
    pub fn new(mut output: W, catalogue: &'c Catalogue) -> Result<Self, TableError> {
        output.write_all("\u{FEFF}".as_bytes())?;
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(output);
        csv.write_record(crate::domain::interchange::REGISTER_COLUMNS.iter().map(|c| c.header))?;
        Ok(Self { csv, catalogue })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// Of the output.
    pub fn write(&mut self, row: &RegisterRow) -> Result<(), TableError> {
        for column in RegisterColumn::ALL {
            let value = column.value(row);
            let text = text(value, self.catalogue);
            let is_text = matches!(value, Value::Text(_) | Value::Code(..) | Value::Codes(..));
            let text = if is_text { marked(&text) } else { text.as_ref().into() };
            self.csv.write_field(text.as_bytes())?;
        }
        self.csv.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Ends the file and gives the output back.
    ///
    /// # Errors
    /// Of the output.
    pub fn finish(self) -> Result<W, TableError> {
        self.csv
            .into_inner()
            .map_err(|e| TableError::Io(std::io::Error::other(e.error().to_string())))
    }
}
