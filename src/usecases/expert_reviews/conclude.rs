//! `conclude`: the chair draws the conclusion that the votes give; the contract goes back to its reviewer with it.

use crate::{
    domain::{
        contract::ExpertConclusion,
        error::FieldError,
        expert_review::{Concluded, Outcome, PanelContract, tally},
        policy,
    },
    storage::{contracts, expert_reviews},
    usecases::{
        Context, Error,
        command::change,
        contracts::conclude as contract,
        values::{checked, required_text, settle},
    },
};

use super::{Answer, Checked, Command, PanelView, give_opinion, panel, view};

/// On what, and why.
#[derive(Clone, Default)]
pub struct ConcludeInput {
    /// Key of the contract.
    pub contract_id: Option<i64>,
    /// What the chair takes the conclusion to be; must be what the votes give.
    pub conclusion: Option<String>,
    /// In words.
    pub reason: Option<String>,
}

/// Concludes on one contract of a panel, which closes with its last one.
///
/// # Errors
/// Who is not the chair; a closed panel, a contract that is not open any more, no quorum, no majority; no reason, another conclusion
/// than the votes give, a contract that is not there or that the chair stays out of.
pub async fn conclude(
    ctx: &Context,
    command: Command<PanelView>,
    id: i64,
    input: Checked<ConcludeInput>,
) -> Result<Answer<PanelView>, Error> {
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let actor = &command.actor;
        let mut sitting = panel::visible(db, actor, id)?;
        let role = policy::decide_conclude(actor, &sitting.review)?;
        panel::at_work(&sitting.review)?;
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let reason = required_text(&mut errors, "/reason", input.reason.as_deref());
        let named = input
            .conclusion
            .as_deref()
            .and_then(|id| give_opinion::vote(&mut errors, "/conclusion", Some(id)));
        let asked = input.contract_id.filter(|c| sitting.is_shown(*c, &actor.username));
        let Some(line) = asked.and_then(|c| sitting.review.contract(c)).cloned() else {
            errors.push(match input.contract_id {
                Some(_) => panel::unknown_contract("/contract_id"),
                None => FieldError::new("/contract_id", "required", "此项必填。"),
            });
            settle(errors)?;
            return Err(Error::NotFound);
        };
        panel::still_open(&line)?;
        let concluded = contracts::find(db, line.contract_id)?.ok_or_else(|| Error::internal("a contract vanished"))?;
        // Whom something keeps out that was not known when the panel met does not count, whatever he or she said.
        let experts = panel::backgrounds(db, &sitting.review)?;
        let changes = panel::recuse_conflicted(db, &sitting, &concluded, &experts, &actor.username, now)?;
        if !changes.is_empty() {
            sitting = expert_reviews::find(db, id)?.ok_or(Error::NotFound)?;
        }
        if sitting.is_recused(concluded.id, &actor.username) {
            return Err(Error::Conflict("组长应予回避，请召集人更换组长。".into()));
        }
        let rules = context
            .catalogue
            .rule_set(&line.rule_set)
            .ok_or_else(|| Error::internal(format!("no rule set {}", line.rule_set)))?;
        let entitled = sitting.entitled(concluded.id);
        let (ballot, quorum) = tally(&rules.expert_review, entitled, &sitting.ballots(concluded.id))
            .map_err(|why| Error::Conflict(why.to_string()))?;
        if named.is_some_and(|named| named != ballot.vote) {
            let detail = format!("与表决结果不符：多数意见为“{}”。", ballot.vote.label());
            errors.push(FieldError::new("/conclusion", "not_the_majority", detail));
        }
        settle(errors)?;
        let (ballot, contract_id) = (ballot.clone(), concluded.id);
        let conclusion = ExpertConclusion {
            expert_review_id: id,
            at: now,
            conclusion: ballot.vote,
            contract_type: ballot.changes.contract_type.clone(),
            subtype: ballot.changes.subtype.clone(),
            technology_amount_fen: ballot.changes.technology_amount_fen,
        };
        contract::conclude(db, &context, (actor, role), concluded, conclusion, reason.clone(), now)?;
        let ended = PanelContract {
            contract_id,
            outcome: Outcome::Concluded,
            rule_set: line.rule_set,
            concluded: Some(Concluded {
                ballot,
                entitled: quorum.entitled,
                votes: quorum.votes,
            }),
            reason: Some(reason),
            ended_at: Some(now),
            ended_by: Some(actor.username.clone()),
        };
        panel::end(db, id, &ended, (actor, role), changes, now)?;
        let sitting = expert_reviews::find(db, id)?.ok_or(Error::NotFound)?;
        view::panel(&context, actor, &sitting)
    })
    .await
}
