//! Texts of the tabular form: what is not told apart when two of them are compared, and how a moment is written.

use std::borrow::Cow;

use crate::domain::{text, time::Moment};

/// A text as a cell carries it: without surrounding white space (U+3000 and no-break spaces too), line ends as `\n`, without the
/// control characters that XML 1.0 cannot hold, and without what [`text::clean`] drops. A text that is tidy already is borrowed.
pub fn tidy(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim_matches(is_margin);
    if !trimmed.chars().any(is_dropped) {
        return match text::clean(trimmed) {
            Cow::Borrowed(_) => Cow::Borrowed(trimmed),
            Cow::Owned(cleaned) => Cow::Owned(cleaned.trim_matches(is_margin).to_owned()),
        };
    }
    let kept: String = trimmed
        .replace("\r\n", "\n")
        .chars()
        .map(|c| if c == '\r' { '\n' } else { c })
        .filter(|c| !is_dropped(*c))
        .collect();
    Cow::Owned(text::clean(&kept).trim_matches(is_margin).to_owned())
}

/// Marks before a text that keep a spreadsheet from taking it for a number.
const LONE_MARKS: [char; 2] = ['\'', '`'];

/// What a cell means: without the apostrophe that [`marked`] or [`guarded`] put before it; or else what somebody typed who told a
/// spreadsheet to keep it as text: `="x"` is x, and a lone apostrophe before a text is none of it. One that has a partner further on is.
pub fn typed(text: &str) -> &str {
    let rest = unmarked(text);
    if rest.len() != text.len() {
        return rest;
    }
    let quoted = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    let mut text = quoted.filter(|inner| !inner.contains('"')).unwrap_or(text);
    while let Some(rest) = text.strip_prefix(LONE_MARKS) {
        let mark = text.chars().next().unwrap_or_default();
        if rest.contains(mark) {
            break;
        }
        text = rest;
    }
    text
}

/// A text as a cell of a workbook carries it, where no text is a formula: with an apostrophe before it where it would otherwise be read
/// as something else ([`typed`]).
pub fn guarded(text: &str) -> Cow<'_, str> {
    if typed(text).len() == text.len() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{text}"))
    }
}

/// Characters at the start of a text that make a spreadsheet take it for a formula, and the marks against that.
const MARKED_STARTS: [char; 10] = ['=', '+', '-', '@', '\'', '`', '＝', '＋', '－', '＠'];

/// A text as a CSV cell carries it: with an apostrophe before it where a spreadsheet would take it for a formula, or where it
/// would otherwise lose an apostrophe of its own.
pub fn marked(text: &str) -> Cow<'_, str> {
    if text.starts_with(MARKED_STARTS) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A CSV cell's text without the apostrophe that [`marked`] put before it.
pub fn unmarked(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(MARKED_STARTS) || rest.is_empty() => rest,
        _ => text,
    }
}

/// White space, and the zero-width characters that editors and web pages leave at the ends of texts.
fn is_margin(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{200B}')
}

fn is_dropped(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

/// Full-width digits, letters and punctuation as their half-width twins, dashes as hyphens, every space as U+0020, nothing that is
/// not seen; for numbers, dates and codes, never for prose.
pub fn fold_width(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .filter(|c| !text::is_hidden(*c))
            .map(|c| match c {
                '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
                '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
                '。' => '.',
                c if c.is_whitespace() => ' ',
                c => c,
            })
            .collect(),
    )
}

/// What two headers that mean the same have in common: [`text::key`], without the asterisk of a required column.
pub fn header_key(header: &str) -> String {
    let mut key = text::key(header);
    key.retain(|c| c != '*');
    key
}

/// A moment as the tabular form writes it: RFC 3339 with +08:00, the fraction of a second only where there is one.
pub fn moment_text(at: Moment) -> String {
    at.to_string().replace(".000000+", "+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_and_control_characters_go_and_the_inside_stays() {
        for (text, tidied) in [
            ("　甲 公司\u{a0}\r\n", "甲 公司"),
            ("a\r\nb\rc", "a\nb\nc"),
            ("\u{7}\u{feff} x\u{0}y\t z", "x\u{79}\t z"),
            (" \u{b} ", ""),
            ("石\u{200b}河\u{ad}子 \u{2060}", "石河子"),
        ] {
            assert_eq!(tidy(text), tidied, "{text:?}");
            assert_eq!(tidy(tidied), tidied);
        }
        assert!(matches!(tidy("甲"), Cow::Borrowed(_)));
    }

    #[test]
    fn marks_that_keep_digits_are_none_of_the_text() {
        for (text, meant) in [
            ("=\"2025\"", "2025"),
            ("'2025", "2025"),
            ("`2024AB001", "2024AB001"),
            ("'`x", "`x"),
            ("'智慧'农业", "'智慧'农业"),
            ("=\"a\"&\"b\"", "=\"a\"&\"b\""),
            ("=1+1", "=1+1"),
            ("甲'乙", "甲'乙"),
            ("''2025", "'2025"),
            ("'=\"x\"", "=\"x\""),
        ] {
            assert_eq!(typed(text), meant, "{text}");
            // Whatever a text is, both kinds of file give it back.
            for text in [text, meant] {
                assert_eq!(typed(&guarded(text)), text);
                assert_eq!(typed(&marked(text)), text);
            }
        }
    }

    #[test]
    fn width_is_folded_for_numbers_and_headers() {
        assert_eq!(fold_width("\u{202d}2025660008000001\u{202c}"), "2025660008000001");
        assert_eq!(fold_width("２０２５－０１－０３　１０：００"), "2025-01-03 10:00");
        assert_eq!(header_key(" 合同成交额 (元)* "), header_key("合同成交额（元）"));
    }

    #[test]
    fn a_moment_keeps_its_microseconds_and_no_empty_fraction() {
        let at = Moment::parse("2024-12-31T16:20:00Z").unwrap();
        assert_eq!(moment_text(at), "2025-01-01T00:20:00+08:00");
        assert_eq!(
            moment_text(Moment::from_micros(at.micros() + 1)),
            "2025-01-01T00:20:00.000001+08:00"
        );
    }
}
