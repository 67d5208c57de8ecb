//! Completing a self-audit: what was found wrong is revoked, all or nothing.
//!
//! Each contract is revoked on the authority of who found it wrong: that person, not who completes, must be one who may revoke it
//! (and not who confirmed it), stands in `ended.by`, and cannot reinstate it. The ledger's entry names who completes as the actor,
//! since entries tell who did what, and the finder in its reason and in what changed.

use serde_json::json;

use crate::{
    domain::{
        account::{Actor, Role},
        code_list::ListName,
        contract::{Contract, Ended},
        policy::{self, Handled},
        self_audit::{AuditState, ItemState},
        time::{Date, Moment},
        workflow::{Action, State, next_state},
    },
    storage::{Db, contracts, self_audit_items, self_audits},
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        contracts::revoke::{reason_of, revoke_within},
        values::{Checked, checked, optional_date, optional_text, settle},
    },
};

use super::{AuditView, Ending, Finding, Item, ItemQuery, SelfAudit, Told, enter, found, must_be_drawn};

/// Contracts named in a refusal at most.
const NAMED: usize = 20;

/// What is said at the end.
#[derive(Clone, Default)]
pub struct CompleteInput {
    /// 文书号 of the revocations whose findings name none; required where there is such a one.
    pub document_number: Option<String>,
    /// 送达日期 of the same.
    pub served_on: Option<Date>,
    /// Free text.
    pub note: Option<String>,
}

/// A contract that was found wrong.
struct Wrong {
    item: Item,
    finding: Finding,
    contract: Contract,
}

/// Completes a self-audit.
///
/// # Errors
/// Rights; a self-audit that is over; contracts that nobody has looked at; a finding by someone who may not revoke the contract;
/// no document number where one is needed. Then nothing is changed.
pub async fn complete(
    ctx: &Context,
    command: Command<AuditView>,
    id: i64,
    input: Checked<CompleteInput>,
) -> Result<Answer<AuditView>, Error> {
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let role = policy::decide_run_self_audits(&command.actor)?;
        let audit = found(db, id)?;
        let view = AuditView::of(db, audit)?;
        must_be_drawn(&view.audit)?;
        if view.progress.open > 0 {
            let detail = format!("还有 {} 份合同没有检查结论，不能完成自查。", view.progress.open);
            return Err(Error::Conflict(detail));
        }
        let (in_force, ended) = wrong(db, id)?;
        refuse_unauthorised(&in_force)?;
        let ending = ending(&input, &in_force)?;
        for item in &ended {
            self_audit_items::set_outcome(db, item.id, "already_ended")?;
        }
        let revoked = in_force.len();
        for wrong in in_force {
            revoke(&context, db, (&command.actor, role), &view.audit, &ending, wrong, now)?;
        }
        let by = &command.actor.username;
        if !self_audits::end(db, id, AuditState::Completed, by, now, &ending)? {
            return Err(Error::Contention("the self-audit was ended meanwhile".to_owned()));
        }
        let told = Told {
            action: "complete_self_audit",
            contract: None,
            reason: ending.note.clone(),
            pointer: format!("{id}/state"),
            from: json!(AuditState::Drawn.id()),
            to: json!({
                "state": AuditState::Completed.id(),
                "right": view.progress.right,
                "wrong": view.progress.wrong,
                "revoked": revoked,
                "already_ended": ended.len(),
                "document_number": ending.document_number,
                "served_on": ending.served_on,
            }),
            by: (&command.actor, role),
        };
        enter(db, told, now)?;
        let audit = found(db, id)?;
        AuditView::of(db, audit)
    })
    .await
}

/// What was found wrong: contracts still in force, and items of contracts that ended meanwhile.
fn wrong(db: &mut Db, id: i64) -> Result<(Vec<Wrong>, Vec<Item>), Error> {
    let query = ItemQuery {
        state: Some(ItemState::Wrong),
        ..ItemQuery::default()
    };
    let (mut in_force, mut ended) = (Vec::new(), Vec::new());
    for item in self_audit_items::items(db, id, &query)? {
        let contract = contracts::find(db, item.drawn.contract_id)?
            .ok_or_else(|| Error::internal(format!("no contract {}", item.drawn.contract_id)))?;
        let finding = item
            .finding
            .clone()
            .ok_or_else(|| Error::internal(format!("item {} is wrong without a finding", item.id)))?;
        if next_state(contract.state, Action::Revoke).is_some() {
            in_force.push(Wrong {
                item,
                finding,
                contract,
            });
        } else {
            ended.push(item);
        }
    }
    Ok((in_force, ended))
}

/// The rule of `revoke`, held against who found each contract wrong. Nobody is given what they may not judge, so that this only
/// meets what was changed since.
fn refuse_unauthorised(in_force: &[Wrong]) -> Result<(), Error> {
    let refused: Vec<String> = in_force
        .iter()
        .filter(|w| {
            // Roles and agency were looked at when it was found; who handled the contract is looked at again.
            let finder = Actor {
                username: w.finding.found_by.clone(),
                roles: vec![Role::Reviewer],
                agency_id: None,
                certificate: None,
            };
            policy::decide_self_audit_item(&finder, &Handled::of(&w.contract)).is_err()
        })
        .map(|w| {
            w.item
                .registration_number
                .clone()
                .unwrap_or_else(|| w.contract.id.to_string())
        })
        .collect();
    if refused.is_empty() {
        return Ok(());
    }
    let more = if refused.len() > NAMED { "等" } else { "" };
    let numbers: Vec<&str> = refused.iter().take(NAMED).map(String::as_str).collect();
    Err(Error::Conflict(format!(
        "以下合同由其录入、提交或审核确认者本人认定有误，须改由他人检查：{}{more}。",
        numbers.join("、")
    )))
}

fn ending(input: &Checked<CompleteInput>, in_force: &[Wrong]) -> Result<Ending, Error> {
    let input = checked(input)?;
    let mut errors = Vec::new();
    let document_number = optional_text(&mut errors, "/document_number", input.document_number.as_deref());
    let lacking = in_force.iter().filter(|w| w.finding.document_number.is_none()).count();
    if document_number.is_none() && errors.is_empty() && lacking > 0 {
        errors.push(crate::domain::error::FieldError::new(
            "/document_number",
            "required",
            format!("有 {lacking} 份合同的检查结论没有文书号，请在此填写撤销文书号。"),
        ));
    }
    let ending = Ending {
        reason: None,
        document_number,
        served_on: optional_date(&mut errors, "/served_on", input.served_on),
        note: optional_text(&mut errors, "/note", input.note.as_deref()),
    };
    settle(errors)?;
    Ok(ending)
}

fn revoke(
    ctx: &Context,
    db: &mut Db,
    by: (&Actor, Role),
    audit: &SelfAudit,
    ending: &Ending,
    wrong: Wrong,
    now: Moment,
) -> Result<(), Error> {
    let Wrong {
        item,
        finding,
        contract,
    } = wrong;
    let ground = finding.ground.unwrap_or_default();
    let list = ctx.catalogue.list(ListName::RevocationGround);
    let reason = format!(
        "自查“{}”，{} 认定有误：{}",
        audit.made.title,
        finding.found_by,
        reason_of(list, &ground, finding.note.as_deref())
    );
    // A finding's own document brings its own date of service.
    let served_on = match &finding.document_number {
        Some(_) => finding.served_on,
        None => finding.served_on.or(ending.served_on),
    };
    let ended = Ended {
        at: now,
        state: State::Revoked,
        ground: Some(ground),
        document_number: finding.document_number.or_else(|| ending.document_number.clone()),
        served_on,
        note: finding.note,
        by: Some(finding.found_by),
        self_audit_id: Some(audit.id),
    };
    revoke_within(db, ctx, by, contract, ended, reason)?;
    self_audit_items::set_outcome(db, item.id, "revoked")?;
    Ok(())
}
