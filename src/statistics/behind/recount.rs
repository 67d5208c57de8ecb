//! Sums over the contracts of many selections, in one pass.

use std::collections::HashMap;

use super::{Measure, Selection, Years};
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
    sums: HashMap<Selection, TermSum>,
    /// First moment of each year needed, and the selections with contracts of that year.
    years: Vec<(Moment, Vec<Selection>)>,
}

impl<'a> Recount<'a> {
    /// Begins with nothing in each of the selections.
    pub fn new(coder: &'a Coder<'a>, question: &'a Question, selections: impl IntoIterator<Item = Selection>) -> Self {
        let sums: HashMap<_, _> = selections.into_iter().map(|s| (s, TermSum::default())).collect();
        let needed = question.years_needed();
        let concerns = |selection: &Selection, year: i32| match selection {
            Selection::Counted(Years::One(of), _) => *of == year,
            Selection::Counted(Years::Through(first, last), _) => (*first..=*last).contains(&year),
            _ => false,
        };
        // One year more, of nothing, ends the last one.
        let years = (*needed.start()..=*needed.end() + 1).map(|year| {
            let of_year = sums
                .keys()
                .copied()
                .filter(|s| needed.contains(&year) && concerns(s, year));
            (Moment::start_of_year(year), of_year.collect())
        });
        Self {
            coder,
            question,
            years: years.collect(),
            sums,
        }
    }

    /// Takes a counted contract.
    pub fn add(&mut self, standing: &Standing) {
        let after = self
            .years
            .partition_point(|(from, _)| *from <= standing.first_confirmed_at);
        let Some((_, selections)) = after.checked_sub(1).and_then(|at| self.years.get(at)) else {
            return;
        };
        for selection in selections {
            if selection.holds(self.coder, self.question, standing)
                && let Some(sum) = self.sums.get_mut(selection)
            {
                sum.add(standing.amount_fen, standing.technology_amount_fen);
            }
        }
    }

    /// Takes what happened to a contract in the year, once for each contract.
    pub fn add_event(&mut self, selection: Selection, amount: Fen) {
        if let Some(sum) = self.sums.get_mut(&selection) {
            sum.add(amount, 0);
        }
    }

    /// The selections whose contracts are events of the year.
    pub fn events(&self) -> Vec<Selection> {
        let is_event = |selection: &&Selection| !matches!(selection, Selection::Counted(..));
        self.sums.keys().filter(is_event).copied().collect()
    }

    /// The sum of a selection.
    pub fn sum(&self, selection: Selection) -> TermSum {
        self.sums.get(&selection).copied().unwrap_or_default()
    }
}
