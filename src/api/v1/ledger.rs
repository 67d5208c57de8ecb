//! `/ledger`, for auditors.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{extract::Caller, openapi::Refusals, problem::Problem},
    domain::time::Moment,
    http::query::Query,
    usecases::{
        Context,
        ledger::{
            self,
            verdict::{self, Verdict},
        },
    },
};

/// A part of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerPage {
    items: Vec<LedgerEntryOut>,
    /// The last sequence of this part, to be given as `after`; null where nothing comes after it.
    next_cursor: Option<String>,
}

/// One entry, word for word.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerEntryOut {
    sequence: i64,
    /// The stored text: canonical JSON (RFC 8785).
    entry: String,
    previous_hash: String,
    /// Lower-case hex of SHA-256(`previous_hash` + "\n" + `entry`).
    hash: String,
}

/// The end of the chain.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerHeadOut {
    /// Last sequence; 0 while the ledger is empty.
    sequence: i64,
    /// Last hash; 64 zeros while the ledger is empty.
    hash: String,
}

/// What recomputing the chain found.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerVerificationOut {
    /// Of the register's ledger: whether nothing at all is wrong, with both chains, the register and the schema; of the account ledger
    /// alone: whether its chain is whole.
    valid: bool,
    /// Entries that are right, from the first on.
    verified: i64,
    /// The last right entry.
    head: LedgerHeadOut,
    /// The first wrong entry.
    fault: Option<LedgerFaultOut>,
    /// The chain of the account ledger; absent where that alone was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts: Option<LedgerChainOut>,
    /// The register held against both ledgers; absent where the account ledger alone was asked for, or a chain is broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    register: Option<LedgerRegisterOut>,
    /// The schema held against what the program's migrations make; absent where the account ledger alone was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<LedgerSchemaOut>,
}

/// A chain.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerChainOut {
    /// Whether it is whole.
    valid: bool,
    /// Entries that are right, from the first on.
    verified: i64,
    /// The last right entry.
    head: LedgerHeadOut,
    /// The first wrong entry.
    fault: Option<LedgerFaultOut>,
}

/// The schema, held against what the migrations make.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerSchemaOut {
    /// Tables, indexes, triggers … that are missing, others, or planted.
    faults: Vec<LedgerSchemaFaultOut>,
}

/// An object of the schema that is not what the migrations make.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerSchemaFaultOut {
    /// `table`, `column`, `constraint`, `index`, `trigger`, `function`, `rule`, `policy` or `setting`.
    kind: String,
    /// The table on which it is; empty where it is on none.
    table: String,
    name: String,
    detail: String,
}

/// The register, held against what the entries say its rows look like.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerRegisterOut {
    /// Contracts, panels, certificates, editions, accounts … looked at.
    checked: u64,
    /// How many of them differ.
    differing: u64,
    /// The entry that pinned what was there when the store was brought up last, if any: of what was done before it nothing is said.
    pinned: Option<LedgerPinOut>,
    /// The first 200 that differ.
    faults: Vec<LedgerRegisterFaultOut>,
}

/// The entry that pinned what was there.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerPinOut {
    sequence: i64,
    #[schema(value_type = String, format = DateTime)]
    at: Moment,
}

/// Something whose rows are not what the ledger says.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerRegisterFaultOut {
    /// `kind/key`.
    subject: String,
    /// Where it is a contract.
    contract_id: Option<i64>,
    registration_number: Option<String>,
    /// The tables that differ.
    tables: Vec<String>,
    detail: String,
}

/// What is wrong with an entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerFaultOut {
    sequence: i64,
    detail: String,
}

impl From<ledger::Head> for LedgerHeadOut {
    fn from(head: ledger::Head) -> Self {
        Self {
            sequence: head.sequence,
            hash: head.hash,
        }
    }
}

impl From<ledger::Verification> for LedgerChainOut {
    fn from(found: ledger::Verification) -> Self {
        Self {
            valid: found.fault.is_none(),
            verified: found.verified,
            head: found.head.into(),
            fault: found.fault.map(|f| LedgerFaultOut {
                sequence: f.sequence,
                detail: f.detail,
            }),
        }
    }
}

impl From<ledger::Verification> for LedgerVerificationOut {
    fn from(found: ledger::Verification) -> Self {
        let chain = LedgerChainOut::from(found);
        Self {
            valid: chain.valid,
            verified: chain.verified,
            head: chain.head,
            fault: chain.fault,
            accounts: None,
            register: None,
            schema: None,
        }
    }
}

impl From<Verdict> for LedgerVerificationOut {
    fn from(verdict: Verdict) -> Self {
        let schema = verdict.schema.iter().map(|fault| LedgerSchemaFaultOut {
            kind: fault.object.kind.id().to_owned(),
            table: fault.object.table.clone(),
            name: fault.object.name.clone(),
            detail: fault.told(),
        });
        Self {
            valid: verdict.holds(),
            schema: Some(LedgerSchemaOut {
                faults: schema.collect(),
            }),
            accounts: Some(verdict.accounts.into()),
            register: verdict.register.map(LedgerRegisterOut::from),
            ..Self::from(verdict.ledger)
        }
    }
}

impl From<ledger::register::RegisterVerification> for LedgerRegisterOut {
    fn from(found: ledger::register::RegisterVerification) -> Self {
        Self {
            checked: found.checked,
            differing: found.differing,
            pinned: found.pinned.map(|pin| LedgerPinOut {
                sequence: pin.sequence,
                at: pin.at,
            }),
            faults: found
                .faults
                .into_iter()
                .map(|f| LedgerRegisterFaultOut {
                    subject: f.subject,
                    contract_id: f.contract,
                    registration_number: f.registration_number,
                    tables: f.tables,
                    detail: f.detail,
                })
                .collect(),
        }
    }
}

impl LedgerPage {
    /// A part of `limit` entries at most; one more than that tells that there are more.
    pub(super) fn of(mut entries: Vec<ledger::StoredEntry>, limit: i64) -> Self {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = entries.len() > wanted;
        entries.truncate(wanted);
        Self {
            next_cursor: entries.last().filter(|_| more).map(|e| e.sequence.to_string()),
            items: entries
                .into_iter()
                .map(|e| LedgerEntryOut {
                    sequence: e.sequence,
                    entry: e.entry,
                    previous_hash: e.previous_hash,
                    hash: e.hash,
                })
                .collect(),
        }
    }
}

/// `after` and `limit` of a request.
pub(super) fn place(request: &HttpRequest) -> Result<(i64, i64), Problem> {
    let mut query = Query::parse(request.query_string());
    let after = query.integer("after", 0..=i64::MAX).unwrap_or(0);
    let limit = query.integer("limit", 1..=100).unwrap_or(20);
    query.finish().map_err(Problem::invalid)?;
    Ok((after, limit))
}

/// Entries of the ledger after a sequence, oldest first.
#[utoipa::path(tag = "ledger", security(("bearer" = [])),
    params(("after" = Option<i64>, Query, description = "Default 0"),
        ("limit" = Option<i64>, Query, description = "1–100, default 20")),
    responses((status = 200, body = LedgerPage), Refusals))]
#[get("/ledger")]
pub async fn list_ledger_entries(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    ledger::may_read(&caller.0.actor)?;
    let (after, limit) = place(&request)?;
    let entries = ledger::after(&ctx, after, limit + 1).await?;
    Ok(HttpResponse::Ok().json(LedgerPage::of(entries, limit)))
}

/// The end of the ledger's chain.
#[utoipa::path(tag = "ledger", security(("bearer" = [])),
    responses((status = 200, body = LedgerHeadOut), Refusals))]
#[get("/ledger/head")]
pub async fn read_ledger_head(ctx: web::Data<Context>, caller: Caller) -> Result<HttpResponse, Problem> {
    ledger::may_read(&caller.0.actor)?;
    Ok(HttpResponse::Ok().json(LedgerHeadOut::from(ledger::head(&ctx).await?)))
}

/// Recompute both ledgers' chains and hold the register and the schema against them.
#[utoipa::path(tag = "ledger", security(("bearer" = [])),
    responses((status = 200, body = LedgerVerificationOut), Refusals))]
#[get("/ledger/verification")]
pub async fn verify_ledger(ctx: web::Data<Context>, caller: Caller) -> Result<HttpResponse, Problem> {
    ledger::may_read(&caller.0.actor)?;
    let verdict = verdict::verify(&ctx, None).await?;
    Ok(HttpResponse::Ok().json(LedgerVerificationOut::from(verdict)))
}
