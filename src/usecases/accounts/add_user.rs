//! Adding an account on the command line.

use super::{password_policy, username};
use crate::{
    domain::{
        account::Role,
        account_ledger::{AccountAction, AccountEvent},
        error::FieldError,
    },
    storage::registrars,
    usecases::{
        Context, Error, messages,
        users::fields::{self, Profile, UserFields},
    },
};

/// An account to be. Who may add one is asked by the caller's policy check; the command line always may.
#[derive(Clone)]
pub struct NewUser {
    /// Name; see [`username::check`].
    pub username: String,
    /// Roles, see [`crate::domain::account::roles_agree`].
    pub roles: Vec<Role>,
    /// Code of the agency; where it is absent, the certificate's agency is taken.
    pub agency_code: Option<String>,
    /// Number of the registrar certificate.
    pub certificate_number: Option<String>,
    /// Name of the person; where it is absent, the certificate's, else the user name.
    pub full_name: Option<String>,
    /// Password; see [`password_policy`].
    pub password: String,
}

/// Adds an account, usable at once; answers its key. The name is stored as given (NFKC); two names may not differ in large and
/// small letters alone.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong, at `/username`, `/roles`, `/agency`, `/certificate`, `/password`.
pub async fn add_user(ctx: &Context, actor_name: &str, new: NewUser) -> Result<i64, Error> {
    let name = username::normalised(&new.username);
    let mut asked = UserFields {
        roles: new.roles,
        agency_code: new.agency_code,
        certificate_number: new.certificate_number,
        profile: Profile {
            full_name: new.full_name,
            ..Profile::default()
        },
    };
    let mut wrong: Vec<FieldError> = username::check("/username", &name).into_iter().collect();
    wrong.extend(fields::tidy(&mut asked));
    let policy = ctx.settings.auth.password;
    wrong.extend(password_policy::check(&policy, "/password", &new.password, &name));
    let (name_, asked_) = (name.clone(), asked.clone());
    let (unresolved, on_certificate) = ctx
        .store
        .read(move |db| {
            let (_, wrong) = fields::resolve_new(db, &name_, &asked_)?;
            // Text with U+0000 is no key of anything; it was refused by its form.
            let number = asked_.certificate_number.as_deref().filter(|n| !n.contains('\0'));
            let registrar = number.map(|n| registrars::find(db, n)).transpose()?.flatten();
            Ok::<_, Error>((wrong, registrar.map(|r| r.name)))
        })
        .await?;
    wrong.extend(unresolved);
    let person = &mut asked.profile.full_name;
    *person = person.take().or(on_certificate).or_else(|| Some(name.clone()));
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let hash = ctx.passwords.place().await?.hash(&new.password).await?;
    let mut event = AccountEvent::new(ctx.clock.now(), AccountAction::AddUser).about(&name);
    event.actor = Some(actor_name.to_owned());
    let (roles, clock) = (asked.roles.clone(), ctx.clock.clone());
    let context = ctx.clone();
    let by = actor_name.to_owned();
    let added = name.clone();
    let id = ctx
        .store
        .write(move |db| {
            let at = clock.now();
            let id = fields::insert(db, &asked, &hash, false, AccountEvent { at, ..event.clone() })?;
            messages::on_account_added(db, &context, &added, &asked.roles, &by, at)?;
            Ok::<_, Error>(id)
        })
        .await?;
    tracing::info!(actor = %actor_name, username = %name, ?roles, "account added");
    Ok(id)
}
