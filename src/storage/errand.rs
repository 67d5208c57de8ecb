//! What somebody waits for: until when, whether anybody still does, and by which readers. It travels with the request's task
//! ([`Errand::scope`]) and into the threads that work for it ([`in_thread`]), so that every wait on the way has one deadline, and
//! what was not begun by then is not done later.

use std::{
    any::Any,
    cell::RefCell,
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use super::StoreError;

tokio::task_local! {
    static OF_TASK: Errand;
}

thread_local! {
    static OF_THREAD: RefCell<Option<Errand>> = const { RefCell::new(None) };
}

/// What somebody waits for. Cheap to clone; clones share the deadline.
#[derive(Clone, Default)]
pub struct Errand {
    shared: Arc<Shared>,
    /// Whether its reading is long, and has readers of its own.
    long: bool,
    /// What it occupies: given back once the last thread that works for it has ended, not when nobody waits any more.
    holds: Option<Arc<dyn Any + Send + Sync>>,
}

#[derive(Default)]
struct Shared {
    /// Who asks; none where nobody is logged in.
    person: Mutex<Option<String>>,
    /// None for what no request asked for.
    deadline: Mutex<Option<Instant>>,
    abandoned: AtomicBool,
}

/// Gives an errand up when it is dropped: nobody waits any more.
pub struct Waiting(Errand);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.shared.abandoned.store(true, Ordering::Release);
    }
}

impl Errand {
    /// For whoever waits so long and no longer.
    pub fn within(patience: Duration) -> Self {
        let errand = Self::default();
        errand.extend(patience);
        errand
    }

    /// The errand of the running task or thread; one without a deadline where there is none.
    pub fn current() -> Self {
        let of_task = OF_TASK.try_with(Self::clone).ok();
        of_task
            .or_else(|| OF_THREAD.with_borrow(Clone::clone))
            .unwrap_or_default()
    }

    /// The same, its reading by the readers for long work.
    #[must_use]
    pub fn long(self) -> Self {
        Self { long: true, ..self }
    }

    /// The same, occupying something until the last thread that works for it has ended.
    #[must_use]
    pub fn holding(self, held: impl Any + Send + Sync) -> Self {
        Self {
            holds: Some(Arc::new((self.holds.clone(), held))),
            ..self
        }
    }

    /// Whether its reading is long.
    pub const fn is_long(&self) -> bool {
        self.long
    }

    /// Whether it occupies a place for heavy work.
    pub const fn is_heavy(&self) -> bool {
        self.holds.is_some()
    }

    /// The same with the same deadline, to be carried through though whoever asked goes away: a guess at a password, which counts.
    #[must_use]
    pub fn unwatched(&self) -> Self {
        let errand = Self::default();
        *locked(&errand.shared.deadline) = self.deadline();
        errand
    }

    /// Runs a future as this errand.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        OF_TASK.scope(self, future).await
    }

    /// Gives the errand up when what is answered is dropped.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        Waiting(self.clone())
    }

    /// From now on it waits so long, where it does not wait longer already.
    pub fn extend(&self, patience: Duration) {
        let until = Instant::now().checked_add(patience);
        let mut deadline = locked(&self.shared.deadline);
        *deadline = (*deadline).max(until);
    }

    /// From now on it waits so long and no longer: what it was given more time for is over.
    pub fn wait_anew(&self, patience: Duration) {
        *locked(&self.shared.deadline) = Instant::now().checked_add(patience);
    }

    /// Until when anybody waits; none where nothing bounds it.
    pub fn deadline(&self) -> Option<Instant> {
        *locked(&self.shared.deadline)
    }

    /// The deadline, or what `wait` from now comes to, whichever is first.
    pub(super) fn begin_by(&self, wait: Duration) -> Instant {
        let now = Instant::now();
        // A wait beyond all reckoning is as good as a year.
        let own = now.checked_add(wait).unwrap_or(now + Duration::from_secs(31_536_000));
        self.deadline().map_or(own, |deadline| deadline.min(own))
    }

    /// Notes who asks.
    pub fn set_person(&self, username: &str) {
        *locked(&self.shared.person) = Some(username.to_owned());
    }

    /// Who asks, where it is known.
    pub fn person(&self) -> Option<String> {
        locked(&self.shared.person).clone()
    }

    /// That somebody still waits.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] past the deadline, or where nobody waits any more.
    pub fn go_on(&self) -> Result<(), StoreError> {
        if self.shared.abandoned.load(Ordering::Acquire) {
            Err(StoreError::Unavailable("nobody waits for the answer any more".into()))
        } else if self.deadline().is_some_and(|deadline| Instant::now() >= deadline) {
            Err(late())
        } else {
            Ok(())
        }
    }
}

/// Sets a thread to work for an errand until it is dropped: then goes what the errand occupies, where it was the last.
pub(super) struct AtWork(Option<Errand>);

/// Sets this thread to work for an errand.
pub(super) fn at_work(errand: Errand) -> AtWork {
    AtWork(OF_THREAD.replace(Some(errand)))
}

impl Drop for AtWork {
    fn drop(&mut self) {
        drop(OF_THREAD.replace(self.0.take()));
    }
}

/// A panic of another holder leaves nothing half done: the values are set in one step.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// That the deadline is past.
pub(super) fn late() -> StoreError {
    StoreError::Unavailable("not done within the time allowed".into())
}

/// That whoever set this thread to work still waits; asked between rows and batches of what takes long.
///
/// # Errors
/// As [`Errand::go_on`].
pub fn go_on() -> Result<(), StoreError> {
    OF_THREAD.with_borrow(|errand| errand.as_ref().map_or(Ok(()), Errand::go_on))
}

/// Waits for `future` until `deadline`.
pub(super) async fn by<F: Future>(deadline: Option<Instant>, future: F) -> Result<F::Output, StoreError> {
    match deadline {
        None => Ok(future.await),
        Some(deadline) => tokio::time::timeout_at(deadline.into(), future)
            .await
            .map_err(|_| late()),
    }
}

/// Runs `f` in a thread that may wait, as the current errand; answers at the errand's deadline at the latest, though the thread may go
/// on until it notices.
///
/// # Errors
/// What `f` answers; [`StoreError::Unavailable`] past the deadline.
pub async fn in_thread<T, E>(f: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let errand = Errand::current();
    let deadline = errand.deadline();
    let thread = tokio::task::spawn_blocking(move || {
        let _at_work = at_work(errand);
        f()
    });
    match by(deadline, thread).await {
        Ok(Ok(done)) => done,
        Ok(Err(ended)) => Err(StoreError::Database(format!("a job of the store ended: {ended}")).into()),
        Err(late) => Err(late.into()),
    }
}
