//! The account ledger: refuses to be changed, shows it where it was, says what happened to accounts, and no secret.

use std::process::{Command, Output};

use serde_json::{Value, json};

use super::{execute, lines};
use crate::support::{App, Backend, Client, PASSWORD, Person, both, dengji};

const NEW_PASSWORD: &str = "another ordinary long sentence";
const GUESS: &str = "a guess that is nowhere kept";

fn command(app: &App, arguments: &[&str]) -> Output {
    dengji(&app.url, app.folder.path())
        .arg("ledger")
        .args(arguments)
        .output()
        .unwrap()
}

fn in_python(app: &App, auditor: &Client) -> (Option<i32>, String) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verify-ledger.py");
    let output = Command::new("python3")
        .args(["-I", script, "--accounts", &app.base, auditor.token().unwrap()])
        .output()
        .unwrap();
    let said = if output.status.success() {
        output.stdout
    } else {
        output.stderr
    };
    (output.status.code(), String::from_utf8(said).unwrap().trim().to_owned())
}

/// Every entry, as the API gives it.
fn entries(auditor: &Client) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), Some("0".to_owned()));
    while let Some(after) = cursor {
        let page = auditor
            .get(&format!("/account-ledger?after={after}&limit=7"))
            .expect(200);
        found.extend(page["items"].as_array().unwrap().iter().map(|i| -> Value {
            let entry: Value = serde_json::from_str(i["entry"].as_str().unwrap()).unwrap();
            assert_eq!(entry["sequence"], i["sequence"]);
            entry
        }));
        cursor = page["next_cursor"].as_str().map(str::to_owned);
    }
    found
}

fn log_in(app: &App, username: &str, password: &str) -> crate::support::Reply {
    app.anonymous()
        .post("/auth/login", &json!({"username": username, "password": password}))
}

/// Everything that the store holds, as text.
fn everything(app: &App) -> String {
    match app.backend {
        Backend::Sqlite => ["dengji.sqlite", "dengji.sqlite-wal"]
            .iter()
            .filter_map(|name| std::fs::read(app.folder.path().join(name)).ok())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect(),
        Backend::Postgres => {
            let tables = lines(
                app,
                "SELECT table_name AS line FROM information_schema.tables WHERE table_schema = current_schema()",
            );
            assert!(tables.len() > 10);
            tables
                .iter()
                .flat_map(|table| lines(app, &format!("SELECT row_to_json(t)::text AS line FROM {table} t")))
                .collect()
        }
    }
}

both! {
    fn the_store_refuses_to_change_it(app: &App) {
        app.person(Person::Reviewer);
        let all = "SELECT sequence || entry || previous_hash || hash AS line FROM account_ledger ORDER BY sequence";
        let before = lines(app, all);
        assert!(before.len() >= 2);
        let mut attempts = vec![
            "UPDATE account_ledger SET entry = entry",
            "DELETE FROM account_ledger WHERE sequence = 2",
            "INSERT INTO account_ledger VALUES (2, 'x', 'x', 'x') ON CONFLICT (sequence) DO UPDATE SET entry = 'x'",
        ];
        attempts.extend(match app.backend {
            Backend::Sqlite => &[
                "INSERT OR REPLACE INTO account_ledger VALUES (2, 'x', 'x', 'x')",
                "UPDATE OR REPLACE account_ledger SET sequence = 3 WHERE sequence = 2",
            ][..],
            Backend::Postgres => &["TRUNCATE account_ledger", "TRUNCATE account_ledger CASCADE"][..],
        });
        for sql in attempts {
            let refused = execute(app, sql).expect_err(sql).to_string();
            assert!(refused.contains("append-only"), "{sql}: {refused}");
            assert_eq!(lines(app, all), before, "{sql}");
        }
    }

    fn whoever_changes_it_is_noticed(app: &App) {
        app.person(Person::Reviewer);
        let auditor = app.person(Person::Auditor);
        let right = auditor.get("/account-ledger/verification").expect(200);
        let head = auditor.get("/account-ledger/head").expect(200);
        assert_eq!(right, json!({"valid": true, "verified": head["sequence"], "head": head, "fault": null}));
        let plain = String::from_utf8(command(app, &["head", "--accounts"]).stdout).unwrap();
        assert_eq!(plain.trim(), format!("{} {}", head["sequence"], head["hash"].as_str().unwrap()));
        assert_eq!(in_python(app, &auditor), (Some(0), plain.trim().to_owned()));
        let of = if app.backend == Backend::Postgres { " ON account_ledger" } else { "" };
        for way in ["update", "delete"] {
            execute(app, &format!("DROP TRIGGER account_ledger_refuses_{way}{of}")).unwrap();
        }
        execute(app, "CREATE TABLE kept AS SELECT * FROM account_ledger").unwrap();
        for (sql, sequence) in [
            ("UPDATE account_ledger SET entry = replace(entry, 'reviewer', 'auditor') WHERE sequence = 1", 1),
            ("UPDATE account_ledger SET entry = entry || ' ' WHERE sequence = 2", 2),
            ("DELETE FROM account_ledger WHERE sequence = 2", 3),
            ("DELETE FROM account_ledger WHERE sequence = 1", 2),
            ("INSERT INTO account_ledger SELECT 0, entry, previous_hash, hash FROM kept WHERE sequence = 1", 0),
        ] {
            execute(app, sql).unwrap();
            let output = command(app, &["verify"]);
            let said = String::from_utf8(output.stdout).unwrap();
            assert_eq!(output.status.code(), Some(1), "{sql}: {said}");
            assert!(said.contains("登记账完整") && said.contains(&format!("账户账有误：第 {sequence} 条")), "{said}");
            let output = command(app, &["verify", "--format", "json"]);
            let found: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!((&found["valid"], &found["accounts"]["fault"]["sequence"]), (&json!(false), &json!(sequence)));
            let told = auditor.get("/ledger/verification").expect(200);
            assert_eq!((&told["valid"], &told["accounts"]), (&json!(false), &found["accounts"]), "one verdict by every way in");
            assert_eq!(auditor.get("/account-ledger/verification").expect(200), found["accounts"]);
            assert_eq!(in_python(app, &auditor).0, Some(if sequence == 0 { 0 } else { 1 }), "what the API lists begins at 1");
            execute(app, "DELETE FROM account_ledger; INSERT INTO account_ledger SELECT * FROM kept").unwrap();
        }
        let output = command(app, &["verify"]);
        assert!(String::from_utf8(output.stdout).unwrap().contains("账户账完整"));
    }

    fn it_says_what_happened(app: &App) {
        app.import_sample("registrars.csv", dengji::domain::interchange::Kind::Registrars);
        let admin = app.person(Person::Administrator);
        let auditor = app.person(Person::Auditor);
        let start = entries(&auditor).len();
        admin.post("/agencies", &json!({"code": "660077", "name": "七十七团登记站"})).expect(201);
        admin.with_body("PATCH", "/agencies/660077", &[], &json!({"name": "新站"})).expect(200);
        let new = json!({"username": "li", "full_name": "李四", "roles": ["registrar"], "agency": "660077", "password": PASSWORD});
        admin.post("/users", &new).expect(201);
        log_in(app, "li", GUESS).expect(401);
        log_in(app, GUESS, GUESS).expect(401);
        let tokens = log_in(app, "li", PASSWORD).expect(200);
        let client = app.anonymous().with_token(tokens["access_token"].as_str().unwrap());
        let change = |current: &str| client.post("/auth/password", &json!({"current_password": current, "new_password": NEW_PASSWORD}));
        change(GUESS).expect(422);
        change(PASSWORD).expect(204);
        let patch = json!({"roles": ["reviewer", "registrar"], "email": "li@example.cn", "current_password": PASSWORD});
        let version = admin.get("/users/li").expect(200)["version"].as_i64().unwrap();
        admin.patch_at("/users/li", version, &patch).expect(200);
        admin.patch_at("/users/li", version + 1, &patch).expect(200);
        let refresh = json!({"refresh_token": tokens["refresh_token"]});
        app.anonymous().post("/auth/refresh", &refresh).expect(200);
        app.anonymous().post("/auth/refresh", &refresh).expect(401);
        admin.post("/users/li/lock", &json!({"reason": "调离"})).expect(200);
        log_in(app, "li", NEW_PASSWORD).expect(401);
        admin.post("/users/li/unlock", &json!({"reason": "返岗"})).expect(200);
        admin.post("/users/li/password", &json!({"password": PASSWORD})).expect(200);
        for _ in 0..12 {
            log_in(app, "li", GUESS);
        }
        auditor.post("/auth/logout", &json!({})).expect(204);
        // Refused: nothing is entered.
        admin.post("/users", &new).expect(422);
        admin.post("/users/nobody/lock", &json!({"reason": "x"})).expect(404);
        admin.with_body("PATCH", "/agencies/660077", &[], &json!({"name": "新站"})).expect(200);

        let told: Vec<String> = entries(&app.person(Person::Auditor))[start..]
            .iter()
            .map(|e| {
                let text = |name: &str| e[name].as_str().unwrap_or("-").to_owned();
                format!("{} {} {} {} {}", text("action"), text("result"), text("actor"), text("role"), text("account"))
            })
            .collect();
        let mut expected = vec![
            "add_agency done administrator administrator -",
            "change_agency done administrator administrator -",
            "add_user done administrator administrator li",
            "log_in wrong_password - - li",
            "log_in unknown_user - - -",
            "log_in done li - li",
            "change_password wrong_password li - li",
            "change_password done li - li",
            "change_user done administrator administrator li",
            "end_session done - - li",
            "lock_user done administrator administrator li",
            "log_in locked - - li",
            "unlock_user done administrator administrator li",
            "reset_password done administrator administrator li",
        ];
        expected.extend(["log_in wrong_password - - li"; 10]);
        expected.extend(["throttle done - - li", "log_out done auditor - auditor", "log_in done auditor - auditor"]);
        assert_eq!(told, expected);

        let all = entries(&app.person(Person::Auditor));
        let made = &all[start + 2];
        assert_eq!(made["changes"], json!([
            {"pointer": "/roles", "from": null, "to": ["registrar"]},
            {"pointer": "/agency", "from": null, "to": "660077"},
            {"pointer": "/full_name", "from": null, "to": "李四"},
        ]));
        assert_eq!(all[start + 5]["address"], "127.0.0.1");
        assert_eq!(all[start + 8]["changes"], json!([
            {"pointer": "/roles", "from": ["registrar"], "to": ["registrar", "reviewer"]},
            {"pointer": "/email", "from": null, "to": "li@example.cn"},
        ]));
        assert_eq!(all[start + 10]["reason"], "调离");
        assert_eq!(all[start + 10]["changes"][0]["pointer"], "/locked_at");
        assert!(all[start].get("agency").is_some_and(Value::is_i64));
        assert!(all[0]["actor"].as_str().is_some_and(|a| a == "test") && all[0]["action"] == "add_user");
    }

    fn no_secret_is_kept_or_told(app: &App) {
        let admin = app.person(Person::Administrator);
        let auditor = app.person(Person::Auditor);
        let mut secrets = vec![PASSWORD.to_owned(), NEW_PASSWORD.to_owned(), GUESS.to_owned()];
        let mut answers = String::new();
        let send = |path: &str, key: &str, body: &Value| admin.with_body("POST", path, &[("Idempotency-Key", key)], body);
        let random = json!({"username": "random", "full_name": "某某", "roles": ["expert"]});
        secrets.push(send("/users", "k1", &random).expect(201)["initial_password"].as_str().unwrap().to_owned());
        answers += &send("/users", "k1", &random).text;
        let given = json!({"username": "given", "full_name": "某某", "roles": ["expert"], "password": NEW_PASSWORD});
        answers += &send("/users", "k2", &given).text;
        secrets.push(send("/users/given/password", "k3", &json!({})).expect(200)["initial_password"].as_str().unwrap().to_owned());
        answers += &send("/users/given/password", "k3", &json!({})).text;
        answers += &send("/users/given/password", "k4", &json!({"password": PASSWORD})).text;
        log_in(app, GUESS, GUESS).expect(401);
        answers += &log_in(app, "given", GUESS).text;
        answers += &admin.get("/users?limit=100").text;
        answers += &auditor.get("/account-ledger?limit=100").text;
        for username in ["given", "random"] {
            answers += &admin.get(&format!("/users/{username}")).text;
        }
        let (stored, hashes) = (everything(app), lines(app, "SELECT password_hash AS line FROM users"));
        assert!(stored.contains("reset_password") && stored.contains(&hashes[0]), "it is all there");
        for secret in &secrets {
            assert!(!stored.contains(secret), "{secret} is stored");
            assert!(!answers.contains(secret), "{secret} is told");
        }
        // No quick digest of a request with a password either: whoever has the store could try passwords on it.
        let quick = dengji::domain::ledger::sha256_hex(format!("POST /api/v1/users\n{given}").as_bytes());
        assert!(!stored.contains(&quick));
        for hash in &hashes {
            assert!(!answers.contains(hash) && !answers.contains("argon2"), "hashes are not told");
            let told = lines(app, "SELECT entry AS line FROM account_ledger").concat();
            assert!(!told.contains(hash) && !told.contains("argon2"));
        }
    }

    fn auditors_alone_read_it(app: &App) {
        for person in Person::ALL {
            let client = app.person(person);
            for path in ["/account-ledger", "/account-ledger/head", "/account-ledger/verification"] {
                let reply = client.get(path);
                match person {
                    Person::Auditor => reply.expect(200),
                    _ => reply.expect_problem(403, "forbidden"),
                };
            }
        }
        let auditor = app.person(Person::Auditor);
        assert_eq!(auditor.get("/account-ledger?after=100000").expect(200), json!({"items": [], "next_cursor": null}));
        for wrong in ["limit=0", "after=-1", "sort=hash"] {
            auditor.get(&format!("/account-ledger?{wrong}")).expect_problem(422, "invalid");
        }
    }
}
