//! Who may do what with which contract: role × action × relation. The state is the workflow's business
//! ([`super::workflow`]); both must agree before anything happens.
//!
//! What the caller may not know of is [`Denial::Hidden`] (404), whatever else is wrong.

mod imports;
mod self_audits;

pub use imports::{
    ImportScope, decide_import, decide_import_approval, decide_read_imports, importable, may_decide_import,
    sees_differences,
};
pub use self_audits::{
    Handled, decide_finding, decide_read_self_audits, decide_run_self_audits, decide_self_audit_item,
};

use super::{
    account::{Actor, Role},
    change_request::{ChangeRequest, Decision},
    contract::Contract,
    expert_review::ExpertReview,
    queue::Queue,
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
    /// The caller confirmed it, so someone else must end it (or ended it, so someone else must restore it; or refused it, so
    /// someone else must reopen it).
    SamePerson,
    /// The caller asked for the change, so someone else must decide on it.
    OwnRequest,
    /// The caller handed the file in, so someone else must decide on what it would change.
    OwnImport,
    /// No registrar certificate valid on that day.
    Certificate,
    /// The reviewer sits as an expert on a panel that has or had the contract before it.
    PanelMember,
    /// Another reviewer convened the panel.
    NotConvener,
    /// The caller does not sit on the panel.
    NotSeated,
    /// Another member chairs the panel.
    NotChair,
    /// The password was given by somebody else or is too old: nothing but changing it is allowed.
    PasswordMustChange,
    /// The password was given by somebody else, and not changed in time: it opens nothing any more.
    FirstPasswordOver,
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
            Self::OwnRequest => "own-request",
            Self::OwnImport => "own-import",
            Self::Certificate => "certificate-not-valid",
            Self::PanelMember => "panel-member",
            Self::NotConvener => "not-convener",
            Self::NotSeated => "not-seated",
            Self::NotChair => "not-chair",
            Self::PasswordMustChange => "password-must-change",
            Self::FirstPasswordOver => "first-password-over",
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
            Self::OwnRequest => "变更或注销申请须由申请人以外的审核员审核。",
            Self::OwnImport => "导入的更正须由提交文件的人以外的审核员批准。",
            Self::Certificate => "您没有当日有效的登记员证书，不能提交合同。",
            Self::PanelMember => "您是该合同的论证专家，不得再审核该合同。",
            Self::NotConvener => "该次论证由其他审核员召集，您不能办理。",
            Self::NotSeated => "您不是该次论证的专家。",
            Self::NotChair => "论证结论由组长形成。",
            Self::PasswordMustChange => "密码为初始密码或已过期，请先修改密码。",
            Self::FirstPasswordOver => "初始密码已过期，请联系管理员重新设置密码。",
            Self::NotAssigned => "该自查合同未分配给您检查。",
        }
    }
}

/// Which contracts an actor may see; a contract is visible if any of the parts holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Every contract (auditor).
    pub everything: bool,
    /// Every contract that is not a draft (reviewer).
    pub all_but_drafts: bool,
    /// What was confirmed once, or stands behind a figure: before an expert panel (statistician).
    pub behind_figures: bool,
    /// Every contract of this agency, drafts included (registrar).
    pub agency_id: Option<i64>,
    /// The contracts of the panels on which this username sits, but for those he or she stays out of (expert).
    pub panels_of: Option<String>,
}

impl Scope {
    /// What `actor` may see.
    pub fn of(actor: &Actor) -> Self {
        Self {
            everything: actor.has(Role::Auditor),
            all_but_drafts: actor.has(Role::Reviewer),
            behind_figures: actor.has(Role::Statistician),
            agency_id: actor.agency_id.filter(|_| actor.has(Role::Registrar)),
            panels_of: actor.has(Role::Expert).then(|| actor.username.clone()),
        }
    }

    /// Whether nothing at all is visible.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The username of whoever sees contracts of panels and no others.
    pub fn panels_alone(&self) -> Option<&str> {
        let others = self.everything || self.all_but_drafts || self.behind_figures || self.agency_id.is_some();
        self.panels_of.as_deref().filter(|_| !others)
    }

    /// The agency of whoever sees the confirmed contracts of one agency and, of others, those of panels at most.
    pub fn agency_alone(&self) -> Option<i64> {
        let all = self.everything || self.all_but_drafts || self.behind_figures;
        self.agency_id.filter(|_| !all)
    }

    /// Whether one contract is visible.
    pub fn shows(&self, contract: &Contract) -> bool {
        self.everything
            || (self.all_but_drafts && contract.state != State::Draft)
            || (self.behind_figures && (contract.confirmed_at.is_some() || contract.expert_concluded_at.is_some()))
            || (self.agency_id.is_some() && self.agency_id == contract.agency.as_ref().map(|a| a.id))
            || self.panels_of.as_ref().is_some_and(|me| contract.experts.contains(me))
    }
}

/// The role that `action` belongs to; that of `amend` and `cancel` is the role that asks for them, see [`decide_change`] for who
/// decides. `report` is a registrar's or a reviewer's: [`decide`] knows.
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
        // The one act of an expert, `conclude`, is done on the panel: `decide_conclude`.
        Role::Expert | Role::Statistician | Role::Auditor | Role::Administrator => return Err(Denial::Role),
    }
    Ok(role)
}

/// Which contracts' change requests an actor may read: of those that the roles show beside an expert's, who sees the contracts of
/// the own panels and nothing else.
pub fn change_requests_shown(actor: &Actor) -> Scope {
    let mut actor = actor.clone();
    actor.roles.retain(|r| *r != Role::Expert);
    Scope::of(&actor)
}

/// Decides whether `actor` may `decision` a change request of the contract, its state aside; answers the role acted in. A registrar
/// of the agency withdraws it; a reviewer who may decide on the contract at all, and did not ask for the change, approves or
/// refuses it. Whoever confirmed the contract may: the request is another's.
///
/// # Errors
/// The first [`Denial`] that applies; [`Denial::Hidden`] before all others.
pub fn decide_change(
    actor: &Actor,
    decision: Decision,
    contract: &Contract,
    request: &ChangeRequest,
) -> Result<Role, Denial> {
    if !change_requests_shown(actor).shows(contract) {
        return Err(Denial::Hidden);
    }
    let role = match decision {
        Decision::Withdraw => Role::Registrar,
        Decision::Approve | Decision::Refuse => Role::Reviewer,
    };
    if !actor.has(role) {
        return Err(Denial::Role);
    }
    match role {
        Role::Registrar if !is_own_agency(actor, contract) => Err(Denial::OtherAgency),
        Role::Reviewer if is_own_work(actor, contract) => Err(Denial::OwnWork),
        Role::Reviewer if request.requested_by == actor.username => Err(Denial::OwnRequest),
        _ => Ok(role),
    }
}

/// What `actor` may do with an open change request now; nothing with one that is decided.
pub fn available_decisions(actor: &Actor, contract: &Contract, request: &ChangeRequest) -> Vec<Decision> {
    let open = request.decided.is_none();
    Decision::ALL
        .into_iter()
        .filter(|d| open && decide_change(actor, *d, contract, request).is_ok())
        .collect()
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

/// Decides whether `actor` may see where mail stands: the outbox names people and addresses, and no contract.
///
/// # Errors
/// [`Denial::Role`] for whoever is neither administrator nor auditor.
pub fn decide_read_outbox(actor: &Actor) -> Result<Role, Denial> {
    [Role::Administrator, Role::Auditor]
        .into_iter()
        .find(|r| actor.has(*r))
        .ok_or(Denial::Role)
}

/// Decides whether `actor` may have a mail sent again.
///
/// # Errors
/// [`Denial::Role`] for whoever is no administrator.
pub fn decide_retry_mail(actor: &Actor) -> Result<Role, Denial> {
    if actor.has(Role::Administrator) {
        Ok(Role::Administrator)
    } else {
        Err(Denial::Role)
    }
}

/// Decides whether `actor` may add attachments to the contract or take them away, its state aside; answers the role acted in.
///
/// # Errors
/// The first [`Denial`] that applies; [`Denial::Hidden`] before all others.
pub fn decide_files(actor: &Actor, contract: &Contract) -> Result<Role, Denial> {
    if !Scope::of(actor).shows(contract) {
        return Err(Denial::Hidden);
    }
    if !actor.has(Role::Registrar) {
        return Err(Denial::Role);
    }
    if is_own_agency(actor, contract) {
        Ok(Role::Registrar)
    } else {
        Err(Denial::OtherAgency)
    }
}

/// Decides whether `actor` may have a whole year's contracts looked at for what is wrong with them: whoever sees them all.
///
/// # Errors
/// [`Denial::Role`] for whoever is no reviewer, statistician or auditor.
pub fn decide_year_checks(actor: &Actor) -> Result<(), Denial> {
    let may = [Role::Reviewer, Role::Statistician, Role::Auditor];
    if may.into_iter().any(|role| actor.has(role)) {
        Ok(())
    } else {
        Err(Denial::Role)
    }
}

/// Decides whether `actor` may close a year's statistics; answers the role acted in.
///
/// # Errors
/// [`Denial::Role`] for whoever is no statistician.
pub fn decide_close_year(actor: &Actor) -> Result<Role, Denial> {
    if actor.has(Role::Statistician) {
        Ok(Role::Statistician)
    } else {
        Err(Denial::Role)
    }
}

/// Decides whether `actor` may see accounts other than the own; answers the role acted in.
///
/// # Errors
/// [`Denial::Role`] for whoever is neither administrator nor auditor.
pub fn decide_read_accounts(actor: &Actor) -> Result<Role, Denial> {
    [Role::Administrator, Role::Auditor]
        .into_iter()
        .find(|role| actor.has(*role))
        .ok_or(Denial::Role)
}

/// Decides whether `actor` may see who the experts are: reviewers, who ask them to panels, and auditors; answers the role acted in.
///
/// # Errors
/// [`Denial::Role`] for everyone else.
pub fn decide_read_experts(actor: &Actor) -> Result<Role, Denial> {
    [Role::Reviewer, Role::Auditor]
        .into_iter()
        .find(|role| actor.has(*role))
        .ok_or(Denial::Role)
}

/// Decides whether `actor` may add and change accounts and agencies; answers the role acted in.
///
/// # Errors
/// [`Denial::Role`] for whoever is no administrator.
pub fn decide_change_accounts(actor: &Actor) -> Result<Role, Denial> {
    if actor.has(Role::Administrator) {
        Ok(Role::Administrator)
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

/// Whether a reviewer may not decide on a contract, having entered or submitted it or being of its agency.
fn is_own_work(actor: &Actor, contract: &Contract) -> bool {
    let me = Some(actor.username.as_str());
    contract.entered_by.as_deref() == me || contract.submitted_by.as_deref() == me || is_own_agency(actor, contract)
}

fn decide_reviewer(actor: &Actor, action: Action, contract: &Contract) -> Result<(), Denial> {
    let me = Some(actor.username.as_str());
    if action != Action::Report && is_own_work(actor, contract) {
        return Err(Denial::OwnWork);
    }
    match action {
        Action::Release | Action::Return | Action::Refer | Action::Recall | Action::Confirm | Action::Refuse
            if contract.claimed_by.is_some() && contract.claimed_by.as_deref() != me =>
        {
            Err(Denial::NotClaimer)
        }
        Action::Claim | Action::Reassign if contract.experts.contains(&actor.username) => Err(Denial::PanelMember),
        Action::Reassign if contract.claimed_by.as_deref() == me => Err(Denial::AlreadyClaimer),
        Action::Revoke if contract.confirmed_by.as_deref() == me => Err(Denial::SamePerson),
        Action::Reinstate if contract.ended.as_ref().is_some_and(|e| e.by.as_deref() == me) => Err(Denial::SamePerson),
        Action::Reopen if contract.refusal.as_ref().is_some_and(|r| r.by.as_deref() == me) => Err(Denial::SamePerson),
        _ => Ok(()),
    }
}

/// Whether `actor` may know of a panel: reviewers and auditors of every one, experts of those on which they sit.
pub fn shows_panel(actor: &Actor, review: &ExpertReview) -> bool {
    sees_all_panels(actor) || (actor.has(Role::Expert) && review.seats(&actor.username))
}

/// Whether `actor` may know of every panel.
pub fn sees_all_panels(actor: &Actor) -> bool {
    actor.has(Role::Reviewer) || actor.has(Role::Auditor)
}

/// Decides whether `actor` may convene a panel; answers the role acted in.
///
/// # Errors
/// [`Denial::Role`] for whoever is no reviewer.
pub fn decide_convene(actor: &Actor) -> Result<Role, Denial> {
    if actor.has(Role::Reviewer) {
        Ok(Role::Reviewer)
    } else {
        Err(Denial::Role)
    }
}

/// Decides whether `actor` may bring a contract that waits for experts before a panel; answers the role acted in.
///
/// # Errors
/// [`Denial::Hidden`], [`Denial::Role`]; [`Denial::OwnWork`] for a contract that the reviewer may not decide on.
pub fn decide_bring(actor: &Actor, contract: &Contract) -> Result<Role, Denial> {
    if !Scope::of(actor).shows(contract) {
        return Err(Denial::Hidden);
    }
    let role = decide_convene(actor)?;
    if is_own_work(actor, contract) {
        return Err(Denial::OwnWork);
    }
    Ok(role)
}

/// Decides whether `actor` may change a panel; answers the role acted in.
///
/// # Errors
/// [`Denial::Hidden`], [`Denial::Role`]; [`Denial::NotConvener`] for another reviewer's panel.
pub fn decide_change_panel(actor: &Actor, review: &ExpertReview) -> Result<Role, Denial> {
    if !shows_panel(actor, review) {
        return Err(Denial::Hidden);
    }
    let role = decide_convene(actor)?;
    if review.convened_by == actor.username {
        Ok(role)
    } else {
        Err(Denial::NotConvener)
    }
}

/// Decides whether `actor` may say that `whom` stays out of contracts of a panel: an expert for himself or herself, the convener for
/// anyone. Answers the role acted in.
///
/// # Errors
/// [`Denial::Hidden`], [`Denial::Role`], [`Denial::NotConvener`].
pub fn decide_recuse(actor: &Actor, review: &ExpertReview, whom: &str) -> Result<Role, Denial> {
    if shows_panel(actor, review) && actor.has(Role::Expert) && whom == actor.username && review.seats(whom) {
        return Ok(Role::Expert);
    }
    match decide_change_panel(actor, review) {
        // An expert who names someone else does what the convener does.
        Err(Denial::Role) if actor.has(Role::Expert) => Err(Denial::NotConvener),
        decided => decided,
    }
}

/// Decides whether `actor` may give an opinion on a panel, the contract aside; answers the role acted in.
///
/// # Errors
/// [`Denial::Hidden`], [`Denial::Role`], [`Denial::NotSeated`].
pub fn decide_opinion(actor: &Actor, review: &ExpertReview) -> Result<Role, Denial> {
    if !shows_panel(actor, review) {
        Err(Denial::Hidden)
    } else if !actor.has(Role::Expert) {
        Err(Denial::Role)
    } else if !review.seats(&actor.username) {
        Err(Denial::NotSeated)
    } else {
        Ok(Role::Expert)
    }
}

/// Decides whether `actor` may conclude on a panel, the contract aside; answers the role acted in.
///
/// # Errors
/// As [`decide_opinion`]; [`Denial::NotChair`].
pub fn decide_conclude(actor: &Actor, review: &ExpertReview) -> Result<Role, Denial> {
    let role = decide_opinion(actor, review)?;
    if review.chair == actor.username {
        Ok(role)
    } else {
        Err(Denial::NotChair)
    }
}

/// The actions among `offered` that `actor` may do now, by right and by state. `amend` and `cancel` stand for asking for them, which
/// nobody may while another request is open.
pub fn available(actor: &Actor, offered: &[Action], contract: &Contract, today: Date) -> Vec<Action> {
    offered
        .iter()
        .copied()
        .filter(|action| next_state(contract.state, *action).is_some())
        .filter(|action| contract.open_change_request.is_none() || !matches!(action, Action::Amend | Action::Cancel))
        .filter(|action| decide(actor, *action, contract, today).is_ok())
        .collect()
}

/// Which registrar certificates and trainings someone may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistrarScope {
    /// All of them.
    All,
    /// The one of this certificate number; none where the account holds none.
    Own(Option<String>),
}

/// Which registrar certificates and trainings `actor` may see: administrators, auditors, reviewers and statisticians all,
/// registrars the own.
///
/// # Errors
/// [`Denial::Role`].
pub fn registrar_scope(actor: &Actor) -> Result<RegistrarScope, Denial> {
    let of_office = [Role::Administrator, Role::Auditor, Role::Reviewer, Role::Statistician];
    if of_office.into_iter().any(|role| actor.has(role)) {
        Ok(RegistrarScope::All)
    } else if actor.has(Role::Registrar) {
        Ok(RegistrarScope::Own(
            actor.certificate.as_ref().map(|c| c.number.clone()),
        ))
    } else {
        Err(Denial::Role)
    }
}

/// Decides whether `actor` may issue, suspend and renew registrar certificates and record trainings; answers the role acted in.
///
/// # Errors
/// [`Denial::Role`] for whoever is no administrator.
pub fn decide_registrars(actor: &Actor) -> Result<Role, Denial> {
    require(actor, Role::Administrator)
}

/// Decides whether `actor` may keep what stands beside the register in the statistics: activities, follow-up, reference figures.
///
/// # Errors
/// [`Denial::Role`] for whoever is no statistician.
pub fn decide_survey_figures(actor: &Actor) -> Result<Role, Denial> {
    require(actor, Role::Statistician)
}

/// Decides whether `actor` may hand work over; answers the role acted in. Whether the receiver may take a contract over is asked
/// of [`decide`] for each.
///
/// # Errors
/// [`Denial::Role`] for whoever is no reviewer.
pub fn decide_hand_over(actor: &Actor) -> Result<Role, Denial> {
    require(actor, Role::Reviewer)
}

/// The work queues that `actor` has: those of the roles held, a registrar's only with an agency.
pub fn queues_of(actor: &Actor) -> Vec<Queue> {
    Queue::ALL
        .into_iter()
        .filter(|queue| decide_queue(actor, *queue).is_ok())
        .collect()
}

/// Decides whether a work queue is one of `actor`'s; answers the role it belongs to.
///
/// # Errors
/// [`Denial::Role`].
pub fn decide_queue(actor: &Actor, queue: Queue) -> Result<Role, Denial> {
    if queue.role() == Role::Registrar && actor.agency_id.is_none() {
        return Err(Denial::Role);
    }
    require(actor, queue.role())
}

fn require(actor: &Actor, role: Role) -> Result<Role, Denial> {
    if actor.has(role) { Ok(role) } else { Err(Denial::Role) }
}
