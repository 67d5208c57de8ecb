//! The single writer of a process: a thread with a bounded queue and a connection of its own. What waits in the queue is committed
//! together (one lock and one fsync for many acts). Hardly any job fails here, since most refusals are known before; so they are done one
//! after the other, and where one does fail all are undone and done again, each within a savepoint of its own: one that fails undoes
//! nothing of its neighbours. A job that writes much has a transaction to itself: within a savepoint SQLite keeps a second copy of every
//! page that changes. Answers go out after the commit. Several processes on one PostgreSQL take turns by such groups (`Db::begin_write`).

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
/// Groups that are done in savepoints from the start after one that had to be done again.
const CAREFUL: u32 = 8;
/// How long SQLite waits by itself for another process, before it is looked whether anybody still waits.
const BUSY: Duration = Duration::from_millis(100);

/// Told how the commit went, answers the caller.
type Finish = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// Given the open transaction, or the reason why there is none, does the work; once more where the transaction was undone.
type Work = Box<dyn FnMut(Result<&mut Db, StoreError>, Frame) -> Done + Send>;

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

/// What is undone where a job fails.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// The job alone.
    Savepoint,
    /// The whole transaction.
    Transaction,
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
                let mut careful = 0;
                loop {
                    let queue = (&mut jobs, &mut waiting);
                    match run_group(&mut db, queue, &mut careful, &connect, (&health, file.as_deref())) {
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

    /// Jobs that wait for their turn.
    pub(super) fn waiting(&self) -> usize {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue
            .as_ref()
            .map_or(0, |queue| queue.max_capacity() - queue.capacity())
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
        let answer = Arc::new(Mutex::new(Some(answer)));
        let job_errand = errand.clone();
        let work: Work = Box::new(move |db, frame| {
            // The job's own errand within the job, whoever else is in its group.
            let _at_work = errand::at_work(job_errand.clone());
            let result = db.map_err(E::from).and_then(|db| {
                errand::go_on()?;
                match frame {
                    Frame::Savepoint => in_savepoints(db, &mut f),
                    Frame::Transaction => in_time(db, &mut f),
                }
            });
            // What failed in a savepoint is undone already; its neighbours are to be kept.
            let keep = match (frame, &result) {
                (Frame::Transaction, Err(_)) => Keep::Undo,
                _ => Keep::Commit,
            };
            let fault = result.as_ref().err().and_then(E::why_not_written).cloned();
            let answer = Arc::clone(&answer);
            let finish: Finish = Box::new(move |commit| {
                // A caller that went away wants no answer.
                let _ = taken(&answer).map(|answer| {
                    answer.send(match (commit, result) {
                        (Err(reason), Ok(_)) => Err(reason.into()),
                        (_, result) => result,
                    })
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

/// Runs what waits, as one transaction. `waiting` is a job that was taken from the queue and begins the next group; `careful` says how
/// many groups are done in savepoints from the start.
fn run_group(
    db: &mut Db,
    (jobs, waiting): (&mut Receiver<Job>, &mut Option<Job>),
    careful: &mut u32,
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
    let alone = first.alone;
    let frame = if alone || *careful == 0 {
        Frame::Transaction
    } else {
        Frame::Savepoint
    };
    *careful = careful.saturating_sub(1);
    let mut group = Group::of(first.bounds());
    let mut next = Some(first);
    while let Some(job) = next.take() {
        if job.claim.take() {
            group.run(db, job, frame);
        }
        if !alone && group.goes_on() {
            next = jobs.try_recv().ok();
            if next.as_ref().is_some_and(|job| job.alone) {
                *waiting = next.take();
            }
        }
    }
    if group.keep == Keep::Undo && group.done.len() > 1 {
        *careful = CAREFUL;
        if let Err(error) = group.again(db) {
            health.note(Err(&error));
            group.finish(Err(error));
            return Next::Reconnect;
        }
    }
    group.end(db, health)
}

/// Jobs that are done in one transaction.
struct Group {
    done: Vec<(Job, Done)>,
    keep: Keep,
    panicked: bool,
    /// For how many milliseconds the transaction's statements may run now.
    allowed: Option<u128>,
}

impl Group {
    /// An empty one, the transaction being bounded so.
    fn of(bounds: Bounds) -> Self {
        Self {
            done: Vec::new(),
            keep: Keep::Commit,
            panicked: false,
            allowed: bounds.statement(),
        }
    }

    /// Whether another job may be done.
    fn goes_on(&self) -> bool {
        !self.panicked && self.keep == Keep::Commit && self.done.len() < GROUP
    }

    fn run(&mut self, db: &mut Db, mut job: Job, frame: Frame) {
        let bounded = db.bound_for(job.bounds(), &mut self.allowed);
        match catch_unwind(AssertUnwindSafe(|| (job.work)(bounded.map(|()| &mut *db), frame))) {
            Ok(done) => {
                self.keep = done.keep;
                self.done.push((job, done));
            }
            Err(_) => self.panicked = true,
        }
    }

    /// Undoes everything and does it again, each job in a savepoint of its own.
    fn again(&mut self, db: &mut Db) -> Result<(), StoreError> {
        db.rollback()?;
        // All of them were begun in time; until when they are done is each one's own.
        let jobs: Vec<Job> = std::mem::take(&mut self.done).into_iter().map(|(job, _)| job).collect();
        let latest = jobs.iter().map(|job| job.begin_by).max().unwrap_or_else(Instant::now);
        let bounds = Bounds {
            begin_by: latest,
            deadline: jobs.iter().filter_map(|job| job.errand.deadline()).max(),
        };
        let begun = db.begin_write(bounds);
        *self = Self::of(bounds);
        for mut job in jobs {
            match &begun {
                Ok(()) if !self.panicked => self.run(db, job, Frame::Savepoint),
                Ok(()) => {}
                Err(error) => {
                    let done = (job.work)(Err(error.clone()), Frame::Savepoint);
                    self.done.push((job, done));
                }
            }
        }
        begun
    }

    /// Commits, or undoes, and tells the callers.
    fn end(self, db: &mut Db, health: &Health) -> Next {
        let outcome = if self.panicked {
            tracing::error!("a job of the store panicked; its group is undone");
            Err(StoreError::Unavailable("a neighbouring job failed".to_owned()))
        } else if self.keep == Keep::Undo {
            db.rollback()
        } else {
            db.commit_noted(health)
        };
        // What its neighbours could write does not make up for a job that could not.
        for fault in self.done.iter().filter_map(|(_, done)| done.fault.as_ref()).take(1) {
            health.note(Err(fault));
        }
        let next = if outcome.is_ok() {
            Next::Group
        } else {
            // The connection is replaced, which undoes whatever a failing rollback leaves.
            let _ = db.rollback();
            Next::Reconnect
        };
        self.finish(outcome);
        next
    }

    fn finish(self, outcome: Result<(), StoreError>) {
        // What the jobs hold (a file that was uploaded, say) is let go before anybody is told.
        let done: Vec<Done> = self.done.into_iter().map(|(_, done)| done).collect();
        for done in done {
            (done.finish)(outcome.clone());
        }
    }
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
fn refuse(mut job: Job, error: &StoreError) {
    if job.claim.take() {
        let done = (job.work)(Err(error.clone()), Frame::Transaction);
        drop(job);
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
    let mark = tips::mark();
    let done = db.transaction(|db| in_time(db, f).map_err(Undo::Caller));
    done.map_err(|undo| {
        tips::undo(mark);
        match undo {
            Undo::Caller(error) => error,
            Undo::Store(error) => error.into(),
        }
    })
}
