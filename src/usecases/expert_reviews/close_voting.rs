//! `close_voting`: the chair ends a round of voting once there is a quorum. From then on the opinions are final, and the panel reads
//! them.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    domain::{
        expert_review::{ClosedVoting, NoConclusion, Quorum},
        policy,
    },
    storage::{contracts, expert_reviews, expert_rounds},
    usecases::{Context, Error, command::change, entry, values::checked},
};

use super::{Answer, Checked, Command, PanelView, panel, view};

/// On what.
#[derive(Clone, Default)]
pub struct VotingInput {
    /// Key of the contract.
    pub contract_id: Option<i64>,
}

/// Ends the round of voting on one contract of a panel. Whom something keeps out that was not known when the panel met does not
/// count, whatever he or she said; who may vote and who did is fixed.
///
/// # Errors
/// Who is not the chair, or must stay out; a closed panel, a contract that is not open any more, voting that is closed already, no
/// quorum; a contract that is not there or that the chair stays out of.
pub async fn close_voting(
    ctx: &Context,
    command: Command<PanelView>,
    id: i64,
    input: Checked<VotingInput>,
) -> Result<Answer<PanelView>, Error> {
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let actor = &command.actor;
        let mut sitting = panel::visible(db, actor, id)?;
        let role = policy::decide_conclude(actor, &sitting.review)?;
        panel::at_work(&sitting.review)?;
        let input = checked(&input)?;
        let line = panel::named_line(&sitting, actor, input.contract_id, &mut Vec::new())?.clone();
        panel::still_voting(&line)?;
        let contract = contracts::find(db, line.contract_id)?.ok_or_else(|| Error::internal("a contract vanished"))?;
        let experts = panel::backgrounds(db, &sitting.review)?;
        let mut changes = panel::recuse_conflicted(db, &sitting, &contract, &experts, &actor.username, now)?;
        if !changes.is_empty() {
            sitting = expert_reviews::find(db, id)?.ok_or(Error::NotFound)?;
        }
        if sitting.is_recused(contract.id, &actor.username) {
            return Err(Error::Conflict("组长应予回避，请召集人更换组长。".into()));
        }
        let quorum = match panel::counted(&context, &sitting, &line)? {
            Ok((_, quorum)) | Err(NoConclusion::NoMajority(quorum)) => quorum,
            Err(why) => return Err(Error::Conflict(why.to_string())),
        };
        let Quorum { votes, entitled, .. } = quorum;
        let closed = ClosedVoting {
            at: now,
            by: actor.username.clone(),
            entitled,
            votes,
        };
        if !expert_rounds::close(db, id, (contract.id, line.round()), &closed)? {
            return panel::still_voting(&line).and(Err(Error::Conflict("表决已经结束。".into())));
        }
        // The votes themselves are no part of it: the panel is not closed yet. What each said is proved by its digest.
        let digests: BTreeMap<&str, &str> = sitting
            .counted(contract.id)
            .map(|o| (o.username.as_str(), o.digest.as_str()))
            .collect();
        changes.push(panel::change(
            id,
            &format!("/contracts/{}/rounds/{}", contract.id, line.round()),
            json!({"voting": "open"}),
            json!({"voting": "closed", "entitled": entitled, "votes": votes, "opinions": digests}),
        ));
        entry::enter(db, (actor, role), "close_voting", None, changes, now)?;
        let sitting = expert_reviews::find(db, id)?.ok_or(Error::NotFound)?;
        view::seen(&context, actor, &sitting)
    })
    .await
}
