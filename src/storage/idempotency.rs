//! Answers already given to requests that carried an Idempotency-Key.

use diesel::prelude::*;

use super::{Db, StoreError, schema::idempotency_keys};
use crate::domain::time::Moment;

/// An answer, to be given again word for word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// HTTP status.
    pub status: u16,
    /// `ETag`.
    pub etag: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// Body.
    pub body: String,
}

/// The fingerprint of the request that used the key, and its answer.
///
/// # Errors
/// Where the store does not answer.
pub fn find(db: &mut Db, username: &str, key: &str) -> Result<Option<(String, StoredAnswer)>, StoreError> {
    type Row = (String, i32, Option<String>, Option<String>, String);
    let row: Option<Row> = idempotency_keys::table
        .filter(idempotency_keys::username.eq(username))
        .filter(idempotency_keys::key.eq(key))
        .select((
            idempotency_keys::fingerprint,
            idempotency_keys::status,
            idempotency_keys::etag,
            idempotency_keys::location,
            idempotency_keys::body,
        ))
        .get_result(db)
        .optional()?;
    row.map(|(fingerprint, status, etag, location, body)| {
        let status = u16::try_from(status).map_err(StoreError::corrupt)?;
        Ok((
            fingerprint,
            StoredAnswer {
                status,
                etag,
                location,
                body,
            },
        ))
    })
    .transpose()
}

/// Keeps an answer, in the transaction of the work it tells of.
///
/// # Errors
/// [`StoreError::Duplicate`] where the key was used meanwhile.
pub fn insert(
    db: &mut Db,
    username: &str,
    key: &str,
    fingerprint: &str,
    answer: &StoredAnswer,
    at: Moment,
) -> Result<(), StoreError> {
    diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::username.eq(username),
            idempotency_keys::key.eq(key),
            idempotency_keys::fingerprint.eq(fingerprint),
            idempotency_keys::status.eq(i32::from(answer.status)),
            idempotency_keys::etag.eq(&answer.etag),
            idempotency_keys::location.eq(&answer.location),
            idempotency_keys::body.eq(&answer.body),
            idempotency_keys::created_at.eq(at.micros()),
        ))
        .execute(db)?;
    Ok(())
}

/// Forgets answers given before `before`.
///
/// # Errors
/// Where the store does not answer.
pub fn sweep(db: &mut Db, before: Moment) -> Result<(), StoreError> {
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(before.micros()))).execute(db)?;
    Ok(())
}
