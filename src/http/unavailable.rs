//! What could not be answered because something of the system was away: said once for each cause in a while, not once for everybody who
//! was refused.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long a cause is not said again.
const QUIET: Duration = Duration::from_secs(60);

/// Causes that are remembered; beyond them the oldest are forgotten.
const MOST: usize = 64;

#[derive(Default)]
struct Said(HashMap<String, (Instant, u64)>);

static SAID: Mutex<Option<Said>> = Mutex::new(None);

impl Said {
    /// Whether `cause` is to be said now; then how often it was kept quiet since it was said last.
    fn is_due(&mut self, cause: &str, now: Instant) -> Option<u64> {
        if let Some((at, quiet)) = self.0.get_mut(cause) {
            if now.saturating_duration_since(*at) < QUIET {
                *quiet += 1;
                return None;
            }
            let before = *quiet;
            (*at, *quiet) = (now, 0);
            return Some(before);
        }
        if self.0.len() >= MOST {
            self.0.retain(|_, (at, _)| now.saturating_duration_since(*at) < QUIET);
        }
        if self.0.len() < MOST {
            self.0.insert(cause.to_owned(), (now, 0));
        }
        Some(0)
    }
}

/// Tells the log of a cause, unless it was told of it lately.
pub fn tell(reason: &str) {
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    let due = said.get_or_insert_default().is_due(reason, Instant::now());
    if let Some(repeated) = due {
        tracing::warn!(reason, repeated, "unavailable");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_said_once_in_a_while() {
        let (mut said, start) = (Said::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(said.is_due("full", at(0)), Some(0));
        let quiet = (0..3294).filter(|_| said.is_due("full", at(1)).is_none()).count();
        assert_eq!(quiet, 3294);
        assert_eq!(said.is_due("away", at(2)), Some(0));
        assert_eq!(said.is_due("full", at(60)), Some(3294));
        for n in 0..1000 {
            said.is_due(&n.to_string(), at(61));
        }
        assert!(said.0.len() <= MOST);
    }
}
