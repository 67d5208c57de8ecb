//! Lines of the log, a few of each cause: what happens a thousand times a minute is told some times, with how often it was not.

use std::{
    collections::HashMap,
    hash::Hash,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Causes after which those that have come to rest are forgotten.
const MANY: usize = 1000;

/// How many lines of each cause go to the log in a minute.
pub struct Sampler<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    left_out: Mutex<HashMap<K, u64>>,
}

impl<K: Hash + Eq + Clone> Sampler<K> {
    /// So many lines of each cause a minute.
    pub fn per_minute(lines: NonZeroU32) -> Self {
        Self {
            limiter: RateLimiter::keyed(Quota::per_minute(lines)),
            left_out: Mutex::default(),
        }
    }

    /// Whether a line of this cause is written: then how many before it were not; none where it is left out itself.
    pub fn admit(&self, cause: &K) -> Option<u64> {
        let admitted = self.limiter.check_key(cause).is_ok();
        let mut left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        if left_out.len() > MANY {
            self.limiter.retain_recent();
            left_out.clear();
        }
        if admitted {
            return Some(left_out.remove(cause).unwrap_or_default());
        }
        *left_out.entry(cause.clone()).or_default() += 1;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_lines_of_each_cause_are_written_and_the_rest_is_counted() {
        let sampler = Sampler::per_minute(NonZeroU32::new(3).unwrap());
        let written = (0..100).filter(|_| sampler.admit(&"a full disk").is_some()).count();
        assert!((3..=4).contains(&written), "{written}");
        assert_eq!(sampler.admit(&"another cause"), Some(0));
        let left_out = sampler.left_out.lock().unwrap().get("a full disk").copied();
        assert_eq!(left_out, Some(100 - u64::try_from(written).unwrap()));
    }
}
