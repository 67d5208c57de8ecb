//! Which part of a year is asked for: the year, a month, a quarter, or the year up to a day; the same part of every year that it is
//! compared with.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::question::QuestionError;
use crate::domain::time::{Date, Moment};

/// A part of a year.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// The whole year.
    #[default]
    Year,
    /// A month, 1–12 (月报).
    Month(u32),
    /// A quarter, 1–4 (季报).
    Quarter(u32),
    /// From 1 January up to the end of that day.
    Until(Date),
}

impl From<Option<Date>> for Span {
    fn from(until: Option<Date>) -> Self {
        until.map_or(Self::Year, Self::Until)
    }
}

impl Span {
    /// The span that a month, a quarter or a last day name, of which at most one may be given.
    ///
    /// # Errors
    /// Where more than one is given.
    pub fn of(month: Option<u32>, quarter: Option<u32>, until: Option<Date>) -> Result<Self, QuestionError> {
        match (month, quarter, until) {
            (None, None, until) => Ok(until.into()),
            (Some(month), None, None) => Ok(Self::Month(month)),
            (None, Some(quarter), None) => Ok(Self::Quarter(quarter)),
            _ => Err(QuestionError::Spans),
        }
    }

    /// Whether there is such a span of `year`.
    pub(super) fn check(self, year: i32) -> Result<(), QuestionError> {
        match self {
            Self::Month(month) if !(1..=12).contains(&month) => Err(QuestionError::Month),
            Self::Quarter(quarter) if !(1..=4).contains(&quarter) => Err(QuestionError::Quarter),
            Self::Until(day) if day.year() != year => Err(QuestionError::Until(year)),
            _ => Ok(()),
        }
    }

    /// The month, where it is one.
    pub const fn month(self) -> Option<u32> {
        match self {
            Self::Month(month) => Some(month),
            _ => None,
        }
    }

    /// The quarter, where it is one.
    pub const fn quarter(self) -> Option<u32> {
        match self {
            Self::Quarter(quarter) => Some(quarter),
            _ => None,
        }
    }

    /// The last day, where the span is the year up to it.
    pub const fn until(self) -> Option<Date> {
        match self {
            Self::Until(day) => Some(day),
            _ => None,
        }
    }

    /// Whether it holds the whole year and is compared with whole years: the year itself, and the year up to 31 December once that is
    /// over as of `as_of`. Until then it is a part of a year like any other.
    pub fn is_whole_year(self, year: i32, as_of: Moment) -> bool {
        match self {
            Self::Year => true,
            Self::Until(day) => (day.month(), day.day()) == (12, 31) && self.counted_to(year, as_of).is_none(),
            Self::Month(_) | Self::Quarter(_) => false,
        }
    }

    /// Its first day in `year`.
    pub fn first_day(self, year: i32) -> Date {
        let month = match self {
            Self::Year | Self::Until(_) => 1,
            Self::Month(month) => month,
            Self::Quarter(quarter) => quarter * 3 - 2,
        };
        first_of(year, month)
    }

    /// Its last day in `year` (29 February: the 28th in a year without one).
    pub fn last_day(self, year: i32) -> Date {
        let before = |day: Date| day.pred_opt().unwrap_or(day);
        match self {
            Self::Year => before(first_of(year + 1, 1)),
            Self::Month(month) => before(first_of(year, month + 1)),
            Self::Quarter(quarter) => before(first_of(year, quarter * 3 + 1)),
            Self::Until(day) => {
                NaiveDate::from_ymd_opt(year, day.month(), day.day()).unwrap_or_else(|| before(first_of(year, 3)))
            }
        }
    }

    /// The last day that had begun before `as_of`, where this part of `year` was not over then; it may lie before the first. The year
    /// itself is not cut.
    pub fn counted_to(self, year: i32, as_of: Moment) -> Option<Date> {
        let last = Moment::from_micros(as_of.micros().saturating_sub(1)).date();
        (self != Self::Year && last < self.last_day(year)).then_some(last)
    }

    /// The first moment no longer counted in `other`, a year that this part of `year` as of `as_of` is compared with: where the part
    /// was not over, both are cut at the same day.
    pub fn compared_cut(self, year: i32, as_of: Moment, other: i32) -> Moment {
        match self.counted_to(year, as_of) {
            Some(day) if day < self.first_day(year) => self.start(other),
            Some(day) => Self::Until(day).cut(other),
            None => self.cut(other),
        }
    }

    /// Whether this part of `year` had begun before `as_of`.
    pub fn has_begun(self, year: i32, as_of: Moment) -> bool {
        self.start(year) < as_of
    }

    /// The last day of the year before that this part of `year` as of `as_of` is compared with; none for a whole year, and for what
    /// has not begun.
    pub fn compared_until(self, year: i32, as_of: Moment) -> Option<Date> {
        let cut = self.compared_cut(year, as_of, year - 1);
        let last = || Moment::from_micros(cut.micros() - 1).date();
        (!self.is_whole_year(year, as_of) && self.has_begun(year, as_of)).then(last)
    }

    /// Its first moment in `year`.
    pub fn start(self, year: i32) -> Moment {
        Moment::start_of(self.first_day(year))
    }

    /// The first moment after it in `year`.
    pub fn cut(self, year: i32) -> Moment {
        Moment::end_of(self.last_day(year))
    }
}

/// The first day of a month; of the next year's where the month is 13.
fn first_of(year: i32, month: u32) -> Date {
    let (year, month) = if month > 12 {
        (year + 1, month - 12)
    } else {
        (year, month)
    };
    NaiveDate::from_ymd_opt(year, month, 1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(span: Span, year: i32) -> String {
        format!("{} {}", span.first_day(year), span.last_day(year))
    }

    #[test]
    fn a_span_is_the_same_part_of_every_year() {
        assert_eq!(days(Span::Year, 2025), "2025-01-01 2025-12-31");
        assert_eq!(days(Span::Month(2), 2024), "2024-02-01 2024-02-29");
        assert_eq!(days(Span::Month(2), 2025), "2025-02-01 2025-02-28");
        assert_eq!(days(Span::Month(12), 2025), "2025-12-01 2025-12-31");
        assert_eq!(days(Span::Quarter(1), 2025), "2025-01-01 2025-03-31");
        assert_eq!(days(Span::Quarter(4), 2025), "2025-10-01 2025-12-31");
        let leap_day = Span::Until(NaiveDate::from_ymd_opt(2024, 2, 29).unwrap());
        assert_eq!(days(leap_day, 2023), "2023-01-01 2023-02-28");
    }

    #[test]
    fn the_year_up_to_its_last_day_is_cut_while_it_runs() {
        let day = |text: &str| crate::domain::time::parse_date(text).unwrap();
        let until = Span::Until(day("2026-12-31"));
        let running = Moment::start_of(day("2026-11-15"));
        assert_eq!(until.counted_to(2026, running), Some(day("2026-11-14")));
        assert_eq!(until.compared_until(2026, running), Some(day("2025-11-14")));
        assert!(!until.is_whole_year(2026, running));
        assert_eq!(Span::Month(12).compared_until(2026, running), None);
        assert!(!Span::Month(12).has_begun(2026, running) && Span::Month(11).has_begun(2026, running));
        let over = Moment::start_of_year(2027);
        assert_eq!(until.compared_until(2026, over), None);
        assert!(until.is_whole_year(2026, over) && Span::Year.is_whole_year(2026, running));
    }

    #[test]
    fn the_quarters_and_the_months_fill_the_year() {
        for spans in [
            (1..=12).map(Span::Month).collect::<Vec<_>>(),
            (1..=4).map(Span::Quarter).collect(),
        ] {
            let mut at = Span::Year.start(2025);
            for span in spans {
                assert_eq!(span.start(2025), at, "{span:?}");
                at = span.cut(2025);
            }
            assert_eq!(at, Span::Year.cut(2025));
        }
    }

    #[test]
    fn at_most_one_part_is_named_and_it_must_exist() {
        let day = NaiveDate::from_ymd_opt(2025, 6, 30);
        assert_eq!(Span::of(None, None, day).map(Span::until), Ok(day));
        assert_eq!(Span::of(Some(3), Some(1), None), Err(QuestionError::Spans));
        assert_eq!(Span::of(None, Some(1), day), Err(QuestionError::Spans));
        assert_eq!(Span::Month(13).check(2025), Err(QuestionError::Month));
        assert_eq!(Span::Quarter(0).check(2025), Err(QuestionError::Quarter));
        assert_eq!(Span::Month(12).check(2025), Ok(()));
    }
}
