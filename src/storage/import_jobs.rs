//! Files that people hand in to be imported, and what came of them. Their content is in [`super::files`]; what an import keeps for
//! itself while it runs is in [`super::imports`].

use diesel::prelude::*;

use super::{
    Db, StoreError,
    dialect::insert_for_key,
    schema::{import_differences, import_jobs},
};
use crate::domain::{
    account::Role,
    import_job::{ImportDecision, ImportJob, ImportState, WrongCell},
    interchange::Kind,
    policy::ImportScope,
    time::Moment,
};

/// What was handed in.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = import_jobs)]
struct HandedRow {
    kind: String,
    file_name: String,
    sha256: String,
    file_kept: i64,
    username: String,
    role: String,
    dry_run: i64,
    corrects: i64,
    created_at: i64,
    reason: Option<String>,
}

/// What came of it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = import_jobs, treat_none_as_null = true)]
struct OutcomeRow {
    state: String,
    rows_total: Option<i64>,
    rows_done: i64,
    added: i64,
    unchanged: i64,
    updated: i64,
    flagged: i64,
    errors: String,
    errors_total: i64,
    notices: String,
    started_at: Option<i64>,
    finished_at: Option<i64>,
    version: i64,
    to_approve: i64,
    concealed: String,
    digest: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<i64>,
    decision_reason: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = import_jobs)]
struct NewRow {
    #[diesel(embed)]
    handed: HandedRow,
    #[diesel(embed)]
    outcome: OutcomeRow,
}

type JobRow = (i64, HandedRow, OutcomeRow);

macro_rules! job_columns {
    () => {
        (import_jobs::id, HandedRow::as_select(), OutcomeRow::as_select())
    };
}

fn job_of((id, handed, outcome): JobRow) -> Result<ImportJob, StoreError> {
    Ok(ImportJob {
        id,
        kind: Kind::from_id(&handed.kind).ok_or_else(|| StoreError::corrupt(&handed.kind))?,
        file_name: handed.file_name,
        sha256: handed.sha256,
        file_kept: handed.file_kept != 0,
        username: handed.username,
        role: Role::from_id(&handed.role).ok_or_else(|| StoreError::corrupt(&handed.role))?,
        dry_run: handed.dry_run != 0,
        update: handed.corrects != 0,
        state: ImportState::from_id(&outcome.state).ok_or_else(|| StoreError::corrupt(&outcome.state))?,
        rows_total: outcome.rows_total,
        rows_done: outcome.rows_done,
        added: outcome.added,
        unchanged: outcome.unchanged,
        updated: outcome.updated,
        flagged: outcome.flagged,
        errors: serde_json::from_str::<Vec<WrongCell>>(&outcome.errors).map_err(StoreError::corrupt)?,
        errors_total: outcome.errors_total,
        notices: serde_json::from_str::<Vec<WrongCell>>(&outcome.notices).map_err(StoreError::corrupt)?,
        created_at: Moment::from_micros(handed.created_at),
        started_at: outcome.started_at.map(Moment::from_micros),
        finished_at: outcome.finished_at.map(Moment::from_micros),
        concealed: serde_json::from_str(&outcome.concealed).map_err(StoreError::corrupt)?,
        version: outcome.version,
        reason: handed.reason,
        to_approve: outcome.to_approve,
        digest: outcome.digest,
        decision: outcome
            .decided_by
            .zip(outcome.decided_at)
            .map(|(by, at)| ImportDecision {
                by,
                at: Moment::from_micros(at),
                reason: outcome.decision_reason,
            }),
    })
}

fn outcome_of(job: &ImportJob) -> Result<OutcomeRow, StoreError> {
    Ok(OutcomeRow {
        state: job.state.id().to_owned(),
        rows_total: job.rows_total,
        rows_done: job.rows_done,
        added: job.added,
        unchanged: job.unchanged,
        updated: job.updated,
        flagged: job.flagged,
        errors: serde_json::to_string(&job.errors).map_err(StoreError::corrupt)?,
        errors_total: job.errors_total,
        notices: serde_json::to_string(&job.notices).map_err(StoreError::corrupt)?,
        started_at: job.started_at.map(Moment::micros),
        finished_at: job.finished_at.map(Moment::micros),
        version: job.version,
        to_approve: job.to_approve,
        concealed: serde_json::to_string(&job.concealed).map_err(StoreError::corrupt)?,
        digest: job.digest.clone(),
        decided_by: job.decision.as_ref().map(|d| d.by.clone()),
        decided_at: job.decision.as_ref().map(|d| d.at.micros()),
        decision_reason: job.decision.as_ref().and_then(|d| d.reason.clone()),
    })
}

/// Adds a job (its `id` is not looked at); answers its key.
///
/// # Errors
/// Where the store does not answer.
pub fn insert(db: &mut Db, job: &ImportJob) -> Result<i64, StoreError> {
    let handed = HandedRow {
        kind: job.kind.id().to_owned(),
        file_name: job.file_name.clone(),
        sha256: job.sha256.clone(),
        file_kept: i64::from(job.file_kept),
        username: job.username.clone(),
        role: job.role.id().to_owned(),
        dry_run: i64::from(job.dry_run),
        corrects: i64::from(job.update),
        created_at: job.created_at.micros(),
        reason: job.reason.clone(),
    };
    let row = NewRow {
        handed,
        outcome: outcome_of(job)?,
    };
    Ok(insert_for_key!(
        db,
        diesel::insert_into(import_jobs::table).values(&row),
        import_jobs::id
    )?)
}

/// Writes down where a job stands and what came of it.
///
/// # Errors
/// Where the store does not answer.
pub fn put_outcome(db: &mut Db, job: &ImportJob) -> Result<(), StoreError> {
    diesel::update(import_jobs::table.filter(import_jobs::id.eq(job.id)))
        .set(outcome_of(job)?)
        .execute(db)?;
    Ok(())
}

/// The job of a key.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn find(db: &mut Db, id: i64) -> Result<Option<ImportJob>, StoreError> {
    import_jobs::table
        .filter(import_jobs::id.eq(id))
        .select(job_columns!())
        .get_result::<JobRow>(db)
        .optional()?
        .map(job_of)
        .transpose()
}

/// One page of the jobs that a scope shows, the latest first, those before the key `before`; without their wrong cells.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn page(db: &mut Db, scope: &ImportScope, before: Option<i64>, limit: i64) -> Result<Vec<ImportJob>, StoreError> {
    let kinds: Vec<&str> = scope.kinds.iter().map(|k| k.id()).collect();
    let previewed: Vec<&str> = Kind::ALL.iter().filter(|_| scope.previewed).map(|k| k.id()).collect();
    let rows: Vec<JobRow> = import_jobs::table
        .filter(
            import_jobs::kind.eq_any(kinds).or(import_jobs::digest
                .is_not_null()
                .and(import_jobs::kind.eq_any(previewed))),
        )
        .filter(import_jobs::id.lt(before.unwrap_or(i64::MAX)))
        .order(import_jobs::id.desc())
        .limit(limit)
        .select(job_columns!())
        .load(db)?;
    let jobs = rows.into_iter().map(|(id, handed, outcome)| {
        let errors = "[]".to_owned();
        job_of((id, handed, OutcomeRow { errors, ..outcome }))
    });
    jobs.collect()
}

/// The first job that waits for its turn.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn first_queued(db: &mut Db) -> Result<Option<ImportJob>, StoreError> {
    import_jobs::table
        .filter(import_jobs::state.eq(ImportState::Queued.id()))
        .order(import_jobs::id)
        .limit(1)
        .select(job_columns!())
        .get_result::<JobRow>(db)
        .optional()?
        .map(job_of)
        .transpose()
}

/// How many jobs come before one that waits: the one that runs, and those handed in earlier.
///
/// # Errors
/// Where the store does not answer.
pub fn count_ahead(db: &mut Db, id: i64) -> Result<i64, StoreError> {
    Ok(import_jobs::table
        .filter(import_jobs::state.eq_any([ImportState::Queued.id(), ImportState::Running.id()]))
        .filter(import_jobs::id.lt(id))
        .count()
        .get_result(db)?)
}

/// How many jobs of a person wait or run.
///
/// # Errors
/// Where the store does not answer.
pub fn count_open(db: &mut Db, username: &str) -> Result<i64, StoreError> {
    Ok(import_jobs::table
        .filter(import_jobs::state.eq_any([ImportState::Queued.id(), ImportState::Running.id()]))
        .filter(import_jobs::username.eq(username))
        .count()
        .get_result(db)?)
}

/// Tells of jobs that were running that they were interrupted; answers how many there were.
///
/// # Errors
/// Where the store does not answer.
pub fn interrupt_running(db: &mut Db, at: Moment) -> Result<usize, StoreError> {
    let running = import_jobs::table.filter(import_jobs::state.eq(ImportState::Running.id()));
    Ok(diesel::update(running)
        .set((
            import_jobs::state.eq(ImportState::Interrupted.id()),
            import_jobs::finished_at.eq(at.micros()),
        ))
        .execute(db)?)
}

/// Whether some job's file, still kept, has this content.
///
/// # Errors
/// Where the store does not answer.
pub fn is_used(db: &mut Db, sha256: &str) -> Result<bool, StoreError> {
    let with_it = import_jobs::table
        .filter(import_jobs::sha256.eq(sha256))
        .filter(import_jobs::file_kept.eq(1));
    Ok(diesel::select(diesel::dsl::exists(with_it)).get_result(db)?)
}

/// Writes down how a reviewer decided, where the job still waits for it in this version; whether it did.
///
/// # Errors
/// Where the store does not answer.
pub fn decide(db: &mut Db, job: &ImportJob, version: i64) -> Result<bool, StoreError> {
    let waiting = import_jobs::table
        .filter(import_jobs::id.eq(job.id))
        .filter(import_jobs::version.eq(version))
        .filter(import_jobs::state.eq(ImportState::AwaitingApproval.id()));
    Ok(diesel::update(waiting).set(outcome_of(job)?).execute(db)? == 1)
}

/// Lets go of the files of jobs that were over before `before`, and of their wrong cells and differences, which repeat what stood in
/// them; answers how many jobs. The files themselves go when they are collected.
///
/// # Errors
/// Where the store does not answer.
pub fn let_files_go(db: &mut Db, before: Moment) -> Result<usize, StoreError> {
    let old = import_jobs::table
        .filter(import_jobs::file_kept.eq(1))
        .filter(import_jobs::finished_at.lt(before.micros()));
    let keys: Vec<i64> = old.select(import_jobs::id).load(db)?;
    diesel::delete(import_differences::table.filter(import_differences::import_id.eq_any(keys))).execute(db)?;
    Ok(diesel::update(old)
        .set((import_jobs::file_kept.eq(0), import_jobs::errors.eq("[]")))
        .execute(db)?)
}

/// Whether there is a job whose file [`let_files_go`] would let go.
///
/// # Errors
/// Where the store does not answer.
pub fn has_old_files(db: &mut Db, before: Moment) -> Result<bool, StoreError> {
    let old = import_jobs::table
        .filter(import_jobs::file_kept.eq(1))
        .filter(import_jobs::finished_at.lt(before.micros()));
    Ok(diesel::select(diesel::dsl::exists(old)).get_result(db)?)
}
