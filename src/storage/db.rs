//! Connections: a pool of readers and the one writer behind [`Store`].

use std::{sync::Arc, time::Duration};

use diesel::{
    connection::SimpleConnection as _,
    pg::PgConnection,
    prelude::*,
    r2d2::{ManageConnection, Pool, R2D2Connection as _},
    sqlite::SqliteConnection,
};

use tokio::sync::Semaphore;

use super::{
    StoreError,
    binding::touched,
    dialect::StoreUrl,
    moments::{self, TimeKeeper},
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
}

impl Retryable for StoreError {
    fn is_contention(&self) -> bool {
        matches!(self, Self::Contention(_))
    }
}

/// How a store is opened.
#[derive(Debug, Clone, Copy)]
pub struct StoreOptions {
    /// Connections that read.
    pub connections: u32,
    /// How long a writing transaction waits for another process's (SQLite).
    pub wait: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            connections: 4,
            wait: Duration::from_secs(600),
        }
    }
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    url: StoreUrl,
    readers: Pool<Manager>,
    writers: Writers,
    keeper: Option<Arc<dyn TimeKeeper>>,
}

/// Where writing transactions run; apart from the readers, so that nobody who reads waits for one.
#[derive(Clone)]
enum Writers {
    /// SQLite's single writer.
    Thread(Arc<Writer>),
    /// PostgreSQL's connections that write, and as many places: who waits for one holds no thread.
    Pool(Pool<Manager>, Arc<Semaphore>),
}

/// PostgreSQL's connections that write: one is at work (a lock per schema sees to that), the other gets ready.
const POSTGRES_WRITERS: u32 = 2;

/// How long a caller waits for a connection that reads before being told that the store does not answer.
const CONNECTING: Duration = Duration::from_secs(30);

/// How often a writing transaction that lost a race is repeated before the caller is told.
const ATTEMPTS: u32 = 8;

impl Store {
    /// Opens the store; SQLite's file and its folder are made where missing. Brings no schema up: see [`super::migrate()`].
    ///
    /// # Errors
    /// Where the store does not answer.
    pub fn open(url: &StoreUrl, options: StoreOptions) -> Result<Self, StoreError> {
        let unavailable = |e: &dyn std::fmt::Display| StoreError::Unavailable(e.to_string());
        let pool = |writes: bool, size: u32, patience: Duration| {
            let url = url.clone();
            Pool::builder()
                .max_size(size.max(1))
                .min_idle(Some(1))
                .connection_timeout(patience)
                .test_on_check_out(matches!(url, StoreUrl::Postgres(_)))
                .build(Manager { url, writes })
                .map_err(|e| unavailable(&e))
        };
        let writers = match url {
            StoreUrl::Sqlite(path) => {
                if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
                    std::fs::create_dir_all(folder).map_err(|e| unavailable(&e))?;
                }
                make_private(path).map_err(|e| unavailable(&e))?;
                Writers::Thread(Arc::new(Writer::start(url.clone(), options.wait)?))
            }
            StoreUrl::Postgres(_) => {
                let places = Arc::new(Semaphore::new(POSTGRES_WRITERS as usize));
                Writers::Pool(pool(true, POSTGRES_WRITERS, CONNECTING)?, places)
            }
        };
        Ok(Self {
            url: url.clone(),
            readers: pool(false, options.connections, CONNECTING)?,
            writers,
            keeper: None,
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

    /// Where it is.
    pub const fn url(&self) -> &StoreUrl {
        &self.url
    }

    /// Runs `f` in one reading transaction: all it reads is of one moment.
    ///
    /// # Errors
    /// What `f` answers, or that the store does not answer.
    pub async fn read<T, E>(&self, f: impl FnOnce(&mut Db) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (readers, keeper) = (self.readers.clone(), self.keeper.clone());
        blocking(move || {
            let mut connection = readers.get().map_err(|e| StoreError::Unavailable(e.to_string()))?;
            connection.begin_read()?;
            let told = keeper.map_or(Ok(()), |keeper| {
                moments::last(&mut connection).map(|last| keeper.reading(last))
            });
            let result = told.map_err(E::from).and_then(|()| f(&mut connection));
            connection.rollback()?;
            result
        })
        .await
    }

    /// Runs `f` in one writing transaction, durable when this returns; the transaction is undone where `f` answers an error.
    /// `f` may be run again where the transaction loses a race, so it must not consume what it captured.
    ///
    /// # Errors
    /// What `f` answers, or that the store does not answer.
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
    /// What `f` answers, or that the store does not answer.
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
            if let Some(keeper) = &keeper {
                let last = moments::last(db)?;
                keeper.writing(last).map_err(StoreError::Halted)?;
            }
            touched::begin();
            let done = f(db)?;
            touched::end()?;
            Ok(done)
        };
        let (pool, places) = match &self.writers {
            Writers::Thread(writer) => return writer.run(alone, f).await,
            Writers::Pool(pool, places) => (pool.clone(), Arc::clone(places)),
        };
        let mut f = f;
        let place = places
            .acquire_owned()
            .await
            .map_err(|e| StoreError::Unavailable(e.to_string()))?;
        blocking(move || {
            let _place = place;
            let mut attempt = 1;
            loop {
                let mut connection = pool.get().map_err(|e| StoreError::Unavailable(e.to_string()))?;
                match write_once(&mut connection, &mut f) {
                    Err(e) if e.is_contention() && attempt < ATTEMPTS => attempt += 1,
                    result => return result,
                }
            }
        })
        .await
    }

    /// Runs `f` on a connection of its own outside any transaction that this room starts, for migrations and copies.
    ///
    /// # Errors
    /// What `f` answers, or that the store does not answer.
    pub fn with_connection<T>(&self, f: impl FnOnce(&mut Db) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut connection = self
            .url
            .connect(true, Duration::from_secs(60))
            .map_err(|e| StoreError::Unavailable(e.to_string()))?;
        f(&mut connection)
    }
}

/// Makes the store's file where it is missing, readable by its owner alone: it holds password hashes and people's data. SQLite
/// gives its side files the same rights.
fn make_private(path: &std::path::Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
    }
}

fn write_once<T, E: From<StoreError>>(db: &mut Db, f: &mut impl FnMut(&mut Db) -> Result<T, E>) -> Result<T, E> {
    db.begin_write()?;
    match f(db) {
        Ok(value) => {
            db.commit()?;
            Ok(value)
        }
        Err(error) => {
            // The caller's error says more than a failing rollback; a broken connection is found by the pool.
            let _ = db.rollback();
            Err(error)
        }
    }
}

async fn blocking<T, E>(f: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    tokio::task::spawn_blocking(f)
        .await
        .unwrap_or_else(|e| Err(StoreError::Database(format!("a job of the store ended: {e}")).into()))
}

/// Makes the pool's connections.
struct Manager {
    url: StoreUrl,
    writes: bool,
}

impl ManageConnection for Manager {
    type Connection = Db;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Db, Self::Error> {
        self.url
            .connect(self.writes, Duration::from_secs(60))
            .map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, db: &mut Db) -> Result<(), Self::Error> {
        db.batch_execute("SELECT 1").map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, db: &mut Db) -> bool {
        match db {
            Db::Postgres(c) => c.is_broken(),
            Db::Sqlite(c) => c.is_broken(),
        }
    }
}
