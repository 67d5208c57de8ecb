//! `release`: the claimer lays a contract back.

use crate::{
    domain::workflow::Action,
    usecases::{Context, Error, values::checked},
};

use super::{
    Answer, Checked, Command, ContractView,
    act::{self, Told},
};

/// Releases a contract.
///
/// # Errors
/// Rights, version, state; a request that says more than it may.
pub async fn release(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    nothing: Checked<()>,
) -> Result<Answer<ContractView>, Error> {
    act::act(ctx, command, id, Action::Release, move |work| {
        checked(&nothing)?;
        work.contract.claimed_by = None;
        work.contract.claimed_at = None;
        Ok(Some(Told::default()))
    })
    .await
}
