//! Rounds of voting on the contracts of panels: when and by whom each was opened and closed, who was entitled, how many voted.

use diesel::prelude::*;

use super::{Db, StoreError, binding::rows, schema::expert_review_rounds};
use crate::domain::{
    expert_review::{ClosedVoting, Round},
    time::Moment,
};

#[derive(Queryable)]
struct RoundRow {
    expert_review_id: i64,
    contract_id: i64,
    round: i64,
    opened_at: i64,
    opened_by: String,
    closed_at: Option<i64>,
    closed_by: Option<String>,
    entitled: Option<i64>,
    votes: Option<i64>,
}

fn count(number: Option<i64>) -> Result<usize, StoreError> {
    usize::try_from(number.unwrap_or(0)).map_err(StoreError::corrupt)
}

fn round_of(row: RoundRow) -> Result<Round, StoreError> {
    let closed = match (row.closed_at, row.closed_by) {
        (Some(at), Some(by)) => Some(ClosedVoting {
            at: Moment::from_micros(at),
            by,
            entitled: count(row.entitled)?,
            votes: count(row.votes)?,
        }),
        _ => None,
    };
    Ok(Round {
        number: row.round,
        opened_at: Moment::from_micros(row.opened_at),
        opened_by: row.opened_by,
        closed,
    })
}

/// The rounds of voting of panels, with the keys of panel and contract; of one contract the first one first.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub(super) fn of_panels(db: &mut Db, ids: &[i64]) -> Result<Vec<(i64, i64, Round)>, StoreError> {
    let rows: Vec<RoundRow> = expert_review_rounds::table
        .filter(expert_review_rounds::expert_review_id.eq_any(ids))
        .order(expert_review_rounds::round)
        .load(db)?;
    rows.into_iter()
        .map(|row| Ok((row.expert_review_id, row.contract_id, round_of(row)?)))
        .collect()
}

/// Opens a round of voting.
///
/// # Errors
/// [`StoreError::Duplicate`] where there is this round already.
pub fn open(db: &mut Db, id: i64, (contract_id, round): (i64, i64), by: &str, at: Moment) -> Result<(), StoreError> {
    rows::expert_review_rounds::note(id);
    diesel::insert_into(expert_review_rounds::table)
        .values((
            expert_review_rounds::expert_review_id.eq(id),
            expert_review_rounds::contract_id.eq(contract_id),
            expert_review_rounds::round.eq(round),
            expert_review_rounds::opened_at.eq(at.micros()),
            expert_review_rounds::opened_by.eq(by),
        ))
        .execute(db)?;
    Ok(())
}

/// Closes a round of voting, if it is still open; `false` where it is not.
///
/// # Errors
/// Where the store does not answer.
pub fn close(
    db: &mut Db,
    id: i64,
    (contract_id, round): (i64, i64),
    closed: &ClosedVoting,
) -> Result<bool, StoreError> {
    let number = |n: usize| i64::try_from(n).map_err(StoreError::corrupt);
    rows::expert_review_rounds::note(id);
    let changed = diesel::update(
        expert_review_rounds::table
            .filter(expert_review_rounds::expert_review_id.eq(id))
            .filter(expert_review_rounds::contract_id.eq(contract_id))
            .filter(expert_review_rounds::round.eq(round))
            .filter(expert_review_rounds::closed_at.is_null()),
    )
    .set((
        expert_review_rounds::closed_at.eq(closed.at.micros()),
        expert_review_rounds::closed_by.eq(&closed.by),
        expert_review_rounds::entitled.eq(number(closed.entitled)?),
        expert_review_rounds::votes.eq(number(closed.votes)?),
    ))
    .execute(db)?;
    Ok(changed == 1)
}
