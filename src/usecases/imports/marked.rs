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
    intake::{self, Places, RawRow},
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

/// How the table lies in the file.
struct Shape {
    places: Places,
    /// The header row, as the spreadsheet counts.
    header: u32,
    remark_at: u16,
}

fn mark(job: &ImportJob, path: &Path, output: &File) -> Result<(), Error> {
    let unlisted = job.errors_total - i64::try_from(job.errors.len()).unwrap_or(0);
    let table = intake::open(path).ok();
    let shape = match &table {
        Some(table) => shape(table, job.kind)?,
        None => None,
    };
    let remark_at = shape.as_ref().map_or(0, |s| s.remark_at);
    let mut book = MarkedXlsx::new(job.kind, remark_at).map_err(Error::internal)?;
    if let (Some(table), Some(shape)) = (&table, &shape) {
        let mut wrong: Vec<&WrongCell> = job.errors.iter().collect();
        // What concerns the whole file is told at its header.
        wrong.sort_by_key(|e| e.row.max(shape.header));
        let mut rest = wrong.as_slice();
        intake::each_row(table, job.kind, |row| {
            let behind = rest
                .iter()
                .take_while(|e| e.row.max(shape.header) <= row.number)
                .count();
            let (here, later) = rest.split_at_checked(behind).unwrap_or((rest, &[]));
            rest = later;
            write_row(&mut book, shape, row, here)
        })
        .map_err(Error::internal)?;
    }
    book.finish(&job.errors, unlisted, BufWriter::new(output))
        .map_err(Error::internal)
}

/// Finds the header, and how many columns the widest row has; none where there is no row.
fn shape(table: &intake::Table, kind: Kind) -> Result<Option<Shape>, Error> {
    let mut found: Option<(Places, u32)> = None;
    let mut width = 0;
    intake::each_row(table, kind, |row| {
        if found.is_none() && !row.is_blank() {
            found = Some((Places::of(row, kind), row.number));
        }
        let last = row.cells.iter().rposition(|c| !c.is_empty());
        width = width.max(last.map_or(0, |last| last + 1));
        Ok::<_, Error>(())
    })?;
    Ok(found.map(|(places, header)| {
        let remark_at = u16::try_from(places.remark().unwrap_or(width)).unwrap_or(u16::MAX);
        Shape {
            places,
            header,
            remark_at,
        }
    }))
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
