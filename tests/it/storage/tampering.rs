//! The ledger binds the register: whoever changes a row behind the program's back is found out, and what was changed is named.

use std::collections::BTreeSet;

use dengji::{
    storage::{StoreError, binding},
    usecases::ledger::register::{RegisterVerification, verify},
};
use serde_json::{Value, json};

use super::{execute, lines, number};
use crate::support::{App, Backend, Person, both, dengji};

/// What the register's verification finds.
pub fn found(app: &App) -> RegisterVerification {
    app.block_on(verify(&app.ctx)).unwrap()
}

/// The subjects that differ, each with its tables.
pub fn differing(app: &App) -> Vec<(String, Vec<String>)> {
    found(app)
        .faults
        .into_iter()
        .map(|fault| (fault.subject, fault.tables))
        .collect()
}

/// Does something to the register and undoes it; in between the verification names exactly these, and before and after nothing.
#[track_caller]
fn tamper(app: &App, (wrong, right): (&str, &str), subject: &str, tables: &[&str]) {
    assert_eq!(differing(app), [], "before {wrong}");
    execute(app, wrong).unwrap();
    let expected = (subject.to_owned(), tables.iter().map(|t| (*t).to_owned()).collect());
    assert_eq!(differing(app), [expected], "{wrong}");
    execute(app, right).unwrap();
    assert_eq!(differing(app), [], "after {right}");
}

/// Takes away what protects a table.
pub fn unprotect(app: &App, table: &str) {
    let sql = match app.backend {
        Backend::Sqlite => lines(app, &format!("SELECT 'DROP TRIGGER ' || name AS line FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'")).join(";"),
        Backend::Postgres => format!("ALTER TABLE {table} DISABLE TRIGGER USER"),
    };
    execute(app, &sql).unwrap();
}

/// Closes an empty year, whatever its checklist says.
pub fn close_a_year(app: &App) {
    let statistician = app.person(Person::Statistician);
    let path = "/statistics/annual/2025";
    let overrides = statistician.overrides(path, "年内无登记");
    statistician
        .post(&format!("{path}/close"), &json!({"overrides": overrides}))
        .expect(201);
}

fn key(contract: &Value) -> i64 {
    contract["id"].as_i64().unwrap()
}

both! {
    fn every_tampering_is_named_by_contract_and_table(app: &App) {
        let confirmed = app.confirmed(1);
        let revoked = app.confirmed(2);
        let body = json!({"ground": "duplicate", "document_number": "兵科撤〔2026〕1号"});
        let revoked = app.person(Person::Reviewer2).act(&revoked, "revoke", &body);
        let other = app.claimed(3);
        close_a_year(app);
        let number = confirmed["registration_number"].as_str().unwrap();
        let survey = json!({"registration_number": number, "survey_year": 2026, "tax_relevant": true, "fulfilled": true,
            "due_fen": 10_000, "received_fen": 6_000, "entitled": false, "enjoyed": false, "reward_due": false,
            "reward_issued": false});
        app.person(Person::Statistician).post("/follow-ups", &survey).expect(201);
        app.person(Person::Expert);

        let (one, two, three) = (key(&confirmed), key(&revoked), key(&other));
        let contract = |id: i64| format!("contract/{id}");
        let set = |table: &str, set: &str, id: i64, key: &str| format!("UPDATE {table} SET {set} WHERE {key} = {id}");
        let both_ways = |table: &str, key: &str, id: i64, wrong: &str, right: &str| {
            (set(table, wrong, id, key), set(table, right, id, key))
        };
        let by_one = [
            ("standings", "contract_id", one, "amount_fen = amount_fen + 1", "amount_fen = amount_fen - 1"),
            ("standings", "contract_id", two, "until_at = until_at - 1", "until_at = until_at + 1"),
            ("contract_revisions", "contract_id", one, "content = replace(content, '120000000', '920000000')", "content = replace(content, '920000000', '120000000')"),
            ("contracts", "id", one, "amount_fen = amount_fen + 1", "amount_fen = amount_fen - 1"),
            ("endings", "contract_id", two, "amount_fen = amount_fen + 1", "amount_fen = amount_fen - 1"),
            ("contracts", "id", three, "state = 'refused'", "state = 'under_review'"),
            ("contracts", "id", one, "confirmed_by = 'reviewer2'", "confirmed_by = 'reviewer'"),
        ];
        for (table, column, id, wrong, right) in by_one {
            let (wrong, right) = both_ways(table, column, id, wrong, right);
            tamper(app, (&wrong, &right), &contract(id), &[table]);
        }
        // The number, of which nothing else in the table knows.
        let wrong = format!("UPDATE contracts SET registration_number = '2026660008599999' WHERE id = {one}");
        let right = format!("UPDATE contracts SET registration_number = '{number}' WHERE id = {one}");
        tamper(app, (&wrong, &right), &contract(one), &["contracts"]);
        // An amount raised everywhere, as who knows the tables would.
        let raise = |by: &str| format!("UPDATE standings SET amount_fen = amount_fen {by} WHERE contract_id = {one}; \
            UPDATE contracts SET amount_fen = amount_fen {by} WHERE id = {one}");
        tamper(app, (&raise("+ 7"), &raise("- 7")), &contract(one), &["contracts", "standings"]);
        tamper(
            app,
            ("UPDATE follow_ups SET content = replace(content, '6000', '9000')", "UPDATE follow_ups SET content = replace(content, '9000', '6000')"),
            &format!("follow_up/{number}/2026"),
            &["follow_ups"],
        );
        unprotect(app, "editions");
        tamper(
            app,
            ("UPDATE editions SET closed_by = 'nobody'", "UPDATE editions SET closed_by = 'statistician'"),
            "edition/1",
            &["editions"],
        );
        let user = self::number(app, "SELECT id || '' AS line FROM users WHERE username = 'expert'");
        let roles = lines(app, "SELECT roles AS line FROM users WHERE username = 'expert'").remove(0);
        let right = format!("UPDATE users SET roles = '{roles}' WHERE id = {user}");
        tamper(
            app,
            (&format!("UPDATE users SET roles = 'administrator' WHERE id = {user}"), &right),
            &format!("user/{user}"),
            &["users"],
        );

        // What is told to people.
        execute(app, &set("standings", "amount_fen = amount_fen + 1", one, "contract_id")).unwrap();
        let said = app.person(Person::Auditor).get("/ledger/verification").expect(200);
        assert_eq!(said["valid"], false, "{said}");
        let fault = &said["register"]["faults"][0];
        assert_eq!((&fault["contract_id"], &fault["registration_number"]), (&json!(one), &json!(number)), "{said}");
        assert_eq!(fault["tables"], json!(["standings"]), "{said}");
        let page = app.pages_of(Person::Auditor).get("/ledger/verification").expect(200);
        for words in ["1 处不符", &contract(one), number, "standings"] {
            assert!(page.says(words), "the page does not say {words}");
        }
        let output = dengji(&app.url, app.folder.path()).args(["ledger", "verify"]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("{}（登记编号 {number}）：数据与登记账不符：standings", contract(one))), "{said}");
        execute(app, &set("standings", "amount_fen = amount_fen - 1", one, "contract_id")).unwrap();

        // A row too many, and one that is gone, are named as well.
        execute(app, &format!("DELETE FROM endings WHERE contract_id = {two}")).unwrap();
        assert_eq!(differing(app), [(contract(two), vec!["endings".to_owned()])]);
        execute(app, "INSERT INTO agencies (name, name_key, created_at) VALUES ('无此机构', '无此机构', 0)").unwrap();
        let (_, tables): (Vec<_>, BTreeSet<_>) = differing(app).into_iter().map(|(s, t)| (s, t.join(","))).unzip();
        assert_eq!(tables, BTreeSet::from(["agencies".to_owned(), "endings".to_owned()]));
    }

    fn a_store_of_before_is_pinned_once(app: &App) {
        let contract = app.confirmed(1);
        app.person(Person::Expert);
        // As a store of an earlier version was: no entry binds anything.
        unprotect(app, "ledger");
        unprotect(app, "account_ledger");
        execute(app, "UPDATE ledger SET entry = replace(entry, '\"register\":[', '\"before\":['); \
            UPDATE account_ledger SET entry = replace(entry, '\"register\":[', '\"before\":[')").unwrap();
        let unbound = found(app);
        assert!(unbound.differing > 3 && unbound.faults.iter().all(|f| f.detail.contains("没有依据")), "{unbound:?}");
        // Who only says that a pin is due gets none.
        let count = || number(app, "SELECT count(*) || '' AS line FROM ledger");
        let before = count();
        execute(app, "INSERT INTO register_pins (id, kind, digests) VALUES (-1, 'due', '')").unwrap();
        app.ctx.migrate().unwrap();
        assert_eq!(count(), before, "nothing is pinned without a migration");
        let subjects: Vec<String> = differing(app).into_iter().map(|(subject, _)| subject).collect();
        assert!(subjects.contains(&"register_pins".to_owned()), "{subjects:?}");
        execute(app, "DROP TABLE register_pins; DELETE FROM __diesel_schema_migrations WHERE version = '20261129001001'").unwrap();
        app.ctx.migrate().unwrap();
        assert_eq!(count(), before + 1, "one entry");
        assert_eq!(differing(app), []);
        let pin = found(app).pinned.unwrap();
        assert_eq!(pin.sequence, before + 1);
        app.ctx.migrate().unwrap();
        assert_eq!(count(), before + 1, "and no more");
        // Acts go on upon what was pinned.
        let body = json!({"ground": "duplicate", "document_number": "兵科撤〔2026〕1号"});
        app.confirmed(2);
        assert_eq!(differing(app), []);
        let id = key(&contract);
        execute(app, &format!("UPDATE contracts SET amount_fen = amount_fen + 1 WHERE id = {id}")).unwrap();
        assert_eq!(differing(app), [(format!("contract/{id}"), vec!["contracts".to_owned()])]);
        execute(app, &format!("UPDATE contracts SET amount_fen = amount_fen - 1 WHERE id = {id}")).unwrap();
        app.person(Person::Reviewer2).act(&contract, "revoke", &body);
        assert_eq!(differing(app), []);
        // The pins themselves are pinned.
        execute(app, "UPDATE register_pins SET digests = replace(digests, '\"agencies\":\"', '\"agencies\":\"0') WHERE kind = 'agency'").unwrap();
        let (subjects, _): (Vec<_>, Vec<_>) = differing(app).into_iter().unzip();
        assert!(subjects.contains(&"register_pins".to_owned()), "{subjects:?}");
        execute(app, "DELETE FROM register_pins").unwrap();
        assert!(found(app).differing > 0);
    }

    fn every_table_and_column_rests_on_something(app: &App) {
        let sql = match app.backend {
            Backend::Sqlite => "SELECT m.name || '.' || c.name AS line FROM sqlite_master m, pragma_table_info(m.name) c
                WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
            Backend::Postgres => "SELECT table_name || '.' || column_name AS line FROM information_schema.columns
                WHERE table_schema = current_schema()",
        };
        let columns: BTreeSet<String> = lines(app, sql).into_iter().filter(|l| !l.starts_with("__diesel")).collect();
        let tables: BTreeSet<&str> = columns.iter().map(|c| c.split_once('.').unwrap().0).collect();
        let listed: Vec<&str> = binding::TABLES.iter().map(|(table, _)| *table).collect();
        assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), tables, "every table is in one row of TABLES");
        assert_eq!(listed.len(), tables.len(), "none is in two");
        for (table, column, _) in binding::LEFT_OUT {
            assert!(columns.contains(&format!("{table}.{column}")), "{table}.{column}");
        }
        for column in &columns {
            let (table, name) = column.split_once('.').unwrap();
            let left_out = binding::LEFT_OUT.iter().any(|(t, c, _)| (*t, *c) == (table, name));
            if let Some(covered) = binding::columns(table) {
                assert_ne!(covered.contains(&name), left_out, "{column} is covered by a digest, or left out for a reason");
            }
        }
    }

    fn nothing_is_written_without_an_entry(app: &App) {
        let refused = app.block_on(app.ctx.store.write(|db| dengji::storage::agencies::insert(db, "无据机构", None, app_moment())));
        assert!(matches!(refused, Err(StoreError::Database(ref text)) if text.contains("without an entry")), "{refused:?}");
        assert_eq!(number(app, "SELECT count(*) || '' AS line FROM agencies WHERE name = '无据机构'"), 0);
    }
}

fn app_moment() -> dengji::domain::time::Moment {
    dengji::domain::time::Moment::from_micros(0)
}

/// An index by which figures are counted may lack rows though every row is as it was entered: no digest tells, SQLite itself does.
#[test]
fn an_index_that_lacks_rows_is_named() {
    let app = App::start(Backend::Sqlite);
    app.confirmed(1);
    let verdict = || {
        app.block_on(dengji::usecases::ledger::verdict::verify(&app.ctx, None))
            .unwrap()
    };
    assert_eq!(verdict().wrong(), Vec::<String>::new());
    let declared = lines(
        &app,
        "SELECT sql AS line FROM sqlite_master WHERE name = 'standings_by_year'",
    )
    .remove(0);
    let partial = format!("{declared} WHERE amount_fen < 0");
    let rewrite = |sql: &str| {
        format!(
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = '{}' WHERE name = 'standings_by_year'; PRAGMA writable_schema = RESET;",
            sql.replace('\'', "''")
        )
    };
    execute(&app, &rewrite(&partial)).unwrap();
    execute(&app, "REINDEX standings_by_year").unwrap();
    execute(&app, &rewrite(&declared)).unwrap();
    let told: Vec<String> = verdict().schema.iter().map(|fault| fault.told()).collect();
    assert_eq!(
        told,
        ["索引 standings_by_year（数据表 standings）：与所存各行不一致，按它查询的结果不可信"]
    );
    execute(&app, "REINDEX standings_by_year").unwrap();
    assert_eq!(verdict().wrong(), Vec::<String>::new());
}
