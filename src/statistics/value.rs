//! The value of a figure, kept exact until it is shown: counts and fen as integers, shares and growth as fractions of
//! integers. Rounding happens once, here, half away from zero.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::exact_root;
use crate::domain::money::{FEN_PER_WAN_YUAN, FEN_PER_YI_YUAN, Fen, div_round, format_ratio};

/// What editions closed by earlier versions cut a change of shares to, where its exact fraction was too long for them.
const SHARE_UNITS: i128 = 1_000_000_000_000;

/// What stands where there is nothing to show: a share of nothing, growth from nothing.
pub const NOTHING: &str = "–";

/// What kind of number a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// A whole number of contracts, persons, events, or a rank.
    Count,
    /// An amount, in fen; shown in 万元.
    Fen,
    /// A share or growth, 1 = 100 %; shown in percent.
    Rate,
    /// How many times one is the other; shown as it is.
    Ratio,
    /// A calendar year.
    Year,
}

/// The unit in which a number is printed; the ids are those of published figures (`count`, `wan_yuan`, …).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrintedUnit {
    /// As counted.
    Count,
    /// 万元, 10,000 yuan.
    WanYuan,
    /// 亿元, 100,000,000 yuan.
    YiYuan,
    /// Hundredths.
    Percent,
    /// As a plain number.
    Ratio,
}

impl PrintedUnit {
    /// Every unit.
    pub const ALL: [Self; 5] = [Self::Count, Self::WanYuan, Self::YiYuan, Self::Percent, Self::Ratio];

    /// The id: `count`, `wan_yuan`, `yi_yuan`, `percent`, `ratio`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::WanYuan => "wan_yuan",
            Self::YiYuan => "yi_yuan",
            Self::Percent => "percent",
            Self::Ratio => "ratio",
        }
    }

    /// The unit of that id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|u| u.id() == id)
    }

    /// Decimals of this unit in the published report: 万元 and 亿元 two, percent and ratios one.
    pub const fn decimals(self) -> u32 {
        match self {
            Self::Count => 0,
            Self::WanYuan | Self::YiYuan => 2,
            Self::Percent | Self::Ratio => 1,
        }
    }
}

impl UnitKind {
    /// The unit in which such a figure is shown where nobody asks for another.
    pub const fn printed(self) -> PrintedUnit {
        match self {
            Self::Count | Self::Year => PrintedUnit::Count,
            Self::Fen => PrintedUnit::WanYuan,
            Self::Rate => PrintedUnit::Percent,
            Self::Ratio => PrintedUnit::Ratio,
        }
    }

    /// Factor and divisor that take a value of this kind into `printed`; `None` where it cannot be printed so.
    const fn scale(self, printed: PrintedUnit) -> Option<(i128, i128)> {
        match (self, printed) {
            (Self::Fen, PrintedUnit::WanYuan) => Some((1, FEN_PER_WAN_YUAN)),
            (Self::Fen, PrintedUnit::YiYuan) => Some((1, FEN_PER_YI_YUAN)),
            (Self::Rate | Self::Ratio, PrintedUnit::Percent) => Some((100, 1)),
            (Self::Rate | Self::Ratio, PrintedUnit::Ratio) | (Self::Count | Self::Year, PrintedUnit::Count) => {
                Some((1, 1))
            }
            _ => None,
        }
    }
}

/// A number, exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Quantity {
    Whole(i64),
    /// Numerator and denominator, the latter never 0.
    Fraction(i64, i64),
    /// (last ÷ base)^(1 ÷ years) − 1 of `(last, base, years)`, base and years above 0: no fraction, so its exact form is this.
    AverageGrowth(i64, i64, i32),
    /// part ÷ whole − before ÷ whole before of `(part, whole, before, whole before)`, neither whole being 0: where the fraction
    /// does not fit otherwise.
    ShareChange(i64, i64, i64, i64),
}

/// The value of one figure: what kind of number it is, and the number, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureValue {
    unit: UnitKind,
    quantity: Option<Quantity>,
}

impl FigureValue {
    /// No number of that kind.
    pub const fn nothing(unit: UnitKind) -> Self {
        Self { unit, quantity: None }
    }

    const fn whole(unit: UnitKind, n: i64) -> Self {
        Self {
            unit,
            quantity: Some(Quantity::Whole(n)),
        }
    }

    /// A count.
    pub const fn count(n: i64) -> Self {
        Self::whole(UnitKind::Count, n)
    }

    /// An amount.
    pub const fn fen(n: Fen) -> Self {
        Self::whole(UnitKind::Fen, n)
    }

    /// A calendar year.
    pub fn year(year: i32) -> Self {
        Self::whole(UnitKind::Year, i64::from(year))
    }

    /// `part ÷ whole`, shown in percent; nothing where the whole is 0.
    pub fn share(part: i64, whole: i64) -> Self {
        Self::fraction(UnitKind::Rate, part, whole)
    }

    /// `part ÷ whole − before ÷ whole_before`, in percentage points (个百分点): 0.012 is 1.2 points. Nothing where either whole is 0.
    pub fn share_change((part, whole): (i64, i64), (before, whole_before): (i64, i64)) -> Self {
        if whole == 0 || whole_before == 0 {
            return Self::nothing(UnitKind::Rate);
        }
        let terms = [part, whole, before, whole_before].map(i128::from);
        let short = reduced(terms).and_then(|(over, under)| i64::try_from(over).ok().zip(i64::try_from(under).ok()));
        match short {
            Some((over, under)) => Self::fraction(UnitKind::Rate, over, under),
            None => Self {
                unit: UnitKind::Rate,
                quantity: Some(Quantity::ShareChange(part, whole, before, whole_before)),
            },
        }
    }

    /// `amount ÷ contracts`; nothing where there are none.
    pub fn mean_fen(amount: Fen, contracts: i64) -> Self {
        let contracts = contracts.max(0);
        match amount.checked_rem(contracts) {
            Some(0) => Self::fen(amount / contracts),
            _ => Self::fraction(UnitKind::Fen, amount, contracts),
        }
    }

    /// Half of an amount; of a median of two.
    pub fn half_fen(doubled: Fen) -> Self {
        Self::mean_fen(doubled, 2)
    }

    /// `one ÷ other`, shown as it is; nothing where the other is 0.
    pub fn ratio(one: i64, other: i64) -> Self {
        Self::fraction(UnitKind::Ratio, one, other)
    }

    /// `current ÷ previous − 1`; nothing where the previous is 0.
    pub fn growth(current: i64, previous: i64) -> Self {
        Self::fraction(UnitKind::Rate, current.saturating_sub(previous), previous)
    }

    /// `(last ÷ base)^(1 ÷ years) − 1`; nothing where base or years are not above 0, or the last is below.
    pub fn average_growth(last: i64, base: i64, years: i32) -> Self {
        let quantity = (last >= 0 && base > 0 && years > 0).then_some(Quantity::AverageGrowth(last, base, years));
        Self {
            unit: UnitKind::Rate,
            quantity,
        }
    }

    fn fraction(unit: UnitKind, numerator: i64, denominator: i64) -> Self {
        let quantity = (denominator != 0).then_some(Quantity::Fraction(numerator, denominator));
        Self { unit, quantity }
    }

    /// What kind of number it is.
    pub const fn unit(&self) -> UnitKind {
        self.unit
    }

    /// Whether there is no number.
    pub const fn is_nothing(&self) -> bool {
        self.quantity.is_none()
    }

    /// Whether both are the same number, or both none, however they are written: a third and two sixths are. What editions of earlier
    /// versions kept rounded (a mean to the fen, a change of shares to 10⁻¹²) is the same where the exact number rounds to it.
    pub fn is_same_number(&self, other: &Self) -> bool {
        let fraction = |quantity: Quantity| match quantity {
            Quantity::Whole(n) => Some((i128::from(n), 1)),
            Quantity::Fraction(n, d) => Some((i128::from(n), i128::from(d))),
            Quantity::AverageGrowth(..) | Quantity::ShareChange(..) => None,
        };
        match (self.quantity, other.quantity) {
            (Some(one), Some(two)) => {
                self.unit == other.unit
                    && match (fraction(one), fraction(two)) {
                        (Some((a, b)), Some((c, d))) => {
                            a * d == c * b || (self.unit == UnitKind::Fen && self.as_fen() == other.as_fen())
                        }
                        _ => one == two || one.is_cut_to(two) || two.is_cut_to(one),
                    }
            }
            (one, two) => one == two,
        }
    }

    /// The amount in whole fen, rounded half away from zero; none for other kinds, and where there is no number.
    fn as_fen(&self) -> Option<Fen> {
        match (self.unit, self.quantity?) {
            (UnitKind::Fen, Quantity::Whole(fen)) => Some(fen),
            (UnitKind::Fen, Quantity::Fraction(n, d)) => i64::try_from(div_round(n.into(), d.into())?).ok(),
            _ => None,
        }
    }

    /// How it compares with a whole number, exactly; none where there is no number. Average growth is compared with 0 alone.
    pub fn compare_to(&self, number: i64) -> Option<std::cmp::Ordering> {
        let of = |n: i64, d: i64| {
            let (n, d) = (i128::from(n) * i128::from(d.signum()), i128::from(d.unsigned_abs()));
            n.cmp(&(i128::from(number) * d))
        };
        match self.quantity? {
            Quantity::Whole(n) => Some(n.cmp(&number)),
            Quantity::Fraction(n, d) => Some(of(n, d)),
            Quantity::AverageGrowth(last, base, _) => (number == 0).then(|| last.cmp(&base)),
            Quantity::ShareChange(part, whole, before, whole_before) => {
                let [part, whole, before, whole_before] = [part, whole, before, whole_before].map(i128::from);
                (number == 0).then(|| (part * whole_before).cmp(&(before * whole)))
            }
        }
    }

    /// The whole number (count, fen, year), where it is one.
    pub const fn as_whole(&self) -> Option<i64> {
        match self.quantity {
            Some(Quantity::Whole(n)) => Some(n),
            _ => None,
        }
    }

    /// The number at full precision: 0.330208… and not percent; fen for amounts.
    #[expect(
        clippy::cast_precision_loss,
        reason = "the nearest double is what JSON and spreadsheets can carry"
    )]
    pub fn as_f64(&self) -> Option<f64> {
        match self.quantity? {
            Quantity::Whole(n) => Some(n as f64),
            Quantity::Fraction(n, d) => Some(n as f64 / d as f64),
            Quantity::AverageGrowth(last, base, years) => {
                exact_root::average_growth_f64(last, base, years.unsigned_abs())
            }
            Quantity::ShareChange(part, whole, before, whole_before) => {
                exact_root::share_change_f64([part, whole, before, whole_before])
            }
        }
    }

    /// As JSON: an integer for counts, fen (rounded half away from zero) and years, a double for the others, null for nothing.
    pub fn to_json(&self) -> Value {
        match self.quantity {
            Some(Quantity::Whole(n)) => Value::from(n),
            _ if self.unit == UnitKind::Fen => self.as_fen().map_or(Value::Null, Value::from),
            _ => self.as_f64().map_or(Value::Null, Value::from),
        }
    }

    /// The number in `unit` with `decimals` decimals, rounded half away from zero from the exact value.
    ///
    /// `None` where there is no number, where a figure of this kind is never printed in that unit, or where it is too large.
    pub fn rounded(&self, unit: PrintedUnit, decimals: u32) -> Option<String> {
        let (factor, divisor) = self.unit.scale(unit)?;
        let (numerator, denominator) = match self.quantity? {
            Quantity::Whole(n) => (i128::from(n), 1),
            Quantity::Fraction(n, d) => (i128::from(n), i128::from(d)),
            Quantity::AverageGrowth(last, base, years) => {
                let factor = u32::try_from(factor).ok()?;
                return exact_root::average_growth(
                    (last.into(), 1),
                    base.into(),
                    years.unsigned_abs(),
                    factor,
                    decimals,
                );
            }
            Quantity::ShareChange(part, whole, before, whole_before) => {
                let factor = u32::try_from(factor).ok()?;
                return exact_root::share_change([part, whole, before, whole_before], factor, decimals);
            }
        };
        format_ratio(
            numerator.checked_mul(factor)?,
            denominator.checked_mul(divisor)?,
            decimals,
        )
    }

    /// The number in `unit`, not rounded: 16052.323504 of 万元, 33.0208… of percent. `None` as for [`Self::rounded`].
    ///
    /// For drawing and for spreadsheets, whose numbers are doubles.
    #[expect(clippy::cast_precision_loss, reason = "both are powers of ten below 2^53")]
    pub fn in_unit(&self, unit: PrintedUnit) -> Option<f64> {
        let (factor, divisor) = self.unit.scale(unit)?;
        Some(self.as_f64()? * factor as f64 / divisor as f64)
    }

    /// The number as the published report prints it, without its unit: `108310.04` (万元), `33.0` (percent), `1134`, `3.5`;
    /// `–` for nothing.
    pub fn digits(&self) -> String {
        let unit = self.unit.printed();
        self.rounded(unit, unit.decimals())
            .unwrap_or_else(|| NOTHING.to_owned())
    }

    /// The number with its unit, to be read on its own: `108310.04 万元`, `33.0%`, `1134`, `3.5`; `–` for nothing.
    pub fn display(&self) -> String {
        let digits = self.digits();
        match self.unit {
            _ if digits == NOTHING => digits,
            UnitKind::Fen => format!("{digits} 万元"),
            UnitKind::Rate => format!("{digits}%"),
            UnitKind::Count | UnitKind::Ratio | UnitKind::Year => digits,
        }
    }

    /// The number in the unit it is shown in, but not rounded: `108310.0435` (万元, exact to the fen), `33.0208…` (percent).
    pub fn unrounded(&self) -> Option<String> {
        match (self.unit, self.quantity?) {
            (UnitKind::Fen, _) => {
                let fen = self.as_fen()?;
                let text = format_ratio(i128::from(fen), FEN_PER_WAN_YUAN, 6)?;
                Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
            }
            (_, Quantity::Whole(n)) => Some(n.to_string()),
            (UnitKind::Rate, _) => self.as_f64().map(|rate| (rate * 100.0).to_string()),
            _ => self.as_f64().map(|number| number.to_string()),
        }
    }
}

/// `part ÷ whole − before ÷ whole_before` in lowest terms; none where it does not fit.
fn reduced([part, whole, before, whole_before]: [i128; 4]) -> Option<(i128, i128)> {
    let over = (part * whole_before).checked_sub(before * whole)?;
    let under = whole * whole_before;
    let (mut a, mut b) = (over.unsigned_abs(), under.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let divisor = i128::try_from(a.max(1)).ok()?;
    Some((over / divisor, under / divisor))
}

impl Quantity {
    /// Whether this change of shares is what the other, kept by an earlier version, was cut from.
    fn is_cut_to(self, other: Self) -> bool {
        let (Self::ShareChange(part, whole, before, whole_before), Self::Fraction(cut, units)) = (self, other) else {
            return false;
        };
        let terms = [part, whole, before, whole_before].map(i128::from);
        if i128::from(units) != SHARE_UNITS {
            return false;
        }
        let Some((over, under)) = reduced(terms) else {
            return false;
        };
        // As it was cut then.
        let scaled = over.checked_mul(SHARE_UNITS).map_or_else(
            || over / (under / SHARE_UNITS).max(1),
            |over| (over + over.signum() * (under / 2)) / under,
        );
        scaled == i128::from(cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_of_growth_and_of_shares_are_decided_exactly() {
        // avg_tie: 80,000 → 81,000 yuan is 1.25 %, once as growth and once as average growth.
        assert_eq!(FigureValue::growth(8_100_000, 8_000_000).digits(), "1.3");
        assert_eq!(FigureValue::average_growth(8_100_000, 8_000_000, 1).digits(), "1.3");
        // share_change_tie: below 1.25 points, and no shorter fraction than this.
        let (whole, before) = (9_000_000_000_000_001_i64, 9_000_000_000_000_011_i64);
        let change = FigureValue::share_change((whole / 80, whole), (0, before));
        assert_eq!(change.digits(), "1.2", "{change:?}");
        assert_eq!(
            FigureValue::share_change((whole / 80 + 1, whole), (0, before)).digits(),
            "1.3"
        );
        assert_eq!(FigureValue::share_change((1, 2), (1, 0)).digits(), NOTHING);
        // A mean is rounded from the exact quotient, not from whole fen: 4,999.6 fen is 0.00 万元 below half.
        assert_eq!(FigureValue::mean_fen(24_998, 5).digits(), "0.00");
        assert_eq!(FigureValue::mean_fen(24_998, 5).to_json(), serde_json::json!(5_000));
        assert_eq!(FigureValue::half_fen(9_999).digits(), "0.00");
        assert_eq!(FigureValue::mean_fen(1, 0).to_json(), Value::Null);
    }

    #[test]
    fn what_earlier_versions_kept_rounded_is_the_same_number() {
        let exact = FigureValue::mean_fen(24_998, 5);
        assert!(exact.is_same_number(&FigureValue::fen(5_000)) && !exact.is_same_number(&FigureValue::fen(4_999)));
        let (whole, before) = (9_000_000_000_000_001_i64, 9_000_000_000_000_011_i64);
        let change = FigureValue::share_change((whole / 3, whole), (before / 7, before));
        let cut = FigureValue::fraction(UnitKind::Rate, 190_476_190_476, 1_000_000_000_000);
        assert!(change.is_same_number(&cut) && cut.is_same_number(&change), "{change:?}");
        let other = FigureValue::fraction(UnitKind::Rate, 190_476_190_477, 1_000_000_000_000);
        assert!(!change.is_same_number(&other));
    }

    #[test]
    fn a_value_compares_with_whole_numbers_exactly() {
        use std::cmp::Ordering::{Equal, Greater, Less};
        assert_eq!(FigureValue::ratio(i64::MAX - 1, i64::MAX).compare_to(1), Some(Less));
        assert_eq!(FigureValue::ratio(3, 3).compare_to(1), Some(Equal));
        assert_eq!(
            FigureValue::average_growth(i64::MAX, i64::MAX - 1, 5).compare_to(0),
            Some(Greater)
        );
        assert_eq!(FigureValue::nothing(UnitKind::Rate).compare_to(0), None);
    }

    #[test]
    fn a_value_is_rounded_once_half_away_from_zero() {
        for (value, digits, display) in [
            (FigureValue::count(1134), "1134", "1134"),
            (FigureValue::fen(108_310_043_500), "108310.04", "108310.04 万元"),
            (FigureValue::fen(5_000), "0.01", "0.01 万元"),
            (FigureValue::fen(4_999), "0.00", "0.00 万元"),
            (FigureValue::share(1, 3), "33.3", "33.3%"),
            (FigureValue::share(1235, 10_000), "12.4", "12.4%"),
            (FigureValue::growth(8765, 10_000), "-12.4", "-12.4%"),
            (FigureValue::growth(1, 0), "–", "–"),
            (FigureValue::ratio(7, 2), "3.5", "3.5"),
            (FigureValue::average_growth(32, 1, 5), "100.0", "100.0%"),
            (FigureValue::average_growth(1, 32, 5), "-50.0", "-50.0%"),
            (FigureValue::average_growth(1, 0, 5), "–", "–"),
            (FigureValue::nothing(UnitKind::Fen), "–", "–"),
            (FigureValue::year(2025), "2025", "2025"),
        ] {
            assert_eq!(value.digits(), digits, "{value:?}");
            assert_eq!(value.display(), display, "{value:?}");
        }
    }

    #[test]
    fn fractions_are_the_same_number_however_they_are_written() {
        let share = FigureValue::share;
        assert!(share(1, 3).is_same_number(&share(2, 6)) && share(0, 5).is_same_number(&share(0, 9)));
        assert!(!share(1, 3).is_same_number(&share(1, 4)) && !share(0, 1).is_same_number(&share(0, 0)));
        assert!(share(0, 0).is_same_number(&FigureValue::nothing(UnitKind::Rate)));
        assert!(!FigureValue::count(1).is_same_number(&FigureValue::fen(1)));
        let large = share(i64::MAX - 1, i64::MAX);
        assert!(large.is_same_number(&large) && !large.is_same_number(&share(i64::MAX - 2, i64::MAX)));
        assert!(!FigureValue::average_growth(2, 1, 5).is_same_number(&FigureValue::average_growth(3, 1, 5)));
    }

    #[test]
    fn a_value_is_printed_only_in_units_of_its_kind() {
        let amount = FigureValue::fen(108_310_043_500);
        assert_eq!(amount.rounded(PrintedUnit::YiYuan, 2).as_deref(), Some("10.83"));
        assert_eq!(amount.rounded(PrintedUnit::Count, 0), None);
        assert_eq!(amount.unrounded().as_deref(), Some("108310.0435"));
        let share = FigureValue::share(2218, 10_000);
        assert_eq!(share.rounded(PrintedUnit::Ratio, 2).as_deref(), Some("0.22"));
        assert_eq!(share.rounded(PrintedUnit::WanYuan, 2), None);
        assert_eq!(amount.in_unit(PrintedUnit::WanYuan), Some(108_310.043_5));
        assert_eq!(amount.in_unit(PrintedUnit::Percent), None);
        assert_eq!(share.in_unit(PrintedUnit::Percent), Some(22.18));
        assert_eq!(FigureValue::share(0, 0).in_unit(PrintedUnit::Percent), None);
        assert_eq!(share.to_json(), serde_json::json!(0.2218));
        assert_eq!(FigureValue::share(0, 0).to_json(), Value::Null);
    }
}
