//! Money: integer fen (0.01 yuan) everywhere inside and in JSON; rounding happens once, where a value is shown.

/// An amount in fen (0.01 yuan).
pub type Fen = i64;

/// The largest amount accepted, in fen: 2^53 − 1, the largest integer that every JSON reader keeps exact (RFC 8785 §3.2.2.3);
/// about 90 万亿元.
pub const MAX_FEN: Fen = 9_007_199_254_740_991;

/// Fen in one 万元 (10,000 yuan).
pub const FEN_PER_WAN_YUAN: i128 = 1_000_000;

/// Fen in one 亿元 (100,000,000 yuan).
pub const FEN_PER_YI_YUAN: i128 = 10_000_000_000;

/// Reads an amount in yuan with at most two decimals ("344500", "344500.5", "-3.00"), digits only: tidying what people type
/// is the business of `intake`.
///
/// # Errors
/// A Chinese sentence that says what is wrong: not a number, more than two decimals, out of range.
pub fn parse_yuan(text: &str) -> Result<Fen, String> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
        return Err("不是数字".into());
    }
    let significant = fraction.trim_end_matches('0');
    if significant.len() > 2 {
        return Err("金额最多两位小数（精确到分）".into());
    }
    let cents = format!("{significant:0<2}");
    let too_large = || "金额超出可登记的范围".to_owned();
    let whole: i64 = if whole.is_empty() {
        0
    } else {
        whole.parse().map_err(|_| too_large())?
    };
    let cents: i64 = cents.parse().map_err(|_| too_large())?;
    let fen = whole
        .checked_mul(100)
        .and_then(|f| f.checked_add(cents))
        .filter(|f| *f <= MAX_FEN)
        .ok_or_else(too_large)?;
    Ok(if negative { -fen } else { fen })
}

/// Writes fen as yuan with two decimals: `34450000` → `344500.00`.
pub fn format_yuan(fen: Fen) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

/// The same with separators of thousands, for reading: `1,234,567.89`.
pub fn grouped_yuan(fen: Fen) -> String {
    let plain = format_yuan(fen);
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |d| ("-", d));
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}.{cents}")
}

/// `numerator ÷ denominator` written with `decimals` decimals, rounded once, half away from zero, in exact integer arithmetic
/// (published report: 万元 and 亿元 two decimals, percent one).
///
/// `None` where the denominator is zero or the numbers are too large for 128 bits.
pub fn format_ratio(numerator: i128, denominator: i128, decimals: u32) -> Option<String> {
    let scaled = numerator.checked_mul(10_i128.checked_pow(decimals)?)?;
    let units = div_round(scaled, denominator)?;
    let sign = if units < 0 { "-" } else { "" };
    let units = units.unsigned_abs();
    let scale = 10_u128.pow(decimals);
    Some(if decimals == 0 {
        format!("{sign}{units}")
    } else {
        format!(
            "{sign}{}.{:0width$}",
            units / scale,
            units % scale,
            width = decimals as usize
        )
    })
}

/// Integer division rounded half away from zero; `None` for a zero divisor.
pub fn div_round(numerator: i128, denominator: i128) -> Option<i128> {
    if denominator == 0 {
        return None;
    }
    let negative = (numerator < 0) != (denominator < 0);
    let (n, d) = (numerator.unsigned_abs(), denominator.unsigned_abs());
    let rounded = i128::try_from(n / d + u128::from(n % d >= d - n % d)).ok()?;
    Some(if negative { -rounded } else { rounded })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_is_read_to_the_fen_and_written_back() {
        for (text, fen) in [
            ("344500.00", 34_450_000),
            ("0.1", 10),
            (".05", 5),
            ("7", 700),
            ("-3.00", -300),
            ("1.500", 150),
        ] {
            assert_eq!(parse_yuan(text), Ok(fen), "{text}");
        }
        for text in [
            "",
            ".",
            "1.234",
            "1e3",
            "十",
            "1 000",
            "99999999999999999999",
            "90071992547409.92",
        ] {
            assert!(parse_yuan(text).is_err(), "{text}");
        }
        assert_eq!(format_yuan(34_450_005), "344500.05");
        assert_eq!(format_yuan(-5), "-0.05");
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        assert_eq!(
            format_ratio(1_083_100_400, FEN_PER_WAN_YUAN, 2).as_deref(),
            Some("1083.10")
        );
        assert_eq!(format_ratio(5, 1000, 2).as_deref(), Some("0.01"));
        assert_eq!(format_ratio(-5, 1000, 2).as_deref(), Some("-0.01"));
        assert_eq!(format_ratio(4, 1000, 2).as_deref(), Some("0.00"));
        assert_eq!(format_ratio(1, 0, 2), None);
        assert_eq!(div_round(3, 2), Some(2));
        assert_eq!(div_round(-3, 2), Some(-2));
    }
}
