//! What a writing transaction has changed beside contracts and not entered yet. It is kept by the thread, since a transaction stays on
//! one from its beginning to its end; the store begins it anew with each transaction and refuses to end one that leaves something over.

use std::{cell::RefCell, collections::BTreeSet};

use super::{Kind, Subject};
use crate::storage::StoreError;

thread_local! {
    static TOUCHED: RefCell<BTreeSet<Subject>> = const { RefCell::new(BTreeSet::new()) };
}

/// A transaction begins: nothing is changed yet.
pub(in crate::storage) fn begin() {
    TOUCHED.with_borrow_mut(BTreeSet::clear);
}

/// Rows of something were written.
pub(in crate::storage) fn note(subject: Subject) {
    TOUCHED.with_borrow_mut(|touched| touched.insert(subject));
}

/// Rows of something that has a number were written.
pub(in crate::storage) fn note_number(kind: Kind, number: i64) {
    note(Subject::Numbered(kind, number));
}

/// What an entry of the register's ledger binds; accounts are the account ledger's.
pub(in crate::storage) fn for_register() -> Vec<Subject> {
    take(|kind| kind != Kind::User)
}

/// What an entry of the account ledger binds.
pub(in crate::storage) fn for_accounts() -> Vec<Subject> {
    take(|kind| matches!(kind, Kind::User | Kind::Agency))
}

fn take(wanted: impl Fn(Kind) -> bool) -> Vec<Subject> {
    TOUCHED.with_borrow_mut(|touched| {
        let (taken, left): (BTreeSet<_>, BTreeSet<_>) =
            std::mem::take(touched).into_iter().partition(|subject| wanted(subject.kind()));
        *touched = left;
        taken.into_iter().collect()
    })
}

/// A transaction ends: whatever was changed must have been entered.
///
/// # Errors
/// Names what was not.
pub(in crate::storage) fn end() -> Result<(), StoreError> {
    let left = TOUCHED.with_borrow_mut(std::mem::take);
    match left.first() {
        None => Ok(()),
        Some(subject) => Err(StoreError::Database(format!("{subject} was changed without an entry"))),
    }
}
