//! The frame of what is done with an open request: repeat or do, in one transaction. The order of refusals: unknown or hidden (404),
//! forbidden (403), not open any more (409), invalid values (422).

use serde_json::json;

use crate::{
    domain::{
        account::Actor,
        change_request::{ChangeRequest, Decided, Decision},
        contract::Contract,
        ledger::{Act, Change},
        policy,
        time::Moment,
        workflow::{State, next_state},
    },
    storage::{Db, change_requests, contracts, ledger},
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        contracts::act::standing_changes,
        messages::on_decision,
    },
};

use super::{ChangeRequestView, close::state_change};

/// What a decision works with.
pub(super) struct Work<'a> {
    /// The open transaction.
    pub db: &'a mut Db,
    /// The contract, its `open_change_request` cleared already; what the decision leaves in it is written.
    pub contract: &'a mut Contract,
    /// The request, open.
    pub request: &'a ChangeRequest,
    /// The caller.
    pub actor: &'a Actor,
    /// The moment of the decision.
    pub now: Moment,
}

/// What a decision says of itself.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// Why, or a note; kept with the request.
    pub reason: Option<String>,
    /// 文书号; kept with the request.
    pub document_number: Option<String>,
    /// Changed content.
    pub changes: Vec<Change>,
}

/// Does `decision`: `f` checks values and changes the contract; the frame does all the rest.
pub(super) async fn decide(
    ctx: &Context,
    command: Command<ChangeRequestView>,
    id: i64,
    decision: Decision,
    mut f: impl FnMut(&mut Work<'_>) -> Result<Verdict, Error> + Send + 'static,
) -> Result<Answer<ChangeRequestView>, Error> {
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let actor = &command.actor;
        if policy::change_requests_shown(actor).is_empty() {
            return Err(Error::NotFound);
        }
        let mut request = change_requests::find(db, id)?.ok_or(Error::NotFound)?;
        let mut contract = contracts::find(db, request.contract_id)?
            .ok_or_else(|| Error::internal(format!("change request {id} has no contract")))?;
        let role = policy::decide_change(actor, decision, &contract, &request)?;
        if request.decided.is_some() {
            let label = request.state().label();
            return Err(Error::Conflict(format!("该申请{label}，不能再办理。")));
        }
        if contract.state != State::Confirmed || contract.open_change_request != Some(id) {
            return Err(Error::internal(format!(
                "change request {id} is open, but its contract does not say so"
            )));
        }
        let before = contract.clone();
        contract.open_change_request = None;
        let verdict = f(&mut Work {
            db: &mut *db,
            contract: &mut contract,
            request: &request,
            actor,
            now,
        })?;
        if decision == Decision::Approve {
            contract.state = next_state(before.state, request.kind.action()).unwrap_or(before.state);
        }
        let decided = Decided {
            state: decision.leads_to(),
            by: actor.username.clone(),
            at: now,
            reason: verdict.reason.clone(),
            document_number: verdict.document_number.clone(),
        };
        let in_time = change_requests::decide(db, (contract.id, id), &decided)?
            && contracts::update(db, &before, &mut contract, &[State::Confirmed])?;
        if !in_time {
            return Err(Error::Conflict("该申请刚被他人办理，请刷新后重试。".to_owned()));
        }
        let mut changes = verdict.changes;
        changes.extend(standing_changes(&before, &contract));
        changes.push(state_change(id, decided.state));
        changes.extend(verdict.document_number.map(|number| Change {
            pointer: format!("/change_requests/{id}/document_number"),
            from: json!(null),
            to: json!(number),
        }));
        let (action, reason) = match decision {
            // Where the reviewer says nothing, what the agency said stands.
            Decision::Approve => {
                let reason = verdict.reason.or_else(|| Some(request.reason.clone()));
                (request.kind.action().id().to_owned(), reason)
            }
            Decision::Refuse | Decision::Withdraw => {
                let action = format!("{}_{}", decision.id(), request.kind.id());
                (action, verdict.reason)
            }
        };
        ledger::append(
            db,
            Act {
                at: now,
                actor: actor.username.clone(),
                role: Some(role.id().to_owned()),
                contract: Some(contract.id),
                action,
                from: Some(before.state.id().to_owned()),
                to: Some(contract.state.id().to_owned()),
                reason,
                changes,
            },
        )?;
        request.decided = Some(decided);
        on_decision(db, &context, &request, &contract)?;
        Ok(ChangeRequestView::of(actor, request, &contract))
    })
    .await
}
