//! Who is asking.

use super::{standing::PasswordStanding, token};
use crate::{
    config::PasswordSettings,
    domain::{account::Actor, policy::Denial, time::Moment},
    storage::{
        accounts::{self, Account},
        sessions,
    },
    usecases::{Context, Error},
};

/// Someone who is logged in.
#[derive(Clone)]
pub struct Caller {
    /// The account as it is in the store now.
    pub account: Account,
    /// The session.
    pub session_id: String,
    /// The same person, as the policy sees them.
    pub actor: Actor,
    /// Whether the password must be changed before anything else.
    pub password: PasswordStanding,
}

impl Caller {
    /// Lets through to what is not about the own account.
    ///
    /// # Errors
    /// [`Denial::PasswordMustChange`] while the password was given by somebody else or is too old.
    pub fn admit(&self) -> Result<(), Error> {
        if self.password.must_change {
            return Err(Denial::PasswordMustChange.into());
        }
        Ok(())
    }
}

/// Whom an access token belongs to. Session, roles, agency and certificate are read at every request: what an administrator
/// changes or a log-out ends holds from the next request on.
///
/// # Errors
/// [`Error::Unauthenticated`] where the token does not hold or its session is over.
pub async fn authenticate(ctx: &Context, bearer: &str) -> Result<Caller, Error> {
    let policy = ctx.settings.auth.password;
    let (context, bearer) = (ctx.clone(), bearer.to_owned());
    ctx.store
        .read(move |db| {
            // Within the transaction: a token that another server issued is not of the future here, whatever the clocks say.
            let now = context.clock.now();
            let claims = token::verify(&context, &bearer, now)?;
            let session = sessions::find_live(db, &claims.sid, now)?.ok_or(Error::Unauthenticated)?;
            let account = accounts::find(db, session.user_id)?
                .filter(|a| a.username == claims.sub && a.locked_at.is_none())
                .ok_or(Error::Unauthenticated)?;
            Ok(caller_of(account, session.id, &policy, now))
        })
        .await
}

pub(super) fn caller_of(account: Account, session_id: String, policy: &PasswordSettings, now: Moment) -> Caller {
    Caller {
        actor: account.actor(),
        password: PasswordStanding::of(&account, policy, now),
        account,
        session_id,
    }
}
