//! `/readyz` and heavy work: what keeps the program from its work is told for what it is, and heavy work keeps nobody from theirs.

use std::{io::Write as _, net::TcpStream, sync::mpsc, time::Duration};

use dengji::usecases::{
    Error,
    attachments::folder::{Emptiness, claim},
    errand::{Errand, go_on, in_thread},
};

use crate::{
    storage::{execute, number, writer::Holder},
    support::{App, Backend, Person, both, complete_contract, dengji, papers::small_pdf},
};

const NOON: &str = "2026-06-15T12:00:00+08:00";
const LONG: Duration = Duration::from_secs(20);

fn contracts(app: &App) -> i64 {
    number(app, "SELECT count(*) || '' AS line FROM contracts")
}

fn why_not(app: &App) -> String {
    let refused = app.anonymous().get("/readyz");
    assert!(refused.header("retry-after").is_some(), "{}", refused.text);
    refused.expect_problem(503, "unavailable")["detail"]
        .as_str()
        .unwrap()
        .to_owned()
}

both! {
    fn a_sound_program_is_ready(app: &App) {
        // Twice: the first tries to write, the second rests on that.
        for _ in 0..2 {
            let ready = app.anonymous().get("/readyz");
            assert_eq!((ready.status, ready.text.as_str()), (200, "ok\n"));
        }
    }

    fn a_folder_of_files_that_is_another_stores_is_told(app: &App) {
        app.block_on(claim(&app.ctx, Emptiness::Refused)).unwrap();
        assert_eq!(app.anonymous().get("/readyz").status, 200);
        let marker = app.ctx.files.root().join(".dengji-store.json");
        let text = std::fs::read_to_string(&marker).unwrap();
        let id = crate::storage::lines(app, "SELECT store_id AS line FROM store_identity").remove(0);
        std::fs::write(&marker, text.replace(&id, &"0".repeat(32))).unwrap();
        let told = why_not(app);
        assert!(told.contains("附件目录属于另一个数据库") && !told.contains(".dengji"), "{told}");
        std::fs::write(&marker, text).unwrap();
        assert_eq!(app.anonymous().get("/readyz").status, 200);
    }

    fn a_table_that_does_not_answer_is_told(app: &App) {
        assert_eq!(app.anonymous().get("/readyz").status, 200);
        execute(app, "ALTER TABLE messages RENAME TO gone").unwrap();
        assert!(why_not(app).contains("数据库"));
        execute(app, "ALTER TABLE gone RENAME TO messages").unwrap();
        assert_eq!(app.anonymous().get("/readyz").status, 200);
    }

    fn one_person_has_so_much_heavy_work_and_the_day_goes_on(app: &App) {
        let statistician = app.person(Person::Statistician);
        let reviewer = app.person(Person::Reviewer);
        let pivot = "/statistics/pivot?year=2025&rows=unit&columns=type";
        statistician.get(pivot).expect(200);
        let mut under_way = Vec::new();
        for _ in 0..2 {
            let (release, released) = mpsc::channel::<()>();
            let (began, begun) = mpsc::channel();
            let heavy = app.ctx.heavy.clone();
            let errand = Errand::within(LONG);
            errand.set_person("statistician");
            #[expect(clippy::async_yields_async, reason = "the task goes on while the test looks on")]
            let work = app.block_on(async {
                tokio::spawn(errand.scope(async move {
                    heavy.run(in_thread(move || {
                        began.send(()).unwrap();
                        // Until the test lets go.
                        let _ = released.recv();
                        Ok::<_, Error>(())
                    })).await
                }))
            });
            begun.recv_timeout(LONG).unwrap();
            under_way.push((release, work));
        }
        let refused = statistician.get(pivot);
        assert!(refused.header("retry-after").is_some());
        refused.expect_problem(429, "throttled");
        // Others have theirs, and everybody's day goes on.
        reviewer.get(pivot).expect(200);
        statistician.get("/auth/me").expect(200);
        app.anonymous().get("/livez");
        assert_eq!(app.anonymous().get("/readyz").status, 200);
        for (release, work) in under_way {
            drop(release);
            app.block_on(work).unwrap().unwrap();
        }
        statistician.get(pivot).expect(200);
    }

    fn what_nobody_waits_for_is_broken_off(app: &App) {
        let heavy = app.ctx.heavy.clone();
        // More than there are places: each must give its own back.
        for n in 0..8 {
            let (began, begun) = mpsc::channel();
            let (ended, end) = mpsc::channel();
            let errand = Errand::within(LONG);
            // Of persons of their own: a place is free a moment after the end is told, and is waited for.
            errand.set_person(&format!("person{n}"));
            let leaving = errand.waiting();
            let working = heavy.clone();
            #[expect(clippy::async_yields_async, reason = "the task goes on while the test looks on")]
            let work = app.block_on(async {
                tokio::spawn(errand.scope(async move {
                    working.run(in_thread(move || {
                        began.send(()).unwrap();
                        while go_on().is_ok() {}
                        ended.send(()).unwrap();
                        Ok::<_, Error>(())
                    })).await
                }))
            });
            begun.recv_timeout(LONG).unwrap();
            work.abort();
            drop(leaving);
            end.recv_timeout(LONG).expect("goes on for nobody");
        }
    }

    fn whoever_hangs_up_gets_nothing_done(app: &App) {
        let registrar = app.person(Person::Registrar).without_papers();
        let holder = Holder::take(app, "SELECT 1");
        let address = app.base.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let body = complete_contract(1).to_string();
        let request = format!(
            "POST /api/v1/contracts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            registrar.token().unwrap(),
            body.len(),
        );
        stream.write_all(request.as_bytes()).unwrap();
        let (ours, theirs) = (stream.local_addr().unwrap().port(), stream.peer_addr().unwrap().port());
        drop(stream);
        while is_connected(theirs, ours) {}
        holder.release();
        registrar.post("/contracts", &complete_contract(2)).expect(201);
        assert_eq!(contracts(app), 1);
    }
}

/// Whether the system still keeps the connection from the server's port to ours.
fn is_connected(server: u16, client: u16) -> bool {
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    table.lines().any(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let port = |field: Option<&str>| field.and_then(|f| f.split_once(':')).map(|(_, port)| port.to_owned());
        let (from, to) = (port(fields.next()), port(fields.next()));
        from == Some(format!("{server:04X}")) && to == Some(format!("{client:04X}"))
    })
}

#[test]
fn a_table_that_another_session_keeps_to_itself_is_told() {
    let app = App::start(Backend::Postgres);
    assert_eq!(app.anonymous().get("/readyz").status, 200);
    let held = Holder::take_by(&app, "BEGIN; LOCK TABLE contracts IN ACCESS EXCLUSIVE MODE", "SELECT 1");
    assert!(why_not(&app).contains("数据库"));
    held.release();
    assert_eq!(app.anonymous().get("/readyz").status, 200);
}

/// A page that an act finds damaged stays so, whatever else is written.
#[test]
fn damage_is_told_until_somebody_has_seen_to_it() {
    use std::os::unix::fs::FileExt as _;
    let app = App::start(Backend::Sqlite);
    let registrar = app.person(Person::Registrar).without_papers();
    registrar.post("/contracts", &complete_contract(1)).expect(201);
    let root = number(
        &app,
        "SELECT rootpage || '' AS line FROM sqlite_master WHERE name = 'ledger_subjects'",
    );
    let size = number(&app, "SELECT page_size || '' AS line FROM pragma_page_size");
    execute(&app, "PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let file = std::fs::File::options()
        .write(true)
        .open(app.folder.path().join("dengji.sqlite"))
        .unwrap();
    let page = vec![0xDE; usize::try_from(size).unwrap()];
    file.write_all_at(&page, u64::try_from((root - 1) * size).unwrap())
        .unwrap();
    // Connections keep pages that they have read until somebody writes.
    let refused = registrar.post("/contracts", &complete_contract(2));
    assert!(refused.status >= 500, "{}", refused.text);
    let told = why_not(&app);
    assert!(told.contains("数据库的内容已损坏"), "{told}");
    assert!(why_not(&app).contains("数据库的内容已损坏"));
}

#[test]
fn a_store_that_was_taken_away_is_not_written_to() {
    let app = App::start(Backend::Sqlite);
    let registrar = app.person(Person::Registrar).without_papers();
    registrar.post("/contracts", &complete_contract(1)).expect(201);
    let (file, away) = (
        app.folder.path().join("dengji.sqlite"),
        app.folder.path().join("away.sqlite"),
    );
    std::fs::rename(&file, &away).unwrap();
    assert!(why_not(&app).contains("数据库文件"));
    registrar
        .post("/contracts", &complete_contract(2))
        .expect_problem(503, "unavailable");
    assert!(!file.exists(), "a new store was made in place of the one that is gone");
    // Another in its place is not it.
    std::fs::copy(&away, &file).unwrap();
    assert!(why_not(&app).contains("数据库文件"));
    registrar
        .post("/contracts", &complete_contract(2))
        .expect_problem(503, "unavailable");
    std::fs::rename(&away, &file).unwrap();
    registrar.post("/contracts", &complete_contract(2)).expect(201);
    assert_eq!(app.anonymous().get("/readyz").status, 200);
    assert_eq!(contracts(&app), 2);
}

#[test]
fn a_journal_that_was_taken_away_takes_nothing_with_it() {
    let app = App::start(Backend::Sqlite);
    let registrar = app.person(Person::Registrar).without_papers();
    registrar.post("/contracts", &complete_contract(1)).expect(201);
    let file = app.folder.path().join("dengji.sqlite");
    let beside = |end: &str| app.folder.path().join(format!("dengji.sqlite{end}"));
    for end in ["-wal", "-shm"] {
        std::fs::remove_file(beside(end)).unwrap();
    }
    assert!(why_not(&app).contains("-wal"));
    registrar
        .post("/contracts", &complete_contract(2))
        .expect_problem(503, "unavailable");
    assert!(why_not(&app).contains("-wal"), "it is over only with a new start");
    // What another process finds, which has but the file.
    let copy = app.folder.path().join("copy.sqlite");
    std::fs::copy(&file, &copy).unwrap();
    let counted = dengji(&format!("sqlite:{}", copy.display()), app.folder.path())
        .arg("export")
        .output()
        .unwrap();
    let csv = String::from_utf8(counted.stdout).unwrap();
    assert_eq!(csv.lines().count(), 2, "{csv}");
    // The journal of another in its place is not it.
    std::fs::write(beside("-wal"), "").unwrap();
    registrar
        .post("/contracts", &complete_contract(2))
        .expect_problem(503, "unavailable");
}

#[test]
fn nothing_is_put_where_the_folder_of_files_was() {
    let app = App::start(Backend::Sqlite);
    app.block_on(claim(&app.ctx, Emptiness::Refused)).unwrap();
    let registrar = app.person(Person::Registrar);
    let draft = app.draft(1);
    let at = format!("/contracts/{}", draft["id"]);
    let attach = |version: &serde_json::Value, n| {
        registrar.attach_at(&at, version.as_i64().unwrap(), "other", "附图.pdf", &small_pdf(n))
    };
    let first = attach(&draft["version"], 1).expect(201);
    let (folder, away) = (app.ctx.files.root().to_owned(), app.folder.path().join("away"));
    std::fs::rename(&folder, &away).unwrap();
    // Gone, and then as it looks where its disk is not mounted.
    for is_there in [false, true] {
        if is_there {
            std::fs::create_dir(&folder).unwrap();
        }
        assert!(why_not(&app).contains("附件目录"));
        attach(&first["contract_version"], 2).expect_problem(503, "unavailable");
        assert_eq!(folder.exists(), is_there);
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    std::fs::remove_dir(&folder).unwrap();
    std::fs::rename(&away, &folder).unwrap();
    assert_eq!(app.anonymous().get("/readyz").status, 200);
    attach(&first["contract_version"], 2).expect(201);
}

#[test]
fn too_little_room_is_told() {
    let app = App::start_with(Backend::Sqlite, NOON, |settings| settings.store.free_bytes = u64::MAX);
    assert_eq!(why_not(&app), "磁盘可用空间不足。");
}

#[test]
fn a_folder_that_takes_no_files_is_told() {
    let app = App::start_with(Backend::Sqlite, NOON, |settings| {
        let path = settings.files.folder.clone();
        assert!(!path.is_empty());
        std::fs::write(path, "no folder").unwrap();
    });
    assert!(why_not(&app).contains("附件目录"));
}

#[test]
fn a_store_that_may_only_be_read_is_told() {
    let app = App::start_with(Backend::Postgres, NOON, |settings| {
        settings
            .database_url
            .push_str("%20-cdefault_transaction_read_only%3Don");
    });
    assert!(why_not(&app).contains("只能读取"));
    let login = serde_json::json!({"username": "nobody", "password": "no password at all"});
    let refused = app
        .anonymous()
        .post("/auth/login", &login)
        .expect_problem(503, "unavailable");
    assert!(refused["detail"].as_str().unwrap().contains("只能读取"), "{refused}");
}
