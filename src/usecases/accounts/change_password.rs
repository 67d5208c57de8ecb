//! Changing one's own password.

use std::net::IpAddr;

use super::{Caller, password_policy, throttle::Guesser};
use crate::{
    storage::{accounts, sessions},
    usecases::{Context, Error},
};

/// Sets a new password, given the current one; every other session of the account ends. A wrong current password counts as a
/// failed log-in: a stolen session is no way around the brake on guessing.
///
/// # Errors
/// [`Error::Invalid`] at `/current_password` (wrong) or `/new_password` (the policy), [`Error::Throttled`],
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
    tokio::spawn(async move { change(&ctx, &caller, &current, &new, address).await })
        .await
        .map_err(Error::internal)?
}

async fn change(ctx: &Context, caller: &Caller, current: &str, new: &str, address: IpAddr) -> Result<(), Error> {
    let wrong = password_policy::check("/new_password", new, &caller.actor.username);
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let guesser = Guesser::new(&caller.actor.username, address);
    let limits = ctx.settings.auth.throttle;
    let place = ctx.passwords.place().await?;
    let (id, session_id) = (caller.account.id, caller.session_id.clone());
    let account = {
        let (guesser, now) = (guesser.clone(), ctx.clock.now());
        ctx.store
            .read(move |db| {
                guesser.check(db, limits, now)?;
                accounts::find(db, id)?.ok_or(Error::Unauthenticated)
            })
            .await?
    };
    if !place.verify(current, Some(&account.password_hash)).await? {
        let now = ctx.clock.now();
        ctx.store
            .write(move |db| Ok::<_, Error>(guesser.count(db, limits, now)?))
            .await?;
        return Err(Error::invalid(
            "/current_password",
            "wrong_password",
            "当前密码不正确。",
        ));
    }
    if password_policy::normalised(current) == password_policy::normalised(new) {
        return Err(Error::invalid("/new_password", "unchanged", "新密码与当前密码相同。"));
    }
    let hash = place.hash(new).await?;
    let now = ctx.clock.now();
    ctx.store
        .write(move |db| {
            sessions::find_live(db, &session_id, now)?.ok_or(Error::Unauthenticated)?;
            let unchanged = accounts::find(db, id)?.is_some_and(|a| a.password_hash == account.password_hash);
            if !unchanged {
                return Err(Error::invalid(
                    "/current_password",
                    "wrong_password",
                    "当前密码已被修改。",
                ));
            }
            accounts::set_password(db, id, &hash, now)?;
            guesser.forget_account(db)?;
            Ok::<_, Error>(sessions::end_others(db, id, &session_id, "password_changed", now)?)
        })
        .await?;
    tracing::info!(user = %caller.actor.username, "password changed");
    Ok(())
}
