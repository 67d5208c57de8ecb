//! What the records add to the published report: technology amounts, the middle contract, concentration, how long decisions take,
//! returns, refusals, revocations, the quality of the self-audit.

use std::collections::BTreeMap;

use super::{
    accumulator::Judged,
    annual::Figure,
    coder::Section,
    facts::{AuditOutcome, Handling, NO_DAYS, UNKNOWN},
    memory::{Block, Group},
    order::Amounts,
    sums::{Sum, YearSums},
    value::{FigureValue, UnitKind},
};

/// How long the decisions on the counted contracts took.
#[derive(Debug, Default)]
struct Decisions {
    days: BTreeMap<u16, i64>,
    in_time: i64,
    with_deadline: i64,
    returned: i64,
}

impl Decisions {
    fn add(&mut self, handling: Handling) {
        self.returned += i64::from(handling.returned);
        if handling.days != NO_DAYS {
            *self.days.entry(handling.days).or_default() += 1;
        }
        if handling.in_time != UNKNOWN {
            self.in_time += i64::from(handling.in_time);
            self.with_deadline += 1;
        }
    }

    /// Twice the median, which is a whole number.
    fn median_doubled(&self) -> Option<i64> {
        let last = self.days.values().sum::<i64>() - 1;
        let at = |k: i64| {
            let mut before = 0;
            self.days.iter().find_map(|(days, count)| {
                before += count;
                (before > k).then_some(i64::from(*days))
            })
        };
        Some(at(last / 2).filter(|_| last >= 0)? + at(last / 2 + last % 2)?)
    }
}

/// Collects what the sections of this file are made of.
#[derive(Debug, Default)]
pub(super) struct Records<'a> {
    amounts: Amounts<'a>,
    decisions: Decisions,
    pub audits: AuditOutcome,
}

/// What of the rest of the year these sections refer to.
pub(super) struct Year<'s> {
    pub current: &'s YearSums,
    pub previous: &'s YearSums,
    /// Contracts that were not confirmed.
    pub judged: Judged,
    /// Contracts revoked within the span.
    pub revoked: i64,
}

impl<'a> Records<'a> {
    pub fn add_amount(&mut self, amount: i64) {
        self.amounts.push(amount);
    }

    pub fn add_handling(&mut self, handling: Handling) {
        self.decisions.add(handling);
    }

    /// Adds all rows of a group.
    pub fn add_group(&mut self, block: &'a Block, group: &'a Group) {
        self.amounts.push_group(block, group);
        for (days, count) in group.days_taken() {
            *self.decisions.days.entry(*days).or_default() += i64::from(*count);
        }
        self.decisions.returned += i64::from(group.returns());
        let (in_time, known) = group.punctual();
        self.decisions.in_time += i64::from(in_time);
        self.decisions.with_deadline += i64::from(known);
    }

    pub fn figures(self, year: &Year<'_>) -> Vec<Figure> {
        let (total, before) = (year.current.total, year.previous.total);
        let share_of = |sum: Sum| FigureValue::share(sum.technology, sum.amount);
        let ranked = self.amounts.ranked();
        let decile = ranked.len().div_ceil(10);
        let share = |part| FigureValue::share(part, total.amount);
        let units = year.current.section(Section::Units);
        let largest_unit = units.iter().map(|sum| sum.amount).max().unwrap_or_default();
        let half = |doubled: Option<i64>| doubled.map_or(FigureValue::nothing(UnitKind::Fen), FigureValue::half_fen);
        let decided: i64 = self.decisions.days.values().sum();
        let days: i64 = self
            .decisions
            .days
            .iter()
            .map(|(days, count)| i64::from(*days) * count)
            .sum();
        let median_days = self.decisions.median_doubled();
        let Judged {
            refused,
            refused_returned,
            returned: returned_only,
            refused_undated,
            returned_undated,
        } = year.judged;
        let judged = total.contracts + refused;
        let returned = self.decisions.returned + refused_returned + returned_only;
        // What history does not date may belong to this span: then the number is not known.
        let known = |value: FigureValue, unknown: bool| {
            if unknown {
                FigureValue::nothing(value.unit())
            } else {
                value
            }
        };
        let no_returns = returned_undated || refused_undated;
        let audits = &self.audits;
        [
            ("technology.amount", FigureValue::fen(total.technology)),
            ("technology.share", share_of(total)),
            ("technology.previous_share", share_of(before)),
            ("contract_amounts.median", half(ranked.median_doubled())),
            (
                "contract_amounts.mean",
                FigureValue::mean_fen(total.amount, total.contracts),
            ),
            ("concentration.top_10_share", share(ranked.largest(10))),
            ("concentration.top_tenth_share", share(ranked.largest(decile))),
            ("concentration.largest_unit_share", share(largest_unit)),
            (
                "decisions.median_days",
                median_days.map_or(FigureValue::nothing(UnitKind::Ratio), |twice| {
                    FigureValue::ratio(twice, 2)
                }),
            ),
            ("decisions.mean_days", FigureValue::ratio(days, decided)),
            (
                "decisions.in_time_share",
                FigureValue::share(self.decisions.in_time, self.decisions.with_deadline),
            ),
            (
                "decisions.returned",
                known(FigureValue::count(returned), returned_undated),
            ),
            (
                "decisions.return_rate",
                known(FigureValue::share(returned, judged + returned_only), no_returns),
            ),
            ("decisions.refused", known(FigureValue::count(refused), refused_undated)),
            (
                "decisions.refusal_rate",
                known(FigureValue::share(refused, judged), refused_undated),
            ),
            (
                "decisions.revocation_rate",
                FigureValue::share(year.revoked, total.contracts + year.revoked),
            ),
            ("self_audits.drawn", FigureValue::count(audits.drawn)),
            ("self_audits.checked", FigureValue::count(audits.checked)),
            ("self_audits.wrong", FigureValue::count(audits.wrong)),
            (
                "self_audits.error_rate",
                FigureValue::share(audits.wrong, audits.checked),
            ),
        ]
        .map(|(name, value)| Figure {
            name: name.to_owned(),
            value,
        })
        .into()
    }
}
