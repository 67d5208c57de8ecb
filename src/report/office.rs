//! What the office lays down: names, notices, and from where a difference is worth a word (`config/report.toml`).

use std::sync::LazyLock;

use serde::Deserialize;

/// The settings of `config/report.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// Who publishes.
    pub office: String,
    /// Whose market it is: 兵团.
    pub region: String,
    /// Said of a report on sample records.
    pub demo_notice: String,
    /// Said of a report whose figures are not frozen.
    pub open_notice: String,
    /// Growth in percent from which a unit is named among those that grew fast.
    pub fast_growth_percent: i64,
    /// Fall in percent from which a unit is named among those that fell much.
    pub deep_fall_percent: i64,
    /// Share in percent from which something is the bulk of the whole.
    pub bulk_percent: i64,
    /// Lowest share in percent of the smaller one of two halves.
    pub halves_percent: i64,
    /// How many items a sentence names in an order.
    pub named_at_most: usize,
}

/// A `report.toml` that is broken; of the program's own a test holds that it is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("report.toml 有误：{0}")]
pub struct OfficeError(String);

static OFFICE: LazyLock<Result<Office, OfficeError>> =
    LazyLock::new(|| Office::parse(include_str!("../../config/report.toml")));

impl Office {
    /// The settings built into the program.
    ///
    /// # Errors
    /// Where the file is broken.
    pub fn embedded() -> Result<&'static Self, OfficeError> {
        OFFICE.as_ref().map_err(Clone::clone)
    }

    /// The settings of an office's own file, which is whole: every key of `config/report.toml`.
    ///
    /// # Errors
    /// Where a key is missing, unknown or of another type, a name is empty, or a percentage cannot be.
    pub fn parse(text: &str) -> Result<Self, OfficeError> {
        let office: Self = toml::from_str(text).map_err(|e| OfficeError(e.to_string()))?;
        let wrong = |what: &str| Err(OfficeError(what.to_owned()));
        if office.office.trim().is_empty() || office.region.trim().is_empty() {
            return wrong("office、region 不能为空");
        }
        let shares = [office.bulk_percent, office.halves_percent, office.deep_fall_percent];
        if shares.iter().any(|percent| !(0..=100).contains(percent)) || office.halves_percent > 50 {
            return wrong("bulk_percent、deep_fall_percent 应在 0 至 100 之间，halves_percent 应在 0 至 50 之间");
        }
        if office.fast_growth_percent < 0 || !(1..=50).contains(&office.named_at_most) {
            return wrong("fast_growth_percent 不能为负，named_at_most 应在 1 至 50 之间");
        }
        Ok(office)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read() {
        let office = Office::embedded().unwrap();
        assert!(!office.office.is_empty() && office.halves_percent <= 50);
    }

    #[test]
    fn a_file_that_cannot_be_is_refused() {
        let text = include_str!("../../config/report.toml");
        for (from, to) in [
            ("halves_percent = 45", "halves_percent = 51"),
            ("named_at_most = 4", "named_at_most = 0"),
            ("named_at_most = 4", "named_at_mst = 4"),
            ("region = \"兵团\"", "region = \" \""),
        ] {
            assert!(text.contains(from));
            assert!(Office::parse(&text.replace(from, to)).is_err(), "{to}");
        }
    }
}
