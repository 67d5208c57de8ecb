//! Reading a report that was written elsewhere (`.docx`, `.txt`, `.md`) into its outline, for its figures to be looked at. What a
//! file is, is told by its content.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
};

use super::{
    archive_guard::{self, ZIP},
    error::IntakeError,
    report_docx, report_text, text_file,
};
use crate::domain::{attachment::MediaType, outline::Outline};

/// The largest text, and the largest text part of a document, in bytes; an annual report has some hundred thousand.
pub(super) const MAX_TEXT_BYTES: u64 = 16 << 20;

/// What the parts of a document may come to, pictures included.
const MAX_UNPACKED_BYTES: u64 = 512 << 20;

/// Why a file is no report that can be read; told in Chinese.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The file, or its encoding.
    #[error(transparent)]
    File(#[from] IntakeError),
    /// An archive that is refused, or no document.
    #[error("{1}")]
    Archive(&'static str, String),
    /// The document's XML does not parse.
    #[error("DOCX 文档内容无法解析，请用文字处理软件另存后重试")]
    Xml,
    /// Too long.
    #[error("文件正文超过 16 MiB，不像统计年报")]
    TooLong,
}

impl ReportError {
    /// Stable id of the rule, snake_case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::File(error) => error.code(),
            Self::Archive(code, _) => code,
            Self::Xml => "file_damaged",
            Self::TooLong => "too_large",
        }
    }
}

impl From<std::io::Error> for ReportError {
    fn from(error: std::io::Error) -> Self {
        Self::File(error.into())
    }
}

/// Whether the file at `path` is a list of published figures (a CSV whose first line names its columns) and no report.
///
/// # Errors
/// Of the file system.
pub fn is_list_of_figures(path: &Path) -> Result<bool, ReportError> {
    let mut first = Vec::new();
    let mut file = BufReader::new(File::open(path)?.take(4096));
    while first.iter().all(u8::is_ascii_whitespace) {
        first.clear();
        if file.read_until(b'\n', &mut first)? == 0 {
            break;
        }
    }
    let first = String::from_utf8_lossy(&first);
    let names = |name: &str| {
        let mut cells = first.trim_start_matches('\u{feff}').split(',');
        cells.any(|cell| cell.trim().trim_matches('"') == name)
    };
    let is_csv = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
    Ok(is_csv || (names("figure") && names("published")))
}

/// Reads the report at `path`.
///
/// # Errors
/// No text and no DOCX, an encoding that is not accepted, damaged, a bomb, with macros, too long.
pub fn read_report(path: &Path) -> Result<Outline, ReportError> {
    let mut start = Vec::with_capacity(8);
    File::open(path)?.take(8).read_to_end(&mut start)?;
    let mut outline = match start.as_slice() {
        [] => return Err(IntakeError::Empty.into()),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => {
            let detail = "这是旧版 Word（.doc）或设有密码的文件，请另存为不带密码的 .docx";
            return Err(ReportError::Archive("file_type", detail.into()));
        }
        bytes if bytes.starts_with(ZIP) => {
            let kind = archive_guard::check(path, MAX_UNPACKED_BYTES);
            match kind.map_err(|(code, detail)| ReportError::Archive(code, detail))? {
                MediaType::Docx => report_docx::read(path)?,
                _ => {
                    let detail = "文件不是 DOCX、TXT 或 MD 格式的报告";
                    return Err(ReportError::Archive("file_type", detail.into()));
                }
            }
        }
        _ => report_text::read(&text(path)?),
    };
    outline.caption_tables();
    Ok(outline)
}

/// The text of the file at `path`, whatever its encoding.
fn text(path: &Path) -> Result<String, ReportError> {
    let (encoding, mark) = text_file::detect(path)?;
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_TEXT_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_TEXT_BYTES {
        return Err(ReportError::TooLong);
    }
    let text = encoding
        .decode_without_bom_handling(bytes.get(mark..).unwrap_or_default())
        .0;
    Ok(text.into_owned())
}
