//! Reading and verifying the account ledger, for auditors; the rules of the chain are [`super::ledger`]'s.

use super::ledger::{Head, StoredEntry, Verification, fault, walk};
use crate::{
    domain::account_ledger::AccountEntry,
    storage::{Db, account_ledger},
    usecases::{Context, Error},
};

/// The end of the chain.
///
/// # Errors
/// Where the store does not answer.
pub async fn head(ctx: &Context) -> Result<Head, Error> {
    ctx.store.read(|db| Ok(account_ledger::head(db)?)).await
}

/// Entries after a sequence, oldest first.
///
/// # Errors
/// Where the store does not answer.
pub async fn after(ctx: &Context, sequence: i64, limit: i64) -> Result<Vec<StoredEntry>, Error> {
    ctx.store
        .read(move |db| Ok(account_ledger::after(db, sequence, limit)?))
        .await
}

/// Recomputes the chain from its first entry, all in one reading transaction.
///
/// # Errors
/// Where the store does not answer; a broken chain is a result, not an error.
pub async fn verify(ctx: &Context) -> Result<Verification, Error> {
    ctx.read_heavy(walk_accounts).await
}

/// The same within a reading transaction.
///
/// # Errors
/// Where the store does not answer; a broken chain is a result, not an error.
pub(super) fn walk_accounts(db: &mut Db) -> Result<Verification, Error> {
    walk(db, account_ledger::after, |_, _, _| {
        Ok(|head: &Head, entry: &StoredEntry| {
            let said = serde_json::from_str::<AccountEntry>(&entry.entry).ok();
            fault(head, entry, said.map(|e| e.sequence))
        })
    })
}
