//! Reading panels, and what was said on them as far as the caller may know.

use std::collections::HashMap;

use crate::{
    domain::{
        account::{Actor, Role},
        contract::Contract,
        expert_review::{PanelState, Recusal},
        policy,
    },
    storage::{contracts, expert_reviews},
    usecases::{Context, Error, contracts::visible},
};

use super::{MOST_CONTRACTS, OpinionView, PanelView, panel, view};

/// One panel.
///
/// # Errors
/// [`Error::NotFound`] where there is none that the caller may know of.
pub async fn read(ctx: &Context, actor: Actor, id: i64) -> Result<PanelView, Error> {
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            let sitting = panel::visible(db, &actor, id)?;
            view::seen(&context, &actor, &sitting)
        })
        .await
}

/// The panels that the caller may know of, the newest first, before the key `after`; one more than `limit` where there are more.
///
/// # Errors
/// Where the store does not answer.
pub async fn list(
    ctx: &Context,
    actor: Actor,
    state: Option<PanelState>,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<PanelView>, Error> {
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            let all = policy::sees_all_panels(&actor);
            if !all && !actor.has(Role::Expert) {
                return Ok(Vec::new());
            }
            let member = Some(actor.username.as_str()).filter(|_| !all);
            let ids = expert_reviews::page(db, member, state, after, limit.saturating_add(1))?;
            let sittings = expert_reviews::sittings(db, &ids)?;
            sittings.iter().map(|s| view::seen(&context, &actor, s)).collect()
        })
        .await
}

/// Panels of one contract shown at most.
const MOST_OF_CONTRACT: i64 = 20;

/// The panels that have or had a contract before them, as far as the caller may know of them, the newest first.
///
/// # Errors
/// [`Error::NotFound`] where there is no contract that the caller may know of.
pub async fn of_contract(ctx: &Context, actor: Actor, id: i64) -> Result<Vec<PanelView>, Error> {
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            visible(db, &actor, id)?;
            let ids = expert_reviews::panels_of(db, id, MOST_OF_CONTRACT)?;
            let sittings = expert_reviews::sittings(db, &ids)?;
            let shown = sittings.iter().filter(|s| policy::shows_panel(&actor, &s.review));
            shown.map(|s| view::seen(&context, &actor, s)).collect()
        })
        .await
}

/// The opinions that the caller may read, by key: the own ones; those of the panel once voting is closed; all once the panel is
/// closed.
///
/// # Errors
/// [`Error::NotFound`] where there is no panel that the caller may know of.
pub async fn opinions(ctx: &Context, actor: Actor, id: i64) -> Result<Vec<OpinionView>, Error> {
    ctx.store
        .read(move |db| Ok(view::opinions(&actor, &panel::visible(db, &actor, id)?)))
        .await
}

/// The recusals that the caller may read, by key.
///
/// # Errors
/// [`Error::NotFound`] where there is no panel that the caller may know of.
pub async fn recusals(ctx: &Context, actor: Actor, id: i64) -> Result<Vec<Recusal>, Error> {
    ctx.store
        .read(move |db| Ok(view::recusals(&actor, &panel::visible(db, &actor, id)?)))
        .await
}

/// The contracts of a panel that the caller may know of, by key.
///
/// # Errors
/// [`Error::NotFound`] where there is no panel that the caller may know of.
pub async fn contracts(ctx: &Context, actor: Actor, id: i64) -> Result<HashMap<i64, Contract>, Error> {
    ctx.store
        .read(move |db| {
            let sitting = panel::visible(db, &actor, id)?;
            let lines = sitting.review.contracts.iter().map(|c| c.contract_id);
            let ids: Vec<i64> = lines.filter(|c| view::shows(&actor, &sitting, *c)).collect();
            Ok(contracts::find_all(db, &ids)?)
        })
        .await
}

/// Contracts that wait for experts, are before no panel, and that the caller may bring before one: in the order of their keys,
/// no more than a panel takes.
///
/// # Errors
/// [`Error::Forbidden`] for whoever convenes no panels.
pub async fn waiting(ctx: &Context, actor: Actor) -> Result<Vec<Contract>, Error> {
    policy::decide_convene(&actor)?;
    ctx.store
        .read(move |db| {
            let mut found = Vec::new();
            for id in expert_reviews::before_no_panel(db)? {
                let contract = contracts::find(db, id)?.filter(|c| policy::decide_bring(&actor, c).is_ok());
                found.extend(contract);
                if found.len() == MOST_CONTRACTS {
                    break;
                }
            }
            Ok(found)
        })
        .await
}
