//! Amounts in a sentence that name contracts by their size and are no figures themselves.

use super::{
    numerals::{self, Kind, Token},
    prose::{Subject, Walk},
};
use crate::{
    domain::{
        code_list::ListName,
        money::{FEN_PER_WAN_YUAN, Fen},
    },
    statistics::coder::Section,
};

impl Walk<'_, '_, '_> {
    /// 500万元及以上, 100万元以下, 20万元至50万元: what is told is about contracts of that size.
    pub(super) fn threshold(&mut self, token: &Token) -> Option<usize> {
        let fen = |token: &Token| -> Option<Fen> {
            let printed = token.printed.as_ref().filter(|_| token.kind == Kind::Money)?;
            let value = printed.value()?.whole()?;
            Fen::try_from(value).ok()
        };
        let begin = self.behind_brackets(token.end);
        // 20万元至50万元, 20-50万元.
        if let Some('至' | '-' | '~') = self.chars.get(begin)
            && let Some(to) = numerals::token(self.chars, begin + 1).filter(|to| to.kind == Kind::Money)
        {
            let low = fen(token).or_else(|| {
                let printed = token.printed.as_ref().filter(|_| token.kind == Kind::Bare)?;
                let wan = i64::try_from(printed.value()?.whole()?).ok()?;
                wan.checked_mul(i64::try_from(FEN_PER_WAN_YUAN).ok()?)
            });
            let subject = low.zip(fen(&to)).and_then(|(low, high)| self.size_class(low, high));
            self.set_subject(subject.unwrap_or(Subject::Unknown));
            return Some(self.behind_brackets(to.end));
        }
        let value = fen(token)?;
        let (up, end) = [
            ("及以上", true),
            ("以上", true),
            ("以下", false),
            ("以内", false),
            ("及以下", false),
        ]
        .iter()
        .find(|(word, _)| self.starts(begin, word))
        .map(|(word, up)| (*up, begin + word.chars().count()))?;
        let group = match (up, value) {
            (true, value) if value == self.prose.large_from => "large",
            (true, 100_000_000) => "bands.from_1m",
            (false, 10_000_000) => "bands.under_100k",
            (false, 100_000_000) => "bands.under_1m",
            (false, 1_000_000_000) => "bands.under_10m",
            (true, 10_000_000_000) if self.starts(end, "的单位") || self.starts(end, "单位") => {
                self.set_subject(Subject::UnitsAboveYi);
                return Some(end);
            }
            (true, 10_000_000_000) => {
                let class = self.size_class(value, Fen::MAX);
                self.set_subject(class.unwrap_or(Subject::Unknown));
                return Some(end);
            }
            _ => {
                self.set_subject(Subject::Unknown);
                return Some(end);
            }
        };
        let known = matches!(
            self.context.subject,
            Subject::None | Subject::Whole(_) | Subject::Group("large")
        );
        self.set_subject(if known { Subject::Group(group) } else { Subject::Unknown });
        Some(end)
    }

    /// The first character behind （含） and the like.
    fn behind_brackets(&self, at: usize) -> usize {
        const BRACKETS: [&str; 4] = ["（含）", "（不含）", "（含本数）", "（含"];
        let found = BRACKETS.iter().find(|word| self.starts(at, word));
        at + found.map_or(0, |word| word.chars().count())
    }

    fn size_class(&self, low: Fen, high: Fen) -> Option<Subject> {
        let items = self.prose.vocabulary.catalogue.list(ListName::SizeClass).items();
        let at = items.iter().position(|item| item.from_fen == Some(low))?;
        let to = items.get(at + 1).and_then(|next| next.from_fen).unwrap_or(Fen::MAX);
        (to == high).then(|| {
            Subject::Item(
                Section::Sizes,
                items.get(at).map(|item| item.id.clone()).unwrap_or_default(),
            )
        })
    }
}
