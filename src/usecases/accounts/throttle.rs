//! The brake on guessing passwords, after OWASP's device cookies: strangers who guess at a name must not lock its owner out, nor a whole
//! office that shares an address with them.
//!
//! Failures are counted apart for whoever guesses:
//!
//! - in a browser in which the account's owner has logged in before ([`super::device`]): for that browser alone;
//! - from a network from which the owner has logged in within [`REMEMBERED_SECONDS`]: for the name at that network;
//! - else, from strangers: for the name at the network, for the name over all networks, and for the network over all names.
//!
//! Who reaches a limit waits; each further failure doubles the wait, up to `longest_seconds`. What is counted for a name is the name that
//! was typed, whether there is such an account or not.

use std::net::IpAddr;

use sha2::{Digest as _, Sha256};

use super::username;
use crate::{
    config::ThrottleSettings,
    domain::{
        account_ledger::{AccountAction, AccountEvent},
        time::Moment,
    },
    storage::{
        Db, StoreError, account_ledger,
        sessions::{self, Failures},
    },
    usecases::Error,
};

/// How long failures of a name at one place are counted together, seconds; a success there forgets them sooner. Of what has reached its
/// limit nothing is forgotten before this was quiet.
const FORGOTTEN_SECONDS: i64 = 86_400;

/// How long a network is known for an account that has logged in from it, seconds.
pub(super) const REMEMBERED_SECONDS: i64 = 90 * 86_400;

/// From where someone guesses, as far as the owner of the name is known there.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// The owner's browser, by the id in its device cookie.
    Device(&'a str),
    /// A session of the owner's.
    Session(&'a str),
    /// A network from which the owner has logged in.
    Network(IpAddr),
    /// Anywhere else.
    Strange(IpAddr),
}

/// Whose failures are counted, under which subjects.
#[derive(Clone)]
pub(super) struct Guesser {
    /// What a success forgets comes first.
    subjects: Vec<Subject>,
}

#[derive(Clone)]
struct Subject {
    key: String,
    limit: i64,
    /// How long failures below the limit are counted together.
    window_seconds: i64,
    /// What the ledger says where the limit is reached.
    reason: &'static str,
}

impl Guesser {
    /// Of a name as typed, and a place.
    pub(super) fn new(name: &str, place: Place<'_>, limits: ThrottleSettings) -> Self {
        let account = subject_of(name);
        let own = |mark: &str, place: &str, reason| Subject {
            key: format!("{account}{mark}{place}"),
            limit: limits.account_failures,
            window_seconds: FORGOTTEN_SECONDS,
            reason,
        };
        let at = |address| {
            own(
                "@",
                &network_of(address).to_string(),
                "该用户名在该地址的失败次数达到上限",
            )
        };
        let subjects = match place {
            Place::Device(id) => vec![own("#", id, "该用户名在本人用过的浏览器中失败次数达到上限")],
            Place::Session(id) => vec![own("!", id, "该用户名在已登录的会话中失败次数达到上限")],
            Place::Network(address) => vec![at(address)],
            Place::Strange(address) => vec![
                at(address),
                Subject {
                    key: account.clone(),
                    limit: limits.name_failures,
                    window_seconds: limits.window_seconds,
                    reason: "该用户名正被人猜测密码：从陌生浏览器和地址登录须等待",
                },
                of_network("address", address, limits),
            ],
        };
        Self { subjects }
    }

    /// Of who sends tokens that nobody was given.
    pub(super) fn of_tokens(address: IpAddr, limits: ThrottleSettings) -> Self {
        Self {
            subjects: vec![of_network("token", address, limits)],
        }
    }

    /// Refuses where a limit is reached and the wait is not over.
    pub(super) fn check(&self, db: &mut Db, limits: ThrottleSettings, now: Moment) -> Result<(), Error> {
        let mut free_at = now;
        for subject in &self.subjects {
            if let Some(known) = subject.running(db, now)? {
                free_at = free_at.max(known.last_at.plus_seconds(subject.wait_seconds(known.failures, limits)));
            }
        }
        match free_at.micros() - now.micros() {
            0 => Ok(()),
            // Rounded up: who waits that long is let in.
            micros => Err(Error::Throttled {
                retry_after: (micros + 999_999) / 1_000_000,
            }),
        }
    }

    /// Counts a failure; answers what the ledger says of the limits that are reached by it.
    pub(super) fn count(&self, db: &mut Db, now: Moment) -> Result<Vec<&'static str>, StoreError> {
        let mut reached = Vec::new();
        for subject in &self.subjects {
            let known = subject.running(db, now)?;
            let counted = Failures {
                failures: known.map_or(0, |k| k.failures) + 1,
                since: known.map_or(now, |k| k.since),
                last_at: now,
            };
            sessions::set_failures(db, &subject.key, counted)?;
            if counted.failures == subject.limit {
                reached.push(subject.reason);
            }
        }
        Ok(reached)
    }

    /// Forgets the failures of the name at this place after a success. Those of strangers at the name, and of the network, stay: who owns
    /// one account must not guess at others freely.
    pub(super) fn forget(&self, db: &mut Db) -> Result<(), StoreError> {
        match self.subjects.first() {
            Some(subject) => sessions::clear_failures(db, &subject.key).map(|_| ()),
            None => Ok(()),
        }
    }
}

impl Subject {
    /// The failures that count now.
    fn running(&self, db: &mut Db, now: Moment) -> Result<Option<Failures>, StoreError> {
        let known = sessions::failures(db, &self.key)?;
        Ok(known.filter(|k| {
            let since = if k.failures < self.limit { k.since } else { k.last_at };
            let window = if k.failures < self.limit {
                self.window_seconds
            } else {
                FORGOTTEN_SECONDS
            };
            // A clock that was set back forgets nothing, and locks nobody out for longer than it was set back.
            k.last_at <= now && now < since.plus_seconds(window)
        }))
    }

    /// How long after its last failure someone waits.
    fn wait_seconds(&self, failures: i64, limits: ThrottleSettings) -> i64 {
        let beyond = failures - self.limit;
        if beyond < 0 {
            return 0;
        }
        let doubled = u32::try_from(beyond).ok().and_then(|n| 2_i64.checked_pow(n));
        doubled
            .and_then(|factor| limits.first_seconds.checked_mul(factor))
            .map_or(limits.longest_seconds, |wait| wait.min(limits.longest_seconds))
    }
}

/// All failures of a network.
fn of_network(what: &str, address: IpAddr, limits: ThrottleSettings) -> Subject {
    Subject {
        key: format!("{what}:{}", network_of(address)),
        limit: limits.address_failures,
        window_seconds: limits.window_seconds,
        reason: "该地址失败次数达到上限",
    }
}

/// What failures of a name are counted under. The name is hashed: people type passwords into the wrong field.
fn subject_of(name: &str) -> String {
    format!("account:{}", name_hash(name))
}

/// A name without regard to how it is written, hashed.
pub(super) fn name_hash(name: &str) -> String {
    hex::encode(Sha256::digest(username::folded(name)))
}

/// Forgets the failures of an account, wherever they were made; answers whether there were any.
pub(in crate::usecases) fn forget(db: &mut Db, username: &str) -> Result<bool, StoreError> {
    sessions::clear_failures_below(db, &subject_of(username))
}

/// Counts a failed guess and enters it in the account ledger, and once more for each limit that is reached by it. What is refused
/// while someone waits is not entered, so that nobody fills the ledger by knocking.
pub(super) fn record(db: &mut Db, guesser: &Guesser, address: IpAddr, event: AccountEvent) -> Result<(), StoreError> {
    let event = AccountEvent {
        address: Some(address.to_string()),
        ..event
    };
    let reached = guesser.count(db, event.at)?;
    account_ledger::append(db, event.clone())?;
    for reason in reached {
        let mut told = AccountEvent::new(event.at, AccountAction::Throttle);
        told.account = event.account.clone();
        told.address = event.address.clone();
        told.reason = Some(reason.to_owned());
        account_ledger::append(db, told)?;
    }
    Ok(())
}

/// What one subscriber holds: an IPv4 address, or an IPv6 network of 64 bits.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ThrottleSettings = ThrottleSettings {
        window_seconds: 900,
        account_failures: 10,
        name_failures: 50,
        address_failures: 100,
        first_seconds: 30,
        longest_seconds: 900,
    };

    fn keys(name: &str, place: Place<'_>) -> Vec<String> {
        Guesser::new(name, place, LIMITS)
            .subjects
            .into_iter()
            .map(|s| s.key)
            .collect()
    }

    #[test]
    fn who_is_counted_together() {
        let of = |name: &str, address: &str| keys(name, Place::Strange(address.parse().unwrap()));
        assert_eq!(of("Zhang", "10.0.0.1"), of("ｚhang", "::ffff:10.0.0.1"));
        let (zhang, other, elsewhere) = (
            of("zhang", "10.0.0.1"),
            of("zhang1", "10.0.0.1"),
            of("zhang", "10.0.0.2"),
        );
        assert!(zhang[0] != other[0] && zhang[1] != other[1] && zhang[2] == other[2]);
        assert!(zhang[0] != elsewhere[0] && zhang[1] == elsewhere[1] && zhang[2] != elsewhere[2]);
        assert_eq!(of("a", "2001:db8:1:2::1")[2], of("a", "2001:db8:1:2:ffff::9")[2]);
        assert_ne!(of("a", "2001:db8:1:2::1")[2], of("a", "2001:db8:1:3::1")[2]);
        assert!(!of("secret-password", "10.0.0.1").concat().contains("secret"));
        // Whoever is known is counted apart from strangers.
        let known = keys("zhang", Place::Device("d"))
            .into_iter()
            .chain(keys("zhang", Place::Session("s")));
        assert!(
            known
                .into_iter()
                .all(|key| key.starts_with(&zhang[1]) && !zhang.contains(&key))
        );
        assert_eq!(keys("zhang", Place::Network("10.0.0.1".parse().unwrap())), zhang[..1]);
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let subject = &Guesser::new("zhang", Place::Device("d"), LIMITS).subjects[0];
        let waits: Vec<i64> = [9, 10, 11, 12, 13, 14, 15, 500]
            .map(|n| subject.wait_seconds(n, LIMITS))
            .into();
        assert_eq!(waits, [0, 30, 60, 120, 240, 480, 900, 900]);
    }
}
