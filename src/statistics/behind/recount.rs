//! Sums over the contracts of many selections, in one pass.

use std::collections::HashMap;

use super::{Kind, Measure, Selection, Years};
use crate::{
    domain::{money::Fen, time::Moment},
    statistics::{coder::Coder, facts::Standing, question::Question},
};

/// How many contracts a selection holds, and what they are worth in fen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TermSum {
    /// How many.
    pub contracts: i64,
    /// 合同成交额; of a revocation that of the revision that was valid at the end.
    pub amount: Fen,
    /// 技术交易额.
    pub technology: Fen,
}

impl TermSum {
    /// With one more contract.
    pub fn add(&mut self, amount: Fen, technology: Fen) {
        self.contracts += 1;
        self.amount = self.amount.saturating_add(amount);
        self.technology = self.technology.saturating_add(technology);
    }

    /// The sum of one measure.
    pub const fn measured(&self, measure: Measure) -> i64 {
        match measure {
            Measure::Contracts => self.contracts,
            Measure::Amount => self.amount,
            Measure::Technology => self.technology,
        }
    }
}

/// Sums up selections; takes counted contracts and events in any order.
#[derive(Debug)]
pub struct Recount<'a> {
    coder: &'a Coder<'a>,
    question: &'a Question,
    sums: Vec<TermSum>,
    /// Where the sum of each selection is.
    places: HashMap<Selection, usize>,
    /// First moment of each year needed, and the selections with contracts of that year.
    years: Vec<(Moment, Vec<Group>)>,
}

/// Selections of the same years along the same kind: a contract is in one of them at most.
#[derive(Debug)]
struct Group {
    of: Years,
    kind: Kind,
    from: Moment,
    before: Moment,
    /// Places of their sums by code.
    places: Vec<Option<usize>>,
}

impl Group {
    /// Of the selections with contracts of `year`.
    fn of_year(question: &Question, places: &HashMap<Selection, usize>, year: i32) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for (selection, place) in places {
            let Selection::Counted(years, which) = *selection else {
                continue;
            };
            let concerns = match years {
                Years::One(of) => of == year,
                Years::Through(first, last) => (first..=last).contains(&year),
            };
            if !concerns {
                continue;
            }
            let (kind, code) = which.kind();
            let at = groups.iter().position(|group| group.of == years && group.kind == kind);
            let at = at.unwrap_or_else(|| {
                let (from, before) = years.bounds(question);
                groups.push(Self {
                    of: years,
                    kind,
                    from,
                    before,
                    places: vec![None; usize::from(u8::MAX) + 1],
                });
                groups.len() - 1
            });
            if let Some(slot) = groups
                .get_mut(at)
                .and_then(|group| group.places.get_mut(usize::from(code)))
            {
                *slot = Some(*place);
            }
        }
        groups
    }
}

impl<'a> Recount<'a> {
    /// Begins with nothing in each of the selections.
    pub fn new(coder: &'a Coder<'a>, question: &'a Question, selections: impl IntoIterator<Item = Selection>) -> Self {
        let mut places = HashMap::new();
        for selection in selections {
            let next = places.len();
            places.entry(selection).or_insert(next);
        }
        let needed = question.years_needed();
        let years = needed
            .clone()
            .map(|year| {
                let groups = Group::of_year(question, &places, year);
                (Moment::start_of_year(year), groups)
            })
            // One year more, of nothing, ends the last one.
            .chain([(Moment::start_of_year(needed.end() + 1), Vec::new())]);
        Self {
            coder,
            question,
            years: years.collect(),
            sums: vec![TermSum::default(); places.len()],
            places,
        }
    }

    /// Takes a counted contract.
    pub fn add(&mut self, standing: &Standing) {
        self.add_watching(standing, None);
    }

    /// The same; whether it is one of the contracts of the selection whose [`place`](Self::place) is watched.
    pub fn add_watching(&mut self, standing: &Standing, watched: Option<usize>) -> bool {
        let at = standing.first_confirmed_at;
        let after = self.years.partition_point(|(from, _)| *from <= at);
        let Some((_, groups)) = after.checked_sub(1).and_then(|year| self.years.get(year)) else {
            return false;
        };
        let mut seen = false;
        for group in groups {
            if at < group.from || at >= group.before {
                continue;
            }
            let code = group.kind.code(self.coder, self.question, standing);
            let place = code.and_then(|code| *group.places.get(usize::from(code))?);
            if let Some(sum) = place.and_then(|place| self.sums.get_mut(place)) {
                sum.add(standing.amount_fen, standing.technology_amount_fen);
                seen |= place == watched;
            }
        }
        seen
    }

    /// Takes what happened to a contract in the year, once for each contract.
    pub fn add_event(&mut self, selection: Selection, amount: Fen) {
        if let Some(sum) = self.place(selection).and_then(|place| self.sums.get_mut(place)) {
            sum.add(amount, 0);
        }
    }

    /// The selections whose contracts are events of the year.
    pub fn events(&self) -> Vec<Selection> {
        let is_event = |selection: &&Selection| !matches!(selection, Selection::Counted(..));
        self.places.keys().filter(is_event).copied().collect()
    }

    /// Where the sum of a selection is; none where it is not summed up here.
    pub fn place(&self, selection: Selection) -> Option<usize> {
        self.places.get(&selection).copied()
    }

    /// The sum of a selection.
    pub fn sum(&self, selection: Selection) -> TermSum {
        let sum = self.place(selection).and_then(|place| self.sums.get(place));
        sum.copied().unwrap_or_default()
    }
}
