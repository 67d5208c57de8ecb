//! Trainings and examinations, and who took part.

use diesel::prelude::*;

use super::{
    Db, StoreError,
    agencies::AgencyRow,
    binding::rows,
    db::MultiBackend,
    schema::{agencies, registrars, training_participants, trainings},
};
use crate::domain::{
    contract::Agency,
    registrar::TrainingKind,
    time::{Date, Moment},
};

/// A training.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Training {
    /// Key in the store.
    pub id: i64,
    /// Kind.
    pub kind: TrainingKind,
    /// Title.
    pub title: String,
    /// The (first) day.
    pub held_on: Date,
    /// Length in minutes.
    pub minutes: i64,
    /// Where.
    pub place: Option<String>,
    /// By whom.
    pub organiser: Option<String>,
    /// When it was entered.
    pub recorded_at: Moment,
    /// Who entered it.
    pub recorded_by: String,
}

type TrainingTuple = (
    i64,
    String,
    String,
    Date,
    i64,
    Option<String>,
    Option<String>,
    i64,
    String,
);

fn training_of(
    (id, kind, title, held_on, minutes, place, organiser, recorded_at, recorded_by): TrainingTuple,
) -> Result<Training, StoreError> {
    Ok(Training {
        id,
        kind: TrainingKind::from_id(&kind).ok_or_else(|| StoreError::corrupt(&kind))?,
        title,
        held_on,
        minutes,
        place,
        organiser,
        recorded_at: Moment::from_micros(recorded_at),
        recorded_by,
    })
}

/// Someone who took part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participation {
    /// Key of the registrar; none for someone without a certificate.
    pub registrar_id: Option<i64>,
    /// Name of the person.
    pub name: String,
    /// Key of the agency.
    pub agency_id: i64,
    /// Minutes credited.
    pub minutes: i64,
    /// Points of an examination.
    pub score: Option<i64>,
    /// Whether an examination was passed.
    pub passed: Option<bool>,
}

/// Someone who took part, for showing.
#[derive(Debug, Clone)]
pub struct Participant {
    /// Number of the certificate.
    pub certificate_number: Option<String>,
    /// The agency.
    pub agency: Agency,
    /// The rest.
    pub participation: Participation,
}

type ParticipationTuple = (Option<i64>, String, i64, i64, Option<i64>, Option<i64>);

fn participation_of((registrar_id, name, agency_id, minutes, score, passed): ParticipationTuple) -> Participation {
    Participation {
        registrar_id,
        name,
        agency_id,
        minutes,
        score,
        passed: passed.map(|p| p != 0),
    }
}

macro_rules! participation {
    () => {
        (
            training_participants::registrar_id,
            training_participants::name,
            training_participants::agency_id,
            training_participants::minutes,
            training_participants::score,
            training_participants::passed,
        )
    };
}

/// Adds a training (its `id` is not looked at); answers the key.
///
/// # Errors
/// Where the store does not answer.
pub fn insert(db: &mut Db, training: &Training) -> Result<i64, StoreError> {
    let id = diesel::insert_into(trainings::table)
        .values((
            trainings::kind.eq(training.kind.id()),
            trainings::title.eq(&training.title),
            trainings::held_on.eq(training.held_on),
            trainings::minutes.eq(training.minutes),
            trainings::place.eq(&training.place),
            trainings::organiser.eq(&training.organiser),
            trainings::recorded_at.eq(training.recorded_at.micros()),
            trainings::recorded_by.eq(&training.recorded_by),
        ))
        .returning(trainings::id)
        .get_result(db)?;
    rows::trainings::note(id);
    Ok(id)
}

/// The training of a key.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn find(db: &mut Db, id: i64) -> Result<Option<Training>, StoreError> {
    trainings::table
        .filter(trainings::id.eq(id))
        .get_result::<TrainingTuple>(db)
        .optional()?
        .map(training_of)
        .transpose()
}

/// One page of trainings by key; of `taken_by`, those that the registrar of this certificate number took part in.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn page(
    db: &mut Db,
    kind: Option<TrainingKind>,
    taken_by: Option<&str>,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<Training>, StoreError> {
    let mut q = trainings::table
        .order(trainings::id)
        .limit(limit)
        .into_boxed::<MultiBackend>();
    if let Some(kind) = kind {
        q = q.filter(trainings::kind.eq(kind.id()));
    }
    if let Some(after) = after {
        q = q.filter(trainings::id.gt(after));
    }
    if let Some(number) = taken_by {
        let taken = training_participants::table
            .inner_join(registrars::table)
            .filter(registrars::certificate_number.eq(number.to_owned()))
            .select(training_participants::training_id);
        q = q.filter(trainings::id.eq_any(taken));
    }
    q.load::<TrainingTuple>(db)?.into_iter().map(training_of).collect()
}

/// Who took part, in the order of entry.
///
/// # Errors
/// Where the store does not answer.
pub fn participants(db: &mut Db, training_id: i64) -> Result<Vec<Participant>, StoreError> {
    let rows: Vec<(Option<String>, AgencyRow, ParticipationTuple)> = training_participants::table
        .inner_join(agencies::table)
        .left_join(registrars::table)
        .filter(training_participants::training_id.eq(training_id))
        .order(training_participants::id)
        .select((
            registrars::certificate_number.nullable(),
            AgencyRow::as_select(),
            participation!(),
        ))
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|(certificate_number, agency, row)| Participant {
            certificate_number,
            agency: agency.into(),
            participation: participation_of(row),
        })
        .collect())
}

/// One page of what a registrar took part in, by key of the training.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn of_registrar(
    db: &mut Db,
    registrar_id: i64,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<(Training, Participation)>, StoreError> {
    let rows: Vec<(TrainingTuple, ParticipationTuple)> = training_participants::table
        .inner_join(trainings::table)
        .filter(training_participants::registrar_id.eq(registrar_id))
        .filter(training_participants::training_id.gt(after.unwrap_or(0)))
        .order(training_participants::training_id)
        .limit(limit)
        .select((trainings::all_columns, participation!()))
        .load(db)?;
    rows.into_iter()
        .map(|(training, row)| Ok((training_of(training)?, participation_of(row))))
        .collect()
}

/// What is known of someone's part in a training: by the registrar's key, or by name and agency.
///
/// # Errors
/// Where the store does not answer.
pub fn find_participation(
    db: &mut Db,
    training_id: i64,
    who: &Participation,
) -> Result<Option<(i64, Participation)>, StoreError> {
    let mut q = training_participants::table
        .filter(training_participants::training_id.eq(training_id))
        .select((training_participants::id, participation!()))
        .into_boxed::<MultiBackend>();
    q = match who.registrar_id {
        Some(id) => q.filter(training_participants::registrar_id.eq(id)),
        None => q
            .filter(training_participants::registrar_id.is_null())
            .filter(training_participants::name.eq(who.name.clone()))
            .filter(training_participants::agency_id.eq(who.agency_id)),
    };
    let row: Option<(i64, ParticipationTuple)> = q.get_result(db).optional()?;
    Ok(row.map(|(id, row)| (id, participation_of(row))))
}

/// Enters someone's part in a training, or writes it over an earlier entry (`known`: its key).
///
/// # Errors
/// [`StoreError::Duplicate`] where it is there and `known` does not say so.
pub fn put_participation(
    db: &mut Db,
    training_id: i64,
    known: Option<i64>,
    row: &Participation,
) -> Result<(), StoreError> {
    rows::training_participants::note(training_id);
    let passed = row.passed.map(i64::from);
    match known {
        Some(id) => {
            diesel::update(training_participants::table.filter(training_participants::id.eq(id)))
                .set((
                    training_participants::registrar_id.eq(row.registrar_id),
                    training_participants::name.eq(&row.name),
                    training_participants::agency_id.eq(row.agency_id),
                    training_participants::minutes.eq(row.minutes),
                    training_participants::score.eq(row.score),
                    training_participants::passed.eq(passed),
                ))
                .execute(db)?;
        }
        None => {
            diesel::insert_into(training_participants::table)
                .values((
                    training_participants::training_id.eq(training_id),
                    training_participants::registrar_id.eq(row.registrar_id),
                    training_participants::name.eq(&row.name),
                    training_participants::agency_id.eq(row.agency_id),
                    training_participants::minutes.eq(row.minutes),
                    training_participants::score.eq(row.score),
                    training_participants::passed.eq(passed),
                ))
                .execute(db)?;
        }
    }
    Ok(())
}

/// Minutes of continuing education credited to a registrar from one day to another, both included.
///
/// # Errors
/// Where the store does not answer.
pub fn continuing_minutes(db: &mut Db, registrar_id: i64, from: Date, until: Date) -> Result<i64, StoreError> {
    // The sum is a NUMERIC on PostgreSQL, so it is made here.
    let minutes: Vec<i64> = training_participants::table
        .inner_join(trainings::table)
        .filter(training_participants::registrar_id.eq(registrar_id))
        .filter(trainings::kind.eq(TrainingKind::Continuing.id()))
        .filter(trainings::held_on.between(from, until))
        .select(training_participants::minutes)
        .load(db)?;
    Ok(minutes.iter().sum())
}
