//! `GET /contracts?year=&figure=`: the contracts behind a figure, each as it is counted there, and the sums that prove it.

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::contract_out::ContractOut;
use crate::{
    api::problem::Problem,
    domain::{account::Actor, money::Fen},
    http::{
        counted_contracts::{read_counted, write_place},
        query::Query,
    },
    usecases::{
        Context,
        contracts::behind::{self, BehindPage, BehindQuery},
    },
};

/// A page of the contracts behind a figure.
#[derive(Serialize, ToSchema)]
pub struct CountedContractPage {
    items: Vec<CountedContractOut>,
    /// Where the next page begins; null on the last one. It keeps the moment: all pages are of the same state of things.
    next_cursor: Option<String>,
    behind: BehindOut,
}

/// A contract as it is now, and as it is counted.
#[derive(Serialize, ToSchema)]
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
    let mut given = Query::parse(text);
    let query = read_counted(&mut given, ctx.clock.now());
    given.finish().map_err(Problem::invalid)?;
    let asked = query.clone();
    let page = behind::list(ctx, actor, query).await?;
    let next_cursor = write_place(&asked, &page);
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
