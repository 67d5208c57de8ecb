//! A report as DOCX: the paragraphs and tables of `word/document.xml`. Merged cells are known; pictures and fields are not read.

use std::{
    fs::File,
    io::{BufReader, Read as _},
    path::Path,
};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use zip::ZipArchive;

use super::{
    report::{MAX_TEXT_BYTES, ReportError},
    report_text::Builder,
};
use crate::domain::outline::{MAX_CELL_CHARS, MAX_COLUMNS, Outline, OutlineCell, OutlineTable};

/// The part that holds the text.
const DOCUMENT: &str = "word/document.xml";

/// The most columns that a cell is taken to span.
const MAX_SPAN: usize = 64;

/// How deep elements may lie in one another; documents stay below a hundred.
const MAX_DEPTH: usize = 1000;

/// Reads the document at `path`, which passed the archive's guard.
pub(super) fn read(path: &Path) -> Result<Outline, ReportError> {
    let mut archive = ZipArchive::new(BufReader::new(File::open(path)?)).map_err(|_| ReportError::Xml)?;
    let part = archive.by_name(DOCUMENT).map_err(|_| ReportError::Xml)?;
    let mut xml = Vec::new();
    part.take(MAX_TEXT_BYTES + 1)
        .read_to_end(&mut xml)
        .map_err(|_| ReportError::Xml)?;
    if xml.len() as u64 > MAX_TEXT_BYTES {
        return Err(ReportError::TooLong);
    }
    parse(&xml)
}

fn parse(xml: &[u8]) -> Result<Outline, ReportError> {
    let mut reader = Reader::from_reader(xml);
    let mut walk = Walk::default();
    let mut depth = 0_usize;
    loop {
        match reader.read_event().map_err(|_| ReportError::Xml)? {
            Event::Start(element) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(ReportError::Xml);
                }
                walk.start(&element);
            }
            Event::Empty(element) => {
                walk.start(&element);
                walk.end(element.local_name().as_ref());
            }
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                walk.end(element.local_name().as_ref());
            }
            Event::Text(text) if walk.in_text => {
                walk.text.push_str(&text.decode().map_err(|_| ReportError::Xml)?);
            }
            Event::GeneralRef(entity) if walk.in_text => {
                let resolved = match entity.resolve_char_ref().map_err(|_| ReportError::Xml)? {
                    Some(c) => Some(c),
                    None => {
                        let name = entity.decode().map_err(|_| ReportError::Xml)?;
                        quick_xml::escape::resolve_predefined_entity(&name).and_then(|text| text.chars().next())
                    }
                };
                walk.text.extend(resolved);
            }
            Event::Eof => return Ok(walk.builder.finish()),
            _ => {}
        }
    }
}

/// Where the walk through the document is.
#[derive(Default)]
struct Walk {
    builder: Builder,
    text: String,
    in_text: bool,
    heading: bool,
    /// Elements of a fallback for older readers, which says again what was said.
    fallback: usize,
    /// Tables within tables; the words of inner ones belong to the outer one's cell.
    tables: usize,
    table: OutlineTable,
    cell: OutlineCell,
    span: usize,
}

/// The attribute `val` of an element.
fn value(element: &BytesStart<'_>) -> Option<String> {
    let attribute = element
        .attributes()
        .flatten()
        .find(|a| a.key.local_name().as_ref() == b"val")?;
    String::from_utf8(attribute.value.into_owned()).ok()
}

impl Walk {
    fn start(&mut self, element: &BytesStart<'_>) {
        let name = element.local_name();
        if self.fallback > 0 {
            self.fallback += usize::from(name.as_ref() == b"Fallback");
            return;
        }
        match name.as_ref() {
            b"Fallback" => self.fallback = 1,
            b"p" if self.tables == 0 => (self.text, self.heading) = (String::new(), false),
            b"pStyle" => {
                let style = value(element).unwrap_or_default().to_lowercase();
                // Word writes the built-in headings as Heading1 or, in Chinese versions, as 1 … 9.
                self.heading |= style.starts_with("heading")
                    || style.starts_with("标题")
                    || matches!(style.as_bytes(), [b'1'..=b'9']);
            }
            b"outlineLvl" => self.heading |= value(element).is_some_and(|level| level != "9"),
            b"t" => self.in_text = true,
            b"tab" | b"br" | b"cr" => self.text.push(' '),
            b"tbl" => {
                self.tables += 1;
                if self.tables == 1 {
                    self.table = OutlineTable::default();
                }
            }
            b"tr" if self.tables == 1 => self.table.rows.push(Vec::new()),
            b"tc" if self.tables == 1 => {
                (self.text, self.cell, self.span) = (String::new(), OutlineCell::default(), 1);
            }
            b"gridSpan" if self.tables == 1 => {
                let span = value(element).and_then(|v| v.parse().ok()).unwrap_or(1);
                self.span = span.clamp(1, MAX_SPAN);
            }
            b"vMerge" if self.tables == 1 => self.cell.merged_up = value(element).is_none_or(|v| v != "restart"),
            _ => {}
        }
    }

    fn end(&mut self, name: &[u8]) {
        if self.fallback > 0 {
            self.fallback -= usize::from(name == b"Fallback");
            return;
        }
        match name {
            b"t" => self.in_text = false,
            b"p" if self.tables == 0 => {
                let text = std::mem::take(&mut self.text);
                match text.trim() {
                    "" => {}
                    heading if self.heading => self.builder.heading(heading),
                    text => self.builder.paragraph(text),
                }
            }
            b"tc" if self.tables == 1 => {
                self.cell.text = std::mem::take(&mut self.text).trim().to_owned();
                // A cell that is long and spans many is kept once for each: never more than a table has columns.
                if self.cell.text.len() > MAX_CELL_CHARS * 4 {
                    self.cell.text = self.cell.text.chars().take(MAX_CELL_CHARS).collect();
                }
                if let Some(row) = self.table.rows.last_mut().filter(|row| row.len() < MAX_COLUMNS) {
                    row.extend(std::iter::repeat_n(self.cell.clone(), self.span));
                }
            }
            b"tbl" => {
                self.tables = self.tables.saturating_sub(1);
                if self.tables == 0 {
                    self.builder.table(std::mem::take(&mut self.table));
                }
            }
            _ => {}
        }
    }
}
