//! The frame of every act on a contract: repeat or do, in one transaction. The order of refusals is the API's: unknown or hidden,
//! forbidden, no version, stale version (but see [`overtaken`]), wrong state, invalid values.

use serde_json::json;

use crate::{
    domain::{
        account::{Actor, Role},
        contract::{Content, Contract},
        ledger::{Act, Change},
        policy::{self, Scope},
        time::{Date, Moment},
        workflow::{Action, State, next_state, transition},
    },
    storage::{
        Db, StoreError, contracts, ledger,
        readings::{self, Reading},
    },
    usecases::{
        Context, Error,
        command::{Answer, Command, Decided, change_or_refuse},
        messages::{Acted, on_act},
    },
};

use super::{
    checks::{self, Findings},
    read::visible,
    submit,
    view::{ContractView, is_undecided},
};

/// What an act says of itself in the ledger.
#[derive(Debug, Default)]
pub(in crate::usecases) struct Told {
    /// Reason in words.
    pub reason: Option<String>,
    /// Changed fields.
    pub changes: Vec<Change>,
}

/// What an act works with.
pub(super) struct Work<'a> {
    /// The open transaction.
    pub db: &'a mut Db,
    /// The contract; what the act leaves in it is written.
    pub contract: &'a mut Contract,
    /// The caller.
    pub actor: &'a Actor,
    /// The moment of the act.
    pub now: Moment,
    /// Its day.
    pub today: Date,
    /// Set where the act is refused and what the refusal tells is to be entered; what the act left in the contract is not written.
    pub refusal: Option<TellingRefusal>,
    /// What was planned, where all that it rests on is as it was.
    pub planned: Option<Planned>,
    /// What a submission finds, where it was looked at: for the answer.
    pub findings: Option<Findings>,
}

/// A refusal that tells what the caller could not know: it is entered that it was told.
pub(super) struct TellingRefusal {
    /// What the ledger calls it.
    pub action: &'static str,
    /// What was told.
    pub told: String,
    /// What is answered.
    pub error: Error,
}

/// What an act is planned on: read on a reader, so that the writer, for whom everybody waits, need not read and think.
#[derive(Clone)]
struct Plan {
    contract: Contract,
    /// What a submission finds, where the act or its answer asks.
    findings: Option<Findings>,
    /// Whether another agency has the same deal, where the act asks.
    is_registered_elsewhere: bool,
    /// What all that rests on.
    reading: Reading,
}

/// What was planned, for as long as it holds.
pub(super) struct Planned {
    findings: Option<Findings>,
    /// Whether another agency has the same deal.
    pub is_registered_elsewhere: bool,
}

/// Reads what an act needs; none where anything is in the way of it: the act will say.
async fn plan(ctx: &Context, command: &Command<ContractView>, id: i64, action: Action) -> Option<Plan> {
    let decided_after = |state: &State| next_state(*state, action).is_none_or(|after| !is_undecided(after));
    let is_told = action != Action::Edit && !transition(action).from.iter().all(decided_after);
    let (context, actor) = (ctx.clone(), command.actor.clone());
    let read = ctx.store.read(move |db| {
        let planned = readings::noted(db, |db| {
            let contract = visible(db, &actor, id)?;
            let today = context.clock.today();
            let mut findings = None;
            let mut is_registered_elsewhere = false;
            if is_undecided(contract.state) && (is_told || action == Action::Confirm) {
                let content = match action {
                    Action::Submit => submit::received(&contract, today),
                    _ => contract.content.clone(),
                };
                findings = Some(Findings::at_submission(
                    db, &context, &actor, &contract, &content, today,
                )?);
                is_registered_elsewhere =
                    action == Action::Submit && checks::is_registered_elsewhere(db, &actor, &contract, &content)?;
            }
            Ok::<_, Error>((contract, findings, is_registered_elsewhere))
        });
        let ((contract, findings, is_registered_elsewhere), reading) = planned?;
        Ok::<_, Error>(Plan {
            contract,
            findings,
            is_registered_elsewhere,
            reading,
        })
    });
    read.await.ok()
}

/// Does `action` on a contract: `f` checks values and changes the contract; the frame does all the rest. `f` answers `None` where
/// there is nothing to do, and nothing is written.
pub(super) async fn act(
    ctx: &Context,
    command: Command<ContractView>,
    id: i64,
    action: Action,
    mut f: impl FnMut(&mut Work<'_>) -> Result<Option<Told>, Error> + Send + 'static,
) -> Result<Answer<ContractView>, Error> {
    let context = ctx.clone();
    let plan = plan(ctx, &command, id, action).await;
    change_or_refuse(ctx, command, move |db, command, now| {
        let holding = plan.as_ref().filter(|plan| plan.reading.still_holds());
        let contract = match holding.filter(|plan| is_still_shown(&command.actor, &plan.contract)) {
            Some(plan) => plan.contract.clone(),
            None => visible(db, &command.actor, id)?,
        };
        let (mut contract, role) = let_through(contract, command, action, now.date())?;
        let before = contract.clone();
        let findings = plan.as_ref().filter(|plan| plan.contract.version == before.version);
        let mut work = Work {
            db: &mut *db,
            contract: &mut contract,
            actor: &command.actor,
            now,
            today: now.date(),
            refusal: None,
            planned: holding.map(|plan| Planned {
                findings: plan.findings.clone(),
                is_registered_elsewhere: plan.is_registered_elsewhere,
            }),
            // No decision rests on what the answer says.
            findings: findings.and_then(|plan| plan.findings.clone()),
        };
        let told = f(&mut work)?;
        let findings = work.findings.take();
        if let Some(TellingRefusal { action, told, error }) = work.refusal {
            let state = Some(before.state.id().to_owned());
            ledger::append(
                db,
                Act {
                    at: now,
                    actor: command.actor.username.clone(),
                    role: Some(role.id().to_owned()),
                    contract: Some(id),
                    action: action.to_owned(),
                    from: state.clone(),
                    to: state,
                    reason: Some(told),
                    changes: Vec::new(),
                },
            )?;
            return Ok(Decided::Refused(error));
        }
        if let Some(told) = told {
            let who = (&command.actor, role);
            finish(db, &context, who, action, &before, &mut contract, told, now)?;
        }
        ContractView::found(db, &context, &command.actor, contract, now, findings).map(Decided::Done)
    })
    .await
}

/// Whether the caller, as he or she is now, sees the contract as it was read for the plan. Who sees a panel's contracts alone is looked at
/// anew.
fn is_still_shown(actor: &Actor, contract: &Contract) -> bool {
    let scope = Scope::of(actor);
    !scope.is_empty() && scope.panels_alone().is_none() && scope.shows(contract)
}

impl Work<'_> {
    /// What a submission of `content` finds: as it was planned, or looked at now.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub(super) fn find(&mut self, ctx: &Context, content: &Content) -> Result<Findings, Error> {
        let planned = self.planned.as_ref().and_then(|planned| planned.findings.as_ref());
        match planned.filter(|found| found.are_of_content(ctx, self.actor, self.contract, content, self.today)) {
            Some(found) => Ok(found.clone()),
            None => Findings::at_submission(self.db, ctx, self.actor, self.contract, content, self.today),
        }
    }
}

/// Moves the contract along, writes it, enters the act, and tells whom it concerns: what every act on a contract ends with.
#[expect(clippy::too_many_arguments, reason = "what an act is made of")]
pub(in crate::usecases) fn finish(
    db: &mut Db,
    ctx: &Context,
    (actor, role): (&Actor, Role),
    action: Action,
    before: &Contract,
    contract: &mut Contract,
    mut told: Told,
    now: Moment,
) -> Result<(), Error> {
    contract.state = next_state(before.state, action).unwrap_or(before.state);
    told.changes.extend(standing_changes(before, contract));
    write(db, before, contract, action)?;
    let states = (Some(before.state), Some(contract.state));
    let reason = told.reason.clone();
    enter(db, actor, role, action, contract.id, states, told, now)?;
    let acted = Acted {
        action,
        before,
        after: contract,
        reason: reason.as_deref(),
        by: &actor.username,
        at: now,
    };
    on_act(db, ctx, &acted)
}

/// What an act changed beside the content, which tells of itself.
pub(in crate::usecases) fn standing_changes(before: &Contract, after: &Contract) -> Vec<Change> {
    let told = |c: &Contract| {
        [
            ("/registration_number", json!(c.registration_number)),
            ("/national_number", json!(c.national_number)),
            ("/registrar_certificate", json!(c.registrar_certificate)),
            ("/rule_set", json!(c.rule_set)),
            ("/due_on", json!(c.due_on)),
            ("/claimed_by", json!(c.claimed_by)),
            ("/returned", json!(c.returned)),
            ("/refusal", json!(c.refusal)),
            ("/ended", json!(c.ended)),
            ("/expert_conclusion", json!(c.expert_conclusion)),
            ("/open_change_request", json!(c.open_change_request)),
        ]
    };
    let pairs = told(before).into_iter().zip(told(after));
    pairs
        .filter(|((_, from), (_, to))| from != to)
        .map(|((pointer, from), (_, to))| Change {
            pointer: pointer.to_owned(),
            from,
            to,
        })
        .collect()
}

/// Loads the contract and lets the caller through, or says why not.
pub(in crate::usecases) fn admit<T>(
    db: &mut Db,
    command: &Command<T>,
    id: i64,
    action: Action,
    today: Date,
) -> Result<(Contract, Role), Error> {
    let contract = visible(db, &command.actor, id)?;
    let_through(contract, command, action, today)
}

fn let_through<T>(
    contract: Contract,
    command: &Command<T>,
    action: Action,
    today: Date,
) -> Result<(Contract, Role), Error> {
    let role = policy::decide(&command.actor, action, &contract, today)?;
    let version = command.version.ok_or(Error::VersionMissing)?;
    if version != contract.version {
        return Err(overtaken(&contract, action));
    }
    if next_state(contract.state, action).is_none() {
        return Err(Error::WrongState(contract.state));
    }
    Ok((contract, role))
}

/// Writes the contract, if it is still at the version and in a state that the act starts from; else says what is true now.
pub(in crate::usecases) fn write(
    db: &mut Db,
    before: &Contract,
    contract: &mut Contract,
    action: Action,
) -> Result<(), Error> {
    let version = before.version;
    let written = contracts::update(db, before, contract, transition(action).from).map_err(|e| match e {
        // The one number that comes from outside; it was looked for before, so that another process was quicker.
        StoreError::Duplicate(_) if action == Action::Report => super::report::taken(),
        other => other.into(),
    })?;
    if written {
        return Ok(());
    }
    // Another process wrote between the reading and the writing: say what is true now.
    let now = contracts::find(db, contract.id)?.ok_or(Error::NotFound)?;
    Err(if now.version == version {
        Error::WrongState(now.state)
    } else {
        overtaken(&now, action)
    })
}

/// Says that the contract is not what the caller saw any more. A version that is not current is told before a state that does not
/// allow the act, with one exception: whoever claims what someone has claimed meanwhile is told just that. Of reviewers who claim
/// at the same moment all but one have an old version for the one reason that another was quicker, and looking again would not
/// help them. (Specification: one claimer at a time; a second claim is 409.)
fn overtaken(contract: &Contract, action: Action) -> Error {
    if action == Action::Claim && contract.state == State::UnderReview {
        Error::WrongState(contract.state)
    } else {
        Error::Stale {
            current: contract.version,
        }
    }
}

/// Enters the act in the ledger.
#[expect(clippy::too_many_arguments, reason = "each is one column of the ledger's entry")]
pub(super) fn enter(
    db: &mut Db,
    actor: &Actor,
    role: Role,
    action: Action,
    contract: i64,
    (from, to): (Option<State>, Option<State>),
    told: Told,
    at: Moment,
) -> Result<(), Error> {
    ledger::append(
        db,
        Act {
            at,
            actor: actor.username.clone(),
            role: Some(role.id().to_owned()),
            contract: Some(contract),
            action: action.id().to_owned(),
            from: from.map(|s| s.id().to_owned()),
            to: to.map(|s| s.id().to_owned()),
            reason: told.reason,
            changes: told.changes,
        },
    )?;
    Ok(())
}
