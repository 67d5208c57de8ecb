//! What an attachment is, by its content: the type that its name promises, whole, and nothing else besides. A file that is two
//! things at once, or says one and is another, is not taken. Content is looked at, never run.

use std::{
    fs::File,
    io::{Read, Seek as _, SeekFrom},
    path::Path,
};

use super::{
    active,
    archive_guard::{self, ZIP, contains},
};
use crate::domain::attachment::{MediaType, Rejected};

/// How much of the beginning and of the end is looked at.
const EDGE_BYTES: u64 = 64 * 1024;

/// How much of the beginning must be free of markup: what browsers look at when they guess.
const GUESSED_BYTES: usize = 1445;

/// Markup by which a browser, guessing, would take a file for a page.
const MARKUP: [&[u8]; 7] = [
    b"<!doctype",
    b"<html",
    b"<script",
    b"<svg",
    b"<iframe",
    b"<body",
    b"<head>",
];

/// The command by which the program examines a PDF and does nothing else.
pub const EXAMINE_PDF: &str = "examine-pdf";

/// Examines the PDF at `path` in this process, which may not survive it.
///
/// # Errors
/// As [`examine`].
pub fn examine_pdf(path: &Path) -> Result<(), Rejected> {
    active::examine_apart(path)
}

/// Looks at the file at `path`, whose name promises `promised`. `unpacked`: bytes at most that an archive's parts come to. `examiner`: the
/// program that is run, with [`EXAMINE_PDF`], for what may end the process that looks at it.
///
/// # Errors
/// Empty, of another type than promised, damaged, a bomb, with macros or markup in it.
pub fn examine(path: &Path, promised: MediaType, unpacked: u64, examiner: Option<&Path>) -> Result<(), Rejected> {
    let (start, end) = edges(path).map_err(|_| damaged())?;
    if start.is_empty() {
        return Err(("file_empty", "文件没有内容。".into()));
    }
    let found = match start.as_slice() {
        bytes if bytes.starts_with(ZIP) => Some(archive_guard::check(path, unpacked)?),
        bytes => by_first_bytes(bytes),
    };
    if found != Some(promised) {
        let detail = match found {
            Some(found) => format!("文件内容是 {}，与扩展名不符。", name(found)),
            None => format!("文件内容不是 {}，与扩展名不符。", name(promised)),
        };
        return Err(("file_type_mismatch", detail));
    }
    if !start.starts_with(ZIP) {
        let guessed = start.get(..GUESSED_BYTES).unwrap_or(&start);
        if MARKUP.iter().any(|mark| contains(guessed, mark)) {
            return Err(("file_polyglot", "文件开头夹带网页代码，已拒绝。".into()));
        }
    }
    let whole = match promised {
        MediaType::Pdf => contains(&end, b"%%eof"),
        MediaType::Jpeg => contains(&end, &[0xff, 0xd9]),
        MediaType::Png => contains(&end, b"iend"),
        MediaType::Tiff | MediaType::Docx | MediaType::Xlsx | MediaType::Ofd => true,
    };
    if !whole {
        return Err(damaged());
    }
    match promised {
        MediaType::Pdf => active::pdf(path, examiner),
        _ => Ok(()),
    }
}

fn damaged() -> Rejected {
    ("file_damaged", "文件不完整或已损坏，请检查后重新上传。".into())
}

const fn name(media_type: MediaType) -> &'static str {
    match media_type {
        MediaType::Pdf => "PDF",
        MediaType::Jpeg => "JPEG 图片",
        MediaType::Png => "PNG 图片",
        MediaType::Tiff => "TIFF 图片",
        MediaType::Docx => "DOCX 文档",
        MediaType::Xlsx => "XLSX 工作簿",
        MediaType::Ofd => "OFD 文档",
    }
}

/// The type that the first bytes are of; a PDF begins with its mark, not somewhere behind it.
fn by_first_bytes(bytes: &[u8]) -> Option<MediaType> {
    let found = MediaType::from_id(infer::get(bytes)?.mime_type())?;
    (found != MediaType::Pdf || bytes.starts_with(b"%PDF-")).then_some(found)
}

/// The first and the last bytes of a file.
fn edges(path: &Path) -> std::io::Result<(Vec<u8>, Vec<u8>)> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut start = Vec::new();
    file.by_ref().take(EDGE_BYTES).read_to_end(&mut start)?;
    file.seek(SeekFrom::Start(size.saturating_sub(EDGE_BYTES)))?;
    let mut end = Vec::new();
    file.take(EDGE_BYTES).read_to_end(&mut end)?;
    Ok((start, end))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

    use super::*;

    const LIMIT: u64 = 64 << 20;
    const TYPES: &[u8] = b"<Types/>";
    const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
        2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
        3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n";
    const PNG: &[u8] =
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\0IEND\xaeB`\x82";

    fn found(content: &[u8], promised: MediaType) -> Result<(), &'static str> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        examine(file.path(), promised, LIMIT, None).map_err(|(code, _)| code)
    }

    fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, content) in parts {
            zip.start_file(*name, options).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn docx(parts: &[(&str, &[u8])]) -> Vec<u8> {
        archive(&[&[("[Content_Types].xml", TYPES), ("word/document.xml", b"<w/>")], parts].concat())
    }

    #[test]
    fn every_type_is_known_by_its_content() {
        let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9";
        for (content, media_type) in [
            (PDF.to_vec(), MediaType::Pdf),
            (jpeg.to_vec(), MediaType::Jpeg),
            (PNG.to_vec(), MediaType::Png),
            (b"II*\0\x08\0\0\0\0\0\0\0\0\0".to_vec(), MediaType::Tiff),
            (docx(&[]), MediaType::Docx),
            (
                archive(&[("[Content_Types].xml", TYPES), ("xl/workbook.xml", b"<w/>")]),
                MediaType::Xlsx,
            ),
            (
                archive(&[("OFD.xml", b"<ofd/>"), ("Doc_0/Document.xml", b"<d/>")]),
                MediaType::Ofd,
            ),
        ] {
            for promised in MediaType::ALL {
                let expected = if promised == media_type {
                    Ok(())
                } else {
                    Err("file_type_mismatch")
                };
                assert_eq!(found(&content, promised), expected, "{media_type:?} as {promised:?}");
            }
        }
    }

    #[test]
    fn what_is_not_what_it_says_is_refused() {
        for (content, promised, code) in [
            (b"".to_vec(), MediaType::Pdf, "file_empty"),
            (
                b"<!DOCTYPE html><html></html>".to_vec(),
                MediaType::Pdf,
                "file_type_mismatch",
            ),
            (
                b"\xef\xbb\xbf%PDF-1.7\n%%EOF".to_vec(),
                MediaType::Pdf,
                "file_type_mismatch",
            ),
            (b"MZ\x90\0\x03\0\0\0".to_vec(), MediaType::Pdf, "file_type_mismatch"),
            (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(),
                MediaType::Docx,
                "file_type_mismatch",
            ),
            (
                b"%PDF-1.7\n<HTML><script>alert(1)</script>\n%%EOF".to_vec(),
                MediaType::Pdf,
                "file_polyglot",
            ),
            (b"%PDF-1.7\n1 0 obj\n".to_vec(), MediaType::Pdf, "file_damaged"),
            (PNG[..40].to_vec(), MediaType::Png, "file_damaged"),
            (docx(&[])[..100].to_vec(), MediaType::Docx, "file_damaged"),
            (archive(&[("a.txt", b"x")]), MediaType::Docx, "file_type"),
            (archive(&[("word/document.xml", b"x")]), MediaType::Docx, "file_type"),
        ] {
            assert_eq!(
                found(&content, promised),
                Err(code),
                "{:?}",
                String::from_utf8_lossy(&content)
            );
        }
    }

    #[test]
    fn archives_that_run_or_burst_are_refused() {
        let blanks = vec![b' '; 20 << 20];
        let inner = docx(&[]);
        let nested = docx(&[("word/embeddings/a.docx", &inner)]);
        assert_eq!(found(&nested, MediaType::Docx), Ok(()), "a document within a document");
        let deeper = docx(&[("word/embeddings/b.docx", &nested)]);
        let inner_bomb = docx(&[("word/x.bin", &blanks)]);
        for (parts, code) in [
            (("word/vbaProject.bin", &b"x"[..]), "file_macro"),
            (("word/run.EXE", b"MZ"), "file_macro"),
            (("../../x.xml", b"x"), "file_damaged"),
            (("word/x.bin", &blanks), "file_bomb"),
            (("word/embeddings/oleObject1.dat", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and more"), "file_active"),
            (
                (
                    "word/_rels/settings.xml.rels",
                    b"<r><Relationship Type=\"x/attachedTemplate\" Target=\"http://a/x.dotm\" TargetMode=\"External\"/></r>",
                ),
                "file_active",
            ),
            (("word/embeddings/x.docx", &inner_bomb), "file_bomb"),
            (("word/embeddings/x.docx", &deeper), "file_bomb"),
        ] {
            assert_eq!(found(&docx(&[parts]), MediaType::Docx), Err(code), "{}", parts.0);
        }
        let types = b"<Override ContentType=\"application/vnd.ms-word.document.macroEnabled.main+xml\"/>";
        let with_macros = archive(&[("[Content_Types].xml", types), ("word/document.xml", b"<w/>")]);
        assert_eq!(found(&with_macros, MediaType::Docx), Err("file_macro"));
        let many: Vec<(String, &[u8])> = (0..10_001).map(|n| (format!("word/{n}.xml"), &b""[..])).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|(n, c)| (n.as_str(), *c)).collect();
        assert_eq!(found(&docx(&many), MediaType::Docx), Err("file_bomb"));
    }
}
