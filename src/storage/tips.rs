//! The ends of both ledgers, as the thread that writes knows them: read once at the begin of a transaction and moved on with every
//! entry, since while a transaction writes nobody else does (see `Db::begin_write`); and which entries came lately, so that whoever
//! planned an act on what a reader saw is told whether that still holds (`super::readings`).

use std::{cell::RefCell, collections::VecDeque};

use diesel::prelude::*;

use super::{
    Db, StoreError, at_hand,
    ledger::{self, Head},
    moments::{self, Ends},
    readings::{Reading, Trace},
    schema::ledger_subjects,
};
use crate::domain::time::Moment;

/// Entries remembered. A plan is older than that only where it waited for an import.
const REMEMBERED: usize = 4096;

/// Entries of other processes that are looked into; where there are more, all that was planned is planned again.
const LOOKED_INTO: i64 = 512;

/// An entry of the register's ledger.
struct Recent {
    sequence: i64,
    /// None where it is about no contract, or its contract is not known.
    contract: Option<i64>,
    /// By what its contract is recognised since.
    traces: Vec<Trace>,
    /// Whether these are known: not of another process's entry.
    is_traced: bool,
}

#[derive(Default)]
struct Known {
    /// Of the open transaction; none before its first work.
    ends: Option<Ends>,
    /// Whether work of a writing transaction is being done in this thread.
    at_work: bool,
    /// The last entries, in order, without a gap up to the end that is known.
    recent: VecDeque<Recent>,
    /// Every entry after it, up to the end that is known, is in `recent`.
    floor: i64,
    /// The ends when this thread last committed, or found them.
    committed: Option<(i64, i64)>,
    /// The last entry of the account ledger with which agencies may have changed.
    agencies_changed: i64,
    /// Traces of what was written and not entered yet.
    traces: Vec<Trace>,
    /// Entries of the open transaction that are not written yet.
    held_back: Vec<ledger::Row>,
    is_open: bool,
}

impl Known {
    /// Drops what is remembered of entries after `sequence`.
    fn cut(&mut self, sequence: i64) {
        while self.recent.back().is_some_and(|entry| entry.sequence > sequence) {
            self.recent.pop_back();
        }
        self.floor = self.floor.min(sequence);
        self.traces.clear();
        self.held_back.retain(|(_, entry)| entry.sequence <= sequence);
    }

    fn remember(&mut self, entry: Recent) {
        if self.recent.len() == REMEMBERED
            && let Some(oldest) = self.recent.pop_front()
        {
            self.floor = oldest.sequence;
        }
        self.recent.push_back(entry);
    }

    /// Remembers nothing: whatever was planned before an end is planned again.
    fn start_after(&mut self, ends: &Ends) {
        self.recent.clear();
        self.floor = ends.register.sequence;
        self.agencies_changed = ends.accounts.sequence;
        at_hand::clear();
    }
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// A transaction begins: its ends are to be read. Where the last one did not commit, what it entered never was.
pub(super) fn begin() {
    KNOWN.with_borrow_mut(|known| {
        if known.is_open {
            let (register, _) = known.committed.unwrap_or_default();
            known.cut(register);
            at_hand::clear();
        }
        known.ends = None;
        known.traces.clear();
        known.held_back.clear();
        known.is_open = true;
    });
}

/// The transaction was committed.
pub(super) fn committed() {
    KNOWN.with_borrow_mut(|known| {
        if let Some(ends) = &known.ends {
            known.committed = Some((ends.register.sequence, ends.accounts.sequence));
        }
        known.is_open = false;
    });
}

/// Where a part of a transaction begins that may be undone.
pub(super) struct Mark(Option<Ends>);

/// A part of the transaction begins.
pub(super) fn mark() -> Mark {
    KNOWN.with_borrow(|known| Mark(known.ends.clone()))
}

/// What was written since the mark was undone.
pub(super) fn undo(mark: Mark) {
    KNOWN.with_borrow_mut(|known| {
        let register = match &mark.0 {
            Some(ends) => ends.register.sequence,
            None => known.committed.unwrap_or_default().0,
        };
        known.cut(register);
        known.ends = mark.0;
    });
    at_hand::clear();
}

/// Reads the ends, and what other processes entered since this one last wrote.
fn look(db: &mut Db) -> Result<Ends, StoreError> {
    let ends = moments::ends(db)?;
    let committed = KNOWN.with_borrow(|known| known.committed);
    let (register, accounts) = committed.unwrap_or_default();
    let strange = ends.register.sequence - register;
    let subjects: Vec<(i64, i64)> = if committed.is_some() && (1..=LOOKED_INTO).contains(&strange) {
        ledger_subjects::table
            .filter(ledger_subjects::sequence.gt(register))
            .order(ledger_subjects::sequence)
            .select((ledger_subjects::sequence, ledger_subjects::contract_id))
            .load(db)?
    } else {
        Vec::new()
    };
    KNOWN.with_borrow_mut(|known| {
        if committed.is_none() || !(0..=LOOKED_INTO).contains(&strange) || ends.accounts.sequence < accounts {
            known.start_after(&ends);
            return;
        }
        if ends.accounts.sequence > accounts {
            known.agencies_changed = ends.accounts.sequence;
            at_hand::clear();
        }
        for sequence in register + 1..=ends.register.sequence {
            let contract = subjects.iter().find(|(of, _)| *of == sequence).map(|(_, id)| *id);
            if contract.is_none() {
                at_hand::clear();
            }
            known.remember(Recent {
                sequence,
                contract,
                traces: Vec::new(),
                is_traced: false,
            });
        }
    });
    Ok(ends)
}

/// Does some work of the transaction that this thread writes in, by the ends as they are known: `f` is handed the moment of the last
/// entry.
pub(super) fn at_work<T, E: From<StoreError>>(
    db: &mut Db,
    f: impl FnOnce(&mut Db, Option<Moment>) -> Result<T, E>,
) -> Result<T, E> {
    struct Ended;
    impl Drop for Ended {
        fn drop(&mut self) {
            KNOWN.with_borrow_mut(|known| known.at_work = false);
        }
    }
    let known = KNOWN.with_borrow(|known| known.ends.as_ref().map(|ends| ends.last));
    let last = match known {
        Some(last) => last,
        None => {
            let ends = look(db)?;
            let last = ends.last;
            KNOWN.with_borrow_mut(|known| {
                known.committed = Some((ends.register.sequence, ends.accounts.sequence));
                known.ends = Some(ends);
            });
            last
        }
    };
    KNOWN.with_borrow_mut(|known| known.at_work = true);
    let _ended = Ended;
    f(db, last)
}

fn known<T>(f: impl FnOnce(&mut Ends) -> T) -> Option<T> {
    KNOWN.with_borrow_mut(|known| known.ends.as_mut().filter(|_| known.at_work).map(f))
}

/// Whether work of a writing transaction is being done in this thread.
pub(super) fn is_at_work() -> bool {
    KNOWN.with_borrow(|known| known.at_work && known.ends.is_some())
}

/// Holds an entry back; how many are held back now.
pub(super) fn hold_back(row: ledger::Row) -> usize {
    KNOWN.with_borrow_mut(|known| {
        known.held_back.push(row);
        known.held_back.len()
    })
}

/// The entries that are held back: to be written now.
pub(super) fn held_back() -> Vec<ledger::Row> {
    KNOWN.with_borrow_mut(|known| std::mem::take(&mut known.held_back))
}

/// The end of the register's ledger, where it is known.
pub(super) fn register() -> Option<Head> {
    known(|ends| ends.register.clone())
}

/// The end of the account ledger, where it is known.
pub(super) fn accounts() -> Option<Head> {
    known(|ends| ends.accounts.clone())
}

/// By what a contract is recognised from now on; the next entry is about it.
pub(super) fn note(trace: Trace) {
    if is_at_work() {
        KNOWN.with_borrow_mut(|known| known.traces.push(trace));
    }
}

/// An entry of the register's ledger was appended, which is its end now.
pub(super) fn move_register(head: &Head, contract: Option<i64>, at: Moment) {
    if known(|ends| {
        ends.register.clone_from(head);
        ends.last = ends.last.max(Some(at));
    })
    .is_some()
    {
        KNOWN.with_borrow_mut(|known| {
            let traces = std::mem::take(&mut known.traces);
            known.remember(Recent {
                sequence: head.sequence,
                contract,
                traces,
                is_traced: true,
            });
        });
    }
}

/// The same of the account ledger.
pub(super) fn move_accounts(head: Head, has_agency: bool, at: Moment) {
    let sequence = head.sequence;
    known(|ends| {
        ends.accounts = head;
        ends.last = ends.last.max(Some(at));
    });
    if has_agency {
        KNOWN.with_borrow_mut(|known| known.agencies_changed = known.agencies_changed.max(sequence));
    }
}

/// Whether all that was read is now as it was then: no entry since is about any of it. Where that is not known, it is not.
pub(super) fn still_holds(reading: &Reading) -> bool {
    if !is_at_work() {
        return false;
    }
    KNOWN.with_borrow(|known| {
        let since = |entry: &&Recent| entry.sequence > reading.register;
        let about = |entry: &Recent| match entry.contract {
            None => true,
            Some(contract) => {
                reading.contracts.contains(&contract)
                    || (!entry.is_traced && !reading.looked_for.is_empty())
                    || entry.traces.iter().any(|trace| reading.would_find(trace))
            }
        };
        known.floor <= reading.register
            && known.agencies_changed <= reading.accounts
            && !known.recent.iter().rev().take_while(since).any(about)
    })
}
