//! The parts of a workbook that are read whole: which sheets it has, its shared strings, its number formats.

use std::{
    collections::HashMap,
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
use crate::intake::error::IntakeError;

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
pub fn strings(archive: &mut ZipArchive<BufReader<File>>, path: &str) -> Result<Vec<String>, IntakeError> {
    let mut reader = open(archive, path)?;
    let mut strings = Vec::new();
    let mut text = Text::default();
    let (mut in_text, mut spoken) = (false, false);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader
            .read_event_into(&mut buffer)
            .map_err(|_| damaged("共享字符串无法解析"))?
        {
            Event::Start(element) => match element.local_name().as_ref() {
                b"si" => text = Text::default(),
                b"rPh" => spoken = true,
                b"t" => in_text = !spoken,
                _ => {}
            },
            Event::Empty(element) if element.local_name().as_ref() == b"si" => strings.push(String::new()),
            Event::End(element) => match element.local_name().as_ref() {
                b"si" => strings.push(unescaped(&text.0).into_owned()),
                b"rPh" => spoken = false,
                b"t" => in_text = false,
                _ => {}
            },
            Event::Text(piece) if in_text => text.push(&piece.decode().map_err(|_| damaged("共享字符串无法解析"))?),
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
    let mut custom: HashMap<u32, Format> = HashMap::new();
    let mut ids = Vec::new();
    let mut in_cells = false;
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
                        custom.insert(id, formats::custom(&code));
                    }
                }
                b"cellXfs" => in_cells = true,
                b"xf" if in_cells => {
                    let id = attribute(&element, b"numFmtId").and_then(|id| id.parse::<u32>().ok());
                    ids.push(id.unwrap_or(0));
                }
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == b"cellXfs" => in_cells = false,
            Event::Eof => break,
            _ => {}
        }
    }
    let formats = ids
        .into_iter()
        .map(|id| custom.get(&id).copied().unwrap_or_else(|| formats::built_in(id)));
    Ok(Styles {
        formats: formats.collect(),
    })
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
