//! `submit`: the agency's 认定. The entered type and technology amount are its finding.

use std::collections::BTreeMap;

use crate::{
    domain::{
        checks::{Check, Severity},
        contract::Content,
        error::FieldError,
        ledger::content_changes,
        time::Date,
        workflow::Action,
    },
    storage::revisions,
    usecases::{
        Context, Error,
        values::{checked, optional_text, settle},
    },
};

use super::{
    Answer, Checked, Command, ContractView,
    act::{self, Told, Work},
    checks::at_submission,
    view::rule_set_of,
};

/// Written reasons for warnings, by the check's id.
pub type Reasons = BTreeMap<String, String>;

/// The code of the error that asks for a reason.
pub const REASON_REQUIRED: &str = "reason_required";

/// Submits a contract for review.
///
/// # Errors
/// Rights (a certificate valid today among them), version, state; what is missing or wrong, and warnings without a reason.
pub async fn submit(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    reasons: Checked<Reasons>,
) -> Result<Answer<ContractView>, Error> {
    let context = ctx.clone();
    act::act(ctx, command, id, Action::Submit, move |work| {
        let reasons = checked(&reasons)?;
        let received_on = work.contract.content.received_on.unwrap_or(work.today);
        let content = Content {
            received_on: Some(received_on),
            ..work.contract.content.clone()
        };
        let told = examine(&context, work, &content, &reasons)?;
        let changes = content_changes(&work.contract.content, &content);
        accept(&context, work, content, received_on)?;
        Ok(Some(Told { reason: told, changes }))
    })
    .await
}

/// Holds the contract against every rule; answers the reasons as they go into the ledger.
fn examine(ctx: &Context, work: &mut Work<'_>, content: &Content, reasons: &Reasons) -> Result<Option<String>, Error> {
    let findings = at_submission(work.db, ctx, work.actor, work.contract, content, work.today)?;
    let mut errors = Vec::new();
    let mut told = Vec::new();
    for Check {
        id,
        severity,
        message,
        pointer,
    } in findings
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
    Ok((!told.is_empty()).then(|| told.join("；")))
}

fn accept(ctx: &Context, work: &mut Work<'_>, content: Content, received_on: Date) -> Result<(), Error> {
    let contract = &mut *work.contract;
    let rule_set = rule_set_of(&ctx.catalogue, contract.rule_set.as_deref(), received_on)
        .ok_or_else(|| Error::internal("no rule set"))?;
    let technology_amount = content.technology_amount_fen.unwrap_or(0);
    contract.rule_set = Some(rule_set.id.clone());
    contract.due_on = Some(
        rule_set
            .due_on(received_on, technology_amount, ctx.catalogue.calendar())
            .on,
    );
    contract.submitted_at = Some(work.now);
    contract.submitted_by = Some(work.actor.username.clone());
    contract.registrar_certificate = work.actor.certificate.as_ref().map(|c| c.number.clone());
    contract.returned = None;
    contract.expert_conclusion = None;
    if contract.content != content {
        contract.content = content;
        let by = &work.actor.username;
        revisions::replace(work.db, contract.id, contract.revision, &contract.content, by, work.now)?;
    }
    Ok(())
}
