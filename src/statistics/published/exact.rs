//! Exact fractions, and the interval of values that a printed number stands for. No rounding happens here; what would not fit 128
//! bits is no answer.

use std::cmp::Ordering;

/// An exact fraction in lowest terms; the denominator is above 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exact {
    n: i128,
    d: i128,
}

const fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Exact {
    pub(super) const ZERO: Self = Self { n: 0, d: 1 };
    pub(super) const ONE: Self = Self { n: 1, d: 1 };

    /// `n ÷ d`; none for a zero denominator.
    pub(super) fn new(n: i128, d: i128) -> Option<Self> {
        if d == 0 {
            return None;
        }
        let common = i128::try_from(gcd(n.unsigned_abs(), d.unsigned_abs())).ok()?.max(1);
        let sign = d.signum();
        Some(Self {
            n: n.checked_div(common)?.checked_mul(sign)?,
            d: d.checked_div(common)?.checked_mul(sign)?,
        })
    }

    pub(super) fn add(self, other: Self) -> Option<Self> {
        let common = i128::try_from(gcd(self.d.unsigned_abs(), other.d.unsigned_abs())).ok()?;
        let (mine, others) = (other.d / common, self.d / common);
        let n = self.n.checked_mul(mine)?.checked_add(other.n.checked_mul(others)?)?;
        Self::new(n, self.d.checked_mul(mine)?)
    }

    pub(super) fn negated(self) -> Self {
        Self { n: -self.n, d: self.d }
    }

    pub(super) fn sub(self, other: Self) -> Option<Self> {
        self.add(other.negated())
    }

    pub(super) fn mul(self, other: Self) -> Option<Self> {
        let (left, right) = (Self::new(self.n, other.d)?, Self::new(other.n, self.d)?);
        Self::new(left.n.checked_mul(right.n)?, left.d.checked_mul(right.d)?)
    }

    pub(super) fn div(self, other: Self) -> Option<Self> {
        self.mul(Self::new(other.d, other.n)?)
    }

    pub(super) fn powi(self, exponent: u32) -> Option<Self> {
        (0..exponent).try_fold(Self::ONE, |power, _| power.mul(self))
    }

    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        Some(self.n.checked_mul(other.d)?.cmp(&other.n.checked_mul(self.d)?))
    }

    /// The number, where it is a whole one.
    pub(super) const fn whole(self) -> Option<i128> {
        if self.d == 1 { Some(self.n) } else { None }
    }

    /// Numerator and denominator, the latter above 0.
    pub(super) const fn parts(self) -> (i128, i128) {
        (self.n, self.d)
    }

    pub(super) fn is_positive(self) -> bool {
        self.n > 0
    }

    /// With `decimals` decimals, rounded half away from zero.
    pub(super) fn display(self, decimals: u32) -> Option<String> {
        crate::domain::money::format_ratio(self.n, self.d, decimals)
    }
}

/// The values from `low` to `high`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) low: Exact,
    pub(super) high: Exact,
}

impl Interval {
    pub(super) const fn exactly(value: Exact) -> Self {
        Self {
            low: value,
            high: value,
        }
    }

    pub(super) fn add(self, other: Self) -> Option<Self> {
        Some(Self {
            low: self.low.add(other.low)?,
            high: self.high.add(other.high)?,
        })
    }

    /// The quotients of values of the two; none where the divisor may be 0 or below, or the dividend below 0.
    pub(super) fn div(self, other: Self) -> Option<Self> {
        let low = if self.low.is_positive() { self.low } else { Exact::ZERO };
        if !other.low.is_positive() || self.high.compare(Exact::ZERO)? == Ordering::Less {
            return None;
        }
        Some(Self {
            low: low.div(other.high)?,
            high: self.high.div(other.low)?,
        })
    }

    /// Whether the two have a value in common. Where numbers are too large to compare, they are not said to differ.
    pub(super) fn meets(self, other: Self) -> bool {
        let apart = |high: Exact, low: Exact| high.compare(low) == Some(Ordering::Less);
        !apart(self.high, other.low) && !apart(other.high, self.low)
    }

    /// Whether every value here is below every value there.
    pub(super) fn is_below(self, other: Self) -> bool {
        self.high.compare(other.low) == Some(Ordering::Less)
    }

    pub(super) fn width(self) -> Option<Exact> {
        self.high.sub(self.low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(n: i128, d: i128) -> Exact {
        Exact::new(n, d).unwrap()
    }

    #[test]
    fn fractions_are_exact_and_too_large_ones_are_none() {
        assert_eq!(exact(1, 3).add(exact(1, 6)), Some(exact(1, 2)));
        assert_eq!(exact(-2, 4), exact(1, -2));
        assert_eq!(exact(2, 3).div(exact(4, 9)), Some(exact(3, 2)));
        assert_eq!(exact(3, 2).powi(3), Some(exact(27, 8)));
        assert_eq!(exact(1, 1).div(Exact::ZERO), None);
        assert_eq!(exact(i128::MAX, 1).add(exact(1, 2)), None);
        assert_eq!(exact(1234, 1000).display(2).as_deref(), Some("1.23"));
    }

    #[test]
    fn intervals_that_touch_meet() {
        let interval = |low, high| Interval {
            low: exact(low, 1),
            high: exact(high, 1),
        };
        assert!(interval(1, 2).meets(interval(2, 3)));
        assert!(!interval(1, 2).meets(interval(3, 4)) && interval(1, 2).is_below(interval(3, 4)));
        assert_eq!(interval(1, 2).div(interval(0, 4)), None);
        assert_eq!(
            interval(1, 2).div(interval(2, 4)),
            Some(Interval {
                low: exact(1, 4),
                high: exact(1, 1)
            })
        );
    }
}
