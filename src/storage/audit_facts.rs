//! What the checks over a year ask of the store beside a contract itself.

use diesel::{prelude::*, sql_types::Bool};

use super::{
    Db, StoreError,
    dialect::each_row,
    schema::{contract_likeness, contract_revisions, contracts, follow_ups, standings},
};
use crate::domain::{interchange::FollowUpRow, money::Fen, time::Moment, workflow::State};

/// Keys of contracts other than `id` that carry a number, as their own or as that of the national system.
///
/// # Errors
/// Where the store does not answer.
pub fn with_number(db: &mut Db, number: &str, id: i64) -> Result<Vec<i64>, StoreError> {
    let mut found = super::contracts::with_national_number(db, number, id)?;
    found.extend(
        contracts::table
            .filter(contracts::registration_number.eq(number))
            .select(contracts::id)
            .load::<i64>(db)?,
    );
    found.retain(|other| *other != id);
    Ok(found)
}

/// The rows of a contract in all surveys, by year.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn surveys(db: &mut Db, registration_number: &str) -> Result<Vec<FollowUpRow>, StoreError> {
    let texts: Vec<String> = follow_ups::table
        .filter(follow_ups::registration_number.eq(registration_number))
        .order(follow_ups::survey_year)
        .select(follow_ups::content)
        .load(db)?;
    texts
        .iter()
        .map(|text| serde_json::from_str(text).map_err(StoreError::corrupt))
        .collect()
}

/// Whether statistics count a contract at a moment.
///
/// # Errors
/// Where the store does not answer.
pub fn is_counted(db: &mut Db, id: i64, at: Moment) -> Result<bool, StoreError> {
    let at = at.micros();
    let in_force = standings::table
        .filter(standings::contract_id.eq(id))
        .filter(standings::from_at.le(at))
        .filter(standings::until_at.is_null().or(standings::until_at.gt(at)));
    Ok(diesel::select(diesel::dsl::exists(in_force)).get_result(db)?)
}

/// One contract of a year, as far as its seller's habits go.
#[derive(Debug, Clone)]
pub struct Habit {
    /// Key of the seller.
    pub seller: i64,
    /// Key of the agency.
    pub agency: Option<i64>,
    /// First confirmation.
    pub confirmed_at: Option<Moment>,
    /// 合同成交额, in fen.
    pub amount_fen: Fen,
    /// Field, objective and kind of intellectual property.
    pub answers: Answers,
}

/// The answers of a content that are looked at together.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
pub struct Answers {
    /// Code list `field`.
    pub field: Option<String>,
    /// Code list `objective`.
    pub objective: Option<String>,
    /// Code list `ip_kind`.
    pub ip_kind: Option<String>,
}

/// Hands every contract in force that was first confirmed in `year` (of an agency, where one is named) to `f`, one by one.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn for_each_habit(db: &mut Db, year: i32, agency: Option<i64>, mut f: impl FnMut(Habit)) -> Result<(), StoreError> {
    type Row = (i64, Option<i64>, Option<i64>, i64, String);
    let query = contracts::table
        .inner_join(contract_likeness::table)
        .inner_join(
            contract_revisions::table.on(contract_revisions::contract_id
                .eq(contracts::id)
                .and(contract_revisions::revision.eq(contracts::revision))),
        )
        .filter(contracts::confirmed_year.eq(year))
        .filter(contracts::state.eq(State::Confirmed.id()))
        .filter(
            agency
                .is_none()
                .into_sql::<Bool>()
                .or(contracts::agency_id.assume_not_null().eq(agency.unwrap_or(-1))),
        )
        .select((
            contract_likeness::seller_key,
            contracts::agency_id,
            contracts::confirmed_at,
            contract_likeness::amount_fen,
            contract_revisions::content,
        ));
    each_row!(db, query, |row: Row| {
        let (seller, agency, confirmed_at, amount_fen, content) = row;
        f(Habit {
            seller,
            agency,
            confirmed_at: confirmed_at.map(Moment::from_micros),
            amount_fen,
            answers: serde_json::from_str(&content).map_err(StoreError::corrupt)?,
        });
    });
    Ok(())
}

/// Keys of the contracts first confirmed in `year` (of a unit, where one is named) after the key `after`, in order.
///
/// # Errors
/// Where the store does not answer.
pub fn keys_of_year(
    db: &mut Db,
    year: i32,
    unit: Option<&str>,
    after: i64,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut query = contracts::table
        .filter(contracts::confirmed_year.eq(year))
        .filter(contracts::id.gt(after))
        .order(contracts::id)
        .limit(limit)
        .select(contracts::id)
        .into_boxed();
    if let Some(unit) = unit {
        query = query.filter(contracts::unit.eq(unit.to_owned()));
    }
    Ok(query.load(db)?)
}
