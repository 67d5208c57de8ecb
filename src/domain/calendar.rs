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

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        parse_date(text).unwrap()
    }

    /// The embedded calendars.
    fn calendar() -> Calendar {
        crate::config::embedded_catalogue().unwrap().calendar().clone()
    }

    #[test]
    fn holidays_and_make_up_days_count() {
        let calendar = calendar();
        for (text, works) in [
            ("2025-01-01", false),
            ("2025-01-02", true),
            ("2025-01-25", false),
            // Sunday, made up for the Spring Festival.
            ("2025-01-26", true),
            ("2026-01-02", false),
            // Years without a file: Monday to Friday.
            ("2024-10-01", true),
            ("2027-01-02", false),
        ] {
            assert_eq!(calendar.is_working_day(day(text)), works, "{text}");
        }
        assert!(calendar.has_year(2025) && calendar.has_year(2026) && !calendar.has_year(2024));
    }

    #[test]
    fn working_days_are_added_from_the_day_after() {
        let calendar = calendar();
        for (start, count, end, complete) in [
            ("2025-12-31", 0, "2025-12-31", true),
            // 1 to 3 January 2026 are holidays, Sunday the 4th is made up.
            ("2025-12-31", 1, "2026-01-04", true),
            ("2026-01-04", 1, "2026-01-05", true),
            ("2026-12-31", 1, "2027-01-01", false),
            ("2024-12-30", 2, "2025-01-02", false),
        ] {
            assert_eq!(
                calendar.add_working_days(day(start), count),
                (day(end), complete),
                "{start} + {count}"
            );
        }
    }

    #[test]
    fn wrong_files_are_refused() {
        for (stem, text, problem) in [
            ("calendar", "date,kind\n", "年份"),
            ("2026", "day,kind\n2026-01-01,holiday\n", "格式"),
            ("2026", "date,kind\n2026-02-30,holiday\n", "2026-02-30"),
            ("2026", "date,kind\n2025-01-01,holiday\n", "不在 2026 年"),
            ("2026", "date,kind\n2026-01-01,feast\n", "feast"),
            ("2026", "date,kind\n2026-01-01,holiday\n2026-01-01,workday\n", "重复"),
        ] {
            let error = Calendar::default().add_file(stem, "calendars/x.csv", text).unwrap_err();
            assert!(error.to_string().contains(problem), "{error}");
        }
        let mut calendar = Calendar::default();
        assert_eq!(
            calendar.add_file("2026", "f", "\u{FEFF}date,kind\r\n2026-01-05 , holiday\r\n"),
            Ok(())
        );
        assert!(!calendar.is_working_day(day("2026-01-05")));
    }
}
