//! Numbers of identity cards (公民身份号码, GB 11643): never kept and never repeated, so they must be known where they stand by mistake.

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

/// Whether what stands in the place of a credit code is an identity number, or one with a slip: 18 characters, or the 15 digits of
/// before 1999. `is_code`: whether it passes for a credit code.
pub fn is_like(text: &str, is_code: bool) -> bool {
    is_sound(text) || (!is_code && (has_form(text) || is_of_before_1999(text)))
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
        assert_eq!(masked("650000189001010060"), "（18 位号码，不显示）");
    }
}
