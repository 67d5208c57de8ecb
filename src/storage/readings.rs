//! What an act is planned on: what a reader saw of the register, and how far the ledgers were then. Whoever writes looks whether an
//! entry since is about any of it (`super::tips`): the ledger is what tells of a conflict, since nothing of the register changes without
//! an entry (`super::binding`).
//!
//! What is read notes itself (`note_contract`, `note_search`) while a plan is made; what it does not note is of the register beside its
//! contracts (agencies, panels, certificates), and any entry about such undoes every plan.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
};

use super::{
    Db, StoreError,
    moments::{self, Ends},
};
use crate::domain::{money::Fen, time::Date};

/// What was read, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// The last entry of the register's ledger then.
    pub(super) register: i64,
    /// That of the account ledger.
    pub(super) accounts: i64,
    /// Contracts that were read or found, whether or not they were shown to anybody.
    pub(super) contracts: BTreeSet<i64>,
    /// What was looked for, so that a contract that comes to be like that would be found.
    pub(super) looked_for: Vec<Search>,
}

/// What was looked for among contracts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Search {
    /// Deals of two parties.
    Pair(i64),
    /// Deals of a span of days and of amounts.
    Near((Date, Date), (Fen, Fen)),
    /// A contract text, by its content.
    Text(String),
}

/// By what a contract is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trace {
    /// A deal.
    Deal(Deal),
    /// An attachment.
    File(String),
}

/// A deal as contracts are recognised by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deal {
    /// Key of the parties.
    pub(super) pair: i64,
    /// 签订日期.
    pub(super) signed_on: Date,
    /// 合同成交额, in fen.
    pub(super) amount_fen: Fen,
}

impl Reading {
    /// Whether what was looked for is what leaves such a trace.
    pub(super) fn would_find(&self, trace: &Trace) -> bool {
        self.looked_for.iter().any(|search| match (search, trace) {
            (Search::Pair(pair), Trace::Deal(deal)) => *pair == deal.pair,
            (Search::Near((first, last), (least, greatest)), Trace::Deal(deal)) => {
                (*first..=*last).contains(&deal.signed_on) && (*least..=*greatest).contains(&deal.amount_fen)
            }
            (Search::Text(text), Trace::File(file)) => text == file,
            _ => false,
        })
    }

    /// Whether all of it is now as it was then, for the transaction that writes in this thread.
    pub fn still_holds(&self) -> bool {
        super::tips::still_holds(self)
    }
}

thread_local! {
    static READING: RefCell<Option<Reading>> = const { RefCell::new(None) };
    /// The ledgers' last entries in the reading transaction of this thread, where they are known.
    static ENDS: Cell<Option<(i64, i64)>> = const { Cell::new(None) };
}

/// Does what a reading transaction is for, whose view has these ends of the ledgers.
pub(super) fn at<T>(ends: &Ends, f: impl FnOnce() -> T) -> T {
    struct Over;
    impl Drop for Over {
        fn drop(&mut self) {
            ENDS.set(None);
        }
    }
    ENDS.set(Some((ends.register.sequence, ends.accounts.sequence)));
    let _over = Over;
    f()
}

/// What `f` reads, and what it rests on; within the caller's reading transaction.
///
/// # Errors
/// What `f` answers, or that the store does not answer.
pub fn noted<T, E: From<StoreError>>(db: &mut Db, f: impl FnOnce(&mut Db) -> Result<T, E>) -> Result<(T, Reading), E> {
    struct Over;
    impl Drop for Over {
        fn drop(&mut self) {
            READING.set(None);
        }
    }
    let (register, accounts) = match ENDS.get() {
        Some(ends) => ends,
        None => {
            let ends = moments::ends(db)?;
            (ends.register.sequence, ends.accounts.sequence)
        }
    };
    READING.set(Some(Reading {
        register,
        accounts,
        ..Reading::default()
    }));
    let _over = Over;
    let value = f(db)?;
    Ok((value, READING.take().unwrap_or_default()))
}

/// Contracts were read, or found.
pub(super) fn note_contracts<'a>(ids: impl IntoIterator<Item = &'a i64>) {
    READING.with_borrow_mut(|reading| {
        if let Some(reading) = reading {
            reading.contracts.extend(ids);
        }
    });
}

/// Something was looked for.
pub(super) fn note_search(search: impl FnOnce() -> Search) {
    READING.with_borrow_mut(|reading| {
        if let Some(reading) = reading {
            reading.looked_for.push(search());
        }
    });
}
