//! Who is told of an act on a contract.

use crate::{
    domain::{account::Role, contract::Contract, policy::Scope, time::Moment, workflow::Action},
    mail::Notice,
    storage::{Db, accounts, messages},
    usecases::{Context, Error},
};

use super::{Tell, tell};

/// An act that was done.
pub(in crate::usecases) struct Acted<'a> {
    /// What was done.
    pub action: Action,
    /// The contract before.
    pub before: &'a Contract,
    /// The contract after, as written.
    pub after: &'a Contract,
    /// What the ledger says of it in words.
    pub reason: Option<&'a str>,
    /// Name of who did it.
    pub by: &'a str,
    /// When.
    pub at: Moment,
}

/// Tells of an act whom it concerns: of decisions, whoever submitted the contract (or, where that person may not see it any more,
/// the registrars of its agency); of work that goes to other
/// hands, whoever had it and whoever has it now.
pub(in crate::usecases) fn on_act(db: &mut Db, ctx: &Context, acted: &Acted<'_>) -> Result<(), Error> {
    let after = acted.after;
    let project = after.content.project_name.as_deref().unwrap_or("（未填写名称）");
    let number = after.registration_number.as_deref().unwrap_or("（无）");
    let reason = acted.reason.unwrap_or("（未说明）");
    let notice = match acted.action {
        Action::Return => {
            let returned = after.returned.as_ref();
            Notice::Returned {
                project,
                reason: returned.map_or(reason, |r| &r.reason),
                items: returned.map_or(&[], |r| &r.items),
            }
        }
        Action::Confirm => Notice::Confirmed { project, number },
        Action::Refuse => Notice::Refused { project, reason },
        Action::Revoke => Notice::Revoked {
            project,
            number,
            document: after
                .ended
                .as_ref()
                .and_then(|e| e.document_number.as_deref())
                .unwrap_or("（无）"),
            reason,
        },
        Action::Reinstate => Notice::Reinstated {
            project,
            number,
            reason,
        },
        Action::Reopen => Notice::Reopened { project, reason },
        Action::Reassign => Notice::TakenOver { project, reason },
        Action::Release => Notice::Released { project },
        // What one does oneself, and what its own part tells of: panels, change requests.
        Action::Edit
        | Action::Discard
        | Action::Submit
        | Action::Withdraw
        | Action::Claim
        | Action::Refer
        | Action::Recall
        | Action::Conclude
        | Action::Amend
        | Action::Cancel
        | Action::Report => return Ok(()),
    };
    let concerned = match acted.action {
        Action::Reassign | Action::Release => match &acted.before.claimed_by {
            Some(claimer) if may_be_told(db, claimer, after)? => vec![claimer.clone()],
            _ => Vec::new(),
        },
        _ => {
            let who: Vec<&str> = [&after.submitted_by, &after.entered_by]
                .into_iter()
                .filter_map(|w| w.as_deref())
                .collect();
            first_or_registrars(db, &who, after)?
        }
    };
    let once = format!("v{}", after.version);
    for to in &concerned {
        let message = Tell {
            to,
            by: acted.by,
            notice,
            contract_id: Some(after.id),
            once: &once,
        };
        tell(db, ctx, &message, acted.at)?;
    }
    if let (Action::Reassign, Some(receiver)) = (acted.action, &after.claimed_by) {
        let message = Tell {
            to: receiver,
            by: acted.by,
            notice: Notice::HandedOver { project, reason },
            contract_id: Some(after.id),
            once: &once,
        };
        tell(db, ctx, &message, acted.at)?;
    }
    Ok(())
}

/// The first of `who` who is there and may see the contract; where nobody is, every registrar of its agency.
pub(super) fn first_or_registrars(db: &mut Db, who: &[&str], contract: &Contract) -> Result<Vec<String>, Error> {
    for username in who {
        if may_be_told(db, username, contract)? {
            return Ok(vec![(*username).to_owned()]);
        }
    }
    let Some(agency) = &contract.agency else {
        return Ok(Vec::new());
    };
    let mut registrars = Vec::new();
    for username in messages::accounts_of_agency(db, agency.id)? {
        let account = accounts::find_by_name(db, &username)?;
        if account.is_some_and(|a| a.roles.contains(&Role::Registrar)) && may_be_told(db, &username, contract)? {
            registrars.push(username);
        }
    }
    Ok(registrars)
}

/// Whether there is such an account, it may log in, and it may see the contract.
fn may_be_told(db: &mut Db, username: &str, contract: &Contract) -> Result<bool, Error> {
    if messages::addressee(db, username)?.is_none_or(|a| a.locked) {
        return Ok(false);
    }
    let account = accounts::find_by_name(db, username)?;
    Ok(account.is_some_and(|a| Scope::of(&a.actor()).shows(contract)))
}
