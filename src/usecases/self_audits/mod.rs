//! Self-audits 自查, one verb per file: a sample is drawn and handed out at once ([`create`]), auditors say what they found
//! ([`record_finding`]), and completion revokes what is wrong, all or nothing ([`complete`]).

pub mod abandon;
pub mod assign;
pub mod complete;
pub mod create;
mod draw;
pub mod read;
pub mod record_finding;
pub mod report;

pub use crate::storage::{
    self_audit_items::{Finding, Item, ItemQuery, Progress},
    self_audits::{Ending, SelfAudit},
};

use serde_json::Value;

use crate::{
    domain::{
        account::{Actor, Role},
        ledger::{Act, Change},
        self_audit::AuditState,
        time::Moment,
    },
    storage::{Db, ledger, self_audit_items, self_audits},
    usecases::Error,
};

/// A self-audit and how far it is.
#[derive(Debug, Clone)]
pub struct AuditView {
    /// The self-audit.
    pub audit: SelfAudit,
    /// How many contracts stand where.
    pub progress: Progress,
}

impl AuditView {
    fn of(db: &mut Db, audit: SelfAudit) -> Result<Self, Error> {
        let mut all = self_audit_items::progress(db, &[audit.id])?;
        Ok(Self {
            progress: all.remove(&audit.id).unwrap_or_default(),
            audit,
        })
    }
}

/// The self-audit of a key.
fn found(db: &mut Db, id: i64) -> Result<SelfAudit, Error> {
    self_audits::find(db, id)?.ok_or(Error::NotFound)
}

/// Refuses what is done with a self-audit that is over.
fn must_be_drawn(audit: &SelfAudit) -> Result<(), Error> {
    if audit.state == AuditState::Drawn {
        Ok(())
    } else {
        Err(Error::Conflict(format!(
            "该自查{}，不能再作更改。",
            audit.state.label()
        )))
    }
}

/// An act on a self-audit, entered in the ledger.
struct Told<'a> {
    action: &'static str,
    /// The contract that it is about, where it is about one.
    contract: Option<i64>,
    reason: Option<String>,
    /// Below `/self_audits/`.
    pointer: String,
    from: Value,
    to: Value,
    by: (&'a Actor, Role),
}

fn enter(db: &mut Db, told: Told<'_>, at: Moment) -> Result<(), Error> {
    let (actor, role) = told.by;
    ledger::append(
        db,
        Act {
            at,
            actor: actor.username.clone(),
            role: Some(role.id().to_owned()),
            contract: told.contract,
            action: told.action.to_owned(),
            from: None,
            to: None,
            reason: told.reason,
            changes: vec![Change {
                pointer: format!("/self_audits/{}", told.pointer),
                from: told.from,
                to: told.to,
            }],
        },
    )?;
    Ok(())
}
