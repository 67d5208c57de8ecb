//! The facts in memory: what statistics count, coded in some fifty-six bytes a contract, following the ledger.
//!
//! A [`Snapshot`] is the register at one sequence of the ledger and never changes. Whoever asks does so within a reading
//! transaction: its end of the chain says which snapshot is the transaction's own. Where the newest is older, what the entries
//! since then name is read again ([`Memory::at`]), copying only the [`block`]s it belongs to; many who ask at once wait for one
//! refresh. Where the newest is younger than the transaction (somebody began later and was quicker), a snapshot kept from before
//! is taken, or the caller is told to begin a new transaction: never is a state older than the transaction's counted, and never
//! one that mixes two. What another process writes is in the chain as well, so it is seen as exactly.
//!
//! What a closed edition counted never changes: it is kept as it was read ([`Memory::edition`]), that of a few editions.
//!
//! Here nothing is counted: see [`super::accumulator`], [`super::gather`], [`super::pivot`].

pub(super) mod block;
mod editions;
mod events;
mod snapshot;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub(super) use block::{Block, Group};
pub use editions::EditionKey;
pub(super) use events::{EventFact, What};
pub use snapshot::Snapshot;

use crate::{
    domain::catalogue::Catalogue,
    storage::{Db, StoreError, facts, ledger},
};

/// Snapshots kept beside the newest, for transactions that began a little earlier. They share all blocks but the changed ones.
const KEPT: usize = 4;

/// The facts of a process. Empty until first asked for.
#[derive(Debug, Default)]
pub struct Memory {
    /// Oldest first; held for moments only.
    snapshots: Mutex<VecDeque<Arc<Snapshot>>>,
    /// Held while reading the store: who waits for it finds the work done.
    refreshing: Mutex<()>,
    /// Held for moments only.
    editions: Mutex<editions::Editions>,
    /// Held while an edition is read.
    reading_edition: Mutex<()>,
}

/// A panic of another holder leaves nothing half done here: the list is changed in one step.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    /// The facts as they are in the caller's reading transaction; `None` where newer ones are here already and the transaction's own
    /// are not kept any more, so that the caller had better begin a new transaction.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub fn at(&self, db: &mut Db, catalogue: &Catalogue) -> Result<Option<Arc<Snapshot>>, StoreError> {
        let head = ledger::head(db)?;
        if let Some(snapshot) = self.find(&head) {
            return Ok(Some(snapshot));
        }
        let _turn = locked(&self.refreshing);
        if let Some(snapshot) = self.find(&head) {
            return Ok(Some(snapshot));
        }
        let newest = locked(&self.snapshots).back().cloned();
        let fresh = match newest {
            Some(newest) if newest.sequence() > head.sequence => return Ok(None),
            // Another chain than the one read before (a store that was restored from a copy) is read from its beginning.
            Some(newest)
                if newest.sequence() > 0 && !facts::is_of_this_chain(db, newest.sequence(), newest.hash())? =>
            {
                Snapshot::read(db, catalogue, head)?
            }
            Some(newest) => newest.follow(db, catalogue, head)?,
            None => Snapshot::read(db, catalogue, head)?,
        };
        let fresh = Arc::new(fresh);
        let mut snapshots = locked(&self.snapshots);
        snapshots.push_back(Arc::clone(&fresh));
        while snapshots.len() > KEPT + 1 {
            snapshots.pop_front();
        }
        Ok(Some(fresh))
    }

    /// Bytes that the newest snapshot holds, and of how many contracts.
    pub fn size(&self) -> (usize, usize) {
        locked(&self.snapshots)
            .back()
            .map_or((0, 0), |snapshot| (snapshot.bytes(), snapshot.contracts()))
    }

    fn find(&self, head: &ledger::Head) -> Option<Arc<Snapshot>> {
        let snapshots = locked(&self.snapshots);
        let is_it = |s: &&Arc<Snapshot>| s.sequence() == head.sequence && s.hash() == head.hash;
        snapshots.iter().rev().find(is_it).cloned()
    }
}
