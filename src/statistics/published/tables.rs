//! The tables of a report: which figures their cells are, by the names of rows and the heads of columns.

use super::{
    captions::CaptionWords,
    exact::{Exact, Interval},
    statement::{Printed, Statement},
    vocabulary::{Vocabulary, tidy},
    words::{WORDS, Word},
};
use crate::{
    domain::{
        code_list::ListName,
        outline::{OutlineCell, OutlineTable},
        steps,
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
const TOTALS: [&str; 12] = [
    "合计",
    "总计",
    "共计",
    "总和",
    "全部",
    "全兵团",
    "兵团合计",
    "兵团总计",
    "全兵团合计",
    "兵团",
    "总额",
    "总数",
];

/// The most columns, and rows, in which tables side by side are looked for.
const MAX_ACROSS: usize = 60;
const MAX_ROWS_ACROSS: usize = 100;

/// The most rows that one cell is taken to stand for.
const MAX_TOGETHER: usize = 20;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    /// Last segment of the figures' names: `amount`, `plan_funded_share`.
    measure: String,
    unit: PrintedUnit,
    /// Whether its head says that its numbers are percent.
    in_percent: bool,
}

fn says(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// The years that a text names: 2024年.
pub(super) fn years_in(text: &str) -> Vec<i32> {
    let chars: Vec<char> = text.chars().collect();
    let windows = chars
        .windows(5)
        .filter(|w| matches!(w, [a, b, c, d, '年'] if [a, b, c, d].iter().all(|c| c.is_ascii_digit())));
    windows
        .filter_map(|w| w.get(..4)?.iter().collect::<String>().parse().ok())
        .collect()
}

/// Words of heads and captions by which a table is of a part of a year.
const PARTS: [&str; 5] = ["月", "季度", "半年", "季", "旬"];

/// Whether a head or a caption says that numbers are of a part of a year, of several years together, or of what has no figures.
pub(super) fn is_of_something_else(text: &str) -> bool {
    let text = text.replace("1-12月", "");
    let words = WORDS.iter().filter(|(_, says)| {
        matches!(
            says,
            Word::Elsewhere | Word::Period | Word::SoFar | Word::Part | Word::Takes | Word::Stranger
        )
    });
    says(&text, &PARTS) || words.into_iter().any(|(word, _)| text.contains(word))
}

/// A head without what a growth is against: 比上年增长, 较2024年增长.
pub(super) fn without_comparison(head: &str, year: i32) -> String {
    let before = format!("{}年", year - 1);
    let times = [
        "上年同期",
        "上年度",
        "上一年",
        "上年",
        "去年同期",
        "去年",
        before.as_str(),
    ];
    let mut head = head.to_owned();
    for word in ["相较于", "相比", "较", "比", "与", "同"] {
        for time in times {
            head = head
                .replace(&format!("{word}{time}相比"), "")
                .replace(&format!("{word}{time}"), "");
        }
    }
    head
}

/// The unit of amounts by a caption or a corner.
pub(super) fn unit_in(text: &str) -> Option<PrintedUnit> {
    if text.contains("亿元") {
        Some(PrintedUnit::YiYuan)
    } else {
        text.contains("万元").then_some(PrintedUnit::WanYuan)
    }
}

/// The year of a table whose caption names one and no part of it; none where it is of something else than a year.
pub(super) fn year_of(caption: &str, year: i32) -> Option<i32> {
    let caption = tidy(caption);
    let parts = PARTS.iter().any(|word| caption.replace("1-12月", "").contains(word));
    let years = years_in(&caption);
    match years.as_slice() {
        _ if parts => None,
        [only] => Some(*only),
        _ => Some(year),
    }
}

/// The tables that stand side by side in one: each begins with a column of names.
pub(super) fn side_by_side(vocabulary: &Vocabulary<'_>, table: &OutlineTable) -> Vec<OutlineTable> {
    let width = table.rows.first().map_or(0, Vec::len);
    let column = |at: usize| {
        let rows = table.rows.iter().skip(1).take(MAX_ROWS_ACROSS);
        rows.filter_map(move |row| Some(tidy(&row.get(at)?.text)))
    };
    let is_named = |text: &str| {
        let mut sections = Section::ALL.into_iter();
        is_total(text) || sections.any(|section| vocabulary.loose_item(section, text).is_some())
    };
    let holds_names = |at: usize| {
        let filled = column(at).filter(|text| !text.is_empty());
        let (named, all) = filled.fold((0, 0), |(named, all), text| {
            (named + usize::from(is_named(&text)), all + 1)
        });
        named > 1 && named * 3 >= all * 2
    };
    let holds_numbers = |at: usize| column(at).any(|text| text.starts_with(|c: char| c.is_ascii_digit()));
    let mut begins = vec![0];
    let mut has_numbers = false;
    for at in 1..width.min(MAX_ACROSS) {
        steps::tick(1);
        if has_numbers && holds_names(at) {
            begins.push(at);
            has_numbers = false;
        } else {
            has_numbers |= holds_numbers(at);
        }
    }
    if begins.len() > 1 && !holds_names(0) {
        begins.truncate(1);
    }
    if begins.len() == 1 {
        return vec![table.clone()];
    }
    let ends = begins.iter().skip(1).copied().chain([width]);
    let part = |(from, to): (usize, usize)| OutlineTable {
        caption: table.caption.clone(),
        rows: table
            .rows
            .iter()
            .map(|row| row.get(from..to).unwrap_or_default().to_vec())
            .collect(),
    };
    begins.iter().copied().zip(ends).map(part).collect()
}

/// Shares of a column that are printed as parts of one (0.171) all are, also one that is not below 1.
fn as_ratios(rows: &[Row<'_>], columns: &mut [Option<Column>]) {
    for (at, column) in columns.iter_mut().enumerate() {
        let Some(column) = column.as_mut().filter(|column| column.unit == PrintedUnit::Percent) else {
            continue;
        };
        let texts = || rows.iter().filter_map(|row| Some(tidy(&row.cells.get(at)?.text)));
        let parts = texts()
            .filter(|text| text.starts_with("0.") || text.starts_with("-0."))
            .count();
        let numbers = texts()
            .filter(|text| text.contains(|c: char| c.is_ascii_digit()))
            .count();
        if !column.in_percent && parts * 2 > numbers && !texts().any(|text| text.contains('%')) {
            column.unit = PrintedUnit::Ratio;
        }
    }
}

/// What a head says that its numbers measure: last segment of the figures' names, unit, whether that is percent by the head's own word.
/// `before` is the measure told before it: 占比 alone is of that.
pub(super) fn measure_of(
    head: &str,
    default: Option<PrintedUnit>,
    before: Option<&str>,
) -> Option<(&'static str, PrintedUnit, bool)> {
    let unit_of_amount = if head.contains("亿元") {
        Some(PrintedUnit::YiYuan)
    } else if head.contains("万元") {
        Some(PrintedUnit::WanYuan)
    } else {
        default
    };
    let counts = ["合同数", "项数", "份数", "合同（项）", "合同（份）", "数量", "件数"];
    let amounts = ["成交额", "成交总额", "金额", "合同额", "总额", "成交"];
    let (measure, unit) = if says(head, &["排名", "位次", "名次"]) {
        ("rank", PrintedUnit::Count)
    } else if says(head, &["增速", "增长", "增幅", "同比", "增减", "±"]) {
        // Growth of the number of contracts, or of technology amounts, is no figure, and by how much something grew is none.
        let behind = ["增速", "增长", "增幅", "同比", "增减"]
            .iter()
            .filter_map(|word| head.split_once(word));
        let mut behind = behind.map(|(_, behind)| behind);
        let is_difference = behind.any(|behind| says(behind, &["万元", "亿元", "项", "份）", "件", "点"]));
        // Beside the number of contracts nobody knows of which of the two it is.
        let is_of_others = !says(head, &amounts) && matches!(before, Some("contracts" | "technology_amount"));
        if (says(head, &counts) && !says(head, &amounts)) || head.contains("技术交易") || is_difference || is_of_others
        {
            return None;
        }
        ("growth", PrintedUnit::Percent)
    } else if says(head, &["占比", "比重", "份额", "比例", "占总额", "占成交"]) {
        let of_number = says(head, &counts) || (!says(head, &amounts) && before == Some("contracts"));
        (if of_number { "count_share" } else { "share" }, PrintedUnit::Percent)
    } else if says(head, &["平均", "中位"]) {
        return None;
    } else if says(head, &["技术交易额", "技术交易总额", "技术交易金额"]) {
        ("technology_amount", unit_of_amount?)
    } else if says(head, &amounts) {
        ("amount", unit_of_amount?)
    } else if says(head, &counts) {
        ("contracts", PrintedUnit::Count)
    } else {
        return None;
    };
    Some((measure, unit, head.contains('%')))
}

/// What a column under `head` holds, `before` being the column to its left; of the report's year, and of the one that the caption names.
fn column(head: &str, rows: Rows, year: i32, caption: CaptionWords, before: Option<&Column>) -> Option<Column> {
    let head = &*without_comparison(head, year);
    if is_of_something_else(head) {
        return None;
    }
    let mut named = years_in(head);
    if named.is_empty() && matches!(rows, Rows::Items(_)) {
        named.extend(caption.other_year(year)?);
    }
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
    let (measure, unit, in_percent) = caption.measure(head, before.map(|before| before.measure.as_str()))?;
    let is_plain = matches!(measure, "amount" | "contracts");
    let measure = match (rows, named.as_slice()) {
        (Rows::Years, _) => format!("{prefix}{measure}"),
        (Rows::Items(_), [named]) if *named == year - 1 && is_plain => format!("previous_{measure}"),
        (Rows::Items(_), []) if head.contains("上年") && is_plain => format!("previous_{measure}"),
        (Rows::Items(_), [] | [_]) if named.first().is_none_or(|named| *named == year) => measure.to_owned(),
        _ => return None,
    };
    Some(Column {
        measure,
        unit,
        in_percent,
    })
}

/// Whether a head names something else than the rows do: its column is of contracts that are both, or of another table's kind.
fn is_foreign(vocabulary: &Vocabulary<'_>, rows: Rows, head: &str) -> bool {
    let sections = Section::ALL.into_iter().filter(|section| match rows {
        Rows::Items(own) => own != *section,
        // The series has its plan groups and its south.
        Rows::Years => *section != Section::Plan,
    });
    let chars: Vec<char> = head.chars().collect();
    let named = sections
        .flat_map(|section| vocabulary.mentions(section, &chars))
        .any(|(_, _, id)| id != "south");
    named || (rows == Rows::Years && head.contains("北疆"))
}

/// One row, after its name has been understood.
struct Row<'t> {
    label: String,
    /// Its place in the table.
    at: usize,
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
    /// Which of the rows is the total.
    total: Option<usize>,
    place: &'t str,
}

/// A statement of a table, and in which row and column of it it stands.
pub(super) type Found = (usize, usize, Statement);

/// The statements of a table of the report on `year`; none where it is not known what it shows. `place` is its number or chapter.
pub(super) fn read(vocabulary: &Vocabulary<'_>, table: &OutlineTable, year: i32, place: &str) -> Vec<Found> {
    let as_it_is = Reading::new(vocabulary, table, year, place).map(|reading| reading.statements());
    as_it_is.filter(|found| !found.is_empty()).unwrap_or_else(|| {
        let turned = table.transposed();
        let found =
            Reading::new(vocabulary, &turned, year, place).map_or_else(Vec::new, |reading| reading.statements());
        found
            .into_iter()
            .map(|(row, column, said)| (column, row, said))
            .collect()
    })
}

impl<'t, 'c> Reading<'t, 'c> {
    fn new(vocabulary: &'t Vocabulary<'c>, table: &'t OutlineTable, year: i32, place: &'t str) -> Option<Self> {
        let label = |row: &[OutlineCell]| tidy(row.first().map_or("", |cell| cell.text.as_str()));
        let labels: Vec<String> = table.rows.iter().map(|row| label(row)).collect();
        let key = |rows: Rows, label: &str| -> Option<String> {
            match rows {
                Rows::Items(section) => vocabulary.loose_item(section, label).map(str::to_owned),
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
        let caption = CaptionWords::of(&table.caption, &heads(0), year);
        let mut columns: Vec<Option<Column>> = vec![None];
        for at in 1..width {
            let before = columns.last().and_then(Option::as_ref);
            let foreign = table.rows.iter().take(first).filter_map(|row| row.get(at));
            let foreign = foreign
                .map(|cell| tidy(&cell.text))
                .any(|head| is_foreign(vocabulary, rows_are, &head));
            let found = column(&heads(at), rows_are, year, caption, before);
            columns.push(found.filter(|_| !foreign));
        }
        let rows = labels.iter().zip(&table.rows).enumerate().skip(first);
        let rows = rows.filter_map(|(at, (label, cells))| {
            let key = key(rows_are, label);
            (key.is_some() || is_total(label)).then(|| Row {
                label: label.clone(),
                at,
                key,
                cells,
            })
        });
        let rows: Vec<Row<'t>> = rows.collect();
        as_ratios(&rows, &mut columns);
        Some(Self {
            vocabulary,
            rows_are,
            total: rows.iter().position(|row| row.key.is_none()),
            rows,
            columns,
            place,
        })
    }

    fn statements(&self) -> Vec<Found> {
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
                let place = format!("{} {}", self.place, row.label);
                let said = Statement {
                    figure,
                    printed,
                    place,
                    total_of,
                    is_again: false,
                    is_sure: true,
                };
                statements.push((row.at, at, said));
            }
        }
        statements
    }

    /// The number in a cell; none where there is none.
    fn printed(&self, row: usize, at: usize) -> Option<Printed> {
        steps::tick(1);
        let column = self.columns.get(at)?.as_ref()?;
        let text = tidy(&self.rows.get(row)?.cells.get(at)?.text);
        let digits = text.strip_suffix('%').unwrap_or(&text);
        let unit = match column.unit {
            // A share of 0.22 is 22 %.
            PrintedUnit::Percent if !column.in_percent && digits.len() == text.len() && digits.starts_with("0.") => {
                PrintedUnit::Ratio
            }
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
            .take(MAX_TOGETHER)
            .take_while(|next| cell(*next).is_some_and(|c| c.merged_up))
            .count();
        if merged > 0 {
            return (row..=row + merged).collect();
        }
        let is_empty = |row: usize| cell(row).is_some_and(|c| c.text.trim().is_empty());
        let above = (0..row)
            .rev()
            .take(MAX_TOGETHER)
            .take_while(|row| is_empty(*row))
            .count();
        let below = (row + 1..self.rows.len())
            .take(MAX_TOGETHER)
            .take_while(|row| is_empty(*row))
            .count();
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
        let total = self.total?;
        Some(part.div(value(total)?)?.meets(printed.interval()?))
    }
}

pub(super) fn is_total(label: &str) -> bool {
    TOTALS.contains(&label)
}

/// Whether the rows' values add up to the total's.
fn is_additive(measure: &str) -> bool {
    measure.ends_with("contracts") || measure.ends_with("amount")
}
