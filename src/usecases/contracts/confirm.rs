//! `confirm` 审核确认: the claimer verifies type and technology amount; the contract is registered, numbered, and counted from
//! this moment on.

use crate::{
    domain::{
        checks::Severity,
        code_list::ListName,
        contract::{Content, Contract},
        error::FieldError,
        expert_review::heed::{self, Duty},
        ledger::content_changes,
        money::Fen,
        workflow::Action,
    },
    storage::{Db, numbers, revisions, standings},
    usecases::{
        Context, Error,
        values::{checked, optional_text, required_code, required_text, settle},
    },
};

use super::{
    Answer, Checked, Command, ContractView,
    act::{self, Told, Work},
    submit::{REASON_REQUIRED, Reasons},
    view::rule_set_of,
};

/// What the reviewer verified.
#[derive(Clone, Default)]
pub struct ConfirmInput {
    /// Code list `type`.
    pub verified_type: Option<String>,
    /// Code list `subtype`; required when the type changes.
    pub verified_subtype: Option<String>,
    /// 核定技术交易额, in fen.
    pub verified_technology_amount_fen: Option<Fen>,
    /// Free text.
    pub note: Option<String>,
    /// Written reasons for errors that the checks find, by the check's id.
    pub reasons: Reasons,
}

/// Confirms a contract.
///
/// # Errors
/// Rights, version, state; no positive expert conclusion where the rule set demands one; an unknown or missing type, a subtype not of
/// the type, a technology amount not within the total; values other than what required experts changed, or other than what experts
/// concluded without a note; an error of the checks, a missing required attachment among them, without a reason.
pub async fn confirm(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    input: Checked<ConfirmInput>,
) -> Result<Answer<ContractView>, Error> {
    let context = ctx.clone();
    act::act(ctx, command, id, Action::Confirm, move |work| {
        // What cannot be confirmed at all is told before what is wrong with the request.
        duty(&context, work.contract, &work.contract.content)?;
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let content = verified(&context, &input, &work.contract.content, &mut errors);
        let duty = if errors.is_empty() {
            duty(&context, work.contract, &content)?
        } else {
            Duty::Nothing
        };
        let note = if duty == Duty::Note {
            Some(required_text(&mut errors, "/note", input.note.as_deref()))
        } else {
            optional_text(&mut errors, "/note", input.note.as_deref())
        };
        if let Duty::Values(differing) = duty {
            errors.extend(differing);
        }
        let answered = if errors.is_empty() {
            answered(&context, work, &content, &input.reasons, &mut errors)?
        } else {
            Vec::new()
        };
        settle(errors)?;
        let told: Vec<String> = note.into_iter().chain(answered).collect();
        let changes = content_changes(&work.contract.content, &content);
        let number = next_number(work.db, work.contract, work.now.year())?;
        let contract = &mut *work.contract;
        contract.content = content;
        contract.revision += 1;
        contract.registration_number = Some(number);
        contract.confirmed_at = Some(work.now);
        contract.confirmed_by = Some(work.actor.username.clone());
        contract.claimed_by = None;
        contract.claimed_at = None;
        let by = &work.actor.username;
        revisions::insert(work.db, contract.id, contract.revision, &contract.content, by, work.now)?;
        standings::open(work.db, contract, work.now, None)?;
        Ok(Some(Told {
            reason: (!told.is_empty()).then(|| told.join("；")),
            changes,
        }))
    })
    .await
}

/// Holds what is to be confirmed against every rule once more: what came in by import was never submitted here. Each error asks for a
/// reason, which is kept with what it answers.
fn answered(
    ctx: &Context,
    work: &mut Work<'_>,
    content: &Content,
    reasons: &Reasons,
    errors: &mut Vec<FieldError>,
) -> Result<Vec<String>, Error> {
    let findings = work.find(ctx, content)?.checks;
    let mut grave: Vec<(&str, Vec<String>)> = Vec::new();
    for check in findings.into_iter().filter(|c| c.severity == Severity::Error) {
        match grave.iter_mut().find(|(id, _)| *id == check.id) {
            Some((_, messages)) => messages.push(check.message),
            None => grave.push((check.id, vec![check.message])),
        }
    }
    let mut answered = Vec::new();
    for (id, messages) in grave {
        let (pointer, message) = (format!("/reasons/{id}"), messages.join("；"));
        match optional_text(errors, &pointer, reasons.get(id).map(String::as_str)) {
            Some(reason) => answered.push(format!("{id} {message}，理由：{reason}")),
            None => errors.push(FieldError::new(
                pointer,
                REASON_REQUIRED,
                format!("请书面说明理由：{message}"),
            )),
        }
    }
    Ok(answered)
}

/// What the reviewer owes the experts.
fn duty(ctx: &Context, contract: &Contract, verified: &Content) -> Result<Duty, Error> {
    let entered = &contract.content;
    let accepted = entered.received_on.unwrap_or_else(|| ctx.clock.today());
    let rules = rule_set_of(&ctx.catalogue, contract.rule_set.as_deref(), accepted)
        .ok_or_else(|| Error::internal("no rule set"))?;
    let conclusion = contract.expert_conclusion.as_ref();
    match heed::on_confirm(&rules.expert_review, conclusion, entered, verified) {
        Duty::Stop(reason) => Err(Error::Conflict(reason.to_owned())),
        duty => Ok(duty),
    }
}

/// The content as verified: the entered one stays readable in the earlier revision.
fn verified(ctx: &Context, input: &ConfirmInput, entered: &Content, errors: &mut Vec<FieldError>) -> Content {
    let types = ctx.catalogue.list(ListName::Type);
    let contract_type = required_code(errors, "/verified_type", input.verified_type.as_deref(), types);
    let mut content = entered.clone();
    let type_known = !contract_type.is_empty();
    let type_changes = type_known && entered.contract_type.as_deref() != Some(contract_type.as_str());
    match input.verified_subtype.as_deref() {
        Some(subtype) => {
            let subtypes = ctx.catalogue.list(ListName::Subtype);
            let subtype = required_code(errors, "/verified_subtype", Some(subtype), subtypes);
            let parent = subtypes.get(&subtype).and_then(|s| s.parent.as_deref());
            if type_known && !subtype.is_empty() && parent != Some(contract_type.as_str()) {
                errors.push(FieldError::new(
                    "/verified_subtype",
                    "subtype_not_of_type",
                    format!("“{subtype}”不属于合同类别“{contract_type}”。"),
                ));
            }
            content.subtype = Some(subtype);
        }
        None if type_changes => errors.push(FieldError::new(
            "/verified_subtype",
            "required",
            "合同类别有变更时，须同时核定合同子类。",
        )),
        None => {}
    }
    content.contract_type = Some(contract_type);
    let total = entered.amount_fen.unwrap_or(0);
    match input.verified_technology_amount_fen {
        None => errors.push(FieldError::new(
            "/verified_technology_amount_fen",
            "required",
            "此项必填。",
        )),
        Some(fen) if fen <= 0 || fen > total => errors.push(FieldError::new(
            "/verified_technology_amount_fen",
            "out_of_range",
            "核定技术交易额应大于 0 且不超过合同成交额。",
        )),
        Some(fen) => {
            content.technology_amount_fen = Some(fen);
            content.non_technology_amount_fen = Some(total - fen);
        }
    }
    content
}

fn next_number(db: &mut Db, contract: &Contract, year: i32) -> Result<String, Error> {
    let code = contract
        .agency
        .as_ref()
        .and_then(|a| a.code.as_deref())
        .ok_or_else(|| Error::Conflict("登记机构没有六位机构代码，不能编号；请管理员先登记机构代码。".into()))?;
    numbers::next(db, code, year)?.ok_or_else(|| Error::Conflict(format!("登记机构 {code} 在 {year} 年的编号已用完。")))
}
