//! What a self-audit is drawn from: the registrations of a year in force at a moment, handed over one by one and in few columns,
//! since there may be a million.

use diesel::prelude::*;

use super::{
    Db, StoreError,
    dialect::each_row,
    schema::{contracts, standings},
};
use crate::domain::{money::Fen, policy::Handled, time::Moment};

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

/// Hands every contract first confirmed in `year` and in force at `at` to `f`, by key.
///
/// # Errors
/// Where the store does not answer.
pub fn for_each(db: &mut Db, year: i32, at: Moment, mut f: impl FnMut(FrameRow)) -> Result<(), StoreError> {
    let query = standings::table
        .inner_join(contracts::table.on(contracts::id.eq(standings::contract_id)))
        .filter(standings::year.eq(year))
        .filter(standings::from_at.le(at.micros()))
        .filter(standings::until_at.is_null().or(standings::until_at.gt(at.micros())))
        .order(standings::contract_id)
        .select((
            standings::contract_id,
            standings::revision,
            standings::amount_fen,
            standings::unit,
            standings::contract_type,
            standings::field,
            contracts::registration_number,
            contracts::agency_id,
        ));
    each_row!(db, query, |row: FrameRow| f(row));
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
