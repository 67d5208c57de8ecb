//! Sentences in any words: each number is told apart by whose it is (the items that the sentence names, the whole, groups of contracts), by
//! what it measures (its unit, and words before it), and by what it compares. What is not clear is left alone: it is listed as not
//! understood, and is no error.

use super::{
    context::Context,
    numerals::{self, Token},
    phrases::Sentence,
    statement::Said,
    times::{Time, Times},
    vocabulary::Vocabulary,
    words::{FILLERS, GOES_ON, WORDS, Word},
};
use crate::{
    domain::{money::Fen, steps},
    statistics::coder::Section,
};

/// Whose number it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    None,
    /// The year's whole; whether that is sure.
    Whole(bool),
    Item(Section, String),
    Group(&'static str),
    /// The imported contracts of a type.
    ImportsOf(String),
    UnitsAboveYi,
    TopTen,
    /// A year of the series.
    Year(i32),
    /// Something of which nothing is known here.
    Unknown,
}

/// What a number measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Contracts,
    Amount,
    Technology,
    Other,
}

/// After so many steps through a sentence it is asked whether to go on.
const ASKED_EVERY: u32 = 2_000;

/// Looks for what numbers are in sentences.
pub(super) struct Prose<'v, 'c> {
    pub(super) vocabulary: &'v Vocabulary<'c>,
    pub(super) year: i32,
    pub(super) large_from: Fen,
}

/// A sentence on its way.
pub(super) struct Walk<'w, 'v, 'c> {
    pub(super) prose: &'w Prose<'v, 'c>,
    pub(super) chars: &'w [char],
    pub(super) sentence: &'w Sentence<'w>,
    /// Numbers whose figure is known already, from left to right: where they begin and end, and which.
    pub(super) known: &'w [(usize, usize, String)],
    pub(super) context: &'w mut Context,
    pub(super) inherited: Subject,
    pub(super) goes_on: bool,
    /// Names one after the other before the next number, and where the last one ends.
    pub(super) run: Vec<(Section, String)>,
    pub(super) run_end: usize,
    /// An item of this section was named before, in this sentence.
    pub(super) crossed: Option<Section>,
    pub(super) word: Option<Role>,
    pub(super) mean: bool,
    pub(super) median: bool,
    pub(super) share: bool,
    pub(super) growth: Option<bool>,
    pub(super) rank: bool,
    pub(super) times: Times,
    pub(super) from: bool,
    /// What comes is by how much something differs from something else.
    pub(super) difference: bool,
    pub(super) new: bool,
    pub(super) respectively: bool,
    /// 均: the number is of each of those named.
    pub(super) each: bool,
    pub(super) amount_named: bool,
    pub(super) last: Option<Role>,
    pub(super) last_end: usize,
    pub(super) said: Said,
    /// How many characters of a word that nobody knows stand before this one, and whether such a word stands behind the last name.
    stray: usize,
    pub(super) strange: bool,
    /// Whether the clause names whose its numbers are.
    pub(super) named: bool,
    /// Whether the subject is unknown because somebody is named who has no figures; the next name is one again.
    pub(super) is_strangers: bool,
    /// Whether nothing that matters stands before this character in its clause, or behind the last number.
    pub(super) is_fresh: bool,
    /// Where a name ends with which something is compared.
    pub(super) against_end: usize,
    /// 其中: the next number is a part of what was told, not that again.
    pub(super) part: bool,
}

impl Prose<'_, '_> {
    /// Reads a sentence (tidy) up to 。 or ；; `after_semicolon` where it is the second half of one.
    ///
    /// # Errors
    /// What `go_on` answers, which is asked every so many characters.
    pub(super) fn read<E>(
        &self,
        sentence: &Sentence<'_>,
        known: &[(usize, usize, String)],
        context: &mut Context,
        after_semicolon: bool,
        go_on: &mut impl FnMut() -> Result<(), E>,
    ) -> Result<Said, E> {
        let chars = sentence.chars();
        let text: String = chars.iter().take(8).collect();
        let is_of_another_year = text.starts_with(&format!("{}年", self.year - 1));
        let goes_on = is_of_another_year || GOES_ON.iter().any(|word| text.starts_with(word));
        let inherited = std::mem::replace(&mut context.subject, Subject::None);
        if !after_semicolon && !goes_on {
            context.recent.clear();
            // A part of a year stays what a paragraph is about.
            if context.time != Time::Part {
                context.time = Time::Year(self.year);
            }
        }
        let amount_named = after_semicolon && context.amount_named;
        let mut walk = Walk {
            context: &mut *context,
            prose: self,
            chars,
            sentence,
            known,
            inherited,
            goes_on: goes_on || after_semicolon,
            run: Vec::new(),
            run_end: 0,
            crossed: None,
            word: None,
            mean: false,
            median: false,
            share: false,
            growth: None,
            rank: false,
            times: Times::new(Time::Year(self.year)),
            from: false,
            difference: false,
            new: false,
            respectively: false,
            each: false,
            amount_named,
            last: None,
            last_end: 0,
            said: Said::default(),
            stray: 0,
            strange: false,
            named: false,
            is_strangers: false,
            is_fresh: true,
            against_end: 0,
            part: false,
        };
        walk.times = Times::new(walk.context.time);
        walk.all(go_on)?;
        let (said, time, amount_named) = (walk.said, walk.times.base(), walk.amount_named);
        (context.time, context.amount_named) = (time, amount_named);
        if context.subject == Subject::None {
            context.subject = if goes_on { Subject::Unknown } else { Subject::None };
        }
        Ok(said)
    }
}

impl Walk<'_, '_, '_> {
    pub(super) fn starts(&self, at: usize, word: &str) -> bool {
        word.chars()
            .enumerate()
            .all(|(offset, c)| self.chars.get(at + offset) == Some(&c))
    }

    fn all<E>(&mut self, go_on: &mut impl FnMut() -> Result<(), E>) -> Result<(), E> {
        let mut at = 0;
        for taken in 1_u32.. {
            if at >= self.chars.len() {
                break;
            }
            if taken.is_multiple_of(ASKED_EVERY) {
                go_on()?;
            }
            steps::tick(1);
            at = self.step(at).max(at + 1);
        }
        Ok(())
    }

    /// Takes what stands at `at`; gives where to go on.
    fn step(&mut self, at: usize) -> usize {
        let mention = self.mention(at);
        let word = self.word_at(at);
        let stranger = self.prose.vocabulary.stranger(self.chars, at);
        let stray = std::mem::take(&mut self.stray);
        let is_fresh = std::mem::take(&mut self.is_fresh);
        let longest = mention
            .as_ref()
            .map(|mention| mention.end)
            .max(word.map(|(length, _)| at + length));
        if let Some(end) = stranger.filter(|end| longest.is_none_or(|longest| longest < *end)) {
            self.take_stranger();
            return end;
        }
        if let Some((length, word)) = word
            && mention.as_ref().is_none_or(|mention| mention.end < at + length)
        {
            self.is_fresh = is_fresh
                && matches!(
                    word,
                    Word::Whole(_) | Word::Current | Word::Part | Word::PartOf | Word::Nothing
                );
            return self.take_word(at, length, word);
        }
        if let Some(mention) = mention {
            self.begins_anew(is_fresh);
            return self.take_name(at, mention);
        }
        if let Some(token) = numerals::token(self.chars, at) {
            self.is_fresh = is_fresh || token.is_number();
            return self.take_number(&token);
        }
        match self.chars.get(at) {
            Some('，') => {
                let next = numerals::token(self.chars, at + 1).filter(Token::is_number);
                if next.is_none() {
                    self.clause_ends();
                }
                self.is_fresh = true;
            }
            Some('、') => self.is_fresh = self.last_end == at,
            Some('（') => {
                self.share = false;
                self.times.bracket(true);
            }
            Some('）') => self.times.bracket(false),
            Some('\u{4e00}'..='\u{9fff}') => {
                if let Some(word) = FILLERS.iter().find(|word| self.starts(at, word)) {
                    self.is_fresh = is_fresh;
                    return at + word.chars().count();
                }
                self.stray = stray + 1;
                self.strange |= self.stray > 1;
            }
            _ => self.is_fresh = is_fresh,
        }
        at + 1
    }

    fn clause_ends(&mut self) {
        (self.share, self.growth, self.rank, self.difference) = (false, None, false, false);
        (self.from, self.mean, self.median, self.new, self.each) = (false, false, false, false, false);
        self.times.clause_ends();
        // 其中技术服务合同1项，成交额: of all of them again.
        if matches!(self.context.subject, Subject::ImportsOf(_)) {
            self.set_subject(Subject::Group("imports"));
        }
        self.word = None;
        // Of whom a clause without any other name tells, the next one goes on to tell.
        (self.strange, self.named) = (self.strange && !self.named, false);
    }

    pub(super) fn word_at(&self, at: usize) -> Option<(usize, Word)> {
        let first = *self.chars.get(at)?;
        let fitting = WORDS
            .iter()
            .filter(|(word, _)| word.starts_with(first) && self.starts(at, word));
        fitting
            .map(|(word, says)| (word.chars().count(), *says))
            .max_by_key(|(length, _)| *length)
    }

    fn take_word(&mut self, at: usize, length: usize, word: Word) -> usize {
        let is_first = self.is_fresh;
        match word {
            Word::Whole(sure) => {
                self.named = true;
                if sure {
                    self.times.back_to(self.prose.year);
                }
                // 八师1.61亿元，全兵团10.83亿元.
                let is_whole = self.starts(at, "全兵团") || self.starts(at, "兵团");
                if sure && is_whole && is_first && !self.share {
                    self.set_subject(Subject::None);
                    (self.crossed, self.strange) = (None, false);
                }
                let sure = sure || self.is_of_the_year();
                if self.context.subject == Subject::None && self.run.is_empty() {
                    self.context.subject = Subject::Whole(sure);
                } else if sure && self.context.subject == Subject::Whole(false) {
                    self.context.subject = Subject::Whole(true);
                }
            }
            Word::Group(prefix) => {
                self.named = true;
                let group = Subject::Group(prefix);
                if matches!(self.context.subject, Subject::Item(..)) || !self.run.is_empty() {
                    self.set_subject(Subject::Unknown);
                } else {
                    self.set_subject(group);
                }
            }
            Word::UnitsAboveYi => {
                self.named = true;
                self.set_subject(Subject::UnitsAboveYi);
            }
            Word::TopTen => {
                self.named = true;
                self.set_subject(Subject::TopTen);
            }
            Word::Elsewhere | Word::Period => {
                self.set_subject(Subject::Unknown);
                self.is_strangers = false;
            }
            Word::Stranger => self.take_stranger(),
            Word::Takes => {
                if !matches!(self.context.subject, Subject::Item(Section::Flows, _)) {
                    self.set_subject(Subject::Unknown);
                }
            }
            Word::SoFar => {
                if self.times.is_named {
                    self.strange = true;
                } else {
                    self.set_subject(Subject::Unknown);
                    self.is_strangers = false;
                }
            }
            Word::Part => self.take_time(at, at + length, Time::Part),
            Word::Difference => {
                let skip = ["出", "了", "出了"]
                    .iter()
                    .filter(|word| self.starts(at + length, word));
                let begin = at + length + skip.map(|word| word.chars().count()).max().unwrap_or(0);
                self.difference |= numerals::token(self.chars, begin).is_some_and(|next| next.is_number());
            }
            Word::Nothing => {}
            Word::PartOf => self.part = true,
            Word::Together => {
                if let Some(all) = self.run_together(at) {
                    self.set_subject(all);
                    return at + length;
                }
                let several = self.run.len() > 1 || self.context.recent.len() > 1;
                if several || matches!(self.context.subject, Subject::Item(..)) {
                    self.set_subject(Subject::Unknown);
                }
            }
            Word::Amount => {
                self.part &= self.last == Some(Role::Amount);
                self.amount_named = true;
                self.word = Some(Role::Amount);
            }
            Word::Technology => {
                self.part = false;
                // 占技术交易额的: a share of something else.
                if self.share {
                    self.share = false;
                }
                self.word = Some(Role::Technology);
            }
            Word::Contracts => self.word = Some(Role::Contracts),
            Word::Mean => self.mean = true,
            Word::Median => self.median = true,
            Word::Share => {
                // 占比 of what was told just now, unless the words say of what.
                let kept = self.word.filter(|_| self.starts(at, "占比") || self.starts(at, "比重"));
                if !self.share {
                    self.word = kept;
                }
                self.share = true;
                self.growth = None;
            }
            Word::Growth(falls) => {
                let fell = self.growth.is_some_and(|fell| fell && self.last_end < at);
                self.growth = Some(falls || fell);
                self.times.grows();
            }
            Word::Level => {
                self.growth = None;
                self.times.number_ends(false);
                self.from = false;
            }
            Word::Rank => self.rank = true,
            Word::Previous => self.take_time(at, at + length, Time::Year(self.prose.year - 1)),
            Word::Current => self.times.back_to(self.prose.year),
            Word::From => self.from = true,
            Word::New => self.new = true,
            Word::Respectively => self.respectively = true,
            Word::Each => self.each = true,
            Word::Except => return self.take_exception(at + length),
            Word::Topic(section) => self.context.topic = Some(section),
        }
        at + length
    }

    /// 除…外: what is within is no subject.
    fn take_exception(&self, at: usize) -> usize {
        let within = self.chars.get(at..).unwrap_or_default().iter().take(40);
        let end = within.take_while(|c| **c != '，').position(|c| *c == '外');
        end.map_or(at, |end| at + end + 1)
    }

    /// Whose numbers 合计 introduces right behind names: of all of them, or of the one region.
    fn run_together(&self, at: usize) -> Option<Subject> {
        let (section, first) = self.run.first()?;
        let is_near = self.run_end <= at && at - self.run_end <= "四师一校".chars().count();
        let is_one_kind = self.run.iter().all(|(of, _)| of == section);
        match self.run.len() {
            _ if !is_near || !is_one_kind || self.share => None,
            1 => (*section == Section::Regions).then(|| Subject::Item(*section, first.clone())),
            _ => {
                let ids: Vec<&str> = self.run.iter().map(|(_, id)| id.as_str()).collect();
                Some(Subject::Item(*section, ids.join("+")))
            }
        }
    }

    /// Whether the sentence has said that it is about the report's year, before anybody's name, and no heading named anybody: what is
    /// registered then is the whole.
    fn is_of_the_year(&self) -> bool {
        let is_year = self.times.is_named && self.times.now() == Time::Year(self.prose.year);
        is_year && !self.strange && !self.context.is_about_one
    }

    pub(super) fn set_subject(&mut self, subject: Subject) {
        self.part = false;
        self.run.clear();
        self.last = None;
        self.context.subject = subject;
    }
}
