//! Published figures against derived ones: each derived value rounded to the decimals that were printed.

use serde::Serialize;

use super::{
    annual::AnnualFigures,
    published::Printed,
    value::{FigureValue, PrintedUnit},
};

/// What a comparison found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The same to the printed decimals.
    Match,
    /// Not the same.
    Differs,
    /// No such figure, or never printed in that unit.
    Unknown,
    /// Not the same in the last digit only, as where rounded numbers were added up.
    Rounding,
}

/// Decimals of a number as printed: `-25.10` has two.
fn decimals(printed: &str) -> u32 {
    printed
        .split_once('.')
        .map_or(0, |(_, fraction)| u32::try_from(fraction.len()).unwrap_or(0))
}

/// The figure of that name. Several items together (`types.development+service.share`) are the sum of theirs; what the register's first
/// year is compared with is the reference figure of the year before.
fn value_of(figures: &AnnualFigures, name: &str) -> Option<FigureValue> {
    let whole = |name: &str| figures.get(name).and_then(FigureValue::as_whole);
    if let Some((section, rest)) = name.split_once('.')
        && let Some((items, measure)) = rest.split_once('.')
        && items.contains('+')
    {
        let sum = |measure: &str| {
            let parts = items
                .split('+')
                .map(|item| whole(&format!("{section}.{item}.{measure}")));
            parts.sum::<Option<i64>>()
        };
        return match measure {
            "contracts" => sum(measure).map(FigureValue::count),
            "amount" => sum(measure).map(FigureValue::fen),
            "share" => Some(FigureValue::share(sum("amount")?, whole("total.amount")?)),
            "count_share" => Some(FigureValue::share(sum("contracts")?, whole("total.contracts")?)),
            _ => None,
        };
    }
    let (year, before) = (figures.year, figures.year - 1);
    let is_first = figures
        .get(&format!("series.{before}.contracts"))
        .is_none_or(FigureValue::is_nothing);
    let reference = match name {
        "total.growth" if is_first => figures.get(&format!("series.{year}.growth")),
        "total.previous_amount" if is_first => figures.get(&format!("series.{before}.amount")),
        _ => None,
    };
    reference
        .filter(|value| !value.is_nothing())
        .or_else(|| figures.get(name))
        .cloned()
}

/// Compares one printed number with the figure of that name. With the verdict comes the derived value in the printed unit and
/// decimals; none where the figure is unknown or has no value. Thousands separators, signs of percent and spaces do not count; a
/// dash is the same as no value.
pub fn compare(figures: &AnnualFigures, name: &str, printed: &str, unit: PrintedUnit) -> (Verdict, Option<String>) {
    let printed: String = printed
        .chars()
        .filter(|c| !matches!(c, ' ' | ',' | '，' | '%' | '％' | '+'))
        .collect();
    let Some(value) = value_of(figures, name) else {
        return (Verdict::Unknown, None);
    };
    if value.is_nothing() {
        let says_nothing = matches!(printed.as_str(), "" | "-" | "--" | "–" | "—");
        return (if says_nothing { Verdict::Match } else { Verdict::Differs }, None);
    }
    match value.rounded(unit, decimals(&printed)) {
        None => (Verdict::Unknown, None),
        Some(derived) if same(&derived, &printed) => (Verdict::Match, Some(derived)),
        Some(derived) => (Verdict::Differs, Some(derived)),
    }
}

/// As [`compare`], of a number that may be told in steps or as near (四成半, 3000 余, 近八成).
pub fn compare_printed(figures: &AnnualFigures, name: &str, printed: &Printed) -> (Verdict, Option<String>) {
    let (verdict, derived) = compare(figures, name, &printed.text, printed.unit);
    if verdict != Verdict::Differs || !printed.is_coarse() {
        return (verdict, derived);
    }
    let finer = value_of(figures, name).and_then(|value| value.rounded(printed.unit, printed.decimals() + 2));
    match finer {
        Some(finer) if printed.admits(&finer) => (Verdict::Match, derived),
        _ => (verdict, derived),
    }
}

/// Whether two decimal texts of as many decimals mean the same number (`-0.0` and `0.0`, `007` and `7` do).
fn same(derived: &str, printed: &str) -> bool {
    let tidy = |text: &str| {
        let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
        let digits = digits.trim_start_matches('0');
        let is_zero = digits.chars().all(|c| matches!(c, '0' | '.'));
        if is_zero {
            String::new()
        } else {
            format!("{sign}{}", digits.trim_end_matches('.'))
        }
    };
    printed.chars().any(|c| c.is_ascii_digit()) && tidy(derived) == tidy(printed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::time::Moment,
        statistics::{Figure, FigureValue, LedgerHead},
    };

    #[test]
    fn a_printed_number_decides_how_many_decimals_count() {
        let figure = |name: &str, value| Figure {
            name: name.into(),
            value,
        };
        let list = vec![
            figure("a.count", FigureValue::count(1134)),
            figure("a.amount", FigureValue::fen(108_310_043_500)),
            figure("a.growth", FigureValue::growth(7490, 10_000)),
            figure("a.none", FigureValue::growth(1, 0)),
        ];
        let figures = AnnualFigures::new(
            2025,
            Moment::from_micros(0),
            crate::statistics::Span::Year,
            LedgerHead::default(),
            list,
        );
        let some = |text: &str| Some(text.to_owned());
        for (name, printed, unit, expected) in [
            ("a.count", "1134", PrintedUnit::Count, (Verdict::Match, some("1134"))),
            ("a.count", "1,134", PrintedUnit::Count, (Verdict::Match, some("1134"))),
            ("a.count", "1133", PrintedUnit::Count, (Verdict::Differs, some("1134"))),
            (
                "a.amount",
                "10.83",
                PrintedUnit::YiYuan,
                (Verdict::Match, some("10.83")),
            ),
            (
                "a.amount",
                "108310",
                PrintedUnit::WanYuan,
                (Verdict::Match, some("108310")),
            ),
            ("a.amount", "108310", PrintedUnit::Percent, (Verdict::Unknown, None)),
            (
                "a.growth",
                "-25.10",
                PrintedUnit::Percent,
                (Verdict::Match, some("-25.10")),
            ),
            (
                "a.growth",
                "25.1",
                PrintedUnit::Percent,
                (Verdict::Differs, some("-25.1")),
            ),
            ("a.growth", "x", PrintedUnit::Percent, (Verdict::Differs, some("-25"))),
            ("a.none", "–", PrintedUnit::Percent, (Verdict::Match, None)),
            ("a.none", "0", PrintedUnit::Percent, (Verdict::Differs, None)),
            ("b", "0", PrintedUnit::Percent, (Verdict::Unknown, None)),
        ] {
            assert_eq!(compare(&figures, name, printed, unit), expected, "{name} {printed}");
        }
    }
}
