//! A file that was handed in, given back: its cells as texts where they stood, the wrong ones filled and with the reason in a note, the
//! reasons of each row in a last column, and a second sheet that lists them all. Texts are strings, never formulas, whatever they
//! start with.

use std::{borrow::Cow, io::Write};

use rust_xlsxwriter::{Color, Format, FormatAlign, Note, Workbook, Worksheet};

use super::register_cells::TableError;
use crate::domain::{
    import_job::WrongCell,
    interchange::{REMARK_HEADER, guarded},
};

/// Rows of a sheet.
const MAX_ROWS: u32 = 1_048_576;

/// The most characters of a cell that a spreadsheet shows.
const MAX_CHARS: usize = 32_767;

/// A wrong cell of a row: its place, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Column, from 0.
    pub place: u16,
    /// Why.
    pub reason: String,
}

/// Writes rows as they come, into a temporary file; memory does not grow with them.
pub struct MarkedXlsx {
    workbook: Workbook,
    text: Format,
    header: Format,
    wrong: Format,
    remark: Format,
    /// Names of the sheets that were begun.
    sheets: Vec<String>,
    remark_at: u16,
}

impl Default for MarkedXlsx {
    fn default() -> Self {
        Self::new()
    }
}

impl MarkedXlsx {
    /// Starts a workbook.
    pub fn new() -> Self {
        let text = Format::new().set_num_format("@");
        let wrong = Color::RGB(0xFF_C7CE);
        Self {
            workbook: Workbook::new(),
            header: text.clone().set_bold(),
            wrong: text
                .clone()
                .set_background_color(wrong)
                .set_font_color(Color::RGB(0x9C_0006)),
            remark: text
                .clone()
                .set_font_color(Color::RGB(0x9C_0006))
                .set_text_wrap()
                .set_align(FormatAlign::Top),
            text,
            sheets: Vec::new(),
            remark_at: 0,
        }
    }

    /// Begins a sheet whose rows have their remark in the column `remark_at`; rows go to the sheet that was begun last. `name` is one
    /// that a spreadsheet took before.
    ///
    /// # Errors
    /// Of the temporary file.
    pub fn begin_sheet(&mut self, name: &str, remark_at: u16) -> Result<(), TableError> {
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        // A name that this writer does not take gives way to a numbered one.
        let mut name = name.to_owned();
        if sheet.set_name(&name).is_err() {
            name = format!("第{}张", self.sheets.len() + 1);
            sheet.set_name(&name)?;
        }
        for place in 0..remark_at {
            sheet.set_column_width(place, 16.0)?;
        }
        sheet.set_column_width(remark_at, 60.0)?;
        self.sheets.push(name);
        self.remark_at = remark_at;
        Ok(())
    }

    /// Writes a row, `number` as the spreadsheet counts; `remark`: what is wrong with it. Rows that a sheet does not hold are left out.
    ///
    /// # Errors
    /// Of the temporary file.
    pub fn write(
        &mut self,
        number: u32,
        cells: &[Cow<'_, str>],
        marks: &[Mark],
        remark: Option<&str>,
        is_header: bool,
    ) -> Result<(), TableError> {
        let Some(current) = self
            .sheets
            .len()
            .checked_sub(1)
            .filter(|_| (1..=MAX_ROWS).contains(&number))
        else {
            return Ok(());
        };
        let at = number - 1;
        let sheet = self.workbook.worksheet_from_index(current)?;
        if is_header {
            sheet.set_freeze_panes(number, 0)?;
        }
        let plain = if is_header { &self.header } else { &self.text };
        // Marks may lie beyond the row's cells, where what is wrong is that there is nothing.
        let last = marks.iter().map(|m| usize::from(m.place) + 1).max().unwrap_or(0);
        for place in 0..u16::try_from(cells.len().max(last)).unwrap_or(u16::MAX) {
            if place == self.remark_at {
                continue;
            }
            let cell = guarded(cells.get(usize::from(place)).map_or("", |cell| cell));
            let cell: &str = &cell;
            match marks.iter().find(|m| m.place == place) {
                Some(mark) => {
                    text(sheet, (at, place), cell, &self.wrong)?;
                    note(sheet, (at, place), &mark.reason)?;
                }
                None if cell.is_empty() => {}
                None => text(sheet, (at, place), cell, plain)?,
            }
        }
        match (is_header, remark) {
            (true, Some(remark)) => {
                text(sheet, (at, self.remark_at), REMARK_HEADER, &self.wrong)?;
                note(sheet, (at, self.remark_at), remark)?;
            }
            (true, None) => text(sheet, (at, self.remark_at), REMARK_HEADER, &self.header)?,
            (false, Some(remark)) => text(sheet, (at, self.remark_at), remark, &self.remark)?,
            (false, None) => {}
        }
        Ok(())
    }

    /// Lists all that is wrong on a sheet of its own and puts the workbook together in `output`. `unlisted`: how many more there are.
    ///
    /// # Errors
    /// Of the output.
    pub fn finish<W: Write + Send>(mut self, errors: &[WrongCell], unlisted: i64, output: W) -> Result<(), TableError> {
        let list = self.workbook.add_worksheet_with_constant_memory()?;
        // A sheet of that name is there where this very list was handed in again.
        let taken = self.sheets.iter().any(|name| name == "错误清单");
        list.set_name(if taken {
            "错误清单（本次）"
        } else {
            "错误清单"
        })?;
        list.set_freeze_panes(1, 0)?;
        for (width, place) in [16.0, 24.0, 30.0, 90.0].into_iter().zip(0_u16..) {
            list.set_column_width(place, width)?;
        }
        for (title, place) in ["行", "列", "内容", "问题"].into_iter().zip(0..) {
            list.write_string_with_format(0, place, title, &self.header)?;
        }
        let mut at = 0;
        for error in errors {
            at += 1;
            match &error.sheet {
                None => list.write_number(at, 0, error.row).map(drop)?,
                Some(_) => text(list, (at, 0), &error.row_label(), &self.text)?,
            }
            let texts = [&error.column, &error.value, &error.detail];
            for (value, place) in texts.into_iter().zip(1..) {
                text(list, (at, place), value, &self.text)?;
            }
        }
        if unlisted > 0 {
            let more = format!("另有 {unlisted} 处错误未列出、未标注；改正以上错误后再导入，即可看到其余错误。");
            text(list, (at + 1, 3), &more, &self.text)?;
        }
        Ok(self.workbook.save_to_writer(output)?)
    }
}

fn text(sheet: &mut Worksheet, (row, column): (u32, u16), value: &str, format: &Format) -> Result<(), TableError> {
    sheet.write_string_with_format(row, column, cut(value), format)?;
    Ok(())
}

fn note(sheet: &mut Worksheet, (row, column): (u32, u16), reason: &str) -> Result<(), TableError> {
    let note = Note::new(cut(reason)).add_author_prefix(false).set_width(320);
    sheet.insert_note(row, column, &note)?;
    Ok(())
}

/// What of a text a cell holds.
fn cut(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_CHARS || text.chars().count() <= MAX_CHARS {
        return Cow::Borrowed(text);
    }
    let kept: String = text.chars().take(MAX_CHARS - 1).collect();
    Cow::Owned(format!("{kept}…"))
}
