//! Adding a paragraph.

use super::{NewParagraph, ParagraphView, YEARS, enter, may_write, text};
use crate::{
    domain::error::FieldError,
    storage::report_paragraphs::{self, ReportParagraph},
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        entry,
        values::{Checked, checked, settle},
    },
};

/// Paragraphs of one year.
const MOST: usize = 200;

/// Adds a paragraph to the report of a year.
///
/// # Errors
/// Rights; a year that has no report; everything that is missing or wrong, names of figures included.
pub async fn add(
    ctx: &Context,
    command: Command<ParagraphView>,
    year: i32,
    input: Checked<NewParagraph>,
) -> Result<Answer<ParagraphView>, Error> {
    let catalogue = ctx.catalogue.clone();
    change(ctx, command, move |db, command, now| {
        may_write(&command.actor)?;
        if !YEARS.contains(&year) {
            return Err(Error::NotFound);
        }
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let chapter = text::chapter(&mut errors, input.chapter.as_deref());
        let words = text::words(&mut errors, &catalogue, input.text.as_deref());
        let there = report_paragraphs::of_year(db, year, None, None)?;
        let last = there.iter().filter(|p| p.chapter == chapter).map(|p| p.position).max();
        let next = last.map_or(1, |last| last + 1);
        let position = text::position(&mut errors, input.position.unwrap_or(next));
        if there.len() >= MOST {
            let detail = format!("一个年度的补充段落不得超过 {MOST} 段。");
            errors.push(FieldError::new("", "too_many", detail));
        }
        settle(errors)?;
        let mut paragraph = ReportParagraph {
            id: 0,
            year,
            chapter,
            position,
            text: words,
            created_at: now,
            created_by: command.actor.username.clone(),
            changed_at: now,
            changed_by: command.actor.username.clone(),
            version: entry::next_version(db)?,
        };
        paragraph.id = report_paragraphs::insert(db, &paragraph)?;
        enter(
            db,
            &command.actor,
            "add_report_paragraph",
            (None, Some(&paragraph)),
            now,
        )?;
        Ok(paragraph.into())
    })
    .await
}
