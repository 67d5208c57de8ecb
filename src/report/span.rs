//! What the parts of a year are called.

use chrono::Datelike;

use super::view::Names;
use crate::{
    domain::time::{Date, Moment},
    statistics::{AnnualFigures, Span},
};

/// The names of the span that the figures are of, and of the one before.
pub fn names(figures: &AnnualFigures) -> Names {
    let (year, last) = (figures.year, figures.year - 1);
    if figures.span == Span::Year && figures.span.has_begun(year, figures.as_of) && is_running(figures) {
        let day = last_counted_day(figures);
        return Names {
            span: format!("{year} 年（截至 {} 月 {} 日）", day.month(), day.day()),
            before: "上年全年",
            last: format!("{last} 年全年"),
            kind: "年报",
        };
    }
    if figures.span.is_whole_year(year, figures.as_of) {
        return Names {
            span: format!("{year} 年"),
            before: "上年",
            last: format!("{last} 年"),
            kind: "年报",
        };
    }
    let kind = match figures.span {
        Span::Year => "年报",
        Span::Month(_) => "月报",
        Span::Quarter(_) => "季报",
        Span::Until(_) => "简报",
    };
    // What is not over is called by its days; what has not begun, by its name.
    let first = figures.span.first_day(year);
    let last_counted = figures.span.counted_to(year, figures.as_of).filter(|day| *day >= first);
    let part = match (last_counted, figures.span) {
        (Some(last), _) => days(first, last),
        (None, Span::Year) => String::new(),
        (None, Span::Month(month)) => format!(" {month} 月"),
        (None, Span::Quarter(quarter)) => format!("第 {quarter} 季度"),
        (None, Span::Until(day)) => until(day),
    };
    Names {
        span: format!("{year} 年{part}"),
        before: "上年同期",
        last: format!("{last} 年同期"),
        kind,
    }
}

/// The last day that had begun before the figures' moment.
fn last_counted_day(figures: &AnnualFigures) -> Date {
    Moment::from_micros(figures.as_of.micros().saturating_sub(1)).date()
}

/// Whether the figures' year was not over at their moment.
pub fn is_running(figures: &AnnualFigures) -> bool {
    last_counted_day(figures) < figures.span.last_day(figures.year)
}

/// The days from one to another of the same year: 11 月 1 日至 14 日, 1 月 1 日至 11 月 14 日.
fn days(first: Date, last: Date) -> String {
    let (month, day) = (first.month(), first.day());
    if first == last {
        return format!(" {month} 月 {day} 日");
    }
    if month == last.month() {
        return format!(" {month} 月 {day} 日至 {} 日", last.day());
    }
    format!(" {month} 月 {day} 日至 {} 月 {} 日", last.month(), last.day())
}

/// The year up to the end of a day.
fn until(day: Date) -> String {
    let is_last_of_month = day.succ_opt().is_none_or(|next| next.day() == 1);
    match (day.month(), is_last_of_month) {
        (1, true) => " 1 月".to_owned(),
        (month, true) => format!(" 1—{month} 月"),
        (month, false) => format!(" 1 月 1 日至 {month} 月 {} 日", day.day()),
    }
}
