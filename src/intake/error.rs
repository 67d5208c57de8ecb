//! What may be wrong with a file, located and told in Chinese.

use std::{borrow::Cow, io};

use serde::Serialize;

use crate::domain::{file_fault, identity_number};

/// One wrong cell, or one that a person should look at.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct CellError {
    /// The sheet, where several of a workbook are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Row as the spreadsheet counts; 1 for what concerns the whole file.
    pub row: u32,
    /// The column's header; empty for what concerns the whole row or file.
    pub column: String,
    /// What stands there, cut to 80 characters.
    pub value: String,
    /// Stable id of the rule, snake_case.
    pub code: &'static str,
    /// The rule, and how to mend it, in Chinese.
    pub detail: String,
}

impl CellError {
    /// As it may be told: without what may be an identity number, wherever it stands.
    #[must_use]
    pub fn concealed(mut self) -> Self {
        for text in [&mut self.column, &mut self.value, &mut self.detail] {
            if let Cow::Owned(told) = identity_number::concealed(text) {
                *text = told;
            }
        }
        self
    }

    /// What concerns a whole row, or the whole file where `row` is 1.
    pub fn of_row(row: u32, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            sheet: None,
            row,
            column: String::new(),
            value: String::new(),
            code,
            detail: detail.into(),
        }
    }
}

/// Why a file cannot be read as a table at all.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The file cannot be opened or read.
    #[error("无法读取文件：{}", file_fault::words(.0))]
    Io(#[from] io::Error),
    /// No bytes, or no cell with anything in it.
    #[error("文件没有内容")]
    Empty,
    /// Nothing but the sheet of made-up rows has anything in it.
    #[error("只有工作表“填写示例”中有内容，此表不读取；要导入其中内容的，请把该工作表改名后再导入")]
    OnlyExample,
    /// A compound file: Excel 97–2003, or a workbook with a password.
    #[error("这是旧版 Excel（.xls）或设有密码的文件，请另存为不带密码的 .xlsx 或 CSV")]
    OldExcel,
    /// Binary.
    #[error(
        "文件不是 CSV 文本，也不是 XLSX 工作簿：第 {row} 行（第 {offset} 个字节）有文本中不应有的控制字符（如空字节）；如是 UTF-16（Unicode）编码的文本，请另存为 UTF-8 编码的 CSV"
    )]
    NotATable {
        /// The line that is none of a text, counted from 1.
        row: u32,
        /// The byte in the file, counted from 1.
        offset: u64,
    },
    /// A table of another format, as its content shows.
    #[error("这是{0}，不是 XLSX 工作簿或 CSV；请用 Excel 或 WPS 打开后另存为 .xlsx 再导入")]
    OtherFormat(&'static str),
    /// Text of an encoding that is not accepted, or damaged.
    #[error("文件不是有效的 {encoding} 文本（第 {offset} 个字节附近无法解码），请另存为 UTF-8 编码的 CSV")]
    Encoding {
        /// The encoding that came nearest.
        encoding: &'static str,
        /// Where decoding failed, counted from 1.
        offset: u64,
    },
    /// A ZIP archive, but no workbook in it.
    #[error("文件是压缩包，但不是 XLSX 工作簿")]
    NotAWorkbook,
    /// Truncated, or broken inside.
    #[error("XLSX 文件不完整或已损坏：{0}")]
    Damaged(String),
    /// Unpacks to more than is plausible.
    #[error("XLSX 文件解压后过大（{0}），疑似压缩炸弹，已拒绝；确需导入请另存为 CSV")]
    TooLarge(String),
}

impl IntakeError {
    /// Stable id of the rule, snake_case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "unreadable_file",
            Self::Empty | Self::OnlyExample => "empty_file",
            Self::OldExcel => "old_excel",
            Self::NotATable { .. } => "not_a_table",
            Self::OtherFormat(_) => "other_format",
            Self::Encoding { .. } => "encoding",
            Self::NotAWorkbook => "not_a_workbook",
            Self::Damaged(_) => "damaged_workbook",
            Self::TooLarge(_) => "too_large",
        }
    }
}

// By hand, as for everything that may reach a log: where and by which rule, and nothing of what stands in the cell.
impl std::fmt::Debug for CellError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CellError")
            .field("row", &self.row)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

impl From<&IntakeError> for CellError {
    fn from(error: &IntakeError) -> Self {
        let row = match error {
            IntakeError::NotATable { row, .. } => *row,
            _ => 1,
        };
        Self::of_row(row, error.code(), error.to_string())
    }
}
