//! Revisions: the content of a contract, whole, once per confirmed change.

use diesel::prelude::*;

use super::{
    Db, StoreError,
    binding::{rows, touched},
    contracts::parse_content,
    dialect::each,
    schema::contract_revisions,
};
use crate::domain::{contract::Content, ledger::canonical, time::Moment};

/// The number of the content as entered; others follow it.
const FIRST: i64 = 1;

/// One revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// 1 is the content as entered.
    pub revision: i64,
    /// When it was written.
    pub recorded_at: Moment,
    /// Who wrote it.
    pub recorded_by: String,
    /// What it says.
    pub content: Content,
}

/// Adds a revision.
///
/// # Errors
/// [`StoreError::Duplicate`] where the contract has that revision.
pub fn insert(
    db: &mut Db,
    contract_id: i64,
    revision: i64,
    content: &Content,
    by: &str,
    at: Moment,
) -> Result<(), StoreError> {
    let content = canonical(content).map_err(StoreError::corrupt)?;
    rows::contract_revisions::note(contract_id);
    write(db, (contract_id, revision), &content, by, at)
}

/// Adds the revision that a new contract begins with.
pub(super) fn insert_first(
    db: &mut Db,
    contract_id: i64,
    revision: i64,
    content: &Content,
    by: &str,
    at: Moment,
) -> Result<(), StoreError> {
    let content = canonical(content).map_err(StoreError::corrupt)?;
    let text = rows::contract_revisions::text([&revision, &at.micros(), &by.to_owned(), &content]);
    touched::note_row(contract_id, "contract_revisions", &text);
    write(db, (contract_id, revision), &content, by, at)
}

fn write(
    db: &mut Db,
    (contract_id, revision): (i64, i64),
    content: &str,
    by: &str,
    at: Moment,
) -> Result<(), StoreError> {
    let values = (
        contract_revisions::contract_id.eq(contract_id),
        contract_revisions::revision.eq(revision),
        contract_revisions::recorded_at.eq(at.micros()),
        contract_revisions::recorded_by.eq(by),
        contract_revisions::content.eq(content),
    );
    each!(db, |c| diesel::insert_into(contract_revisions::table)
        .values(values)
        .execute(c))?;
    Ok(())
}

/// Replaces the content of a revision that was not confirmed yet.
///
/// # Errors
/// Where the store does not answer.
pub fn replace(
    db: &mut Db,
    contract_id: i64,
    revision: i64,
    content: &Content,
    by: &str,
    at: Moment,
) -> Result<(), StoreError> {
    let content = canonical(content).map_err(StoreError::corrupt)?;
    if revision == FIRST {
        // It is the only one.
        let text = rows::contract_revisions::text([&revision, &at.micros(), &by.to_owned(), &content]);
        touched::note_row(contract_id, "contract_revisions", &text);
    } else {
        rows::contract_revisions::note(contract_id);
    }
    diesel::update(
        contract_revisions::table
            .filter(contract_revisions::contract_id.eq(contract_id))
            .filter(contract_revisions::revision.eq(revision)),
    )
    .set((
        contract_revisions::recorded_at.eq(at.micros()),
        contract_revisions::recorded_by.eq(by),
        contract_revisions::content.eq(content),
    ))
    .execute(db)?;
    Ok(())
}

/// One revision of a contract.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn find(db: &mut Db, contract_id: i64, revision: i64) -> Result<Option<Revision>, StoreError> {
    let row: Option<(i64, String, String)> = contract_revisions::table
        .filter(contract_revisions::contract_id.eq(contract_id))
        .filter(contract_revisions::revision.eq(revision))
        .select((
            contract_revisions::recorded_at,
            contract_revisions::recorded_by,
            contract_revisions::content,
        ))
        .get_result(db)
        .optional()?;
    row.map(|(recorded_at, recorded_by, content)| {
        Ok(Revision {
            revision,
            recorded_at: Moment::from_micros(recorded_at),
            recorded_by,
            content: parse_content(&content)?,
        })
    })
    .transpose()
}
