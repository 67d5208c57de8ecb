//! `refuse` 不予登记.

use std::collections::BTreeSet;

use crate::{
    domain::{code_list::ListName, contract::Refusal, error::FieldError, expert_review::heed, workflow::Action},
    usecases::{
        Context, Error,
        values::{checked, optional_text, required_code, required_text, settle},
    },
};

use super::{
    Answer, Checked, Command, ContractView,
    act::{self, Told},
};

/// Why.
#[derive(Clone, Default)]
pub struct RefuseInput {
    /// Ids of the code list `refusal_reason`.
    pub reasons: Vec<String>,
    /// Free text; required beside `other`, and against what experts concluded.
    pub note: Option<String>,
}

/// Refuses a contract.
///
/// # Errors
/// Rights, version, state; no reason, an unknown one; no note beside `other`, or where experts concluded that it be recognised.
pub async fn refuse(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    input: Checked<RefuseInput>,
) -> Result<Answer<ContractView>, Error> {
    let context = ctx.clone();
    act::act(ctx, command, id, Action::Refuse, move |work| {
        let input = checked(&input)?;
        let list = context.catalogue.list(ListName::RefusalReason);
        let mut errors = Vec::new();
        let mut seen = BTreeSet::new();
        if !input.reasons.iter().all(|r| seen.insert(r.as_str())) {
            return Err(Error::invalid("/reasons", "repeated", "同一理由只能选择一次。"));
        }
        if input.reasons.is_empty() {
            errors.push(FieldError::new(
                "/reasons",
                "required",
                "请至少选择一项不予登记的理由。",
            ));
        }
        for (index, reason) in input.reasons.iter().enumerate() {
            required_code(&mut errors, &format!("/reasons/{index}"), Some(reason), list);
        }
        let against_experts = heed::refusal_owes_note(work.contract.expert_conclusion.as_ref());
        let note = if against_experts || input.reasons.iter().any(|r| r == "other") {
            Some(required_text(&mut errors, "/note", input.note.as_deref()))
        } else {
            optional_text(&mut errors, "/note", input.note.as_deref())
        };
        settle(errors)?;
        let labels: Vec<&str> = input.reasons.iter().filter_map(|r| list.label(r)).collect();
        let mut reason = labels.join("；");
        if let Some(note) = &note {
            reason = format!("{reason}：{note}");
        }
        work.contract.claimed_by = None;
        work.contract.claimed_at = None;
        work.contract.refusal = Some(Refusal {
            at: Some(work.now),
            reasons: input.reasons,
            note,
            by: Some(work.actor.username.clone()),
        });
        Ok(Some(Told {
            reason: Some(reason),
            changes: Vec::new(),
        }))
    })
    .await
}
