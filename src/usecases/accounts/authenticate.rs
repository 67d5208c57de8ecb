//! Who is asking.

use super::token;
use crate::{
    domain::account::Actor,
    storage::{
        accounts::{self, Account},
        sessions,
    },
    usecases::{Context, Error},
};

/// Someone who is logged in.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account as it is in the store now.
    pub account: Account,
    /// The session.
    pub session_id: String,
    /// The same person, as the policy sees them.
    pub actor: Actor,
}

/// Whom an access token belongs to. Session, roles, agency and certificate are read at every request: what an administrator
/// changes or a log-out ends holds from the next request on.
///
/// # Errors
/// [`Error::Unauthenticated`] where the token does not hold or its session is over.
pub async fn authenticate(ctx: &Context, bearer: &str) -> Result<Caller, Error> {
    let now = ctx.clock.now();
    let claims = token::verify(ctx, bearer, now)?;
    ctx.store
        .read(move |db| {
            let session = sessions::find_live(db, &claims.sid, now)?.ok_or(Error::Unauthenticated)?;
            let account = accounts::find(db, session.user_id)?
                .filter(|a| a.username == claims.sub)
                .ok_or(Error::Unauthenticated)?;
            Ok(Caller {
                actor: account.actor(),
                account,
                session_id: session.id,
            })
        })
        .await
}
