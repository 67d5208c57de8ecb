//! The parts of a workbook that are read whole: which sheets it has, its shared strings, its number formats.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fs::File,
    io::{BufRead, BufReader},
};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use zip::ZipArchive;

use super::{
    Part, damaged,
    formats::{self, Format},
    text::{Text, attribute, is_set, unescaped},
};
use crate::intake::{cell::Odd, error::IntakeError};

/// The most sheets.
const MAX_SHEETS: usize = 1000;

/// A sheet of the book.
#[derive(Debug, Clone)]
pub struct SheetPart {
    /// As its tab says.
    pub name: String,
    /// The part that holds it.
    pub path: String,
    /// Whether its tab is hidden.
    pub hidden: bool,
}

/// What the book says of itself.
#[derive(Debug, Default)]
pub struct Book {
    /// Its sheets, in the order of their tabs; charts and macros left out.
    pub sheets: Vec<SheetPart>,
    /// Whether days are counted from 1904.
    pub from_1904: bool,
    /// Whether the results of its formulas are still to be worked out, as it says itself: programs that compute nothing write so.
    pub is_uncomputed: bool,
    /// The part of shared strings.
    pub strings: Option<String>,
    /// The part of formats.
    pub styles: Option<String>,
}

/// Formats by the index that cells carry.
#[derive(Debug, Default)]
pub struct Styles {
    /// What each makes of a number.
    pub formats: Vec<Format>,
    /// Which strike the cell out.
    pub struck: Vec<bool>,
    /// What keeps a text from being read as it stands, where the format shows more than it, or nothing.
    pub texts: Vec<Option<Odd>>,
}

/// Texts that cells share.
#[derive(Debug, Default)]
pub struct Strings {
    /// Each, whole.
    pub texts: Vec<String>,
    /// Those of which a part is struck out.
    pub struck: HashSet<usize>,
}

/// Opens a part by its path, whatever the case of its letters.
pub fn open<'a>(archive: &'a mut ZipArchive<BufReader<File>>, path: &str) -> Result<Part<'a>, IntakeError> {
    let lost = || damaged(&format!("缺少部件 {path}"));
    let index = match archive.index_for_name(path) {
        Some(index) => index,
        None => archive
            .file_names()
            .position(|name| name.is_ok_and(|name| name.replace('\\', "/").eq_ignore_ascii_case(path)))
            .ok_or_else(lost)?,
    };
    let part = archive.by_index(index).map_err(|_| lost())?;
    Ok(Reader::from_reader(BufReader::new(part)))
}

/// Calls `take` for each element that begins.
fn each<R: BufRead>(reader: &mut Reader<R>, mut take: impl FnMut(&BytesStart<'_>)) -> Result<(), IntakeError> {
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element) | Event::Empty(element)) => take(&element),
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(_) => return Err(damaged("工作簿内容无法解析")),
        }
    }
}

/// Where a relation of the part at `from` leads.
fn target(from: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut steps: Vec<&str> = from.split('/').collect();
    steps.pop();
    for step in target.split('/') {
        match step {
            "." | "" => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// Relations of a part: the kind's last word and the path, by id.
fn relations(
    archive: &mut ZipArchive<BufReader<File>>,
    of: &str,
) -> Result<HashMap<String, (String, String)>, IntakeError> {
    let (folder, name) = of.rsplit_once('/').unwrap_or(("", of));
    let path = match folder {
        "" => format!("_rels/{name}.rels"),
        folder => format!("{folder}/_rels/{name}.rels"),
    };
    let mut found = HashMap::new();
    each(&mut open(archive, &path)?, |element| {
        if element.local_name().as_ref() == b"Relationship"
            && let (Some(id), Some(kind), Some(to)) = (
                attribute(element, b"Id"),
                attribute(element, b"Type"),
                attribute(element, b"Target"),
            )
        {
            let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
            found.insert(id, (kind, target(of, &to)));
        }
    })?;
    Ok(found)
}

/// Reads what the book says of itself.
///
/// # Errors
/// Damaged.
pub fn book(archive: &mut ZipArchive<BufReader<File>>) -> Result<Book, IntakeError> {
    // The part of the book has its usual name almost everywhere; where not, the package says which it is.
    let usual = "xl/workbook.xml";
    let path = match relations(archive, "") {
        Ok(roots) => roots
            .into_values()
            .find(|(kind, _)| kind == "officeDocument")
            .map(|(_, path)| path),
        Err(_) => None,
    };
    let path = path.unwrap_or_else(|| usual.to_owned());
    let relations = relations(archive, &path)?;
    let mut book = Book::default();
    let mut listed: Vec<(String, Option<String>, bool)> = Vec::new();
    each(&mut open(archive, &path)?, |element| {
        match element.local_name().as_ref() {
            b"workbookPr" => book.from_1904 = is_set(element, b"date1904"),
            b"calcPr" => {
                let is_completed =
                    attribute(element, b"calcCompleted").is_none_or(|said| said != "0" && said != "false");
                book.is_uncomputed = is_set(element, b"fullCalcOnLoad") || !is_completed;
            }
            b"sheet" if listed.len() < MAX_SHEETS => listed.push((
                unescaped(&attribute(element, b"name").unwrap_or_default()).into_owned(),
                attribute(element, b"id"),
                attribute(element, b"state").is_some_and(|state| state != "visible"),
            )),
            _ => {}
        }
    })?;
    for (name, id, hidden) in listed {
        let Some((kind, path)) = id.as_ref().and_then(|id| relations.get(id)) else {
            continue;
        };
        if kind == "worksheet" {
            book.sheets.push(SheetPart {
                name,
                path: path.clone(),
                hidden,
            });
        }
    }
    let of_kind = |wanted: &str| {
        let mut parts = relations.values();
        parts.find(|(kind, _)| kind == wanted).map(|(_, path)| path.clone())
    };
    book.strings = of_kind("sharedStrings");
    book.styles = of_kind("styles");
    Ok(book)
}

/// Reads the shared strings; how a word is pronounced is no part of it.
///
/// # Errors
/// Damaged.
pub fn strings(archive: &mut ZipArchive<BufReader<File>>, path: &str) -> Result<Strings, IntakeError> {
    let mut reader = open(archive, path)?;
    let mut strings = Strings::default();
    let mut text = Text::default();
    let mut runs = Runs::default();
    let (mut in_text, mut spoken) = (false, false);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader
            .read_event_into(&mut buffer)
            .map_err(|_| damaged("共享字符串无法解析"))?
        {
            Event::Start(element) => match element.local_name().as_ref() {
                b"si" => {
                    text = Text::default();
                    runs = Runs::default();
                }
                b"rPh" => spoken = true,
                b"t" => in_text = !spoken,
                _ => runs.begin(&element),
            },
            Event::Empty(element) if element.local_name().as_ref() == b"si" => strings.texts.push(String::new()),
            Event::Empty(element) => runs.begin(&element),
            Event::End(element) => match element.local_name().as_ref() {
                b"si" => {
                    if runs.has_struck {
                        strings.struck.insert(strings.texts.len());
                    }
                    strings.texts.push(unescaped(&text.0).into_owned());
                }
                b"rPh" => spoken = false,
                b"t" => in_text = false,
                _ => {}
            },
            Event::Text(piece) if in_text => {
                let piece = piece.decode().map_err(|_| damaged("共享字符串无法解析"))?;
                text.push(&runs.text(&piece));
            }
            Event::CData(piece) if in_text => text.push(&piece.decode().map_err(|_| damaged("共享字符串无法解析"))?),
            Event::GeneralRef(entity) if in_text => text.push_entity(&entity),
            Event::Eof => return Ok(strings),
            _ => {}
        }
    }
}

/// Reads the formats.
///
/// # Errors
/// Damaged.
pub fn styles(archive: &mut ZipArchive<BufReader<File>>, path: &str) -> Result<Styles, IntakeError> {
    let mut reader = open(archive, path)?;
    let mut custom: HashMap<u32, (Format, Option<Odd>)> = HashMap::new();
    let mut ids: Vec<(u32, usize)> = Vec::new();
    let mut struck_fonts: Vec<bool> = Vec::new();
    let (mut in_cells, mut in_fonts) = (false, false);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader
            .read_event_into(&mut buffer)
            .map_err(|_| damaged("单元格格式无法解析"))?
        {
            Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                b"numFmt" => {
                    let id = attribute(&element, b"numFmtId").and_then(|id| id.parse().ok());
                    if let (Some(id), Some(code)) = (id, attribute(&element, b"formatCode")) {
                        custom.insert(id, (formats::custom(&code), formats::of_text(&code)));
                    }
                }
                b"fonts" => in_fonts = true,
                b"font" if in_fonts => struck_fonts.push(false),
                b"strike" if in_fonts => {
                    if let Some(font) = struck_fonts.last_mut() {
                        *font = is_on(&element);
                    }
                }
                b"cellXfs" => in_cells = true,
                b"xf" if in_cells => {
                    let id = attribute(&element, b"numFmtId").and_then(|id| id.parse::<u32>().ok());
                    let font = attribute(&element, b"fontId").and_then(|id| id.parse().ok());
                    ids.push((id.unwrap_or(0), font.unwrap_or(0)));
                }
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == b"fonts" => in_fonts = false,
            Event::End(element) if element.local_name().as_ref() == b"cellXfs" => in_cells = false,
            Event::Eof => break,
            _ => {}
        }
    }
    let struck = |(_, font): &(u32, usize)| struck_fonts.get(*font).copied().unwrap_or(false);
    let format = |(id, _): &(u32, usize)| match custom.get(id) {
        Some((format, _)) => format.clone(),
        None => formats::built_in(*id),
    };
    let text = |(id, _): &(u32, usize)| custom.get(id).and_then(|(_, text)| *text);
    Ok(Styles {
        texts: ids.iter().map(text).collect(),
        struck: ids.iter().map(struck).collect(),
        formats: ids.iter().map(format).collect(),
    })
}

/// Runs of a text with looks of their own.
#[derive(Default)]
pub struct Runs {
    is_struck: bool,
    /// Whether a run with something in it is struck out.
    pub has_struck: bool,
    shift: Shift,
}

/// Where a run stands.
#[derive(Clone, Copy, Default)]
enum Shift {
    #[default]
    Line,
    Above,
    Below,
}

impl Runs {
    /// An element of the text begins.
    pub fn begin(&mut self, element: &BytesStart<'_>) {
        match element.local_name().as_ref() {
            b"r" => (self.is_struck, self.shift) = (false, Shift::Line),
            b"vertAlign" => {
                self.shift = match attribute(element, b"val").as_deref() {
                    Some("superscript") => Shift::Above,
                    Some("subscript") => Shift::Below,
                    _ => Shift::Line,
                };
            }
            b"strike" | b"dstrike" => self.is_struck = is_on(element),
            _ => {}
        }
    }

    /// A piece of the run's text, as it is read: digits and signs that stand above or below the line stay so.
    pub fn text<'t>(&mut self, piece: &'t str) -> Cow<'t, str> {
        self.has_struck |= self.is_struck && !piece.trim().is_empty();
        match self.shift {
            Shift::Line => Cow::Borrowed(piece),
            Shift::Above => shifted(piece, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾"),
            Shift::Below => shifted(piece, "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"),
        }
    }
}

/// A text with its digits and signs as those of another place.
fn shifted(text: &str, places: &str) -> Cow<'static, str> {
    let place = |c: char| "0123456789+-=()".find(c).and_then(|at| places.chars().nth(at));
    text.chars().map(|c| place(c).unwrap_or(c)).collect()
}

/// Whether an element that says yes by being there does so.
fn is_on(element: &BytesStart<'_>) -> bool {
    attribute(element, b"val").is_none_or(|value| !matches!(value.as_str(), "0" | "false" | "off"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_lead_from_their_part() {
        for (from, to, path) in [
            ("xl/workbook.xml", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            (
                "xl/workbook.xml",
                "/xl/worksheets/sheet1.xml",
                "xl/worksheets/sheet1.xml",
            ),
            ("xl/workbook.xml", "../a/./b.xml", "a/b.xml"),
            ("", "xl/workbook.xml", "xl/workbook.xml"),
        ] {
            assert_eq!(target(from, to), path);
        }
    }
}
