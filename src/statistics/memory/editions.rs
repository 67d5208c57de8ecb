//! What closed editions counted, kept for the pages that ask for it again and again.

use std::{collections::VecDeque, sync::Arc};

use super::{Memory, locked};
use crate::statistics::edition::Frozen;

/// Editions kept: those asked for last.
const KEPT: usize = 3;

/// Which edition. Another store (one restored from a copy, say) may have closed the same year otherwise: its hash tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionKey {
    /// The year.
    pub year: i32,
    /// 1, 2, 3 …
    pub edition: i64,
    /// SHA-256 of its figures.
    pub figures_hash: String,
}

/// Those asked for last, the newest at the end.
pub(super) type Editions = VecDeque<(EditionKey, Arc<Frozen>)>;

impl Memory {
    /// What an edition counted, whole; read where it is not kept. Many who ask for it at once wait for one reading.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn edition<E>(&self, key: &EditionKey, read: impl FnOnce() -> Result<Frozen, E>) -> Result<Arc<Frozen>, E> {
        if let Some(kept) = self.kept(key) {
            return Ok(kept);
        }
        let _turn = locked(&self.reading_edition);
        if let Some(kept) = self.kept(key) {
            return Ok(kept);
        }
        let frozen = Arc::new(read()?);
        let mut editions = locked(&self.editions);
        while editions.len() >= KEPT {
            editions.pop_front();
        }
        editions.push_back((key.clone(), Arc::clone(&frozen)));
        Ok(frozen)
    }

    fn kept(&self, key: &EditionKey) -> Option<Arc<Frozen>> {
        let mut editions = locked(&self.editions);
        let at = editions.iter().position(|(kept, _)| kept == key)?;
        let found = editions.remove(at)?;
        let frozen = Arc::clone(&found.1);
        editions.push_back(found);
        Some(frozen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::trace::YearEvents;

    #[test]
    fn the_editions_asked_for_last_are_kept() {
        let memory = Memory::default();
        let ask = |edition: i64, hash: &str| {
            let mut was_read = false;
            let key = EditionKey {
                year: 2025,
                edition,
                figures_hash: hash.to_owned(),
            };
            memory
                .edition(&key, || {
                    was_read = true;
                    Frozen::new(&[(2025, vec![(edition, 1)])].into(), YearEvents::default())
                })
                .unwrap();
            was_read
        };
        assert!(ask(1, "a") && ask(2, "a") && ask(3, "a"));
        assert!(!ask(1, "a") && !ask(3, "a"));
        assert!(ask(1, "b"), "the same number, but of another register");
        assert!(!ask(1, "a") && !ask(3, "a") && ask(2, "a"));
    }

    #[test]
    fn a_failed_reading_is_tried_again() {
        let memory = Memory::default();
        let key = EditionKey {
            year: 2025,
            edition: 1,
            figures_hash: String::new(),
        };
        assert_eq!(memory.edition(&key, || Err::<Frozen, _>("gone")).unwrap_err(), "gone");
        assert!(
            memory
                .edition(&key, || Frozen::new(&[].into(), YearEvents::default()))
                .is_ok()
        );
    }
}
