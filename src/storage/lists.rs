//! Pages of contracts: filters, and seeking on (sort key, id), so that the last page costs what the first does.

use std::collections::HashSet;

use diesel::{prelude::*, sql_types::Bool};

use super::{
    Db, StoreError,
    db::MultiBackend,
    expert_seats::taken_seats,
    schema::{contracts, expert_review_contracts, expert_review_members},
};
use crate::domain::{
    contract::Contract,
    policy::Scope,
    time::{Date, Moment},
    workflow::State,
};

use super::queues::QueueOf;

/// What a list is sorted by; contracts without the value come last, either way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortKey {
    /// Order of entry.
    #[default]
    Id,
    /// Last submission.
    SubmittedAt,
    /// First confirmation.
    ConfirmedAt,
    /// Last day for a decision.
    DueOn,
    /// 合同成交额.
    Amount,
}

impl SortKey {
    /// Every key.
    pub const ALL: [Self; 5] = [
        Self::Id,
        Self::SubmittedAt,
        Self::ConfirmedAt,
        Self::DueOn,
        Self::Amount,
    ];

    /// Its name in `sort=`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::SubmittedAt => "submitted_at",
            Self::ConfirmedAt => "confirmed_at",
            Self::DueOn => "due_on",
            Self::Amount => "amount_fen",
        }
    }

    /// The value of a contract under this key.
    pub fn value_of(self, contract: &Contract) -> Option<SortValue> {
        match self {
            Self::Id => None,
            Self::SubmittedAt => contract.submitted_at.map(|m| SortValue::Number(m.micros())),
            Self::ConfirmedAt => contract.confirmed_at.map(|m| SortValue::Number(m.micros())),
            Self::DueOn => contract.due_on.map(SortValue::Day),
            Self::Amount => contract.content.amount_fen.map(SortValue::Number),
        }
    }
}

/// A sort value: microseconds or fen, or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortValue {
    /// Microseconds, or fen.
    Number(i64),
    /// A day.
    Day(Date),
}

/// The contract after which a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Its sort value.
    pub value: Option<SortValue>,
    /// Its key.
    pub id: i64,
}

/// Which contracts, in which order.
#[derive(Debug, Clone, Default)]
pub struct ContractQuery {
    /// What the caller may see.
    pub scope: Scope,
    /// Those of this work queue.
    pub queue: Option<QueueOf>,
    /// Any of these states; empty for all.
    pub states: Vec<State>,
    /// Year of first confirmation, in Beijing.
    pub year: Option<i32>,
    /// Code list `unit`.
    pub unit: Option<String>,
    /// Code list `type`.
    pub contract_type: Option<String>,
    /// Code list `field`.
    pub field: Option<String>,
    /// Six digits.
    pub agency_code: Option<String>,
    /// Username.
    pub claimed_by: Option<String>,
    /// Due on a day before this.
    pub due_before: Option<Date>,
    /// Submitted at or after this moment.
    pub submitted_from: Option<Moment>,
    /// Submitted before this moment.
    pub submitted_before: Option<Moment>,
    /// Text within number, project name, or name or credit code of a party.
    pub text: Option<String>,
    /// Sort key.
    pub sort: SortKey,
    /// Largest first.
    pub descending: bool,
    /// Begin after this contract.
    pub after: Option<Position>,
    /// Contracts at most.
    pub limit: i64,
}

/// A condition on contracts.
pub(super) type Filter = Box<dyn BoxableExpression<contracts::table, MultiBackend, SqlType = Bool>>;
pub(super) type Boxed<'a> = contracts::BoxedQuery<'a, MultiBackend>;

/// None for whoever may see everything: a condition on the key that always holds could be taken for the start of a page.
fn scope_filter(scope: &Scope) -> Option<Filter> {
    if scope.everything {
        return None;
    }
    let nothing: Filter = Box::new(contracts::id.eq(-1));
    let parts: [Option<Filter>; 4] = [
        scope
            .all_but_drafts
            .then(|| Box::new(contracts::state.ne(State::Draft.id())) as Filter),
        scope.behind_figures.then(|| {
            Box::new(
                contracts::confirmed_at
                    .is_not_null()
                    .or(contracts::expert_concluded_at.is_not_null()),
            ) as Filter
        }),
        scope
            .agency_id
            .map(|id| Box::new(contracts::agency_id.assume_not_null().eq(id)) as Filter),
        scope.panels_of.clone().map(|username| {
            let mine = taken_seats!()
                .filter(expert_review_members::username.eq(username))
                .select(expert_review_contracts::contract_id);
            Box::new(contracts::id.eq_any(mine)) as Filter
        }),
    ];
    parts
        .into_iter()
        .flatten()
        .reduce(|a, b| Box::new(a.or(b)))
        .or(Some(nothing))
}

/// The contracts that a query asks for, in no order yet.
pub(super) fn filtered<'a>(query: &ContractQuery, agency: Option<i64>) -> Boxed<'a> {
    let mut q = contracts::table.into_boxed::<MultiBackend>();
    if let Some(scope) = scope_filter(&query.scope) {
        q = q.filter(scope);
    }
    if let Some(queue) = &query.queue {
        q = q.filter(super::queues::condition(queue));
    }
    if !query.states.is_empty() {
        let states: Vec<&str> = query.states.iter().map(|s| s.id()).collect();
        q = q.filter(contracts::state.eq_any(states));
    }
    if let Some(year) = query.year {
        q = q.filter(contracts::confirmed_year.eq(year));
    }
    if let Some(unit) = query.unit.clone() {
        q = q.filter(contracts::unit.eq(unit));
    }
    if let Some(contract_type) = query.contract_type.clone() {
        q = q.filter(contracts::contract_type.eq(contract_type));
    }
    if let Some(field) = query.field.clone() {
        q = q.filter(contracts::field.eq(field));
    }
    if let Some(agency) = agency {
        q = q.filter(contracts::agency_id.eq(agency));
    }
    if let Some(claimer) = query.claimed_by.clone() {
        q = q.filter(contracts::claimed_by.eq(claimer));
    }
    if let Some(day) = query.due_before {
        q = q.filter(contracts::due_on.lt(day));
    }
    if let Some(from) = query.submitted_from {
        q = q.filter(contracts::submitted_at.ge(from.micros()));
    }
    if let Some(before) = query.submitted_before {
        q = q.filter(contracts::submitted_at.lt(before.micros()));
    }
    if let Some(text) = &query.text {
        let pattern: String = text
            .to_lowercase()
            .chars()
            .flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c]))
            .collect();
        q = q.filter(contracts::search_text.like(format!("%{pattern}%")).escape('\\'));
    }
    q
}

/// Adds order and start for one nullable column; `$present` tells whether the part with a value is asked for.
macro_rules! seek {
    ($q:expr, $column:expr, $descending:expr, $after:expr) => {{
        let mut q = $q.filter($column.is_not_null());
        if let Some((value, id)) = $after {
            q = if $descending {
                q.filter($column.le(value))
                    .filter($column.lt(value).or(contracts::id.nullable().lt(id)))
            } else {
                q.filter($column.ge(value))
                    .filter($column.gt(value).or(contracts::id.nullable().gt(id)))
            };
        }
        if $descending {
            q.order(($column.desc(), contracts::id.desc()))
        } else {
            q.order(($column.asc(), contracts::id.asc()))
        }
    }};
}

fn by_id(q: Boxed<'_>, descending: bool, after: Option<i64>) -> Boxed<'_> {
    match (descending, after) {
        (true, Some(id)) => q.filter(contracts::id.lt(id)).order(contracts::id.desc()),
        (false, Some(id)) => q.filter(contracts::id.gt(id)).order(contracts::id.asc()),
        (true, None) => q.order(contracts::id.desc()),
        (false, None) => q.order(contracts::id.asc()),
    }
}

/// Keys of the contracts of a page, in order.
fn page_ids(db: &mut Db, query: &ContractQuery, agency: Option<i64>) -> Result<Vec<i64>, StoreError> {
    let fresh = || filtered(query, agency);
    let run = |q: Boxed<'_>, limit: i64, db: &mut Db| q.select(contracts::id).limit(limit).load::<i64>(db);
    if query.sort == SortKey::Id {
        return Ok(run(
            by_id(fresh(), query.descending, query.after.map(|a| a.id)),
            query.limit,
            db,
        )?);
    }
    let mut ids = Vec::new();
    let in_tail = query.after.is_some_and(|a| a.value.is_none());
    if !in_tail {
        let number = query.after.and_then(|a| match a.value {
            Some(SortValue::Number(n)) => Some((n, a.id)),
            _ => None,
        });
        let day = query.after.and_then(|a| match a.value {
            Some(SortValue::Day(d)) => Some((d, a.id)),
            _ => None,
        });
        let q = match query.sort {
            SortKey::SubmittedAt => seek!(fresh(), contracts::submitted_at, query.descending, number),
            SortKey::ConfirmedAt => seek!(fresh(), contracts::confirmed_at, query.descending, number),
            SortKey::Amount => seek!(fresh(), contracts::amount_fen, query.descending, number),
            SortKey::DueOn => seek!(fresh(), contracts::due_on, query.descending, day),
            SortKey::Id => fresh(),
        };
        ids = run(q, query.limit, db)?;
    }
    let missing = query.limit - i64::try_from(ids.len()).unwrap_or(query.limit);
    if missing > 0 {
        let tail = match query.sort {
            SortKey::SubmittedAt => fresh().filter(contracts::submitted_at.is_null()),
            SortKey::ConfirmedAt => fresh().filter(contracts::confirmed_at.is_null()),
            SortKey::Amount => fresh().filter(contracts::amount_fen.is_null()),
            SortKey::DueOn | SortKey::Id => fresh().filter(contracts::due_on.is_null()),
        };
        let after = query.after.filter(|_| in_tail).map(|a| a.id);
        ids.extend(run(by_id(tail, query.descending, after), missing, db)?);
    }
    Ok(ids)
}

/// Keys named by one statement at most.
const CHUNK: usize = 500;

/// Those of these contracts that a scope shows, in their order.
///
/// # Errors
/// Where the store does not answer.
pub fn shown_among(db: &mut Db, scope: &Scope, ids: &[i64]) -> Result<Vec<i64>, StoreError> {
    let mut shown: HashSet<i64> = HashSet::with_capacity(ids.len());
    for keys in ids.chunks(CHUNK) {
        let Some(filter) = scope_filter(scope) else {
            return Ok(ids.to_vec());
        };
        let query = contracts::table.into_boxed::<MultiBackend>().filter(filter);
        let found = query.filter(contracts::id.eq_any(keys.to_vec())).select(contracts::id);
        shown.extend(found.load::<i64>(db)?);
    }
    Ok(ids.iter().copied().filter(|id| shown.contains(id)).collect())
}

/// One page of contracts.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn page(db: &mut Db, query: &ContractQuery) -> Result<Vec<Contract>, StoreError> {
    let Some(agency) = agency_of(db, query)? else {
        return Ok(Vec::new());
    };
    let ids = page_ids(db, query, agency)?;
    of_keys(db, &ids)
}

/// How many contracts a query finds, counted up to `most`; order and place are not looked at.
///
/// # Errors
/// Where the store does not answer.
pub fn count(db: &mut Db, query: &ContractQuery, most: i64) -> Result<i64, StoreError> {
    let Some(agency) = agency_of(db, query)? else {
        return Ok(0);
    };
    let found = filtered(query, agency)
        .select(contracts::id)
        .limit(most)
        .load::<i64>(db)?;
    Ok(i64::try_from(found.len()).unwrap_or(most))
}

/// The key of the agency that a query names; nothing where it names one that there is not.
fn agency_of(db: &mut Db, query: &ContractQuery) -> Result<Option<Option<i64>>, StoreError> {
    match &query.agency_code {
        None => Ok(Some(None)),
        Some(code) => Ok(super::agencies::find_by_code(db, code)?.map(|agency| Some(agency.id))),
    }
}

/// The contracts of these keys, in their order; those that are not there are left out.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn of_keys(db: &mut Db, ids: &[i64]) -> Result<Vec<Contract>, StoreError> {
    let mut contracts = super::contracts::find_all(db, ids)?;
    let mut page: Vec<Contract> = ids.iter().filter_map(|id| contracts.remove(id)).collect();
    super::expert_seats::seat_experts(db, &mut page)?;
    Ok(page)
}
