//! Contracts that resemble one: what checks A01 and A02 speak of, to be looked at side by side.

use crate::{
    domain::{account::Actor, contract::Contract, policy::Scope},
    usecases::{Context, Error},
};

use super::{checks::resembling, read::visible};

/// The contracts that resemble one, the gravest first; of those that the caller may see, and no more than findings name.
///
/// # Errors
/// [`Error::NotFound`] where there is none that the caller may know of.
pub async fn alike(ctx: &Context, actor: Actor, id: i64) -> Result<Vec<Contract>, Error> {
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            let contract = visible(db, &actor, id)?;
            resembling(db, &context, &Scope::of(&actor), &contract, context.clock.now().date())
        })
        .await
}
