//! A request that nobody decided before the contract was something else.

use serde_json::json;

use crate::{
    domain::{
        change_request::{Decided, RequestState},
        contract::Contract,
        ledger::Change,
        time::Moment,
    },
    storage::{Db, change_requests},
    usecases::Error,
};

/// Closes the contract's open request, if there is one; answers what the ledger is to say of it beside the contract's own
/// `open_change_request`. Whoever calls writes the contract.
///
/// # Errors
/// Where the store does not answer.
pub(in crate::usecases) fn close_open(
    db: &mut Db,
    contract: &mut Contract,
    by: &str,
    at: Moment,
    reason: Option<&str>,
) -> Result<Vec<Change>, Error> {
    let Some(id) = contract.open_change_request.take() else {
        return Ok(Vec::new());
    };
    let decided = Decided {
        state: RequestState::Closed,
        by: by.to_owned(),
        at,
        reason: reason.map(str::to_owned),
        document_number: None,
    };
    if !change_requests::decide(db, (contract.id, id), &decided)? {
        return Err(Error::internal(format!(
            "change request {id} is not open, but its contract says so"
        )));
    }
    Ok(vec![state_change(id, RequestState::Closed)])
}

/// What the ledger says of a request's state.
pub(super) fn state_change(id: i64, to: RequestState) -> Change {
    Change {
        pointer: format!("/change_requests/{id}/state"),
        from: json!(RequestState::Open.id()),
        to: json!(to.id()),
    }
}
