//! `reinstate` 恢复登记: a revoked or cancelled registration is in force again from this moment on. What ended stays a fact of its time.

use crate::{
    domain::workflow::Action,
    storage::{
        reinstatements::{self, Reinstatement},
        standings,
    },
    usecases::{
        Context, Error,
        values::{checked, required_text, settle},
    },
};

use super::{
    Answer, Checked, Command, ContractView,
    act::{self, Told},
};

/// Why an earlier decision does not stand, and by which document.
#[derive(Clone, Default)]
pub struct OverrulingInput {
    /// Free text.
    pub reason: Option<String>,
    /// 文书号 of the decision.
    pub document_number: Option<String>,
}

/// Reads an [`OverrulingInput`]: reason and document number.
pub(super) fn overruling(input: &Checked<OverrulingInput>) -> Result<(String, String), Error> {
    let input = checked(input)?;
    let mut errors = Vec::new();
    let reason = required_text(&mut errors, "/reason", input.reason.as_deref());
    let document_number = required_text(&mut errors, "/document_number", input.document_number.as_deref());
    settle(errors)?;
    Ok((reason, document_number))
}

/// Restores a registration; its year stays that of the first confirmation.
///
/// # Errors
/// Rights (who ended it may not), version, state; no reason, no document number.
pub async fn reinstate(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    input: Checked<OverrulingInput>,
) -> Result<Answer<ContractView>, Error> {
    act::act(ctx, command, id, Action::Reinstate, move |work| {
        let (reason, document_number) = overruling(&input)?;
        let contract = &mut *work.contract;
        let ended = contract
            .ended
            .take()
            .ok_or_else(|| Error::internal(format!("contract {} ended without a word", contract.id)))?;
        reinstatements::insert(
            work.db,
            &Reinstatement {
                contract_id: contract.id,
                at: work.now,
                from_state: contract.state,
                ended_at: ended.at,
                reason: reason.clone(),
                document_number: document_number.clone(),
            },
        )?;
        standings::open(work.db, contract, work.now, None)?;
        Ok(Some(Told {
            reason: Some(format!("{reason}（{document_number}）")),
            changes: Vec::new(),
        }))
    })
    .await
}
