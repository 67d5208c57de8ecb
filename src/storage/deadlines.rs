//! Contracts whose last day is near or past, the notices given of it, and contracts that lie with a reviewer.

use diesel::{
    dsl::{exists, min},
    prelude::*,
    select,
};

use super::{
    Db, StoreError,
    db::MultiBackend,
    queues::undecided,
    schema::{contracts, deadline_notices},
};
use crate::domain::{
    time::{Date, Moment},
    workflow::State,
};

/// An undecided contract and its deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Key of the contract.
    pub contract_id: i64,
    /// Last day for a decision.
    pub due_on: Date,
    /// Who has claimed it.
    pub claimer: Option<String>,
    /// The nearest threshold at which a notice of this day was given.
    pub noticed: Option<i64>,
}

/// Undecided contracts due up to `last`, after a key and by key.
///
/// # Errors
/// Where the store does not answer.
pub fn due_until(db: &mut Db, last: Date, after: i64, limit: i64) -> Result<Vec<Due>, StoreError> {
    let rows: Vec<(i64, Option<Date>, Option<String>)> = contracts::table
        .filter(undecided())
        .filter(contracts::due_on.le(last))
        .filter(contracts::id.gt(after))
        .order(contracts::id)
        .limit(limit)
        .select((contracts::id, contracts::due_on, contracts::claimed_by))
        .into_boxed::<MultiBackend>()
        .load(db)?;
    let ids: Vec<i64> = rows.iter().map(|(id, ..)| *id).collect();
    let noticed: Vec<(i64, Date, Option<i64>)> = deadline_notices::table
        .filter(deadline_notices::contract_id.eq_any(ids))
        .group_by((deadline_notices::contract_id, deadline_notices::due_on))
        .select((
            deadline_notices::contract_id,
            deadline_notices::due_on,
            min(deadline_notices::days),
        ))
        .load(db)?;
    let noticed: std::collections::HashMap<(i64, Date), i64> = noticed
        .into_iter()
        .filter_map(|(id, due_on, days)| Some(((id, due_on), days?)))
        .collect();
    Ok(rows
        .into_iter()
        .filter_map(|(contract_id, due_on, claimer)| {
            let due_on = due_on?;
            Some(Due {
                contract_id,
                due_on,
                claimer,
                noticed: noticed.get(&(contract_id, due_on)).copied(),
            })
        })
        .collect())
}

/// Whether a notice of unclaimed contracts was given on a day.
///
/// # Errors
/// Where the store does not answer.
pub fn digest_given(db: &mut Db, day: Date) -> Result<bool, StoreError> {
    let given = deadline_notices::table
        .filter(deadline_notices::noticed_on.eq(day))
        .filter(deadline_notices::claimer.is_null());
    Ok(select(exists(given)).get_result(db)?)
}

/// Notes that a notice was given at a threshold.
///
/// # Errors
/// [`StoreError::Duplicate`] where it was given before.
pub fn insert_notice(db: &mut Db, due: &Due, days: i64, on: Date) -> Result<(), StoreError> {
    diesel::insert_into(deadline_notices::table)
        .values((
            deadline_notices::contract_id.eq(due.contract_id),
            deadline_notices::due_on.eq(due.due_on),
            deadline_notices::days.eq(days),
            deadline_notices::noticed_on.eq(on),
            deadline_notices::claimer.eq(&due.claimer),
        ))
        .execute(db)?;
    Ok(())
}

/// Keys of contracts under review that were claimed before a moment, after a key and by key.
///
/// # Errors
/// Where the store does not answer.
pub fn claimed_before(db: &mut Db, moment: Moment, after: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    Ok(contracts::table
        .filter(contracts::state.eq(State::UnderReview.id()))
        .filter(contracts::claimed_at.lt(moment.micros()))
        .filter(contracts::id.gt(after))
        .order(contracts::id)
        .limit(limit)
        .select(contracts::id)
        .load(db)?)
}
