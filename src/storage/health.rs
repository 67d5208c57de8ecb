//! What came of the last writing: kept for whoever asks whether the store is well, and told to the log once where it changes, not once
//! for everybody who was refused.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
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

/// What came of the last writing.
pub struct Health(Mutex<Writing>);

impl Default for Health {
    fn default() -> Self {
        Self(Mutex::new(Writing::NotYet))
    }
}

impl Health {
    /// What came of the last writing.
    pub fn writing(&self) -> Writing {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes how a transaction ended. What it lost against another one is no fault of the store's.
    pub(super) fn note(&self, outcome: Result<(), &StoreError>) {
        let mut writing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *writing = match (outcome, &*writing) {
            (Err(StoreError::Contention(_) | StoreError::Duplicate(_)), _) => return,
            (Ok(()), before) => {
                if let Writing::Failed { since, times, .. } = before {
                    tracing::info!(
                        refused = times,
                        seconds = since.elapsed().as_secs(),
                        "the store is written to again"
                    );
                }
                Writing::Worked { at: Instant::now() }
            }
            (
                Err(fault),
                Writing::Failed {
                    fault: before,
                    since,
                    times,
                },
            ) if before.kind() == fault.kind() => Writing::Failed {
                fault: fault.clone(),
                since: *since,
                times: times + 1,
            },
            (Err(fault), _) => {
                tracing::error!(reason = %fault, "the store cannot be written to; this is said once until it can");
                Writing::Failed {
                    fault: fault.clone(),
                    since: Instant::now(),
                    times: 1,
                }
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use super::*;

    /// A log that can be read.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_is_said_once_and_its_end_too() {
        let (lines, health) = (Lines::default(), Health::default());
        let writer = lines.clone();
        let log = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .finish();
        tracing::subscriber::with_default(log, || {
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
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("refused 0") && text.contains("3294"), "{text}");
    }
}
