//! Numbers as people type them.

use std::borrow::Cow;

use crate::domain::{
    interchange::fold_width,
    money::{Fen, MAX_FEN, parse_yuan},
};

/// The largest whole number that a spreadsheet's number holds exactly: 2^53.
pub const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// Noise of binary fractions that a sum of amounts may carry, in fen: a millionth of a yuan.
const NOISE_FEN: f64 = 1e-4;

/// An amount in yuan from text: full-width digits, thousands separators (in groups of three), `￥`, `元`.
///
/// # Errors
/// What is wrong and how to mend it, in Chinese.
pub fn yuan(text: &str) -> Result<Fen, String> {
    let folded = fold_width(text);
    let bare = bare_amount(&folded);
    if bare.ends_with('万') || bare.ends_with('亿') {
        return Err("请换算为元填写，不要写“万元”“亿元”".into());
    }
    let digits = ungrouped(bare).ok_or("金额的千分位分隔符位置不对，请写作 1234567.89 或 1,234,567.89")?;
    parse_yuan(&digits).map_err(|problem| match problem.as_str() {
        "不是数字" => "不是数字；请写作 1234567.89".into(),
        _ => problem,
    })
}

/// An amount in yuan from a spreadsheet's number.
///
/// # Errors
/// Finer than a fen, or out of range.
pub fn yuan_number(number: f64) -> Result<Fen, String> {
    let exact = number * 100.0;
    let fen = exact.round();
    if !fen.is_finite() || fen.abs() > MAX_FEN as f64 {
        return Err("金额超出可登记的范围".into());
    }
    if (exact - fen).abs() > NOISE_FEN.max(exact.abs() * 4.0 * f64::EPSILON) {
        return Err("金额最多两位小数（精确到分）".into());
    }
    #[expect(clippy::cast_possible_truncation, reason = "within ±2^53, checked above")]
    Ok(fen as i64)
}

/// A whole number from text.
pub fn whole(text: &str) -> Option<i64> {
    let folded = fold_width(text);
    let digits = ungrouped(folded.trim())?;
    let digits = digits.split_once('.').map_or(digits.as_ref(), |(whole, zeros)| {
        if zeros.bytes().all(|b| b == b'0') { whole } else { "" }
    });
    digits.parse().ok()
}

/// A whole number from a spreadsheet's number.
pub fn whole_number(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "within ±2^53, checked before")]
    (number.abs() <= MAX_EXACT && number.fract() == 0.0).then_some(number as i64)
}

/// Whether a text of digits went through a spreadsheet's number and lost its last ones: `2.02566E+15`.
pub fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let exponent = exponent.strip_prefix('+').unwrap_or_default();
    !exponent.is_empty()
        && exponent.bytes().all(|b| b.is_ascii_digit())
        && !mantissa.is_empty()
        && mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// Without the currency's signs and surrounding spaces.
fn bare_amount(text: &str) -> &str {
    let text = text.trim().trim_start_matches("人民币").trim();
    text.trim_start_matches(['￥', '¥']).trim_end_matches('元').trim()
}

/// Without thousands separators; `None` where they do not part groups of three.
fn ungrouped(text: &str) -> Option<Cow<'_, str>> {
    const SEPARATORS: [char; 3] = [',', ' ', '\''];
    if !text.contains(SEPARATORS) {
        return Some(Cow::Borrowed(text));
    }
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let mut groups = whole.split(SEPARATORS);
    let first = groups.next()?.trim_start_matches(['-', '+']);
    let sound = (1..=3).contains(&first.len())
        && groups.all(|g| g.len() == 3)
        && !fraction.is_some_and(|f| f.contains(SEPARATORS));
    sound.then(|| Cow::Owned(text.replace(SEPARATORS, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        for (text, fen) in [
            ("344500.00", 34_450_000),
            ("３４４，５００．５", 34_450_050),
            ("1,234,567.89", 123_456_789),
            ("1 234 567", 123_456_700),
            ("￥ 12.30", 1230),
            ("¥12元", 1200),
            ("人民币 8,000.00 元", 800_000),
            ("１２．３０　元", 1230),
            ("0", 0),
            ("-3", -300),
            ("－1,000", -100_000),
        ] {
            assert_eq!(yuan(text), Ok(fen), "{text}");
        }
        for text in [
            "", "元", "34万元", "1.2亿", "十万", "12,34", "1,2345", "1.234,5", "1.23E+08", "1.005", "(100)", "—", "1 2",
        ] {
            assert!(yuan(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_spreadsheets_numbers_are_exact_to_the_fen() {
        for (number, fen) in [
            (344_500.0, 34_450_000),
            (0.1 + 0.2, 30),
            (1.1 * 3.0, 330),
            (70_000_000_000.07, 7_000_000_000_007),
            (-5.5, -550),
            (0.289_999_999, 29),
        ] {
            assert_eq!(yuan_number(number), Ok(fen), "{number}");
        }
        for number in [0.125, 1.005, f64::NAN, f64::INFINITY, 1e14, 12.344_9] {
            assert!(yuan_number(number).is_err(), "{number}");
        }
    }

    #[test]
    fn whole_numbers_and_lost_digits_are_told() {
        for (text, value) in [
            ("1,626", Some(1626)),
            ("７９", Some(79)),
            ("5.00", Some(5)),
            ("5.5", None),
            ("", None),
            ("三", None),
        ] {
            assert_eq!(whole(text), value, "{text}");
        }
        assert_eq!(whole_number(2_025_660_003_000_001.0), Some(2_025_660_003_000_001));
        assert_eq!(whole_number(1e16), None);
        assert_eq!(whole_number(0.5), None);
        assert!(is_scientific("2.02566E+15") && is_scientific("2e+15"));
        assert!(!is_scientific("12E3") && !is_scientific("DJE+1") && !is_scientific("2025"));
    }
}
