//! Reading one training.

use crate::{
    domain::{
        account::Actor,
        policy::{self, RegistrarScope},
    },
    storage::{
        Db,
        trainings::{self, Participant, Training},
    },
    usecases::{Context, Error},
};

/// A training with those who took part, as far as the caller may see them.
#[derive(Debug, Clone)]
pub struct TrainingView {
    /// The training.
    pub training: Training,
    /// Who took part.
    pub participants: Vec<Participant>,
}

/// One training.
///
/// # Errors
/// [`Error::NotFound`] where there is none that the caller may know of; rights.
pub async fn read(ctx: &Context, actor: Actor, id: i64) -> Result<TrainingView, Error> {
    ctx.store.read(move |db| view(db, &actor, id)).await
}

/// The training as the caller sees it: a registrar alone among those who took part, and not at all without having been there.
pub(super) fn view(db: &mut Db, actor: &Actor, id: i64) -> Result<TrainingView, Error> {
    let scope = policy::registrar_scope(actor)?;
    let training = trainings::find(db, id)?.ok_or(Error::NotFound)?;
    let mut participants = trainings::participants(db, id)?;
    if let RegistrarScope::Own(own) = scope {
        participants.retain(|p| own.is_some() && p.certificate_number == own);
        if participants.is_empty() {
            return Err(Error::NotFound);
        }
    }
    Ok(TrainingView { training, participants })
}
