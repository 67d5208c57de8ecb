//! What happened to a contract, from the ledger.

use crate::{
    domain::{account::Actor, ledger::Entry, policy::Scope},
    storage::ledger,
    usecases::{Context, Error},
};

use super::{read::visible, submit::DUPLICATE_ELSEWHERE};

/// The acts on a contract, oldest first. That its agency was told of another agency's duplicate is for that agency, and for who sees
/// both.
///
/// # Errors
/// [`Error::NotFound`] where there is none that the caller may know of.
pub async fn history(ctx: &Context, actor: Actor, id: i64) -> Result<Vec<Entry>, Error> {
    ctx.store
        .read(move |db| {
            let contract = visible(db, &actor, id)?;
            let scope = Scope::of(&actor);
            let told = scope.everything
                || scope.all_but_drafts
                || (scope.agency_id.is_some() && scope.agency_id == contract.agency.as_ref().map(|a| a.id));
            let mut entries = ledger::of_contract(db, id)?;
            entries.retain(|entry| told || entry.act.action != DUPLICATE_ELSEWHERE);
            Ok(entries)
        })
        .await
}
