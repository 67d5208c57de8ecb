//! Registrar certificates: one row each with how it stands now, its periods of validity and suspensions beside it, and the
//! reminders given before it runs out.
//!
//! `registrars.suspended_*` copy the suspension that is not over, since every request of a registrar reads it: both are written
//! by [`suspend`] and [`lift`] alone.

use std::collections::BTreeMap;

use diesel::{dsl::min, prelude::*};

use super::{
    Db, StoreError,
    agencies::AgencyRow,
    binding::rows,
    db::MultiBackend,
    schema::{agencies, registrar_periods, registrar_reminders, registrar_suspensions, registrars, users},
};
use crate::domain::{
    account::{Certificate, CertificateState, Suspended},
    contract::Agency,
    registrar::{History, Period, Suspension},
    text,
    time::{Date, Moment},
};

/// A registrar certificate and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registrar {
    /// Key in the store.
    pub id: i64,
    /// The certificate.
    pub certificate: Certificate,
    /// Name of the person.
    pub name: String,
    /// Key of the agency.
    pub agency_id: i64,
    /// Last day of continuing education.
    pub last_training_on: Option<Date>,
}

type RegistrarTuple = (
    i64,
    String,
    String,
    i64,
    Date,
    Option<Date>,
    Option<Date>,
    Option<Date>,
    Option<Date>,
    String,
);

fn registrar_of(
    (id, number, name, agency_id, issued_on, valid_until, last_training_on, from_on, until_on, _): RegistrarTuple,
) -> Registrar {
    Registrar {
        id,
        certificate: Certificate {
            number,
            issued_on,
            valid_until,
            suspension: from_on.map(|from_on| Suspended { from_on, until_on }),
        },
        name,
        agency_id,
        last_training_on,
    }
}

/// The registrar of a certificate number.
///
/// # Errors
/// Where the store does not answer.
pub fn find(db: &mut Db, certificate_number: &str) -> Result<Option<Registrar>, StoreError> {
    // People type anything; PostgreSQL takes no U+0000, so no certificate has it.
    if certificate_number.contains('\0') {
        return Ok(None);
    }
    Ok(registrars::table
        .filter(registrars::certificate_number.eq(certificate_number))
        .select(registrars::all_columns)
        .get_result::<RegistrarTuple>(db)
        .optional()?
        .map(registrar_of))
}

/// What a registrar is found by, as `domain::text` folds it.
fn search_text(number: &str, name: &str) -> String {
    format!("{}\n{}", text::key(number), text::key(name))
}

/// Registrars that are found by something else than their number and name, by key.
///
/// # Errors
/// Where the store does not answer.
pub fn misfiled(db: &mut Db) -> Result<Vec<i64>, StoreError> {
    let rows: Vec<(i64, String, String, String)> = registrars::table
        .order(registrars::id)
        .select((
            registrars::id,
            registrars::certificate_number,
            registrars::name,
            registrars::search_text,
        ))
        .load(db)?;
    let wrong = rows
        .into_iter()
        .filter(|(_, number, name, text)| search_text(number, name) != *text);
    Ok(wrong.map(|(id, ..)| id).collect())
}

/// Makes what registrars are found by anew, within the caller's transaction.
///
/// # Errors
/// Where the store does not answer.
pub(super) fn rebuild_search(db: &mut Db) -> Result<(), StoreError> {
    let all: Vec<(i64, String, String)> = registrars::table
        .select((registrars::id, registrars::certificate_number, registrars::name))
        .load(db)?;
    for (id, number, name) in all {
        diesel::update(registrars::table.filter(registrars::id.eq(id)))
            .set(registrars::search_text.eq(search_text(&number, &name)))
            .execute(db)?;
    }
    Ok(())
}

/// Adds a registrar (its `id` is not looked at) with a first period of validity; answers the key.
///
/// # Errors
/// [`StoreError::Duplicate`] where the certificate number is taken.
pub fn insert(db: &mut Db, registrar: &Registrar) -> Result<i64, StoreError> {
    let Certificate {
        number,
        issued_on,
        valid_until,
        ..
    } = &registrar.certificate;
    let id: i64 = diesel::insert_into(registrars::table)
        .values((
            registrars::certificate_number.eq(number),
            registrars::name.eq(&registrar.name),
            registrars::agency_id.eq(registrar.agency_id),
            registrars::issued_on.eq(issued_on),
            registrars::valid_until.eq(valid_until),
            registrars::last_training_on.eq(registrar.last_training_on),
            registrars::search_text.eq(search_text(number, &registrar.name)),
        ))
        .returning(registrars::id)
        .get_result(db)?;
    let first = Period {
        from_on: *issued_on,
        until_on: *valid_until,
    };
    rows::registrars::note(id);
    add_period(db, id, first)?;
    Ok(id)
}

fn add_period(db: &mut Db, id: i64, period: Period) -> Result<(), StoreError> {
    rows::registrar_periods::note(id);
    diesel::insert_into(registrar_periods::table)
        .values((
            registrar_periods::registrar_id.eq(id),
            registrar_periods::from_on.eq(period.from_on),
            registrar_periods::until_on.eq(period.until_on),
        ))
        .execute(db)?;
    Ok(())
}

/// Writes a registrar back as an import corrects it: the first period begins with the issue, the last one ends with the validity.
/// `false`, and nothing is written, where the periods between leave no room for that.
///
/// # Errors
/// Where the store does not answer.
pub fn correct(db: &mut Db, registrar: &Registrar) -> Result<bool, StoreError> {
    rows::registrars::note(registrar.id);
    rows::registrar_periods::note(registrar.id);
    let Certificate {
        issued_on, valid_until, ..
    } = registrar.certificate;
    let mut periods: Vec<(i64, Date, Option<Date>)> = registrar_periods::table
        .filter(registrar_periods::registrar_id.eq(registrar.id))
        .order(registrar_periods::id)
        .select((
            registrar_periods::id,
            registrar_periods::from_on,
            registrar_periods::until_on,
        ))
        .load(db)?;
    if let Some(first) = periods.first_mut() {
        first.1 = issued_on;
    }
    if let Some(last) = periods.last_mut() {
        last.2 = valid_until;
    }
    if periods.iter().any(|(_, from, until)| until.is_some_and(|u| u < *from)) {
        return Ok(false);
    }
    for (id, from_on, until_on) in periods {
        diesel::update(registrar_periods::table.filter(registrar_periods::id.eq(id)))
            .set((
                registrar_periods::from_on.eq(from_on),
                registrar_periods::until_on.eq(until_on),
            ))
            .execute(db)?;
    }
    diesel::update(registrars::table.filter(registrars::id.eq(registrar.id)))
        .set((
            registrars::name.eq(&registrar.name),
            registrars::agency_id.eq(registrar.agency_id),
            registrars::issued_on.eq(issued_on),
            registrars::valid_until.eq(valid_until),
            registrars::last_training_on.eq(registrar.last_training_on),
            registrars::search_text.eq(search_text(&registrar.certificate.number, &registrar.name)),
        ))
        .execute(db)?;
    Ok(true)
}

/// Adds a period of validity, the last one from now on.
///
/// # Errors
/// Where the store does not answer.
pub fn renew(db: &mut Db, id: i64, period: Period) -> Result<(), StoreError> {
    rows::registrars::note(id);
    add_period(db, id, period)?;
    diesel::update(registrars::table.filter(registrars::id.eq(id)))
        .set(registrars::valid_until.eq(period.until_on))
        .execute(db)?;
    Ok(())
}

/// Sets the last day of continuing education where `day` is later.
///
/// # Errors
/// Where the store does not answer.
pub fn note_training(db: &mut Db, id: i64, day: Date) -> Result<(), StoreError> {
    rows::registrars::note(id);
    diesel::update(
        registrars::table.filter(registrars::id.eq(id)).filter(
            registrars::last_training_on
                .is_null()
                .or(registrars::last_training_on.assume_not_null().lt(day)),
        ),
    )
    .set(registrars::last_training_on.eq(day))
    .execute(db)?;
    Ok(())
}

/// Suspends a certificate that no suspension, or only one that is over or lifted, was made of.
///
/// # Errors
/// Where the store does not answer.
pub fn suspend(db: &mut Db, id: i64, suspension: &Suspension) -> Result<(), StoreError> {
    rows::registrar_suspensions::note(id);
    diesel::insert_into(registrar_suspensions::table)
        .values((
            registrar_suspensions::registrar_id.eq(id),
            registrar_suspensions::from_on.eq(suspension.from_on),
            registrar_suspensions::until_on.eq(suspension.until_on),
            registrar_suspensions::reason.eq(&suspension.reason),
            registrar_suspensions::suspended_at.eq(suspension.suspended_at.micros()),
            registrar_suspensions::suspended_by.eq(&suspension.suspended_by),
        ))
        .execute(db)?;
    set_suspended(db, id, Some((suspension.from_on, suspension.until_on)))
}

/// Lifts the last suspension.
///
/// # Errors
/// Where the store does not answer.
pub fn lift(db: &mut Db, id: i64, reason: &str, by: &str, at: Moment) -> Result<(), StoreError> {
    rows::registrar_suspensions::note(id);
    let last: Option<i64> = registrar_suspensions::table
        .filter(registrar_suspensions::registrar_id.eq(id))
        .filter(registrar_suspensions::lifted_at.is_null())
        .select(diesel::dsl::max(registrar_suspensions::id))
        .get_result(db)?;
    diesel::update(registrar_suspensions::table.filter(registrar_suspensions::id.nullable().eq(last)))
        .set((
            registrar_suspensions::lifted_at.eq(at.micros()),
            registrar_suspensions::lifted_by.eq(by),
            registrar_suspensions::lift_reason.eq(reason),
        ))
        .execute(db)?;
    set_suspended(db, id, None)
}

fn set_suspended(db: &mut Db, id: i64, days: Option<(Date, Option<Date>)>) -> Result<(), StoreError> {
    rows::registrars::note(id);
    diesel::update(registrars::table.filter(registrars::id.eq(id)))
        .set((
            registrars::suspended_from.eq(days.map(|d| d.0)),
            registrars::suspended_until.eq(days.and_then(|d| d.1)),
        ))
        .execute(db)?;
    Ok(())
}

type SuspensionTuple = (
    i64,
    i64,
    Date,
    Option<Date>,
    String,
    i64,
    String,
    Option<i64>,
    Option<String>,
    Option<String>,
);

/// The histories of all certificates (or of one), by key.
///
/// # Errors
/// Where the store does not answer.
pub fn histories(db: &mut Db, only: Option<i64>) -> Result<BTreeMap<i64, History>, StoreError> {
    let mut periods = registrar_periods::table.into_boxed::<MultiBackend>();
    let mut suspensions = registrar_suspensions::table.into_boxed::<MultiBackend>();
    if let Some(id) = only {
        periods = periods.filter(registrar_periods::registrar_id.eq(id));
        suspensions = suspensions.filter(registrar_suspensions::registrar_id.eq(id));
    }
    let mut found: BTreeMap<i64, History> = BTreeMap::new();
    let rows: Vec<(i64, Date, Option<Date>)> = periods
        .order(registrar_periods::id)
        .select((
            registrar_periods::registrar_id,
            registrar_periods::from_on,
            registrar_periods::until_on,
        ))
        .load(db)?;
    for (id, from_on, until_on) in rows {
        found.entry(id).or_default().periods.push(Period { from_on, until_on });
    }
    let rows: Vec<SuspensionTuple> = suspensions.order(registrar_suspensions::id).load(db)?;
    for (_, id, from_on, until_on, reason, at, by, lifted_at, lifted_by, lift_reason) in rows {
        found.entry(id).or_default().suspensions.push(Suspension {
            from_on,
            until_on,
            reason,
            suspended_at: Moment::from_micros(at),
            suspended_by: by,
            lifted_at: lifted_at.map(Moment::from_micros),
            lifted_by,
            lift_reason,
        });
    }
    Ok(found)
}

/// A registrar as lists show one.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The registrar.
    pub registrar: Registrar,
    /// The agency.
    pub agency: Agency,
    /// Name of the account that holds the certificate.
    pub account: Option<String>,
}

/// Which registrars.
#[derive(Debug, Clone, Default)]
pub struct RegistrarQuery {
    /// The one of this certificate number alone.
    pub number: Option<String>,
    /// With this text in its number, its holder's name or the agency's.
    pub text: Option<String>,
    /// How the certificate stands today.
    pub state: Option<CertificateState>,
    /// Code of the agency.
    pub agency_code: Option<String>,
    /// Runs out within so many days.
    pub expiring_within: Option<i64>,
    /// Begin after this key.
    pub after: Option<i64>,
    /// Registrars at most.
    pub limit: i64,
}

/// A text as a pattern that only means itself.
fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c]))
        .collect()
}

/// One page of registrars, by key.
///
/// # Errors
/// Where the store does not answer.
pub fn page(db: &mut Db, query: &RegistrarQuery, today: Date) -> Result<Vec<Listed>, StoreError> {
    let mut q = registrars::table
        .inner_join(agencies::table)
        .left_join(users::table.on(users::registrar_id.eq(registrars::id.nullable())))
        .order(registrars::id)
        .limit(query.limit)
        .select((
            registrars::all_columns,
            AgencyRow::as_select(),
            users::username.nullable(),
        ))
        .into_boxed::<MultiBackend>();
    if let Some(number) = query.number.clone() {
        q = q.filter(registrars::certificate_number.eq(number));
    }
    if let Some(text) = &query.text {
        let key = text::key(text);
        // A text of nothing but blanks and dots is found nowhere.
        let pattern = if key.is_empty() {
            String::new()
        } else {
            format!("%{}%", escaped(&key))
        };
        q = q.filter(
            registrars::search_text
                .like(pattern.clone())
                .escape('\\')
                .or(agencies::name_key.like(pattern).escape('\\')),
        );
    }
    if let Some(code) = query.agency_code.clone() {
        q = q.filter(agencies::code.eq(code));
    }
    if let Some(after) = query.after {
        q = q.filter(registrars::id.gt(after));
    }
    if let Some(days) = query.expiring_within {
        let last = today + chrono::Duration::days(days);
        q = q
            .filter(registrars::valid_until.ge(today))
            .filter(registrars::valid_until.le(last));
    }
    let valid_until = registrars::valid_until.assume_not_null();
    let suspended_from = registrars::suspended_from.assume_not_null();
    let suspended_until = registrars::suspended_until.assume_not_null();
    q = match query.state {
        None => q,
        Some(CertificateState::NotYetValid) => q.filter(registrars::issued_on.gt(today)),
        Some(_) => q.filter(registrars::issued_on.le(today)),
    };
    q = match query.state {
        Some(CertificateState::Expired) => q.filter(registrars::valid_until.lt(today)),
        Some(CertificateState::Suspended | CertificateState::Valid) => {
            q.filter(registrars::valid_until.is_null().or(valid_until.ge(today)))
        }
        None | Some(CertificateState::NotYetValid) => q,
    };
    q = match query.state {
        Some(CertificateState::Suspended) => q
            .filter(registrars::suspended_from.le(today))
            .filter(registrars::suspended_until.is_null().or(suspended_until.ge(today))),
        // Written out, since NOT of what is unknown is unknown.
        Some(CertificateState::Valid) => q.filter(
            registrars::suspended_from
                .is_null()
                .or(suspended_from.gt(today))
                .or(registrars::suspended_until.is_not_null().and(suspended_until.lt(today))),
        ),
        None | Some(CertificateState::NotYetValid | CertificateState::Expired) => q,
    };
    let rows: Vec<(RegistrarTuple, AgencyRow, Option<String>)> = q.load(db)?;
    Ok(rows
        .into_iter()
        .map(|(registrar, agency, account)| Listed {
            registrar: registrar_of(registrar),
            agency: agency.into(),
            account,
        })
        .collect())
}

/// A reminder that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminder {
    /// The last day it reminded of.
    pub valid_until: Date,
    /// The threshold reached, in days before.
    pub days: i64,
    /// The day it was given.
    pub reminded_on: Date,
}

/// The reminders given of a certificate, oldest first.
///
/// # Errors
/// Where the store does not answer.
pub fn reminders(db: &mut Db, id: i64) -> Result<Vec<Reminder>, StoreError> {
    let rows: Vec<(Date, i64, Date)> = registrar_reminders::table
        .filter(registrar_reminders::registrar_id.eq(id))
        .order((registrar_reminders::valid_until, registrar_reminders::days.desc()))
        .select((
            registrar_reminders::valid_until,
            registrar_reminders::days,
            registrar_reminders::reminded_on,
        ))
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|(valid_until, days, reminded_on)| Reminder {
            valid_until,
            days,
            reminded_on,
        })
        .collect())
}

/// The nearest threshold at which a reminder of this last day was given.
///
/// # Errors
/// Where the store does not answer.
pub fn nearest_reminder(db: &mut Db, id: i64, valid_until: Date) -> Result<Option<i64>, StoreError> {
    Ok(registrar_reminders::table
        .filter(registrar_reminders::registrar_id.eq(id))
        .filter(registrar_reminders::valid_until.eq(valid_until))
        .select(min(registrar_reminders::days))
        .get_result(db)?)
}

/// Notes that a reminder was given.
///
/// # Errors
/// [`StoreError::Duplicate`] where it was given before.
pub fn insert_reminder(db: &mut Db, id: i64, reminder: Reminder) -> Result<(), StoreError> {
    diesel::insert_into(registrar_reminders::table)
        .values((
            registrar_reminders::registrar_id.eq(id),
            registrar_reminders::valid_until.eq(reminder.valid_until),
            registrar_reminders::days.eq(reminder.days),
            registrar_reminders::reminded_on.eq(reminder.reminded_on),
        ))
        .execute(db)?;
    Ok(())
}
