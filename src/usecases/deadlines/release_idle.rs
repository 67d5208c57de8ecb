//! Contracts that a reviewer claimed and left lying go back to those that anyone may claim.

use crate::{
    domain::{
        contract::Contract,
        ledger::Act,
        time::Moment,
        workflow::{Action, next_state},
    },
    storage::{Db, contracts, deadlines, ledger},
    usecases::{
        Context, Error,
        contracts::act::{standing_changes, write},
        messages::{Acted, on_act},
    },
};

use super::ACTOR;

/// Contracts released in one transaction.
const PAGE: i64 = 100;

/// Releases what was claimed more than `review.release_after_days` days ago; answers how many contracts.
///
/// # Errors
/// Where the store does not answer.
pub async fn release_idle(ctx: &Context) -> Result<u64, Error> {
    let days = ctx.settings.review.release_after_days;
    if days == 0 {
        return Ok(0);
    }
    let before = ctx.clock.now().plus_seconds(-days * 86_400);
    let (mut after, mut released) = (0, 0);
    loop {
        let ids = ctx
            .store
            .read(move |db| deadlines::claimed_before(db, before, after, PAGE))
            .await?;
        let Some(last) = ids.last() else {
            return Ok(released);
        };
        after = *last;
        let context = ctx.clone();
        released += ctx
            .store
            .write(move |db| {
                let mut done = 0;
                for id in &ids {
                    // Decided, handed on or released meanwhile: then it does not lie any more.
                    let found = contracts::find(db, *id)?;
                    if let Some(contract) = found.filter(|c| lies(c, before)) {
                        release(db, &context, contract, days)?;
                        done += 1;
                    }
                }
                Ok::<_, Error>(done)
            })
            .await?;
    }
}

fn lies(contract: &Contract, before: Moment) -> bool {
    next_state(contract.state, Action::Release).is_some() && contract.claimed_at.is_some_and(|at| at < before)
}

fn release(db: &mut Db, ctx: &Context, mut contract: Contract, days: i64) -> Result<(), Error> {
    let now = ctx.clock.now();
    let before = contract.clone();
    contract.state = next_state(before.state, Action::Release).unwrap_or(before.state);
    contract.claimed_by = None;
    contract.claimed_at = None;
    write(db, &before, &mut contract, Action::Release)?;
    ledger::append(
        db,
        Act {
            at: now,
            actor: ACTOR.to_owned(),
            role: None,
            contract: Some(contract.id),
            action: Action::Release.id().to_owned(),
            from: Some(before.state.id().to_owned()),
            to: Some(contract.state.id().to_owned()),
            reason: Some(format!("领取后超过 {days} 天未作决定")),
            changes: standing_changes(&before, &contract),
        },
    )?;
    let acted = Acted {
        action: Action::Release,
        before: &before,
        after: &contract,
        reason: None,
        by: ACTOR,
        at: now,
    };
    on_act(db, ctx, &acted)
}
