//! Bookkeeping of one import, in a table that lives as long as its transaction: so that finding a number twice in a file takes
//! no memory that grows with the file.

use diesel::{connection::SimpleConnection as _, prelude::*};

use super::{Db, StoreError, dialect::each};

mod table {
    diesel::table! {
        imported_keys (key) {
            key -> Text,
            row -> BigInt,
            occurrences -> BigInt,
        }
    }
}
use table::imported_keys;

/// Begins an import within the caller's transaction.
///
/// # Errors
/// Where the store does not answer.
pub fn begin(db: &mut Db) -> Result<(), StoreError> {
    db.batch_execute(
        "DROP TABLE IF EXISTS imported_keys;
         CREATE TEMPORARY TABLE imported_keys (key TEXT PRIMARY KEY, row BIGINT NOT NULL, occurrences BIGINT NOT NULL);",
    )?;
    Ok(())
}

/// Ends it.
///
/// # Errors
/// Where the store does not answer.
pub fn end(db: &mut Db) -> Result<(), StoreError> {
    db.batch_execute("DROP TABLE IF EXISTS imported_keys;")?;
    Ok(())
}

/// Notes that a row carries a key; answers the earlier row that did, if any.
///
/// # Errors
/// Where the store does not answer.
pub fn note(db: &mut Db, key: &str, row: i64) -> Result<Option<i64>, StoreError> {
    let values = (
        imported_keys::key.eq(key),
        imported_keys::row.eq(row),
        imported_keys::occurrences.eq(1_i64),
    );
    let added = each!(db, |c| diesel::insert_into(imported_keys::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(c))?;
    if added == 1 {
        return Ok(None);
    }
    Ok(imported_keys::table
        .filter(imported_keys::key.eq(key))
        .select(imported_keys::row)
        .get_result(db)
        .optional()?)
}

/// Counts how often a key has come, this time included.
///
/// # Errors
/// Where the store does not answer.
pub fn count(db: &mut Db, key: &str, row: i64) -> Result<i64, StoreError> {
    if note(db, key, row)?.is_none() {
        return Ok(1);
    }
    let counted = imported_keys::table.filter(imported_keys::key.eq(key));
    diesel::update(counted)
        .set(imported_keys::occurrences.eq(imported_keys::occurrences + 1))
        .execute(db)?;
    Ok(counted.select(imported_keys::occurrences).get_result(db)?)
}
