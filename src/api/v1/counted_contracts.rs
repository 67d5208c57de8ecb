//! `GET /contracts?year=&figure=`: the contracts behind a figure, each as it is counted there, and the sums that prove it.

use actix_web::HttpResponse;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    contract_list::{read_cursor, write_cursor},
    contract_out::ContractOut,
    statistics::refuse_with_edition,
};
use crate::{
    api::problem::Problem,
    domain::{account::Actor, error::FieldError, money::Fen, time::Moment},
    http::query::Query,
    usecases::{
        Context,
        contracts::{
            behind::{self, BehindPage, BehindQuery},
            list::SortKey,
        },
        statistics::Span,
    },
};

/// A page of the contracts behind a figure.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountedContractPage {
    items: Vec<CountedContractOut>,
    /// Where the next page begins; null on the last one. It keeps the moment: all pages are of the same state of things.
    next_cursor: Option<String>,
    behind: BehindOut,
}

/// A contract as it is now, and as it is counted.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountedContractOut {
    #[serde(flatten)]
    contract: ContractOut,
    counted: CountedOut,
}

/// A contract as a figure counts it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountedOut {
    /// First confirmation; of a conclusion, revocation or reinstatement: when it was. RFC 3339.
    at: String,
    /// The revision whose values count; null for what happened to a contract.
    revision: Option<i64>,
    /// Null where the section counts contracts alone.
    #[schema(value_type = Option<i64>)]
    amount_fen: Option<Fen>,
    #[schema(value_type = Option<i64>)]
    technology_amount_fen: Option<Fen>,
}

/// The figure, and of which sums it is made.
#[derive(Debug, Serialize, ToSchema)]
pub struct BehindOut {
    #[schema(example = "units.div_08.share")]
    figure: String,
    #[schema(example = "八师成交额占比")]
    label: String,
    formula: String,
    year: i32,
    as_of: String,
    until: Option<String>,
    month: Option<u32>,
    quarter: Option<u32>,
    edition: Option<i64>,
    /// The figure, made of the sums below: amounts in fen, rates at full precision.
    #[schema(value_type = Option<f64>)]
    value: serde_json::Value,
    /// As printed, with its unit.
    display: String,
    /// Which of the sums is listed.
    #[schema(example = "part")]
    term: String,
    /// Over all pages of the list.
    sum: SumOut,
    /// Every sum that the figure is made of, in the order of the formula.
    terms: Vec<TermOut>,
}

/// One sum.
#[derive(Debug, Serialize, ToSchema)]
pub struct TermOut {
    term: String,
    #[serde(flatten)]
    sum: SumOut,
}

/// A sum over contracts.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub struct SumOut {
    contracts: i64,
    #[schema(value_type = i64)]
    amount_fen: Fen,
    #[schema(value_type = i64)]
    technology_amount_fen: Fen,
}

/// Answers the list.
pub(super) async fn list(ctx: &Context, actor: Actor, text: &str) -> Result<HttpResponse, Problem> {
    crate::usecases::statistics::may_read(&actor)?;
    let query = read_query(text).map_err(Problem::invalid)?;
    let (sort, descending) = (query.sort, query.descending);
    let asked = query.clone();
    let page = behind::list(ctx, actor, query).await?;
    let next_cursor = page.next.map(|position| {
        let place = write_cursor(sort, descending, position);
        URL_SAFE_NO_PAD.encode(format!("{}|{place}", page.as_of.micros()))
    });
    Ok(HttpResponse::Ok().json(page_out(asked, page, next_cursor)))
}

fn page_out(query: BehindQuery, page: BehindPage, next_cursor: Option<String>) -> CountedContractPage {
    let terms: Vec<TermOut> = page
        .terms
        .into_iter()
        .map(|(term, sum)| TermOut {
            term,
            sum: SumOut {
                contracts: sum.contracts,
                amount_fen: sum.amount,
                technology_amount_fen: sum.technology,
            },
        })
        .collect();
    let sum = terms.iter().find(|term| term.term == page.listed);
    CountedContractPage {
        next_cursor,
        behind: BehindOut {
            label: page.definition.name,
            formula: page.definition.formula,
            figure: query.figure,
            year: query.year,
            as_of: page.as_of.to_string(),
            until: query.span.until().map(|day| day.to_string()),
            month: query.span.month(),
            quarter: query.span.quarter(),
            edition: query.edition,
            value: page.value.to_json(),
            display: page.value.display(),
            sum: sum.map(|term| term.sum).unwrap_or_default(),
            term: page.listed,
            terms,
        },
        items: page
            .items
            .into_iter()
            .map(|(view, listed)| CountedContractOut {
                contract: view.into(),
                counted: CountedOut {
                    at: listed.at.to_string(),
                    revision: listed.revision,
                    amount_fen: listed.amount_fen,
                    technology_amount_fen: listed.technology_amount_fen,
                },
            })
            .collect(),
    }
}

fn read_query(text: &str) -> Result<BehindQuery, Vec<FieldError>> {
    const SORTS: [SortKey; 3] = [SortKey::Id, SortKey::ConfirmedAt, SortKey::Amount];
    let mut query = Query::parse(text);
    let figure = query.text("figure");
    if figure.is_none() {
        query.error("figure", "required", "此项必填。");
    }
    let year = query.integer("year", 1900..=2200).and_then(|y| i32::try_from(y).ok());
    if year.is_none() {
        query.error("year", "required", "指明 figure 时，须指明统计年度。");
    }
    let sort_text = query.text("sort").unwrap_or_else(|| "-id".to_owned());
    let (descending, name) = match sort_text.strip_prefix('-') {
        Some(name) => (true, name),
        None => (false, sort_text.as_str()),
    };
    let sort = SORTS.into_iter().find(|key| key.id() == name).unwrap_or_else(|| {
        query.error("sort", "unknown_code", format!("不能按“{name}”排序。"));
        SortKey::Id
    });
    let edition = query.integer("edition", 1..=i64::MAX);
    refuse_with_edition(&mut query, edition);
    let named = query.moment("as_of");
    let cursor = query.text("cursor").and_then(|cursor| {
        let place = read_place(&cursor);
        let place = place.and_then(|(at, place)| Some((at, read_cursor(sort, descending, &place)?)));
        if place.is_none() {
            query.error("cursor", "malformed_cursor", "cursor 无效，或与排序方式不符。");
        }
        place
    });
    let (until, month, quarter) = (
        query.date("until"),
        part(&mut query, "month", 12),
        part(&mut query, "quarter", 4),
    );
    let span = Span::of(month, quarter, until).unwrap_or_else(|error| {
        query.error("until", "excludes_others", format!("{error}。"));
        Span::Year
    });
    let read = BehindQuery {
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
    };
    query.finish().map(|()| read)
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
