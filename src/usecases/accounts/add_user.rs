//! Adding an account.

use super::{password_policy, username};
use crate::{
    domain::{
        account::{Role, roles_agree},
        error::FieldError,
    },
    storage::{
        Db, StoreError,
        accounts::{self, NewAccount},
        agencies, registrars,
    },
    usecases::{Context, Error},
};

/// An account to be. Who may add one is asked by the caller's policy check; the command line always may.
#[derive(Clone)]
pub struct NewUser {
    /// Name; see [`username::check`].
    pub username: String,
    /// Roles, see [`roles_agree`].
    pub roles: Vec<Role>,
    /// Code of the agency; where it is absent, the certificate's agency is taken.
    pub agency_code: Option<String>,
    /// Number of the registrar certificate.
    pub certificate_number: Option<String>,
    /// Password; see [`password_policy`].
    pub password: String,
}

/// Keys of what a new account names.
#[derive(Default)]
struct Named {
    agency_id: Option<i64>,
    registrar_id: Option<i64>,
}

/// Adds an account, usable at once; answers its key. The name is stored as given (NFKC); two names may not differ in large and
/// small letters alone.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong, at `/username`, `/roles`, `/agency`, `/certificate`, `/password`.
pub async fn add_user(ctx: &Context, actor_name: &str, new: NewUser) -> Result<i64, Error> {
    let mut new = new;
    new.username = username::normalised(&new.username);
    new.roles.sort_unstable();
    new.roles.dedup();
    let mut wrong: Vec<FieldError> = username::check("/username", &new.username).into_iter().collect();
    wrong.extend(check_roles(&new.roles));
    wrong.extend(password_policy::check("/password", &new.password, &new.username));
    let asked = new.clone();
    let (_, unresolved) = ctx.store.read(move |db| resolve(db, &asked)).await?;
    wrong.extend(unresolved);
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let password_hash = ctx.passwords.place().await?.hash(&new.password).await?;
    let now = ctx.clock.now();
    let NewUser { username, roles, .. } = new.clone();
    let id = ctx
        .store
        .write(move |db| {
            // Once more: only now is what was found true until the commit.
            let (named, wrong) = resolve(db, &new)?;
            if !wrong.is_empty() {
                return Err(Error::Invalid(wrong));
            }
            let account = NewAccount {
                username: new.username.clone(),
                password_hash: password_hash.clone(),
                roles: new.roles.clone(),
                agency_id: named.agency_id,
                registrar_id: named.registrar_id,
            };
            Ok::<_, Error>(accounts::insert(db, &account, now)?)
        })
        .await?;
    tracing::info!(actor = %actor_name, %username, ?roles, "account added");
    Ok(id)
}

fn check_roles(roles: &[Role]) -> Option<FieldError> {
    if roles.is_empty() {
        return Some(FieldError::new("/roles", "required", "请至少指定一个角色。"));
    }
    if !roles_agree(roles) {
        let detail = "管理员、审计员不得兼任其他角色。";
        return Some(FieldError::new("/roles", "exclusive_role", detail));
    }
    None
}

/// Finds what the new account names, and what is wrong with it as the store stands.
fn resolve(db: &mut Db, new: &NewUser) -> Result<(Named, Vec<FieldError>), StoreError> {
    let mut wrong = Vec::new();
    let mut named = Named::default();
    let folded = username::folded(&new.username);
    if let Some(taken) = accounts::names(db)?.iter().find(|n| username::folded(n) == folded) {
        let detail = format!("用户名“{taken}”已被使用（不区分大小写）。");
        wrong.push(FieldError::new("/username", "taken", detail));
    }
    if let Some(code) = &new.agency_code {
        match agencies::find_by_code(db, code)? {
            Some(agency) => named.agency_id = Some(agency.id),
            None => {
                let detail = format!(
                    "没有代码为“{code}”的登记机构。登记机构随登记员名册导入：dengji import --kind registrars 文件。"
                );
                wrong.push(FieldError::new("/agency", "unknown_agency", detail));
            }
        }
    }
    if let Some(number) = &new.certificate_number {
        match registrars::find(db, number)? {
            None => {
                let detail = format!(
                    "没有编号为“{number}”的登记员证书。请先导入登记员名册：dengji import --kind registrars 文件。"
                );
                wrong.push(FieldError::new("/certificate", "unknown_certificate", detail));
            }
            Some(registrar) => {
                named.registrar_id = Some(registrar.id);
                if let Some(holder) = accounts::holder_of(db, registrar.id)? {
                    let detail = format!("登记员证书“{number}”已属于账户“{holder}”。");
                    wrong.push(FieldError::new("/certificate", "certificate_in_use", detail));
                }
                if named.agency_id.is_some_and(|id| id != registrar.agency_id) {
                    let detail = format!("登记员证书“{number}”不属于所指定的登记机构。");
                    wrong.push(FieldError::new("/certificate", "other_agency", detail));
                }
                if new.agency_code.is_none() {
                    named.agency_id = Some(registrar.agency_id);
                }
            }
        }
    }
    let needs_agency = new.roles.contains(&Role::Registrar);
    if needs_agency && new.agency_code.is_none() && new.certificate_number.is_none() {
        let detail = "登记员须属于一个登记机构：请指定登记机构代码或登记员证书编号。";
        wrong.push(FieldError::new("/agency", "required", detail));
    }
    Ok((named, wrong))
}
