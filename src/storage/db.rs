//! Connections: the pools of readers and the one writer behind [`Store`].

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use diesel::{pg::PgConnection, prelude::*, sqlite::SqliteConnection};

use super::{
    Health, OpenedFile, StoreError,
    binding::touched,
    dialect::{Bounds, StoreUrl},
    errand::{self, Errand, in_thread},
    moments::{self, TimeKeeper},
    pool::Pool,
    readings, tips,
    writer::Writer,
};

/// A connection to either backend.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Errors of a caller that may wrap one of the store's: tells whether trying again is worth it.
pub trait Retryable {
    /// Whether the transaction lost a race and may be repeated.
    fn is_contention(&self) -> bool;

    /// What keeps the store from being written to, where that is why: its disk is full, it may only be read, or it is damaged.
    fn why_not_written(&self) -> Option<&StoreError> {
        None
    }
}

impl Retryable for StoreError {
    fn is_contention(&self) -> bool {
        matches!(self, Self::Contention(_))
    }

    fn why_not_written(&self) -> Option<&StoreError> {
        (matches!(self, Self::Full(_) | Self::ReadOnly(_)) || self.is_damage()).then_some(self)
    }
}

/// How a store is opened.
#[derive(Debug, Clone, Copy)]
pub struct StoreOptions {
    /// Connections for daily reading.
    pub connections: u32,
    /// Connections for long reading, so that nobody's day waits for it.
    pub long_connections: u32,
    /// How long anything waits for its turn: for a connection, and while another process writes. An errand's deadline may be sooner.
    pub wait: Duration,
    /// Whether the file of an embedded store is made where it is missing.
    pub make: bool,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            connections: 4,
            long_connections: 4,
            wait: Duration::from_secs(600),
            make: true,
        }
    }
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    url: StoreUrl,
    readers: Arc<Pool>,
    long_readers: Arc<Pool>,
    /// Apart from the readers, so that nobody who reads waits for who writes.
    writer: Arc<Writer>,
    keeper: Option<Arc<dyn TimeKeeper>>,
    wait: Duration,
    health: Arc<Health>,
    /// Of an embedded store.
    file: Option<Arc<OpenedFile>>,
}

/// How long a connection that reads SQLite waits for a lock: only where the store recovers from a crash is one held against it.
const READER_BUSY: Duration = Duration::from_secs(5);

impl Store {
    /// Opens the store; SQLite's file and its folder are made where they are missing and `options.make` says so, and nowhere else. Brings
    /// no schema up: see [`super::migrate()`].
    ///
    /// # Errors
    /// Where the store is not there or does not answer.
    pub fn open(url: &StoreUrl, options: StoreOptions) -> Result<Self, StoreError> {
        let unavailable = |e: &dyn std::fmt::Display| StoreError::Unavailable(e.to_string());
        let health = Arc::new(Health::default());
        let file = match url {
            StoreUrl::Sqlite(path) => {
                if options.make {
                    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
                        std::fs::create_dir_all(folder).map_err(|e| unavailable(&e))?;
                    }
                    make_private(path).map_err(|e| unavailable(&e))?;
                }
                Some(Arc::new(OpenedFile::at(path)?))
            }
            StoreUrl::Postgres(_) => None,
        };
        let writer = Arc::new(Writer::start(url.clone(), Arc::clone(&health), file.clone())?);
        let readers = Pool::new(url.clone(), options.connections, READER_BUSY, file.clone());
        readers.try_out()?;
        Ok(Self {
            url: url.clone(),
            readers,
            long_readers: Pool::new(url.clone(), options.long_connections, READER_BUSY, file.clone()),
            writer,
            keeper: None,
            wait: options.wait,
            health,
            file,
        })
    }

    /// The same store; `keeper` is told the time by the ledgers at the start of every transaction.
    #[must_use]
    pub fn kept_by(self, keeper: Arc<dyn TimeKeeper>) -> Self {
        Self {
            keeper: Some(keeper),
            ..self
        }
    }

    /// Ends all work on the store: what is under way is done, nothing more is begun, and the connections are closed, so that an embedded
    /// store is one file again. Waits `patience` at most for those who read.
    pub async fn close(&self, patience: Duration) {
        let deadline = Instant::now() + patience;
        for readers in [&self.readers, &self.long_readers] {
            readers.close(deadline).await;
        }
        let writer = Arc::clone(&self.writer);
        // It ends by itself; that it ended is not known where this was broken off.
        let _ = tokio::task::spawn_blocking(move || writer.close(patience)).await;
    }

    /// Where it is.
    pub const fn url(&self) -> &StoreUrl {
        &self.url
    }

    /// How many wait for the writer beside those that it is at work on.
    pub fn waiting(&self) -> usize {
        self.writer.waiting()
    }

    /// How writing went lately.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// The file that was opened, of an embedded store.
    pub fn file(&self) -> Option<&OpenedFile> {
        self.file.as_deref()
    }

    /// Writes something that changes nothing, to see whether writing works; what came of it is in [`Store::health`].
    ///
    /// # Errors
    /// Where it does not.
    pub async fn try_writing(&self) -> Result<(), StoreError> {
        self.write(Db::write_nothing).await
    }

    /// Runs `f` in one reading transaction: all it reads is of one moment. Waits no longer than the current [`Errand`], whose kind says
    /// which readers it has.
    ///
    /// # Errors
    /// What `f` answers, or that the store does not answer in time.
    pub async fn read<T, E>(&self, f: impl FnOnce(&mut Db) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Retryable + Send + 'static,
    {
        let errand = Errand::current();
        let health = Arc::clone(&self.health);
        let readers = if errand.is_long() {
            &self.long_readers
        } else {
            &self.readers
        };
        let begin_by = errand.begin_by(self.wait);
        let place = readers.place(begin_by).await?;
        let keeper = self.keeper.clone();
        let f = move |db: &mut Db| {
            let Some(keeper) = keeper else { return f(db) };
            let ends = moments::ends(db)?;
            keeper.reading(ends.last);
            readings::at(&ends, || f(db))
        };
        in_thread(move || {
            errand::go_on()?;
            let bounds = Bounds {
                begin_by,
                deadline: errand.deadline(),
            };
            let mut lease = place.begin(|db| db.begin_read(bounds))?;
            let result = lease.with(f)?;
            if let Some(fault) = result.as_ref().err().and_then(E::why_not_written) {
                health.note_damage(fault);
            }
            // What was read was read: a connection that is lost afterwards takes nothing back.
            let lost = lease.try_with(Db::rollback).err();
            match (result, errand.go_on(), lost) {
                (Ok(value), _, _) => Ok(value),
                // Whatever words the database has for it: it was broken off because time was up, or because the connection is gone.
                (Err(_), Err(late), _) => Err(late.into()),
                (Err(_), _, Some(lost @ StoreError::Unavailable(_))) => Err(lost.into()),
                (Err(error), _, _) => Err(error),
            }
        })
        .await
    }

    /// Runs `f` in one writing transaction, durable when this returns; the transaction is undone where `f` answers an error, and where
    /// the current [`Errand`] is over by then. `f` may be run again where the transaction loses a race, so it must not consume what it
    /// captured. What was not begun when the errand is over is never begun.
    ///
    /// # Errors
    /// What `f` answers, or that the store does not answer in time.
    pub async fn write<T, E>(&self, f: impl FnMut(&mut Db) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Retryable + Send + 'static,
    {
        self.write_in(false, f).await
    }

    /// The same for work that writes much (an import): it has a transaction to itself, which nobody else's work shares.
    ///
    /// # Errors
    /// What `f` answers, or that the store does not answer in time.
    pub async fn write_alone<T, E>(&self, f: impl FnMut(&mut Db) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Retryable + Send + 'static,
    {
        self.write_in(true, f).await
    }

    async fn write_in<T, E>(
        &self,
        alone: bool,
        mut f: impl FnMut(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Retryable + Send + 'static,
    {
        let keeper = self.keeper.clone();
        let f = move |db: &mut Db| {
            tips::at_work(db, |db, last| {
                if let Some(keeper) = &keeper {
                    keeper.writing(last).map_err(StoreError::Halted)?;
                }
                touched::begin();
                let done = f(db)?;
                touched::end()?;
                Ok(done)
            })
        };
        let begin_by = Errand::current().begin_by(self.wait);
        self.writer.run(alone, begin_by, f).await
    }

    /// Runs `f` on a connection of its own outside any transaction that this room starts, for migrations and copies.
    ///
    /// # Errors
    /// What `f` answers, or that the store does not answer.
    pub fn with_connection<T>(&self, f: impl FnOnce(&mut Db) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut connection = self
            .url
            .connect(true, Duration::from_secs(60))
            .map_err(|e| StoreError::unreachable(&e))?;
        f(&mut connection)
    }
}

/// Makes the store's file where it is missing, readable by its owner alone: it holds password hashes and people's data. SQLite
/// gives its side files the same rights.
pub(super) fn make_private(path: &std::path::Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
    }
}
