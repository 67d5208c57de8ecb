//! Who may change an account, in the order of refusals: 404, 403, 412.

use crate::{
    domain::{account::Role, policy},
    storage::{
        Db,
        accounts::{self, Account},
    },
    usecases::{
        Context, Error,
        accounts::username,
        command::{Answer, Command},
    },
};

/// Finds the account and lets the caller through. Whoever may not see accounts is told 403 for every name, so nobody learns which
/// there are.
pub(super) fn admit<T>(db: &mut Db, command: &Command<T>, name: &str) -> Result<Account, Error> {
    policy::decide_read_accounts(&command.actor)?;
    let account = accounts::find_by_name(db, &username::normalised(name))?.ok_or(Error::NotFound)?;
    policy::decide_change_accounts(&command.actor)?;
    match command.version {
        Some(version) if version != account.version => Err(Error::Stale {
            current: account.version,
        }),
        _ => Ok(account),
    }
}

/// Refuses what would leave the register without an administrator who can log in.
pub(super) fn keep_an_administrator(db: &mut Db, account: &Account) -> Result<(), Error> {
    let is_one = account.roles.contains(&Role::Administrator) && account.locked_at.is_none();
    if is_one && accounts::count_unlocked(db, Role::Administrator, account.id)? == 0 {
        return Err(Error::Conflict(
            "这是最后一个可用的管理员账户，不能锁定或改任其他角色。".into(),
        ));
    }
    Ok(())
}

/// The command with a fingerprint that does not give the password away that the request carried: what is kept to recognise the
/// request again would else be a quick digest of it.
pub(super) async fn with_slow_fingerprint<T>(ctx: &Context, mut command: Command<T>) -> Result<Command<T>, Error> {
    if let Some(once) = &mut command.once {
        let salt = format!("{}\n{}", command.actor.username, once.key);
        once.fingerprint = ctx.passwords.place().await?.digest(&once.fingerprint, &salt).await?;
    }
    Ok(command)
}

/// Tells the log what was done now; a repeated request did nothing.
pub(super) fn log<T>(done: &Answer<T>, actor: &str, username: &str, what: &'static str) {
    if matches!(done, Answer::Done(_)) {
        tracing::info!(%actor, %username, "{what}");
    }
}
