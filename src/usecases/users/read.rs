//! Reading one account.

use super::UserView;
use crate::{
    domain::{account::Actor, policy},
    storage::accounts,
    usecases::{Context, Error, accounts::username},
};

/// Lets through whoever may see accounts.
///
/// # Errors
/// Who is neither administrator nor auditor.
pub fn may_read(actor: &Actor) -> Result<(), Error> {
    policy::decide_read_accounts(actor)?;
    Ok(())
}

/// One account, by its name.
///
/// # Errors
/// Who is neither administrator nor auditor (for any name); no such account.
pub async fn read(ctx: &Context, actor: &Actor, name: &str) -> Result<UserView, Error> {
    policy::decide_read_accounts(actor)?;
    let (name, now) = (username::normalised(name), ctx.clock.now());
    let account = ctx.store.read(move |db| accounts::find_by_name(db, &name)).await?;
    Ok(UserView::of(ctx, account.ok_or(Error::NotFound)?, now))
}
