//! What the parameters of a list of the contracts behind a figure ask for, and the cursor that leads to its next page: of the same
//! state of things as the first.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    contract_list::{read_cursor, read_sort, write_cursor},
    query::Query,
};
use crate::{
    domain::time::Moment,
    usecases::{
        contracts::{
            behind::{BehindPage, BehindQuery},
            list::SortKey,
        },
        statistics::Span,
    },
};

/// An edition has its moment and is of the whole year.
pub fn refuse_with_edition(query: &mut Query, edition: Option<i64>) {
    if edition.is_some() {
        for name in ["as_of", "until", "month", "quarter"]
            .into_iter()
            .filter(|name| query.has(name))
            .collect::<Vec<_>>()
        {
            query.error(
                name,
                "exclusive",
                "与 edition 只能指明其一：版次的统计时点是封账时刻，统计期是全年。",
            );
        }
    }
}

/// Reads figure, year, span, order and place. What is wrong `query` keeps.
pub fn read_counted(query: &mut Query, now: Moment) -> BehindQuery {
    let figure = query.text("figure");
    if figure.is_none() {
        query.error("figure", "required", "此项必填。");
    }
    let year = query.integer("year", 1900..=2200).and_then(|y| i32::try_from(y).ok());
    if year.is_none() {
        query.error("year", "required", "指明 figure 时，须指明统计年度。");
    }
    let (sort, descending) = read_sort(query, &[SortKey::Id, SortKey::ConfirmedAt, SortKey::Amount]);
    let edition = query.integer("edition", 1..=i64::MAX);
    refuse_with_edition(query, edition);
    let named = query.moment_so_far("as_of", now);
    let cursor = query.text("cursor").and_then(|cursor| {
        let place = read_place(&cursor);
        let place = place.and_then(|(at, place)| Some((at, read_cursor(sort, descending, &place)?)));
        if place.is_none() {
            query.error("cursor", "malformed_cursor", "cursor 无效，或与排序方式不符。");
        }
        place
    });
    let (until, month, quarter) = (query.date("until"), part(query, "month", 12), part(query, "quarter", 4));
    let span = Span::of(month, quarter, until).unwrap_or_else(|error| {
        query.error("until", "excludes_others", format!("{error}。"));
        Span::Year
    });
    BehindQuery {
        year: year.unwrap_or_default(),
        figure: figure.unwrap_or_default(),
        as_of: named.or(cursor.filter(|_| edition.is_none()).map(|(at, _)| at)),
        span,
        edition,
        term: query.text("term"),
        sort,
        descending,
        after: cursor.map(|(_, position)| position),
        limit: query
            .integer("limit", 1..=100)
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(20),
    }
}

/// Where the page after this one begins; none after the last.
pub fn write_place(asked: &BehindQuery, page: &BehindPage) -> Option<String> {
    let place = write_cursor(asked.sort, asked.descending, page.next?);
    Some(URL_SAFE_NO_PAD.encode(format!("{}|{place}", page.as_of.micros())))
}

fn part(query: &mut Query, name: &str, last: i64) -> Option<u32> {
    query.integer(name, 1..=last).and_then(|part| u32::try_from(part).ok())
}

/// The moment that the first page was of, and the place.
fn read_place(cursor: &str) -> Option<(Moment, String)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (at, place) = text.split_once('|')?;
    // Within the years that a moment may be of, or arithmetic with it could overflow.
    let years = Moment::start_of_year(1900).micros()..Moment::start_of_year(2201).micros();
    let at = at.parse().ok().filter(|micros| years.contains(micros))?;
    Some((Moment::from_micros(at), place.to_owned()))
}
