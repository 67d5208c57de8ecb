//! SQLite's single writer: a thread with a bounded queue. What waits in the queue is committed together (one fsync for many
//! acts), each job within a savepoint of its own, so that one that fails undoes nothing of its neighbours. A job that writes much
//! has a transaction to itself instead: within a savepoint SQLite keeps a second copy of every page that changes. Answers go out
//! after the commit.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::{Duration, Instant},
};

use diesel::prelude::*;
use tokio::sync::{
    mpsc::{Receiver, Sender, channel},
    oneshot,
};

use super::{StoreError, db::Db, dialect::StoreUrl};

/// Jobs that may wait; more than this and callers wait for a place.
const QUEUE: usize = 4096;
/// Jobs committed together at most.
const GROUP: usize = 256;

/// Told how the commit went, answers the caller.
type Finish = Box<dyn FnOnce(Result<(), String>) + Send>;
/// Given the open transaction, or the reason why there is none, does the work and says whether to keep it.
type Work = Box<dyn FnOnce(Result<&mut Db, String>) -> (Keep, Finish) + Send>;

/// What waits in the queue.
struct Job {
    work: Work,
    /// Whether it has a transaction to itself.
    alone: bool,
}

/// Whether the transaction that a job worked in is to be committed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Commit,
    Undo,
}

/// The handle of the writer thread; the thread ends when the handle is dropped.
pub(super) struct Writer {
    queue: Sender<Job>,
}

/// What becomes of the thread after a group.
enum Next {
    Group,
    Reconnect,
    End,
}

impl Writer {
    /// Starts the thread with a connection of its own. `wait` bounds how long a group waits for another process's transaction.
    pub(super) fn start(url: StoreUrl, wait: Duration) -> Result<Self, StoreError> {
        let connect = move || {
            url.connect(true, wait.min(Duration::from_secs(5)))
                .map_err(|e| StoreError::Unavailable(e.to_string()))
        };
        let mut db = connect()?;
        let (queue, mut jobs) = channel(QUEUE);
        thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                let mut waiting = None;
                loop {
                    match run_group(&mut db, &mut jobs, &mut waiting, wait) {
                        Next::Group => {}
                        Next::End => break,
                        Next::Reconnect => match connect() {
                            Ok(fresh) => db = fresh,
                            Err(error) => tracing::error!(%error, "the writer could not reconnect"),
                        },
                    }
                }
            })
            .map_err(|e| StoreError::Unavailable(e.to_string()))?;
        Ok(Self { queue })
    }

    /// Runs `f` in a savepoint of the next group, or (`alone`) in a transaction of its own; returns when that is durable.
    pub(super) async fn run<T, E>(
        &self,
        alone: bool,
        mut f: impl FnMut(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel::<Result<T, E>>();
        let work: Work = Box::new(move |db| {
            let result = match db {
                Ok(db) if alone => f(db),
                Ok(db) => in_savepoint(db, &mut f),
                Err(reason) => Err(StoreError::Unavailable(reason).into()),
            };
            // What failed in a savepoint is undone already; its neighbours are to be kept.
            let keep = if alone && result.is_err() {
                Keep::Undo
            } else {
                Keep::Commit
            };
            let finish: Finish = Box::new(move |commit| {
                // A caller that went away wants no answer.
                let _ = answer.send(match (commit, result) {
                    (Err(reason), Ok(_)) => Err(StoreError::Unavailable(reason).into()),
                    (_, result) => result,
                });
            });
            (keep, finish)
        });
        self.queue
            .send(Job { work, alone })
            .await
            .map_err(|_| StoreError::Unavailable("the writer has ended".into()))?;
        answered
            .await
            .unwrap_or_else(|_| Err(StoreError::Database("a job of the writer failed".into()).into()))
    }
}

/// Runs what waits, as one transaction. `waiting` is a job that was taken from the queue and begins the next group.
fn run_group(db: &mut Db, jobs: &mut Receiver<Job>, waiting: &mut Option<Job>, wait: Duration) -> Next {
    let Some(first) = waiting.take().or_else(|| jobs.blocking_recv()) else {
        return Next::End;
    };
    if let Err(error) = begin(db, wait) {
        let reason = error.to_string();
        tracing::error!(error = %reason, "no writing transaction could be started");
        let (_, finish) = (first.work)(Err(reason.clone()));
        finish(Err(reason));
        return Next::Reconnect;
    }
    let mut finishes = Vec::new();
    let mut next = Some(first);
    let mut keep = Keep::Commit;
    let mut panicked = false;
    while let Some(Job { work, alone }) = next.take() {
        match catch_unwind(AssertUnwindSafe(|| work(Ok(db)))) {
            Ok((kept, finish)) => {
                keep = kept;
                finishes.push(finish);
            }
            Err(_) => panicked = true,
        }
        if !alone && !panicked && finishes.len() < GROUP {
            next = jobs.try_recv().ok();
            if next.as_ref().is_some_and(|job| job.alone) {
                *waiting = next.take();
            }
        }
    }
    let outcome = if panicked {
        tracing::error!("a job of the store panicked; its group is undone");
        Err("a neighbouring job failed".to_owned())
    } else if keep == Keep::Undo {
        db.rollback().map_err(|e| e.to_string())
    } else {
        db.commit().map_err(|e| e.to_string())
    };
    if let Err(reason) = &outcome {
        tracing::error!(%reason, "a group was not committed");
        // The connection is replaced, which undoes whatever a failing rollback leaves.
        let _ = db.rollback();
    }
    let next = if outcome.is_ok() { Next::Group } else { Next::Reconnect };
    for finish in finishes {
        finish(outcome.clone());
    }
    next
}

/// `BEGIN IMMEDIATE`, as often as it takes while another process writes (an import, say), for `wait` at most.
fn begin(db: &mut Db, wait: Duration) -> Result<(), StoreError> {
    let started = Instant::now();
    loop {
        match db.begin_write() {
            Err(StoreError::Contention(reason)) if started.elapsed() >= wait => {
                return Err(StoreError::Unavailable(reason));
            }
            Err(StoreError::Contention(_)) => {}
            result => return result,
        }
    }
}

fn in_savepoint<T, E: From<StoreError>>(db: &mut Db, f: &mut impl FnMut(&mut Db) -> Result<T, E>) -> Result<T, E> {
    enum Undo<E> {
        Caller(E),
        Store(StoreError),
    }
    impl<E> From<diesel::result::Error> for Undo<E> {
        fn from(error: diesel::result::Error) -> Self {
            Self::Store(error.into())
        }
    }
    db.transaction(|db| f(db).map_err(Undo::Caller))
        .map_err(|undo| match undo {
            Undo::Caller(error) => error,
            Undo::Store(error) => error.into(),
        })
}
