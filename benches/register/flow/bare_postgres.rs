//! The same changes on PostgreSQL: each act one batch of statements and a commit of its own, as many connections as clients, each with
//! the acts of its own contracts.

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use diesel::{Connection as _, connection::SimpleConnection as _, pg::PgConnection};
use rusqlite::types::Value;

use crate::Failure;

use super::recording::{Change, Changes};

/// Connections at once.
const CONNECTIONS: usize = 16;

/// Does the changes again; how long that took.
pub fn replay(url: &str, changes: &Changes, clients: usize) -> Result<Duration, Failure> {
    let connections = CONNECTIONS.min(clients);
    let contracts = changes
        .tables
        .iter()
        .position(|table| table.name == "contracts")
        .ok_or("no contracts")?;
    // The acts of one contract follow one another.
    let mut shares: Vec<Vec<String>> = vec![Vec::new(); connections];
    for act in &changes.acts {
        let contract = act
            .iter()
            .find(|change| change.table == contracts)
            .and_then(|change| change.row.first());
        let share = match contract {
            Some(Value::Integer(id)) => usize::try_from(*id)? % connections,
            _ => 0,
        };
        if let Some(share) = shares.get_mut(share) {
            share.push(batch(changes, act)?);
        }
    }
    let start = Barrier::new(connections + 1);
    thread::scope(|scope| {
        let threads: Vec<_> = shares
            .into_iter()
            .map(|share| {
                let start = &start;
                scope.spawn(move || {
                    let connection = PgConnection::establish(url);
                    start.wait();
                    let mut connection = connection?;
                    for act in share {
                        connection.batch_execute(&act)?;
                    }
                    Ok::<_, Failure>(())
                })
            })
            .collect();
        start.wait();
        let started = Instant::now();
        for thread in threads {
            thread.join().unwrap_or_else(|_| Err("a writer panicked".into()))?;
        }
        Ok(started.elapsed())
    })
}

fn batch(changes: &Changes, act: &[Change]) -> Result<String, Failure> {
    let mut sql = String::from("BEGIN;\n");
    for change in act {
        let table = changes.tables.get(change.table).ok_or("no such table")?;
        sql.push_str(&table.statement(change.kind, |at| literal(change.row.get(at))));
        sql.push_str(";\n");
    }
    sql.push_str("COMMIT;");
    Ok(sql)
}

fn literal(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "NULL".to_owned(),
        // Quoted, a number may be a truth value, too.
        Some(Value::Integer(number)) => format!("'{number}'"),
        Some(Value::Real(number)) => format!("'{number}'"),
        Some(Value::Text(text)) => format!("'{}'", text.replace('\'', "''")),
        Some(Value::Blob(bytes)) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("'\\x{digits}'")
        }
    }
}
