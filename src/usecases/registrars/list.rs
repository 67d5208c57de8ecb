//! Pages of certificates.

use crate::{
    domain::{
        account::Actor,
        policy::{self, RegistrarScope},
    },
    storage::registrars,
    usecases::{Context, Error},
};

use super::Summary;
pub use crate::storage::registrars::{Listed, RegistrarQuery};

/// A page of the certificates that the caller may see, and whether more follow.
///
/// # Errors
/// Rights.
pub async fn list(ctx: &Context, actor: Actor, mut query: RegistrarQuery) -> Result<(Vec<Summary>, bool), Error> {
    match policy::registrar_scope(&actor)? {
        RegistrarScope::All => {}
        RegistrarScope::Own(Some(number)) => query.number = Some(number),
        RegistrarScope::Own(None) => return Ok((Vec::new(), false)),
    }
    let today = ctx.clock.today();
    let wanted = usize::try_from(query.limit).unwrap_or(usize::MAX);
    query.limit += 1;
    let mut found = ctx.store.read(move |db| registrars::page(db, &query, today)).await?;
    let more = found.len() > wanted;
    found.truncate(wanted);
    Ok((found.into_iter().map(|l| Summary::of(l, today)).collect(), more))
}
