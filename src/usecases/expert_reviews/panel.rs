//! What the verbs share: who may know of a panel, how a contract joins and leaves one, who must stay out of it.

use serde_json::{Value, json};

use crate::{
    domain::{
        account::{Actor, Role},
        contract::Contract,
        error::FieldError,
        expert_review::{
            Ballot, ExpertReview, NoConclusion, Outcome, PanelContract, PanelState, Quorum, Recusal, RecusalKind,
            Sitting,
            conflict::{Background, conflicts},
            tally,
        },
        ledger::Change,
        policy,
        time::Moment,
    },
    storage::{Db, accounts, expert_reviews, ledger},
    usecases::{Context, Error, entry::enter},
};

use super::MOST_CONTRACTS;

/// The panel, if the actor may know of it. For an expert the seat is asked for before anything is loaded: a panel that is hidden and
/// one that is not there take the same way.
pub(super) fn visible(db: &mut Db, actor: &Actor, id: i64) -> Result<Sitting, Error> {
    let seated = |db: &mut Db| expert_reviews::is_member(db, id, &actor.username);
    if policy::sees_all_panels(actor) || (actor.has(Role::Expert) && seated(db)?) {
        expert_reviews::find(db, id)?.ok_or(Error::NotFound)
    } else {
        Err(Error::NotFound)
    }
}

/// Refuses what a closed panel does no more.
pub(super) fn at_work(review: &ExpertReview) -> Result<(), Error> {
    match review.state {
        PanelState::Open => Ok(()),
        PanelState::Closed => Err(Error::Conflict("该次论证已经结束。".into())),
    }
}

/// Refuses a contract that is not open before the panel any more.
pub(super) fn still_open(contract: &PanelContract) -> Result<(), Error> {
    let id = contract.contract_id;
    match contract.outcome {
        Outcome::Open => Ok(()),
        Outcome::Concluded => Err(Error::Conflict(format!("本次论证已就合同 {id} 形成结论。"))),
        Outcome::Recalled => Err(Error::Conflict(format!("合同 {id} 已由审核员收回。"))),
    }
}

/// Refuses a contract on which voting is closed: opinions are final, and so is who gave them.
pub(super) fn still_voting(contract: &PanelContract) -> Result<(), Error> {
    match contract.closed_voting() {
        None => Ok(()),
        Some(_) => Err(Error::Conflict(format!(
            "合同 {} 的表决已经结束，意见和回避均不能再改。",
            contract.contract_id
        ))),
    }
}

/// The contract of a panel that a document names, if its reader may know of it and it is open.
///
/// # Errors
/// A contract that is not open any more; what is wrong with the document, `errors` among it, where it names none or another.
pub(super) fn named_line<'a>(
    sitting: &'a Sitting,
    actor: &Actor,
    contract: Option<i64>,
    errors: &mut Vec<FieldError>,
) -> Result<&'a PanelContract, Error> {
    let asked = contract.filter(|c| sitting.is_shown(*c, &actor.username));
    if let Some(line) = asked.and_then(|c| sitting.review.contract(c)) {
        still_open(line)?;
        return Ok(line);
    }
    errors.push(match contract {
        Some(_) => unknown_contract("/contract_id"),
        None => FieldError::new("/contract_id", "required", "此项必填。"),
    });
    Err(Error::Invalid(std::mem::take(errors)))
}

/// What the votes of the round that counts give, under the contract's rule set.
pub(super) fn counted<'a>(
    ctx: &Context,
    sitting: &'a Sitting,
    line: &PanelContract,
) -> Result<Result<(&'a Ballot, Quorum), NoConclusion>, Error> {
    let rules = ctx
        .catalogue
        .rule_set(&line.rule_set)
        .ok_or_else(|| Error::internal(format!("no rule set {}", line.rule_set)))?;
    let id = line.contract_id;
    Ok(tally(&rules.expert_review, sitting.entitled(id), &sitting.ballots(id)))
}

/// A contract that a document names and the panel does not have, or that the caller may not know of.
pub(super) fn unknown_contract(pointer: &str) -> FieldError {
    FieldError::new(pointer, "unknown_contract", "本次论证没有这项合同。")
}

/// One changed field of a panel, by a pointer below it.
pub(super) fn change(review: i64, below: &str, from: Value, to: Value) -> Change {
    Change {
        pointer: format!("/expert_reviews/{review}{below}"),
        from,
        to,
    }
}

/// Adds a recusal; what the ledger says of it.
pub(super) fn recuse(db: &mut Db, review: i64, recusal: &mut Recusal) -> Result<Change, Error> {
    recusal.id = expert_reviews::insert_recusal(db, review, recusal)?;
    let below = format!("/contracts/{}/recusals/{}", recusal.contract_id, recusal.username);
    let told = json!({"kind": recusal.kind.id(), "reason": recusal.reason});
    Ok(change(review, &below, Value::Null, told))
}

/// Recuses those of `experts` whom something that the register knows keeps out of a contract and who are not out of it yet.
pub(super) fn recuse_conflicted(
    db: &mut Db,
    sitting: &Sitting,
    contract: &Contract,
    experts: &[Background],
    by: &str,
    at: Moment,
) -> Result<Vec<Change>, Error> {
    let entries = ledger::of_contract(db, contract.id)?;
    // What someone did as an expert, on an earlier panel, is no work on the contract.
    let workers = || {
        let acts = entries.iter().map(|e| &e.act);
        acts.filter(|a| a.role.as_deref() != Some(Role::Expert.id()))
            .map(|a| a.actor.as_str())
    };
    let mut changes = Vec::new();
    for expert in experts {
        let reasons = conflicts(expert, contract, workers());
        if reasons.is_empty() || sitting.is_recused(contract.id, &expert.username) {
            continue;
        }
        let mut recusal = Recusal {
            id: 0,
            contract_id: contract.id,
            username: expert.username.clone(),
            kind: RecusalKind::Computed,
            reason: reasons.join("；"),
            recorded_by: by.to_owned(),
            recorded_at: at,
        };
        changes.push(recuse(db, sitting.review.id, &mut recusal)?);
    }
    Ok(changes)
}

/// What the register knows of the members of a panel.
pub(super) fn backgrounds(db: &mut Db, review: &ExpertReview) -> Result<Vec<Background>, Error> {
    let usernames: Vec<String> = review.members.iter().map(|m| m.username.clone()).collect();
    Ok(expert_reviews::backgrounds(db, &usernames)?)
}

/// Puts a contract before a panel; who must stay out of it does. What the ledger says of it.
pub(super) fn put(
    db: &mut Db,
    sitting: &Sitting,
    contract: &Contract,
    by: &str,
    at: Moment,
) -> Result<Vec<Change>, Error> {
    let review = &sitting.review;
    let rule_set = contract
        .rule_set
        .as_deref()
        .ok_or_else(|| Error::internal("a submitted contract without a rule set"))?;
    expert_reviews::add_contract(db, review.id, contract.id, rule_set, by, at)?;
    let below = format!("/contracts/{}", contract.id);
    let mut changes = vec![change(review.id, &below, Value::Null, json!(Outcome::Open.id()))];
    let experts = backgrounds(db, review)?;
    changes.extend(recuse_conflicted(db, sitting, contract, &experts, by, at)?);
    changes.extend(keep_out(db, sitting, contract.id, &changes, by, at)?);
    Ok(changes)
}

/// Who declared to stay out of the whole panel stays out of a contract that joins it, or on which another round begins; who is out
/// already, by `made` too, is passed over. What the ledger says of it.
pub(super) fn keep_out(
    db: &mut Db,
    sitting: &Sitting,
    contract: i64,
    made: &[Change],
    by: &str,
    at: Moment,
) -> Result<Vec<Change>, Error> {
    let review = &sitting.review;
    let mut changes = Vec::new();
    for member in &review.members {
        let computed = format!(
            "/expert_reviews/{}/contracts/{contract}/recusals/{}",
            review.id, member.username
        );
        let Some(reason) = member.recusal_reason.clone() else {
            continue;
        };
        if made.iter().any(|c| c.pointer == computed) || sitting.is_recused(contract, &member.username) {
            continue;
        }
        let mut recusal = Recusal {
            id: 0,
            contract_id: contract,
            username: member.username.clone(),
            kind: RecusalKind::Declared,
            reason,
            recorded_by: by.to_owned(),
            recorded_at: at,
        };
        changes.push(recuse(db, review.id, &mut recusal)?);
    }
    Ok(changes)
}

/// The open panel that a contract is to join; a wrong field where there is none of that key.
///
/// # Errors
/// [`Error::Conflict`] where it is closed, full, or has had this contract before it, or where its convener may not decide on it.
pub(in crate::usecases) fn panel_to_join(
    db: &mut Db,
    id: i64,
    contract: &Contract,
    errors: &mut Vec<FieldError>,
) -> Result<Option<Sitting>, Error> {
    let Some(sitting) = expert_reviews::find(db, id)? else {
        let detail = "没有这次专家论证。";
        errors.push(FieldError::new("/expert_review_id", "unknown_expert_review", detail));
        return Ok(None);
    };
    at_work(&sitting.review)?;
    may_join(&sitting.review, contract.id, 0)?;
    // Who chooses the experts must be free to decide, whoever brings the contract, and there to replace them.
    let convener = accounts::find_by_name(db, &sitting.review.convened_by)?;
    if convener.is_none_or(|c| !c.is_unlocked() || policy::decide_bring(&c.actor(), contract).is_err()) {
        return Err(Error::Conflict("该次论证的召集人不得办理这项合同，请另行召集。".into()));
    }
    Ok(Some(sitting))
}

/// Refuses a contract that a panel has had before it, and one too many, where `more` are to join beside it.
pub(super) fn may_join(review: &ExpertReview, contract: i64, more: usize) -> Result<(), Error> {
    if review.contract(contract).is_some() {
        let why = format!("合同 {contract} 已经过该次论证，请另行召集。");
        return Err(Error::Conflict(why));
    }
    if review.contracts.len() + more >= MOST_CONTRACTS {
        let why = format!("一次论证不得超过 {MOST_CONTRACTS} 项合同。");
        return Err(Error::Conflict(why));
    }
    Ok(())
}

/// Puts a contract that is being referred before an open panel.
///
/// # Errors
/// Where the store does not answer.
pub(in crate::usecases) fn join(
    db: &mut Db,
    sitting: &Sitting,
    contract: &Contract,
    actor: &Actor,
    at: Moment,
) -> Result<(), Error> {
    let changes = put(db, sitting, contract, &actor.username, at)?;
    enter(db, (actor, Role::Reviewer), "add_to_expert_review", None, changes, at)
}

/// Takes a contract off the panel that has it, if one does.
///
/// # Errors
/// Where the store does not answer.
pub(in crate::usecases) fn leave(
    db: &mut Db,
    contract: &Contract,
    actor: &Actor,
    reason: &str,
    at: Moment,
) -> Result<(), Error> {
    let Some(review) = expert_reviews::open_panel_of(db, contract.id)? else {
        return Ok(());
    };
    let ended = PanelContract {
        contract_id: contract.id,
        outcome: Outcome::Recalled,
        rule_set: String::new(),
        rounds: Vec::new(),
        concluded: None,
        reason: Some(reason.to_owned()),
        ended_at: Some(at),
        ended_by: Some(actor.username.clone()),
    };
    end(db, review, &ended, (actor, Role::Reviewer), Vec::new(), at)
}

/// Ends a contract on its panel, which closes with its last one, and enters that in the ledger.
pub(super) fn end(
    db: &mut Db,
    review: i64,
    contract: &PanelContract,
    who: (&Actor, Role),
    mut changes: Vec<Change>,
    at: Moment,
) -> Result<(), Error> {
    let id = contract.contract_id;
    if !expert_reviews::end_contract(db, review, contract)? {
        return Err(Error::Conflict(format!("合同 {id} 已不在论证中。")));
    }
    let (open, now) = (Outcome::Open.id(), contract.outcome.id());
    changes.push(change(review, &format!("/contracts/{id}"), json!(open), json!(now)));
    let mut sitting = expert_reviews::find(db, review)?.ok_or(Error::NotFound)?.review;
    if sitting.contracts.iter().all(|c| c.outcome != Outcome::Open) {
        sitting.state = PanelState::Closed;
        sitting.closed_at = Some(at);
        expert_reviews::update(db, &sitting)?;
        let (open, closed) = (PanelState::Open.id(), PanelState::Closed.id());
        changes.push(change(review, "/state", json!(open), json!(closed)));
    }
    enter(db, who, "end_expert_review", None, changes, at)
}
