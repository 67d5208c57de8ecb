//! Sums over contracts: for each year of first confirmation, in total and split by every section.

use super::{
    coder::{Coder, Section},
    facts::Standing,
};
use crate::domain::{code_list::ListName, money::Fen};

/// How many contracts, and what they are worth in fen. Sums stay at the largest `i64` (9 京元) should they ever reach it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub contracts: i64,
    pub amount: Fen,
    pub technology: Fen,
}

impl Sum {
    pub fn add(&mut self, contracts: i64, amount: Fen, technology: Fen) {
        self.contracts += contracts;
        self.amount = self.amount.saturating_add(amount);
        self.technology = self.technology.saturating_add(technology);
    }

    pub fn plus(mut self, other: Self) -> Self {
        self.add(other.contracts, other.amount, other.technology);
        self
    }
}

/// Bands of the amount of a contract that sentences of the published report speak of (chapter 八, and the merged cell of table
/// 5): name, from, below; in fen. They overlap.
pub(super) const BANDS: [(&str, Fen, Fen); 4] = [
    ("under_100k", 0, 10_000_000),
    ("under_1m", 0, 100_000_000),
    ("from_1m", 100_000_000, Fen::MAX),
    ("under_10m", 0, 1_000_000_000),
];

/// The sums of one year.
#[derive(Debug, Clone)]
pub(super) struct YearSums {
    pub total: Sum,
    /// By [`Section`], in the order of its list.
    sections: [Vec<Sum>; Section::ALL.len()],
    pub bands: [Sum; BANDS.len()],
    pub large: Sum,
    pub imports: Sum,
    pub imports_by_type: Vec<Sum>,
}

impl YearSums {
    pub fn new(coder: &Coder<'_>) -> Self {
        Self {
            total: Sum::default(),
            sections: Section::ALL.map(|section| vec![Sum::default(); coder.items(section.list()).len()]),
            bands: [Sum::default(); BANDS.len()],
            large: Sum::default(),
            imports: Sum::default(),
            imports_by_type: vec![Sum::default(); coder.items(ListName::Type).len()],
        }
    }

    /// Adds the sums of other contracts.
    pub fn plus(&mut self, other: &Self) {
        let add = |sums: &mut [Sum], others: &[Sum]| {
            for (sum, other) in sums.iter_mut().zip(others) {
                *sum = sum.plus(*other);
            }
        };
        self.total = self.total.plus(other.total);
        for (sums, others) in self.sections.iter_mut().zip(&other.sections) {
            add(sums, others);
        }
        add(&mut self.bands, &other.bands);
        self.large = self.large.plus(other.large);
        self.imports = self.imports.plus(other.imports);
        add(&mut self.imports_by_type, &other.imports_by_type);
    }

    /// The sums of a section's items, in the order of its list.
    pub fn section(&self, section: Section) -> &[Sum] {
        self.sections.get(section as usize).map_or(&[], Vec::as_slice)
    }

    /// The sum of a section's item; zero where the list has no such item.
    pub fn item(&self, coder: &Coder<'_>, section: Section, id: &str) -> Sum {
        let index = coder.code(section.list(), Some(id));
        self.section(section)
            .get(usize::from(index))
            .copied()
            .unwrap_or_default()
    }

    pub fn add(&mut self, coder: &Coder<'_>, large_from: Fen, standing: &Standing) {
        let (amount, technology) = (standing.amount_fen, standing.technology_amount_fen);
        self.total.add(1, amount, technology);
        let indexes = Section::ALL.map(|section| match section {
            Section::Units => standing.unit,
            Section::Regions => coder.region_of_unit(standing.unit),
            Section::Types => standing.contract_type,
            Section::Plan => coder.plan_group_of_source(standing.plan_source),
            Section::Flows => standing.flow,
            Section::Sellers => coder.seller_group_of_kind(standing.seller_kind),
            Section::Fields => standing.field,
            Section::Sizes => coder.size(amount),
        });
        for (sums, index) in self.sections.iter_mut().zip(indexes) {
            if let Some(sum) = sums.get_mut(usize::from(index)) {
                sum.add(1, amount, technology);
            }
        }
        for (sum, (_, from, below)) in self.bands.iter_mut().zip(BANDS) {
            if (from..below).contains(&amount) {
                sum.add(1, amount, technology);
            }
        }
        if amount >= large_from {
            self.large.add(1, amount, technology);
        }
        if coder.is_import(standing.cross_border) {
            self.imports.add(1, amount, technology);
            if let Some(sum) = self.imports_by_type.get_mut(usize::from(standing.contract_type)) {
                sum.add(1, amount, technology);
            }
        }
    }
}
