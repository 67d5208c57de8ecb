//! `withdraw`: a registrar of the agency takes a contract back before anyone works on it.

use crate::{
    domain::workflow::Action,
    usecases::{
        Context, Error,
        values::{checked, required_text, settle},
    },
};

use super::{
    Answer, Checked, Command, ContractView,
    act::{self, Told},
};

/// Withdraws a submitted or returned contract, for a reason.
///
/// # Errors
/// Rights, version, state; no reason.
pub async fn withdraw(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    reason: Checked<Option<String>>,
) -> Result<Answer<ContractView>, Error> {
    act::act(ctx, command, id, Action::Withdraw, move |work| {
        let mut errors = Vec::new();
        let reason = required_text(&mut errors, "/reason", checked(&reason)?.as_deref());
        settle(errors)?;
        work.contract.returned = None;
        Ok(Some(Told {
            reason: Some(reason),
            changes: Vec::new(),
        }))
    })
    .await
}
