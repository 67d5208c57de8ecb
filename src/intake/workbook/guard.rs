//! What must hold of a ZIP archive before a workbook reader may see it: whole, and not a bomb. Every part is unpacked once,
//! piece by piece, and counted; the sizes that the archive declares are not believed.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use zip::ZipArchive;

use crate::intake::error::IntakeError;

/// The most parts; a workbook with hundreds of sheets and pictures stays below.
const MAX_PARTS: usize = 10_000;

/// Up to here any ratio of unpacked to packed size is harmless.
const FREE_BYTES: u64 = 16 << 20;

/// The largest ratio of unpacked to packed size; sheets of one repeated row reach about 40.
const MAX_RATIO: u64 = 100;

/// The largest unpacked table of shared strings, which a reader holds whole.
const MAX_STRINGS_BYTES: u64 = 256 << 20;

/// The largest unpacked part of another sort, held whole as well: styles, relationships.
const MAX_WHOLE_BYTES: u64 = 32 << 20;

/// The longest stretch of a sheet without the start of a row or cell, which a reader holds whole.
const MAX_CELL_BYTES: u64 = 16 << 20;

/// Unpacks every part of the archive at `path` and holds it against the limits.
///
/// # Errors
/// Not a workbook, truncated, damaged, protected, or unpacking to too much.
pub fn check(path: &Path) -> Result<(), IntakeError> {
    let file = File::open(path)?;
    let packed_bytes = file.metadata()?.len();
    let mut archive = ZipArchive::new(BufReader::new(file))
        .map_err(|_| IntakeError::Damaged("压缩结构无法读取，可能复制或上传不完整".into()))?;
    if archive.len() > MAX_PARTS {
        return Err(IntakeError::TooLarge(format!("含 {} 个部件", archive.len())));
    }
    let mut unpacked = 0;
    let mut is_workbook = (false, false);
    let mut other = None;
    let mut buffer = vec![0; 64 * 1024];
    for index in 0..archive.len() {
        let mut part = archive
            .by_index(index)
            .map_err(|_| IntakeError::Damaged("有部件无法读取".into()))?;
        let name = part.name().map(|n| n.to_lowercase()).unwrap_or_default();
        is_workbook.0 |= name == "[content_types].xml";
        is_workbook.1 |= name.starts_with("xl/");
        other = other.or(match name.as_str() {
            "content.xml" | "meta-inf/manifest.xml" => Some("ODS 格式（OpenDocument）的表格"),
            "xl/workbook.bin" => Some("XLSB 格式的工作簿"),
            "word/document.xml" => Some("Word 文档（DOCX）"),
            "index/document.iwa" => Some("Numbers 格式的表格"),
            _ => None,
        });
        let part_packed = part.compressed_size().min(packed_bytes);
        let mut scan = Scan::default();
        loop {
            let n = part
                .read(&mut buffer)
                .map_err(|_| IntakeError::Damaged("部件解压或校验失败".into()))?;
            if n == 0 {
                break;
            }
            scan.read(buffer.get(..n).unwrap_or_default());
            unpacked += n as u64;
            if let Some(problem) = scan.problem(part_packed) {
                return Err(IntakeError::TooLarge(problem));
            }
            if unpacked > FREE_BYTES.max(packed_bytes.saturating_mul(MAX_RATIO)) {
                return Err(IntakeError::TooLarge(format!("整体超过压缩前后 {MAX_RATIO} 倍")));
            }
        }
    }
    match (is_workbook, other) {
        (_, Some(other)) => Err(IntakeError::OtherFormat(other)),
        ((true, true), None) => Ok(()),
        _ => Err(IntakeError::NotAWorkbook),
    }
}

/// Follows the tags of one part, no further than the limits need.
#[derive(Default)]
struct Scan {
    bytes: u64,
    /// Bytes since the last tag at which a reader lets go of what it held.
    held: u64,
    longest_held: u64,
    /// Whether the part is a sheet, read cell by cell.
    sheet: bool,
    /// Whether the part has tags that a reader collects.
    strings: bool,
    collected: bool,
    name: [u8; 16],
    name_bytes: usize,
    in_name: bool,
}

impl Scan {
    fn read(&mut self, chunk: &[u8]) {
        self.bytes += chunk.len() as u64;
        for byte in chunk {
            self.held += 1;
            if !self.in_name {
                self.in_name = *byte == b'<';
                self.name_bytes = 0;
                continue;
            }
            match byte {
                b'/' if self.name_bytes == 0 => {}
                b':' => self.name_bytes = 0,
                b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n' => self.end_name(),
                byte => {
                    if let Some(place) = self.name.get_mut(self.name_bytes) {
                        *place = *byte;
                    }
                    self.name_bytes += 1;
                }
            }
        }
        self.longest_held = self.longest_held.max(self.held);
    }

    fn end_name(&mut self) {
        self.in_name = false;
        match self.name.get(..self.name_bytes).unwrap_or_default() {
            b"c" | b"row" => {
                self.longest_held = self.longest_held.max(self.held);
                self.held = 0;
            }
            b"sheetData" => self.sheet = true,
            b"sst" | b"si" => self.strings = true,
            b"xf" | b"Relationship" | b"sheet" | b"definedName" => self.collected = true,
            _ => {}
        }
    }

    /// What is too much, if anything.
    fn problem(&self, packed: u64) -> Option<String> {
        if self.bytes > FREE_BYTES && self.bytes > packed.saturating_mul(MAX_RATIO) {
            return Some(format!("有部件超过压缩前后 {MAX_RATIO} 倍"));
        }
        let mebibytes = |bytes: u64| bytes >> 20;
        if self.sheet && !self.strings && !self.collected {
            let limit = mebibytes(MAX_CELL_BYTES);
            return (self.longest_held > MAX_CELL_BYTES).then(|| format!("有单元格超过 {limit} MiB"));
        }
        if self.strings && !self.collected {
            let limit = mebibytes(MAX_STRINGS_BYTES);
            return (self.bytes > MAX_STRINGS_BYTES).then(|| format!("共享字符串超过 {limit} MiB"));
        }
        let limit = mebibytes(MAX_WHOLE_BYTES);
        (self.bytes > MAX_WHOLE_BYTES).then(|| format!("有部件超过 {limit} MiB"))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

    use super::*;

    /// An archive of parts, each a name and its content.
    fn archive(parts: &[(&str, Vec<u8>)]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut zip = ZipWriter::new(file.reopen().unwrap());
        for (name, content) in parts {
            // Blanks are what a bomb is made of; the rest packs badly and is only stored.
            let method = match content.first() {
                Some(b' ') => CompressionMethod::Deflated,
                _ => CompressionMethod::Stored,
            };
            zip.start_file(*name, SimpleFileOptions::default().compression_method(method))
                .unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap();
        file
    }

    fn with_sheet(content: Vec<u8>) -> tempfile::NamedTempFile {
        archive(&[
            ("[Content_Types].xml", b"<Types/>".to_vec()),
            ("xl/worksheets/sheet1.xml", content),
        ])
    }

    /// Text that packs badly, so that only the limits on sizes speak.
    fn noise(bytes: usize) -> Vec<u8> {
        let mut state = 1_u64;
        (0..bytes)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                b'a' + u8::try_from((state >> 33) % 26).unwrap()
            })
            .collect()
    }

    #[test]
    fn bombs_are_refused_while_they_unpack() {
        let zeros = with_sheet(vec![b' '; 20 << 20]);
        let sheet = [b"<sheetData><row><c>".to_vec(), noise(17 << 20)].concat();
        for (file, told) in [
            (zeros, "倍"),
            (with_sheet(sheet), "单元格"),
            (with_sheet(noise(33 << 20)), "部件"),
        ] {
            match check(file.path()) {
                Err(IntakeError::TooLarge(problem)) => assert!(problem.contains(told), "{problem}"),
                other => panic!("{other:?}"),
            }
        }
        let sheet = b"<sheetData><row r=\"1\">".iter().copied().chain(noise(15 << 20));
        let rows = sheet
            .chain(b"<x:c r=\"A1\"/></row>".iter().copied())
            .chain(noise(15 << 20));
        assert!(check(with_sheet(rows.collect()).path()).is_ok());
    }

    #[test]
    fn what_is_no_workbook_or_not_whole_is_refused() {
        for (part, told) in [
            ("word/document.xml", "Word"),
            ("content.xml", "ODS"),
            ("xl/workbook.bin", "XLSB"),
        ] {
            let other = archive(&[(part, b"<x/>".to_vec())]);
            match check(other.path()) {
                Err(IntakeError::OtherFormat(format)) => assert!(format.contains(told), "{format}"),
                other => panic!("{other:?}"),
            }
        }
        let other = archive(&[("a.txt", b"x".to_vec())]);
        assert!(matches!(check(other.path()), Err(IntakeError::NotAWorkbook)));
        let whole = std::fs::read(with_sheet(noise(100_000)).path()).unwrap();
        let mut cut = tempfile::NamedTempFile::new().unwrap();
        cut.write_all(&whole[..whole.len() / 2]).unwrap();
        assert!(matches!(check(cut.path()), Err(IntakeError::Damaged(_))));
        let mut bent = whole.clone();
        bent[50_000] ^= 0x55;
        std::fs::write(cut.path(), bent).unwrap();
        assert!(matches!(check(cut.path()), Err(IntakeError::Damaged(_))));
    }
}
