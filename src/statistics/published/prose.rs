//! Sentences in any words: each number is told apart by whose it is (the items that the sentence names, the whole, groups of contracts), by
//! what it measures (its unit, and words before it), and by what it compares. What is not clear is left alone: it is listed as not
//! understood, and is no error.

use super::{
    attribution::is_small_word,
    context::Context,
    numerals::{self, Kind, Token},
    phrases::Sentence,
    statement::{Said, Told},
    vocabulary::Vocabulary,
    words::{CONJUNCTIONS, FILLERS, GOES_ON, SUFFIXES, WORDS, Word},
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

/// A name in the text.
struct Mention {
    end: usize,
    section: Section,
    id: String,
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
    sentence: &'w Sentence<'w>,
    /// Numbers whose figure is known already, from left to right: where they begin and end, and which.
    known: &'w [(usize, usize, String)],
    pub(super) context: &'w mut Context,
    inherited: Subject,
    goes_on: bool,
    /// Names one after the other before the next number, and where the last one ends.
    run: Vec<(Section, String)>,
    run_end: usize,
    /// An item of this section was named before, in this sentence.
    crossed: Option<Section>,
    pub(super) word: Option<Role>,
    pub(super) mean: bool,
    pub(super) median: bool,
    pub(super) share: bool,
    pub(super) growth: Option<bool>,
    pub(super) rank: bool,
    previous: bool,
    from: bool,
    pub(super) new: bool,
    respectively: bool,
    pub(super) amount_named: bool,
    pub(super) last: Option<Role>,
    last_end: usize,
    said: Said,
    /// How many characters of a word that nobody knows stand before this one, and whether the clause has such a word.
    stray: usize,
    strange: bool,
    /// Whether the clause names whose its numbers are.
    named: bool,
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
        let goes_on = GOES_ON.iter().any(|word| text.starts_with(word));
        let inherited = std::mem::replace(&mut context.subject, Subject::None);
        if !after_semicolon && !goes_on {
            context.recent.clear();
        }
        let mut walk = Walk {
            prose: self,
            chars,
            sentence,
            known,
            inherited,
            goes_on: goes_on || after_semicolon,
            context: &mut *context,
            run: Vec::new(),
            run_end: 0,
            crossed: None,
            word: None,
            mean: false,
            median: false,
            share: false,
            growth: None,
            rank: false,
            previous: false,
            from: false,
            new: false,
            respectively: false,
            amount_named: false,
            last: None,
            last_end: 0,
            said: Said::default(),
            stray: 0,
            strange: false,
            named: false,
        };
        walk.all(go_on)?;
        let said = walk.said;
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
        let stray = std::mem::take(&mut self.stray);
        if let Some((length, word)) = word
            && mention.as_ref().is_none_or(|mention| mention.end < at + length)
        {
            return self.take_word(at, length, word);
        }
        if let Some(mention) = mention {
            return self.take_name(at, mention);
        }
        if let Some(token) = numerals::token(self.chars, at) {
            return self.take_number(&token);
        }
        match self.chars.get(at) {
            Some('，') => {
                let next = numerals::token(self.chars, at + 1).filter(|t| t.kind != Kind::Nothing);
                if next.is_none() {
                    self.clause_ends();
                }
            }
            Some('（') => self.share = false,
            Some('\u{4e00}'..='\u{9fff}') => {
                if let Some(word) = FILLERS.iter().find(|word| self.starts(at, word)) {
                    return at + word.chars().count();
                }
                self.stray = stray + 1;
                self.strange |= self.stray > 1;
            }
            _ => {}
        }
        at + 1
    }

    fn clause_ends(&mut self) {
        (self.share, self.growth, self.rank) = (false, None, false);
        (self.previous, self.from, self.mean, self.median, self.new) = (false, false, false, false, false);
        self.word = None;
        (self.strange, self.named) = (false, false);
    }

    fn word_at(&self, at: usize) -> Option<(usize, Word)> {
        let first = *self.chars.get(at)?;
        let fitting = WORDS
            .iter()
            .filter(|(word, _)| word.starts_with(first) && self.starts(at, word));
        fitting
            .map(|(word, says)| (word.chars().count(), *says))
            .max_by_key(|(length, _)| *length)
    }

    /// The longest name at `at`, of the section that the sentence is about where several have it.
    fn mention(&self, at: usize) -> Option<Mention> {
        let mut best: Option<Mention> = None;
        for section in Section::ALL {
            let Some((length, id)) = self.sentence.name_at(section, at) else {
                continue;
            };
            if !self.is_meant(section, at, length) {
                continue;
            }
            let end = at + length;
            let preferred = self.context.topic == Some(section);
            if best.as_ref().is_none_or(|b| end > b.end || (end == b.end && preferred)) {
                best = Some(Mention {
                    end,
                    section,
                    id: id.to_owned(),
                });
            }
        }
        best
    }

    fn take_word(&mut self, at: usize, length: usize, word: Word) -> usize {
        match word {
            Word::Whole(sure) => {
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
            Word::Elsewhere | Word::Period => self.set_subject(Subject::Unknown),
            Word::Together => {
                let several = self.run.len() > 1 || self.context.recent.len() > 1;
                if several || matches!(self.context.subject, Subject::Item(..)) {
                    self.set_subject(Subject::Unknown);
                }
            }
            Word::Amount => {
                self.amount_named = true;
                self.word = Some(Role::Amount);
            }
            Word::Technology => {
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
                self.previous = false;
            }
            Word::Level => {
                self.growth = None;
                (self.previous, self.from) = (false, false);
            }
            Word::Rank => self.rank = true,
            Word::Previous => self.previous = true,
            Word::Current => self.previous = false,
            Word::From => self.from = true,
            Word::New => self.new = true,
            Word::Respectively => self.respectively = true,
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

    pub(super) fn set_subject(&mut self, subject: Subject) {
        self.run.clear();
        self.last = None;
        self.context.subject = subject;
    }

    fn take_name(&mut self, at: usize, mention: Mention) -> usize {
        let mut end = mention.end;
        if let Some(suffix) = SUFFIXES.iter().find(|suffix| self.starts(end, suffix)) {
            end += suffix.chars().count();
        }
        // 占技术服务的: a share of something else; 比八师多: something to compare with.
        let before: String = self
            .chars
            .get(at.saturating_sub(2)..at)
            .unwrap_or_default()
            .iter()
            .collect();
        if before.ends_with('比') || before.ends_with('较') || before.ends_with("高于") || before.ends_with("低于")
        {
            return end;
        }
        if self.share {
            self.set_subject(Subject::Unknown);
            return end;
        }
        let joined = !self.run.is_empty()
            && self.run_end > self.last_end
            && CONJUNCTIONS
                .iter()
                .take(5)
                .any(|word| self.starts(self.run_end, word) && self.run_end + word.chars().count() == at);
        let (section, id) = (mention.section, mention.id);
        if !joined {
            self.run.clear();
            self.crosses(section);
        }
        self.named = true;
        self.run.push((section, id.clone()));
        self.run_end = end;
        self.last = None;
        let unknown = self.context.subject == Subject::Unknown && self.crossed == Some(section);
        self.context.subject = match self.context.subject {
            // What has no figures has none by items either.
            Subject::Group(_) | Subject::TopTen => Subject::Unknown,
            Subject::Unknown if !unknown => Subject::Unknown,
            _ => Subject::Item(section, id),
        };
        if let Subject::Item(..) = self.context.subject {
            let subject = self.context.subject.clone();
            if self.context.recent.last() != Some(&subject) {
                self.context.recent.push(subject);
                let extra = self.context.recent.len().saturating_sub(30);
                self.context.recent.drain(..extra);
            }
        }
        // What the first name of a sentence is of, the others are of, too.
        self.crossed = self.crossed.or(Some(section));
        end
    }

    /// Items of two sections named together are contracts that are both, of which there is no figure.
    fn crosses(&mut self, section: Section) {
        let refines = |from: Section, to: Section| from == to || (from == Section::Regions && to == Section::Units);
        if let Some(before) = self.crossed
            && !refines(before, section)
        {
            self.context.subject = Subject::Unknown;
            return;
        }
        if self.context.subject == Subject::Unknown && self.crossed.is_none() {
            return;
        }
        if matches!(self.context.subject, Subject::Unknown) {
            self.context.subject = Subject::None;
        }
    }

    /// Numbers one after the other from `first` on.
    fn list(&self, first: &Token) -> Vec<Token> {
        let mut list = vec![first.clone()];
        let mut end = first.end;
        while list.len() < 30 {
            let next = CONJUNCTIONS.iter().take(5).find(|word| self.starts(end, word));
            let Some(token) = next.and_then(|word| numerals::token(self.chars, end + word.chars().count())) else {
                break;
            };
            if matches!(token.kind, Kind::Nothing | Kind::Year) {
                break;
            }
            end = token.end;
            list.push(token);
        }
        list
    }

    fn take_number(&mut self, token: &Token) -> usize {
        match token.kind {
            Kind::Nothing => return token.end,
            Kind::Year => {
                self.take_year(token);
                return token.end;
            }
            _ => {}
        }
        if let Some(end) = self.threshold(token) {
            return end;
        }
        let next = self.known.partition_point(|(_, end, _)| *end <= token.from);
        let known = self.known.get(next).filter(|(from, _, _)| *from < token.end);
        if let Some((_, _, figure)) = known {
            self.last = Some(match figure.rsplit('.').next() {
                Some("contracts") => Role::Contracts,
                Some("amount") => Role::Amount,
                Some("technology_amount") => Role::Technology,
                _ => self.last.unwrap_or(Role::Other),
            });
            self.number_ends(token);
            return token.end;
        }
        let list = self.list(token);
        let same = list.iter().all(|other| other.kind == token.kind);
        let targets: Vec<Subject> = if !same || list.len() < 2 {
            Vec::new()
        } else if self.run.len() == list.len() {
            self.run
                .iter()
                .map(|(section, id)| Subject::Item(*section, id.clone()))
                .collect()
        } else if self.respectively && self.context.recent.len() >= list.len() && self.run.len() <= 1 {
            let from = self.context.recent.len() - list.len();
            self.context.recent.get(from..).unwrap_or_default().to_vec()
        } else {
            Vec::new()
        };
        if !targets.is_empty() {
            let (growth, share, word, previous) = (self.growth, self.share, self.word, self.previous);
            let last = self.last;
            for (token, subject) in list.iter().zip(targets) {
                (self.growth, self.share, self.word, self.previous, self.last) = (growth, share, word, previous, last);
                self.put(token, &subject);
            }
            self.respectively = false;
            return list.last().map_or(token.end, |last| last.end);
        }
        // One number of several items, or several numbers that are not theirs one by one.
        let unclear = (same && list.len() > 1 && token.kind != Kind::Contracts) || self.run.len() > 1;
        if self.context.subject == Subject::None && self.goes_on {
            self.context.subject = self.inherited.clone();
        }
        let subject = if unclear {
            Subject::Unknown
        } else {
            self.context.subject.clone()
        };
        // 43.3%的技术开发合同, 391项为技术开发: the name follows.
        let behind = self.named_behind(token);
        self.named |= behind.is_some();
        let subject = behind.unwrap_or(subject);
        self.put(token, &subject);
        token.end
    }

    /// The item whose number this is where it is named behind it.
    fn named_behind(&self, token: &Token) -> Option<Subject> {
        let skip = ["的", "为", "是", "属于"]
            .iter()
            .find(|word| self.starts(token.end, word))?;
        let mention = self.mention(token.end + skip.chars().count())?;
        // 1.61亿元的成交额 is not meant; nor one whose own number follows.
        let behind = mention.end
            + SUFFIXES
                .iter()
                .find(|s| self.starts(mention.end, s))
                .map_or(0, |s| s.chars().count());
        if numerals::token(self.chars, behind).is_some_and(|t| t.kind != Kind::Nothing) {
            return Some(Subject::Unknown);
        }
        Some(Subject::Item(mention.section, mention.id))
    }

    fn take_year(&mut self, token: &Token) {
        let year = token
            .printed
            .as_ref()
            .and_then(|printed| printed.text.parse::<i32>().ok());
        let Some(year) = year else { return };
        if year == self.prose.year {
            self.previous = false;
        } else if year == self.prose.year - 1 {
            self.previous = true;
        } else {
            self.set_subject(Subject::Year(year));
        }
    }

    /// Whether the number before is told to be what came before: 由777份增加到1134份.
    fn is_former(&self, token: &Token) -> bool {
        let ahead = self.chars.get(token.end..).unwrap_or_default().iter().take(12);
        let ahead: String = ahead.take_while(|c| **c != '，').collect();
        let level = WORDS
            .iter()
            .any(|(word, says)| *says == Word::Level && ahead.starts_with(word));
        self.from && level
    }

    fn number_ends(&mut self, token: &Token) {
        (self.growth, self.share, self.rank, self.mean, self.median) = (None, false, false, false, false);
        self.word = None;
        self.run.clear();
        self.last_end = token.end;
    }

    fn put(&mut self, token: &Token, subject: &Subject) {
        let former = self.is_former(token);
        let previous = self.previous || former;
        let read = token.printed.as_ref().and_then(|printed| {
            let (figure, printed, sure) = self.figure(token, printed, subject, previous)?;
            Some(Told {
                at: token.from,
                figure,
                printed,
                // The name that nobody knows may be whose it is, not what was named before it.
                is_sure: sure && (self.named || !self.strange),
            })
        });
        let role = match (token.kind, self.word, self.growth) {
            (Kind::Contracts, _, None) => Some(Role::Contracts),
            (Kind::Money, Some(Role::Technology), None) => Some(Role::Technology),
            (Kind::Money, _, None) if !self.mean && !self.median => Some(Role::Amount),
            (Kind::Money | Kind::Contracts, ..) => Some(Role::Other),
            _ => self.last,
        };
        match read {
            Some(told) => self.said.told.push(told),
            None if is_small_word(token) => {}
            None => self.said.unread.push((token.from, token.end)),
        }
        self.last = role;
        // A list of numbers goes on with what was said of the first.
        let goes_on = CONJUNCTIONS.iter().any(|word| {
            self.starts(token.end, word)
                && numerals::token(self.chars, token.end + word.chars().count())
                    .is_some_and(|next| !matches!(next.kind, Kind::Nothing | Kind::Year))
        });
        let (previous, share, word) = (self.previous, self.share, self.word);
        self.number_ends(token);
        self.previous = previous && goes_on;
        if former {
            // 占比由15.3%提升到22.2%: what comes next is of the same.
            (self.share, self.word, self.from) = (share, word, false);
        }
    }
}
