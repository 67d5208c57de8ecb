//! Giving an account another password.

use super::{
    UserGiven, UserView,
    admit::{admit, log, with_slow_fingerprint},
};
use crate::{
    domain::{
        account_ledger::{AccountAction, AccountEvent},
        policy,
    },
    storage::{
        account_ledger,
        accounts::{self, NewPassword},
        sessions,
    },
    usecases::{
        Context, Error,
        accounts::{change_password::refuse_earlier, password_policy, throttle, username},
        command::{Answer, Command, change},
        values::{Checked, checked, settle},
    },
};

/// Gives an account another password, random where none is given; all its sessions end, its failed log-ins are forgotten, and the
/// password must be changed at the next log-in. A lock stays.
///
/// # Errors
/// 404, 403, 412; 409 for the own account, whose password is changed with the current one: a stolen session is no way around it;
/// what is wrong with the password, at `/password`.
pub async fn reset_password(
    ctx: &Context,
    command: Command<UserGiven>,
    name: String,
    password: Checked<Option<String>>,
) -> Result<Answer<UserGiven>, Error> {
    policy::decide_read_accounts(&command.actor)?;
    let name = username::normalised(&name);
    let policy = ctx.settings.auth.password;
    let (actor, looked_up) = (command.actor.clone(), name.clone());
    let earlier = ctx
        .store
        .read(move |db| {
            // Before anything is hashed; asked again within the transaction.
            let account = accounts::find_by_name(db, &looked_up)?.ok_or(Error::NotFound)?;
            policy::decide_change_accounts(&actor)?;
            let mut earlier = accounts::earlier_passwords(db, account.id, policy.history())?;
            if policy.history() > 0 {
                earlier.push(account.password_hash);
            }
            Ok::<_, Error>(earlier)
        })
        .await?;
    let password = checked(&password);
    let mut wrong = Vec::new();
    let mut command = command;
    let (text, random) = match password {
        Err(error) => {
            // Told when it is its turn: first comes whether the caller may.
            if let Error::Invalid(errors) = error {
                wrong = errors;
            }
            (String::new(), None)
        }
        Ok(Some(given)) => {
            command = with_slow_fingerprint(ctx, command).await?;
            wrong = password_policy::check(&policy, "/password", &given, &name);
            (given, None)
        }
        Ok(None) => {
            let random = password_policy::random(&policy, &name)?;
            (random.clone(), Some(random))
        }
    };
    let mut hash = String::new();
    let repeats = is_repeated(ctx, &command).await?;
    if wrong.is_empty() {
        let place = ctx.passwords.place().await?;
        // A repeated request finds its own password in place: that is no reuse.
        if random.is_none() && !repeats {
            match refuse_earlier(&place, "/password", &text, &earlier).await {
                Err(Error::Invalid(errors)) => wrong = errors,
                other => other?,
            }
        }
        hash = place.hash(&text).await?;
    }
    let context = ctx.clone();
    let (actor, target) = (command.actor.username.clone(), name.clone());
    let done = change(ctx, command, move |db, command, now| {
        let account = admit(db, command, &name)?;
        if account.username == command.actor.username {
            return Err(Error::Conflict(
                "本人的密码请用 POST /api/v1/auth/password 修改。".into(),
            ));
        }
        settle(wrong.clone())?;
        let new = NewPassword {
            hash: &hash,
            must_change: true,
            history: policy.history(),
        };
        accounts::set_password(db, &account, new, now)?;
        sessions::end_all(db, account.id, "password_reset", now)?;
        throttle::forget(db, &account.username)?;
        let event = AccountEvent::new(now, AccountAction::ResetPassword)
            .by_administrator(&command.actor)
            .about(&account.username);
        account_ledger::append(db, event)?;
        let after = accounts::find(db, account.id)?.ok_or(Error::NotFound)?;
        Ok(UserGiven {
            user: UserView::of(&context, after, now),
            initial_password: random.clone(),
        })
    })
    .await?;
    log(&done, &actor, &target, "password reset");
    Ok(done)
}

/// Whether the request's key was used before; what comes of it is decided within the transaction.
async fn is_repeated<T>(ctx: &Context, command: &Command<T>) -> Result<bool, Error> {
    let Some(once) = &command.once else {
        return Ok(false);
    };
    let (username, key) = (command.actor.username.clone(), once.key.clone());
    ctx.store
        .read(move |db| Ok::<_, Error>(crate::storage::idempotency::find(db, &username, &key)?.is_some()))
        .await
}
