//! The own sessions: where one is logged in, and ending what one does not know or need any more.

use super::Caller;
use crate::{
    domain::{
        account_ledger::{AccountAction, AccountEvent},
        time::Moment,
    },
    storage::{
        account_ledger,
        sessions::{self, LiveSession},
    },
    usecases::{Context, Error},
};

/// A session of the caller's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// The session.
    pub session: LiveSession,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

/// The caller's sessions that are alive, the one that was opened last first. One at the pages that was idle for too long is not.
///
/// # Errors
/// Where the store does not answer.
pub async fn list_sessions(ctx: &Context, caller: &Caller) -> Result<Vec<SessionView>, Error> {
    let (user_id, clock, auth) = (caller.account.id, ctx.clock.clone(), &ctx.settings.auth);
    let (idle, refresh) = (auth.idle_seconds, auth.refresh_token_seconds);
    let (live, now) = ctx
        .store
        .read(move |db| {
            let now = clock.now();
            Ok::<_, Error>((sessions::live_of(db, user_id, now)?, now))
        })
        .await?;
    let current = &caller.session_id;
    let views = live.into_iter().filter_map(|session| {
        let is_current = session.id == *current;
        let seconds = if session.is_page { idle } else { refresh };
        let alive = is_current || now < session.seen_at.plus_seconds(seconds);
        alive.then_some(SessionView { session, is_current })
    });
    Ok(views.collect())
}

/// Ends one of the caller's sessions, the own one too.
///
/// # Errors
/// [`Error::NotFound`] where the caller has no such session, or it is over.
pub async fn end_session(ctx: &Context, caller: &Caller, id: String) -> Result<(), Error> {
    let (by, clock) = (caller.clone(), ctx.clock.clone());
    // PostgreSQL takes no U+0000, and no id has one.
    if id.contains('\0') {
        return Err(Error::NotFound);
    }
    ctx.store
        .write(move |db| {
            let now = clock.now();
            sessions::find_live(db, &id, now)?
                .filter(|session| session.user_id == by.account.id)
                .ok_or(Error::NotFound)?;
            sessions::end(db, &id, "ended_by_owner", now)?;
            Ok::<_, Error>(account_ledger::append(db, ended(&by, now, "本人结束"))?)
        })
        .await
}

/// Ends all of the caller's sessions but the one that asks.
///
/// # Errors
/// Where the store does not answer.
pub async fn end_other_sessions(ctx: &Context, caller: &Caller) -> Result<(), Error> {
    let (by, clock) = (caller.clone(), ctx.clock.clone());
    ctx.store
        .write(move |db| {
            let now = clock.now();
            sessions::end_others(db, by.account.id, &by.session_id, "ended_by_owner", now)?;
            Ok::<_, Error>(account_ledger::append(db, ended(&by, now, "本人结束其他登录"))?)
        })
        .await
}

fn ended(caller: &Caller, now: Moment, reason: &str) -> AccountEvent {
    let event = AccountEvent::new(now, AccountAction::EndSession).by_oneself(&caller.actor.username);
    AccountEvent {
        reason: Some(reason.to_owned()),
        ..event
    }
}
