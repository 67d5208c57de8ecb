//! What each kind of file means: raw rows become rows of the domain, or located errors. One file per kind; nothing here knows
//! CSV from XLSX.

mod others;
mod register;

use others::{activity_row, follow_up_row, reference_row, registrar_row};
pub use register::draft_row;
use register::register_row;

use super::{
    cell::RawRow,
    fields::{Fields, Read},
    headers::Headers,
};
use crate::domain::{
    catalogue::Catalogue,
    interchange::{FollowUpColumn, Kind, REFERENCE_KINDS, ReferenceColumn, RegisterColumn, RegistrarColumn, Row},
};

/// A row of any kind: its value or every wrong cell, and what is doubtful about it.
pub fn row(kind: Kind, raw: &RawRow<'_>, headers: &Headers, catalogue: &Catalogue) -> Read<Row> {
    fn of<T>((read, doubts): Read<T>, row: impl FnOnce(T) -> Row) -> Read<Row> {
        (read.map(row), doubts)
    }
    match kind {
        Kind::Register => of(register_row(raw, headers, catalogue), |r| Row::Register(Box::new(r))),
        Kind::Registrars => of(registrar_row(raw, headers, catalogue), Row::Registrar),
        Kind::FollowUp => of(follow_up_row(raw, headers, catalogue), Row::FollowUp),
        Kind::Activities => of(activity_row(raw, headers, catalogue), Row::Activity),
        Kind::Reference => of(reference_row(raw, headers, catalogue), Row::Reference),
    }
}

/// The key ([`Row::key`]) of a row that is not sound, where the cells that make it are.
pub fn key(kind: Kind, raw: &RawRow<'_>, headers: &Headers, catalogue: &Catalogue) -> Option<String> {
    let mut fields = Fields::new(raw, headers, kind, catalogue);
    let f = &mut fields;
    match kind {
        Kind::Register => f.registration_number(RegisterColumn::RegistrationNumber as usize),
        Kind::Registrars => f.identifier(RegistrarColumn::CertificateNumber as usize),
        Kind::FollowUp => {
            let number = f.registration_number(FollowUpColumn::RegistrationNumber as usize)?;
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
