//! What a submission would find in a content that is still being typed. Nothing is written.

use crate::{
    domain::{
        account::Actor,
        checks::{Check, tidy},
        contract::Content,
        policy,
        workflow::{Action, next_state},
    },
    usecases::{Context, Error},
};

use super::{checks::of_unsaved, read::visible};

/// All findings about a content: over the contract `id`, for whoever may edit it; or as a new one, for whoever may enter one.
///
/// # Errors
/// Rights and state, as of `edit` and `create`.
pub async fn try_out(ctx: &Context, actor: Actor, id: Option<i64>, content: Content) -> Result<Vec<Check>, Error> {
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            let today = context.clock.now().date();
            let contract = match id {
                None => {
                    policy::decide_create(&actor)?;
                    None
                }
                Some(id) => {
                    let contract = visible(db, &actor, id)?;
                    policy::decide(&actor, Action::Edit, &contract, today)?;
                    if next_state(contract.state, Action::Edit).is_none() {
                        return Err(Error::WrongState(contract.state));
                    }
                    Some(contract)
                }
            };
            let mut content = content.clone();
            tidy(&mut content);
            of_unsaved(db, &context, &actor, contract.as_ref(), &content, today)
        })
        .await
}
