//! Looking at imports; letting go of their files.

use crate::{
    domain::{
        account::Actor,
        import_job::{ImportJob, ImportState},
        policy::{self, Denial},
    },
    storage::import_jobs,
    usecases::{Context, Error},
};

/// An import as it stands this moment.
#[derive(Debug, Clone)]
pub struct ImportView {
    /// The import.
    pub job: ImportJob,
    /// Imports that come before one that waits.
    pub ahead: i64,
    /// Rows read in a second, of one that runs, once that can be told.
    pub rows_per_second: Option<i64>,
    /// Seconds that are left, at that pace.
    pub seconds_left: Option<i64>,
}

/// An import.
///
/// # Errors
/// Rights; [`Error::NotFound`] where there is none that the caller may know of.
pub async fn read(ctx: &Context, actor: Actor, id: i64) -> Result<ImportView, Error> {
    let kinds = policy::decide_read_imports(&actor)?;
    let (job, ahead) = ctx
        .store
        .read(move |db| {
            let job = import_jobs::find(db, id)?
                .filter(|job| kinds.contains(&job.kind))
                .ok_or(Denial::Hidden)?;
            let ahead = match job.state {
                ImportState::Queued => import_jobs::count_ahead(db, id)?,
                _ => 0,
            };
            Ok::<_, Error>((job, ahead))
        })
        .await?;
    let (job, began_at) = ctx.importing.overlay(job);
    let seconds = began_at.map_or(0, |at| (ctx.clock.now().micros() - at.micros()) / 1_000_000);
    let rows_per_second = Some(seconds)
        .filter(|s| *s > 0 && job.rows_done > 0)
        .map(|s| (job.rows_done / s).max(1));
    let seconds_left = rows_per_second
        .zip(job.rows_total)
        .map(|(pace, total)| (total - job.rows_done).max(0) / pace);
    Ok(ImportView {
        job,
        ahead,
        rows_per_second,
        seconds_left,
    })
}

/// A page of the imports that the caller may see, the latest first, those before the key `before`; one more than `limit` where more
/// follow. Without their wrong cells.
///
/// # Errors
/// Rights.
pub async fn list(ctx: &Context, actor: Actor, before: Option<i64>, limit: i64) -> Result<Vec<ImportJob>, Error> {
    let kinds = policy::decide_read_imports(&actor)?;
    let jobs = ctx
        .store
        .read(move |db| Ok::<_, Error>(import_jobs::page(db, &kinds, before, limit + 1)?))
        .await?;
    let overlaid = jobs.into_iter().map(|job| {
        let (job, _) = ctx.importing.overlay(job);
        ImportJob {
            errors: Vec::new(),
            ..job
        }
    });
    Ok(overlaid.collect())
}

/// Lets go of the files of imports that were over `imports.keep_days` ago; answers of how many.
///
/// # Errors
/// Where the store does not answer.
pub async fn let_files_go(ctx: &Context) -> Result<u64, Error> {
    let before = ctx.clock.now().plus_seconds(-ctx.settings.imports.keep_days * 86_400);
    let due = ctx
        .store
        .read(move |db| Ok::<_, Error>(import_jobs::has_old_files(db, before)?));
    if !due.await? {
        return Ok(0);
    }
    let gone = ctx
        .store
        .write(move |db| Ok::<_, Error>(import_jobs::let_files_go(db, before)?));
    Ok(gone.await? as u64)
}
