//! Figures that sentences of the report speak of and no section has by itself: how many units came to more than a hundred million
//! yuan, what the two largest types come to, how a share moved, from where a contract is large.

use super::{
    accumulator::OUTSIDE_PLAN,
    annual::Figure,
    coder::{Coder, Section},
    sums::{Sum, YearSums},
    value::FigureValue,
};
use crate::domain::money::{FEN_PER_YI_YUAN, Fen};

/// Shares are told apart to so many parts of the whole: their difference is right to 10⁻¹².
const PARTS: i64 = 1_000_000_000_000;

/// The section `highlights`.
pub(super) fn highlights(coder: &Coder<'_>, large_from: Fen, current: &YearSums, previous: &YearSums) -> Vec<Figure> {
    let units = current.section(Section::Units).iter();
    let over = units.filter(|sum| i128::from(sum.amount) > FEN_PER_YI_YUAN).count();
    let mut types: Vec<Fen> = current.section(Section::Types).iter().map(|sum| sum.amount).collect();
    types.sort_unstable_by_key(|amount| std::cmp::Reverse(*amount));
    let two = types
        .iter()
        .take(2)
        .fold(0, |sum: Fen, amount| sum.saturating_add(*amount));
    let outside = |sums: &YearSums| sums.item(coder, Section::Plan, OUTSIDE_PLAN);
    [
        (
            "units_over_100m",
            FigureValue::count(i64::try_from(over).unwrap_or(i64::MAX)),
        ),
        ("two_largest_types_share", FigureValue::share(two, current.total.amount)),
        (
            "outside_plan_share_change",
            share_change((outside(current), current.total), (outside(previous), previous.total)),
        ),
        ("large_from", FigureValue::fen(large_from)),
    ]
    .map(|(name, value)| Figure {
        name: format!("highlights.{name}"),
        value,
    })
    .into()
}

/// A share less the same share before; nothing where either is of nothing.
fn share_change(now: (Sum, Sum), before: (Sum, Sum)) -> FigureValue {
    let parts = |(part, whole): (Sum, Sum)| {
        let parts = i128::from(part.amount) * i128::from(PARTS);
        crate::domain::money::div_round(parts, i128::from(whole.amount))
    };
    let change = parts(now)
        .zip(parts(before))
        .and_then(|(now, before)| i64::try_from(now - before).ok());
    change.map_or(FigureValue::share(0, 0), |change| FigureValue::share(change, PARTS))
}
