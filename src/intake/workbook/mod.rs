//! XLSX workbooks: their sheets, and the rows of a sheet, streamed. Written out here, on an XML reader, because a cell must be read or
//! refused with its place: the libraries that read workbooks give up the whole book for one odd cell, read a formula without a
//! result as an empty cell, and tell neither hidden rows nor the days of 1904.
//!
//! [`guard`] lets a file pass before anything here sees it; `parts` reads what belongs to the whole book, `sheet` the cells,
//! `merged` what a merged block says, `formats` and `pattern` which numbers are dates and what a cell shows of the others.

mod formats;
pub mod guard;
mod merged;
mod parts;
mod pattern;
mod sheet;
mod text;

use std::{collections::HashSet, fs::File, io::BufReader, path::Path};

use quick_xml::Reader;
use zip::{ZipArchive, read::ZipFile};

pub use self::sheet::SheetRows;
use self::{
    merged::Block,
    parts::{SheetPart, Strings, Styles},
};
use super::{
    cell::Cell,
    error::IntakeError,
    headers::{self, LOOKED_FOR_HEADER},
    source::{RowSource as _, SourceError},
};
use crate::domain::{
    catalogue::Catalogue,
    interchange::{EXAMPLE_SHEET, Kind},
    text::key,
};

type Part<'a> = Reader<BufReader<ZipFile<'a, BufReader<File>>>>;

/// An open workbook; its shared strings and styles are held, its sheets are not.
pub struct Workbook {
    archive: ZipArchive<BufReader<File>>,
    sheets: Vec<SheetPart>,
    /// Whether days are counted from 1904.
    from_1904: bool,
    /// Whether the results of formulas are still to be worked out.
    is_uncomputed: bool,
    strings: Strings,
    styles: Styles,
}

/// A sheet with something in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its place in the book, from 0.
    index: usize,
    /// As its tab says.
    pub name: String,
    /// Whether its tab is hidden.
    pub hidden: bool,
    /// Why it is not read, where it is not.
    pub passed_over: PassedOver,
}

/// Why a sheet is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassedOver {
    /// It has no header of the kind.
    NoHeader,
    /// It has the name of the sheet that shows made-up rows.
    Example,
}

/// What of a workbook is to be read.
#[derive(Debug)]
pub struct Sheets {
    /// Sheets with the headers of the kind; where there is none, the first with anything in it.
    pub wanted: Vec<Sheet>,
    /// The other sheets with something in them that is not the form's own.
    pub others: Vec<Sheet>,
}

impl Sheets {
    /// Whether what is told of a sheet must say which: there are several that a person sees.
    pub fn are_named(&self) -> bool {
        let is_seen = |sheet: &Sheet| !sheet.hidden && sheet.passed_over == PassedOver::NoHeader;
        self.wanted.len() > 1 || self.others.iter().any(is_seen)
    }
}

pub(super) fn damaged(what: &str) -> IntakeError {
    IntakeError::Damaged(what.to_owned())
}

impl Workbook {
    /// Opens a file that [`guard`] has let pass.
    ///
    /// # Errors
    /// Not to be read, or damaged.
    pub fn open(path: &Path) -> Result<Self, IntakeError> {
        let mut archive =
            ZipArchive::new(BufReader::new(File::open(path)?)).map_err(|_| damaged("压缩结构无法读取"))?;
        let book = parts::book(&mut archive)?;
        let strings = match &book.strings {
            Some(part) => parts::strings(&mut archive, part)?,
            None => Strings::default(),
        };
        let styles = match &book.styles {
            Some(part) => parts::styles(&mut archive, part)?,
            None => Styles::default(),
        };
        Ok(Self {
            archive,
            sheets: book.sheets,
            from_1904: book.from_1904,
            is_uncomputed: book.is_uncomputed,
            strings,
            styles,
        })
    }

    /// Which sheets hold rows of the kind: hidden ones too. What the form itself brings with it, its example and its lists of the
    /// catalogue's labels, is no other sheet; without a catalogue, hidden lists are others.
    ///
    /// # Errors
    /// Damaged, or no sheet with anything in it.
    pub fn sheets_for(&mut self, kind: Kind, catalogue: Option<&Catalogue>) -> Result<Sheets, SourceError> {
        let columns = || kind.columns().iter();
        let choices = catalogue
            .into_iter()
            .flat_map(|catalogue| columns().flat_map(|column| column.choices(catalogue)));
        let choices: HashSet<String> = choices.map(|label| key(&label)).collect();
        let mut found = Sheets {
            wanted: Vec::new(),
            others: Vec::new(),
        };
        let mut has_example = false;
        for index in 0..self.sheets.len() {
            let Some(part) = self.sheets.get(index) else { break };
            let mut sheet = Sheet {
                index,
                name: part.name.clone(),
                hidden: part.hidden,
                passed_over: PassedOver::NoHeader,
            };
            if sheet.name == EXAMPLE_SHEET {
                sheet.passed_over = PassedOver::Example;
                let (rows, is_own) = self.example_rows(&sheet, kind)?;
                has_example |= rows > 0;
                if rows > 0 && !is_own {
                    found.others.push(sheet);
                }
                continue;
            }
            let mut rows = self.open_sheet(&sheet, Vec::new())?;
            let (mut looked_at, mut is_wanted, mut is_list) = (0, false, sheet.hidden);
            while let Some(row) = rows.next_row()? {
                if row.is_blank() {
                    continue;
                }
                looked_at += 1;
                is_list &= row
                    .cells
                    .iter()
                    .all(|cell| cell.is_empty() || choices.contains(&key(&cell.display())));
                is_wanted = headers::is_header(&row, kind);
                if is_wanted || looked_at == LOOKED_FOR_HEADER {
                    break;
                }
            }
            match (is_wanted, looked_at) {
                (true, _) => found.wanted.push(sheet),
                (false, 0) => {}
                (false, _) if is_list => {}
                (false, _) => found.others.push(sheet),
            }
        }
        if found.wanted.is_empty() {
            // What is wrong is told of the first sheet that a person sees.
            let is_other = |sheet: &Sheet| sheet.passed_over == PassedOver::NoHeader;
            let mut others = found.others.iter();
            let seen = others.position(|s| is_other(s) && !s.hidden);
            let seen = seen.or_else(|| found.others.iter().position(is_other));
            let first = seen.ok_or(SourceError::File(if has_example {
                IntakeError::OnlyExample
            } else {
                IntakeError::Empty
            }))?;
            found.wanted.push(found.others.remove(first));
        }
        Ok(found)
    }

    /// How many rows the sheet of made-up rows has, no more than tell whether they are the form's own; and whether they are.
    fn example_rows(&mut self, sheet: &Sheet, kind: Kind) -> Result<(usize, bool), SourceError> {
        let mut rows = self.open_sheet(sheet, Vec::new())?;
        let columns = kind.columns();
        let (mut count, mut is_own) = (0, true);
        while let Some(row) = rows.next_row()? {
            if row.is_blank() {
                continue;
            }
            let says = |place: usize, text: &str| {
                let cell = row.cells.get(place).unwrap_or(&Cell::Empty);
                key(&cell.display()) == key(text)
            };
            let is_row_own = row.cells.len() <= columns.len()
                && columns
                    .iter()
                    .enumerate()
                    .all(|(place, c)| says(place, if count == 0 { c.header } else { c.sample }));
            is_own &= is_row_own && count < 2;
            count += 1;
            if !is_own {
                break;
            }
        }
        Ok((count, is_own))
    }

    /// The rows of a sheet.
    ///
    /// # Errors
    /// Damaged.
    pub fn rows(&mut self, sheet: &Sheet) -> Result<SheetRows<'_>, SourceError> {
        let part = self.sheets.get(sheet.index).ok_or_else(|| damaged("缺少工作表"))?;
        let path = part.path.clone();
        // Merged blocks are named behind the cells that they are of.
        let blocks = merged::blocks(parts::open(&mut self.archive, &path)?)?;
        self.open_sheet(sheet, blocks)
    }

    fn open_sheet(&mut self, sheet: &Sheet, blocks: Vec<Block>) -> Result<SheetRows<'_>, SourceError> {
        let part = self.sheets.get(sheet.index).ok_or_else(|| damaged("缺少工作表"))?;
        let path = part.path.clone();
        let Self {
            archive,
            strings,
            styles,
            from_1904,
            is_uncomputed,
            ..
        } = self;
        let context = sheet::Context {
            strings,
            styles,
            from_1904: *from_1904,
            is_uncomputed: *is_uncomputed,
            hides_zeros: false,
        };
        SheetRows::new(parts::open(archive, &path)?, context, blocks)
    }
}
