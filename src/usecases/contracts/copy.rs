//! `create` from an earlier contract: parties, classification and wording are taken over, what belongs to that contract alone is not.

use crate::{
    domain::{
        contract::Content,
        draft::{for_another, sound_part},
        policy,
    },
    usecases::{Context, Error},
};

use super::{Answer, Command, ContractView, create::create, read::read};

/// Enters a draft of the caller's agency that begins with what an earlier contract says. What history has that could not be entered
/// today is left out.
///
/// # Errors
/// Who is no registrar of an agency; [`Error::NotFound`] where there is no contract that the caller may know of.
pub async fn copy(ctx: &Context, command: Command<ContractView>, id: i64) -> Result<Answer<ContractView>, Error> {
    let earlier = read(ctx, command.actor.clone(), id).await?;
    policy::decide_create(&command.actor)?;
    let content = for_another(&earlier.contract.content);
    let content = sound_part(content, &Content::default(), &[], &ctx.catalogue);
    create(ctx, command, Box::new(move |_| Ok(content.clone()))).await
}
