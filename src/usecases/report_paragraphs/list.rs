//! Reading the paragraphs of a year.

use super::{ParagraphView, YEARS};
use crate::{
    domain::account::Actor,
    report::FreeParagraph,
    storage::{Db, report_paragraphs},
    usecases::{Context, Error, statistics},
};

/// Up to `limit` paragraphs after a key, and whether more follow.
///
/// # Errors
/// Rights; [`Error::NotFound`] for a year that has no report.
pub async fn list(
    ctx: &Context,
    actor: Actor,
    year: i32,
    after: Option<i64>,
    limit: i64,
) -> Result<(Vec<ParagraphView>, bool), Error> {
    statistics::may_read(&actor)?;
    if !YEARS.contains(&year) {
        return Err(Error::NotFound);
    }
    ctx.store
        .read(move |db| {
            let mut found = report_paragraphs::of_year(db, year, after, Some(limit + 1))?;
            let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
            let more = found.len() > wanted;
            found.truncate(wanted);
            Ok((found.into_iter().map(ParagraphView::from).collect(), more))
        })
        .await
}

/// All of a year, as its report takes them.
///
/// # Errors
/// Where the store does not answer.
pub fn all(db: &mut Db, year: i32) -> Result<Vec<FreeParagraph>, Error> {
    let found = report_paragraphs::of_year(db, year, None, None)?;
    Ok(found
        .into_iter()
        .map(|paragraph| FreeParagraph {
            chapter: paragraph.chapter,
            position: paragraph.position,
            text: paragraph.text,
        })
        .collect())
}
