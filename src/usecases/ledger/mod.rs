//! Reading and verifying the ledgers: both chains (here), the register (`register`), all of it together (`verdict`).

use std::collections::HashMap;

use crate::{
    domain::{
        account::{Actor, Role},
        ledger::{Entry, GENESIS, chain_hash},
        policy::Denial,
    },
    storage::{Db, StoreError, ledger},
    usecases::{Context, Error, errand::go_on},
};

pub mod checkpoint;
pub mod register;
pub mod verdict;

pub use crate::storage::ledger::{Head, StoredEntry};

/// What verifying the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Entries that are right, from the first on.
    pub verified: i64,
    /// The last right entry.
    pub head: Head,
    /// The first wrong entry.
    pub fault: Option<Fault>,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Sequence of the entry.
    pub sequence: i64,
    /// In Chinese.
    pub detail: String,
}

impl Fault {
    /// In Chinese, with its place where it has one.
    pub fn told(&self) -> String {
        match self.sequence {
            UNREADABLE => self.detail.clone(),
            sequence => format!("第 {sequence} 条：{}", self.detail),
        }
    }
}

/// In place of a sequence where a chain could not be read at all.
const UNREADABLE: i64 = i64::MIN;

/// Entries read at once while verifying.
const BATCH: i64 = 2000;

/// Lets through whoever may read the ledger over the API.
///
/// # Errors
/// [`Error::Forbidden`] for whoever is no auditor.
pub fn may_read(actor: &Actor) -> Result<(), Error> {
    if actor.has(Role::Auditor) {
        Ok(())
    } else {
        Err(Error::Forbidden(Denial::Role))
    }
}

/// The end of the chain.
///
/// # Errors
/// Where the store does not answer.
pub async fn head(ctx: &Context) -> Result<Head, Error> {
    ctx.store.read(|db| Ok(ledger::head(db)?)).await
}

/// Entries after a sequence, oldest first.
///
/// # Errors
/// Where the store does not answer.
pub async fn after(ctx: &Context, sequence: i64, limit: i64) -> Result<Vec<StoredEntry>, Error> {
    ctx.store.read(move |db| Ok(ledger::after(db, sequence, limit)?)).await
}

/// Recomputes the chain of the register's ledger from its first entry, within a reading transaction, and holds the index of contracts
/// against it.
///
/// # Errors
/// Where the store does not answer; a broken chain is a result, not an error.
fn walk_register(db: &mut Db) -> Result<Verification, Error> {
    let mut found = walk(db, ledger::after, |db, after, until| {
        let filed: HashMap<i64, i64> = ledger::subjects(db, after, until)?.into_iter().collect();
        Ok(move |head: &Head, entry: &StoredEntry| {
            let said = serde_json::from_str::<Entry>(&entry.entry).ok();
            let contract = said.as_ref().and_then(|e| e.act.contract);
            let filed_wrongly = contract != filed.get(&entry.sequence).copied();
            fault(head, entry, said.map(|e| e.sequence))
                .or_else(|| filed_wrongly.then_some("条目与其所属合同的索引不符"))
        })
    })?;
    if found.fault.is_none() {
        let beyond = ledger::subjects(db, found.head.sequence, i64::MAX)?;
        found.fault = beyond
            .iter()
            .map(|(sequence, _)| *sequence)
            .min()
            .map(|sequence| Fault {
                sequence,
                detail: "条目所属合同的索引中有这一条，登记账中没有".to_owned(),
            });
    }
    Ok(found)
}

/// Walks a chain, batch by batch; `checker` makes what looks at the entries after a sequence, up to another.
pub(super) fn walk<C: Fn(&Head, &StoredEntry) -> Option<&'static str>>(
    db: &mut Db,
    read: fn(&mut Db, i64, i64) -> Result<Vec<StoredEntry>, StoreError>,
    checker: impl Fn(&mut Db, i64, i64) -> Result<C, StoreError>,
) -> Result<Verification, Error> {
    let mut head = Head {
        sequence: 0,
        hash: GENESIS.to_owned(),
    };
    // From the least number there is: an entry before the first is as wrong as one that is missing.
    let mut seen = i64::MIN;
    loop {
        go_on()?;
        let entries = read(db, seen, BATCH)?;
        let Some(last) = entries.last() else {
            return Ok(Verification {
                verified: head.sequence,
                head,
                fault: None,
            });
        };
        let check = checker(db, seen, last.sequence)?;
        for entry in entries {
            if let Some(detail) = check(&head, &entry) {
                return Ok(Verification {
                    verified: head.sequence,
                    fault: Some(Fault {
                        sequence: entry.sequence,
                        detail: detail.to_owned(),
                    }),
                    head,
                });
            }
            seen = entry.sequence;
            head = Head {
                sequence: entry.sequence,
                hash: entry.hash,
            };
        }
    }
}

/// What is wrong with `entry` as the one after `head`; `said` is the sequence that its text names.
pub(super) fn fault(head: &Head, entry: &StoredEntry, said: Option<i64>) -> Option<&'static str> {
    if entry.sequence != head.sequence + 1 {
        Some("序号不连续：之前的条目缺失，或此条不应存在")
    } else if entry.previous_hash != head.hash {
        Some("前一条目的哈希不符")
    } else if chain_hash(&head.hash, &entry.entry) != entry.hash {
        Some("条目内容与哈希不符")
    } else if said != Some(entry.sequence) {
        Some("条目内容的序号与其位置不符")
    } else {
        None
    }
}
