//! Numbers and dates that the national system gave, as they were reported. The number that holds is also in `contracts`, whose
//! unique key keeps two contracts from having the same.

use diesel::prelude::*;

use super::{Db, StoreError, binding::rows, schema::national_reports};
use crate::domain::time::{Date, Moment};

/// Adds a report.
///
/// # Errors
/// Where the store does not answer.
pub fn insert(
    db: &mut Db,
    contract_id: i64,
    (number, reported_on): (&str, Date),
    by: &str,
    at: Moment,
) -> Result<(), StoreError> {
    rows::national_reports::note(contract_id);
    diesel::insert_into(national_reports::table)
        .values((
            national_reports::contract_id.eq(contract_id),
            national_reports::national_number.eq(number),
            national_reports::reported_on.eq(reported_on),
            national_reports::recorded_at.eq(at.micros()),
            national_reports::recorded_by.eq(by),
        ))
        .execute(db)?;
    Ok(())
}

/// The date of the contract's last report; none where the number came with an import, or not at all.
///
/// # Errors
/// Where the store does not answer.
pub fn last_date(db: &mut Db, contract_id: i64) -> Result<Option<Date>, StoreError> {
    Ok(national_reports::table
        .filter(national_reports::contract_id.eq(contract_id))
        .order(national_reports::id.desc())
        .select(national_reports::reported_on)
        .first(db)
        .optional()?)
}
