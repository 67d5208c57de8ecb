//! A reviewer decides on an import that would change what was ever confirmed: approves the file, which is then imported, or refuses it.
//! An approval holds for the differences that the reviewer saw: `version` is that of the preview, and the worker imports these
//! differences or none.

use serde_json::{Value, json};

use super::read::{told_to, visible};
use crate::{
    domain::{
        import_job::{ImportDecision, ImportJob, ImportState},
        ledger::{Act, Change, Entry},
        policy::{self, Denial},
        time::Moment,
    },
    storage::{Db, StoreError, import_differences, import_jobs, ledger},
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        entry, messages,
        values::{Checked, checked, optional_text, required_text, settle},
    },
};

/// How an import is decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The file goes in.
    Approve,
    /// It does not.
    Refuse,
}

impl Verdict {
    /// The id, as in addresses.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Refuse => "refuse",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Approve, Self::Refuse].into_iter().find(|v| v.id() == id)
    }

    const fn action(self) -> &'static str {
        match self {
            Self::Approve => "approve_import",
            Self::Refuse => "refuse_import",
        }
    }
}

/// Decides on an import; a refusal needs its reason.
///
/// # Errors
/// 404, 403 (who handed it in, whose contracts would be changed), 428, 412 where it was previewed anew, 409 where it does not wait;
/// no reason for a refusal.
pub async fn decide(
    ctx: &Context,
    command: Command<ImportJob>,
    id: i64,
    verdict: Verdict,
    reason: Checked<Option<String>>,
) -> Result<Answer<ImportJob>, Error> {
    let context = ctx.clone();
    let answer = change(ctx, command, move |db, command, now| {
        let actor = &command.actor;
        let mut job = visible(db, actor, id)?;
        let role = policy::decide_import_approval(actor, &job)?;
        if import_differences::touches_work_of(db, id, &actor.username, actor.agency_id)? {
            return Err(Denial::OwnWork.into());
        }
        let version = command.version.ok_or(Error::VersionMissing)?;
        if version != job.version {
            return Err(Error::Stale { current: job.version });
        }
        if job.state != ImportState::AwaitingApproval {
            return Err(Error::Conflict(format!(
                "该次导入的状态为“{}”，不在等待批准。",
                job.state.label()
            )));
        }
        let mut errors = Vec::new();
        let given = checked(&reason)?;
        let reason = match verdict {
            Verdict::Approve => optional_text(&mut errors, "/reason", given.as_deref()),
            Verdict::Refuse => Some(required_text(&mut errors, "/reason", given.as_deref())),
        };
        settle(errors)?;
        job.version += 1;
        job.decision = Some(ImportDecision {
            by: actor.username.clone(),
            at: now,
            reason: reason.clone(),
        });
        match verdict {
            Verdict::Approve => {
                job.state = ImportState::Queued;
                job.finished_at = None;
            }
            Verdict::Refuse => {
                job.state = ImportState::Refused;
                job.finished_at = Some(now);
            }
        }
        if !import_jobs::decide(db, &job, version)? {
            return Err(Error::Conflict("该次导入刚被他人办理，请刷新后重试。".to_owned()));
        }
        let entered = entered(&job);
        entry::enter(db, (actor, role), verdict.action(), reason, vec![entered], now)?;
        messages::on_import_decision(db, &context, &job, now)?;
        Ok(told_to(actor, job))
    })
    .await?;
    ctx.importing.bell.notify_one();
    Ok(answer)
}

/// The action by which the ledger says that an approved import was carried out.
const CARRIED_OUT: &str = "carry_out_import";

/// Enters that an approved import was carried out, which uses its approval up; in the transaction that did it.
///
/// # Errors
/// Where the store does not answer.
pub(super) fn enter_carried_out(db: &mut Db, job: &ImportJob, at: Moment) -> Result<(), StoreError> {
    let act = Act {
        at,
        actor: job.username.clone(),
        role: Some(job.role.id().to_owned()),
        contract: None,
        action: CARRIED_OUT.to_owned(),
        from: None,
        to: None,
        reason: None,
        changes: vec![entered(job)],
    };
    ledger::append(db, act).map(|_| ())
}

/// What is entered of an import that is decided on.
fn entered(job: &ImportJob) -> Change {
    Change {
        pointer: pointer(job.id),
        from: Value::Null,
        to: json!({"file_name": job.file_name, "sha256": job.sha256, "username": job.username,
            "to_approve": job.to_approve, "updated": job.updated, "added": job.added, "differences": job.digest}),
    }
}

fn pointer(id: i64) -> String {
    format!("/imports/{id}")
}

/// Whether the ledger says that the job was approved as its row has it: by this person, who is not the one who handed it in, at this
/// moment, this file and these differences. A row alone is no approval: whoever may write to the store by SQL could write one. An approval
/// is good for one import, which uses it up.
///
/// # Errors
/// Where the store does not answer or an entry does not read back.
pub(super) fn is_in_ledger(db: &mut Db, job: &ImportJob) -> Result<bool, StoreError> {
    let Some(decision) = &job.decision else {
        return Ok(false);
    };
    if decision.by == job.username || job.digest.is_none() {
        return Ok(false);
    }
    let wanted = entered(job);
    let about_it = |entry: &Entry| entry.act.changes.iter().any(|change| change.pointer == wanted.pointer);
    // The last word on the job: who refused it later, or approved what was previewed anew, takes the earlier one back.
    let approved = ledger::latest_of_action(db, Verdict::Approve.action(), decision.at, about_it)?;
    let refused = ledger::latest_of_action(db, Verdict::Refuse.action(), decision.at, about_it)?;
    let used = ledger::latest_of_action(db, CARRIED_OUT, decision.at, about_it)?;
    let Some(approved) = approved else {
        return Ok(false);
    };
    let act = &approved.act;
    let said = act.changes.iter().find(|change| change.pointer == wanted.pointer);
    let alike = |field: &str| said.is_some_and(|said| said.to[field] == wanted.to[field]);
    Ok(act.actor == decision.by
        && act.at == decision.at
        && [refused, used]
            .into_iter()
            .flatten()
            .all(|other| other.sequence < approved.sequence)
        && ["file_name", "sha256", "username", "differences"]
            .into_iter()
            .all(alike))
}
