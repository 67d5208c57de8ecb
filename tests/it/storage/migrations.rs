//! Migrations: up, down and up again; the same names on both sides; and what they make is what `schema.rs` says.

use std::{collections::BTreeMap, fs, path::Path};

use dengji::{
    domain::time::Moment,
    storage::{Db, StoreError, migrate, pending, revert_all},
};

use super::{execute, lines, query};
use crate::support::{App, Backend, both};

fn brought_up(db: &mut Db) -> Result<Vec<String>, StoreError> {
    migrate(db, || Moment::from_micros(0))
}

/// Everything that the catalogue knows of the schema, in words of the database itself.
fn catalogue(app: &App) -> Vec<String> {
    let queries: &[&str] = match app.backend {
        Backend::Sqlite => &[
            "SELECT type || ' ' || name || ' on ' || tbl_name || ': ' || coalesce(sql, '') AS line FROM sqlite_master",
        ],
        Backend::Postgres => &[
            "SELECT concat_ws(' ', table_name, ordinal_position, column_name, data_type, is_nullable, column_default,
                is_identity, identity_generation) AS line
             FROM information_schema.columns WHERE table_schema = current_schema()",
            "SELECT indexdef AS line FROM pg_indexes WHERE schemaname = current_schema()",
            "SELECT conrelid::regclass || ' ' || conname || ': ' || pg_get_constraintdef(oid) AS line
             FROM pg_constraint WHERE connamespace = current_schema()::regnamespace",
            "SELECT pg_get_triggerdef(t.oid) AS line FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
             WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace",
            "SELECT pg_get_functiondef(oid) AS line FROM pg_proc WHERE pronamespace = current_schema()::regnamespace",
            "SELECT 'sequence ' || sequence_name || ' ' || data_type AS line FROM information_schema.sequences
             WHERE sequence_schema = current_schema()",
            "SELECT 'type ' || typname AS line FROM pg_type
             WHERE typnamespace = current_schema()::regnamespace AND typrelid = 0 AND typelem = 0",
        ],
    };
    let mut found: Vec<String> = queries.iter().flat_map(|q| lines(app, q)).collect();
    found.sort();
    found
}

/// A column: type in diesel's words, whether it may be null, its place in the primary key (0 outside).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    name: String,
    kind: String,
    nullable: bool,
    key: usize,
}

type Tables = BTreeMap<String, Vec<Column>>;

/// The tables of `src/storage/schema.rs`.
fn declared() -> Tables {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/storage/schema.rs")).unwrap();
    let mut tables = Tables::new();
    for block in text.split("diesel::table! {").skip(1) {
        let (head, body) = block.split_once(") {").unwrap();
        let (table, keys) = head.trim().split_once('(').unwrap();
        let keys: Vec<&str> = keys.split(',').map(str::trim).collect();
        let mut sql_name = None;
        let mut columns = Vec::new();
        for line in body.split('}').next().unwrap().lines().map(str::trim) {
            if let Some(name) = line.strip_prefix("#[sql_name = \"") {
                sql_name = Some(name.trim_end_matches("\"]"));
            } else if let Some((name, kind)) = line.trim_end_matches(',').split_once(" -> ") {
                let bare = kind.strip_prefix("Nullable<").and_then(|k| k.strip_suffix('>'));
                columns.push(Column {
                    name: sql_name.take().unwrap_or(name).to_owned(),
                    kind: bare.unwrap_or(kind).to_owned(),
                    nullable: bare.is_some(),
                    key: keys.iter().position(|k| *k == name).map_or(0, |i| i + 1),
                });
            }
        }
        tables.insert(table.trim().to_owned(), columns);
    }
    tables
}

/// The tables that the database has, apart from those that diesel and SQLite keep for themselves.
fn existing(app: &App) -> Tables {
    let sql = match app.backend {
        // A lone INTEGER PRIMARY KEY is SQLite's row number: 64 bits, never null.
        Backend::Sqlite => {
            "SELECT m.name || '|' || c.name || '|' || CASE WHEN c.type = 'INTEGER' AND c.pk = 1 AND
                (SELECT count(*) FROM pragma_table_info(m.name) k WHERE k.pk > 0) = 1 THEN 'BIGINT' ELSE c.type END
                || '|' || (c.\"notnull\" = 0 AND c.pk = 0) || '|' || c.pk AS line
             FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type IN ('table', 'view') ORDER BY m.name, c.cid"
        }
        Backend::Postgres => {
            "SELECT concat_ws('|', c.table_name, c.column_name, c.data_type, (c.is_nullable = 'YES')::int,
                coalesce((SELECT array_position(i.indkey::int2[], c.ordinal_position::int2) FROM pg_index i
                    WHERE i.indrelid = quote_ident(c.table_name)::regclass AND i.indisprimary), -1) + 1) AS line
             FROM information_schema.columns c WHERE c.table_schema = current_schema()
             ORDER BY c.table_name, c.ordinal_position"
        }
    };
    let mut tables = Tables::new();
    for line in lines(app, sql) {
        let [table, name, kind, nullable, key] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
        if ["__diesel_schema_migrations", "sqlite_sequence"].contains(&table) {
            continue;
        }
        let kind = match kind.to_uppercase().as_str() {
            "BIGINT" => "BigInt",
            "INTEGER" => "Integer",
            "TEXT" => "Text",
            "DATE" => "Date",
            other => panic!("{line}: a column of type {other}"),
        };
        tables.entry(table.to_owned()).or_default().push(Column {
            name: name.to_owned(),
            kind: kind.to_owned(),
            nullable: nullable == "1",
            key: key.parse().unwrap(),
        });
    }
    tables
}

both! {
    fn up_down_and_up_again_is_the_same(app: &App) {
        let first = catalogue(app);
        let store = &app.ctx.store;
        let names = versions();
        assert!(store.with_connection(pending).unwrap().is_empty());
        store.with_connection(revert_all).unwrap();
        assert_eq!(store.with_connection(pending).unwrap(), names);
        assert_eq!(existing(app), Tables::new(), "what the way down leaves");
        let left: Vec<String> = catalogue(app).into_iter().filter(|l| !is_of_the_tools(l)).collect();
        assert_eq!(left, Vec::<String>::new(), "what the way down leaves");
        assert_eq!(store.with_connection(brought_up).unwrap(), names);
        assert_eq!(catalogue(app), first);
        assert_eq!(store.with_connection(brought_up).unwrap(), Vec::<String>::new());
    }

    fn the_tables_are_those_of_the_schema_file(app: &App) {
        let (declared, existing) = (declared(), existing(app));
        assert!(declared.len() > 10 && declared["contracts"].len() > 20);
        assert_eq!(declared.keys().collect::<Vec<_>>(), existing.keys().collect::<Vec<_>>());
        for (table, columns) in &declared {
            assert_eq!(columns, &existing[table], "{table}");
        }
    }

    fn a_newer_store_is_refused(app: &App) {
        execute(app, "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')").unwrap();
        let before = catalogue(app);
        let refused = crate::support::dengji(&app.url, app.folder.path()).arg("migrate").output().unwrap();
        assert_eq!(refused.status.code(), Some(1));
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains("29991231000000"), "{said}");
        assert_eq!(catalogue(app), before);
        let applied = app.ctx.store.with_connection(|db| {
            Ok(query(db, "SELECT count(*) || '' AS line FROM __diesel_schema_migrations"))
        });
        assert_eq!(applied.unwrap(), [(versions().len() + 1).to_string()]);
    }
}

/// What diesel and SQLite keep for themselves.
fn is_of_the_tools(line: &str) -> bool {
    line.contains("__diesel_schema_migrations") || line.contains("sqlite_sequence")
}

/// The versions that diesel makes of the folders' names: their digits up to the first `_`.
fn versions() -> Vec<String> {
    let names = folders(Path::new("migrations/sqlite"));
    names
        .iter()
        .map(|n| n.split('_').next().unwrap().replace('-', ""))
        .collect()
}

/// Names of the folders in a folder of the project, in order.
fn folders(below: &Path) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(below);
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap())
        .filter(|e| e.path().is_dir())
        .map(|e| e.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn both_sides_have_the_same_names_and_both_ways() {
    let names = folders(Path::new("migrations/sqlite"));
    assert!(!names.is_empty());
    assert_eq!(folders(Path::new("migrations/postgres")), names);
    assert_eq!(folders(Path::new("migrations")), ["postgres", "sqlite"]);
    for side in ["sqlite", "postgres"] {
        for name in &names {
            for way in ["up.sql", "down.sql"] {
                let path = Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join("migrations")
                    .join(side)
                    .join(name)
                    .join(way);
                let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                assert!(text.contains(';'), "{} says nothing", path.display());
            }
        }
    }
}
