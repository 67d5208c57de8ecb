//! The server as a process, and other commands beside it.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
};

use serde_json::json;

use crate::{
    intake::{contract, head, register},
    statistics::sample::demo,
    support::{App, Client, PASSWORD, Person, both, complete_contract, dengji},
};

/// A server of its own on the store of an [`App`]; killed when a test fails before it is stopped.
struct Server {
    child: Child,
    address: String,
    client: Client,
    /// None once nobody reads it any more.
    stderr: Option<BufReader<ChildStderr>>,
    /// What it said before it served.
    said: String,
}

impl Server {
    fn start(app: &App) -> Self {
        Self::start_logging(app, "warn")
    }

    /// With a filter of its log.
    fn start_logging(app: &App, filter: &str) -> Self {
        Self::start_at(&app.url, app.folder.path(), filter)
    }

    /// On a store that nobody else has open.
    fn start_at(url: &str, folder: &Path, filter: &str) -> Self {
        let mut child = dengji(url, folder)
            .env("DENGJI_LOG__FILTER", filter)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        // Ends with the line, or with the process.
        let address = loop {
            let mut line = String::new();
            assert!(stderr.read_line(&mut line).unwrap() > 0, "the server ended: {said}");
            if let Some((_, address)) = line.split_once("http://") {
                break address.split('/').next().unwrap().to_owned();
            }
            said.push_str(&line);
        };
        Self {
            child,
            client: Client::new(&format!("http://{address}")),
            address,
            stderr: Some(stderr),
            said,
        }
    }

    /// Asks it to end, as a service manager does.
    fn stop(mut self) -> (ExitStatus, String) {
        let asked = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(asked.success());
        let mut rest = String::new();
        if let Some(stderr) = &mut self.stderr {
            std::io::Read::read_to_string(stderr, &mut rest).unwrap();
        }
        (self.child.wait().unwrap(), rest)
    }
}

/// A log that nobody takes any more, or whose disk is full, costs no request its answer.
#[test]
fn requests_are_answered_though_the_log_cannot_be_written() {
    let app = App::start(crate::support::Backend::Sqlite);
    let mut server = Server::start_logging(&app, "debug");
    // Its reader goes away: whatever is logged from here on fails.
    server.stderr = None;
    for _ in 0..20 {
        assert_eq!(server.client.get("/contracts").status, 401);
        assert_eq!(server.client.get("/readyz").status, 200);
    }
}

/// A PDF whose one object of interest is in a compressed stream, which the catalogue opens with.
fn packed_pdf(object: &str) -> Vec<u8> {
    let head = "9 0 ";
    let plain = format!("{head}{object}");
    // A ZIP's only part is a raw stream, which zlib's two bytes frame; the checksum behind it is not looked at.
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let deflated = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("x", deflated).unwrap();
    std::io::Write::write_all(&mut zip, plain.as_bytes()).unwrap();
    let zipped = zip.finish().unwrap().into_inner();
    let (start, length) = {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&zipped)).unwrap();
        let part = archive.by_index_raw(0).unwrap();
        (part.data_start().unwrap() as usize, part.compressed_size() as usize)
    };
    let packed = [&[0x78, 0x9c], &zipped[start..start + length], &[0; 4]].concat();
    let mut bytes = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R /OpenAction 9 0 R >>\nendobj\n\
        2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
        3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>\nendobj\n4 0 obj\n"
        .to_vec();
    bytes.extend(
        format!(
            "<< /Type /ObjStm /N 1 /First {} /Filter /FlateDecode /Length {} >>\nstream\n",
            head.len(),
            packed.len()
        )
        .bytes(),
    );
    bytes.extend(packed);
    bytes.extend(b"\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n");
    bytes
}

/// One with so many brackets in one another that its reader runs out of its stack.
fn deep_pdf() -> Vec<u8> {
    packed_pdf(&format!("{}{}", "[".repeat(2_000_000), "]".repeat(2_000_000)))
}

/// Nor does one whose reader stands still (a terminal that was stopped, a collector that hangs), and the server ends when it is told to.
#[test]
fn requests_are_answered_though_nobody_reads_the_log() {
    let app = App::start(crate::support::Backend::Sqlite);
    let server = Server::start_logging(&app, "trace");
    // A pipe holds 64 KiB, which the first requests fill.
    for _ in 0..60 {
        assert_eq!(server.client.get("/contracts").status, 401);
        assert_eq!(server.client.get("/readyz").status, 200);
    }
    let mut server = server;
    let unread = server.stderr.take();
    let (status, _) = server.stop();
    assert_eq!(status.code(), Some(0));
    drop(unread);
}

/// What a server logs that is started and told to stop at once.
pub fn log_of_a_start(app: &App) -> String {
    let mut server = Server::start_logging(app, "warn");
    // It answers, so it hears when it is told to stop.
    assert_eq!(server.client.get("/livez").status, 200);
    let before = std::mem::take(&mut server.said);
    let (status, rest) = server.stop();
    assert_eq!(status.code(), Some(0), "{rest}");
    before + &rest
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

both! {
    fn it_serves_until_it_is_told_to_stop(app: &App) {
        let server = Server::start(app);
        assert_eq!(server.client.get("/livez").status, 200);
        assert_eq!(server.client.get("/readyz").status, 200);
        assert_eq!(server.client.get("/api/v1/auth/me").status, 401);
        let (status, rest) = server.stop();
        assert_eq!(status.code(), Some(0), "{rest}");
        assert!(!rest.contains("panicked"), "{rest}");
    }

    fn a_file_that_ends_whoever_reads_it_is_refused(app: &App) {
        let draft = app.bare_draft(1);
        let server = Server::start(app);
        let person = json!({"username": "registrar", "password": PASSWORD});
        let tokens = server.client.post("/auth/login", &person).expect(200);
        let registrar = server.client.with_token(tokens["access_token"].as_str().unwrap());
        let path = format!("/contracts/{}", draft["id"]);
        let deep = deep_pdf();
        let reply = registrar.attach_at(&path, draft["version"].as_i64().unwrap(), "other", "x.pdf", &deep);
        assert_eq!(reply.expect_problem(422, "invalid")["errors"][0]["code"], "file_damaged");
        assert_eq!(server.client.get("/livez").status, 200);
        let sound = registrar.attach_at(&path, draft["version"].as_i64().unwrap(), "other", "y.pdf", &packed_pdf("<< /S /GoTo >>"));
        assert_eq!(sound.status, 201, "{sound:?}");
        let version = sound.json()["contract_version"].as_i64().unwrap();
        let acting = registrar.attach_at(&path, version, "other", "z.pdf", &packed_pdf("<< /S /JavaScript /JS (x) >>"));
        assert_eq!(acting.expect_problem(422, "invalid")["errors"][0]["code"], "file_active");
        let (status, rest) = server.stop();
        assert_eq!(status.code(), Some(0), "{rest}");
    }

    fn an_import_is_undone_when_the_server_ends(app: &App) {
        app.person(Person::Administrator);
        let before = head(app);
        let rows = (0..12_000).map(|n| contract(&format!("26{n:014}"), &[])).collect();
        let file = register(rows).csv(false);
        let served = |server: &Server| {
            let person = json!({"username": Person::Administrator.username(), "password": crate::support::PASSWORD});
            let tokens = server.client.post("/auth/login", &person).expect(200);
            server.client.with_token(tokens["access_token"].as_str().unwrap())
        };
        for told in [true, false] {
            let server = Server::start(app);
            let client = served(&server);
            let parts = [("kind", None, b"register".as_slice()), ("file", Some("a.csv"), file.as_bytes())];
            let path = format!("/imports/{}", client.send_form("/imports", &[], "b", &parts).expect(202)["id"]);
            let waiting = |until: &dyn Fn(&serde_json::Value) -> bool, client: &Client| loop {
                let job = client.get(&path).expect(200);
                if until(&job) {
                    break job;
                }
                std::thread::sleep(std::time::Duration::from_millis(20));
            };
            let job = waiting(&|job| job["state"] != "queued" && job["rows_done"] != 0, &client);
            assert_eq!((&job["state"], &job["rows_total"]), (&json!("running"), &json!(12_000)), "{job}");
            if told {
                let (status, rest) = server.stop();
                assert_eq!(status.code(), Some(0), "{rest}");
            } else {
                drop(server);
            }
            let server = Server::start(app);
            let job = waiting(&|job| job["state"] != "running", &served(&server));
            assert_eq!(job["state"], "interrupted", "{job}");
            assert_eq!(head(app), before, "nothing of it is stored");
        }
    }

    fn no_password_and_no_token_is_logged(app: &App) {
        const GIVEN: &str = "a sentence given by another";
        const OWN: &str = "a sentence of one's own";
        app.person(Person::Administrator);
        let server = Server::start_logging(app, "info,dengji=trace,tracing_actix_web=trace");
        let log_in = |username: &str, password: &str| {
            server.client.post("/auth/login", &json!({"username": username, "password": password}))
        };
        let tokens = log_in(Person::Administrator.username(), crate::support::PASSWORD).expect(200);
        let admin = server.client.with_token(tokens["access_token"].as_str().unwrap());
        admin.post("/users", &json!({"username": "li", "full_name": "李", "roles": ["expert"], "password": GIVEN})).expect(201);
        let reset = admin.post("/users/li/password", &json!({})).expect(200);
        let initial = reset["initial_password"].as_str().unwrap();
        log_in("li", GIVEN).expect(401);
        log_in(GIVEN, GIVEN).expect(401);
        let own = log_in("li", initial).expect(200);
        let client = server.client.with_token(own["access_token"].as_str().unwrap());
        client.post("/auth/password", &json!({"current_password": initial, "new_password": OWN})).expect(204);
        let secrets = [GIVEN, OWN, initial, crate::support::PASSWORD];
        let all_tokens = [&tokens, &own].map(|t| [t["access_token"].clone(), t["refresh_token"].clone()]).concat();
        let (_, log) = server.stop();
        assert!(log.contains("/api/v1/users/{username}/password"), "{log}");
        for secret in secrets {
            assert!(!log.contains(secret), "{secret}: {log}");
        }
        for token in all_tokens {
            assert!(!log.contains(token.as_str().unwrap()), "{log}");
        }
    }

    fn an_address_in_use_is_told(app: &App) {
        let taken = app.base.trim_start_matches("http://");
        let output = dengji(&app.url, app.folder.path()).args(["serve", "--listen", taken]).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains(taken), "{stderr}");
    }

    fn no_write_fails_beside_an_import(app: &App) {
        // The certificate of the registrar must be valid by the process's own clock: a draft asks for none.
        let token = app.person(Person::Registrar);
        let server = Server::start(app);
        let body = json!({"username": Person::Registrar.username(), "password": crate::support::PASSWORD});
        let tokens = server.client.post("/auth/login", &body).expect(200);
        let registrar = server.client.with_token(tokens["access_token"].as_str().unwrap());
        assert_ne!(token.token(), registrar.token());
        let mut import = dengji(&app.url, app.folder.path())
            .args(["import", "--kind", "register"])
            .args((2021..=2025).map(|year| demo(&format!("contracts-{year}.csv"))))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(import.stdout.take().unwrap()).lines();
        let mut written = 0;
        let mut imported = Vec::new();
        // Writes go on as long as the import does, some between two files, some while one is on its way.
        while import.try_wait().unwrap().is_none() {
            written += 1;
            let draft = registrar.post("/contracts", &complete_contract(written)).expect(201);
            let path = format!("/contracts/{}", draft["id"]);
            let changed = registrar.patch_at(&path, 1, &json!({"summary": "改"})).expect(200);
            assert_eq!(changed["version"], 2);
        }
        imported.extend(lines.by_ref().map(Result::unwrap));
        assert!(import.wait().unwrap().success());
        assert_eq!(imported.len(), 5, "{imported:?}");
        assert!(written > 0);
        let listed = registrar.get("/contracts?state=draft&limit=100&q=%E6%A3%89%E7%94%B0%E6%AE%8B%E8%86%9C").expect(200);
        assert_eq!(listed["items"].as_array().unwrap().len(), usize::try_from(written.min(100)).unwrap());
        let verified = dengji(&app.url, app.folder.path()).args(["ledger", "verify"]).output().unwrap();
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
        assert_eq!(server.stop().0.code(), Some(0));
    }
}

#[test]
fn a_store_is_one_file_when_the_program_ends() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("register.sqlite").display());
    let is_one_file = |after: &str| {
        let names = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let beside: Vec<_> = names
            .filter(|name| name.to_string_lossy().starts_with("register.sqlite-"))
            .collect();
        assert!(beside.is_empty(), "{beside:?} after {after}");
    };
    let run = |args: &[&str]| {
        let mut command = dengji(&url, folder.path());
        let mut child = command
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let given = std::io::Write::write_all(&mut child.stdin.take().unwrap(), format!("{PASSWORD}\n").as_bytes());
        // One that asks for nothing may have ended.
        drop(given);
        assert!(child.wait().unwrap().success(), "{args:?}");
        is_one_file(args[0]);
    };
    run(&["migrate"]);
    run(&[
        "user",
        "add",
        "root",
        "--full-name",
        "管理员",
        "--role",
        "administrator",
    ]);
    run(&["ledger", "verify"]);
    let server = Server::start_at(&url, folder.path(), "warn");
    let log_in = || {
        server
            .client
            .post("/auth/login", &json!({"username": "root", "password": PASSWORD}))
    };
    for _ in 0..8 {
        log_in().expect(200);
    }
    // Connections that stay open keep no worker's store open.
    let _idle: Vec<_> = (0..8)
        .map(|_| std::net::TcpStream::connect(&server.address).unwrap())
        .collect();
    let (status, rest) = server.stop();
    assert_eq!(status.code(), Some(0), "{rest}");
    is_one_file("serve");
}
