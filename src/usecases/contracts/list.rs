//! Pages of contracts.

use crate::{
    domain::{account::Actor, policy::Scope},
    storage::lists,
    usecases::{Context, Error},
};

use super::ContractView;
pub use crate::storage::lists::{ContractQuery, Position, SortKey, SortValue};

/// A page, and where the next one begins.
#[derive(Debug)]
pub struct Page {
    /// The contracts.
    pub items: Vec<ContractView>,
    /// The contract after which the next page begins; `None` on the last page.
    pub next: Option<Position>,
}

/// One page of the contracts that the caller may see; `query.scope` is set here.
///
/// # Errors
/// Where the store does not answer.
pub async fn list(ctx: &Context, actor: Actor, mut query: ContractQuery) -> Result<Page, Error> {
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            query.scope = Scope::of(&actor);
            let wanted = usize::try_from(query.limit).unwrap_or(usize::MAX);
            query.limit += 1;
            let mut contracts = if query.scope.is_empty() {
                Vec::new()
            } else {
                lists::page(db, &query)?
            };
            let more = contracts.len() > wanted;
            contracts.truncate(wanted);
            let next = contracts.last().filter(|_| more).map(|last| Position {
                value: query.sort.value_of(last),
                id: last.id,
            });
            let now = context.clock.now();
            Ok(Page {
                items: contracts
                    .into_iter()
                    .map(|c| ContractView::of(&context, &actor, c, now))
                    .collect(),
                next,
            })
        })
        .await
}
