//! What callers send about self-audits.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::json::Document,
    domain::{money::Fen, time::Date},
    usecases::self_audits::{
        complete::CompleteInput,
        create::{CreateInput, DesignInput, FilterInput},
        record_finding::FindingInput,
    },
};

/// A self-audit to be drawn.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct SelfAuditIn {
    /// 1–200 characters.
    title: Option<String>,
    /// Year of the contracts' first confirmation.
    #[schema(example = 2025)]
    year: Option<i64>,
    filter: Option<FilterIn>,
    design: Option<DesignIn>,
    /// Usernames of reviewers, 50 at most; each contract goes to one who may judge it.
    auditors: Option<Vec<String>>,
}

/// Which contracts of the year; all where absent.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct FilterIn {
    /// Code list `unit`.
    unit: Option<String>,
    /// Code list `type`.
    #[serde(rename = "type")]
    contract_type: Option<String>,
    /// Code list `field`.
    field: Option<String>,
    /// Six digits of a registration agency.
    agency: Option<String>,
    /// Least 合同成交额.
    amount_from_fen: Option<Fen>,
    /// Greatest 合同成交额, included.
    amount_to_fen: Option<Fen>,
}

/// How to draw. `all` takes nothing else; `random` and `amount_weighted` take `size` and `seed`; `stratified` takes `by`, `size`
/// or `rate`, and `seed`; `risky_first` takes `size`.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DesignIn {
    #[schema(example = "stratified")]
    kind: Option<String>,
    /// Contracts to draw, 1–100000.
    size: Option<i64>,
    /// Share to draw, over 0 up to 1.
    rate: Option<f64>,
    /// Any text; a random one where absent.
    seed: Option<String>,
    /// `unit`, `type`, `field`.
    by: Option<Vec<String>>,
}

impl Document for SelfAuditIn {
    const ARRAYS: &'static [&'static str] = &["/auditors", "/design/by"];
}

/// Who gets a contract.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct AssignIn {
    /// Username of a reviewer who may judge it.
    pub(super) auditor: Option<String>,
}

impl Document for AssignIn {}

/// What was found about a contract, named by `item_id` or `contract_id`.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct FindingIn {
    item_id: Option<i64>,
    contract_id: Option<i64>,
    /// `right` or `wrong`.
    #[schema(example = "wrong")]
    verdict: Option<String>,
    /// Code list `revocation_ground`; required where it is wrong.
    ground: Option<String>,
    /// Required beside `other`.
    note: Option<String>,
    /// Of the revocation; that of the completion where absent.
    document_number: Option<String>,
    served_on: Option<Date>,
}

impl Document for FindingIn {}

/// What is said at the end.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct CompleteIn {
    /// Of the revocations whose findings name none.
    document_number: Option<String>,
    served_on: Option<Date>,
    note: Option<String>,
}

impl Document for CompleteIn {}

impl From<SelfAuditIn> for CreateInput {
    fn from(b: SelfAuditIn) -> Self {
        let (filter, design) = (b.filter.unwrap_or_default(), b.design.unwrap_or_default());
        Self {
            title: b.title,
            year: b.year,
            filter: FilterInput {
                unit: filter.unit,
                contract_type: filter.contract_type,
                field: filter.field,
                agency: filter.agency,
                amount_from_fen: filter.amount_from_fen,
                amount_to_fen: filter.amount_to_fen,
            },
            design: DesignInput {
                kind: design.kind,
                size: design.size,
                rate: design.rate,
                seed: design.seed,
                by: design.by,
            },
            auditors: b.auditors.unwrap_or_default(),
        }
    }
}

impl From<FindingIn> for FindingInput {
    fn from(b: FindingIn) -> Self {
        Self {
            item_id: b.item_id,
            contract_id: b.contract_id,
            verdict: b.verdict,
            ground: b.ground,
            note: b.note,
            document_number: b.document_number,
            served_on: b.served_on,
        }
    }
}

impl From<CompleteIn> for CompleteInput {
    fn from(b: CompleteIn) -> Self {
        Self {
            document_number: b.document_number,
            served_on: b.served_on,
            note: b.note,
        }
    }
}
