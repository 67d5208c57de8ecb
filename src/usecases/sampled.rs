//! Lines of the log, a few of each cause: what happens a thousand times a minute is told some times, with how often it was not.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long lines of one cause are counted together.
const WINDOW: Duration = Duration::from_secs(60);

/// Causes that are remembered. What comes beyond them within a window is left out: no number of causes fills a disk.
const MOST: usize = 1000;

/// How many lines of each cause go to the log in a minute.
pub struct Sampler<K> {
    lines: u32,
    told: Mutex<HashMap<K, Told>>,
}

struct Told {
    since: Instant,
    written: u32,
    left_out: u64,
}

impl<K: Hash + Eq + Clone> Sampler<K> {
    /// So many lines of each cause a minute.
    pub fn per_minute(lines: u32) -> Self {
        Self {
            lines,
            told: Mutex::default(),
        }
    }

    /// Whether a line of this cause is written: then how many before it were not; none where it is left out itself.
    pub fn admit(&self, cause: &K) -> Option<u64> {
        self.admit_at(cause, Instant::now())
    }

    fn admit_at(&self, cause: &K, now: Instant) -> Option<u64> {
        let over = |told: &Told| now.saturating_duration_since(told.since) >= WINDOW;
        let mut all = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(told) = all.get_mut(cause) {
            if over(told) {
                (told.since, told.written) = (now, 0);
            }
            if told.written < self.lines {
                told.written += 1;
                return Some(std::mem::take(&mut told.left_out));
            }
            told.left_out += 1;
            return None;
        }
        if all.len() >= MOST {
            all.retain(|_, told| !over(told));
        }
        if all.len() >= MOST {
            return None;
        }
        let told = Told {
            since: now,
            written: 1,
            left_out: 0,
        };
        all.insert(cause.clone(), told);
        Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_lines_of_each_cause_are_written_and_the_rest_is_counted() {
        let (sampler, start) = (Sampler::per_minute(3), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let written = (0..3297).filter(|_| sampler.admit_at(&"full", at(1)).is_some()).count();
        assert_eq!(written, 3);
        assert_eq!(sampler.admit_at(&"away", at(2)), Some(0));
        assert_eq!(sampler.admit_at(&"full", at(60)), None);
        assert_eq!(sampler.admit_at(&"full", at(61)), Some(3295));
        assert_eq!(sampler.admit_at(&"full", at(61)), Some(0));
    }

    #[test]
    fn no_number_of_causes_is_written_or_remembered_without_end() {
        let (sampler, start) = (Sampler::per_minute(1), Instant::now());
        let written = (0..5000).filter(|n| sampler.admit_at(n, start).is_some()).count();
        assert_eq!((written, sampler.told.lock().unwrap().len()), (MOST, MOST));
        assert_eq!(sampler.admit_at(&9999, start + WINDOW), Some(0));
        assert_eq!(sampler.told.lock().unwrap().len(), 1);
    }
}
