//! The rows of one sheet, streamed. A cell that does not read becomes a [`Cell::Odd`], with its place, and reading goes on.

use std::borrow::Cow;

use chrono::{NaiveDateTime, NaiveTime};
use quick_xml::events::{BytesStart, Event};

use super::{
    Part, damaged,
    formats::Format,
    merged::{Block, Merged, place},
    parts::{Runs, Strings, Styles},
    text::{Text, attribute, is_set, unescaped},
};
use crate::intake::{
    cell::{Cell, MAX_CELL_CHARS, Odd, RawRow, shown},
    date,
    error::IntakeError,
    headers::MAX_COLUMNS,
    look::Look,
    source::{Progress, RowSource, SourceError},
};

/// What stands for the result of a formula that has none: text that no column takes for a value.
const NOT_WORKED_OUT: &str = "（公式未计算）";

/// Rows of a sheet.
const MAX_ROWS: u32 = 1_048_576;

/// What cells refer to.
pub struct Context<'w> {
    /// Shared strings.
    pub strings: &'w Strings,
    /// Formats by index.
    pub styles: &'w Styles,
    /// Whether days are counted from 1904.
    pub from_1904: bool,
    /// Whether the results of formulas are still to be worked out.
    pub is_uncomputed: bool,
    /// Whether the sheet shows no zeros.
    pub hides_zeros: bool,
}

/// How a picture in a cell reads, as WPS writes it.
const PICTURES: [&str; 2] = ["=DISPIMG(", "=_xlfn.DISPIMG("];

/// The rows of a sheet.
pub struct SheetRows<'w> {
    part: Part<'w>,
    context: Context<'w>,
    merged: Merged,
    /// Columns that are hidden: first and last, from 0.
    hidden_columns: Vec<(usize, usize)>,
    /// As the sheet declares; only a hint.
    rows: u64,
    /// The row that was read last, as the spreadsheet counts; 0 before the first.
    last: u32,
    at_end: bool,
    /// The first row with a result that the book says is still to be worked out, and how many there are.
    unproven: Option<(u32, u64)>,
    buffer: Vec<u8>,
}

/// What a row's tag says.
struct RowTag {
    number: u32,
    hidden: bool,
    empty: bool,
}

/// A cell's tag, and what was read of it so far.
#[derive(Default)]
struct Reading {
    kind: String,
    style: usize,
    value: Option<Text>,
    inline: Option<Text>,
    has_formula: bool,
    runs: Runs,
}

/// Where in a cell the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Cell,
    Value,
    Inline,
    Words,
    Formula,
    Spoken,
}

impl<'w> SheetRows<'w> {
    /// Reads up to the first row.
    ///
    /// # Errors
    /// Damaged.
    pub fn new(mut part: Part<'w>, mut context: Context<'w>, blocks: Vec<Block>) -> Result<Self, SourceError> {
        let mut buffer = Vec::new();
        let mut hidden_columns = Vec::new();
        let mut rows = 0;
        let mut at_end = false;
        loop {
            buffer.clear();
            match part.read_event_into(&mut buffer).map_err(|_| unreadable(0))? {
                Event::Start(element) if element.local_name().as_ref() == b"sheetData" => break,
                Event::Empty(element) if element.local_name().as_ref() == b"sheetData" => {
                    at_end = true;
                    break;
                }
                Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                    b"dimension" => {
                        let last = attribute(&element, b"ref");
                        let last = last.as_deref().and_then(|r| place(r.rsplit(':').next().unwrap_or(r)));
                        rows = last.map_or(0, |(row, _)| u64::from(row) + 1);
                    }
                    b"sheetView" => {
                        let said = attribute(&element, b"showZeros");
                        context.hides_zeros = said.is_some_and(|said| said == "0" || said == "false");
                    }
                    b"col" if is_hidden(&element, b"width") && hidden_columns.len() < MAX_COLUMNS => {
                        let number = |name: &[u8]| attribute(&element, name).and_then(|n| n.parse::<usize>().ok());
                        if let (Some(first), Some(last)) = (number(b"min"), number(b"max")) {
                            hidden_columns.push((first.saturating_sub(1), last.saturating_sub(1)));
                        }
                    }
                    _ => {}
                },
                Event::Eof => return Err(damaged("工作表没有内容部分").into()),
                _ => {}
            }
        }
        Ok(Self {
            part,
            context,
            merged: Merged::new(blocks),
            hidden_columns,
            rows,
            last: 0,
            at_end,
            unproven: None,
            buffer,
        })
    }

    /// The next row's tag.
    fn next_tag(&mut self) -> Result<Option<RowTag>, SourceError> {
        loop {
            self.buffer.clear();
            let (number, hidden, empty) = match self.part.read_event_into(&mut self.buffer) {
                Ok(Event::Start(element)) if element.local_name().as_ref() == b"row" => {
                    (attribute(&element, b"r"), is_hidden(&element, b"ht"), false)
                }
                Ok(Event::Empty(element)) if element.local_name().as_ref() == b"row" => {
                    (attribute(&element, b"r"), is_hidden(&element, b"ht"), true)
                }
                Ok(Event::End(element)) if element.local_name().as_ref() == b"sheetData" => return Ok(None),
                Ok(Event::Eof) => return Err(damaged("工作表在中途结束").into()),
                Ok(_) => continue,
                Err(_) => return Err(unreadable(self.last).into()),
            };
            let number = match number {
                Some(number) => number.trim().parse().map_err(|_| damaged("行号无法识别"))?,
                None => self.last.saturating_add(1),
            };
            if number <= self.last {
                let last = self.last;
                let problem = format!("工作表中第 {last} 行之后又是第 {number} 行，行的次序混乱");
                return Err(damaged(&problem).into());
            }
            if number > MAX_ROWS {
                return Err(damaged("行号超出范围").into());
            }
            return Ok(Some(RowTag { number, hidden, empty }));
        }
    }

    /// The cells of a row, up to its end; those struck out are added to `struck`.
    fn cells(&mut self, number: u32, struck: &mut Vec<usize>) -> Result<Vec<Cell<'w>>, SourceError> {
        let mut cells: Vec<Cell<'w>> = Vec::new();
        let mut next = 0;
        loop {
            self.buffer.clear();
            let (reading, name, empty) = match self.part.read_event_into(&mut self.buffer) {
                Ok(Event::Start(element)) if element.local_name().as_ref() == b"c" => {
                    (Reading::of(&element), attribute(&element, b"r"), false)
                }
                Ok(Event::Empty(element)) if element.local_name().as_ref() == b"c" => {
                    (Reading::default(), attribute(&element, b"r"), true)
                }
                Ok(Event::End(element)) if element.local_name().as_ref() == b"row" => return Ok(cells),
                Ok(Event::Eof) => return Err(damaged("工作表在中途结束").into()),
                Ok(_) => continue,
                Err(_) => return Err(unreadable(number).into()),
            };
            let column = match name {
                Some(name) => match place(&name) {
                    Some((row, column)) if row + 1 == number => column,
                    _ => return Err(damaged(&format!("第 {number} 行有单元格位置无法识别")).into()),
                },
                None => next,
            };
            next = column + 1;
            let is_struck = self.context.styles.struck.get(reading.style).copied().unwrap_or(false);
            let cell = if empty {
                Cell::Empty
            } else {
                self.cell(reading, number)?
            };
            if cell.is_empty() {
                continue;
            }
            if column >= MAX_COLUMNS {
                return Err(SourceError::TooManyColumns { row: number });
            }
            if is_struck {
                struck.push(column);
            }
            if cells.len() <= column {
                cells.resize(column + 1, Cell::Empty);
            }
            if let Some(place) = cells.get_mut(column) {
                *place = if place.is_empty() {
                    cell
                } else {
                    Odd::Twice.cell(&place.display())
                };
            }
        }
    }

    /// Reads a cell up to its end.
    fn cell(&mut self, mut reading: Reading, number: u32) -> Result<Cell<'w>, SourceError> {
        let mut at = At::Cell;
        loop {
            self.buffer.clear();
            match self.part.read_event_into(&mut self.buffer) {
                Ok(Event::Start(element)) => {
                    at = match (at, element.local_name().as_ref()) {
                        (At::Cell, b"v") => {
                            reading.value.get_or_insert_default();
                            At::Value
                        }
                        (At::Cell, b"f") => {
                            reading.has_formula = true;
                            At::Formula
                        }
                        (At::Cell, b"is") => {
                            reading.inline.get_or_insert_default();
                            At::Inline
                        }
                        (At::Inline, b"t") => At::Words,
                        (At::Inline, b"rPh") => At::Spoken,
                        (at, _) => at,
                    };
                    reading.runs.begin(&element);
                }
                Ok(Event::Empty(element)) if at == At::Cell => match element.local_name().as_ref() {
                    b"v" => {
                        reading.value.get_or_insert_default();
                    }
                    b"f" => reading.has_formula = true,
                    _ => {}
                },
                Ok(Event::Empty(element)) => reading.runs.begin(&element),
                Ok(Event::End(element)) => match (at, element.local_name().as_ref()) {
                    (_, b"c") => {
                        let is_unproven = reading.has_formula && self.context.is_uncomputed;
                        let format = self.context.styles.texts.get(reading.style).copied().flatten();
                        let cell = match (reading.finish(&self.context), format) {
                            (Cell::Text(text), _) if PICTURES.iter().any(|start| text.starts_with(start)) => {
                                Odd::Picture.cell("（图片）")
                            }
                            (Cell::Text(text), Some(odd)) => odd.cell(&text),
                            (cell, _) => cell,
                        };
                        if is_unproven && !matches!(cell, Cell::Odd(..)) {
                            let (_, count) = self.unproven.get_or_insert((number, 0));
                            *count += 1;
                        }
                        return Ok(cell);
                    }
                    (At::Value, b"v") | (At::Formula, b"f") | (At::Inline, b"is") => at = At::Cell,
                    (At::Words, b"t") | (At::Spoken, b"rPh") => at = At::Inline,
                    _ => {}
                },
                Ok(Event::Text(piece)) => {
                    let piece = piece.decode().map_err(|_| unreadable(number))?;
                    let piece = match at {
                        At::Words => reading.runs.text(&piece),
                        At::Cell | At::Value | At::Inline | At::Formula | At::Spoken => piece,
                    };
                    if let Some(text) = reading.text(at) {
                        text.push(&piece);
                    }
                }
                Ok(Event::CData(piece)) => {
                    if let Some(text) = reading.text(at) {
                        text.push(&piece.decode().map_err(|_| unreadable(number))?);
                    }
                }
                Ok(Event::GeneralRef(entity)) => {
                    if let Some(text) = reading.text(at) {
                        text.push_entity(&entity);
                    }
                }
                Ok(Event::Eof) => return Err(damaged("工作表在中途结束").into()),
                Ok(_) => {}
                Err(_) => return Err(unreadable(number).into()),
            }
        }
    }
}

fn unreadable(row: u32) -> IntakeError {
    match row {
        0 => damaged("工作表内容无法解析"),
        row => damaged(&format!("工作表第 {row} 行起的内容无法解析")),
    }
}

impl Reading {
    fn of(element: &BytesStart<'_>) -> Self {
        Self {
            kind: attribute(element, b"t").unwrap_or_default(),
            style: attribute(element, b"s").and_then(|s| s.parse().ok()).unwrap_or(0),
            ..Self::default()
        }
    }

    /// Where a piece of text belongs; nowhere where it is no part of the value.
    fn text(&mut self, at: At) -> Option<&mut Text> {
        match at {
            At::Value => self.value.as_mut(),
            At::Words => self.inline.as_mut(),
            At::Cell | At::Inline | At::Formula | At::Spoken => None,
        }
    }

    /// What the cell holds.
    fn finish<'w>(self, context: &Context<'w>) -> Cell<'w> {
        let owned = |text: &str| Cell::text(Cow::Borrowed(text)).into_owned();
        if let (Some(inline), None) = (&self.inline, &self.value) {
            let text = unescaped(&inline.0);
            return if self.runs.has_struck {
                struck(&text)
            } else {
                owned(&text)
            };
        }
        let Some(Text(value)) = self.value else {
            return if self.has_formula {
                Odd::NoResult.cell(NOT_WORKED_OUT)
            } else {
                Cell::Empty
            };
        };
        // A nought beside a formula is what programs write that compute nothing.
        if self.has_formula && context.is_uncomputed && self.kind != "s" && matches!(value.trim(), "" | "0" | "0.0") {
            return Odd::NoResult.cell(NOT_WORKED_OUT);
        }
        if value.chars().nth(MAX_CELL_CHARS).is_some() {
            return Cell::TooLong(shown(&value));
        }
        match self.kind.as_str() {
            "s" => match value
                .trim()
                .parse::<usize>()
                .ok()
                .and_then(|index| Some((index, context.strings.texts.get(index)?)))
            {
                Some((index, text)) if context.strings.struck.contains(&index) => struck(text),
                Some((_, text)) => Cell::text(Cow::Borrowed(text)),
                None => Odd::NoString.cell(&value),
            },
            "str" | "inlineStr" => owned(&unescaped(&value)),
            "b" => match value.trim() {
                "1" | "true" => Cell::Bool(true),
                "0" | "false" => Cell::Bool(false),
                _ => Odd::NotOfKind.cell(&value),
            },
            "e" => Cell::Error(shown(&value)),
            "d" => match moment_cell(value.trim()) {
                Some(at) => Cell::DateTime(Some(at)),
                None => Odd::NotOfKind.cell(&value),
            },
            "" | "n" if value.trim().is_empty() => {
                if self.has_formula {
                    Odd::NoResult.cell(NOT_WORKED_OUT)
                } else {
                    Cell::Empty
                }
            }
            "" | "n" => match value.trim().parse::<f64>().ok().filter(|n| n.is_finite()) {
                Some(number) => number_cell(number, context, self.style),
                None => Odd::NotOfKind.cell(&value),
            },
            _ => Odd::NotOfKind.cell(&value),
        }
    }
}

fn number_cell(number: f64, context: &Context<'_>, style: usize) -> Cell<'static> {
    let at = |number| date::from_serial(number, context.from_1904);
    let like = |look: Option<Look>| look.map_or(Cell::Number(number), |look| Cell::Formatted(number, look));
    if number == 0.0 && context.hides_zeros {
        return like(Some(Look::Blank));
    }
    match context.styles.formats.get(style).unwrap_or(&Format::Number) {
        Format::Number => Cell::Number(number),
        Format::Like(look) => like(Some(look.clone())),
        Format::Patterns(sections) => like(sections.look(number)),
        Format::Date => Cell::DateTime(at(number)),
        Format::Yearless => Odd::YearHidden.cell(&Cell::DateTime(at(number)).display()),
        Format::Month => match at(number) {
            // The first of a month is what a month alone becomes.
            Some(at) if is_first_of_month(at) => Odd::MonthOnly.cell(&at.format("%Y-%m").to_string()),
            at => Cell::DateTime(at),
        },
    }
}

/// A date as ISO 8601 writes it: as Beijing's clock shows it where it says its offset, and as it stands where not.
fn moment_cell(text: &str) -> Option<NaiveDateTime> {
    let clock = text.split_once('T').map_or("", |(_, clock)| clock);
    if clock.contains(['Z', 'z', '+', '-']) {
        return date::moment(text).ok().map(|at| at.beijing_time().naive_local());
    }
    date::iso(text)
}

/// A text of which a part is struck out; what is made of it says so.
fn struck(text: &str) -> Cell<'static> {
    Odd::Struck.cell(&format!("（含删除线）{text}"))
}

/// Whether a row or column is not seen: it is hidden, or was drawn to nothing.
fn is_hidden(element: &BytesStart<'_>, size: &[u8]) -> bool {
    let is_nothing = |size: String| size.trim().parse().is_ok_and(|size: f64| size <= 0.0);
    is_set(element, b"hidden") || attribute(element, size).is_some_and(is_nothing)
}

fn is_first_of_month(at: NaiveDateTime) -> bool {
    use chrono::Datelike as _;
    at.day() == 1 && at.time() == NaiveTime::MIN
}

impl RowSource for SheetRows<'_> {
    fn next_row(&mut self) -> Result<Option<RawRow<'_>>, SourceError> {
        if self.at_end {
            return Ok(None);
        }
        let Some(tag) = self.next_tag()? else {
            self.at_end = true;
            return Ok(None);
        };
        let mut struck = Vec::new();
        let mut cells = if tag.empty {
            Vec::new()
        } else {
            self.cells(tag.number, &mut struck)?
        };
        self.last = tag.number;
        let mut covered = self.merged.fill(tag.number - 1, &mut cells)?;
        let merged_to = self.merged.whole(tag.number - 1, &cells).map(|row| row + 1);
        if merged_to.is_some() {
            covered.retain(|cell| cell.sideways);
        }
        Ok(Some(RawRow {
            number: tag.number,
            cells,
            hidden: tag.hidden,
            covered,
            struck,
            merged_to,
            from_1904: self.context.from_1904,
        }))
    }

    fn begin_below(&mut self, header: u32) {
        self.merged.begin_at(header);
    }

    fn hidden_columns(&self) -> &[(usize, usize)] {
        &self.hidden_columns
    }

    fn unproven(&self) -> Option<(u32, u64)> {
        self.unproven
    }

    fn progress(&self) -> Progress {
        let done = u64::from(self.last);
        Progress {
            done,
            total: self.rows.max(done),
        }
    }
}
