//! No wait without a bound: on a lock, on a statement, on a server that froze or went away; and what was not begun in time is not done
//! later.

use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

use dengji::{
    storage::{
        Store, StoreError, StoreOptions,
        errand::{Errand, go_on},
    },
    usecases,
};
use diesel::connection::SimpleConnection as _;

use super::writer::{Holder, TABLE, another, insert, rows};
use super::{execute, lines, number, query};
use crate::support::{App, Backend, Person, both, complete_contract, papers::small_pdf, proxy::Proxy};

const NOON: &str = "2026-06-15T12:00:00+08:00";

/// Longer than any bound that these tests set, and shorter than those that they do not.
const LONG: Duration = Duration::from_secs(20);

fn start(backend: Backend) -> App {
    App::start_with(backend, NOON, |settings| settings.server.request_seconds = 1)
}

/// The program with its database behind something that can stop.
fn start_behind_proxy() -> (App, Proxy) {
    let mut proxy = None;
    let app = App::start_with(Backend::Postgres, NOON, |settings| {
        let (way, url) = Proxy::to(&settings.database_url);
        settings.database_url = url;
        settings.server.request_seconds = 1;
        proxy = Some(way);
    });
    (app, proxy.unwrap())
}

fn contracts(app: &App) -> i64 {
    number(app, "SELECT count(*) || '' AS line FROM contracts")
}

/// A request past its deadline is told so, and nothing of it is done when the way is free again.
fn a_late_request_is_refused_and_never_done(backend: Backend) {
    let app = start(backend);
    let registrar = app.person(Person::Registrar).without_papers();
    let holder = Holder::take(&app, "SELECT 1");
    let started = Instant::now();
    for n in 0..3 {
        let refused = registrar.post("/contracts", &complete_contract(n));
        refused.expect_problem(503, "unavailable");
        assert!(refused.header("retry-after").is_some());
    }
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
    holder.release();
    // Whoever comes now is not kept by those who were refused.
    registrar.post("/contracts", &complete_contract(9)).expect(201);
    assert_eq!(contracts(&app), 1);
}

#[test]
fn on_sqlite_a_late_request_is_refused_and_never_done() {
    a_late_request_is_refused_and_never_done(Backend::Sqlite);
}

#[test]
fn on_postgres_a_late_request_is_refused_and_never_done() {
    a_late_request_is_refused_and_never_done(Backend::Postgres);
}

#[test]
fn a_frozen_database_hangs_nobody() {
    let (app, proxy) = start_behind_proxy();
    let registrar = app.person(Person::Registrar).without_papers();
    registrar.post("/contracts", &complete_contract(1)).expect(201);
    proxy.freeze();
    let started = Instant::now();
    assert_eq!(app.anonymous().get("/livez").status, 200);
    let ready = app.anonymous().get("/readyz");
    assert_eq!(ready.status, 503);
    for n in 2..8 {
        let refused = registrar.post("/contracts", &complete_contract(n));
        refused.expect_problem(503, "unavailable");
        registrar.get("/contracts").expect_problem(503, "unavailable");
    }
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
    proxy.come_back();
    // What hung notices that nobody waits for it; what comes now is answered.
    registrar.post("/contracts", &complete_contract(9)).expect(201);
    registrar.get("/contracts").expect(200);
    assert_eq!(contracts(&app), 2);
}

#[test]
fn the_store_is_back_as_soon_as_its_server() {
    let (app, proxy) = start_behind_proxy();
    let registrar = app.person(Person::Registrar).without_papers();
    registrar.post("/contracts", &complete_contract(1)).expect(201);
    for round in 0..3 {
        proxy.go_away();
        registrar.get("/contracts").expect_problem(503, "unavailable");
        registrar
            .post("/contracts", &complete_contract(2))
            .expect_problem(503, "unavailable");
        proxy.come_back();
        let back = Instant::now();
        registrar.get("/contracts").expect(200);
        registrar.post("/contracts", &complete_contract(3 + round)).expect(201);
        assert!(back.elapsed() < Duration::from_secs(1), "{:?}", back.elapsed());
    }
}

/// Runs a statement as somebody whose patience is small, or until another tells the server to end it.
fn sleeping(app: &App, store: &Store, errand: Errand, write: bool) -> Result<(), StoreError> {
    let store = store.clone();
    app.block_on(errand.scope(async move {
        let nap =
            |db: &mut dengji::storage::Db| Ok::<_, StoreError>(db.batch_execute("SELECT pg_sleep(600) /* nap */")?);
        if write {
            store.write(nap).await
        } else {
            store.read(nap).await
        }
    }))
}

#[test]
fn a_statement_ends_with_the_patience_of_who_waits() {
    let app = App::start(Backend::Postgres);
    let store = another(
        &app,
        StoreOptions {
            connections: 1,
            ..StoreOptions::default()
        },
    );
    for write in [false, true] {
        let started = Instant::now();
        let refused = sleeping(&app, &store, Errand::within(Duration::from_millis(300)), write);
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        assert!(started.elapsed() < LONG);
        // The server was told as well: the only connection is free again.
        let seen = app.block_on(store.read(|db| Ok::<_, StoreError>(query(db, "SELECT '1' AS line"))));
        assert_eq!(seen.unwrap(), ["1"]);
    }
}

#[test]
fn a_statement_that_is_cancelled_and_a_connection_that_is_cut_are_no_defects() {
    let app = App::start(Backend::Postgres);
    let store = another(
        &app,
        StoreOptions {
            connections: 1,
            ..StoreOptions::default()
        },
    );
    for (n, how) in ["pg_cancel_backend", "pg_terminate_backend"].into_iter().enumerate() {
        for write in [false, true] {
            let mark = format!("nap {} {n} {write}", std::process::id());
            let sql = format!("SELECT pg_sleep(600) /* {mark} */");
            let (send, done) = mpsc::channel();
            let napping = store.clone();
            app.block_on(async {
                tokio::spawn(async move {
                    let nap = move |db: &mut dengji::storage::Db| Ok::<_, StoreError>(db.batch_execute(&sql)?);
                    let ended = if write {
                        napping.write(nap).await
                    } else {
                        napping.read(nap).await
                    };
                    send.send(ended).unwrap();
                });
            });
            let end = format!(
                "SELECT {how}(pid) || '' AS line FROM pg_stat_activity WHERE query LIKE '%/* {mark} */' AND pid <> pg_backend_pid()"
            );
            while lines(&app, &end).is_empty() {}
            let ended = done.recv_timeout(LONG).unwrap().unwrap_err();
            let told = usecases::Error::from(ended);
            assert!(matches!(told, usecases::Error::Unavailable(_)), "{how}: {told:?}");
            app.block_on(store.read(|db| Ok::<_, StoreError>(query(db, "SELECT '1' AS line"))))
                .unwrap();
        }
    }
}

#[test]
fn a_standby_is_no_defect() {
    let app = App::start(Backend::Postgres);
    execute(&app, TABLE).unwrap();
    let refused = app.block_on(app.ctx.store.write(|db| {
        db.batch_execute("SET TRANSACTION READ ONLY")?;
        insert(db, 1)
    }));
    let told = usecases::Error::from(refused.unwrap_err());
    assert!(matches!(told, usecases::Error::NotWritable(_)), "{told:?}");
}

both! {
    fn a_write_gives_up_in_time_and_the_next_succeeds(app: &App) {
        execute(app, TABLE).unwrap();
        let wait = Duration::from_millis(200);
        let store = another(app, StoreOptions { connections: 1, wait, ..StoreOptions::default() });
        let holder = Holder::take(app, "INSERT INTO scratch VALUES (1)");
        for _ in 0..2 {
            let refused = app.block_on(async { tokio::time::timeout(LONG, store.write(|db| insert(db, 2))).await });
            assert!(matches!(refused, Ok(Err(StoreError::Unavailable(_)))), "{refused:?}");
        }
        holder.release();
        app.block_on(store.write(|db| insert(db, 3))).unwrap();
        assert_eq!(rows(app), [1, 3]);
    }

    fn what_its_caller_gave_up_is_not_done(app: &App) {
        execute(app, TABLE).unwrap();
        let store = another(app, StoreOptions::default());
        let holder = Holder::take(app, "SELECT 1");
        let gone = app.block_on(async {
            let mut callers = tokio::task::JoinSet::new();
            for n in 0..20 {
                let store = store.clone();
                callers.spawn(tokio::time::timeout(Duration::from_millis(200), async move {
                    let errand = Errand::within(LONG);
                    let _leaving = errand.waiting();
                    errand.scope(store.write(move |db| insert(db, n))).await
                }));
            }
            callers.join_all().await
        });
        assert!(gone.iter().all(Result::is_err), "{gone:?}");
        holder.release();
        app.block_on(store.write(|db| insert(db, 100))).unwrap();
        assert_eq!(rows(app), [100]);
    }

    fn what_is_done_too_late_is_undone(app: &App) {
        execute(app, TABLE).unwrap();
        for alone in [false, true] {
            let store = app.ctx.store.clone();
            let errand = Errand::within(Duration::from_millis(200));
            let refused = app.block_on(errand.scope(async move {
                let late = |db: &mut dengji::storage::Db| {
                    insert(db, 1)?;
                    while go_on().is_ok() {}
                    Ok::<_, StoreError>(())
                };
                if alone { store.write_alone(late).await } else { store.write(late).await }
            }));
            assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        }
        app.block_on(app.ctx.store.write(|db| insert(db, 2))).unwrap();
        assert_eq!(rows(app), [2]);
    }

    fn a_day_does_not_wait_for_long_reading(app: &App) {
        let options = StoreOptions { connections: 1, long_connections: 2, ..StoreOptions::default() };
        let store = another(app, options);
        let (mut release, mut threads) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            let (let_go, released) = mpsc::channel::<()>();
            let (tell, told) = mpsc::channel();
            let reading = store.clone();
            #[expect(clippy::async_yields_async, reason = "the task goes on while the test looks on")]
            threads.push(app.block_on(async { tokio::spawn(Errand::default().long().scope(async move {
                reading.read(move |_| {
                    tell.send(()).unwrap();
                    // Until the test lets go.
                    let _ = released.recv();
                    Ok::<_, StoreError>(())
                }).await
            })) }));
            told.recv_timeout(LONG).unwrap();
            release.push(let_go);
        }
        // All long readers are at work: another long reading waits for its turn, the day does not.
        let late = app.block_on(Errand::within(Duration::from_millis(200)).long().scope(
            store.read(|_| Ok::<_, StoreError>(()))));
        assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
        app.block_on(store.read(|_| Ok::<_, StoreError>(()))).unwrap();
        drop(release);
        for thread in threads {
            app.block_on(thread).unwrap().unwrap();
        }
    }
}

#[test]
fn a_slow_body_is_cut_off_and_nobody_else_waits() {
    use std::{
        io::{Read as _, Write as _},
        net::TcpStream,
    };
    let app = App::start_with(Backend::Sqlite, NOON, |settings| {
        settings.server.body_seconds = 1;
        settings.server.head_seconds = 1;
    });
    let registrar = app.person(Person::Registrar);
    let address = app.base.strip_prefix("http://").unwrap();
    let token = registrar.token().unwrap();
    let slow: Vec<TcpStream> = (0..50)
        .map(|n| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(LONG)).unwrap();
            let head = match n % 2 {
                0 => "POST /api/v1/contracts HTTP/1.1\r\nHost: x\r\n".to_owned(),
                _ => format!(
                    "POST /api/v1/contracts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
                     Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"
                ),
            };
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    registrar.get("/contracts").expect(200);
    for (n, mut stream) in slow.into_iter().enumerate() {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 "), "{n}: {answer}");
        if n % 2 == 1 {
            assert!(answer.contains("urn:dengji:problem:too-slow"), "{answer}");
        }
    }
}

#[test]
fn one_address_cannot_take_every_place() {
    use std::{
        io::{Read as _, Write as _},
        net::TcpStream,
    };
    let app = App::start_with(Backend::Sqlite, NOON, |settings| {
        settings.server.connections_per_address = 3.try_into().unwrap();
    });
    let address = app.base.strip_prefix("http://").unwrap();
    let connect = || {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream
    };
    // Who was answered is inside: the workers let people in each at its own time.
    let inside: Vec<_> = (0..3)
        .map(|_| {
            let mut stream = connect();
            stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            stream.read_exact(&mut [0; 12]).unwrap();
            stream
        })
        .collect();
    let mut outside = connect();
    assert_eq!(outside.read(&mut [0]).unwrap(), 0, "not closed");
    drop(inside);
    // Their places are free once the server has seen them go.
    while app.anonymous().try_send("GET", "/livez", &[], None).is_err() {}
    assert_eq!(app.anonymous().get("/livez").status, 200);
}

#[test]
fn half_of_a_second_head_is_cut_off_and_a_long_answer_is_not() {
    use std::{
        io::{Read as _, Write as _},
        net::TcpStream,
    };
    let app = App::start_with(Backend::Sqlite, NOON, |settings| {
        settings.server.head_seconds = 1;
        settings.server.idle_seconds = 1;
    });
    let address = app.base.strip_prefix("http://").unwrap();
    let ask = |text: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    // More than lies between the two on the way.
    let small = small_pdf(1);
    let (head, rest) = small.split_at(small.windows(4).position(|four| four == b"1 0 ").unwrap());
    let paper = [head, &vec![b'\n'; 12 << 20], rest].concat();
    let registrar = app.person(Person::Registrar);
    let (draft, token) = (app.draft(1), registrar.token().unwrap());
    let at = format!("/contracts/{}", draft["id"]);
    let attached = registrar
        .attach_at(&at, draft["version"].as_i64().unwrap(), "other", "附图.pdf", &paper)
        .expect(201);
    let mut slow = ask(&format!(
        "GET /api/v1{at}/attachments/{} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n",
        attached["id"]
    ));
    let whole = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
    for mut stream in [ask(&format!("{whole}GET /livez HT")), ask(whole)] {
        let mut answer = String::new();
        // It ends: closed, or cut off.
        let _ = stream.read_to_string(&mut answer);
        assert_eq!(answer.matches("HTTP/1.1 200").count(), 1, "{answer}");
    }
    // Nothing was taken of it for as long as the others were left.
    let mut answer = Vec::new();
    slow.read_to_end(&mut answer).unwrap();
    assert!(answer.ends_with(&paper), "{} bytes", answer.len());
}
