//! Patterns and tables over what reports look like.

use super::*;

#[test]
fn every_pattern_is_well_formed() {
    for text in FIGURES.iter().chain(CLAIMS.iter().map(|(text, _)| text)) {
        assert!(Pattern::parse(text, 2025).is_some(), "{text}");
    }
}

#[test]
fn a_caption_gives_its_number_even_where_a_year_clings_to_it() {
    for (caption, number) in [
        ("表 3 2025 年不同类型", Some("表3")),
        ("表32025年不同类型", Some("表3")),
        ("表12 各师", Some("表12")),
        ("图 6 2025 年", Some("图6")),
        ("表一", None),
        ("", None),
    ] {
        assert_eq!(caption_number(caption).as_deref(), number, "{caption}");
    }
}
