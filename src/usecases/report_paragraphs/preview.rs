//! What texts become in the report of a year as it stands now.

use crate::{
    domain::account::Actor,
    report::{self, Office},
    usecases::{Context, Error, statistics},
};

pub use crate::report::{Said, Span};

/// The texts as the year's report would print them now, of one reading of the figures.
///
/// # Errors
/// Rights; a year out of range.
pub async fn preview(ctx: &Context, actor: &Actor, year: i32, texts: &[String]) -> Result<Vec<Said>, Error> {
    statistics::may_read(actor)?;
    let figures = statistics::annual(ctx, year, None, None).await?;
    let office = Office::embedded().map_err(Error::internal)?;
    let said = |text: &String| report::preview(&figures, &ctx.catalogue, office, text);
    Ok(texts.iter().map(said).collect())
}
