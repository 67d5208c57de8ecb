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

/// The program's own `config/report.toml` is broken; a test holds that it is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("config/report.toml 有误：{0}")]
pub struct OfficeError(String);

static OFFICE: LazyLock<Result<Office, OfficeError>> =
    LazyLock::new(|| toml::from_str(include_str!("../../config/report.toml")).map_err(|e| OfficeError(e.to_string())));

impl Office {
    /// The settings built into the program.
    ///
    /// # Errors
    /// Where the file is broken.
    pub fn embedded() -> Result<&'static Self, OfficeError> {
        OFFICE.as_ref().map_err(Clone::clone)
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
}
