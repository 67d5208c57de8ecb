//! Self-audits; the contracts they drew are in [`super::self_audit_items`].

use diesel::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    Db, StoreError,
    binding::rows,
    db::MultiBackend,
    dialect::insert_for_key,
    schema::self_audits,
    self_audit_items::{self, NewItem},
};
use crate::domain::{
    ledger::canonical,
    self_audit::{AuditState, Design, Filter, Stratum},
    time::{Date, Moment},
};

/// A self-audit but for its key and how it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSelfAudit {
    /// What it is called.
    pub title: String,
    /// Year of the contracts' first confirmation.
    pub year: i32,
    /// Which of them.
    pub filter: Filter,
    /// How it drew.
    pub design: Design,
    /// The parts of the population, and how many were drawn of each.
    pub strata: Vec<Stratum>,
    /// SHA-256 of the population.
    pub population_digest: String,
    /// SHA-256 of the sample.
    pub sample_digest: String,
    /// Usernames to whom it was handed out.
    pub auditors: Vec<String>,
    /// Username.
    pub created_by: String,
    /// When it was entered.
    pub created_at: Moment,
    /// As of when the population was taken.
    pub drawn_at: Moment,
}

/// What was said at the end of a self-audit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ending {
    /// Why it was abandoned.
    pub reason: Option<String>,
    /// 文书号 of the revocations that have none of their own.
    pub document_number: Option<String>,
    /// 送达日期 of the same.
    pub served_on: Option<Date>,
    /// Free text.
    pub note: Option<String>,
}

/// A self-audit.
#[derive(Debug, Clone, PartialEq)]
pub struct SelfAudit {
    /// Key in the store.
    pub id: i64,
    /// What it was made as.
    pub made: NewSelfAudit,
    /// Where it stands.
    pub state: AuditState,
    /// Who ended it, when, and what was said.
    pub ended: Option<(String, Moment, Ending)>,
}

fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    canonical(value).map_err(StoreError::corrupt)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(StoreError::corrupt)
}

#[derive(Queryable)]
struct AuditRow {
    id: i64,
    title: String,
    year: i32,
    state: String,
    filter: String,
    design: String,
    strata: String,
    population_digest: String,
    sample_digest: String,
    auditors: String,
    created_by: String,
    created_at: i64,
    drawn_at: i64,
    ended_by: Option<String>,
    ended_at: Option<i64>,
    ending: Option<String>,
}

fn audit_of(row: AuditRow) -> Result<SelfAudit, StoreError> {
    let ended = match (row.ended_by, row.ended_at, row.ending) {
        (Some(by), Some(at), Some(said)) => Some((by, Moment::from_micros(at), read(&said)?)),
        _ => None,
    };
    Ok(SelfAudit {
        id: row.id,
        made: NewSelfAudit {
            title: row.title,
            year: row.year,
            filter: read(&row.filter)?,
            design: read(&row.design)?,
            strata: read(&row.strata)?,
            population_digest: row.population_digest,
            sample_digest: row.sample_digest,
            auditors: read(&row.auditors)?,
            created_by: row.created_by,
            created_at: Moment::from_micros(row.created_at),
            drawn_at: Moment::from_micros(row.drawn_at),
        },
        state: AuditState::from_id(&row.state).ok_or_else(|| StoreError::corrupt(&row.state))?,
        ended,
    })
}

/// Adds a self-audit and what it drew; answers its key.
///
/// # Errors
/// Where the store does not answer.
pub fn insert(db: &mut Db, audit: &NewSelfAudit, items: &[NewItem]) -> Result<i64, StoreError> {
    let values = (
        self_audits::title.eq(&audit.title),
        self_audits::year.eq(audit.year),
        self_audits::state.eq(AuditState::Drawn.id()),
        self_audits::filter.eq(json(&audit.filter)?),
        self_audits::design.eq(json(&audit.design)?),
        self_audits::strata.eq(json(&audit.strata)?),
        self_audits::population_digest.eq(&audit.population_digest),
        self_audits::sample_digest.eq(&audit.sample_digest),
        self_audits::auditors.eq(json(&audit.auditors)?),
        self_audits::created_by.eq(&audit.created_by),
        self_audits::created_at.eq(audit.created_at.micros()),
        self_audits::drawn_at.eq(audit.drawn_at.micros()),
    );
    let id = insert_for_key!(
        db,
        diesel::insert_into(self_audits::table).values(values),
        self_audits::id
    )?;
    self_audit_items::insert(db, id, items)?;
    rows::self_audits::note(id);
    Ok(id)
}

/// One self-audit.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn find(db: &mut Db, id: i64) -> Result<Option<SelfAudit>, StoreError> {
    let row: Option<AuditRow> = self_audits::table
        .filter(self_audits::id.eq(id))
        .get_result(db)
        .optional()?;
    row.map(audit_of).transpose()
}

/// A page of self-audits, the latest first, before the one of a key.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn page(
    db: &mut Db,
    year: Option<i32>,
    state: Option<AuditState>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<SelfAudit>, StoreError> {
    let mut query = self_audits::table.into_boxed::<MultiBackend>();
    if let Some(year) = year {
        query = query.filter(self_audits::year.eq(year));
    }
    if let Some(state) = state {
        query = query.filter(self_audits::state.eq(state.id()));
    }
    if let Some(before) = before {
        query = query.filter(self_audits::id.lt(before));
    }
    let rows: Vec<AuditRow> = query.order(self_audits::id.desc()).limit(limit).load(db)?;
    rows.into_iter().map(audit_of).collect()
}

/// Ends a self-audit that is still being worked on; `false` where it is not.
///
/// # Errors
/// Where the store does not answer.
pub fn end(db: &mut Db, id: i64, state: AuditState, by: &str, at: Moment, ending: &Ending) -> Result<bool, StoreError> {
    rows::self_audits::note(id);
    let changed = diesel::update(
        self_audits::table
            .filter(self_audits::id.eq(id))
            .filter(self_audits::state.eq(AuditState::Drawn.id())),
    )
    .set((
        self_audits::state.eq(state.id()),
        self_audits::ended_by.eq(by),
        self_audits::ended_at.eq(at.micros()),
        self_audits::ending.eq(json(ending)?),
    ))
    .execute(db)?;
    Ok(changed == 1)
}
