//! What a cell of the register says, as text: labels in place of ids, so that people can read it and `intake` reads it back.

use std::{borrow::Cow, io};

use rust_xlsxwriter::XlsxError;

use crate::domain::{
    catalogue::Catalogue,
    code_list::ListName,
    interchange::{Value, moment_text},
    money::format_yuan,
};

/// Why a register cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Of the output.
    #[error("无法写出文件：{}", crate::domain::file_fault::words(.0))]
    Io(#[from] io::Error),
    /// More rows than a sheet holds.
    #[error("超过一张 XLSX 工作表的行数上限（1048576 行），请缩小范围或导出 CSV")]
    TooManyRows,
    /// A text longer than an XLSX cell holds.
    #[error("第 {row} 行有内容超过 XLSX 单元格的上限（32767 个字符），请导出 CSV")]
    TextTooLong {
        /// The row, the header being 1.
        row: u32,
    },
    /// The workbook cannot be put together.
    #[error("无法生成 XLSX 文件：{0}")]
    Workbook(XlsxError),
}

impl From<csv::Error> for TableError {
    fn from(error: csv::Error) -> Self {
        Self::Io(error.into())
    }
}

impl From<XlsxError> for TableError {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::IoError(error) => Self::Io(error),
            error => Self::Workbook(error),
        }
    }
}

/// The text of a value: empty where there is nothing, yuan with two decimals, RFC 3339 with +08:00. Countries keep their codes,
/// as in the office's files; an id that its list does not know is written as it is.
pub fn text<'v>(value: Value<'v>, catalogue: &'v Catalogue) -> Cow<'v, str> {
    match value {
        Value::Empty => Cow::Borrowed(""),
        Value::Text(text) | Value::Code(ListName::Country, text) => Cow::Borrowed(text),
        Value::Code(name, id) => Cow::Borrowed(label(catalogue, name, id)),
        Value::Codes(name, ids) => {
            let labels: Vec<&str> = ids
                .iter()
                .map(|id| match label(catalogue, name, id) {
                    // A label that would fall apart where the labels are joined.
                    label if label.contains([';', '；', '|', '\n']) => id,
                    label => label,
                })
                .collect();
            Cow::Owned(labels.join(";"))
        }
        Value::State(state) => Cow::Borrowed(state.label()),
        Value::YesNo(yes) => Cow::Borrowed(if yes { "是" } else { "否" }),
        Value::Date(date) => Cow::Owned(date.to_string()),
        Value::Moment(at) => Cow::Owned(moment_text(at)),
        Value::Amount(fen) => Cow::Owned(format_yuan(fen)),
    }
}

fn label<'v>(catalogue: &'v Catalogue, name: ListName, id: &'v str) -> &'v str {
    catalogue.list(name).label(id).unwrap_or(id)
}
