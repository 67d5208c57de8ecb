//! What changed since an edition was closed: each figure that differs, and which contracts made it differ. Pure; [`super::compare`]
//! finds the contracts in the store.

use super::{
    annual::AnnualFigures,
    behind::{Behind, Measure, Selection, behind, population},
    coder::Coder,
    facts::Standing,
    question::Question,
    value::FigureValue,
};
use crate::domain::money::Fen;

/// How a contract stood in the figures, at one of the two moments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Side {
    /// Its revision and values, where it was counted.
    pub counted: Option<(i64, Standing)>,
    /// Whether experts concluded on it in the year.
    pub reviewed: bool,
    /// Ground (its index) and amount of its revocation in the year.
    pub revoked: Option<(u8, Fen)>,
    /// Whether it was reinstated in the year.
    pub reinstated: bool,
}

impl Side {
    /// What the contract adds to a sum.
    fn weight(&self, coder: &Coder<'_>, question: &Question, selection: Selection, measure: Measure) -> i64 {
        let of = |amount: Fen, technology: Fen| match measure {
            Measure::Contracts => 1,
            Measure::Amount => amount,
            Measure::Technology => technology,
        };
        match selection {
            Selection::Counted(..) => self
                .counted
                .filter(|(_, standing)| selection.holds(coder, question, standing))
                .map_or(0, |(_, standing)| {
                    of(standing.amount_fen, standing.technology_amount_fen)
                }),
            Selection::Reviewed => i64::from(self.reviewed),
            Selection::Reinstated => i64::from(self.reinstated),
            Selection::Revoked(ground) => self
                .revoked
                .filter(|(found, _)| ground.is_none_or(|ground| ground == *found))
                .map_or(0, |(_, amount)| of(amount, 0)),
        }
    }
}

/// A contract that stands otherwise than in the edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its key.
    pub contract: i64,
    /// In the edition.
    pub before: Side,
    /// At the moment asked for.
    pub after: Side,
}

/// A figure that differs from the edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFigure {
    /// Its name.
    pub name: String,
    /// As the edition has it.
    pub edition: FigureValue,
    /// As it is at the moment asked for; nothing where the figure is none any more.
    pub current: FigureValue,
    /// How many contracts made it differ.
    pub contracts_count: usize,
    /// The first of them, [`NAMED`] at most, in the order of the differences.
    pub contracts: Vec<Contribution>,
}

/// What a contract changed in a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contribution {
    /// Its key.
    pub contract: i64,
    /// By how much, in contracts or fen, where the figure is a sum; the changes of all contracts add up to the figure's.
    pub change: Option<i64>,
}

/// Contracts named for one figure at most.
pub const NAMED: usize = 1_000;

/// Whether a figure is of a year before the register's first, of which nothing is known: it is none, where the contracts that there are,
/// and editions of earlier versions, give 0.
pub fn was_unknown(name: &str, then: &FigureValue, now: &FigureValue) -> bool {
    let is_of_before = name.ends_with(".previous_contracts") || name.ends_with(".previous_amount");
    is_of_before && then.as_whole() == Some(0) && now.is_nothing()
}

/// The figures of the edition that differ now, in their order, each with the contracts that made it differ. `question` is that of
/// either: only the year, a whole one, matters.
pub fn restate(
    coder: &Coder<'_>,
    question: &Question,
    edition: &AnnualFigures,
    current: &AnnualFigures,
    differences: &[Difference],
) -> Vec<ChangedFigure> {
    let now = current.by_name();
    let mut changed = Vec::new();
    for (name, then) in edition.figures() {
        let value = now.get(name).map_or(FigureValue::nothing(then.unit()), |value| **value);
        if then.is_same_number(&value) || was_unknown(name, then, &value) {
            continue;
        }
        let mut figure = ChangedFigure {
            name: name.to_owned(),
            edition: *then,
            current: value,
            contracts_count: 0,
            contracts: Vec::new(),
        };
        if let Some(behind) = behind(coder, question, name).or_else(|| population(question, name)) {
            blame(coder, question, &behind, differences, &mut figure);
        }
        changed.push(figure);
    }
    changed
}

fn blame(
    coder: &Coder<'_>,
    question: &Question,
    behind: &Behind,
    differences: &[Difference],
    figure: &mut ChangedFigure,
) {
    for difference in differences {
        let measures = behind.measures();
        let weights = behind.terms.iter().flat_map(|term| {
            measures.iter().map(move |measure| {
                let weight = |side: &Side| side.weight(coder, question, term.selection, *measure);
                (weight(&difference.before), weight(&difference.after))
            })
        });
        let mut differs = weights.filter(|(before, after)| before != after).peekable();
        let Some((before, after)) = differs.peek() else {
            continue;
        };
        figure.contracts_count += 1;
        if figure.contracts.len() < NAMED {
            figure.contracts.push(Contribution {
                contract: difference.contract,
                change: behind.is_sum().then(|| after - before),
            });
        }
    }
}
