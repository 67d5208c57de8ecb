//! The store: its schema, its writer, its ledger, and what is left of it after a crash.

mod account_ledger;
pub mod attacks;
mod checkpoints;
mod crash;
mod folders;
mod grants;
mod ledger;
mod likeness;
mod migrations;
mod readings;
mod statements;
pub mod tampering;
mod waits;
pub mod writer;

use dengji::storage::{Db, StoreError};
use diesel::{
    QueryableByName, RunQueryDsl as _, connection::SimpleConnection as _, pg::PgConnection, sql_types::Text,
    sqlite::SqliteConnection,
};

use crate::support::App;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Runs statements behind the program's back, on a connection of its own.
pub fn execute(app: &App, sql: &str) -> Result<(), StoreError> {
    app.ctx.store.with_connection(|db| Ok(db.batch_execute(sql)?))
}

/// The lines that a query answers in its text column `line`, behind the program's back.
pub fn lines(app: &App, sql: &str) -> Vec<String> {
    app.ctx.store.with_connection(|db| Ok(query(db, sql))).unwrap()
}

fn query(db: &mut Db, sql: &str) -> Vec<String> {
    match db {
        Db::Postgres(c) => query_postgres(c, sql),
        Db::Sqlite(c) => query_sqlite(c, sql),
    }
}

fn query_postgres(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    let lines: Vec<Line> = diesel::sql_query(sql)
        .load(connection)
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
    lines.into_iter().map(|l| l.line).collect()
}

fn query_sqlite(connection: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let lines: Vec<Line> = diesel::sql_query(sql)
        .load(connection)
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
    lines.into_iter().map(|l| l.line).collect()
}

/// A number that a query answers in its text column `line`.
pub fn number(app: &App, sql: &str) -> i64 {
    let lines = lines(app, sql);
    assert_eq!(lines.len(), 1, "{sql}");
    lines[0].parse().unwrap()
}
