//! Listing accounts.

use super::UserView;
use crate::{
    domain::{
        account::{Actor, Role},
        policy,
        text::key,
    },
    storage::accounts::{self, Account},
    usecases::{Context, Error},
};

/// Which accounts; all that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// That hold this role.
    pub role: Option<Role>,
    /// Of the agency of this code.
    pub agency: Option<String>,
    /// Locked, or not.
    pub locked: Option<bool>,
    /// With this text in the user name or the person's name, whatever the case.
    pub q: Option<String>,
}

impl UserFilter {
    fn wants(&self, account: &Account, q: Option<&str>) -> bool {
        let has = |text: &str| q.is_none_or(|q| key(text).contains(q));
        let code = account.agency.as_ref().and_then(|a| a.code.as_ref());
        self.role.is_none_or(|role| account.roles.contains(&role))
            && self.agency.as_ref().is_none_or(|wanted| code == Some(wanted))
            && self.locked.is_none_or(|locked| account.locked_at.is_some() == locked)
            && (has(&account.username) || account.profile.full_name.as_deref().is_some_and(has))
    }
}

/// Up to `limit` accounts after a key, in the order in which they were added.
///
/// # Errors
/// Who is neither administrator nor auditor.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    filter: UserFilter,
    after: Option<i64>,
    limit: usize,
) -> Result<Vec<UserView>, Error> {
    policy::decide_read_accounts(actor)?;
    let now = ctx.clock.now();
    let found = ctx
        .store
        .read(move |db| {
            let q = filter.q.as_deref().map(key);
            // Keys begin at 1.
            accounts::page(db, after.unwrap_or(0), limit, |a| filter.wants(a, q.as_deref()))
        })
        .await?;
    Ok(found.into_iter().map(|a| UserView::of(ctx, a, now)).collect())
}
