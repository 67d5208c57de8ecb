//! Where rows come from: what CSV and XLSX have in common.

use super::{
    cell::{RawRow, column_letters},
    csv::{CsvError, CsvReader},
    error::{CellError, IntakeError},
    headers::MAX_COLUMNS,
    text_file::TextFile,
};

/// How far reading is, in bytes of a text or rows of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Read.
    pub done: u64,
    /// To read; a hint.
    pub total: u64,
}

/// Rows, one after the other.
pub trait RowSource {
    /// The next row; `None` at the end. Nothing can be read behind an error.
    ///
    /// # Errors
    /// [`SourceError`].
    fn next_row(&mut self) -> Result<Option<RawRow<'_>>, SourceError>;

    /// Rows below `header` (as the spreadsheet counts) hold data.
    fn begin_below(&mut self, _header: u32) {}

    /// Columns that the spreadsheet hides: first and last, from 0.
    fn hidden_columns(&self) -> &[(usize, usize)] {
        &[]
    }

    /// The first row with a formula's result that the file says is still to be worked out, and how many such results were read.
    fn unproven(&self) -> Option<(u32, u64)> {
        None
    }

    /// How far reading is.
    fn progress(&self) -> Progress;
}

/// Why no more rows come.
#[derive(Debug)]
pub enum SourceError {
    /// The file as a whole.
    File(IntakeError),
    /// A quote without its partner, opened in this row and column (0 is the first).
    UnbalancedQuote { row: u32, column: usize },
    /// Something stands beyond the last column that is read.
    TooManyColumns { row: u32 },
}

impl From<&SourceError> for CellError {
    fn from(error: &SourceError) -> Self {
        let (row, column, code, detail) = match error {
            SourceError::File(error) => return error.into(),
            SourceError::UnbalancedQuote { row, column } => (
                *row,
                column_letters(*column),
                "unbalanced_quote",
                "引号不配对：从这里起的内容无法分列，请补上或删去引号（内容中的引号应写两遍）".to_owned(),
            ),
            SourceError::TooManyColumns { row } => (
                *row,
                column_letters(MAX_COLUMNS),
                "too_many_columns",
                format!("超过 {MAX_COLUMNS} 列，请删去多余的列"),
            ),
        };
        Self {
            column,
            ..Self::of_row(row, code, detail)
        }
    }
}

impl From<IntakeError> for SourceError {
    fn from(error: IntakeError) -> Self {
        Self::File(error)
    }
}

impl From<CsvError> for SourceError {
    fn from(error: CsvError) -> Self {
        match error {
            CsvError::Io(error) => Self::File(error.into()),
            CsvError::Changed => Self::File(IntakeError::Io(std::io::Error::other("文件在读取时被改动"))),
            CsvError::UnbalancedQuote { row, column } => Self::UnbalancedQuote { row, column },
            CsvError::TooManyColumns { row } => Self::TooManyColumns { row },
        }
    }
}

/// The records of a text file.
pub struct TextRows {
    csv: CsvReader<TextFile>,
    bytes: u64,
}

impl TextRows {
    /// The records of `file`, which has `bytes` bytes.
    ///
    /// # Errors
    /// Of the file system.
    pub fn new(file: TextFile, bytes: u64) -> std::io::Result<Self> {
        let csv = CsvReader::new(file)?;
        Ok(Self { csv, bytes })
    }
}

impl RowSource for TextRows {
    fn next_row(&mut self) -> Result<Option<RawRow<'_>>, SourceError> {
        Ok(self.csv.next_row()?)
    }

    fn progress(&self) -> Progress {
        Progress {
            done: self.csv.input().bytes_read(),
            total: self.bytes,
        }
    }
}
