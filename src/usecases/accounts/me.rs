//! What someone is told of their own account.

use serde::Serialize;

use super::{Caller, standing::PasswordStanding};
use crate::{
    domain::time::{Date, Moment},
    storage::accounts::{self, Account},
    usecases::{Context, Error},
};

/// An account, for showing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Me {
    /// Name.
    pub username: String,
    /// Roles held.
    pub roles: Vec<MyRole>,
    /// Agency that it belongs to.
    pub agency: Option<MyAgency>,
    /// Registrar certificate that it holds.
    pub certificate: Option<MyCertificate>,
    /// Whether nothing but changing the password is allowed.
    pub password_must_change: bool,
    /// From when on the password must be changed; null where the policy knows no age.
    pub password_expires_at: Option<Moment>,
}

/// A role with its Chinese name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MyRole {
    /// The id.
    pub id: &'static str,
    /// The Chinese name.
    pub label: &'static str,
}

/// An agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyAgency {
    /// Its code; null where history named the agency without one.
    pub code: Option<String>,
    /// Its name.
    pub name: String,
}

/// A registrar certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyCertificate {
    /// Its number.
    pub number: String,
    /// First day of validity.
    pub issued_on: Date,
    /// Last day of validity; null where it does not run out.
    pub valid_until: Option<Date>,
    /// Whether it is valid today, in Beijing.
    pub valid_today: bool,
}

/// What the caller is told of the own account.
pub fn me(ctx: &Context, caller: &Caller) -> Me {
    describe(ctx, &caller.account)
}

/// The account of a key.
///
/// # Errors
/// [`Error::NotFound`] where there is none.
pub async fn show_user(ctx: &Context, id: i64) -> Result<Me, Error> {
    let account = ctx.store.read(move |db| accounts::find(db, id)).await?;
    let account = account.ok_or(Error::NotFound)?;
    Ok(describe(ctx, &account))
}

fn describe(ctx: &Context, account: &Account) -> Me {
    let now = ctx.clock.now();
    let password = PasswordStanding::of(account, &ctx.settings.auth.password, now);
    Me {
        username: account.username.clone(),
        roles: account
            .roles
            .iter()
            .map(|r| MyRole {
                id: r.id(),
                label: r.label(),
            })
            .collect(),
        agency: account.agency.as_ref().map(|a| MyAgency {
            code: a.code.clone(),
            name: a.name.clone(),
        }),
        certificate: account.certificate.as_ref().map(|c| MyCertificate {
            number: c.number.clone(),
            issued_on: c.issued_on,
            valid_until: c.valid_until,
            valid_today: c.is_valid_on(now.date()),
        }),
        password_must_change: password.must_change,
        password_expires_at: password.expires_at,
    }
}
