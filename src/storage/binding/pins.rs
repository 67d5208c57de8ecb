//! What was there before entries bound rows: pinned once, when a store of an earlier version is brought up, by one entry that holds the
//! digest of all of `register_pins`. Those rows hold, a thousand subjects each, how the rows of each looked.
//!
//! The migration that makes the table, or one that rewrites rows of bound tables, says that a pin is due by a row of kind `due`; the
//! program pins once all migrations have run. What an earlier entry bound does not count beside a later pin.

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
        Db, StoreError,
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

/// Whether what is there must be pinned. Outside a migration nothing is: the one that says so is followed by the pin in its transaction.
///
/// # Errors
/// Where the store does not answer.
pub fn are_due(db: &mut Db) -> Result<bool, StoreError> {
    let due = register_pins::table.filter(register_pins::kind.eq(DUE));
    Ok(diesel::select(diesel::dsl::exists(due)).get_result(db)?)
}

/// Pins what is there now; within the caller's writing transaction.
///
/// # Errors
/// Where the store does not answer.
pub fn pin(db: &mut Db, actor: &str, at: Moment) -> Result<(), StoreError> {
    diesel::delete(register_pins::table).execute(db)?;
    let mut pinning = Pinning::default();
    for kind in Kind::ALL {
        if kind.is_numbered() {
            let mut after = i64::MIN;
            loop {
                let numbers = rows::numbers_after(db, kind, after, BLOCK)?;
                let Some(last) = numbers.last().copied() else {
                    break;
                };
                let bound = between(db, kind, (after.saturating_add(1), last))?;
                let block = bound
                    .into_iter()
                    .map(|(number, bound)| (Subject::Numbered(kind, number), bound));
                pinning.write(db, kind, block.collect())?;
                after = last;
            }
        } else {
            // Read whole before it is written, block by block: one connection does one thing at a time.
            let mut all = Vec::new();
            for_each_named(db, kind, |subject, bound| all.push((subject, bound)))?;
            while !all.is_empty() {
                let rest = all.split_off(all.len().min(BLOCK));
                pinning.write(db, kind, std::mem::replace(&mut all, rest))?;
            }
        }
    }
    let pinned = Change {
        pointer: "/register_pins".to_owned(),
        from: json!(null),
        to: json!({"subjects": pinning.subjects, "rows": pinning.rows, "digest": hex::encode(pinning.hasher.finalize())}),
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

/// The digest of all that is pinned, as the entry has it.
///
/// # Errors
/// Where the store does not answer.
pub fn digest(db: &mut Db) -> Result<String, StoreError> {
    let mut hasher = Sha256::new();
    let query = register_pins::table
        .filter(register_pins::kind.ne_all([DUE, ENTRY]))
        .order(register_pins::id)
        .select((register_pins::kind, register_pins::digests));
    each_row!(db, query, |row: (String, String)| add(&mut hasher, &row.0, &row.1));
    Ok(hex::encode(hasher.finalize()))
}

/// What is pinned of a numbered kind, of the numbers `first..=last`; by subjects.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn of_numbers(db: &mut Db, kind: Kind, (first, last): (i64, i64)) -> Result<Vec<Binding>, StoreError> {
    let texts: Vec<String> = register_pins::table
        .filter(register_pins::kind.eq(kind.id()))
        .filter(register_pins::first_number.le(last))
        .filter(register_pins::last_number.ge(first))
        .order(register_pins::id)
        .select(register_pins::digests)
        .load(db)?;
    let mut found = Vec::new();
    for text in texts {
        found.extend(parse(&text)?);
    }
    Ok(found)
}

/// Hands what is pinned of a kind to `f`, subject by subject.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn for_each(db: &mut Db, kind: Kind, mut f: impl FnMut(Binding)) -> Result<(), StoreError> {
    let query = register_pins::table
        .filter(register_pins::kind.eq(kind.id()))
        .order(register_pins::id)
        .select(register_pins::digests);
    let mut wrong = None;
    each_row!(db, query, |text: String| match parse(&text) {
        Ok(bindings) => bindings.into_iter().for_each(&mut f),
        Err(error) => wrong = Some(error),
    });
    wrong.map_or(Ok(()), Err)
}

fn parse(text: &str) -> Result<Vec<Binding>, StoreError> {
    serde_json::from_str(text).map_err(StoreError::corrupt)
}
