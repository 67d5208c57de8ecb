//! What the parts of a year are called.

use chrono::Datelike;

use super::view::Names;
use crate::statistics::{AnnualFigures, Span};

/// The names of the span that the figures are of, and of the one before.
pub fn names(figures: &AnnualFigures) -> Names {
    let (year, last) = (figures.year, figures.year - 1);
    if figures.span.is_whole_year() {
        return Names {
            span: format!("{year} 年"),
            before: "上年",
            last: format!("{last} 年"),
            kind: "年报",
        };
    }
    let (part, kind) = match figures.span {
        Span::Year => (String::new(), "年报"),
        Span::Month(month) => (format!(" {month} 月"), "月报"),
        Span::Quarter(quarter) => (format!("第 {quarter} 季度"), "季报"),
        Span::Until(day) => {
            let is_last_of_month = day.succ_opt().is_none_or(|next| next.day() == 1);
            let part = match (day.month(), is_last_of_month) {
                (1, true) => " 1 月".to_owned(),
                (month, true) => format!(" 1—{month} 月"),
                (month, false) => format!(" 1 月 1 日至 {month} 月 {} 日", day.day()),
            };
            (part, "简报")
        }
    };
    Names {
        span: format!("{year} 年{part}"),
        before: "上年同期",
        last: format!("{last} 年同期"),
        kind,
    }
}
