//! `POST /contracts/{id}/{action}`: each action is one route; its answer is the contract.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{contract_out::ContractOut, contracts::render_changed};
use crate::{
    api::{
        answer::{answer, key},
        extract::Change,
        json::Document,
        openapi::Refusals,
        problem::Problem,
    },
    domain::{money::Fen, time::Date},
    usecases::{
        Context,
        contracts::{
            self,
            confirm::ConfirmInput,
            refer::ReferInput,
            refuse::RefuseInput,
            reinstate::OverrulingInput,
            report::ReportInput,
            r#return::{ReturnInput, ReturnItemInput},
            revoke::RevokeInput,
            submit::{AnswerInput, SubmitInput},
        },
    },
};

/// Nothing to say.
#[derive(Clone, Default, Deserialize, ToSchema)]
pub struct NothingIn {}

impl Document for NothingIn {}

/// Written reasons for warnings.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubmitIn {
    /// By id of the check.
    reasons: Option<BTreeMap<String, String>>,
    /// What was done about items of the last return.
    answers: Option<Vec<AnswerIn>>,
}

/// What was done about one item of the last return.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AnswerIn {
    /// Its place among the items, from 0 on.
    item: Option<i64>,
    text: Option<String>,
}

impl Document for SubmitIn {
    const ARRAYS: &'static [&'static str] = &["/answers"];
}

/// A reason.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReasonIn {
    pub(super) reason: Option<String>,
}

impl Document for ReasonIn {}

impl ReasonIn {
    pub(super) fn into_reason(self) -> Option<String> {
        self.reason
    }
}

/// What is to be corrected.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReturnIn {
    reason: Option<String>,
    items: Option<Vec<ReturnItemIn>>,
}

/// One item to correct.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReturnItemIn {
    /// RFC 6901 pointer into the contract, where it is about a field.
    #[schema(example = "/amount_fen")]
    pointer: Option<String>,
    /// Code list `attachment_kind`, where it is about a paper.
    attachment: Option<String>,
    detail: Option<String>,
}

impl Document for ReturnIn {
    const ARRAYS: &'static [&'static str] = &["/items"];
}

/// Why experts are asked, and which panel.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReferIn {
    reason: Option<String>,
    /// An open panel; none: the contract waits for one.
    expert_review_id: Option<i64>,
}

impl Document for ReferIn {}

/// What was verified.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ConfirmIn {
    /// Code list `type`.
    #[schema(example = "development")]
    verified_type: Option<String>,
    /// Code list `subtype`; required when the type changes.
    verified_subtype: Option<String>,
    /// Fen.
    verified_technology_amount_fen: Option<Fen>,
    note: Option<String>,
    /// Written reasons for errors that the checks find, by id of the check.
    reasons: Option<BTreeMap<String, String>>,
}

impl Document for ConfirmIn {}

/// Why not.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct RefuseIn {
    /// Code list `refusal_reason`, one or more.
    reasons: Option<Vec<String>>,
    /// Required beside `other`.
    note: Option<String>,
}

impl Document for RefuseIn {
    const ARRAYS: &'static [&'static str] = &["/reasons"];
}

/// On what ground.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct RevokeIn {
    /// Code list `revocation_ground`.
    #[schema(example = "duplicate")]
    ground: Option<String>,
    document_number: Option<String>,
    served_on: Option<Date>,
    /// Required beside `other`.
    note: Option<String>,
    self_audit_id: Option<i64>,
}

impl Document for RevokeIn {}

/// Why an earlier decision does not stand.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct OverrulingIn {
    reason: Option<String>,
    /// Of the decision that overrules it.
    document_number: Option<String>,
}

impl Document for OverrulingIn {}

impl From<OverrulingIn> for OverrulingInput {
    fn from(body: OverrulingIn) -> Self {
        Self {
            reason: body.reason,
            document_number: body.document_number,
        }
    }
}

/// What the national system gave.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReportIn {
    /// 1–64 visible ASCII characters, no other contract's.
    #[schema(example = "2026660000012345")]
    national_number: Option<String>,
    /// Not after today.
    reported_on: Option<Date>,
}

impl Document for ReportIn {}

macro_rules! action {
    ($(#[doc = $doc:literal])* $path:literal, $name:ident, $body:ty, |$ctx:ident, $command:ident, $id:ident, $input:ident| $call:expr) => {
        $(#[doc = $doc])*
        #[utoipa::path(tag = "contracts", request_body = $body, security(("bearer" = [])),
            params(("id" = i64, Path), ("If-Match" = Option<String>, Header, description = "\"<version>\""),
                ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
            responses((status = 200, body = ContractOut, headers(("ETag" = String))), Refusals))]
        #[post($path)]
        pub async fn $name(
            $ctx: web::Data<Context>,
            path: web::Path<String>,
            change: Change<$body>,
        ) -> Result<HttpResponse, Problem> {
            let $id = key(&path)?;
            let ($command, $input) = change.into_parts(render_changed);
            answer($call.await?, render_changed)
        }
    };
}

action!(
    /// Submit a draft or a returned contract for review.
    "/contracts/{id}/submit", submit_contract, SubmitIn, |ctx, command, id, body| {
        contracts::submit::submit(&ctx, command, id, body.map(|b| SubmitInput {
            reasons: b.reasons.unwrap_or_default(),
            answers: b.answers.unwrap_or_default().into_iter()
                .map(|a| AnswerInput { item: a.item, text: a.text }).collect(),
        }))
    }
);

action!(
    /// Take back a submitted or returned contract.
    "/contracts/{id}/withdraw", withdraw_contract, ReasonIn, |ctx, command, id, body| {
        contracts::withdraw::withdraw(&ctx, command, id, body.map(|b| b.reason))
    }
);

action!(
    /// Take a submitted contract in hand.
    "/contracts/{id}/claim", claim_contract, NothingIn, |ctx, command, id, body| {
        contracts::claim::claim(&ctx, command, id, body.map(|NothingIn {}| ()))
    }
);

action!(
    /// Lay a claimed contract back.
    "/contracts/{id}/release", release_contract, NothingIn, |ctx, command, id, body| {
        contracts::release::release(&ctx, command, id, body.map(|NothingIn {}| ()))
    }
);

action!(
    /// Take a contract over from another reviewer.
    "/contracts/{id}/reassign", reassign_contract, ReasonIn, |ctx, command, id, body| {
        contracts::reassign::reassign(&ctx, command, id, body.map(|b| b.reason))
    }
);

action!(
    /// Return a contract for correction of named items.
    "/contracts/{id}/return", return_contract, ReturnIn, |ctx, command, id, body| {
        contracts::r#return::return_for_correction(&ctx, command, id, body.map(|b| ReturnInput {
            reason: b.reason,
            items: b.items.unwrap_or_default().into_iter()
                .map(|i| ReturnItemInput { pointer: i.pointer, attachment: i.attachment, detail: i.detail }).collect(),
        }))
    }
);

action!(
    /// Refer a contract to an expert panel, or let it wait for one.
    "/contracts/{id}/refer", refer_contract, ReferIn, |ctx, command, id, body| {
        contracts::refer::refer(&ctx, command, id, body.map(|b| ReferInput {
            reason: b.reason,
            expert_review_id: b.expert_review_id,
        }))
    }
);

action!(
    /// Take a contract back from experts who cannot meet.
    "/contracts/{id}/recall", recall_contract, ReasonIn, |ctx, command, id, body| {
        contracts::recall::recall(&ctx, command, id, body.map(|b| b.reason))
    }
);

action!(
    /// Confirm a contract: it is registered, numbered and counted.
    "/contracts/{id}/confirm", confirm_contract, ConfirmIn, |ctx, command, id, body| {
        contracts::confirm::confirm(&ctx, command, id, body.map(|b| ConfirmInput {
            verified_type: b.verified_type,
            verified_subtype: b.verified_subtype,
            verified_technology_amount_fen: b.verified_technology_amount_fen,
            note: b.note,
            reasons: b.reasons.unwrap_or_default(),
        }))
    }
);

action!(
    /// Refuse to register a contract.
    "/contracts/{id}/refuse", refuse_contract, RefuseIn, |ctx, command, id, body| {
        contracts::refuse::refuse(&ctx, command, id, body.map(|b| RefuseInput {
            reasons: b.reasons.unwrap_or_default(),
            note: b.note,
        }))
    }
);

action!(
    /// Revoke a registration: from now on it is not counted.
    "/contracts/{id}/revoke", revoke_contract, RevokeIn, |ctx, command, id, body| {
        contracts::revoke::revoke(&ctx, command, id, body.map(|b| RevokeInput {
            ground: b.ground,
            document_number: b.document_number,
            served_on: b.served_on,
            note: b.note,
            self_audit_id: b.self_audit_id,
        }))
    }
);

action!(
    /// Restore a revoked or cancelled registration: from now on it is counted again.
    "/contracts/{id}/reinstate", reinstate_contract, OverrulingIn, |ctx, command, id, body| {
        contracts::reinstate::reinstate(&ctx, command, id, body.map(OverrulingInput::from))
    }
);

action!(
    /// Reopen a refused contract: it is submitted again, with a new deadline.
    "/contracts/{id}/reopen", reopen_contract, OverrulingIn, |ctx, command, id, body| {
        contracts::reopen::reopen(&ctx, command, id, body.map(OverrulingInput::from))
    }
);

action!(
    /// Enter the number and date that the national system gave, or correct them.
    "/contracts/{id}/report", report_contract, ReportIn, |ctx, command, id, body| {
        contracts::report::report(&ctx, command, id, body.map(|b| ReportInput {
            national_number: b.national_number,
            reported_on: b.reported_on,
        }))
    }
);
