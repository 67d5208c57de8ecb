//! Who may do what with which contract: role × action × relation. The state is the workflow's business
//! ([`super::workflow`]); both must agree before anything happens.
//!
//! What the caller may not know of is [`Denial::Hidden`] (404), whatever else is wrong.

use super::{
    account::{Actor, Role},
    contract::Contract,
    time::Date,
    workflow::{Action, State, next_state},
};

/// Why someone may not do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Denial {
    /// The caller may not know that the contract exists.
    Hidden,
    /// None of the caller's roles does this.
    Role,
    /// The contract is another agency's.
    OtherAgency,
    /// The reviewer entered or submitted it, or it is the own agency's.
    OwnWork,
    /// Another reviewer has claimed it.
    NotClaimer,
    /// The caller has claimed it already.
    AlreadyClaimer,
    /// The caller confirmed it, so someone else must end it (or ended it, so someone else must restore it).
    SamePerson,
    /// No registrar certificate valid on that day.
    Certificate,
    /// The contract of a self-audit was handed to someone else, or to nobody.
    NotAssigned,
}

impl Denial {
    /// Stable id for problem details.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Hidden => "not-found",
            Self::Role => "role",
            Self::OtherAgency => "other-agency",
            Self::OwnWork => "own-work",
            Self::NotClaimer => "not-claimer",
            Self::AlreadyClaimer => "already-claimer",
            Self::SamePerson => "same-person",
            Self::Certificate => "certificate-not-valid",
            Self::NotAssigned => "not-assigned",
        }
    }

    /// Chinese text for the caller.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Hidden => "没有这项合同，或您无权查看。",
            Self::Role => "您的角色不能执行此操作。",
            Self::OtherAgency => "该合同由其他登记机构登记，您不能办理。",
            Self::OwnWork => "审核员不得审核本人录入、提交的合同或本机构的合同。",
            Self::NotClaimer => "该合同已由其他审核员领取。",
            Self::AlreadyClaimer => "该合同已由您领取，无需接手。",
            Self::SamePerson => "须由作出原决定以外的审核员办理。",
            Self::Certificate => "您没有当日有效的登记员证书，不能提交合同。",
            Self::NotAssigned => "该自查合同未分配给您检查。",
        }
    }
}

/// Which contracts an actor may see; a contract is visible if any of the parts holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scope {
    /// Every contract (auditor).
    pub everything: bool,
    /// Every contract that is not a draft (reviewer).
    pub all_but_drafts: bool,
    /// What was confirmed once, or stands behind a figure: before an expert panel (statistician).
    pub behind_figures: bool,
    /// Every contract of this agency, drafts included (registrar).
    pub agency_id: Option<i64>,
}

impl Scope {
    /// What `actor` may see.
    pub fn of(actor: &Actor) -> Self {
        Self {
            everything: actor.has(Role::Auditor),
            all_but_drafts: actor.has(Role::Reviewer),
            behind_figures: actor.has(Role::Statistician),
            agency_id: actor.agency_id.filter(|_| actor.has(Role::Registrar)),
        }
    }

    /// Whether nothing at all is visible.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Whether one contract is visible.
    pub fn shows(self, contract: &Contract) -> bool {
        self.everything
            || (self.all_but_drafts && contract.state != State::Draft)
            || (self.behind_figures && (contract.confirmed_at.is_some() || contract.expert_concluded_at.is_some()))
            || (self.agency_id.is_some() && self.agency_id == contract.agency.as_ref().map(|a| a.id))
    }
}

/// The role that `action` belongs to. `report` is a registrar's or a reviewer's: [`decide`] knows.
const fn role_of(action: Action) -> Role {
    match action {
        Action::Edit | Action::Discard | Action::Submit | Action::Withdraw | Action::Amend | Action::Cancel => {
            Role::Registrar
        }
        Action::Claim
        | Action::Release
        | Action::Reassign
        | Action::Return
        | Action::Refer
        | Action::Recall
        | Action::Confirm
        | Action::Refuse
        | Action::Revoke
        | Action::Reinstate
        | Action::Reopen
        | Action::Report => Role::Reviewer,
        Action::Conclude => Role::Expert,
    }
}

/// Decides whether `actor` may `action` the contract, its state aside; answers the role acted in.
///
/// # Errors
/// The first [`Denial`] that applies; [`Denial::Hidden`] before all others.
pub fn decide(actor: &Actor, action: Action, contract: &Contract, today: Date) -> Result<Role, Denial> {
    if !Scope::of(actor).shows(contract) {
        return Err(Denial::Hidden);
    }
    let role = role_of(action);
    if action == Action::Report && actor.has(Role::Registrar) && is_own_agency(actor, contract) {
        return Ok(Role::Registrar);
    }
    if !actor.has(role) {
        return Err(Denial::Role);
    }
    match role {
        Role::Registrar => decide_registrar(actor, action, contract, today)?,
        Role::Reviewer => decide_reviewer(actor, action, contract)?,
        // An expert sees, and so acts on, contracts of the own panels alone: no panel shows one yet.
        Role::Expert | Role::Statistician | Role::Auditor | Role::Administrator => return Err(Denial::Role),
    }
    Ok(role)
}

/// Decides whether `actor` may enter a contract; answers the role acted in.
///
/// # Errors
/// [`Denial::Role`] for whoever is no registrar of an agency.
pub fn decide_create(actor: &Actor) -> Result<Role, Denial> {
    if actor.has(Role::Registrar) && actor.agency_id.is_some() {
        Ok(Role::Registrar)
    } else {
        Err(Denial::Role)
    }
}

fn is_own_agency(actor: &Actor, contract: &Contract) -> bool {
    actor.agency_id.is_some() && actor.agency_id == contract.agency.as_ref().map(|a| a.id)
}

fn decide_registrar(actor: &Actor, action: Action, contract: &Contract, today: Date) -> Result<(), Denial> {
    if !is_own_agency(actor, contract) {
        return Err(Denial::OtherAgency);
    }
    let certified = || actor.certificate.as_ref().is_some_and(|c| c.is_valid_on(today));
    if action == Action::Submit && !certified() {
        return Err(Denial::Certificate);
    }
    Ok(())
}

fn decide_reviewer(actor: &Actor, action: Action, contract: &Contract) -> Result<(), Denial> {
    let me = Some(actor.username.as_str());
    let entered_or_submitted = contract.entered_by.as_deref() == me || contract.submitted_by.as_deref() == me;
    if action != Action::Report && (entered_or_submitted || is_own_agency(actor, contract)) {
        return Err(Denial::OwnWork);
    }
    match action {
        Action::Release | Action::Return | Action::Refer | Action::Recall | Action::Confirm | Action::Refuse
            if contract.claimed_by.is_some() && contract.claimed_by.as_deref() != me =>
        {
            Err(Denial::NotClaimer)
        }
        Action::Reassign if contract.claimed_by.as_deref() == me => Err(Denial::AlreadyClaimer),
        Action::Revoke if contract.confirmed_by.as_deref() == me => Err(Denial::SamePerson),
        Action::Reinstate if contract.ended.as_ref().is_some_and(|e| e.by.as_deref() == me) => Err(Denial::SamePerson),
        _ => Ok(()),
    }
}

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

/// The actions among `offered` that `actor` may do now, by right and by state.
pub fn available(actor: &Actor, offered: &[Action], contract: &Contract, today: Date) -> Vec<Action> {
    offered
        .iter()
        .copied()
        .filter(|action| next_state(contract.state, *action).is_some())
        .filter(|action| decide(actor, *action, contract, today).is_ok())
        .collect()
}
