//! The file of a text document: the parts that docx-rs writes, with what it cannot say (rows repeated on each page, words for
//! pictures, title), zipped with a fixed date.

use std::io::{Cursor, Write as _};

use docx_rs::Docx;
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::{report_document::DocumentError, report_html::escaped};
use crate::report::Report;

/// What is said of a picture.
pub(super) struct Picture {
    /// Its caption.
    pub name: String,
    /// What it shows, for those who do not see it.
    pub description: String,
}

/// How docx-rs writes every picture's properties.
const PICTURE: &str = "<wp:docPr id=\"1\" name=\"Figure\" />";
/// Only rows of a table's head are marked so.
const HEAD_ROW: &str = "<w:cantSplit />";

/// Puts the file together. `pictures` are those in the document, in their order.
pub(super) fn file(docx: Docx, report: &Report, pictures: &[Picture]) -> Result<Vec<u8>, DocumentError> {
    let parts = docx.build();
    let document = with_heads_and_words(&text(parts.document)?, pictures)?;
    let core = with_title(&text(parts.doc_props.core)?, report);
    let mut entries: Vec<(String, Vec<u8>)> = vec![
        ("[Content_Types].xml".into(), parts.content_type),
        ("_rels/.rels".into(), parts.rels),
        ("docProps/app.xml".into(), parts.doc_props.app),
        ("docProps/core.xml".into(), core.into_bytes()),
        ("docProps/custom.xml".into(), parts.doc_props.custom),
        ("word/_rels/document.xml.rels".into(), parts.document_rels),
        ("word/document.xml".into(), document.into_bytes()),
        ("word/styles.xml".into(), parts.styles),
        ("word/settings.xml".into(), parts.settings),
        ("word/fontTable.xml".into(), parts.font_table),
        ("word/comments.xml".into(), parts.comments),
        ("word/numbering.xml".into(), parts.numberings),
        ("word/commentsExtended.xml".into(), parts.comments_extended),
        ("word/footnotes.xml".into(), parts.footnotes),
    ];
    for (number, (footer, rels)) in (1..).zip(parts.footers.into_iter().zip(parts.footer_rels)) {
        entries.push((format!("word/footer{number}.xml"), footer));
        entries.push((format!("word/_rels/footer{number}.xml.rels"), rels));
    }
    entries.extend(
        parts
            .media
            .into_iter()
            .map(|(id, png)| (format!("word/media/{id}.png"), png)),
    );
    zipped(entries, report)
}

fn text(part: Vec<u8>) -> Result<String, DocumentError> {
    String::from_utf8(part).map_err(|error| DocumentError::Docx(error.to_string()))
}

fn with_heads_and_words(document: &str, pictures: &[Picture]) -> Result<String, DocumentError> {
    let document = document.replace(HEAD_ROW, "<w:cantSplit /><w:tblHeader />");
    let mut parts = document.split(PICTURE);
    let mut out = parts.next().unwrap_or_default().to_owned();
    let mut told = 0;
    for (part, picture) in parts.zip(pictures) {
        told += 1;
        out.push_str(&format!(
            "<wp:docPr id=\"{told}\" name=\"{}\" descr=\"{}\" />{part}",
            escaped(&picture.name),
            escaped(&picture.description)
        ));
    }
    if told == pictures.len() && document.matches(PICTURE).count() == told {
        Ok(out)
    } else {
        Err(DocumentError::Docx(format!(
            "{told} of {} pictures found",
            pictures.len()
        )))
    }
}

/// docx-rs knows no title and calls the author unknown.
fn with_title(core: &str, report: &Report) -> String {
    let (title, office) = (escaped(&report.title), escaped(&report.office));
    core.replacen(
        "<dc:creator>unknown</dc:creator>",
        &format!("<dc:title>{title}</dc:title><dc:creator>{office}</dc:creator>"),
        1,
    )
}

fn zipped(entries: Vec<(String, Vec<u8>)>, report: &Report) -> Result<Vec<u8>, DocumentError> {
    use chrono::{Datelike as _, Timelike as _};
    let at = report.as_of.beijing_time();
    let part = |n: u32| u8::try_from(n).unwrap_or_default();
    // ZIP knows the years 1980 to 2107; outside them its first moment stands.
    let date = u16::try_from(at.year())
        .ok()
        .and_then(|year| {
            DateTime::from_date_and_time(
                year,
                part(at.month()),
                part(at.day()),
                part(at.hour()),
                part(at.minute()),
                part(at.second()),
            )
            .ok()
        })
        .unwrap_or_default();
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(date)
        .unix_permissions(0o644);
    let failed = |reason: String| DocumentError::Docx(reason);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(name, options).map_err(|e| failed(e.to_string()))?;
        zip.write_all(&bytes).map_err(|e| failed(e.to_string()))?;
    }
    let done = zip.finish().map_err(|e| failed(e.to_string()))?;
    Ok(done.into_inner())
}
