//! A file that had errors, given back with its wrong cells marked.

use std::{
    borrow::Cow,
    fs::File,
    io::{BufWriter, Seek as _, SeekFrom},
    path::Path,
};

use crate::{
    documents::{
        marked_xlsx::{Mark, MarkedXlsx},
        register_cells::TableError,
    },
    domain::{
        account::Actor,
        import_job::{ImportJob, WrongCell},
        interchange::Kind,
    },
    intake::{self, LOOKED_FOR_HEADER, Piece, Places, RawRow},
    usecases::{
        Context, Error,
        attachments::{open::Opened, waiting},
    },
};

use super::read::read;

/// A workbook that was made for one answer.
pub struct MarkedFile {
    /// How it is to be called.
    pub file_name: String,
    /// Bytes.
    pub size: u64,
    /// Its content.
    pub content: Opened,
}

/// The file of an import as a workbook, its wrong cells marked.
///
/// # Errors
/// As [`read()`]; [`Error::Conflict`] where nothing was wrong, nothing is known yet, or the file is not kept any more.
pub async fn marked_file(ctx: &Context, actor: Actor, id: i64) -> Result<MarkedFile, Error> {
    let job = read(ctx, actor, id).await?.job;
    let refused = |text: &str| Err(Error::Conflict(text.to_owned()));
    if !job.state.is_over() {
        return refused("该次导入尚未结束。");
    }
    if job.errors_total == 0 {
        return refused("该次导入没有错误。");
    }
    if !job.can_be_marked() {
        return refused("该文件已过保存期，请重新上传。");
    }
    let path = ctx.files.place(&job.sha256)?;
    waiting(move || {
        let mut file = tempfile::tempfile().map_err(Error::internal)?;
        mark(&job, &path, &file)?;
        let size = file.seek(SeekFrom::End(0)).map_err(Error::internal)?;
        file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
        let (stem, _) = job.file_name.rsplit_once('.').unwrap_or((&job.file_name, ""));
        Ok::<_, Error>(MarkedFile {
            file_name: format!("{stem}-错误标注.xlsx"),
            size,
            content: Opened::of(file),
        })
    })
    .await
}

/// How the table of a sheet lies in the file.
#[derive(Default)]
struct Shape {
    /// The sheet's name, where several are read.
    sheet: Option<String>,
    places: Places,
    /// The header row, as the spreadsheet counts.
    header: u32,
    remark_at: u16,
}

fn mark(job: &ImportJob, path: &Path, output: &File) -> Result<(), Error> {
    let unlisted = job.errors_total - i64::try_from(job.errors.len()).unwrap_or(0);
    let table = intake::open(path).ok();
    let shapes = match &table {
        Some(table) => shapes(table, job.kind)?,
        None => Vec::new(),
    };
    let mut book = MarkedXlsx::new();
    if let Some(table) = &table {
        let mut next = shapes.iter();
        let mut current: Option<&Shape> = None;
        let mut rest: Vec<&WrongCell> = Vec::new();
        intake::each_row(table, job.kind, |piece| {
            let row = match piece {
                Piece::Sheet(_) => {
                    current = None;
                    return Ok(());
                }
                Piece::Row(row) => row,
            };
            if current.is_none() {
                current = next.next();
                if let Some(shape) = current {
                    let name = shape.sheet.as_deref().unwrap_or_else(|| job.kind.label());
                    book.begin_sheet(name, shape.remark_at)?;
                    rest = errors_of(job, shape);
                }
            }
            let Some(shape) = current else { return Ok(()) };
            let behind = rest
                .iter()
                .take_while(|e| e.row.max(shape.header) <= row.number)
                .count();
            let here: Vec<&WrongCell> = rest.drain(..behind).collect();
            write_row(&mut book, shape, row, &here)
        })
        .map_err(Error::internal)?;
    }
    book.finish(&job.errors, unlisted, BufWriter::new(output))
        .map_err(Error::internal)
}

/// The wrong cells of a sheet; what concerns the whole of it is told at its header.
fn errors_of<'j>(job: &'j ImportJob, shape: &Shape) -> Vec<&'j WrongCell> {
    let mut wrong: Vec<&WrongCell> = job.errors.iter().filter(|e| e.sheet == shape.sheet).collect();
    wrong.sort_by_key(|e| e.row.max(shape.header));
    wrong
}

/// Finds the header of each sheet, and how many columns its widest row has; a sheet without a row is left out.
fn shapes(table: &intake::Table, kind: Kind) -> Result<Vec<Shape>, Error> {
    let mut shapes: Vec<Shape> = Vec::new();
    let mut width = 0;
    let mut sheet = None;
    // A sheet's first row tells where its columns are until a better one comes.
    let (mut begun, mut found, mut looked_at) = (false, false, 0);
    intake::each_row(table, kind, |piece| {
        let row = match piece {
            Piece::Sheet(name) => {
                sheet = Some(name.to_owned());
                (begun, found, looked_at, width) = (false, false, 0, 0);
                return Ok(());
            }
            Piece::Row(row) => row,
        };
        let last = row.cells.iter().rposition(|c| !c.is_empty());
        width = width.max(last.map_or(0, |last| last + 1));
        if !begun {
            begun = true;
            shapes.push(Shape {
                sheet: sheet.clone(),
                ..Shape::default()
            });
        }
        let Some(shape) = shapes.last_mut() else { return Ok(()) };
        // As far as reading looks for it.
        if !found && looked_at < LOOKED_FOR_HEADER && !row.is_blank() {
            looked_at += 1;
            found = intake::is_header(row, kind);
            if found || shape.header == 0 {
                shape.places = Places::of(row, kind);
                shape.header = row.number;
            }
        }
        let remark_at = shape.places.remark().unwrap_or(width);
        shape.remark_at = u16::try_from(remark_at).unwrap_or(u16::MAX);
        Ok::<_, Error>(())
    })?;
    Ok(shapes)
}

fn write_row(book: &mut MarkedXlsx, shape: &Shape, row: &RawRow<'_>, errors: &[&WrongCell]) -> Result<(), TableError> {
    let cells: Vec<Cow<'_, str>> = row.cells.iter().map(intake::Cell::display).collect();
    let mut marks: Vec<Mark> = Vec::new();
    let mut remarks = Vec::new();
    for error in errors {
        let place = shape.places.find(&error.column).and_then(|p| u16::try_from(p).ok());
        let place = place.filter(|p| *p != shape.remark_at);
        if let Some(place) = place {
            match marks.iter_mut().find(|m| m.place == place) {
                Some(mark) => {
                    mark.reason.push('\n');
                    mark.reason.push_str(&error.detail);
                }
                None => marks.push(Mark {
                    place,
                    reason: error.detail.clone(),
                }),
            }
        }
        remarks.push(match error.column.as_str() {
            "" => error.detail.clone(),
            column => format!("{column}：{}", error.detail),
        });
    }
    let remark = (!remarks.is_empty()).then(|| remarks.join("\n"));
    book.write(
        row.number,
        &cells,
        &marks,
        remark.as_deref(),
        row.number == shape.header,
    )
}
