//! An account as administrators and auditors see it.

use crate::{
    domain::time::{Date, Moment},
    storage::accounts::Account,
    usecases::{Context, accounts::PasswordStanding},
};

/// An account, for showing; its password hash is not shown.
#[derive(Debug, Clone)]
pub struct UserView {
    /// The account.
    pub account: Account,
    /// How its password stands.
    pub password: PasswordStanding,
    /// The day on which it is shown, Beijing time's: a certificate is valid or not on it.
    pub today: Date,
}

impl UserView {
    pub(super) fn of(ctx: &Context, account: Account, now: Moment) -> Self {
        Self {
            password: PasswordStanding::of(&account, &ctx.settings.auth.password, now),
            account,
            today: now.date(),
        }
    }
}

/// An account that was given a password.
#[derive(Clone)]
pub struct UserGiven {
    /// The account.
    pub user: UserView,
    /// The random password, told once; none where the caller gave one.
    pub initial_password: Option<String>,
}

impl std::fmt::Debug for UserGiven {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserGiven")
            .field("username", &self.user.account.username)
            .finish_non_exhaustive()
    }
}
