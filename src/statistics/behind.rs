//! The contracts behind a figure: of which sums over which contracts a figure is made, by its name. Written from the definitions
//! and not from the [`super::accumulator`], so that each proves the other: [`Recount`] sums what is behind the figures, and
//! [`Behind::value`] makes each figure of those sums.
//!
//! Pure: standings and events are handed in, whoever reads them and in whatever form they are kept. [`super::trace`] reads them
//! from the store.

mod names;
mod recount;
#[cfg(test)]
mod tests;

use super::{
    coder::{Coder, Section},
    facts::{ReferenceKind, Standing},
    question::Question,
    sums::BANDS,
    value::{FigureValue, UnitKind},
};
use crate::domain::{money::Fen, time::Moment};

pub use names::{behind, population};
pub use recount::{Recount, TermSum};

/// The years of first confirmation of the contracts of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Years {
    /// The question's span of one year.
    One(i32),
    /// Whole years from the first on, and the last one up to the end of the question's span.
    Through(i32, i32),
}

impl Years {
    /// The first moment of first confirmation in these years, and the first one after it that is no longer.
    pub fn bounds(self, question: &Question) -> (Moment, Moment) {
        match self {
            Self::One(year) => (question.start(year), question.cut(year)),
            Self::Through(first, last) => (Moment::start_of_year(first), question.cut(last)),
        }
    }

    /// Whether a contract first confirmed at `at` is of these years.
    pub fn holds(self, question: &Question, at: Moment) -> bool {
        let (from, before) = self.bounds(question);
        from <= at && at < before
    }
}

/// Which contracts of those years; indexes of the section's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    /// All.
    All,
    /// Those of an item of a section.
    Item(Section, u8),
    /// Those whose amount lies in a band, by its place in the bands' table.
    Band(u8),
    /// Those from which a contract is large.
    Large,
    /// 技术进口.
    Imports,
    /// 技术进口 of a 合同类别.
    ImportsOfType(u8),
}

impl Which {
    /// Along what they are told from others, and their code there.
    const fn kind(self) -> (Kind, u8) {
        match self {
            Self::All => (Kind::All, 0),
            Self::Item(section, index) => (Kind::Section(section), index),
            Self::Band(index) => (Kind::Band(index), 0),
            Self::Large => (Kind::Large, 0),
            Self::Imports => (Kind::Imports, 0),
            Self::ImportsOfType(index) => (Kind::ImportTypes, index),
        }
    }

    /// Whether a contract is one of them.
    pub fn holds(self, coder: &Coder<'_>, question: &Question, standing: &Standing) -> bool {
        let (kind, code) = self.kind();
        kind.code(coder, question, standing) == Some(code)
    }
}

/// Along what contracts are told from each other: each has one code there, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    All,
    Section(Section),
    /// Bands overlap, so each is a kind of its own.
    Band(u8),
    Large,
    Imports,
    ImportTypes,
}

impl Kind {
    fn code(self, coder: &Coder<'_>, question: &Question, standing: &Standing) -> Option<u8> {
        let amount = standing.amount_fen;
        match self {
            Self::All => Some(0),
            Self::Section(section) => Some(match section {
                Section::Units => standing.unit,
                Section::Regions => coder.region_of_unit(standing.unit),
                Section::Types => standing.contract_type,
                Section::Plan => coder.plan_group_of_source(standing.plan_source),
                Section::Flows => standing.flow,
                Section::Sellers => coder.seller_group_of_kind(standing.seller_kind),
                Section::Fields => standing.field,
                Section::Sizes => coder.size(amount),
            }),
            Self::Band(index) => {
                let (_, from, below) = BANDS.get(usize::from(index))?;
                (*from..*below).contains(&amount).then_some(0)
            }
            Self::Large => (amount >= question.large_from_fen()).then_some(0),
            Self::Imports => coder.is_import(standing.cross_border).then_some(0),
            Self::ImportTypes => coder.is_import(standing.cross_border).then_some(standing.contract_type),
        }
    }
}

/// The contracts of a term of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Selection {
    /// Contracts counted at the question's moment.
    Counted(Years, Which),
    /// Contracts that experts concluded on in the year.
    Reviewed,
    /// Contracts revoked in the year; of one ground (its index), or of all.
    Revoked(Option<u8>),
    /// Contracts reinstated in the year.
    Reinstated,
}

impl Selection {
    /// Whether a counted contract is one of them.
    pub fn holds(self, coder: &Coder<'_>, question: &Question, standing: &Standing) -> bool {
        match self {
            Self::Counted(years, which) => {
                years.holds(question, standing.first_confirmed_at) && which.holds(coder, question, standing)
            }
            Self::Reviewed | Self::Revoked(_) | Self::Reinstated => false,
        }
    }
}

/// What is summed over contracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// How many.
    Contracts,
    /// 合同成交额.
    Amount,
    /// 技术交易额.
    Technology,
}

/// One sum that a figure is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// What it is in the formula: `part`, `whole`, `current`, `previous`, …; in a rank, the id of a unit.
    pub role: String,
    /// Over which contracts.
    pub selection: Selection,
}

/// How the sums make the figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Formula {
    /// The one term.
    Sum,
    /// The first ÷ the second, in percent.
    Share,
    /// The first ÷ the second, less the third ÷ the fourth.
    ShareChange,
    /// The first ÷ the second − 1.
    Growth,
    /// The first ÷ the second.
    Ratio,
    /// 1 + how many of the terms after the first are larger than it.
    Rank,
    /// Not of sums: see [`population`].
    Order,
    /// The figure has no value, whatever the contracts: growth of the series' first year, rank of a unit that is not ranked.
    Nothing(UnitKind),
    /// (first ÷ base)^(1 ÷ years) − 1; the base being the second term or the reference figure.
    AverageGrowth { base_year: i32, years: i32 },
    /// First ÷ base.
    MultipleOfBase { base_year: i32 },
    /// Technology amount ÷ amount of the one term.
    TechnologyShare,
    /// Amount ÷ number of the one term, in whole fen.
    Mean,
    /// First ÷ the plan's target for a year.
    MultipleOfTarget { year: i32 },
}

/// What is behind a figure: the sums it is made of. The contracts listed for a figure are those of its first term: of a share the
/// part, of growth this year's, of a ratio the numerator, of a rank the unit's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// The sums, in the order of the formula; at least one.
    pub terms: Vec<Term>,
    /// What is summed.
    pub measure: Measure,
    formula: Formula,
    /// Of a year of the series: which.
    series: Option<SeriesYear>,
}

/// A year of the series, which may lie before the register's first: then nothing is known of it but what a reference figure says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SeriesYear {
    /// The year.
    year: i32,
    /// The first year whose contracts are counted.
    first: i32,
    /// Whether what is asked for is its amount (or growth).
    amount: bool,
}

impl SeriesYear {
    /// All contracts from the first year that is counted up to one: of none of them the register begins later.
    const fn reach(self, year: i32) -> Selection {
        Selection::Counted(Years::Through(self.first, year), Which::All)
    }
}

impl Behind {
    /// The term of a role; the first where none is named.
    pub fn term(&self, role: Option<&str>) -> Option<&Term> {
        match role {
            None => self.terms.first(),
            Some(role) => self.terms.iter().find(|term| term.role == role),
        }
    }

    /// Every selection whose sum [`Behind::value`] asks for.
    pub fn selections(&self) -> Vec<Selection> {
        let mut selections: Vec<Selection> = self.terms.iter().map(|term| term.selection).collect();
        if let Some(series) = self.series {
            selections.extend([series.reach(series.year), series.reach(series.year - 1)]);
        }
        selections
    }

    /// Whether the figure is one of its terms' sums, so that what each contract changes in it adds up.
    pub const fn is_sum(&self) -> bool {
        matches!(self.formula, Formula::Sum)
    }

    /// The measures of its terms that the figure follows from.
    pub fn measures(&self) -> Vec<Measure> {
        match self.formula {
            Formula::TechnologyShare => vec![Measure::Amount, Measure::Technology],
            Formula::Mean | Formula::Order => vec![Measure::Contracts, Measure::Amount],
            _ => vec![self.measure],
        }
    }

    /// The figure, made of the sums of its terms and, where the register does not reach back, of reference figures.
    pub fn value(
        &self,
        question: &Question,
        sum: impl Fn(Selection) -> TermSum,
        reference: impl Fn(ReferenceKind, i32) -> Option<Fen>,
    ) -> FigureValue {
        if let Some(value) = self.before_register(question, &sum, &reference) {
            return value;
        }
        let sums: Vec<TermSum> = self.terms.iter().map(|term| sum(term.selection)).collect();
        let whole = |index: usize| sums.get(index).map_or(0, |sum| sum.measured(self.measure));
        let base = |year: i32| match sums.get(1) {
            Some(base) if base.contracts > 0 => Some(base.amount),
            _ if question.is_whole_year() => reference(ReferenceKind::Amount, year),
            _ => None,
        };
        match self.formula {
            Formula::Sum if self.measure == Measure::Contracts => FigureValue::count(whole(0)),
            Formula::Sum => FigureValue::fen(whole(0)),
            Formula::Share => FigureValue::share(whole(0), whole(1)),
            Formula::ShareChange => FigureValue::share_change((whole(0), whole(1)), (whole(2), whole(3))),
            Formula::Growth => FigureValue::growth(whole(0), whole(1)),
            Formula::Ratio => FigureValue::ratio(whole(0), whole(1)),
            Formula::TechnologyShare => {
                let sum = sums.first().copied().unwrap_or_default();
                FigureValue::share(sum.technology, sum.amount)
            }
            Formula::Mean => {
                let sum = sums.first().copied().unwrap_or_default();
                FigureValue::mean_fen(sum.amount, sum.contracts)
            }
            Formula::Rank => {
                let others = (1..sums.len()).filter(|index| whole(*index) > whole(0)).count();
                FigureValue::count(1 + i64::try_from(others).unwrap_or(i64::MAX - 1))
            }
            Formula::Nothing(unit) => FigureValue::nothing(unit),
            Formula::Order => FigureValue::nothing(UnitKind::Ratio),
            Formula::AverageGrowth { base_year, years } => base(base_year)
                .map_or(FigureValue::nothing(UnitKind::Rate), |base| {
                    FigureValue::average_growth(whole(0), base, years)
                }),
            Formula::MultipleOfBase { base_year } => base(base_year)
                .map_or(FigureValue::nothing(UnitKind::Ratio), |base| {
                    FigureValue::ratio(whole(0), base)
                }),
            Formula::MultipleOfTarget { year } => reference(ReferenceKind::AmountTarget, year)
                .map_or(FigureValue::nothing(UnitKind::Ratio), |target| {
                    FigureValue::ratio(whole(0), target)
                }),
        }
    }

    /// The value of a figure of the series whose year, or the year before it, lies before the register's first; none for all others.
    fn before_register(
        &self,
        question: &Question,
        sum: &impl Fn(Selection) -> TermSum,
        reference: &impl Fn(ReferenceKind, i32) -> Option<Fen>,
    ) -> Option<FigureValue> {
        let series = self.series?;
        let is_before = |year: i32| year < question.year() && sum(series.reach(year)).contracts == 0;
        let known = |year: i32| reference(ReferenceKind::Amount, year).filter(|_| question.is_whole_year());
        if self.formula == Formula::Growth {
            let (current, previous) = (self.terms.first()?, self.terms.get(1)?);
            let amount = |year: i32, term: &Term| {
                if is_before(year) {
                    known(year)
                } else {
                    Some(sum(term.selection).amount)
                }
            };
            let both = amount(series.year, current).zip(amount(series.year - 1, previous));
            return Some(both.map_or(FigureValue::nothing(UnitKind::Rate), |(now, before)| {
                FigureValue::growth(now, before)
            }));
        }
        is_before(series.year).then(|| match (self.formula, self.measure) {
            (Formula::Sum, Measure::Contracts) => FigureValue::nothing(UnitKind::Count),
            (Formula::Sum, _) => known(series.year)
                .filter(|_| series.amount)
                .map_or(FigureValue::nothing(UnitKind::Fen), FigureValue::fen),
            _ => FigureValue::nothing(UnitKind::Rate),
        })
    }
}
