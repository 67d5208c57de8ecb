//! The other side of the comparisons: the same rows, by nothing but prepared statements of SQLite's own API.

use std::{path::Path, time::Duration, time::Instant};

use rusqlite::{Connection, params_from_iter, types::Value};

use crate::Failure;

/// All rows of a table, in the order in which they were added.
pub struct Table {
    name: &'static str,
    columns: usize,
    rows: Vec<Vec<Value>>,
}

/// A connection with the settings of the store's writer.
pub fn connect(path: &Path) -> Result<Connection, Failure> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000;",
    )?;
    Ok(connection)
}

/// Reads what `query` answers, to be inserted into `table`.
pub fn read(connection: &Connection, table: &'static str, query: &str) -> Result<Table, Failure> {
    let mut statement = connection.prepare(query)?;
    let columns = statement.column_count();
    let rows = statement
        .query_map([], |row| (0..columns).map(|at| row.get(at)).collect())?
        .collect::<Result<_, _>>()?;
    Ok(Table {
        name: table,
        columns,
        rows,
    })
}

/// Inserts all of it in one transaction; how long that took, the commit included.
pub fn insert(connection: &mut Connection, tables: &[Table]) -> Result<Duration, Failure> {
    let started = Instant::now();
    let transaction = connection.transaction()?;
    for table in tables {
        let places = vec!["?"; table.columns].join(", ");
        let mut statement = transaction.prepare(&format!("INSERT INTO {} VALUES ({places})", table.name))?;
        for row in &table.rows {
            statement.execute(params_from_iter(row))?;
        }
    }
    transaction.commit()?;
    Ok(started.elapsed())
}
