//! `detach`: an attachment of a draft that was never submitted goes; the ledger keeps that it was there.

use serde_json::json;

use crate::{
    domain::{ledger::Change, workflow::FileAct},
    storage::attachments,
    usecases::{Context, Error, command::change},
};

use super::{
    Answer, Command,
    act::{admit, enter},
    attach::told,
};

/// Removes an attachment; answers the contract's version since. The file is collected later.
///
/// # Errors
/// Rights, version, state: a contract that was submitted once keeps its attachments.
pub async fn detach(ctx: &Context, command: Command<i64>, id: i64, attachment: i64) -> Result<i64, Error> {
    let done = change(ctx, command, move |db, command, now| {
        let admitted = admit(db, command, id, Some(attachment), FileAct::Detach)?;
        let found = attachments::find(db, id, attachment)?.ok_or(Error::NotFound)?;
        attachments::delete(db, id, attachment)?;
        let change = Change {
            pointer: format!("/attachments/{attachment}"),
            from: told(&found),
            to: json!(null),
        };
        enter(db, command, admitted, FileAct::Detach, change, now)
    })
    .await?;
    match done {
        Answer::Done(version) => Ok(version),
        Answer::Repeated(_) => Err(Error::internal("a removal carries no key")),
    }
}
