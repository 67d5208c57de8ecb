//! `reassign`: another reviewer takes the work over from a claimer.

use serde_json::json;

use crate::{
    domain::{ledger::Change, workflow::Action},
    usecases::{Context, Error},
};

use super::{
    Answer, Checked, Command, ContractView,
    act::{self, Told},
    check::{checked, required_text, settle},
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
        let before = work.contract.claimed_by.replace(work.actor.username.clone());
        Ok(Some(Told {
            reason: Some(reason),
            changes: vec![Change {
                pointer: "/claimed_by".to_owned(),
                from: json!(before),
                to: json!(work.contract.claimed_by),
            }],
        }))
    })
    .await
}
