//! Changing one's own password.

use std::net::IpAddr;

use super::{Caller, own_password, password_policy, passwords::Place};
use crate::{
    domain::account_ledger::{AccountAction, AccountEvent},
    storage::{
        account_ledger,
        accounts::{self, NewPassword},
        sessions,
    },
    usecases::{Context, Error, errand::Errand},
};

/// Sets a new password, given the current one; every other session of the account ends. A wrong current password counts as a
/// failed log-in: a stolen session is no way around the brake on guessing.
///
/// # Errors
/// [`Error::Invalid`] at `/current_password` (wrong) or `/new_password` (the policy, an earlier one), [`Error::Throttled`],
/// [`Error::Unauthenticated`] where the session ended meanwhile.
pub async fn change_password(
    ctx: &Context,
    caller: &Caller,
    current: &str,
    new: &str,
    address: IpAddr,
) -> Result<(), Error> {
    let (ctx, caller, current, new) = (ctx.clone(), caller.clone(), current.to_owned(), new.to_owned());
    // To its end even where the caller goes away, as in `login`.
    let carried = Errand::current().unwatched();
    tokio::spawn(carried.scope(async move { change(&ctx, &caller, &current, &new, address).await }))
        .await
        .map_err(Error::internal)?
}

async fn change(ctx: &Context, caller: &Caller, current: &str, new: &str, address: IpAddr) -> Result<(), Error> {
    let policy = ctx.settings.auth.password;
    let wrong = password_policy::check(&policy, "/new_password", new, &caller.actor.username);
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let place = ctx.passwords.place().await?;
    let account = own_password::confirm(ctx, caller, &place, current, AccountAction::ChangePassword, address).await?;
    let (id, session_id) = (account.id, caller.session_id.clone());
    let earlier = ctx
        .store
        .read(move |db| accounts::earlier_passwords(db, id, policy.history()))
        .await?;
    if password_policy::normalised(current) == password_policy::normalised(new) {
        return Err(Error::invalid("/new_password", "unchanged", "新密码与当前密码相同。"));
    }
    refuse_earlier(&place, "/new_password", new, &earlier).await?;
    let hash = place.hash(new).await?;
    let clock = ctx.clock.clone();
    ctx.store
        .write(move |db| {
            let now = clock.now();
            sessions::find_live(db, &session_id, now)?.ok_or(Error::Unauthenticated)?;
            let current = accounts::find(db, id)?.filter(|a| a.locked_at.is_none());
            let current = current.ok_or(Error::Unauthenticated)?;
            if current.password_hash != account.password_hash {
                return Err(Error::invalid(
                    "/current_password",
                    "wrong_password",
                    "当前密码已被修改。",
                ));
            }
            let new = NewPassword {
                hash: &hash,
                must_change: false,
                history: policy.history(),
            };
            accounts::set_password(db, &current, new, now)?;
            let mut event = AccountEvent::new(now, AccountAction::ChangePassword).by_oneself(&current.username);
            event.address = Some(address.to_string());
            account_ledger::append(db, event)?;
            Ok::<_, Error>(sessions::end_others(db, id, &session_id, "password_changed", now)?)
        })
        .await?;
    tracing::info!(user = %caller.actor.username, "password changed");
    Ok(())
}

/// Refuses a password that is among the earlier ones.
pub(in crate::usecases) async fn refuse_earlier(
    place: &Place,
    pointer: &str,
    new: &str,
    earlier: &[String],
) -> Result<(), Error> {
    for hash in earlier {
        if place.verify(new, Some(hash)).await? {
            let detail = format!("不得使用最近 {} 次用过的密码。", earlier.len());
            return Err(Error::invalid(pointer, "reused_password", detail));
        }
    }
    Ok(())
}
