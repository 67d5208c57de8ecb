//! `recuse` 回避: an expert stays out of one contract of a panel, or of the whole panel; the convener may record it for a member.

use crate::{
    domain::{
        error::FieldError,
        expert_review::{Outcome, Recusal, RecusalKind, Sitting},
        policy,
    },
    storage::expert_reviews,
    usecases::{
        Context, Error,
        command::change,
        entry,
        values::{checked, required_text, settle},
    },
};

use super::{Answer, Checked, Command, panel, view};

/// Who stays out of what, and why.
#[derive(Clone, Default)]
pub struct RecuseInput {
    /// Key of the contract; none for every contract of the panel on which voting is open, and those that join it or are voted on
    /// again later.
    pub contract_id: Option<i64>,
    /// Username of the member; the caller's own where none is named.
    pub username: Option<String>,
    /// In words.
    pub reason: Option<String>,
}

/// Records a recusal; an opinion already given is kept and does not count any more. Answers the recusals made.
///
/// # Errors
/// Who is neither the expert nor the convener; a closed panel, a contract that is not open any more or on which voting is closed (its
/// claimer may recall it, where somebody must stay out who has voted), an expert who stays out already;
/// no reason, someone who does not sit there, a contract that is not there or that the caller may not know of.
pub async fn recuse(
    ctx: &Context,
    command: Command<Vec<Recusal>>,
    id: i64,
    input: Checked<RecuseInput>,
) -> Result<Answer<Vec<Recusal>>, Error> {
    change(ctx, command, move |db, command, now| {
        let actor = &command.actor;
        let sitting = panel::visible(db, actor, id)?;
        let named = input.as_ref().ok().and_then(|i| i.username.clone());
        let whom = named.unwrap_or_else(|| actor.username.clone());
        let role = policy::decide_recuse(actor, &sitting.review, &whom)?;
        panel::at_work(&sitting.review)?;
        let input = checked(&input)?;
        let mut errors = Vec::new();
        let reason = required_text(&mut errors, "/reason", input.reason.as_deref());
        if !sitting.review.seats(&whom) {
            errors.push(FieldError::new("/username", "unknown_member", "本次论证没有这名专家。"));
        }
        let contracts = match input.contract_id {
            Some(contract) => match sitting.review.contract(contract) {
                Some(line) if view::shows(actor, &sitting, contract) => {
                    panel::still_open(line)?;
                    panel::still_voting(line)?;
                    if sitting.is_recused(contract, &whom) {
                        return Err(Error::Conflict(format!("{whom} 已回避合同 {contract}。")));
                    }
                    vec![contract]
                }
                _ => {
                    errors.push(panel::unknown_contract("/contract_id"));
                    Vec::new()
                }
            },
            None => everything(&sitting, &whom)?,
        };
        settle(errors)?;
        if input.contract_id.is_none() {
            expert_reviews::recuse_member(db, id, &whom, &reason)?;
        }
        let mut recusals = Vec::new();
        let mut changes = Vec::new();
        for contract in contracts {
            let mut recusal = Recusal {
                id: 0,
                contract_id: contract,
                username: whom.clone(),
                kind: RecusalKind::Declared,
                reason: reason.clone(),
                recorded_by: actor.username.clone(),
                recorded_at: now,
            };
            changes.push(panel::recuse(db, id, &mut recusal)?);
            recusals.push(recusal);
        }
        if input.contract_id.is_none() {
            let below = format!("/experts/{whom}/recused");
            changes.push(panel::change(id, &below, false.into(), true.into()));
        }
        entry::enter(db, (actor, role), "recuse", Some(reason), changes, now)?;
        Ok(recusals)
    })
    .await
}

/// The contracts on which voting is open and that someone does not stay out of yet.
fn everything(sitting: &Sitting, whom: &str) -> Result<Vec<i64>, Error> {
    let mut members = sitting.review.members.iter();
    if members.any(|m| m.username == whom && m.recusal_reason.is_some()) {
        return Err(Error::Conflict(format!("{whom} 已回避本次论证。")));
    }
    let lines = sitting.review.contracts.iter();
    Ok(lines
        .filter(|c| {
            c.outcome == Outcome::Open && c.closed_voting().is_none() && !sitting.is_recused(c.contract_id, whom)
        })
        .map(|c| c.contract_id)
        .collect())
}
