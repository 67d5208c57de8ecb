//! A table of the contracts by any two dimensions, counted by the definitions of the annual figures: first confirmed within the span
//! asked for, in force at the moment asked for, with the revision valid then.

use std::ops::RangeInclusive;

use super::{
    Coder, LedgerHead, Question, Standing,
    dimension::{Axis, Value},
    memory::Block,
    sums::Sum,
    value::FigureValue,
};
use crate::domain::time::Moment;

pub use super::dimension::Dimension;

/// What the cells show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Contracts.
    Contracts,
    /// 合同成交额.
    Amount,
    /// 技术交易额.
    TechnologyAmount,
    /// Amount ÷ amount of the whole table.
    Share,
    /// Contracts ÷ contracts of the whole table.
    CountShare,
    /// Amount ÷ contracts, to the fen.
    MeanAmount,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 6] = [
        Self::Contracts,
        Self::Amount,
        Self::TechnologyAmount,
        Self::Share,
        Self::CountShare,
        Self::MeanAmount,
    ];

    /// The id, as in requests.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Contracts => "contracts",
            Self::Amount => "amount",
            Self::TechnologyAmount => "technology_amount",
            Self::Share => "share",
            Self::CountShare => "count_share",
            Self::MeanAmount => "mean_amount",
        }
    }

    /// The measure of that id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.id() == id)
    }

    /// Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Contracts => "合同项数",
            Self::Amount => "合同成交额",
            Self::TechnologyAmount => "技术交易额",
            Self::Share => "成交额占比",
            Self::CountShare => "份数占比",
            Self::MeanAmount => "单项合同平均成交额",
        }
    }

    fn of(self, sum: Sum, total: Sum) -> FigureValue {
        match self {
            Self::Contracts => FigureValue::count(sum.contracts),
            Self::Amount => FigureValue::fen(sum.amount),
            Self::TechnologyAmount => FigureValue::fen(sum.technology),
            Self::Share => FigureValue::share(sum.amount, total.amount),
            Self::CountShare => FigureValue::share(sum.contracts, total.contracts),
            Self::MeanAmount => FigureValue::mean_fen(sum.amount, sum.contracts),
        }
    }
}

/// What a table is to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The dimension of the rows.
    pub rows: Dimension,
    /// The dimension of the columns; without one there is the total alone.
    pub columns: Option<Dimension>,
    /// What the cells show.
    pub measure: Measure,
    /// Only contracts of these values: of one dimension any of them, of several dimensions all.
    pub filters: Vec<(Dimension, String)>,
}

impl Layout {
    /// The years counted: the one asked for, or where years are asked for those of its series.
    pub fn years(&self, question: &Question) -> RangeInclusive<i32> {
        let by_year = self.rows == Dimension::Year
            || self.columns == Some(Dimension::Year)
            || self.filters.iter().any(|(dimension, _)| *dimension == Dimension::Year);
        if by_year {
            question.series()
        } else {
            question.year()..=question.year()
        }
    }
}

/// Why there is no such table: the dimension of a filter has no such value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}没有代码“{code}”", .dimension.label())]
pub struct NoSuchValue {
    /// The dimension.
    pub dimension: Dimension,
    /// What was asked for.
    pub code: String,
}

/// A filled table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pivot {
    /// The question that it answers.
    pub year: i32,
    /// The moment whose state of things was counted.
    pub as_of: Moment,
    /// What it shows.
    pub layout: Layout,
    /// Values of the rows; the last, without a code, is there where contracts have none.
    pub rows: Vec<Head>,
    /// Values of the columns, likewise.
    pub columns: Vec<Head>,
    /// Row by row.
    pub cells: Vec<Vec<FigureValue>>,
    /// What each row comes to.
    pub row_totals: Vec<FigureValue>,
    /// What each column comes to.
    pub column_totals: Vec<FigureValue>,
    /// What all comes to.
    pub total: FigureValue,
    /// Where the ledger stood.
    pub ledger: LedgerHead,
}

/// Head of a row or a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Code; none for contracts whose code is missing or not on the list.
    pub code: Option<String>,
    /// In Chinese.
    pub label: String,
}

/// Counts contracts into a table.
#[derive(Debug)]
pub struct Counter<'a> {
    coder: &'a Coder<'a>,
    question: &'a Question,
    layout: Layout,
    rows: Axis,
    columns: Option<Axis>,
    /// By axis: whether a place passes.
    filters: Vec<(Axis, Vec<bool>)>,
    cells: Vec<Sum>,
    /// First moments counted and no longer counted, rising; one for years that are counted whole.
    spans: Vec<(i64, i64)>,
    as_of: i64,
    /// Places of a block's rows: in the rows, in the columns, on a filter's axis.
    scratch: [Vec<u16>; 3],
    passes: Vec<bool>,
}

impl<'a> Counter<'a> {
    /// Begins an empty table.
    ///
    /// # Errors
    /// Where a filter names a value that its dimension does not have.
    pub fn new(coder: &'a Coder<'a>, question: &'a Question, layout: Layout) -> Result<Self, NoSuchValue> {
        let years = layout.years(question);
        let axis = |dimension| Axis::new(coder, dimension, years.clone());
        let mut filters: Vec<(Dimension, Axis, Vec<bool>)> = Vec::new();
        for (dimension, code) in &layout.filters {
            let at = match filters.iter().position(|(d, ..)| d == dimension) {
                Some(at) => at,
                None => {
                    let axis = axis(*dimension);
                    let passes = vec![false; axis.len()];
                    filters.push((*dimension, axis, passes));
                    filters.len() - 1
                }
            };
            let Some((_, axis, passes)) = filters.get_mut(at) else {
                continue;
            };
            let place = axis.place_of(code).ok_or_else(|| NoSuchValue {
                dimension: *dimension,
                code: code.clone(),
            })?;
            if let Some(pass) = passes.get_mut(usize::from(place)) {
                *pass = true;
            }
        }
        let rows = axis(layout.rows);
        let columns = layout.columns.map(axis);
        let cells = rows.len() * columns.as_ref().map_or(1, Axis::len);
        Ok(Self {
            coder,
            question,
            rows,
            columns,
            filters: filters.into_iter().map(|(_, axis, passes)| (axis, passes)).collect(),
            cells: vec![Sum::default(); cells],
            spans: spans(question, years),
            as_of: question.as_of().micros(),
            scratch: Default::default(),
            passes: Vec::new(),
            layout,
        })
    }

    /// Counts a contract that is in force at the question's moment; one that was confirmed outside its span is ignored.
    pub fn add(&mut self, standing: &Standing) {
        let at = standing.first_confirmed_at.micros();
        let place = |axis: &Axis| axis.place(self.coder, standing);
        let passes =
            |(axis, passes): &(Axis, Vec<bool>)| passes.get(usize::from(place(axis))).copied().unwrap_or(false);
        if !within(&self.spans, at) || !self.filters.iter().all(passes) {
            return;
        }
        let width = self.columns.as_ref().map_or(1, Axis::len);
        let cell = usize::from(place(&self.rows)) * width + usize::from(self.columns.as_ref().map_or(0, place));
        if let Some(sum) = self.cells.get_mut(cell) {
            sum.add(1, standing.amount_fen, standing.technology_amount_fen);
        }
    }

    /// Counts what of a block is in force at the question's moment.
    pub(super) fn add_block(&mut self, block: &Block) {
        let (first, last) = block.span();
        let as_of = self.as_of;
        let touches = |(start, cut): &(i64, i64)| last >= *start && first < *cut;
        if first > as_of || !self.spans.iter().any(touches) {
            return;
        }
        let whole = self.spans.iter().any(|(start, cut)| *start <= first && last < *cut);
        let width = self.columns.as_ref().map_or(1, Axis::len);
        let [rows, columns, filtered] = &mut self.scratch;
        self.rows.places(block, rows);
        match &self.columns {
            Some(axis) => axis.places(block, columns),
            None => columns.clear(),
        }
        self.passes.clear();
        self.passes.resize(block.len(), true);
        if !whole {
            for (pass, at) in self.passes.iter_mut().zip(block.confirmed()) {
                *pass = within(&self.spans, *at);
            }
        }
        for (axis, allowed) in &self.filters {
            axis.places(block, filtered);
            for (pass, place) in self.passes.iter_mut().zip(filtered.iter()) {
                *pass &= allowed.get(usize::from(*place)).copied().unwrap_or(false);
            }
        }
        let (amounts, technologies) = (block.amounts(), block.technologies());
        let mut count = |place: usize| {
            let (Some(true), Some(row)) = (self.passes.get(place).copied(), rows.get(place)) else {
                return;
            };
            let column = columns.get(place).copied().unwrap_or(0);
            let (Some(sum), Some(amount), Some(technology)) = (
                self.cells.get_mut(usize::from(*row) * width + usize::from(column)),
                amounts.get(place),
                technologies.get(place),
            ) else {
                return;
            };
            sum.add(1, *amount, *technology);
        };
        for group in block.groups() {
            if group.all_in_force(as_of) {
                group.places().for_each(&mut count);
            } else {
                block.in_force(group, as_of).for_each(&mut count);
            }
        }
        block.past_in_force(as_of).for_each(&mut count);
    }

    /// The table, with where the ledger stood when the contracts were read.
    pub fn finish(self, ledger: LedgerHead) -> Pivot {
        let width = self.columns.as_ref().map_or(1, Axis::len);
        let sums: Vec<&[Sum]> = self.cells.chunks(width).collect();
        let add = |a: Sum, b: &Sum| a.plus(*b);
        let row_sums: Vec<Sum> = sums.iter().map(|row| row.iter().fold(Sum::default(), add)).collect();
        let column_sums: Vec<Sum> = (0..width)
            .map(|at| sums.iter().filter_map(|row| row.get(at)).fold(Sum::default(), add))
            .collect();
        let total = row_sums.iter().fold(Sum::default(), add);
        let measure = self.layout.measure;
        // The place without a value is left out where nobody is in it.
        let shown = |axis: &Axis, sums: &[Sum]| -> Vec<usize> {
            let last = axis.len() - 1;
            (0..axis.len())
                .filter(|at| *at != last || sums.get(*at).is_some_and(|sum| sum.contracts > 0))
                .collect()
        };
        let rows_shown = shown(&self.rows, &row_sums);
        let columns_shown = match &self.columns {
            Some(axis) => shown(axis, &column_sums),
            None => Vec::new(),
        };
        let pick = |sums: &[Sum], at: usize| measure.of(sums.get(at).copied().unwrap_or_default(), total);
        Pivot {
            year: self.question.year(),
            as_of: self.question.as_of(),
            rows: rows_shown.iter().map(|at| head(&self.rows.values, *at)).collect(),
            columns: columns_shown
                .iter()
                .filter_map(|at| Some(head(&self.columns.as_ref()?.values, *at)))
                .collect(),
            cells: rows_shown
                .iter()
                .map(|row| {
                    let sums = sums.get(*row).copied().unwrap_or_default();
                    columns_shown.iter().map(|at| pick(sums, *at)).collect()
                })
                .collect(),
            row_totals: rows_shown.iter().map(|at| pick(&row_sums, *at)).collect(),
            column_totals: columns_shown.iter().map(|at| pick(&column_sums, *at)).collect(),
            total: measure.of(total, total),
            layout: self.layout,
            ledger,
        }
    }
}

fn within(spans: &[(i64, i64)], at: i64) -> bool {
    spans.iter().any(|(start, cut)| *start <= at && at < *cut)
}

fn spans(question: &Question, years: RangeInclusive<i32>) -> Vec<(i64, i64)> {
    let mut spans: Vec<(i64, i64)> = Vec::new();
    for year in years {
        let (start, cut) = (question.start(year).micros(), question.cut(year).micros());
        match spans.last_mut() {
            Some(last) if last.1 == start => last.1 = cut,
            _ => spans.push((start, cut)),
        }
    }
    spans
}

fn head(values: &[Value], at: usize) -> Head {
    values.get(at).map_or_else(
        || Head {
            code: None,
            label: "（未载明）".to_owned(),
        },
        |value| Head {
            code: Some(value.code.clone()),
            label: value.label.clone(),
        },
    )
}
