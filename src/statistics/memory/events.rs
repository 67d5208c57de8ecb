//! What happened to contracts, by key: few have any.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use crate::{
    domain::money::Fen,
    statistics::Coder,
    storage::facts::{Happening, HappeningRow},
};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::statistics) enum What {
    Concluded,
    Reinstated,
    /// The contract had been returned before, or not.
    Refused(bool),
    /// When is not known; nor whether it had been returned.
    RefusedUndated,
    /// In history, which says no more.
    Returned,
    ReturnedUndated,
    Cancelled,
    /// On the ground of that index in the list `revocation_ground`.
    Revoked(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::statistics) struct EventFact {
    pub contract: i64,
    pub at: i64,
    /// Of an end: 合同成交额 of the revision then in force.
    pub amount: Fen,
    pub what: What,
}

impl EventFact {
    pub fn of(coder: &Coder<'_>, row: &HappeningRow, returned: &HashSet<i64>) -> Self {
        let (what, amount) = match &row.what {
            Happening::Concluded => (What::Concluded, 0),
            Happening::Reinstated => (What::Reinstated, 0),
            Happening::Refused => (What::Refused(returned.contains(&row.contract_id)), 0),
            Happening::RefusedUndated => (What::RefusedUndated, 0),
            Happening::Returned => (What::Returned, 0),
            Happening::ReturnedUndated => (What::ReturnedUndated, 0),
            Happening::Ended {
                state,
                ground,
                amount_fen,
            } => {
                let ground = coder.code(crate::domain::code_list::ListName::RevocationGround, ground.as_deref());
                let what = if state == crate::domain::workflow::State::Revoked.id() {
                    What::Revoked(ground)
                } else {
                    What::Cancelled
                };
                (what, *amount_fen)
            }
        };
        Self {
            contract: row.contract_id,
            at: row.at,
            amount,
            what,
        }
    }
}

/// Contracts whose events stand together.
const TOGETHER: i64 = 4096;

/// Events in parts that snapshots share.
#[derive(Debug, Clone, Default)]
pub(super) struct Events(BTreeMap<i64, Arc<[EventFact]>>);

impl Events {
    /// The same with other events of the contracts `changed`, which rise.
    pub fn with(&self, changed: &[i64], events: &[EventFact]) -> Self {
        let mut next = self.clone();
        let mut parts: BTreeMap<i64, Vec<EventFact>> = BTreeMap::new();
        for part in changed.iter().map(|id| id / TOGETHER) {
            parts.entry(part).or_default();
        }
        for event in events {
            parts.entry(event.contract / TOGETHER).or_default().push(*event);
        }
        for (part, mut fresh) in parts {
            if let Some(old) = self.0.get(&part) {
                let kept = old
                    .iter()
                    .filter(|event| changed.binary_search(&event.contract).is_err());
                fresh.extend(kept);
            }
            // By contract; what one contract has stays in the order of entry.
            fresh.sort_by_key(|event| event.contract);
            if fresh.is_empty() {
                next.0.remove(&part);
            } else {
                next.0.insert(part, fresh.into());
            }
        }
        next
    }

    pub fn iter(&self) -> impl Iterator<Item = &EventFact> {
        self.0.values().flat_map(|part| part.iter())
    }

    pub fn bytes(&self) -> usize {
        self.iter().count() * size_of::<EventFact>() + self.0.len() * 64
    }
}
