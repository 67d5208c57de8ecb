//! `GET /statistics/annual/{year}/restatement`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::figures::year_of;
use crate::{
    api::{extract::Caller, openapi::Refusals, problem::Problem},
    domain::{ledger::Entry, money::Fen},
    http::query::Query,
    usecases::{
        Context,
        statistics::{
            self,
            figures::{Definition, FigureValue, UnitKind},
            restate::{self, ChangedFigure, OtherRecords, RestatedContract, Restatement, RestatementQuery, Side},
        },
    },
};

/// What has changed since an edition was closed.
#[derive(Debug, Serialize, ToSchema)]
pub struct RestatementOut {
    year: i32,
    edition: i64,
    closed_at: String,
    /// SHA-256 of the edition's figures.
    figures_hash: String,
    /// The moment that it is compared with, RFC 3339.
    as_of: String,
    /// Every figure that differs, in the order of the annual object.
    figures: Vec<ChangedFigureOut>,
    /// How many contracts stand otherwise.
    contracts_count: usize,
    /// They, in the order of keys, the first 1000.
    contracts: Vec<RestatedContractOut>,
    /// What the ledger holds since about other things than contracts, by action; empty where contracts explain every figure.
    records: Vec<OtherRecordsOut>,
}

/// A figure that differs.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangedFigureOut {
    #[schema(example = "units.div_08.amount")]
    name: String,
    label: String,
    #[schema(value_type = String, example = "fen")]
    unit: UnitKind,
    edition: ValueOut,
    current: ValueOut,
    /// Whether it is printed otherwise, too.
    display_differs: bool,
    /// How many contracts made it differ.
    contracts_count: usize,
    /// They, the first 1000.
    contracts: Vec<ContributionOut>,
}

/// A value.
#[derive(Debug, Serialize, ToSchema)]
pub struct ValueOut {
    /// Amounts in fen, rates at full precision.
    #[schema(value_type = Option<f64>)]
    value: serde_json::Value,
    display: String,
}

impl From<&FigureValue> for ValueOut {
    fn from(value: &FigureValue) -> Self {
        Self {
            value: value.to_json(),
            display: value.display(),
        }
    }
}

/// What a contract changed in a figure.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContributionOut {
    /// Its key.
    id: i64,
    /// By how much, in contracts or fen; null where the figure is no sum.
    change: Option<i64>,
}

/// A contract that stands otherwise than in the edition.
#[derive(Debug, Serialize, ToSchema)]
pub struct RestatedContractOut {
    id: i64,
    registration_number: Option<String>,
    project_name: Option<String>,
    state: &'static str,
    /// `revoked`, `cancelled`, `amended`, `reinstated`, `confirmed`, `late`, `corrected`, `unknown`: by the last of the acts.
    #[schema(example = "revoked")]
    why: &'static str,
    /// As the edition counted it; null where it did not.
    before: Option<CountedSideOut>,
    /// As it is counted at the moment; null where it is not.
    after: Option<CountedSideOut>,
    /// The acts that made it so, oldest first.
    acts: Vec<RestatingActOut>,
}

/// A contract as it is counted.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountedSideOut {
    /// Year of first confirmation.
    year: i32,
    revision: i64,
    #[schema(value_type = i64)]
    amount_fen: Fen,
    #[schema(value_type = i64)]
    technology_amount_fen: Fen,
}

fn side(side: &Side) -> Option<CountedSideOut> {
    side.counted.map(|(revision, standing)| CountedSideOut {
        year: standing.first_confirmed_at.year(),
        revision,
        amount_fen: standing.amount_fen,
        technology_amount_fen: standing.technology_amount_fen,
    })
}

/// An entry of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct RestatingActOut {
    sequence: i64,
    at: String,
    action: String,
    reason: Option<String>,
}

impl From<Entry> for RestatingActOut {
    fn from(entry: Entry) -> Self {
        Self {
            sequence: entry.sequence,
            at: entry.act.at.to_string(),
            action: entry.act.action,
            reason: entry.act.reason,
        }
    }
}

/// Entries of the ledger of one action.
#[derive(Debug, Serialize, ToSchema)]
pub struct OtherRecordsOut {
    action: String,
    entries: i64,
    first_sequence: i64,
    first_at: String,
    last_sequence: i64,
    last_at: String,
}

impl From<OtherRecords> for OtherRecordsOut {
    fn from(records: OtherRecords) -> Self {
        Self {
            action: records.action,
            entries: records.entries,
            first_sequence: records.first.0,
            first_at: records.first.1.to_string(),
            last_sequence: records.last.0,
            last_at: records.last.1.to_string(),
        }
    }
}

fn figure_out((figure, definition): (ChangedFigure, Definition)) -> ChangedFigureOut {
    ChangedFigureOut {
        label: definition.name,
        unit: figure.edition.unit(),
        edition: ValueOut::from(&figure.edition),
        current: ValueOut::from(&figure.current),
        display_differs: figure.edition.display() != figure.current.display(),
        contracts_count: figure.contracts_count,
        contracts: figure
            .contracts
            .into_iter()
            .map(|c| ContributionOut {
                id: c.contract,
                change: c.change,
            })
            .collect(),
        name: figure.name,
    }
}

fn contract_out(restated: RestatedContract) -> RestatedContractOut {
    RestatedContractOut {
        id: restated.contract.id,
        registration_number: restated.contract.registration_number,
        project_name: restated.contract.content.project_name,
        state: restated.contract.state.id(),
        why: restated.why.id(),
        before: side(&restated.difference.before),
        after: side(&restated.difference.after),
        acts: restated.acts.into_iter().map(RestatingActOut::from).collect(),
    }
}

impl From<Restatement> for RestatementOut {
    fn from(found: Restatement) -> Self {
        Self {
            year: found.edition.year,
            edition: found.edition.edition,
            closed_at: found.edition.closed_at.to_string(),
            figures_hash: found.edition.figures_hash,
            as_of: found.as_of.to_string(),
            figures: found.figures.into_iter().map(figure_out).collect(),
            contracts_count: found.contracts_count,
            contracts: found.contracts.into_iter().map(contract_out).collect(),
            records: found.records.into_iter().map(OtherRecordsOut::from).collect(),
        }
    }
}

/// Explain what has changed since an edition was closed.
#[utoipa::path(tag = "statistics", security(("bearer" = [])),
    params(("year" = i32, Path),
        ("edition" = Option<i64>, Query, description = "A closed edition; the last where absent"),
        ("as_of" = Option<String>, Query, description = "RFC 3339: the moment it is compared with; now where absent")),
    responses((status = 200, body = RestatementOut), Refusals))]
#[get("/statistics/annual/{year}/restatement")]
pub async fn read_restatement(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let year = year_of(&path)?;
    statistics::may_read(&caller.0.actor)?;
    let mut query = Query::parse(request.query_string());
    let asked = RestatementQuery {
        year,
        edition: query.integer("edition", 1..=i64::MAX),
        as_of: query.moment_so_far("as_of", ctx.clock.now()),
    };
    query.finish().map_err(Problem::invalid)?;
    let found = restate::read(&ctx, caller.0.actor, asked).await?;
    Ok(HttpResponse::Ok().json(RestatementOut::from(found)))
}
