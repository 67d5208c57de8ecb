//! The ledger: appended to, never changed. The table itself refuses UPDATE and DELETE (triggers of the first migration).

use diesel::{dsl::max, prelude::*};

use super::{
    Db, StoreError,
    binding::{self, touched},
    dialect::each_row,
    schema::{ledger, ledger_subjects},
    tips,
};
use crate::domain::{
    ledger::{Act, Entry, GENESIS, chain_hash},
    time::Moment,
};

/// An entry as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct StoredEntry {
    /// 1, 2, 3 …
    pub sequence: i64,
    /// Canonical JSON.
    pub entry: String,
    /// Hash of the entry before.
    pub previous_hash: String,
    /// Hash of this one.
    pub hash: String,
}

/// The end of the chain: sequence 0 and 64 zeros while it is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Last sequence.
    pub sequence: i64,
    /// Last hash.
    pub hash: String,
}

impl Head {
    /// The end of a chain without entries.
    pub(super) fn genesis() -> Self {
        Self {
            sequence: 0,
            hash: GENESIS.to_owned(),
        }
    }
}

/// The end of the chain now.
///
/// # Errors
/// Where the store does not answer.
pub fn head(db: &mut Db) -> Result<Head, StoreError> {
    if let Some(known) = tips::register() {
        return Ok(known);
    }
    let last: Option<i64> = ledger::table.select(max(ledger::sequence)).get_result(db)?;
    let Some(sequence) = last else {
        return Ok(Head::genesis());
    };
    let hash = ledger::table
        .filter(ledger::sequence.eq(sequence))
        .select(ledger::hash)
        .get_result(db)?;
    Ok(Head { sequence, hash })
}

/// Appends one act within the caller's writing transaction.
///
/// # Errors
/// Where the store does not answer.
pub fn append(db: &mut Db, act: Act) -> Result<Head, StoreError> {
    let mut head = head(db)?;
    append_to(db, &mut head, act)?;
    Ok(head)
}

/// Appends one act after `head`, which moves on: for many acts in one transaction.
///
/// # Errors
/// Where the store does not answer.
pub fn append_to(db: &mut Db, head: &mut Head, act: Act) -> Result<(), StoreError> {
    let sequence = head.sequence + 1;
    let (contract, at) = (act.contract, act.at);
    let register = binding::bind(db, touched::for_register(contract))?;
    let entry = Entry {
        sequence,
        act,
        register,
    };
    let entry = entry.canonical().map_err(StoreError::corrupt)?;
    let hash = chain_hash(&head.hash, &entry);
    let row = (
        contract,
        StoredEntry {
            sequence,
            entry,
            previous_hash: head.hash.clone(),
            hash: hash.clone(),
        },
    );
    // A server is asked once for all entries of a transaction, not once for each.
    if matches!(db, Db::Postgres(_)) && tips::is_at_work() {
        if tips::hold_back(row) >= HELD_BACK {
            flush(db)?;
        }
    } else {
        write(db, vec![row])?;
    }
    *head = Head { sequence, hash };
    tips::move_register(head, contract, at);
    Ok(())
}

/// An entry, and the contract that it is about.
pub(super) type Row = (Option<i64>, StoredEntry);

/// Entries held back at most.
const HELD_BACK: usize = 256;

/// Writes the entries of the transaction that were held back: before it is committed, and before anything is read of the ledger in it.
///
/// # Errors
/// Where the store does not answer.
pub(super) fn flush(db: &mut Db) -> Result<(), StoreError> {
    let rows = tips::held_back();
    if rows.is_empty() {
        return Ok(());
    }
    write(db, rows)
}

fn write(db: &mut Db, rows: Vec<Row>) -> Result<(), StoreError> {
    match db {
        Db::Sqlite(c) => {
            for (contract, row) in rows {
                let subject = contract.map(|id| (id, row.sequence));
                let values = (
                    ledger::sequence.eq(row.sequence),
                    ledger::entry.eq(row.entry),
                    ledger::previous_hash.eq(row.previous_hash),
                    ledger::hash.eq(row.hash),
                );
                diesel::insert_into(ledger::table).values(values).execute(c)?;
                if let Some((contract_id, sequence)) = subject {
                    let values = (
                        ledger_subjects::contract_id.eq(contract_id),
                        ledger_subjects::sequence.eq(sequence),
                    );
                    diesel::insert_into(ledger_subjects::table).values(values).execute(c)?;
                }
            }
        }
        Db::Postgres(c) => {
            let subjects: Vec<_> = rows
                .iter()
                .filter_map(|(contract, row)| {
                    let subject = ledger_subjects::contract_id.eq((*contract)?);
                    Some((subject, ledger_subjects::sequence.eq(row.sequence)))
                })
                .collect();
            let entries: Vec<_> = rows
                .iter()
                .map(|(_, row)| {
                    (
                        ledger::sequence.eq(row.sequence),
                        ledger::entry.eq(&row.entry),
                        ledger::previous_hash.eq(&row.previous_hash),
                        ledger::hash.eq(&row.hash),
                    )
                })
                .collect();
            diesel::insert_into(ledger::table).values(entries).execute(c)?;
            if !subjects.is_empty() {
                diesel::insert_into(ledger_subjects::table)
                    .values(subjects)
                    .execute(c)?;
            }
        }
    }
    Ok(())
}

/// Entries after a sequence, oldest first.
///
/// # Errors
/// Where the store does not answer.
pub fn after(db: &mut Db, sequence: i64, limit: i64) -> Result<Vec<StoredEntry>, StoreError> {
    flush(db)?;
    Ok(ledger::table
        .filter(ledger::sequence.gt(sequence))
        .order(ledger::sequence)
        .limit(limit)
        .load(db)?)
}

/// Sequences looked at in one go for entries about no contract.
const SPAN: i64 = 50_000;

/// Entries read by their sequences at once.
const A_BATCH: usize = 500;

/// Hands the entries after a sequence, up to another, that are about no contract to `f`, oldest first. Those about contracts, nearly
/// all of a register's, are not read.
///
/// # Errors
/// Where the store does not answer or an entry does not read back.
pub fn for_each_about_no_contract(
    db: &mut Db,
    (after, until): (i64, i64),
    mut f: impl FnMut(Entry),
) -> Result<(), StoreError> {
    flush(db)?;
    let mut from = after;
    while from < until {
        let to = until.min(from + SPAN);
        let about_contracts: Vec<i64> = ledger_subjects::table
            .filter(ledger_subjects::sequence.gt(from))
            .filter(ledger_subjects::sequence.le(to))
            .order(ledger_subjects::sequence)
            .select(ledger_subjects::sequence)
            .load(db)?;
        let mut about_contracts = about_contracts.into_iter().peekable();
        let others: Vec<i64> = (from + 1..=to)
            .filter(|sequence| about_contracts.next_if_eq(sequence).is_none())
            .collect();
        for sequences in others.chunks(A_BATCH) {
            let texts: Vec<String> = ledger::table
                .filter(ledger::sequence.eq_any(sequences.to_vec()))
                .order(ledger::sequence)
                .select(ledger::entry)
                .load(db)?;
            for text in texts {
                f(serde_json::from_str(&text).map_err(StoreError::corrupt)?);
            }
        }
        from = to;
    }
    Ok(())
}

/// Entries about a contract, oldest first.
///
/// # Errors
/// Where the store does not answer or an entry does not read back.
pub fn of_contract(db: &mut Db, contract_id: i64) -> Result<Vec<Entry>, StoreError> {
    flush(db)?;
    let texts: Vec<String> = ledger_subjects::table
        .inner_join(ledger::table.on(ledger::sequence.eq(ledger_subjects::sequence)))
        .filter(ledger_subjects::contract_id.eq(contract_id))
        .order(ledger_subjects::sequence)
        .select(ledger::entry)
        .load(db)?;
    texts
        .iter()
        .map(|t| serde_json::from_str(t).map_err(StoreError::corrupt))
        .collect()
}

/// Entries of an action, oldest first: of one that is rare, since the whole ledger is looked at.
///
/// # Errors
/// Where the store does not answer or an entry does not read back.
pub fn of_action(db: &mut Db, action: &str) -> Result<Vec<Entry>, StoreError> {
    flush(db)?;
    // Canonical JSON has its fields in order of their names: the action comes first.
    let texts: Vec<String> = ledger::table
        .filter(ledger::entry.like(format!("{{\"action\":\"{action}\",%")))
        .order(ledger::sequence)
        .select(ledger::entry)
        .load(db)?;
    let mut found = Vec::new();
    for text in texts {
        let entry: Entry = serde_json::from_str(&text).map_err(StoreError::corrupt)?;
        // `_` stands for any character in LIKE.
        found.extend(Some(entry).filter(|entry| entry.act.action == action));
    }
    Ok(found)
}

/// The latest entry of an action that `is_it`, among those made at a moment or later.
///
/// # Errors
/// Where the store does not answer or an entry does not read back.
pub fn latest_of_action(
    db: &mut Db,
    action: &str,
    not_before: Moment,
    is_it: impl Fn(&Entry) -> bool,
) -> Result<Option<Entry>, StoreError> {
    flush(db)?;
    let begin = format!("{{\"action\":\"{action}\",");
    let mut before = i64::MAX;
    loop {
        let batch: Vec<(i64, String)> = ledger::table
            .filter(ledger::sequence.lt(before))
            .order(ledger::sequence.desc())
            .limit(A_BATCH.try_into().unwrap_or(i64::MAX))
            .select((ledger::sequence, ledger::entry))
            .load(db)?;
        let Some((first, text)) = batch.last() else {
            return Ok(None);
        };
        for (_, text) in batch.iter().filter(|(_, text)| text.starts_with(&begin)) {
            let entry: Entry = serde_json::from_str(text).map_err(StoreError::corrupt)?;
            if is_it(&entry) {
                return Ok(Some(entry));
            }
        }
        let oldest: Entry = serde_json::from_str(text).map_err(StoreError::corrupt)?;
        if oldest.act.at < not_before {
            return Ok(None);
        }
        before = *first;
    }
}

/// The first entry before a sequence that binds rows.
///
/// # Errors
/// Where the store does not answer.
pub fn first_that_binds(db: &mut Db, before: i64) -> Result<Option<i64>, StoreError> {
    flush(db)?;
    Ok(ledger::table
        .filter(ledger::sequence.lt(before))
        .filter(ledger::entry.like("%\"register\":[{%"))
        .order(ledger::sequence)
        .limit(1)
        .select(ledger::sequence)
        .get_result(db)
        .optional()?)
}

/// The entry of a sequence.
///
/// # Errors
/// Where the store does not answer or the entry does not read back.
pub fn find(db: &mut Db, sequence: i64) -> Result<Option<Entry>, StoreError> {
    flush(db)?;
    let text: Option<String> = ledger::table
        .filter(ledger::sequence.eq(sequence))
        .select(ledger::entry)
        .get_result(db)
        .optional()?;
    text.map(|text| serde_json::from_str(&text).map_err(StoreError::corrupt))
        .transpose()
}

/// Hands the text of each entry about one of the contracts `first..=last`, of those after a sequence, to `f`, contract by contract, oldest
/// first.
///
/// # Errors
/// Where the store does not answer, and what `f` answers.
pub fn for_each_about_contracts(
    db: &mut Db,
    (first, last): (i64, i64),
    after: i64,
    mut f: impl FnMut(i64, &str) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    flush(db)?;
    let query = ledger_subjects::table
        .inner_join(ledger::table.on(ledger::sequence.eq(ledger_subjects::sequence)))
        .filter(ledger_subjects::contract_id.ge(first))
        .filter(ledger_subjects::contract_id.le(last))
        .filter(ledger_subjects::sequence.gt(after))
        .order((ledger_subjects::contract_id, ledger_subjects::sequence))
        .select((ledger_subjects::contract_id, ledger::entry));
    each_row!(db, query, |row: (i64, String)| f(row.0, &row.1)?);
    Ok(())
}

/// Which contracts the entries after a sequence, up to another, are filed under.
///
/// # Errors
/// Where the store does not answer.
pub fn subjects(db: &mut Db, after: i64, until: i64) -> Result<Vec<(i64, i64)>, StoreError> {
    flush(db)?;
    Ok(ledger_subjects::table
        .filter(ledger_subjects::sequence.gt(after))
        .filter(ledger_subjects::sequence.le(until))
        .select((ledger_subjects::sequence, ledger_subjects::contract_id))
        .load(db)?)
}
