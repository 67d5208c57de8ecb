//! `conclude` 形成论证结论, as far as the contract goes: the panel's chair has come to a conclusion (`expert_reviews::conclude`).

use crate::{
    domain::{
        account::{Actor, Role},
        contract::{Contract, ExpertConclusion},
        time::Moment,
        workflow::{Action, next_state},
    },
    storage::Db,
    usecases::Error,
};

use super::act::{self, Told};

/// Gives a contract back to its claimer with what the experts concluded.
///
/// # Errors
/// [`Error::WrongState`] where it is not before experts any more.
pub(in crate::usecases) fn conclude(
    db: &mut Db,
    who: (&Actor, Role),
    mut contract: Contract,
    conclusion: ExpertConclusion,
    reason: String,
    now: Moment,
) -> Result<(), Error> {
    if next_state(contract.state, Action::Conclude).is_none() {
        return Err(Error::WrongState(contract.state));
    }
    let before = contract.clone();
    contract.expert_concluded_at = Some(conclusion.at);
    contract.expert_conclusion = Some(conclusion);
    let told = Told {
        reason: Some(reason),
        changes: Vec::new(),
    };
    act::finish(db, who, Action::Conclude, &before, &mut contract, told, now)
}
