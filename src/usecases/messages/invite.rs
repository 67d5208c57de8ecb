//! Experts who are asked to a panel are told so.

use crate::{
    domain::{expert_review::Sitting, time::Moment},
    mail::Notice,
    storage::Db,
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
