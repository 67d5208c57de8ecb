//! Registration agencies and the registrar certificates they hold.

use diesel::prelude::*;

use super::{
    Db, StoreError,
    schema::{agencies, contracts, number_sequences, registrars},
};
use crate::domain::{
    account::Certificate,
    contract::Agency,
    time::{Date, Moment},
};

/// A row of `agencies`.
#[derive(Queryable, Selectable, Debug, Clone)]
#[diesel(table_name = agencies)]
#[diesel(check_for_backend(super::db::MultiBackend))]
pub(super) struct AgencyRow {
    id: i64,
    code: Option<String>,
    name: String,
}

impl From<AgencyRow> for Agency {
    fn from(row: AgencyRow) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name: row.name,
        }
    }
}

/// A registrar certificate and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registrar {
    /// Key in the store.
    pub id: i64,
    /// The certificate.
    pub certificate: Certificate,
    /// Name of the person.
    pub name: String,
    /// Key of the agency.
    pub agency_id: i64,
    /// Last day of continuing education.
    pub last_training_on: Option<Date>,
}

/// Every agency, by key.
///
/// # Errors
/// Where the store does not answer.
pub fn all(db: &mut Db) -> Result<Vec<Agency>, StoreError> {
    let rows = agencies::table
        .select(AgencyRow::as_select())
        .order(agencies::id)
        .load::<AgencyRow>(db)?;
    Ok(rows.into_iter().map(Agency::from).collect())
}

/// Up to `limit` agencies after a key, by key.
///
/// # Errors
/// Where the store does not answer.
pub fn page(db: &mut Db, after: i64, limit: i64) -> Result<Vec<Agency>, StoreError> {
    let rows = agencies::table
        .filter(agencies::id.gt(after))
        .select(AgencyRow::as_select())
        .order(agencies::id)
        .limit(limit)
        .load::<AgencyRow>(db)?;
    Ok(rows.into_iter().map(Agency::from).collect())
}

/// The agency of a key.
///
/// # Errors
/// Where the store does not answer.
pub fn find(db: &mut Db, id: i64) -> Result<Option<Agency>, StoreError> {
    Ok(agencies::table
        .filter(agencies::id.eq(id))
        .select(AgencyRow::as_select())
        .get_result::<AgencyRow>(db)
        .optional()?
        .map(Agency::from))
}

/// Whether a registration number bears the agency's code, so that it must stay.
///
/// # Errors
/// Where the store does not answer.
pub fn has_numbers(db: &mut Db, agency: &Agency) -> Result<bool, StoreError> {
    let registered = contracts::table
        .filter(contracts::agency_id.eq(agency.id))
        .filter(contracts::registration_number.is_not_null());
    if diesel::select(diesel::dsl::exists(registered)).get_result(db)? {
        return Ok(true);
    }
    let given = number_sequences::table.filter(number_sequences::agency_code.nullable().eq(&agency.code));
    Ok(diesel::select(diesel::dsl::exists(given)).get_result(db)?)
}

/// Writes name and code of an agency.
///
/// # Errors
/// [`StoreError::Duplicate`] where the name or the code is taken.
pub fn update(db: &mut Db, agency: &Agency) -> Result<(), StoreError> {
    diesel::update(agencies::table.filter(agencies::id.eq(agency.id)))
        .set((agencies::name.eq(&agency.name), agencies::code.eq(&agency.code)))
        .execute(db)?;
    Ok(())
}

/// The agency of a code.
///
/// # Errors
/// Where the store does not answer.
pub fn find_by_code(db: &mut Db, code: &str) -> Result<Option<Agency>, StoreError> {
    Ok(agencies::table
        .filter(agencies::code.eq(code))
        .select(AgencyRow::as_select())
        .get_result::<AgencyRow>(db)
        .optional()?
        .map(Agency::from))
}

/// The agency of a name.
///
/// # Errors
/// Where the store does not answer.
pub fn find_by_name(db: &mut Db, name: &str) -> Result<Option<Agency>, StoreError> {
    Ok(agencies::table
        .filter(agencies::name.eq(name))
        .select(AgencyRow::as_select())
        .get_result::<AgencyRow>(db)
        .optional()?
        .map(Agency::from))
}

/// Adds an agency; answers its key.
///
/// # Errors
/// [`StoreError::Duplicate`] where the name or the code is taken.
pub fn insert(db: &mut Db, name: &str, code: Option<&str>, at: Moment) -> Result<i64, StoreError> {
    Ok(diesel::insert_into(agencies::table)
        .values((
            agencies::name.eq(name),
            agencies::code.eq(code),
            agencies::created_at.eq(at.micros()),
        ))
        .returning(agencies::id)
        .get_result(db)?)
}

/// Gives a code to an agency that history named without one.
///
/// # Errors
/// [`StoreError::Duplicate`] where the code is taken.
pub fn set_code(db: &mut Db, id: i64, code: &str) -> Result<(), StoreError> {
    diesel::update(agencies::table.filter(agencies::id.eq(id)))
        .set(agencies::code.eq(code))
        .execute(db)?;
    Ok(())
}

type RegistrarTuple = (i64, String, String, i64, Date, Option<Date>, Option<Date>);

fn registrar_of((id, number, name, agency_id, issued_on, valid_until, last_training_on): RegistrarTuple) -> Registrar {
    Registrar {
        id,
        certificate: Certificate {
            number,
            issued_on,
            valid_until,
        },
        name,
        agency_id,
        last_training_on,
    }
}

/// The registrar of a certificate number.
///
/// # Errors
/// Where the store does not answer.
pub fn find_registrar(db: &mut Db, certificate_number: &str) -> Result<Option<Registrar>, StoreError> {
    Ok(registrars::table
        .filter(registrars::certificate_number.eq(certificate_number))
        .select(registrars::all_columns)
        .get_result::<RegistrarTuple>(db)
        .optional()?
        .map(registrar_of))
}

/// Every registrar certificate: first and last day of validity.
///
/// # Errors
/// Where the store does not answer.
pub fn certificate_validities(db: &mut Db) -> Result<Vec<(Date, Option<Date>)>, StoreError> {
    Ok(registrars::table
        .select((registrars::issued_on, registrars::valid_until))
        .load(db)?)
}

/// Adds a registrar (its `id` is not looked at); answers the key.
///
/// # Errors
/// [`StoreError::Duplicate`] where the certificate number is taken.
pub fn insert_registrar(db: &mut Db, registrar: &Registrar) -> Result<i64, StoreError> {
    Ok(diesel::insert_into(registrars::table)
        .values((
            registrars::certificate_number.eq(&registrar.certificate.number),
            registrars::name.eq(&registrar.name),
            registrars::agency_id.eq(registrar.agency_id),
            registrars::issued_on.eq(registrar.certificate.issued_on),
            registrars::valid_until.eq(registrar.certificate.valid_until),
            registrars::last_training_on.eq(registrar.last_training_on),
        ))
        .returning(registrars::id)
        .get_result(db)?)
}

/// Writes a registrar back.
///
/// # Errors
/// Where the store does not answer.
pub fn update_registrar(db: &mut Db, registrar: &Registrar) -> Result<(), StoreError> {
    diesel::update(registrars::table.filter(registrars::id.eq(registrar.id)))
        .set((
            registrars::name.eq(&registrar.name),
            registrars::agency_id.eq(registrar.agency_id),
            registrars::issued_on.eq(registrar.certificate.issued_on),
            registrars::valid_until.eq(registrar.certificate.valid_until),
            registrars::last_training_on.eq(registrar.last_training_on),
        ))
        .execute(db)?;
    Ok(())
}
