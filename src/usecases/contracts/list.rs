//! Pages of contracts, how many there are, and all of them for a file.

use crate::{
    domain::{account::Actor, contract::Contract, policy::Scope},
    storage::lists,
    usecases::{
        Context, Error,
        errand::{Errand, go_on},
    },
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
    let reading = errand_of(&query);
    let found = ctx.store.read(move |db| {
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
    });
    reading.scope(found).await
}

/// Counts how many contracts the caller may see of those that a query asks for: up to `most`, and whether there are more.
///
/// # Errors
/// Where the store does not answer.
pub async fn count(ctx: &Context, actor: Actor, mut query: ContractQuery, most: i64) -> Result<(i64, bool), Error> {
    let reading = errand_of(&query);
    let found = ctx.store.read(move |db| {
        query.scope = Scope::of(&actor);
        let found = if query.scope.is_empty() {
            0
        } else {
            lists::count(db, &query, most.saturating_add(1))?
        };
        Ok((found.min(most), found > most))
    });
    reading.scope(found).await
}

/// A search for words may look at every contract before it knows that there is none: its reading is long.
fn errand_of(query: &ContractQuery) -> Errand {
    let errand = Errand::current();
    if query.text.is_some() { errand.long() } else { errand }
}

/// Contracts read at once.
const BATCH: i64 = 500;

/// Hands the contracts that the caller may see of those that a query asks for to `write`, in order and all of one moment; answers what
/// was made of them.
///
/// # Errors
/// [`Error::Conflict`] where there are more than `most`; what `write` answers; where the store does not answer.
pub async fn all<W: Send + 'static>(
    ctx: &Context,
    actor: Actor,
    mut query: ContractQuery,
    most: usize,
    mut made: W,
    mut write: impl FnMut(&mut W, &Contract) -> Result<(), Error> + Send + 'static,
) -> Result<W, Error> {
    ctx.read_heavy(move |db| {
        query.scope = Scope::of(&actor);
        (query.after, query.limit) = (None, BATCH);
        let mut written = 0;
        loop {
            go_on()?;
            let contracts = if query.scope.is_empty() {
                Vec::new()
            } else {
                lists::page(db, &query)?
            };
            let Some(last) = contracts.last() else {
                return Ok(made);
            };
            query.after = Some(Position {
                value: query.sort.value_of(last),
                id: last.id,
            });
            written += contracts.len();
            if written > most {
                let detail = format!("符合条件的合同多于 {most} 项，不能一次导出，请缩小范围。");
                return Err(Error::Conflict(detail));
            }
            for contract in &contracts {
                write(&mut made, contract)?;
            }
        }
    })
    .await
}
