//! What stands beside the contracts in a year's report: follow-up surveys, activities, reference figures.

use std::collections::HashMap;

use diesel::{dsl::max, prelude::*};

use super::{
    Db, StoreError,
    binding::rows,
    dialect::{each, each_row, insert_for_key},
    schema::{activities, contract_revisions, contracts, follow_ups, reference_figures},
};
use crate::domain::{
    contract::Content,
    interchange::{ActivityRow, FollowUpRow, ReferenceRow},
    ledger::canonical,
    time::Date,
};

/// What is kept, with the version that a change of it must name: the sequence of the ledger's entry that wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// What is kept.
    pub row: T,
    /// Its version.
    pub version: i64,
}

fn kept<T: serde::de::DeserializeOwned>((text, version): (String, i64)) -> Result<Versioned<T>, StoreError> {
    Ok(Versioned {
        row: read(&text)?,
        version,
    })
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(StoreError::corrupt)
}

/// The follow-up of a contract in a survey.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn find_follow_up(
    db: &mut Db,
    registration_number: &str,
    year: i32,
) -> Result<Option<Versioned<FollowUpRow>>, StoreError> {
    let found: Option<(String, i64)> = follow_ups::table
        .filter(follow_ups::registration_number.eq(registration_number))
        .filter(follow_ups::survey_year.eq(year))
        .select((follow_ups::content, follow_ups::version))
        .get_result(db)
        .optional()?;
    found.map(kept).transpose()
}

/// Writes the follow-up of a contract in a survey, over an earlier one.
///
/// # Errors
/// Where the store does not answer.
pub fn put_follow_up(db: &mut Db, row: &FollowUpRow, version: i64) -> Result<(), StoreError> {
    rows::follow_ups::note(row.registration_number.clone(), row.survey_year);
    let content = canonical(row).map_err(StoreError::corrupt)?;
    let values = (
        follow_ups::registration_number.eq(&row.registration_number),
        follow_ups::survey_year.eq(row.survey_year),
        follow_ups::content.eq(&content),
        follow_ups::version.eq(version),
    );
    each!(db, |c| diesel::insert_into(follow_ups::table)
        .values(values)
        .on_conflict((follow_ups::registration_number, follow_ups::survey_year))
        .do_update()
        .set((follow_ups::content.eq(&content), follow_ups::version.eq(version)))
        .execute(c))?;
    Ok(())
}

/// Hands the rows of the survey made in `year` to `f`.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn for_each_follow_up(db: &mut Db, year: i32, mut f: impl FnMut(FollowUpRow)) -> Result<(), StoreError> {
    let query = follow_ups::table
        .filter(follow_ups::survey_year.eq(year))
        .select(follow_ups::content);
    each_row!(db, query, |text: String| f(read(&text)?));
    Ok(())
}

/// The activity that is the `occurrence`-th (from 0) with this kind, day, name and unit.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn find_activity(db: &mut Db, row: &ActivityRow, occurrence: i64) -> Result<Option<ActivityRow>, StoreError> {
    let text: Option<String> = activities::table
        .filter(activities::kind.eq(&row.kind))
        .filter(activities::held_on.eq(row.held_on))
        .filter(activities::name.eq(&row.name))
        .filter(activities::unit.eq(row.unit.as_deref().unwrap_or_default()))
        .filter(activities::occurrence.eq(occurrence))
        .select(activities::content)
        .get_result(db)
        .optional()?;
    text.as_deref().map(read).transpose()
}

/// Writes an activity, over an earlier one of the same identity.
///
/// # Errors
/// Where the store does not answer.
pub fn put_activity(db: &mut Db, row: &ActivityRow, occurrence: i64, version: i64) -> Result<(), StoreError> {
    let content = canonical(row).map_err(StoreError::corrupt)?;
    let values = (
        activities::kind.eq(&row.kind),
        activities::held_on.eq(row.held_on),
        activities::name.eq(&row.name),
        activities::unit.eq(row.unit.as_deref().unwrap_or_default()),
        activities::occurrence.eq(occurrence),
        activities::content.eq(&content),
        activities::version.eq(version),
    );
    each!(db, |c| diesel::insert_into(activities::table)
        .values(values)
        .on_conflict((
            activities::kind,
            activities::held_on,
            activities::name,
            activities::unit,
            activities::occurrence
        ))
        .do_update()
        .set((activities::content.eq(&content), activities::version.eq(version)))
        .execute(c))?;
    let id: i64 = activities::table
        .filter(activities::kind.eq(&row.kind))
        .filter(activities::held_on.eq(row.held_on))
        .filter(activities::name.eq(&row.name))
        .filter(activities::unit.eq(row.unit.as_deref().unwrap_or_default()))
        .filter(activities::occurrence.eq(occurrence))
        .select(activities::id)
        .get_result(db)?;
    rows::activities::note(id);
    Ok(())
}

/// Activities up to a day, in order of the day.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn activities_until(db: &mut Db, last: Date) -> Result<Vec<ActivityRow>, StoreError> {
    let texts: Vec<String> = activities::table
        .filter(activities::held_on.le(last))
        .order((activities::held_on, activities::id))
        .select(activities::content)
        .load(db)?;
    texts.iter().map(|t| read(t)).collect()
}

/// A reference figure.
///
/// # Errors
/// Where the store does not answer.
pub fn find_reference(db: &mut Db, kind: &str, year: i32) -> Result<Option<Versioned<ReferenceRow>>, StoreError> {
    let mut all = versioned_references(db)?.into_iter();
    Ok(all.find(|r| r.row.kind == kind && r.row.year == year))
}

/// Writes a reference figure, over an earlier one.
///
/// # Errors
/// Where the store does not answer.
pub fn put_reference(db: &mut Db, row: &ReferenceRow, version: i64) -> Result<(), StoreError> {
    rows::reference_figures::note(row.kind.clone(), row.year);
    let values = (
        reference_figures::kind.eq(&row.kind),
        reference_figures::year.eq(row.year),
        reference_figures::fen.eq(row.fen),
        reference_figures::note.eq(&row.note),
        reference_figures::version.eq(version),
    );
    each!(db, |c| diesel::insert_into(reference_figures::table)
        .values(values)
        .on_conflict((reference_figures::kind, reference_figures::year))
        .do_update()
        .set((
            reference_figures::fen.eq(row.fen),
            reference_figures::note.eq(&row.note),
            reference_figures::version.eq(version),
        ))
        .execute(c))?;
    Ok(())
}

/// Every reference figure.
///
/// # Errors
/// Where the store does not answer.
pub fn references(db: &mut Db) -> Result<Vec<ReferenceRow>, StoreError> {
    Ok(versioned_references(db)?.into_iter().map(|r| r.row).collect())
}

/// Every reference figure with its version.
///
/// # Errors
/// Where the store does not answer.
pub fn versioned_references(db: &mut Db) -> Result<Vec<Versioned<ReferenceRow>>, StoreError> {
    let rows: Vec<(String, i32, i64, Option<String>, i64)> = reference_figures::table
        .order((reference_figures::kind, reference_figures::year))
        .load(db)?;
    let versioned = rows.into_iter().map(|(kind, year, fen, note, version)| Versioned {
        row: ReferenceRow { kind, year, fen, note },
        version,
    });
    Ok(versioned.collect())
}

/// Follow-ups of surveys made in `years` (first, last), in the order of year and number, behind `after`.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn follow_up_page(
    db: &mut Db,
    years: (i32, i32),
    after: &(i32, String),
    limit: i64,
) -> Result<Vec<Versioned<FollowUpRow>>, StoreError> {
    let (year, number) = after;
    let behind = follow_ups::survey_year.gt(year).or(follow_ups::survey_year
        .eq(year)
        .and(follow_ups::registration_number.gt(number)));
    let rows: Vec<(String, i64)> = follow_ups::table
        .filter(follow_ups::survey_year.between(years.0, years.1))
        .filter(behind)
        .order((follow_ups::survey_year, follow_ups::registration_number))
        .limit(limit)
        .select((follow_ups::content, follow_ups::version))
        .load(db)?;
    rows.into_iter().map(kept).collect()
}

/// What the contracts of these registration numbers say now, by number.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn contents_by_number(db: &mut Db, numbers: &[&str]) -> Result<HashMap<String, Content>, StoreError> {
    let current = contract_revisions::contract_id
        .eq(contracts::id)
        .and(contract_revisions::revision.eq(contracts::revision));
    let rows: Vec<(Option<String>, String)> = contracts::table
        .inner_join(contract_revisions::table.on(current))
        .filter(contracts::registration_number.eq_any(numbers))
        .select((contracts::registration_number, contract_revisions::content))
        .load(db)?;
    let rows = rows
        .into_iter()
        .filter_map(|(number, content)| Some((number?, content)));
    rows.map(|(number, content)| Ok((number, read(&content)?))).collect()
}

/// Removes the follow-up of a contract in a survey.
///
/// # Errors
/// Where the store does not answer.
pub fn delete_follow_up(db: &mut Db, registration_number: &str, year: i32) -> Result<(), StoreError> {
    rows::follow_ups::note(registration_number.to_owned(), year);
    let found = follow_ups::table
        .filter(follow_ups::registration_number.eq(registration_number))
        .filter(follow_ups::survey_year.eq(year));
    each!(db, |c| diesel::delete(found).execute(c))?;
    Ok(())
}

/// Activities held from `first` to `last`, both included, in the order of their keys, behind `after`; each with its key.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn activity_page(
    db: &mut Db,
    (first, last): (Date, Date),
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, Versioned<ActivityRow>)>, StoreError> {
    let rows: Vec<(i64, (String, i64))> = activities::table
        .filter(activities::held_on.between(first, last))
        .filter(activities::id.gt(after))
        .order(activities::id)
        .limit(limit)
        .select((activities::id, (activities::content, activities::version)))
        .load(db)?;
    rows.into_iter().map(|(id, row)| Ok((id, kept(row)?))).collect()
}

/// The activity of that key.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn activity(db: &mut Db, id: i64) -> Result<Option<Versioned<ActivityRow>>, StoreError> {
    let found: Option<(String, i64)> = activities::table
        .filter(activities::id.eq(id))
        .select((activities::content, activities::version))
        .get_result(db)
        .optional()?;
    found.map(kept).transpose()
}

/// The next number among activities of this kind, day, name and unit.
fn next_occurrence(db: &mut Db, row: &ActivityRow) -> Result<i64, StoreError> {
    let last: Option<i64> = activities::table
        .filter(activities::kind.eq(&row.kind))
        .filter(activities::held_on.eq(row.held_on))
        .filter(activities::name.eq(&row.name))
        .filter(activities::unit.eq(row.unit.as_deref().unwrap_or_default()))
        .select(max(activities::occurrence))
        .get_result(db)?;
    Ok(last.map_or(0, |last| last + 1))
}

/// Writes a new activity; answers its key.
///
/// # Errors
/// Where the store does not answer.
pub fn insert_activity(db: &mut Db, row: &ActivityRow, version: i64) -> Result<i64, StoreError> {
    let occurrence = next_occurrence(db, row)?;
    let values = (
        activities::kind.eq(&row.kind),
        activities::held_on.eq(row.held_on),
        activities::name.eq(&row.name),
        activities::unit.eq(row.unit.as_deref().unwrap_or_default()),
        activities::occurrence.eq(occurrence),
        activities::content.eq(canonical(row).map_err(StoreError::corrupt)?),
        activities::version.eq(version),
    );
    let statement = diesel::insert_into(activities::table).values(values);
    let id = insert_for_key!(db, statement, activities::id)?;
    rows::activities::note(id);
    Ok(id)
}

/// Writes an activity that was there as `before` anew, under its key.
///
/// # Errors
/// Where the store does not answer.
pub fn update_activity(
    db: &mut Db,
    id: i64,
    before: &ActivityRow,
    row: &ActivityRow,
    version: i64,
) -> Result<(), StoreError> {
    rows::activities::note(id);
    let identity = |row: &ActivityRow| (row.kind.clone(), row.held_on, row.name.clone(), row.unit.clone());
    let found = activities::table.filter(activities::id.eq(id));
    let content = canonical(row).map_err(StoreError::corrupt)?;
    if identity(before) == identity(row) {
        each!(db, |c| diesel::update(found)
            .set((activities::content.eq(&content), activities::version.eq(version)))
            .execute(c))?;
        return Ok(());
    }
    let occurrence = next_occurrence(db, row)?;
    let values = (
        activities::kind.eq(&row.kind),
        activities::held_on.eq(row.held_on),
        activities::name.eq(&row.name),
        activities::unit.eq(row.unit.as_deref().unwrap_or_default()),
        activities::occurrence.eq(occurrence),
        activities::content.eq(&content),
        activities::version.eq(version),
    );
    each!(db, |c| diesel::update(found).set(values).execute(c))?;
    Ok(())
}

/// Removes an activity.
///
/// # Errors
/// Where the store does not answer.
pub fn delete_activity(db: &mut Db, id: i64) -> Result<(), StoreError> {
    rows::activities::note(id);
    let found = activities::table.filter(activities::id.eq(id));
    each!(db, |c| diesel::delete(found).execute(c))?;
    Ok(())
}

/// Removes a reference figure.
///
/// # Errors
/// Where the store does not answer.
pub fn delete_reference(db: &mut Db, kind: &str, year: i32) -> Result<(), StoreError> {
    rows::reference_figures::note(kind.to_owned(), year);
    let found = reference_figures::table
        .filter(reference_figures::kind.eq(kind))
        .filter(reference_figures::year.eq(year));
    each!(db, |c| diesel::delete(found).execute(c))?;
    Ok(())
}
