//! `reassign`: another reviewer takes the work over from a claimer.

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

/// Takes a contract over, for a reason.
///
/// # Errors
/// Rights, version, state; no reason.
pub async fn reassign(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    reason: Checked<Option<String>>,
) -> Result<Answer<ContractView>, Error> {
    act::act(ctx, command, id, Action::Reassign, move |work| {
        let mut errors = Vec::new();
        let reason = required_text(&mut errors, "/reason", checked(&reason)?.as_deref());
        settle(errors)?;
        work.contract.claimed_by = Some(work.actor.username.clone());
        work.contract.claimed_at = Some(work.now);
        Ok(Some(Told {
            reason: Some(reason),
            changes: Vec::new(),
        }))
    })
    .await
}
