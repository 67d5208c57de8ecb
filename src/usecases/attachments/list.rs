//! Pages of a contract's attachments.

use crate::{
    domain::{account::Actor, attachment::Attachment},
    storage::attachments,
    usecases::{Context, Error, contracts::read::visible},
};

/// One page of a contract's attachments, oldest first: at most `limit` of those after `after`; and whether there are more.
///
/// # Errors
/// [`Error::NotFound`] where there is no contract that the caller may know of.
pub async fn list(
    ctx: &Context,
    actor: Actor,
    id: i64,
    after: Option<i64>,
    limit: i64,
) -> Result<(Vec<Attachment>, bool), Error> {
    ctx.store
        .read(move |db| {
            visible(db, &actor, id)?;
            let mut found = attachments::page(db, id, after, limit + 1)?;
            let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
            let more = found.len() > wanted;
            found.truncate(wanted);
            Ok((found, more))
        })
        .await
}
