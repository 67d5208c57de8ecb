//! What the acts on certificates share: who may, which certificate, and the entry in the ledger.

use crate::{
    domain::{
        account::{Actor, Role},
        ledger::{Act, Change},
        policy::{self, RegistrarScope},
        time::Moment,
    },
    storage::{
        Db, ledger,
        registrars::{self, Registrar},
    },
    usecases::Error,
};

/// The certificate of a number, if the caller may know of it.
pub(super) fn visible(db: &mut Db, actor: &Actor, number: &str) -> Result<Registrar, Error> {
    match policy::registrar_scope(actor)? {
        RegistrarScope::All => {}
        RegistrarScope::Own(own) if own.as_deref() == Some(number) => {}
        RegistrarScope::Own(_) => return Err(Error::NotFound),
    }
    registrars::find(db, number)?.ok_or(Error::NotFound)
}

/// The certificate that the caller means to change, and the role acted in.
pub(super) fn admit(db: &mut Db, actor: &Actor, number: &str) -> Result<(Registrar, Role), Error> {
    let registrar = visible(db, actor, number)?;
    Ok((registrar, policy::decide_registrars(actor)?))
}

/// Enters an act on no contract in the ledger.
pub(in crate::usecases) fn enter(
    db: &mut Db,
    actor: &Actor,
    role: Role,
    action: &str,
    reason: Option<String>,
    changes: Vec<Change>,
    at: Moment,
) -> Result<(), Error> {
    ledger::append(
        db,
        Act {
            at,
            actor: actor.username.clone(),
            role: Some(role.id().to_owned()),
            contract: None,
            action: action.to_owned(),
            from: None,
            to: None,
            reason,
            changes,
        },
    )?;
    Ok(())
}
