//! What each kind of file means: raw rows become rows of the domain, or located errors. One file per kind; nothing here knows
//! CSV from XLSX.

mod others;
mod register;

pub use others::{activity_row, follow_up_row, reference_row, registrar_row};
pub use register::{draft_row, register_row};

use super::{cell::RawRow, error::CellError, fields::Fields, headers::Headers};
use crate::domain::{
    catalogue::Catalogue,
    interchange::{FollowUpColumn, Kind, REFERENCE_KINDS, ReferenceColumn, RegisterColumn, RegistrarColumn, Row},
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

/// The key ([`Row::key`]) of a row that is not sound, where the cells that make it are.
pub fn key(kind: Kind, raw: &RawRow<'_>, headers: &Headers, catalogue: &Catalogue) -> Option<String> {
    let mut fields = Fields::new(raw, headers, kind, catalogue);
    let f = &mut fields;
    match kind {
        Kind::Register => f.identifier(RegisterColumn::RegistrationNumber as usize),
        Kind::Registrars => f.identifier(RegistrarColumn::CertificateNumber as usize),
        Kind::FollowUp => {
            let number = f.identifier(FollowUpColumn::RegistrationNumber as usize)?;
            Some(format!("{number} {}", f.year(FollowUpColumn::SurveyYear as usize)?))
        }
        Kind::Reference => {
            let label = f.text(ReferenceColumn::Kind as usize)?;
            let (id, _) = REFERENCE_KINDS
                .into_iter()
                .find(|(id, name)| *id == label || *name == label)?;
            Some(format!("{id} {}", f.year(ReferenceColumn::Year as usize)?))
        }
        Kind::Activities => None,
    }
}
