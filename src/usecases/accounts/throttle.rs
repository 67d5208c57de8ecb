//! The brake on guessing passwords: failures are counted per account and per address within a window; who reaches the limit waits
//! for the window's end. What is counted for an account is the name that was typed, whether there is such an account or not.

use std::net::IpAddr;

use sha2::{Digest as _, Sha256};

use super::username;
use crate::{
    config::ThrottleSettings,
    domain::time::Moment,
    storage::{Db, StoreError, sessions},
    usecases::Error,
};

/// Whose failures are counted together.
#[derive(Debug, Clone)]
pub(super) struct Guesser {
    account: String,
    address: String,
}

impl Guesser {
    /// Of a name as typed, and an address. The name is hashed: people type passwords into the wrong field.
    pub(super) fn new(name: &str, address: IpAddr) -> Self {
        Self {
            account: format!("account:{}", hex::encode(Sha256::digest(username::folded(name)))),
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

    /// Counts a failure; the first one after a window's end begins a new window.
    pub(super) fn count(&self, db: &mut Db, limits: ThrottleSettings, now: Moment) -> Result<(), StoreError> {
        for (subject, _) in self.limited(limits) {
            let running = sessions::failures(db, subject)?
                .filter(|(_, since)| *since <= now && now < since.plus_seconds(limits.window_seconds));
            let (failures, since) = running.unwrap_or((0, now));
            sessions::set_failures(db, subject, failures + 1, since)?;
        }
        Ok(())
    }

    /// Forgets the account's failures after a success. The address's stay: who owns one account must not guess at others freely.
    pub(super) fn forget_account(&self, db: &mut Db) -> Result<(), StoreError> {
        sessions::clear_failures(db, &self.account)
    }

    fn limited(&self, limits: ThrottleSettings) -> [(&str, i64); 2] {
        [
            (&self.account, limits.account_failures),
            (&self.address, limits.address_failures),
        ]
    }
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
