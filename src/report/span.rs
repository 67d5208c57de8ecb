//! What the parts of a year are called.

use chrono::Datelike;

use super::view::Names;
use crate::statistics::AnnualFigures;

/// The names of the span that the figures are of, and of the one before.
pub fn names(figures: &AnnualFigures) -> Names {
    let (year, last) = (figures.year, figures.year - 1);
    let Some(day) = figures.until.filter(|day| (day.month(), day.day()) != (12, 31)) else {
        return Names {
            span: format!("{year} 年"),
            before: "上年",
            last: format!("{last} 年"),
            kind: "年报",
        };
    };
    let is_last_of_month = day.succ_opt().is_none_or(|next| next.day() == 1);
    let span = match (day.month(), is_last_of_month) {
        (1, true) => format!("{year} 年 1 月"),
        (month, true) => format!("{year} 年 1—{month} 月"),
        (month, false) => format!("{year} 年 1 月 1 日至 {month} 月 {} 日", day.day()),
    };
    Names {
        span,
        before: "上年同期",
        last: format!("{last} 年同期"),
        kind: "简报",
    }
}
