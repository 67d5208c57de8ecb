//! Looking at imports; letting go of their files.

use crate::{
    domain::{
        account::Actor,
        import_job::{Difference, ImportJob, ImportState, MOST_ERRORS, WrongCell},
        policy::{self, Denial, Scope},
    },
    storage::{Db, contracts, import_differences, import_jobs},
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
    let reader = actor.clone();
    let (job, ahead) = ctx
        .store
        .read(move |db| {
            let job = visible(db, &reader, id)?;
            let ahead = match job.state {
                ImportState::Queued => import_jobs::count_ahead(db, id)?,
                _ => 0,
            };
            Ok::<_, Error>((job, ahead))
        })
        .await?;
    let (job, began_at) = ctx.importing.overlay(job);
    let job = told_to(&actor, job);
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

/// An import that `actor` may know of.
pub(super) fn visible(db: &mut Db, actor: &Actor, id: i64) -> Result<ImportJob, Error> {
    let scope = policy::decide_read_imports(actor)?;
    let job = import_jobs::find(db, id)?.filter(|job| scope.shows(job));
    Ok(job.ok_or(Denial::Hidden)?)
}

/// The import as `actor` may know it: whoever may not read contracts is told how many rows differ from the register, and neither
/// which nor in what.
pub(super) fn told_to(actor: &Actor, mut job: ImportJob) -> ImportJob {
    if !policy::sees_differences(actor, job.kind) {
        let mut concealed = job.concealed.clone();
        if concealed.is_empty() {
            for cell in job.errors.iter().filter(|cell| cell.tells_of_register()) {
                *concealed.entry(cell.code.clone()).or_default() += 1;
            }
        }
        job.errors.retain(|cell| !cell.tells_of_register());
        let counts = concealed.iter().map(|(code, count)| count_of(code, *count));
        job.errors.splice(0..0, counts);
    }
    job.errors.truncate(MOST_ERRORS);
    job
}

/// Wrong cells of a code by their number.
fn count_of(code: &str, count: i64) -> WrongCell {
    let what = match code {
        "changed" => {
            "行与登记簿中同一编号的记录不同。如确需更正，请允许更正已有记录；更正曾经确认的合同，须由审核员核对差异后批准"
        }
        "duplicate_number" => "行的国家登记编号已属于登记簿中的另一项合同",
        _ => "行与登记簿不符",
    };
    let detail = format!("有 {count} {what}。您无权查看合同，因此不列出行号和内容；审计员可在本次导入的页面上查看。");
    WrongCell::of_file(code, detail)
}

/// What an import would change in a contract, as the caller sees it.
#[derive(Debug, Clone)]
pub struct DifferenceView {
    /// Its place among the import's differences, from 1.
    pub position: i64,
    /// What changes.
    pub difference: Difference,
    /// 登记编号 as it is now.
    pub registration_number: Option<String>,
    /// 合同名称 as it is now.
    pub project_name: Option<String>,
}

/// A page of what an import would change (or, once approved, changed), in the order of the file, behind the place `after`; one more
/// than `limit` where more follow. Contracts that the caller may not see are left out.
///
/// # Errors
/// Rights: whoever may not read contracts; [`Error::NotFound`] where there is no such import that the caller may know of.
pub async fn differences(
    ctx: &Context,
    actor: Actor,
    id: i64,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<DifferenceView>, Error> {
    ctx.store
        .read(move |db| {
            let job = visible(db, &actor, id)?;
            if !policy::sees_differences(&actor, job.kind) {
                return Err(Denial::Role.into());
            }
            let scope = Scope::of(&actor);
            let mut shown = Vec::new();
            let mut after = after.unwrap_or(0);
            let wanted = usize::try_from(limit + 1).unwrap_or(usize::MAX);
            while shown.len() < wanted {
                let found = import_differences::page(db, id, after, limit + 1)?;
                let Some((last, _)) = found.last() else { break };
                after = *last;
                let keys: Vec<i64> = found.iter().map(|(_, d)| d.contract_id).collect();
                let contracts = contracts::find_all(db, &keys)?;
                for (position, difference) in found {
                    let Some(contract) = contracts.get(&difference.contract_id).filter(|c| scope.shows(c)) else {
                        continue;
                    };
                    shown.push(DifferenceView {
                        position,
                        registration_number: contract.registration_number.clone(),
                        project_name: contract.content.project_name.clone(),
                        difference,
                    });
                }
            }
            shown.truncate(wanted);
            Ok(shown)
        })
        .await
}

/// A page of the imports that the caller may see, the latest first, those before the key `before`; one more than `limit` where more
/// follow. Without their wrong cells.
///
/// # Errors
/// Rights.
pub async fn list(ctx: &Context, actor: Actor, before: Option<i64>, limit: i64) -> Result<Vec<ImportJob>, Error> {
    let scope = policy::decide_read_imports(&actor)?;
    let jobs = ctx
        .store
        .read(move |db| Ok::<_, Error>(import_jobs::page(db, &scope, before, limit + 1)?))
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
