//! Looking agencies up, for everyone who is logged in.

use crate::{
    domain::contract::Agency,
    storage::{Db, agencies},
    usecases::{Context, Error},
};

/// What the address of an agency without a code begins with; its key follows.
const KEYED: &str = "id-";

/// One agency, by its six-digit code, or `id-<key>` (history names some without a code).
///
/// # Errors
/// [`Error::NotFound`] where there is none.
pub async fn read(ctx: &Context, key: &str) -> Result<Agency, Error> {
    let key = key.to_owned();
    ctx.store.read(move |db| find(db, &key)).await
}

/// The address of an agency, as [`read`] takes it.
pub fn key_of(agency: &Agency) -> String {
    agency.code.clone().unwrap_or_else(|| format!("{KEYED}{}", agency.id))
}

/// Up to `limit` agencies after a key, in the order in which they were added.
///
/// # Errors
/// Where the store does not answer.
pub async fn list(ctx: &Context, after: Option<i64>, limit: i64) -> Result<Vec<Agency>, Error> {
    ctx.store
        .read(move |db| Ok::<_, Error>(agencies::page(db, after.unwrap_or(0), limit)?))
        .await
}

pub(super) fn find(db: &mut Db, key: &str) -> Result<Agency, Error> {
    let found = if let Some(id) = key.strip_prefix(KEYED) {
        let digits = Some(id).filter(|id| id.bytes().all(|b| b.is_ascii_digit()));
        match digits.and_then(|id| id.parse().ok()) {
            Some(id) => agencies::find(db, id)?,
            None => None,
        }
    } else if key.bytes().all(|b| b.is_ascii_digit()) {
        agencies::find_by_code(db, key)?
    } else {
        None
    };
    found.ok_or(Error::NotFound)
}
