//! What a closed edition counted, so that a million contracts can be held against it in milliseconds.

use std::collections::BTreeMap;

use super::trace::YearEvents;
use crate::{
    domain::time::Moment,
    storage::{StoreError, editions::Counted},
};

/// What an edition counted. It never changes.
#[derive(Debug)]
pub struct Frozen {
    /// Contracts by year of first confirmation.
    pub counted: BTreeMap<i32, Revisions>,
    /// What happened in the edition's year.
    pub events: YearEvents,
}

impl Frozen {
    /// Of what the store keeps.
    ///
    /// # Errors
    /// Where the keys of a year are not in order or a revision has a number that none can have.
    pub fn new(counted: &Counted, events: YearEvents) -> Result<Self, StoreError> {
        let years = counted
            .iter()
            .map(|(year, contracts)| Ok((*year, Revisions::of(contracts)?)));
        Ok(Self {
            counted: years.collect::<Result<_, StoreError>>()?,
            events,
        })
    }
}

/// Keys side by side for which room is taken together.
const PAGE: usize = 256;
const PAGE_KEYS: i64 = 256;

/// A page with none of the contracts.
const NOWHERE: u32 = u32::MAX;

/// No contract: revisions are numbered from 1.
const NONE: u8 = 0;

/// A revision that a byte does not hold.
const LATE: u8 = u8::MAX;

/// Contracts, each with one revision: about a byte a contract, found in a step or two, whatever their order. They are looked up by the
/// million, and what a byte holds stays near the processor.
#[derive(Debug)]
pub struct Revisions {
    first_page: i64,
    /// Where the room of each page between the first and the last begins, in pages.
    rooms: Box<[u32]>,
    /// The first key of each room.
    keys: Box<[i64]>,
    revisions: Box<[u8]>,
    /// Those marked [`LATE`].
    late: BTreeMap<i64, i64>,
    /// How many contracts.
    len: usize,
}

/// The page of a key, and the place on it.
fn page_of(contract: i64) -> (i64, usize) {
    let place = usize::try_from(contract.rem_euclid(PAGE_KEYS)).unwrap_or_default();
    (contract.div_euclid(PAGE_KEYS), place)
}

impl Revisions {
    /// Of keys and revisions, in the order of keys.
    ///
    /// # Errors
    /// Where the keys are not in order or a revision is below 1.
    fn of(contracts: &[(i64, i64)]) -> Result<Self, StoreError> {
        let wrong = |contract: i64| StoreError::corrupt(format!("contract {contract} of an edition"));
        let first_page = contracts.first().map_or(0, |(contract, _)| page_of(*contract).0);
        let (mut rooms, mut keys, mut revisions) = (Vec::new(), Vec::new(), Vec::new());
        let mut late = BTreeMap::new();
        for (contract, revision) in contracts {
            let (page, place) = page_of(*contract);
            let at = usize::try_from(page - first_page).map_err(|_| wrong(*contract))?;
            if at >= rooms.len() {
                rooms.resize(at, NOWHERE);
                rooms.push(u32::try_from(keys.len()).map_err(StoreError::corrupt)?);
                keys.push(page * PAGE_KEYS);
                revisions.resize(keys.len() * PAGE, NONE);
            }
            let last = revisions.len() - PAGE;
            let slot = revisions.get_mut(last + place).filter(|slot| **slot == NONE);
            let kept = match u8::try_from(*revision) {
                Ok(kept) if kept != NONE && kept != LATE => kept,
                _ if *revision < i64::from(LATE) => return Err(wrong(*contract)),
                _ => {
                    late.insert(*contract, *revision);
                    LATE
                }
            };
            *slot.ok_or_else(|| wrong(*contract))? = kept;
        }
        Ok(Self {
            first_page,
            rooms: rooms.into(),
            keys: keys.into(),
            revisions: revisions.into(),
            late,
            len: contracts.len(),
        })
    }

    /// The place of a key; none where it is not near any of the contracts.
    fn place(&self, contract: i64) -> Option<usize> {
        let (page, place) = page_of(contract);
        let room = *self.rooms.get(usize::try_from(page - self.first_page).ok()?)?;
        Some(usize::try_from(room).ok()?.checked_mul(PAGE)? + place)
    }

    /// Whether what is kept at a contract's place is that revision.
    fn is(&self, kept: u8, contract: i64, revision: i64) -> bool {
        match kept {
            NONE => false,
            LATE => self.late.get(&contract) == Some(&revision),
            kept => i64::from(kept) == revision,
        }
    }

    /// The contracts at whose places `kept` holds something: key, revision.
    fn told<'a>(&'a self, kept: &'a [u8]) -> impl Iterator<Item = (i64, i64)> + 'a {
        let keys = self.keys.iter().flat_map(|first| *first..first + PAGE_KEYS);
        let there = keys.zip(kept).filter(|(_, kept)| **kept != NONE);
        there.map(|(contract, kept)| {
            let late = self.late.get(&contract).filter(|_| *kept == LATE);
            (contract, late.map_or_else(|| i64::from(*kept), |revision| *revision))
        })
    }
}

/// What is made of a contract that is held against an edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// The edition counted it so, and it was not shown before.
    First,
    /// The edition counted it so; it was shown before.
    Again,
    /// The edition did not count it so.
    Unknown,
}

struct Year<'a> {
    year: i32,
    from: Moment,
    before: Moment,
    revisions: &'a Revisions,
    /// The revisions at their places, but for those that were shown.
    open: Vec<u8>,
    /// How many were not shown yet.
    left: usize,
}

/// Contracts of an edition that are ticked off as they are shown.
pub(super) struct Ticks<'a> {
    years: Vec<Year<'a>>,
    /// Where the last one was: contracts come year by year.
    last: usize,
}

impl<'a> Ticks<'a> {
    /// None ticked off; contracts first confirmed in the years `first..=last`.
    pub fn new(frozen: &'a Frozen, (first, last): (i32, i32)) -> Self {
        let years = frozen.counted.range(first..=last).map(|(year, revisions)| Year {
            year: *year,
            from: Moment::start_of_year(*year),
            before: Moment::start_of_year(year + 1),
            revisions,
            open: revisions.revisions.to_vec(),
            left: revisions.len,
        });
        Self {
            years: years.collect(),
            last: 0,
        }
    }

    /// Shows a contract as it was first confirmed at `confirmed`, with its revision.
    pub fn mark(&mut self, confirmed: Moment, contract: i64, revision: i64) -> Mark {
        let holds = |year: &Year<'_>| year.from <= confirmed && confirmed < year.before;
        if !self.years.get(self.last).is_some_and(holds) {
            let Some(found) = self.years.iter().position(holds) else {
                return Mark::Unknown;
            };
            self.last = found;
        }
        let Some(year) = self.years.get_mut(self.last) else {
            return Mark::Unknown;
        };
        let place = year.revisions.place(contract);
        let Some((place, open)) = place.and_then(|place| Some((place, year.open.get_mut(place)?))) else {
            return Mark::Unknown;
        };
        if year.revisions.is(*open, contract, revision) {
            *open = NONE;
            year.left -= 1;
            return Mark::First;
        }
        let counted = year.revisions.revisions.get(place);
        match counted.is_some_and(|kept| year.revisions.is(*kept, contract, revision)) {
            true => Mark::Again,
            false => Mark::Unknown,
        }
    }

    /// Those that were never shown: year, key, revision.
    pub fn missing(&self) -> impl Iterator<Item = (i32, i64, i64)> + '_ {
        self.years.iter().filter(|year| year.left > 0).flat_map(|year| {
            let missing = year.revisions.told(&year.open);
            missing.map(|(contract, revision)| (year.year, contract, revision))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frozen(years: &[(i32, &[(i64, i64)])]) -> Frozen {
        let counted: Counted = years.iter().map(|(year, list)| (*year, list.to_vec())).collect();
        Frozen::new(&counted, YearEvents::default()).unwrap()
    }

    /// Whether a contract is counted with that revision.
    fn holds(revisions: &Revisions, contract: i64, revision: i64) -> bool {
        let kept = revisions
            .place(contract)
            .and_then(|place| revisions.revisions.get(place));
        kept.is_some_and(|kept| revisions.is(*kept, contract, revision))
    }

    proptest! {
        #[test]
        fn contracts_are_found_with_their_revision_only(
            contracts in prop::collection::btree_map(
                prop_oneof![-3..2_000_i64, 50_000_000..50_000_600_i64],
                prop_oneof![1..4_i64, 253..258_i64, Just(70_000)],
                0..200,
            ),
        ) {
            let list: Vec<(i64, i64)> = contracts.clone().into_iter().collect();
            let revisions = Revisions::of(&list).unwrap();
            let told: Vec<(i64, i64)> = revisions.told(&revisions.revisions).collect();
            prop_assert_eq!(&told, &list);
            for (contract, revision) in list {
                for other in [0, 1, 2, 3, 253, 254, 255, 256, 257, 70_000] {
                    prop_assert_eq!(holds(&revisions, contract, other), other == revision);
                    let next = contracts.get(&(contract + 1)) == Some(&other);
                    prop_assert_eq!(holds(&revisions, contract + 1, other), next);
                }
            }
        }
    }

    #[test]
    fn what_no_edition_can_hold_is_told() {
        for list in [&[(7, 0)][..], &[(7, -1)], &[(7, 1), (7, 2)], &[(900, 1), (7, 1)]] {
            assert!(Revisions::of(list).is_err(), "{list:?}");
        }
        assert!(!holds(&Revisions::of(&[]).unwrap(), 0, 0));
        let few = Revisions::of(&[(3, 2)]).unwrap();
        assert!(!holds(&few, 4, 0) && !holds(&few, -400, 2) && !holds(&few, i64::MAX, 2) && holds(&few, 3, 2));
    }

    #[test]
    fn what_is_shown_is_ticked_off_in_its_year() {
        let frozen = frozen(&[(2023, &[(1, 1), (2, 1)]), (2025, &[(3, 2)]), (2026, &[(9, 1)])]);
        let at = |text: &str| Moment::parse(text).unwrap();
        let mut ticks = Ticks::new(&frozen, (2023, 2025));
        let (early, last) = (at("2023-05-01T00:00:00Z"), at("2025-12-31T15:59:59.999999Z"));
        assert_eq!(ticks.mark(last, 3, 2), Mark::First);
        assert_eq!(ticks.mark(last, 3, 2), Mark::Again);
        assert_eq!(ticks.mark(last, 3, 1), Mark::Unknown);
        assert_eq!(ticks.mark(at("2025-12-31T16:00:00Z"), 9, 1), Mark::Unknown);
        assert_eq!(ticks.mark(at("2024-05-01T00:00:00Z"), 1, 1), Mark::Unknown);
        assert_eq!(ticks.mark(early, 2, 1), Mark::First);
        assert_eq!(ticks.missing().collect::<Vec<_>>(), [(2023, 1, 1)]);
    }
}
