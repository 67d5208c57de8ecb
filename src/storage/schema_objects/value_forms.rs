//! Whether every value that the ledgers bind is stored as its column declares. SQLite keeps a BLOB in a column of text, a fraction in one of
//! whole numbers, a number beyond 32 bits where 32 are read: read as what they should be, such values are those that were bound, and
//! every statement that counts, compares or sorts sees others. PostgreSQL has no such values, but days beyond all years.

use diesel::{
    prelude::*,
    sql_types::{Nullable, Text},
};

use super::{postgres, sqlite};
use crate::storage::{
    Db, StoreError,
    binding::{Basis, Kind, TABLES},
    dialect::each,
};

/// A row with values of another form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MisstoredRow {
    /// Its table.
    pub table: &'static str,
    /// What it belongs to as entries name it, `contract/7`; the row by its key where that has no number, or it is a ledger's.
    pub subject: String,
    /// The columns.
    pub columns: Vec<String>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Text>)]
    key: Option<String>,
    #[diesel(sql_type = Text)]
    columns: String,
}

/// Rows of bound tables and of the ledgers with values that are not stored as declared, `most` of each table at most.
///
/// # Errors
/// Where the store does not answer.
pub fn misstored(
    db: &mut Db,
    most: usize,
    mut go_on: impl FnMut() -> Result<(), StoreError>,
) -> Result<Vec<MisstoredRow>, StoreError> {
    let mut found = Vec::new();
    for (table, basis) in TABLES {
        go_on()?;
        let kind = match basis {
            Basis::Numbered(kind, ..) | Basis::Named(kind, _) => Some(*kind),
            Basis::Chain => None,
            Basis::Unbound(_) => continue,
        };
        let Some(sql) = statement(db, table, basis, most)? else {
            continue;
        };
        // A table that is not there any more is told as such.
        let rows: Vec<Row> = match db.apart(|db| Ok::<_, StoreError>(each!(db, |c| diesel::sql_query(&sql).load(c))?)) {
            Ok(rows) => rows,
            Err(StoreError::Database(_)) => continue,
            Err(error) => return Err(error),
        };
        found.extend(rows.into_iter().map(|row| MisstoredRow {
            table,
            subject: subject(table, kind, row.key.as_deref().unwrap_or("NULL")),
            columns: row.columns.split_whitespace().map(str::to_owned).collect(),
        }));
    }
    Ok(found)
}

fn subject(table: &str, kind: Option<Kind>, key: &str) -> String {
    let plain = key.parse::<i64>().is_ok();
    match kind {
        Some(kind) if plain || !kind.is_numbered() => format!("{}/{key}", kind.id()),
        _ => format!("{table}/{key}"),
    }
}

/// The statement that finds them; none where a table has no column that could hold such a value.
fn statement(db: &Db, table: &str, basis: &Basis, most: usize) -> Result<Option<String>, StoreError> {
    let (conditions, primary) = match db {
        Db::Sqlite(_) => of_sqlite(table)?,
        Db::Postgres(_) => (of_postgres(table)?, String::new()),
    };
    if conditions.is_empty() {
        return Ok(None);
    }
    let key = |column: &str| match db {
        // A key of another form is shown as SQLite would write it.
        Db::Sqlite(_) => {
            format!(
                "CASE WHEN typeof(\"{column}\") IN ('integer', 'text') THEN \"{column}\" ELSE substr(quote(\"{column}\"), 1, 60) END"
            )
        }
        Db::Postgres(_) => format!("\"{column}\"::text"),
    };
    let keys = match basis {
        Basis::Numbered(_, _, columns) => key(columns.first().copied().unwrap_or_default()),
        Basis::Named(_, columns) => columns
            .iter()
            .take(2)
            .map(|column| key(column))
            .collect::<Vec<_>>()
            .join(" || '/' || "),
        Basis::Chain | Basis::Unbound(_) => key(&primary),
    };
    let names: Vec<String> = conditions
        .iter()
        .map(|(column, wrong)| format!("CASE WHEN {wrong} THEN '{column} ' ELSE '' END"))
        .collect();
    let any: Vec<&str> = conditions.iter().map(|(_, wrong)| wrong.as_str()).collect();
    Ok(Some(format!(
        "SELECT CAST({keys} AS TEXT) AS key, {} AS columns FROM {table} WHERE {} LIMIT {most}",
        names.join(" || "),
        any.join(" OR ")
    )))
}

/// For each column of a table when its value is of another form, and the first column of the primary key.
fn of_sqlite(table: &str) -> Result<(Vec<(String, String)>, String), StoreError> {
    let columns: Vec<&sqlite::Column> = sqlite::reference()?
        .columns
        .iter()
        .filter(|c| c.table_name == table)
        .collect();
    let single_key = columns.iter().filter(|column| column.key > 0).count() == 1;
    let mut conditions = Vec::new();
    let mut primary = String::new();
    for column in columns {
        let name = format!("\"{}\"", column.name);
        let right = match column.kind.as_str() {
            "TEXT" => format!("typeof({name}) = 'text'"),
            // As 64 bits, and so read.
            "BIGINT" => format!("typeof({name}) = 'integer'"),
            // A lone INTEGER PRIMARY KEY is SQLite's row number, of 64 bits; any other column so declared is read as 32.
            "INTEGER" if single_key && column.key > 0 => format!("typeof({name}) = 'integer'"),
            "INTEGER" => format!("typeof({name}) = 'integer' AND {name} BETWEEN -2147483648 AND 2147483647"),
            "DATE" => format!(
                "typeof({name}) = 'text' AND {name} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date({name}, '+0 days') = {name}"
            ),
            other => return Err(StoreError::Database(format!("{table}.{name} is declared as {other}"))),
        };
        let wrong = match column.nullable {
            0 => format!("NOT coalesce({right}, 0)"),
            _ => format!("{name} IS NOT NULL AND NOT coalesce({right}, 0)"),
        };
        if column.key == 1 {
            primary.clone_from(&column.name);
        }
        conditions.push((column.name.clone(), wrong));
    }
    Ok((conditions, primary))
}

/// The days of a table that are beyond all years, or no day at all.
fn of_postgres(table: &str) -> Result<Vec<(String, String)>, StoreError> {
    let days = postgres::columns_of(table, "date")?.into_iter();
    Ok(days
        .map(|column| {
            let wrong = format!("\"{column}\" NOT BETWEEN '0001-01-01' AND '9999-12-31'");
            (column, wrong)
        })
        .collect())
}
