//! Numbers that 128 bits do not hold, and roots: rounded from the exact value, half away from zero, by integers of any size.

use num_bigint::{BigInt, BigUint, Sign};

/// Digits behind the point from which the double nearest to a root is made; a double holds seventeen.
const DOUBLE_DIGITS: u32 = 25;

/// `units` of 10^-`decimals` as text.
fn text(negative: bool, units: &BigUint, decimals: u32) -> String {
    let width = decimals as usize + 1;
    let digits = format!("{units:0>width$}");
    let (whole, fraction) = digits.split_at(digits.len() - decimals as usize);
    let sign = if negative && digits.contains(|c| c != '0') {
        "-"
    } else {
        ""
    };
    if decimals == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

fn scale(factor: u32, decimals: u32) -> BigUint {
    BigUint::from(factor) * BigUint::from(10_u32).pow(decimals)
}

/// `factor × numerator ÷ denominator` with `decimals` decimals, rounded once, half away from zero; none for a zero denominator.
fn rounded(numerator: &BigInt, denominator: &BigInt, factor: u32, decimals: u32) -> Option<String> {
    let negative = (numerator.sign() == Sign::Minus) != (denominator.sign() == Sign::Minus);
    let (n, d) = (numerator.magnitude() * scale(factor, decimals), denominator.magnitude());
    if *d == BigUint::ZERO {
        return None;
    }
    let doubled: BigUint = (n * 2_u32 + d) / (d * 2_u32);
    Some(text(negative, &doubled, decimals))
}

/// `part ÷ whole − before ÷ whole_before` as numerator and denominator.
fn difference([part, whole, before, whole_before]: [i64; 4]) -> (BigInt, BigInt) {
    let [part, whole, before, whole_before] = [part, whole, before, whole_before].map(BigInt::from);
    let over = part * &whole_before - before * &whole;
    (over, whole * whole_before)
}

/// `factor × (part ÷ whole − before ÷ whole_before)` with `decimals` decimals; none where a whole is 0.
pub(super) fn share_change(terms: [i64; 4], factor: u32, decimals: u32) -> Option<String> {
    let (over, under) = difference(terms);
    rounded(&over, &under, factor, decimals)
}

/// The double nearest to `part ÷ whole − before ÷ whole_before`.
pub(super) fn share_change_f64(terms: [i64; 4]) -> Option<f64> {
    share_change(terms, 1, DOUBLE_DIGITS)?.parse().ok()
}

/// `factor × ((last ÷ base)^(1 ÷ years) − 1)` with `decimals` decimals, where `last` is a fraction; none where the base or the years
/// are not above 0, or `last` is below.
///
/// The whole part of `factor × 10^decimals × root` is found by integers, and whether what is left is half or more by comparing powers.
pub(super) fn average_growth(
    (last, parts): (i128, i128),
    base: i128,
    years: u32,
    factor: u32,
    decimals: u32,
) -> Option<String> {
    let natural = |n: i128| u128::try_from(n).ok().map(BigUint::from);
    let (last, under) = (natural(last)?, natural(parts)? * natural(base)?);
    if under == BigUint::ZERO || years == 0 {
        return None;
    }
    let one = scale(factor, decimals);
    // The root × one lies from `whole` on and below `whole + 1`.
    let whole: BigUint = (one.pow(years) * &last / &under).nth_root(years);
    let above_half = {
        let half: BigUint = &whole * 2_u32 + 1_u32;
        (half.pow(years) * &under).cmp(&((&one * 2_u32).pow(years) * &last))
    };
    let grew = whole >= one;
    let up = match above_half {
        std::cmp::Ordering::Less => true,
        // Just half: away from zero, which is up for growth and down for a fall.
        std::cmp::Ordering::Equal => grew,
        std::cmp::Ordering::Greater => false,
    };
    let root = if up { whole + 1_u32 } else { whole };
    let (negative, units) = if root >= one {
        (false, root - one)
    } else {
        (true, one - root)
    };
    Some(text(negative, &units, decimals))
}

/// The double nearest to `(last ÷ base)^(1 ÷ years) − 1`.
pub(super) fn average_growth_f64(last: i64, base: i64, years: u32) -> Option<f64> {
    average_growth((last.into(), 1), base.into(), years, 1, DOUBLE_DIGITS)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_rounded_from_the_exact_value() {
        for (last, base, years, decimals, expected) in [
            // 80,000 → 81,000 yuan: 1.25 %, half away from zero.
            (8_100_000, 8_000_000, 1, 1, "1.3"),
            (7_900_000, 8_000_000, 1, 1, "-1.3"),
            (8_099_999, 8_000_000, 1, 1, "1.2"),
            (8_100_001, 8_000_000, 1, 1, "1.3"),
            // 1.005² = 1.010025: a tie at no decimals of 0.5 %.
            (1_010_025, 1_000_000, 2, 0, "1"),
            (1_010_024, 1_000_000, 2, 0, "0"),
            (990_025, 1_000_000, 2, 0, "-1"),
            (32, 1, 5, 1, "100.0"),
            (1, 32, 5, 1, "-50.0"),
            (0, 32, 5, 1, "-100.0"),
            (2, 1, 2, 6, "41.421356"),
            (i64::MAX, 1, 1, 1, "922337203685477580600.0"),
        ] {
            let found = average_growth((last.into(), 1), base.into(), years, 100, decimals);
            assert_eq!(found.as_deref(), Some(expected), "{last} {base} {years}");
        }
        assert_eq!(average_growth((1, 1), 0, 1, 100, 1), None);
        assert_eq!(average_growth((1, 1), 1, 0, 100, 1), None);
        assert_eq!(average_growth_f64(2, 1, 2), "0.41421356237309504880168872".parse().ok());
    }

    #[test]
    fn a_change_of_shares_is_rounded_once() {
        // 1/3 − 1/4 = 8.333…; a fraction a hair below 1.25 points.
        assert_eq!(share_change([1, 3, 1, 4], 100, 1).as_deref(), Some("8.3"));
        assert_eq!(share_change([9, 16, 11, 20], 100, 1).as_deref(), Some("1.3"));
        let large = 1_000_000_000_000_000_000;
        assert_eq!(
            share_change([large / 80 - 1, large, 0, large], 100, 1).as_deref(),
            Some("1.2")
        );
        assert_eq!(
            share_change([large / 80, large, 0, large], 100, 1).as_deref(),
            Some("1.3")
        );
        assert_eq!(
            share_change([0, large, large / 80, large], 100, 1).as_deref(),
            Some("-1.3")
        );
        assert_eq!(share_change([1, 0, 1, 4], 100, 1), None);
        assert_eq!(share_change_f64([1, 4, 1, 2]), Some(-0.25));
    }
}
