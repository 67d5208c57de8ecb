//! Bringing the schema up.

use std::time::{Duration, Instant};

use diesel_migrations::MigrationHarness as _;

use super::{
    Db, StoreError,
    binding::pins,
    dialect::{Bounds, migration_names},
    moments,
};
use crate::domain::time::Moment;

/// The migration whose table the program fills, since SQL cannot compute what stands in it: in the same transaction, so that a store
/// has the table whole or not at all.
const LIKENESS: &str = "20261122000006";

/// The migration after which texts are searched and compared as `domain::text` folds them.
const FOLDED: &str = "20261129000802";

fn schema(error: impl std::fmt::Display) -> StoreError {
    StoreError::Schema(format!("数据库结构升级失败：{error}"))
}

/// Names of migrations that have not run.
///
/// # Errors
/// Where the store holds a migration that this program does not know (it is newer), or does not answer.
pub fn pending(db: &mut Db) -> Result<Vec<String>, StoreError> {
    let known = migration_names()?;
    // A role that may make no table is not asked to make the list of migrations where it is there already.
    let applied: Vec<String> = match db.listed_migrations()? {
        Some(applied) => applied,
        None => {
            let made = db.applied_migrations().map_err(schema)?;
            made.iter().map(ToString::to_string).collect()
        }
    };
    if let Some(newer) = applied.iter().find(|v| !known.contains(v)) {
        return Err(StoreError::Schema(format!(
            "数据库由更新版本的程序建立（含本程序不认识的结构版本 {newer}），请使用相应版本的程序。"
        )));
    }
    Ok(known.into_iter().filter(|v| !applied.contains(v)).collect())
}

/// Runs what has not run; answers the names of what it ran.
///
/// # Errors
/// Where the store is newer than this program, or a migration fails.
pub fn migrate(db: &mut Db) -> Result<Vec<String>, StoreError> {
    if pending(db)?.is_empty() {
        // Nothing to do: do not wait for whoever is writing.
        return Ok(Vec::new());
    }
    // A minute is longer than any act; who imports meanwhile is waited for by asking again.
    db.begin_write(Bounds {
        begin_by: Instant::now() + Duration::from_secs(60),
        deadline: None,
    })?;
    let result = pending(db).and_then(|names| {
        let migrations = db.migrations();
        db.run_pending_migrations(migrations).map_err(schema)?;
        if names.iter().any(|name| name == LIKENESS || name == FOLDED) {
            super::likeness::rebuild(db)?;
        }
        if names.iter().any(|name| name == FOLDED) {
            super::contracts::rebuild_search(db)?;
            super::agencies::rebuild_keys(db)?;
            super::registrars::rebuild_search(db)?;
        }
        Ok(names)
    });
    match &result {
        Ok(_) => db.commit()?,
        Err(_) => db.rollback()?,
    }
    result
}

/// Pins what was there before entries bound it, where that is due, in a transaction of its own once all migrations have run; `now` tells
/// the time, which is put after the ledgers' last entries.
///
/// # Errors
/// Where the store does not answer.
pub fn pin_register(db: &mut Db, actor: &str, now: impl FnOnce() -> Moment) -> Result<(), StoreError> {
    if !pins::are_due(db)? {
        return Ok(());
    }
    db.begin_write(Bounds {
        begin_by: Instant::now() + Duration::from_secs(60),
        deadline: None,
    })?;
    let last = moments::last(db)?.map_or(i64::MIN, |last| last.micros().saturating_add(1));
    let result = pins::pin(db, actor, now().max(Moment::from_micros(last)));
    match &result {
        Ok(()) => db.commit()?,
        Err(_) => db.rollback()?,
    }
    result
}

/// Undoes every migration: for tests of the migrations themselves.
///
/// # Errors
/// Where one fails.
pub fn revert_all(db: &mut Db) -> Result<(), StoreError> {
    let migrations = db.migrations();
    db.revert_all_migrations(migrations).map_err(schema).map(|_| ())
}
