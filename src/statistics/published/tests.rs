//! Patterns and tables over what reports look like.

use super::*;

#[test]
fn every_pattern_is_well_formed() {
    for text in FIGURES.iter().chain(CLAIMS.iter().map(|(text, _)| text)) {
        assert!(Pattern::parse(text, 2025).is_some(), "{text}");
    }
}
