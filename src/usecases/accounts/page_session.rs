//! Sessions of people at the pages, known by a random secret in a cookie.

use std::time::Duration;

use super::{Caller, authenticate::caller_of, device, login, login::Whence, token};
use crate::{
    domain::account_ledger::{AccountAction, AccountEvent},
    storage::{account_ledger, accounts, sessions},
    usecases::{Context, Error, seam},
};

/// A later request within so many seconds of the last one noted is not noted: a page view is no write.
const NOTED_EVERY_SECONDS: i64 = 60;

/// How long a page waits for being noted.
const NOTING: Duration = Duration::from_millis(200);

/// What a browser is given that logs in. Not to be logged.
#[derive(Clone)]
pub struct PageOpened {
    /// The secret for the session's cookie, 43 characters of base64url (256 random bits), kept here as its hash alone.
    pub secret: String,
    /// The device cookie: that this person has logged in in this browser.
    pub device: String,
}

/// Logs in at the pages. The session that the browser had before is over.
///
/// # Errors
/// As [`super::login()`].
pub async fn open_page_session(ctx: &Context, name: &str, password: &str, whence: Whence) -> Result<PageOpened, Error> {
    let secret = seam::random_token()?;
    let ctx_ = ctx.clone();
    login::open(ctx, name, password, whence, move |db, account, session, now| {
        sessions::insert_page(db, &token::hash_of(&secret), &session.id, now)?;
        Ok(PageOpened {
            device: device::issue(&ctx_, &account.username, now)?,
            secret: secret.clone(),
        })
    })
    .await
}

/// Whose cookie it is. Who was idle for longer than `auth.idle_seconds` is no longer known: the session is ended.
///
/// # Errors
/// [`Error::Unauthenticated`] where the session is over, or never was.
pub async fn visit(ctx: &Context, secret: &str) -> Result<Caller, Error> {
    let clock = ctx.clock.clone();
    let (policy, idle) = (ctx.settings.auth.password, ctx.settings.auth.idle_seconds);
    let hash = token::hash_of(secret);
    let known = hash.clone();
    let (caller, page, now) = ctx
        .store
        .read(move |db| {
            let now = clock.now();
            let page = sessions::find_page(db, &known)?.ok_or(Error::Unauthenticated)?;
            let session = sessions::find_live(db, &page.session_id, now)?.ok_or(Error::Unauthenticated)?;
            let account = accounts::find(db, session.user_id)?
                .filter(|a| a.locked_at.is_none())
                .ok_or(Error::Unauthenticated)?;
            Ok::<_, Error>((caller_of(account, session.id, &policy, now), page, now))
        })
        .await?;
    if page.seen_at.plus_seconds(idle) <= now {
        let (clock, name) = (ctx.clock.clone(), caller.actor.username.clone());
        ctx.store
            .write(move |db| {
                let now = clock.now();
                sessions::end(db, &page.session_id, "idle", now)?;
                let mut event = AccountEvent::new(now, AccountAction::EndSession).about(&name);
                event.reason = Some("长时间未操作".to_owned());
                Ok::<_, Error>(account_ledger::append(db, event)?)
            })
            .await?;
        return Err(Error::Unauthenticated);
    }
    if page.seen_at.plus_seconds(NOTED_EVERY_SECONDS) <= now {
        let noting = ctx
            .store
            .write(move |db| Ok::<_, Error>(sessions::see_page(db, &hash, now)?));
        // While somebody else writes for long (an import) nobody waits to read a page: it is noted then, or by a later request.
        if let Ok(noted) = tokio::time::timeout(NOTING, noting).await {
            noted?;
        }
    }
    Ok(caller)
}

/// Whether a cookie's secret is that of a session which there was, over or not.
///
/// # Errors
/// Where the store does not answer.
pub async fn was_page_session(ctx: &Context, secret: &str) -> Result<bool, Error> {
    let hash = token::hash_of(secret);
    Ok(ctx
        .store
        .read(move |db| sessions::find_page(db, &hash))
        .await?
        .is_some())
}
