//! Who may be given work.

use crate::{
    domain::{
        account::{Actor, Role},
        policy,
    },
    storage::accounts,
    usecases::{Context, Error},
};

/// Reviewers named at most.
const MOST: usize = 200;

/// User name and person's name of the reviewers to whom the caller may hand work over. Which contract one of them may not decide is
/// told when it is handed over.
///
/// # Errors
/// Rights, as of handing over.
pub async fn receivers(ctx: &Context, actor: Actor) -> Result<Vec<(String, Option<String>)>, Error> {
    policy::decide_hand_over(&actor)?;
    let found = ctx
        .store
        .read(move |db| {
            accounts::page(db, 0, MOST, |account| {
                account.is_unlocked() && account.roles.contains(&Role::Reviewer) && account.username != actor.username
            })
        })
        .await?;
    Ok(found.into_iter().map(|a| (a.username, a.profile.full_name)).collect())
}
