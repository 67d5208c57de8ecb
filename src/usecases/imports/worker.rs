//! Imports what was handed in, one file after another.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinHandle, time::sleep};

use super::{
    decide,
    preview::Preview,
    run::{Approval, Approved, Failure, Guard, Imported, Request, import_guarded},
};
use crate::{
    domain::{
        import_job::{ImportJob, ImportState, WrongCell},
        interchange::Kind,
        policy,
        time::Moment,
    },
    intake::{self, CellError, Piece},
    storage::{Db, accounts, import_jobs},
    usecases::{Context, Error, attachments::waiting, messages, people},
};

/// Pause before trying again where the store does not answer.
const PAUSE: Duration = Duration::from_secs(5);

/// How often writing down what came of an import is tried, a second apart.
const SETTLING: u32 = 10;

/// A worker that runs.
pub struct Worker {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Worker {
    /// Starts to import; first tells of what an earlier program was at when it ended. Needs the runtime that it lives in.
    pub fn start(ctx: &Context) -> Self {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(run(ctx.clone(), stopped));
        Self { stop, task }
    }

    /// Abandons the import that it is at, whose transaction is undone, and begins no other.
    pub async fn stop(self) {
        // A worker that has ended needs no telling.
        let _ = self.stop.send(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the import worker ended badly");
        }
    }
}

async fn run(ctx: Context, mut stop: watch::Receiver<bool>) {
    let mut recovered = false;
    while !*stop.borrow() {
        let done = if recovered {
            import_next(&ctx, &stop).await
        } else {
            recover(&ctx).await.map(|()| {
                recovered = true;
                true
            })
        };
        let pause = match done {
            Ok(true) => continue,
            Ok(false) => Duration::MAX,
            Err(error) => {
                error.log_undone("imports were not worked off");
                recovered = false;
                PAUSE
            }
        };
        tokio::select! {
            _ = stop.changed() => {}
            () = ctx.importing.bell.notified() => {}
            () = sleep(pause) => {}
        }
    }
}

/// What runs according to the store does so no more: who was at it has ended, or it is another program's, which will write down
/// itself what came of it.
async fn recover(ctx: &Context) -> Result<(), Error> {
    let clock = ctx.clock.clone();
    let interrupted = ctx
        .store
        .write(move |db| Ok::<_, Error>(import_jobs::interrupt_running(db, clock.now())?))
        .await?;
    if interrupted > 0 {
        tracing::warn!(interrupted, "imports were interrupted when the program ended");
    }
    Ok(())
}

/// Imports what has waited longest; whether there was anything.
async fn import_next(ctx: &Context, stop: &watch::Receiver<bool>) -> Result<bool, Error> {
    let waits = ctx.store.read(|db| Ok::<_, Error>(import_jobs::first_queued(db)?));
    if waits.await?.is_none() {
        return Ok(false);
    }
    let clock = ctx.clock.clone();
    let context = ctx.clone();
    let taken = ctx.store.write(move |db| take(db, &context, clock.now())).await?;
    if let Some(job) = taken {
        ctx.importing.begin(job.id);
        let done = import_job(ctx, job, stop).await;
        ctx.importing.end();
        done?;
    }
    Ok(true)
}

/// Takes the first job of the queue; none where there is none, where who handed it in may not do so any more or the ledger has no
/// approval of it, which is told, or where who approved it may not do so any more: then it waits for another.
fn take(db: &mut Db, ctx: &Context, now: Moment) -> Result<Option<ImportJob>, Error> {
    let Some(mut job) = import_jobs::first_queued(db)? else {
        return Ok(None);
    };
    let account = accounts::find_by_name(db, &job.username)?;
    let may = account
        .filter(|a| a.locked_at.is_none())
        .is_some_and(|a| policy::decide_import(&a.actor(), job.kind).is_ok());
    if may && !approval_holds(db, &job)? {
        job.state = ImportState::AwaitingApproval;
        job.version += 1;
        job.decision = None;
        import_jobs::put_outcome(db, &job)?;
        messages::on_import_awaits(db, ctx, &job, now)?;
        return Ok(None);
    }
    job.started_at = Some(now);
    let refused = if !may {
        Some(("forbidden", "提交导入的账号已停用，或不再有导入这类文件的权限。"))
    } else if job.decision.is_some() && !decide::is_in_ledger(db, &job)? {
        tracing::error!(
            import = job.id,
            "an import is marked as approved, but the ledger has no such approval: somebody changed its row in the store"
        );
        Some((
            "unapproved",
            "登记账中没有与此相符的批准：这次导入的记录可能被绕过系统改动过。没有导入任何内容，请报告系统管理员，查明后重新提交文件。",
        ))
    } else {
        None
    };
    job.state = ImportState::Running;
    if let Some((code, why)) = refused {
        job.state = ImportState::Failed;
        job.finished_at = Some(now);
        job.errors = vec![WrongCell::of_file(code, why)];
        job.errors_total = 1;
    }
    import_jobs::put_outcome(db, &job)?;
    Ok(refused.is_none().then_some(job))
}

/// Whether who approved the import may still do so; nobody did so far: true.
fn approval_holds(db: &mut Db, job: &ImportJob) -> Result<bool, Error> {
    let Some(decision) = &job.decision else {
        return Ok(true);
    };
    let account = accounts::find_by_name(db, &decision.by)?;
    Ok(account
        .filter(|a| a.locked_at.is_none())
        .is_some_and(|a| policy::decide_import_approval(&a.actor(), job).is_ok()))
}

async fn import_job(ctx: &Context, job: ImportJob, stop: &watch::Receiver<bool>) -> Result<(), Error> {
    let path = ctx.files.place(&job.sha256)?;
    let (counting, kind) = (path.clone(), job.kind);
    // Without a transaction, so that nobody waits for it; what is wrong with the file is told when it is read.
    let rows = waiting(move || Ok::<_, Error>(count_rows(&counting, kind))).await?;
    ctx.importing.counted(rows);
    let names = people::names(ctx).await?;
    let request = Request {
        actor: job.username.clone(),
        role: Some(job.role),
        kind,
        path,
        file_name: job.file_name.clone(),
        update: job.update,
        dry_run: job.dry_run,
        approval: Approval::Reviewer {
            reason: job.reason.clone(),
            approved: job.decision.as_ref().map(|decision| Approved {
                by: names.of(&decision.by),
                digest: job.digest.clone().unwrap_or_default(),
            }),
        },
    };
    let (settling, stopping) = ((ctx.clone(), job.clone()), stop.clone());
    let guard = Guard {
        stopped: Arc::new(move || *stopping.borrow()),
        settle: Arc::new(move |db, done| {
            let (ctx, job) = &settling;
            if job.decision.is_some() {
                decide::enter_carried_out(db, job, ctx.clock.now())?;
            }
            Ok(import_jobs::put_outcome(db, &finished(ctx, job, Ok(done)))?)
        }),
    };
    let (telling, clock) = (Arc::clone(&ctx.importing), ctx.clock.clone());
    let tell = Arc::new(move |event| telling.tell(event, clock.now()));
    let done = import_guarded(ctx, request, tell, guard).await;
    let over = match done {
        // Written down with the rows themselves.
        Ok(_) if !job.dry_run => return Ok(()),
        Ok(done) => finished(ctx, &job, Ok(done)),
        Err(Failure::Cells(_)) => finished(ctx, &job, Err(ImportState::Failed)),
        Err(Failure::Unapproved(preview)) => return wait_for_approval(ctx, &job, *preview).await,
        Err(Failure::Other(_)) if *stop.borrow() => finished(ctx, &job, Err(ImportState::Interrupted)),
        Err(failure) => {
            tracing::error!(import = job.id, reason = ?failure, "an import failed");
            let event = CellError::of_row(1, "not_imported", failure.to_string());
            ctx.importing.tell(super::Event::Error(event), ctx.clock.now());
            finished(ctx, &job, Err(ImportState::Failed))
        }
    };
    settle(ctx, over).await
}

/// The job as it is over: with what was done, or in the state in which it failed.
fn finished(ctx: &Context, job: &ImportJob, done: Result<Imported, ImportState>) -> ImportJob {
    let progress = ctx.importing.progress(job.id).unwrap_or_default();
    let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let mut job = ImportJob {
        rows_total: progress.rows_total,
        rows_done: progress.rows_done,
        finished_at: Some(ctx.clock.now()),
        notices: progress.notices,
        ..job.clone()
    };
    match done {
        Ok(done) => {
            job.state = ImportState::Done;
            job.rows_total = Some(whole(done.rows));
            job.rows_done = whole(done.rows);
            job.added = whole(done.added);
            job.unchanged = whole(done.unchanged);
            job.updated = whole(done.updated);
            job.flagged = whole(done.flagged);
            job.to_approve = whole(done.to_approve);
        }
        Err(state) => {
            job.state = state;
            // What was found before an interruption is not all that is wrong.
            if state == ImportState::Failed {
                job.errors = progress.errors;
                job.errors_total = progress.errors_total;
                job.concealed = progress.concealed;
            }
        }
    }
    job
}

/// Keeps what the import would change, and has it wait for a reviewer; one that was approved already waits anew, since the register
/// is not what it was when it was previewed.
async fn wait_for_approval(ctx: &Context, job: &ImportJob, preview: Preview) -> Result<(), Error> {
    let waiting = ImportJob {
        state: ImportState::AwaitingApproval,
        finished_at: None,
        version: job.version + 1,
        digest: Some(preview.digest.clone()),
        decision: None,
        ..finished(ctx, job, Ok(preview.done))
    };
    let context = ctx.clone();
    ctx.store
        .write(move |db| {
            preview.keep(db, waiting.id)?;
            import_jobs::put_outcome(db, &waiting)?;
            messages::on_import_awaits(db, &context, &waiting, context.clock.now())
        })
        .await
}

/// Writes down what came of an import, again where the store does not answer at once.
async fn settle(ctx: &Context, job: ImportJob) -> Result<(), Error> {
    let mut tries = 1;
    loop {
        let row = job.clone();
        let settled = ctx
            .store
            .write(move |db| Ok::<_, Error>(import_jobs::put_outcome(db, &row)?));
        match settled.await {
            Err(error) if tries < SETTLING => {
                tracing::warn!(import = job.id, reason = ?error, "what came of an import was not written down yet");
                tries += 1;
                sleep(Duration::from_secs(1)).await;
            }
            done => return done,
        }
    }
}

/// Rows of a file with something in them, the header not counted, as far as it can be read.
fn count_rows(path: &std::path::Path, kind: Kind) -> i64 {
    let (mut rows, mut sheets): (i64, i64) = (0, 0);
    if let Ok(table) = intake::open(path) {
        let read = intake::each_row(&table, kind, |piece| {
            match piece {
                Piece::Sheet(_) => sheets += 1,
                Piece::Row(row) => rows += i64::from(!row.is_blank()),
            }
            Ok::<_, std::convert::Infallible>(())
        });
        if let Ok(Some(error)) = read {
            tracing::debug!(?error, "a file that cannot be read to its end");
        }
    }
    // Each sheet has a header.
    (rows - sheets.max(1)).max(0)
}
