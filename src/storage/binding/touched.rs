//! What a writing transaction has written to bound tables and not entered yet. It is kept by the thread, since a transaction stays on
//! one from its beginning to its end; the store begins it anew with each transaction and refuses to end one that leaves something over.

use std::{cell::RefCell, collections::BTreeMap};

use super::{Kind, Subject, digest_of_row};
use crate::storage::{StoreError, at_hand};

/// Whose rows in which tables were written; with their digest where it is known, else it is read when it is entered.
pub(in crate::storage) type Written = BTreeMap<(Subject, &'static str), Option<String>>;

thread_local! {
    static WRITTEN: RefCell<Written> = const { RefCell::new(BTreeMap::new()) };
}

/// A transaction begins: nothing is written yet.
pub(in crate::storage) fn begin() {
    WRITTEN.with_borrow_mut(BTreeMap::clear);
}

/// Rows of something were written in a table.
pub(super) fn note(subject: Subject, table: &'static str) {
    if matches!(subject.kind(), Kind::User | Kind::Agency | Kind::Registrar) {
        at_hand::clear();
    }
    WRITTEN.with_borrow_mut(|written| written.insert((subject, table), None));
}

/// The only row that a contract has in a table was written, and is this (`rows::<table>::text`).
pub(in crate::storage) fn note_row(contract: i64, table: &'static str, text: &str) {
    let subject = Subject::Numbered(Kind::Contract, contract);
    WRITTEN.with_borrow_mut(|written| written.insert((subject, table), Some(digest_of_row(text))));
}

/// What an entry of the register's ledger binds: the rows of the contract that it is about, and of all that is no contract; accounts
/// are the account ledger's.
pub(in crate::storage) fn for_register(contract: Option<i64>) -> Written {
    take(|subject| match subject {
        Subject::Numbered(Kind::Contract, number) => Some(*number) == contract,
        other => other.kind() != Kind::User,
    })
}

/// What an entry of the account ledger binds.
pub(in crate::storage) fn for_accounts() -> Written {
    take(|subject| matches!(subject.kind(), Kind::User | Kind::Agency))
}

fn take(wanted: impl Fn(&Subject) -> bool) -> Written {
    WRITTEN.with_borrow_mut(|written| {
        let (taken, left) = std::mem::take(written)
            .into_iter()
            .partition(|((subject, _), _)| wanted(subject));
        *written = left;
        taken
    })
}

/// A transaction ends: whatever was written must have been entered.
///
/// # Errors
/// Names what was not.
pub(in crate::storage) fn end() -> Result<(), StoreError> {
    let left = WRITTEN.with_borrow_mut(std::mem::take);
    match left.first_key_value() {
        None => Ok(()),
        Some(((subject, table), _)) => Err(StoreError::Database(format!(
            "{subject} was written in {table} without an entry"
        ))),
    }
}
