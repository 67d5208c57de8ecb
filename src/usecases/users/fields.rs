//! What is asked of an account's values, wherever they come from: roles that agree, an agency and a certificate that are there and
//! belong together, particulars of the right form.

use serde_json::{Value, json};
use validator::ValidateEmail as _;

use crate::{
    domain::{
        account::{Role, roles_agree},
        account_ledger::{AccountEvent, differences},
        error::FieldError,
        ledger::Change,
        text, uscc,
    },
    storage::{
        Db, StoreError, account_ledger,
        accounts::{self, Account, Changed, NewAccount},
        agencies, registrars,
    },
    usecases::{Error, accounts::username, values},
};

pub use crate::storage::accounts::Profile;

/// Longest name of a person or an employer, characters.
const LONGEST_NAME: usize = 200;

/// What an account is to be.
#[derive(Clone, Default)]
pub struct UserFields {
    /// Roles, see [`roles_agree`].
    pub roles: Vec<Role>,
    /// Code of the agency; where it is absent, the certificate's agency is taken.
    pub agency_code: Option<String>,
    /// Number of the registrar certificate.
    pub certificate_number: Option<String>,
    /// Who it is.
    pub profile: Profile,
}

/// Keys of what an account names.
#[derive(Default)]
pub(in crate::usecases) struct Named {
    agency_id: Option<i64>,
    registrar_id: Option<i64>,
}

/// Brings the values to their form; answers what is wrong with them whatever is in the store.
pub(in crate::usecases) fn tidy(fields: &mut UserFields) -> Vec<FieldError> {
    fields.roles.sort_unstable();
    fields.roles.dedup();
    let mut wrong: Vec<FieldError> = check_roles(&fields.roles).into_iter().collect();
    let p = &mut fields.profile;
    let texts = [
        ("/full_name", &mut p.full_name),
        ("/email", &mut p.email),
        ("/employer", &mut p.employer),
        ("/employer_uscc", &mut p.employer_uscc),
        ("/agency", &mut fields.agency_code),
        ("/certificate", &mut fields.certificate_number),
    ];
    for (pointer, text) in texts {
        *text = text
            .take()
            .map(|t| text::clean(&t).trim().to_owned())
            .filter(|t| !t.is_empty());
        wrong.extend(text.as_deref().and_then(|t| check_text(pointer, t)));
    }
    if let Some(email) = p.email.as_ref().filter(|e| !e.validate_email()) {
        let detail = format!("“{}”不是有效的电子邮件地址。", email.escape_debug());
        wrong.push(FieldError::new("/email", "malformed_email", detail));
    }
    if let Some(code) = &mut p.employer_uscc {
        *code = uscc::normalise(code);
        if let Err(error) = uscc::check(code) {
            let code = match error {
                uscc::UsccError::Length(_) => "uscc_length",
                uscc::UsccError::Alphabet { .. } => "uscc_alphabet",
                uscc::UsccError::CheckCharacter { .. } => "uscc_check_character",
            };
            wrong.push(FieldError::new("/employer_uscc", code, format!("{error}。")));
        }
    }
    wrong
}

fn check_text(pointer: &str, text: &str) -> Option<FieldError> {
    if text.chars().count() > LONGEST_NAME {
        let detail = format!("不得超过 {LONGEST_NAME} 个字符。");
        return Some(FieldError::new(pointer, "too_long", detail));
    }
    values::unfit(pointer, text, false)
}

/// Over REST and pages whoever holds a business role has a name: papers name people, not accounts.
pub(in crate::usecases) fn check_name(fields: &UserFields) -> Option<FieldError> {
    let business = fields.roles.iter().any(|role| !role.is_exclusive());
    (business && fields.profile.full_name.is_none()).then(|| {
        FieldError::new(
            "/full_name",
            "required",
            "登记员、审核员、专家、统计员的账号须填写姓名。",
        )
    })
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

/// Roles by their ids.
///
/// # Errors
/// The unknown ones, at `/roles/<index>`.
pub fn roles_of(ids: &[String]) -> Result<Vec<Role>, Vec<FieldError>> {
    let mut roles = Vec::new();
    let mut wrong = Vec::new();
    for (index, id) in ids.iter().enumerate() {
        match Role::from_id(id) {
            Some(role) => roles.push(role),
            None => {
                let known: Vec<&str> = Role::ALL.iter().map(|r| r.id()).collect();
                let detail = format!("没有这个角色；可用的有 {}。", known.join("、"));
                wrong.push(FieldError::new(format!("/roles/{index}"), "unknown_code", detail));
            }
        }
    }
    if wrong.is_empty() { Ok(roles) } else { Err(wrong) }
}

/// As [`resolve`], for an account that is not there yet: its name must be free, too.
pub(in crate::usecases) fn resolve_new(
    db: &mut Db,
    name: &str,
    fields: &UserFields,
) -> Result<(Named, Vec<FieldError>), StoreError> {
    let folded = username::folded(name);
    let taken = accounts::names(db)?.into_iter().find(|n| username::folded(n) == folded);
    let (named, rest) = resolve(db, None, fields)?;
    let mut wrong: Vec<FieldError> = taken
        .map(|taken| {
            let detail = format!("用户名“{taken}”已被使用（不区分大小写）。");
            FieldError::new("/username", "taken", detail)
        })
        .into_iter()
        .collect();
    wrong.extend(rest);
    Ok((named, wrong))
}

/// Finds what the account `name` (none: a new one) is to name, and what is wrong with it as the store stands.
pub(in crate::usecases) fn resolve(
    db: &mut Db,
    name: Option<&str>,
    fields: &UserFields,
) -> Result<(Named, Vec<FieldError>), StoreError> {
    let mut wrong = Vec::new();
    let mut named = Named::default();
    // Text with U+0000 is no key of anything, and PostgreSQL takes none; it was refused by its form.
    let code = fields.agency_code.as_deref().filter(|t| !t.contains('\0'));
    let number = fields.certificate_number.as_deref().filter(|t| !t.contains('\0'));
    if let Some(code) = code {
        match agencies::find_by_code(db, code)? {
            Some(agency) => named.agency_id = Some(agency.id),
            None => {
                let detail = format!(
                    "没有代码为“{code}”的登记机构。登记机构由管理员建立，或随登记员名册导入：dengji import --kind registrars 文件。"
                );
                wrong.push(FieldError::new("/agency", "unknown_agency", detail));
            }
        }
    }
    if let Some(number) = number {
        match registrars::find(db, number)? {
            None => {
                let detail = format!(
                    "没有编号为“{number}”的登记员证书。请先导入登记员名册：dengji import --kind registrars 文件。"
                );
                wrong.push(FieldError::new("/certificate", "unknown_certificate", detail));
            }
            Some(registrar) => {
                named.registrar_id = Some(registrar.id);
                let holder = accounts::holder_of(db, registrar.id)?;
                if let Some(holder) = holder.filter(|h| Some(h.as_str()) != name) {
                    let detail = format!("登记员证书“{number}”已属于账户“{holder}”。");
                    wrong.push(FieldError::new("/certificate", "certificate_in_use", detail));
                }
                if named.agency_id.is_some_and(|id| id != registrar.agency_id) {
                    let detail = format!("登记员证书“{number}”不属于所指定的登记机构。");
                    wrong.push(FieldError::new("/certificate", "other_agency", detail));
                }
                if code.is_none() {
                    named.agency_id = Some(registrar.agency_id);
                }
            }
        }
    }
    let needs_agency = fields.roles.contains(&Role::Registrar);
    if needs_agency && fields.agency_code.is_none() && fields.certificate_number.is_none() {
        let detail = "登记员须属于一个登记机构：请指定登记机构代码或登记员证书编号。";
        wrong.push(FieldError::new("/agency", "required", detail));
    }
    Ok((named, wrong))
}

/// Adds an account and tells the account ledger; `event` says who and which. What was found before holds now or is refused.
pub(in crate::usecases) fn insert(
    db: &mut Db,
    fields: &UserFields,
    password_hash: &str,
    must_change_password: bool,
    mut event: AccountEvent,
) -> Result<i64, Error> {
    let username = event.account.clone().unwrap_or_default();
    let (named, wrong) = resolve_new(db, &username, fields)?;
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let new = NewAccount {
        username,
        password_hash: password_hash.to_owned(),
        roles: fields.roles.clone(),
        agency_id: named.agency_id,
        registrar_id: named.registrar_id,
        profile: fields.profile.clone(),
        must_change_password,
    };
    let id = accounts::insert(db, &new, event.at)?;
    let made = accounts::find(db, id)?.ok_or_else(|| Error::internal("an account that was added is not there"))?;
    event.changes = changes(None, &made);
    account_ledger::append(db, event)?;
    Ok(id)
}

/// Writes what an account is to be.
pub(in crate::usecases) fn update(db: &mut Db, id: i64, named: &Named, fields: &UserFields) -> Result<(), StoreError> {
    let changed = Changed {
        roles: fields.roles.clone(),
        agency_id: named.agency_id,
        registrar_id: named.registrar_id,
        profile: fields.profile.clone(),
    };
    accounts::update(db, id, &changed)
}

/// Whether an account is already what it is to be.
pub(in crate::usecases) fn is_same(account: &Account, named: &Named, fields: &UserFields) -> bool {
    let certificate = account.certificate.as_ref().map(|c| &c.number);
    account.roles == fields.roles
        && account.agency.as_ref().map(|a| a.id) == named.agency_id
        && certificate == fields.certificate_number.as_ref()
        && account.profile == fields.profile
}

/// The fields in which an account differs from what it was, or from none.
pub(in crate::usecases) fn changes(before: Option<&Account>, after: &Account) -> Vec<Change> {
    differences(told(before), told(Some(after)))
}

fn told(account: Option<&Account>) -> [(&'static str, Value); 7] {
    let roles = account.map(|a| a.roles.iter().map(|r| r.id()).collect::<Vec<_>>());
    // An agency that history named without a code goes by its name.
    let agency = account
        .and_then(|a| a.agency.as_ref())
        .map(|a| a.code.as_ref().unwrap_or(&a.name));
    let certificate = account.and_then(|a| a.certificate.as_ref()).map(|c| &c.number);
    let profile = account.map(|a| &a.profile);
    [
        ("/roles", json!(roles)),
        ("/agency", json!(agency)),
        ("/certificate", json!(certificate)),
        ("/full_name", json!(profile.map(|p| &p.full_name))),
        ("/email", json!(profile.map(|p| &p.email))),
        ("/employer", json!(profile.map(|p| &p.employer))),
        ("/employer_uscc", json!(profile.map(|p| &p.employer_uscc))),
    ]
}
