//! What stands beside the contracts in a year's report: follow-up surveys, activities, reference figures.

use diesel::prelude::*;

use super::{
    Db, StoreError,
    dialect::{each, each_row},
    schema::{activities, follow_ups, reference_figures},
};
use crate::domain::{
    interchange::{ActivityRow, FollowUpRow, ReferenceRow},
    ledger::canonical,
    time::Date,
};

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(StoreError::corrupt)
}

/// The follow-up of a contract in a survey.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn find_follow_up(db: &mut Db, registration_number: &str, year: i32) -> Result<Option<FollowUpRow>, StoreError> {
    let text: Option<String> = follow_ups::table
        .filter(follow_ups::registration_number.eq(registration_number))
        .filter(follow_ups::survey_year.eq(year))
        .select(follow_ups::content)
        .get_result(db)
        .optional()?;
    text.as_deref().map(read).transpose()
}

/// Writes the follow-up of a contract in a survey, over an earlier one.
///
/// # Errors
/// Where the store does not answer.
pub fn put_follow_up(db: &mut Db, row: &FollowUpRow) -> Result<(), StoreError> {
    let content = canonical(row).map_err(StoreError::corrupt)?;
    let values = (
        follow_ups::registration_number.eq(&row.registration_number),
        follow_ups::survey_year.eq(row.survey_year),
        follow_ups::content.eq(&content),
    );
    each!(db, |c| diesel::insert_into(follow_ups::table)
        .values(values)
        .on_conflict((follow_ups::registration_number, follow_ups::survey_year))
        .do_update()
        .set(follow_ups::content.eq(&content))
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
pub fn put_activity(db: &mut Db, row: &ActivityRow, occurrence: i64) -> Result<(), StoreError> {
    let content = canonical(row).map_err(StoreError::corrupt)?;
    let values = (
        activities::kind.eq(&row.kind),
        activities::held_on.eq(row.held_on),
        activities::name.eq(&row.name),
        activities::unit.eq(row.unit.as_deref().unwrap_or_default()),
        activities::occurrence.eq(occurrence),
        activities::content.eq(&content),
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
        .set(activities::content.eq(&content))
        .execute(c))?;
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
pub fn find_reference(db: &mut Db, kind: &str, year: i32) -> Result<Option<ReferenceRow>, StoreError> {
    Ok(references(db)?.into_iter().find(|r| r.kind == kind && r.year == year))
}

/// Writes a reference figure, over an earlier one.
///
/// # Errors
/// Where the store does not answer.
pub fn put_reference(db: &mut Db, row: &ReferenceRow) -> Result<(), StoreError> {
    let values = (
        reference_figures::kind.eq(&row.kind),
        reference_figures::year.eq(row.year),
        reference_figures::fen.eq(row.fen),
        reference_figures::note.eq(&row.note),
    );
    each!(db, |c| diesel::insert_into(reference_figures::table)
        .values(values)
        .on_conflict((reference_figures::kind, reference_figures::year))
        .do_update()
        .set((
            reference_figures::fen.eq(row.fen),
            reference_figures::note.eq(&row.note)
        ))
        .execute(c))?;
    Ok(())
}

/// Every reference figure.
///
/// # Errors
/// Where the store does not answer.
pub fn references(db: &mut Db) -> Result<Vec<ReferenceRow>, StoreError> {
    let rows: Vec<(String, i32, i64, Option<String>)> = reference_figures::table
        .order((reference_figures::kind, reference_figures::year))
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|(kind, year, fen, note)| ReferenceRow { kind, year, fen, note })
        .collect())
}
