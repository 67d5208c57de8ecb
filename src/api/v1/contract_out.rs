//! A contract as callers get it: every field present, null where there is nothing.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{contract_in::ContractIn, expert_review_out::ExpertConclusionOut};
use crate::{
    domain::{
        checks::Check,
        contract::{Contract, Ended, Refusal, Returned},
        ledger::{Change, Entry},
        time::Date,
    },
    usecases::contracts::{ContractView, Revision},
};

/// A contract.
#[derive(Serialize, ToSchema)]
pub struct ContractOut {
    /// Key; opaque.
    id: i64,
    /// Rises with every write: what `If-Match` must name.
    version: i64,
    /// Rises with the confirmed content; 1 is the content as entered.
    revision: i64,
    /// State of the workflow.
    #[schema(example = "submitted")]
    state: &'static str,
    /// 登记编号: 16 digits.
    registration_number: Option<String>,
    /// The number of the national system.
    national_number: Option<String>,
    /// Code of the agency (its name while history names it without a code).
    agency: Option<String>,
    /// Certificate number of the registrar.
    registrar_certificate: Option<String>,
    #[serde(flatten)]
    content: ContractIn,
    /// Rule set of the first acceptance.
    rule_set: Option<String>,
    /// Last submission, RFC 3339.
    submitted_at: Option<String>,
    /// Last day for a decision.
    due_on: Option<Date>,
    /// The reviewer who works on it.
    claimed_by: Option<String>,
    returned: Option<ReturnedOut>,
    refusal: Option<RefusalOut>,
    /// First confirmation, RFC 3339.
    confirmed_at: Option<String>,
    ended: Option<EndedOut>,
    /// Whether experts have concluded on it.
    expert_reviewed: bool,
    /// What experts concluded on this submission.
    expert_conclusion: Option<ExpertConclusionOut>,
    /// Key of the change request that is not decided.
    open_change_request: Option<i64>,
    /// Findings about the content while it is undecided.
    checks: Vec<CheckOut>,
    /// What the caller may do now.
    available_actions: Vec<&'static str>,
}

/// 退回补正.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReturnedOut {
    at: String,
    reason: String,
    items: Vec<ReturnItemOut>,
}

/// One item to correct.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReturnItemOut {
    /// RFC 6901 pointer into the contract, where it is about a field.
    pointer: Option<String>,
    /// Code list `attachment_kind`, where it is about a paper.
    attachment: Option<String>,
    detail: String,
}

/// 不予登记.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusalOut {
    at: Option<String>,
    /// Ids of the code list `refusal_reason`.
    reasons: Vec<String>,
    note: Option<String>,
}

/// 撤销 or 注销.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndedOut {
    at: String,
    /// `revoked` or `cancelled`.
    state: &'static str,
    ground: Option<String>,
    document_number: Option<String>,
    served_on: Option<Date>,
    note: Option<String>,
    /// Key of the self-audit that it came from.
    self_audit_id: Option<i64>,
}

/// One finding.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckOut {
    id: &'static str,
    /// `error`, `warning` or `notice`.
    severity: &'static str,
    /// Chinese text.
    message: String,
    /// RFC 6901 pointer; empty where it is the whole contract.
    pointer: String,
}

impl From<ContractView> for ContractOut {
    fn from(view: ContractView) -> Self {
        let c: Contract = view.contract;
        Self {
            id: c.id,
            version: c.version,
            revision: c.revision,
            state: c.state.id(),
            registration_number: c.registration_number,
            national_number: c.national_number,
            agency: c.agency.map(|a| a.code.unwrap_or(a.name)),
            registrar_certificate: c.registrar_certificate,
            content: c.content.into(),
            rule_set: c.rule_set,
            submitted_at: c.submitted_at.map(|m| m.to_string()),
            due_on: c.due_on,
            claimed_by: c.claimed_by,
            returned: c.returned.map(ReturnedOut::from),
            refusal: c.refusal.map(RefusalOut::from),
            confirmed_at: c.confirmed_at.map(|m| m.to_string()),
            ended: c.ended.map(EndedOut::from),
            expert_reviewed: c.expert_concluded_at.is_some(),
            expert_conclusion: c.expert_conclusion.map(ExpertConclusionOut::from),
            open_change_request: c.open_change_request,
            checks: view.checks.into_iter().map(CheckOut::from).collect(),
            available_actions: view.available_actions.into_iter().map(|a| a.id()).collect(),
        }
    }
}

impl From<Returned> for ReturnedOut {
    fn from(r: Returned) -> Self {
        let items = r.items.into_iter().map(|i| ReturnItemOut {
            pointer: i.pointer,
            attachment: i.attachment,
            detail: i.detail,
        });
        Self {
            at: r.at.to_string(),
            reason: r.reason,
            items: items.collect(),
        }
    }
}

impl From<Refusal> for RefusalOut {
    fn from(r: Refusal) -> Self {
        Self {
            at: r.at.map(|m| m.to_string()),
            reasons: r.reasons,
            note: r.note,
        }
    }
}

impl From<Ended> for EndedOut {
    fn from(e: Ended) -> Self {
        Self {
            at: e.at.to_string(),
            state: e.state.id(),
            ground: e.ground,
            document_number: e.document_number,
            served_on: e.served_on,
            note: e.note,
            self_audit_id: e.self_audit_id,
        }
    }
}

impl From<Check> for CheckOut {
    fn from(c: Check) -> Self {
        Self {
            id: c.id,
            severity: c.severity.id(),
            message: c.message,
            pointer: c.pointer,
        }
    }
}

/// The content of a contract in one of its revisions.
#[derive(Serialize, ToSchema)]
pub struct RevisionOut {
    /// 1 is the content as entered.
    revision: i64,
    /// When it was written, RFC 3339.
    recorded_at: String,
    /// Who wrote it.
    recorded_by: String,
    #[serde(flatten)]
    content: ContractIn,
}

impl From<Revision> for RevisionOut {
    fn from(r: Revision) -> Self {
        Self {
            revision: r.revision,
            recorded_at: r.recorded_at.to_string(),
            recorded_by: r.recorded_by,
            content: r.content.into(),
        }
    }
}

/// One act in the history of a contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActOut {
    /// Sequence in the ledger.
    sequence: i64,
    /// RFC 3339.
    at: String,
    actor: String,
    /// Role used; null on the command line.
    role: Option<String>,
    action: String,
    /// State before.
    from: Option<String>,
    /// State after.
    to: Option<String>,
    reason: Option<String>,
    changes: Vec<ChangeOut>,
}

/// One changed field.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeOut {
    /// RFC 6901 pointer into the contract.
    pointer: String,
    from: Value,
    to: Value,
}

impl From<Entry> for ActOut {
    fn from(e: Entry) -> Self {
        Self {
            sequence: e.sequence,
            at: e.act.at.to_string(),
            actor: e.act.actor,
            role: e.act.role,
            action: e.act.action,
            from: e.act.from,
            to: e.act.to,
            reason: e.act.reason,
            changes: e.act.changes.into_iter().map(ChangeOut::from).collect(),
        }
    }
}

impl From<Change> for ChangeOut {
    fn from(c: Change) -> Self {
        Self {
            pointer: c.pointer,
            from: c.from,
            to: c.to,
        }
    }
}
