//! Figures that sentences of the report speak of and no section has by itself: how many units came to more than a hundred million
//! yuan, what the two largest types come to, from where a contract is large.

use super::{annual::Figure, coder::Section, sums::YearSums, value::FigureValue};
use crate::domain::money::{FEN_PER_YI_YUAN, Fen};

/// The section `highlights`.
pub(super) fn highlights(large_from: Fen, current: &YearSums) -> Vec<Figure> {
    let units = current.section(Section::Units).iter();
    let over = units.filter(|sum| i128::from(sum.amount) > FEN_PER_YI_YUAN).count();
    let mut types: Vec<Fen> = current.section(Section::Types).iter().map(|sum| sum.amount).collect();
    types.sort_unstable_by_key(|amount| std::cmp::Reverse(*amount));
    let two = types
        .iter()
        .take(2)
        .fold(0, |sum: Fen, amount| sum.saturating_add(*amount));
    [
        (
            "units_over_100m",
            FigureValue::count(i64::try_from(over).unwrap_or(i64::MAX)),
        ),
        ("two_largest_types_share", FigureValue::share(two, current.total.amount)),
        ("large_from", FigureValue::fen(large_from)),
    ]
    .map(|(name, value)| Figure {
        name: format!("highlights.{name}"),
        value,
    })
    .into()
}
