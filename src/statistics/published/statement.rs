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
    /// How near it is said to be.
    pub nearness: Nearness,
    mantissa: i128,
    decimals: u32,
    /// What it is told in steps of, in units of its last digit: 10 of 四成, 5 of 四成半, else 1.
    step: i128,
}

/// How near a number is said to be to what it tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Nearness {
    /// Rounded to what is printed.
    #[default]
    Exact,
    /// That or a little more: 3000 余, 超 10 亿元.
    Over,
    /// That or a little less: 近八成.
    Under,
    /// Some way around it: 约 10.8 亿元.
    About,
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
            nearness: Nearness::Exact,
            step: 1,
        })
    }

    /// Of a mantissa and decimals; none where that is too large to be a figure.
    pub(super) fn of(mantissa: i128, decimals: u32, unit: PrintedUnit) -> Option<Self> {
        let scale = u128::from(10_u32).checked_pow(decimals)?;
        let (sign, n) = (if mantissa < 0 { "-" } else { "" }, mantissa.unsigned_abs());
        let text = match decimals {
            0 => format!("{sign}{n}"),
            _ => format!("{sign}{}.{:0width$}", n / scale, n % scale, width = decimals as usize),
        };
        Self::read(&text, unit)
    }

    /// The same, said to be that near.
    #[must_use]
    pub(super) const fn near(mut self, nearness: Nearness) -> Self {
        self.nearness = nearness;
        self
    }

    /// The same, told in such steps.
    #[must_use]
    pub(super) const fn stepped(mut self, step: i128) -> Self {
        self.step = if step > 0 { step } else { 1 };
        self
    }

    /// Whether more than one value at its decimals is what it tells.
    pub fn is_coarse(&self) -> bool {
        self.step > 1 || self.nearness != Nearness::Exact
    }

    /// What it may be, in units of a hundredth of its last digit.
    fn reach(&self) -> Option<(i128, i128)> {
        let middle = self.mantissa.checked_mul(100)?;
        // The place of the last digit that is not 0: how far 近 and 余 reach.
        let mut place = 1;
        let mut value = self.mantissa.abs();
        while value >= 10 && value % 10 == 0 {
            value /= 10;
            place *= 10;
        }
        let (half, place) = (self.step.checked_mul(50)?, place.max(self.step).checked_mul(100)?);
        Some(match self.nearness {
            Nearness::Exact => (middle.checked_sub(half)?, middle.checked_add(half)?),
            Nearness::Over => (middle.checked_sub(50)?, middle.checked_add(place)?),
            Nearness::Under => (middle.checked_sub(place)?, middle.checked_add(50)?),
            Nearness::About => {
                let reach = half.max(place / 2);
                (middle.checked_sub(reach)?, middle.checked_add(reach)?)
            }
        })
    }

    /// Whether it tells a number that is given in its unit with two decimals more than its own.
    pub fn admits(&self, finer: &str) -> bool {
        let digits: String = finer.chars().filter(|c| *c != '.').collect();
        let value: Option<i128> = digits.parse().ok();
        let reach = self.reach().zip(value);
        reach.is_some_and(|((low, high), value)| (low..=high).contains(&value))
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
        if self.is_coarse() {
            let (low, high) = self.reach()?;
            let hundredth = Exact::new(1, 50)?;
            return Some(Interval {
                low: self.at(1)?.mul(Exact::new(low, 1)?)?.mul(hundredth)?,
                high: self.at(1)?.mul(Exact::new(high, 1)?)?.mul(hundredth)?,
            });
        }
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
    pub const fn decimals(&self) -> u32 {
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
    /// Whether the number was told before, of another figure: 一师、二师均为300万元.
    pub is_again: bool,
    /// Whether it is sure that it is this figure; where it is not, another number is no error but something not understood.
    pub is_sure: bool,
}

/// A number of a report of which it is not known what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The number as it stands there, with its unit.
    pub text: String,
    /// Where it stands.
    pub place: String,
    /// The words around it.
    pub context: String,
}

/// A number of a sentence that is understood.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) at: usize,
    pub(super) figure: String,
    pub(super) printed: Printed,
    pub(super) is_again: bool,
    pub(super) is_sure: bool,
}

/// What a sentence came to.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) told: Vec<Told>,
    /// Where the numbers are that are not understood.
    pub(super) unread: Vec<(usize, usize)>,
    /// Where the numbers begin that are not what a pattern says, and what it says.
    pub(super) refused: Vec<(usize, String)>,
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
