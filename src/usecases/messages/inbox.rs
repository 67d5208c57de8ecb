//! The own inbox. Nobody has anyone else's: a message of another person is not there.

use std::collections::HashMap;

use crate::{
    domain::{account::Actor, policy::Scope},
    storage::{
        contracts,
        messages::{self, Message},
    },
    usecases::{
        Context, Error,
        command::{Answer, Command, change},
        values::{Checked, checked},
    },
};

/// The actor's messages, newest first, older than the one of the key `before`; all or those not read.
///
/// # Errors
/// Where the store does not answer.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    unread: bool,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Message>, Error> {
    let username = actor.username.clone();
    ctx.store
        .read(move |db| Ok(messages::page(db, &username, unread, before, limit)?))
        .await
}

/// One of the actor's messages.
///
/// # Errors
/// [`Error::NotFound`], for other people's too.
pub async fn read(ctx: &Context, actor: &Actor, id: i64) -> Result<Message, Error> {
    let username = actor.username.clone();
    ctx.store
        .read(move |db| messages::find(db, &username, id)?.ok_or(Error::NotFound))
        .await
}

/// 合同名称 of the contracts that messages are about, by key; of those that the actor may see now, whatever the messages say.
///
/// # Errors
/// Where the store does not answer.
pub async fn contract_names(ctx: &Context, actor: &Actor, told: &[Message]) -> Result<HashMap<i64, String>, Error> {
    let mut keys: Vec<i64> = told.iter().filter_map(|message| message.contract_id).collect();
    keys.sort_unstable();
    keys.dedup();
    let actor = actor.clone();
    ctx.store
        .read(move |db| {
            let scope = Scope::of(&actor);
            let mut names = HashMap::new();
            for id in keys {
                if let Some(contract) = contracts::find(db, id)?.filter(|contract| scope.shows(contract)) {
                    let name = contract.content.project_name;
                    names.insert(id, name.unwrap_or_else(|| "（未填写名称）".to_owned()));
                }
            }
            Ok(names)
        })
        .await
}

/// How many of the actor's messages are not read.
///
/// # Errors
/// Where the store does not answer.
pub async fn unread(ctx: &Context, actor: &Actor) -> Result<i64, Error> {
    let username = actor.username.clone();
    ctx.store.read(move |db| Ok(messages::unread(db, &username)?)).await
}

/// Marks one of the caller's messages as read; once read, it stays so. The ledger has no entry of it: reading is no act on the
/// register.
///
/// # Errors
/// [`Error::NotFound`], for other people's too.
pub async fn mark_read(
    ctx: &Context,
    command: Command<Message>,
    id: i64,
    input: Checked<()>,
) -> Result<Answer<Message>, Error> {
    change(ctx, command, move |db, command, now| {
        let username = &command.actor.username;
        messages::find(db, username, id)?.ok_or(Error::NotFound)?;
        checked(&input)?;
        messages::mark_read(db, username, id, now)?;
        messages::find(db, username, id)?.ok_or(Error::NotFound)
    })
    .await
}

/// Marks all of the caller's messages as read; answers how many were not.
///
/// # Errors
/// Where the store does not answer.
pub async fn mark_all_read(ctx: &Context, command: Command<usize>, input: Checked<()>) -> Result<Answer<usize>, Error> {
    change(ctx, command, move |db, command, now| {
        checked(&input)?;
        Ok(messages::mark_all_read(db, &command.actor.username, now)?)
    })
    .await
}
