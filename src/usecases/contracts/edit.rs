//! `edit`: a registrar of the agency changes a draft or a returned contract.

use crate::{
    domain::{ledger::content_changes, workflow::Action},
    storage::revisions,
    usecases::{Context, Error},
};

use super::{
    Answer, Command, ContractView,
    act::{self, Told},
    create::{ContentPatch, apply},
};

/// Changes the content; a patch that changes nothing writes nothing.
///
/// # Errors
/// Rights, version, state; malformed values, unknown codes, amounts that cannot hold together.
pub async fn edit(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    patch: ContentPatch,
) -> Result<Answer<ContractView>, Error> {
    let context = ctx.clone();
    act::act(ctx, command, id, Action::Edit, move |work| {
        let content = apply(&context, &patch, &work.contract.content)?;
        let changes = content_changes(&work.contract.content, &content);
        if changes.is_empty() {
            return Ok(None);
        }
        work.contract.content = content;
        let (contract, by) = (&work.contract, &work.actor.username);
        revisions::replace(work.db, contract.id, contract.revision, &contract.content, by, work.now)?;
        Ok(Some(Told { reason: None, changes }))
    })
    .await
}
