//! The numbers of a sentence, one by one or in lists, given to whom they are.

use super::{
    attribution::is_small_word,
    numerals::{self, Kind, Token},
    prose::{Role, Subject, Walk},
    statement::Told,
    times::Time,
    words::{CONJUNCTIONS, WORDS, Word},
};
use crate::statistics::coder::Section;

impl Walk<'_, '_, '_> {
    /// Numbers one after the other from `first` on.
    fn list(&self, first: &Token) -> Vec<Token> {
        let mut list = vec![first.clone()];
        let mut end = first.end;
        while list.len() < 30 {
            let next = CONJUNCTIONS.iter().take(5).find(|word| self.starts(end, word));
            let Some(token) = next.and_then(|word| numerals::token(self.chars, end + word.chars().count())) else {
                break;
            };
            if !token.is_number() {
                break;
            }
            end = token.end;
            list.push(token);
        }
        list
    }

    pub(super) fn take_number(&mut self, token: &Token) -> usize {
        match token.kind {
            Kind::Nothing => return token.end,
            Kind::Year => {
                self.take_year(token);
                return token.end;
            }
            Kind::Years | Kind::Months => {
                let time = if token.kind == Kind::Months {
                    Time::Part
                } else {
                    Time::Other
                };
                self.take_time(token.from, token.end, time);
                return token.end;
            }
            Kind::AllMonths => {
                self.times.back_to(self.prose.year);
                return token.end;
            }
            _ => {}
        }
        let token = &self.as_contracts(token);
        // 一师、二师等十八个单位: how many they are.
        let is_count = token.chinese && matches!(token.kind, Kind::Units | Kind::Other);
        if is_count && token.from > 0 && self.starts(token.from - 1, "等") {
            return token.end;
        }
        if let Some(end) = self.threshold(token) {
            return end;
        }
        let next = self.known.partition_point(|(_, end, _)| *end <= token.from);
        let here = self.known.get(next..).unwrap_or_default().iter();
        let here = here.take_while(|(from, _, _)| *from < token.end);
        let (refused, known): (Vec<_>, Vec<_>) = here.partition(|(_, _, figure)| self.contradicts(figure, token));
        let refused = refused.into_iter().map(|(from, _, figure)| (*from, figure.clone()));
        self.said.refused.extend(refused);
        if let Some((_, _, figure)) = known.first() {
            self.last = Some(match figure.rsplit('.').next() {
                Some("contracts") => Role::Contracts,
                Some("amount") => Role::Amount,
                Some("technology_amount") => Role::Technology,
                _ => self.last.unwrap_or(Role::Other),
            });
            // What is registered in the same sentence is of the same.
            if figure == "total.contracts" && matches!(self.context.subject, Subject::None | Subject::Whole(_)) {
                self.context.subject = Subject::Whole(true);
            }
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
        // 一师、二师成交额均为300万元: each of them.
        if list.len() == 1 && self.run.len() > 1 && self.each {
            let told = self.said.told.len();
            let subjects: Vec<Subject> = self
                .run
                .iter()
                .map(|(section, id)| Subject::Item(*section, id.clone()))
                .collect();
            self.put_list(&vec![token.clone(); subjects.len()], &subjects);
            for again in self.said.told.iter_mut().skip(told + 1) {
                again.is_again = true;
            }
            return token.end;
        }
        if !targets.is_empty() {
            self.put_list(&list, &targets);
            return list.last().map_or(token.end, |last| last.end);
        }
        // Of as many as are named, not all of whom are known.
        if same && list.len() > 1 && self.respectively {
            self.put_list(&list, &vec![Subject::Unknown; list.len()]);
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
        let subject = self.by_what_follows(token, subject);
        self.shares_in(token);
        let share = (self.share && self.growth.is_none()).then_some(self.word);
        self.put(token, &subject);
        self.restated(token, &subject, share)
    }

    /// 计划内项目490个: contracts, where it is right behind the name of such.
    fn as_contracts(&self, token: &Token) -> Token {
        let is_item = token.kind == Kind::Other && self.starts(token.end - 1, "个") && self.run_end == token.from;
        let is_named = matches!(self.run.as_slice(), [(Section::Plan | Section::Types, _)]);
        let kind = if is_item && is_named {
            Kind::Contracts
        } else {
            token.kind
        };
        Token { kind, ..token.clone() }
    }

    /// 贡献了64.7%的成交额: a share, of what stands behind it.
    fn shares_in(&mut self, token: &Token) {
        const SHARING: [&str; 5] = ["贡献", "撑起", "占据", "包揽", "创造"];
        const AMOUNTS: [&str; 4] = ["的成交额", "的合同成交额", "的成交金额", "的金额"];
        const COUNTS: [&str; 4] = ["的份数", "的项数", "的合同数", "的合同份数"];
        if token.kind != Kind::Percent || self.share || self.growth.is_some() {
            return;
        }
        let from = token.from.saturating_sub(4).max(self.last_end);
        let is_shared = (from..token.from).any(|at| SHARING.iter().any(|word| self.starts(at, word)));
        let is_of = |words: [&str; 4]| words.iter().any(|word| self.starts(token.end, word));
        let word = match () {
            () if is_of(AMOUNTS) => Role::Amount,
            () if is_of(COUNTS) => Role::Contracts,
            () => return,
        };
        if is_shared {
            (self.share, self.word) = (true, Some(word));
        }
    }

    /// Reads a share that is told a second time, more precisely: 不足两成，为16.9%; 四成半（44.8%）. Gives where to go on.
    fn restated(&mut self, token: &Token, subject: &Subject, share: Option<Option<Role>>) -> usize {
        const BEFORE: [&str; 3] = ["（", "，为", "，即"];
        let Some(word) = share.filter(|_| token.kind == Kind::Percent) else {
            return token.end;
        };
        let found = BEFORE.iter().find(|word| self.starts(token.end, word));
        let next = found.and_then(|word| numerals::token(self.chars, token.end + word.chars().count()));
        let Some(next) = next.filter(|next| next.kind == Kind::Percent) else {
            return token.end;
        };
        let is_closed = found != Some(&"（") || self.starts(next.end, "）");
        let is_alone = found == Some(&"（") || !self.starts(next.end, "的");
        if !is_closed || !is_alone {
            return token.end;
        }
        (self.share, self.word) = (true, word);
        self.put(&next, subject);
        next.end
    }

    fn put_list(&mut self, list: &[Token], subjects: &[Subject]) {
        let (growth, share, word, times, last) = (self.growth, self.share, self.word, self.times, self.last);
        for (token, subject) in list.iter().zip(subjects) {
            (self.growth, self.share, self.word, self.times, self.last) = (growth, share, word, times, last);
            self.put(token, subject);
        }
        self.respectively = false;
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
        (self.difference, self.each, self.part) = (false, false, false);
        self.word = None;
        self.run.clear();
        self.last_end = token.end;
    }

    fn put(&mut self, token: &Token, subject: &Subject) {
        let former = self.is_former(token);
        let (then, previous) = self.subject_then(subject);
        let previous = previous || former;
        let printed = token.printed.as_ref().filter(|_| !self.difference);
        let read = printed.and_then(|printed| {
            let (figure, printed, sure) = self.figure(token, printed, &then, previous)?;
            Some(Told {
                at: token.from,
                figure,
                printed,
                is_again: false,
                // The name that nobody knows may be whose it is, not what was named before it.
                is_sure: sure && !self.strange && !self.times.is_doubtful,
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
                && numerals::token(self.chars, token.end + word.chars().count()).is_some_and(|next| next.is_number())
        });
        let (share, word) = (self.share, self.word);
        self.number_ends(token);
        self.times.number_ends(goes_on);
        if former {
            // 占比由15.3%提升到22.2%: what comes next is of the same.
            (self.share, self.word, self.from) = (share, word, false);
        }
    }
}
