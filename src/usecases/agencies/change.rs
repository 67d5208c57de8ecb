//! Changing an agency's name or code.

use super::{
    fields::{self, AgencyInput},
    read,
};
use crate::{
    domain::{
        account_ledger::{AccountAction, AccountEvent},
        contract::Agency,
        policy,
    },
    storage::{account_ledger, agencies, contracts},
    usecases::{
        Context, Error,
        command::{Answer, Command, change as changing},
        values::{Checked, checked, settle},
    },
};

/// Changes an agency. A code stays once a registration number bears it. Another name holds for the agency's earlier contracts, too;
/// an import knows their rows by the new name from then on.
///
/// # Errors
/// 404, 403; 409 where the code must stay; everything that is wrong with name and code.
pub async fn change(
    ctx: &Context,
    command: Command<Agency>,
    key: String,
    input: Checked<AgencyInput>,
) -> Result<Answer<Agency>, Error> {
    changing(ctx, command, move |db, command, now| {
        let before = read::find(db, &key)?;
        policy::decide_change_accounts(&command.actor)?;
        let (after, mut wrong) = fields::apply(&before, &checked(&input)?);
        if before.code.is_some() && after.code != before.code && agencies::has_numbers(db, &before)? {
            return Err(Error::Conflict("已有登记编号使用该机构代码，代码不能再改。".into()));
        }
        wrong.extend(fields::taken(db, &after)?);
        settle(wrong)?;
        let changes = fields::changes(Some(&before), &after);
        if changes.is_empty() {
            return Ok(before);
        }
        agencies::update(db, &after)?;
        if after.name != before.name {
            contracts::redigest_agency(db, after.id)?;
        }
        let mut event = AccountEvent::new(now, AccountAction::ChangeAgency).by_administrator(&command.actor);
        event.agency = Some(after.id);
        event.changes = changes;
        account_ledger::append(db, event)?;
        Ok(after)
    })
    .await
}
