//! `reopen` 重新受理: a refused contract is reviewed again, as after an administrative reconsideration (行政复议).

use crate::{
    domain::workflow::Action,
    usecases::{Context, Error},
};

use super::{
    Answer, Checked, Command, ContractView,
    act::{self, Told},
    reinstate::{OverrulingInput, overruling},
    view::rule_set_of,
};

/// Reopens a refused contract. The papers are those of the submission, so `received_on` and `submitted_at` stay; the time for a
/// decision runs anew from today, by the contract's own rule set, the first day being tomorrow. What experts concluded does not
/// bind the new review.
///
/// # Errors
/// Rights (who refused may not), version, state; no reason, no document number.
pub async fn reopen(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    input: Checked<OverrulingInput>,
) -> Result<Answer<ContractView>, Error> {
    let context = ctx.clone();
    act::act(ctx, command, id, Action::Reopen, move |work| {
        let (reason, document_number) = overruling(&input)?;
        let (catalogue, contract, today) = (&context.catalogue, &mut *work.contract, work.today);
        let accepted = contract.content.received_on.unwrap_or(today);
        let rule_set = rule_set_of(catalogue, contract.rule_set.as_deref(), accepted)
            .ok_or_else(|| Error::internal("no rule set"))?;
        let technology_amount = contract.content.technology_amount_fen.unwrap_or(0);
        contract.due_on = Some(rule_set.due_on(today, technology_amount, catalogue.calendar()).on);
        contract.rule_set = Some(rule_set.id.clone());
        contract.refusal = None;
        contract.expert_conclusion = None;
        contract.claimed_by = None;
        contract.claimed_at = None;
        Ok(Some(Told {
            reason: Some(format!("{reason}（{document_number}）")),
            changes: Vec::new(),
        }))
    })
    .await
}
