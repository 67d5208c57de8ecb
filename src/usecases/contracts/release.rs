//! `release`: the claimer lays a contract back.

use crate::{
    domain::workflow::Action,
    usecases::{Context, Error},
};

use super::{
    Answer, Command, ContractView,
    act::{self, Told},
};

/// Releases a contract.
///
/// # Errors
/// Rights, version, state.
pub async fn release(ctx: &Context, command: Command<ContractView>, id: i64) -> Result<Answer<ContractView>, Error> {
    act::act(ctx, command, id, Action::Release, |work| {
        work.contract.claimed_by = None;
        Ok(Some(Told::default()))
    })
    .await
}
