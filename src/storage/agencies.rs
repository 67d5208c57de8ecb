//! Registration agencies.

use diesel::prelude::*;

use super::{
    Db, StoreError, at_hand,
    binding::rows,
    schema::{agencies, contracts, number_sequences},
};
use crate::domain::{contract::Agency, text, time::Moment};

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

/// Every agency, by key.
///
/// # Errors
/// Where the store does not answer.
pub fn all(db: &mut Db) -> Result<Vec<Agency>, StoreError> {
    at_hand::agencies(|| {
        let rows = agencies::table
            .select(AgencyRow::as_select())
            .order(agencies::id)
            .load::<AgencyRow>(db)?;
        Ok(rows.into_iter().map(Agency::from).collect())
    })
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
    rows::agencies::note(agency.id);
    diesel::update(agencies::table.filter(agencies::id.eq(agency.id)))
        .set((
            agencies::name.eq(&agency.name),
            agencies::name_key.eq(text::key(&agency.name)),
            agencies::code.eq(&agency.code),
        ))
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

/// Agencies whose name is the same to a reader as `name` (`domain::text`), by key.
///
/// # Errors
/// Where the store does not answer.
pub fn find_alike(db: &mut Db, name: &str) -> Result<Vec<Agency>, StoreError> {
    let rows = agencies::table
        .filter(agencies::name_key.eq(text::key(name)))
        .select(AgencyRow::as_select())
        .order(agencies::id)
        .load::<AgencyRow>(db)?;
    Ok(rows.into_iter().map(Agency::from).collect())
}

/// Agencies whose key of the name is not that of their name, by which imports and forms would take another agency for them; by key.
///
/// # Errors
/// Where the store does not answer.
pub fn misnamed(db: &mut Db) -> Result<Vec<i64>, StoreError> {
    let rows: Vec<(i64, String, String)> = agencies::table
        .order(agencies::id)
        .select((agencies::id, agencies::name, agencies::name_key))
        .load(db)?;
    let wrong = rows.into_iter().filter(|(_, name, key)| text::key(name) != *key);
    Ok(wrong.map(|(id, ..)| id).collect())
}

/// Makes the keys of all names anew, within the caller's transaction.
///
/// # Errors
/// Where the store does not answer.
pub(super) fn rebuild_keys(db: &mut Db) -> Result<(), StoreError> {
    for agency in all(db)? {
        diesel::update(agencies::table.filter(agencies::id.eq(agency.id)))
            .set(agencies::name_key.eq(text::key(&agency.name)))
            .execute(db)?;
    }
    Ok(())
}

/// Adds an agency; answers its key.
///
/// # Errors
/// [`StoreError::Duplicate`] where the name or the code is taken.
pub fn insert(db: &mut Db, name: &str, code: Option<&str>, at: Moment) -> Result<i64, StoreError> {
    let id = diesel::insert_into(agencies::table)
        .values((
            agencies::name.eq(name),
            agencies::name_key.eq(text::key(name)),
            agencies::code.eq(code),
            agencies::created_at.eq(at.micros()),
        ))
        .returning(agencies::id)
        .get_result(db)?;
    rows::agencies::note(id);
    Ok(id)
}

/// Gives a code to an agency that history named without one.
///
/// # Errors
/// [`StoreError::Duplicate`] where the code is taken.
pub fn set_code(db: &mut Db, id: i64, code: &str) -> Result<(), StoreError> {
    rows::agencies::note(id);
    diesel::update(agencies::table.filter(agencies::id.eq(id)))
        .set(agencies::code.eq(code))
        .execute(db)?;
    Ok(())
}
