//! Sessions, their refresh tokens (as hashes), and failed log-ins.

use diesel::prelude::*;

use super::{
    Db, StoreError, at_hand,
    dialect::each,
    schema::{login_failures, login_networks, page_sessions, refresh_tokens, sessions},
};
use crate::domain::time::Moment;

/// A session that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Random id.
    pub id: String,
    /// Key of the account.
    pub user_id: i64,
    /// From when on it is over, whatever is refreshed.
    pub expires_at: Moment,
}

/// Where a session was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// The client's address.
    pub address: Option<String>,
    /// What the client calls itself.
    pub client: Option<String>,
}

/// A session that has not ended, as its owner looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Random id.
    pub id: String,
    /// When it was opened.
    pub created_at: Moment,
    /// From when on it is over in any case.
    pub expires_at: Moment,
    /// Where it was opened.
    pub opened: Opened,
    /// Whether it is one of the pages.
    pub is_page: bool,
    /// When it was last seen: at the pages within a minute, else when its token was last refreshed.
    pub seen_at: Moment,
}

/// A refresh token's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// The session.
    pub session_id: String,
    /// When it was given.
    pub issued_at: Moment,
    /// When it was used, once.
    pub used_at: Option<Moment>,
}

/// Adds a session.
///
/// # Errors
/// Where the store does not answer.
pub fn insert(db: &mut Db, session: &Session, opened: &Opened, at: Moment) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(&session.id),
            sessions::user_id.eq(session.user_id),
            sessions::created_at.eq(at.micros()),
            sessions::expires_at.eq(session.expires_at.micros()),
            sessions::address.eq(&opened.address),
            sessions::client.eq(&opened.client),
        ))
        .execute(db)?;
    Ok(())
}

/// The sessions of an account that have neither ended nor run out by `now`, the one that was opened last first.
///
/// # Errors
/// Where the store does not answer.
pub fn live_of(db: &mut Db, user_id: i64, now: Moment) -> Result<Vec<LiveSession>, StoreError> {
    type Row = (String, i64, i64, Option<String>, Option<String>, Option<i64>);
    let rows: Vec<Row> = sessions::table
        .left_join(page_sessions::table.on(page_sessions::session_id.eq(sessions::id)))
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now.micros()))
        .order((sessions::created_at.desc(), sessions::id))
        .select((
            sessions::id,
            sessions::created_at,
            sessions::expires_at,
            sessions::address,
            sessions::client,
            page_sessions::seen_at.nullable(),
        ))
        .load(db)?;
    let ids: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
    let refreshed: Vec<(String, i64)> = refresh_tokens::table
        .filter(refresh_tokens::session_id.eq_any(ids))
        .select((refresh_tokens::session_id, refresh_tokens::issued_at))
        .load(db)?;
    let live = rows
        .into_iter()
        .map(|(id, created_at, expires_at, address, client, page)| {
            let refreshed = refreshed
                .iter()
                .filter(|(session, _)| *session == id)
                .map(|(_, at)| *at)
                .max();
            LiveSession {
                created_at: Moment::from_micros(created_at),
                expires_at: Moment::from_micros(expires_at),
                opened: Opened { address, client },
                is_page: page.is_some(),
                seen_at: Moment::from_micros(page.or(refreshed).unwrap_or(created_at)),
                id,
            }
        });
    Ok(live.collect())
}

/// The session of an id, unless it has ended or run out by `now`.
///
/// # Errors
/// Where the store does not answer.
pub fn find_live(db: &mut Db, id: &str, now: Moment) -> Result<Option<Session>, StoreError> {
    at_hand::session(id, now, || {
        let row: Option<(i64, i64)> = sessions::table
            .filter(sessions::id.eq(id))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::expires_at.gt(now.micros()))
            .select((sessions::user_id, sessions::expires_at))
            .get_result(db)
            .optional()?;
        Ok(row.map(|(user_id, expires_at)| Session {
            id: id.to_owned(),
            user_id,
            expires_at: Moment::from_micros(expires_at),
        }))
    })
}

/// Ends a session; harmless where it has ended.
///
/// # Errors
/// Where the store does not answer.
pub fn end(db: &mut Db, id: &str, reason: &str, at: Moment) -> Result<(), StoreError> {
    at_hand::clear();
    diesel::update(
        sessions::table
            .filter(sessions::id.eq(id))
            .filter(sessions::ended_at.is_null()),
    )
    .set((sessions::ended_at.eq(at.micros()), sessions::end_reason.eq(reason)))
    .execute(db)?;
    Ok(())
}

/// Ends every session of an account but one.
///
/// # Errors
/// Where the store does not answer.
pub fn end_others(db: &mut Db, user_id: i64, keep: &str, reason: &str, at: Moment) -> Result<(), StoreError> {
    at_hand::clear();
    diesel::update(
        sessions::table
            .filter(sessions::user_id.eq(user_id))
            .filter(sessions::id.ne(keep))
            .filter(sessions::ended_at.is_null()),
    )
    .set((sessions::ended_at.eq(at.micros()), sessions::end_reason.eq(reason)))
    .execute(db)?;
    Ok(())
}

/// Ends every session of an account.
///
/// # Errors
/// Where the store does not answer.
pub fn end_all(db: &mut Db, user_id: i64, reason: &str, at: Moment) -> Result<(), StoreError> {
    // No session has an empty id.
    end_others(db, user_id, "", reason, at)
}

/// Removes sessions whose time was up before `before`, with their tokens, and failed log-ins the last of which was before it.
///
/// # Errors
/// Where the store does not answer.
pub fn sweep(db: &mut Db, before: Moment) -> Result<(), StoreError> {
    at_hand::clear();
    let over = sessions::table
        .filter(sessions::expires_at.lt(before.micros()))
        .select(sessions::id);
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::session_id.eq_any(over))).execute(db)?;
    diesel::delete(page_sessions::table.filter(page_sessions::session_id.eq_any(over))).execute(db)?;
    diesel::delete(sessions::table.filter(sessions::expires_at.lt(before.micros()))).execute(db)?;
    diesel::delete(login_failures::table.filter(login_failures::last_at.lt(before.micros()))).execute(db)?;
    Ok(())
}

/// Adds a refresh token by its hash.
///
/// # Errors
/// Where the store does not answer.
pub fn insert_token(db: &mut Db, hash: &str, session_id: &str, at: Moment) -> Result<(), StoreError> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::hash.eq(hash),
            refresh_tokens::session_id.eq(session_id),
            refresh_tokens::issued_at.eq(at.micros()),
        ))
        .execute(db)?;
    Ok(())
}

/// The record of a refresh token by its hash.
///
/// # Errors
/// Where the store does not answer.
pub fn find_token(db: &mut Db, hash: &str) -> Result<Option<RefreshToken>, StoreError> {
    let row: Option<(String, i64, Option<i64>)> = refresh_tokens::table
        .filter(refresh_tokens::hash.eq(hash))
        .select((
            refresh_tokens::session_id,
            refresh_tokens::issued_at,
            refresh_tokens::used_at,
        ))
        .get_result(db)
        .optional()?;
    Ok(row.map(|(session_id, issued_at, used_at)| RefreshToken {
        session_id,
        issued_at: Moment::from_micros(issued_at),
        used_at: used_at.map(Moment::from_micros),
    }))
}

/// Marks a refresh token as used; answers whether it was unused until now.
///
/// # Errors
/// Where the store does not answer.
pub fn use_token(db: &mut Db, hash: &str, at: Moment) -> Result<bool, StoreError> {
    let changed = diesel::update(
        refresh_tokens::table
            .filter(refresh_tokens::hash.eq(hash))
            .filter(refresh_tokens::used_at.is_null()),
    )
    .set(refresh_tokens::used_at.eq(at.micros()))
    .execute(db)?;
    Ok(changed == 1)
}

/// Someone at the pages: which session, and when last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageSession {
    /// The session.
    pub session_id: String,
    /// The last request that was noted.
    pub seen_at: Moment,
}

/// Adds someone at the pages, by the hash of the cookie's secret.
///
/// # Errors
/// Where the store does not answer.
pub fn insert_page(db: &mut Db, hash: &str, session_id: &str, at: Moment) -> Result<(), StoreError> {
    diesel::insert_into(page_sessions::table)
        .values((
            page_sessions::hash.eq(hash),
            page_sessions::session_id.eq(session_id),
            page_sessions::seen_at.eq(at.micros()),
        ))
        .execute(db)?;
    Ok(())
}

/// Someone at the pages by the hash of the cookie's secret.
///
/// # Errors
/// Where the store does not answer.
pub fn find_page(db: &mut Db, hash: &str) -> Result<Option<PageSession>, StoreError> {
    let row: Option<(String, i64)> = page_sessions::table
        .filter(page_sessions::hash.eq(hash))
        .select((page_sessions::session_id, page_sessions::seen_at))
        .get_result(db)
        .optional()?;
    Ok(row.map(|(session_id, seen_at)| PageSession {
        session_id,
        seen_at: Moment::from_micros(seen_at),
    }))
}

/// Notes that someone was seen.
///
/// # Errors
/// Where the store does not answer.
pub fn see_page(db: &mut Db, hash: &str, at: Moment) -> Result<(), StoreError> {
    diesel::update(page_sessions::table.filter(page_sessions::hash.eq(hash)))
        .set(page_sessions::seen_at.eq(at.micros()))
        .execute(db)?;
    Ok(())
}

/// Failures of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub failures: i64,
    /// When the first of them was.
    pub since: Moment,
    /// When the last of them was.
    pub last_at: Moment,
}

/// Failed log-ins of a subject (a name at a place, a name, a network).
///
/// # Errors
/// Where the store does not answer.
pub fn failures(db: &mut Db, subject: &str) -> Result<Option<Failures>, StoreError> {
    let row: Option<(i64, i64, i64)> = login_failures::table
        .filter(login_failures::subject.eq(subject))
        .select((
            login_failures::failures,
            login_failures::window_started_at,
            login_failures::last_at,
        ))
        .get_result(db)
        .optional()?;
    Ok(row.map(|(failures, since, last_at)| Failures {
        failures,
        since: Moment::from_micros(since),
        last_at: Moment::from_micros(last_at),
    }))
}

/// Writes the failures of a subject.
///
/// # Errors
/// Where the store does not answer.
pub fn set_failures(db: &mut Db, subject: &str, counted: Failures) -> Result<(), StoreError> {
    let counts = (
        login_failures::failures.eq(counted.failures),
        login_failures::window_started_at.eq(counted.since.micros()),
        login_failures::last_at.eq(counted.last_at.micros()),
    );
    each!(db, |c| diesel::insert_into(login_failures::table)
        .values((login_failures::subject.eq(subject), counts))
        .on_conflict(login_failures::subject)
        .do_update()
        .set(counts)
        .execute(c))?;
    Ok(())
}

/// Forgets the failures of a subject; answers whether there were any.
///
/// # Errors
/// Where the store does not answer.
pub fn clear_failures(db: &mut Db, subject: &str) -> Result<bool, StoreError> {
    let gone = diesel::delete(login_failures::table.filter(login_failures::subject.eq(subject))).execute(db)?;
    Ok(gone > 0)
}

/// Forgets the failures of every subject that begins with a text of letters, digits and colons; answers whether there were any.
///
/// # Errors
/// Where the store does not answer.
pub fn clear_failures_below(db: &mut Db, subject: &str) -> Result<bool, StoreError> {
    let below = login_failures::subject.like(format!("{subject}%"));
    Ok(diesel::delete(login_failures::table.filter(below)).execute(db)? > 0)
}

/// Notes that an account has logged in from a network.
///
/// # Errors
/// Where the store does not answer.
pub fn know_network(db: &mut Db, user_id: i64, network: &str, at: Moment) -> Result<(), StoreError> {
    let seen = login_networks::seen_at.eq(at.micros());
    each!(db, |c| diesel::insert_into(login_networks::table)
        .values((
            login_networks::user_id.eq(user_id),
            login_networks::network.eq(network),
            seen
        ))
        .on_conflict((login_networks::user_id, login_networks::network))
        .do_update()
        .set(seen)
        .execute(c))?;
    Ok(())
}

/// Whether an account has logged in from a network since a moment.
///
/// # Errors
/// Where the store does not answer.
pub fn knows_network(db: &mut Db, user_id: i64, network: &str, since: Moment) -> Result<bool, StoreError> {
    let found: i64 = login_networks::table
        .filter(login_networks::user_id.eq(user_id))
        .filter(login_networks::network.eq(network))
        .filter(login_networks::seen_at.gt(since.micros()))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}

/// Forgets the networks from which nobody has logged in since a moment.
///
/// # Errors
/// Where the store does not answer.
pub fn sweep_networks(db: &mut Db, before: Moment) -> Result<(), StoreError> {
    diesel::delete(login_networks::table.filter(login_networks::seen_at.lt(before.micros()))).execute(db)?;
    Ok(())
}
