//! Registration certificates that were handed out.

use diesel::prelude::*;
use serde_json::Value;

use super::{Db, StoreError, binding::rows, schema::registration_certificates};
use crate::domain::{registration_certificate::RegistrationCertificate, time::Moment};

type Row = (i64, i64, String, i64, String, Option<String>);

fn certificate_of(
    (contract_id, revision, code, issued_at, issued_by, sheet): Row,
) -> Result<RegistrationCertificate, StoreError> {
    let sheet = sheet.map(|text| serde_json::from_str(&text)).transpose();
    Ok(RegistrationCertificate {
        contract_id,
        revision,
        code,
        issued_at: Moment::from_micros(issued_at),
        issued_by,
        sheet: sheet.map_err(StoreError::corrupt)?,
    })
}

const COLUMNS: (
    registration_certificates::contract_id,
    registration_certificates::revision,
    registration_certificates::code,
    registration_certificates::issued_at,
    registration_certificates::issued_by,
    registration_certificates::sheet,
) = (
    registration_certificates::contract_id,
    registration_certificates::revision,
    registration_certificates::code,
    registration_certificates::issued_at,
    registration_certificates::issued_by,
    registration_certificates::sheet,
);

/// The certificate of a contract's revision.
///
/// # Errors
/// Where the store does not answer.
pub fn find(db: &mut Db, contract_id: i64, revision: i64) -> Result<Option<RegistrationCertificate>, StoreError> {
    registration_certificates::table
        .filter(registration_certificates::contract_id.eq(contract_id))
        .filter(registration_certificates::revision.eq(revision))
        .select(COLUMNS)
        .get_result::<Row>(db)
        .optional()?
        .map(certificate_of)
        .transpose()
}

/// The certificate that carries a code.
///
/// # Errors
/// Where the store does not answer.
pub fn find_by_code(db: &mut Db, code: &str) -> Result<Option<RegistrationCertificate>, StoreError> {
    registration_certificates::table
        .filter(registration_certificates::code.eq(code))
        .select(COLUMNS)
        .get_result::<Row>(db)
        .optional()?
        .map(certificate_of)
        .transpose()
}

/// Adds one.
///
/// # Errors
/// [`StoreError::Duplicate`] where the revision has one.
pub fn insert(db: &mut Db, certificate: &RegistrationCertificate) -> Result<(), StoreError> {
    rows::registration_certificates::note(certificate.contract_id);
    diesel::insert_into(registration_certificates::table)
        .values((
            registration_certificates::contract_id.eq(certificate.contract_id),
            registration_certificates::revision.eq(certificate.revision),
            registration_certificates::code.eq(&certificate.code),
            registration_certificates::issued_at.eq(certificate.issued_at.micros()),
            registration_certificates::issued_by.eq(&certificate.issued_by),
            registration_certificates::sheet.eq(certificate.sheet.as_ref().map(Value::to_string)),
        ))
        .execute(db)?;
    Ok(())
}

/// Keeps the sheet of a certificate that has none; one that is there stays.
///
/// # Errors
/// Where the store does not answer.
pub fn keep_sheet(db: &mut Db, contract_id: i64, revision: i64, sheet: &Value) -> Result<(), StoreError> {
    rows::registration_certificates::note(contract_id);
    diesel::update(
        registration_certificates::table
            .filter(registration_certificates::contract_id.eq(contract_id))
            .filter(registration_certificates::revision.eq(revision))
            .filter(registration_certificates::sheet.is_null()),
    )
    .set(registration_certificates::sheet.eq(sheet.to_string()))
    .execute(db)?;
    Ok(())
}
