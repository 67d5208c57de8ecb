//! What a number of a workbook is, by its format, as no cell says it itself (ECMA-376 part 1, 18.8.30 and 18.8.31): a date, or what
//! the cell shows of it.

use super::pattern::{self, Sections};
use crate::intake::{cell::Odd, look::Look};

/// What a number format makes of a number.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Format {
    /// A number, as it is.
    #[default]
    Number,
    /// A date, a time, or both.
    Date,
    /// A year or month without a day: what day a cell of the first of a month means, it does not show.
    Month,
    /// A month, a day or a time without its year: which year the cell means, it does not show.
    Yearless,
    /// A number that looks so, whatever it is.
    Like(Look),
    /// A number whose look depends on it.
    Patterns(Sections),
}

/// The format of an id that every workbook knows; those of Chinese workbooks (27–36, 50–58) too. The currency of 5–8, 42 and 44 is that
/// of the computer.
pub fn built_in(id: u32) -> Format {
    match id {
        // mmm-yy, yyyy"年"m"月".
        17 | 27 | 36 | 50 | 52 | 57 => Format::Month,
        14 | 15 | 22 | 30 | 31 => Format::Date,
        // d-mmm, h:mm, m"月"d"日", h"时"mm"分".
        16 | 18..=21 | 28 | 29 | 32..=35 | 45 | 47 | 51 | 53..=56 | 58 => Format::Yearless,
        12 | 13 => custom("# ?/?"),
        2 | 4 | 39 | 40 | 43 => custom("0.00"),
        3 | 37 | 38 | 41 => custom("#,##0"),
        5..=8 | 42 | 44 => Format::Like(Look::Yuan),
        9 | 10 => Format::Like(Look::Percent),
        // [h]:mm:ss, a stretch of time.
        46 => Format::Like(Look::Hidden),
        _ => Format::Number,
    }
}

/// The format of a code.
pub fn custom(code: &str) -> Format {
    match day_or_month(code) {
        Format::Number => match Sections::parse(code) {
            Some(sections) => Format::Patterns(sections),
            None => Format::Number,
        },
        format => format,
    }
}

/// What keeps a text from being read as it stands under a code.
pub fn of_text(code: &str) -> Option<Odd> {
    pattern::look_of_text(code).map(|look| if look == Look::Hidden { Odd::Hidden } else { Odd::Words })
}

/// What a code shows of a date: its first section decides; what is quoted, escaped or in brackets is no part of it.
fn day_or_month(code: &str) -> Format {
    let Some(groups) = date_groups(code) else {
        return Format::Number;
    };
    let has = |letter: char| groups.contains(&letter);
    // Behind hours and before seconds m is a minute.
    let has_month = groups.iter().enumerate().any(|(at, letter)| {
        let is_minute =
            at.checked_sub(1).and_then(|at| groups.get(at)) == Some(&'h') || groups.get(at + 1) == Some(&'s');
        *letter == 'm' && !is_minute
    });
    let has_time = has('h') || has('s');
    match (has('y'), has('d') || has_time) {
        (true, true) => Format::Date,
        (true, false) => Format::Month,
        (false, true) => Format::Yearless,
        (false, false) if has_month => Format::Yearless,
        (false, false) => Format::Number,
    }
}

/// The letters of a date's parts in the order of a code, each group once: `y`, `m`, `d`, `h`, `s`; none where the code is no date's.
fn date_groups(code: &str) -> Option<Vec<char>> {
    let mut groups: Vec<char> = Vec::new();
    let mut rest = code;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let behind = rest.get(c.len_utf8()..).unwrap_or_default();
        let starts = |word: &str| {
            rest.get(..word.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(word))
        };
        let up_to = |end: char| {
            behind
                .find(end)
                .map_or("", |at| behind.get(at + 1..).unwrap_or_default())
        };
        let group = match c.to_ascii_lowercase() {
            ';' => break,
            '"' => {
                rest = up_to('"');
                continue;
            }
            '\\' | '_' | '*' => {
                let mut chars = behind.chars();
                chars.next();
                rest = chars.as_str();
                continue;
            }
            '[' => {
                let inner = behind.split(']').next().unwrap_or_default();
                // A stretch of time, not a point of it.
                if !inner.is_empty() && inner.chars().all(|c| matches!(c.to_ascii_lowercase(), 'h' | 'm' | 's')) {
                    return None;
                }
                rest = up_to(']');
                continue;
            }
            'g' if is_general(rest) => return None,
            'a' if starts("am/pm") => {
                rest = rest.get(5..).unwrap_or_default();
                continue;
            }
            'a' if starts("a/p") => {
                rest = rest.get(3..).unwrap_or_default();
                continue;
            }
            // The day of the week.
            'a' if starts("aaa") => Some('d'),
            'e' if !matches!(before, '0' | '#' | '?') => Some('y'),
            letter @ ('y' | 'm' | 'd' | 'h' | 's') => Some(letter),
            _ => None,
        };
        if let Some(group) = group
            && !(groups.last() == Some(&group) && before.eq_ignore_ascii_case(&c))
        {
            groups.push(group);
        }
        before = c;
        rest = behind;
    }
    Some(groups)
}

/// Whether the word for a number as it is stands at the beginning.
pub(super) fn is_general(code: &str) -> bool {
    code.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("general")) || code.starts_with("G/通用格式")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The look of a number under a format; a number as it is has none.
    fn look(code: &str, number: f64) -> Option<Look> {
        match custom(code) {
            Format::Patterns(sections) => sections.look(number),
            Format::Number => None,
            format => panic!("{code}: {format:?}"),
        }
    }

    #[test]
    fn formats_are_told_apart() {
        for (code, format) in [
            ("General", Format::Number),
            ("@", Format::Number),
            ("yyyy-mm-dd", Format::Date),
            ("yyyy/m/d;@", Format::Date),
            ("yyyy\"年\"m\"月\"d\"日\";@", Format::Date),
            ("[$-804]yyyy\"年\"m\"月\"d\"日\"", Format::Date),
            ("[DBNum1][$-804]yyyy\"年\"m\"月\"d\"日\"", Format::Date),
            ("m/d/yy h:mm", Format::Date),
            ("yyyy-mm-dd h:mm AM/PM", Format::Date),
            ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", Format::Date),
            ("h:mm:ss", Format::Yearless),
            ("h:mm AM/PM", Format::Yearless),
            ("上午/下午h\"时\"mm\"分\"", Format::Yearless),
            ("m\"月\"d\"日\"", Format::Yearless),
            ("m/d", Format::Yearless),
            ("d-mmm", Format::Yearless),
            ("dd\"日\"", Format::Yearless),
            ("m\"月\"", Format::Yearless),
            ("mm:ss", Format::Yearless),
            ("aaaa", Format::Yearless),
            ("#,##0.00_ ", Format::Patterns(Sections::parse("#,##0.00_ ").unwrap())),
            ("yyyy\"年\"m\"月\"", Format::Month),
            ("[$-411]ge.m", Format::Month),
            ("yyyy", Format::Month),
            ("mmm-yy", Format::Month),
        ] {
            assert_eq!(custom(code), format, "{code}");
        }
        assert_eq!((built_in(14), built_in(17)), (Format::Date, Format::Month));
        for id in [16, 20, 28, 32, 45, 58] {
            assert_eq!(built_in(id), Format::Yearless, "{id}");
        }
        assert_eq!(
            (built_in(31), built_in(57), built_in(49)),
            (Format::Date, Format::Month, Format::Number)
        );
    }

    #[test]
    fn a_format_may_add_words_to_a_text_or_hide_it() {
        for (code, odd) in [
            ("@", None),
            ("General", None),
            ("0.00", None),
            ("_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * \"-\"??_ ;_ @_ ", None),
            ("yyyy/m/d;@", None),
            ("\"DJY\"@", Some(Odd::Words)),
            ("0;-0;0;@\"（绝密）\"", Some(Odd::Words)),
            (";;;", Some(Odd::Hidden)),
            ("0;-0;0;\"略\"", Some(Odd::Words)),
        ] {
            assert_eq!(of_text(code), odd, "{code}");
        }
    }

    #[test]
    fn a_format_says_what_a_number_looks_like() {
        let shown = |text: &str| Some(Look::Plain(Some(text.into())));
        let words = |text: &str| Some(Look::Words(Some(text.into())));
        for (code, number, looks) in [
            ("0", 12.0, None),
            ("#,##0", 1234.0, None),
            ("#,##0.00_);[Red]\\(#,##0.00\\)", 1234.5, shown("1234.50")),
            ("0.00", 2024.1, shown("2024.10")),
            ("0.00", 2024.123, Some(Look::Plain(None))),
            ("0.00E+00", 1.0e6, None),
            ("G/通用格式", 5.0, None),
            ("0000000000", 25_000_123.0, shown("0025000123")),
            ("\"2024AB\"000", 1.0, words("2024AB001")),
            ("\"DJY66\"00000000", 20_170_043.0, words("DJY6620170043")),
            ("0000-0000000", 9_932_012_345.0, words("0993-2012345")),
            ("000\\-0000", 1_234_567.0, words("123-4567")),
            ("#,##0\"元\"", 5.0, Some(Look::Yuan)),
            ("\"¥\"#,##0.00;\"¥\"\\-#,##0.00", 5.0, Some(Look::Yuan)),
            ("[$¥-804]#,##0.00", 5.0, Some(Look::Yuan)),
            ("[$CNY]\\ #,##0.00", 5.0, Some(Look::Yuan)),
            (
                "_ ¥* #,##0.00_ ;_ ¥* \\-#,##0.00_ ;_ ¥* \"-\"??_ ;_ @_ ",
                5.0,
                Some(Look::Yuan),
            ),
            (
                "_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * \"-\"??_ ;_ @_ ",
                0.0,
                Some(Look::Blank),
            ),
            ("0.00\"万元\"", 5.0, Some(Look::Unit(10_000))),
            ("0\"亿\"", 5.0, Some(Look::Unit(100_000_000))),
            ("G/通用格式\"万元\"", 5.0, Some(Look::Unit(10_000))),
            ("General\"万元\"", 5.0, Some(Look::Unit(10_000))),
            ("[>=10000]0!.0,\"万\";0", 20_000.0, Some(Look::Scaled)),
            ("[>=10000]0!.0,\"万\";0", 2.0, None),
            ("0!.0,", 1_200_000.0, Some(Look::Scaled)),
            ("0\\.0,", 1_200_000.0, Some(Look::Scaled)),
            ("#,##0,", 1_200_000.0, Some(Look::Scaled)),
            ("0.0,,", 1_200_000.0, Some(Look::Scaled)),
            ("0%", 0.5, Some(Look::Percent)),
            ("0.00\"%\"", 0.5, Some(Look::Percent)),
            ("[$$-409]#,##0.00", 5.0, Some(Look::Foreign)),
            ("[$€-2] #,##0.00", 5.0, Some(Look::Foreign)),
            ("[$￥-411]#,##0", 5.0, Some(Look::Foreign)),
            ("[$¥-ja-JP]#,##0", 5.0, Some(Look::Foreign)),
            ("\"$\"#,##0", 5.0, Some(Look::Foreign)),
            ("$#,##0", 5.0, Some(Look::Foreign)),
            (";;;", 5.0, Some(Look::Hidden)),
            ("\"-\"", 0.0, Some(Look::Blank)),
            ("0;-0;;@", 0.0, Some(Look::Blank)),
            ("#,###", 0.0, Some(Look::Blank)),
            (
                "_ ¥* #,##0_ ;_ ¥* \\-#,##0_ ;_ ¥* \"-\"??_ ;_ @_ ",
                0.0,
                Some(Look::Blank),
            ),
            ("0.00;-0.00;\"面议\"", 0.0, words("面议")),
            ("[=0]\"是\";[=1]\"否\"", 0.0, words("是")),
            ("[=0]\"是\";[=1]\"否\"", 1.0, words("否")),
            ("\"-\"", 5.0, Some(Look::Hidden)),
            ("# ?/?", 0.5, Some(Look::Words(None))),
            ("[h]:mm:ss", 5.0, Some(Look::Hidden)),
            ("0\\d", 5.0, words("5d")),
            ("[DBNum2]0", 5.0, Some(Look::Words(None))),
        ] {
            assert_eq!(look(code, number), looks, "{code}");
        }
        assert_eq!(built_in(10), Format::Like(Look::Percent));
    }
}
