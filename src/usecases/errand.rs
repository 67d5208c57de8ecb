//! How long anybody waits, and heavy work apart from the daily: so many at once, so many of one person, with a deadline of their own.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::Semaphore;

use super::Error;
use crate::config::WorkSettings;

pub use crate::storage::errand::{Errand, go_on, in_thread};

/// Seconds after which somebody who has too much under way had better ask again.
const ASK_AGAIN: i64 = 5;

/// Heavy work of all people: documents, exports, checks of reports and of years, pivots, closing, verification.
#[derive(Clone)]
pub struct HeavyWork {
    settings: WorkSettings,
    places: Arc<Semaphore>,
    of_person: Arc<Mutex<HashMap<String, usize>>>,
}

/// One of a person's works under way, until this is dropped.
struct UnderWay {
    of_person: Arc<Mutex<HashMap<String, usize>>>,
    person: String,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut of_person = self.of_person.lock().unwrap_or_else(PoisonError::into_inner);
        let left = of_person.get_mut(&self.person).map(|n| {
            *n = n.saturating_sub(1);
            *n
        });
        if left == Some(0) {
            of_person.remove(&self.person);
        }
    }
}

impl HeavyWork {
    /// With the bounds of the settings.
    pub fn new(settings: WorkSettings) -> Self {
        Self {
            settings,
            places: Arc::new(Semaphore::new(settings.at_once.get())),
            of_person: Arc::default(),
        }
    }

    /// Does work that is heavy: of a request, in one of the places for it, with its own deadline and readers. What no request asked for
    /// (the command line, a sweep) and what is a part of heavy work is done as it is.
    ///
    /// # Errors
    /// [`Error::Busy`] where the person has as much under way as is allowed; [`Error::Unavailable`] where no place was free in time; what
    /// the work answers.
    pub async fn run<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let errand = Errand::current();
        let Some(deadline) = errand.deadline().filter(|_| !errand.is_heavy()) else {
            return work.await;
        };
        let under_way = self.begin(errand.person().unwrap_or_default())?;
        let place = tokio::time::timeout_at(deadline.into(), Arc::clone(&self.places).acquire_owned())
            .await
            .map_err(|_| Error::Unavailable("all places for heavy work were taken".into()))?
            .map_err(Error::internal)?;
        errand.extend(Duration::from_secs(self.settings.seconds));
        errand.long().holding((under_way, place)).scope(work).await
    }

    fn begin(&self, person: String) -> Result<UnderWay, Error> {
        let mut of_person = self.of_person.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way = of_person.entry(person.clone()).or_default();
        if *under_way >= self.settings.per_person.get() {
            return Err(Error::Busy {
                most: self.settings.per_person.get(),
                retry_after: ASK_AGAIN,
            });
        }
        *under_way += 1;
        drop(of_person);
        Ok(UnderWay {
            of_person: Arc::clone(&self.of_person),
            person,
        })
    }
}

/// Reads by the readers for long work, without a place for heavy work: statistics, searches.
pub async fn long<F: Future>(reading: F) -> F::Output {
    Errand::current().long().scope(reading).await
}
