//! One request.

use crate::{
    domain::{account::Actor, policy},
    storage::{change_requests, contracts},
    usecases::{Context, Error},
};

use super::ChangeRequestView;

/// One request, as the caller sees it.
///
/// # Errors
/// [`Error::NotFound`] where there is none that the caller may know of.
pub async fn read(ctx: &Context, actor: Actor, id: i64) -> Result<ChangeRequestView, Error> {
    ctx.store
        .read(move |db| {
            let scope = policy::change_requests_shown(&actor);
            // Nothing is loaded for whoever sees no request at all, so that the time tells nothing either.
            if scope.is_empty() {
                return Err(Error::NotFound);
            }
            let request = change_requests::find(db, id)?.ok_or(Error::NotFound)?;
            let contract = contracts::find(db, request.contract_id)?
                .filter(|c| scope.shows(c))
                .ok_or(Error::NotFound)?;
            Ok(ChangeRequestView::of(&actor, request, &contract))
        })
        .await
}
