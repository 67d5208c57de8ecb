//! The rows of one sheet of an XLSX workbook, streamed.

use std::{
    borrow::Cow,
    fs::File,
    io::BufReader,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};

use super::{
    cell::{Cell, RawRow, date_time},
    error::IntakeError,
    headers::{MAX_COLUMNS, matches},
    source::{Progress, RowSource, SourceError},
};
use crate::domain::interchange::Kind;

type File_ = BufReader<File>;

/// An open workbook; its shared strings and styles are held, its sheets are not.
pub struct Workbook(Xlsx<File_>);

/// Runs what the reader does and takes a panic of it for a damaged file: row and cell numbers that overflow make it panic.
fn guarded<T>(doing: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, IntakeError> {
    match catch_unwind(AssertUnwindSafe(doing)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(XlsxError::Password)) => Err(IntakeError::OldExcel),
        Ok(Err(_)) | Err(_) => Err(IntakeError::Damaged("工作簿内容无法解析".into())),
    }
}

impl Workbook {
    /// Opens a file that `workbook_guard` has let pass.
    ///
    /// # Errors
    /// Not to be read, or damaged.
    pub fn open(path: &Path) -> Result<Self, IntakeError> {
        let file = BufReader::new(File::open(path)?);
        guarded(|| Xlsx::new(file)).map(Self)
    }

    /// The first visible sheet whose first row holds at least half the headers of the kind, else the first with anything in
    /// it.
    ///
    /// # Errors
    /// Damaged, or no sheet with anything in it.
    pub fn sheet_for(&mut self, kind: Kind) -> Result<String, SourceError> {
        let names: Vec<String> = self
            .0
            .sheets_metadata()
            .iter()
            .filter(|s| s.visible == SheetVisible::Visible && s.typ == SheetType::WorkSheet)
            .map(|s| s.name.clone())
            .collect();
        let wanted = kind.columns().iter().filter(|c| c.base).count();
        let mut first = None;
        for name in names {
            let mut rows = self.rows(&name)?;
            while let Some(row) = rows.next_row()? {
                if row.is_blank() {
                    continue;
                }
                if matches(&row, kind) * 2 >= wanted {
                    return Ok(name);
                }
                first.get_or_insert(name.clone());
                break;
            }
        }
        first.ok_or(SourceError::File(IntakeError::Empty))
    }

    /// The rows of a sheet.
    ///
    /// # Errors
    /// Damaged.
    pub fn rows(&mut self, sheet: &str) -> Result<SheetRows<'_>, SourceError> {
        let cells = guarded(|| self.0.worksheet_cells_reader(sheet)).map_err(SourceError::File)?;
        Ok(SheetRows {
            rows: u64::from(cells.dimensions().end.0) + 1,
            cells,
            next: None,
            at_end: false,
            last_row: None,
        })
    }
}

/// The rows of a sheet.
pub struct SheetRows<'w> {
    cells: XlsxCellReader<'w, File_>,
    /// As the sheet declares; only a hint.
    rows: u64,
    /// The first cell of the row behind the last one: row, column, both from 0.
    next: Option<(u32, u32, Cell<'w>)>,
    /// Behind the last cell the reader must not be asked again.
    at_end: bool,
    last_row: Option<u32>,
}

impl<'w> SheetRows<'w> {
    fn next_cell(&mut self) -> Result<Option<(u32, u32, Cell<'w>)>, SourceError> {
        if let Some(cell) = self.next.take() {
            return Ok(Some(cell));
        }
        if self.at_end {
            return Ok(None);
        }
        let cells = &mut self.cells;
        let read = guarded(|| cells.next_cell()).map_err(SourceError::File)?;
        self.at_end = read.is_none();
        Ok(read.map(|cell| {
            let (row, column) = cell.get_position();
            (row, column, value(cell.get_value()))
        }))
    }
}

impl RowSource for SheetRows<'_> {
    fn next_row(&mut self) -> Result<Option<RawRow<'_>>, SourceError> {
        let mut cells = Vec::new();
        let mut row = None;
        while let Some((at, column, cell)) = self.next_cell()? {
            if row.is_some_and(|row| row != at) {
                self.next = Some((at, column, cell));
                break;
            }
            if row.is_none() && self.last_row.is_some_and(|last| at <= last) {
                return Err(SourceError::File(IntakeError::Damaged("行的次序混乱".into())));
            }
            row = Some(at);
            let column = column as usize;
            if cell.is_empty() {
                continue;
            }
            if column >= MAX_COLUMNS {
                return Err(SourceError::TooManyColumns {
                    row: at.saturating_add(1),
                });
            }
            if cells.len() <= column {
                cells.resize(column + 1, Cell::Empty);
            }
            if let Some(place) = cells.get_mut(column) {
                *place = cell;
            }
        }
        self.last_row = row.or(self.last_row);
        Ok(row.map(|row| RawRow {
            number: row.saturating_add(1),
            cells,
        }))
    }

    fn progress(&self) -> Progress {
        let done = self.last_row.map_or(0, |row| u64::from(row) + 1);
        Progress {
            done,
            total: self.rows.max(done),
        }
    }
}

fn value<'w>(value: &DataRef<'w>) -> Cell<'w> {
    match value {
        DataRef::Empty => Cell::Empty,
        #[expect(clippy::cast_precision_loss, reason = "a spreadsheet's numbers are doubles")]
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Cell::text(Cow::Borrowed(text)).into_owned()
        }
        DataRef::SharedString(text) => Cell::text(Cow::Borrowed(text)),
        DataRef::Bool(yes) => Cell::Bool(*yes),
        DataRef::DateTime(at) if at.is_datetime() => {
            let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
            Cell::DateTime(date_time((year, month, day), (hour, minute, second, milli)))
        }
        DataRef::DateTime(duration) => Cell::Number(duration.as_f64()),
        DataRef::Error(error) => Cell::Error(error.to_string()),
    }
}
