//! Registration numbers: one sequence per agency and year, never given twice.

use diesel::prelude::*;

use super::{
    Db, StoreError,
    schema::{contracts, number_sequences},
};

/// The first number that this register gives in a sequence: what is below is left to imported history.
const FIRST: i64 = 500_001;
/// The last six-digit number.
const LAST: i64 = 999_999;

/// The next number of an agency and year: 16 digits, four of the year, six of the agency, six of the sequence; `None` when the
/// sequence is used up. Numbers that an import brought into the live range are passed over.
///
/// # Errors
/// Where the store does not answer.
pub fn next(db: &mut Db, agency_code: &str, year: i32) -> Result<Option<String>, StoreError> {
    let sequence = number_sequences::table
        .filter(number_sequences::agency_code.eq(agency_code))
        .filter(number_sequences::year.eq(year));
    let given: Option<i64> = sequence.select(number_sequences::last).get_result(db).optional()?;
    let number = |n: i64| format!("{year:04}{agency_code}{n:06}");
    let mut next = given.map_or(FIRST, |last| last + 1);
    while next <= LAST && is_taken(db, &number(next))? {
        next += 1;
    }
    if next > LAST {
        return Ok(None);
    }
    if given.is_some() {
        diesel::update(sequence)
            .set(number_sequences::last.eq(next))
            .execute(db)?;
    } else {
        diesel::insert_into(number_sequences::table)
            .values((
                number_sequences::agency_code.eq(agency_code),
                number_sequences::year.eq(year),
                number_sequences::last.eq(next),
            ))
            .execute(db)?;
    }
    Ok(Some(number(next)))
}

fn is_taken(db: &mut Db, number: &str) -> Result<bool, StoreError> {
    let with_number = contracts::table.filter(contracts::registration_number.eq(number));
    Ok(diesel::select(diesel::dsl::exists(with_number)).get_result(db)?)
}
