//! The end of a registration, the same for a revocation and an approved cancellation.

use crate::{
    domain::{
        contract::{Contract, Ended},
        ledger::Change,
    },
    storage::{
        Db,
        endings::{self, Ending},
        standings,
    },
    usecases::{Error, change_requests},
};

/// Ends the registration as `ended` says: from that moment on the contract is not counted, and a change request that is still open
/// is closed, for `reason`. Answers what happened to the request, for the ledger's entry of the act.
///
/// # Errors
/// Where the store does not answer.
pub(in crate::usecases) fn end(
    db: &mut Db,
    contract: &mut Contract,
    ended: Ended,
    reason: Option<&str>,
) -> Result<Vec<Change>, Error> {
    standings::close(db, contract.id, ended.at)?;
    endings::insert(
        db,
        &Ending {
            contract_id: contract.id,
            at: ended.at,
            state: ended.state,
            ground: ended.ground.clone(),
            amount_fen: contract.content.amount_fen.unwrap_or(0),
        },
    )?;
    let by = ended.by.clone().unwrap_or_default();
    let changes = change_requests::close_open(db, contract, &by, ended.at, reason)?;
    contract.ended = Some(ended);
    Ok(changes)
}
