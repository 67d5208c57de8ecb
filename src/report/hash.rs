//! The digest that ties a document to its figures.

use sha2::{Digest, Sha256};

use crate::statistics::AnnualFigures;

/// SHA-256 (lower-case hex) of the year, the span and every figure with its exact value, one a line.
pub fn hash(figures: &AnnualFigures) -> String {
    let mut digest = Sha256::new();
    let span = serde_json::to_string(&figures.span).unwrap_or_default();
    digest.update(format!("{} {span}\n", figures.year));
    for (name, value) in figures.figures() {
        digest.update(format!("{name} {}\n", serde_json::to_string(value).unwrap_or_default()));
    }
    hex::encode(digest.finalize())
}
