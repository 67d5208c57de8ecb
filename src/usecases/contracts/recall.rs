//! `recall` 收回: the claimer takes a contract back from experts who cannot meet, or whom nobody convened.

use crate::{
    domain::workflow::Action,
    usecases::{
        Context, Error, expert_reviews,
        values::{checked, required_text, settle},
    },
};

use super::{
    Answer, Checked, Command, ContractView,
    act::{self, Told},
    term::set_due,
};

/// Takes a contract back from experts; the panel, if one had it, closes where nothing else is open before it.
///
/// # Errors
/// Rights, version, state; no reason.
pub async fn recall(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    reason: Checked<Option<String>>,
) -> Result<Answer<ContractView>, Error> {
    let context = ctx.clone();
    act::act(ctx, command, id, Action::Recall, move |work| {
        let mut errors = Vec::new();
        let reason = required_text(&mut errors, "/reason", checked(&reason)?.as_deref());
        settle(errors)?;
        expert_reviews::leave(work.db, work.contract, work.actor, &reason, work.now)?;
        set_due(&context, work, false)?;
        Ok(Some(Told {
            reason: Some(reason),
            changes: Vec::new(),
        }))
    })
    .await
}
