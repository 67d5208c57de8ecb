//! Amounts in order of size: the middle one, the largest, without sorting what a block has sorted already.

use super::memory::{Block, Group};
use crate::domain::money::Fen;

/// The amounts of the contracts asked for, as they come.
#[derive(Debug, Default)]
pub(super) struct Amounts<'a> {
    groups: Vec<(&'a Block, &'a Group)>,
    loose: Vec<Fen>,
}

impl<'a> Amounts<'a> {
    pub fn push(&mut self, amount: Fen) {
        self.loose.push(amount);
    }

    /// Adds all rows of a group.
    pub fn push_group(&mut self, block: &'a Block, group: &'a Group) {
        if group.len() > 0 {
            self.groups.push((block, group));
        }
    }

    pub fn ranked(mut self) -> Ranked<'a> {
        self.loose.sort_unstable();
        Ranked(self)
    }
}

/// The amounts, each part in order.
#[derive(Debug)]
pub(super) struct Ranked<'a>(Amounts<'a>);

impl Ranked<'_> {
    /// How many.
    pub fn len(&self) -> usize {
        self.0.loose.len() + self.0.groups.iter().map(|(_, group)| group.len()).sum::<usize>()
    }

    fn ends(&self) -> Option<(Fen, Fen)> {
        let first = |(block, group): &(&Block, &Group)| block.amounts_from(group, 0).next();
        let last = |(block, group): &(&Block, &Group)| block.amounts_from(group, 0).next_back();
        let smallest = self
            .0
            .groups
            .iter()
            .filter_map(first)
            .chain(self.0.loose.first().copied())
            .min()?;
        let largest = self
            .0
            .groups
            .iter()
            .filter_map(last)
            .chain(self.0.loose.last().copied())
            .max()?;
        Some((smallest, largest))
    }

    /// The amount that `k` others stand before, in rising order, and how many of each part are below it.
    ///
    /// Halves the range of values; each part narrows its own range along with it, so that later steps cost little.
    fn select(&self, k: usize) -> Option<(Fen, Vec<usize>, usize)> {
        if k >= self.len() {
            return None;
        }
        let (mut low, mut high) = self.ends()?;
        let mut windows: Vec<(usize, usize)> = self.0.groups.iter().map(|(_, group)| (0, group.len())).collect();
        let mut loose = (0, self.0.loose.len());
        let mut found = vec![0; windows.len()];
        while low < high {
            let middle = low + (high - low) / 2;
            let mut count = 0;
            for (((block, group), window), at) in self.0.groups.iter().zip(&windows).zip(&mut found) {
                *at = block.up_to(group, middle, *window);
                count += *at;
            }
            let within = self.0.loose.get(loose.0..loose.1).unwrap_or(&[]);
            let at = loose.0 + within.partition_point(|amount| *amount <= middle);
            count += at;
            if count > k {
                high = middle;
                windows.iter_mut().zip(&found).for_each(|(window, at)| window.1 = *at);
                loose.1 = at;
            } else {
                low = middle + 1;
                windows.iter_mut().zip(&found).for_each(|(window, at)| window.0 = *at);
                loose.0 = at;
            }
        }
        // What is before each window is smaller than the amount found.
        Some((low, windows.into_iter().map(|window| window.0).collect(), loose.0))
    }

    /// Twice the middle amount, which is a whole number; of an even number of amounts the middle is the mean of the two there.
    pub fn median_doubled(&self) -> Option<Fen> {
        let last = self.len().checked_sub(1)?;
        let (lower, ..) = self.select(last / 2)?;
        let (upper, ..) = if last % 2 == 0 {
            (lower, ())
        } else {
            (self.select(last / 2 + 1)?.0, ())
        };
        lower.checked_add(upper)
    }

    /// What the `n` largest come to.
    pub fn largest(&self, n: usize) -> Fen {
        let n = n.min(self.len());
        let Some((edge, below, loose)) = self.select(self.len() - n) else {
            return 0;
        };
        let (mut count, mut sum) = (0_usize, 0_i64);
        let mut add = |amount: Fen| {
            if amount > edge {
                count += 1;
                sum = sum.saturating_add(amount);
            }
        };
        for ((block, group), from) in self.0.groups.iter().zip(below) {
            block.amounts_from(group, from).for_each(&mut add);
        }
        self.0.loose.iter().skip(loose).copied().for_each(&mut add);
        // Of those that equal the edge only as many as are missing.
        let missing = i64::try_from(n.saturating_sub(count)).unwrap_or_default();
        sum.saturating_add(edge.saturating_mul(missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_largest_are_those_of_the_sorted_list() {
        for amounts in [
            vec![],
            vec![7],
            vec![3, 1],
            vec![5, 5, 5, 1, 9],
            vec![2, 2, 8, 8, 1, 0, 4],
            vec![0, 0, 1],
        ] {
            let mut ranked = Amounts::default();
            amounts.iter().for_each(|amount| ranked.push(*amount));
            let ranked = ranked.ranked();
            let mut sorted = amounts.clone();
            sorted.sort_unstable();
            let n = sorted.len();
            let median = (n > 0).then(|| sorted[(n - 1) / 2] + sorted[n / 2]);
            assert_eq!(ranked.median_doubled(), median, "{amounts:?}");
            for top in 0..=n + 1 {
                let largest: i64 = sorted.iter().rev().take(top).sum();
                assert_eq!(ranked.largest(top), largest, "{amounts:?} {top}");
            }
        }
    }
}
