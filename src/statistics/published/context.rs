//! What sentences have said before the next one.

use super::{
    prose::Subject,
    times::Time,
    vocabulary::{Vocabulary, tidy},
};
use crate::statistics::coder::Section;

/// The most characters of a heading that are looked through for names.
const MAX_HEADING: usize = 60;

/// What the sentences before have said, as far as the next one goes on with it.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) topic: Option<Section>,
    pub(super) subject: Subject,
    pub(super) recent: Vec<Subject>,
    pub(super) time: Time,
    /// Whether the sentence spoke of amounts.
    pub(super) amount_named: bool,
    /// Whether the heading above names one unit or region: the text below it may be about that alone.
    pub(super) is_about_one: bool,
    /// The report's year.
    year: i32,
}

impl Context {
    pub(super) const fn new(year: i32) -> Self {
        Self {
            topic: None,
            subject: Subject::None,
            recent: Vec::new(),
            time: Time::Year(year),
            amount_named: false,
            is_about_one: false,
            year,
        }
    }

    /// A new paragraph is about the year again.
    pub(super) fn paragraph(&mut self) {
        self.time = Time::Year(self.year);
    }

    /// What a heading says of what follows.
    pub(super) fn heading(&mut self, text: &str, vocabulary: &Vocabulary<'_>) {
        *self = Self::new(self.year);
        let chars: Vec<char> = tidy(text).chars().take(MAX_HEADING).collect();
        let mut named = [Section::Units, Section::Regions]
            .into_iter()
            .flat_map(|section| vocabulary.mentions(section, &chars));
        self.is_about_one = named.next().is_some() && named.next().is_none();
        let topics = [
            (Section::Types, &["类型", "类别"][..]),
            (Section::Plan, &["来源"]),
            (Section::Flows, &["流向"]),
            (Section::Sellers, &["主体", "卖方"]),
            (Section::Fields, &["领域"]),
        ];
        let named: Vec<Section> = topics
            .iter()
            .filter(|(_, words)| words.iter().any(|word| text.contains(word)))
            .map(|(section, _)| *section)
            .collect();
        if let [only] = named.as_slice() {
            self.topic = Some(*only);
        }
    }
}
