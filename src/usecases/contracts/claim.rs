//! `claim`: a reviewer takes a submitted contract in hand; one claimer at a time.

use crate::{
    domain::workflow::Action,
    usecases::{Context, Error, values::checked},
};

use super::{
    Answer, Checked, Command, ContractView,
    act::{self, Told},
};

/// Claims a contract.
///
/// # Errors
/// Rights, version, state: a second claim meets the wrong state; a request that says more than it may.
pub async fn claim(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    nothing: Checked<()>,
) -> Result<Answer<ContractView>, Error> {
    act::act(ctx, command, id, Action::Claim, move |work| {
        checked(&nothing)?;
        work.contract.claimed_by = Some(work.actor.username.clone());
        work.contract.claimed_at = Some(work.now);
        Ok(Some(Told::default()))
    })
    .await
}
