//! Logging out.

use super::Caller;
use crate::{
    domain::account_ledger::{AccountAction, AccountEvent},
    storage::{account_ledger, sessions},
    usecases::{Context, Error},
};

/// Ends the caller's session: from now on neither its access tokens nor its refresh token hold.
///
/// # Errors
/// Where the store does not answer.
pub async fn logout(ctx: &Context, caller: &Caller) -> Result<(), Error> {
    let (id, now) = (caller.session_id.clone(), ctx.clock.now());
    let event = AccountEvent::new(now, AccountAction::LogOut).by_oneself(&caller.actor.username);
    ctx.store
        .write(move |db| {
            sessions::end(db, &id, "logout", now)?;
            Ok::<_, Error>(account_ledger::append(db, event.clone())?)
        })
        .await?;
    tracing::info!(user = %caller.actor.username, "log-out");
    Ok(())
}
