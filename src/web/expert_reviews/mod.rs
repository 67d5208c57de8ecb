//! `/expert-reviews`: expert panels 专家论证, a file per page or kind of page.

pub mod acts;
pub mod chair;
pub mod convene;
pub mod list;
pub mod minutes;
pub mod show;

use crate::{
    domain::{
        account::Actor,
        expert_review::{Member, Outcome, PanelContract, PanelState},
    },
    usecases::{
        Context, Error,
        expert_reviews::{PanelView, read},
    },
};

use super::{refusal::Refusal, table::Cell};

/// Where panels are.
const PLACE: &str = "/expert-reviews";

fn address_of(id: i64) -> String {
    format!("{PLACE}/{id}")
}

const fn state_label(state: PanelState) -> &'static str {
    match state {
        PanelState::Open => "论证中",
        PanelState::Closed => "已结束",
    }
}

fn state_mark(state: PanelState) -> Cell {
    match state {
        PanelState::Open => Cell::mark(state_label(state), "wait"),
        PanelState::Closed => Cell::mark(state_label(state), "good"),
    }
}

fn outcome_mark(outcome: Outcome) -> Cell {
    let kind = match outcome {
        Outcome::Open => "wait",
        Outcome::Concluded => "good",
        Outcome::Recalled => "over",
    };
    Cell::mark(outcome.label(), kind)
}

/// A member by the person's name, where there is one, and the account's.
fn named(member: &Member) -> String {
    match &member.full_name {
        Some(name) => format!("{name}（{}）", member.username),
        None => member.username.clone(),
    }
}

/// Someone of a panel by a username.
fn person(view: &PanelView, username: &str) -> String {
    let member = view.review.members.iter().find(|m| m.username == username);
    member.map_or_else(|| username.to_owned(), named)
}

/// A contract of a panel that the visitor may know of.
fn line_of(view: &PanelView, contract: i64) -> Result<&PanelContract, Refusal> {
    Ok(view.review.contract(contract).ok_or(Error::NotFound)?)
}

/// A panel that is at work: its acts have no page afterwards.
async fn at_work(ctx: &Context, actor: Actor, id: i64) -> Result<PanelView, Refusal> {
    let view = read::read(ctx, actor, id).await?;
    match view.review.state {
        PanelState::Open => Ok(view),
        PanelState::Closed => Err(Error::Conflict("该次论证已经结束。".into()).into()),
    }
}
