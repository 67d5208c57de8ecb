//! What came of the last writing: kept for whoever asks whether the store is well, and told to the log once where it changes, not once
//! for everybody who was refused.

use std::{
    mem::Discriminant,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::StoreError;

/// How writing went.
#[derive(Debug, Clone)]
pub enum Writing {
    /// Nothing was written yet.
    NotYet,
    /// The last transaction was committed.
    Worked {
        /// When.
        at: Instant,
    },
    /// The last transaction could not be begun or committed.
    Failed {
        /// Why.
        fault: StoreError,
        /// Since when none could.
        since: Instant,
        /// How many could not since then.
        times: u64,
    },
}

/// How long a fault that comes and goes is not said again.
const QUIET: Duration = Duration::from_secs(60);

/// What came of the last writing.
pub struct Health(Mutex<Noted>);

struct Noted {
    writing: Writing,
    /// The fault that the log was told of last, and when; none once it was told that it is over.
    said: Option<(Discriminant<StoreError>, Instant)>,
    /// That the database was found damaged: what is written elsewhere in it does not make that good.
    damage: Option<StoreError>,
}

impl Default for Health {
    fn default() -> Self {
        Self(Mutex::new(Noted {
            writing: Writing::NotYet,
            said: None,
            damage: None,
        }))
    }
}

impl Health {
    /// What came of the last writing.
    pub fn writing(&self) -> Writing {
        self.noted().writing.clone()
    }

    /// What an act found damaged, since the program started.
    pub fn damage(&self) -> Option<StoreError> {
        self.noted().damage.clone()
    }

    /// Whether the last writing worked.
    pub(super) fn is_well(&self) -> bool {
        matches!(self.noted().writing, Writing::Worked { .. })
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that reading met damage.
    pub(super) fn note_damage(&self, fault: &StoreError) {
        if fault.is_damage() {
            self.noted().damage.get_or_insert_with(|| fault.clone());
        }
    }

    /// Notes how a transaction ended. What it lost against another one is no fault of the store's.
    pub(super) fn note(&self, outcome: Result<(), &StoreError>) {
        let now = Instant::now();
        let mut noted = self.noted();
        let fault = match outcome {
            Err(StoreError::Contention(_) | StoreError::Duplicate(_)) => return,
            Err(fault) => fault,
            Ok(()) => {
                if let Writing::Failed { since, times, .. } = &noted.writing
                    && noted.said.is_some_and(|(_, at)| at >= *since)
                {
                    let seconds = since.elapsed().as_secs();
                    tracing::info!(refused = times, seconds, "the store is written to again");
                }
                noted.writing = Writing::Worked { at: now };
                return;
            }
        };
        if fault.is_damage() {
            noted.damage.get_or_insert_with(|| fault.clone());
        }
        let (since, times) = match &noted.writing {
            Writing::Failed {
                fault: before,
                since,
                times,
            } if before.kind() == fault.kind() => (*since, *times),
            _ => (now, 0),
        };
        let is_quiet =
            |(kind, at): (Discriminant<StoreError>, Instant)| kind == fault.kind() && (times > 0 || now - at < QUIET);
        if !noted.said.is_some_and(is_quiet) {
            tracing::error!(reason = %fault, "the store cannot be written to; this is said once until it can");
            noted.said = Some((fault.kind(), now));
        }
        noted.writing = Writing::Failed {
            fault: fault.clone(),
            since,
            times: times + 1,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::log_lines;

    #[test]
    fn a_full_disk_is_said_once_and_its_end_too() {
        let health = Health::default();
        let text = log_lines::during(|| {
            health.note(Ok(()));
            for n in 0..3294 {
                health.note(Err(&StoreError::Full(format!("refused {n}"))));
                // Who lost against another says nothing of the store.
                health.note(Err(&StoreError::Contention("busy".into())));
            }
            assert!(matches!(health.writing(), Writing::Failed { times: 3294, .. }));
            health.note(Ok(()));
            health.note(Ok(()));
        });
        assert!(matches!(health.writing(), Writing::Worked { .. }));
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("refused 0") && text.contains("3294"), "{text}");
    }

    #[test]
    fn a_fault_that_comes_and_goes_does_not_fill_the_log() {
        let health = Health::default();
        let text = log_lines::during(|| {
            for _ in 0..1000 {
                health.note(Err(&StoreError::Full("no room for a page".into())));
                health.note(Ok(()));
            }
        });
        assert_eq!(text.lines().count(), 2, "{text}");
    }
}
