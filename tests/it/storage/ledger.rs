//! The ledger: refuses to be changed, shows it where it was, and holds one entry per act.

use std::process::{Command, Output};

use dengji::domain::ledger::{chain_hash, sha256_hex};
use serde_json::{Value, json};

use super::{execute, lines, number};
use crate::support::{App, Backend, Client, Person, both, complete_contract, dengji};

/// Fills a ledger: some contracts in different states.
fn fill(app: &App) {
    app.submitted(1);
    app.bare_draft(2);
    app.claimed(3);
}

fn length(app: &App) -> i64 {
    number(app, "SELECT count(*) || '' AS line FROM ledger")
}

/// `dengji ledger …` as anyone runs it.
fn command(app: &App, arguments: &[&str]) -> Output {
    dengji(&app.url, app.folder.path())
        .arg("ledger")
        .args(arguments)
        .output()
        .unwrap()
}

/// The answer of `dengji ledger … --format json`, what it says of the account ledger taken out.
fn command_json(app: &App, what: &str) -> (Option<i32>, Value) {
    let output = command(app, &[what, "--format", "json"]);
    let mut said: Value = serde_json::from_slice(&output.stdout).unwrap();
    if what == "verify" {
        said.as_object_mut().unwrap().remove("schema").unwrap();
        let accounts = said.as_object_mut().unwrap().remove("accounts").unwrap();
        assert_eq!(accounts["valid"], true, "{accounts}");
        if let Some(register) = said.as_object_mut().unwrap().remove("register") {
            assert_eq!(register["differing"], 0, "{register}");
        }
    }
    (output.status.code(), said)
}

/// The verification in another language, from the API alone: its exit code and what it says.
fn in_python(app: &App, auditor: &Client) -> (Option<i32>, String) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verify-ledger.py");
    let output = Command::new("python3")
        .args(["-I", script, &app.base, auditor.token().unwrap()])
        .output()
        .unwrap();
    let said = if output.status.success() {
        output.stdout
    } else {
        output.stderr
    };
    (output.status.code(), String::from_utf8(said).unwrap().trim().to_owned())
}

/// Takes away what protects the table.
fn unprotect(app: &App) {
    let sql = match app.backend {
        Backend::Sqlite => {
            "DROP TRIGGER ledger_refuses_update; DROP TRIGGER ledger_refuses_delete; DROP TRIGGER ledger_refuses_replace"
        }
        Backend::Postgres => {
            "DROP TRIGGER ledger_refuses_update ON ledger; DROP TRIGGER ledger_refuses_delete ON ledger;
             DROP TRIGGER ledger_refuses_truncate ON ledger"
        }
    };
    execute(app, sql).unwrap();
}

both! {
    fn the_store_refuses_to_change_it(app: &App) {
        fill(app);
        let all = "SELECT sequence || entry || previous_hash || hash AS line FROM ledger ORDER BY sequence";
        let before = lines(app, all);
        let mut attempts = vec![
            "UPDATE ledger SET entry = entry",
            "UPDATE ledger SET hash = 'x' WHERE sequence = 2",
            "DELETE FROM ledger",
            "DELETE FROM ledger WHERE sequence = 2",
            "INSERT INTO ledger VALUES (2, 'x', 'x', 'x') ON CONFLICT (sequence) DO UPDATE SET entry = 'x'",
        ];
        attempts.extend(match app.backend {
            Backend::Sqlite => &[
                "INSERT OR REPLACE INTO ledger VALUES (2, 'x', 'x', 'x')",
                "REPLACE INTO ledger VALUES (2, 'x', 'x', 'x')",
                "UPDATE OR IGNORE ledger SET entry = 'x' WHERE sequence = 2",
                "UPDATE OR REPLACE ledger SET sequence = 3 WHERE sequence = 2",
                "PRAGMA recursive_triggers = ON; INSERT OR REPLACE INTO ledger VALUES (2, 'x', 'x', 'x')",
            ][..],
            Backend::Postgres => &[
                "TRUNCATE ledger",
                "TRUNCATE ledger CASCADE",
                "MERGE INTO ledger l USING (SELECT 2 AS n) s ON l.sequence = s.n WHEN MATCHED THEN DELETE",
                "WITH gone AS (DELETE FROM ledger RETURNING 1) SELECT count(*) FROM gone",
            ][..],
        });
        for sql in attempts {
            let refused = execute(app, sql).expect_err(sql).to_string();
            assert!(refused.contains("append-only"), "{sql}: {refused}");
            assert_eq!(lines(app, all), before, "{sql}");
        }
        assert_eq!(command(app, &["verify"]).status.code(), Some(0));
    }

    fn whoever_changes_it_is_noticed(app: &App) {
        fill(app);
        let auditor = app.person(Person::Auditor);
        let last = length(app);
        assert!(last >= 6);
        unprotect(app);
        execute(app, "CREATE TABLE kept AS SELECT * FROM ledger").unwrap();
        assert_eq!(command_json(app, "verify").1["fault"], Value::Null);
        assert_eq!(in_python(app, &auditor).0, Some(0));

        let byte = |sequence: i64| {
            format!("UPDATE ledger SET entry = substr(entry, 1, 11) || 'X' || substr(entry, 13) WHERE sequence = {sequence}")
        };
        let mut cases: Vec<(&str, String, i64)> = [1, 2, last / 2, last].map(|n| ("a byte of an entry", byte(n), n)).into();
        let space = "UPDATE ledger SET entry = entry || ' ' WHERE sequence = 2";
        let deleted = "DELETE FROM ledger WHERE sequence = 4";
        let texts = "UPDATE ledger SET entry = (SELECT k.entry FROM kept k WHERE k.sequence = 7 - ledger.sequence)
             WHERE sequence IN (3, 4)";
        let rows = "DELETE FROM ledger WHERE sequence IN (3, 4);
             INSERT INTO ledger SELECT 7 - sequence, entry, previous_hash, hash FROM kept WHERE sequence IN (3, 4)";
        let hash = format!("UPDATE ledger SET hash = '{}' WHERE sequence = 5", sha256_hex(b"another"));
        let previous = format!("UPDATE ledger SET previous_hash = '{}' WHERE sequence = 5", sha256_hex(b"another"));
        let renumbered = "UPDATE ledger SET sequence = sequence + 1000 WHERE sequence > 4";
        cases.extend([
            ("a space after an entry", space.to_owned(), 2),
            ("the first entry deleted", "DELETE FROM ledger WHERE sequence = 1".to_owned(), 2),
            ("an entry deleted", deleted.to_owned(), 5),
            ("the texts of two swapped", texts.to_owned(), 3),
            ("two swapped", rows.to_owned(), 3),
            ("a hash", hash, 5),
            ("a previous hash", previous, 5),
            ("numbers", renumbered.to_owned(), 1005),
            ("an entry and its hash", forge(app, 3, "reviewer"), 4),
            ("an entry twice", format!(
                "INSERT INTO ledger SELECT {last} + 1, entry, previous_hash, hash FROM kept WHERE sequence = {last}"
            ), last + 1),
        ]);
        for (name, sql, sequence) in cases {
            execute(app, &sql).unwrap();
            let output = command(app, &["verify"]);
            let said = String::from_utf8(output.stdout).unwrap();
            assert_eq!(output.status.code(), Some(1), "{name} {sequence}: {said}");
            assert!(said.contains(&format!("第 {sequence} 条")), "{name} {sequence}: {said}");
            let (code, found) = command_json(app, "verify");
            assert_eq!((code, &found["valid"], &found["fault"]["sequence"]), (Some(1), &json!(false), &json!(sequence)));
            assert_eq!(found["verified"], found["head"]["sequence"], "{name}");
            let mut answered = auditor.get("/ledger/verification").expect(200);
            for other in ["accounts", "schema"] {
                answered.as_object_mut().unwrap().remove(other).unwrap();
            }
            assert_eq!(answered, found, "{name}");
            let (code, said) = in_python(app, &auditor);
            assert_eq!(code, Some(1), "{name} {sequence}: {said}");
            assert!(said.ends_with(&format!("sequence {sequence}")), "{name} {sequence}: {said}");
            execute(app, "DELETE FROM ledger; INSERT INTO ledger SELECT * FROM kept").unwrap();
        }
        assert_eq!(command_json(app, "verify").1["fault"], Value::Null);
        assert_eq!(in_python(app, &auditor).0, Some(0));
    }

    fn its_index_is_kept_and_verified_with_it(app: &App) {
        fill(app);
        let all = "SELECT sequence || ' ' || contract_id AS line FROM ledger_subjects ORDER BY sequence";
        let before = lines(app, all);
        let last = length(app);
        let changes = [
            format!("UPDATE ledger_subjects SET contract_id = contract_id + 1 WHERE sequence = {last}"),
            format!("DELETE FROM ledger_subjects WHERE sequence = {last}"),
        ];
        let mut attempts: Vec<&str> = changes.iter().map(String::as_str).collect();
        let replace = format!("INSERT OR REPLACE INTO ledger_subjects (sequence, contract_id) VALUES ({last}, 7)");
        attempts.push(match app.backend {
            Backend::Sqlite => &replace,
            Backend::Postgres => "TRUNCATE ledger_subjects",
        });
        for sql in attempts {
            let refused = execute(app, sql).expect_err(sql).to_string();
            assert!(refused.contains("append-only"), "{sql}: {refused}");
            assert_eq!(lines(app, all), before, "{sql}");
        }
        let of = match app.backend {
            Backend::Sqlite => "",
            Backend::Postgres => " ON ledger_subjects",
        };
        for way in ["update", "delete"] {
            execute(app, &format!("DROP TRIGGER ledger_subjects_refuses_{way}{of}")).unwrap();
        }
        assert_eq!(command_json(app, "verify").1["fault"], Value::Null);
        for sql in changes {
            execute(app, &sql).unwrap();
            let (code, found) = command_json(app, "verify");
            assert_eq!((code, &found["fault"]["sequence"]), (Some(1), &json!(last)), "{sql}");
        }
    }

    fn an_entry_before_the_first_is_noticed(app: &App) {
        fill(app);
        for sequence in [0, -5] {
            // No protection stands against an INSERT; a history would show what such an entry says.
            execute(app, &format!(
                "INSERT INTO ledger SELECT {sequence}, entry, previous_hash, hash FROM ledger WHERE sequence = 2"
            )).unwrap();
            let (code, found) = command_json(app, "verify");
            assert_eq!((code, &found["fault"]["sequence"]), (Some(1), &json!(sequence)), "{found}");
        }
    }

    fn the_api_and_the_command_line_agree(app: &App) {
        fill(app);
        let auditor = app.person(Person::Auditor);
        let head = auditor.get("/ledger/head").expect(200);
        assert_eq!(head["sequence"], length(app));
        assert_eq!(command_json(app, "head"), (Some(0), head.clone()));
        let plain = String::from_utf8(command(app, &["head"]).stdout).unwrap();
        assert_eq!(plain.trim(), format!("{} {}", head["sequence"], head["hash"].as_str().unwrap()));
        let mut verification = auditor.get("/ledger/verification").expect(200);
        for other in ["accounts", "schema"] {
            verification.as_object_mut().unwrap().remove(other).unwrap();
        }
        let register = verification.as_object_mut().unwrap().remove("register").unwrap();
        assert_eq!((&register["differing"], &register["faults"]), (&json!(0), &json!([])), "{register}");
        let right = json!({"valid": true, "verified": length(app), "head": head, "fault": null});
        assert_eq!(verification, right);
        assert_eq!(command_json(app, "verify"), (Some(0), right));
        let (code, said) = in_python(app, &auditor);
        assert_eq!((code, said), (Some(0), plain.trim().to_owned()));

        let mut listed = Vec::new();
        let mut cursor = Some("0".to_owned());
        while let Some(after) = cursor {
            let page = auditor.get(&format!("/ledger?after={after}&limit=2")).expect(200);
            let items = page["items"].as_array().unwrap();
            assert!((1..=2).contains(&items.len()));
            listed.extend(items.iter().map(|i| {
                let text = |name: &str| i[name].as_str().unwrap();
                format!("{} {} {} {}", i["sequence"], text("entry"), text("previous_hash"), text("hash"))
            }));
            cursor = page["next_cursor"].as_str().map(str::to_owned);
        }
        let stored = "SELECT sequence || ' ' || entry || ' ' || previous_hash || ' ' || hash AS line FROM ledger ORDER BY sequence";
        assert_eq!(listed, lines(app, stored));
        assert_eq!(auditor.get("/ledger?after=100000").expect(200), json!({"items": [], "next_cursor": null}));
        for wrong in ["limit=0", "limit=101", "limit=x", "after=-1", "after=x", "sort=hash"] {
            auditor.get(&format!("/ledger?{wrong}")).expect_problem(422, "invalid");
        }
    }

    fn an_empty_ledger_is_right(app: &App) {
        let head = json!({"sequence": 0, "hash": "0".repeat(64)});
        assert_eq!(command_json(app, "head"), (Some(0), head.clone()));
        let right = json!({"valid": true, "verified": 0, "head": head, "fault": null});
        assert_eq!(command_json(app, "verify"), (Some(0), right));
    }

    fn auditors_alone_read_it(app: &App) {
        for path in ["/ledger", "/ledger/head", "/ledger/verification"] {
            app.anonymous().get(path).expect_problem(401, "unauthenticated");
        }
        for person in Person::ALL {
            let client = app.person(person);
            for path in ["/ledger", "/ledger/head", "/ledger/verification"] {
                let reply = client.get(path);
                if person == Person::Auditor {
                    reply.expect(200);
                } else {
                    reply.expect_problem(403, "forbidden");
                }
            }
        }
    }

    fn an_act_is_one_entry_and_a_refusal_none(app: &App) {
        let registrar = app.person(Person::Registrar);
        let (reviewer, other) = (app.person(Person::Reviewer), app.person(Person::Reviewer2));
        let act = |client: &Client, contract: &Value, action: &str, body: Value| {
            let before = length(app);
            let done = client.act(contract, action, &body);
            assert_eq!(length(app), before + 1, "{action}");
            let last = lines(app, "SELECT entry AS line FROM ledger ORDER BY sequence DESC LIMIT 1");
            let last: Value = serde_json::from_str(&last[0]).unwrap();
            assert_eq!((&last["action"], &last["contract"]), (&json!(action), &done["id"]));
            assert_eq!((&last["from"], &last["to"]), (&contract["state"], &done["state"]));
            done
        };
        let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        let path = |contract: &Value| format!("/contracts/{}", contract["id"]);
        let version = |contract: &Value| contract["version"].as_i64().unwrap();
        let before = length(app);
        let [a, b, c, d] = [1, 2, 3, 4].map(|n| registrar.post("/contracts", &complete_contract(n)).expect(201));
        assert_eq!(length(app), before + 4, "create");

        let a = act(&registrar, &a, "submit", json!({}));
        let a = act(&reviewer, &a, "claim", json!({}));
        let a = act(&reviewer, &a, "release", json!({}));
        let a = act(&reviewer, &a, "claim", json!({}));
        let a = act(&other, &a, "reassign", json!({"reason": "原审核员休假"}));
        let items = json!([{"pointer": "/amount_fen", "detail": "与合同文本不符"}]);
        let a = act(&other, &a, "return", json!({"reason": "金额有误", "items": items}));
        let a = act(&registrar, &a, "submit", json!({}));
        let a = act(&reviewer, &a, "claim", json!({}));
        let a = act(&reviewer, &a, "confirm", verified.clone());
        let revocation = json!({"ground": "wrong_category", "document_number": "兵科撤〔2026〕1号", "served_on": "2026-06-15"});
        let a = act(&other, &a, "revoke", revocation.clone());
        let b = act(&registrar, &b, "submit", json!({}));
        let b = act(&registrar, &b, "withdraw", json!({"reason": "双方另行商定"}));
        let c = act(&registrar, &c, "submit", json!({}));
        let c = act(&reviewer, &c, "claim", json!({}));
        let now = length(app);

        // Refusals of every kind.
        registrar.try_act(&a, "confirm", &verified).expect_problem(403, "forbidden");
        reviewer.try_act(&b, "claim", &json!({})).expect_problem(409, "wrong-state");
        reviewer.post_at(&format!("{}/confirm", path(&c)), version(&c) - 1, &verified).expect_problem(412, "stale-version");
        other.try_act(&c, "confirm", &verified).expect_problem(403, "forbidden");
        reviewer.try_act(&c, "confirm", &json!({"verified_type": "nothing"})).expect_problem(422, "invalid");
        reviewer.post(&format!("{}/confirm", path(&c)), &verified).expect_problem(428, "version-missing");
        reviewer.post_at("/contracts/99999/claim", 1, &json!({})).expect_problem(404, "not-found");
        registrar.post("/contracts", &json!({"type": "nothing"})).expect_problem(422, "invalid");
        registrar.patch_at(&path(&d), version(&d), &json!({"amount_fen": -1})).expect_problem(422, "invalid");
        has_length(app, now);

        // What changes nothing is no act; a repeated request is not done again.
        registrar.patch_at(&path(&d), version(&d), &json!({})).expect(200);
        has_length(app, now);
        let d = registrar.patch_at(&path(&d), version(&d), &json!({"plan_name": "计划"})).expect(200);
        has_length(app, now + 1);
        let headers = [("If-Match", format!("\"{}\"", version(&c))), ("Idempotency-Key", "once".to_owned())];
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let first = reviewer.with_body("POST", &format!("{}/confirm", path(&c)), &headers, &verified).expect(200);
        let again = reviewer.with_body("POST", &format!("{}/confirm", path(&c)), &headers, &verified).expect(200);
        assert_eq!(first, again);
        has_length(app, now + 2);
        assert_eq!(registrar.delete_at(&path(&d), version(&d)).status, 204);
        has_length(app, now + 3);
        assert_eq!(command(app, &["verify"]).status.code(), Some(0));
    }

    fn an_act_and_its_entry_stand_or_fall_together(app: &App) {
        let reviewer = app.person(Person::Reviewer);
        let contract = app.submitted(1);
        let path = format!("/contracts/{}", contract["id"]);
        let before = (length(app), reviewer.get(&path).expect(200));
        let claim = || {
            let version = format!("\"{}\"", contract["version"]);
            let headers = [("If-Match", version.as_str()), ("Idempotency-Key", "key")];
            reviewer.with_body("POST", &format!("{path}/claim"), &headers, &json!({}))
        };
        // The answer's row, written last, fails; then the ledger's.
        for table in ["idempotency_keys", "ledger"] {
            let (set, undo) = match app.backend {
                Backend::Sqlite => (
                    format!("CREATE TRIGGER broken BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'broken'); END"),
                    "DROP TRIGGER broken".to_owned(),
                ),
                Backend::Postgres => (
                    format!("CREATE TRIGGER broken BEFORE INSERT ON {table} EXECUTE FUNCTION ledger_is_append_only()"),
                    format!("DROP TRIGGER broken ON {table}"),
                ),
            };
            execute(app, &set).unwrap();
            claim().expect_problem(500, "internal");
            assert_eq!((length(app), reviewer.get(&path).expect(200)), before, "{table}");
            execute(app, &undo).unwrap();
        }
        assert_eq!(claim().expect(200)["state"], "under_review");
        assert_eq!(length(app), before.0 + 1);
    }
}

#[track_caller]
fn has_length(app: &App, expected: i64) {
    assert_eq!(length(app), expected);
}

/// Statements that let another have done what entry `sequence` says, its hash made to fit.
fn forge(app: &App, sequence: i64, actor: &str) -> String {
    let entry = lines(
        app,
        &format!("SELECT entry AS line FROM ledger WHERE sequence = {sequence}"),
    )
    .remove(0);
    let previous = lines(
        app,
        &format!("SELECT previous_hash AS line FROM ledger WHERE sequence = {sequence}"),
    )
    .remove(0);
    let mut said: Value = serde_json::from_str(&entry).unwrap();
    assert_ne!(said["actor"], actor);
    said["actor"] = json!(actor);
    let entry = dengji::domain::ledger::canonical(&said).unwrap();
    let hash = chain_hash(&previous, &entry);
    format!("UPDATE ledger SET entry = '{entry}', hash = '{hash}' WHERE sequence = {sequence}")
}
