//! What of the statistics a page shows: the year, the part of it, the moment or the edition; read off the address and kept in links.

use crate::{
    domain::time::{Moment, parse_date},
    http::query::{IN_FUTURE, Query, moment_of_day},
    usecases::{
        Context, Error,
        statistics::{Asked, Span},
    },
    web::{refusal::Refusal, show::minute},
};

/// What a page shows.
#[derive(Debug, Clone)]
pub struct Scope {
    /// For the use cases.
    pub asked: Asked,
    /// The moment as the address names it: a day, which means its end, or a moment.
    pub named: Option<String>,
}

/// A year in a path; what is no year has no page.
pub fn year_of(path: &str) -> Result<i32, Error> {
    let year = Some(path).filter(|p| p.len() == 4 && p.bytes().all(|b| b.is_ascii_digit()));
    year.and_then(|p| p.parse().ok()).ok_or(Error::NotFound)
}

/// The last moment of a day, of today now; or a moment. What is still to come is refused.
pub fn moment(ctx: &Context, query: &mut Query, name: &str) -> (Option<Moment>, Option<String>) {
    let Some(text) = query.text(name) else {
        return (None, None);
    };
    let now = ctx.clock.now();
    let at = match parse_date(&text) {
        Ok(day) => moment_of_day(day, now)
            .map_err(|detail| query.error(name, IN_FUTURE, detail))
            .ok(),
        Err(_) => match Moment::parse(&text.replace(' ', "+")) {
            Ok(at) => query.so_far(name, at, now),
            Err(_) => {
                query.error(name, "wrong_type", "应为日期，例如 2025-12-31。");
                None
            }
        },
    };
    (at, at.map(|_| text))
}

impl Scope {
    /// Of the whole year as it is now.
    pub const fn year(year: i32) -> Self {
        Self {
            asked: Asked {
                year,
                as_of: None,
                span: Span::Year,
                edition: None,
            },
            named: None,
        }
    }

    /// Takes what it is made of out of an address.
    pub fn read(ctx: &Context, year: i32, query: &mut Query) -> Result<Self, Refusal> {
        let edition = query.integer("edition", 1..=i64::MAX);
        if edition.is_some() {
            for name in ["as_of", "until", "month", "quarter"] {
                if query.has(name) {
                    query.error(
                        name,
                        "exclusive",
                        "版次的统计时点是封账时刻，统计期是全年，不能另行指定。",
                    );
                }
            }
        }
        let (as_of, named) = moment(ctx, query, "as_of");
        let mut part = |name, last| query.integer(name, 1..=last).and_then(|part| u32::try_from(part).ok());
        let (month, quarter) = (part("month", 12), part("quarter", 4));
        let until = query.date("until");
        let span = Span::of(month, quarter, until).unwrap_or_else(|_| {
            query.error("month", "exclusive", "月份、季度、截至日期只能选其一。");
            Span::Year
        });
        Ok(Self {
            asked: Asked {
                year,
                as_of,
                span,
                edition,
            },
            named,
        })
    }

    /// The same for a page that there is of no edition.
    pub fn read_current(ctx: &Context, year: i32, query: &mut Query) -> Result<Self, Refusal> {
        if query.has("edition") {
            query.error("edition", "unknown_parameter", "此页只显示当前数据，没有版次。");
            query.text("edition");
        }
        Self::read(ctx, year, query)
    }

    /// Name and value of each parameter.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = Vec::new();
        match self.asked.span {
            Span::Year => {}
            Span::Month(month) => parameters.push(("month", month.to_string())),
            Span::Quarter(quarter) => parameters.push(("quarter", quarter.to_string())),
            Span::Until(day) => parameters.push(("until", day.to_string())),
        }
        if let Some(named) = &self.named {
            parameters.push(("as_of", named.clone()));
        }
        if let Some(edition) = self.asked.edition {
            parameters.push(("edition", edition.to_string()));
        }
        parameters
    }

    /// Address of a page of this scope: `path` after the year, and what else it is to be asked.
    pub fn href(&self, path: &str, more: &[(&str, &str)]) -> String {
        self.href_in(self.asked.year, path, more)
    }

    /// The same of another year.
    pub fn href_in(&self, year: i32, path: &str, more: &[(&str, &str)]) -> String {
        let own = self.parameters();
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(own.iter().map(|(name, value)| (*name, value.as_str())))
            .extend_pairs(more)
            .finish();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/statistics/{year}{path}{mark}{query}")
    }

    /// Where a figure is told of.
    pub fn figure(&self, name: &str) -> String {
        self.href(&format!("/figures/{name}"), &[])
    }

    /// The same fixed to a moment: what is seen on one page is seen on the next.
    #[must_use]
    pub fn at(&self, as_of: Moment) -> Self {
        let mut fixed = self.clone();
        if self.asked.edition.is_none() {
            fixed.asked.as_of = Some(as_of);
            fixed.named = Some(as_of.to_string());
        }
        fixed
    }

    /// In words: of which part of the year, of which moment.
    pub fn words(&self, as_of: Moment) -> String {
        let year = self.asked.year;
        let part = match self.asked.span {
            Span::Year => format!("{year} 年全年"),
            Span::Month(month) => format!("{year} 年 {month} 月"),
            Span::Quarter(quarter) => format!("{year} 年第 {quarter} 季度"),
            Span::Until(day) => format!("{year} 年初至 {day}"),
        };
        match self.asked.edition {
            Some(edition) => format!("{part}，第 {edition} 版（{} 封账）", minute(as_of)),
            None => format!("{part}，统计时点 {}", minute(as_of)),
        }
    }
}
