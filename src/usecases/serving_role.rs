//! The role by which a server uses PostgreSQL: what it may do, so that who breaks into the server cannot rewrite the ledgers.

use super::{Context, Error};
use crate::storage::binding;

/// Tables of which a serving role adds rows and changes none: the ledgers, the index of contracts in them, and closed editions.
const APPENDED: [&str; 5] = [
    "ledger",
    "account_ledger",
    "ledger_subjects",
    "editions",
    "edition_contracts",
];

/// Tables of which a serving role writes none: what pinned the data of earlier versions, which only bringing the schema up writes.
const READ: [&str; 1] = ["register_pins"];

/// SQL that gives `role` what serving needs in `schema`, and takes from it and from everybody all else there; to be run by the owner of
/// the tables and of the schema, after each `dengji migrate`. What the role has by being a member of another role it keeps.
pub fn grants(role: &str, schema: &str) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let (role, schema) = (quoted(role), quoted(schema));
    let mut sql = format!(
        "-- 由表的所有者执行；每次 dengji migrate 之后再执行一次。\nREVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}, PUBLIC;\nREVOKE CREATE ON SCHEMA {schema} FROM {role}, PUBLIC;\nGRANT USAGE ON SCHEMA {schema} TO {role};\n"
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

/// Says in the log where the role by which the store is used may do what a serving role must not: rewrite the ledgers, the editions or the
/// pins, or take on the role of their owner. Answers whether it said anything.
///
/// # Errors
/// Where the store does not answer.
pub async fn warn_of_owner(ctx: &Context) -> Result<bool, Error> {
    let reasons = ctx.store.read(|db| db.may_rewrite(&APPENDED, &READ)).await?;
    if !reasons.is_empty() {
        tracing::warn!(
            reasons = reasons.join("; "),
            "the database role may rewrite the ledgers; `dengji grants` prints SQL for one that may not"
        );
    }
    Ok(!reasons.is_empty())
}
