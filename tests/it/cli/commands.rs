//! Each command's arguments, answers and exit codes.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

use crate::{
    statistics::sample::demo,
    support::{App, both, dengji},
};

fn run(app: &App, arguments: &[&str]) -> Output {
    dengji(&app.url, app.folder.path()).args(arguments).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a successful command wrote to standard output.
#[track_caller]
fn answer(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn json_answer(output: &Output) -> Value {
    serde_json::from_str(&answer(output)).unwrap()
}

/// Runs a command with text at its standard input.
fn with_input(app: &App, arguments: &[&str], input: &str) -> Output {
    let mut child = dengji(&app.url, app.folder.path())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

both! {
    fn wrong_usage_is_2_and_failure_is_1(app: &App) {
        for arguments in [
            &[][..],
            &["inport"],
            &["import"],
            &["import", "--kind", "register"],
            &["import", "--kind", "contracts", "x.csv"],
            &["report"],
            &["report", "zwanzig"],
            &["report", "1066"],
            &["report", "2025", "--format", "odt"],
            &["report", "2025", "--as-of", "gestern"],
            &["report", "2025", "--until", "2025-13-01"],
            &["export", "--kind", "activities"],
            &["report", "2025", "--until", "2024-06-30"],
            &["export", "--state", "done"],
            &["export", "--unit", "div_99"],
            &["template"],
            &["ledger"],
            &["ledger", "head", "--format", "xml"],
            &["user", "add", "li"],
            &["user", "add", "li", "--role", "boss"],
            &["user", "add", "li", "--role", "auditor", "--password", "an ordinary long sentence"],
            &["serve", "--listen", "everywhere"],
        ] {
            let output = run(app, arguments);
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
            assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
        }
        for arguments in [
            &["import", "--kind", "register", "nowhere.csv"][..],
            &["report", "2025", "--output", "no/such/folder/x"],
            &["export", "--output", "no/such/folder/x"],
        ] {
            let output = run(app, arguments);
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", stderr(&output));
            assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
            assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
        }
        for arguments in [&["--help"][..], &["import", "--help"], &["--version"]] {
            assert!(!answer(&run(app, arguments)).is_empty());
        }
    }

    fn a_year_without_data_is_all_zero(app: &App) {
        let figures = json_answer(&run(app, &["report", "2031", "--format", "json"]));
        assert_eq!(figures["total"], json!({"contracts": 0, "amount_fen": 0, "technology_amount_fen": 0,
            "previous_contracts": null, "previous_amount_fen": null, "growth": null}));
        assert_eq!((&figures["follow_up"], &figures["units"]["div_01"]["share"]), (&Value::Null, &Value::Null));
        assert_eq!((&figures["edition"], &figures["closed"], &figures["ledger"]["sequence"]), (&Value::Null, &json!(false), &json!(0)));
        let text = run(app, &["report", "2031"]);
        assert!(answer(&text).contains("2031") && answer(&text).contains('–'), "{}", answer(&text));
        assert!(text.stderr.is_empty(), "{}", stderr(&text));
        let csv = answer(&run(app, &["report", "2031", "--format", "csv"]));
        let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
        assert!(reader.records().all(|row| row.unwrap().len() == 5));
        // The same into a file, and nothing to standard output.
        let output = run(app, &["report", "2031", "--format", "csv", "--output", "figures.csv"]);
        assert_eq!(answer(&output), "");
        assert_eq!(std::fs::read_to_string(app.folder.path().join("figures.csv")).unwrap(), csv);
    }

    fn results_are_on_stdout_and_talk_on_stderr(app: &App) {
        let registrars = demo("registrars.csv").display().to_string();
        let imported = run(app, &["import", "--kind", "registrars", &registrars]);
        assert!(answer(&imported).contains("新增 79"), "{}", answer(&imported));
        // What the file made besides is told, and nothing else.
        assert!(stderr(&imported).lines().count() == 1 && stderr(&imported).contains("系统中没有的登记机构 18 个"), "{}", stderr(&imported));
        let again = json_answer(&run(app, &["import", "--kind", "registrars", "--format", "json", &registrars]));
        assert_eq!(again, json!({"file": registrars, "rows": 79, "added": 0, "updated": 0, "unchanged": 79, "flagged": 0,
            "corrected_confirmed": 0, "notices": []}));
        let exported = run(app, &["export"]);
        assert_eq!(answer(&exported).lines().count(), 1);
        assert!(stderr(&exported).contains("已导出 0 行"));

        let head = json_answer(&run(app, &["ledger", "head", "--format", "json"]));
        assert_eq!(head["hash"].as_str().unwrap().len(), 64);
        let line = answer(&run(app, &["ledger", "head"]));
        assert_eq!(line.trim(), format!("{} {}", head["sequence"], head["hash"].as_str().unwrap()));
        let mut verified = json_answer(&run(app, &["ledger", "verify", "--format", "json"]));
        let accounts = verified.as_object_mut().unwrap().remove("accounts").unwrap();
        let register = verified.as_object_mut().unwrap().remove("register").unwrap();
        assert_eq!(verified.as_object_mut().unwrap().remove("schema").unwrap(), json!({"faults": []}));
        assert!(register["differing"] == 0 && register["checked"].as_i64().unwrap() >= 97, "{register}");
        let account_head = json_answer(&run(app, &["ledger", "head", "--accounts", "--format", "json"]));
        assert_eq!(accounts, json!({"valid": true, "verified": account_head["sequence"], "head": account_head, "fault": null}));
        assert_eq!(verified, json!({"valid": true, "verified": head["sequence"], "head": head, "fault": null}));
        let said = answer(&run(app, &["ledger", "verify"]));
        assert!(said.contains("登记账完整") && said.contains("账户账完整") && said.contains("登记簿与账相符"), "{said}");
    }

    fn every_template_imports_as_empty(app: &App) {
        for kind in ["register", "registrars", "follow-up", "activities", "reference"] {
            let name = format!("{kind}.xlsx");
            let written = run(app, &["template", "--kind", kind, "--output", &name]);
            assert_eq!(answer(&written), "");
            let piped = run(app, &["template", "--kind", kind]);
            assert_eq!(piped.stdout.get(..4), Some(&b"PK\x03\x04"[..]), "{kind}");
            let imported = json_answer(&run(app, &["import", "--kind", kind, "--format", "json", &name]));
            assert_eq!((&imported["rows"], &imported["added"]), (&json!(0), &json!(0)), "{kind}");
        }
        assert_eq!(json_answer(&run(app, &["ledger", "head", "--format", "json"]))["sequence"], 0);
    }

    fn accounts_are_added_with_a_password_from_stdin(app: &App) {
        let add = ["user", "add", "li", "--role", "statistician", "--full-name", "李明"];
        for (input, told) in [("short\n", "15"), ("", "15"), ("passwordpassword\n", "密码")] {
            let output = with_input(app, &add, input);
            assert_eq!(output.status.code(), Some(1), "{input:?}: {}", stderr(&output));
            assert!(stderr(&output).contains(told), "{}", stderr(&output));
            assert!(output.stdout.is_empty());
        }
        let password = "云在青天水在瓶，一句很长的密码";
        let output = with_input(app, &add, &format!("{password}\r\nnot this line\n"));
        assert!(answer(&output).contains("li"), "{}", answer(&output));
        assert!(!answer(&output).contains(password) && !stderr(&output).contains(password));
        let twice = with_input(app, &add, &format!("{password}\n"));
        assert_eq!(twice.status.code(), Some(1), "{}", stderr(&twice));
        let body = json!({"username": "li", "password": password});
        let tokens = app.anonymous().post("/auth/login", &body).expect(200);
        let client = app.anonymous().with_token(tokens["access_token"].as_str().unwrap());
        assert_eq!(client.get("/statistics/annual/2025").status, 200);
        // A registrar needs an agency that is there.
        let registrar = ["user", "add", "wang", "--role", "registrar", "--agency", "660001", "--full-name", "王芳"];
        let output = with_input(app, &registrar, &format!("{password}\n"));
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        let path = demo("registrars.csv").display().to_string();
        answer(&run(app, &["import", "--kind", "registrars", &path]));
        answer(&with_input(app, &registrar, &format!("{password}\n")));
        let mixed = ["user", "add", "zhao", "--role", "administrator", "--role", "reviewer"];
        let output = with_input(app, &mixed, &format!("{password}\n"));
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    }

    fn the_actor_of_the_command_line_is_its_user(app: &App) {
        let path = demo("reference-figures.csv").display().to_string();
        let mut command = dengji(&app.url, app.folder.path());
        let output = command.env("USER", "liu").args(["import", "--kind", "reference", &path]).output().unwrap();
        answer(&output);
        // The system's word for who it is, not the environment's, which anyone may set.
        let user = std::process::Command::new("id").arg("-un").output().unwrap();
        let actor = format!("cli:{}", String::from_utf8(user.stdout).unwrap().trim());
        let ledger = app.person(crate::support::Person::Auditor).get("/ledger?limit=100").expect(200);
        let entries: Vec<Value> = ledger["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| serde_json::from_str(item["entry"].as_str().unwrap()).unwrap())
            .collect();
        let imported: Vec<&Value> = entries.iter().filter(|e| e["action"] == "import_reference").collect();
        assert_eq!(imported.len(), 2);
        for entry in imported {
            assert_eq!(entry["actor"], actor);
            assert!(entry["reason"].as_str().unwrap().contains("reference-figures.csv"), "{entry}");
        }
    }
}

#[test]
fn the_openapi_document_needs_no_store() {
    let folder = tempfile::tempdir().unwrap();
    let output = dengji("nonsense:", folder.path()).arg("openapi").output().unwrap();
    let document = json_answer(&output);
    assert!(
        document["openapi"].as_str().unwrap().starts_with("3.1"),
        "{}",
        document["openapi"]
    );
    assert!(document["paths"].as_object().unwrap().len() > 10);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_demo_makes_a_store_and_prints_the_figures() {
    let folder = tempfile::tempdir().unwrap();
    let demo = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_dengji"))
            .current_dir(folder.path())
            .env_remove("DENGJI_DATABASE_URL")
            .args(["demo", "--no-serve"])
            .args(arguments)
            .output()
            .unwrap()
    };
    let output = demo(&[]);
    let text = answer(&output);
    for figure in ["2025", "合成样例数据", "1134", "108310.04", "33.0", "16052.32"] {
        assert!(text.contains(figure), "{figure} in {text}");
    }
    assert!(stderr(&output).contains("合成数据") && folder.path().join("data/demo/dengji.sqlite").exists());
    // A store that somebody named is never written over.
    let taken = demo(&["--database", "sqlite:data/demo/dengji.sqlite"]);
    assert_eq!(taken.status.code(), Some(1));
    assert!(stderr(&taken).contains("已存在"), "{}", stderr(&taken));
    let server = demo(&["--database", "postgres://127.0.0.1:1/x"]);
    assert_eq!(server.status.code(), Some(1));
}

/// What cannot be said undoes nothing: no act is done and then reported as a crash.
#[test]
fn what_cannot_be_written_out_is_no_crash() {
    let app = App::start(crate::support::Backend::Sqlite);
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    let registrars = demo("registrars.csv");
    let import = |stdout: std::fs::File| {
        dengji(&app.url, app.folder.path())
            .args(["import", "--kind", "registrars"])
            .arg(&registrars)
            .stdout(stdout)
            .output()
            .unwrap()
    };
    let output = import(full());
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let said = stderr(&output);
    assert!(
        said.contains("已办理完毕，不必再次执行") && !said.contains("panicked"),
        "{said}"
    );
    let again = run(&app, &["import", "--kind", "registrars", registrars.to_str().unwrap()]);
    assert!(answer(&again).contains("原有未变 79"), "it was done");
    // Where talk cannot be told the work is done all the same.
    let status = dengji(&app.url, app.folder.path())
        .args(["migrate"])
        .stdout(Stdio::null())
        .stderr(full())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
}
