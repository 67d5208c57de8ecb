//! The program as a server in this process.

use std::{
    net::TcpListener,
    path::PathBuf,
    sync::{Arc, mpsc},
    thread,
};

use actix_web::dev::ServerHandle;
use dengji::domain::interchange::Kind;
use dengji::{
    config::Settings,
    domain::{account::Role, time::Moment},
    server,
    usecases::{
        Context,
        accounts::{NewUser, add_user},
        imports::{self, Approval, Event, Imported, Request},
        seam::Clock,
    },
};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{
    Backend, Client, papers,
    store::{database_url, settings},
};

/// The password of every account made here.
pub const PASSWORD: &str = "an ordinary long sentence";

/// A running program with its own store and clock; it stops with the test, and its connections close.
pub struct App {
    _serving: Serving,
    pub ctx: Context,
    /// The same with the facts of the statistics in memory, as the server has them; `ctx` reads the store each time.
    pub remembering: Context,
    pub backend: Backend,
    pub url: String,
    pub folder: TempDir,
    pub base: String,
    runtime: Runtime,
}

/// The thread that serves.
struct Serving {
    handle: ServerHandle,
    thread: Option<thread::JoinHandle<()>>,
}

impl Serving {
    fn start(ctx: Context, listener: TcpListener) -> Self {
        let (send, handle) = mpsc::channel();
        let thread = thread::spawn(move || {
            actix_web::rt::System::new()
                .block_on(async move {
                    let server = server::serve(&ctx, listener).unwrap();
                    let importing = imports::Worker::start(&ctx);
                    send.send(server.handle()).unwrap();
                    let ended = server.await;
                    importing.stop().await;
                    ended
                })
                .unwrap();
        });
        Self {
            handle: handle.recv().unwrap(),
            thread: Some(thread),
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Told now; what is dropped is only the wait for it.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking(), "the server panicked");
        }
    }
}

/// Accounts that tests use; the agencies and certificates are of the sample's `registrars.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Person {
    /// Registrar of agency 660008, certificate valid to 2028.
    Registrar,
    /// Another registrar of the same agency.
    Colleague,
    /// Registrar of agency 660001.
    OtherRegistrar,
    /// Registrar of agency 660008 without a certificate.
    Uncertified,
    Reviewer,
    Reviewer2,
    /// Reviewer and registrar of agency 660008.
    ReviewingRegistrar,
    Expert,
    Statistician,
    Auditor,
    Administrator,
}

impl Person {
    pub const ALL: [Self; 11] = [
        Self::Registrar,
        Self::Colleague,
        Self::OtherRegistrar,
        Self::Uncertified,
        Self::Reviewer,
        Self::Reviewer2,
        Self::ReviewingRegistrar,
        Self::Expert,
        Self::Statistician,
        Self::Auditor,
        Self::Administrator,
    ];

    pub const fn username(self) -> &'static str {
        match self {
            Self::Registrar => "registrar",
            Self::Colleague => "colleague",
            Self::OtherRegistrar => "other-registrar",
            Self::Uncertified => "uncertified",
            Self::Reviewer => "reviewer",
            Self::Reviewer2 => "reviewer2",
            Self::ReviewingRegistrar => "reviewing-registrar",
            Self::Expert => "expert",
            Self::Statistician => "statistician",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }

    fn account(self) -> (Vec<Role>, Option<&'static str>, Option<&'static str>) {
        match self {
            Self::Registrar => (vec![Role::Registrar], Some("660008"), Some("DJY6620190044")),
            Self::Colleague => (vec![Role::Registrar], Some("660008"), Some("DJY6620190008")),
            Self::OtherRegistrar => (vec![Role::Registrar], Some("660001"), Some("DJY6620220001")),
            Self::Uncertified => (vec![Role::Registrar], Some("660008"), None),
            Self::Reviewer | Self::Reviewer2 => (vec![Role::Reviewer], None, None),
            Self::ReviewingRegistrar => (vec![Role::Reviewer, Role::Registrar], Some("660008"), None),
            Self::Expert => (vec![Role::Expert], None, None),
            Self::Statistician => (vec![Role::Statistician], None, None),
            Self::Auditor => (vec![Role::Auditor], None, None),
            Self::Administrator => (vec![Role::Administrator], None, None),
        }
    }
}

impl App {
    /// Starts the program at noon of 2026-06-15, Beijing time.
    pub fn start(backend: Backend) -> Self {
        Self::start_at(backend, "2026-06-15T12:00:00+08:00")
    }

    /// Starts the program at a moment.
    pub fn start_at(backend: Backend, now: &str) -> Self {
        Self::start_with(backend, now, |_| {})
    }

    /// Starts the program at a moment with other settings.
    pub fn start_with(backend: Backend, now: &str, adjust: impl FnOnce(&mut Settings)) -> Self {
        Self::start_adjusted(backend, now, &[], adjust)
    }

    /// Starts the program at a moment with the office's own data files: paths below `config/`, and texts.
    pub fn start_with_data(backend: Backend, now: &str, data: &[(&str, &str)]) -> Self {
        Self::start_adjusted(backend, now, data, |_| {})
    }

    fn start_adjusted(backend: Backend, now: &str, data: &[(&str, &str)], adjust: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = database_url(backend, folder.path());
        Self::start_on(backend, folder, url, now, data, adjust)
    }

    /// Starts the program at a moment on a store that is there; keys and files are those of `folder`.
    pub fn start_on(
        backend: Backend,
        folder: TempDir,
        url: String,
        now: &str,
        data: &[(&str, &str)],
        adjust: impl FnOnce(&mut Settings),
    ) -> Self {
        let clock = Clock::manual(Moment::parse(now).unwrap());
        let mut settings = settings(&url, folder.path());
        for (path, text) in data {
            let file = folder.path().join("data").join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
            settings.data_folder = folder.path().join("data").display().to_string();
        }
        adjust(&mut settings);
        let ctx = Context::open(settings, clock).unwrap();
        ctx.migrate().unwrap();
        ctx.keys.prepare(ctx.clock.now()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let remembering = ctx.remembering();
        let serving = Serving::start(remembering.clone(), listener);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        Self {
            _serving: serving,
            ctx,
            remembering,
            backend,
            url,
            folder,
            base,
            runtime,
        }
    }

    /// Runs a future of the use cases.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Moves the clock.
    pub fn set_time(&self, now: &str) {
        self.ctx.clock.set(Moment::parse(now).unwrap());
    }

    /// Another server on the same store, whose clock is so many seconds ahead (behind, where negative), on a machine of this name that
    /// has just been started.
    pub fn another_server(&self, machine: &str, seconds: i64) -> Context {
        let clock = Clock::manual_on(machine, self.ctx.clock.shown().plus_seconds(seconds), 0);
        Context::open((*self.ctx.settings).clone(), clock).unwrap()
    }

    /// Moves the clock on.
    pub fn pass_seconds(&self, seconds: i64) {
        self.ctx.clock.set(self.ctx.clock.now().plus_seconds(seconds));
    }

    /// A client that is not logged in. Contracts that it and those made of it enter are given a text
    /// ([`papers::give_text`](super::papers::give_text)), so that tests of other things may submit them.
    pub fn anonymous(&self) -> Client {
        let (ctx, handle) = (self.ctx.clone(), self.runtime.handle().clone());
        let papers = move |contract| handle.block_on(papers::give_text(&ctx, contract));
        Client::new(&self.base).with_papers(Arc::new(papers))
    }

    /// Logs in.
    pub fn log_in(&self, username: &str) -> Client {
        let body = json!({"username": username, "password": PASSWORD});
        let tokens = self.anonymous().post("/auth/login", &body).expect(200);
        self.anonymous().with_token(tokens["access_token"].as_str().unwrap())
    }

    /// Makes an account and logs in.
    pub fn add_user(&self, username: &str, roles: &[Role], agency: Option<&str>, certificate: Option<&str>) -> Client {
        let new = NewUser {
            username: username.to_owned(),
            roles: roles.to_vec(),
            agency_code: agency.map(str::to_owned),
            certificate_number: certificate.map(str::to_owned),
            full_name: None,
            password: PASSWORD.to_owned(),
        };
        self.block_on(add_user(&self.ctx, "test", new)).unwrap();
        self.log_in(username)
    }

    /// Logs one of the ready-made people in; the first time, makes the account (and imports the sample's registrars).
    pub fn person(&self, person: Person) -> Client {
        let (roles, agency, certificate) = person.account();
        if agency.is_some() {
            self.import_sample("registrars.csv", Kind::Registrars);
        }
        let known = self.ctx.clone();
        let username = person.username();
        let there = self
            .block_on(
                known
                    .store
                    .read(move |db| dengji::storage::accounts::find_by_name(db, username)),
            )
            .unwrap();
        match there {
            Some(_) => self.log_in(username),
            None => self.add_user(username, &roles, agency, certificate),
        }
    }

    /// Imports a file of `config/demo`.
    pub fn import_sample(&self, name: &str, kind: Kind) -> Imported {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config/demo").join(name);
        self.import(path, kind, false)
            .unwrap_or_else(|errors| panic!("{name}: {errors:?}"))
    }

    /// Imports the whole sample.
    pub fn import_whole_sample(&self) {
        self.import_sample("registrars.csv", Kind::Registrars);
        for year in 2021..=2025 {
            self.import_sample(&format!("contracts-{year}.csv"), Kind::Register);
        }
        self.import_sample("follow-up-2021-2024.csv", Kind::FollowUp);
        self.import_sample("activities-2025.csv", Kind::Activities);
        self.import_sample("reference-figures.csv", Kind::Reference);
    }

    /// Imports a file; the wrong cells as `(row, column, code)` where it has any.
    pub fn import(
        &self,
        path: PathBuf,
        kind: Kind,
        update: bool,
    ) -> Result<Imported, Vec<(u32, String, &'static str)>> {
        let request = Request {
            actor: "cli:test".to_owned(),
            role: None,
            kind,
            file_name: path.file_name().unwrap().to_string_lossy().into_owned(),
            path,
            update,
            dry_run: false,
            approval: Approval::Operator {
                reason: update.then(|| "据合同文本更正".to_owned()),
            },
        };
        let (send, receive) = std::sync::mpsc::channel();
        let send = std::sync::Mutex::new(send);
        let tell = move |event| {
            if let Event::Error(e) | Event::OfRegister(e) = event {
                send.lock().unwrap().send((e.row, e.column, e.code)).unwrap();
            }
        };
        let done = self.block_on(imports::import(&self.ctx, request, std::sync::Arc::new(tell)));
        match done {
            Ok(done) => Ok(done),
            Err(imports::Failure::Cells(_)) => Err(receive.try_iter().collect()),
            Err(failure) => panic!("{failure}: {failure:?}"),
        }
    }

    /// A contract in `draft`, entered by the registrar.
    pub fn draft(&self, n: u32) -> serde_json::Value {
        let registrar = self.person(Person::Registrar);
        let entered = registrar.post("/contracts", &super::complete_contract(n)).expect(201);
        // Its papers were put beside it after the answer: look again.
        registrar.get(&format!("/contracts/{}", entered["id"])).expect(200)
    }

    /// A contract in `draft` without the text that tests of other things find beside theirs.
    pub fn bare_draft(&self, n: u32) -> serde_json::Value {
        let registrar = self.person(Person::Registrar).without_papers();
        registrar.post("/contracts", &super::complete_contract(n)).expect(201)
    }

    /// A contract in `submitted`.
    pub fn submitted(&self, n: u32) -> serde_json::Value {
        let draft = self.draft(n);
        self.person(Person::Registrar).act(&draft, "submit", &json!({}))
    }

    /// A contract in `under_review`, claimed by the reviewer.
    pub fn claimed(&self, n: u32) -> serde_json::Value {
        let contract = self.submitted(n);
        self.person(Person::Reviewer).act(&contract, "claim", &json!({}))
    }

    /// A contract in `confirmed`.
    pub fn confirmed(&self, n: u32) -> serde_json::Value {
        let contract = self.claimed(n);
        let body = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        self.person(Person::Reviewer).act(&contract, "confirm", &body)
    }
}
