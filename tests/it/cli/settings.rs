//! Settings and stores that cannot be: told by name, exit 1.

use std::process::Output;

use dengji::storage::StoreError;
use diesel::connection::SimpleConnection as _;

use crate::support::{App, both, dengji};

/// Runs the program with further variables in its environment.
fn with(app: &App, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = dengji(&app.url, app.folder.path());
    command
        .envs(variables.iter().copied())
        .args(arguments)
        .output()
        .unwrap()
}

#[track_caller]
fn assert_refused(output: &Output, told: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains(told), "{told} in {stderr}");
    assert!(!stderr.contains("panicked") && output.stdout.is_empty(), "{stderr}");
}

both! {
    fn an_unknown_key_is_named(app: &App) {
        let file = app.folder.path().join("dengji.toml");
        let path = file.to_str().unwrap();
        std::fs::write(&file, "[server]\nlisten_on = \"127.0.0.1:1\"\n").unwrap();
        assert_refused(&with(app, &[], &["--config", path, "ledger", "head"]), "listen_on");
        std::fs::write(&file, "[store]\nconnections = \"many\"\n").unwrap();
        assert_refused(&with(app, &[], &["--config", path, "ledger", "head"]), "connections");
        std::fs::write(&file, "[store\n").unwrap();
        assert_refused(&with(app, &[], &["--config", path, "ledger", "head"]), "配置错误");
        assert_refused(&with(app, &[], &["--config", "nowhere.toml", "ledger", "head"]), "nowhere");
        assert_refused(&with(app, &[("DENGJI_SERVER__COLOUR", "red")], &["ledger", "head"]), "colour");
        assert_refused(&with(app, &[("DENGJI_COLOUR", "red")], &["ledger", "head"]), "colour");
        std::fs::write(&file, "[store]\nconnections = 2\n").unwrap();
        let output = with(app, &[], &["ledger", "head", "--config", path]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn a_newer_store_is_refused(app: &App) {
        app.ctx
            .store
            .with_connection(|db| {
                db.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')")?;
                Ok::<_, StoreError>(())
            })
            .unwrap();
        for arguments in [&["migrate"][..], &["serve", "--listen", "127.0.0.1:0"], &["ledger", "head"], &["report", "2025"]] {
            assert_refused(&with(app, &[], arguments), "99990101000000");
        }
    }

    fn migrating_twice_does_nothing_more(app: &App) {
        let migrate = |url: &str| {
            let output = dengji(url, app.folder.path()).arg("migrate").output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        assert!(migrate(&app.url).contains("已是最新"));
        let fresh = match app.url.strip_prefix("sqlite:") {
            Some(_) => format!("sqlite:{}", app.folder.path().join("a/new/folder/store.sqlite").display()),
            None => {
                let schema = format!("{}_fresh", app.url.split("%3D").last().unwrap());
                let make = format!("CREATE SCHEMA {schema}");
                app.ctx.store.with_connection(|db| Ok::<_, StoreError>(db.batch_execute(&make)?)).unwrap();
                app.url.replace(app.url.split("%3D").last().unwrap(), &schema)
            }
        };
        assert!(migrate(&fresh).contains("已执行"));
        assert!(migrate(&fresh).contains("已是最新"));
    }
}

#[test]
fn an_unknown_kind_of_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for url in ["mysql://localhost/x", "data/dengji.sqlite", "sqlite:", ""] {
        let output = dengji(url, folder.path()).args(["ledger", "head"]).output().unwrap();
        assert_refused(&output, "sqlite:");
        let output = dengji("sqlite:x.sqlite", folder.path())
            .args(["--database", url, "ledger", "head"])
            .output()
            .unwrap();
        assert_refused(&output, "sqlite:");
    }
    // No store was made by mistake.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let output = dengji("postgres://nobody@127.0.0.1:1/none", folder.path())
        .args(["ledger", "head"])
        .output()
        .unwrap();
    assert_refused(&output, "数据库");
    let output = dengji(&format!("sqlite:{}", folder.path().display()), folder.path())
        .args(["ledger", "head"])
        .output()
        .unwrap();
    assert_refused(&output, "数据库");
}
