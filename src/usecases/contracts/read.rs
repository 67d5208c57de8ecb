//! Reading one contract.

use crate::{
    domain::{account::Actor, contract::Contract, policy::Scope},
    storage::{
        Db, contracts, expert_seats,
        revisions::{self, Revision},
    },
    usecases::{Context, Error},
};

use super::ContractView;

/// One contract, as the caller sees it.
///
/// # Errors
/// [`Error::NotFound`] where there is none that the caller may know of.
pub async fn read(ctx: &Context, actor: Actor, id: i64) -> Result<ContractView, Error> {
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            let contract = visible(db, &actor, id)?;
            ContractView::full(db, &context, &actor, contract, context.clock.now())
        })
        .await
}

/// One revision of a contract's content.
///
/// # Errors
/// [`Error::NotFound`] where there is none that the caller may know of.
pub async fn read_revision(ctx: &Context, actor: Actor, id: i64, revision: i64) -> Result<Revision, Error> {
    ctx.store
        .read(move |db| {
            visible(db, &actor, id)?;
            revisions::find(db, id, revision)?.ok_or(Error::NotFound)
        })
        .await
}

/// The contract, if the actor may see it. For whoever sees contracts of panels alone the seat is asked for before anything is
/// loaded, so that neither the answer nor its time tells a contract that is hidden from one that is not there.
pub(in crate::usecases) fn visible(db: &mut Db, actor: &Actor, id: i64) -> Result<Contract, Error> {
    let scope = Scope::of(actor);
    if scope.is_empty() {
        return Err(Error::NotFound);
    }
    if let Some(expert) = scope.panels_alone()
        && !expert_seats::is_seated(db, expert, id)?
    {
        return Err(Error::NotFound);
    }
    contracts::find(db, id)?
        .filter(|c| scope.shows(c))
        .ok_or(Error::NotFound)
}
