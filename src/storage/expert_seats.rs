//! Which expert may know of which contract: whoever sits on a panel that has or had it, and does not stay out of it. What was
//! recalled from a panel is that panel's no more.

use std::collections::HashMap;

use diesel::{
    dsl::{exists, select},
    prelude::*,
};

use super::{
    Db, StoreError,
    schema::{expert_recusals, expert_review_contracts, expert_review_members},
};
use crate::domain::{contract::Contract, workflow::State};

/// Contracts of panels with the experts who sit on them, but for who stays out.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn seats() -> _ {
    expert_review_contracts::table
        .inner_join(
            expert_review_members::table
                .on(expert_review_members::expert_review_id.eq(expert_review_contracts::expert_review_id)),
        )
        .left_join(
            expert_recusals::table.on(expert_recusals::expert_review_id
                .eq(expert_review_contracts::expert_review_id)
                .and(expert_recusals::contract_id.eq(expert_review_contracts::contract_id))
                .and(expert_recusals::username.eq(expert_review_members::username))),
        )
}

/// [`seats`] as they are taken.
macro_rules! taken_seats {
    () => {
        $crate::storage::expert_seats::seats()
            .filter($crate::storage::schema::expert_recusals::id.is_null())
            .filter(
                $crate::storage::schema::expert_review_contracts::state
                    .ne($crate::domain::expert_review::Outcome::Recalled.id()),
            )
    };
}
pub(super) use taken_seats;

/// Whether an expert may know of a contract: looked up by the expert's own seats, so that a contract that is hidden and one that is
/// not there take the same way.
///
/// # Errors
/// Where the store does not answer.
pub fn is_seated(db: &mut Db, username: &str, contract_id: i64) -> Result<bool, StoreError> {
    let mine = taken_seats!()
        .filter(expert_review_members::username.eq(username))
        .filter(expert_review_contracts::contract_id.eq(contract_id));
    Ok(select(exists(mine)).get_result(db)?)
}

/// Fills in `experts` of contracts that are or were before a panel.
pub(super) fn seat_experts(db: &mut Db, contracts: &mut [Contract]) -> Result<(), StoreError> {
    // Recalled ones apart, whatever was put before a panel waits there or was concluded on.
    let ids: Vec<i64> = contracts
        .iter()
        .filter(|c| c.state == State::ExpertReview || c.expert_concluded_at.is_some())
        .map(|c| c.id)
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    let rows: Vec<(i64, String)> = taken_seats!()
        .filter(expert_review_contracts::contract_id.eq_any(&ids))
        .select((expert_review_contracts::contract_id, expert_review_members::username))
        .order((expert_review_contracts::contract_id, expert_review_members::username))
        .distinct()
        .load(db)?;
    let mut experts: HashMap<i64, Vec<String>> = HashMap::new();
    for (id, username) in rows {
        experts.entry(id).or_default().push(username);
    }
    for contract in contracts {
        contract.experts = experts.remove(&contract.id).unwrap_or_default();
    }
    Ok(())
}
