//! The register's tabular form (台账), the same for import, export and template: kinds of file, their columns, and the rows
//! of each kind as values. What a spreadsheet looks like inside (encodings, cells, formats) must not come here.
//!
//! `intake` reads this form, `documents` writes it; neither knows the other.

/// The sheet of the template that shows made-up rows: never imported.
pub const EXAMPLE_SHEET: &str = "填写示例";

mod column;
mod kind;
mod others;
mod register;
mod register_columns;
mod text;

pub use column::{Column, Form};
pub use kind::{Kind, REMARK_HEADER, Row};
pub use others::{
    ACTIVITY_COLUMNS, ActivityColumn, ActivityRow, FOLLOW_UP_COLUMNS, FollowUpColumn, FollowUpRow, REFERENCE_COLUMNS,
    REFERENCE_KINDS, REGISTRAR_COLUMNS, ReferenceColumn, ReferenceRow, RegistrarColumn, RegistrarRow,
};
pub use register::{RegisterRow, remaining_amounts};
pub use register_columns::{REGISTER_COLUMNS, RegisterColumn, Value};
pub use text::{fold_width, guarded, header_key, marked, moment_text, tidy, typed, unmarked};
