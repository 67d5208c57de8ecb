//! The brake on guessing passwords: failures are counted per account and per address within a window; who reaches the limit waits
//! for the window's end. What is counted for an account is the name that was typed, whether there is such an account or not.

use std::net::IpAddr;

use sha2::{Digest as _, Sha256};

use super::username;
use crate::{
    config::ThrottleSettings,
    domain::{
        account_ledger::{AccountAction, AccountEvent},
        time::Moment,
    },
    storage::{Db, StoreError, account_ledger, sessions},
    usecases::Error,
};

/// Whose failures are counted together.
#[derive(Debug, Clone)]
pub(super) struct Guesser {
    account: String,
    address: String,
}

impl Guesser {
    /// Of a name as typed, and an address.
    pub(super) fn new(name: &str, address: IpAddr) -> Self {
        Self {
            account: subject_of(name),
            address: format!("address:{}", network_of(address)),
        }
    }

    /// Refuses where a limit is reached.
    pub(super) fn check(&self, db: &mut Db, limits: ThrottleSettings, now: Moment) -> Result<(), Error> {
        let mut free_at = now;
        for (subject, limit) in self.limited(limits) {
            if let Some((failures, since)) = sessions::failures(db, subject)?
                && failures >= limit
            {
                free_at = free_at.max(since.plus_seconds(limits.window_seconds));
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

    /// Counts a failure; the first one after a window's end begins a new window. Answers whether it is the one by which the
    /// account, and the address, reach their limits.
    pub(super) fn count(&self, db: &mut Db, limits: ThrottleSettings, now: Moment) -> Result<[bool; 2], StoreError> {
        let mut reached = [false; 2];
        for ((subject, limit), reached) in self.limited(limits).into_iter().zip(&mut reached) {
            let running = sessions::failures(db, subject)?
                .filter(|(_, since)| *since <= now && now < since.plus_seconds(limits.window_seconds));
            let (failures, since) = running.unwrap_or((0, now));
            sessions::set_failures(db, subject, failures + 1, since)?;
            *reached = failures + 1 == limit;
        }
        Ok(reached)
    }

    /// Forgets the account's failures after a success. The address's stay: who owns one account must not guess at others freely.
    pub(super) fn forget_account(&self, db: &mut Db) -> Result<(), StoreError> {
        sessions::clear_failures(db, &self.account).map(|_| ())
    }

    fn limited(&self, limits: ThrottleSettings) -> [(&str, i64); 2] {
        [
            (&self.account, limits.account_failures),
            (&self.address, limits.address_failures),
        ]
    }
}

/// What failures of a name are counted under. The name is hashed: people type passwords into the wrong field.
fn subject_of(name: &str) -> String {
    format!("account:{}", hex::encode(Sha256::digest(username::folded(name))))
}

/// Forgets the failures of an account; answers whether there were any.
pub(in crate::usecases) fn forget(db: &mut Db, username: &str) -> Result<bool, StoreError> {
    sessions::clear_failures(db, &subject_of(username))
}

/// Counts a failed guess and enters it in the account ledger, and once more where a limit is reached by it. What is refused
/// afterwards until the window's end is not entered, so that nobody fills the ledger by knocking.
pub(super) fn record(
    db: &mut Db,
    guesser: &Guesser,
    limits: ThrottleSettings,
    address: IpAddr,
    event: AccountEvent,
) -> Result<(), StoreError> {
    let event = AccountEvent {
        address: Some(address.to_string()),
        ..event
    };
    let reached = guesser.count(db, limits, event.at)?;
    account_ledger::append(db, event.clone())?;
    let reasons = ["该用户名失败次数达到上限", "该地址失败次数达到上限"];
    for (reason, _) in reasons.into_iter().zip(reached).filter(|(_, reached)| *reached) {
        let mut told = AccountEvent::new(event.at, AccountAction::Throttle);
        told.account = event.account.clone();
        told.address = event.address.clone();
        told.reason = Some(reason.to_owned());
        account_ledger::append(db, told)?;
    }
    Ok(())
}

/// What one subscriber holds: an IPv4 address, or an IPv6 network of 64 bits.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_counted_together() {
        let of = |name: &str, address: &str| {
            let guesser = Guesser::new(name, address.parse().unwrap());
            (guesser.account, guesser.address)
        };
        assert_eq!(of("Zhang", "10.0.0.1"), of("ｚhang", "::ffff:10.0.0.1"));
        assert_ne!(of("zhang", "10.0.0.1").0, of("zhang1", "10.0.0.1").0);
        assert_ne!(of("zhang", "10.0.0.1").1, of("zhang", "10.0.0.2").1);
        assert_eq!(of("a", "2001:db8:1:2::1").1, of("a", "2001:db8:1:2:ffff::9").1);
        assert_ne!(of("a", "2001:db8:1:2::1").1, of("a", "2001:db8:1:3::1").1);
        assert!(!of("secret-password", "10.0.0.1").0.contains("secret"));
    }
}
