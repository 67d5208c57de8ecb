//! A report as it was published: which figures its tables and sentences print ([`tables`], [`phrases`] by [`patterns`]), and what
//! it says against itself ([`contradictions`], [`claims`]). Needs no register; comparing with one is [`super::check`].

mod attribution;
mod book;
mod captions;
mod cells;
mod claims;
mod context;
mod contradictions;
mod exact;
mod naming;
mod numbers;
mod numerals;
mod patterns;
mod phrases;
mod prose;
mod qualified;
mod statement;
mod tables;
mod thresholds;
mod times;
mod vocabulary;
mod words;

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashSet};

pub use contradictions::Finding;
pub use statement::{Nearness, Printed, Statement, Unread};

use self::{
    book::Book,
    claims::Claimed,
    context::Context,
    patterns::{CLAIMS, Claim, FIGURES},
    phrases::{Pattern, Sentence},
    prose::Prose,
    vocabulary::{Vocabulary, tidy},
};
use super::question::Question;
use crate::domain::{
    catalogue::Catalogue,
    money::Fen,
    outline::{Block, Outline, OutlineTable, caption_digits, heading_number, is_caption},
};

/// Where what stands before the first numbered heading is said to stand.
const INTRODUCTION: &str = "概述";

/// The longest paragraph that is looked through, in characters; no report has one a hundredth as long.
const MAX_PARAGRAPH_CHARS: usize = 200_000;

/// The most numbers that are understood, and the most that are not; a report has some hundreds.
const MAX_NUMBERS: usize = 3_000;

/// The most things that are told of what a report says against itself.
const MAX_FINDINGS: usize = 1_000;

/// The most claims that are looked into: each is held against every statement.
const MAX_CLAIMS: usize = 200;

/// The most parts of a report that are named as not looked at.
const MAX_LEFT_OUT: usize = 20;

/// The most characters of a place that is told: a chapter's or a table's number and a row's label.
const MAX_PLACE: usize = 60;

/// The most characters of what stands around a number that is not understood.
const MAX_CONTEXT: usize = 100;

/// How much of a document was not looked at, since no report is so large.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeftOut {
    /// The rest of a paragraph.
    Paragraph,
    /// Rows, columns, or the ends of cells of the table of this number, or in this chapter.
    Table(String),
    /// Numbers behind the first so many.
    Numbers,
    /// Claims behind the first so many.
    Claims,
    /// What the report says against itself beyond the first so much.
    Findings,
}

impl LeftOut {
    /// In a sentence.
    pub fn in_words(&self) -> String {
        match self {
            Self::Paragraph => format!("有段落超过 {MAX_PARAGRAPH_CHARS} 字，其后的没有核对。"),
            Self::Table(place) => format!("表格（{place}）过大，没有核对完。"),
            Self::Numbers => {
                format!("报告中的数字过多，认出的和未认出的各只看了前 {MAX_NUMBERS} 个，其后的没有核对。")
            }
            Self::Claims => format!("关于增减、名次的说法超过 {MAX_CLAIMS} 处，其后的没有核对。"),
            Self::Findings => format!("报告自相矛盾和只差舍入的超过 {MAX_FINDINGS} 处，其余的没有列出。"),
        }
    }
}

/// Characters before a number that is not understood, by which it is found again; half as many behind it.
const CONTEXT: usize = 16;

/// A published report, understood.
#[derive(Debug, Clone)]
pub struct PublishedReport {
    /// What it states, in its order.
    pub statements: Vec<Statement>,
    /// What it says against itself, in its order; contradictions and what is rounding only.
    pub findings: Vec<Finding>,
    /// Numbers of which it is not known what they are, in its order.
    pub unread: Vec<Unread>,
    /// What of it was not looked at.
    pub left_out: BTreeSet<LeftOut>,
}

impl PublishedReport {
    /// How many of its numbers are understood, if not surely, of how many that were seen.
    pub fn coverage(&self) -> (usize, usize) {
        let numbers = self.statements.iter().filter(|said| !said.is_again).count();
        (numbers, numbers + self.unread.len())
    }
}

/// Reads the report on the year of `question`, as long as `go_on` says so: it is asked before every block and within long ones, and
/// before what the report says is held against itself.
///
/// # Errors
/// What `go_on` answers.
pub fn read<E>(
    outline: &Outline,
    catalogue: &Catalogue,
    question: &Question,
    mut go_on: impl FnMut() -> Result<(), E>,
) -> Result<PublishedReport, E> {
    let mut reading = Reading::new(catalogue, question);
    for block in &outline.blocks {
        go_on()?;
        reading.block(block, &mut go_on)?;
    }
    go_on()?;
    let Reading {
        statements,
        claims,
        unread,
        mut left_out,
        ..
    } = reading;
    // What is not sure contradicts nothing.
    let sure: Vec<Statement> = statements.iter().filter(|said| said.is_sure).cloned().collect();
    let book = Book::new(
        question.year(),
        question.plan(),
        question.large_from_fen(),
        catalogue,
        &sure,
    );
    let mut findings = contradictions::of_numbers(&book);
    findings.extend(claims::of_words(&book, &claims));
    if findings.len() > MAX_FINDINGS {
        findings.truncate(MAX_FINDINGS);
        left_out.insert(LeftOut::Findings);
    }
    Ok(PublishedReport {
        statements,
        findings,
        unread,
        left_out,
    })
}

struct Reading<'c> {
    vocabulary: Vocabulary<'c>,
    year: i32,
    figures: Vec<Pattern>,
    claims_of: Vec<(Pattern, Claim)>,
    /// Numbers of the headings above, by level.
    chapter: [String; 3],
    large_from: Fen,
    context: Context,
    statements: Vec<Statement>,
    claims: Vec<Claimed>,
    unread: Vec<Unread>,
    left_out: BTreeSet<LeftOut>,
}

impl<'c> Reading<'c> {
    fn new(catalogue: &'c Catalogue, question: &Question) -> Self {
        let (year, base_year) = (question.year(), question.plan().map(|plan| plan.base_year));
        Self {
            vocabulary: Vocabulary::new(catalogue),
            year,
            figures: FIGURES
                .iter()
                .filter_map(|text| Pattern::parse(text, year, base_year))
                .collect(),
            claims_of: CLAIMS
                .iter()
                .filter_map(|(text, claim)| Some((Pattern::parse(text, year, base_year)?, *claim)))
                .collect(),
            chapter: Default::default(),
            large_from: question.large_from_fen(),
            context: Context::new(year),
            statements: Vec::new(),
            claims: Vec::new(),
            unread: Vec::new(),
            left_out: BTreeSet::new(),
        }
    }

    /// Whether no more numbers are looked at; what there is beyond the most is dropped.
    fn is_full(&mut self) -> bool {
        if self.statements.len().max(self.unread.len()) > MAX_NUMBERS {
            self.statements.truncate(MAX_NUMBERS);
            self.unread.truncate(MAX_NUMBERS);
            self.left_out.insert(LeftOut::Numbers);
        }
        self.left_out.contains(&LeftOut::Numbers)
    }

    fn place(&self) -> String {
        match self.chapter.concat() {
            chapter if chapter.is_empty() => INTRODUCTION.to_owned(),
            chapter => shortened(chapter, MAX_PLACE),
        }
    }

    fn block<E>(&mut self, block: &Block, go_on: &mut impl FnMut() -> Result<(), E>) -> Result<(), E> {
        match block {
            Block::Heading(text) => {
                self.context.heading(text, &self.vocabulary);
                if let Some((level, number)) = heading_number(text).or_else(|| spaced_number(text)) {
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
                let mut chars = text.chars();
                let text: String = chars.by_ref().take(MAX_PARAGRAPH_CHARS).collect();
                if chars.next().is_some() {
                    self.left_out.insert(LeftOut::Paragraph);
                }
                if is_caption(&text) {
                    return Ok(());
                }
                let mut goes_on = false;
                self.context.paragraph();
                for sentence in tidy(&text).split_inclusive(['。', '；', '！', '？']) {
                    if self.is_full() {
                        break;
                    }
                    let words = behind_mark(sentence.trim_end_matches(['。', '；', '！', '？']));
                    self.sentence(words, goes_on, go_on)?;
                    goes_on = sentence.ends_with('；');
                }
            }
            Block::Table(table) => {
                if self.is_full() {
                    return Ok(());
                }
                let place = caption_number(&table.caption).unwrap_or_else(|| self.place());
                let place = shortened(place, MAX_PLACE / 2);
                if cells::is_cut(table) && self.left_out.len() < MAX_LEFT_OUT {
                    self.left_out.insert(LeftOut::Table(place.clone()));
                }
                for part in tables::side_by_side(&self.vocabulary, table) {
                    self.table(&part, &place, go_on)?;
                }
            }
        }
        self.is_full();
        Ok(())
    }

    fn table<E>(
        &mut self,
        table: &OutlineTable,
        place: &str,
        go_on: &mut impl FnMut() -> Result<(), E>,
    ) -> Result<(), E> {
        let found = tables::read(&self.vocabulary, table, self.year, place);
        let (more, unread) = cells::rest(&self.vocabulary, table, self.year, place, &found, go_on)?;
        let said = found.into_iter().map(|(_, _, said)| said).chain(more);
        self.statements.extend(said.map(|said| Statement {
            place: shortened(said.place, MAX_PLACE),
            ..said
        }));
        self.unread.extend(unread.into_iter().map(|unread| Unread {
            place: shortened(unread.place, MAX_PLACE),
            context: shortened(unread.context, MAX_CONTEXT),
            ..unread
        }));
        Ok(())
    }

    fn sentence<E>(
        &mut self,
        text: &str,
        after_semicolon: bool,
        go_on: &mut impl FnMut() -> Result<(), E>,
    ) -> Result<(), E> {
        go_on()?;
        let sentence = Sentence::new(text, &self.vocabulary);
        let place = self.place();
        let mut seen = HashSet::new();
        let mut numbers = Vec::new();
        for pattern in &self.figures {
            go_on_within(&sentence, go_on)?;
            for found in pattern.find(&sentence) {
                // Two patterns may find the same number.
                let new = found
                    .numbers
                    .into_iter()
                    .filter(|n| !n.figure.is_empty() && seen.insert((n.at, n.figure.clone())));
                numbers.extend(new);
            }
        }
        numbers.sort_by_key(|number| (number.end, number.at));
        let known: Vec<(usize, usize, String)> = numbers
            .iter()
            .map(|number| (number.at, number.end, number.figure.clone()))
            .collect();
        let prose = Prose {
            vocabulary: &self.vocabulary,
            year: self.year,
            large_from: self.large_from,
        };
        let said = prose.read(&sentence, &known, &mut self.context, after_semicolon, go_on)?;
        let refused: HashSet<(usize, String)> = said.refused.into_iter().collect();
        numbers.retain(|number| !refused.contains(&(number.at, number.figure.clone())));
        let mut told: Vec<(usize, Statement)> = Vec::new();
        let statement = |figure: String, printed: Printed, is_sure: bool| Statement {
            figure,
            printed,
            place: place.clone(),
            total_of: None,
            is_again: false,
            is_sure,
        };
        told.extend(
            numbers
                .into_iter()
                .map(|n| (n.at, statement(n.figure, n.printed, true))),
        );
        told.extend(
            said.told
                .into_iter()
                .map(|t| (t.at, t.is_again, statement(t.figure, t.printed, t.is_sure)))
                .map(|(at, is_again, said)| (at, Statement { is_again, ..said })),
        );
        told.sort_by_key(|(at, _)| *at);
        self.statements.extend(told.into_iter().map(|(_, said)| said));
        let words = |from: usize, to: usize| -> String {
            sentence
                .chars()
                .get(from..to.min(sentence.chars().len()))
                .unwrap_or_default()
                .iter()
                .collect()
        };
        self.unread.extend(said.unread.into_iter().map(|(from, end)| Unread {
            text: words(from, end.min(from + numerals::MAX_TOKEN)),
            place: place.clone(),
            context: words(
                from.saturating_sub(CONTEXT),
                end.min(from + numerals::MAX_TOKEN) + CONTEXT / 2,
            ),
        }));
        for (pattern, claim) in &self.claims_of {
            if self.claims.len() > MAX_CLAIMS {
                self.claims.truncate(MAX_CLAIMS);
                self.left_out.insert(LeftOut::Claims);
            }
            if self.left_out.contains(&LeftOut::Claims) {
                break;
            }
            go_on_within(&sentence, go_on)?;
            for found in pattern.find(&sentence) {
                self.claims.push(Claimed {
                    claim: *claim,
                    found,
                    place: place.clone(),
                });
            }
        }
        Ok(())
    }
}

/// The number of a heading that only a blank parts from its words (2 谁在卖): a chapter, named by all of it.
fn spaced_number(text: &str) -> Option<(u8, String)> {
    let (number, words) = text.trim().split_once([' ', '\u{3000}'])?;
    let is_number = (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    (is_number && !words.trim().is_empty()).then(|| (1, format!("{number} {}", words.trim())))
}

/// A sentence behind the mark of its place in a list: （1）, 2）, ①. It is no number of the report.
fn behind_mark(text: &str) -> &str {
    if let Some(rest) = text.strip_prefix(|c: char| ('①'..='⑳').contains(&c)) {
        return rest;
    }
    let inner = text.strip_prefix('（').unwrap_or(text);
    let digits = inner.len() - inner.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    match inner.get(digits..).and_then(|rest| rest.strip_prefix('）')) {
        Some(rest) if (1..=2).contains(&digits) => rest,
        _ => text,
    }
}

/// A text of so many characters at most, with a sign where it was longer.
fn shortened(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A sentence of so many characters is long: it is looked through for a pattern in less time than anybody notices.
const LONG: usize = 5_000;

/// Asks whether to go on before another look through a long sentence; through others it is not worth asking.
fn go_on_within<E>(sentence: &Sentence<'_>, go_on: &mut impl FnMut() -> Result<(), E>) -> Result<(), E> {
    if sentence.chars().len() < LONG { Ok(()) } else { go_on() }
}

/// The number of a caption, as places are named by it: 表3 of 表 3 2025年不同类型….
fn caption_number(caption: &str) -> Option<String> {
    if let Some(rest) = caption.strip_prefix('附') {
        return caption_number(rest).map(|number| format!("附{number}"));
    }
    let kind = caption.chars().next()?;
    let rest = caption.strip_prefix(kind)?.trim_start();
    let written = caption_digits(rest)?;
    let behind = rest.strip_prefix(written)?;
    let digits = tidy(written);
    // Where the blank between them is lost, a year's digits follow those of the number.
    let number = match digits.len() > 4 && digits.is_ascii() && behind.trim_start().starts_with('年') {
        true => digits.get(..digits.len() - 4)?,
        false => digits.as_str(),
    };
    (!number.is_empty()).then(|| format!("{kind}{number}"))
}
