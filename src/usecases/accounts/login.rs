//! Logging in.

use std::net::IpAddr;

use super::{
    Tokens, device,
    standing::is_over,
    throttle::{Guesser, Place, REMEMBERED_SECONDS, network_of, record},
    token, username,
};
use crate::{
    domain::{
        account_ledger::{AccountAction, AccountEvent, AccountResult},
        policy::Denial,
        time::Moment,
    },
    storage::{
        Db, account_ledger,
        accounts::{self, Account},
        sessions::{self, Opened, Session},
    },
    usecases::{Context, Error, errand::Errand, seam},
};

/// What is over is swept out a day later, so that a clock set back finds it.
const SWEEP_AFTER_SECONDS: i64 = 86_400;

/// Longest name of a client that is kept, bytes.
const CLIENT_BYTES: usize = 200;

/// From where someone logs in.
#[derive(Clone)]
pub struct Whence {
    /// The client's address, for counting failures.
    pub address: IpAddr,
    /// What the client calls itself (`User-Agent`).
    pub client: Option<String>,
    /// The browser's device cookie.
    pub device: Option<String>,
    /// The secret of the browser's earlier session, which ends with this log-in.
    pub earlier: Option<String>,
}

impl From<IpAddr> for Whence {
    fn from(address: IpAddr) -> Self {
        Self {
            address,
            client: None,
            device: None,
            earlier: None,
        }
    }
}

impl Whence {
    fn opened(&self) -> Opened {
        let client = self
            .client
            .as_ref()
            .map(|text| text.chars().filter(|c| !c.is_control()).take(CLIENT_BYTES).collect());
        Opened {
            address: Some(self.address.to_string()),
            client,
        }
    }
}

/// Opens a session for a name (written as it was given out) and its password.
///
/// A locked account answers as a wrong password does, and is counted like one: nobody learns which accounts are locked, or there.
///
/// The whole attempt runs to its end even where the caller goes away, so that hanging up early saves no guess from being counted.
///
/// # Errors
/// [`Error::Credentials`] where name or password are wrong (it never says which), [`Error::Throttled`] after too many failures,
/// [`Denial::FirstPasswordOver`] where the password is right, but was given by somebody else too long ago.
pub async fn login(ctx: &Context, name: &str, password: &str, whence: impl Into<Whence>) -> Result<Tokens, Error> {
    let refresh_token = seam::random_token()?;
    let ctx_ = ctx.clone();
    open(ctx, name, password, whence.into(), move |db, account, session, now| {
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
    whence: Whence,
    grant: impl Fn(&mut Db, &Account, &Session, Moment) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (ctx, name, password) = (ctx.clone(), username::normalised(name), password.to_owned());
    let carried = Errand::current().unwatched();
    tokio::spawn(carried.scope(async move { attempt(&ctx, name, &password, whence, grant).await }))
        .await
        .map_err(Error::internal)?
}

async fn attempt<T: Send + 'static>(
    ctx: &Context,
    name: String,
    password: &str,
    whence: Whence,
    grant: impl Fn(&mut Db, &Account, &Session, Moment) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let address = whence.address;
    let limits = ctx.settings.auth.throttle;
    let clock = ctx.clock.clone();
    let device = match &whence.device {
        Some(cookie) => device::known(ctx, cookie, &name, clock.now())?,
        None => None,
    };
    // The failures are looked at once the place is had, and counted before it is given back: of many guesses made at the same
    // moment, no more than there are places pass the limit.
    let place = ctx.passwords.place().await?;
    let (account, guesser) = {
        let clock = ctx.clock.clone();
        ctx.store
            .read(move |db| {
                let now = clock.now();
                let account = accounts::find_by_name(db, &name)?;
                let place = match &device {
                    Some(id) => Place::Device(id),
                    None => place_of(db, account.as_ref(), address, now)?,
                };
                let guesser = Guesser::new(&name, place, limits);
                guesser.check(db, limits, now)?;
                Ok::<_, Error>((account, guesser))
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
                Ok::<_, Error>(record(db, &guesser, address, event)?)
            })
            .await?;
        return Err(Error::Credentials);
    };
    if is_over(&account, &ctx.settings.auth, ctx.clock.now()) {
        event.result = AccountResult::Expired;
        event.address = Some(address.to_string());
        ctx.store
            .write(move |db| {
                let at = clock.now();
                let event = AccountEvent { at, ..event.clone() };
                Ok::<_, Error>(account_ledger::append(db, event)?)
            })
            .await?;
        return Err(Denial::FirstPasswordOver.into());
    }
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
            guesser.forget(db)?;
            sessions::know_network(db, account.id, &network_of(address).to_string(), now)?;
            sessions::sweep(db, swept)?;
            sessions::sweep_networks(db, now.plus_seconds(-REMEMBERED_SECONDS))?;
            if let Some(secret) = &whence.earlier {
                end_earlier(db, secret, now)?;
            }
            sessions::insert(db, &session, &whence.opened(), now)?;
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

/// What a network is to an account.
fn place_of(db: &mut Db, account: Option<&Account>, address: IpAddr, now: Moment) -> Result<Place<'static>, Error> {
    if let Some(account) = account {
        let network = network_of(address).to_string();
        if sessions::knows_network(db, account.id, &network, now.plus_seconds(-REMEMBERED_SECONDS))? {
            return Ok(Place::Network(address));
        }
    }
    Ok(Place::Strange(address))
}

/// Ends the session that a browser had until now, whosever it was: who logs in is alone in it.
fn end_earlier(db: &mut Db, secret: &str, now: Moment) -> Result<(), Error> {
    let Some(page) = sessions::find_page(db, &token::hash_of(secret))? else {
        return Ok(());
    };
    let Some(session) = sessions::find_live(db, &page.session_id, now)? else {
        return Ok(());
    };
    sessions::end(db, &session.id, "replaced", now)?;
    if let Some(account) = accounts::find(db, session.user_id)? {
        let mut event = AccountEvent::new(now, AccountAction::EndSession).about(&account.username);
        event.reason = Some("同一浏览器重新登录".to_owned());
        account_ledger::append(db, event)?;
    }
    Ok(())
}
