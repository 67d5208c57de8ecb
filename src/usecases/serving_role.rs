//! The role by which a server uses PostgreSQL: what it may do, so that who breaks into the server cannot rewrite the ledgers.

use super::{Context, Error};
use crate::storage::binding;

/// Tables of which a serving role adds rows and changes none: the ledgers, what pins them, and closed editions.
const APPENDED: [&str; 5] = [
    "ledger",
    "account_ledger",
    "ledger_subjects",
    "editions",
    "edition_contracts",
];

/// Tables that only who brings the schema up writes.
const READ: [&str; 1] = ["register_pins"];

/// SQL that gives `role` what serving needs in `schema`, and takes all else; to be run by the owner of the tables, after each
/// `dengji migrate`.
pub fn grants(role: &str, schema: &str) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let (role, schema) = (quoted(role), quoted(schema));
    let mut sql = format!(
        "-- 由表的所有者执行；每次 dengji migrate 之后再执行一次。\nREVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role};\nGRANT USAGE ON SCHEMA {schema} TO {role};\n"
    );
    for (table, _) in binding::TABLES {
        let rights = if READ.contains(table) {
            "SELECT"
        } else if APPENDED.contains(table) {
            "SELECT, INSERT"
        } else {
            "SELECT, INSERT, UPDATE, DELETE"
        };
        sql.push_str(&format!("GRANT {rights} ON {schema}.{} TO {role};\n", quoted(table)));
    }
    sql.push_str(&format!(
        "GRANT SELECT ON {schema}.{} TO {role};\n",
        quoted("__diesel_schema_migrations")
    ));
    sql
}

/// Says in the log where the role by which the store is used may rewrite the ledgers.
///
/// # Errors
/// Where the store does not answer.
pub async fn warn_of_owner(ctx: &Context) -> Result<bool, Error> {
    let rewrites = ctx.store.read(|db| db.may_rewrite_ledgers()).await?;
    if rewrites {
        tracing::warn!(
            "the database role owns the ledgers or may rewrite them; `dengji grants` prints SQL for one that may not"
        );
    }
    Ok(rewrites)
}
