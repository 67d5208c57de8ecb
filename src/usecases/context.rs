//! What every use case is handed: the store, the data, the settings, the clock.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

pub use crate::storage::Condition;

use super::{
    Error,
    accounts::{Keyring, Passwords},
    clock_watch::ClockWatch,
    errand::HeavyWork,
    imports::Importing,
    readiness::LastLook,
    seam::Clock,
};
use crate::{
    config::{ConfigError, Settings},
    documents::pdf::Pdf,
    domain::catalogue::Catalogue,
    report::{Office, OfficeError},
    statistics::memory::Memory,
    storage::{self, Db, Store, StoreError, StoreOptions, StoreUrl, files::FileStore},
};

/// What every use case is handed. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// Where everything is kept.
    pub store: Store,
    /// The files beside it.
    pub files: FileStore,
    /// Code lists, rule sets, calendars.
    pub catalogue: Arc<Catalogue>,
    /// What reports call things.
    pub office: Arc<Office>,
    /// Settings.
    pub settings: Arc<Settings>,
    /// The clock.
    pub clock: Clock,
    /// Whether it can be believed; the store tells it the time by the ledgers.
    pub watch: Arc<ClockWatch>,
    /// The keys that sign access tokens; nothing is read or made before they are needed or [`Keyring::prepare`] is called.
    pub keys: Arc<Keyring>,
    /// What hashes passwords.
    pub passwords: Arc<Passwords>,
    /// Heavy work, apart from the daily.
    pub heavy: HeavyWork,
    /// Rung where mail was put into the outbox.
    pub mail_bell: Arc<tokio::sync::Notify>,
    /// What this process is importing.
    pub importing: Arc<Importing>,
    /// Whether it could do its work when somebody last asked.
    pub last_look: Arc<LastLook>,
    /// The program that looks at files which may end whoever looks at them; none: looked at in this process.
    pub examiner: Option<Arc<Path>>,
    /// What makes PDFs.
    pub pdf: Pdf,
    /// The facts that statistics count, in memory: in a process that answers many questions (see [`Context::remembering`]).
    pub facts: Option<Arc<Memory>>,
}

/// Why the program cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Settings or data files.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// `report.toml`.
    #[error(transparent)]
    Office(#[from] OfficeError),
    /// `database_url`.
    #[error("{0}")]
    Url(String),
    /// There is no such store, and none is to be made.
    #[error("没有数据库文件 {0}")]
    Missing(PathBuf),
    /// A store that is not this program's, or of a newer one.
    #[error("{0}")]
    Schema(String),
    /// The store.
    #[error("{}：{}", .0.in_words(), .0)]
    Store(#[from] StoreError),
}

/// The file of an embedded store's URL; none for a server's.
///
/// # Errors
/// Where it is no URL of a store.
pub fn sqlite_file(database_url: &str) -> Result<Option<std::path::PathBuf>, String> {
    Ok(match database_url.parse()? {
        StoreUrl::Sqlite(path) => Some(path),
        StoreUrl::Postgres(_) => None,
    })
}

/// The folder of the files: as set, or beside the store.
fn files_folder(set: &str, url: &StoreUrl) -> PathBuf {
    match url {
        _ if !set.is_empty() => set.into(),
        StoreUrl::Sqlite(path) => path.parent().unwrap_or(Path::new("")).join("files"),
        StoreUrl::Postgres(_) => "data/files".into(),
    }
}

/// How far the store that the settings name is; looks only.
///
/// # Errors
/// Where the address is none, or the store is newer than this program, none of its own, or does not answer.
pub fn condition(settings: &Settings) -> Result<Condition, StartError> {
    let url: StoreUrl = settings.database_url.parse().map_err(StartError::Url)?;
    storage::condition(&url).map_err(|e| match e {
        StoreError::Schema(text) => StartError::Schema(text),
        other => StartError::Store(other),
    })
}

impl Context {
    /// Opens the store that the settings name, which must be there, and reads the data files. Makes no store and changes no schema.
    ///
    /// # Errors
    /// Where a setting or a data file is wrong, or the store is not there or does not answer.
    pub fn open(settings: Settings, clock: Clock) -> Result<Self, StartError> {
        Self::opened(settings, clock, false)
    }

    /// The same where a store is to be made: the file of an embedded one is made where it is missing, without anything in it yet (see
    /// [`Self::migrate`]).
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn make(settings: Settings, clock: Clock) -> Result<Self, StartError> {
        Self::opened(settings, clock, true)
    }

    fn opened(settings: Settings, clock: Clock, make: bool) -> Result<Self, StartError> {
        let url: StoreUrl = settings.database_url.parse().map_err(StartError::Url)?;
        if let (StoreUrl::Sqlite(path), false) = (&url, make)
            && !path.exists()
        {
            return Err(StartError::Missing(path.clone()));
        }
        let options = StoreOptions {
            connections: settings.store.connections,
            long_connections: settings.store.long_connections,
            wait: std::time::Duration::from_secs(settings.store.wait_seconds),
            make,
        };
        let watch = Arc::new(ClockWatch::new(clock.clone(), settings.clock.halt_after_hours));
        Ok(Self {
            catalogue: Arc::new(settings.catalogue()?),
            office: Arc::new(match settings.report_file()? {
                Some(text) => Office::parse(&text)?,
                None => Office::embedded()?.clone(),
            }),
            keys: Arc::new(Keyring::new(&settings.auth)),
            passwords: Arc::new(Passwords::new(settings.auth.argon2).map_err(ConfigError::Settings)?),
            heavy: HeavyWork::new(settings.work),
            mail_bell: Arc::default(),
            importing: Arc::default(),
            last_look: Arc::default(),
            examiner: None,
            files: FileStore::new(files_folder(&settings.files.folder, &url)),
            facts: None,
            pdf: Pdf::new(settings.documents.fonts_folder.clone()),
            store: Store::open(&url, options)?.kept_by(watch.clone()),
            watch,
            settings: Arc::new(settings),
            clock,
        })
    }

    /// The same for a process that stays: statistics are counted from facts in memory, which this one and its clones share and which
    /// are filled at the first question.
    #[must_use]
    pub fn remembering(&self) -> Self {
        Self {
            facts: Some(self.facts.clone().unwrap_or_default()),
            ..self.clone()
        }
    }

    /// The same, which has files examined by a process of this program (see `intake::attached`).
    #[must_use]
    pub fn examining_by(self, program: &Path) -> Self {
        Self {
            examiner: Some(program.into()),
            ..self
        }
    }

    /// Reads as heavy work (see [`HeavyWork::run`]).
    ///
    /// # Errors
    /// What `f` answers; [`Error::Busy`]; where the store does not answer in time.
    pub(super) async fn read_heavy<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Db) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.heavy.run(self.store.read(f)).await
    }

    /// Brings the schema up, an embedded store's after a copy of it beside it.
    ///
    /// # Errors
    /// Where the store is newer than this program or does not answer, or the copy cannot be written.
    pub fn migrate(&self) -> Result<Upgrade, Error> {
        let copy = match storage::condition(self.store.url()).map_err(told)? {
            Condition::Behind(_) => storage::copy_beside(&self.store, self.clock.now())?,
            Condition::Missing | Condition::Empty | Condition::Current => None,
        };
        let ran = self
            .store
            .with_connection(|db| storage::migrate(db, || self.clock.now()))
            .map_err(told)?;
        Ok(Upgrade { ran, copy })
    }
}

/// What bringing the schema up did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    /// Names of the migrations that ran.
    pub ran: Vec<String>,
    /// Where the store is as it was before.
    pub copy: Option<PathBuf>,
}

fn told(error: StoreError) -> Error {
    match error {
        StoreError::Schema(text) => Error::Conflict(text),
        other => other.into(),
    }
}
