//! Whose a number is, by the names in its sentence: items of code lists, and those that have no figures.

use super::{
    numerals,
    numerals::Token,
    prose::{Subject, Walk},
    words::{CONJUNCTIONS, ENDS_OF_LISTS, SUFFIXES},
};
use crate::statistics::coder::Section;

/// Words before a name with which something is compared.
pub(super) const AGAINST: [&str; 11] = [
    "比",
    "较",
    "高于",
    "低于",
    "多于",
    "少于",
    "超过",
    "领先",
    "仅次于",
    "不及",
    "优于",
];

/// Characters before 开发合同 and the like behind which it is the type: 专利权转让合同 is a part of one.
const BEFORE_TYPES: &str = "、，：；（）“”及和与中为的是类按项份件元%";

/// A name in the text.
pub(super) struct Mention {
    pub(super) end: usize,
    pub(super) section: Section,
    pub(super) id: String,
}

impl Walk<'_, '_, '_> {
    /// The longest name at `at`, of the section that the sentence is about where several have it.
    pub(super) fn mention(&self, at: usize) -> Option<Mention> {
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

    /// Whether words that also mean other things are a name here.
    fn is_meant(&self, section: Section, at: usize, length: usize) -> bool {
        let name: String = self.chars.get(at..at + length).unwrap_or_default().iter().collect();
        let about = self.context.topic == Some(section)
            || matches!(&self.context.subject, Subject::Item(of, _) if *of == section);
        let behind = at + length;
        let before = at.checked_sub(1).and_then(|before| self.chars.get(before));
        match (section, name.as_str()) {
            (Section::Types, "开发" | "转让" | "咨询" | "服务" | "许可") => {
                before.is_none_or(|c| BEFORE_TYPES.contains(*c))
                    && (["类合同", "合同", "类", "两类", "三类"]
                        .iter()
                        .any(|word| self.starts(behind, word))
                        || self.is_listed_type(behind))
            }
            (Section::Sellers, "企业") => {
                let qualified = before.is_some_and(|c| "术型有营小属大市团直业".contains(*c));
                !qualified
                    && (about
                        || ["输出", "作为卖方", "卖方", "登记合同", "共登记"]
                            .iter()
                            .any(|w| self.starts(behind, w)))
            }
            (Section::Sellers, "其他") => about && !self.starts(behind, "合同类"),
            (Section::Flows, "地方") => about,
            // 南疆四师一校: how many they are.
            (Section::Units, _) => {
                !(self.starts(behind, "一校") || self.starts(behind, "两校") || self.starts(behind, "三校"))
            }
            (Section::Fields, "农业") => !self.starts(behind, "科学院") && !self.starts(behind, "大学"),
            _ => true,
        }
    }

    /// Whether another short name of a type follows behind a conjunction: 开发与服务两类.
    fn is_listed_type(&self, at: usize) -> bool {
        let skip = CONJUNCTIONS.iter().take(5).find(|word| self.starts(at, word));
        let next = skip.map(|word| at + word.chars().count());
        next.is_some_and(|next| {
            let found = self.sentence.name_at(Section::Types, next);
            found.is_some_and(|(length, _)| {
                ["类", "合同", "两类", "三类"]
                    .iter()
                    .any(|word| self.starts(next + length, word))
            })
        })
    }

    /// Behind a name and the words that belong to it.
    pub(super) fn behind_suffix(&self, end: usize) -> usize {
        let suffix = SUFFIXES
            .iter()
            .chain(&ENDS_OF_LISTS)
            .find(|suffix| self.starts(end, suffix));
        end + suffix.map_or(0, |suffix| suffix.chars().count())
    }

    /// Somebody or something that has no figures: what comes is nobody's who was named before.
    pub(super) fn take_stranger(&mut self) {
        let is_known = self.context.subject != Subject::Unknown;
        self.set_subject(Subject::Unknown);
        self.is_strangers |= is_known;
        self.named = false;
    }

    /// A name at the beginning of a clause ends what was said of a stranger.
    pub(super) fn begins_anew(&mut self, is_fresh: bool) {
        if is_fresh && self.is_strangers && self.context.subject == Subject::Unknown {
            self.set_subject(Subject::None);
            self.crossed = None;
        }
    }

    pub(super) fn take_name(&mut self, at: usize, mention: Mention) -> usize {
        let end = self.behind_suffix(mention.end);
        // 占技术服务的: a share of something else; 比八师多, 高于八师、九师: something to compare with.
        let is_compared = AGAINST.iter().any(|word| {
            at.checked_sub(word.chars().count())
                .is_some_and(|from| self.starts(from, word))
        });
        let goes_on = self.against_end > 0
            && CONJUNCTIONS
                .iter()
                .take(5)
                .any(|word| self.starts(self.against_end, word) && self.against_end + word.chars().count() == at);
        if is_compared || goes_on {
            self.against_end = end;
            // 高于八师300万元.
            self.difference |= numerals::token(self.chars, end).is_some_and(|next| next.is_number());
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
        (self.named, self.strange, self.part) = (true, false, false);
        self.run.push((section, id.clone()));
        self.run_end = end;
        self.last = None;
        let unknown = self.context.subject == Subject::Unknown && self.crossed == Some(section);
        self.context.subject = match &self.context.subject {
            Subject::Group("imports") | Subject::ImportsOf(_) if section == Section::Types => Subject::ImportsOf(id),
            // What has no figures has none by items either.
            Subject::Group(_) | Subject::TopTen => Subject::Unknown,
            Subject::Unknown if !unknown => Subject::Unknown,
            _ => Subject::Item(section, id),
        };
        if let Subject::Item(..) = self.context.subject {
            // What the first name of a sentence is of, the others are of, too.
            self.crossed = self.crossed.or(Some(section));
            let subject = self.context.subject.clone();
            if self.context.recent.last() != Some(&subject) {
                self.context.recent.push(subject);
                let extra = self.context.recent.len().saturating_sub(30);
                self.context.recent.drain(..extra);
            }
        }
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

    /// The item whose number this is where it is named behind it.
    pub(super) fn named_behind(&self, token: &Token) -> Option<Subject> {
        let skip = ["的", "为", "是", "属于"]
            .iter()
            .find(|word| self.starts(token.end, word))?;
        let mention = self.mention(token.end + skip.chars().count())?;
        // 1.61亿元的成交额 is not meant; nor one whose own number follows.
        let behind = self.behind_suffix(mention.end);
        if numerals::token(self.chars, behind).is_some_and(|next| next.is_number()) {
            return Some(Subject::Unknown);
        }
        Some(Subject::Item(mention.section, mention.id))
    }
}
