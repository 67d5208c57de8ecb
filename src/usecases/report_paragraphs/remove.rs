//! Taking a paragraph out of a report. The ledger keeps its words.

use super::{enter, may_write};
use crate::{
    storage::report_paragraphs,
    usecases::{
        Context, Error,
        command::{Command, change, on_current},
    },
};

/// Takes a paragraph away.
///
/// # Errors
/// Rights; no such paragraph; 428, 412.
pub async fn remove(ctx: &Context, command: Command<()>, (year, id): (i32, i64)) -> Result<(), Error> {
    change(ctx, command, move |db, command, now| {
        may_write(&command.actor)?;
        let before = report_paragraphs::find(db, year, id)?.ok_or(Error::NotFound)?;
        on_current(command, before.version)?;
        report_paragraphs::delete(db, id)?;
        enter(
            db,
            &command.actor,
            "remove_report_paragraph",
            (Some(&before), None),
            now,
        )
    })
    .await?;
    Ok(())
}
