//! What SQLite's catalogue says, and what it should say: that of a store in memory over which all migrations ran.

use std::sync::OnceLock;

use diesel::{
    prelude::*,
    sql_types::{BigInt, Text},
    sqlite::SqliteConnection,
};
use diesel_migrations::MigrationHarness as _;

use super::{Difference, ObjectKind, PLAIN, SchemaFault, SchemaObject, SchemaObjects, one_line};
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

/// What SQLite says of its file, a line each; so many at most.
#[derive(QueryableByName)]
struct Integrity {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// What SQLite says of a file that is sound.
const SOUND: &str = "ok";

/// Indexes that do not say what their tables say, and whatever else of the file does not hold together.
pub(super) fn unsound(connection: &mut SqliteConnection) -> Result<Vec<SchemaFault>, StoreError> {
    let told: Vec<Integrity> = diesel::sql_query("PRAGMA integrity_check(100)").load(connection)?;
    let objects = found(connection)?;
    let mut faults: Vec<SchemaFault> = Vec::new();
    for line in told.iter().map(|told| told.integrity_check.as_str()) {
        if line == SOUND {
            continue;
        }
        // "row 7 missing from index NAME", "wrong # of entries in index NAME", "non-unique entry in index NAME".
        let name = line.rsplit_once(" index ").map(|(_, name)| name.trim().to_lowercase());
        let index = objects
            .keys()
            .find(|object| object.kind == ObjectKind::Index && Some(&object.name) == name.as_ref());
        let object = index.cloned().unwrap_or_else(|| SchemaObject {
            kind: ObjectKind::File,
            table: String::new(),
            name: one_line(line),
        });
        if !faults.iter().any(|fault| fault.object == object) {
            faults.push(SchemaFault {
                object,
                difference: Difference::Unsound,
            });
        }
    }
    Ok(faults)
}

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
