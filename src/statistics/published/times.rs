//! Of which time the numbers of a sentence are: its year, another one, a part of one. Each clause has its own.

use super::{
    numerals::Token,
    prose::{Subject, Walk},
};

/// A time that numbers are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Time {
    Year(i32),
    /// A part of a year: there are no figures of it, and a paragraph that tells of one goes on with it.
    Part,
    /// Several years, or what is compared with another year than the one before.
    Other,
}

/// A time that is told for less than a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Aside {
    time: Time,
    /// Whether it is only what something is compared with (较上年): for one number, or for none.
    is_compared: bool,
}

/// The times of a sentence on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// What the sentence is about, from its beginning or from a later clause on.
    base: Time,
    /// Whether the sentence has named it.
    pub(super) is_named: bool,
    /// Whether the sentence goes from year to year.
    pub(super) is_series: bool,
    aside: Option<Aside>,
    /// Whether a clause spoke of another time, so that it is not sure of which the next one speaks.
    pub(super) is_doubtful: bool,
    in_brackets: bool,
}

/// Words right before a time with which something is compared.
const COMPARED: &str = "较比与同于由从自对跟和";

impl Times {
    pub(super) const fn new(base: Time) -> Self {
        Self {
            base,
            is_named: false,
            is_series: false,
            aside: None,
            is_doubtful: false,
            in_brackets: false,
        }
    }

    /// The time of the next number.
    pub(super) fn now(&self) -> Time {
        self.aside.map_or(self.base, |aside| aside.time)
    }

    /// The time that the sentence goes on with.
    pub(super) const fn base(&self) -> Time {
        self.base
    }

    pub(super) const fn bracket(&mut self, opens: bool) {
        self.in_brackets = opens;
        if !opens {
            self.aside = None;
        }
    }

    pub(super) fn clause_ends(&mut self) {
        if self.in_brackets {
            return;
        }
        self.is_doubtful |= self.aside.is_some_and(|aside| !aside.is_compared);
        self.aside = None;
    }

    /// What something was compared with was told.
    pub(super) fn number_ends(&mut self, goes_on: bool) {
        if !goes_on && self.aside.is_some_and(|aside| aside.is_compared) {
            self.aside = None;
        }
    }

    /// 增长: what it is compared with is no time of its own, if it is the year before.
    pub(super) fn grows(&mut self) {
        if let Some(aside) = self.aside.filter(|aside| aside.is_compared) {
            let is_year_before =
                matches!((aside.time, self.base), (Time::Year(with), Time::Year(of)) if with + 1 == of);
            self.aside = (!is_year_before).then_some(Aside {
                time: Time::Other,
                is_compared: true,
            });
        }
    }

    /// 今年, 全年.
    pub(super) fn back_to(&mut self, year: i32) {
        self.aside = None;
        if matches!(self.base, Time::Part | Time::Other) {
            self.base = Time::Year(year);
        }
    }
}

impl Walk<'_, '_, '_> {
    /// A time named at `from`, its name ending at `end`.
    pub(super) fn take_time(&mut self, from: usize, end: usize, time: Time) {
        let before = from.checked_sub(1).and_then(|before| self.chars.get(before));
        let is_compared =
            before.is_some_and(|c| COMPARED.contains(*c)) || self.starts(end, "基础") || self.starts(end, "相比");
        let is_first = self.last_end == 0;
        let report = Time::Year(self.prose.year);
        let times = &mut self.times;
        if is_compared || times.in_brackets {
            times.aside = Some(Aside { time, is_compared });
        } else if is_first || times.base != report || time == report {
            times.is_series |= !is_first && times.base != time;
            (times.base, times.aside, times.is_doubtful) = (time, None, false);
            times.is_named = true;
        } else {
            times.aside = Some(Aside { time, is_compared });
        }
    }

    /// 2024年; 2021年以来 is several.
    pub(super) fn take_year(&mut self, token: &Token) {
        let year = token
            .printed
            .as_ref()
            .and_then(|printed| printed.text.parse::<i32>().ok());
        let Some(year) = year else { return };
        let is_several = ["以来", "起", "开始"].iter().any(|word| self.starts(token.end, word));
        let time = if is_several { Time::Other } else { Time::Year(year) };
        self.take_time(token.from, token.end, time);
    }

    /// Whose a number is at the time that is spoken of, and whether it is that of the year before.
    pub(super) fn subject_then(&self, subject: &Subject) -> (Subject, bool) {
        let year = self.prose.year;
        let subject = match subject {
            // 2023年成交额6.14亿元，2024年8.14亿元.
            Subject::None if self.times.is_series && self.amount_named => &Subject::Whole(true),
            subject => subject,
        };
        match self.times.now() {
            Time::Year(of) if of == year => (subject.clone(), false),
            Time::Year(of) if of + 1 == year => (subject.clone(), true),
            Time::Year(of) if of < year && matches!(subject, Subject::None | Subject::Whole(_)) => {
                (Subject::Year(of), false)
            }
            _ => (Subject::Unknown, false),
        }
    }
}
