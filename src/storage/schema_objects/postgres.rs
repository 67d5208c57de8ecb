//! What PostgreSQL's catalogue says, and what it should say (`postgres.txt`: a role that serves may make no schema to look how it would
//! be). It is read off the catalogue's own columns and not off definitions in words, which differ from one version of PostgreSQL to the
//! next.

use std::collections::BTreeSet;

use diesel::{pg::PgConnection, prelude::*, sql_types::Text};

use super::{ObjectKind, SchemaObject, SchemaObjects, one_line};
use crate::storage::{StoreError, dialect::MIGRATIONS_TABLE};

/// A line for each object: kind, table, name, definition, apart by tabulators. Written anew by the test that holds it
/// (`UPDATE_SNAPSHOTS=1`).
const EXPECTED: &str = include_str!("postgres.txt");

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    definition: String,
}

/// Names of columns by their numbers, in the order of an array.
macro_rules! names {
    ($numbers:literal, $of:literal) => {
        concat!(
            "coalesce((SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(",
            $numbers,
            ") WITH ORDINALITY k(number, place) JOIN pg_attribute a ON a.attrelid = ",
            $of,
            " AND a.attnum = k.number), '')"
        )
    };
}

const CATALOGUE: [&str; 9] = [
    // What is no ordinary table, is not logged, has row security, or is read together with tables that inherit from it.
    "SELECT 'table' AS kind, c.relname::text AS table_name, c.relname::text AS name,
        concat_ws(' ', c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
            EXISTS (SELECT 1 FROM pg_inherits h WHERE c.oid IN (h.inhrelid, h.inhparent))) AS definition
     FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
    "SELECT 'column' AS kind, c.relname::text AS table_name, a.attname::text AS name,
        concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
            CASE WHEN a.attcollation <> t.typcollation THEN 'collated' END, pg_get_expr(d.adbin, d.adrelid)) AS definition
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped",
    concat!(
        "SELECT 'constraint' AS kind, c.relname::text AS table_name, o.conname::text AS name,
            concat_ws(' ', o.contype, '(' || ",
        names!("o.conkey", "o.conrelid"),
        " || ')', f.relname || '(' || ",
        names!("o.confkey", "o.confrelid"),
        " || ')', o.confupdtype, o.confdeltype, o.condeferrable, o.convalidated, pg_get_expr(o.conbin, o.conrelid)) AS definition
         FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid LEFT JOIN pg_class f ON f.oid = o.confrelid
         WHERE c.relnamespace = current_schema()::regnamespace AND o.contype IN ('p', 'u', 'f', 'c', 'x')"
    ),
    "SELECT 'index' AS kind, c.relname::text AS table_name, x.relname::text AS name,
        concat_ws(' ', CASE WHEN i.indisunique THEN 'unique' ELSE 'plain' END, m.amname, i.indisvalid, i.indimmediate, '(' ||
            (SELECT string_agg(pg_get_indexdef(i.indexrelid, n, false), ',' ORDER BY n) FROM generate_series(1, i.indnatts) n) || ')',
            pg_get_expr(i.indpred, i.indrelid)) AS definition
     FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
     WHERE c.relnamespace = current_schema()::regnamespace",
    // A trigger that is disabled, runs another function, or for some rows or columns only.
    "SELECT 'trigger' AS kind, c.relname::text AS table_name, t.tgname::text AS name,
        concat_ws(' ', t.tgtype, t.tgenabled, p.proname, p.pronamespace = c.relnamespace, t.tgattr::text, t.tgqual IS NULL,
            encode(t.tgargs, 'hex')) AS definition
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
     WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal",
    // The triggers that hold foreign keys have names that nobody gave them: those that are disabled are told, by the key.
    "SELECT DISTINCT 'trigger' AS kind, c.relname::text AS table_name, coalesce(o.conname::text, t.tgname::text) AS name, 'disabled' AS definition
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid LEFT JOIN pg_constraint o ON o.oid = t.tgconstraint
     WHERE c.relnamespace = current_schema()::regnamespace AND t.tgisinternal AND t.tgenabled <> 'O'",
    "SELECT 'function' AS kind, '' AS table_name, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS name,
        concat_ws(' ', l.lanname, p.prosecdef, format_type(p.prorettype, NULL), p.proconfig::text, md5(p.prosrc)) AS definition
     FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.pronamespace = current_schema()::regnamespace",
    "SELECT 'rule' AS kind, c.relname::text AS table_name, r.rulename::text AS name, r.ev_type::text AS definition
     FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE c.relnamespace = current_schema()::regnamespace
     UNION ALL
     SELECT 'policy', c.relname::text, p.polname::text, p.polcmd::text
     FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = current_schema()::regnamespace",
    // Where it is not 'origin', no trigger runs.
    "SELECT 'setting' AS kind, '' AS table_name, 'session_replication_role' AS name, s AS definition
     FROM current_setting('session_replication_role') s WHERE s <> 'origin'",
];

/// What the migrations make.
pub(super) fn expected() -> Result<SchemaObjects, StoreError> {
    EXPECTED.lines().map(parse).collect()
}

fn parse(line: &str) -> Result<(SchemaObject, String), StoreError> {
    let wrong = || StoreError::Database(format!("the listing of the schema has a line of another form: {line}"));
    let mut parts = line.splitn(4, '\t');
    let mut part = || parts.next().ok_or_else(wrong);
    let object = SchemaObject {
        kind: ObjectKind::from_id(part()?).ok_or_else(wrong)?,
        table: part()?.to_owned(),
        name: part()?.to_owned(),
    };
    Ok((object, part()?.to_owned()))
}

/// What the catalogue says now, of all that is in the schema.
pub(super) fn found(connection: &mut PgConnection) -> Result<SchemaObjects, StoreError> {
    let mut objects = SchemaObjects::new();
    for query in CATALOGUE {
        let rows: Vec<Row> = diesel::sql_query(query).load(connection)?;
        for row in rows {
            let kind = ObjectKind::from_id(&row.kind).ok_or_else(|| StoreError::corrupt(&row.kind))?;
            // Diesel's own, in the words of whatever version made it; but a table.
            if row.table_name == MIGRATIONS_TABLE
                && matches!(kind, ObjectKind::Column | ObjectKind::Constraint | ObjectKind::Index)
            {
                continue;
            }
            let object = SchemaObject {
                kind,
                table: row.table_name,
                name: row.name,
            };
            objects.insert(object, one_line(&row.definition));
        }
    }
    Ok(objects)
}

/// The lines of `postgres.txt` as they should be, read off a schema that the migrations made and nobody else keeps anything in.
pub(super) fn listing(connection: &mut PgConnection) -> Result<Vec<String>, StoreError> {
    let objects = found(connection)?.into_iter();
    let lines = objects.map(|(object, definition)| {
        let kind = object.kind.id();
        format!("{kind}\t{}\t{}\t{definition}", object.table, object.name)
    });
    Ok(lines.collect())
}

/// The columns of a type that a table should have.
pub(super) fn columns_of(table: &str, kind: &str) -> Result<BTreeSet<String>, StoreError> {
    let columns = expected()?.into_iter().filter(|(object, definition)| {
        object.kind == ObjectKind::Column && object.table == table && definition.starts_with(kind)
    });
    Ok(columns.map(|(object, _)| object.name).collect())
}
