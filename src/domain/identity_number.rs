//! Numbers of identity cards (公民身份号码, GB 11643): never kept and never repeated, so they must be known where they stand by mistake.

use std::borrow::Cow;

use chrono::NaiveDate;

/// Years in which holders may be born.
const BIRTHS: std::ops::RangeInclusive<i32> = 1850..=2100;

/// First digits of the codes of provinces, as in GB/T 2260.
const PROVINCES: std::ops::RangeInclusive<u32> = 11..=91;

/// Whether 18 characters are an identity number: a province, a day of the calendar at places 7–14, and the check character of
/// ISO 7064 MOD 11-2.
pub fn is_sound(text: &str) -> bool {
    has_form(text) && check_character(text) == text.chars().last()
}

/// First two characters of credit codes whose holders are registered by 机构编制, 民政, 工商, … (GB 32100-2015, table 1), where they are
/// digits: an identity number of those provinces begins so, too.
const CODE_STARTS: [&str; 11] = ["11", "12", "13", "19", "51", "52", "53", "59", "91", "92", "93"];

/// Whether what stands in the place of a credit code is an identity number, or one with a slip: 18 characters, or the 15 digits of
/// before 1999. `is_code`: whether it passes for a credit code.
pub fn is_like(text: &str, is_code: bool) -> bool {
    let begins_as_code = text.get(..2).is_some_and(|start| CODE_STARTS.contains(&start));
    let with_slip = || has_form(text) || is_of_before_1999(text) || (!begins_as_code && has_year(text));
    is_sound(text) || (!is_code && with_slip())
}

/// The text with every number in it that may be an identity number, whole, one digit short or long, or two in one, taken out: for messages.
pub fn concealed(text: &str) -> Cow<'_, str> {
    let digit_of = |c: char| match c {
        '0'..='9' => Some(c),
        '\u{ff10}'..='\u{ff19}' => char::from_u32(u32::from(c) - 0xfee0),
        _ => None,
    };
    let is_end = |c: char| matches!(c, 'x' | 'X' | 'ｘ' | 'Ｘ');
    let mut kept = String::new();
    let (mut whole, mut from) = (true, 0);
    let mut places = text.char_indices().peekable();
    while let Some((start, c)) = places.next() {
        let Some(first) = digit_of(c) else { continue };
        let mut number = String::from(first);
        let mut end = start + c.len_utf8();
        while let Some((at, c)) = places.next_if(|(_, c)| digit_of(*c).is_some()) {
            number.extend(digit_of(c));
            end = at + c.len_utf8();
        }
        if let Some((at, c)) = places.next_if(|(_, c)| is_end(*c)) {
            number.push('X');
            end = at + c.len_utf8();
        }
        if holds_one(&number) {
            kept.push_str(text.get(from..start).unwrap_or_default());
            kept.push_str(&masked(&number));
            (whole, from) = (false, end);
        }
    }
    if whole {
        return Cow::Borrowed(text);
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(kept)
}

/// Whether an identity number stands in a text: eighteen characters with a day of birth that begin as no credit code does, or whose check
/// character is right.
pub fn stands_in(text: &str) -> bool {
    let folded = super::interchange::fold_width(text).to_uppercase();
    let mut runs = folded.split(|c: char| !(c.is_ascii_digit() || c == 'X'));
    runs.any(|run| is_sound(run) || (has_form(run) && !CODE_STARTS.iter().any(|start| run.starts_with(start))))
}

/// Whether a run of digits (and an X at its end) may be or hold an identity number. Sixteen digits are a registration number.
fn holds_one(number: &str) -> bool {
    match number.len() {
        15 => is_of_before_1999(number),
        17 | 18 => has_year(number),
        19.. => (0..=number.len() - 17).any(|at| number.get(at..).is_some_and(has_year)),
        _ => false,
    }
}

/// Whether a number begins as identity numbers do: a province, and a year of birth at places 7–10, whatever month and day follow.
fn has_year(number: &str) -> bool {
    let long = number.len() >= 17 && number.bytes().take(16).all(|b| b.is_ascii_digit());
    let year = part(number, 6, 10).and_then(|year| i32::try_from(year).ok());
    long && has_province(number) && year.is_some_and(|year| BIRTHS.contains(&year))
}

/// All but the check character.
fn has_form(text: &str) -> bool {
    let sound = text.len() == 18
        && text.bytes().take(17).all(|b| b.is_ascii_digit())
        && text.bytes().last().is_some_and(|b| b.is_ascii_digit() || b == b'X');
    sound && has_province(text) && part(text, 6, 10).is_some_and(|year| is_day(year, text, 10))
}

fn is_of_before_1999(text: &str) -> bool {
    let digits = text.len() == 15 && text.bytes().all(|b| b.is_ascii_digit());
    digits && has_province(text) && part(text, 6, 8).is_some_and(|year| is_day(1900 + year, text, 8))
}

fn has_province(text: &str) -> bool {
    part(text, 0, 2).is_some_and(|province| PROVINCES.contains(&province))
}

fn is_day(year: u32, text: &str, at: usize) -> bool {
    let (month, day) = (part(text, at, at + 2), part(text, at + 2, at + 4));
    let year = i32::try_from(year).unwrap_or(0);
    let born = NaiveDate::from_ymd_opt(year, month.unwrap_or(0), day.unwrap_or(0));
    born.is_some() && BIRTHS.contains(&year)
}

fn part(text: &str, from: usize, to: usize) -> Option<u32> {
    text.get(from..to)?.parse().ok()
}

fn check_character(text: &str) -> Option<char> {
    // Weights are powers of two modulo 11, the last digit's before the check character being 2.
    let sum = text.bytes().take(17).enumerate().fold(0_u32, |sum, (at, digit)| {
        let weight = (0..17 - at).fold(1, |weight, _| weight * 2 % 11);
        sum + u32::from(digit.saturating_sub(b'0')) * weight
    });
    "10X98765432".chars().nth(usize::try_from(sum % 11).ok()?)
}

/// What may be shown of it: how long it is, and nothing else.
pub fn masked(text: &str) -> String {
    format!(
        "（{} 位号码，不显示）",
        text.chars().filter(|c| c.is_ascii_alphanumeric()).count()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_numbers_are_known() {
        // The standard's own samples, and numbers made up for nobody (born 1890).
        for sound in ["11010519491231002X", "440524188001010014", "650000189001010060"] {
            assert!(is_sound(sound), "{sound}");
            assert!(is_like(sound, true), "{sound}");
        }
        for other in [
            "110105194912310029",
            "650000189013010060",
            "91659001MA00000152",
            "914403001922038216",
            "12100000400000624D",
            "00000018900101006X",
        ] {
            assert!(!is_sound(other), "{other}");
        }
        assert!(is_like("650000189001010028", false), "one with a slip");
        assert!(is_like("650000890101002", false), "one of fifteen digits");
        assert!(!is_like("650000000012345", false), "the number of a business licence");
        assert!(!is_like("914403001922038216", true) && !is_like("914403001922038217", false));
        assert!(is_like("650000189013010060", false), "one whose month is none");
        assert_eq!(masked("650000189001010060"), "（18 位号码，不显示）");
    }

    #[test]
    fn identity_numbers_are_not_repeated_wherever_they_stand() {
        for (text, shown) in [
            ("身份证650000189001010060", "身份证（18 位号码，不显示）"),
            ("No.65000018900101006x（本人）", "No.（18 位号码，不显示）（本人）"),
            ("６５００００１８９００１０１００６０", "（18 位号码，不显示）"),
            (
                "650000189001010060、650000189001010028",
                "（18 位号码，不显示）、（18 位号码，不显示）",
            ),
            ("65000018900101006", "（17 位号码，不显示）"),
            ("6500001890010100601", "（19 位号码，不显示）"),
            ("0650000189001010060", "（19 位号码，不显示）"),
            ("650000189013010060", "（18 位号码，不显示）"),
            ("650000890101002", "（15 位号码，不显示）"),
        ] {
            assert_eq!(concealed(text), shown, "{text}");
        }
        for text in [
            "",
            "2025660003000001",
            "914403001922038216",
            "13999912345",
            "344500.00",
            "650000000012345",
        ] {
            assert!(matches!(concealed(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
