//! How handlers answer: new or as the first time, one thing or a page of things.

use actix_web::{HttpResponse, http::header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

use super::problem::Problem;
use crate::http::query::Query;
use crate::usecases::{Error, StoredAnswer, command::Answer};

/// A stored answer as a response.
pub(super) fn respond(answer: &StoredAnswer) -> Result<HttpResponse, Problem> {
    let status = actix_web::http::StatusCode::from_u16(answer.status).map_err(Error::internal)?;
    let mut response = HttpResponse::build(status);
    response.content_type("application/json");
    if let Some(etag) = &answer.etag {
        response.insert_header((header::ETAG, etag.as_str()));
    }
    if let Some(location) = &answer.location {
        response.insert_header((header::LOCATION, location.as_str()));
    }
    Ok(response.body(answer.body.clone()))
}

/// What came of a request, new or repeated.
pub(super) fn answer<T>(
    done: Answer<T>,
    render: fn(&T) -> Result<StoredAnswer, Error>,
) -> Result<HttpResponse, Problem> {
    match done {
        Answer::Done(value) => respond(&render(&value)?),
        Answer::Repeated(stored) => respond(&stored),
    }
}

/// The key in a path; what is no key is the key of nothing.
pub(super) fn key(path: &str) -> Result<i64, Problem> {
    let digits = Some(path).filter(|p| p.bytes().all(|b| b.is_ascii_digit()));
    digits
        .and_then(|p| p.parse().ok())
        .ok_or_else(|| Error::NotFound.into())
}

/// A thing as the answer that is kept: with its status, and with its address where it is new.
pub(super) fn stored<T: Serialize>(out: &T, status: u16, location: Option<String>) -> Result<StoredAnswer, Error> {
    Ok(StoredAnswer {
        status,
        etag: None,
        location,
        body: serde_json::to_string(out).map_err(Error::internal)?,
    })
}

/// A version as an `ETag` says it.
pub(super) fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// As [`stored`], of a thing that has versions.
pub(super) fn stored_version<T: Serialize>(
    out: &T,
    version: i64,
    status: u16,
    location: Option<String>,
) -> Result<StoredAnswer, Error> {
    Ok(StoredAnswer {
        etag: Some(etag(version)),
        ..stored(out, status, location)?
    })
}

/// A thing that was read, with its version.
pub(super) fn versioned<T: Serialize>(out: &T, version: i64) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::ETAG, etag(version)))
        .json(out)
}

/// The place and size of a page of things that are listed by their key.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyPage {
    /// Key of the last thing of the page before.
    pub after: Option<i64>,
    /// Things at most.
    pub limit: i64,
}

impl KeyPage {
    /// Reads `limit` (1–100, default 20) and `cursor`.
    pub fn read(query: &mut Query) -> Self {
        let after = query.text("cursor").and_then(|cursor| {
            let bytes = URL_SAFE_NO_PAD.decode(&cursor).ok();
            let key = bytes.and_then(|b| String::from_utf8(b).ok()?.strip_prefix("k|")?.parse().ok());
            if key.is_none() {
                query.error("cursor", "malformed_cursor", "cursor 无效。");
            }
            key
        });
        Self {
            after,
            limit: query.integer("limit", 1..=100).unwrap_or(20),
        }
    }

    /// Cuts what was found, one thing more than the page holds at most, to the page; with the cursor of the next one, if there is
    /// one.
    pub fn cut<T>(self, mut found: Vec<T>, key_of: impl Fn(&T) -> i64) -> (Vec<T>, Option<String>) {
        let wanted = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = found.len() > wanted;
        found.truncate(wanted);
        let next = found.last().filter(|_| more).map(|last| Self::cursor(key_of(last)));
        (found, next)
    }

    /// The cursor of the page that begins after the thing of this key.
    pub fn cursor(key: i64) -> String {
        URL_SAFE_NO_PAD.encode(format!("k|{key}"))
    }
}
