//! What in a document acts when somebody opens it: programs, scripts, files within it, templates and data fetched from elsewhere. A
//! document is looked at, never run; what could act is refused with its reason.

mod office;
mod pdf;

pub(super) use office::{is_looked_into, part};
pub(super) use pdf::{examine_apart, pdf};

use crate::domain::attachment::Rejected;

/// The largest part with relations or words of an office document, which is held whole.
pub(super) const MAX_XML_BYTES: usize = 64 << 20;

fn active(what: &str) -> Rejected {
    (
        "file_active",
        format!("文件含有{what}，打开时会执行，已拒绝；请去除后再上传（例如另存为或打印为 PDF）。"),
    )
}

fn damaged() -> Rejected {
    (
        "file_damaged",
        "文件不完整或已损坏，无法检查其内容，请重新导出后再上传。".into(),
    )
}
