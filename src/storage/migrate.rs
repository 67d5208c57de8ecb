//! Bringing the schema up.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use diesel_migrations::MigrationHarness as _;

use super::{
    Db, Store, StoreError, StoreUrl,
    binding::pins,
    db::make_private,
    dialect::{Bounds, MIGRATIONS_TABLE, migration_names},
    moments,
    removal::remove_one,
};
use crate::domain::time::Moment;

/// The migration whose table the program fills, since SQL cannot compute what stands in it: in the same transaction, so that a store
/// has the table whole or not at all.
const LIKENESS: &str = "20261122000006";

/// The migrations after which texts are searched and compared as `domain::text` folds them, which changed with each.
const FOLDED: [&str; 2] = ["20261129000802", "20261130000201"];

/// Who pins what was there before: nobody but the program.
const PINNER: &str = "system";

fn schema(error: impl std::fmt::Display) -> StoreError {
    StoreError::Schema(format!("数据库结构升级失败：{error}"))
}

/// Names of migrations that have not run.
///
/// # Errors
/// Where the store holds a migration that this program does not know (it is newer), or does not answer.
pub fn pending(db: &mut Db) -> Result<Vec<String>, StoreError> {
    let known = migration_names()?;
    let applied = db.applied_versions()?;
    if let Some(newer) = applied.iter().find(|v| !known.contains(v)) {
        return Err(StoreError::Schema(format!(
            "数据库由更新版本的程序建立（含本程序不认识的结构版本 {newer}），请使用相应版本的程序。"
        )));
    }
    Ok(known.into_iter().filter(|v| !applied.contains(v)).collect())
}

/// How far a store's schema is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// There is no such file.
    Missing,
    /// There is nothing in it.
    Empty,
    /// This program's schema.
    Current,
    /// A schema of an earlier version; the migrations that are missing.
    Behind(Vec<String>),
}

/// How far the store's schema is. Looks only: nothing is made, and nothing in the file changes.
///
/// # Errors
/// Where the store holds a migration that this program does not know (it is newer), or tables that are not this program's; where it
/// does not answer.
pub fn condition(url: &StoreUrl) -> Result<Condition, StoreError> {
    if let StoreUrl::Sqlite(file) = url
        && !file.exists()
    {
        return Ok(Condition::Missing);
    }
    look(url).map_err(|error| url.told(error))
}

fn look(url: &StoreUrl) -> Result<Condition, StoreError> {
    let db = &mut url.peek().map_err(|e| StoreError::unreachable(&e))?;
    if !db.has_table(MIGRATIONS_TABLE)? {
        return match db.has_tables_of_others()? {
            true => Err(StoreError::Schema("这个文件不是本程序的数据库，不能使用。".into())),
            false => Ok(Condition::Empty),
        };
    }
    let missing = pending(db)?;
    Ok(match (missing.is_empty(), missing.len() == migration_names()?.len()) {
        (true, _) => Condition::Current,
        // The first one never went through, or all were undone.
        (false, true) => Condition::Empty,
        (false, false) => Condition::Behind(missing),
    })
}

/// Copies that are kept beside an embedded store.
const COPIES: usize = 5;

/// Copies an embedded store's file, consistently and for its owner alone, into a file beside it that is named after the moment; answers
/// where, and `None` for a server's store. Of earlier copies the last few are kept.
///
/// # Errors
/// Where the copy cannot be written: then nothing is left of it, and the store should stay as it is.
pub fn copy_beside(store: &Store, at: Moment) -> Result<Option<PathBuf>, StoreError> {
    let StoreUrl::Sqlite(file) = store.url() else {
        return Ok(None);
    };
    let failed = |e: &dyn std::fmt::Display| StoreError::Unavailable(format!("升级前的副本没有写成：{e}"));
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned());
    let name = name.ok_or_else(|| failed(&"no file"))?;
    let beginning = format!("{name}.before-upgrade-");
    let copy = file.with_file_name(format!("{beginning}{}", at.beijing_time().format("%Y%m%d-%H%M%S-%6f")));
    if copy.exists() {
        return Err(failed(&format!("{} 已存在", copy.display())));
    }
    make_private(&copy).map_err(|e| failed(&e))?;
    let written = store
        .with_connection(|db| db.copy_into(&copy))
        .map_err(|e| failed(&e))
        .and_then(|()| fs::File::open(&copy).and_then(|f| f.sync_all()).map_err(|e| failed(&e)));
    if let Err(error) = written {
        let _ = remove_one(&copy);
        return Err(error);
    }
    keep_last(file.parent().unwrap_or(Path::new("")), &beginning).map_err(|e| failed(&e))?;
    Ok(Some(copy))
}

/// Removes all but the last copies: files whose names are wholly what [`copy_beside`] makes, which sort by age.
fn keep_last(folder: &Path, beginning: &str) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let mut copies: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|n| n.to_str());
            name.and_then(|n| n.strip_prefix(beginning)).is_some_and(is_stamp)
        })
        .collect();
    copies.sort();
    for old in copies.iter().rev().skip(COPIES) {
        remove_one(old)?;
    }
    Ok(())
}

/// Whether a text is `20261129-150405-000000`.
fn is_stamp(text: &str) -> bool {
    text.len() == 22
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 15 => b == b'-',
            _ => b.is_ascii_digit(),
        })
}

/// Runs what has not run; answers the names of what it ran. Where one of them says that what was there before must be pinned ([`pins`]),
/// that is done in the same transaction; `now` tells the time, which is put after the ledgers' last entries. Nothing is pinned without a
/// migration: who says by SQL that a pin is due would have what was changed taken for what was always there.
///
/// # Errors
/// Where the store is newer than this program, or a migration fails.
pub fn migrate(db: &mut Db, now: impl FnOnce() -> Moment) -> Result<Vec<String>, StoreError> {
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
        let is_folded = names.iter().any(|name| FOLDED.contains(&name.as_str()));
        if is_folded || names.iter().any(|name| name == LIKENESS) {
            super::likeness::rebuild(db)?;
        }
        if is_folded {
            super::contracts::rebuild_search(db)?;
            super::agencies::rebuild_keys(db)?;
            super::registrars::rebuild_search(db)?;
        }
        pin_if_due(db, &names, now)?;
        Ok(names)
    });
    match &result {
        Ok(_) => db.commit()?,
        Err(_) => db.rollback()?,
    }
    result
}

/// Pins what was there before, where one of the migrations that ran wants it. None of them may have wanted it before: then somebody took its
/// row away, so that what was changed meanwhile would be taken for what was always there.
fn pin_if_due(db: &mut Db, names: &[String], now: impl FnOnce() -> Moment) -> Result<(), StoreError> {
    let wanting: Vec<String> = names
        .iter()
        .filter(|name| pins::PINNING.contains(&name.as_str()))
        .cloned()
        .collect();
    if wanting.is_empty() || !pins::are_due(db)? {
        return Ok(());
    }
    let earlier = pins::entries(db)?;
    if let Some((migration, sequence)) = pins::ran_before(db, &wanting, &earlier, None)? {
        let place = match sequence {
            0 => "账户账".to_owned(),
            sequence => format!("登记账第 {sequence} 条"),
        };
        return Err(StoreError::Schema(format!(
            "{place}表明数据库结构版本 {migration} 此前已经建立，现在却没有它的记录：数据库的升级记录被删改过，不能据此固定旧版本数据。请先查明是谁所为，再从备份恢复。"
        )));
    }
    let last = moments::last(db)?.map_or(i64::MIN, |last| last.micros().saturating_add(1));
    let names: Vec<&str> = wanting.iter().map(String::as_str).collect();
    pins::pin(db, PINNER, now().max(Moment::from_micros(last)), &names)
}

/// Undoes every migration: for tests of the migrations themselves.
///
/// # Errors
/// Where one fails.
pub fn revert_all(db: &mut Db) -> Result<(), StoreError> {
    let migrations = db.migrations();
    db.revert_all_migrations(migrations).map_err(schema).map(|_| ())
}
