//! What the program does by itself, time and again: all of it is listed here. `serve` runs the sweeps at its start and every
//! `review.sweep_minutes`; `dengji sweep` runs them once.
//!
//! Each sweep looks first and writes only where something is due, and looks again within its writing transaction; so several
//! programs on one store may run them at once, and each thing is done once.

use std::time::Duration;

use super::{
    Context, Error,
    attachments::{
        collect::{Reach, collect_orphans},
        folder::{Found, Serving, mark_served},
    },
    deadlines,
    errand::Errand,
    imports, ledger, registrars,
};

/// A sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sweep {
    /// Reminders before registrar certificates run out.
    RegistrarReminders,
    /// Notices of contracts' deadlines.
    DeadlineNotices,
    /// Release of contracts that lie with a reviewer.
    IdleReleases,
    /// Letting go of imported files whose time is over.
    ImportedFiles,
    /// Putting aside of files that belong to nothing; only where the store has been served for a day.
    OrphanedFiles,
    /// A signed checkpoint of the ledgers.
    Checkpoints,
}

impl Sweep {
    /// Every sweep, in the order in which they run: who has a contract is told of its deadline before it is taken back.
    pub const ALL: [Self; 6] = [
        Self::RegistrarReminders,
        Self::DeadlineNotices,
        Self::IdleReleases,
        Self::ImportedFiles,
        Self::OrphanedFiles,
        Self::Checkpoints,
    ];

    /// The id, in logs and in the output of `dengji sweep`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::RegistrarReminders => "registrar_reminders",
            Self::DeadlineNotices => "deadline_notices",
            Self::IdleReleases => "idle_releases",
            Self::ImportedFiles => "imported_files",
            Self::OrphanedFiles => "orphaned_files",
            Self::Checkpoints => "checkpoints",
        }
    }

    /// The Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::RegistrarReminders => "登记员证书到期提醒",
            Self::DeadlineNotices => "办理期限提醒",
            Self::IdleReleases => "放回久未办理的合同",
            Self::ImportedFiles => "清理到期的导入文件",
            Self::OrphanedFiles => "清理无主文件",
            Self::Checkpoints => "登记账检查点",
        }
    }

    /// Runs it; answers how many things it did.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn run(self, ctx: &Context) -> Result<u64, Error> {
        match self {
            Self::RegistrarReminders => registrars::remind(ctx).await,
            Self::DeadlineNotices => deadlines::remind(ctx).await,
            Self::IdleReleases => deadlines::release_idle(ctx).await,
            Self::ImportedFiles => imports::let_files_go(ctx).await,
            Self::OrphanedFiles => Ok(collect_orphans(ctx, Reach::Settled).await?.files),
            Self::Checkpoints => ledger::checkpoint::sweep(ctx).await,
        }
    }
}

/// Runs every sweep once; one that fails does not keep the others from running.
pub async fn run_all(ctx: &Context) -> Vec<(Sweep, Result<u64, Error>)> {
    let mut done = Vec::new();
    for sweep in Sweep::ALL {
        done.push((sweep, sweep.run(ctx).await));
    }
    done
}

/// Runs the sweeps now and every `review.sweep_minutes`, until it is dropped; never where that is 0.
pub async fn keep_sweeping(ctx: Context) {
    let minutes = ctx.settings.review.sweep_minutes;
    if minutes == 0 {
        return;
    }
    let mut ticks = tokio::time::interval(Duration::from_secs(minutes * 60));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // Nobody's day waits for what the program reads by itself.
        for (sweep, done) in Errand::default().long().scope(run_all(&ctx)).await {
            match done {
                Ok(0) => {}
                Ok(things) => tracing::info!(sweep = sweep.id(), things, "swept"),
                Err(error) => tracing::warn!(
                    sweep = sweep.id(),
                    ?error,
                    "a sweep did not get through; what is still due is done by the next one"
                ),
            }
        }
    }
}

/// How often a server says in the marker of its folder of files that it serves.
const MARKING: Duration = Duration::from_secs(60);

/// Says time and again in the folder of the files that its store is being served, until it is dropped. What goes wrong is said once.
pub async fn keep_marking(ctx: Context) {
    let mut ticks = tokio::time::interval(MARKING);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut is_failing = false;
    loop {
        ticks.tick().await;
        let marked = mark_served(&ctx, Serving::GoesOn).await;
        match &marked {
            Ok(Found::Restored) => {
                tracing::warn!(
                    "the store became another state of itself under the server (restored?); nothing is put aside for a day"
                );
            }
            Ok(_) if is_failing => tracing::info!("the folder of the files is this store's again"),
            Ok(_) => {}
            Err(error) if !is_failing => {
                tracing::warn!(
                    ?error,
                    "the folder of the files cannot be marked; it is tried again every minute"
                );
            }
            Err(_) => {}
        }
        is_failing = marked.is_err();
    }
}
