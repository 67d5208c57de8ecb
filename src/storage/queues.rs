//! Work queues: the one definition of what belongs to each. Counts and lists both filter by [`condition`], and so never disagree.
//!
//! The states of work are spelled out in SQL as the partial indexes of migration 000008 spell them: a database takes such an
//! index only for a condition in the same words.

use diesel::{
    dsl::{not, sql},
    prelude::*,
    sql_types::Bool,
};

use super::{
    Db, StoreError,
    expert_seats::taken_seats,
    lists::{ContractQuery, Filter},
    schema::{contracts, expert_review_contracts, expert_review_members},
};
use crate::domain::{queue::Queue, time::Date, workflow::State};

/// States in which a contract is worked on.
const IN_HAND: &str = "contracts.state IN ('draft', 'returned', 'submitted', 'under_review', 'expert_review')";
/// States in which a decision is outstanding.
const UNDECIDED: &str = "contracts.state IN ('submitted', 'under_review', 'expert_review')";

/// A queue as someone sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueOf {
    /// Which.
    pub queue: Queue,
    /// Whose.
    pub username: String,
    /// The agency of whose it is.
    pub agency_id: Option<i64>,
    /// Today.
    pub today: Date,
    /// The last day that counts as near.
    pub near: Date,
}

/// Undecided contracts.
pub(super) fn undecided() -> Filter {
    Box::new(sql::<Bool>(UNDECIDED))
}

fn in_state(state: State) -> Filter {
    Box::new(contracts::state.eq(state.id()))
}

/// Contracts before panels on which someone sits.
fn on_panels_of(username: &str) -> Filter {
    let seats = taken_seats!()
        .filter(expert_review_members::username.eq(username.to_owned()))
        .select(expert_review_contracts::contract_id);
    Box::new(contracts::id.eq_any(seats))
}

/// Contracts that the policy lets the reviewer decide: of another agency, entered and submitted by others, and before no panel on
/// which the reviewer sits.
fn decidable(who: &QueueOf) -> Filter {
    let entered = contracts::entered_by
        .is_null()
        .or(contracts::entered_by.assume_not_null().ne(who.username.clone()));
    let submitted = contracts::submitted_by
        .is_null()
        .or(contracts::submitted_by.assume_not_null().ne(who.username.clone()));
    let elsewhere: Option<Filter> = who.agency_id.map(|id| {
        let agency = contracts::agency_id.is_null();
        Box::new(agency.or(contracts::agency_id.assume_not_null().ne(id))) as Filter
    });
    let others: Filter = Box::new(entered.and(submitted).and(not(on_panels_of(&who.username))));
    match elsewhere {
        None => others,
        Some(elsewhere) => Box::new(others.and(elsewhere)),
    }
}

/// What belongs to a queue.
pub(super) fn condition(who: &QueueOf) -> Filter {
    // A registrar without an agency has no queue; nothing has this key.
    let of_agency = || contracts::agency_id.assume_not_null().eq(who.agency_id.unwrap_or(-1));
    let in_hand = || -> Filter { Box::new(sql::<Bool>(IN_HAND).and(of_agency())) };
    let claimed = || contracts::claimed_by.assume_not_null().eq(who.username.clone());
    let due = || contracts::due_on.assume_not_null();
    match who.queue {
        Queue::Drafts => Box::new(in_hand().and(in_state(State::Draft))),
        Queue::ReturnedToMe => {
            let entered = contracts::entered_by
                .is_not_null()
                .and(contracts::entered_by.assume_not_null().eq(who.username.clone()));
            let submitted = contracts::submitted_by
                .is_not_null()
                .and(contracts::submitted_by.assume_not_null().eq(who.username.clone()));
            Box::new(in_hand().and(in_state(State::Returned)).and(entered.or(submitted)))
        }
        Queue::Waiting => Box::new(in_hand().and(undecided())),
        Queue::ChangeRequests => Box::new(of_agency().and(contracts::open_change_request.is_not_null())),
        Queue::Mine => {
            let states: Filter = Box::new(in_state(State::UnderReview).or(in_state(State::ExpertReview)));
            Box::new(claimed().and(states))
        }
        Queue::Unclaimed => Box::new(in_state(State::Submitted).and(decidable(who))),
        Queue::Overdue => Box::new(undecided().and(due().lt(who.today)).and(decidable(who))),
        Queue::DueSoon => Box::new(undecided().and(due().between(who.today, who.near)).and(decidable(who))),
        Queue::WaitingForExperts => Box::new(claimed().and(in_state(State::ExpertReview))),
        Queue::Panels => Box::new(in_state(State::ExpertReview).and(on_panels_of(&who.username))),
    }
}

/// How many contracts a query finds, counted up to `most`.
///
/// # Errors
/// Where the store does not answer.
pub fn count(db: &mut Db, query: &ContractQuery, most: i64) -> Result<i64, StoreError> {
    let found = super::lists::filtered(query, None)
        .select(contracts::id)
        .limit(most)
        .load::<i64>(db)?;
    Ok(i64::try_from(found.len()).unwrap_or(most))
}

#[cfg(test)]
mod tests {
    use diesel::{
        backend::Backend,
        query_builder::{AstPass, Query, QueryFragment, QueryId},
        sql_types::{Integer, Text},
    };

    use super::*;
    use crate::{
        domain::policy::Scope,
        storage::{Store, StoreOptions, dialect::StoreUrl},
    };

    /// SQLite's plan of a query.
    #[derive(QueryId)]
    struct Plan<Q>(Q);

    impl<Q> Query for Plan<Q> {
        type SqlType = (Integer, Integer, Integer, Text);
    }

    impl<Q> RunQueryDsl<Db> for Plan<Q> {}

    impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for Plan<Q> {
        fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
            out.push_sql("EXPLAIN QUERY PLAN ");
            self.0.walk_ast(out)
        }
    }

    #[test]
    fn each_count_walks_an_index_that_holds_little_more_than_the_queue() {
        let folder = tempfile::tempdir().unwrap();
        let url = StoreUrl::Sqlite(folder.path().join("dengji.sqlite"));
        let store = Store::open(&url, StoreOptions::default()).unwrap();
        let day = |text| crate::domain::time::parse_date(text).unwrap();
        let plans = store.with_connection(|db| {
            crate::storage::migrate(db, || crate::domain::time::Moment::from_micros(0))?;
            Queue::ALL
                .into_iter()
                .map(|queue| {
                    let registrar = queue.role() == crate::domain::account::Role::Registrar;
                    let query = ContractQuery {
                        scope: Scope {
                            all_but_drafts: !registrar,
                            agency_id: registrar.then_some(8),
                            ..Scope::default()
                        },
                        queue: Some(QueueOf {
                            queue,
                            username: "someone".into(),
                            agency_id: Some(8),
                            today: day("2026-06-15"),
                            near: day("2026-06-18"),
                        }),
                        ..ContractQuery::default()
                    };
                    let counted = super::super::lists::filtered(&query, None)
                        .select(contracts::id)
                        .limit(10_001);
                    let lines: Vec<(i32, i32, i32, String)> = Plan(counted).load(db)?;
                    Ok((queue, lines.into_iter().map(|l| l.3).collect::<Vec<_>>().join("; ")))
                })
                .collect::<Result<Vec<_>, StoreError>>()
        });
        for (queue, plan) in plans.unwrap() {
            let index = match queue {
                Queue::Drafts | Queue::ReturnedToMe | Queue::Waiting => "contracts_in_hand",
                Queue::ChangeRequests => "contracts_with_request",
                Queue::Mine | Queue::WaitingForExperts => "contracts_by_claimer",
                Queue::Unclaimed => "contracts_by_state",
                Queue::Overdue | Queue::DueSoon => "contracts_undecided",
                Queue::Panels => "expert_review_members_by_name",
            };
            assert!(plan.contains(&format!("{index} (")), "{queue:?}: {plan}");
        }
    }
}
