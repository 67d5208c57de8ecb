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
    let (id, clock, name) = (
        caller.session_id.clone(),
        ctx.clock.clone(),
        caller.actor.username.clone(),
    );
    ctx.store
        .write(move |db| {
            let now = clock.now();
            sessions::end(db, &id, "logout", now)?;
            let event = AccountEvent::new(now, AccountAction::LogOut).by_oneself(&name);
            Ok::<_, Error>(account_ledger::append(db, event)?)
        })
        .await?;
    tracing::info!(user = %caller.actor.username, "log-out");
    Ok(())
}
