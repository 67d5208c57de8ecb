//! Logging in.

use std::net::IpAddr;

use super::{
    Tokens,
    throttle::{Guesser, record},
    token, username,
};
use crate::{
    domain::{
        account_ledger::{AccountAction, AccountEvent, AccountResult},
        time::Moment,
    },
    storage::{
        Db, account_ledger,
        accounts::{self, Account},
        sessions::{self, Session},
    },
    usecases::{Context, Error, errand::Errand, seam},
};

/// What is over is swept out a day later, so that a clock set back finds it.
const SWEEP_AFTER_SECONDS: i64 = 86_400;

/// Opens a session for a name (written as it was given out) and its password. `address` is the client's, for counting failures.
///
/// A locked account answers as a wrong password does, and is counted like one: nobody learns which accounts are locked, or there.
///
/// The whole attempt runs to its end even where the caller goes away, so that hanging up early saves no guess from being counted.
///
/// # Errors
/// [`Error::Credentials`] where name or password are wrong (it never says which), [`Error::Throttled`] after too many failures.
pub async fn login(ctx: &Context, name: &str, password: &str, address: IpAddr) -> Result<Tokens, Error> {
    let refresh_token = seam::random_token()?;
    let ctx_ = ctx.clone();
    open(ctx, name, password, address, move |db, account, session, now| {
        sessions::insert_token(db, &token::hash_of(&refresh_token), &session.id, now)?;
        // Signed before the commit: a session for which no token can be signed is not opened.
        token::issue(&ctx_, &account.username, session, refresh_token.clone(), now)
    })
    .await
}

/// Opens a session for who knows the password; `grant` gives, in the same transaction, what the session is known by. It goes to its
/// end even where the caller goes away: a failure that nobody waits for is counted all the same.
pub(super) async fn open<T: Send + 'static>(
    ctx: &Context,
    name: &str,
    password: &str,
    address: IpAddr,
    grant: impl Fn(&mut Db, &Account, &Session, Moment) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (ctx, name, password) = (ctx.clone(), username::normalised(name), password.to_owned());
    let carried = Errand::current().unwatched();
    tokio::spawn(carried.scope(async move { attempt(&ctx, name, &password, address, grant).await }))
        .await
        .map_err(Error::internal)?
}

async fn attempt<T: Send + 'static>(
    ctx: &Context,
    name: String,
    password: &str,
    address: IpAddr,
    grant: impl Fn(&mut Db, &Account, &Session, Moment) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let guesser = Guesser::new(&name, address);
    let limits = ctx.settings.auth.throttle;
    let clock = ctx.clock.clone();
    // The failures are looked at once the place is had, and counted before it is given back: of many guesses made at the same
    // moment, no more than there are places pass the limit.
    let place = ctx.passwords.place().await?;
    let account = {
        let (guesser, clock) = (guesser.clone(), ctx.clock.clone());
        ctx.store
            .read(move |db| {
                guesser.check(db, limits, clock.now())?;
                Ok::<_, Error>(accounts::find_by_name(db, &name)?)
            })
            .await?
    };
    let hash = account.as_ref().map(|a| a.password_hash.as_str());
    let right = place.verify(password, hash).await?;
    let mut event = AccountEvent::new(ctx.clock.now(), AccountAction::LogIn);
    event.account = account.as_ref().map(|a| a.username.clone());
    event.result = match &account {
        None => AccountResult::UnknownUser,
        Some(a) if a.locked_at.is_some() => AccountResult::Locked,
        Some(_) if !right => AccountResult::WrongPassword,
        Some(_) => AccountResult::Done,
    };
    let Some(account) = account.filter(|_| event.result == AccountResult::Done) else {
        ctx.store
            .write(move |db| {
                let at = clock.now();
                let event = AccountEvent { at, ..event.clone() };
                Ok::<_, Error>(record(db, &guesser, limits, address, event)?)
            })
            .await?;
        tracing::info!(%address, "failed log-in");
        return Err(Error::Credentials);
    };
    let rehashed = match place.is_outdated(&account.password_hash) {
        true => Some(place.hash(password).await?),
        false => None,
    };
    let (id, seconds) = (seam::random_token()?, ctx.settings.auth.session_seconds);
    let user = account.username.clone();
    let granted = ctx
        .store
        .write(move |db| {
            let now = clock.now();
            let session = Session {
                id: id.clone(),
                user_id: account.id,
                expires_at: now.plus_seconds(seconds),
            };
            let swept = now.plus_seconds(-limits.window_seconds.max(SWEEP_AFTER_SECONDS));
            // The password may have been changed since it was read, or the account locked.
            let current = accounts::find(db, account.id)?.ok_or(Error::Credentials)?;
            if current.password_hash != account.password_hash || current.locked_at.is_some() {
                return Err(Error::Credentials);
            }
            if let Some(hash) = &rehashed {
                accounts::replace_hash(db, account.id, &account.password_hash, hash)?;
            }
            guesser.forget_account(db)?;
            sessions::sweep(db, swept)?;
            sessions::insert(db, &session, now)?;
            let granted = grant(db, &account, &session, now)?;
            let mut event = AccountEvent::new(now, AccountAction::LogIn).by_oneself(&account.username);
            event.address = Some(address.to_string());
            account_ledger::append(db, event)?;
            Ok(granted)
        })
        .await?;
    tracing::info!(%user, %address, "log-in");
    Ok(granted)
}
