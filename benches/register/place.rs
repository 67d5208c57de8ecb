//! Where a run works: a folder of its own that goes away with it, and the program started there.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use dengji::{
    config::Settings,
    domain::account::Role,
    usecases::{
        Context,
        accounts::{NewUser, add_user},
        seam::Clock,
    },
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::{Failure, http::Client};

/// The password of every account of a run.
const PASSWORD: &str = "benchmark-password-of-this-run";

/// The folder, and a runtime for what is called within this process.
pub struct Place {
    folder: TempDir,
    /// Runs use cases.
    pub runtime: Runtime,
}

impl Place {
    pub fn new() -> Result<Self, Failure> {
        Ok(Self {
            folder: tempfile::Builder::new().prefix("bench-dengji-").tempdir()?,
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()?,
        })
    }

    /// A file in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What the program is told by its environment. Password hashes are made cheap: none is measured.
    fn environment(&self, store: &str) -> [(&'static str, String); 6] {
        let keys = self.file("keys.json");
        // A folder of files is one store's.
        let (url, files) = match store.strip_prefix("postgres://") {
            Some(rest) => (
                store.to_owned(),
                rest.replace(|c: char| !c.is_ascii_alphanumeric(), "_"),
            ),
            None => (format!("sqlite:{}", self.file(store).display()), store.to_owned()),
        };
        [
            ("DENGJI_DATABASE_URL", url),
            (
                "DENGJI_FILES__FOLDER",
                self.file(&format!("{files}.files")).display().to_string(),
            ),
            ("DENGJI_AUTH__KEY_FILE", keys.display().to_string()),
            ("DENGJI_AUTH__ARGON2__MEMORY_KIB", "64".to_owned()),
            ("DENGJI_AUTH__ARGON2__ITERATIONS", "1".to_owned()),
            ("DENGJI_AUTH__ACCESS_TOKEN_SECONDS", "36000".to_owned()),
        ]
    }

    /// The program, to work on a store: a file of the folder, or the URL of a PostgreSQL.
    pub fn program(&self, store: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dengji"));
        command.envs(self.environment(store)).stdout(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn call(&self, store: &str, arguments: &[&str]) -> Result<(), Failure> {
        let status = self.program(store).args(arguments).status()?;
        status
            .success()
            .then_some(())
            .ok_or_else(|| format!("dengji {arguments:?}: {status}").into())
    }

    /// A migrated store with the agencies and registrars of the sample.
    pub fn prepared(&self, store: &str) -> Result<(), Failure> {
        let registrars = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/demo/registrars.csv");
        let registrars = registrars.display().to_string();
        self.call(store, &["import", "--kind", "registrars", &registrars])
    }

    /// What use cases are handed, on a store of the folder.
    pub fn context(&self, store: &str) -> Result<Context, Failure> {
        let environment = self.environment(store).map(|(key, value)| (key.to_owned(), value));
        let settings = Settings::from_sources(None, environment.into_iter().collect())?;
        let _runtime = self.runtime.enter();
        Ok(Context::make(settings, Clock::system())?)
    }

    /// Adds accounts.
    pub fn add_users(&self, store: &str, users: &[(&str, Role, Option<&str>)]) -> Result<(), Failure> {
        let ctx = self.context(store)?;
        for (name, role, certificate) in users {
            let new = NewUser {
                username: (*name).to_owned(),
                roles: vec![*role],
                agency_code: None,
                certificate_number: certificate.map(str::to_owned),
                full_name: None,
                password: PASSWORD.to_owned(),
            };
            self.runtime
                .block_on(add_user(&ctx, "bench", new))
                .map_err(|e| format!("{name}: {e:?}"))?;
        }
        Ok(())
    }

    /// Removes a store that nobody has open.
    pub fn remove(&self, store: &str) {
        for suffix in ["", "-wal", "-shm"] {
            // Those beside the store are gone where the last connection took them along.
            let _ = fs::remove_file(self.file(&format!("{store}{suffix}")));
        }
    }

    /// A copy of a store, all of it in the one file.
    pub fn copy(&self, from: &str, to: &str) -> Result<(), Failure> {
        let connection = rusqlite::Connection::open(self.file(from))?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        drop(connection);
        fs::copy(self.file(from), self.file(to))?;
        fs::File::open(self.file(to))?.sync_all()?;
        Ok(())
    }
}

/// A running server; it ends with this value.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start to the first 200 of `/readyz`.
    pub ready_after: Duration,
}

impl Server {
    /// Starts one and waits until it is ready.
    pub fn start(place: &Place, store: &str) -> Result<Self, Failure> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let started = Instant::now();
        let child = place
            .program(store)
            .args(["serve", "--listen", &address.to_string()])
            .stderr(Stdio::null())
            .spawn()?;
        let mut server = Self {
            child,
            address,
            ready_after: Duration::ZERO,
        };
        while !server.is_ready() {
            if started.elapsed() > Duration::from_secs(60) {
                return Err("the server did not become ready".into());
            }
            thread::sleep(Duration::from_millis(2));
        }
        server.ready_after = started.elapsed();
        Ok(server)
    }

    fn is_ready(&self) -> bool {
        Client::connect(self.address)
            .and_then(|mut client| client.send("GET", "/readyz", None, ""))
            .is_ok_and(|answer| answer.status == 200)
    }

    /// A client on a connection of its own, logged in.
    pub fn log_in(&self, name: &str) -> Result<Client, Failure> {
        let mut client = Client::connect(self.address)?;
        client.log_in(name, PASSWORD)?;
        Ok(client)
    }

    /// The same at the pages.
    pub fn log_in_at_the_pages(&self, name: &str) -> Result<Client, Failure> {
        let mut client = Client::connect(self.address)?;
        client.log_in_at_the_pages(name, PASSWORD)?;
        Ok(client)
    }

    /// Lets it end by itself, so that the store is one file.
    pub fn stop(mut self) -> Result<(), Failure> {
        let told = Command::new("kill").arg(self.id().to_string()).status()?;
        let ended = self.child.wait()?;
        if told.success() && ended.success() {
            Ok(())
        } else {
            Err(format!("the server ended with {ended}").into())
        }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is ours alone, and whether it had ended already does not matter.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A figure of `/proc/<id>/status`, KiB; none where the process has ended.
pub fn memory_kib(id: u32, figure: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(figure))?;
    line.trim_start_matches(':').split_whitespace().next()?.parse().ok()
}
