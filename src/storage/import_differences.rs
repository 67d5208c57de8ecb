//! What imports that wait for a reviewer would change, contract by contract, as it was previewed last.

use diesel::prelude::*;

use super::{
    Db, StoreError,
    schema::{contracts, import_differences},
};
use crate::domain::import_job::Difference;

/// Lets go of what was previewed of an import before.
///
/// # Errors
/// Where the store does not answer.
pub fn clear(db: &mut Db, import_id: i64) -> Result<(), StoreError> {
    diesel::delete(import_differences::table.filter(import_differences::import_id.eq(import_id))).execute(db)?;
    Ok(())
}

/// Keeps one at its place, which counts from 1.
///
/// # Errors
/// Where the store does not answer.
pub fn insert(db: &mut Db, import_id: i64, position: i64, difference: &Difference) -> Result<(), StoreError> {
    let text = serde_json::to_string(difference).map_err(StoreError::corrupt)?;
    diesel::insert_into(import_differences::table)
        .values((
            import_differences::import_id.eq(import_id),
            import_differences::position.eq(position),
            import_differences::contract_id.eq(difference.contract_id),
            import_differences::difference.eq(text),
        ))
        .execute(db)?;
    Ok(())
}

/// One page of an import's differences with their places, in the order of the file, behind the place `after`.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn page(db: &mut Db, import_id: i64, after: i64, limit: i64) -> Result<Vec<(i64, Difference)>, StoreError> {
    let rows: Vec<(i64, String)> = import_differences::table
        .filter(import_differences::import_id.eq(import_id))
        .filter(import_differences::position.gt(after))
        .order(import_differences::position)
        .limit(limit)
        .select((import_differences::position, import_differences::difference))
        .load(db)?;
    let read = |text: String| serde_json::from_str(&text).map_err(StoreError::corrupt);
    rows.into_iter()
        .map(|(position, text)| Ok((position, read(text)?)))
        .collect()
}

/// Whether an import would change a contract that `username` entered or submitted, or that is of the agency.
///
/// # Errors
/// Where the store does not answer.
pub fn touches_work_of(
    db: &mut Db,
    import_id: i64,
    username: &str,
    agency_id: Option<i64>,
) -> Result<bool, StoreError> {
    let touched = import_differences::table
        .inner_join(contracts::table.on(contracts::id.eq(import_differences::contract_id)))
        .filter(import_differences::import_id.eq(import_id));
    let own = touched.filter(
        contracts::entered_by
            .eq(username)
            .or(contracts::submitted_by.eq(username)),
    );
    if diesel::select(diesel::dsl::exists(own)).get_result(db)? {
        return Ok(true);
    }
    let Some(agency) = agency_id else {
        return Ok(false);
    };
    let of_agency = touched.filter(contracts::agency_id.eq(agency));
    Ok(diesel::select(diesel::dsl::exists(of_agency)).get_result(db)?)
}
