//! Who is told of imports that wait for a reviewer: the reviewers, and at the end who handed the file in.

use crate::{
    domain::{
        account::Role,
        import_job::{ImportJob, ImportState},
        policy,
        time::Moment,
    },
    mail::Notice,
    storage::{Db, accounts, messages},
    usecases::{Context, Error},
};

use super::{Tell, tell};

/// Tells every reviewer who may decide on an import that it waits.
pub(in crate::usecases) fn on_import_awaits(
    db: &mut Db,
    ctx: &Context,
    job: &ImportJob,
    now: Moment,
) -> Result<(), Error> {
    let once = format!("{}v{}", job.id, job.version);
    for to in messages::holders_of(db, Role::Reviewer)? {
        let account = accounts::find_by_name(db, &to)?;
        if !account.is_some_and(|a| policy::may_decide_import(&a.actor(), job)) {
            continue;
        }
        let message = Tell {
            to: &to,
            by: &job.username,
            notice: Notice::ImportAwaits {
                file: &job.file_name,
                count: job.to_approve,
            },
            contract_id: None,
            once: &once,
        };
        tell(db, ctx, &message, now)?;
    }
    Ok(())
}

/// Tells who handed an import in how a reviewer decided on it.
pub(in crate::usecases) fn on_import_decision(
    db: &mut Db,
    ctx: &Context,
    job: &ImportJob,
    now: Moment,
) -> Result<(), Error> {
    let Some(decision) = &job.decision else {
        return Ok(());
    };
    let message = Tell {
        to: &job.username,
        by: &decision.by,
        notice: Notice::ImportDecided {
            file: &job.file_name,
            approved: job.state != ImportState::Refused,
            reason: decision.reason.as_deref(),
        },
        contract_id: None,
        once: &format!("{}v{}", job.id, job.version),
    };
    tell(db, ctx, &message, now)?;
    Ok(())
}
