//! When checkpoints were made last: so that of several servers one makes the next.

use diesel::prelude::*;

use super::{Db, StoreError, dialect::each, schema::checkpoint_rounds};
use crate::domain::time::Moment;

/// Takes the round that is due, if the last one was made at `before` or earlier; `false` where it was later. One that is said to have been
/// made after `now` was not: a row that somebody puts in the future must not put off every checkpoint.
///
/// # Errors
/// Where the store does not answer.
pub fn claim(db: &mut Db, before: Moment, now: Moment) -> Result<bool, StoreError> {
    let last: Option<i64> = checkpoint_rounds::table
        .select(diesel::dsl::max(checkpoint_rounds::made_at))
        .get_result(db)?;
    if last.is_some_and(|last| last > before.micros() && last <= now.micros()) {
        return Ok(false);
    }
    diesel::delete(checkpoint_rounds::table).execute(db)?;
    each!(db, |c| diesel::insert_into(checkpoint_rounds::table)
        .values(checkpoint_rounds::made_at.eq(now.micros()))
        .execute(c))?;
    Ok(true)
}

/// Gives the round back: what was made was taken nowhere.
///
/// # Errors
/// Where the store does not answer.
pub fn give_back(db: &mut Db) -> Result<(), StoreError> {
    diesel::delete(checkpoint_rounds::table).execute(db)?;
    Ok(())
}
