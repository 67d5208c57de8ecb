//! The tables of a report: which figures their cells are, by the names of rows and the heads of columns.

use super::{
    exact::{Exact, Interval},
    statement::{Printed, Statement},
    vocabulary::{Vocabulary, tidy},
};
use crate::{
    domain::{
        code_list::ListName,
        outline::{OutlineCell, OutlineTable},
    },
    statistics::{coder::Section, sums::BANDS, value::PrintedUnit},
};

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// Items of a section.
    Items(Section),
    /// Years.
    Years,
}

/// Names of the row that sums up the others.
const TOTALS: [&str; 5] = ["合计", "总计", "共计", "总和", "全部"];

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    /// Last segment of the figures' names: `amount`, `plan_funded_share`.
    measure: String,
    unit: PrintedUnit,
}

fn says(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// The years that a text names: 2024年.
fn years_in(text: &str) -> Vec<i32> {
    let chars: Vec<char> = text.chars().collect();
    let windows = chars
        .windows(5)
        .filter(|w| matches!(w, [a, b, c, d, '年'] if [a, b, c, d].iter().all(|c| c.is_ascii_digit())));
    windows
        .filter_map(|w| w.get(..4)?.iter().collect::<String>().parse().ok())
        .collect()
}

/// What a column under `head` holds, `before` being the column to its left.
fn column(head: &str, rows: Rows, year: i32, default: Option<PrintedUnit>, before: Option<&Column>) -> Option<Column> {
    let unit_of_amount = if head.contains("亿元") {
        Some(PrintedUnit::YiYuan)
    } else if head.contains("万元") {
        Some(PrintedUnit::WanYuan)
    } else {
        default
    };
    let named = years_in(head);
    let prefix = match rows {
        Rows::Items(_) => "",
        Rows::Years if head.contains("计划外") => "outside_plan_",
        Rows::Years if says(head, &["计划内", "计划项目"]) => "plan_funded_",
        Rows::Years if head.contains("南疆") => "south_",
        Rows::Years if says(head, &["占比", "比重"]) => {
            let before = &before?.measure;
            ["outside_plan_", "plan_funded_", "south_"]
                .into_iter()
                .find(|p| before.starts_with(p))?
        }
        Rows::Years => "",
    };
    let (measure, unit) = if says(head, &["排名", "位次", "名次"]) {
        ("rank", PrintedUnit::Count)
    } else if says(head, &["增速", "增长", "增幅", "同比"]) {
        ("growth", PrintedUnit::Percent)
    } else if says(head, &["占比", "比重", "份额"]) {
        let of_number = says(head, &["份数", "项数", "合同数"])
            || (!says(head, &["成交额", "金额"]) && before.is_some_and(|b| b.measure == "contracts"));
        (if of_number { "count_share" } else { "share" }, PrintedUnit::Percent)
    } else if head.contains("技术交易额") {
        ("technology_amount", unit_of_amount?)
    } else if says(head, &["成交额", "成交总额", "金额"]) {
        ("amount", unit_of_amount?)
    } else if says(head, &["合同数", "项数", "份数"]) {
        ("contracts", PrintedUnit::Count)
    } else {
        return None;
    };
    let is_plain = matches!(measure, "amount" | "contracts");
    let measure = match (rows, named.as_slice()) {
        (Rows::Years, _) => format!("{prefix}{measure}"),
        (Rows::Items(_), [named]) if *named == year - 1 && is_plain => format!("previous_{measure}"),
        (Rows::Items(_), []) if head.contains("上年") && is_plain => format!("previous_{measure}"),
        (Rows::Items(_), [] | [_]) if named.first().is_none_or(|named| *named == year) => measure.to_owned(),
        _ => return None,
    };
    Some(Column { measure, unit })
}

/// One row, after its name has been understood.
struct Row<'t> {
    label: String,
    /// Item or year; none for the total.
    key: Option<String>,
    cells: &'t [OutlineCell],
}

/// A table under understanding.
struct Reading<'t, 'c> {
    vocabulary: &'t Vocabulary<'c>,
    rows_are: Rows,
    rows: Vec<Row<'t>>,
    columns: Vec<Option<Column>>,
    place: &'t str,
}

/// The statements of a table of the report on `year`; none where it is not known what it shows. `place` is its number or chapter.
pub(super) fn read(vocabulary: &Vocabulary<'_>, table: &OutlineTable, year: i32, place: &str) -> Vec<Statement> {
    let as_it_is = Reading::new(vocabulary, table, year, place).map(|reading| reading.statements());
    as_it_is.filter(|found| !found.is_empty()).unwrap_or_else(|| {
        let turned = table.transposed();
        Reading::new(vocabulary, &turned, year, place).map_or_else(Vec::new, |reading| reading.statements())
    })
}

impl<'t, 'c> Reading<'t, 'c> {
    fn new(vocabulary: &'t Vocabulary<'c>, table: &'t OutlineTable, year: i32, place: &'t str) -> Option<Self> {
        let label = |row: &[OutlineCell]| tidy(row.first().map_or("", |cell| cell.text.as_str()));
        let labels: Vec<String> = table.rows.iter().map(|row| label(row)).collect();
        let key = |rows: Rows, label: &str| -> Option<String> {
            match rows {
                Rows::Items(section) => vocabulary.item(section, label).map(str::to_owned),
                Rows::Years => {
                    let digits = label.strip_suffix('年').unwrap_or(label);
                    let year: i32 = digits.parse().ok().filter(|_| digits.len() == 4)?;
                    (1900..=2200).contains(&year).then(|| year.to_string())
                }
            }
        };
        let kinds = Section::ALL.into_iter().map(Rows::Items).chain([Rows::Years]);
        let counted = kinds.map(|rows| (labels.iter().filter(|label| key(rows, label).is_some()).count(), rows));
        let (known, rows_are) = counted.max_by_key(|(known, _)| *known)?;
        let first = labels.iter().position(|label| key(rows_are, label).is_some())?;
        let body = labels
            .iter()
            .skip(first)
            .filter(|label| !label.is_empty() && !is_total(label));
        // Two rows at least, and most of them known: else it is some other table that happens to name one.
        if first == 0 || known < 2 || known * 2 < body.count() {
            return None;
        }
        let width = table.rows.first().map_or(0, Vec::len);
        let heads = |at: usize| {
            let parts = table.rows.iter().take(first).filter_map(|row| row.get(at));
            tidy(&parts.map(|cell| cell.text.as_str()).collect::<String>())
        };
        let says_unit = format!("{}{}", tidy(&table.caption), heads(0));
        let default = if says_unit.contains("亿元") {
            Some(PrintedUnit::YiYuan)
        } else {
            says_unit.contains("万元").then_some(PrintedUnit::WanYuan)
        };
        let mut columns: Vec<Option<Column>> = vec![None];
        for at in 1..width {
            let before = columns.last().and_then(Option::as_ref);
            columns.push(column(&heads(at), rows_are, year, default, before));
        }
        let rows = labels.iter().zip(&table.rows).skip(first);
        let rows = rows.filter_map(|(label, cells)| {
            let key = key(rows_are, label);
            (key.is_some() || is_total(label)).then(|| Row {
                label: label.clone(),
                key,
                cells,
            })
        });
        Some(Self {
            vocabulary,
            rows_are,
            rows: rows.collect(),
            columns,
            place,
        })
    }

    fn statements(&self) -> Vec<Statement> {
        let mut statements = Vec::new();
        for (at, column) in self.columns.iter().enumerate() {
            let Some(column) = column else { continue };
            for (index, row) in self.rows.iter().enumerate() {
                let Some(printed) = self.printed(index, at) else {
                    continue;
                };
                let (figure, total_of) = match (self.rows_are, &row.key) {
                    (Rows::Years, Some(year)) => (format!("series.{year}.{}", column.measure), None),
                    (Rows::Items(section), Some(_)) => (self.figure(section, index, at, &printed), None),
                    (Rows::Items(section), None) if is_additive(&column.measure) => {
                        (format!("total.{}", column.measure), Some(section.key()))
                    }
                    // The total of shares is 100 %, that of ranks nothing.
                    _ => continue,
                };
                statements.push(Statement {
                    figure,
                    printed,
                    place: format!("{} {}", self.place, row.label),
                    total_of,
                });
            }
        }
        statements
    }

    /// The number in a cell; none where there is none.
    fn printed(&self, row: usize, at: usize) -> Option<Printed> {
        let column = self.columns.get(at)?.as_ref()?;
        let text = tidy(&self.rows.get(row)?.cells.get(at)?.text);
        let digits = text.strip_suffix('%').unwrap_or(&text);
        let unit = match column.unit {
            // A share of 0.22 is 22 %.
            PrintedUnit::Percent if digits.len() == text.len() && digits.starts_with("0.") => PrintedUnit::Ratio,
            unit => unit,
        };
        Printed::read(digits, unit)
    }

    /// The figure in an item's cell: of that item, or, where neighbours have left their cells to it, of all of them together.
    fn figure(&self, section: Section, row: usize, at: usize, printed: &Printed) -> String {
        let measure = self
            .columns
            .get(at)
            .and_then(Option::as_ref)
            .map_or("", |c| c.measure.as_str());
        let rows = self.together(row, at, printed);
        let keys: Vec<&str> = rows
            .iter()
            .filter_map(|row| self.rows.get(*row)?.key.as_deref())
            .collect();
        match (section, keys.as_slice()) {
            (Section::Sizes, [first, .., last]) => match self.band(first, last) {
                Some(band) => format!("bands.{band}.{measure}"),
                None => format!("sizes.{}.{measure}", keys.join("+")),
            },
            (section, keys) => format!("{}.{}.{measure}", section.key(), keys.join("+")),
        }
    }

    /// The band that the size classes from `first` to `last` make up.
    fn band(&self, first: &str, last: &str) -> Option<&'static str> {
        let sizes = self.vocabulary.catalogue.list(ListName::SizeClass);
        let from = sizes.get(first)?.from_fen?;
        let to = sizes
            .items()
            .get(sizes.index_of(last)? + 1)
            .and_then(|next| next.from_fen);
        let found = BANDS
            .iter()
            .find(|(_, low, high)| *low == from && to.unwrap_or(i64::MAX) == *high);
        found.map(|(key, _, _)| *key)
    }

    /// The rows that a share stands for: where the document says which cells are one, those; else its own row, or, where it does not
    /// fit that alone, the empty cells around it with which it does.
    fn together(&self, row: usize, at: usize, printed: &Printed) -> Vec<usize> {
        let measure = self
            .columns
            .get(at)
            .and_then(Option::as_ref)
            .map(|c| c.measure.as_str());
        let of = match measure {
            Some("share") => "amount",
            Some("count_share") => "contracts",
            _ => return vec![row],
        };
        let cell = |row: usize| {
            self.rows
                .get(row)
                .filter(|row| row.key.is_some())
                .and_then(|row| row.cells.get(at))
        };
        let merged = (row + 1..self.rows.len())
            .take_while(|next| cell(*next).is_some_and(|c| c.merged_up))
            .count();
        if merged > 0 {
            return (row..=row + merged).collect();
        }
        let is_empty = |row: usize| cell(row).is_some_and(|c| c.text.trim().is_empty());
        let above = (0..row).rev().take_while(|row| is_empty(*row)).count();
        let below = (row + 1..self.rows.len()).take_while(|row| is_empty(*row)).count();
        let fits = |from: usize, to: usize| self.fits(from, to, of, printed);
        if (above == 0 && below == 0) || fits(row, row) != Some(false) {
            return vec![row];
        }
        let candidates = (0..=above).flat_map(|up| (0..=below).map(move |down| (row - up, row + down)));
        let mut candidates: Vec<(usize, usize)> = candidates.collect();
        candidates.sort_by_key(|(from, to)| std::cmp::Reverse(to - from));
        let found = candidates.into_iter().find(|(from, to)| fits(*from, *to) == Some(true));
        found.map_or_else(|| vec![row], |(from, to)| (from..=to).collect())
    }

    /// Whether the share of the rows in the table's total may be what is printed; none where the table does not say.
    fn fits(&self, from: usize, to: usize, measure: &str, printed: &Printed) -> Option<bool> {
        let at = self
            .columns
            .iter()
            .position(|c| c.as_ref().is_some_and(|c| c.measure == measure))?;
        let value = |row: usize| self.printed(row, at)?.interval();
        let part = (from..=to).try_fold(Interval::exactly(Exact::ZERO), |sum, row| sum.add(value(row)?))?;
        let total = self.rows.iter().position(|row| row.key.is_none())?;
        Some(part.div(value(total)?)?.meets(printed.interval()?))
    }
}

fn is_total(label: &str) -> bool {
    TOTALS.contains(&label)
}

/// Whether the rows' values add up to the total's.
fn is_additive(measure: &str) -> bool {
    measure.ends_with("contracts") || measure.ends_with("amount")
}
