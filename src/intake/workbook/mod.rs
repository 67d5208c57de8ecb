//! XLSX workbooks: their sheets, and the rows of a sheet, streamed. Written out here, on an XML reader, because a cell must be read or
//! refused with its place: the libraries that read workbooks give up the whole book for one odd cell, read a formula without a
//! result as an empty cell, and tell neither hidden rows nor the days of 1904.
//!
//! [`guard`] lets a file pass before anything here sees it; `parts` reads what belongs to the whole book, `sheet` the cells,
//! `merged` what a merged block says, `formats` which numbers are dates.

mod formats;
pub mod guard;
mod merged;
mod parts;
mod sheet;
mod text;

use std::{fs::File, io::BufReader, path::Path};

use quick_xml::Reader;
use zip::{ZipArchive, read::ZipFile};

pub use self::sheet::SheetRows;
use self::{
    formats::Format,
    merged::Block,
    parts::{SheetPart, Styles},
};
use super::{
    error::IntakeError,
    headers::{self, LOOKED_FOR_HEADER},
    source::{RowSource as _, SourceError},
};
use crate::domain::interchange::{EXAMPLE_SHEET, Kind};

type Part<'a> = Reader<BufReader<ZipFile<'a, BufReader<File>>>>;

/// An open workbook; its shared strings and styles are held, its sheets are not.
pub struct Workbook {
    archive: ZipArchive<BufReader<File>>,
    sheets: Vec<SheetPart>,
    /// Whether days are counted from 1904.
    from_1904: bool,
    strings: Vec<String>,
    formats: Vec<Format>,
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
}

/// What of a workbook is to be read.
#[derive(Debug)]
pub struct Sheets {
    /// Sheets with the headers of the kind; where there is none, the first with anything in it.
    pub wanted: Vec<Sheet>,
    /// The other sheets with something in them.
    pub others: Vec<Sheet>,
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
            None => Vec::new(),
        };
        let Styles { formats } = match &book.styles {
            Some(part) => parts::styles(&mut archive, part)?,
            None => Styles::default(),
        };
        Ok(Self {
            archive,
            sheets: book.sheets,
            from_1904: book.from_1904,
            strings,
            formats,
        })
    }

    /// Which sheets hold rows of the kind: hidden ones too.
    ///
    /// # Errors
    /// Damaged, or no sheet with anything in it.
    pub fn sheets_for(&mut self, kind: Kind) -> Result<Sheets, SourceError> {
        let mut found = Sheets {
            wanted: Vec::new(),
            others: Vec::new(),
        };
        for index in 0..self.sheets.len() {
            let Some(part) = self.sheets.get(index) else { break };
            if part.name == EXAMPLE_SHEET {
                continue;
            }
            let sheet = Sheet {
                index,
                name: part.name.clone(),
                hidden: part.hidden,
            };
            let mut rows = self.open_sheet(&sheet, Vec::new())?;
            let (mut looked_at, mut is_wanted) = (0, false);
            while let Some(row) = rows.next_row()? {
                if row.is_blank() {
                    continue;
                }
                looked_at += 1;
                is_wanted = headers::is_header(&row, kind);
                if is_wanted || looked_at == LOOKED_FOR_HEADER {
                    break;
                }
            }
            match (is_wanted, looked_at) {
                (true, _) => found.wanted.push(sheet),
                (false, 0) => {}
                (false, _) => found.others.push(sheet),
            }
        }
        if found.wanted.is_empty() {
            // What is wrong is told of the first sheet that a person sees.
            let seen = found
                .others
                .iter()
                .position(|s| !s.hidden)
                .or((!found.others.is_empty()).then_some(0));
            let first = seen.ok_or(SourceError::File(IntakeError::Empty))?;
            found.wanted.push(found.others.remove(first));
        }
        Ok(found)
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
            formats,
            from_1904,
            ..
        } = self;
        let context = sheet::Context {
            strings,
            formats,
            from_1904: *from_1904,
        };
        SheetRows::new(parts::open(archive, &path)?, context, blocks)
    }
}
