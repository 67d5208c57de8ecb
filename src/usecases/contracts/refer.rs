//! `refer` 提请专家论证: the claimer puts a contract before an expert panel, or lets it wait for one.

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

/// Why, and before which panel.
#[derive(Clone, Default)]
pub struct ReferInput {
    /// In words.
    pub reason: Option<String>,
    /// Key of an open panel; none lets the contract wait until a panel takes it.
    pub expert_review_id: Option<i64>,
}

/// Refers a contract to experts; who claimed it keeps it.
///
/// # Errors
/// Rights, version, state; no reason; a panel that is not there, is closed, or has had this contract before it.
pub async fn refer(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    input: Checked<ReferInput>,
) -> Result<Answer<ContractView>, Error> {
    let context = ctx.clone();
    act::act(ctx, command, id, Action::Refer, move |work| {
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let reason = required_text(&mut errors, "/reason", input.reason.as_deref());
        let panel = match input.expert_review_id {
            Some(panel) => expert_reviews::panel_to_join(work.db, panel, work.contract, &mut errors)?,
            None => None,
        };
        settle(errors)?;
        if let Some(sitting) = panel {
            expert_reviews::join(work.db, &sitting, work.contract, work.actor, work.now)?;
        }
        set_due(&context, work, true)?;
        Ok(Some(Told {
            reason: Some(reason),
            changes: Vec::new(),
        }))
    })
    .await
}
