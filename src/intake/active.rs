//! What in a document acts when somebody opens it: programs, scripts, files within it, templates and data fetched from elsewhere. A
//! document is looked at, never run; what could act is refused with its reason.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use encoding_rs::{UTF_16BE, UTF_16LE};
use hayro_syntax::{
    LoadPdfError, Pdf,
    object::{Array, Dict, MaybeRef, Name, Object},
};
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use crate::domain::attachment::Rejected;

/// The largest part with relations or words of an office document, which is held whole.
pub(super) const MAX_XML_BYTES: usize = 64 << 20;

/// How deep values of a PDF may lie in one another.
const MAX_DEPTH: usize = 64;

/// How many actions that nobody has to click are looked at, of one place; no document has more.
const MOST_ACTIONS: usize = 64;

/// Words that one field of a document may have for its instruction, in characters; what is behind cannot be its name.
const MAX_INSTRUCTION: usize = 256;

/// Kinds of elements and wordings in which one instruction stands, at most.
const MOST_PIECES: usize = 16;

fn active(what: &str) -> Rejected {
    (
        "file_active",
        format!("文件含有{what}，打开时会执行，已拒绝；请去除后再上传（例如另存为或打印为 PDF）。"),
    )
}

fn damaged() -> Rejected {
    (
        "file_damaged",
        "文件不完整或已损坏，无法检查其内容，请重新导出后再上传。".into(),
    )
}

/// Looks through the PDF at `path`: every object, those in compressed object streams too, names however they are written (`#xx`).
///
/// # Errors
/// What acts: `/Launch`, JavaScript, embedded files, rich media; a password; what no reader can read.
pub(super) fn pdf(path: &Path) -> Result<(), Rejected> {
    let bytes = std::fs::read(path).map_err(|_| damaged())?;
    // What lies outside all that is referred to.
    if let Some(what) = loose_name(&bytes) {
        return Err(active(what));
    }
    // The reader of PDF takes damaged files too; where it gives up with a panic, nobody knows what is in the file.
    catch_unwind(AssertUnwindSafe(|| objects(bytes))).unwrap_or_else(|_| Err(damaged()))
}

fn objects(bytes: Vec<u8>) -> Result<(), Rejected> {
    let pdf = match Pdf::new(bytes) {
        Ok(pdf) => pdf,
        Err(LoadPdfError::Decryption(_)) => {
            return Err((
                "file_encrypted",
                "PDF 设有打开密码，无法检查，请去除密码后再上传。".into(),
            ));
        }
        Err(_) => return Err(damaged()),
    };
    for object in pdf.objects() {
        value(&object, 0)?;
    }
    Ok(())
}

fn value(object: &Object<'_>, depth: usize) -> Result<(), Rejected> {
    if depth > MAX_DEPTH {
        return Err(damaged());
    }
    match object {
        Object::Dict(dict) => dictionary(dict, depth),
        Object::Stream(stream) => dictionary(stream.dict(), depth),
        Object::Array(array) => list(array, depth),
        Object::Name(name) => acts(name.as_ref()).map_or(Ok(()), |what| Err(active(what))),
        Object::Null(_) | Object::Boolean(_) | Object::Number(_) | Object::String(_) => Ok(()),
    }
}

fn dictionary(dict: &Dict<'_>, depth: usize) -> Result<(), Rejected> {
    for started in [b"OpenAction".as_slice(), b"AA"] {
        if let Some(started) = dict.get::<Dict<'_>>(started)
            && goes_elsewhere(started)
        {
            return Err(active("打开时自动访问外部地址或其他文件的动作"));
        }
    }
    for (name, entry) in dict.entries() {
        if let Some(what) = acts(name.as_ref()) {
            return Err(active(what));
        }
        // What is referred to comes as an object of its own.
        if let MaybeRef::NotRef(entry) = entry {
            value(&entry, depth + 1)?;
        }
    }
    Ok(())
}

/// Whether an action that nobody has to click, one that follows it (`/Next`, one or several), or one of those for several events leads to
/// an address or another file. (ISO 32000-1, 12.6.2 and 12.6.3.)
fn goes_elsewhere(started: Dict<'_>) -> bool {
    let mut waiting = vec![started];
    let mut seen = 0;
    while let Some(action) = waiting.pop() {
        seen += 1;
        if seen > MOST_ACTIONS {
            return true;
        }
        let kind = action.get::<Name<'_>>(b"S".as_slice());
        if kind.is_some_and(|kind| matches!(kind.as_ref(), b"URI" | b"GoToR" | b"Thread")) {
            return true;
        }
        waiting.extend(
            action
                .entries()
                .filter_map(|(name, _)| action.get::<Dict<'_>>(name.as_ref())),
        );
        if let Some(several) = action.get::<Array<'_>>(b"Next".as_slice()) {
            waiting.extend(several.iter::<Dict<'_>>());
        }
    }
    false
}

fn list(array: &Array<'_>, depth: usize) -> Result<(), Rejected> {
    for entry in array.raw_iter() {
        if let MaybeRef::NotRef(entry) = entry {
            value(&entry, depth + 1)?;
        }
    }
    Ok(())
}

/// What a name of a PDF stands for, where that acts (ISO 32000-1, 12.6.4, 7.11.4, 13).
fn acts(name: &[u8]) -> Option<&'static str> {
    match name {
        b"Launch" => Some("启动程序的动作（/Launch）"),
        b"JavaScript" | b"JS" => Some("脚本（JavaScript）"),
        b"EmbeddedFile" | b"EmbeddedFiles" | b"EF" | b"GoToE" => Some("内嵌文件（/EmbeddedFile）"),
        b"RichMedia" | b"Rendition" | b"Movie" | b"Sound" | b"3D" => Some("多媒体内容"),
        b"XFA" => Some("动态表单（XFA）"),
        b"ImportData" | b"SubmitForm" => Some("向外收发数据的动作"),
        _ => None,
    }
}

/// A name that acts among what no stream holds, whether anything refers to it or not. Short names stand anywhere by chance, so only
/// long ones count here.
fn loose_name(bytes: &[u8]) -> Option<&'static str> {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b's' if bytes.get(at..).is_some_and(|rest| rest.starts_with(b"stream")) => {
                // Up to its end; the search goes on behind what was skipped, so each byte is seen once.
                let rest = bytes.get(at + 6..)?;
                let skipped = rest.windows(9).position(|w| w == b"endstream")?;
                at += 6 + skipped + 9;
            }
            b'/' => {
                let (name, used) = plain_name(bytes.get(at + 1..).unwrap_or_default());
                if name.len() >= 6
                    && let Some(what) = acts(&name)
                {
                    return Some(what);
                }
                at += 1 + used;
            }
            _ => at += 1,
        }
    }
    None
}

/// A name with its `#xx` as the bytes that they stand for, and how many bytes it takes; no longer than names that are known.
fn plain_name(bytes: &[u8]) -> (Vec<u8>, usize) {
    let (mut name, mut used) = (Vec::new(), 0);
    while let Some(byte) = bytes.get(used).filter(|b| b.is_ascii_alphanumeric() || **b == b'#') {
        let hex = (*byte == b'#')
            .then(|| bytes.get(used + 1..used + 3))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if name.len() > 32 {
            break;
        }
        name.push(hex.unwrap_or(*byte));
        used += if hex.is_some() { 3 } else { 1 };
    }
    (name, used)
}

/// Whether a part of an office document is to be looked into, by its name in lower case and how it begins. Relations and types of content
/// say what a part is, and its name need not.
pub(super) fn is_looked_into(name: &str, beginning: &[u8]) -> bool {
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
pub(super) fn part(name: &str, bytes: &[u8]) -> Result<(), Rejected> {
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
    use std::io::Write as _;

    use super::*;

    fn found(pdf_bytes: &[u8]) -> Result<(), &'static str> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(pdf_bytes).unwrap();
        pdf(file.path()).map_err(|(code, _)| code)
    }

    /// A PDF of one page with further objects, and further entries of its catalogue.
    fn paper(catalogue: &str, objects: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = format!(
            "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R {catalogue} >>\nendobj\n\
             2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
             3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>\nendobj\n"
        )
        .into_bytes();
        for (n, object) in objects.iter().enumerate() {
            bytes.extend(format!("{} 0 obj\n", n + 4).into_bytes());
            bytes.extend(object);
            bytes.extend(b"\nendobj\n");
        }
        bytes.extend(b"trailer\n<< /Root 1 0 R >>\n%%EOF\n");
        bytes
    }

    /// An object stream, compressed, that holds one object.
    fn object_stream(number: usize, object: &str) -> Vec<u8> {
        use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};
        let head = format!("{number} 0 ");
        let plain = format!("{head}{object}");
        // Deflate without a library of its own: a ZIP's only part is a raw stream, which zlib's two bytes and a checksum frame.
        let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file(
            "x",
            SimpleFileOptions::default().compression_method(CompressionMethod::Deflated),
        )
        .unwrap();
        zip.write_all(plain.as_bytes()).unwrap();
        let zipped = zip.finish().unwrap().into_inner();
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zipped.clone())).unwrap();
        let part = archive.by_index_raw(0).unwrap();
        let (start, length) = (part.data_start().unwrap() as usize, part.compressed_size() as usize);
        let mut data = vec![0x78, 0x9c];
        data.extend(&zipped[start..start + length]);
        let (mut a, mut b) = (1_u32, 0_u32);
        for byte in plain.bytes() {
            a = (a + u32::from(byte)) % 65_521;
            b = (b + a) % 65_521;
        }
        data.extend(((b << 16) | a).to_be_bytes());
        let mut object = format!(
            "<< /Type /ObjStm /N 1 /First {} /Filter /FlateDecode /Length {} >>\nstream\n",
            head.len(),
            data.len()
        )
        .into_bytes();
        object.extend(data);
        object.extend(b"\nendstream");
        object
    }

    #[test]
    fn a_pdf_that_acts_is_refused() {
        let plain = |text: &str| text.as_bytes().to_vec();
        assert_eq!(found(&paper("", &[])), Ok(()));
        assert_eq!(
            found(&paper("/OpenAction [3 0 R /Fit]", &[plain("(says /Launch)")])),
            Err("file_active"),
            "loose"
        );
        assert_eq!(
            found(&paper(
                "",
                &[plain("<< /A << /S /URI /URI (http://a) >> /Names 3 0 R >>")]
            )),
            Ok(())
        );
        for catalogue in [
            "/OpenAction << /S /Launch /F (calc.exe) >>",
            "/OpenAction << /S /JavaScript /JS (app.alert(1)) >>",
            "/OpenAction << /S /#4a#61vaScript >>",
            "/OpenAction << /#4AS 3 0 R >>",
            "/Names << /EmbeddedFiles << /Names [] >> >>",
            "/AF [<< /Type /Filespec /EF << /F 3 0 R >> >>]",
            "/AcroForm << /XFA (x) >>",
            "/X [[[<< /S /L#61unch >>]]]",
            "/OpenAction << /S /URI /URI (http://a) >>",
            "/OpenAction << /S /GoTo /D [3 0 R /Fit] /Next << /S /GoToR /F (\\\\a\\b.pdf) >> >>",
            "/AA << /O << /S /URI /URI (http://a) >> >>",
            "/OpenAction << /S /GoTo /D [3 0 R /Fit] /Next [<< /S /GoTo >> << /S /URI /URI (http://a) >>] >>",
            "/OpenAction << /S /GoTo /Next << /S /GoTo /Next << /S /GoTo /Next << /S /GoTo /Next << /S /GoTo /Next << /S /URI >> >> >> >> >> >>",
            "/OpenAction << /S /Thread /F (\\\\a\\b.pdf) >>",
        ] {
            assert_eq!(found(&paper(catalogue, &[])), Err("file_active"), "{catalogue}");
        }
        for object in [
            "<< /S /JavaScript /JS (x) >>",
            "<< /JS (x) >>",
            "[ << /S /#4caunch >> ]",
            "<< /EF << /F 3 0 R >> >>",
        ] {
            let hidden = paper("/OpenAction 9 0 R", &[object_stream(9, object)]);
            assert_eq!(found(&hidden), Err("file_active"), "{object}");
        }
        assert_eq!(found(&paper("/X 9 0 R", &[object_stream(9, "<< /S /GoTo >>")])), Ok(()));
        assert_eq!(found(b"%PDF-1.7\nnothing\n%%EOF"), Err("file_damaged"));
    }

    #[test]
    fn loose_names_cost_what_the_file_is_long() {
        // Streams without end, slashes without names: each byte is looked at once.
        let steps = |n: usize| {
            let bytes = [b"/#4c".repeat(n), b"stream".repeat(n)].concat();
            let start = std::hint::black_box(&bytes);
            loose_name(start);
            bytes.len()
        };
        assert_eq!(steps(2000), 2 * steps(1000));
    }

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
