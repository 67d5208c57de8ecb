//! Changing what an account is: roles, agency, certificate, particulars.

use std::net::IpAddr;

use super::{
    UserView,
    admit::{admit, keep_an_administrator, log, with_slow_fingerprint},
    fields::{self, UserFields},
};
use crate::{
    domain::{
        account::Role,
        account_ledger::{AccountAction, AccountEvent},
        error::FieldError,
        policy::decide_change_accounts,
    },
    storage::{account_ledger, accounts, accounts::Account},
    usecases::{
        Context, Error,
        accounts::{Caller, own_password},
        command::{Answer, Command, change as changing},
        messages,
        values::{Checked, checked, settle},
    },
};

/// What is to change: absent stays, an inner none clears.
#[derive(Clone, Default)]
pub struct UserPatch {
    /// Ids of roles; none clears, which no account can bear.
    pub roles: Option<Option<Vec<String>>>,
    /// Code of the agency.
    pub agency: Option<Option<String>>,
    /// Number of the registrar certificate.
    pub certificate: Option<Option<String>>,
    /// Name of the person.
    pub full_name: Option<Option<String>>,
    /// Address for mail.
    pub email: Option<Option<String>>,
    /// Employer.
    pub employer: Option<Option<String>>,
    /// Credit code of the employer.
    pub employer_uscc: Option<Option<String>>,
    /// The password of who asks: wanted where the address for mail changes, to which what the system tells is sent.
    pub current_password: Option<String>,
}

/// Changes an account; what changes holds from its next request on. Where nothing changes, nothing is written.
///
/// # Errors
/// 404, 403, 428, 412; 409 where no administrator would be left; everything that is wrong with the values; 429 after too many wrong
/// passwords.
pub async fn change(
    ctx: &Context,
    caller: (&Caller, IpAddr),
    mut command: Command<UserView>,
    name: String,
    patch: Checked<UserPatch>,
) -> Result<Answer<UserView>, Error> {
    let context = ctx.clone();
    let mut confirmation = missing();
    if let Ok(UserPatch {
        current_password: Some(password),
        ..
    }) = &patch
    {
        decide_change_accounts(&command.actor)?;
        command = with_slow_fingerprint(ctx, command).await?;
        confirmation = confirmed(ctx, caller, password).await?;
    }
    let (actor, target) = (command.actor.username.clone(), name.clone());
    let done = changing(ctx, command, move |db, command, now| {
        let account = admit(db, command, &name)?;
        command.version.ok_or(Error::VersionMissing)?;
        let patch = checked(&patch)?;
        let (mut asked, mut wrong) = apply(&account, &patch);
        if patch.roles.is_some() && wrong.is_empty() && !asked.roles.contains(&Role::Administrator) {
            keep_an_administrator(db, &account)?;
        }
        wrong.extend(fields::tidy(&mut asked));
        wrong.extend(fields::check_name(&asked));
        let (named, unresolved) = fields::resolve(db, Some(&account.username), &asked)?;
        wrong.extend(unresolved);
        if asked.profile.email != account.profile.email {
            wrong.extend(confirmation.clone());
        }
        settle(wrong)?;
        if fields::is_same(&account, &named, &asked) {
            return Ok(UserView::of(&context, account, now));
        }
        fields::update(db, account.id, &named, &asked)?;
        let after = accounts::find(db, account.id)?.ok_or(Error::NotFound)?;
        let mut event = AccountEvent::new(now, AccountAction::ChangeUser)
            .by_administrator(&command.actor)
            .about(&account.username);
        event.changes = fields::changes(Some(&account), &after);
        account_ledger::append(db, event)?;
        let (roles, by) = ((&*account.roles, &*after.roles), &command.actor.username);
        messages::on_roles_given(db, &context, &account.username, roles, by, now)?;
        Ok(UserView::of(&context, after, now))
    })
    .await?;
    log(&done, &actor, &target, "account changed");
    Ok(done)
}

fn missing() -> Vec<FieldError> {
    let detail = "修改电子邮件须填写您本人的密码。";
    vec![FieldError::new(own_password::POINTER, "required", detail)]
}

/// What is wrong with the password of who asks; nothing where it is the right one.
async fn confirmed(
    ctx: &Context,
    (caller, address): (&Caller, IpAddr),
    password: &str,
) -> Result<Vec<FieldError>, Error> {
    let place = ctx.passwords.place().await?;
    match own_password::confirm(ctx, caller, &place, password, AccountAction::ChangeUser, address).await {
        Ok(_) => Ok(Vec::new()),
        Err(Error::Invalid(wrong)) => Ok(wrong),
        Err(other) => Err(other),
    }
}

/// The account as the patch wants it.
fn apply(account: &Account, patch: &UserPatch) -> (UserFields, Vec<FieldError>) {
    let mut wrong = Vec::new();
    let mut asked = UserFields {
        roles: account.roles.clone(),
        agency_code: account.agency.as_ref().and_then(|a| a.code.clone()),
        certificate_number: account.certificate.as_ref().map(|c| c.number.clone()),
        profile: account.profile.clone(),
    };
    if let Some(ids) = &patch.roles {
        match fields::roles_of(ids.as_deref().unwrap_or_default()) {
            Ok(roles) => asked.roles = roles,
            Err(errors) => wrong = errors,
        }
    }
    let p = &mut asked.profile;
    for (field, to) in [
        (&mut asked.agency_code, &patch.agency),
        (&mut asked.certificate_number, &patch.certificate),
        (&mut p.full_name, &patch.full_name),
        (&mut p.email, &patch.email),
        (&mut p.employer, &patch.employer),
        (&mut p.employer_uscc, &patch.employer_uscc),
    ] {
        if let Some(to) = to {
            field.clone_from(to);
        }
    }
    (asked, wrong)
}
