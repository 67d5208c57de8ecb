//! A report as it was published: which figures its tables and sentences print ([`tables`], [`phrases`] by [`patterns`]), and what
//! it says against itself ([`contradictions`], [`claims`]). Needs no register; comparing with one is [`super::check`].

mod book;
mod claims;
mod contradictions;
mod exact;
mod patterns;
mod phrases;
mod statement;
mod tables;
mod vocabulary;

#[cfg(test)]
mod tests;

use std::collections::HashSet;

pub use contradictions::Finding;
pub use statement::{Printed, Statement};

use self::{
    book::Book,
    claims::Claimed,
    patterns::{CLAIMS, Claim, FIGURES},
    phrases::{Pattern, Sentence},
    vocabulary::{Vocabulary, tidy},
};
use super::question::Question;
use crate::domain::{
    catalogue::Catalogue,
    outline::{Block, Outline, heading_number},
};

/// Where what stands before the first numbered heading is said to stand.
const INTRODUCTION: &str = "概述";

/// The longest paragraph that is looked through, in characters; no report has one a hundredth as long.
const MAX_PARAGRAPH_CHARS: usize = 200_000;

/// The most statements that are kept; a report has some hundreds.
const MAX_STATEMENTS: usize = 20_000;

/// A published report, understood.
#[derive(Debug, Clone)]
pub struct PublishedReport {
    /// What it states, in its order.
    pub statements: Vec<Statement>,
    /// What it says against itself, in its order; contradictions and what is rounding only.
    pub findings: Vec<Finding>,
}

/// Reads the report on the year of `question`.
pub fn read(outline: &Outline, catalogue: &Catalogue, question: &Question) -> PublishedReport {
    let mut reading = Reading::new(catalogue, question.year());
    for block in &outline.blocks {
        reading.block(block);
    }
    let Reading { statements, claims, .. } = reading;
    let book = Book::new(
        question.year(),
        question.plan(),
        question.large_from_fen(),
        catalogue,
        &statements,
    );
    let mut findings = contradictions::of_numbers(&book);
    findings.extend(claims::of_words(&book, &claims));
    PublishedReport { statements, findings }
}

struct Reading<'c> {
    vocabulary: Vocabulary<'c>,
    year: i32,
    figures: Vec<Pattern>,
    claims_of: Vec<(Pattern, Claim)>,
    /// Numbers of the headings above, by level.
    chapter: [String; 3],
    statements: Vec<Statement>,
    claims: Vec<Claimed>,
}

impl<'c> Reading<'c> {
    fn new(catalogue: &'c Catalogue, year: i32) -> Self {
        Self {
            vocabulary: Vocabulary::new(catalogue),
            year,
            figures: FIGURES.iter().filter_map(|text| Pattern::parse(text, year)).collect(),
            claims_of: CLAIMS
                .iter()
                .filter_map(|(text, claim)| Some((Pattern::parse(text, year)?, *claim)))
                .collect(),
            chapter: Default::default(),
            statements: Vec::new(),
            claims: Vec::new(),
        }
    }

    fn place(&self) -> String {
        match self.chapter.concat() {
            chapter if chapter.is_empty() => INTRODUCTION.to_owned(),
            chapter => chapter,
        }
    }

    fn block(&mut self, block: &Block) {
        if self.statements.len() > MAX_STATEMENTS {
            return;
        }
        match block {
            Block::Heading(text) => {
                if let Some((level, number)) = heading_number(text) {
                    for (at, place) in self.chapter.iter_mut().enumerate().skip(usize::from(level) - 1) {
                        *place = if at + 1 == usize::from(level) {
                            number.clone()
                        } else {
                            String::new()
                        };
                    }
                }
            }
            Block::Paragraph(text) => {
                let text: String = text.chars().take(MAX_PARAGRAPH_CHARS).collect();
                for sentence in tidy(&text).split(['。', '；', '！', '？']) {
                    self.sentence(sentence);
                }
            }
            Block::Table(table) => {
                let place = caption_number(&table.caption).unwrap_or_else(|| self.place());
                self.statements
                    .extend(tables::read(&self.vocabulary, table, self.year, &place));
            }
        }
    }

    fn sentence(&mut self, text: &str) {
        let sentence = Sentence::new(text, &self.vocabulary);
        let place = self.place();
        let mut seen = HashSet::new();
        let mut numbers = Vec::new();
        for pattern in &self.figures {
            for found in pattern.find(&sentence) {
                // Two patterns may find the same number.
                let new = found
                    .numbers
                    .into_iter()
                    .filter(|n| !n.figure.is_empty() && seen.insert((n.at, n.figure.clone())));
                numbers.extend(new);
            }
        }
        numbers.sort_by_key(|number| number.at);
        self.statements.extend(numbers.into_iter().map(|number| Statement {
            figure: number.figure,
            printed: number.printed,
            place: place.clone(),
            total_of: None,
        }));
        for (pattern, claim) in &self.claims_of {
            for found in pattern.find(&sentence) {
                self.claims.push(Claimed {
                    claim: *claim,
                    found,
                    place: place.clone(),
                });
            }
        }
    }
}

/// The number of a caption, as places are named by it: 表3 of 表 3 2025年不同类型….
fn caption_number(caption: &str) -> Option<String> {
    let kind = caption.chars().next()?;
    let rest = caption.strip_prefix(kind)?.trim_start();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let behind = rest.strip_prefix(digits.as_str())?;
    // Where the blank between them is lost, a year's digits follow those of the number.
    let number = match digits.len() > 4 && behind.trim_start().starts_with('年') {
        true => digits.get(..digits.len() - 4)?,
        false => digits.as_str(),
    };
    (!number.is_empty()).then(|| format!("{kind}{number}"))
}
