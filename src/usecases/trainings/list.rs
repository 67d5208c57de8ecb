//! Pages of trainings.

use crate::{
    domain::{
        account::Actor,
        policy::{self, RegistrarScope},
        registrar::TrainingKind,
    },
    storage::trainings::{self, Training},
    usecases::{Context, Error},
};

/// Which trainings.
#[derive(Debug, Clone, Default)]
pub struct TrainingQuery {
    /// Of this kind alone.
    pub kind: Option<TrainingKind>,
    /// Begin after this key.
    pub after: Option<i64>,
    /// Trainings at most.
    pub limit: i64,
}

/// A page of the trainings that the caller may see (a registrar: those taken part in), and whether more follow.
///
/// # Errors
/// Rights.
pub async fn list(ctx: &Context, actor: Actor, query: TrainingQuery) -> Result<(Vec<Training>, bool), Error> {
    let taken_by = match policy::registrar_scope(&actor)? {
        RegistrarScope::All => None,
        RegistrarScope::Own(Some(number)) => Some(number),
        RegistrarScope::Own(None) => return Ok((Vec::new(), false)),
    };
    ctx.store
        .read(move |db| {
            let wanted = usize::try_from(query.limit).unwrap_or(usize::MAX);
            let (after, limit) = (query.after, query.limit + 1);
            let mut found = trainings::page(db, query.kind, taken_by.as_deref(), after, limit)?;
            let more = found.len() > wanted;
            found.truncate(wanted);
            Ok((found, more))
        })
        .await
}
