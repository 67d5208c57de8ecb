//! Experts who are asked to a panel, or to vote again, are told so.

use crate::{
    domain::{
        expert_review::{PanelContract, Sitting},
        time::Moment,
    },
    mail::Notice,
    storage::{Db, contracts},
    usecases::{Context, Error},
};

use super::{Tell, tell};

/// Invites `experts`, members of the panel, to it. Each is told the number of the contracts that he or she may know of, and of no
/// others.
pub(in crate::usecases) fn invite(
    db: &mut Db,
    ctx: &Context,
    sitting: &Sitting,
    experts: &[&str],
    by: &str,
    now: Moment,
) -> Result<(), Error> {
    let review = &sitting.review;
    // Whoever is taken off and asked again is told again.
    let once = format!("{}@{}", review.id, now.micros());
    for expert in experts {
        let shown = review
            .contracts
            .iter()
            .filter(|c| sitting.is_shown(c.contract_id, expert));
        let message = Tell {
            to: expert,
            by,
            notice: Notice::ExpertInvited {
                title: &review.title,
                held_on: Some(review.held_on),
                chair: review.chair == **expert,
                contracts: shown.count(),
            },
            contract_id: None,
            once: &once,
        };
        tell(db, ctx, &message, now)?;
    }
    Ok(())
}

/// Tells the members of a panel who may vote on a contract that another round of voting has begun.
pub(in crate::usecases) fn vote_again(
    db: &mut Db,
    ctx: &Context,
    sitting: &Sitting,
    contract: i64,
    by: &str,
    now: Moment,
) -> Result<(), Error> {
    let review = &sitting.review;
    let round = review.contract(contract).map_or(1, PanelContract::round);
    let project = contracts::find(db, contract)?.and_then(|c| c.content.project_name);
    let once = format!("{}/{round}", review.id);
    let members = review.members.iter().map(|m| m.username.as_str());
    for member in members.filter(|username| sitting.is_shown(contract, username)) {
        let message = Tell {
            to: member,
            by,
            notice: Notice::VotingAgain {
                title: &review.title,
                project: project.as_deref().unwrap_or_default(),
                round,
            },
            contract_id: Some(contract),
            once: &once,
        };
        tell(db, ctx, &message, now)?;
    }
    Ok(())
}
