//! Sessions, their refresh tokens (as hashes), and failed log-ins.

use diesel::prelude::*;

use super::{
    Db, StoreError,
    dialect::each,
    schema::{login_failures, page_sessions, refresh_tokens, sessions},
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
pub fn insert(db: &mut Db, session: &Session, at: Moment) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(&session.id),
            sessions::user_id.eq(session.user_id),
            sessions::created_at.eq(at.micros()),
            sessions::expires_at.eq(session.expires_at.micros()),
        ))
        .execute(db)?;
    Ok(())
}

/// The session of an id, unless it has ended or run out by `now`.
///
/// # Errors
/// Where the store does not answer.
pub fn find_live(db: &mut Db, id: &str, now: Moment) -> Result<Option<Session>, StoreError> {
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
}

/// Ends a session; harmless where it has ended.
///
/// # Errors
/// Where the store does not answer.
pub fn end(db: &mut Db, id: &str, reason: &str, at: Moment) -> Result<(), StoreError> {
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

/// Removes sessions whose time was up before `before`, with their tokens, and failed log-ins of windows that began before it.
///
/// # Errors
/// Where the store does not answer.
pub fn sweep(db: &mut Db, before: Moment) -> Result<(), StoreError> {
    let over = sessions::table
        .filter(sessions::expires_at.lt(before.micros()))
        .select(sessions::id);
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::session_id.eq_any(over))).execute(db)?;
    diesel::delete(page_sessions::table.filter(page_sessions::session_id.eq_any(over))).execute(db)?;
    diesel::delete(sessions::table.filter(sessions::expires_at.lt(before.micros()))).execute(db)?;
    diesel::delete(login_failures::table.filter(login_failures::window_started_at.lt(before.micros()))).execute(db)?;
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

/// Failed log-ins of a subject (an account or an address): how many, since when.
///
/// # Errors
/// Where the store does not answer.
pub fn failures(db: &mut Db, subject: &str) -> Result<Option<(i64, Moment)>, StoreError> {
    let row: Option<(i64, i64)> = login_failures::table
        .filter(login_failures::subject.eq(subject))
        .select((login_failures::failures, login_failures::window_started_at))
        .get_result(db)
        .optional()?;
    Ok(row.map(|(n, since)| (n, Moment::from_micros(since))))
}

/// Writes the failures of a subject.
///
/// # Errors
/// Where the store does not answer.
pub fn set_failures(db: &mut Db, subject: &str, failures: i64, since: Moment) -> Result<(), StoreError> {
    let values = (
        login_failures::subject.eq(subject),
        login_failures::failures.eq(failures),
        login_failures::window_started_at.eq(since.micros()),
    );
    each!(db, |c| diesel::insert_into(login_failures::table)
        .values(values)
        .on_conflict(login_failures::subject)
        .do_update()
        .set((
            login_failures::failures.eq(failures),
            login_failures::window_started_at.eq(since.micros()),
        ))
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
