//! Some thousand contracts confirmed one after the other, column by column, with what they come to already summed: where all
//! of them are in force at the moment asked for and confirmed within the span asked for, nobody looks at them one by one.

use super::super::{
    coder::{Coder, Section},
    facts::{Handling, NO_DAYS, Standing, UNKNOWN},
    sums::{Sum, YearSums},
};
use std::{collections::BTreeMap, ops::Range};

use crate::domain::{money::Fen, time::Moment};

/// Rows of a block when it is made; one that grows beyond is split.
pub(in crate::statistics) const ROWS: usize = 4096;

/// Until when an open stretch lasts.
pub(super) const OPEN: i64 = i64::MAX;

/// A column of codes; the order is that of [`Block::codes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::statistics) enum Column {
    Unit,
    Type,
    PlanSource,
    SellerKind,
    Field,
    Flow,
    CrossBorder,
    /// Class of the amount.
    Size,
}

const COLUMNS: usize = 8;

/// One stretch on its way into a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub contract: i64,
    /// Revisions are counted from 1 at each contract; four billions are beyond any of them.
    pub revision: u32,
    pub from: i64,
    /// First microsecond after it; [`OPEN`] while it lasts.
    pub until: i64,
    pub confirmed: i64,
    pub amount: Fen,
    pub technology: Fen,
    pub codes: [u8; COLUMNS],
    pub handling: Handling,
}

impl Row {
    pub fn new(
        coder: &Coder<'_>,
        (contract, revision): (i64, i64),
        (from, until): (i64, i64),
        standing: &Standing,
        handling: Handling,
    ) -> Self {
        Self {
            contract,
            revision: u32::try_from(revision).unwrap_or(u32::MAX),
            from,
            until,
            confirmed: standing.first_confirmed_at.micros(),
            amount: standing.amount_fen,
            technology: standing.technology_amount_fen,
            codes: [
                standing.unit,
                standing.contract_type,
                standing.plan_source,
                standing.seller_kind,
                standing.field,
                standing.flow,
                standing.cross_border,
                coder.size(standing.amount_fen),
            ],
            handling,
        }
    }

    /// In force since its confirmation, and still.
    fn is_plain(&self) -> bool {
        self.until == OPEN && self.from <= self.confirmed
    }

    fn standing(&self) -> Standing {
        let [
            unit,
            contract_type,
            plan_source,
            seller_kind,
            field,
            flow,
            cross_border,
            _,
        ] = self.codes;
        Standing {
            first_confirmed_at: Moment::from_micros(self.confirmed),
            amount_fen: self.amount,
            technology_amount_fen: self.technology,
            unit,
            contract_type,
            plan_source,
            seller_kind,
            field,
            flow,
            cross_border,
        }
    }
}

/// Rows of a block that last, side by side, and what they come to.
#[derive(Debug)]
pub(in crate::statistics) struct Group {
    places: Range<usize>,
    /// The last of their beginnings: from then on all are in force.
    all_from: i64,
    /// Their places by amount, rising.
    by_amount: Box<[u16]>,
    sums: YearSums,
    /// How many of them were decided after so many days; without those where it is unknown.
    days_taken: Box<[(u16, u32)]>,
    /// Those decided in time, and those of which that is known.
    punctual: (u32, u32),
    /// Those that had been returned for correction.
    returns: u32,
}

impl Group {
    fn new(coder: &Coder<'_>, large_from: Fen, first: usize, rows: &[Row]) -> Self {
        let mut sums = YearSums::new(coder);
        let mut taken = BTreeMap::<u16, u32>::new();
        let (mut punctual, mut returns) = ((0, 0), 0);
        for row in rows {
            sums.add(coder, large_from, &row.standing());
            if row.handling.days != NO_DAYS {
                *taken.entry(row.handling.days).or_default() += 1;
            }
            returns += u32::from(row.handling.returned);
            if row.handling.in_time != UNKNOWN {
                punctual.0 += u32::from(row.handling.in_time);
                punctual.1 += 1;
            }
        }
        let mut order: Vec<(Fen, u16)> = (first..)
            .zip(rows)
            .filter_map(|(place, row)| Some((row.amount, u16::try_from(place).ok()?)))
            .collect();
        order.sort_unstable();
        Self {
            places: first..first + rows.len(),
            all_from: rows
                .iter()
                .map(|row| row.from.max(row.confirmed))
                .max()
                .unwrap_or(i64::MIN),
            by_amount: order.into_iter().map(|(_, place)| place).collect(),
            sums,
            days_taken: taken.into_iter().collect(),
            punctual,
            returns,
        }
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// The places of the rows in their block.
    pub fn places(&self) -> Range<usize> {
        self.places.clone()
    }

    /// Whether all of them are in force at `at`.
    pub const fn all_in_force(&self, at: i64) -> bool {
        self.all_from <= at
    }

    /// What they come to.
    pub const fn sums(&self) -> &YearSums {
        &self.sums
    }

    /// How many were decided after how many days.
    pub fn days_taken(&self) -> &[(u16, u32)] {
        &self.days_taken
    }

    /// How many were decided in time, and of how many that is known.
    pub const fn punctual(&self) -> (u32, u32) {
        self.punctual
    }

    /// How many had been returned for correction.
    pub const fn returns(&self) -> u32 {
        self.returns
    }

    fn bytes(&self) -> usize {
        let sums: usize = Section::ALL
            .iter()
            .map(|section| self.sums.section(*section).len())
            .sum();
        let sums = (sums + self.sums.imports_by_type.len()) * size_of::<Sum>();
        size_of::<Self>() + self.by_amount.len() * 2 + self.days_taken.len() * 8 + sums
    }
}

/// The rows: first those in force since their confirmation and still (nearly all), then those that are in force since later (the
/// last revision of what was amended, what was reinstated), then those that are over.
#[derive(Debug)]
pub(in crate::statistics) struct Block {
    contracts: Box<[i64]>,
    revisions: Box<[u32]>,
    confirmed: Box<[i64]>,
    amounts: Box<[Fen]>,
    technologies: Box<[Fen]>,
    codes: [Box<[u8]>; COLUMNS],
    days: Box<[u16]>,
    in_time: Box<[u8]>,
    /// Whether returned before: a bit a row.
    returned: Box<[u8]>,
    /// Of the rows after the plain ones.
    stretches: Box<[(i64, i64)]>,
    plain: usize,
    /// First and last confirmation.
    span: (i64, i64),
    /// The plain rows, and those in force since later.
    groups: [Group; 2],
    /// The last end of those that are over.
    all_over: i64,
}

impl Block {
    /// Of rows in order of confirmation, at most 65,536.
    pub(super) fn new(coder: &Coder<'_>, large_from: Fen, rows: &[Row]) -> Self {
        let (plain, others): (Vec<Row>, Vec<Row>) = rows.iter().partition(|row| row.is_plain());
        let (later, over): (Vec<Row>, Vec<Row>) = others.iter().partition(|row| row.until == OPEN);
        let span = (
            rows.first().map_or(i64::MAX, |row| row.confirmed),
            rows.last().map_or(i64::MIN, |row| row.confirmed),
        );
        let all = || plain.iter().chain(&later).chain(&over);
        let others = later.iter().chain(&over);
        Self {
            contracts: all().map(|row| row.contract).collect(),
            revisions: all().map(|row| row.revision).collect(),
            confirmed: all().map(|row| row.confirmed).collect(),
            amounts: all().map(|row| row.amount).collect(),
            technologies: all().map(|row| row.technology).collect(),
            codes: std::array::from_fn(|column| {
                all()
                    .map(|row| row.codes.get(column).copied().unwrap_or(UNKNOWN))
                    .collect()
            }),
            days: all().map(|row| row.handling.days).collect(),
            in_time: all().map(|row| row.handling.in_time).collect(),
            returned: bits(all().map(|row| row.handling.returned)),
            stretches: others.map(|row| (row.from, row.until)).collect(),
            plain: plain.len(),
            span,
            groups: [
                Group::new(coder, large_from, 0, &plain),
                Group::new(coder, large_from, plain.len(), &later),
            ],
            all_over: over.iter().map(|row| row.until).max().unwrap_or(i64::MIN),
        }
    }

    /// Rows, plain or not.
    pub fn len(&self) -> usize {
        self.contracts.len()
    }

    /// First and last confirmation; the first after the last where there are no rows.
    pub const fn span(&self) -> (i64, i64) {
        self.span
    }

    /// The rows that last, in two groups.
    pub const fn groups(&self) -> &[Group; 2] {
        &self.groups
    }

    /// Moments of confirmation of all rows.
    pub fn confirmed(&self) -> &[i64] {
        &self.confirmed
    }

    /// Amounts of all rows.
    pub fn amounts(&self) -> &[Fen] {
        &self.amounts
    }

    /// Technology amounts of all rows.
    pub fn technologies(&self) -> &[Fen] {
        &self.technologies
    }

    /// A column of codes of all rows.
    pub fn codes(&self, column: Column) -> &[u8] {
        self.codes.get(column as usize).map_or(&[], |codes| codes)
    }

    /// Places of the rows of a group that are in force at `at`.
    pub fn in_force<'b>(&'b self, group: &'b Group, at: i64) -> impl Iterator<Item = usize> + 'b {
        group.places().filter(move |place| self.begins(*place) <= at)
    }

    /// Places of the rows that were in force at `at` and are over now.
    pub fn past_in_force(&self, at: i64) -> impl Iterator<Item = usize> + '_ {
        let first = self.groups[1].places.end;
        let stretches = if at < self.all_over {
            self.stretches.get(first - self.plain..)
        } else {
            None
        };
        let stretches = stretches.unwrap_or(&[]).iter().zip(first..);
        stretches
            .filter(move |((from, until), _)| *from <= at && at < *until)
            .map(|(_, place)| place)
    }

    /// When a row begins to be in force.
    fn begins(&self, place: usize) -> i64 {
        let later = place
            .checked_sub(self.plain)
            .and_then(|other| self.stretches.get(other));
        later.map_or_else(
            || self.confirmed.get(place).copied().unwrap_or(i64::MAX),
            |(from, _)| *from,
        )
    }

    /// Whose row it is: key and revision of the contract, and its first confirmation.
    pub fn key(&self, place: usize) -> Option<(i64, i64, Moment)> {
        Some((
            *self.contracts.get(place)?,
            i64::from(*self.revisions.get(place)?),
            Moment::from_micros(*self.confirmed.get(place)?),
        ))
    }

    /// A row as it is counted.
    pub fn standing(&self, place: usize) -> Option<(Standing, Handling)> {
        let row = self.row(place)?;
        Some((row.standing(), row.handling))
    }

    pub(super) fn row(&self, place: usize) -> Option<Row> {
        let confirmed = *self.confirmed.get(place)?;
        let stretch = place
            .checked_sub(self.plain)
            .and_then(|other| self.stretches.get(other));
        let (from, until) = stretch.copied().unwrap_or((confirmed, OPEN));
        let mut codes = [UNKNOWN; COLUMNS];
        for (code, column) in codes.iter_mut().zip(&self.codes) {
            *code = *column.get(place)?;
        }
        Some(Row {
            contract: *self.contracts.get(place)?,
            revision: *self.revisions.get(place)?,
            from,
            until,
            confirmed,
            amount: *self.amounts.get(place)?,
            technology: *self.technologies.get(place)?,
            codes,
            handling: Handling {
                days: *self.days.get(place)?,
                in_time: *self.in_time.get(place)?,
                returned: self.returned.get(place / 8)? & (1 << (place % 8)) != 0,
            },
        })
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        (0..self.len()).filter_map(|place| self.row(place))
    }

    /// How many rows of a group have at most that amount, given that it is within `low..=high`.
    pub fn up_to(&self, group: &Group, amount: Fen, (low, high): (usize, usize)) -> usize {
        let places = group.by_amount.get(low..high).unwrap_or(&[]);
        low + places.partition_point(|place| self.amounts.get(usize::from(*place)).is_some_and(|a| *a <= amount))
    }

    /// The amounts of a group from the `from`th smallest on, rising.
    pub fn amounts_from<'b>(&'b self, group: &'b Group, from: usize) -> impl DoubleEndedIterator<Item = Fen> + 'b {
        let places = group.by_amount.get(from..).unwrap_or(&[]);
        places
            .iter()
            .filter_map(|place| self.amounts.get(usize::from(*place)).copied())
    }

    /// Bytes it holds.
    pub(super) fn bytes(&self) -> usize {
        let rows = self.len() * (4 * 8 + 4 + COLUMNS + 2 + 1) + self.returned.len() + self.stretches.len() * 16;
        let groups: usize = self.groups.iter().map(Group::bytes).sum();
        size_of::<Self>() + rows + groups
    }
}

fn bits(values: impl Iterator<Item = bool>) -> Box<[u8]> {
    let mut bytes = Vec::new();
    for (at, value) in values.enumerate() {
        if at % 8 == 0 {
            bytes.push(0);
        }
        if let Some(byte) = bytes.last_mut() {
            *byte |= u8::from(value) << (at % 8);
        }
    }
    bytes.into()
}
