//! A table as it stands, row by row, without any meaning: to count its rows, and to give it back with remarks.

use super::{
    Format, Table,
    cell::{RawRow, column_letters, shown},
    error::{CellError, IntakeError},
    headers::column_index,
    source::{RowSource, TextRows},
    text_file::TextFile,
    workbook::Workbook,
};
use crate::domain::interchange::{Kind, REMARK_HEADER, header_key};

/// What is found of a table, in order.
#[derive(Debug)]
pub enum Piece<'r, 'a> {
    /// A sheet begins; told of workbooks of which errors say the sheet.
    Sheet(&'r str),
    /// A row of it.
    Row(&'r RawRow<'a>),
}

/// Hands every row of the table to `take`, blank ones too where the file has them, up to the end or to what cannot be read, which is
/// answered. Of a workbook these are the rows of the sheets that are read.
///
/// # Errors
/// Those of `take`.
pub fn each_row<E>(
    table: &Table,
    kind: Kind,
    mut take: impl FnMut(Piece<'_, '_>) -> Result<(), E>,
) -> Result<Option<CellError>, E> {
    let whole = |error: &IntakeError| Ok(Some(CellError::from(error)));
    match table.format {
        Format::Text(detected) => {
            match TextFile::open(&table.path, detected).and_then(|file| TextRows::new(file, table.bytes)) {
                Ok(mut rows) => pass(&mut rows, &mut take),
                Err(error) => whole(&IntakeError::from(error)),
            }
        }
        Format::Workbook => {
            let mut book = match Workbook::open(&table.path) {
                Ok(book) => book,
                Err(error) => return whole(&error),
            };
            let sheets = match book.sheets_for(kind, None) {
                Ok(sheets) => sheets,
                Err(error) => return Ok(Some(CellError::from(&error))),
            };
            for sheet in &sheets.wanted {
                if sheets.are_named() {
                    take(Piece::Sheet(&sheet.name))?;
                }
                let ended = match book.rows(sheet) {
                    Ok(mut rows) => pass(&mut rows, &mut take)?,
                    Err(error) => Some(CellError::from(&error)),
                };
                if ended.is_some() {
                    return Ok(ended);
                }
            }
            Ok(None)
        }
    }
}

fn pass<E>(
    source: &mut impl RowSource,
    take: &mut impl FnMut(Piece<'_, '_>) -> Result<(), E>,
) -> Result<Option<CellError>, E> {
    loop {
        match source.next_row() {
            Ok(Some(row)) => take(Piece::Row(&row))?,
            Ok(None) => return Ok(None),
            Err(error) => return Ok(Some(CellError::from(&error))),
        }
    }
}

/// Where the columns that errors name stand in a file.
#[derive(Debug, Default)]
pub struct Places {
    kind: Option<Kind>,
    names: Vec<String>,
}

impl Places {
    /// Of the header row, right or not.
    pub fn of(row: &RawRow<'_>, kind: Kind) -> Self {
        Self {
            kind: Some(kind),
            names: row.cells.iter().map(|c| c.display().into_owned()).collect(),
        }
    }

    /// The place of the column that this program added when it gave the file back before.
    pub fn remark(&self) -> Option<usize> {
        self.names.iter().position(|n| header_key(n) == REMARK_HEADER)
    }

    /// The place of the column that [`CellError::column`] names.
    pub fn find(&self, column: &str) -> Option<usize> {
        let index = |name: &str| self.kind.and_then(|kind| column_index(&header_key(name), kind));
        let known = index(column);
        let mut names = self.names.iter();
        names
            .position(|name| !name.is_empty() && (shown(name) == column || (known.is_some() && index(name) == known)))
            .or_else(|| (0..super::MAX_COLUMNS).find(|place| column_letters(*place) == column))
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{super::Cell, *};

    #[test]
    fn columns_are_found_by_header_alias_and_letters() {
        let row = RawRow {
            number: 1,
            cells: ["年 度", "数值(元)", "", "备忘", "错误说明"]
                .iter()
                .map(|c| Cell::text(Cow::Borrowed(c)))
                .collect(),
            ..RawRow::default()
        };
        let places = Places::of(&row, Kind::Reference);
        let found = ["年度", "数值（元）", "备忘", "C", "H", "指标", ""].map(|c| places.find(c));
        assert_eq!(found, [Some(0), Some(1), Some(3), Some(2), Some(7), None, None]);
        assert_eq!(places.remark(), Some(4));
    }
}
