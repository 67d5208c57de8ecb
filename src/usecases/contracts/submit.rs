//! `submit`: the agency's 认定. The entered type and technology amount are its finding.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    domain::{
        checks::{Check, Severity},
        contract::{Content, Contract},
        error::FieldError,
        ledger::{Change, content_changes},
        time::Date,
        workflow::Action,
    },
    storage::{attachments, revisions},
    usecases::{
        Context, Error,
        values::{checked, optional_text, required_text, settle},
    },
};

use super::{
    Answer, Checked, Command, ContractView,
    act::{self, TellingRefusal, Told, Work},
    checks::is_registered_elsewhere,
    term::begins_on_submission,
    view::rule_set_of,
};

/// Written reasons for warnings, by the check's id.
pub type Reasons = BTreeMap<String, String>;

/// What a submission says beside the contract.
#[derive(Clone, Default)]
pub struct SubmitInput {
    /// Written reasons for warnings.
    pub reasons: Reasons,
    /// What was done about what the last return asked for.
    pub answers: Vec<AnswerInput>,
}

/// What was done about one item of a return.
#[derive(Clone, Default)]
pub struct AnswerInput {
    /// Its place among the items, from 0 on.
    pub item: Option<i64>,
    /// In words.
    pub text: Option<String>,
}

/// Below what the ledger has the answers: `/answers/0` is that to the first item of the return before.
pub const ANSWERS: &str = "/answers/";

/// The code of the error that asks for a reason.
pub const REASON_REQUIRED: &str = "reason_required";

/// What the ledger calls it that a submitter was told of another agency's duplicate.
pub(super) const DUPLICATE_ELSEWHERE: &str = "duplicate_elsewhere";

/// The check whose reason answers for it.
const DUPLICATE: &str = "A01";

/// All that is told of it: not which contract, not which agency, not what it is called.
const TOLD_ELSEWHERE: &str = "另一登记机构已有卖方、买方、签订日期和合同成交额均相同的合同，请核对是否重复登记";

/// Submits a contract for review.
///
/// # Errors
/// Rights (a certificate valid today among them), version, state; what is missing or wrong, and warnings without a reason.
pub async fn submit(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    input: Checked<SubmitInput>,
) -> Result<Answer<ContractView>, Error> {
    let context = ctx.clone();
    act::act(ctx, command, id, Action::Submit, move |work| {
        let SubmitInput { reasons, answers } = checked(&input)?;
        let mut errors = Vec::new();
        let answers = answered(work.contract, &answers, &mut errors);
        let content = received(work.contract, work.today);
        let received_on = content.received_on.unwrap_or(work.today);
        let Some(told) = examine(&context, work, &content, &reasons, errors)? else {
            return Ok(None);
        };
        let told = (!told.is_empty()).then(|| told.join("；"));
        let mut changes = content_changes(&work.contract.content, &content);
        changes.extend(answers);
        accept(&context, work, content, received_on)?;
        Ok(Some(Told { reason: told, changes }))
    })
    .await
}

/// The content as it is submitted: received today where no day is entered.
pub(super) fn received(contract: &Contract, today: Date) -> Content {
    Content {
        received_on: contract.content.received_on.or(Some(today)),
        ..contract.content.clone()
    }
}

/// What the ledger says of the answers to the items of the last return.
fn answered(contract: &Contract, answers: &[AnswerInput], errors: &mut Vec<FieldError>) -> Vec<Change> {
    let items = contract.returned.as_ref().map_or(0, |returned| returned.items.len());
    let mut changes: Vec<Change> = Vec::new();
    for (index, answer) in answers.iter().enumerate() {
        let at = format!("/answers/{index}/item");
        let text = required_text(errors, &format!("/answers/{index}/text"), answer.text.as_deref());
        let place = answer.item.and_then(|n| usize::try_from(n).ok()).filter(|n| *n < items);
        let pointer = place.map(|n| format!("{ANSWERS}{n}"));
        match pointer {
            None if answer.item.is_none() => errors.push(FieldError::new(at, "required", "此项必填。")),
            None => {
                let detail = "上一次退回补正没有这一项（从 0 起数）。";
                errors.push(FieldError::new(at, "out_of_range", detail));
            }
            Some(pointer) if changes.iter().any(|c| c.pointer == pointer) => {
                errors.push(FieldError::new(at, "repeated", "同一项只能答复一次。"));
            }
            Some(pointer) => changes.push(Change {
                pointer,
                from: json!(null),
                to: json!(text),
            }),
        }
    }
    changes
}

/// Holds the contract against every rule; answers the reasons as they go into the ledger. None where it is refused with an entry.
///
/// Whether another agency has registered the same deal is asked last, when nothing else stands in the way: whoever asks is told so
/// on record, or has submitted, which is on record too. So nobody learns of other agencies' contracts by trying.
fn examine(
    ctx: &Context,
    work: &mut Work<'_>,
    content: &Content,
    reasons: &Reasons,
    mut errors: Vec<FieldError>,
) -> Result<Option<Vec<String>>, Error> {
    let findings = work.find(ctx, content)?;
    let checks = findings.checks.clone();
    work.findings = Some(findings);
    let mut told = Vec::new();
    for Check {
        id,
        severity,
        message,
        pointer,
    } in checks
    {
        match severity {
            Severity::Error => errors.push(FieldError::new(pointer, id, message)),
            Severity::Notice => {}
            Severity::Warning => match optional_text(
                &mut errors,
                &format!("/reasons/{id}"),
                reasons.get(id).map(String::as_str),
            ) {
                Some(reason) => told.push(format!("{id}：{reason}")),
                None => errors.push(FieldError::new(
                    format!("/reasons/{id}"),
                    REASON_REQUIRED,
                    format!("请书面说明理由：{message}"),
                )),
            },
        }
    }
    settle(errors)?;
    told.dedup();
    let is_elsewhere = match &work.planned {
        Some(planned) => planned.is_registered_elsewhere,
        None => is_registered_elsewhere(work.db, work.actor, work.contract, content)?,
    };
    if is_elsewhere {
        let pointer = format!("/reasons/{DUPLICATE}");
        let mut errors = Vec::new();
        match optional_text(&mut errors, &pointer, reasons.get(DUPLICATE).map(String::as_str)) {
            Some(reason) => told.push(format!("{DUPLICATE}：{reason}")),
            None => {
                let detail = format!("请书面说明理由：{TOLD_ELSEWHERE}");
                errors.push(FieldError::new(pointer, REASON_REQUIRED, detail));
                work.refusal = Some(TellingRefusal {
                    action: DUPLICATE_ELSEWHERE,
                    told: TOLD_ELSEWHERE.to_owned(),
                    error: Error::Invalid(errors),
                });
                return Ok(None);
            }
        }
        told.dedup();
    }
    Ok(Some(told))
}

fn accept(ctx: &Context, work: &mut Work<'_>, content: Content, received_on: Date) -> Result<(), Error> {
    let contract = &mut *work.contract;
    let rule_set = rule_set_of(&ctx.catalogue, contract.rule_set.as_deref(), received_on)
        .ok_or_else(|| Error::internal("no rule set"))?;
    let technology_amount = content.technology_amount_fen.unwrap_or(0);
    contract.rule_set = Some(rule_set.id.clone());
    let begins_on = begins_on_submission(rule_set, contract, received_on, work.today);
    contract.due_on = Some(
        rule_set
            .due_on(begins_on, technology_amount, ctx.catalogue.calendar())
            .on,
    );
    contract.submitted_at = Some(work.now);
    contract.submitted_by = Some(work.actor.username.clone());
    contract.registrar_certificate = work.actor.certificate.as_ref().map(|c| c.number.clone());
    contract.returned = None;
    contract.expert_conclusion = None;
    attachments::bind(contract.id);
    if contract.content != content {
        contract.content = content;
        let by = &work.actor.username;
        revisions::replace(work.db, contract.id, contract.revision, &contract.content, by, work.now)?;
    }
    Ok(())
}
