//! Figures as they are kept for good: canonical JSON of the exact values, its hash, and the way back. What was frozen reads back
//! equal, whatever figures the program has learned since.

use serde::{Deserialize, Serialize};

use super::{
    annual::{AnnualFigures, Figure},
    facts::LedgerHead,
    restated::Restated,
    span::Span,
    value::FigureValue,
};
use crate::domain::{
    ledger::{canonical, sha256_hex},
    time::Moment,
};

/// The kept form; its keys are part of the store.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    year: i32,
    as_of: Moment,
    span: Span,
    edition: Option<i64>,
    ledger: LedgerHead,
    figures: Vec<(String, FigureValue)>,
    restated: Option<Restated>,
}

impl AnnualFigures {
    /// The figures with their moment and the end of the ledger, as canonical JSON (RFC 8785). Whether the year is closed is no part
    /// of it: that is true of the year and not of the figures.
    ///
    /// # Errors
    /// None in practice: everything in it has a JSON form.
    pub fn freeze(&self) -> Result<String, serde_json::Error> {
        canonical(&Frozen {
            year: self.year,
            as_of: self.as_of,
            span: self.span,
            edition: self.edition,
            ledger: self.ledger.clone(),
            figures: self.figures().map(|(name, value)| (name.to_owned(), *value)).collect(),
            restated: self.restated.clone(),
        })
    }

    /// The figures that were frozen; of a closed year where they are an edition's.
    ///
    /// # Errors
    /// Where the text is not what [`AnnualFigures::freeze`] wrote.
    pub fn thaw(text: &str) -> Result<Self, serde_json::Error> {
        let frozen: Frozen = serde_json::from_str(text)?;
        let figures = frozen.figures.into_iter().map(|(name, value)| Figure { name, value });
        let mut annual = Self::new(frozen.year, frozen.as_of, frozen.span, frozen.ledger, figures.collect());
        annual.edition = frozen.edition;
        annual.closed = frozen.edition.is_some();
        annual.restated = frozen.restated;
        Ok(annual)
    }

    /// SHA-256 of the frozen figures, lower-case hex: what documents made of them carry.
    ///
    /// # Errors
    /// As [`AnnualFigures::freeze`].
    pub fn hash(&self) -> Result<String, serde_json::Error> {
        Ok(sha256_hex(self.freeze()?.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::sample::reader::{Sample, ask, figures};

    #[test]
    fn what_was_frozen_reads_back_equal() {
        let sample = Sample::read();
        let mut annual = figures(&sample, &ask(2025, "2026-03-01T00:00:00+08:00", None));
        annual.edition = Some(2);
        annual.closed = true;
        let text = annual.freeze().unwrap();
        let back = AnnualFigures::thaw(&text).unwrap();
        assert_eq!(back, annual);
        assert_eq!(back.to_json().to_string(), annual.to_json().to_string());
        assert_eq!(back.freeze().unwrap(), text);
        assert_eq!(annual.hash().unwrap(), sha256_hex(text.as_bytes()));
        let other = figures(&sample, &ask(2025, "2026-03-01T00:00:01+08:00", None));
        assert_ne!(other.hash().unwrap(), annual.hash().unwrap());
        assert!(AnnualFigures::thaw("{}").is_err());
    }
}
