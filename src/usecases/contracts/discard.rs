//! `discard`: a draft that was never submitted goes; the ledger keeps that it was there.

use crate::{
    domain::workflow::{Action, State},
    storage::contracts,
    usecases::{Context, Error, command::change},
};

use super::{
    Answer, Command,
    act::{self, Told},
};

/// Deletes a draft.
///
/// # Errors
/// Rights, version, state.
pub async fn discard(ctx: &Context, command: Command<()>, id: i64) -> Result<(), Error> {
    let done = change(ctx, command, move |db, command, now| {
        let (contract, role) = act::admit(db, command, id, Action::Discard, now.date())?;
        if !contracts::delete_draft(db, id, contract.version)? {
            return Err(Error::Stale {
                current: contract.version,
            });
        }
        let states = (Some(State::Draft), None);
        act::enter(
            db,
            &command.actor,
            role,
            Action::Discard,
            id,
            states,
            Told::default(),
            now,
        )
    })
    .await?;
    match done {
        Answer::Done(()) | Answer::Repeated(_) => Ok(()),
    }
}
