//! `conclude`: voting is closed, and the chair, with all opinions in sight, writes the reason of the conclusion that the votes give;
//! the contract goes back to its reviewer with it.

use crate::{
    domain::{
        contract::ExpertConclusion,
        expert_review::{Concluded, Outcome, PanelContract},
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
/// Who is not the chair; a closed panel, a contract that is not open any more, voting that is not closed, no majority; no reason,
/// another conclusion than the votes give, a contract that is not there or that the chair stays out of.
pub async fn conclude(
    ctx: &Context,
    command: Command<PanelView>,
    id: i64,
    input: Checked<ConcludeInput>,
) -> Result<Answer<PanelView>, Error> {
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let actor = &command.actor;
        let sitting = panel::visible(db, actor, id)?;
        let role = policy::decide_conclude(actor, &sitting.review)?;
        panel::at_work(&sitting.review)?;
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let reason = required_text(&mut errors, "/reason", input.reason.as_deref());
        let named = input
            .conclusion
            .as_deref()
            .and_then(|id| give_opinion::vote(&mut errors, "/conclusion", Some(id)));
        let line = panel::named_line(&sitting, actor, input.contract_id, &mut errors)?.clone();
        // The whole form is right and voting is closed before anybody looks at what the votes give.
        if line.closed_voting().is_none() {
            return Err(Error::Conflict("表决尚未结束，请先结束表决，再形成结论。".into()));
        }
        settle(errors)?;
        let concluded = contracts::find(db, line.contract_id)?.ok_or_else(|| Error::internal("a contract vanished"))?;
        let (ballot, quorum) =
            panel::counted(&context, &sitting, &line)?.map_err(|why| Error::Conflict(why.to_string()))?;
        if named.is_some_and(|named| named != ballot.vote) {
            let detail = format!("与表决结果不符：多数意见为“{}”。", ballot.vote.label());
            return Err(Error::invalid("/conclusion", "not_the_majority", detail));
        }
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
            rounds: line.rounds,
            concluded: Some(Concluded {
                ballot,
                entitled: quorum.entitled,
                votes: quorum.votes,
            }),
            reason: Some(reason),
            ended_at: Some(now),
            ended_by: Some(actor.username.clone()),
        };
        panel::end(db, id, &ended, (actor, role), Vec::new(), now)?;
        let sitting = expert_reviews::find(db, id)?.ok_or(Error::NotFound)?;
        view::seen(&context, actor, &sitting)
    })
    .await
}
