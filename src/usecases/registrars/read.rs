//! Reading one certificate, and the trainings of its holder.

use crate::{
    domain::account::Actor,
    storage::trainings::{self, Participation, Training},
    usecases::{Context, Error},
};

use super::{RegistrarView, frame::visible, view::view};

/// One certificate with its history.
///
/// # Errors
/// [`Error::NotFound`] where there is none that the caller may know of; rights.
pub async fn read(ctx: &Context, actor: Actor, number: String) -> Result<RegistrarView, Error> {
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            visible(db, &actor, &number)?;
            view(db, &context, &number, context.clock.today())
        })
        .await
}

/// One page of the trainings that the holder took part in, and whether more follow.
///
/// # Errors
/// As [`read`].
pub async fn trainings_of(
    ctx: &Context,
    actor: Actor,
    number: String,
    after: Option<i64>,
    limit: i64,
) -> Result<(Vec<(Training, Participation)>, bool), Error> {
    ctx.store
        .read(move |db| {
            let id = visible(db, &actor, &number)?.id;
            let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
            let mut found = trainings::of_registrar(db, id, after, limit + 1)?;
            let more = found.len() > wanted;
            found.truncate(wanted);
            Ok((found, more))
        })
        .await
}
