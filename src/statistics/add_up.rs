//! Whether the tables of a year's figures add up: the parts of each to its total.

use super::{annual::AnnualFigures, coder::Section};

/// A table whose parts are not what its total says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The figures whose sum was taken: `units.*.amount`.
    pub parts: String,
    /// The figure that they should come to: `total.amount`.
    pub total: String,
    /// What they come to.
    pub sum: i64,
    /// What it says.
    pub says: i64,
}

/// Every table that does not add up. Contracts whose code is missing or not on its list are in the total and in no part, so that
/// this also finds what history left open.
pub fn gaps(figures: &AnnualFigures) -> Vec<Gap> {
    let named = figures.by_name();
    let whole = |name: &str| named.get(name).and_then(|value| value.as_whole());
    let mut tables: Vec<(String, Option<Vec<String>>, String)> = Vec::new();
    let measures = |list: &'static [&'static str]| list.iter();
    for section in Section::ALL {
        for measure in measures(&[
            "contracts",
            "amount",
            "technology_amount",
            "previous_contracts",
            "previous_amount",
        ]) {
            tables.push((
                format!("{}.*.{measure}", section.key()),
                None,
                format!("total.{measure}"),
            ));
        }
    }
    for measure in measures(&["contracts", "amount"]) {
        let bands = ["under_1m", "from_1m"].map(|band| format!("bands.{band}.{measure}"));
        tables.push((
            format!("bands.*.{measure}"),
            Some(bands.into()),
            format!("total.{measure}"),
        ));
        tables.push((
            format!("imports.by_type.*.{measure}"),
            None,
            format!("imports.{measure}"),
        ));
        tables.push((
            format!("revocations.by_ground.*.{measure}"),
            None,
            format!("revocations.{measure}"),
        ));
        for year in figures.year - 4..=figures.year {
            let parts = ["plan_funded", "outside_plan"].map(|plan| format!("series.{year}.{plan}_{measure}"));
            tables.push((parts.join("+"), Some(parts.into()), format!("series.{year}.{measure}")));
        }
    }
    let mut gaps = Vec::new();
    for (pattern, parts, total) in tables {
        let Some(says) = whole(&total) else { continue };
        let sum: i64 = match parts {
            // Of a year before the register's first a reference figure may say the total: nothing is known of its parts.
            Some(parts) if parts.iter().all(|name| whole(name).is_none()) => continue,
            Some(parts) => parts.iter().filter_map(|name| whole(name)).fold(0, i64::saturating_add),
            None => {
                let (head, tail) = pattern.split_once('*').unwrap_or((&pattern, ""));
                let is_part = |name: &str| {
                    let item = name.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail));
                    item.is_some_and(|item| !item.contains('.'))
                };
                let parts = figures.figures().filter(|(name, _)| is_part(name));
                parts
                    .filter_map(|(_, value)| value.as_whole())
                    .fold(0, i64::saturating_add)
            }
        };
        if sum != says {
            gaps.push(Gap {
                parts: pattern,
                total,
                sum,
                says,
            });
        }
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::{
        UNKNOWN,
        sample::reader::{Sample, ask, figures},
    };

    #[test]
    fn the_sample_adds_up_and_a_contract_without_a_code_is_missed() {
        let mut sample = Sample::read();
        let question = ask(2025, "2026-03-01T00:00:00+08:00", None);
        assert_eq!(gaps(&figures(&sample, &question)), []);
        let known = sample
            .contracts
            .iter_mut()
            .find(|c| c.standing.first_confirmed_at.year() == 2025 && c.ended.is_none());
        let standing = &mut known.unwrap().standing;
        standing.field = UNKNOWN;
        standing.plan_source = UNKNOWN;
        let found = gaps(&figures(&sample, &question));
        let parts: Vec<&str> = found.iter().map(|gap| gap.parts.as_str()).collect();
        for expected in [
            "plan.*.contracts",
            "fields.*.amount",
            "fields.*.contracts",
            "series.2025.plan_funded_contracts+series.2025.outside_plan_contracts",
        ] {
            assert!(parts.contains(&expected), "{expected}: {parts:?}");
        }
        assert!(
            found
                .iter()
                .all(|gap| gap.sum < gap.says && !gap.parts.starts_with("units")),
            "{found:?}"
        );
    }
}
