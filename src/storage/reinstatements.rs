//! Registrations that were restored after a revocation or a cancellation.

use diesel::prelude::*;

use super::{Db, StoreError, binding::rows, schema::reinstatements};
use crate::domain::{time::Moment, workflow::State};

/// One reinstatement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reinstatement {
    /// Key of the contract.
    pub contract_id: i64,
    /// When: from now on it is in force again.
    pub at: Moment,
    /// `revoked` or `cancelled`.
    pub from_state: State,
    /// Since when it had not been in force.
    pub ended_at: Moment,
    /// Why.
    pub reason: String,
    /// 文书号 of the decision.
    pub document_number: String,
}

/// Adds a reinstatement.
///
/// # Errors
/// Where the store does not answer.
pub fn insert(db: &mut Db, reinstatement: &Reinstatement) -> Result<(), StoreError> {
    rows::reinstatements::note(reinstatement.contract_id);
    diesel::insert_into(reinstatements::table)
        .values((
            reinstatements::contract_id.eq(reinstatement.contract_id),
            reinstatements::reinstated_at.eq(reinstatement.at.micros()),
            reinstatements::from_state.eq(reinstatement.from_state.id()),
            reinstatements::ended_at.eq(reinstatement.ended_at.micros()),
            reinstatements::reason.eq(&reinstatement.reason),
            reinstatements::document_number.eq(&reinstatement.document_number),
        ))
        .execute(db)?;
    Ok(())
}

/// Which contracts were reinstated, and when, from `from` on and before `before`.
///
/// # Errors
/// Where the store does not answer.
pub fn between(db: &mut Db, from: Moment, before: Moment) -> Result<Vec<(i64, Moment)>, StoreError> {
    let rows: Vec<(i64, i64)> = reinstatements::table
        .filter(reinstatements::reinstated_at.ge(from.micros()))
        .filter(reinstatements::reinstated_at.lt(before.micros()))
        .order(reinstatements::id)
        .select((reinstatements::contract_id, reinstatements::reinstated_at))
        .load(db)?;
    Ok(rows.into_iter().map(|(id, at)| (id, Moment::from_micros(at))).collect())
}

/// The stretches in which a contract that was reinstated had not been in force, `[ended, reinstated)`, oldest first.
///
/// # Errors
/// Where the store does not answer.
pub fn gaps(db: &mut Db, contract_id: i64) -> Result<Vec<(Moment, Moment)>, StoreError> {
    let rows: Vec<(i64, i64)> = reinstatements::table
        .filter(reinstatements::contract_id.eq(contract_id))
        .order(reinstatements::id)
        .select((reinstatements::ended_at, reinstatements::reinstated_at))
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|(ended, at)| (Moment::from_micros(ended), Moment::from_micros(at)))
        .collect())
}
