//! Adding an account over the API.

use super::{
    UserGiven, UserView,
    admit::{log, with_slow_fingerprint},
    fields::{self, UserFields},
};
use crate::{
    domain::{
        account_ledger::{AccountAction, AccountEvent},
        policy,
    },
    storage::accounts,
    usecases::{
        Context, Error,
        accounts::{password_policy, username},
        command::{Answer, Command, change},
        messages,
        values::{Checked, checked, settle},
    },
};

/// An account to be.
#[derive(Clone, Default)]
pub struct NewUserInput {
    /// Name; see [`username::check`].
    pub username: Option<String>,
    /// What it is to be.
    pub fields: UserFields,
    /// Its first password; a random one where absent.
    pub password: Option<String>,
}

/// Adds an account, whose password must be changed at the first log-in: somebody else knows it.
///
/// # Errors
/// Who is no administrator; everything that is wrong with the values, at once.
pub async fn create(
    ctx: &Context,
    command: Command<UserGiven>,
    input: Checked<NewUserInput>,
) -> Result<Answer<UserGiven>, Error> {
    // Asked again within the transaction; here so that nobody else makes the program hash passwords.
    policy::decide_change_accounts(&command.actor)?;
    let mut input = checked(&input)?;
    let name = username::normalised(input.username.as_deref().unwrap_or_default().trim());
    let policy = ctx.settings.auth.password;
    let mut wrong: Vec<_> = username::check("/username", &name).into_iter().collect();
    wrong.extend(fields::tidy(&mut input.fields));
    wrong.extend(fields::check_name(&input.fields));
    let mut command = command;
    let (password, initial_password) = match input.password {
        Some(given) => {
            wrong.extend(password_policy::check(&policy, "/password", &given, &name));
            command = with_slow_fingerprint(ctx, command).await?;
            (given, None)
        }
        None => {
            let random = password_policy::random(&policy, &name)?;
            (random.clone(), Some(random))
        }
    };
    let hash = match wrong.is_empty() {
        true => ctx.passwords.place().await?.hash(&password).await?,
        // Not used: the transaction ends with what is wrong.
        false => String::new(),
    };
    let context = ctx.clone();
    let asked = input.fields;
    let (actor, target) = (command.actor.username.clone(), name.clone());
    let done = change(ctx, command, move |db, command, now| {
        policy::decide_change_accounts(&command.actor)?;
        let mut wrong = wrong.clone();
        wrong.extend(fields::resolve_new(db, &name, &asked)?.1);
        settle(wrong)?;
        let event = AccountEvent::new(now, AccountAction::AddUser)
            .by_administrator(&command.actor)
            .about(&name);
        let id = fields::insert(db, &asked, &hash, true, event)?;
        let account = accounts::find(db, id)?.ok_or(Error::NotFound)?;
        messages::on_account_added(db, &context, &name, &account.roles, &command.actor.username, now)?;
        Ok(UserGiven {
            user: UserView::of(&context, account, now),
            initial_password: initial_password.clone(),
        })
    })
    .await?;
    log(&done, &actor, &target, "account added");
    Ok(done)
}
