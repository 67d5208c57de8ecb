//! What acts in an office document: its relations, the fields of its text, its links to data elsewhere.

use encoding_rs::{UTF_16BE, UTF_16LE};
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use super::{active, damaged};
use crate::domain::attachment::Rejected;

/// Words that one field of a document may have for its instruction, in characters; what is behind cannot be its name.
const MAX_INSTRUCTION: usize = 256;

/// Kinds of elements and wordings in which one instruction stands, at most.
const MOST_PIECES: usize = 16;

/// Whether a part of an office document is to be looked into, by its name in lower case and how it begins. Relations and types of content
/// say what a part is, and its name need not.
pub(in crate::intake) fn is_looked_into(name: &str, beginning: &[u8]) -> bool {
    let text = as_utf8(beginning.get(..64).unwrap_or(beginning));
    is_named(name) || text.trim_ascii_start().trim_prefix_bom().starts_with(b"<")
}

/// Whether a part has the name of one in which office programs keep what acts: one that cannot be read is refused.
fn is_named(name: &str) -> bool {
    name.ends_with(".rels")
        || ((name.starts_with("word/") || name.starts_with("xl/externallinks/")) && name.ends_with(".xml"))
}

trait TrimPrefixBom {
    fn trim_prefix_bom(&self) -> &[u8];
}

impl TrimPrefixBom for [u8] {
    fn trim_prefix_bom(&self) -> &[u8] {
        self.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(self)
    }
}

/// Looks into a part that [`is_looked_into`].
///
/// # Errors
/// What acts; where the name says that it may, what cannot be read.
pub(in crate::intake) fn part(name: &str, bytes: &[u8]) -> Result<(), Rejected> {
    let xml = as_utf8(bytes);
    let looked = without_declaration(&xml).and_then(|xml| relations(xml).and_then(|()| words(xml)));
    match looked {
        // What is no XML, or was never finished, is read by no office program either.
        Err((code, _)) if code == damaged().0 && !is_named(name) => Ok(()),
        looked => looked,
    }
}

/// A part as UTF-8: office documents may be written in UTF-16 too.
fn as_utf8(bytes: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    let encoding = match bytes {
        [0xFF, 0xFE, ..] | [b'<', 0, ..] => UTF_16LE,
        [0xFE, 0xFF, ..] | [0, b'<', ..] => UTF_16BE,
        _ => return bytes.into(),
    };
    let (text, _) = encoding.decode_with_bom_removal(bytes);
    text.into_owned().into_bytes().into()
}

/// The part behind its declaration, which is not to decide on how what was read as UTF-8 is read once more. Office documents are written in
/// UTF-8 or UTF-16 (ECMA-376 part 2, 8.1.4): no other encoding is taken.
fn without_declaration(xml: &[u8]) -> Result<&[u8], Rejected> {
    let xml = xml.trim_prefix_bom();
    let Some(rest) = xml.trim_ascii_start().strip_prefix(b"<?xml") else {
        return Ok(xml);
    };
    let end = rest.windows(2).position(|two| two == b"?>").ok_or_else(damaged)?;
    let (declaration, behind) = rest.split_at(end);
    let declaration = String::from_utf8_lossy(declaration).to_ascii_lowercase();
    let known = declaration.split_once("encoding").is_none_or(|(_, encoding)| {
        let encoding = encoding.trim_start_matches(|c: char| c == '=' || c.is_whitespace());
        let name: String = encoding
            .chars()
            .skip(1)
            .take_while(|c| !matches!(c, '"' | '\''))
            .collect();
        matches!(name.as_str(), "utf-8" | "utf8" | "utf-16" | "utf16" | "us-ascii")
    });
    if known {
        Ok(behind.get(2..).unwrap_or_default())
    } else {
        Err(damaged())
    }
}

/// The value of an attribute. One of the same name of another namespace beside it would be ignored by office programs, and is refused.
fn attribute(element: &BytesStart<'_>, name: &[u8]) -> Result<Option<String>, Rejected> {
    let mut attributes = element.attributes();
    let found = attributes.with_checks(false).flatten();
    let mut values = found.filter(|a| a.key.local_name().as_ref() == name);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(active("同名的多个属性"));
    }
    let value = value.normalized_value(XmlVersion::Implicit1_0);
    Ok(value.ok().map(|v| v.into_owned()))
}

/// Drawings of old (VML) do not close all that they open.
fn reader(xml: &[u8]) -> Reader<&[u8]> {
    let mut reader = Reader::from_reader(xml);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    reader
}

/// What a document refers to: nothing that acts, and beside links nothing on another machine.
fn relations(xml: &[u8]) -> Result<(), Rejected> {
    let mut reader = reader(xml);
    loop {
        match reader.read_event().map_err(|_| damaged())? {
            Event::Start(element) | Event::Empty(element) if element.local_name().as_ref() == b"Relationship" => {
                let kind = attribute(&element, b"Type")?.unwrap_or_default();
                let kind = kind.rsplit('/').next().unwrap_or_default().trim().to_ascii_lowercase();
                let external = attribute(&element, b"TargetMode")?.is_some_and(|m| m.eq_ignore_ascii_case("external"));
                let target = attribute(&element, b"Target")?.unwrap_or_default();
                match kind.as_str() {
                    "oleobject" => return Err(active("OLE 对象")),
                    "control" | "activexcontrolbinary" => return Err(active("ActiveX 控件")),
                    "vbaproject" | "xlmacrosheet" | "xlintlmacrosheet" => return Err(active("宏")),
                    "afchunk" => return Err(active("嵌入的外来内容（altChunk）")),
                    "hyperlink" => {}
                    "attachedtemplate" if external && is_remote(&target) => return Err(active("远程模板")),
                    _ if external && is_remote(&target) => return Err(active("引用其他计算机上的内容")),
                    _ => {}
                }
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// Whether a target lies on another machine.
fn is_remote(target: &str) -> bool {
    let target: String = target
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .collect();
    let target = target.to_ascii_lowercase().replace('\\', "/");
    let is_drive =
        |path: &str| path.as_bytes().get(1) == Some(&b':') && path.starts_with(|c: char| c.is_ascii_lowercase());
    if let Some(path) = target.strip_prefix("file:") {
        let rest = path.trim_start_matches('/');
        let slashes = path.len() - rest.len();
        return !is_drive(rest) && !rest.starts_with("localhost/") && matches!(slashes, 2 | 4..);
    }
    if target.starts_with("//") {
        return true;
    }
    // A scheme has two letters at least; a drive has one.
    target.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    })
}

/// A field of a document whose instruction is being read.
#[derive(Default)]
struct Field {
    /// The instruction, by the elements in which it stands: where they are of several kinds (another namespace, what was deleted, one of
    /// several wordings), which of them counts is the program's choice.
    pieces: Vec<(Vec<u8>, String)>,
    /// Whether another field stands where the instruction's name should.
    computed: bool,
    /// Whether the instruction is over and the result is read.
    shown: bool,
}

/// The words of a document: no field that starts a program or fetches data (ECMA-376 part 1, 17.16), no link of a workbook to one.
fn words(xml: &[u8]) -> Result<(), Rejected> {
    let mut reader = reader(xml);
    let mut fields: Vec<Field> = Vec::new();
    let mut in_instruction = false;
    loop {
        match reader.read_event().map_err(|_| damaged())? {
            Event::Start(element) => match element.local_name().as_ref() {
                b"instrText" | b"delInstrText" => {
                    in_instruction = true;
                    if let Some(field) = fields.last_mut() {
                        field.go_on_in(element.name().as_ref());
                    }
                }
                // Of several wordings each program takes the one that it knows.
                b"Choice" | b"Fallback" => fields.iter_mut().for_each(Field::begin_wording),
                _ => field_tag(&element, &mut fields)?,
            },
            Event::Empty(element) => field_tag(&element, &mut fields)?,
            Event::End(element) if matches!(element.local_name().as_ref(), b"instrText" | b"delInstrText") => {
                in_instruction = false;
            }
            Event::Text(text) if in_instruction => instruct(&mut fields, &text.decode().map_err(|_| damaged())?),
            Event::CData(text) if in_instruction => instruct(&mut fields, &text.decode().map_err(|_| damaged())?),
            Event::GeneralRef(entity) if in_instruction => {
                if let Ok(Some(c)) = entity.resolve_char_ref() {
                    instruct(&mut fields, c.encode_utf8(&mut [0; 4]));
                }
            }
            Event::Eof => return fields.iter().try_for_each(Field::check),
            _ => {}
        }
    }
}

fn instruct(fields: &mut [Field], text: &str) {
    let Some(field) = fields.last_mut().filter(|f| !f.shown) else {
        return;
    };
    if let Some((_, piece)) = field.pieces.last_mut() {
        // Blanks before the name are no part of it.
        let text = if piece.is_empty() { text.trim_start() } else { text };
        let room = MAX_INSTRUCTION.saturating_sub(piece.len());
        piece.extend(text.chars().take(room));
    }
}

fn field_tag(element: &BytesStart<'_>, fields: &mut Vec<Field>) -> Result<(), Rejected> {
    match element.local_name().as_ref() {
        b"ddeLink" => Err(active("DDE 链接")),
        b"oleLink" => Err(active("OLE 链接")),
        b"connection" if attribute(element, b"refreshOnLoad")?.is_some_and(|set| set != "0" && set != "false") => {
            Err(active("打开时自动刷新的外部数据连接"))
        }
        b"fldSimple" => {
            let instruction = attribute(element, b"instr")?.unwrap_or_default();
            let field = Field {
                pieces: vec![(Vec::new(), instruction)],
                ..Field::default()
            };
            field.check()
        }
        b"fldChar" => match attribute(element, b"fldCharType")?.unwrap_or_default().trim() {
            "begin" => {
                if let Some(outer) = fields
                    .last_mut()
                    .filter(|f| !f.shown && f.pieces.iter().all(|(_, piece)| piece.trim().is_empty()))
                {
                    outer.computed = true;
                }
                // Deeper than any document has them.
                if fields.len() > 1000 {
                    return Err(damaged());
                }
                fields.push(Field::default());
                Ok(())
            }
            "separate" => {
                if let Some(field) = fields.last_mut() {
                    field.shown = true;
                    return field.check();
                }
                Ok(())
            }
            "end" => fields.pop().map_or(Ok(()), |field| field.check()),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

impl Field {
    fn check(&self) -> Result<(), Rejected> {
        if self.computed {
            return Err(active("由其他域拼出的域代码"));
        }
        let said_by = |named: Option<&[u8]>| -> String {
            let of_it = |(name, _): &&(Vec<u8>, String)| named.is_none_or(|named| name == named);
            self.pieces
                .iter()
                .filter(of_it)
                .map(|(_, piece)| piece.as_str())
                .collect()
        };
        // Each piece, those of each kind of element together, and all of them.
        let alone = self.pieces.iter().map(|(_, piece)| piece.clone());
        let together = self.pieces.iter().map(|(name, _)| said_by(Some(name)));
        let mut said = alone.chain(together).chain([said_by(None)]);
        let is_plain = self.pieces.len() == 1;
        let what = said.find_map(|text| {
            let text = text.to_ascii_uppercase();
            let mut names = text
                .split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|name| !name.is_empty());
            if is_plain {
                names.next().and_then(fetches)
            } else {
                names.find_map(fetches)
            }
        });
        what.map_or(Ok(()), |what| Err(active(what)))
    }

    /// What is read from here on stands in an element of this name.
    fn go_on_in(&mut self, element: &[u8]) {
        if self.pieces.last().is_some_and(|(name, _)| name == element) {
            return;
        }
        if self.pieces.len() == MOST_PIECES {
            // What is in so many pieces is refused.
            self.computed = true;
            return;
        }
        self.pieces.push((element.to_vec(), String::new()));
    }

    /// Another wording of what was read begins: whatever comes is a piece of its own.
    fn begin_wording(&mut self) {
        if let Some((name, _)) = self.pieces.last_mut().filter(|_| !self.shown) {
            name.push(b'/');
        }
    }
}

/// What a field of a name, in capitals, starts or fetches.
fn fetches(name: &str) -> Option<&'static str> {
    match name {
        "DDE" | "DDEAUTO" => Some("DDE 域"),
        "LINK" | "EMBED" => Some("OLE 链接"),
        "INCLUDE" | "INCLUDETEXT" | "INCLUDEPICTURE" | "DATABASE" | "IMPORT" | "RD" => Some("读取其他文件的域"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_acts_is_refused() {
        let relation = |kind: &str, target: &str, mode: &str| {
            format!(
                "<Relationships><Relationship Id=\"a\" Type=\"http://x/{kind}\" Target=\"{target}\" {mode}/></Relationships>"
            )
        };
        let external = "TargetMode=\"External\"";
        for (kind, target, mode, refused) in [
            ("hyperlink", "http://a.example/", external, false),
            ("image", "media/image1.png", "", false),
            ("package", "embeddings/a.xlsx", "", false),
            ("attachedTemplate", "file:///C:\\Users\\a\\b.dotx", external, false),
            ("attachedTemplate", "http://a.example/x.dotm", external, true),
            ("attachedTemplate", "\\\\a\\b\\x.dotm", external, true),
            ("attachedTemplate", "file://a/b/x.dotm", external, true),
            ("attachedTemplate", "file:////a/b.dotm", external, true),
            ("attachedTemplate", " ht&#x9;tps://a/x.dotm", external, true),
            ("oleObject", "embeddings/oleObject1.bin", "", true),
            ("oleObject", "http://a/x", external, true),
            ("frame", "mhtml:http://a/x", external, true),
            ("image", "https://a/x.png", external, true),
            ("aFChunk", "a.html", "", true),
            ("control", "activeX/a.xml", "", true),
        ] {
            let xml = relation(kind, target, mode);
            assert_eq!(
                part("word/_rels/document.xml.rels", xml.as_bytes()).is_err(),
                refused,
                "{kind} {target}"
            );
            let wide: Vec<u8> = xml.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert_eq!(
                part("word/_rels/document.xml.rels", &wide).is_err(),
                refused,
                "{kind} {target}"
            );
        }
        let field = |instruction: &str| {
            let pieces: String = instruction
                .split('|')
                .map(|p| format!("<w:r><w:instrText>{p}</w:instrText></w:r>"))
                .collect();
            format!(
                "<w:p><w:fldChar w:fldCharType=\"begin\"/>{pieces}<w:fldChar w:fldCharType=\"separate\"/><w:t>DDE x</w:t><w:fldChar w:fldCharType=\"end\"/></w:p>"
            )
        };
        for (xml, refused) in [
            (field(" PAGE "), false),
            (field("TOC \\o \"1-3\""), false),
            (field(" D|DE|AUTO c:\\\\x \"y\""), true),
            (field("dde Excel a b"), true),
            (field("&#68;DE x"), true),
            (field("LINK Excel.Sheet"), true),
            (field("INCLUDEPICTURE \"http://a/x.png\" \\d"), true),
            (field("INCLUDE|PICTURE \\\\a\\b.png"), true),
            (field(&format!("{}DDEAUTO x", " ".repeat(300))), true),
            (field("REF LINK \\h"), false),
            (field("PAGE</w:instrText><w:delInstrText>x</w:delInstrText><w:instrText>DDEAUTO x"), true),
            ("<w:fldSimple x:instr=\"PAGE\" w:instr=\"DDEAUTO x\"/>".to_owned(), true),
            ("<?xml version=\"1.0\" encoding=\"UTF-16\"?><w:fldSimple w:instr=\"DDEAUTO x\"/>".to_owned(), true),
            ("<connections><connection id=\"1\" refreshOnLoad=\"1\"/></connections>".to_owned(), true),
            ("<connections><connection id=\"1\"/></connections>".to_owned(), false),
            ("<w:fldSimple w:instr=\" DDEAUTO x\"/>".to_owned(), true),
            ("<w:p><w:fldChar w:fldCharType=\"begin\"/><w:instrText>DDE x</w:instrText></w:p>".to_owned(), true),
            ("<externalLink><ddeLink ddeService=\"cmd\"/></externalLink>".to_owned(), true),
            (
                "<w:p><w:fldChar w:fldCharType=\"begin\"/><w:fldChar w:fldCharType=\"begin\"/><w:instrText>QUOTE 68 68 69</w:instrText>\
                 <w:fldChar w:fldCharType=\"end\"/><w:fldChar w:fldCharType=\"end\"/></w:p>"
                    .to_owned(),
                true,
            ),
        ] {
            assert_eq!(part("word/document.xml", xml.as_bytes()).is_err(), refused, "{xml}");
            let wide: Vec<u8> = xml.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert!(is_looked_into("other/header1.dat", &wide) && is_looked_into("x", xml.as_bytes()));
            assert_eq!(part("other/header1.dat", &wide).is_err(), refused, "{xml}");
        }
    }
}
