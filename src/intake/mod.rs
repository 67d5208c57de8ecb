//! Reading files of the tabular form: CSV (UTF-8, GB18030, UTF-16) and XLSX, told apart by content, into rows of
//! `domain::interchange` or errors located by row and column. Streaming: memory does not grow with the file. No store, no
//! knowledge of what is registered already.
//!
//! [`open`] → [`Table`] → [`read`] with a [`Sink`]. Meaning of cells: `fields` and `rows`; formats: `text_file`, `csv`,
//! `workbook`; limits: `workbook_guard`, `headers`, `cell`. Beside them `attached` tells what a file is that is only kept.

mod amount;
mod archive_guard;
pub mod attached;
mod cell;
mod csv;
mod date;
mod error;
mod fields;
mod headers;
mod original;
pub mod pasted;
pub mod published;
pub mod report;
mod report_docx;
mod report_text;
mod rows;
mod source;
mod text_file;
mod workbook;
mod workbook_guard;

#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use encoding_rs::Encoding;

pub use amount::is_scientific;
pub use cell::{Cell, MAX_CELL_CHARS, RawRow};
pub use error::{CellError, IntakeError};
pub use headers::{Headers, MAX_COLUMNS};
pub use original::{Places, each_row};
pub use rows::{activity_row, follow_up_row, reference_row, register_row, registrar_row, row};
pub use source::Progress;

use self::{
    source::{RowSource, SourceError, TextRows},
    text_file::TextFile,
    workbook::Workbook,
};
use crate::domain::{
    catalogue::Catalogue,
    interchange::{Kind, Row},
};

/// How often progress is told, in rows.
const PROGRESS_ROWS: u64 = 512;

/// A file whose format is known and which passed the checks that need no meaning.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    bytes: u64,
    format: Format,
}

#[derive(Debug)]
enum Format {
    Text { encoding: &'static Encoding, mark: usize },
    Workbook,
}

impl Table {
    /// What the file turned out to be, for people: `CSV（GB18030）`, `XLSX`.
    pub fn format(&self) -> String {
        match self.format {
            Format::Text { encoding, .. } => format!("CSV（{}）", text_file::encoding_name(encoding)),
            Format::Workbook => "XLSX".into(),
        }
    }
}

/// Opens a file and finds out what it is, by its content. Reads it through once, to be sure of its encoding or soundness.
///
/// # Errors
/// Empty, neither text nor workbook, an encoding that is not accepted, damaged, a bomb.
pub fn open(path: &Path) -> Result<Table, IntakeError> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut start = Vec::with_capacity(8);
    file.by_ref().take(8).read_to_end(&mut start)?;
    let format = match start.as_slice() {
        [] => return Err(IntakeError::Empty),
        [b'P', b'K', 3, 4, ..] => {
            workbook_guard::check(path)?;
            Format::Workbook
        }
        [0xD0, 0xCF, 0x11, 0xE0, ..] => return Err(IntakeError::OldExcel),
        _ => {
            let (encoding, mark) = text_file::detect(path)?;
            Format::Text { encoding, mark }
        }
    };
    Ok(Table {
        path: path.to_owned(),
        bytes,
        format,
    })
}

/// Takes what [`read`] finds, as it finds it.
pub trait Sink {
    /// Why the taker stops.
    type Error;

    /// The columns of the kind that the file does not have, by their index in the kind's columns; told once, before any row.
    fn absent(&mut self, _columns: Vec<usize>) {}

    /// A sound row; `number` as the spreadsheet counts, the header being 1.
    ///
    /// # Errors
    /// Ends reading.
    fn row(&mut self, number: u32, row: Row) -> Result<(), Self::Error>;

    /// A wrong cell. Every one of the file comes here, so a taker that keeps them should bound how many.
    ///
    /// # Errors
    /// Ends reading.
    fn error(&mut self, error: CellError) -> Result<(), Self::Error>;

    /// A row with wrong cells, after they were told, where what must be unique about it could be read all the same: `key` as
    /// [`Row::key`] gives it for a sound row.
    ///
    /// # Errors
    /// Ends reading.
    fn unsound(&mut self, _number: u32, _key: &str) -> Result<(), Self::Error> {
        Ok(())
    }

    /// How many rows with something in them were read, the header not counted: told before each [`Self::progress`].
    fn rows(&mut self, _rows: u64) {}

    /// How far reading is, every few hundred rows and at the end.
    fn progress(&mut self, _progress: Progress) {}
}

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Rows with something in them, the header not counted.
    pub rows: u64,
    /// Of these, rows without an error.
    pub sound: u64,
    /// Errors told, those of the file and its headers included.
    pub errors: u64,
    /// Whether the file was read to its end; otherwise the last error says why not.
    pub complete: bool,
}

/// Reads the whole table, handing each sound row and each error to the sink.
///
/// # Errors
/// Only those of the sink; what is wrong with the file goes to [`Sink::error`].
pub fn read<S: Sink>(table: &Table, kind: Kind, catalogue: &Catalogue, sink: &mut S) -> Result<Summary, S::Error> {
    let mut reading = Reading {
        kind,
        catalogue,
        sink,
        summary: Summary {
            rows: 0,
            sound: 0,
            errors: 0,
            complete: false,
        },
    };
    match table.format {
        Format::Text { encoding, mark } => {
            match TextFile::open(&table.path, encoding, mark).and_then(|file| TextRows::new(file, table.bytes)) {
                Ok(mut rows) => reading.all(&mut rows)?,
                Err(error) => reading.tell(&IntakeError::from(error))?,
            }
        }
        Format::Workbook => match Workbook::open(&table.path) {
            Ok(mut workbook) => match workbook.sheet_for(kind).and_then(|sheet| workbook.rows(&sheet)) {
                Ok(mut rows) => reading.all(&mut rows)?,
                Err(error) => reading.tell(&error)?,
            },
            Err(error) => reading.tell(&error)?,
        },
    }
    Ok(reading.summary)
}

struct Reading<'r, S> {
    kind: Kind,
    catalogue: &'r Catalogue,
    sink: &'r mut S,
    summary: Summary,
}

impl<S: Sink> Reading<'_, S> {
    fn tell(&mut self, error: impl Into<CellError>) -> Result<(), S::Error> {
        self.summary.errors += 1;
        self.sink.error(error.into())
    }

    fn all(&mut self, source: &mut impl RowSource) -> Result<(), S::Error> {
        match self.headers(source)? {
            Some(headers) => {
                self.sink.absent(headers.absent().collect());
                self.rows(source, &headers)
            }
            None => Ok(()),
        }
    }

    /// The first row with anything in it.
    fn headers(&mut self, source: &mut impl RowSource) -> Result<Option<Headers>, S::Error> {
        loop {
            let errors = match source.next_row() {
                Ok(Some(row)) if row.is_blank() => continue,
                Ok(Some(row)) => match Headers::read(&row, self.kind) {
                    Ok(headers) => return Ok(Some(headers)),
                    Err(errors) => errors,
                },
                Ok(None) => vec![CellError::from(&IntakeError::Empty)],
                Err(error) => vec![CellError::from(&error)],
            };
            for error in errors {
                self.tell(error)?;
            }
            return Ok(None);
        }
    }

    fn rows(&mut self, source: &mut impl RowSource, headers: &Headers) -> Result<(), S::Error> {
        loop {
            let (number, read) = match source.next_row() {
                Ok(Some(row)) if row.is_blank() => continue,
                Ok(Some(raw)) => {
                    let read = row(self.kind, &raw, headers, self.catalogue);
                    (
                        raw.number,
                        read.map_err(|errors| (errors, rows::key(self.kind, &raw, headers, self.catalogue))),
                    )
                }
                Ok(None) => break,
                Err(SourceError::UnbalancedQuote { row, column }) => {
                    let mut error = CellError::from(&SourceError::UnbalancedQuote { row, column });
                    error.column = headers.name_at(column);
                    return self.tell(error);
                }
                Err(error) => return self.tell(&error),
            };
            self.summary.rows += 1;
            match read {
                Ok(row) => {
                    self.summary.sound += 1;
                    self.sink.row(number, row)?;
                }
                Err((errors, key)) => {
                    for error in errors {
                        self.tell(error)?;
                    }
                    if let Some(key) = key {
                        self.sink.unsound(number, &key)?;
                    }
                }
            }
            if self.summary.rows.is_multiple_of(PROGRESS_ROWS) {
                self.sink.rows(self.summary.rows);
                self.sink.progress(source.progress());
            }
        }
        self.summary.complete = true;
        let end = source.progress();
        self.sink.rows(self.summary.rows);
        self.sink.progress(Progress {
            done: end.total,
            total: end.total,
        });
        Ok(())
    }
}
