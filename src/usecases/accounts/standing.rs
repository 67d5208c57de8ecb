//! How an account's password stands: good, or to be changed before anything else.

use crate::{
    config::{AuthSettings, PasswordSettings},
    domain::time::Moment,
    storage::accounts::Account,
};

const DAY_SECONDS: i64 = 86_400;

/// How a password stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordStanding {
    /// Whether it was given by somebody else, or is too old.
    pub must_change: bool,
    /// From when on it is too old; none where the policy knows no age.
    pub expires_at: Option<Moment>,
}

impl PasswordStanding {
    /// How the password of an account stands. Computed from the policy in force: another policy holds for passwords set before,
    /// too.
    pub(in crate::usecases) fn of(account: &Account, policy: &PasswordSettings, now: Moment) -> Self {
        let age = policy.max_age_days();
        let expires_at = age.map(|days| account.password_changed_at.plus_seconds(days * DAY_SECONDS));
        Self {
            must_change: account.must_change_password || expires_at.is_some_and(|at| at <= now),
            expires_at,
        }
    }
}

/// Whether a password that somebody else gave was not changed in time: it opens nothing any more.
pub(super) fn is_over(account: &Account, settings: &AuthSettings, now: Moment) -> bool {
    let days = settings.first_password_days;
    let since = account
        .password_changed_at
        .max(account.first_password_since.unwrap_or(account.password_changed_at));
    let over_at = since.plus_seconds(days.saturating_mul(DAY_SECONDS));
    account.must_change_password && days > 0 && over_at <= now
}
