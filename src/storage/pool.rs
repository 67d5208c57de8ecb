//! Connections for reading at hand: so many at most, made when they are needed and kept for the next. Who waits for one holds no thread, and waits
//! no longer than told. One that broke while it lay idle is replaced when it is taken, so that the store is back as soon as its server.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{OpenedFile, StoreError, db::Db, dialect::StoreUrl, errand};

/// Connections at hand.
pub(super) struct Pool {
    url: StoreUrl,
    busy_timeout: Duration,
    /// Of an embedded store: none is opened in its place.
    file: Option<Arc<OpenedFile>>,
    size: usize,
    places: Arc<Semaphore>,
    idle: Mutex<Vec<Db>>,
}

/// The right to one connection.
pub(super) struct Place {
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

/// A connection that goes back to the pool when it is dropped, unless something was wrong with it.
pub(super) struct Lease {
    pool: Arc<Pool>,
    db: Option<Db>,
    sound: bool,
}

impl Pool {
    /// Makes the pool; no connection yet.
    pub(super) fn new(url: StoreUrl, size: u32, busy_timeout: Duration, file: Option<Arc<OpenedFile>>) -> Arc<Self> {
        let size = size.max(1) as usize;
        Arc::new(Self {
            url,
            busy_timeout,
            file,
            size,
            places: Arc::new(Semaphore::new(size)),
            idle: Mutex::default(),
        })
    }

    /// Makes a first connection, so that a store that does not answer is known at once.
    ///
    /// # Errors
    /// Where it does not.
    pub(super) fn try_out(&self) -> Result<(), StoreError> {
        let db = self.connect()?;
        self.idle().push(db);
        Ok(())
    }

    /// Waits for a place, until `deadline` at most.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where none was free in time.
    pub(super) async fn place(self: &Arc<Self>, deadline: Instant) -> Result<Place, StoreError> {
        let permit = errand::by(Some(deadline), Arc::clone(&self.places).acquire_owned())
            .await?
            .map_err(|e| StoreError::Unavailable(e.to_string()))?;
        Ok(Place {
            pool: Arc::clone(self),
            _permit: permit,
        })
    }

    /// Gives out no more connections and closes those at hand; waits for those in use, until `deadline` at most.
    pub(super) async fn close(&self, deadline: Instant) {
        let all = u32::try_from(self.size).unwrap_or(u32::MAX);
        // One still in use is closed when its process ends.
        let _ = errand::by(Some(deadline), self.places.acquire_many(all)).await;
        self.places.close();
        self.idle().clear();
    }

    fn connect(&self) -> Result<Db, StoreError> {
        if let Some(file) = &self.file {
            file.is_there()?;
        }
        self.url
            .connect(false, self.busy_timeout)
            .map_err(|e| self.url.told(StoreError::unreachable(&e)))
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Db>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// A connection on which `begin` was done: one that lay idle, or a new one where `begin` finds that one lost.
    ///
    /// # Errors
    /// Where the store does not answer; what `begin` answers.
    pub(super) fn begin(&self, mut begin: impl FnMut(&mut Db) -> Result<(), StoreError>) -> Result<Lease, StoreError> {
        loop {
            let idle = self.pool.idle().pop();
            let was_idle = idle.is_some();
            let mut db = match idle {
                Some(db) => db,
                None => self.pool.connect()?,
            };
            match begin(&mut db) {
                Ok(()) => {
                    return Ok(Lease {
                        pool: Arc::clone(&self.pool),
                        db: Some(db),
                        sound: true,
                    });
                }
                // Nothing was done on it yet: a new one may begin again.
                Err(StoreError::Unavailable(_)) if was_idle && db.is_lost() => errand::go_on()?,
                Err(error) => return Err(error),
            }
        }
    }
}

impl Lease {
    /// Does something with the connection; where that fails the connection does not go back.
    pub(super) fn try_with<T, E>(&mut self, f: impl FnOnce(&mut Db) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let sound = std::mem::replace(&mut self.sound, false);
        let db = self
            .db
            .as_mut()
            .ok_or_else(|| StoreError::Database("a lease without a connection".into()))?;
        let done = f(db);
        self.sound = sound && done.is_ok();
        done
    }

    /// The connection, for work whose failing says nothing about it.
    pub(super) fn with<T>(&mut self, f: impl FnOnce(&mut Db) -> T) -> Result<T, StoreError> {
        self.try_with(|db| Ok(f(db)))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(db) = self.db.take().filter(|_| self.sound && !self.pool.places.is_closed()) {
            self.pool.idle().push(db);
        }
    }
}
