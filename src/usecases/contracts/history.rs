//! What happened to a contract, from the ledger.

use crate::{
    domain::{account::Actor, ledger::Entry},
    storage::ledger,
    usecases::{Context, Error},
};

use super::read::visible;

/// The acts on a contract, oldest first.
///
/// # Errors
/// [`Error::NotFound`] where there is none that the caller may know of.
pub async fn history(ctx: &Context, actor: Actor, id: i64) -> Result<Vec<Entry>, Error> {
    ctx.store
        .read(move |db| {
            visible(db, &actor, id)?;
            Ok(ledger::of_contract(db, id)?)
        })
        .await
}
