//! Locking an account out, and letting it in again.

use serde_json::json;

use super::{
    UserView,
    admit::{admit, keep_an_administrator, log},
};
use crate::{
    domain::{
        account_ledger::{AccountAction, AccountEvent},
        ledger::Change,
        time::Moment,
    },
    storage::{account_ledger, accounts, sessions},
    usecases::{
        Context, Error,
        accounts::throttle,
        command::{Answer, Command, change},
        values::{Checked, checked, required_text, settle},
    },
};

/// Locks an account: its sessions end at once, and it cannot log in.
///
/// # Errors
/// 404, 403, 412; 409 where it is locked already or no administrator would be left; no reason.
pub async fn lock(
    ctx: &Context,
    command: Command<UserView>,
    name: String,
    reason: Checked<Option<String>>,
) -> Result<Answer<UserView>, Error> {
    set(ctx, command, name, reason, true).await
}

/// Unlocks an account, and forgets its failed log-ins: also for one that is not locked but must wait after too many of them.
///
/// # Errors
/// 404, 403, 412; 409 where there is nothing to undo; no reason.
pub async fn unlock(
    ctx: &Context,
    command: Command<UserView>,
    name: String,
    reason: Checked<Option<String>>,
) -> Result<Answer<UserView>, Error> {
    set(ctx, command, name, reason, false).await
}

async fn set(
    ctx: &Context,
    command: Command<UserView>,
    name: String,
    reason: Checked<Option<String>>,
    locks: bool,
) -> Result<Answer<UserView>, Error> {
    let context = ctx.clone();
    let (actor, target) = (command.actor.username.clone(), name.clone());
    let done = change(ctx, command, move |db, command, now| {
        let account = admit(db, command, &name)?;
        let action = if locks {
            if account.locked_at.is_some() {
                return Err(Error::Conflict("该账户已经锁定。".into()));
            }
            keep_an_administrator(db, &account)?;
            AccountAction::LockUser
        } else {
            let waits = throttle::forget(db, &account.username)?;
            if account.locked_at.is_none() && !waits {
                return Err(Error::Conflict("该账户没有锁定，也没有登录失败记录。".into()));
            }
            AccountAction::UnlockUser
        };
        let mut wrong = Vec::new();
        let reason = required_text(&mut wrong, "/reason", checked(&reason)?.as_deref());
        settle(wrong)?;
        let since: Option<Moment> = locks.then_some(now);
        accounts::set_locked(db, account.id, since)?;
        if locks {
            sessions::end_all(db, account.id, "locked", now)?;
        }
        let mut event = AccountEvent::new(now, action)
            .by_administrator(&command.actor)
            .about(&account.username);
        event.reason = Some(reason);
        if account.locked_at != since {
            event.changes.push(Change {
                pointer: "/locked_at".to_owned(),
                from: json!(account.locked_at),
                to: json!(since),
            });
        }
        account_ledger::append(db, event)?;
        let after = accounts::find(db, account.id)?.ok_or(Error::NotFound)?;
        Ok(UserView::of(&context, after, now))
    })
    .await?;
    log(
        &done,
        &actor,
        &target,
        if locks { "account locked" } else { "account unlocked" },
    );
    Ok(done)
}
