//! What is asked for: a year or a part of it, as of a moment; and which years must be read to answer.

use std::{ops::RangeInclusive, sync::LazyLock};

use serde::Deserialize;

use super::span::Span;
use crate::domain::{
    money::Fen,
    time::{Date, Moment},
};

/// A five-year plan (五年规划).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// 十四五.
    pub name: String,
    /// First year.
    pub from: i32,
    /// Last year.
    pub to: i32,
    /// The year that growth over the plan is measured from.
    pub base_year: i32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    large_from_yuan: i64,
    plans: Vec<Plan>,
}

static SETTINGS: LazyLock<Result<Settings, String>> =
    LazyLock::new(|| toml::from_str(include_str!("../../config/statistics.toml")).map_err(|e| e.to_string()));

/// Why a question cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// The year is outside 1900–2200.
    #[error("年份应在 1900 至 2200 之间")]
    Year,
    /// `until` lies in another year.
    #[error("截止日期应在统计年度 {0} 年之内")]
    Until(i32),
    /// The month is none.
    #[error("月份应在 1 至 12 之间")]
    Month,
    /// The quarter is none.
    #[error("季度应在 1 至 4 之间")]
    Quarter,
    /// More than one of month, quarter and last day.
    #[error("月份、季度、截止日期只能指定其中一项")]
    Spans,
    /// The program's own `config/statistics.toml` is broken; a test holds that it is not.
    #[error("config/statistics.toml 有误：{0}")]
    Settings(String),
}

/// A question to the register: the figures of `year` as of `as_of`, of what was confirmed within `span`.
#[derive(Debug, Clone)]
pub struct Question {
    year: i32,
    as_of: Moment,
    span: Span,
    plan: Option<Plan>,
    large_from_fen: Fen,
}

/// How many years the series shows, Y included (published report, table 1).
const SERIES_YEARS: i32 = 5;

/// Amount from which a contract is large, by `config/statistics.toml`.
pub(super) fn large_from_fen() -> Result<Fen, QuestionError> {
    let settings = SETTINGS.as_ref().map_err(|e| QuestionError::Settings(e.clone()))?;
    Ok(settings.large_from_yuan.saturating_mul(100))
}

impl Question {
    /// Asks for `year`.
    ///
    /// # Errors
    /// Where the year is outside 1900–2200 or `until` lies outside the year.
    pub fn new(year: i32, as_of: Moment, until: Option<Date>) -> Result<Self, QuestionError> {
        Self::within(year, as_of, until.into())
    }

    /// Asks for a part of `year`.
    ///
    /// # Errors
    /// Where the year is outside 1900–2200 or has no such part.
    pub fn within(year: i32, as_of: Moment, span: Span) -> Result<Self, QuestionError> {
        if !(1900..=2200).contains(&year) {
            return Err(QuestionError::Year);
        }
        span.check(year)?;
        let settings = SETTINGS.as_ref().map_err(|e| QuestionError::Settings(e.clone()))?;
        Ok(Self {
            year,
            as_of,
            span,
            plan: settings.plans.iter().find(|p| (p.from..=p.to).contains(&year)).cloned(),
            large_from_fen: large_from_fen()?,
        })
    }

    /// The year asked for.
    pub const fn year(&self) -> i32 {
        self.year
    }

    /// The moment whose state of things is counted.
    pub const fn as_of(&self) -> Moment {
        self.as_of
    }

    /// The part of the year asked for.
    pub const fn span(&self) -> Span {
        self.span
    }

    /// The five-year plan that holds the year.
    pub const fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// Amount from which a contract is large (published report, chapter 八).
    pub const fn large_from_fen(&self) -> Fen {
        self.large_from_fen
    }

    /// The years of the series.
    pub fn series(&self) -> RangeInclusive<i32> {
        self.year - SERIES_YEARS + 1..=self.year
    }

    /// The years of first confirmation whose contracts must be handed in: those of the series, of the plan so far, and its base.
    pub fn years_needed(&self) -> RangeInclusive<i32> {
        let first = *self.series().start();
        let first = self
            .plan()
            .map_or(first, |plan| first.min(plan.from).min(plan.base_year));
        first..=self.year
    }

    /// Whether the question is of the whole year.
    pub fn is_whole_year(&self) -> bool {
        self.span.is_whole_year(self.year, self.as_of)
    }

    /// The first moment counted in `year`, each year's span beginning at the same month.
    pub fn start(&self, year: i32) -> Moment {
        self.span.start(year)
    }

    /// The first moment no longer counted in `year`, each year being cut at the same month and day
    /// (29 February: the 28th in a year without one). A part of a year that is not over is compared with the same part of others:
    /// they are cut at the day that it has come to.
    pub fn cut(&self, year: i32) -> Moment {
        if year == self.year {
            self.span.cut(year)
        } else {
            self.span.compared_cut(self.year, self.as_of, year)
        }
    }

    /// Whether something that happened at `at` belongs to the part of the year asked for, up to `as_of`.
    pub fn holds(&self, at: Moment) -> bool {
        self.start(self.year) <= at && at < self.cut(self.year) && at <= self.as_of
    }

    /// The day whose state is shown: of `as_of` and the last day of the span, whichever is earlier.
    pub fn closing_day(&self) -> Date {
        self.span.last_day(self.year).min(self.as_of.date())
    }

    /// The last moment that counts for what is a number of persons at a moment: that of the question, or the last one of the
    /// closing day where that is earlier.
    pub fn closing_moment(&self) -> Moment {
        let last = Moment::from_micros(Moment::end_of(self.closing_day()).micros() - 1);
        last.min(self.as_of)
    }
}

/// The five-year plan that holds the year; `None` where there is none.
pub fn plan_of(year: i32) -> Option<&'static Plan> {
    let settings = SETTINGS.as_ref().ok()?;
    settings.plans.iter().find(|plan| (plan.from..=plan.to).contains(&year))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::parse_date;

    fn ask(year: i32, until: Option<&str>) -> Question {
        Question::new(year, Moment::start_of_year(2040), until.map(|d| parse_date(d).unwrap())).unwrap()
    }

    #[test]
    fn the_years_needed_reach_back_to_the_base_of_the_plan() {
        for (year, from) in [
            (2025, 2020),
            (2021, 2017),
            (2023, 2019),
            (2026, 2022),
            (2030, 2025),
            (2050, 2046),
        ] {
            assert_eq!(ask(year, None).years_needed(), from..=year, "{year}");
        }
        assert_eq!(
            ask(2025, None).plan().map(|p| (p.name.as_str(), p.base_year)),
            Some(("十四五", 2020))
        );
        assert_eq!(ask(2050, None).plan(), None);
    }

    #[test]
    fn every_year_is_cut_at_the_same_day_and_the_leap_day_where_it_is_none() {
        let until = |q: &Question, year| (q.cut(year).plus_seconds(-1)).to_string();
        let leap = ask(2024, Some("2024-02-29"));
        assert_eq!(until(&leap, 2024), "2024-02-29T23:59:59.000000+08:00");
        assert_eq!(until(&leap, 2023), "2023-02-28T23:59:59.000000+08:00");
        assert_eq!(until(&leap, 2020), "2020-02-29T23:59:59.000000+08:00");
        assert_eq!(until(&ask(2024, None), 2023), "2023-12-31T23:59:59.000000+08:00");
        assert!(ask(2024, Some("2024-12-31")).is_whole_year() && !leap.is_whole_year());
    }

    #[test]
    fn a_day_of_another_year_and_an_impossible_year_are_refused() {
        let now = Moment::start_of_year(2040);
        let day = parse_date("2024-06-30").unwrap();
        assert_eq!(
            Question::new(2025, now, Some(day)).err(),
            Some(QuestionError::Until(2025))
        );
        assert_eq!(Question::new(0, now, None).err(), Some(QuestionError::Year));
    }

    #[test]
    fn the_closing_day_is_the_earliest_of_the_three() {
        let day = |year, as_of: &str, until: Option<&str>| {
            let until = until.map(|d| parse_date(d).unwrap());
            Question::new(year, Moment::parse(as_of).unwrap(), until)
                .unwrap()
                .closing_day()
                .to_string()
        };
        assert_eq!(day(2025, "2026-03-01T00:00:00+08:00", None), "2025-12-31");
        assert_eq!(day(2025, "2025-07-01T00:00:00+08:00", None), "2025-07-01");
        assert_eq!(day(2025, "2025-07-01T00:00:00+08:00", Some("2025-06-30")), "2025-06-30");
    }
}
