//! What the thread that writes has at hand of what every act asks for: live sessions, accounts and agencies, as it read them. All of it
//! is dropped with whatever could change any of it: a write of an account, a registrar or an agency in this thread (`binding::touched`),
//! an ended session, an entry of another process that is about no contract, and work that was undone (`super::tips`).

use std::{cell::RefCell, collections::HashMap};

use super::{StoreError, accounts::Account, sessions::Session, tips};
use crate::domain::{contract::Agency, time::Moment};

/// Sessions and accounts kept at most.
const KEPT: usize = 4096;

#[derive(Default)]
struct AtHand {
    sessions: HashMap<String, Session>,
    accounts: HashMap<i64, Account>,
    names: HashMap<String, i64>,
    agencies: Option<Vec<Agency>>,
}

thread_local! {
    static AT_HAND: RefCell<AtHand> = RefCell::default();
}

/// Drops everything.
pub(super) fn clear() {
    AT_HAND.with_borrow_mut(|at_hand| {
        at_hand.sessions.clear();
        at_hand.accounts.clear();
        at_hand.names.clear();
        at_hand.agencies = None;
    });
}

fn kept<T>(look: impl FnOnce(&AtHand) -> Option<T>) -> Option<T> {
    AT_HAND.with_borrow(look).filter(|_| tips::is_at_work())
}

fn keep(f: impl FnOnce(&mut AtHand)) {
    if tips::is_at_work() {
        AT_HAND.with_borrow_mut(f);
    }
}

/// The session of an id that has not run out by `now`, at hand or as it is read.
pub(super) fn session(
    id: &str,
    now: Moment,
    read: impl FnOnce() -> Result<Option<Session>, StoreError>,
) -> Result<Option<Session>, StoreError> {
    if let Some(session) = kept(|at_hand| at_hand.sessions.get(id).cloned()) {
        return Ok(Some(session).filter(|session| session.expires_at > now));
    }
    let session = read()?;
    if let Some(session) = &session {
        keep(|at_hand| {
            if at_hand.sessions.len() >= KEPT {
                at_hand.sessions.clear();
            }
            at_hand.sessions.insert(id.to_owned(), session.clone());
        });
    }
    Ok(session)
}

/// By what an account is asked for.
pub(super) enum Which<'a> {
    /// Its key.
    Key(i64),
    /// Its name.
    Name(&'a str),
}

/// The account, at hand or as it is read.
pub(super) fn account(
    which: &Which<'_>,
    read: impl FnOnce() -> Result<Option<Account>, StoreError>,
) -> Result<Option<Account>, StoreError> {
    let known = kept(|at_hand| {
        let key = match which {
            Which::Key(key) => key,
            Which::Name(name) => at_hand.names.get(*name)?,
        };
        at_hand.accounts.get(key).cloned()
    });
    if known.is_some() {
        return Ok(known);
    }
    let account = read()?;
    if let Some(account) = &account {
        keep(|at_hand| {
            if at_hand.accounts.len() >= KEPT {
                at_hand.accounts.clear();
                at_hand.names.clear();
            }
            at_hand.names.insert(account.username.clone(), account.id);
            at_hand.accounts.insert(account.id, account.clone());
        });
    }
    Ok(account)
}

/// Every agency, at hand or as it is read.
pub(super) fn agencies(read: impl FnOnce() -> Result<Vec<Agency>, StoreError>) -> Result<Vec<Agency>, StoreError> {
    if let Some(agencies) = kept(|at_hand| at_hand.agencies.clone()) {
        return Ok(agencies);
    }
    let agencies = read()?;
    keep(|at_hand| at_hand.agencies = Some(agencies.clone()));
    Ok(agencies)
}
