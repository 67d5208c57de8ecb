//! What was there before entries bound rows: pinned once, when a store of an earlier version is brought up, by one entry that holds the
//! digest of all of `register_pins`. Those rows hold, a thousand subjects each, how the rows of each looked.
//!
//! The migration that makes the table, or one that rewrites rows of bound tables, says that a pin is due by a row of kind `due`; the
//! program pins once all migrations have run. What an earlier entry bound does not count beside a later pin.
//!
//! Each migration pins once ([`PINNING`]), and the entry names it: who takes a migration's row away, so that it runs once more, would have
//! what was changed meanwhile taken for what was always there.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Digests, Kind, Subject, between, for_each_named, rows};
use crate::{
    domain::{
        ledger::{Act, Binding, Change, canonical},
        time::Moment,
    },
    storage::{
        Db, StoreError, account_ledger,
        dialect::{each, each_row},
        ledger,
        schema::register_pins,
    },
};

/// The kind of the row that says that a pin is due.
const DUE: &str = "due";

/// The kind of the row that says which entry pinned the others.
const ENTRY: &str = "entry";

/// The action of the entry that pins.
pub const ACTION: &str = "pin_register";

/// Subjects of one row.
const BLOCK: usize = 1000;

/// The migrations after which what is there is pinned. A test holds them against those that say that a pin is due.
pub const PINNING: &[&str] = &[FIRST];

/// The one with which entries began to bind rows: none that came before its pin does.
const FIRST: &str = "20261129001001";

/// Whether what is there must be pinned. Outside a migration nothing is: the one that says so is followed by the pin in its transaction.
///
/// # Errors
/// Where the store does not answer.
pub fn are_due(db: &mut Db) -> Result<bool, StoreError> {
    let due = register_pins::table.filter(register_pins::kind.eq(DUE));
    Ok(diesel::select(diesel::dsl::exists(due)).get_result(db)?)
}

/// Pins what is there now, after these migrations; within the caller's writing transaction.
///
/// # Errors
/// Where the store does not answer.
pub fn pin(db: &mut Db, actor: &str, at: Moment, migrations: &[&str]) -> Result<(), StoreError> {
    diesel::delete(register_pins::table).execute(db)?;
    let mut pinning = Pinning::default();
    let mut silent = BTreeSet::new();
    for kind in Kind::ALL {
        if kind.is_numbered() {
            let mut after = i64::MIN;
            loop {
                let numbers = rows::numbers_after(db, kind, after, BLOCK)?;
                let Some(last) = numbers.last().copied() else {
                    break;
                };
                let bound = between(db, kind, (after.saturating_add(1), last), &mut silent)?;
                let block = bound
                    .into_iter()
                    .map(|(number, bound)| (Subject::Numbered(kind, number), bound));
                pinning.write(db, kind, block.collect())?;
                after = last;
            }
        } else {
            // Read whole before it is written, block by block: one connection does one thing at a time.
            let mut all = Vec::new();
            for_each_named(db, kind, &mut silent, |subject, bound| all.push((subject, bound)))?;
            while !all.is_empty() {
                let rest = all.split_off(all.len().min(BLOCK));
                pinning.write(db, kind, std::mem::replace(&mut all, rest))?;
            }
        }
    }
    if let Some(table) = silent.first() {
        return Err(StoreError::Database(format!(
            "{table} does not answer and cannot be pinned"
        )));
    }
    let pinned = Change {
        pointer: "/register_pins".to_owned(),
        from: json!(null),
        to: json!({"subjects": pinning.subjects, "rows": pinning.rows, "digest": hex::encode(pinning.hasher.finalize()),
            "migrations": migrations}),
    };
    let head = ledger::append(
        db,
        Act {
            at,
            actor: actor.to_owned(),
            role: None,
            contract: None,
            action: ACTION.to_owned(),
            from: None,
            to: None,
            reason: Some("旧版本数据的固定摘要".to_owned()),
            changes: vec![pinned],
        },
    )?;
    let values = (
        register_pins::id.eq(0),
        register_pins::kind.eq(ENTRY),
        register_pins::first_number.eq(head.sequence),
        register_pins::digests.eq(""),
    );
    each!(db, |c| diesel::insert_into(register_pins::table)
        .values(values)
        .execute(c))?;
    Ok(())
}

/// The sequence of the entry that pinned what is there, as its row says.
///
/// # Errors
/// Where the store does not answer.
pub fn entry(db: &mut Db) -> Result<Option<i64>, StoreError> {
    let sequence: Option<Option<i64>> = register_pins::table
        .filter(register_pins::kind.eq(ENTRY))
        .select(register_pins::first_number)
        .get_result(db)
        .optional()?;
    Ok(sequence.flatten())
}

/// Whether anything is pinned, or due to be.
///
/// # Errors
/// Where the store does not answer.
pub fn are_any(db: &mut Db) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(register_pins::table.select(register_pins::id))).get_result(db)?)
}

#[derive(Default)]
struct Pinning {
    hasher: Sha256,
    rows: i64,
    subjects: usize,
}

impl Pinning {
    fn write(&mut self, db: &mut Db, kind: Kind, block: Vec<(Subject, Digests)>) -> Result<(), StoreError> {
        let number = |of: Option<&(Subject, Digests)>| match of {
            Some((Subject::Numbered(_, number), _)) => Some(*number),
            _ => None,
        };
        let span = (number(block.first()), number(block.last()));
        self.subjects += block.len();
        self.rows += 1;
        let bindings: Vec<Binding> = block
            .into_iter()
            .map(|(subject, digests)| Binding {
                subject: subject.to_string(),
                tables: digests
                    .into_iter()
                    .map(|(table, digest)| (table.to_owned(), Some(digest)))
                    .collect(),
            })
            .collect();
        let digests = canonical(&bindings).map_err(StoreError::corrupt)?;
        add(&mut self.hasher, kind.id(), &digests);
        let values = (
            register_pins::id.eq(self.rows),
            register_pins::kind.eq(kind.id()),
            register_pins::first_number.eq(span.0),
            register_pins::last_number.eq(span.1),
            register_pins::digests.eq(digests),
        );
        each!(db, |c| diesel::insert_into(register_pins::table)
            .values(values)
            .execute(c))?;
        Ok(())
    }
}

fn add(hasher: &mut Sha256, kind: &str, digests: &str) {
    hasher.update(format!("{kind}\n{}\n", digests.len()).as_bytes());
    hasher.update(digests.as_bytes());
}

/// An entry that pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinEntry {
    /// Its sequence in the register's ledger.
    pub sequence: i64,
    /// When it was made.
    pub at: Moment,
    /// The digest of what it pinned.
    pub digest: String,
    /// The migrations after which it did.
    pub migrations: Vec<String>,
}

/// All entries that pinned, oldest first.
///
/// # Errors
/// Where the store does not answer or an entry does not read back.
pub fn entries(db: &mut Db) -> Result<Vec<PinEntry>, StoreError> {
    let pins = ledger::of_action(db, ACTION)?.into_iter().map(|entry| {
        let said = entry
            .act
            .changes
            .into_iter()
            .next()
            .map(|change| change.to)
            .unwrap_or_default();
        // Entries of earlier versions name no migration: there was only this one.
        let migrations = said["migrations"].as_array().map_or_else(
            || vec![FIRST.to_owned()],
            |names| {
                names
                    .iter()
                    .filter_map(|name| name.as_str().map(str::to_owned))
                    .collect()
            },
        );
        PinEntry {
            sequence: entry.sequence,
            at: entry.act.at,
            digest: said["digest"].as_str().unwrap_or_default().to_owned(),
            migrations,
        }
    });
    Ok(pins.collect())
}

/// Why these migrations cannot have been due to pin, where an entry shows that one of them had run before the entry `until`: the migration,
/// and that entry's sequence in the register's ledger (0: one of the account ledger shows it).
///
/// # Errors
/// Where the store does not answer or an entry does not read back.
pub fn ran_before(
    db: &mut Db,
    migrations: &[String],
    pins: &[PinEntry],
    until: Option<&PinEntry>,
) -> Result<Option<(String, i64)>, StoreError> {
    let end = until.map_or(i64::MAX, |pin| pin.sequence);
    for migration in migrations {
        let earlier = pins
            .iter()
            .find(|pin| pin.sequence < end && pin.migrations.contains(migration));
        if let Some(pin) = earlier {
            return Ok(Some((migration.clone(), pin.sequence)));
        }
        if migration == FIRST
            && let Some(sequence) = ledger::first_that_binds(db, end)?
        {
            return Ok(Some((migration.clone(), sequence)));
        }
        // Of an earlier pin no order with the other ledger is known but by time.
        if migration == FIRST && until.is_none() && account_ledger::binds_anything(db)? {
            return Ok(Some((migration.clone(), 0)));
        }
    }
    Ok(None)
}

/// What stands in the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredPins {
    /// The digest of all that is pinned, as an entry would have it.
    pub digest: String,
    /// Rows that are not as they were written, by their keys.
    pub wrong: Vec<i64>,
}

/// Looks at all rows: their digest, and whether each stands in its place with the numbers that it is found by.
///
/// # Errors
/// Where the store does not answer.
pub fn stored(db: &mut Db) -> Result<StoredPins, StoreError> {
    let mut hasher = Sha256::new();
    let mut wrong = Vec::new();
    let mut next = 1;
    let query = register_pins::table
        .filter(register_pins::kind.ne_all([DUE, ENTRY]))
        .order(register_pins::id)
        .select((
            register_pins::id,
            register_pins::kind,
            register_pins::first_number,
            register_pins::last_number,
            register_pins::digests,
        ));
    type Row = (i64, String, Option<i64>, Option<i64>, String);
    each_row!(db, query, |row: Row| {
        let (id, kind, first, last, digests) = row;
        add(&mut hasher, &kind, &digests);
        let bindings = parse(&digests).unwrap_or_default();
        let number = |binding: Option<&Binding>| {
            let (of, number) = binding?.subject.split_once('/')?;
            Kind::ALL.into_iter().find(|k| k.id() == of && k.is_numbered())?;
            number.parse::<i64>().ok()
        };
        let found_by = (number(bindings.first()), number(bindings.last()));
        let of_kind = bindings
            .iter()
            .all(|b| b.subject.split('/').next() == Some(kind.as_str()));
        if id != next || bindings.is_empty() || !of_kind || (first, last) != found_by {
            wrong.push(id);
        }
        next = id.saturating_add(1);
    });
    // The row that says which entry pinned them says nothing else.
    let others = register_pins::table
        .filter(register_pins::kind.eq(ENTRY))
        .filter(
            register_pins::id
                .ne(0)
                .or(register_pins::last_number.is_not_null())
                .or(register_pins::digests.ne("")),
        )
        .select(register_pins::id);
    wrong.extend(others.load::<i64>(db)?);
    Ok(StoredPins {
        digest: hex::encode(hasher.finalize()),
        wrong,
    })
}

/// What is pinned of a numbered kind, of the numbers `first..=last`; by subjects. A row that does not read back pins nothing ([`stored`]
/// tells of it).
///
/// # Errors
/// Where the store does not answer.
pub fn of_numbers(db: &mut Db, kind: Kind, (first, last): (i64, i64)) -> Result<Vec<Binding>, StoreError> {
    let texts: Vec<String> = register_pins::table
        .filter(register_pins::kind.eq(kind.id()))
        .filter(register_pins::first_number.le(last))
        .filter(register_pins::last_number.ge(first))
        .order(register_pins::id)
        .select(register_pins::digests)
        .load(db)?;
    Ok(texts.iter().flat_map(|text| parse(text).unwrap_or_default()).collect())
}

/// Hands what is pinned of a kind to `f`, subject by subject; as [`of_numbers`].
///
/// # Errors
/// Where the store does not answer.
pub fn for_each(db: &mut Db, kind: Kind, mut f: impl FnMut(Binding)) -> Result<(), StoreError> {
    let query = register_pins::table
        .filter(register_pins::kind.eq(kind.id()))
        .order(register_pins::id)
        .select(register_pins::digests);
    each_row!(db, query, |text: String| parse(&text)
        .unwrap_or_default()
        .into_iter()
        .for_each(&mut f));
    Ok(())
}

fn parse(text: &str) -> Option<Vec<Binding>> {
    serde_json::from_str(text).ok()
}
