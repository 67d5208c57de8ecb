//! Closed editions of a year's statistics. Rows are added, never changed: the tables themselves refuse UPDATE and DELETE.

use std::collections::BTreeMap;

use diesel::{dsl::max, prelude::*};

use super::{
    Db, StoreError,
    binding::rows,
    db::MultiBackend,
    dialect::{each, each_row, insert_for_key},
    ledger::Head,
    schema::{edition_contracts, editions},
};
use crate::domain::time::Moment;

/// An edition but for its key and the contracts it counted. Texts in JSON are the business of who writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// The year.
    pub year: i32,
    /// 1, 2, 3 … within the year.
    pub edition: i64,
    /// When it was closed: the moment whose state of things it is of.
    pub closed_at: Moment,
    /// Username.
    pub closed_by: String,
    /// Why, in words.
    pub note: Option<String>,
    /// JSON.
    pub overrides: String,
    /// JSON.
    pub checklist: String,
    /// The end of the ledger when the figures were computed.
    pub ledger: Head,
    /// Canonical JSON of the exact figures.
    pub figures: String,
    /// Its SHA-256, lower-case hex.
    pub figures_hash: String,
    /// JSON: the report as it was.
    pub report: String,
    /// Contracts of the year that were counted.
    pub contracts: i64,
    /// SHA-256 of the lines "key revision" of them, in the order of keys.
    pub contracts_hash: String,
    /// JSON.
    pub events: String,
}

/// Counted contracts by year of first confirmation: key and revision, in the order of keys.
pub type Counted = BTreeMap<i32, Vec<(i64, i64)>>;

/// Contracts in one row of `edition_contracts`.
const A_ROW: usize = 10_000;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = editions)]
#[diesel(check_for_backend(MultiBackend))]
struct Columns {
    year: i32,
    edition: i64,
    closed_at: i64,
    closed_by: String,
    note: Option<String>,
    overrides: String,
    checklist: String,
    ledger_sequence: i64,
    ledger_hash: String,
    figures: String,
    figures_hash: String,
    report: String,
    contracts: i64,
    contracts_hash: String,
    events: String,
}

impl From<Columns> for Edition {
    fn from(row: Columns) -> Self {
        Self {
            year: row.year,
            edition: row.edition,
            closed_at: Moment::from_micros(row.closed_at),
            closed_by: row.closed_by,
            note: row.note,
            overrides: row.overrides,
            checklist: row.checklist,
            ledger: Head {
                sequence: row.ledger_sequence,
                hash: row.ledger_hash,
            },
            figures: row.figures,
            figures_hash: row.figures_hash,
            report: row.report,
            contracts: row.contracts,
            contracts_hash: row.contracts_hash,
            events: row.events,
        }
    }
}

/// Adds an edition and the contracts that it counted.
///
/// # Errors
/// [`StoreError::Duplicate`] where the year has that edition.
pub fn insert(db: &mut Db, edition: &Edition, counted: &Counted) -> Result<(), StoreError> {
    let edition = edition.clone();
    let columns = Columns {
        year: edition.year,
        edition: edition.edition,
        closed_at: edition.closed_at.micros(),
        closed_by: edition.closed_by,
        note: edition.note,
        overrides: edition.overrides,
        checklist: edition.checklist,
        ledger_sequence: edition.ledger.sequence,
        ledger_hash: edition.ledger.hash,
        figures: edition.figures,
        figures_hash: edition.figures_hash,
        report: edition.report,
        contracts: edition.contracts,
        contracts_hash: edition.contracts_hash,
        events: edition.events,
    };
    let id = insert_for_key!(db, diesel::insert_into(editions::table).values(columns), editions::id)?;
    rows::editions::note(id);
    rows::edition_contracts::note(id);
    for (year, contracts) in counted {
        for row in contracts.chunks(A_ROW) {
            let values = (
                edition_contracts::edition_id.eq(id),
                edition_contracts::year.eq(year),
                edition_contracts::first_contract_id.eq(row.first().map_or(0, |(key, _)| *key)),
                edition_contracts::contracts.eq(packed(row)?),
            );
            each!(db, |c| diesel::insert_into(edition_contracts::table)
                .values(values)
                .execute(c))?;
        }
    }
    Ok(())
}

/// `[key, revision, step, revision, …]`.
fn packed(contracts: &[(i64, i64)]) -> Result<String, StoreError> {
    let mut numbers = Vec::with_capacity(2 * contracts.len());
    let mut last = 0;
    for (key, revision) in contracts {
        numbers.extend([key - last, *revision]);
        last = *key;
    }
    serde_json::to_string(&numbers).map_err(StoreError::corrupt)
}

fn unpacked(text: &str, contracts: &mut Vec<(i64, i64)>) -> Result<(), StoreError> {
    let numbers: Vec<i64> = serde_json::from_str(text).map_err(StoreError::corrupt)?;
    let mut key = 0;
    for pair in numbers.chunks(2) {
        let [step, revision] = pair else {
            return Err(StoreError::corrupt("a contract of an edition has no revision"));
        };
        key += step;
        contracts.push((key, *revision));
    }
    Ok(())
}

/// An edition of a year.
///
/// # Errors
/// Where the store does not answer.
pub fn find(db: &mut Db, year: i32, edition: i64) -> Result<Option<Edition>, StoreError> {
    let row: Option<Columns> = editions::table
        .filter(editions::year.eq(year))
        .filter(editions::edition.eq(edition))
        .select(Columns::as_select())
        .get_result(db)
        .optional()?;
    Ok(row.map(Edition::from))
}

/// The number of the last edition of a year that was closed up to `until`; 0 where there is none.
///
/// # Errors
/// Where the store does not answer.
pub fn last(db: &mut Db, year: i32, until: Moment) -> Result<i64, StoreError> {
    let last: Option<i64> = editions::table
        .filter(editions::year.eq(year))
        .filter(editions::closed_at.le(until.micros()))
        .select(max(editions::edition))
        .get_result(db)?;
    Ok(last.unwrap_or(0))
}

/// The editions of a year after a number, in their order.
///
/// # Errors
/// Where the store does not answer.
pub fn list(db: &mut Db, year: i32, after: i64, limit: i64) -> Result<Vec<Edition>, StoreError> {
    let rows: Vec<Columns> = editions::table
        .filter(editions::year.eq(year))
        .filter(editions::edition.gt(after))
        .order(editions::edition)
        .limit(limit)
        .select(Columns::as_select())
        .load(db)?;
    Ok(rows.into_iter().map(Edition::from).collect())
}

/// The contracts that an edition counted, of the years of first confirmation `first..=last`.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn contracts(db: &mut Db, (year, edition): (i32, i64), (first, last): (i32, i32)) -> Result<Counted, StoreError> {
    let key: i64 = editions::table
        .filter(editions::year.eq(year))
        .filter(editions::edition.eq(edition))
        .select(editions::id)
        .get_result(db)?;
    let query = edition_contracts::table
        .filter(edition_contracts::edition_id.eq(key))
        .filter(edition_contracts::year.between(first, last))
        .order((edition_contracts::year, edition_contracts::first_contract_id))
        .select((edition_contracts::year, edition_contracts::contracts));
    let mut counted = Counted::new();
    each_row!(db, query, |row: (i32, String)| unpacked(
        &row.1,
        counted.entry(row.0).or_default()
    )?);
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_contracts_unpack() {
        for contracts in [
            vec![],
            vec![(7, 1)],
            vec![(1, 2), (2, 1), (900, 13), (5_000_000_000, 1)],
        ] {
            let mut read = Vec::new();
            unpacked(&packed(&contracts).unwrap(), &mut read).unwrap();
            assert_eq!(read, contracts);
        }
        assert_eq!(packed(&[(10, 2), (12, 1)]).unwrap(), "[10,2,2,1]");
        assert!(unpacked("[1,2,3]", &mut Vec::new()).is_err());
    }
}
