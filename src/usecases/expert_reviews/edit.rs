//! `edit`: the convener changes title, day, chair or members, and takes in contracts that wait for experts.

use serde_json::json;

use crate::{
    domain::{
        error::FieldError,
        expert_review::{ExpertReview, Outcome, Sitting, conflict::Background},
        ledger::Change,
        policy,
        time::{Date, Moment},
    },
    storage::{Db, contracts, expert_reviews},
    usecases::{
        Context, Error,
        command::change,
        entry,
        messages::invite,
        values::{checked, settle},
    },
};

use super::{Answer, Checked, Command, PanelView, convene, panel, view};

/// What is to change; the outer `None` leaves it as it is.
#[derive(Clone, Default)]
pub struct EditInput {
    /// What the session is called.
    pub title: Option<Option<String>>,
    /// The day of the session.
    pub held_on: Option<Option<Date>>,
    /// Username of the member who concludes.
    pub chair: Option<Option<String>>,
    /// All members, by username.
    pub experts: Option<Option<Vec<String>>>,
    /// Keys of contracts that wait for experts, to be taken in; those that are before the panel stay.
    pub contracts: Option<Option<Vec<i64>>>,
}

/// Changes a panel.
///
/// # Errors
/// Who did not convene it; a closed panel; a member with an opinion who is to go; and what [`convene::convene`] refuses.
pub async fn edit(
    ctx: &Context,
    command: Command<PanelView>,
    id: i64,
    input: Checked<EditInput>,
) -> Result<Answer<PanelView>, Error> {
    let context = ctx.clone();
    change(ctx, command, move |db, command, now| {
        let actor = &command.actor;
        let sitting = panel::visible(db, actor, id)?;
        let role = policy::decide_change_panel(actor, &sitting.review)?;
        panel::at_work(&sitting.review)?;
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let known = |id: &i64| sitting.review.contract(*id).is_some_and(|c| c.outcome == Outcome::Open);
        let mut wanted = input.contracts.flatten().unwrap_or_default();
        wanted.retain(|id| !known(id));
        let joining = convene::waiting(db, actor, &wanted, &mut errors)?;
        for (more, contract) in joining.iter().enumerate() {
            panel::may_join(&sitting.review, contract.id, more)?;
        }
        let mut review = sitting.review.clone();
        if let Some(title) = input.title {
            review.title = convene::title(&mut errors, title.as_deref());
        }
        if let Some(day) = input.held_on {
            review.held_on = convene::held_on(&mut errors, day).unwrap_or(review.held_on);
        }
        let experts = match input.experts {
            Some(experts) => Some(convene::experts(
                db,
                &mut errors,
                experts.as_deref().unwrap_or_default(),
                &sitting.review.members,
            )?),
            None => None,
        };
        if let Some(experts) = &experts {
            keep_who_spoke(&sitting, experts)?;
        }
        let chair_named = input.chair.is_some();
        if let Some(chair) = input.chair {
            review.chair = chair.unwrap_or_default();
        }
        check_chair(&mut errors, &review, experts.as_deref(), chair_named);
        settle(errors)?;

        let mut changes = plain_changes(&sitting.review, &review);
        if !changes.is_empty() {
            expert_reviews::update(db, &review)?;
        }
        if let Some(experts) = &experts {
            changes.extend(reseat(db, &sitting, experts, &actor.username, now)?);
        }
        changes.extend(convene::bring(db, id, &joining, &actor.username, now)?);
        if !changes.is_empty() {
            entry::enter(db, (actor, role), "edit_expert_review", None, changes, now)?;
        }
        let earlier = sitting.review;
        let sitting = expert_reviews::find(db, id)?.ok_or(Error::NotFound)?;
        let members = sitting.review.members.iter().map(|m| m.username.as_str());
        let joined: Vec<&str> = members.filter(|username| !earlier.seats(username)).collect();
        invite(db, &context, &sitting, &joined, &actor.username, now)?;
        view::seen(&context, actor, &sitting)
    })
    .await
}

/// The chair sits on the panel; a new one is in office, too.
fn check_chair(errors: &mut Vec<FieldError>, review: &ExpertReview, experts: Option<&[Background]>, named: bool) {
    let seated = match experts {
        Some(experts) => experts.iter().any(|e| e.username == review.chair),
        None => review.seats(&review.chair),
    };
    if !seated {
        let detail = "组长应为本次论证的专家之一。";
        errors.push(FieldError::new("/chair", "not_an_expert", detail));
    } else if named && review.members.iter().any(|m| m.username == review.chair && !m.active) {
        errors.push(convene::no_expert("/chair"));
    }
}

fn plain_changes(before: &ExpertReview, after: &ExpertReview) -> Vec<Change> {
    [
        ("/title", json!(before.title), json!(after.title)),
        ("/held_on", json!(before.held_on), json!(after.held_on)),
        ("/chair", json!(before.chair), json!(after.chair)),
    ]
    .into_iter()
    .filter(|(_, from, to)| from != to)
    .map(|(below, from, to)| panel::change(before.id, below, from, to))
    .collect()
}

/// An opinion stays with its author on the panel: who has given one may be recused, not removed.
fn keep_who_spoke(sitting: &Sitting, experts: &[Background]) -> Result<(), Error> {
    let gone = |username: &str| !experts.iter().any(|e| e.username == username);
    match sitting.opinions.iter().find(|o| gone(&o.username)) {
        Some(opinion) => Err(Error::Conflict(format!(
            "{} 已发表意见，不能移出；如须回避，请登记回避。",
            opinion.username
        ))),
        None => Ok(()),
    }
}

/// Seats exactly `experts`; who joins and must stay out of a contract does. What the ledger says of it.
fn reseat(db: &mut Db, sitting: &Sitting, experts: &[Background], by: &str, now: Moment) -> Result<Vec<Change>, Error> {
    let review = &sitting.review;
    let before: Vec<&str> = review.members.iter().map(|m| m.username.as_str()).collect();
    let after: Vec<&str> = experts.iter().map(|e| e.username.as_str()).collect();
    if before == after {
        return Ok(Vec::new());
    }
    for gone in before.iter().filter(|u| !after.contains(u)) {
        expert_reviews::remove_member(db, review.id, gone)?;
    }
    let joining: Vec<Background> = experts
        .iter()
        .filter(|e| !before.contains(&e.username.as_str()))
        .cloned()
        .collect();
    for expert in &joining {
        expert_reviews::add_member(db, review.id, &expert.username, now)?;
    }
    let mut changes = vec![panel::change(review.id, "/experts", json!(before), json!(after))];
    for line in review.contracts.iter().filter(|c| c.outcome == Outcome::Open) {
        let contract = contracts::find(db, line.contract_id)?.ok_or_else(|| Error::internal("a contract vanished"))?;
        changes.extend(panel::recuse_conflicted(db, sitting, &contract, &joining, by, now)?);
    }
    Ok(changes)
}
