//! Changing a paragraph.

use super::{NewParagraph, ParagraphView, enter, may_write, text};
use crate::{
    storage::report_paragraphs,
    usecases::{
        Context, Error,
        command::{Answer, Command, change as changing, on_current},
        entry,
        values::{Checked, checked, settle},
    },
};

/// Changes chapter, place or words; what is absent stays. What changes nothing enters nothing in the ledger.
///
/// # Errors
/// Rights; no such paragraph; 428, 412; everything that is wrong, names of figures included.
pub async fn change(
    ctx: &Context,
    command: Command<ParagraphView>,
    (year, id): (i32, i64),
    input: Checked<NewParagraph>,
) -> Result<Answer<ParagraphView>, Error> {
    let catalogue = ctx.catalogue.clone();
    changing(ctx, command, move |db, command, now| {
        may_write(&command.actor)?;
        let before = report_paragraphs::find(db, year, id)?.ok_or(Error::NotFound)?;
        on_current(command, before.version)?;
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let mut after = before.clone();
        if let Some(chapter) = &input.chapter {
            after.chapter = text::chapter(&mut errors, Some(chapter));
        }
        if let Some(position) = input.position {
            after.position = text::position(&mut errors, position);
        }
        if let Some(words) = &input.text {
            after.text = text::words(&mut errors, &catalogue, Some(words));
        }
        settle(errors)?;
        if after == before {
            return Ok(before.into());
        }
        after.changed_at = now;
        after.changed_by.clone_from(&command.actor.username);
        after.version = entry::next_version(db)?;
        report_paragraphs::update(db, &after)?;
        let told = (Some(&before), Some(&after));
        enter(db, &command.actor, "change_report_paragraph", told, now)?;
        Ok(after.into())
    })
    .await
}
