//! From sums to the figures of the contracts: total, series, the sections, bands, large contracts, imports. Each figure's meaning
//! is told in [`super::definitions`].

use super::{
    accumulator::{OUTSIDE_PLAN, PLAN_FUNDED},
    annual::Figure,
    coder::{Coder, Section},
    highlights::highlights,
    question::Question,
    sums::{BANDS, Sum, YearSums},
    value::{FigureValue, UnitKind},
};
use crate::domain::{code_list::ListName, money::Fen};

/// Ids of the two regions (published report, chapter 二（二）).
const SOUTH: &str = "south";
const NORTH: &str = "north";

/// Collects figures under a prefix.
#[derive(Default)]
struct Figures(Vec<Figure>);

impl Figures {
    fn put(&mut self, prefix: &str, name: &str, value: FigureValue) {
        self.0.push(Figure {
            name: format!("{prefix}.{name}"),
            value,
        });
    }
}

/// The figures of the contracts from `total` to `imports`, in the order of the annual object. `sums` gives a year's sums;
/// `before_register` says of a year that lies before the register's first what reference figures know of its amount.
pub(super) fn annual<'s>(
    coder: &Coder<'_>,
    question: &Question,
    sums: impl Fn(i32) -> Option<&'s YearSums>,
    before_register: impl Fn(i32) -> Option<Option<Fen>>,
) -> Vec<Figure> {
    let empty = YearSums::new(coder);
    let year = question.year();
    let of = |year: i32| sums(year).unwrap_or(&empty);
    let current = of(year);
    // Of a year before its first the register does not know what there was.
    let previous = before_register(year - 1).is_none().then(|| of(year - 1));
    let mut figures = Figures::default();
    total(&mut figures, current, previous);
    for y in question.series() {
        let amount = |y: i32| before_register(y).unwrap_or_else(|| Some(of(y).total.amount));
        let before = if y > *question.series().start() {
            amount(y - 1)
        } else {
            None
        };
        let sums = before_register(y).is_none().then(|| of(y));
        series(&mut figures, coder, y, sums, (amount(y), before));
    }
    for section in Section::ALL {
        split(&mut figures, coder, section, current, previous);
        if section == Section::Regions {
            let ratio = |sums: &YearSums| {
                let amount = |id| sums.item(coder, Section::Regions, id).amount;
                FigureValue::ratio(amount(NORTH), amount(SOUTH))
            };
            figures.put(section.key(), "north_to_south", ratio(current));
            figures.put(
                section.key(),
                "previous_north_to_south",
                ratio(previous.unwrap_or(&empty)),
            );
        }
    }
    for ((key, _, _), sum) in BANDS.iter().zip(current.bands) {
        let prefix = format!("bands.{key}");
        figures.put(&prefix, "contracts", FigureValue::count(sum.contracts));
        figures.put(&prefix, "amount", FigureValue::fen(sum.amount));
        shares(&mut figures, &prefix, sum, current.total);
    }
    figures.put("large", "contracts", FigureValue::count(current.large.contracts));
    figures.put("large", "amount", FigureValue::fen(current.large.amount));
    figures.put(
        "large",
        "share",
        FigureValue::share(current.large.amount, current.total.amount),
    );
    figures.put("imports", "contracts", FigureValue::count(current.imports.contracts));
    figures.put("imports", "amount", FigureValue::fen(current.imports.amount));
    for (item, sum) in coder.items(ListName::Type).iter().zip(&current.imports_by_type) {
        let prefix = format!("imports.by_type.{}", item.id);
        figures.put(&prefix, "contracts", FigureValue::count(sum.contracts));
        figures.put(&prefix, "amount", FigureValue::fen(sum.amount));
    }
    figures.0.extend(highlights(question.large_from_fen(), current));
    figures.0
}

fn measures(figures: &mut Figures, prefix: &str, sum: Sum) {
    figures.put(prefix, "contracts", FigureValue::count(sum.contracts));
    figures.put(prefix, "amount", FigureValue::fen(sum.amount));
    figures.put(prefix, "technology_amount", FigureValue::fen(sum.technology));
}

fn shares(figures: &mut Figures, prefix: &str, sum: Sum, total: Sum) {
    figures.put(prefix, "share", FigureValue::share(sum.amount, total.amount));
    figures.put(
        prefix,
        "count_share",
        FigureValue::share(sum.contracts, total.contracts),
    );
}

/// With what was before; nothing where that is not known.
fn comparison(figures: &mut Figures, prefix: &str, current: Sum, previous: Option<Sum>) {
    let or_nothing = |value: Option<FigureValue>, unit| value.unwrap_or(FigureValue::nothing(unit));
    let contracts = previous.map(|sum| FigureValue::count(sum.contracts));
    let amount = previous.map(|sum| FigureValue::fen(sum.amount));
    let growth = previous.map(|sum| FigureValue::growth(current.amount, sum.amount));
    figures.put(prefix, "previous_contracts", or_nothing(contracts, UnitKind::Count));
    figures.put(prefix, "previous_amount", or_nothing(amount, UnitKind::Fen));
    figures.put(prefix, "growth", or_nothing(growth, UnitKind::Rate));
}

fn total(figures: &mut Figures, current: &YearSums, previous: Option<&YearSums>) {
    measures(figures, "total", current.total);
    comparison(figures, "total", current.total, previous.map(|sums| sums.total));
}

/// A year of the series, by its sums, or without them where it lies before the register's first; with its amount and that of the year
/// before, as far as they are known.
fn series(
    figures: &mut Figures,
    coder: &Coder<'_>,
    year: i32,
    sums: Option<&YearSums>,
    (amount, before): (Option<Fen>, Option<Fen>),
) {
    let prefix = format!("series.{year}");
    let growth = amount
        .zip(before)
        .map(|(amount, before)| FigureValue::growth(amount, before));
    let fen = |amount: Option<Fen>| amount.map_or(FigureValue::nothing(UnitKind::Fen), FigureValue::fen);
    let Some(sums) = sums else {
        let nothing = FigureValue::nothing;
        for (name, value) in [
            ("contracts", nothing(UnitKind::Count)),
            ("amount", fen(amount)),
            ("growth", growth.unwrap_or(nothing(UnitKind::Rate))),
            ("plan_funded_contracts", nothing(UnitKind::Count)),
            ("plan_funded_amount", nothing(UnitKind::Fen)),
            ("outside_plan_contracts", nothing(UnitKind::Count)),
            ("outside_plan_amount", nothing(UnitKind::Fen)),
            ("plan_funded_share", nothing(UnitKind::Rate)),
            ("outside_plan_share", nothing(UnitKind::Rate)),
            ("south_amount", nothing(UnitKind::Fen)),
            ("south_share", nothing(UnitKind::Rate)),
        ] {
            figures.put(&prefix, name, value);
        }
        return;
    };
    let total = sums.total;
    let plan_funded = sums.item(coder, Section::Plan, PLAN_FUNDED);
    let outside_plan = sums.item(coder, Section::Plan, OUTSIDE_PLAN);
    let south = sums.item(coder, Section::Regions, SOUTH);
    for (name, value) in [
        ("contracts", FigureValue::count(total.contracts)),
        ("amount", FigureValue::fen(total.amount)),
        ("growth", growth.unwrap_or(FigureValue::nothing(UnitKind::Rate))),
        ("plan_funded_contracts", FigureValue::count(plan_funded.contracts)),
        ("plan_funded_amount", FigureValue::fen(plan_funded.amount)),
        ("outside_plan_contracts", FigureValue::count(outside_plan.contracts)),
        ("outside_plan_amount", FigureValue::fen(outside_plan.amount)),
        (
            "plan_funded_share",
            FigureValue::share(plan_funded.amount, total.amount),
        ),
        (
            "outside_plan_share",
            FigureValue::share(outside_plan.amount, total.amount),
        ),
        ("south_amount", FigureValue::fen(south.amount)),
        ("south_share", FigureValue::share(south.amount, total.amount)),
    ] {
        figures.put(&prefix, name, value);
    }
}

fn split(figures: &mut Figures, coder: &Coder<'_>, section: Section, current: &YearSums, previous: Option<&YearSums>) {
    let items = coder.items(section.list());
    let now = current.section(section);
    let then = |at: usize| previous.and_then(|sums| sums.section(section).get(at).copied());
    let ranked: Vec<Fen> = items
        .iter()
        .zip(now)
        .filter(|(item, _)| item.ranked)
        .map(|(_, sum)| sum.amount)
        .collect();
    for (at, (item, sum)) in items.iter().zip(now).enumerate() {
        let prefix = format!("{}.{}", section.key(), item.id);
        measures(figures, &prefix, *sum);
        shares(figures, &prefix, *sum, current.total);
        comparison(figures, &prefix, *sum, then(at));
        if section == Section::Plan {
            let before = then(at).zip(previous).map(|(sum, all)| (sum.amount, all.total.amount));
            let change = FigureValue::share_change((sum.amount, current.total.amount), before.unwrap_or_default());
            figures.put(&prefix, "share_change", change);
        }
        if section == Section::Units {
            let rank = item.ranked.then(|| FigureValue::count(rank(sum.amount, &ranked)));
            figures.put(&prefix, "rank", rank.unwrap_or(FigureValue::nothing(UnitKind::Count)));
        }
    }
}

/// 1 for the largest; equal amounts share a rank and leave out the next: 1, 2, 2, 4.
fn rank(amount: Fen, all: &[Fen]) -> i64 {
    1 + i64::try_from(all.iter().filter(|other| **other > amount).count()).unwrap_or(i64::MAX - 1)
}
