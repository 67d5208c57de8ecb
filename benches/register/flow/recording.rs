//! What acts do to the tables, row by row: noted by triggers while a server works, and done again by prepared statements.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::{Connection, params_from_iter, types::Value};

use crate::{Failure, plain};

/// One change of one row.
pub struct Change {
    /// Its table, by its place in [`Changes::tables`].
    pub table: usize,
    /// What was done.
    pub kind: Kind,
    /// The row as it is then; as it was, where it was deleted.
    pub row: Vec<Value>,
}

/// What was done with a row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Insert,
    Update,
    Delete,
}

/// A table.
pub struct Table {
    pub name: String,
    pub columns: Vec<String>,
    /// Places of the key's columns.
    pub key: Vec<usize>,
}

/// All changes, act by act.
pub struct Changes {
    pub tables: Vec<Table>,
    pub acts: Vec<Vec<Change>>,
}

const LOG: &str = "bench_log";

/// What an act writes after its entry.
const BEHIND_THE_ENTRY: [&str; 3] = ["ledger_subjects", "messages", "outbox"];

/// The tables that acts on contracts write; what log-ins write is left out.
const TABLES: [&str; 10] = [
    "attachments",
    "contract_likeness",
    "contract_revisions",
    "contracts",
    "ledger",
    "ledger_subjects",
    "messages",
    "number_sequences",
    "outbox",
    "standings",
];

fn tables(connection: &Connection) -> Result<Vec<Table>, Failure> {
    TABLES
        .iter()
        .map(|name| (*name).to_owned())
        .map(|name| {
            let mut columns = connection.prepare("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid")?;
            let columns: Vec<(String, i64)> = columns
                .query_map([&name], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            let key = columns
                .iter()
                .enumerate()
                .filter(|(_, (_, pk))| *pk > 0)
                .map(|(at, _)| at)
                .collect();
            Ok(Table {
                name,
                columns: columns.into_iter().map(|(name, _)| name).collect(),
                key,
            })
        })
        .collect()
}

/// Sets the triggers.
pub fn begin(path: &Path) -> Result<(), Failure> {
    let connection = plain::connect(path)?;
    let mut sql =
        format!("CREATE TABLE {LOG} (sequence INTEGER PRIMARY KEY, row_table INTEGER, kind TEXT, row_id INTEGER);");
    for (place, table) in tables(&connection)?.iter().enumerate() {
        let name = &table.name;
        sql.push_str(&format!(
            "CREATE TABLE bench_rows_{place} AS SELECT * FROM {name} WHERE 0;"
        ));
        for (kind, event, of) in [("I", "INSERT", "NEW"), ("U", "UPDATE", "NEW"), ("D", "DELETE", "OLD")] {
            let row: Vec<String> = table
                .columns
                .iter()
                .map(|column| format!("{of}.\"{column}\""))
                .collect();
            sql.push_str(&format!(
                "CREATE TRIGGER bench_{kind}_{place} AFTER {event} ON {name} BEGIN
                    INSERT INTO bench_rows_{place} VALUES ({});
                    INSERT INTO {LOG} (row_table, kind, row_id) VALUES ({place}, '{kind}', last_insert_rowid());
                 END;",
                row.join(", ")
            ));
        }
    }
    connection.execute_batch(&sql)?;
    Ok(())
}

/// Reads what was noted; an act ends with the last change before the next one's entry.
pub fn read(path: &Path) -> Result<Changes, Failure> {
    let connection = plain::connect(path)?;
    let tables = tables(&connection)?;
    let mut rows: Vec<BTreeMap<i64, Vec<Value>>> = Vec::new();
    for (place, table) in tables.iter().enumerate() {
        let mut statement = connection.prepare(&format!("SELECT rowid, * FROM bench_rows_{place}"))?;
        let width = table.columns.len();
        let read = statement.query_map([], |row| {
            let values: Result<Vec<Value>, _> = (1..=width).map(|at| row.get(at)).collect();
            Ok((row.get(0)?, values?))
        })?;
        rows.push(read.collect::<Result<_, _>>()?);
    }
    let ledger = tables
        .iter()
        .position(|table| table.name == "ledger")
        .ok_or("no table of the ledger")?;
    let mut statement = connection.prepare(&format!("SELECT row_table, kind, row_id FROM {LOG} ORDER BY sequence"))?;
    let log: Vec<(i64, String, i64)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    let mut acts: Vec<Vec<Change>> = vec![Vec::new()];
    for (place, kind, row) in log {
        let table = usize::try_from(place)?;
        let row = rows
            .get_mut(table)
            .and_then(|rows| rows.remove(&row))
            .ok_or("a change without its row")?;
        let kind = match kind.as_str() {
            "I" => Kind::Insert,
            "U" => Kind::Update,
            _ => Kind::Delete,
        };
        let is_behind = tables
            .get(table)
            .is_some_and(|table| BEHIND_THE_ENTRY.contains(&table.name.as_str()));
        // The last one is that whose entry has not come yet.
        let place = acts.len().saturating_sub(if is_behind { 2 } else { 1 });
        if let Some(act) = acts.get_mut(place) {
            act.push(Change { table, kind, row });
        }
        if table == ledger {
            acts.push(Vec::new());
        }
    }
    acts.retain(|act| !act.is_empty());
    Ok(Changes { tables, acts })
}

impl Table {
    /// The statement of a change, its values being those of [`Table::values`]; `place` makes the n-th value's mark.
    pub fn statement(&self, kind: Kind, place: impl Fn(usize) -> String) -> String {
        let quoted = |at: &usize| {
            self.columns
                .get(*at)
                .map_or_else(String::new, |name| format!("\"{name}\""))
        };
        let all: Vec<usize> = (0..self.columns.len()).collect();
        let rest: Vec<usize> = all.iter().copied().filter(|at| !self.key.contains(at)).collect();
        let equal = |of: &[usize], joint: &str| {
            let pairs: Vec<String> = of.iter().map(|at| format!("{} = {}", quoted(at), place(*at))).collect();
            pairs.join(joint)
        };
        let name = &self.name;
        match kind {
            Kind::Insert => {
                let columns: Vec<String> = all.iter().map(quoted).collect();
                let places: Vec<String> = all.iter().map(|at| place(*at)).collect();
                format!(
                    "INSERT INTO {name} ({}) VALUES ({})",
                    columns.join(", "),
                    places.join(", ")
                )
            }
            Kind::Update => format!(
                "UPDATE {name} SET {} WHERE {}",
                equal(&rest, ", "),
                equal(&self.key, " AND ")
            ),
            Kind::Delete => format!("DELETE FROM {name} WHERE {}", equal(&self.key, " AND ")),
        }
    }
}

/// Acts committed together, as many as clients that wait.
const GROUP: usize = super::CLIENTS;

/// Does the changes again; how long that took.
pub fn replay(path: &Path, changes: &Changes) -> Result<Duration, Failure> {
    let mut connection = plain::connect(path)?;
    connection.execute_batch("PRAGMA temp_store = MEMORY")?;
    connection.set_prepared_statement_cache_capacity(256);
    let started = Instant::now();
    for group in changes.acts.chunks(GROUP) {
        let transaction = connection.transaction()?;
        for change in group.iter().flatten() {
            let table = changes.tables.get(change.table).ok_or("no such table")?;
            let sql = table.statement(change.kind, |at| format!("?{}", at + 1));
            let mut statement = transaction.prepare_cached(&sql)?;
            match change.kind {
                // The key's values alone are marked.
                Kind::Delete => {
                    let width = table.key.iter().max().map_or(0, |last| last + 1);
                    statement.execute(params_from_iter(change.row.iter().take(width)))?
                }
                _ => statement.execute(params_from_iter(&change.row))?,
            };
        }
        transaction.commit()?;
    }
    Ok(started.elapsed())
}
