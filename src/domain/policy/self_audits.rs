//! Who may run, read and judge self-audits.

use super::Denial;
use crate::domain::{
    account::{Actor, Role},
    contract::Contract,
};

/// Who has had to do with a contract: what decides who may judge it in a self-audit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Handled {
    /// Key of the agency that registered it.
    pub agency_id: Option<i64>,
    /// Username of who entered it.
    pub entered_by: Option<String>,
    /// Username of who submitted it last.
    pub submitted_by: Option<String>,
    /// Username of who confirmed it.
    pub confirmed_by: Option<String>,
}

impl Handled {
    /// Of a contract at hand.
    pub fn of(contract: &Contract) -> Self {
        Self {
            agency_id: contract.agency.as_ref().map(|a| a.id),
            entered_by: contract.entered_by.clone(),
            submitted_by: contract.submitted_by.clone(),
            confirmed_by: contract.confirmed_by.clone(),
        }
    }
}

/// Decides whether `actor` may read self-audits: reviewers, who see every registration, statisticians, who read every contract
/// that was ever confirmed, and auditors.
///
/// # Errors
/// [`Denial::Role`] for everyone else.
pub fn decide_read_self_audits(actor: &Actor) -> Result<(), Denial> {
    let reads = [Role::Reviewer, Role::Statistician, Role::Auditor];
    if reads.into_iter().any(|r| actor.has(r)) {
        Ok(())
    } else {
        Err(Denial::Role)
    }
}

/// Decides whether `actor` may run self-audits: create, hand out, complete, abandon; answers the role acted in.
///
/// # Errors
/// [`Denial::Role`] for whoever is no reviewer.
pub fn decide_run_self_audits(actor: &Actor) -> Result<Role, Denial> {
    if actor.has(Role::Reviewer) {
        Ok(Role::Reviewer)
    } else {
        Err(Denial::Role)
    }
}

/// Decides whether `actor` may be given the contract in a self-audit, which is to be able to revoke it: a reviewer who did not
/// confirm it, neither entered nor submitted it, and is not of its agency.
///
/// # Errors
/// The first [`Denial`] that applies.
pub fn decide_self_audit_item(actor: &Actor, contract: &Handled) -> Result<(), Denial> {
    let me = Some(actor.username.as_str());
    decide_run_self_audits(actor)?;
    if contract.confirmed_by.as_deref() == me {
        return Err(Denial::SamePerson);
    }
    let own_agency = actor.agency_id.is_some() && actor.agency_id == contract.agency_id;
    if own_agency || contract.entered_by.as_deref() == me || contract.submitted_by.as_deref() == me {
        return Err(Denial::OwnWork);
    }
    Ok(())
}

/// Decides whether `actor` may say what was found about a contract that was handed to `assigned_to`; answers the role acted in.
///
/// # Errors
/// The first [`Denial`] that applies.
pub fn decide_finding(actor: &Actor, contract: &Handled, assigned_to: Option<&str>) -> Result<Role, Denial> {
    let role = decide_run_self_audits(actor)?;
    if assigned_to != Some(actor.username.as_str()) {
        return Err(Denial::NotAssigned);
    }
    decide_self_audit_item(actor, contract)?;
    Ok(role)
}
