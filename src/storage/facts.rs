//! What the facts in memory are filled from, and what changed since: stretches with the handling of their contract, and what
//! happened to contracts. Everything here belongs to one contract, and every act that changes it has an entry in the ledger filed
//! under that contract, in the same transaction: so the entries after a sequence name all that must be read again.

use std::collections::HashSet;

use diesel::prelude::*;

use super::{
    Db, StoreError,
    binding::rows,
    dialect::{each, each_row},
    schema::{
        contracts, endings, expert_review_contracts, ledger_subjects, reinstatements, returns, self_audit_items,
        self_audits, standings,
    },
    standings::{StandingRow, columns},
};
use crate::domain::{
    contract::Refusal,
    self_audit::{AuditState, ItemState},
    time::{Date, Moment},
    workflow::State,
};

/// One stretch in which a revision is or was in force.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct StretchRow {
    /// Key of the contract.
    pub contract_id: i64,
    /// The revision.
    pub revision: i64,
    /// First microsecond.
    pub from_at: i64,
    /// First microsecond after it; none while it lasts.
    pub until_at: Option<i64>,
    /// What is counted.
    pub standing: StandingRow,
    /// When the contract was submitted, microseconds; unknown for some history.
    pub submitted_at: Option<i64>,
    /// By when it was to be decided.
    pub due_on: Option<Date>,
}

/// What happened to a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// Experts concluded on it.
    Concluded,
    /// It was reinstated.
    Reinstated,
    /// It was refused, and stayed so; history dates it by its submission, as it dates what experts concluded on.
    Refused,
    /// It was refused, history does not say when.
    RefusedUndated,
    /// History says that it was returned for correction, and no more; dated by its submission.
    Returned,
    /// The same, and history does not say when.
    ReturnedUndated,
    /// It was revoked or cancelled.
    Ended {
        /// `revoked` or `cancelled`.
        state: String,
        /// Id of the ground.
        ground: Option<String>,
        /// 合同成交额 of the revision then in force, in fen.
        amount_fen: i64,
    },
}

/// Something that happened to a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HappeningRow {
    /// Key of the contract.
    pub contract_id: i64,
    /// When, microseconds.
    pub at: i64,
    /// What.
    pub what: Happening,
}

/// Keys asked for at once; SQLite allows 32,766 values in a statement.
const BATCH: usize = 500;

/// The years of first confirmation that stretches have, rising.
///
/// # Errors
/// Where the store does not answer.
pub fn years(db: &mut Db) -> Result<Vec<i32>, StoreError> {
    let mut years = Vec::new();
    let mut last = i32::MIN;
    // One seek in the index a year, where DISTINCT would read all of it.
    while let Some(year) = standings::table
        .filter(standings::year.gt(last))
        .select(diesel::dsl::min(standings::year))
        .get_result::<Option<i32>>(db)?
    {
        years.push(year);
        last = year;
    }
    Ok(years)
}

/// What a stretch is selected by.
macro_rules! stretch {
    () => {
        (
            standings::contract_id,
            standings::revision,
            standings::from_at,
            standings::until_at,
            columns!(),
            contracts::submitted_at,
            contracts::due_on,
        )
    };
}

/// Hands every stretch of the contracts first confirmed in `year` to `f`.
///
/// # Errors
/// Where the store does not answer.
pub fn stretches_of_year(db: &mut Db, year: i32, mut f: impl FnMut(StretchRow)) -> Result<(), StoreError> {
    let query = standings::table
        .inner_join(contracts::table.on(contracts::id.eq(standings::contract_id)))
        .filter(standings::year.eq(year))
        .select(stretch!());
    each_row!(db, query, |row: StretchRow| f(row));
    Ok(())
}

/// Every stretch of these contracts.
///
/// # Errors
/// Where the store does not answer.
pub fn stretches_of(db: &mut Db, ids: &[i64]) -> Result<Vec<StretchRow>, StoreError> {
    let mut rows = Vec::new();
    for ids in ids.chunks(BATCH) {
        rows.extend(
            standings::table
                .inner_join(contracts::table.on(contracts::id.eq(standings::contract_id)))
                .filter(standings::contract_id.eq_any(ids))
                .select(stretch!())
                .load::<StretchRow>(db)?,
        );
    }
    Ok(rows)
}

/// All that happened to contracts.
///
/// # Errors
/// Where the store does not answer.
pub fn happenings(db: &mut Db) -> Result<Vec<HappeningRow>, StoreError> {
    collect(db, None)
}

/// All that happened to these contracts.
///
/// # Errors
/// Where the store does not answer.
pub fn happenings_of(db: &mut Db, ids: &[i64]) -> Result<Vec<HappeningRow>, StoreError> {
    let mut rows = Vec::new();
    for ids in ids.chunks(BATCH) {
        rows.extend(collect(db, Some(ids))?);
    }
    Ok(rows)
}

fn collect(db: &mut Db, ids: Option<&[i64]>) -> Result<Vec<HappeningRow>, StoreError> {
    let mut rows = Vec::new();
    let mut put = |contract_id, at: Option<i64>, what| {
        if let Some(at) = at {
            rows.push(HappeningRow { contract_id, at, what });
        }
    };
    let mut query = contracts::table
        .filter(contracts::expert_concluded_at.is_not_null())
        .select((contracts::id, contracts::expert_concluded_at))
        .into_boxed();
    if let Some(ids) = ids {
        query = query.filter(contracts::id.eq_any(ids));
    }
    for (id, at) in query.load::<(i64, Option<i64>)>(db)? {
        put(id, at, Happening::Concluded);
    }
    let mut query = expert_review_contracts::table
        .filter(expert_review_contracts::state.eq("concluded"))
        .select((expert_review_contracts::contract_id, expert_review_contracts::ended_at))
        .into_boxed();
    if let Some(ids) = ids {
        query = query.filter(expert_review_contracts::contract_id.eq_any(ids));
    }
    for (id, at) in query.load::<(i64, Option<i64>)>(db)? {
        put(id, at, Happening::Concluded);
    }
    for (id, at) in refused(db, ids)? {
        let what = if at.is_some() {
            Happening::Refused
        } else {
            Happening::RefusedUndated
        };
        put(id, Some(at.map_or(0, Moment::micros)), what);
    }
    for (id, at) in returned_in_history(db, ids)? {
        let what = if at.is_some() {
            Happening::Returned
        } else {
            Happening::ReturnedUndated
        };
        put(id, Some(at.map_or(0, Moment::micros)), what);
    }
    let mut query = reinstatements::table
        .select((reinstatements::contract_id, reinstatements::reinstated_at))
        .into_boxed();
    if let Some(ids) = ids {
        query = query.filter(reinstatements::contract_id.eq_any(ids));
    }
    for (id, at) in query.load::<(i64, i64)>(db)? {
        put(id, Some(at), Happening::Reinstated);
    }
    // In order of entry: of two endings at one moment the later entered counts.
    let mut query = endings::table
        .order(endings::id)
        .select((
            endings::contract_id,
            endings::ended_at,
            endings::state,
            endings::ground,
            endings::amount_fen,
        ))
        .into_boxed();
    if let Some(ids) = ids {
        query = query.filter(endings::contract_id.eq_any(ids));
    }
    for (id, at, state, ground, amount_fen) in query.load::<(i64, i64, String, Option<String>, i64)>(db)? {
        let what = Happening::Ended {
            state,
            ground,
            amount_fen,
        };
        put(id, Some(at), what);
    }
    Ok(rows)
}

/// Whether the chain has an entry of that sequence and hash: whether it is the chain that somebody has read before.
///
/// # Errors
/// Where the store does not answer.
pub fn is_of_this_chain(db: &mut Db, sequence: i64, hash: &str) -> Result<bool, StoreError> {
    use super::schema::ledger;
    super::ledger::flush(db)?;
    let found: Option<String> = ledger::table
        .filter(ledger::sequence.eq(sequence))
        .select(ledger::hash)
        .get_result(db)
        .optional()?;
    Ok(found.as_deref() == Some(hash))
}

/// The contracts that entries after a sequence, up to another, are about; rising, each once.
///
/// # Errors
/// Where the store does not answer.
pub fn changed(db: &mut Db, after: i64, until: i64) -> Result<Vec<i64>, StoreError> {
    super::ledger::flush(db)?;
    let mut ids: Vec<i64> = ledger_subjects::table
        .filter(ledger_subjects::sequence.gt(after))
        .filter(ledger_subjects::sequence.le(until))
        .select(ledger_subjects::contract_id)
        .load(db)?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// How a contract in force was handled on its way to confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct HandledRow {
    /// Key of the contract.
    pub contract_id: i64,
    /// First confirmation, microseconds.
    pub first_confirmed_at: i64,
    /// When it was submitted, microseconds; unknown for some history.
    pub submitted_at: Option<i64>,
    /// By when it was to be decided.
    pub due_on: Option<Date>,
}

/// Hands how they were handled to `f`, of the contracts first confirmed from `from` on and before `before` that are in force at
/// `at`.
///
/// # Errors
/// Where the store does not answer.
pub fn handled(
    db: &mut Db,
    (from, before): (Moment, Moment),
    at: Moment,
    mut f: impl FnMut(HandledRow),
) -> Result<(), StoreError> {
    let at = at.micros();
    let query = standings::table
        .inner_join(contracts::table.on(contracts::id.eq(standings::contract_id)))
        .filter(standings::year.eq(from.year()))
        .filter(standings::first_confirmed_at.ge(from.micros()))
        .filter(standings::first_confirmed_at.lt(before.micros()))
        .filter(standings::from_at.le(at))
        .filter(standings::until_at.is_null().or(standings::until_at.gt(at)))
        .select((
            standings::contract_id,
            standings::first_confirmed_at,
            contracts::submitted_at,
            contracts::due_on,
        ));
    each_row!(db, query, |row: HandledRow| f(row));
    Ok(())
}

/// Notes that a contract was returned for correction.
///
/// # Errors
/// Where the store does not answer.
pub fn insert_return(db: &mut Db, contract_id: i64, at: Moment) -> Result<(), StoreError> {
    rows::returns::note(contract_id);
    let values = (
        returns::contract_id.eq(contract_id),
        returns::returned_at.eq(at.micros()),
    );
    each!(db, |c| diesel::insert_into(returns::table).values(values).execute(c))?;
    Ok(())
}

/// The contracts that were ever returned for correction.
///
/// # Errors
/// Where the store does not answer.
pub fn returned(db: &mut Db) -> Result<HashSet<i64>, StoreError> {
    let ids: Vec<i64> = returns::table.select(returns::contract_id).load(db)?;
    Ok(ids.into_iter().collect())
}

/// Which of these contracts were ever returned for correction.
///
/// # Errors
/// Where the store does not answer.
pub fn returned_of(db: &mut Db, ids: &[i64]) -> Result<HashSet<i64>, StoreError> {
    let mut found = HashSet::new();
    for ids in ids.chunks(BATCH) {
        let rows: Vec<i64> = returns::table
            .filter(returns::contract_id.eq_any(ids))
            .select(returns::contract_id)
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Contracts drawn, checked and found wrong by the self-audits of a year that were completed by `at`.
///
/// # Errors
/// Where the store does not answer.
pub fn self_audited(db: &mut Db, year: i32, at: Moment) -> Result<[i64; 3], StoreError> {
    let rows: Vec<(String, i64)> = self_audit_items::table
        .inner_join(self_audits::table.on(self_audits::id.eq(self_audit_items::self_audit_id)))
        .filter(self_audits::year.eq(year))
        .filter(self_audits::state.eq(AuditState::Completed.id()))
        .filter(self_audits::ended_at.le(at.micros()))
        .group_by(self_audit_items::state)
        .select((self_audit_items::state, diesel::dsl::count_star()))
        .load(db)?;
    let count = |of: &dyn Fn(&str) -> bool| rows.iter().filter(|(state, _)| of(state)).map(|(_, n)| n).sum();
    Ok([
        count(&|_| true),
        count(&|state| state != ItemState::Open.id()),
        count(&|state| state == ItemState::Wrong.id()),
    ])
}

/// The contracts that stand refused, and when they were: history is dated by the submission, as its panels are; none where it does
/// not say that either.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn refusals(db: &mut Db) -> Result<Vec<(i64, Option<Moment>)>, StoreError> {
    refused(db, None)
}

/// The contracts that history alone says were returned for correction, and that nobody has decided since: with when they were
/// submitted, where it says so.
///
/// # Errors
/// Where the store does not answer.
pub fn returns_of_history(db: &mut Db) -> Result<Vec<(i64, Option<Moment>)>, StoreError> {
    returned_in_history(db, None)
}

fn returned_in_history(db: &mut Db, ids: Option<&[i64]>) -> Result<Vec<(i64, Option<Moment>)>, StoreError> {
    let mut query = contracts::table
        .filter(contracts::state.eq(State::Returned.id()))
        .select((contracts::id, contracts::submitted_at))
        .into_boxed();
    if let Some(ids) = ids {
        query = query.filter(contracts::id.eq_any(ids));
    }
    let rows: Vec<(i64, Option<i64>)> = query.load(db)?;
    let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
    let here = returned_of(db, &ids)?;
    let of_history = rows.into_iter().filter(|(id, _)| !here.contains(id));
    Ok(of_history.map(|(id, at)| (id, at.map(Moment::from_micros))).collect())
}

fn refused(db: &mut Db, ids: Option<&[i64]>) -> Result<Vec<(i64, Option<Moment>)>, StoreError> {
    let mut query = contracts::table
        .filter(contracts::state.eq(State::Refused.id()))
        .select((contracts::id, contracts::refusal, contracts::submitted_at))
        .into_boxed();
    if let Some(ids) = ids {
        query = query.filter(contracts::id.eq_any(ids));
    }
    let mut found = Vec::new();
    for (id, refusal, submitted) in query.load::<(i64, Option<String>, Option<i64>)>(db)? {
        let refusal: Option<Refusal> = refusal
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(StoreError::corrupt)?;
        let refused_at = refusal.and_then(|refusal| refusal.at);
        found.push((id, refused_at.or(submitted.map(Moment::from_micros))));
    }
    Ok(found)
}
