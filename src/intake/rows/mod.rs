//! What each kind of file means: raw rows become rows of the domain, or located errors. One file per kind; nothing here knows
//! CSV from XLSX.

mod others;
mod register;

pub use others::{activity_row, follow_up_row, reference_row, registrar_row};
pub use register::register_row;

use super::{cell::RawRow, error::CellError, headers::Headers};
use crate::domain::{
    catalogue::Catalogue,
    interchange::{Kind, Row},
};

/// A row of any kind.
///
/// # Errors
/// Every wrong cell of the row.
pub fn row(kind: Kind, raw: &RawRow<'_>, headers: &Headers, catalogue: &Catalogue) -> Result<Row, Vec<CellError>> {
    match kind {
        Kind::Register => register_row(raw, headers, catalogue).map(|r| Row::Register(Box::new(r))),
        Kind::Registrars => registrar_row(raw, headers, catalogue).map(Row::Registrar),
        Kind::FollowUp => follow_up_row(raw, headers, catalogue).map(Row::FollowUp),
        Kind::Activities => activity_row(raw, headers, catalogue).map(Row::Activity),
        Kind::Reference => reference_row(raw, headers, catalogue).map(Row::Reference),
    }
}
