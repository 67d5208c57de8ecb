//! The ends of both ledgers, as the writing transaction of this thread knows them: read once, at the begin of its first work, and moved
//! on with every entry. While a transaction writes nobody else does (see `Db::begin_write`), so what is known stays true to its end.

use std::cell::RefCell;

use super::{Db, StoreError, account_ledger, ledger, ledger::Head, moments};
use crate::domain::time::Moment;

/// The end of each ledger, and the later of the moments of their last entries.
#[derive(Debug, Clone)]
struct Tips {
    register: Head,
    accounts: Head,
    last: Option<Moment>,
}

#[derive(Default)]
struct Known {
    tips: Option<Tips>,
    /// Whether work of a writing transaction is being done in this thread.
    at_work: bool,
}

thread_local! {
    static KNOWN: RefCell<Known> = const { RefCell::new(Known { tips: None, at_work: false }) };
}

/// A transaction begins: nothing is known of it yet.
pub(super) fn forget() {
    KNOWN.with_borrow_mut(|known| known.tips = None);
}

/// Does some work of the transaction that this thread writes in, by the ends as they are known: `f` is handed the moment of the last
/// entry. What is known is forgotten where the work fails, since what it wrote is undone.
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
    let known = KNOWN.with_borrow(|known| known.tips.as_ref().map(|tips| tips.last));
    let last = match known {
        Some(last) => last,
        None => {
            let tips = Tips {
                register: ledger::head(db)?,
                accounts: account_ledger::head(db)?,
                last: moments::last(db)?,
            };
            let last = tips.last;
            KNOWN.with_borrow_mut(|known| known.tips = Some(tips));
            last
        }
    };
    KNOWN.with_borrow_mut(|known| known.at_work = true);
    let _ended = Ended;
    let done = f(db, last);
    if done.is_err() {
        forget();
    }
    done
}

fn known<T>(f: impl FnOnce(&mut Tips) -> T) -> Option<T> {
    KNOWN.with_borrow_mut(|known| known.tips.as_mut().filter(|_| known.at_work).map(f))
}

/// The end of the register's ledger, where it is known.
pub(super) fn register() -> Option<Head> {
    known(|tips| tips.register.clone())
}

/// The end of the account ledger, where it is known.
pub(super) fn accounts() -> Option<Head> {
    known(|tips| tips.accounts.clone())
}

/// An entry of the register's ledger was appended, which is its end now.
pub(super) fn move_register(head: &Head, at: Moment) {
    known(|tips| {
        tips.register.clone_from(head);
        tips.last = tips.last.max(Some(at));
    });
}

/// The same of the account ledger.
pub(super) fn move_accounts(head: Head, at: Moment) {
    known(|tips| {
        tips.accounts = head;
        tips.last = tips.last.max(Some(at));
    });
}
