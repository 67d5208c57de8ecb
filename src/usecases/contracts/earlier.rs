//! What else the parties of a contract agreed: what a reviewer looks at beside it.

use crate::{
    domain::{account::Actor, contract::Contract, likeness::Profile, policy::Scope},
    storage::{likeness, lists},
    usecases::{Context, Error},
};

use super::read::visible;

/// Contracts of the same parties that are looked at.
const LOOKED_AT: usize = 50;

/// Contracts shown at most.
const SHOWN: usize = 10;

/// Other contracts of the same parties in the same places that count or may come to, as far as the caller may see them, the last
/// signed first; and whether there are more. Whoever sees a panel's contracts alone is told of no other.
///
/// # Errors
/// [`Error::NotFound`] where there is no contract that the caller may know of.
pub async fn of_parties(ctx: &Context, actor: Actor, id: i64) -> Result<(Vec<Contract>, bool), Error> {
    ctx.store
        .read(move |db| {
            let contract = visible(db, &actor, id)?;
            let scope = Scope::of(&actor);
            let Some(own) = Profile::of(&contract.content).filter(|_| scope.panels_alone().is_none()) else {
                return Ok((Vec::new(), false));
            };
            let keys = likeness::of_pair(db, &scope, id, &own, LOOKED_AT)?;
            let mut found = lists::of_keys(db, &keys)?;
            // The key is a digest: look whether the parties are really the same.
            found.retain(|c| Profile::of(&c.content).is_some_and(|p| (p.seller, p.buyer) == (own.seller, own.buyer)));
            let more = found.len() > SHOWN;
            found.truncate(SHOWN);
            Ok((found, more))
        })
        .await
}
