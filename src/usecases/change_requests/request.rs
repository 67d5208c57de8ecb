//! A registrar asks for another content (`amend`) or the end (`cancel`) of a confirmed contract. An act on the contract: its version
//! rises, and until someone decides it carries the request's key.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    domain::{
        change_request::{ChangeKind, ChangeRequest},
        checks::{self, Severity},
        code_list::ListName,
        contract::{Content, Contract},
        error::FieldError,
        ledger::{Act, Change},
        time::Date,
    },
    storage::{Db, StoreError, attachments as papers, change_requests, ledger},
    usecases::{
        Context, Error,
        command::change,
        contracts::{act, view::rule_set_of},
        values::{checked, required_code, required_text, settle},
    },
};

use super::{Answer, ChangeRequestView, Checked, Command};

/// What is asked for.
#[derive(Clone, Default)]
pub struct RequestInput {
    /// `amend` or `cancel`.
    pub kind: Option<String>,
    /// What an amendment changes.
    pub changes: Option<Proposed>,
    /// Id of the code list `cancellation_ground`, for a cancellation.
    pub ground: Option<String>,
    /// Free text.
    pub reason: Option<String>,
    /// Keys of attachments of the contract.
    pub attachments: Vec<i64>,
}

/// A merge patch over the content, and what knows how to apply it: callers see the content in a form of its own.
#[derive(Clone)]
pub struct Proposed {
    /// RFC 7396; an object.
    pub patch: Value,
    /// The content after the patch, or what is wrong with the patch.
    pub apply: fn(&Value, &Content) -> Result<Content, Vec<FieldError>>,
}

impl Proposed {
    fn is_empty(&self) -> bool {
        self.patch.as_object().is_none_or(serde_json::Map::is_empty)
    }
}

/// Attachments named at most.
const MOST_ATTACHMENTS: usize = 50;

/// Asks for a change.
///
/// # Errors
/// Rights, version, state; [`Error::Conflict`] while another request is open; no or an unknown kind; an amendment that changes
/// nothing or makes of the contract what could not be submitted; a cancellation without ground; no reason; attachments that the
/// contract does not have.
pub async fn request(
    ctx: &Context,
    command: Command<ChangeRequestView>,
    id: i64,
    input: Checked<RequestInput>,
) -> Result<Answer<ChangeRequestView>, Error> {
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let actor = &command.actor;
        // Both kinds are the same people's in the same state: without one, that of `amend` is asked about.
        let kind = input
            .as_ref()
            .ok()
            .and_then(|i| ChangeKind::from_id(i.kind.as_deref()?));
        let action = kind.unwrap_or(ChangeKind::Amend).action();
        let (mut contract, role) = act::admit(db, command, id, action, now.date())?;
        if contract.open_change_request.is_some() {
            return Err(already_open());
        }
        let wanted = read(&context, db, &contract, &checked(&input)?, now.date())?;
        let mut request = ChangeRequest {
            contract_id: id,
            base_version: contract.version,
            base_revision: contract.revision,
            requested_by: actor.username.clone(),
            requested_at: now,
            ..wanted
        };
        request.id = change_requests::insert(db, &request).map_err(|e| match e {
            StoreError::Duplicate(_) => already_open(),
            other => other.into(),
        })?;
        let before = contract.clone();
        contract.open_change_request = Some(request.id);
        act::write(db, &before, &mut contract, action)?;
        let mut changes = act::standing_changes(&before, &contract);
        changes.push(Change {
            pointer: format!("/change_requests/{}", request.id),
            from: json!(null),
            to: json!({
                "kind": request.kind.id(),
                "changes": request.changes,
                "ground": request.ground,
                "attachments": request.attachments,
            }),
        });
        ledger::append(
            db,
            Act {
                at: now,
                actor: actor.username.clone(),
                role: Some(role.id().to_owned()),
                contract: Some(id),
                action: format!("request_{}", request.kind.id()),
                from: Some(before.state.id().to_owned()),
                to: Some(contract.state.id().to_owned()),
                reason: Some(request.reason.clone()),
                changes,
            },
        )?;
        Ok(ChangeRequestView::of(actor, request, &contract))
    })
    .await
}

fn already_open() -> Error {
    Error::Conflict("该合同已有一项未办结的变更或注销申请。".to_owned())
}

/// The request as its values say it, not yet anyone's.
fn read(
    ctx: &Context,
    db: &mut Db,
    contract: &Contract,
    input: &RequestInput,
    today: Date,
) -> Result<ChangeRequest, Error> {
    let mut errors = Vec::new();
    let kind = match input.kind.as_deref() {
        None => {
            errors.push(FieldError::new("/kind", "required", "此项必填。"));
            None
        }
        Some(id) => {
            let kind = ChangeKind::from_id(id);
            if kind.is_none() {
                errors.push(FieldError::new(
                    "/kind",
                    "unknown_code",
                    "应为 amend（变更）或 cancel（注销）。",
                ));
            }
            kind
        }
    };
    let (mut content, mut ground) = (None, None);
    match kind {
        Some(ChangeKind::Amend) => {
            content = amended(ctx, contract, input.changes.as_ref(), today, &mut errors);
            if input.ground.is_some() {
                errors.push(FieldError::new("/ground", "not_applicable", "变更申请不填注销事由。"));
            }
        }
        Some(ChangeKind::Cancel) => {
            let list = ctx.catalogue.list(ListName::CancellationGround);
            ground = Some(required_code(&mut errors, "/ground", input.ground.as_deref(), list));
            if input.changes.as_ref().is_some_and(|c| !c.is_empty()) {
                errors.push(FieldError::new("/changes", "not_applicable", "注销申请不填变更内容。"));
            }
        }
        None => {}
    }
    let reason = required_text(&mut errors, "/reason", input.reason.as_deref());
    attached(db, contract.id, &input.attachments, &mut errors)?;
    settle(errors)?;
    let kind = kind.ok_or_else(|| Error::internal("a request without a kind"))?;
    Ok(ChangeRequest {
        id: 0,
        contract_id: contract.id,
        kind,
        changes: input
            .changes
            .as_ref()
            .filter(|_| kind == ChangeKind::Amend)
            .map(|c| c.patch.clone()),
        content,
        ground,
        reason,
        attachments: input.attachments.clone(),
        base_version: contract.version,
        base_revision: contract.revision,
        requested_by: String::new(),
        requested_at: contract.created_at,
        decided: None,
    })
}

/// The content asked for. It must be what could be submitted today under the contract's rule set; what a submission would have to
/// give a reason for, the request's own reason covers.
fn amended(
    ctx: &Context,
    contract: &Contract,
    proposed: Option<&Proposed>,
    today: Date,
    errors: &mut Vec<FieldError>,
) -> Option<Content> {
    let Some(proposed) = proposed else {
        errors.push(FieldError::new("/changes", "required", "请写明变更内容。"));
        return None;
    };
    let mut content = match (proposed.apply)(&proposed.patch, &contract.content) {
        Ok(content) => content,
        Err(wrong) => {
            errors.extend(wrong.into_iter().map(|e| FieldError {
                pointer: format!("/changes{}", e.pointer),
                ..e
            }));
            return None;
        }
    };
    checks::tidy(&mut content);
    if content == contract.content {
        errors.push(FieldError::new("/changes", "unchanged", "变更内容与现登记内容相同。"));
        return None;
    }
    // History may not say when the papers came in: at the latest when they were submitted, or confirmed.
    let known = contract.submitted_at.or(contract.confirmed_at).map(|at| at.date());
    content.received_on = content.received_on.or(known);
    let accepted = content.received_on.unwrap_or(today);
    let rule_set = rule_set_of(&ctx.catalogue, contract.rule_set.as_deref(), accepted);
    let found = checks::for_submission_under(&content, &ctx.catalogue, rule_set, today);
    let wrong = found.into_iter().filter(|f| f.severity == Severity::Error);
    errors.extend(wrong.map(|f| FieldError::new(format!("/changes{}", f.pointer), f.id, f.message)));
    Some(content)
}

fn attached(db: &mut Db, contract: i64, attachments: &[i64], errors: &mut Vec<FieldError>) -> Result<(), Error> {
    if attachments.len() > MOST_ATTACHMENTS {
        let detail = format!("不得超过 {MOST_ATTACHMENTS} 个附件。");
        errors.push(FieldError::new("/attachments", "too_many", detail));
        return Ok(());
    }
    let mut seen = BTreeSet::new();
    for (index, id) in attachments.iter().enumerate() {
        let pointer = format!("/attachments/{index}");
        if !seen.insert(id) {
            errors.push(FieldError::new(pointer, "repeated", "同一附件只列一次。"));
        } else if !papers::all_of_contract(db, contract, &[*id])? {
            errors.push(FieldError::new(pointer, "unknown_attachment", "该合同没有这个附件。"));
        }
    }
    Ok(())
}
