//! Unified social credit codes (统一社会信用代码, GB 32100-2015): 18 characters, the last of which checks the others.

use super::{code_list::half_width, text};

/// Characters of a code; the place is the value. No I, O, S, V, Z (GB 32100-2015, table 2).
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Length of a code in characters.
pub const LENGTH: usize = 18;

/// What is wrong with a code; the text is for the person who typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    /// Not 18 characters, but this many.
    #[error("统一社会信用代码应为 18 位，现为 {0} 位")]
    Length(usize),
    /// A character that no code has, and its place (1–18).
    #[error("统一社会信用代码第 {position} 位“{}”不在允许的字符之内（数字和除 I、O、S、V、Z 外的大写字母）", character.escape_debug())]
    Alphabet {
        /// 1–18.
        position: usize,
        /// The character.
        character: char,
    },
    /// The last character is not the one that the others demand.
    #[error("统一社会信用代码校验位不符，按前 17 位末位应为“{expected}”，请核对")]
    CheckCharacter {
        /// The one they demand.
        expected: char,
    },
}

/// The code as the register keeps it: full-width characters half-width, letters upper case, white space, hyphens and what is not seen
/// dropped.
pub fn normalise(typed: &str) -> String {
    typed
        .chars()
        .map(half_width)
        .filter(|c| !c.is_whitespace() && !text::is_hidden(*c) && !matches!(c, '-' | '‐' | '‑' | '–' | '—'))
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// Checks a normalised code: length, alphabet, check character. The organisation code inside (places 9–17) has a check character
/// of its own, which is not looked at.
///
/// # Errors
/// The first of the three rules that is broken.
pub fn check(code: &str) -> Result<(), UsccError> {
    let length = code.chars().count();
    if length != LENGTH {
        return Err(UsccError::Length(length));
    }
    // Weights are the powers of 3 modulo 31: 1, 3, 9, 27, 19, …
    let (mut weight, mut sum, mut last) = (1, 0, (0, '0'));
    for (at, character) in code.chars().enumerate() {
        let value = value_of(character).ok_or(UsccError::Alphabet {
            position: at + 1,
            character,
        })?;
        if at + 1 < LENGTH {
            sum += value * weight;
            weight = weight * 3 % 31;
        }
        last = (value, character);
    }
    // The outer remainder matters: a sum divisible by 31 gives 0, not 31.
    let expected = (31 - sum % 31) % 31;
    match ALPHABET.get(expected) {
        Some(letter) if last.0 != expected => Err(UsccError::CheckCharacter {
            expected: char::from(*letter),
        }),
        _ => Ok(()),
    }
}

/// Whether a normalised code has the form of what came before credit codes (2015): the number of a business licence (15 digits), the
/// code of an organisation (8 characters and a check character, GB 11714).
pub fn is_of_old(code: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
    match code.len() {
        15 => code.bytes().all(|b| b.is_ascii_digit()),
        9 => code.bytes().all(alphanumeric) && code.bytes().any(|b| b.is_ascii_digit()),
        _ => false,
    }
}

/// The value of a character, 0–30.
fn value_of(character: char) -> Option<usize> {
    let byte = u8::try_from(character).ok()?;
    ALPHABET.iter().position(|letter| *letter == byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The standard's own sample, codes of well-known bodies, synthetic ones; the third sums to a multiple of 31.
    const VALID: [&str; 7] = [
        "91350100M000100Y43",
        "914403001922038216",
        "91659001MA00000820",
        "9144030071526726XG",
        "12100000400000624D",
        "91659001MA00000152",
        "91659002MA0000023B",
    ];

    #[test]
    fn codes_are_checked() {
        for code in VALID {
            assert_eq!(check(code), Ok(()), "{code}");
        }
        for (code, error) in [
            (
                "91350100M000100Y4Z",
                UsccError::Alphabet {
                    position: 18,
                    character: 'Z',
                },
            ),
            (
                "91350100M000100Y4３",
                UsccError::Alphabet {
                    position: 18,
                    character: '３',
                },
            ),
            (
                "91350100m000100Y43",
                UsccError::Alphabet {
                    position: 9,
                    character: 'm',
                },
            ),
            ("91350100M000100Y44", UsccError::CheckCharacter { expected: '3' }),
            ("91659001MA00000821", UsccError::CheckCharacter { expected: '0' }),
            ("91350100M000100Y4", UsccError::Length(17)),
            ("91350100M000100Y433", UsccError::Length(19)),
            ("", UsccError::Length(0)),
        ] {
            assert_eq!(check(code), Err(error), "{code}");
        }
    }

    #[test]
    fn any_one_changed_character_is_noticed() {
        for code in VALID {
            for place in 0..LENGTH {
                for letter in ALPHABET {
                    let mut changed = code.as_bytes().to_vec();
                    changed[place] = *letter;
                    let changed = String::from_utf8(changed).unwrap();
                    assert_eq!(check(&changed).is_ok(), changed == code, "{changed}");
                }
            }
        }
    }

    #[test]
    fn what_people_type_is_tidied() {
        for text in [
            "91350100M000100Y43",
            " ９１３５０１００ｍ０００１００ｙ４３　",
            "91-350100-m000100y4-3",
            "91350100 M000100Y4 3",
        ] {
            assert_eq!(normalise(text), "91350100M000100Y43", "{text}");
        }
    }
}
