//! What the acts on certificates share: who may, which certificate, and the entry in the ledger.

use crate::{
    domain::{
        account::{Actor, Role},
        policy::{self, RegistrarScope},
    },
    storage::{
        Db,
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
