//! `dengji grants`: a role that serves, owns nothing, and cannot rewrite the ledgers.

use dengji::usecases::serving_role::warn_of_owner;
use serde_json::json;

use crate::support::{App, Backend, Person, dengji, fresh_schema, run_sql, url_of_schema};

/// The store of a schema, as another role uses it.
fn as_role(url: &str, role: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (_, place) = rest.split_once('@').unwrap();
    format!("{scheme}://{role}@{place}")
}

#[test]
fn a_role_with_the_printed_sql_serves_and_rewrites_nothing() {
    let schema = fresh_schema();
    let role = format!("serve_{schema}");
    let owner = url_of_schema(&schema);
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = dengji(&owner, folder.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["migrate"]);
    let sql = run(&["grants", "--role", &role, "--schema", &schema]);
    run_sql(&owner, &format!("CREATE ROLE {role} LOGIN"));
    run_sql(&owner, &sql);

    // Everything from entering to confirming, closing a year, removing a draft: by that role.
    let url = as_role(&owner, &role);
    let app = App::start_on(Backend::Postgres, folder, url, "2026-06-15T12:00:00+08:00", &[], |_| {});
    let confirmed = app.confirmed(1);
    let draft = app.draft(2);
    let body = json!({"ground": "duplicate", "document_number": "兵科撤〔2026〕1号"});
    app.person(Person::Reviewer2).act(&confirmed, "revoke", &body);
    super::tampering::close_a_year(&app);
    let registrar = app.person(Person::Registrar);
    let gone = registrar.delete_at(
        &format!("/contracts/{}", draft["id"]),
        draft["version"].as_i64().unwrap(),
    );
    assert_eq!(gone.status, 204);
    let said = app.person(Person::Auditor).get("/ledger/verification").expect(200);
    assert_eq!(
        (&said["valid"], &said["register"]["differing"]),
        (&json!(true), &json!(0)),
        "{said}"
    );
    assert!(
        !app.block_on(warn_of_owner(&app.ctx)).unwrap(),
        "there is nothing to warn of"
    );

    for attempt in [
        "UPDATE ledger SET hash = hash",
        "DELETE FROM ledger",
        "TRUNCATE ledger",
        "ALTER TABLE ledger DISABLE TRIGGER USER",
        "UPDATE account_ledger SET hash = hash",
        "DELETE FROM account_ledger",
        "UPDATE ledger_subjects SET contract_id = 1",
        "DELETE FROM editions",
        "DELETE FROM register_pins",
        "INSERT INTO register_pins (id, kind, digests) VALUES (-1, 'due', '')",
        "DROP TABLE contracts",
        "CREATE TABLE mine (id BIGINT)",
    ] {
        let refused = super::execute(&app, attempt).unwrap_err().to_string();
        assert!(
            refused.contains("permission denied") || refused.contains("must be owner"),
            "{attempt}: {refused}"
        );
    }
}

#[test]
fn who_owns_the_ledgers_is_warned() {
    let app = App::start(Backend::Postgres);
    assert!(app.block_on(warn_of_owner(&app.ctx)).unwrap());
    let embedded = App::start(Backend::Sqlite);
    assert!(
        !embedded.block_on(warn_of_owner(&embedded.ctx)).unwrap(),
        "an embedded store has no roles"
    );
    // The server says so at its start, and nothing of it where the store is a file.
    for (app, warned) in [(&app, true), (&embedded, false)] {
        let log = crate::cli::serve::log_of_a_start(app);
        assert_eq!(log.contains("dengji grants"), warned, "{log}");
    }
}
