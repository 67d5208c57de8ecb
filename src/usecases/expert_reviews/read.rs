//! Reading panels, and what was said on them as far as the caller may know.

use crate::{
    domain::{
        account::{Actor, Role},
        expert_review::{PanelState, Recusal},
        policy,
    },
    storage::expert_reviews,
    usecases::{Context, Error, contracts},
};

use super::{OpinionView, PanelView, panel, view};

/// One panel.
///
/// # Errors
/// [`Error::NotFound`] where there is none that the caller may know of.
pub async fn read(ctx: &Context, actor: Actor, id: i64) -> Result<PanelView, Error> {
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            let sitting = panel::visible(db, &actor, id)?;
            view::panel(&context, &actor, &sitting)
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
            sittings.iter().map(|s| view::panel(&context, &actor, s)).collect()
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
            contracts::visible(db, &actor, id)?;
            let ids = expert_reviews::panels_of(db, id, MOST_OF_CONTRACT)?;
            let sittings = expert_reviews::sittings(db, &ids)?;
            let shown = sittings.iter().filter(|s| policy::shows_panel(&actor, &s.review));
            shown.map(|s| view::panel(&context, &actor, s)).collect()
        })
        .await
}

/// The opinions that the caller may read, by key: the own ones, and all once the panel is closed.
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
