//! What a number of a workbook is, by its format, as no cell says it itself (ECMA-376 part 1, 18.8.30 and 18.8.31): a date, or what
//! the cell shows of it.

use super::pattern::Sections;
use crate::intake::look::Look;

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
        14..=16 | 18..=22 | 28..=35 | 45 | 47 | 51 | 53..=56 | 58 => Format::Date,
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

/// Whether a code is a date's: its first section decides; what is quoted, escaped or in brackets is no part of it.
fn day_or_month(code: &str) -> Format {
    let mut chars = code.chars();
    let (mut year_or_month, mut day, mut time) = (false, false, false);
    let mut before = ' ';
    let mut at = 0;
    while let Some(c) = chars.next() {
        let rest = code.get(at..).unwrap_or_default();
        match c {
            '"' => while chars.next().is_some_and(|c| c != '"') {},
            '\\' | '_' | '*' => {
                chars.next();
            }
            '[' => {
                let inner: String = chars.by_ref().take_while(|c| *c != ']').take(64).collect();
                // A stretch of time, not a point of it.
                if !inner.is_empty() && inner.chars().all(|c| matches!(c.to_ascii_lowercase(), 'h' | 'm' | 's')) {
                    return Format::Number;
                }
            }
            ';' => break,
            'G' | 'g' if is_general(rest) => return Format::Number,
            'y' | 'Y' | 'm' | 'M' => year_or_month = true,
            'e' if !matches!(before, '0' | '#' | '?') => year_or_month = true,
            'd' | 'D' => day = true,
            'h' | 'H' | 's' | 'S' => time = true,
            _ => {}
        }
        at = code.len() - chars.as_str().len();
        before = c;
    }
    match (year_or_month, day, time) {
        (_, true, _) | (_, _, true) => Format::Date,
        (true, ..) => Format::Month,
        _ => Format::Number,
    }
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
            ("h:mm:ss", Format::Date),
            ("yyyy\"年\"m\"月\"", Format::Month),
            ("[$-411]ge.m", Format::Month),
            ("yyyy", Format::Month),
            ("mmm-yy", Format::Month),
        ] {
            assert_eq!(custom(code), format, "{code}");
        }
        assert_eq!((built_in(14), built_in(17)), (Format::Date, Format::Month));
        assert_eq!(
            (built_in(31), built_in(57), built_in(49)),
            (Format::Date, Format::Month, Format::Number)
        );
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
                Some(Look::Plain(None)),
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
            ("\"-\"", 0.0, None),
            ("[h]:mm:ss", 5.0, Some(Look::Hidden)),
            ("0\\d", 5.0, words("5d")),
            ("[DBNum2]0", 5.0, Some(Look::Words(None))),
        ] {
            assert_eq!(look(code, number), looks, "{code}");
        }
        assert_eq!(built_in(10), Format::Like(Look::Percent));
    }
}
