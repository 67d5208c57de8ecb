//! Whoever asked for a change is told how it was decided.

use crate::{
    domain::{
        change_request::{ChangeKind, ChangeRequest, RequestState},
        contract::Contract,
    },
    mail::Notice,
    storage::Db,
    usecases::{Context, Error},
};

use super::{Tell, on_act::first_or_registrars, tell};

/// Tells of a request that was granted or refused; what the agency did itself it knows, and a request that was closed since its
/// contract ended is told of with the end.
pub(in crate::usecases) fn on_decision(
    db: &mut Db,
    ctx: &Context,
    request: &ChangeRequest,
    contract: &Contract,
) -> Result<(), Error> {
    let Some(decided) = &request.decided else {
        return Ok(());
    };
    let approved = match decided.state {
        RequestState::Approved => true,
        RequestState::Refused => false,
        RequestState::Open | RequestState::Withdrawn | RequestState::Closed => return Ok(()),
    };
    let notice = Notice::ChangeDecided {
        project: contract.content.project_name.as_deref().unwrap_or("（未填写名称）"),
        change: match request.kind {
            ChangeKind::Amend => "变更",
            ChangeKind::Cancel => "注销",
        },
        approved,
        reason: decided.reason.as_deref(),
    };
    let once = request.id.to_string();
    for to in first_or_registrars(db, &[&request.requested_by], contract)? {
        let message = Tell {
            to: &to,
            by: &decided.by,
            notice,
            contract_id: Some(contract.id),
            once: &once,
        };
        tell(db, ctx, &message, decided.at)?;
    }
    Ok(())
}
