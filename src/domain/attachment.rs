//! Attachments: files that a contract stands on. What they may be and how they may be called; their content is looked at by
//! `intake`, kept by `storage`.

use unicode_normalization::UnicodeNormalization as _;

use super::{text, time::Moment};

/// One attachment of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Key.
    pub id: i64,
    /// Key of the contract.
    pub contract_id: i64,
    /// Code list `attachment_kind`.
    pub kind: String,
    /// As it was called where it came from; never part of a path here.
    pub file_name: String,
    /// By its content.
    pub media_type: MediaType,
    /// Bytes.
    pub size: i64,
    /// Lower-case hex of SHA-256 of the content: where it is kept.
    pub sha256: String,
    /// Username of who added it.
    pub added_by: String,
    /// When.
    pub added_at: Moment,
}

/// The types of file that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MediaType {
    /// PDF (ISO 32000).
    Pdf,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// TIFF.
    Tiff,
    /// Word, without macros.
    Docx,
    /// Excel, without macros.
    Xlsx,
    /// OFD (GB/T 33190).
    Ofd,
}

impl MediaType {
    /// Every type.
    pub const ALL: [Self; 7] = [
        Self::Pdf,
        Self::Jpeg,
        Self::Png,
        Self::Tiff,
        Self::Docx,
        Self::Xlsx,
        Self::Ofd,
    ];

    /// The media type, as in JSON, in the store and in `Content-Type`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Tiff => "image/tiff",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Ofd => "application/ofd",
        }
    }

    /// The endings that names of such files have.
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Tiff => &["tif", "tiff"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Ofd => &["ofd"],
        }
    }

    /// By media type.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.id() == id)
    }

    /// By the ending of a file's name.
    pub fn of_name(file_name: &str) -> Option<Self> {
        let (stem, ending) = file_name.rsplit_once('.')?;
        let ending = ending.to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|t| !stem.is_empty() && t.endings().contains(&ending.as_str()))
    }

    /// Whether a browser may show it in place: types that browsers render by themselves and that hold no markup.
    pub const fn is_shown_inline(self) -> bool {
        matches!(self, Self::Pdf | Self::Jpeg | Self::Png)
    }
}

/// Longest file name, in characters.
const LONGEST_NAME: usize = 200;

/// The endings that are taken, for people.
const ENDINGS: &str = "PDF、JPG、PNG、TIFF、DOCX、XLSX、OFD";

/// Why a file is not taken: stable id of the rule and Chinese text.
pub type Rejected = (&'static str, String);

/// The name of a file as it is kept (NFC, without blanks around it), and the type that its ending promises.
///
/// # Errors
/// No name; one with a path in it, with control characters or marks that turn its direction; too long; an ending that is not taken.
pub fn checked_name(name: &str) -> Result<(String, MediaType), Rejected> {
    let name = plain_name(name)?;
    match MediaType::of_name(&name) {
        Some(media_type) => Ok((name, media_type)),
        None => Err(("file_type", format!("只接受 {ENDINGS} 文件。"))),
    }
}

/// The name of a file of any type as it is kept (NFC, without surrounding blanks).
///
/// # Errors
/// Where it is empty, leads elsewhere, holds characters that are not seen, or is too long.
pub fn plain_name(name: &str) -> Result<String, Rejected> {
    let name: String = name.trim().nfc().collect();
    if name.is_empty() {
        return Err(("file_name", "文件没有名称。".into()));
    }
    if name.contains(['/', '\\']) || name == "." || name == ".." {
        return Err((
            "file_name",
            "文件名不得包含路径（/、\\、..），请只用文件本身的名称。".into(),
        ));
    }
    if name.chars().any(text::is_hidden) || text::unfit(&name, false).is_some() {
        return Err((
            "file_name",
            "文件名含有控制字符、不可见或无法辨认的字符，请改名后再上传。".into(),
        ));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(("file_name", format!("文件名不得超过 {LONGEST_NAME} 个字符。")));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names_and_nothing_else() {
        let long = format!("{}.pdf", "长".repeat(196));
        for (name, media_type) in [
            ("合同文本（终稿）.PDF", MediaType::Pdf),
            (" scan 1.jpeg ", MediaType::Jpeg),
            ("a..b.docx", MediaType::Docx),
            (".x.ofd", MediaType::Ofd),
            (&long, MediaType::Pdf),
        ] {
            assert_eq!(checked_name(name), Ok((name.trim().to_owned(), media_type)));
        }
        // One name, however it was typed.
        assert_eq!(checked_name("e\u{301}.pdf").unwrap().0, "é.pdf");
        let longer = format!("长{long}");
        for (name, code) in [
            ("", "file_name"),
            ("  ", "file_name"),
            ("..", "file_name"),
            ("../../x", "file_name"),
            ("..\\x.pdf", "file_name"),
            ("/etc/x.pdf", "file_name"),
            ("a\0.pdf", "file_name"),
            ("a\n.pdf", "file_name"),
            ("fdp.\u{202e}exe.pdf", "file_name"),
            ("a\u{e0041}.pdf", "file_name"),
            ("a\u{fffd}.pdf", "file_name"),
            (&longer, "file_name"),
            ("x", "file_type"),
            (".pdf", "file_type"),
            ("x.html", "file_type"),
            ("x.pdf.exe", "file_type"),
            ("x.docm", "file_type"),
        ] {
            assert_eq!(checked_name(name).unwrap_err().0, code, "{name:?}");
        }
    }

    #[test]
    fn types_are_told_apart_by_id_and_ending() {
        for media_type in MediaType::ALL {
            assert_eq!(MediaType::from_id(media_type.id()), Some(media_type));
            for ending in media_type.endings() {
                assert_eq!(MediaType::of_name(&format!("x.{ending}")), Some(media_type));
            }
        }
        assert_eq!(MediaType::from_id("text/html"), None);
        assert!(!MediaType::Tiff.is_shown_inline() && !MediaType::Docx.is_shown_inline());
    }
}
