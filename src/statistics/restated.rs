//! What last year's edition printed and this year's figures say otherwise: the year before, the earlier years of the series.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{annual::AnnualFigures, value::FigureValue};
use crate::domain::time::Moment;

/// Figures of earlier years that the last edition of the year before printed differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restated {
    /// The year before.
    pub year: i32,
    /// Its last edition.
    pub edition: i64,
    /// When that was closed.
    pub closed_at: Moment,
    /// What it printed otherwise, in the order of this year's figures.
    pub figures: Vec<RestatedFigure>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestatedFigure {
    /// The figure of this year: `total.previous_amount`, `total.growth`, `series.2024.amount`.
    pub name: String,
    /// The figure of the edition: `total.amount`. Of growth, what it is measured from.
    pub printed_as: String,
    /// As the edition printed it; growth, measured from what the edition printed.
    pub printed: FigureValue,
}

impl Restated {
    /// Compares this year's figures with the last edition of the year before; none where nothing differs.
    pub fn of(current: &AnnualFigures, last: &AnnualFigures, closed_at: Moment) -> Option<Self> {
        let (now, then) = (current.by_name(), last.by_name());
        let in_series = |name: &str| {
            let year = name.strip_prefix("series.").and_then(|rest| rest.split('.').next());
            year.and_then(|year| year.parse::<i32>().ok())
        };
        let mut figures = Vec::new();
        for (name, value) in current.figures() {
            let found = if let Some(year) = in_series(name) {
                // The first year of a series has no growth in it, though it had one in the series before.
                let comparable = year <= last.year && !value.is_nothing();
                then.get(name)
                    .filter(|_| comparable)
                    .map(|printed| (name.to_owned(), **printed))
            } else if let Some((head, measure)) = name.rsplit_once('.') {
                let previous = measure
                    .strip_prefix("previous_")
                    .map(|measure| format!("{head}.{measure}"));
                match previous {
                    Some(printed_as) => then.get(printed_as.as_str()).map(|printed| (printed_as, **printed)),
                    None if measure == "growth" => growth(head, &now, &then),
                    None => None,
                }
            } else {
                None
            };
            if let Some((printed_as, printed)) = found.filter(|(_, printed)| !printed.is_same_number(value)) {
                figures.push(RestatedFigure {
                    name: name.to_owned(),
                    printed_as,
                    printed,
                });
            }
        }
        (!figures.is_empty()).then(|| Self {
            year: last.year,
            edition: last.edition.unwrap_or_default(),
            closed_at,
            figures,
        })
    }

    /// As a part of the annual object: figures by name.
    pub fn to_json(&self) -> Value {
        let figures: serde_json::Map<String, Value> = self
            .figures
            .iter()
            .map(|figure| {
                let said = json!({
                    "printed_as": figure.printed_as,
                    "value": figure.printed.to_json(),
                    "display": figure.printed.display(),
                });
                (figure.name.clone(), said)
            })
            .collect();
        json!({
            "year": self.year,
            "edition": self.edition,
            "closed_at": self.closed_at.to_string(),
            "figures": figures,
        })
    }
}

type ByName<'a> = std::collections::HashMap<&'a str, &'a FigureValue>;

/// This year's growth, measured from what was printed of the year before.
fn growth(head: &str, now: &ByName<'_>, then: &ByName<'_>) -> Option<(String, FigureValue)> {
    let amount = format!("{head}.amount");
    let current = now.get(amount.as_str())?.as_whole()?;
    let printed = then.get(amount.as_str())?.as_whole()?;
    Some((amount, FigureValue::growth(current, printed)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::sample::reader::{Sample, ask, figures};

    #[test]
    fn what_the_year_before_printed_otherwise_is_named() {
        let sample = Sample::read();
        let mut last = figures(&sample, &ask(2024, "2025-02-01T00:00:00+08:00", None));
        last.edition = Some(1);
        let now = figures(&sample, &ask(2025, "2026-03-01T00:00:00+08:00", None));
        let closed_at = last.as_of;
        assert_eq!(
            Restated::of(&now, &last, closed_at),
            None,
            "nothing of 2024 has changed since"
        );

        // The year before had one contract more, of 100 yuan, when it was printed.
        let mut sample = sample;
        let mut late = *sample
            .contracts
            .iter()
            .map(|c| &c.standing)
            .find(|s| s.first_confirmed_at.year() == 2024)
            .unwrap();
        late.amount_fen = 10_000;
        late.technology_amount_fen = 0;
        sample.contracts.push(crate::statistics::sample::reader::Known {
            standing: late,
            ended: None,
            expert: false,
        });
        let mut printed = figures(&sample, &ask(2024, "2025-02-01T00:00:00+08:00", None));
        printed.edition = Some(3);
        let restated = Restated::of(&now, &printed, closed_at).unwrap();
        assert_eq!((restated.year, restated.edition), (2024, 3));
        let of = |name: &str| restated.figures.iter().find(|f| f.name == name);
        let previous = of("total.previous_amount").unwrap();
        let amount = |figures: &AnnualFigures, name: &str| figures.get(name).unwrap().as_whole().unwrap();
        assert_eq!(
            previous.printed.as_whole(),
            Some(amount(&now, "total.previous_amount") + 10_000)
        );
        assert_eq!(previous.printed_as, "total.amount");
        assert_eq!(
            of("total.growth").unwrap().printed,
            FigureValue::growth(amount(&now, "total.amount"), amount(&printed, "total.amount"))
        );
        assert!(of("series.2024.contracts").is_some() && of("series.2024.growth").is_some());
        assert!(
            of("series.2023.amount").is_none() && of("series.2021.growth").is_none() && of("total.amount").is_none()
        );
    }
}
