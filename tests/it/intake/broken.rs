//! Files that are no table, or too much of one: a clear error, no panic, nothing stored, memory bounded.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{contract, head, register};
use crate::support::{App, FileFormat, both};

/// Address space that the program may take, KiB; it needs a fraction of it.
const MEMORY_KIB: &str = "1500000";

/// Runs an import with little memory.
fn import(app: &App, kind: &str, path: &Path) -> Output {
    let settings = crate::support::dengji(&app.url, app.folder.path());
    let mut command = Command::new("sh");
    command
        .args([
            "-c",
            "ulimit -v \"$1\"; shift; exec \"$@\"",
            "sh",
            MEMORY_KIB,
            env!("CARGO_BIN_EXE_dengji"),
        ])
        .args(["import", "--kind", kind])
        .arg(path)
        .current_dir(app.folder.path())
        .envs(settings.get_envs().filter_map(|(key, value)| Some((key, value?))));
    command.output().unwrap()
}

/// The parts of a workbook with one sheet of this XML.
fn workbook(path: &Path, sheet: &str) {
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, text) in PARTS.iter().chain(&[("xl/worksheets/sheet1.xml", sheet)]) {
        zip.start_file(*name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

const PARTS: [(&str, &str); 4] = [
    (
        "[Content_Types].xml",
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
];

/// A sheet of inline texts.
fn sheet_xml(rows: &[Vec<String>]) -> String {
    let mut xml =
        String::from(r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#);
    for row in rows {
        xml.push_str("<row>");
        for text in row {
            xml.push_str(r#"<c t="inlineStr"><is><t>"#);
            xml.push_str(text);
            xml.push_str("</t></is></c>");
        }
        xml.push_str("</row>");
    }
    xml + "</sheetData></worksheet>"
}

/// Bits of a deflate stream, the first in the lowest place.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn put(&mut self, value: u32, bits: u32) {
        for bit in 0..bits {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= u8::try_from(value >> bit & 1).unwrap() << (self.used % 8);
            self.used += 1;
        }
    }
}

/// A deflate stream of `blanks` spaces (a multiple of 258, and one): each 258 of them are one code of one bit and a distance of
/// one bit (RFC 1951, 3.2.7), a thousandth of what comes out.
fn deflated_blanks(blanks: u64) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(1, 1); // The last block,
    bits.put(2, 2); // with codes of its own:
    bits.put(29, 5); // 286 of literals and lengths,
    bits.put(0, 5); // one of distances,
    bits.put(14, 4); // and 18 lengths that these are told with, here of 18 (zeros), 2 and 1:
    for length in [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2] {
        bits.put(length, 3);
    }
    let zeros = |bits: &mut Bits, count: u32| {
        bits.put(0, 1);
        bits.put(count - 11, 7);
    };
    let (one, two) = (0b01, 0b11);
    zeros(&mut bits, 32);
    bits.put(two, 2); // a space: 10
    zeros(&mut bits, 138);
    zeros(&mut bits, 85);
    bits.put(two, 2); // the end: 11
    zeros(&mut bits, 28);
    bits.put(one, 2); // 258 times the same again: 0
    bits.put(one, 2); // from one place before: 0
    bits.put(0b01, 2);
    // Runs are zero bits, two each; behind the last one stands the end, both bits set.
    let start = bits.bytes.len() - usize::from(!bits.used.is_multiple_of(8));
    let end = usize::try_from(u64::from(bits.used % 8) + blanks / 258 * 2).unwrap();
    let mut bytes = bits.bytes;
    bytes.resize(start + (end + 1) / 8 + 1, 0);
    for bit in [end, end + 1] {
        bytes[start + bit / 8] |= 1 << (bit % 8);
    }
    bytes
}

/// A workbook of a megabyte whose sheet is of more than a gigabyte.
fn bomb(path: &Path) {
    const BLANKS: u64 = 258 * 4_200_000 + 1;
    workbook(path, "");
    let mut whole = std::fs::read(path).unwrap();
    // The sheet is the last part: its header ends where the directory begins.
    let directory = whole.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let mut tail = whole.split_off(directory);
    let packed = deflated_blanks(BLANKS);
    let local = whole.windows(4).rposition(|w| w == b"PK\x03\x04").unwrap();
    let entry = tail.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    let sizes = [
        u32::try_from(packed.len()).unwrap().to_le_bytes(),
        u32::try_from(BLANKS).unwrap().to_le_bytes(),
    ]
    .concat();
    // Method 8, and both sizes; the checksum stays wrong, which shows only at the end.
    for (bytes, method, size) in [(&mut whole, local + 8, local + 18), (&mut tail, entry + 10, entry + 20)] {
        bytes[method] = 8;
        bytes[size..size + 8].copy_from_slice(&sizes);
    }
    whole.extend(&packed);
    let start = u32::try_from(whole.len()).unwrap().to_le_bytes();
    let end = tail.windows(4).rposition(|w| w == b"PK\x05\x06").unwrap();
    tail[end + 16..end + 20].copy_from_slice(&start);
    whole.extend(tail);
    std::fs::write(path, whole).unwrap();
}

/// The files, each with the rule that it breaks.
fn files(folder: &Path) -> Vec<(PathBuf, &'static str, &'static str)> {
    let sound = register(vec![contract("1", &[])]);
    let csv = sound.csv(false);
    let place = |name: &str| folder.join(name);
    let put = |name: &str, bytes: &[u8]| {
        std::fs::write(place(name), bytes).unwrap();
        place(name)
    };
    let noise: Vec<u8> = (0_u32..200_000)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0])
        .collect();
    let whole = std::fs::read(sound.write(folder, "whole", FileFormat::Xlsx)).unwrap();
    let headers: Vec<String> = sound.headers.iter().map(|h| (*h).to_owned()).collect();
    let long = "长".repeat(10 << 20 >> 2);
    let many: Vec<String> = (0..500).map(|n| format!("列{n}")).collect();

    bomb(&place("bomb.xlsx"));
    workbook(&place("many.xlsx"), &sheet_xml(std::slice::from_ref(&many)));
    workbook(
        &place("long.xlsx"),
        &sheet_xml(&[headers.clone(), vec!["1".into(), long.clone()]]),
    );
    workbook(&place("header.xlsx"), &sheet_xml(&[]));
    std::fs::create_dir(place("folder")).unwrap();
    vec![
        (put("empty.csv", b""), "register", "empty_file"),
        (
            put("blank.csv", "\u{feff}\r\n\r\n , \r\n".as_bytes()),
            "register",
            "empty_file",
        ),
        (put("noise", &noise), "register", "not_a_table"),
        (
            put("cut.xlsx", &whole[..whole.len() * 2 / 3]),
            "register",
            "damaged_workbook",
        ),
        (put("half.xlsx", &whole[..6]), "register", "damaged_workbook"),
        (place("bomb.xlsx"), "register", "too_large"),
        (
            put("many.csv", many.join(",").as_bytes()),
            "register",
            "too_many_columns",
        ),
        (place("many.xlsx"), "register", "too_many_columns"),
        (
            put(
                "wide.csv",
                format!("{}\n", vec!["合同名称"; 2_000_000].join(",")).as_bytes(),
            ),
            "register",
            "too_many_columns",
        ),
        (
            put("long.csv", csv.replace("棉田残膜回收装备研制", &long).as_bytes()),
            "register",
            "cell_too_long",
        ),
        (place("long.xlsx"), "register", "cell_too_long"),
        (place("folder"), "register", "unreadable_file"),
        (place("nowhere.csv"), "register", "unreadable_file"),
        (
            put("quote.csv", csv.replace("\r\n1,", "\r\n\"1,").as_bytes()),
            "register",
            "unbalanced_quote",
        ),
        (place("header.xlsx"), "register", "empty_file"),
        (
            put("latin.csv", b"\xff\xe9t\xe9;\x80\x81\xff\xff\n"),
            "register",
            "encoding",
        ),
        (
            put("old.xls", &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]),
            "register",
            "old_excel",
        ),
        (put("register.csv", csv.as_bytes()), "activities", "no_header"),
        (
            put("prose.txt", "这不是表格。\n第二行。\n".as_bytes()),
            "register",
            "no_header",
        ),
    ]
}

both! {
    fn a_broken_file_is_refused(app: &App) {
        for (path, kind, code) in files(app.folder.path()) {
            let output = import(app, kind, &path);
            let stderr = String::from_utf8(output.stderr).unwrap();
            let shown: String = stderr.chars().take(2000).collect();
            assert_eq!(output.status.code(), Some(1), "{}: {shown}", path.display());
            assert!(!stderr.contains("panicked") && !stderr.contains("RUST_BACKTRACE"), "{}: {shown}", path.display());
            assert!(stderr.contains(&format!("（{code}）")), "{} is {code}: {shown}", path.display());
            assert!(stderr.contains("未导入任何内容"), "{}: {shown}", path.display());
            assert!(output.stdout.is_empty(), "{}", path.display());
            assert!(stderr.len() < 20_000, "{}", path.display());
            assert_eq!(head(app).0, 0, "{}", path.display());
        }
    }

    fn a_table_without_rows_and_other_encodings_are_no_fault(app: &App) {
        let sheet = register(vec![contract("1", &[])]);
        let csv = sheet.csv(false);
        let only_header = csv.lines().next().unwrap().to_owned();
        let utf_16: Vec<u8> = std::iter::once(0xFEFF).chain(csv.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for (name, bytes, rows) in [
            ("header.csv", only_header.into_bytes(), 0),
            ("utf16.csv", utf_16, 1),
            ("crlf.csv", format!("\u{feff}{csv}\r\n\r\n").into_bytes(), 0),
            ("semicolons.csv", csv.replace(',', ";").into_bytes(), 0),
        ] {
            let path = app.folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            let output = import(app, "register", &path);
            let stdout = String::from_utf8(output.stdout).unwrap();
            assert_eq!(output.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&output.stderr));
            assert!(stdout.contains(&format!("新增 {rows}")), "{name}: {stdout}");
        }
    }
}
