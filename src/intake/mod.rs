//! Reading files of the tabular form: CSV (UTF-8, GB18030, UTF-16) and XLSX, told apart by content, into rows of
//! `domain::interchange` or errors located by row and column. Streaming: memory does not grow with the file. No store, no
//! knowledge of what is registered already.
//!
//! [`open`] → [`Table`] → [`read`] with a [`Sink`]. A cell is never guessed at: it is read, or refused with its place; what is
//! doubtful and taken all the same is a notice. Meaning of cells: `fields`, `labels`, `placeholders` and `rows`; rows that are no
//! records: `aside`, and records where none should be: `likely`; the unit of amounts, wherever a file says it: `unit`; formats:
//! `text_file`, `csv`, `workbook`; limits: `workbook::guard`, `headers`, `cell`. Beside them `attached` tells what a file is that is only kept.

mod active;
mod amount;
mod archive_guard;
mod aside;
pub mod attached;
mod cell;
mod csv;
mod date;
mod error;
mod fields;
mod fitting;
mod headers;
mod labels;
mod likely;
mod look;
mod lost;
mod original;
pub mod pasted;
mod placeholders;
pub mod published;
mod reading;
pub mod report;
mod report_docx;
mod report_text;
mod rows;
pub mod scanner;
mod source;
mod text_file;
mod unit;
mod workbook;

#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

pub use amount::is_scientific;
pub use cell::{Cell, MAX_CELL_CHARS, RawRow};
pub use error::{CellError, IntakeError};
pub use headers::{Headers, LOOKED_FOR_HEADER, MAX_COLUMNS, is_header};
pub use original::{Piece, Places, each_row};
pub use source::Progress;

pub use reading::read;

use self::text_file::Detected;
use crate::domain::interchange::Row;

/// How much of a text's beginning is looked at for what it is, in bytes.
const BEGINNING_BYTES: usize = 4096;

/// A file whose format is known and which passed the checks that need no meaning.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    bytes: u64,
    format: Format,
}

#[derive(Debug)]
enum Format {
    Text(Detected),
    Workbook,
}

impl Table {
    /// What the file turned out to be, for people: `CSV（GB18030）`, `XLSX`.
    pub fn format(&self) -> String {
        match self.format {
            Format::Text(detected) => format!("CSV（{}）", text_file::encoding_name(detected.encoding)),
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
            workbook::guard::check(path)?;
            Format::Workbook
        }
        [0xD0, 0xCF, 0x11, 0xE0, ..] => return Err(IntakeError::OldExcel),
        [b'%', b'P', b'D', b'F', ..] => return Err(IntakeError::OtherFormat("PDF 文件")),
        _ => {
            let detected = text_file::detect_padded(path)?;
            let beginning = text_file::beginning(path, detected, BEGINNING_BYTES)?;
            if let Some(format) = other_format(&beginning) {
                return Err(IntakeError::OtherFormat(format));
            }
            Format::Text(detected)
        }
    };
    Ok(Table {
        path: path.to_owned(),
        bytes,
        format,
    })
}

/// What a text is that is no CSV, by its beginning: programs write web pages and XML of 2003 and call them `.xls`.
fn other_format(beginning: &str) -> Option<&'static str> {
    let text = beginning.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\0'));
    let start: String = text.chars().take(1024).flat_map(char::to_lowercase).collect();
    if start.starts_with("mime-version:") || (start.starts_with("content-type:") && start.contains("multipart")) {
        return Some("网页归档格式（MHTML）的表格");
    }
    if start.starts_with("{\\rtf") {
        return Some("RTF 文档");
    }
    if let Some(rest) = start.strip_prefix(['[', '{'])
        && rest.trim_start().starts_with(['{', '[', '"'])
    {
        return Some("JSON 文件");
    }
    if !start.starts_with('<') {
        // A page may begin with its title; no line of a table does before a tag.
        let before = start.split('<').next().unwrap_or_default();
        let is_page = start.contains("<table") || (start.contains("<tr") && start.contains("<td"));
        let is_line = before.contains([',', ';', '\t', '|', '\n']);
        return (is_page && !is_line).then_some("网页格式（HTML）的表格");
    }
    let is_2003 = start.contains("urn:schemas-microsoft-com:office:spreadsheet") || start.contains("excel.sheet");
    let is_page = [
        "<html",
        "<!doctype html",
        "<table",
        "<head",
        "<body",
        "<meta",
        "<style",
        "<div",
        "<tr",
    ];
    if is_2003 && !start.contains("<html") {
        Some("XML 2003 格式（SpreadsheetML）的表格")
    } else if is_page.iter().any(|tag| start.contains(tag)) {
        Some("网页格式（HTML）的表格")
    } else if start.starts_with("<?xml") || start.starts_with("<!--") {
        Some("XML 文件")
    } else {
        None
    }
}

/// Takes what [`read`] finds, as it finds it.
pub trait Sink {
    /// Why the taker stops.
    type Error;

    /// The sheet that what follows is of, where several of a workbook are read.
    fn sheet(&mut self, _name: &str) {}

    /// The columns of the kind that the file or sheet does not have, by their index in the kind's columns; told before any row of it.
    fn absent(&mut self, _columns: Vec<usize>) {}

    /// Something that a person should know of what is taken all the same: hidden rows, rows that are no records, doubtful cells. Every
    /// one comes here, so a taker that keeps them should bound how many.
    fn notice(&mut self, _notice: CellError) {}

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
