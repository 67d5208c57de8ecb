//! A number as a report prints it, and the figure that it is said to be.

use super::exact::{Exact, Interval};
use crate::{
    domain::money::{FEN_PER_WAN_YUAN, FEN_PER_YI_YUAN},
    statistics::value::PrintedUnit,
};

/// The most digits of a number that is read.
const MAX_DIGITS: usize = 18;

/// A number as printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// Its digits, without separators and unit: `-25.10`.
    pub text: String,
    /// Its unit.
    pub unit: PrintedUnit,
    /// Whether it is said to be a little more than that (3000 余).
    pub over: bool,
    mantissa: i128,
    decimals: u32,
}

impl Printed {
    /// Reads the digits of a number in `unit`; none where they are no number.
    pub(super) fn read(digits: &str, unit: PrintedUnit) -> Option<Self> {
        let text: String = digits
            .chars()
            .filter(|c| !matches!(c, ',' | '，' | ' ' | '+'))
            .collect();
        let unsigned = text.strip_prefix('-').unwrap_or(&text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || whole.len() + fraction.len() > MAX_DIGITS
        {
            return None;
        }
        let mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
        Some(Self {
            mantissa: if text.starts_with('-') { -mantissa } else { mantissa },
            decimals: u32::try_from(fraction.len()).ok()?,
            text,
            unit,
            over: false,
        })
    }

    /// The same, below zero.
    pub(super) fn negated(mut self) -> Self {
        if self.mantissa > 0 {
            self.mantissa = -self.mantissa;
            self.text = format!("-{}", self.text);
        }
        self
    }

    /// Numerator and denominator by which one of the unit becomes one of the base (fen; 1 = 100 %).
    const fn scale(unit: PrintedUnit) -> (i128, i128) {
        match unit {
            PrintedUnit::Count | PrintedUnit::Ratio => (1, 1),
            PrintedUnit::WanYuan => (FEN_PER_WAN_YUAN, 1),
            PrintedUnit::YiYuan => (FEN_PER_YI_YUAN, 1),
            PrintedUnit::Percent => (1, 100),
        }
    }

    /// The value as printed, amounts in fen, rates as fractions of 1.
    pub(super) fn value(&self) -> Option<Exact> {
        self.at(self.mantissa.checked_mul(2)?)
    }

    /// Twice the mantissa as a value.
    fn at(&self, doubled: i128) -> Option<Exact> {
        let (n, d) = Self::scale(self.unit);
        let denominator = 10_i128.checked_pow(self.decimals)?.checked_mul(2 * d)?;
        Exact::new(doubled.checked_mul(n)?, denominator)
    }

    /// The values that it may stand for: half a unit of its last digit to either side. A count stands for itself, and so does a plain
    /// 0, which says that there is nothing.
    pub(super) fn interval(&self) -> Option<Interval> {
        if self.unit == PrintedUnit::Count || (self.mantissa, self.decimals) == (0, 0) {
            return self.value().map(Interval::exactly);
        }
        let doubled = self.mantissa.checked_mul(2)?;
        Some(Interval {
            low: self.at(doubled.checked_sub(1)?)?,
            high: self.at(doubled.checked_add(1)?)?,
        })
    }

    /// A value in this number's unit and decimals.
    pub(super) fn same_form(&self, value: Exact) -> Option<String> {
        let (n, d) = Self::scale(self.unit);
        value.mul(Exact::new(d, n)?)?.display(self.decimals)
    }

    /// Decimals as printed.
    pub(super) const fn decimals(&self) -> u32 {
        self.decimals
    }

    /// With its unit, for people: 6.14 亿元, 33.0%.
    pub(super) fn display(&self) -> String {
        let text = &self.text;
        match self.unit {
            PrintedUnit::Count | PrintedUnit::Ratio => text.clone(),
            PrintedUnit::WanYuan => format!("{text} 万元"),
            PrintedUnit::YiYuan => format!("{text} 亿元"),
            PrintedUnit::Percent => format!("{text}%"),
        }
    }
}

/// A figure as a report states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Name of the figure: `units.div_08.amount`.
    pub figure: String,
    /// The number.
    pub printed: Printed,
    /// Where it stands: 一（一）, 表2 八师.
    pub place: String,
    /// The first segment of the names in whose table it is the total: a total of what is printed above it may be off by its rounding.
    pub total_of: Option<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_for_what_rounds_to_it() {
        let interval = |text: &str, unit| Printed::read(text, unit).unwrap().interval().unwrap();
        let exact = |n, d| Exact::new(n, d).unwrap();
        assert_eq!(
            interval("0.22", PrintedUnit::Ratio),
            Interval {
                low: exact(215, 1000),
                high: exact(225, 1000)
            }
        );
        assert_eq!(
            interval("-25.10", PrintedUnit::Percent),
            Interval {
                low: exact(-25_105, 100_000),
                high: exact(-25_095, 100_000)
            }
        );
        assert_eq!(interval("6.14", PrintedUnit::YiYuan).low, exact(61_350_000_000, 1));
        assert_eq!(interval("1,134", PrintedUnit::Count), Interval::exactly(exact(1134, 1)));
        for text in ["", "-", "--", "1.2.3", "x", ".5", "1234567890123456789"] {
            assert_eq!(Printed::read(text, PrintedUnit::Count), None, "{text}");
        }
    }

    #[test]
    fn a_value_is_shown_as_the_number_beside_it() {
        let printed = Printed::read("5.6", PrintedUnit::Ratio).unwrap();
        assert_eq!(
            printed.same_form(Exact::new(5526, 1000).unwrap()).as_deref(),
            Some("5.5")
        );
        let printed = Printed::read("108310.04", PrintedUnit::WanYuan).unwrap();
        assert_eq!(
            printed.same_form(printed.value().unwrap()).as_deref(),
            Some("108310.04")
        );
    }
}
