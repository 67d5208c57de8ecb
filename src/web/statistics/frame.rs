//! The way around the pages of statistics: years, pages, and what of the year is shown.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::scope::Scope;
use crate::{
    domain::time::Moment,
    http::query::Query,
    usecases::{
        Context,
        statistics::{self, Span},
    },
    web::{
        field::{Choice, Field},
        refusal::{Refusal, redirect},
        visitor::Visitor,
    },
};

/// Years offered at most, the latest ones.
const YEARS: i32 = 12;

/// The way around.
#[derive(Clone, Default)]
pub struct Frame {
    /// Years.
    pub years: Vec<Tab>,
    /// Pages of the year.
    pub tabs: Vec<Tab>,
    /// Where the form goes by which one chooses what is shown.
    pub action: String,
    /// What one chooses by; no form where there is nothing.
    pub fields: Vec<Field>,
    /// What is shown, in words.
    pub words: String,
    /// Back to the figures as they are now, from those of another time.
    pub now: Option<String>,
}

/// A link of the way around.
#[derive(Debug, Clone)]
pub struct Tab {
    /// Words.
    pub text: String,
    /// Address.
    pub href: String,
    /// Whether it is the page that is open.
    pub current: bool,
}

/// Path after the year, words, whether the page takes a part of the year and a moment, whether an edition.
const PAGES: [(&str, &str, bool, bool); 7] = [
    ("", "看板", true, true),
    ("/figures", "全部指标", true, true),
    ("/pivot", "交叉表", true, false),
    ("/report", "报告", true, true),
    ("/paragraphs", "补充段落", false, false),
    ("/close", "封账", false, false),
    ("/editions", "版次", false, false),
];

/// Pages of no single year.
const OTHERS: [(&str, &str); 4] = [
    ("/statistics/check", "核对已发布的报告"),
    ("/follow-ups", "履约跟踪"),
    ("/activities", "市场活动"),
    ("/reference-figures", "参考数据"),
];

impl Frame {
    /// Around a page of a year.
    pub async fn around(ctx: &Context, visitor: &Visitor, scope: &Scope, page: &str) -> Result<Self, Refusal> {
        let year = scope.asked.year;
        let (first, last) = statistics::years(ctx, &visitor.caller.actor)
            .await?
            .unwrap_or((year, year));
        let first = first.max(last - YEARS + 1);
        let known = PAGES.iter().find(|(path, ..)| *path == page);
        // An edition is of one year, a day too.
        let bare = Scope::year(year);
        let elsewhere = match scope.asked.span {
            Span::Until(_) => &bare,
            _ if scope.asked.edition.is_some() => &bare,
            _ if known.is_some_and(|(_, _, parts, _)| *parts) => scope,
            _ => &bare,
        };
        let path = known.map_or("", |(path, ..)| path);
        let mut years: Vec<i32> = (first..=last).collect();
        if !years.contains(&year) {
            years.push(year);
            years.sort_unstable();
        }
        let tab = |other: i32| Tab {
            text: other.to_string(),
            href: elsewhere.href_in(other, path, &[]),
            current: other == year,
        };
        Ok(Self {
            years: years.into_iter().map(tab).collect(),
            tabs: tabs(scope, page),
            ..Self::default()
        })
    }

    /// Around a page of no single year.
    pub fn beside(page: &str) -> Self {
        let mut tabs = vec![Tab {
            text: "统计看板".to_owned(),
            href: "/statistics".to_owned(),
            current: false,
        }];
        tabs.extend(others(page));
        Self {
            tabs,
            ..Self::default()
        }
    }

    /// The same with what is shown in words, and the form by which one chooses: own fields of the page, then the part of the year and
    /// the moment.
    #[must_use]
    pub fn showing(mut self, scope: &Scope, as_of: Moment, path: &str, own: Vec<Field>) -> Self {
        self.words = scope.words(as_of);
        self.action = format!("/statistics/{}{path}", scope.asked.year);
        self.fields = own;
        if let Some(edition) = scope.asked.edition {
            if !self.fields.is_empty() {
                self.fields.push(Field::hidden("edition", edition.to_string()));
            }
        } else {
            self.fields.extend(scope_fields(scope));
        }
        if scope.named.is_some() || scope.asked.edition.is_some() {
            let now = Scope {
                named: None,
                asked: statistics::Asked {
                    as_of: None,
                    edition: None,
                    ..scope.asked
                },
            };
            self.now = Some(now.href(path, &[]));
        }
        self
    }
}

fn tabs(scope: &Scope, page: &str) -> Vec<Tab> {
    let year = Scope::year(scope.asked.year);
    let own = PAGES.iter().map(|(path, text, parts, editions)| {
        let keeps = *parts && (*editions || scope.asked.edition.is_none());
        Tab {
            text: (*text).to_owned(),
            href: if keeps { scope } else { &year }.href(path, &[]),
            current: *path == page,
        }
    });
    own.chain(others(page)).collect()
}

fn others(page: &str) -> impl Iterator<Item = Tab> {
    OTHERS.iter().map(move |(href, text)| Tab {
        text: (*text).to_owned(),
        href: (*href).to_owned(),
        current: *href == page,
    })
}

/// The part of the year, and the moment.
fn scope_fields(scope: &Scope) -> Vec<Field> {
    let numbered = |last: u32, words: fn(u32) -> String| -> Vec<Choice> {
        (1..=last).map(|n| Choice::new(n.to_string(), words(n))).collect()
    };
    let span = scope.asked.span;
    let named = scope.asked.as_of.filter(|_| scope.named.is_some());
    vec![
        Field::select("quarter", "季度", numbered(4, |n| format!("第 {n} 季度")))
            .maybe(span.quarter().map(|n| n.to_string())),
        Field::select("month", "月份", numbered(12, |n| format!("{n} 月"))).maybe(span.month().map(|n| n.to_string())),
        Field::date("until", "年初至").day(span.until()),
        Field::date("as_of", "统计时点（当日终）").day(named.map(Moment::date)),
    ]
}

/// The latest year of which contracts are counted.
#[get("/statistics")]
pub async fn show_statistics(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    Query::parse(request.query_string()).finish()?;
    Ok(redirect(&format!("/statistics/{}", latest(&ctx, &visitor).await?)))
}

/// The latest year of which contracts are counted; this one in an empty register.
pub async fn latest(ctx: &Context, visitor: &Visitor) -> Result<i32, Refusal> {
    let years = statistics::years(ctx, &visitor.caller.actor).await?;
    Ok(years.map_or_else(|| ctx.clock.now().year(), |(_, last)| last))
}
