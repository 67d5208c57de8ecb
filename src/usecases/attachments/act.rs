//! The frame of acts on a contract's attachments: in the order of `contracts::act`, without a step of the workflow.

use crate::{
    domain::{
        account::Role,
        contract::Contract,
        ledger::{Act, Change},
        policy::{self, Scope},
        time::Moment,
        workflow::FileAct,
    },
    storage::{Db, attachments, contracts, ledger},
    usecases::{Error, command::Command},
};

/// Loads the contract and lets the caller through, or says why not. `attachment`: one that must be there.
pub(super) fn admit<T>(
    db: &mut Db,
    command: &Command<T>,
    id: i64,
    attachment: Option<i64>,
    act: FileAct,
) -> Result<(Contract, Role), Error> {
    let contract = contracts::find(db, id)?
        .filter(|c| Scope::of(&command.actor).shows(c))
        .ok_or(Error::NotFound)?;
    if let Some(attachment) = attachment {
        attachments::find(db, id, attachment)?.ok_or(Error::NotFound)?;
    }
    let role = policy::decide_files(&command.actor, &contract)?;
    let version = command.version.ok_or(Error::VersionMissing)?;
    if version != contract.version {
        return Err(Error::Stale {
            current: contract.version,
        });
    }
    let seen_by_others = act == FileAct::Detach && contract.submitted_at.is_some();
    if !act.states().contains(&contract.state) || seen_by_others {
        return Err(Error::WrongState(contract.state));
    }
    Ok((contract, role))
}

/// Raises the contract's version and enters the act in the ledger; answers the version.
pub(super) fn enter<T>(
    db: &mut Db,
    command: &Command<T>,
    (before, role): (Contract, Role),
    act: FileAct,
    change: Change,
    now: Moment,
) -> Result<i64, Error> {
    let version = before.version;
    let mut contract = before.clone();
    if !contracts::update(db, &before, &mut contract, act.states())? {
        // Another process wrote between the reading and the writing.
        let current = contracts::find(db, contract.id)?.ok_or(Error::NotFound)?;
        return Err(if current.version == version {
            Error::WrongState(current.state)
        } else {
            Error::Stale {
                current: current.version,
            }
        });
    }
    let state = Some(contract.state.id().to_owned());
    ledger::append(
        db,
        Act {
            at: now,
            actor: command.actor.username.clone(),
            role: Some(role.id().to_owned()),
            contract: Some(contract.id),
            action: act.id().to_owned(),
            from: state.clone(),
            to: state,
            reason: None,
            changes: vec![change],
        },
    )?;
    Ok(contract.version)
}
