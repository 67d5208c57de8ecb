//! The digest that ties a document to its figures.

use sha2::{Digest, Sha256};

use crate::statistics::AnnualFigures;

/// SHA-256 (lower-case hex) of the year, the span and every figure with its exact value, one a line.
pub fn hash(figures: &AnnualFigures) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("{} {:?}\n", figures.year, figures.until));
    for (name, value) in figures.figures() {
        digest.update(format!("{name} {}\n", serde_json::to_string(value).unwrap_or_default()));
    }
    hex::encode(digest.finalize())
}
