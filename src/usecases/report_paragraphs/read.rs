//! Reading one paragraph.

use super::ParagraphView;
use crate::{
    domain::account::Actor,
    storage::report_paragraphs,
    usecases::{Context, Error, statistics},
};

/// One paragraph of a year.
///
/// # Errors
/// Rights; no such paragraph.
pub async fn read(ctx: &Context, actor: &Actor, (year, id): (i32, i64)) -> Result<ParagraphView, Error> {
    statistics::may_read(actor)?;
    ctx.store
        .read(move |db| {
            let found = report_paragraphs::find(db, year, id)?.ok_or(Error::NotFound)?;
            Ok(ParagraphView::from(found))
        })
        .await
}
