//! Logging out.

use super::Caller;
use crate::{
    storage::sessions,
    usecases::{Context, Error},
};

/// Ends the caller's session: from now on neither its access tokens nor its refresh token hold.
///
/// # Errors
/// Where the store does not answer.
pub async fn logout(ctx: &Context, caller: &Caller) -> Result<(), Error> {
    let (id, now) = (caller.session_id.clone(), ctx.clock.now());
    ctx.store
        .write(move |db| Ok::<_, Error>(sessions::end(db, &id, "logout", now)?))
        .await?;
    tracing::info!(user = %caller.actor.username, "log-out");
    Ok(())
}
