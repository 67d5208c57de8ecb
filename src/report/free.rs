//! What staff write themselves: paragraphs whose figures are named in double braces, `{{total.amount|yi_yuan|2}}` (options as in
//! [`super::template`]); and the numbers in them that are bound to no figure.

use super::{
    model::{Paragraph, Span},
    office::Office,
    template::{Form, Phrase, number},
    view::View,
};
use crate::{
    domain::{catalogue::Catalogue, steps},
    statistics::{AnnualFigures, FigureValue, NOTHING, UnitKind, definition},
};

/// Where a paragraph may stand: ids of the chapters of the annual report, in order, with what they are called.
pub const CHAPTERS: [(&str, &str); 10] = [
    ("summary", "概述"),
    ("overall", "一、年度登记量基本情况"),
    ("units", "二、各师市院校登记情况"),
    ("types", "三、技术合同类型"),
    ("plan", "四、合同任务来源"),
    ("flows", "五、技术交易流向"),
    ("sellers", "六、不同交易主体成交情况"),
    ("fields", "七、技术交易领域构成"),
    ("sizes", "八、单项合同成交额"),
    ("records", "九、登记记录补充指标"),
];

/// A paragraph that staff added to a year's report, at the end of a chapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeParagraph {
    /// Id of the chapter.
    pub chapter: String,
    /// Its place among those of the chapter, from the lowest up.
    pub position: i64,
    /// Its words, figures in double braces.
    pub text: String,
}

/// A number in a text that is bound to no figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// As typed, with its unit: `12 项`.
    pub text: String,
    /// Where it begins, in characters (Unicode scalar values) from the text's beginning.
    pub offset: usize,
}

/// Something in double braces that is no figure, or cannot be printed so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// What stands in the braces (from `{{` on, where they are not closed).
    pub name: String,
    /// Where the braces begin, in characters.
    pub offset: usize,
    /// What is wrong with it, in Chinese.
    pub problem: &'static str,
}

/// A digit, half- or full-width.
const fn is_digit_like(c: char) -> bool {
    matches!(c, '0'..='9' | '０'..='９')
}

enum Piece<'t> {
    Words(&'t str),
    Name(&'t str),
    Open(&'t str),
}

/// The text in pieces, each with where it begins in bytes.
fn pieces(text: &str) -> Vec<(usize, Piece<'_>)> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find("{{")).map(|found| at + found) {
        pieces.push((at, Piece::Words(&text[at..open])));
        match text[open..].find("}}") {
            Some(close) => {
                pieces.push((open, Piece::Name(&text[open + 2..open + close])));
                at = open + close + 2;
            }
            None => {
                pieces.push((open, Piece::Open(&text[open..])));
                return pieces;
            }
        }
    }
    pieces.push((at, Piece::Words(&text[at..])));
    pieces
}

/// A value of that kind, to see in which units such figures are printed.
fn some_value(unit: UnitKind) -> FigureValue {
    match unit {
        UnitKind::Count => FigureValue::count(1),
        UnitKind::Fen => FigureValue::fen(1),
        UnitKind::Rate => FigureValue::share(1, 1),
        UnitKind::Ratio => FigureValue::ratio(1, 1),
        UnitKind::Year => FigureValue::year(1),
    }
}

/// Checks every name in double braces.
///
/// # Errors
/// All that are no figures, or ask for a form in which their figure is never printed.
pub fn read_names(catalogue: &Catalogue, text: &str) -> Result<(), Vec<UnknownName>> {
    let mut wrong = Vec::new();
    // Characters counted so far, and up to which byte.
    let (mut counted, mut chars) = (0, 0);
    for (at, piece) in pieces(text) {
        let (name, problem) = match piece {
            Piece::Words(_) => continue,
            Piece::Open(rest) => (rest, "缺少“}}”"),
            Piece::Name(name) => match Form::split(name) {
                Err(_) => (name, "“|”后只能是单位、小数位数（0 至 6）或 abs、points"),
                Ok((path, form)) => match definition(catalogue, path) {
                    None => (name, "没有这个指标"),
                    Some(known) if number(path, &some_value(known.unit), form).is_none() => {
                        (name, "该指标不能用这个单位")
                    }
                    Some(_) => continue,
                },
            },
        };
        chars += text.get(counted..at).unwrap_or_default().chars().count();
        counted = at;
        steps::tick(1);
        wrong.push(UnknownName {
            name: name.to_owned(),
            offset: chars,
            problem,
        });
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// The paragraph with its figures filled in; `–` for a figure that this report does not have.
pub fn said(view: &View<'_>, text: &str) -> Paragraph {
    let mut phrase = Phrase::default();
    for (_, piece) in pieces(text) {
        phrase.push(match piece {
            Piece::Words(words) | Piece::Open(words) => Span::Text(words.to_owned()),
            Piece::Name(name) => Form::split(name)
                .ok()
                .and_then(|(path, form)| number(path, view.figures.get(path)?, form))
                .map_or_else(|| Span::Text(NOTHING.to_owned()), Span::Figure),
        });
    }
    Paragraph {
        spans: phrase.spans(),
        free: true,
    }
}

/// A paragraph as it will be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Words and figures.
    pub paragraph: Paragraph,
    /// Names in double braces that are no figure of this report, or one without a value.
    pub missing: Vec<String>,
}

/// A text as the report of these figures will print it.
pub fn preview(figures: &AnnualFigures, catalogue: &Catalogue, office: &Office, text: &str) -> Said {
    let view = View::new(figures, catalogue, office);
    Said {
        paragraph: said(&view, text),
        missing: missing(text, &view),
    }
}

/// What must be said of a paragraph before anything else: numbers that no figure stands behind, names without a figure.
pub fn notices(chapter: &str, text: &str, view: &View<'_>) -> Vec<String> {
    let title = CHAPTERS
        .iter()
        .find(|(id, _)| *id == chapter)
        .map_or(chapter, |(_, title)| *title);
    let mut notices = Vec::new();
    let typed: Vec<String> = typed_numbers(text)
        .into_iter()
        .map(|one| format!("“{}”", one.text))
        .collect();
    if !typed.is_empty() {
        notices.push(format!(
            "“{title}”补充段落中的{}未与统计指标关联，须人工核对。",
            typed.join("、")
        ));
    }
    let missing: Vec<String> = missing(text, view).iter().map(|name| format!("“{name}”")).collect();
    if !missing.is_empty() {
        notices.push(format!(
            "“{title}”补充段落中的指标{}在本报告中无数值。",
            missing.join("、")
        ));
    }
    notices
}

/// Names in double braces that have no value in this report.
fn missing(text: &str, view: &View<'_>) -> Vec<String> {
    let names = pieces(text).into_iter().filter_map(|(_, piece)| match piece {
        Piece::Name(name) => Some(name),
        _ => None,
    });
    names
        .filter(|name| !Form::split(name).is_ok_and(|(path, _)| view.value(path).is_some()))
        .map(str::to_owned)
        .collect()
}

/// The numbers in a text that are bound to no figure: runs of digits, half- or full-width, with what belongs to them (decimals, %),
/// and Chinese numerals before a unit (三家, 百分之五).
///
/// Not counted: what stands in double braces, in 《》 or in quotation marks (titles, names); years, months, days and spans of them
/// (2025 年, 1—6 月, 3 日); what follows 第, 图, 表 (第十二师, 图 3); digits that letters touch (A4, 5G).
pub fn typed_numbers(text: &str) -> Vec<Typed> {
    let chars: Vec<char> = text.chars().collect();
    let covered = covered(&chars);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        let is_free = !covered.get(at).copied().unwrap_or(true);
        let end = match () {
            () if !is_free => at,
            () if is_digit_like(c) => digits(&chars, at),
            () if NUMERALS.contains(c) => numerals(&chars, at),
            () => at,
        };
        if end == at {
            at += 1;
            continue;
        }
        if let Some(last) = flagged(&chars, at, end) {
            found.push(Typed {
                text: chars.get(at..last).unwrap_or_default().iter().collect(),
                offset: at,
            });
        }
        at = end;
    }
    found
}

const NUMERALS: &str = "〇零一二三四五六七八九十百千万亿两";
/// Of which a number has one; 百万元以下 and 万元 alone are no numbers.
const ONES: &str = "一二三四五六七八九十两";
/// What Chinese numerals stand before where they are a number of the report.
const UNITS: [&str; 17] = [
    "个百分点",
    "人次",
    "项",
    "元",
    "家",
    "倍",
    "人",
    "场",
    "期",
    "次",
    "份",
    "件",
    "户",
    "成",
    "％",
    "%",
    "名",
];
const DASHES: &str = "-–—－~～至";
const DATES: &str = "年月日";

/// Which characters stand in braces, titles or quotation marks.
fn covered(chars: &[char]) -> Vec<bool> {
    const PAIRS: [(char, char); 4] = [('《', '》'), ('“', '”'), ('「', '」'), ('‘', '’')];
    let mut covered = vec![false; chars.len()];
    // Where each mark stands last: behind that nothing closes, however many open.
    let last = |close: char| chars.iter().rposition(|c| *c == close).unwrap_or(0);
    let last = PAIRS.map(|(_, close)| last(close));
    let last_braces = chars.windows(2).rposition(|pair| pair == ['}', '}']).unwrap_or(0);
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        steps::tick(1);
        let rest = chars.get(at + 1..).unwrap_or_default();
        let end = if c == '{' && rest.first() == Some(&'{') && at < last_braces {
            rest.windows(2)
                .position(|pair| pair == ['}', '}'])
                .map(|found| at + found + 3)
        } else {
            let close = PAIRS
                .iter()
                .zip(last)
                .find(|((open, _), last)| *open == c && at < *last);
            close
                .and_then(|((_, close), _)| rest.iter().position(|other| other == close))
                .map(|found| at + found + 2)
        };
        let end = end.unwrap_or(at + 1);
        steps::tick(end - at);
        if end > at + 1 {
            covered.iter_mut().take(end).skip(at).for_each(|mark| *mark = true);
        }
        at = end;
    }
    covered
}

/// Where the run of digits that begins at `at` ends, decimals and separators included.
fn digits(chars: &[char], at: usize) -> usize {
    let is_digit = |index: usize| chars.get(index).is_some_and(|c| is_digit_like(*c));
    let mut end = at;
    steps::tick(1);
    while is_digit(end) || (chars.get(end).is_some_and(|c| matches!(c, '.' | ',' | '．')) && is_digit(end + 1)) {
        end += 1;
        steps::tick(1);
    }
    end
}

fn numerals(chars: &[char], at: usize) -> usize {
    at + chars.iter().skip(at).take_while(|c| NUMERALS.contains(**c)).count()
}

fn skip_spaces(chars: &[char], at: usize) -> usize {
    at + chars.iter().skip(at).take_while(|c| c.is_whitespace()).count()
}

/// Whether the run is a number of its own; then where it ends with its unit.
fn flagged(chars: &[char], at: usize, end: usize) -> Option<usize> {
    let before = chars.get(..at).unwrap_or_default();
    let previous = before.iter().rev().find(|c| !c.is_whitespace()).copied();
    if previous.is_some_and(|c| matches!(c, '第' | '图' | '表')) {
        return None;
    }
    let next = skip_spaces(chars, end);
    let rest: String = chars.get(next..).unwrap_or_default().iter().take(6).collect();
    let rest_of = rest.trim_start_matches(['多', '余']);
    let unit = UNITS.iter().find(|unit| rest_of.starts_with(**unit));
    // 十四五期间, 期末: a time, no number of them.
    let unit = unit.filter(|unit| **unit != "期" || !rest_of.chars().nth(1).is_some_and(|c| "间末初内".contains(c)));
    let with_unit = unit.map(|unit| next + (rest.chars().count() - rest_of.chars().count()) + unit.chars().count());
    if chars.get(at).is_some_and(|c| !is_digit_like(*c)) {
        let run: String = chars.get(at..end).unwrap_or_default().iter().collect();
        let percent = before.ends_with(&['百', '分', '之']) || run.starts_with("百") && rest.starts_with("分之");
        let number = run.contains(|c| ONES.contains(c));
        return match with_unit {
            _ if percent && number => Some(end),
            Some(last) if number => Some(last),
            _ => None,
        };
    }
    let touches = |c: Option<&char>| c.is_some_and(char::is_ascii_alphabetic);
    if touches(before.last()) || touches(chars.get(end)) || is_date(chars, at, end) {
        return None;
    }
    // 万 and 亿 between the digits and the unit: 3 万元.
    let large = next
        + chars
            .iter()
            .skip(next)
            .take_while(|c| matches!(c, '万' | '亿' | '千' | '百'))
            .count();
    let tail: String = chars.get(large..).unwrap_or_default().iter().take(6).collect();
    let tail_unit = UNITS
        .iter()
        .find(|unit| tail.starts_with(**unit))
        .filter(|_| large > next);
    Some(
        tail_unit
            .map(|unit| large + unit.chars().count())
            .or(with_unit)
            .unwrap_or(end),
    )
}

/// Whether the digits are a year, a month or a day, or the first of a span of such.
fn is_date(chars: &[char], at: usize, end: usize) -> bool {
    is_date_or_span(chars, at, end, true)
}

/// A span is of two: what follows a second dash is no date.
fn is_date_or_span(chars: &[char], at: usize, end: usize, span: bool) -> bool {
    let next = skip_spaces(chars, end);
    match chars.get(next) {
        Some('年') => end - at == 4,
        Some(c) if DATES.contains(*c) => end - at <= 2,
        Some(c) if span && DASHES.contains(*c) => {
            let from = skip_spaces(chars, next + 1);
            let to = digits(chars, from);
            to > from && is_date_or_span(chars, from, to, false)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Vec<(String, usize)> {
        typed_numbers(text)
            .into_iter()
            .map(|one| (one.text, one.offset))
            .collect()
    }

    #[test]
    fn a_number_that_no_figure_stands_behind_is_flagged() {
        for (text, expected) in [
            ("全年登记 12 项。", vec![("12 项", 5)]),
            ("成交额３．５亿元，增长 20.5%", vec![("３．５亿元", 3), ("20.5%", 12)]),
            ("共有三家企业", vec![("三家", 2)]),
            ("一百二十余人次参加", vec![("一百二十余人次", 0)]),
            ("提高百分之五", vec![("五", 5)]),
            ("翻了两倍，3000 余人次", vec![("两倍", 2), ("3000 余人次", 5)]),
            ("历时 3 年", vec![("3", 3)]),
            ("1,234.5 万元", vec![("1,234.5 万元", 0)]),
            ("近七成", vec![("七成", 1)]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(|(text, at)| (text.to_owned(), at)).collect();
            assert_eq!(typed(text), expected, "{text}");
        }
    }

    #[test]
    fn years_dates_titles_names_and_figures_are_not() {
        for text in [
            "2025 年 3 月 12 日，2021—2024年，1-6 月",
            "第十二师、第 3 期、图 3、表5",
            "《2025 年第 1 号文件，12 项》和“十四五”“12 项”",
            "共 {{total.contracts}} 项，{{total.amount|yi_yuan|2}} 亿元",
            "单位：万元；百万元以下；进一步；A4 纸、5G 技术",
            "十四五期间八师居首位",
        ] {
            assert_eq!(typed(text), [], "{text}");
        }
    }

    #[test]
    fn names_must_be_figures_in_a_form_of_theirs() {
        let catalogue = crate::statistics::sample::reader::catalogue();
        let read = |text: &str| read_names(&catalogue, text);
        assert_eq!(read("{{total.amount|yi_yuan|2}}、{{ units.div_08.rank }}"), Ok(()));
        let wrong = read("共{{total.x}}，{{total.amount|percent}}，{{total.amount|9}}，{{total").unwrap_err();
        let told: Vec<_> = wrong.iter().map(|one| (one.name.as_str(), one.offset)).collect();
        assert_eq!(
            told,
            [
                ("total.x", 1),
                ("total.amount|percent", 13),
                ("total.amount|9", 38),
                ("{{total", 57)
            ]
        );
    }
}
