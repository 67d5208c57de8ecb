//! Whose a number is by what its clause says behind it: 19项合同经过专家论证, 138项合同来自八师. A count with a qualifier behind its noun is not the
//! count of all.

use super::{
    naming::AGAINST,
    numerals::{self, Kind, Token},
    prose::{Subject, Walk},
    words::{CONJUNCTIONS, FILLERS, Word},
};
use crate::{domain::steps, statistics::coder::Section};

/// The most characters behind a number that are looked at; a clause has half as many.
const MAX_BEHIND: usize = 40;

/// What is counted, right behind its number.
const NOUNS: [&str; 4] = ["技术合同", "合同", "的合同", "的技术合同"];

/// Words right before a number behind which a sentence goes on to say what they did that are so many: 全年有19项….
const BEFORE_PREDICATES: [&str; 4] = ["有", "其中", "其中，", "全年"];

/// Words between a number and the name whose it is.
const LINKS: [&str; 14] = [
    "来自于",
    "来源于",
    "来自",
    "经过",
    "通过",
    "属于",
    "流向",
    "经",
    "由",
    "被",
    "系",
    "为",
    "是",
    "的",
];

/// Links by which also an amount is said to be somebody's: 2.3亿元来自八师.
const LINKS_OF_AMOUNTS: [&str; 8] = ["来自于", "来源于", "来自", "流向", "属于", "为", "是", "的"];

/// What a step through the words behind a number came to.
enum Step {
    /// The word says nothing; so many characters on.
    Over(usize),
    /// A character of a word that nobody knows.
    Stray,
    /// Whose it is; so many characters on.
    Named(Subject, usize),
    /// Of something that has no figures.
    Foreign,
    /// Something else begins.
    End,
}

impl Walk<'_, '_, '_> {
    /// Whose a number is, by what follows it, `subject` being what was named before it.
    pub(super) fn by_what_follows(&mut self, token: &Token, subject: Subject) -> Subject {
        let behind = match token.kind {
            Kind::Contracts => self.qualified(token),
            Kind::Money => self.amount_behind(token),
            _ => {
                // 43.3%的技术开发合同: the name follows.
                let behind = self.named_behind(token);
                self.named |= behind.is_some();
                return behind.unwrap_or(subject);
            }
        };
        self.named |= behind.is_some();
        match behind {
            Some(behind) => joined(subject, behind),
            // 撤销18项，其中4项: some of them.
            None if self.part => Subject::Unknown,
            None => subject,
        }
    }

    fn amount_behind(&self, token: &Token) -> Option<Subject> {
        let is_linked = LINKS_OF_AMOUNTS.iter().any(|word| self.starts(token.end, word));
        is_linked.then(|| self.scanned(token.end, false))?
    }

    /// Of which contracts a count is where the words behind it say so; [`Subject::Unknown`] where they say what nobody knows.
    pub(super) fn qualified(&self, token: &Token) -> Option<Subject> {
        let has_noun = NOUNS.iter().any(|noun| self.starts(token.end, noun));
        let is_before = |word: &&str| {
            let from = token.from.checked_sub(word.chars().count());
            from.is_some_and(|from| self.starts(from, word))
        };
        self.scanned(token.end, has_noun || BEFORE_PREDICATES.iter().any(is_before))
    }

    /// Looks through the words from `from` to the end of their clause; `is_predicate` where words that nobody knows say of which
    /// contracts a number is, and do not only praise it.
    fn scanned(&self, from: usize, is_predicate: bool) -> Option<Subject> {
        let (mut at, mut strays, mut named) = (from, 0, None);
        while at < self.chars.len().min(from + MAX_BEHIND) {
            steps::tick(1);
            match self.behind_step(at, named.is_some()) {
                Step::Over(length) => at += length.max(1),
                Step::Stray => {
                    strays += 1;
                    at += 1;
                }
                Step::Named(subject, length) => {
                    named = Some(named.map_or(subject, |_| Subject::Unknown));
                    at += length.max(1);
                }
                Step::Foreign => return Some(Subject::Unknown),
                Step::End => break,
            }
        }
        match named {
            _ if strays > 1 && (is_predicate || named.is_some()) => Some(Subject::Unknown),
            named => named,
        }
    }

    fn behind_step(&self, at: usize, is_named: bool) -> Step {
        let length_of = |words: &[&str]| {
            let found = words.iter().find(|word| self.starts(at, word));
            found.map(|word| word.chars().count())
        };
        if !matches!(self.chars.get(at), Some('\u{4e00}'..='\u{9fff}' | '“' | '”')) || length_of(&AGAINST).is_some()
        {
            return Step::End;
        }
        if let Some(length) = length_of(CONJUNCTIONS.get(..5).unwrap_or_default()) {
            let goes_on = is_named && self.mention(at + length).is_some();
            return if goes_on { Step::Foreign } else { Step::End };
        }
        let (mention, word) = (self.mention(at), self.word_at(at));
        let longest = mention.as_ref().map(|mention| mention.end - at);
        let longest = longest.max(word.map(|(length, _)| length));
        let stranger = self.prose.vocabulary.stranger(self.chars, at);
        if stranger.is_some_and(|end| longest.is_none_or(|longest| longest < end - at)) {
            return Step::Foreign;
        }
        if let Some(length) = length_of(&LINKS).filter(|length| longest.is_none_or(|longest| longest <= *length)) {
            return Step::Over(length);
        }
        if let Some((length, word)) = word.filter(|(length, _)| longest == Some(*length)) {
            return self.behind_word(at, length, word);
        }
        if let Some(mention) = mention {
            let behind = self.behind_suffix(mention.end);
            // What has a number of its own is told next.
            if numerals::token(self.chars, behind).is_some_and(|next| next.is_number()) {
                return Step::End;
            }
            return Step::Named(Subject::Item(mention.section, mention.id), behind - at);
        }
        if numerals::token(self.chars, at).is_some() {
            return Step::End;
        }
        length_of(FILLERS).map_or(Step::Stray, Step::Over)
    }

    fn behind_word(&self, at: usize, length: usize, word: Word) -> Step {
        match word {
            Word::Group(prefix) => Step::Named(Subject::Group(prefix), length),
            Word::Whole(_) | Word::Contracts | Word::Nothing | Word::Current | Word::New | Word::Topic(_) => {
                Step::Over(length)
            }
            Word::Elsewhere
            | Word::UnitsAboveYi
            | Word::TopTen
            | Word::Period
            | Word::Takes
            | Word::Stranger
            | Word::Part => Step::Foreign,
            // 高价值合同: 高 compares nothing.
            Word::Difference if numerals::token(self.chars, at + length).is_none() => Step::Stray,
            Word::Difference
            | Word::Together
            | Word::Amount
            | Word::Technology
            | Word::Mean
            | Word::Median
            | Word::Share
            | Word::Growth(_)
            | Word::Level
            | Word::Rank
            | Word::Previous
            | Word::SoFar
            | Word::From
            | Word::Respectively
            | Word::Each
            | Word::Except
            | Word::PartOf => Step::End,
        }
    }
}

/// Whose a number is that has one name before it and one behind it.
fn joined(before: Subject, behind: Subject) -> Subject {
    match (before, behind) {
        (Subject::None | Subject::Whole(_), behind) => behind,
        (Subject::Group("imports") | Subject::ImportsOf(_), Subject::Item(Section::Types, id)) => {
            Subject::ImportsOf(id)
        }
        // 391项为技术开发，23项为技术转让.
        (Subject::Item(one, _), Subject::Item(other, id)) if one == other => Subject::Item(other, id),
        (Subject::Item(Section::Regions, _), Subject::Item(Section::Units, id)) => Subject::Item(Section::Units, id),
        (before, behind) if before == behind => before,
        _ => Subject::Unknown,
    }
}
