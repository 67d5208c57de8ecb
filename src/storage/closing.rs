//! What the closing of a year asks of the register.

use std::collections::HashMap;

use diesel::{dsl::count_star, prelude::*};

use super::{
    Db, StoreError,
    schema::{agencies, contracts, self_audits},
};
use crate::domain::{self_audit::AuditState, time::Moment, workflow::State};

/// States of a contract that was submitted and is not decided.
const UNDECIDED: [State; 4] = [
    State::Submitted,
    State::UnderReview,
    State::ExpertReview,
    State::Returned,
];

/// How many contracts that were last submitted from `from` on and before `before` are not decided, by the name of their agency (none
/// where history names none) and their state.
///
/// # Errors
/// Where the store does not answer.
pub fn undecided(
    db: &mut Db,
    (from, before): (Moment, Moment),
) -> Result<Vec<(Option<String>, State, i64)>, StoreError> {
    let rows: Vec<(Option<i64>, String, i64)> = contracts::table
        .filter(contracts::state.eq_any(UNDECIDED.map(State::id)))
        .filter(contracts::submitted_at.ge(from.micros()))
        .filter(contracts::submitted_at.lt(before.micros()))
        .group_by((contracts::agency_id, contracts::state))
        .order((contracts::agency_id, contracts::state))
        .select((contracts::agency_id, contracts::state, count_star()))
        .load(db)?;
    let ids: Vec<i64> = rows.iter().filter_map(|(agency, ..)| *agency).collect();
    let names: HashMap<i64, String> = agencies::table
        .filter(agencies::id.eq_any(ids))
        .select((agencies::id, agencies::name))
        .load(db)?
        .into_iter()
        .collect();
    let rows = rows.into_iter().map(|(agency, state, count)| {
        let agency = agency.and_then(|id| names.get(&id).cloned());
        let state = State::from_id(&state).ok_or_else(|| StoreError::corrupt(&state))?;
        Ok((agency, state, count))
    });
    rows.collect()
}

/// Contracts first confirmed in a year whose change request is not decided: how many, and the registration numbers of the first of
/// them.
///
/// # Errors
/// Where the store does not answer.
pub fn open_changes(db: &mut Db, year: i32, named: i64) -> Result<(i64, Vec<String>), StoreError> {
    let query = || {
        contracts::table
            .filter(contracts::confirmed_year.eq(year))
            .filter(contracts::open_change_request.is_not_null())
    };
    let count = query().select(count_star()).get_result(db)?;
    let rows = query()
        .order(contracts::id)
        .limit(named)
        .select(contracts::registration_number)
        .load::<Option<String>>(db)?;
    Ok((count, rows.into_iter().flatten().collect()))
}

/// Whether any contract was confirmed in a year through this program, and not taken over from history.
///
/// # Errors
/// Where the store does not answer.
pub fn confirmed_here(db: &mut Db, year: i32) -> Result<bool, StoreError> {
    let here = contracts::table
        .filter(contracts::confirmed_year.eq(year))
        .filter(contracts::confirmed_by.is_not_null());
    Ok(diesel::select(diesel::dsl::exists(here)).get_result(db)?)
}

/// How many self-audits of a year were completed, and how many are still at work.
///
/// # Errors
/// Where the store does not answer.
pub fn self_audits_of(db: &mut Db, year: i32) -> Result<(i64, i64), StoreError> {
    let mut count = |state: AuditState| {
        self_audits::table
            .filter(self_audits::year.eq(year))
            .filter(self_audits::state.eq(state.id()))
            .select(count_star())
            .get_result::<i64>(db)
    };
    Ok((count(AuditState::Completed)?, count(AuditState::Drawn)?))
}
