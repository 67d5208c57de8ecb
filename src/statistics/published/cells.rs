//! Tables whose rows are not all items of one kind, whose heads are at two sides or in several lines: each cell by itself, by what is
//! written left of it and above it. And which numbers of a table are not understood.

use std::collections::HashMap;

use super::{
    captions::{CaptionWords, band_of},
    numerals::{self, Kind},
    statement::{Printed, Statement, Unread},
    tables::{self, Found},
    vocabulary::{Vocabulary, tidy},
    words::{WORDS, Word},
};
use crate::{
    domain::{
        outline::{MAX_CELL_CHARS, OutlineCell, OutlineTable},
        steps,
    },
    statistics::{coder::Section, value::PrintedUnit},
};

/// The most rows and columns of heads that are looked at.
const MAX_HEADS: usize = 6;

/// The most characters of a head that are looked at, for every cell below or beside it again.
const MAX_HEAD_CHARS: usize = 60;

/// The most columns and rows of a table that is looked at cell by cell.
const MAX_COLUMNS: usize = 60;
const MAX_ROWS: usize = 2000;

/// Whether not all of a table is looked at: it has more columns or rows than are, or cells with longer texts.
pub(super) fn is_cut(table: &OutlineTable) -> bool {
    let width = table.rows.first().map_or(0, Vec::len);
    let is_long = |cell: &OutlineCell| cell.text.len() >= MAX_CELL_CHARS && cell.text.chars().count() >= MAX_CELL_CHARS;
    width > MAX_COLUMNS || table.rows.len() > MAX_ROWS || table.rows.iter().flatten().any(is_long)
}

/// A table with its texts made even, and where its heads are.
struct Grid {
    texts: Vec<Vec<String>>,
    /// Rows of heads above, columns of heads to the left.
    above: usize,
    left: usize,
}

/// Whether a text is a number and no name of a year, of a class of amounts or of a row.
fn is_number(text: &str) -> bool {
    number(text).is_some()
}

fn number(text: &str) -> Option<(Kind, Printed)> {
    let chars: Vec<char> = text.chars().take(numerals::MAX_TOKEN).collect();
    let signed = usize::from(chars.first() == Some(&'+'));
    let token = numerals::token(&chars, signed)?;
    let printed = token.printed?;
    let known = matches!(
        token.kind,
        Kind::Bare | Kind::Percent | Kind::Money | Kind::Contracts | Kind::Times | Kind::Persons | Kind::Units
    );
    (known && token.end == chars.len() && text.chars().count() == chars.len()).then_some((token.kind, printed))
}

/// Whether a number stands for a calendar year, as in heads.
fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse::<i32>().is_ok_and(|year| (1900..=2200).contains(&year))
}

impl Grid {
    fn new(table: &OutlineTable) -> Option<Self> {
        let width = table.rows.first().map_or(0, Vec::len);
        if !(1..=MAX_COLUMNS).contains(&width) || table.rows.len() > MAX_ROWS {
            return None;
        }
        let mut texts: Vec<Vec<String>> = Vec::new();
        for row in &table.rows {
            steps::tick(row.len());
            let filled = row.iter().enumerate().map(|(at, cell)| {
                let text = tidy(&cell.text);
                let is_below = cell.merged_up && text.is_empty();
                match texts
                    .last()
                    .and_then(|row: &Vec<String>| row.get(at))
                    .filter(|_| is_below)
                {
                    // A number that stands for several cells stands in the first.
                    Some(above) if !is_number(above) => above.clone(),
                    _ => text,
                }
            });
            let filled = filled.collect();
            texts.push(filled);
        }
        let is_value = |text: &String| is_number(text) && !is_year(text);
        let above = texts
            .iter()
            .take_while(|row| !row.iter().skip(1).any(&is_value))
            .count();
        let mut grid = Self { texts, above, left: 0 };
        let is_head = |at: &usize| grid.is_index(*at) || !grid.body().any(|row| row.get(*at).is_some_and(&is_value));
        grid.left = (0..width).take_while(is_head).count();
        Some(grid)
    }

    /// The rows below the heads.
    fn body(&self) -> impl Iterator<Item = &Vec<String>> {
        self.texts.iter().skip(self.above)
    }

    /// Whether a column only numbers the rows.
    fn is_index(&self, column: usize) -> bool {
        (0..self.above).any(|row| self.text(row, column) == "序号")
    }

    fn text(&self, row: usize, column: usize) -> &str {
        self.texts
            .get(row)
            .and_then(|row| row.get(column))
            .map_or("", String::as_str)
    }

    /// The heads of a cell: above, from the top, and to the left.
    fn heads<'g>(&'g self, row: usize, column: usize) -> (Vec<&'g str>, Vec<&'g str>) {
        let above = (0..self.above.min(MAX_HEADS)).map(|row| self.text(row, column));
        let left = (0..self.left.min(MAX_HEADS)).filter(|column| !self.is_index(*column));
        let left = left.map(|column| self.text(row, column));
        let cut = |text: &'g str| {
            let end = text
                .char_indices()
                .nth(MAX_HEAD_CHARS)
                .map_or(text.len(), |(end, _)| end);
            text.get(..end).unwrap_or_default()
        };
        let (mut above, mut left): (Vec<&str>, Vec<&str>) = (above.map(cut).collect(), left.map(cut).collect());
        above.dedup();
        left.dedup();
        (above, left)
    }
}

/// Words of heads that name nothing, beside those of measures and of the whole.
const NEUTRAL: [&str; 30] = [
    "单位：",
    "其中",
    "指标名称",
    "指标值",
    "指标",
    "项目名称",
    "项目",
    "数值",
    "数据",
    "数额",
    "本期",
    "情况",
    "统计",
    "年度",
    "全部",
    "合同",
    "技术",
    "认定",
    "登记",
    "成交",
    "增减",
    "万元",
    "亿元",
    "总",
    "共",
    "项",
    "份",
    "件",
    "数",
    "年",
];

/// Whether the words of heads say nothing but a measure of the year's whole: no name, no part of the year, no class of amounts.
fn is_of_the_whole(words: &str, year: i32) -> bool {
    let year = year.to_string();
    let measures = WORDS.iter().filter(|(_, says)| {
        matches!(
            says,
            Word::Whole(_) | Word::Amount | Word::Technology | Word::Contracts | Word::Growth(_) | Word::Current
        )
    });
    let mut known: Vec<&str> = measures.map(|(word, _)| *word).chain(NEUTRAL).collect();
    known.push(&year);
    known.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut rest = words;
    while let Some(first) = rest.chars().next() {
        steps::tick(1);
        let skipped = known
            .iter()
            .find(|word| rest.starts_with(**word))
            .map(|word| word.len());
        match skipped.or_else(|| "（），：、/%.。".contains(first).then(|| first.len_utf8())) {
            Some(length) => rest = rest.get(length..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}

/// What is said of a cell by its heads.
fn figure_of(
    vocabulary: &Vocabulary<'_>,
    (year, caption): (i32, CaptionWords),
    heads: &[&str],
    before: Option<Section>,
    measure_before: Option<&str>,
) -> Option<(Option<Section>, String, PrintedUnit, bool)> {
    let mut items: Vec<(Section, &str)> = Vec::new();
    let mut bands: Vec<&str> = Vec::new();
    let mut is_total = false;
    let mut words = String::new();
    let mut years: Vec<i32> = Vec::new();
    for head in heads {
        if tables::is_total(head) {
            is_total = true;
            continue;
        }
        if let Some(band) = band_of(head) {
            bands.push(band);
            continue;
        }
        let bare = head.strip_suffix('年').unwrap_or(head);
        if is_year(bare) {
            years.extend(bare.parse::<i32>());
            continue;
        }
        let found: Vec<(Section, &str)> = Section::ALL
            .into_iter()
            .filter_map(|section| Some((section, vocabulary.loose_item(section, head)?)))
            .collect();
        match found
            .iter()
            .find(|(section, _)| Some(*section) == before)
            .or(found.first())
        {
            Some(item) => items.push(*item),
            None => words.push_str(head),
        }
    }
    let words = tables::without_comparison(&words, year);
    if tables::is_of_something_else(&words) {
        return None;
    }
    years.extend(tables::years_in(&words));
    years.dedup();
    if years.is_empty() {
        years.extend(caption.other_year(year)?);
    }
    let (measure, unit, in_percent) = caption.measure(&words, measure_before)?;
    if let Some(band) = bands.first() {
        let is_told = matches!(measure, "contracts" | "amount" | "share" | "count_share");
        let is_alone = bands.len() == 1 && items.is_empty() && years.iter().all(|named| *named == year);
        return (is_told && is_alone && !words.contains("上年"))
            .then(|| (None, format!("bands.{band}.{measure}"), unit, in_percent));
    }
    let is_plain = matches!(measure, "amount" | "contracts");
    let of_before = years.contains(&(year - 1)) || words.contains("上年");
    match (items.as_slice(), years.as_slice()) {
        ([(section, id)], [] | [_]) if years.first().is_none_or(|named| *named == year) && !of_before => Some((
            Some(*section),
            format!("{}.{id}.{measure}", section.key()),
            unit,
            in_percent,
        )),
        ([(section, id)], [] | [_]) if of_before && is_plain => Some((
            Some(*section),
            format!("{}.{id}.previous_{measure}", section.key()),
            unit,
            in_percent,
        )),
        ([], [named]) if *named < year && matches!(measure, "amount" | "contracts" | "growth") => {
            Some((None, format!("series.{named}.{measure}"), unit, in_percent))
        }
        ([], [] | [_]) if is_total && is_plain && of_before => {
            Some((None, format!("total.previous_{measure}"), unit, in_percent))
        }
        // A table of figures of the whole, or its total: not what has a name that nobody knows.
        ([], [] | [_])
            if !of_before && !matches!(measure, "rank" | "share" | "count_share") && is_of_the_whole(&words, year) =>
        {
            Some((None, format!("total.{measure}"), unit, in_percent))
        }
        _ => None,
    }
}

/// The statements of the cells that [`tables::read`] did not understand, and the numbers that nobody does.
///
/// # Errors
/// What `go_on` answers, which is asked before every row.
pub(super) fn rest<E>(
    vocabulary: &Vocabulary<'_>,
    table: &OutlineTable,
    year: i32,
    place: &str,
    found: &[Found],
    go_on: &mut impl FnMut() -> Result<(), E>,
) -> Result<(Vec<Statement>, Vec<Unread>), E> {
    let Some(grid) = Grid::new(table) else {
        return Ok((Vec::new(), Vec::new()));
    };
    let known: HashMap<(usize, usize), &str> = found
        .iter()
        .map(|(row, column, said)| ((*row, *column), said.figure.as_str()))
        .collect();
    let caption = CaptionWords::of(&table.caption, grid.text(0, 0), year);
    let (mut statements, mut unread) = (Vec::new(), Vec::new());
    let mut section_before = None;
    let width = grid.texts.first().map_or(0, Vec::len);
    for row in grid.above..grid.texts.len() {
        go_on()?;
        let mut measure_before: Option<String> = None;
        let mut lost = false;
        for column in grid.left..width {
            steps::tick(1);
            let text = grid.text(row, column);
            let Some((kind, printed)) = number(text) else { continue };
            if let Some(figure) = known.get(&(row, column)) {
                measure_before = figure.rsplit('.').next().map(str::to_owned);
                continue;
            }
            let (above, left) = grid.heads(row, column);
            let is_index = above.contains(&"序号");
            let heads: Vec<&str> = left.iter().chain(&above).copied().collect();
            let is_whole = heads.iter().any(|head| tables::is_total(head))
                && (text.starts_with("100") || matches!(text, "1" | "1.0" | "1.00" | "1.000"));
            if is_index || is_whole {
                continue;
            }
            let read = |before: Option<&str>| figure_of(vocabulary, (year, caption), &heads, section_before, before);
            // Behind a number that is not understood, a share is understood only where its head says of what it is.
            let understood = if lost {
                read(None).filter(|said| read(Some("contracts")).as_ref() == Some(said))
            } else {
                read(measure_before.as_deref())
            };
            let label = left
                .last()
                .copied()
                .filter(|label| !label.is_empty())
                .or(above.last().copied());
            let where_it_is = format!("{place} {}", label.unwrap_or_default());
            let by_name = left
                .iter()
                .find_map(|head| vocabulary.indicator(head))
                .filter(|indicator| {
                    let in_row = |unit: &str| {
                        grid.texts
                            .get(row)
                            .is_some_and(|cells| cells.iter().any(|cell| cell == unit))
                    };
                    let is_told = match indicator.shown_in {
                        "" => true,
                        "%" => text.ends_with('%'),
                        unit => in_row(unit),
                    };
                    is_told && is_of_the_whole(&above.concat(), year)
                });
            let by_name = by_name.map(|indicator| (None, indicator.figure.to_owned(), indicator.unit, false));
            let said = by_name.or(understood).and_then(|(section, figure, unit, in_percent)| {
                section_before = section.or(section_before);
                measure_before = figure.rsplit('.').next().map(str::to_owned);
                let printed = in_unit(kind, printed, unit, in_percent)?;
                Some(Statement {
                    figure,
                    printed,
                    place: where_it_is.clone(),
                    total_of: None,
                    is_again: false,
                    is_sure: true,
                })
            });
            lost = said.is_none();
            match said {
                Some(said) => statements.push(said),
                None => unread.push(Unread {
                    text: text.chars().take(numerals::MAX_TOKEN).collect(),
                    place: where_it_is.trim().to_owned(),
                    context: heads.join(" "),
                }),
            }
        }
    }
    Ok((statements, unread))
}

/// A cell's number in the unit that its heads say, or in its own.
fn in_unit(kind: Kind, printed: Printed, unit: PrintedUnit, in_percent: bool) -> Option<Printed> {
    let is_money = matches!(unit, PrintedUnit::WanYuan | PrintedUnit::YiYuan);
    match kind {
        Kind::Bare => {
            let unit = match unit {
                PrintedUnit::Percent if !in_percent && printed.text.trim_start_matches('-').starts_with("0.") => {
                    PrintedUnit::Ratio
                }
                unit => unit,
            };
            Printed::read(&printed.text, unit)
        }
        Kind::Money => is_money.then_some(printed),
        Kind::Percent => (unit == PrintedUnit::Percent).then_some(printed),
        Kind::Contracts => (unit == PrintedUnit::Count).then_some(printed),
        _ => None,
    }
}
