//! What SQLite's catalogue says, and what it should say: that of a store in memory over which all migrations ran.

use std::sync::OnceLock;

use diesel::{
    prelude::*,
    sql_types::{BigInt, Text},
    sqlite::SqliteConnection,
};
use diesel_migrations::MigrationHarness as _;

use super::{ObjectKind, PLAIN, SchemaObject, SchemaObjects, one_line};
use crate::storage::{Db, StoreError, dialect::MIGRATIONS_TABLE};

/// What the migrations make.
pub(super) struct Reference {
    pub(super) objects: SchemaObjects,
    /// Columns of all tables, in their order.
    pub(super) columns: Vec<Column>,
}

/// A column as it is declared.
#[derive(QueryableByName)]
pub(super) struct Column {
    #[diesel(sql_type = Text)]
    pub(super) table_name: String,
    #[diesel(sql_type = Text)]
    pub(super) name: String,
    #[diesel(sql_type = Text)]
    pub(super) kind: String,
    #[diesel(sql_type = BigInt)]
    pub(super) nullable: i64,
    /// Its place in the primary key, 0 outside.
    #[diesel(sql_type = BigInt)]
    pub(super) key: i64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    definition: String,
}

/// Names are alike in whatever case they are written.
const CATALOGUE: &str =
    "SELECT type AS kind, lower(name) AS name, lower(tbl_name) AS table_name, coalesce(sql, '') AS definition
    FROM sqlite_master WHERE type IN ('table', 'view', 'index', 'trigger')";

const COLUMNS: &str = "SELECT m.name AS table_name, c.name AS name, upper(c.type) AS kind,
        c.\"notnull\" = 0 AND c.pk = 0 AS nullable, c.pk AS key
    FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid";

/// What the migrations make; made once.
pub(super) fn reference() -> Result<&'static Reference, StoreError> {
    static REFERENCE: OnceLock<Reference> = OnceLock::new();
    if let Some(made) = REFERENCE.get() {
        return Ok(made);
    }
    let connection = SqliteConnection::establish(":memory:").map_err(|e| StoreError::Database(e.to_string()))?;
    let mut db = Db::Sqlite(connection);
    let migrations = db.migrations();
    db.run_pending_migrations(migrations)
        .map_err(|e| StoreError::Database(e.to_string()))?;
    let Db::Sqlite(mut connection) = db else {
        return Err(StoreError::Database("the store in memory is another one".into()));
    };
    let made = Reference {
        objects: found(&mut connection)?,
        columns: diesel::sql_query(COLUMNS).load(&mut connection)?,
    };
    Ok(REFERENCE.get_or_init(|| made))
}

/// What the catalogue says now.
pub(super) fn found(connection: &mut SqliteConnection) -> Result<SchemaObjects, StoreError> {
    let rows: Vec<Row> = diesel::sql_query(CATALOGUE).load(connection)?;
    let mut objects = SchemaObjects::new();
    for row in rows {
        let definition = one_line(&row.definition);
        let (kind, definition) = match row.kind.as_str() {
            "index" if definition.to_uppercase().starts_with("CREATE INDEX") => {
                (ObjectKind::Index, format!("{PLAIN} {definition}"))
            }
            "index" => (ObjectKind::Index, format!("unique {definition}")),
            "trigger" => (ObjectKind::Trigger, definition),
            // SQLite keeps these for itself: sequences of keys, and statistics where ANALYZE ran.
            "table" if row.name.starts_with("sqlite_") => continue,
            // Diesel's own, in the words of whatever version made it.
            kind if row.name == MIGRATIONS_TABLE => (ObjectKind::Table, kind.to_owned()),
            kind => (ObjectKind::Table, format!("{kind} {definition}")),
        };
        let object = SchemaObject {
            kind,
            table: row.table_name,
            name: row.name,
        };
        objects.insert(object, definition);
    }
    // What others keep in the file is on no table of ours, and no concern of `compared`.
    Ok(objects)
}
