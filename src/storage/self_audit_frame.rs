//! What a self-audit is drawn from: the registrations of a year in force at a moment, handed over one by one and in few columns,
//! since there may be a million.

use diesel::prelude::*;

use super::{
    Db, StoreError,
    contracts::parse_content,
    dialect::each_row,
    schema::{contract_revisions, contracts, standings},
};
use crate::domain::{contract::Content, money::Fen, policy::Handled, time::Moment};

/// One registration in force.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct FrameRow {
    /// Key of the contract.
    pub contract_id: i64,
    /// Revision in force.
    pub revision: i64,
    /// 合同成交额 of that revision, in fen.
    pub amount_fen: Fen,
    /// Code list `unit`.
    pub unit: Option<String>,
    /// Code list `type`.
    pub contract_type: Option<String>,
    /// Code list `field`.
    pub field: Option<String>,
    /// 登记编号; none for some history.
    pub registration_number: Option<String>,
    /// Key of the agency.
    pub agency_id: Option<i64>,
}

/// Rows of `standings` of contracts first confirmed in `$year` that hold `$at`, by the key of the contract.
macro_rules! in_force {
    ($year:expr, $at:expr) => {
        standings::table
            .inner_join(contracts::table.on(contracts::id.eq(standings::contract_id)))
            .filter(standings::year.eq($year))
            .filter(standings::from_at.le($at))
            .filter(standings::until_at.is_null().or(standings::until_at.gt($at)))
            .order(standings::contract_id)
    };
}

macro_rules! frame_columns {
    () => {
        (
            standings::contract_id,
            standings::revision,
            standings::amount_fen,
            standings::unit,
            standings::contract_type,
            standings::field,
            contracts::registration_number,
            contracts::agency_id,
        )
    };
}

/// Hands every contract first confirmed in `year` and in force at `at` to `f`, by key.
///
/// # Errors
/// Where the store does not answer.
pub fn for_each(db: &mut Db, year: i32, at: Moment, mut f: impl FnMut(FrameRow)) -> Result<(), StoreError> {
    let query = in_force!(year, at.micros()).select(frame_columns!());
    each_row!(db, query, |row: FrameRow| f(row));
    Ok(())
}

/// The same with what the contract says and its rule set: for those who need it, since it costs a hundred times as much.
///
/// # Errors
/// Where the store does not answer or a content does not read back.
pub fn for_each_content(
    db: &mut Db,
    year: i32,
    at: Moment,
    mut f: impl FnMut(FrameRow, &Content, Option<&str>),
) -> Result<(), StoreError> {
    type Row = (FrameRow, String, Option<String>);
    let query = in_force!(year, at.micros())
        .inner_join(
            contract_revisions::table.on(contract_revisions::contract_id
                .eq(standings::contract_id)
                .and(contract_revisions::revision.eq(standings::revision))),
        )
        .select((frame_columns!(), contract_revisions::content, contracts::rule_set));
    each_row!(db, query, |row: Row| {
        let (row, content, rule_set) = row;
        f(row, &parse_content(&content)?, rule_set.as_deref());
    });
    Ok(())
}

/// Key, registration number, and who has had to do with it, of each of these contracts, in the order of their keys.
///
/// # Errors
/// Where the store does not answer.
pub fn handled(db: &mut Db, ids: &[i64]) -> Result<Vec<(i64, Option<String>, Handled)>, StoreError> {
    type Row = (
        i64,
        Option<String>,
        Option<i64>,
        Option<String>,
        Option<String>,
        Option<String>,
    );
    let mut found = Vec::with_capacity(ids.len());
    // Fewer than a statement may have parameters.
    for part in ids.chunks(1000) {
        let rows: Vec<Row> = contracts::table
            .filter(contracts::id.eq_any(part.to_vec()))
            .select((
                contracts::id,
                contracts::registration_number,
                contracts::agency_id,
                contracts::entered_by,
                contracts::submitted_by,
                contracts::confirmed_by,
            ))
            .load(db)?;
        found.extend(
            rows.into_iter()
                .map(|(id, number, agency_id, entered_by, submitted_by, confirmed_by)| {
                    let handled = Handled {
                        agency_id,
                        entered_by,
                        submitted_by,
                        confirmed_by,
                    };
                    (id, number, handled)
                }),
        );
    }
    found.sort_by_key(|(id, _, _)| *id);
    Ok(found)
}
