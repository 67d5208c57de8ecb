//! What must hold of a ZIP archive that is kept and handed to people, not read by this program: whole, no bomb, nothing in it that
//! runs. Every part is unpacked once, piece by piece, and counted; the sizes that the archive declares are not believed.

use std::{
    fs::File,
    io::{BufReader, Cursor, Read, Seek},
    path::Path,
};

use zip::ZipArchive;

use super::active;
use crate::domain::attachment::{MediaType, Rejected};

/// The most parts, those of archives within it included.
const MAX_PARTS: usize = 10_000;

/// Up to here any ratio of unpacked to packed size is harmless.
const FREE_BYTES: u64 = 16 << 20;

/// The largest ratio of unpacked to packed size; sheets of one repeated row reach about 40.
const MAX_RATIO: u64 = 100;

/// The largest archive within an archive, which is held whole: a workbook behind a chart.
const MAX_INNER_BYTES: usize = 16 << 20;

/// How deep archives may lie in one another: a document, and what is embedded in it.
const MAX_DEPTH: usize = 1;

/// How the first bytes of a ZIP archive read.
pub(super) const ZIP: &[u8] = b"PK\x03\x04";

/// How a compound file begins: OLE objects, whatever they are called.
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Endings of parts that run, wherever they lie.
const RUNS: [&str; 14] = [
    "vbaproject.bin",
    ".exe",
    ".dll",
    ".com",
    ".scr",
    ".bat",
    ".cmd",
    ".ps1",
    ".vbs",
    ".js",
    ".jse",
    ".hta",
    ".lnk",
    ".jar",
];

/// Looks through the archive at `path`; what kind of document it is. `limit`: bytes at most that its parts come to.
///
/// # Errors
/// Damaged, protected, unpacking to too much, with macros or programs in it, or no document that is known.
pub(super) fn check(path: &Path, limit: u64) -> Result<MediaType, Rejected> {
    let file = File::open(path).map_err(|_| damaged())?;
    let packed = file.metadata().map_err(|_| damaged())?.len();
    let mut guard = Guard {
        limit: limit.min(FREE_BYTES.max(packed.saturating_mul(MAX_RATIO))),
        unpacked: 0,
        parts: 0,
    };
    guard.archive(BufReader::new(file), 0)?.ok_or_else(|| {
        let detail = "文件是压缩包，但不是 DOCX、XLSX 或 OFD 文档。";
        ("file_type", detail.into())
    })
}

fn damaged() -> Rejected {
    ("file_damaged", "文件不完整或已损坏，请检查后重新上传。".into())
}

fn bomb(what: &str) -> Rejected {
    ("file_bomb", format!("文件解压后过大（{what}），疑似压缩炸弹，已拒绝。"))
}

/// The part of an office document that says what its parts are; names are in lower case.
const CONTENT_TYPES: &str = "[content_types].xml";

/// What has been seen of an archive and those within it.
struct Guard {
    limit: u64,
    unpacked: u64,
    parts: usize,
}

impl Guard {
    fn archive(&mut self, source: impl Read + Seek, depth: usize) -> Result<Option<MediaType>, Rejected> {
        let mut archive = ZipArchive::new(source).map_err(|_| damaged())?;
        self.parts += archive.len();
        if self.parts > MAX_PARTS {
            return Err(bomb(&format!("部件超过 {MAX_PARTS} 个")));
        }
        let mut types = false;
        let mut found = None;
        for index in 0..archive.len() {
            let part = archive.by_index(index).map_err(|_| damaged())?;
            let name = part.name().map_err(|_| damaged())?.to_lowercase();
            if name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|step| step == "..") {
                return Err(("file_damaged", "文件内部含有指向外部的路径，已拒绝。".into()));
            }
            if RUNS.iter().any(|ending| name.ends_with(ending)) {
                return Err(("file_macro", "文件含有宏或可执行程序，请去除后再上传。".into()));
            }
            types |= name == CONTENT_TYPES;
            found = found.or(match name.as_str() {
                "word/document.xml" => Some(MediaType::Docx),
                "xl/workbook.xml" => Some(MediaType::Xlsx),
                "ofd.xml" => Some(MediaType::Ofd),
                _ => None,
            });
            let (held, looked_into) = self.part(part, &name)?;
            if looked_into {
                active::part(&name, held.as_deref().unwrap_or_default())?;
                continue;
            }
            if let Some(inner) = held {
                if depth == MAX_DEPTH {
                    return Err(bomb("压缩包层层嵌套"));
                }
                self.archive(Cursor::new(inner), depth + 1)?;
            }
        }
        // Office documents say what their parts are; OFD does not.
        Ok(found.filter(|media_type| types || *media_type == MediaType::Ofd))
    }

    /// Unpacks one part; its content where it is an archive itself, or to be looked into, and whether it is.
    fn part(&mut self, mut part: impl Read, name: &str) -> Result<(Option<Vec<u8>>, bool), Rejected> {
        let content_types = name == CONTENT_TYPES;
        let mut looked_into = false;
        let mut buffer = vec![0; 64 * 1024];
        let mut held: Option<Vec<u8>> = None;
        let mut first = true;
        loop {
            // Whole pieces, so that a beginning is not torn apart.
            let mut filled = 0;
            while let Some(free) = buffer.get_mut(filled..).filter(|free| !free.is_empty()) {
                match part.read(free).map_err(|_| damaged())? {
                    0 => break,
                    n => filled += n,
                }
            }
            let bytes = buffer.get(..filled).unwrap_or_default();
            if bytes.is_empty() {
                return Ok((held.filter(|bytes| looked_into || bytes.starts_with(ZIP)), looked_into));
            }
            self.unpacked += bytes.len() as u64;
            if self.unpacked > self.limit {
                return Err(bomb(&format!("超过 {} MiB", self.limit >> 20)));
            }
            if first && bytes.starts_with(OLE) {
                return Err((
                    "file_active",
                    "文件内嵌 OLE 对象，已拒绝；请去除后再上传（例如另存为或打印为 PDF）。".into(),
                ));
            }
            if first {
                looked_into = active::is_looked_into(name, bytes);
            }
            if first && (content_types || looked_into || bytes.starts_with(ZIP)) {
                held = Some(Vec::new());
            }
            first = false;
            if let Some(held) = &mut held {
                let most = if looked_into {
                    active::MAX_XML_BYTES
                } else {
                    MAX_INNER_BYTES
                };
                if held.len() + bytes.len() > most {
                    return Err(bomb("内嵌文件过大"));
                }
                held.extend_from_slice(bytes);
                if content_types && contains(held, b"macroenabled") {
                    return Err(("file_macro", "文件含有宏，请另存为不含宏的文档后再上传。".into()));
                }
            }
        }
    }
}

/// Whether `bytes` hold `wanted`, which is in lower case, whatever the case.
pub(super) fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes
        .windows(wanted.len())
        .any(|window| window.eq_ignore_ascii_case(wanted))
}
