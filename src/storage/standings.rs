//! What statistics count: stretches of business time in which a revision of a confirmed contract is in force.

use diesel::prelude::*;

use super::{
    Db, StoreError,
    binding::rows,
    dialect::{each, each_row},
    schema::{contracts, expert_review_contracts, standings},
};
use crate::domain::{
    contract::{Content, Contract},
    money::Fen,
    time::Moment,
};

/// One stretch as statistics read it; ids of code lists as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct StandingRow {
    /// First confirmation, microseconds: decides the year.
    pub first_confirmed_at: i64,
    /// 合同成交额, in fen.
    pub amount_fen: Fen,
    /// 技术交易额, in fen; unknown for some history.
    pub technology_amount_fen: Option<Fen>,
    /// Code list `unit`.
    pub unit: Option<String>,
    /// Code list `type`.
    pub contract_type: Option<String>,
    /// Code list `plan_source`.
    pub plan_source: Option<String>,
    /// Code list `party_kind`.
    pub seller_kind: Option<String>,
    /// Code list `field`.
    pub field: Option<String>,
    /// Code list `flow`.
    pub flow: String,
    /// Code list `cross_border`.
    pub cross_border: Option<String>,
}

/// One stretch, and of which contract it is.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct ContractStandingRow {
    /// Key of the contract.
    pub contract_id: i64,
    /// The revision in force.
    pub revision: i64,
    /// What it says.
    pub standing: StandingRow,
}

impl StandingRow {
    /// What a revision's stretch says, made of its content.
    pub fn of(first_confirmed_at: Moment, content: &Content) -> Self {
        Self {
            first_confirmed_at: first_confirmed_at.micros(),
            amount_fen: content.amount_fen.unwrap_or(0),
            technology_amount_fen: content.technology_amount_fen,
            unit: content.unit.clone(),
            contract_type: content.contract_type.clone(),
            plan_source: content.plan_source.clone(),
            seller_kind: content.seller.kind.clone(),
            field: content.field.clone(),
            flow: content.flow().to_owned(),
            cross_border: content.cross_border.clone(),
        }
    }
}

/// Begins a stretch at `from` with the contract's current revision, open or up to `until`. The contract must have been
/// confirmed and name an amount.
///
/// # Errors
/// Where the store does not answer.
pub fn open(db: &mut Db, contract: &Contract, from: Moment, until: Option<Moment>) -> Result<(), StoreError> {
    let (Some(first_confirmed_at), Some(amount_fen)) = (contract.confirmed_at, contract.content.amount_fen) else {
        return Err(StoreError::corrupt(format!(
            "contract {} is confirmed without moment or amount",
            contract.id
        )));
    };
    let c = &contract.content;
    let values = (
        standings::contract_id.eq(contract.id),
        standings::revision.eq(contract.revision),
        standings::from_at.eq(from.micros()),
        standings::until_at.eq(until.map(Moment::micros)),
        standings::first_confirmed_at.eq(first_confirmed_at.micros()),
        standings::year.eq(first_confirmed_at.year()),
        standings::amount_fen.eq(amount_fen),
        standings::technology_amount_fen.eq(c.technology_amount_fen),
        standings::unit.eq(&c.unit),
        standings::contract_type.eq(&c.contract_type),
        standings::plan_source.eq(&c.plan_source),
        standings::seller_kind.eq(&c.seller.kind),
        standings::field.eq(&c.field),
        standings::flow.eq(c.flow()),
        standings::cross_border.eq(&c.cross_border),
    );
    rows::standings::note(contract.id);
    each!(db, |c| diesel::insert_into(standings::table).values(values).execute(c))?;
    Ok(())
}

/// Ends the contract's open stretch at `at`.
///
/// # Errors
/// Where the store does not answer.
pub fn close(db: &mut Db, contract_id: i64, at: Moment) -> Result<(), StoreError> {
    rows::standings::note(contract_id);
    diesel::update(
        standings::table
            .filter(standings::contract_id.eq(contract_id))
            .filter(standings::until_at.is_null()),
    )
    .set(standings::until_at.eq(at.micros()))
    .execute(db)?;
    Ok(())
}

/// The first revision of the contract that was ever counted.
///
/// # Errors
/// Where the store does not answer.
pub fn first_revision(db: &mut Db, contract_id: i64) -> Result<Option<i64>, StoreError> {
    Ok(standings::table
        .filter(standings::contract_id.eq(contract_id))
        .select(standings::revision)
        .order(standings::revision)
        .first(db)
        .optional()?)
}

/// Removes the contract's stretches: for a history import that writes a changed row anew.
///
/// # Errors
/// Where the store does not answer.
pub fn delete(db: &mut Db, contract_id: i64) -> Result<(), StoreError> {
    rows::standings::note(contract_id);
    diesel::delete(standings::table.filter(standings::contract_id.eq(contract_id))).execute(db)?;
    Ok(())
}

/// The first and the last year of which contracts are counted; none in an empty register.
///
/// # Errors
/// Where the store does not answer.
pub fn years(db: &mut Db) -> Result<Option<(i32, i32)>, StoreError> {
    // Each is one step into the index; both in one statement would go through all of it.
    let first: Option<i32> = standings::table
        .select(diesel::dsl::min(standings::year))
        .get_result(db)?;
    let last: Option<i32> = standings::table
        .select(diesel::dsl::max(standings::year))
        .get_result(db)?;
    Ok(first.zip(last))
}

/// The columns of a [`StandingRow`].
macro_rules! columns {
    () => {
        (
            standings::first_confirmed_at,
            standings::amount_fen,
            standings::technology_amount_fen,
            standings::unit,
            standings::contract_type,
            standings::plan_source,
            standings::seller_kind,
            standings::field,
            standings::flow,
            standings::cross_border,
        )
    };
}
pub(super) use columns;

/// Hands every stretch that holds `at`, of contracts first confirmed in the years `first..=last`, to `f`, one by one.
///
/// # Errors
/// Where the store does not answer.
pub fn for_each(
    db: &mut Db,
    (first, last): (i32, i32),
    at: Moment,
    mut f: impl FnMut(StandingRow),
) -> Result<(), StoreError> {
    let at = at.micros();
    let query = standings::table
        .filter(standings::year.between(first, last))
        .filter(standings::from_at.le(at))
        .filter(standings::until_at.is_null().or(standings::until_at.gt(at)))
        .select(columns!());
    each_row!(db, query, |row: StandingRow| f(row));
    Ok(())
}

/// The same with the contract of each stretch.
///
/// # Errors
/// Where the store does not answer.
pub fn for_each_contract(
    db: &mut Db,
    (first, last): (i32, i32),
    at: Moment,
    mut f: impl FnMut(ContractStandingRow),
) -> Result<(), StoreError> {
    let at = at.micros();
    let query = standings::table
        .filter(standings::year.between(first, last))
        .filter(standings::from_at.le(at))
        .filter(standings::until_at.is_null().or(standings::until_at.gt(at)))
        .select((standings::contract_id, standings::revision, columns!()));
    each_row!(db, query, |row: ContractStandingRow| f(row));
    Ok(())
}

/// Hands every stretch, whenever it was, of contracts first confirmed in the years `first..=last`, to `f`.
///
/// # Errors
/// Where the store does not answer.
pub fn for_each_stretch(
    db: &mut Db,
    (first, last): (i32, i32),
    mut f: impl FnMut(ContractStandingRow),
) -> Result<(), StoreError> {
    let query = standings::table.filter(standings::year.between(first, last)).select((
        standings::contract_id,
        standings::revision,
        columns!(),
    ));
    each_row!(db, query, |row: ContractStandingRow| f(row));
    Ok(())
}

/// Which contracts experts concluded on, and when, from `from` on and before `before`; a contract may be there more than once. What
/// panels here concluded is taken from the panels: a later conclusion on the same contract does not undo an earlier one.
///
/// # Errors
/// Where the store does not answer.
pub fn expert_conclusions(db: &mut Db, from: Moment, before: Moment) -> Result<Vec<(i64, Moment)>, StoreError> {
    let rows: Vec<(i64, Option<i64>)> = contracts::table
        .filter(contracts::expert_concluded_at.ge(from.micros()))
        .filter(contracts::expert_concluded_at.lt(before.micros()))
        .select((contracts::id, contracts::expert_concluded_at))
        .load(db)?;
    let on_panels: Vec<(i64, Option<i64>)> = expert_review_contracts::table
        .filter(expert_review_contracts::state.eq("concluded"))
        .filter(expert_review_contracts::ended_at.ge(from.micros()))
        .filter(expert_review_contracts::ended_at.lt(before.micros()))
        .select((expert_review_contracts::contract_id, expert_review_contracts::ended_at))
        .load(db)?;
    Ok(rows
        .into_iter()
        .chain(on_panels)
        .filter_map(|(id, at)| Some((id, Moment::from_micros(at?))))
        .collect())
}
