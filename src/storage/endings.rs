//! Revocations and cancellations as they were made.

use diesel::prelude::*;

use super::{Db, StoreError, binding::rows, schema::endings};
use crate::domain::{money::Fen, time::Moment, workflow::State};

/// One ending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Key of the contract.
    pub contract_id: i64,
    /// When.
    pub at: Moment,
    /// `revoked` or `cancelled`.
    pub state: State,
    /// Id of the ground.
    pub ground: Option<String>,
    /// 合同成交额 of the revision then in force, in fen.
    pub amount_fen: Fen,
}

/// Adds an ending.
///
/// # Errors
/// Where the store does not answer.
pub fn insert(db: &mut Db, ending: &Ending) -> Result<(), StoreError> {
    rows::endings::note(ending.contract_id);
    diesel::insert_into(endings::table)
        .values((
            endings::contract_id.eq(ending.contract_id),
            endings::ended_at.eq(ending.at.micros()),
            endings::state.eq(ending.state.id()),
            endings::ground.eq(&ending.ground),
            endings::amount_fen.eq(ending.amount_fen),
        ))
        .execute(db)?;
    Ok(())
}

/// Removes a contract's endings but those of the moments in `kept`: for a history import that is told to write a changed row anew.
///
/// # Errors
/// Where the store does not answer.
pub fn delete_but(db: &mut Db, contract_id: i64, kept: &[Moment]) -> Result<(), StoreError> {
    let kept: Vec<i64> = kept.iter().map(|at| at.micros()).collect();
    let others = endings::table
        .filter(endings::contract_id.eq(contract_id))
        .filter(endings::ended_at.ne_all(kept));
    rows::endings::note(contract_id);
    diesel::delete(others).execute(db)?;
    Ok(())
}

/// Endings made from `from` on and before `before`.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn between(db: &mut Db, from: Moment, before: Moment) -> Result<Vec<Ending>, StoreError> {
    let rows: Vec<(i64, i64, String, Option<String>, i64)> = endings::table
        .filter(endings::ended_at.ge(from.micros()))
        .filter(endings::ended_at.lt(before.micros()))
        .order(endings::id)
        .select((
            endings::contract_id,
            endings::ended_at,
            endings::state,
            endings::ground,
            endings::amount_fen,
        ))
        .load(db)?;
    rows.into_iter()
        .map(|(contract_id, at, state, ground, amount_fen)| {
            Ok(Ending {
                contract_id,
                at: Moment::from_micros(at),
                state: State::from_id(&state).ok_or_else(|| StoreError::corrupt(&state))?,
                ground,
                amount_fen,
            })
        })
        .collect()
}
