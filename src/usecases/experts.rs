//! The experts whom a panel may be made of: what a convener needs to choose them, and nothing else of their accounts.

use crate::{
    domain::{
        account::{Actor, Role},
        policy,
        text::key,
    },
    storage::accounts::{self, Account},
    usecases::{Context, Error},
};

/// Someone who may be asked to a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expert {
    /// Key of the account.
    pub id: i64,
    /// Name of the account, by which panels know the expert.
    pub username: String,
    /// Name of the person.
    pub full_name: Option<String>,
    /// Employer, for conflicts of interest.
    pub employer: Option<String>,
}

impl Expert {
    fn of(account: Account) -> Self {
        Self {
            id: account.id,
            username: account.username,
            full_name: account.profile.full_name,
            employer: account.profile.employer,
        }
    }
}

/// Lets through whoever may see who the experts are.
///
/// # Errors
/// Who is neither reviewer nor auditor.
pub fn may_read(actor: &Actor) -> Result<(), Error> {
    policy::decide_read_experts(actor)?;
    Ok(())
}

/// Up to `limit` experts who can log in, after a key, in the order in which their accounts were added; with `q`, those who have it in
/// the user name, the person's name or the employer, whatever the case.
///
/// # Errors
/// Who is neither reviewer nor auditor.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    q: Option<String>,
    after: Option<i64>,
    limit: usize,
) -> Result<Vec<Expert>, Error> {
    may_read(actor)?;
    let found = ctx
        .store
        .read(move |db| {
            let q = q.as_deref().map(key);
            let has = |text: &str| q.as_deref().is_none_or(|q| key(text).contains(q));
            // Keys begin at 1.
            accounts::page(db, after.unwrap_or(0), limit, |account| {
                let profile = &account.profile;
                account.is_unlocked()
                    && account.roles.contains(&Role::Expert)
                    && (has(&account.username)
                        || profile.full_name.as_deref().is_some_and(has)
                        || profile.employer.as_deref().is_some_and(has))
            })
        })
        .await?;
    Ok(found.into_iter().map(Expert::of).collect())
}
