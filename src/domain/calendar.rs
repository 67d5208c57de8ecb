//! Working days: Monday to Friday, but for the public holidays and make-up working days that the State Council announces for each
//! year; data from `config/calendars/<year>.csv` (`date,kind`, kind `holiday` or `workday`).

use std::collections::{BTreeSet, HashMap};

use chrono::{Datelike, Weekday};
use serde::Deserialize;

use super::{
    catalogue::CatalogueError,
    time::{Date, parse_date},
};

/// Which days are working days.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    years: BTreeSet<i32>,
    /// Days that are not what their weekday says, or are named in a file: whether one works on them.
    days: HashMap<Date, bool>,
}

/// A line of a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    date: String,
    kind: String,
}

impl Calendar {
    /// Adds `text`, the file `file` (named in errors), whose name without ending `stem` is the year.
    ///
    /// # Errors
    /// A name that is no year; a line that is not of the form; an unreadable date, one of another year or named twice; an
    /// unknown kind.
    pub(super) fn add_file(&mut self, stem: &str, file: &str, text: &str) -> Result<(), CatalogueError> {
        let year: i32 = stem
            .parse()
            .ok()
            .filter(|year| (1900..=2200).contains(year))
            .ok_or_else(|| CatalogueError::new(file, "", "文件名应为年份，例如 2026.csv"))?;
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        for (at, line) in reader.deserialize::<Line>().enumerate() {
            let wrong = |problem: String| CatalogueError::new(file, format!("第{}行", at + 2), problem);
            let line = line.map_err(|e| wrong(format!("不是规定的格式（date,kind）：{e}")))?;
            let day = parse_date(&line.date).map_err(|rule| wrong(format!("“{}”：{rule}", line.date)))?;
            if day.year() != year {
                return Err(wrong(format!("{day} 不在 {year} 年")));
            }
            let works = match line.kind.as_str() {
                "holiday" => false,
                "workday" => true,
                other => return Err(wrong(format!("种类“{other}”应为 holiday 或 workday"))),
            };
            if self.days.insert(day, works).is_some() {
                return Err(wrong(format!("{day} 重复")));
            }
        }
        self.years.insert(year);
        Ok(())
    }

    /// Whether the year has a file.
    pub fn has_year(&self, year: i32) -> bool {
        self.years.contains(&year)
    }

    /// Whether one works on the day; Monday to Friday where no file says otherwise.
    pub fn is_working_day(&self, day: Date) -> bool {
        let weekday = || !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        self.days.get(&day).copied().unwrap_or_else(weekday)
    }

    /// The `count`-th working day after `start`, and whether every day looked at lies in a year that has a file.
    pub fn add_working_days(&self, start: Date, count: u16) -> (Date, bool) {
        let (mut day, mut left, mut complete) = (start, count, true);
        while left > 0 {
            let Some(next) = day.succ_opt() else { break };
            day = next;
            complete &= self.has_year(day.year());
            left -= u16::from(self.is_working_day(day));
        }
        (day, complete)
    }
}
