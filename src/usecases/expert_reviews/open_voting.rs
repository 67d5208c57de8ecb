//! `open_voting`: a round of voting was closed without a majority, and the chair opens another. The earlier one stays on record.

use serde_json::{Value, json};

use crate::{
    domain::policy,
    storage::{expert_reviews, expert_rounds},
    usecases::{Context, Error, command::change, entry, messages::vote_again, values::checked},
};

use super::{Answer, Checked, Command, PanelView, close_voting::VotingInput, panel, view};

/// Opens another round of voting on one contract of a panel: nobody has voted in it yet. Its members are told.
///
/// # Errors
/// Who is not the chair; a closed panel, a contract that is not open any more, voting that is not closed, a majority that there is; a
/// contract that is not there or that the chair stays out of.
pub async fn open_voting(
    ctx: &Context,
    command: Command<PanelView>,
    id: i64,
    input: Checked<VotingInput>,
) -> Result<Answer<PanelView>, Error> {
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let actor = &command.actor;
        let sitting = panel::visible(db, actor, id)?;
        let role = policy::decide_conclude(actor, &sitting.review)?;
        panel::at_work(&sitting.review)?;
        let input = checked(&input)?;
        let line = panel::named_line(&sitting, actor, input.contract_id, &mut Vec::new())?.clone();
        let contract = line.contract_id;
        if line.closed_voting().is_none() {
            return Err(Error::Conflict(format!("合同 {contract} 的表决尚未结束。")));
        }
        if panel::counted(&context, &sitting, &line)?.is_ok() {
            return Err(Error::Conflict("表决已有多数意见，请形成结论。".into()));
        }
        let round = line.round() + 1;
        expert_rounds::open(db, id, (contract, round), &actor.username, now)?;
        let below = format!("/contracts/{contract}/rounds/{round}");
        let mut changes = vec![panel::change(id, &below, Value::Null, json!({"voting": "open"}))];
        changes.extend(panel::keep_out(db, &sitting, contract, &[], &actor.username, now)?);
        entry::enter(db, (actor, role), "open_voting", None, changes, now)?;
        let sitting = expert_reviews::find(db, id)?.ok_or(Error::NotFound)?;
        vote_again(db, &context, &sitting, contract, &actor.username, now)?;
        view::seen(&context, actor, &sitting)
    })
    .await
}
