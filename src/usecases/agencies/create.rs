//! Adding an agency.

use super::fields::{self, AgencyInput};
use crate::{
    domain::{
        account_ledger::{AccountAction, AccountEvent},
        contract::Agency,
        policy,
    },
    storage::{account_ledger, agencies},
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        values::{Checked, checked, settle},
    },
};

/// Adds an agency.
///
/// # Errors
/// Who is no administrator; everything that is wrong with name and code.
pub async fn create(
    ctx: &Context,
    command: Command<Agency>,
    input: Checked<AgencyInput>,
) -> Result<Answer<Agency>, Error> {
    change(ctx, command, move |db, command, now| {
        policy::decide_change_accounts(&command.actor)?;
        let none = Agency {
            id: 0,
            code: None,
            name: String::new(),
        };
        let (mut agency, mut wrong) = fields::apply(&none, &checked(&input)?);
        wrong.extend(fields::taken(db, &agency)?);
        settle(wrong)?;
        agency.id = agencies::insert(db, &agency.name, agency.code.as_deref(), now)?;
        let mut event = AccountEvent::new(now, AccountAction::AddAgency).by_administrator(&command.actor);
        event.agency = Some(agency.id);
        event.changes = fields::changes(None, &agency);
        account_ledger::append(db, event)?;
        Ok(agency)
    })
    .await
}
