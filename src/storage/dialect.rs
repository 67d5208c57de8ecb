//! All that differs between SQLite and PostgreSQL, and the only place that asks which one it is, beside what reads their catalogues
//! (`schema_objects`).

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::{Duration, Instant},
};

use diesel::{
    connection::{AnsiTransactionManager as Ansi, SimpleConnection as _, TransactionManager},
    dsl::sql,
    pg::PgConnection,
    prelude::*,
    sql_types::{BigInt, Bool, Text},
    sqlite::{Sqlite, SqliteConnection},
};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use super::{Health, StoreError, address, db::Db, tips};

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Runs the same diesel expression on either backend: for the few that the common connection cannot express (batch inserts,
/// upserts), and for those that every act or imported row runs, whose text is then built once and not each time.
macro_rules! each {
    ($db:expr, |$connection:ident| $body:expr) => {
        match $db {
            $crate::storage::Db::Postgres($connection) => $body,
            $crate::storage::Db::Sqlite($connection) => $body,
        }
    };
}
pub(super) use each;

/// Inserts one row and answers the key it was given. SQLite is asked for the key afterwards: RETURNING makes it keep a copy of
/// every page that the statement changes.
macro_rules! insert_for_key {
    ($db:expr, $statement:expr, $key:expr) => {
        match $db {
            $crate::storage::Db::Postgres(c) => $statement.returning($key).get_result::<i64>(c),
            $crate::storage::Db::Sqlite(c) => $statement
                .execute(c)
                .and_then(|_| diesel::select($crate::storage::dialect::last_insert_rowid()).get_result::<i64>(c)),
        }
    };
}
pub(super) use insert_for_key;

diesel::define_sql_function! {
    /// SQLite: the key of the row that this connection inserted last.
    fn last_insert_rowid() -> BigInt;
}

/// Hands the rows of a query to a closure one by one, as they come from the backend; stops where nobody waits for them any more.
macro_rules! each_row {
    ($db:expr, $query:expr, |$row:ident: $kind:ty| $body:expr) => {
        match $db {
            $crate::storage::Db::Postgres(c) => {
                for row in $query.load_iter::<$kind, diesel::pg::PgRowByRowLoadingMode>(c)? {
                    let $row = row?;
                    $crate::storage::errand::go_on()?;
                    $body
                }
            }
            $crate::storage::Db::Sqlite(c) => {
                for row in $query.load_iter::<$kind, diesel::connection::DefaultLoadingMode>(c)? {
                    let $row = row?;
                    $crate::storage::errand::go_on()?;
                    $body
                }
            }
        }
    };
}
pub(super) use each_row;

/// Pages that SQLite keeps in memory for the connection that writes, and for each that reads, KiB. As SQLite is built here, what
/// one does not use another may take, so the sum is what a long import comes to hold.
const WRITER_CACHE_KIB: u32 = 8_000;
const READER_CACHE_KIB: u32 = 2_000;

/// Where the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// `sqlite:PATH`.
    Sqlite(PathBuf),
    /// `postgres://…`, handed to libpq as it is.
    Postgres(String),
}

impl FromStr for StoreUrl {
    type Err = String;

    /// By its scheme; an unknown scheme is an error, so that a typing mistake never makes an empty store.
    fn from_str(url: &str) -> Result<Self, String> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err("数据库地址 sqlite: 之后缺少文件路径".into());
            }
            return Ok(Self::Sqlite(path.into()));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        Err("数据库地址应以 sqlite: 或 postgres:// 开头".into())
    }
}

/// A file as SQLite is to open it: never made where it is missing, whatever the connection is for.
fn uri_of_existing(path: &Path) -> String {
    let mut uri = String::from("file:");
    let text = path.to_string_lossy();
    // Two slashes at the beginning would name a host.
    let text = match text.starts_with("//") {
        true => format!("/{}", text.trim_start_matches('/')),
        false => text.into_owned(),
    };
    for c in text.chars() {
        match c {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            other => uri.push(other),
        }
    }
    uri.push_str("?mode=rw");
    uri
}

impl StoreUrl {
    /// Why the store could not be opened or looked at, for what it is.
    pub(super) fn told(&self, error: StoreError) -> StoreError {
        let Self::Sqlite(path) = self else { return error };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let access = rustix::fs::access(folder.unwrap_or(Path::new(".")), rustix::fs::Access::WRITE_OK);
        let readable = rustix::fs::access(path, rustix::fs::Access::READ_OK);
        error
            .of_file(!path.exists() || readable.is_ok())
            .in_folder(!path.exists() || access.is_ok())
    }

    /// Opens a connection to a store that is there; `writer` may change data.
    pub(super) fn connect(&self, writer: bool, busy_timeout: Duration) -> ConnectionResult<Db> {
        let bad = |e: diesel::result::Error| ConnectionError::BadConnection(e.to_string());
        match self {
            Self::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(&uri_of_existing(path))?;
                // WAL and FULL: an acknowledged act survives loss of power. WAL is kept in the file once set.
                connection
                    .batch_execute(&format!(
                        "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                         PRAGMA foreign_keys = ON; PRAGMA cache_size = -{}; PRAGMA query_only = {};",
                        busy_timeout.as_millis(),
                        if writer { WRITER_CACHE_KIB } else { READER_CACHE_KIB },
                        if writer { "OFF" } else { "ON" },
                    ))
                    .map_err(bad)?;
                Ok(Db::Sqlite(connection))
            }
            Self::Postgres(url) => {
                let mut connection = PgConnection::establish(&bounded(url)).map_err(|e| address::discreet(url, e))?;
                connection
                    .batch_execute("SET TIME ZONE 'UTC'; SET client_min_messages = warning;")
                    .map_err(bad)?;
                Ok(Db::Postgres(connection))
            }
        }
    }
}

/// What libpq is told beside what the URL says, which comes first: how long it tries to connect, and after how long without a sign of
/// life a connection counts as lost. A server that was taken off the net says nothing, and nobody is to wait for it for hours.
const POSTGRES_BOUNDS: [(&str, &str); 6] = [
    // Seconds for each host of the URL; libpq knows no less than 2.
    ("connect_timeout", "3"),
    ("keepalives", "1"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
    // Milliseconds for which what was sent may lie unacknowledged.
    ("tcp_user_timeout", "10000"),
];

/// A PostgreSQL URL with the bounds that it does not set itself.
fn bounded(url: &str) -> String {
    let query = url.split_once('?').map(|(_, query)| query);
    let sets = |name: &str| {
        let mut pairs = query.into_iter().flat_map(|q| q.split('&'));
        pairs.any(|pair| pair.split('=').next() == Some(name))
    };
    let mut url = url.to_owned();
    let mut mark = match query {
        None => "?",
        Some("") => "",
        Some(_) => "&",
    };
    for (name, value) in POSTGRES_BOUNDS.iter().filter(|(name, _)| !sets(name)) {
        url.extend([mark, name, "=", value]);
        mark = "&";
    }
    url
}

/// How long a transaction of PostgreSQL may wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Until it has its locks.
    pub(super) begin_by: Instant,
    /// Until each of its statements has ended; none where nothing bounds it.
    pub(super) deadline: Option<Instant>,
}

/// Milliseconds from now on as PostgreSQL's settings take them: at least one, since 0 is no bound at all.
fn milliseconds(until: Instant) -> u128 {
    let left = until.saturating_duration_since(Instant::now()).as_millis();
    left.clamp(1, i32::MAX as u128)
}

impl Bounds {
    /// How long each statement may take from now on; none where nothing bounds it.
    pub(super) fn statement(self) -> Option<u128> {
        self.deadline.map(milliseconds)
    }

    fn sql(self) -> String {
        let statement = self.statement().unwrap_or(0);
        let lock = milliseconds(self.begin_by);
        format!("SET LOCAL lock_timeout = {lock}; SET LOCAL statement_timeout = {statement};")
    }

    /// Makes these the bounds of a transaction, unless they are its own but for a second, as they mostly are of those who came at the
    /// same time.
    fn follow(self, db: &mut PgConnection, set: &mut Option<u128>) -> Result<(), StoreError> {
        let statement = self.statement();
        let are_met = match (statement, *set) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(set)) => own <= set + 1_000,
        };
        if !are_met {
            db.batch_execute(&self.sql())?;
            *set = statement;
        }
        Ok(())
    }
}

#[derive(QueryableByName)]
struct UserVersion {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    user_version: i32,
}

#[derive(QueryableByName)]
struct Checkpoint {
    /// 1 where another connection kept it from being done whole.
    #[diesel(sql_type = diesel::sql_types::Integer)]
    busy: i32,
}

#[derive(QueryableByName)]
struct MayWrite {
    #[diesel(sql_type = diesel::sql_types::Text)]
    read_only: String,
}

/// What a role may do with a table.
#[derive(QueryableByName)]
struct Role {
    #[diesel(sql_type = Bool)]
    owns: bool,
    #[diesel(sql_type = Bool)]
    may: bool,
}

/// Where diesel keeps what ran.
pub(super) const MIGRATIONS_TABLE: &str = "__diesel_schema_migrations";

/// A migration that ran.
#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// A count.
#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl StoreUrl {
    /// A connection for looking only, which leaves a file as it is: its journal, too.
    pub(super) fn peek(&self) -> ConnectionResult<Db> {
        match self {
            Self::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(&uri_of_existing(path))?;
                connection
                    .batch_execute("PRAGMA busy_timeout = 60000; PRAGMA query_only = ON;")
                    .map_err(|e| ConnectionError::BadConnection(e.to_string()))?;
                Ok(Db::Sqlite(connection))
            }
            Self::Postgres(_) => self.connect(false, Duration::ZERO),
        }
    }
}

type Manager = <Db as Connection>::TransactionManager;

impl Db {
    /// Starts a transaction that may write. On either backend one writer is at work at a time: SQLite's own rule, and on
    /// PostgreSQL a lock per schema held to the commit, so that the ledger's chain has one end. On SQLite how long it waits is the
    /// connection's; where this fails on PostgreSQL the connection is not to be used any more.
    pub(super) fn begin_write(&mut self, bounds: Bounds) -> Result<(), StoreError> {
        tips::begin();
        match self {
            Self::Sqlite(c) => Ansi::begin_transaction_sql(c, "BEGIN IMMEDIATE")?,
            Self::Postgres(c) => {
                let sql = format!(
                    "BEGIN; {} SELECT pg_advisory_xact_lock(hashtext('dengji'), hashtext(current_schema()::text))",
                    bounds.sql()
                );
                Ansi::begin_transaction_sql(c, &sql)?;
            }
        }
        Ok(())
    }

    /// Says where SQLite keeps what is there for the length of a transaction: savepoints and temporary tables. Outside transactions
    /// only; temporary tables go with it.
    pub(super) fn keep_temporaries(&mut self, in_memory: bool) -> Result<(), StoreError> {
        if let Self::Sqlite(c) = self {
            c.batch_execute(match in_memory {
                true => "PRAGMA temp_store = MEMORY",
                false => "PRAGMA temp_store = FILE",
            })?;
        }
        Ok(())
    }

    /// From here on the transaction, whose statements may take `set` milliseconds, is bounded for somebody else.
    pub(super) fn bound_for(&mut self, bounds: Bounds, set: &mut Option<u128>) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(c) => bounds.follow(c, set),
        }
    }

    /// Writes to the store's disk without changing anything in it.
    pub(super) fn write_nothing(&mut self) -> Result<(), StoreError> {
        match self {
            // A number that is the application's own; the page on which it stands is written anew.
            Self::Sqlite(c) => {
                let version: UserVersion = diesel::sql_query("PRAGMA user_version").get_result(c)?;
                c.batch_execute(&format!("PRAGMA user_version = {}", version.user_version))?;
            }
            // A transaction with a number of its own is logged; it gets one though it may only read.
            Self::Postgres(c) => {
                let sql =
                    "SELECT current_setting('transaction_read_only') AS read_only, txid_current()::text AS number";
                let answer: MayWrite = diesel::sql_query(sql).get_result(c)?;
                if answer.read_only == "on" {
                    return Err(StoreError::ReadOnly("transactions are read-only".into()));
                }
            }
        }
        Ok(())
    }

    /// Writes all that SQLite's journal holds into the file; whether that was done whole. PostgreSQL keeps its own.
    pub(super) fn fold_journal(&mut self) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(c) => {
                let checkpoint: Checkpoint = diesel::sql_query("PRAGMA wal_checkpoint(FULL)").get_result(c)?;
                Ok(checkpoint.busy == 0)
            }
            Self::Postgres(_) => Ok(true),
        }
    }

    /// Does a part of a transaction by itself: where it fails, what it wrote is undone, and the transaction goes on. (PostgreSQL does
    /// nothing more in a transaction after a statement that failed.)
    ///
    /// # Errors
    /// What `part` answers, or that the store does not answer.
    pub fn apart<T, E: From<StoreError>>(&mut self, part: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        <Manager as TransactionManager<Self>>::begin_transaction(self).map_err(StoreError::from)?;
        let mark = tips::mark();
        let done = part(self);
        match &done {
            Ok(_) => self.commit()?,
            Err(_) => {
                self.rollback()?;
                tips::undo(mark);
            }
        }
        done
    }

    /// Whether the connection to the server is gone, so that nothing more can be done with it.
    pub(super) fn is_lost(&mut self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(c) => {
                let answer = c.batch_execute("SELECT 1");
                answer.is_err_and(|e| matches!(StoreError::from(e), StoreError::Unavailable(_)))
            }
        }
    }

    /// Starts a transaction that reads one state of the store throughout: the state as this returns, since the backends fix it
    /// with the first reading. As [`Db::begin_write`] where it fails.
    pub(super) fn begin_read(&mut self, bounds: Bounds) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(c) => {
                <Ansi as TransactionManager<SqliteConnection>>::begin_transaction(c)?;
                c.batch_execute("SELECT 1 FROM sqlite_master LIMIT 1")?;
            }
            Self::Postgres(c) => {
                let sql = format!(
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {} SELECT 1",
                    bounds.sql()
                );
                Ansi::begin_transaction_sql(c, &sql)?;
            }
        }
        Ok(())
    }

    /// Commits, and notes how that went. A transaction in which nothing was written commits on a full disk as well: as long as writing is
    /// not known to work, the transaction has to show it.
    pub(super) fn commit_noted(&mut self, health: &Health) -> Result<(), StoreError> {
        let proof = if health.is_well() { Ok(()) } else { self.write_nothing() };
        let outcome = proof
            .and_then(|()| super::ledger::flush(self))
            .and_then(|()| self.commit());
        if outcome.is_ok() {
            tips::committed();
        }
        health.note(outcome.as_ref().copied());
        outcome
    }

    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        Ok(<Manager as TransactionManager<Self>>::commit_transaction(self)?)
    }

    pub(super) fn rollback(&mut self) -> Result<(), StoreError> {
        Ok(<Manager as TransactionManager<Self>>::rollback_transaction(self)?)
    }

    /// The versions of the migrations that ran; makes no table where there is none, so that a store may be looked at that is not to be
    /// written to.
    pub(super) fn applied_versions(&mut self) -> Result<Vec<String>, StoreError> {
        if !self.has_table(MIGRATIONS_TABLE)? {
            return Ok(Vec::new());
        }
        let sql = format!("SELECT version AS version FROM {MIGRATIONS_TABLE}");
        let rows: Vec<Version> = each!(self, |c| diesel::sql_query(sql).load(c))?;
        Ok(rows.into_iter().map(|row| row.version).collect())
    }

    /// Whether there is a table of this name.
    pub(super) fn has_table(&mut self, name: &str) -> Result<bool, StoreError> {
        let sql = match self {
            Self::Sqlite(_) => "SELECT count(*) AS count FROM sqlite_master WHERE type = 'table' AND name = ?",
            Self::Postgres(_) => {
                "SELECT count(*) AS count FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = $1"
            }
        };
        Ok(each!(self, |c| diesel::sql_query(sql)
            .bind::<Text, _>(name)
            .get_result::<Count>(c))?
        .count
            > 0)
    }

    /// Whether there is anything in a file. In a schema of a server others may keep tables too: nothing there is in the way.
    pub(super) fn has_tables_of_others(&mut self) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(c) => {
                let sql =
                    "SELECT count(*) AS count FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
                Ok(diesel::sql_query(sql).get_result::<Count>(c)?.count > 0)
            }
            Self::Postgres(_) => Ok(false),
        }
    }

    /// Writes a consistent copy of an embedded store into a file that is there and empty.
    pub(super) fn copy_into(&mut self, path: &Path) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(c) => {
                let name = path.to_string_lossy().into_owned();
                diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(name).execute(c)?;
                Ok(())
            }
            Self::Postgres(_) => Err(StoreError::Database("a server's store has no file".into())),
        }
    }

    /// What the role by which PostgreSQL is used may do beyond serving: why, as words for the log; nothing where it may not. Of `appended`
    /// tables it is to change and remove no row, of `read` ones to write none. An embedded store has no roles.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub fn may_rewrite(&mut self, appended: &[&str], read: &[&str]) -> Result<Vec<String>, StoreError> {
        let Self::Postgres(connection) = self else {
            return Ok(Vec::new());
        };
        let mut reasons = Vec::new();
        let superuser: bool = diesel::select(sql::<Bool>(
            "(SELECT coalesce(bool_or(rolsuper), false) FROM pg_roles WHERE rolname = current_user)",
        ))
        .get_result(connection)?;
        if superuser {
            reasons.push("it is a superuser".to_owned());
        }
        let tables = appended
            .iter()
            .map(|table| (*table, "UPDATE, DELETE, TRUNCATE, TRIGGER"));
        let tables = tables.chain(
            read.iter()
                .map(|table| (*table, "INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER")),
        );
        for (table, rights) in tables {
            // MEMBER, not USAGE: who does not inherit from the owner's role may take it on by SET ROLE. A right to one column is one.
            let answer: Role = diesel::sql_query(
                "SELECT coalesce(bool_or(pg_has_role(c.relowner, 'MEMBER')), false) AS owns,
                    coalesce(bool_or(has_table_privilege(c.oid, $2) OR has_any_column_privilege(c.oid, 'UPDATE')), false) AS may
                 FROM pg_class c WHERE c.oid = to_regclass($1)",
            )
            .bind::<Text, _>(table)
            .bind::<Text, _>(rights)
            .get_result(connection)?;
            if answer.owns {
                reasons.push(format!("it owns {table}, or may act as its owner"));
            } else if answer.may {
                reasons.push(format!("it has one of {rights} on {table}"));
            }
        }
        let creates: bool = diesel::select(sql::<Bool>(
            "coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)",
        ))
        .get_result(connection)?;
        if creates {
            reasons.push("it may make objects in the schema".to_owned());
        }
        Ok(reasons)
    }

    pub(super) fn migrations(&self) -> EmbeddedMigrations {
        match self {
            Self::Sqlite(_) => SQLITE_MIGRATIONS,
            Self::Postgres(_) => POSTGRES_MIGRATIONS,
        }
    }
}

/// Names of the migrations in the order in which they run; the same for both backends.
pub(super) fn migration_names() -> Result<Vec<String>, StoreError> {
    let migrations = diesel::migration::MigrationSource::<Sqlite>::migrations(&SQLITE_MIGRATIONS)
        .map_err(|e| StoreError::Schema(e.to_string()))?;
    let mut names: Vec<_> = migrations.iter().map(|m| m.name().version().to_string()).collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_url_sets_itself_stays() {
        let cases = [
            ("postgres://h/d", "postgres://h/d?connect_timeout=3&keepalives=1&"),
            ("postgres://h/d?", "postgres://h/d?connect_timeout=3&"),
            (
                "postgres://h/d?options=-csearch_path%3Dx",
                "postgres://h/d?options=-csearch_path%3Dx&connect_timeout=3&",
            ),
            (
                "postgres://h/d?connect_timeout=60",
                "postgres://h/d?connect_timeout=60&keepalives=1&",
            ),
        ];
        for (url, expected) in cases {
            let bounded = bounded(url);
            assert!(bounded.starts_with(expected), "{bounded}");
            assert_eq!(bounded.matches("connect_timeout=").count(), 1, "{bounded}");
        }
    }
}
