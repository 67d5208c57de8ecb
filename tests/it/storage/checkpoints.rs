//! Checkpoints of the ledgers: signed, taken away, held against what is there.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Output,
    sync::{Arc, mpsc},
    thread,
};

use dengji::{
    config::{CheckpointSettings, MailTransport, Settings, SmtpSecurity},
    usecases::{Context, sweeps::Sweep},
};
use serde_json::Value;

use super::{execute, number};
use crate::support::{
    App, Backend, both, dengji,
    smtp::{Behaviour, Security, SmtpServer},
};

/// `dengji ledger …` as anyone runs it.
fn command(app: &App, arguments: &[&str]) -> Output {
    let mut command = dengji(&app.url, app.folder.path());
    command.arg("ledger").args(arguments).output().unwrap()
}

/// The exit code, and all that was said.
fn said(output: &Output) -> (Option<i32>, String) {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

/// Makes a checkpoint and keeps it as a file.
fn keep(app: &App, name: &str, arguments: &[&str]) -> String {
    let output = command(app, &[&["checkpoint"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output).1);
    let file = app.folder.path().join(name);
    fs::write(&file, output.stdout).unwrap();
    file.display().to_string()
}

#[track_caller]
fn expect(app: &App, arguments: &[&str], code: i32, words: &[&str]) {
    let (status, text) = said(&command(app, arguments));
    assert_eq!(status, Some(code), "{arguments:?}: {text}");
    for word in words {
        assert!(text.contains(word), "{arguments:?} does not say {word}: {text}");
    }
}

/// Cuts entries off behind the program's back, as if nothing had been entered after `last`.
fn cut(app: &App, last: i64) {
    super::tampering::unprotect(app, "ledger");
    super::tampering::unprotect(app, "ledger_subjects");
    let sql =
        format!("DELETE FROM ledger_subjects WHERE sequence > {last}; DELETE FROM ledger WHERE sequence > {last}");
    execute(app, &sql).unwrap();
}

/// An address that answers every POST with a status, and hands on what came.
fn taker(status: &'static str) -> (String, mpsc::Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/checkpoints", listener.local_addr().unwrap());
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                let lower = line.to_lowercase();
                if let Some(number) = lower.strip_prefix("content-length:") {
                    length = number.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
            if send.send((head, String::from_utf8(body).unwrap())).is_err() {
                return;
            }
        }
    });
    (url, receive)
}

/// The program with somewhere to take checkpoints.
fn with_settings(app: &App, change: impl FnOnce(&mut Settings)) -> Context {
    let mut settings = (*app.ctx.settings).clone();
    change(&mut settings);
    Context {
        settings: Arc::new(settings),
        ..app.ctx.clone()
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    found.sort();
    found
}

both! {
    fn what_was_cut_off_or_rewritten_since_is_told(app: &App) {
        app.submitted(1);
        let length = || number(app, "SELECT count(*) || '' AS line FROM ledger");
        let before = length();
        app.submitted(2);
        let file = keep(app, "kept.json", &[]);
        expect(app, &["verify", "--checkpoint", &file], 0, &["登记账与检查点相符，此后新增 0 条", "账户账与检查点相符"]);
        app.bare_draft(3);
        expect(app, &["verify", "--checkpoint", &file], 0, &["登记账与检查点相符，此后新增"]);
        // A chain that was cut short is whole in itself: only the checkpoint tells.
        cut(app, before);
        expect(app, &["verify"], 1, &["登记账完整", "登记簿与账不符"]);
        expect(app, &["verify", "--checkpoint", &file], 1, &["登记账完整", "登记账与检查点不符", "已被截去"]);
        // And one that was written anew from there on, as far as it was and farther.
        for n in 4..10 {
            app.bare_draft(n);
        }
        expect(app, &["verify", "--checkpoint", &file], 1, &["登记账完整", "登记账与检查点不符", "已被改写"]);
        let output = command(app, &["verify", "--checkpoint", &file, "--format", "json"]);
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(told["checkpoint"][0]["fault"].as_str().unwrap().contains("已被改写"), "{told}");
        assert!(told["checkpoint"][1]["fault"].is_null(), "{told}");
    }

    fn only_a_key_that_is_known_signs(app: &App) {
        app.bare_draft(1);
        let first = keep(app, "first.json", &[]);
        let key_file = app.folder.path().join("checkpoint-keys.json");
        let one_key = fs::read_to_string(&key_file).unwrap();
        let trusted = app.folder.path().join("public.json");
        let public = command(app, &["checkpoint", "--public-keys"]);
        fs::write(&trusted, &public.stdout).unwrap();
        let trusted = trusted.display().to_string();
        let seed = serde_json::from_str::<Value>(&one_key).unwrap()[0]["seed"].as_str().unwrap().to_owned();
        assert!(!String::from_utf8(public.stdout).unwrap().contains(&seed), "public keys are public");
        // Another key from now on: what the first one signed holds, and it signs nothing any more.
        let second = keep(app, "second.json", &["--rotate"]);
        let id = |file: &str| serde_json::from_str::<Value>(&fs::read_to_string(file).unwrap()).unwrap()["key"].clone();
        assert_ne!(id(&first), id(&second));
        assert!(!fs::read_to_string(&key_file).unwrap().contains(&seed), "the private part of the first key is gone");
        for file in [&first, &second] {
            expect(app, &["verify", "--checkpoint", file], 0, &["登记账与检查点相符"]);
        }
        expect(app, &["verify", "--checkpoint", &first, "--trusted-keys", &trusted], 0, &["登记账与检查点相符"]);
        expect(app, &["verify", "--checkpoint", &second, "--trusted-keys", &trusted], 1, &["未知密钥"]);
        // Whatever is changed in it, the signature does not hold.
        let text = fs::read_to_string(&second).unwrap();
        let whole: Value = serde_json::from_str(&text).unwrap();
        let first_key: Value = serde_json::from_str(&fs::read_to_string(&first).unwrap()).unwrap();
        let forged = app.folder.path().join("forged.json");
        for (pointer, value) in [
            ("/ledger/sequence", Value::from(1)),
            ("/account_ledger/hash", Value::from("0".repeat(64))),
            ("/at", first_key["at"].clone()),
            ("/key", first_key["key"].clone()),
            ("/public_key", first_key["public_key"].clone()),
            ("/signature", first_key["signature"].clone()),
        ] {
            let mut changed = whole.clone();
            *changed.pointer_mut(pointer).unwrap() = value;
            fs::write(&forged, changed.to_string()).unwrap();
            expect(app, &["verify", "--checkpoint", &forged.display().to_string()], 1, &["签名不符"]);
        }
        fs::write(&forged, "{}").unwrap();
        expect(app, &["verify", "--checkpoint", &forged.display().to_string()], 1, &["不是检查点文件"]);
        // A key that others can read is none.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&key_file).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&key_file, fs::Permissions::from_mode(0o640)).unwrap();
            expect(app, &["checkpoint"], 1, &["可被其他用户读取"]);
        }
    }

    fn they_are_taken_to_a_folder_by_mail_and_to_an_address(app: &App) {
        let server = SmtpServer::start(Security::Plain, Behaviour::Accept);
        let (url, received) = taker("204 No Content");
        let folder = app.folder.path().join("kept");
        let ctx = with_settings(app, |settings| {
            settings.mail.transport = MailTransport::Smtp;
            settings.mail.from = "dengji@example.org".to_owned();
            settings.mail.smtp.host = "localhost".to_owned();
            settings.mail.smtp.port = server.port;
            settings.mail.smtp.security = SmtpSecurity::None;
            settings.checkpoints = CheckpointSettings {
                folder: folder.clone(),
                mail_to: vec!["archive@example.org".to_owned()],
                url,
                ..settings.checkpoints.clone()
            };
        });
        app.bare_draft(1);
        let sweep = |ctx: &Context| app.block_on(Sweep::Checkpoints.run(ctx));
        assert_eq!(sweep(&app.ctx).unwrap(), 0, "there is nowhere to take one");
        assert_eq!(sweep(&ctx).unwrap(), 1);
        assert_eq!(sweep(&ctx).unwrap(), 0, "none is due");
        let kept = files(&folder);
        assert_eq!(kept.len(), 1, "{kept:?}");
        let text = fs::read_to_string(&kept[0]).unwrap();
        let mails = server.wait_for_mails(1);
        assert_eq!(mails[0].to, ["archive@example.org"]);
        assert!(mails[0].text().contains(text.trim()), "{}", mails[0].text());
        let (head, body) = received.recv().unwrap();
        assert!(head.starts_with("POST /checkpoints ") && head.to_lowercase().contains("content-type: application/json"), "{head}");
        assert_eq!(body, text);
        expect(app, &["verify", "--checkpoint", &kept[0].display().to_string()], 0, &["登记账与检查点相符"]);
        // A day later the next one; where a place does not take it, it is made anew at the next sweep.
        app.pass_seconds(24 * 3600);
        let (url, refused) = taker("503 Service Unavailable");
        let unlucky = with_settings(app, |settings| {
            settings.checkpoints = CheckpointSettings { url, ..settings.checkpoints.clone() };
        });
        let error = format!("{:?}", sweep(&unlucky).unwrap_err());
        assert!(error.contains("503"), "{error}");
        assert_eq!(refused.recv().unwrap().1.lines().count(), 1);
        assert_eq!(sweep(&ctx).unwrap(), 1);
        assert_eq!(files(&folder).len(), 2, "a file of its own");
        // Where one of two places takes it, the failure is told, and that place does not get another one every hour.
        app.pass_seconds(24 * 3600);
        let (url, refused) = taker("503 Service Unavailable");
        let partly = with_settings(app, |settings| {
            settings.checkpoints = CheckpointSettings { folder: folder.clone(), url, ..settings.checkpoints.clone() };
        });
        let error = format!("{:?}", sweep(&partly).unwrap_err());
        assert!(error.contains("503") && refused.recv().is_ok(), "{error}");
        assert_eq!(files(&folder).len(), 3);
        assert_eq!(sweep(&partly).unwrap(), 0, "it was taken");
        assert_eq!(files(&folder).len(), 3);
    }

    fn a_pin_after_the_checkpoint_is_told(app: &App) {
        app.confirmed(1);
        // A store of an earlier version, whose entries bind nothing; its chains are whole.
        crate::storage::attacks::unbind(app);
        let before = keep(app, "before.json", &[]);
        execute(app, "UPDATE standings SET amount_fen = amount_fen + 1; DROP TABLE register_pins; \
            DELETE FROM __diesel_schema_migrations WHERE version = '20261129001001'").unwrap();
        app.ctx.migrate().unwrap();
        let pin = number(app, "SELECT max(sequence) || '' AS line FROM ledger");
        let pinned = format!("旧版本数据由登记账第 {pin} 条固定");
        let words = ["登记簿与账相符", &pinned, "登记簿是在检查点之后固定的"];
        expect(app, &["verify", "--checkpoint", &before], 0, &words);
        let json = ["verify", "--checkpoint", &before, "--format", "json"];
        let told: Value = serde_json::from_slice(&command(app, &json).stdout).unwrap();
        assert_eq!((&told["register"]["pinned"]["sequence"], &told["pinned_since_checkpoint"]), (&pin.into(), &true.into()), "{told}");
        let after = keep(app, "after.json", &[]);
        let (code, text) = said(&command(app, &["verify", "--checkpoint", &after]));
        assert!(code == Some(0) && text.contains(&pinned) && !text.contains("检查点之后固定"), "{text}");
        // Who may write the schema has a migration run again, so that what was changed passes for what was always there.
        execute(app, "UPDATE standings SET amount_fen = amount_fen + 1; DROP TABLE register_pins; \
            DELETE FROM __diesel_schema_migrations WHERE version = '20261129001001'").unwrap();
        app.pass_seconds(1);
        let refused = app.ctx.migrate().unwrap_err().to_string();
        assert!(refused.contains(&format!("登记账第 {pin} 条")) && refused.contains("20261129001001"), "{refused}");
    }

    fn a_round_in_the_future_puts_off_none(app: &App) {
        let folder = app.folder.path().join("kept");
        let ctx = with_settings(app, |settings| {
            settings.checkpoints = CheckpointSettings { folder: folder.clone(), ..settings.checkpoints.clone() };
        });
        let sweep = || app.block_on(Sweep::Checkpoints.run(&ctx)).unwrap();
        assert_eq!((sweep(), sweep()), (1, 0));
        execute(app, "UPDATE checkpoint_rounds SET made_at = 9000000000000000").unwrap();
        app.pass_seconds(60);
        assert_eq!((sweep(), sweep()), (1, 0), "a moment ahead of the clock is none");
    }

    fn what_is_no_checkpoint_or_key_is_told_in_chinese(app: &App) {
        let file = app.folder.path().join("wrong.json");
        for (text, words) in [("{", "文件不完整"), ("[1]", "第 1 行"), ("x", "不是 JSON"), ("{\"format\":7}", "字段")] {
            fs::write(&file, text).unwrap();
            let (code, said) = said(&command(app, &["verify", "--checkpoint", &file.display().to_string()]));
            assert!(code == Some(1) && said.contains(words), "{said}");
            let reason = said.split("不是检查点文件：").nth(1).unwrap();
            assert!(!reason.replace("JSON", "").chars().any(|c| c.is_ascii_alphabetic()), "{said}");
        }
        let key = app.folder.path().join("checkpoint-keys.json");
        fs::create_dir(&key).unwrap();
        expect(app, &["checkpoint"], 1, &["这是文件夹，不是文件"]);
        fs::remove_dir(&key).unwrap();
        #[cfg(unix)]
        {
            let other = app.folder.path().join("other-keys.json");
            keep(app, "own.json", &[]);
            fs::rename(&key, &other).unwrap();
            std::os::unix::fs::symlink(&other, &key).unwrap();
            expect(app, &["checkpoint"], 1, &["符号链接"]);
            expect(app, &["checkpoint", "--rotate"], 1, &["符号链接"]);
        }
    }
}

/// Checkpoints of another register are no basis, whatever key signed them.
#[test]
fn another_registers_ledger_is_another() {
    let (ours, other) = (App::start(Backend::Sqlite), App::start(Backend::Sqlite));
    ours.bare_draft(1);
    other.submitted(2);
    let file = keep(&other, "other.json", &[]);
    expect(&ours, &["verify", "--checkpoint", &file], 1, &["未知密钥"]);
    let public = command(&other, &["checkpoint", "--public-keys"]);
    let keys = ours.folder.path().join("others-keys.json");
    fs::write(&keys, public.stdout).unwrap();
    let keys = keys.display().to_string();
    expect(
        &ours,
        &["verify", "--checkpoint", &file, "--trusted-keys", &keys],
        1,
        &["登记账与检查点不符"],
    );
    // Stores have ids of their own; those of tests are copies of one.
    execute(
        &other,
        "UPDATE store_identity SET store_id = '0123456789abcdef0123456789abcdef'",
    )
    .unwrap();
    let file = keep(&other, "named.json", &[]);
    expect(
        &ours,
        &["verify", "--checkpoint", &file, "--trusted-keys", &keys],
        1,
        &["检查点是另一个数据库的", "0123456789abcdef0123456789abcdef"],
    );
}
