//! Registration certificates that were handed out.

use diesel::prelude::*;

use super::{Db, StoreError, schema::registration_certificates};
use crate::domain::{registration_certificate::RegistrationCertificate, time::Moment};

type Row = (i64, i64, String, i64, String);

fn certificate_of((contract_id, revision, code, issued_at, issued_by): Row) -> RegistrationCertificate {
    RegistrationCertificate {
        contract_id,
        revision,
        code,
        issued_at: Moment::from_micros(issued_at),
        issued_by,
    }
}

const COLUMNS: (
    registration_certificates::contract_id,
    registration_certificates::revision,
    registration_certificates::code,
    registration_certificates::issued_at,
    registration_certificates::issued_by,
) = (
    registration_certificates::contract_id,
    registration_certificates::revision,
    registration_certificates::code,
    registration_certificates::issued_at,
    registration_certificates::issued_by,
);

/// The certificate of a contract's revision.
///
/// # Errors
/// Where the store does not answer.
pub fn find(db: &mut Db, contract_id: i64, revision: i64) -> Result<Option<RegistrationCertificate>, StoreError> {
    Ok(registration_certificates::table
        .filter(registration_certificates::contract_id.eq(contract_id))
        .filter(registration_certificates::revision.eq(revision))
        .select(COLUMNS)
        .get_result::<Row>(db)
        .optional()?
        .map(certificate_of))
}

/// The certificate that carries a code.
///
/// # Errors
/// Where the store does not answer.
pub fn find_by_code(db: &mut Db, code: &str) -> Result<Option<RegistrationCertificate>, StoreError> {
    Ok(registration_certificates::table
        .filter(registration_certificates::code.eq(code))
        .select(COLUMNS)
        .get_result::<Row>(db)
        .optional()?
        .map(certificate_of))
}

/// Adds one.
///
/// # Errors
/// [`StoreError::Duplicate`] where the revision has one.
pub fn insert(db: &mut Db, certificate: &RegistrationCertificate) -> Result<(), StoreError> {
    diesel::insert_into(registration_certificates::table)
        .values((
            registration_certificates::contract_id.eq(certificate.contract_id),
            registration_certificates::revision.eq(certificate.revision),
            registration_certificates::code.eq(&certificate.code),
            registration_certificates::issued_at.eq(certificate.issued_at.micros()),
            registration_certificates::issued_by.eq(&certificate.issued_by),
        ))
        .execute(db)?;
    Ok(())
}
