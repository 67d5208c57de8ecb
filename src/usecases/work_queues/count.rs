//! How many contracts wait in each of someone's queues.

use crate::{
    domain::{
        account::Actor,
        policy::{self, Denial, Scope},
        queue::Queue,
        time::Date,
    },
    storage::{
        lists::ContractQuery,
        queues::{self, QueueOf},
    },
    usecases::{Context, Error},
};

/// Contracts of a queue counted at most: a count must stay cheap however large the register is.
pub const MOST_COUNTED: i64 = 10_000;

/// A queue and how much is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The queue.
    pub queue: Queue,
    /// Contracts in it, [`MOST_COUNTED`] at most.
    pub contracts: i64,
    /// Whether there are more than that.
    pub more: bool,
}

impl std::fmt::Display for Counted {
    /// The count, with a plus where there are more.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.contracts, if self.more { "+" } else { "" })
    }
}

/// A queue as the actor sees it today.
///
/// # Errors
/// [`Denial::Role`] where it is none of the actor's.
pub fn queue_of(ctx: &Context, actor: &Actor, queue: Queue) -> Result<QueueOf, Denial> {
    policy::decide_queue(actor, queue)?;
    Ok(seen(ctx, actor, queue, ctx.clock.today()))
}

fn seen(ctx: &Context, actor: &Actor, queue: Queue, today: Date) -> QueueOf {
    QueueOf {
        queue,
        username: actor.username.clone(),
        agency_id: actor.agency_id,
        today,
        near: today + chrono::Duration::days(ctx.settings.review.due_soon_days),
    }
}

/// The caller's queues, in the order in which they are shown; none for whoever has no such role.
///
/// # Errors
/// Where the store does not answer.
pub async fn counts(ctx: &Context, actor: Actor) -> Result<Vec<Counted>, Error> {
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            let today = context.clock.today();
            let mut counted = Vec::new();
            for queue in policy::queues_of(&actor) {
                let query = ContractQuery {
                    scope: Scope::of(&actor),
                    queue: Some(seen(&context, &actor, queue, today)),
                    ..ContractQuery::default()
                };
                let found = match query.scope.is_empty() {
                    true => 0,
                    false => queues::count(db, &query, MOST_COUNTED + 1)?,
                };
                counted.push(Counted {
                    queue,
                    contracts: found.min(MOST_COUNTED),
                    more: found > MOST_COUNTED,
                });
            }
            Ok(counted)
        })
        .await
}
