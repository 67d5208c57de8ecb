//! The account ledger: appended to, never changed. The table itself refuses UPDATE and DELETE (triggers of its migration). The rules
//! of the chain are those of [`super::ledger`]; the two chains know nothing of each other.

use diesel::{dsl::max, prelude::*};

use super::{
    Db, StoreError,
    binding::{self, Kind, touched},
    dialect::each,
    ledger::{Head, StoredEntry},
    schema::account_ledger,
    tips,
};
use crate::domain::{
    account_ledger::{AccountEntry, AccountEvent},
    ledger::chain_hash,
};

/// The end of the chain now.
///
/// # Errors
/// Where the store does not answer.
pub fn head(db: &mut Db) -> Result<Head, StoreError> {
    if let Some(known) = tips::accounts() {
        return Ok(known);
    }
    let last: Option<i64> = account_ledger::table
        .select(max(account_ledger::sequence))
        .get_result(db)?;
    let Some(sequence) = last else {
        return Ok(Head::genesis());
    };
    let hash = account_ledger::table
        .filter(account_ledger::sequence.eq(sequence))
        .select(account_ledger::hash)
        .get_result(db)?;
    Ok(Head { sequence, hash })
}

/// Appends one event within the caller's writing transaction.
///
/// # Errors
/// Where the store does not answer.
pub fn append(db: &mut Db, event: AccountEvent) -> Result<(), StoreError> {
    let head = head(db)?;
    let (sequence, at) = (head.sequence + 1, event.at);
    let written = touched::for_accounts();
    let has_agency = written.keys().any(|(subject, _)| subject.kind() == Kind::Agency);
    let register = binding::bind(db, written)?;
    let entry = AccountEntry {
        sequence,
        event,
        register,
    };
    let entry = entry.canonical().map_err(StoreError::corrupt)?;
    let hash = chain_hash(&head.hash, &entry);
    let values = (
        account_ledger::sequence.eq(sequence),
        account_ledger::entry.eq(entry),
        account_ledger::previous_hash.eq(head.hash),
        account_ledger::hash.eq(&hash),
    );
    each!(db, |c| diesel::insert_into(account_ledger::table)
        .values(values)
        .execute(c))?;
    tips::move_accounts(Head { sequence, hash }, has_agency, at);
    Ok(())
}

/// Entries after a sequence, oldest first.
///
/// # Errors
/// Where the store does not answer.
pub fn after(db: &mut Db, sequence: i64, limit: i64) -> Result<Vec<StoredEntry>, StoreError> {
    Ok(account_ledger::table
        .filter(account_ledger::sequence.gt(sequence))
        .order(account_ledger::sequence)
        .limit(limit)
        .load(db)?)
}

/// Whether any entry binds rows.
///
/// # Errors
/// Where the store does not answer.
pub fn binds_anything(db: &mut Db) -> Result<bool, StoreError> {
    let binding = account_ledger::table.filter(account_ledger::entry.like("%\"register\":[{%"));
    Ok(diesel::select(diesel::dsl::exists(binding)).get_result(db)?)
}
