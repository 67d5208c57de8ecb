//! The own password, asked for once more before something that a stolen session must not do.

use std::net::IpAddr;

use super::{
    Caller,
    passwords::Place as HashingPlace,
    throttle::{Guesser, Place, record},
};
use crate::{
    domain::account_ledger::{AccountAction, AccountEvent, AccountResult},
    storage::accounts::{self, Account},
    usecases::{Context, Error},
};

/// What a wrong password is told at.
pub(in crate::usecases) const POINTER: &str = "/current_password";

/// The account as it is now, where the password is its own. A wrong one counts as a failed log-in of this session, under `action`: a stolen
/// session is no way around the brake on guessing. `place` is held, so that what is hashed next need not wait.
///
/// # Errors
/// [`Error::Invalid`] at [`POINTER`], [`Error::Throttled`], [`Error::Unauthenticated`] where the account is gone.
pub(in crate::usecases) async fn confirm(
    ctx: &Context,
    caller: &Caller,
    place: &HashingPlace,
    password: &str,
    action: AccountAction,
    address: IpAddr,
) -> Result<Account, Error> {
    let limits = ctx.settings.auth.throttle;
    let guesser = Guesser::new(&caller.actor.username, Place::Session(&caller.session_id), limits);
    let id = caller.account.id;
    let account = {
        let (guesser, clock) = (guesser.clone(), ctx.clock.clone());
        ctx.store
            .read(move |db| {
                guesser.check(db, limits, clock.now())?;
                accounts::find(db, id)?.ok_or(Error::Unauthenticated)
            })
            .await?
    };
    let right = place.verify(password, Some(&account.password_hash)).await?;
    let mut event = AccountEvent::new(ctx.clock.now(), action).by_oneself(&account.username);
    event.result = AccountResult::WrongPassword;
    let clock = ctx.clock.clone();
    ctx.store
        .write(move |db| {
            let at = clock.now();
            match right {
                true => guesser.forget(db),
                false => record(db, &guesser, address, AccountEvent { at, ..event.clone() }),
            }
        })
        .await?;
    match right {
        true => Ok(account),
        false => Err(Error::invalid(POINTER, "wrong_password", "当前密码不正确。")),
    }
}
