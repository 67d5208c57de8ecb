//! The single writer of a process: a thread with a bounded queue and a connection of its own. What waits in the queue is committed
//! together (one lock and one fsync for many acts), each job within a savepoint of its own, so that one that fails undoes nothing of its
//! neighbours. A job that writes much has a transaction to itself instead: within a savepoint SQLite keeps a second copy of every page
//! that changes. Answers go out after the commit. Several processes on one PostgreSQL take turns by such groups (`Db::begin_write`).

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use diesel::prelude::*;
use tokio::sync::{
    mpsc::{Receiver, Sender, channel},
    oneshot,
};

use super::{
    Health, OpenedFile, StoreError,
    db::{Db, Retryable},
    dialect::{Bounds, StoreUrl},
    errand::{self, Errand, by, late},
    tips,
};

/// Jobs that may wait; more than this and callers wait for a place.
const QUEUE: usize = 4096;
/// Jobs committed together at most.
const GROUP: usize = 256;
/// How often a job that lost a race is repeated before its caller is told.
const ATTEMPTS: u32 = 8;
/// How long SQLite waits by itself for another process, before it is looked whether anybody still waits.
const BUSY: Duration = Duration::from_millis(100);

/// Told how the commit went, answers the caller.
type Finish = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// Given the open transaction, or the reason why there is none, does the work.
type Work = Box<dyn FnOnce(Result<&mut Db, StoreError>) -> Done + Send>;

/// A job that was worked off.
struct Done {
    /// Whether to keep it.
    keep: Keep,
    /// What keeps the store from being written to, where the job failed for that.
    fault: Option<StoreError>,
    finish: Finish,
}

/// What waits in the queue.
struct Job {
    work: Work,
    /// Whether it has a transaction to itself.
    alone: bool,
    begin_by: Instant,
    errand: Errand,
    claim: Claim,
}

/// Who was first: the writer, who then does the job, or its caller, who waits no longer; then it is never done.
#[derive(Clone, Default)]
struct Claim(Arc<AtomicBool>);

impl Claim {
    /// Whether whoever asks is the first.
    fn take(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }

    fn is_taken(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Takes the claim when the caller goes away.
struct Caller(Claim);

impl Drop for Caller {
    fn drop(&mut self) {
        self.0.take();
    }
}

impl Job {
    fn is_wanted(&self) -> bool {
        !self.claim.is_taken() && Instant::now() < self.begin_by
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            begin_by: self.begin_by,
            deadline: self.errand.deadline(),
        }
    }
}

/// Whether the transaction that a job worked in is to be committed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Commit,
    Undo,
}

/// The handle of the writer thread; when it is dropped the thread ends, having done what is in the queue, and is waited for: with its
/// connection open the process would leave the journal of an embedded store beside the file. A server may have stopped answering: for it
/// nobody waits long.
pub(super) struct Writer {
    /// None once it is closed.
    queue: Mutex<Option<Sender<Job>>>,
    thread: Mutex<Option<Thread>>,
}

struct Thread {
    handle: JoinHandle<()>,
    /// Closes when the thread ends.
    ended: mpsc::Receiver<()>,
    is_embedded: bool,
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close(Duration::from_secs(1));
    }
}

/// What becomes of the thread after a group.
enum Next {
    Group,
    Reconnect,
    End,
}

impl Writer {
    /// Starts the thread with a connection of its own; it notes in `health` how its transactions end. `file`: that of an embedded store.
    pub(super) fn start(url: StoreUrl, health: Arc<Health>, file: Option<Arc<OpenedFile>>) -> Result<Self, StoreError> {
        let connect = move || {
            url.connect(true, BUSY)
                .map_err(|e| url.told(StoreError::unreachable(&e)))
        };
        let mut db = connect()?;
        let (queue, mut jobs) = channel(QUEUE);
        if let Some(file) = &file {
            file.note_journal();
        }
        let is_embedded = file.is_some();
        let (ends, ended) = mpsc::channel();
        let handle = thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                let _ends: mpsc::Sender<()> = ends;
                let mut waiting = None;
                loop {
                    match run_group(&mut db, &mut jobs, &mut waiting, &connect, (&health, file.as_deref())) {
                        Next::Group => {}
                        Next::End => break,
                        Next::Reconnect => match connect() {
                            Ok(fresh) => db = fresh,
                            Err(error) => health.note(Err(&error)),
                        },
                    }
                }
            })
            .map_err(|e| StoreError::Unavailable(e.to_string()))?;
        Ok(Self {
            queue: Mutex::new(Some(queue)),
            thread: Mutex::new(Some(Thread {
                handle,
                ended,
                is_embedded,
            })),
        })
    }

    /// Takes no more jobs; returns when those in the queue are done and the connection is closed, for a server after `patience` at most.
    pub(super) fn close(&self, patience: Duration) {
        drop(taken(&self.queue));
        let Some(thread) = taken(&self.thread) else { return };
        // The last job may hold the last handle: then the thread is about to end.
        if thread.handle.thread().id() == thread::current().id() {
            return;
        }
        if thread.is_embedded || thread.ended.recv_timeout(patience) != Err(mpsc::RecvTimeoutError::Timeout) {
            // It catches what panics in it.
            let _ = thread.handle.join();
        }
    }

    /// Runs `f` in a savepoint of the next group, or (`alone`) in a transaction of its own; returns when that is durable. What was not
    /// begun by `begin_by` is not done.
    pub(super) async fn run<T, E>(
        &self,
        alone: bool,
        begin_by: Instant,
        mut f: impl FnMut(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Retryable + Send + 'static,
    {
        let errand = Errand::current();
        let (answer, answered) = oneshot::channel::<Result<T, E>>();
        let job_errand = errand.clone();
        let work: Work = Box::new(move |db| {
            // The job's own errand within the job, whoever else is in its group.
            let _at_work = errand::at_work(job_errand);
            let result = db.map_err(E::from).and_then(|db| {
                errand::go_on()?;
                if alone {
                    in_time(db, &mut f)
                } else {
                    in_savepoints(db, &mut f)
                }
            });
            if result.is_err() {
                // Whatever it entered is undone.
                tips::forget();
            }
            // What failed in a savepoint is undone already; its neighbours are to be kept.
            let keep = if alone && result.is_err() {
                Keep::Undo
            } else {
                Keep::Commit
            };
            let fault = result.as_ref().err().and_then(E::why_not_written).cloned();
            let finish: Finish = Box::new(move |commit| {
                // A caller that went away wants no answer.
                let _ = answer.send(match (commit, result) {
                    (Err(reason), Ok(_)) => Err(reason.into()),
                    (_, result) => result,
                });
            });
            Done { keep, fault, finish }
        });
        let claim = Claim::default();
        let caller = Caller(claim.clone());
        let job = Job {
            work,
            alone,
            begin_by,
            errand: errand.clone(),
            claim,
        };
        let ended = || StoreError::Unavailable("the writer has ended".into());
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let queue = queue.ok_or_else(ended)?;
        by(Some(begin_by), queue.send(job)).await?.map_err(|_| ended())?;
        drop(queue);
        tokio::pin!(answered);
        let answered = match tokio::time::timeout_at(begin_by.into(), &mut answered).await {
            Ok(answered) => answered,
            // Not begun, and now never will be.
            Err(_) if caller.0.take() => return Err(late().into()),
            // It is being done: as long as the errand has.
            Err(_) => by(errand.deadline(), &mut answered).await?,
        };
        answered.unwrap_or_else(|_| Err(StoreError::Database("a job of the writer failed".into()).into()))
    }
}

fn taken<T>(kept: &Mutex<Option<T>>) -> Option<T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Runs what waits, as one transaction. `waiting` is a job that was taken from the queue and begins the next group.
fn run_group(
    db: &mut Db,
    jobs: &mut Receiver<Job>,
    waiting: &mut Option<Job>,
    connect: &impl Fn() -> Result<Db, StoreError>,
    (health, file): (&Health, Option<&OpenedFile>),
) -> Next {
    let Some(first) = waiting.take().or_else(|| jobs.blocking_recv()) else {
        return Next::End;
    };
    if let Some(file) = file
        && let Err(gone) = file.is_there()
    {
        // Not connected again: that would make a new store in its place.
        health.note(Err(&gone));
        if file.has_lost_journal() {
            keep_journal(db);
        }
        refuse(first, &gone);
        return Next::Group;
    }
    // Savepoints are kept in memory; what a job that writes much sets aside may be more than that.
    let bounds = first.bounds();
    match db
        .keep_temporaries(!first.alone)
        .and_then(|()| begin(db, &first, connect))
    {
        Ok(true) => {}
        Ok(false) => {
            refuse(first, &late());
            return Next::Group;
        }
        Err(error) => {
            // Who waited too long for another process says nothing of the store.
            if Instant::now() < first.begin_by {
                health.note(Err(&error));
            }
            refuse(first, &error);
            return Next::Reconnect;
        }
    }
    let mut allowed = bounds.statement();
    let mut finishes = Vec::new();
    let mut next = Some(first);
    let mut keep = Keep::Commit;
    let mut panicked = false;
    let mut fault = None;
    while let Some(job) = next.take() {
        let bounds = job.bounds();
        let Job { work, alone, claim, .. } = job;
        if claim.take() {
            let bounded = db.bound_for(bounds, &mut allowed);
            match catch_unwind(AssertUnwindSafe(|| work(bounded.map(|()| &mut *db)))) {
                Ok(done) => {
                    keep = done.keep;
                    fault = fault.or(done.fault);
                    finishes.push(done.finish);
                }
                Err(_) => panicked = true,
            }
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
        Err(StoreError::Unavailable("a neighbouring job failed".to_owned()))
    } else if keep == Keep::Undo {
        db.rollback()
    } else {
        let committed = db.commit_noted(health);
        // What its neighbours could write does not make up for a job that could not.
        if let Some(fault) = &fault {
            health.note(Err(fault));
        }
        committed
    };
    if outcome.is_err() {
        // The connection is replaced, which undoes whatever a failing rollback leaves.
        let _ = db.rollback();
    }
    let next = if outcome.is_ok() { Next::Group } else { Next::Reconnect };
    for finish in finishes {
        finish(outcome.clone());
    }
    next
}

/// Where the journal was taken away, the process that has it open writes what it holds into the file, so that the next to open the file
/// finds all that was acknowledged.
fn keep_journal(db: &mut Db) {
    match db.fold_journal() {
        Ok(true) => {
            tracing::error!("the journal of the store was taken away; all that it held is in the file: start again")
        }
        // Readers are in the way; it is tried again with the next job.
        Ok(false) => {}
        Err(error) => {
            tracing::error!(%error, "the journal of the store was taken away, and what it holds cannot be kept")
        }
    }
}

/// Tells a job's caller why it is not done.
fn refuse(job: Job, error: &StoreError) {
    if job.claim.take() {
        let done = (job.work)(Err(error.clone()));
        (done.finish)(Err(error.clone()));
    }
}

/// Begins a transaction, as often as it takes while another process writes (an import, say) and the job is wanted; whether it still was.
/// Nothing was done yet on a connection that is found lost: a new one may begin.
fn begin(db: &mut Db, first: &Job, connect: &impl Fn() -> Result<Db, StoreError>) -> Result<bool, StoreError> {
    let mut was_lost = false;
    while first.is_wanted() {
        match db.begin_write(first.bounds()) {
            Err(StoreError::Contention(_)) => {}
            Err(StoreError::Unavailable(_)) if !was_lost && db.is_lost() => {
                *db = connect()?;
                was_lost = true;
            }
            result => return result.map(|()| true),
        }
    }
    Ok(false)
}

/// What `f` did, where its caller still waits when it is done.
fn in_time<T, E: From<StoreError>>(db: &mut Db, f: &mut impl FnMut(&mut Db) -> Result<T, E>) -> Result<T, E> {
    match (f(db), errand::go_on()) {
        (Ok(value), Ok(())) => Ok(value),
        (Err(error), Ok(())) => Err(error),
        (_, Err(late)) => Err(late.into()),
    }
}

/// What `f` did in a savepoint, repeated where it loses a race.
fn in_savepoints<T, E>(db: &mut Db, f: &mut impl FnMut(&mut Db) -> Result<T, E>) -> Result<T, E>
where
    E: From<StoreError> + Retryable,
{
    let mut attempt = 1;
    loop {
        match in_savepoint(db, f) {
            Err(e) if e.is_contention() && attempt < ATTEMPTS => attempt += 1,
            result => return result,
        }
        errand::go_on()?;
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
    db.transaction(|db| in_time(db, f).map_err(Undo::Caller))
        .map_err(|undo| match undo {
            Undo::Caller(error) => error,
            Undo::Store(error) => error.into(),
        })
}
