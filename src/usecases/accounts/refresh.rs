//! Giving new tokens for a refresh token, which is good for one use.

use std::net::IpAddr;

use super::{Tokens, throttle::Guesser, token};
use crate::{
    domain::account_ledger::{AccountAction, AccountEvent},
    storage::{Db, account_ledger, accounts, sessions},
    usecases::{Context, Error, seam},
};

/// What came of it; both are committed.
enum Outcome {
    Given(Tokens),
    /// The token had been used: the session is over.
    Reused {
        session_id: String,
    },
}

/// Uses a refresh token up and gives a new pair. A token that was used before has leaked, or a client is at fault: its session
/// ends, for whoever holds the newer tokens too. Of two refreshes with the same token at the same moment one is given tokens, the
/// other counts as reuse and ends the session: a client must refresh one at a time.
///
/// # Errors
/// [`Error::Unauthenticated`] where the token is unknown, used or too old, or its session is over; [`Error::Throttled`] where too many
/// unknown ones came from the network. Who holds a token that was given is never braked: it cannot be guessed.
pub async fn refresh(ctx: &Context, refresh_token: &str, address: IpAddr) -> Result<Tokens, Error> {
    let hash = token::hash_of(refresh_token);
    let (limits, known) = (ctx.settings.auth.throttle, hash.clone());
    let guesser = Guesser::of_tokens(address, limits);
    let (checking, clock) = (guesser.clone(), ctx.clock.clone());
    let known = ctx
        .store
        .read(move |db| match sessions::find_token(db, &known)? {
            Some(_) => Ok(true),
            None => checking.check(db, limits, clock.now()).map(|()| false),
        })
        .await?;
    if !known {
        let clock = ctx.clock.clone();
        ctx.store.write(move |db| guesser.count(db, clock.now())).await?;
        return Err(Error::Unauthenticated);
    }
    let next = seam::random_token()?;
    let ctx_ = ctx.clone();
    match ctx.store.write(move |db| exchange(&ctx_, db, &hash, &next)).await? {
        Outcome::Given(tokens) => Ok(tokens),
        Outcome::Reused { session_id } => {
            tracing::warn!(%session_id, "a refresh token was used twice; its session has been ended");
            Err(Error::Unauthenticated)
        }
    }
}

/// An error undoes everything; so reuse, whose ending of the session must last, is an answer.
fn exchange(ctx: &Context, db: &mut Db, hash: &str, next: &str) -> Result<Outcome, Error> {
    let now = ctx.clock.now();
    let given = sessions::find_token(db, hash)?.ok_or(Error::Unauthenticated)?;
    let session = sessions::find_live(db, &given.session_id, now)?.ok_or(Error::Unauthenticated)?;
    let account = accounts::find(db, session.user_id)?.ok_or(Error::Unauthenticated)?;
    if given.used_at.is_some() {
        sessions::end(db, &session.id, "refresh_token_reused", now)?;
        let mut event = AccountEvent::new(now, AccountAction::EndSession).about(&account.username);
        event.reason = Some("刷新令牌被重复使用".to_owned());
        account_ledger::append(db, event)?;
        return Ok(Outcome::Reused { session_id: session.id });
    }
    if given.issued_at.plus_seconds(ctx.settings.auth.refresh_token_seconds) <= now {
        return Err(Error::Unauthenticated);
    }
    if account.locked_at.is_some() {
        return Err(Error::Unauthenticated);
    }
    if !sessions::use_token(db, hash, now)? {
        return Err(Error::internal(
            "a refresh token was used within the only writing transaction",
        ));
    }
    sessions::insert_token(db, &token::hash_of(next), &session.id, now)?;
    token::issue(ctx, &account.username, &session, next.to_owned(), now).map(Outcome::Given)
}
