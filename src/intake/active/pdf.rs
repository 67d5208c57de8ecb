//! What acts in a PDF.

use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    process::{Command, Stdio},
};

use hayro_syntax::{
    LoadPdfError, Pdf,
    object::{Array, Dict, MaybeRef, Name, ObjRef, Object},
};

use super::{
    super::{archive_guard::contains, attached::EXAMINE_PDF},
    active, damaged,
};
use crate::domain::attachment::Rejected;

/// How deep values of a PDF may lie in one another.
const MAX_DEPTH: usize = 64;

/// How many actions that nobody has to click are looked at in a PDF; none has so many.
const MOST_ACTIONS: usize = 100_000;

/// How deep brackets of a PDF that lies open may lie in one another: the reader of PDF follows each with its stack.
const MAX_NESTING: usize = 2000;

/// Looks through the PDF at `path`: every object, those in compressed object streams too, names however they are written (`#xx`). What is
/// compressed may make the reader of PDF run without end or out of its stack, which no catching of panics helps against: such a file is
/// given to `examiner`, this program as a process of its own ([`examine_apart`]), where there is one.
///
/// # Errors
/// What acts: `/Launch`, JavaScript, embedded files, rich media; a password; what no reader can read.
pub(in crate::intake) fn pdf(path: &Path, examiner: Option<&Path>) -> Result<(), Rejected> {
    let bytes = std::fs::read(path).map_err(|_| damaged())?;
    // What lies outside all that is referred to.
    if let Some(what) = loose_name(&bytes) {
        return Err(active(what));
    }
    if is_plain(&bytes) {
        if nesting(&bytes) > MAX_NESTING {
            return Err(damaged());
        }
        return looked_through(bytes);
    }
    match examiner {
        Some(program) => in_process(program, path),
        None => looked_through(bytes),
    }
}

/// Looks through a PDF in a process that does nothing else, and may end as it will.
///
/// # Errors
/// As [`pdf`].
pub(in crate::intake) fn examine_apart(path: &Path) -> Result<(), Rejected> {
    looked_through(std::fs::read(path).map_err(|_| damaged())?)
}

fn looked_through(bytes: Vec<u8>) -> Result<(), Rejected> {
    // The reader of PDF takes damaged files too; where it gives up with a panic, nobody knows what is in the file.
    catch_unwind(AssertUnwindSafe(|| objects(bytes))).unwrap_or_else(|_| Err(damaged()))
}

/// What the program `examiner` says of a PDF; damaged where it came to no answer.
fn in_process(examiner: &Path, path: &Path) -> Result<(), Rejected> {
    let answer = Command::new(examiner)
        .arg(EXAMINE_PDF)
        .arg(path)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|_| damaged())?;
    if answer.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&answer.stdout);
    let (code, detail) = said.split_once('\n').unwrap_or_default();
    let known = ["file_active", "file_encrypted"]
        .into_iter()
        .find(|known| *known == code);
    Err(known.map_or_else(damaged, |code| (code, detail.trim_end().to_owned())))
}

/// Whether all of a PDF lies open in its bytes: nothing is compressed, and no name is written otherwise than it is read.
fn is_plain(bytes: &[u8]) -> bool {
    !bytes.contains(&b'#') && !contains(bytes, b"filter")
}

/// How deep brackets lie in one another at most, whatever they stand in.
fn nesting(bytes: &[u8]) -> usize {
    let (mut depth, mut most) = (0_usize, 0);
    for byte in bytes {
        match byte {
            b'[' | b'<' => depth += 1,
            b']' | b'>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
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
    let mut seen = Seen {
        objects: HashSet::new(),
        left: MOST_ACTIONS,
    };
    for object in pdf.objects() {
        value(&object, 0, &mut seen)?;
    }
    Ok(())
}

/// What was looked at of the actions that nobody has to click.
struct Seen {
    /// Those that are objects of their own.
    objects: HashSet<ObjRef>,
    /// How many more are looked at: in arrays they may lead to one another without end.
    left: usize,
}

fn value(object: &Object<'_>, depth: usize, seen: &mut Seen) -> Result<(), Rejected> {
    if depth > MAX_DEPTH {
        return Err(damaged());
    }
    match object {
        Object::Dict(dict) => dictionary(dict, depth, seen),
        Object::Stream(stream) => dictionary(stream.dict(), depth, seen),
        Object::Array(array) => list(array, depth, seen),
        Object::Name(name) => acts(name.as_ref()).map_or(Ok(()), |what| Err(active(what))),
        Object::Null(_) | Object::Boolean(_) | Object::Number(_) | Object::String(_) => Ok(()),
    }
}

fn dictionary(dict: &Dict<'_>, depth: usize, seen: &mut Seen) -> Result<(), Rejected> {
    let elsewhere = || active("打开时自动访问外部地址或其他文件的动作");
    if goes_elsewhere(following(dict, b"OpenAction", seen), seen) {
        return Err(elsewhere());
    }
    for events in following(dict, b"AA", seen) {
        let keys: Vec<Name<'_>> = events.keys().collect();
        for event in keys {
            if goes_elsewhere(following(&events, event.as_ref(), seen), seen) {
                return Err(elsewhere());
            }
        }
    }
    for (name, entry) in dict.entries() {
        if let Some(what) = acts(name.as_ref()) {
            return Err(active(what));
        }
        // What is referred to comes as an object of its own.
        if let MaybeRef::NotRef(entry) = entry {
            value(&entry, depth + 1, seen)?;
        }
    }
    Ok(())
}

/// The dictionary, or those of the array, that an entry leads to; nothing where it leads to an object that was looked at.
fn following<'a>(dict: &Dict<'a>, name: &[u8], seen: &mut Seen) -> Vec<Dict<'a>> {
    if dict.get_ref(name).is_some_and(|object| !seen.objects.insert(object)) {
        return Vec::new();
    }
    let found: Vec<Dict<'a>> = match dict.get::<Object<'a>>(name) {
        Some(Object::Dict(next)) => vec![next],
        Some(Object::Array(several)) => several.iter::<Dict<'a>>().take(seen.left).collect(),
        _ => Vec::new(),
    };
    seen.left = seen.left.saturating_sub(found.len());
    found
}

/// Whether an action that nobody has to click, or one that follows it (`/Next`, one or several), leads to an address or another file; so
/// it is taken to where there are too many to look at.
/// (ISO 32000-1, 12.6.2.)
fn goes_elsewhere(mut waiting: Vec<Dict<'_>>, seen: &mut Seen) -> bool {
    while let Some(action) = waiting.pop() {
        if seen.left == 0 {
            return true;
        }
        let kind = action.get::<Name<'_>>(b"S".as_slice());
        if kind.is_some_and(|kind| matches!(kind.as_ref(), b"URI" | b"GoToR" | b"Thread")) {
            return true;
        }
        waiting.extend(following(&action, b"Next", seen));
    }
    false
}

fn list(array: &Array<'_>, depth: usize, seen: &mut Seen) -> Result<(), Rejected> {
    for entry in array.raw_iter() {
        if let MaybeRef::NotRef(entry) = entry {
            value(&entry, depth + 1, seen)?;
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn found(pdf_bytes: &[u8]) -> Result<(), &'static str> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(pdf_bytes).unwrap();
        pdf(file.path(), None).map_err(|(code, _)| code)
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
    fn brackets_without_end_are_no_pdf() {
        let deep = format!("/X {}{}", "[".repeat(30_000), "]".repeat(30_000));
        assert_eq!(found(&paper(&deep, &[])), Err("file_damaged"));
        assert!(is_plain(b"<< /Length 3 >>") && !is_plain(b"/F#69lter") && !is_plain(b"/Filter /FlateDecode"));
    }

    #[test]
    fn actions_that_lead_to_one_another_are_looked_at_once() {
        let many: String = (0..400).map(|n| format!("/K{n} 5 0 R ")).collect();
        let ring =
            ["5 0 R", "6 0 R", "7 0 R", "4 0 R"].map(|next| format!("<< {many} /S /GoTo /Next {next} >>").into_bytes());
        assert_eq!(found(&paper("/OpenAction 4 0 R", &ring)), Ok(()));
        // One that leads to itself beside another in an array.
        let own = [b"<< /S /GoTo /Next [<< /S /GoTo >> 4 0 R 4 0 R] >>".to_vec()];
        assert_eq!(found(&paper("/OpenAction 4 0 R", &own)), Ok(()));
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
}
