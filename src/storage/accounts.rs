//! Accounts.

use diesel::prelude::*;

use super::{
    Db, StoreError,
    agencies::AgencyRow,
    schema::{agencies, registrars, users},
};
use crate::domain::{
    account::{Actor, Certificate, Role, Suspended},
    contract::Agency,
    time::{Date, Moment},
};

/// An account.
#[derive(Debug, Clone)]
pub struct Account {
    /// Key in the store.
    pub id: i64,
    /// Name, unique, never changed.
    pub username: String,
    /// Argon2id hash in PHC form.
    pub password_hash: String,
    /// Roles held.
    pub roles: Vec<Role>,
    /// Agency it belongs to.
    pub agency: Option<Agency>,
    /// Registrar certificate it holds.
    pub certificate: Option<Certificate>,
}

impl Account {
    /// The account as the policy sees it.
    pub fn actor(&self) -> Actor {
        Actor {
            username: self.username.clone(),
            roles: self.roles.clone(),
            agency_id: self.agency.as_ref().map(|a| a.id),
            certificate: self.certificate.clone(),
        }
    }
}

/// A new account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Name, unique.
    pub username: String,
    /// Argon2id hash in PHC form.
    pub password_hash: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Key of the agency.
    pub agency_id: Option<i64>,
    /// Key of the registrar whose certificate it holds.
    pub registrar_id: Option<i64>,
}

type Row = (i64, String, String, String, Option<AgencyRow>, Option<CertificateTuple>);

/// Number, first issue, last day, first and last day of the suspension that is not over.
type CertificateTuple = (String, Date, Option<Date>, Option<Date>, Option<Date>);

fn account_of((id, username, password_hash, roles, agency, certificate): Row) -> Result<Account, StoreError> {
    let roles = roles
        .split(',')
        .map(|r| Role::from_id(r).ok_or_else(|| StoreError::corrupt(r)))
        .collect::<Result<_, _>>()?;
    Ok(Account {
        id,
        username,
        password_hash,
        roles,
        agency: agency.map(Agency::from),
        certificate: certificate.map(|(number, issued_on, valid_until, from_on, until_on)| Certificate {
            number,
            issued_on,
            valid_until,
            suspension: from_on.map(|from_on| Suspended { from_on, until_on }),
        }),
    })
}

fn role_ids(roles: &[Role]) -> String {
    let ids: Vec<&str> = roles.iter().map(|r| r.id()).collect();
    ids.join(",")
}

macro_rules! accounts {
    () => {
        users::table
            .left_join(agencies::table.on(agencies::id.nullable().eq(users::agency_id)))
            .left_join(registrars::table.on(registrars::id.nullable().eq(users::registrar_id)))
            .select((
                users::id,
                users::username,
                users::password_hash,
                users::roles,
                Option::<AgencyRow>::as_select(),
                (
                    registrars::certificate_number,
                    registrars::issued_on,
                    registrars::valid_until,
                    registrars::suspended_from,
                    registrars::suspended_until,
                )
                    .nullable(),
            ))
    };
}

/// The account of a name.
///
/// # Errors
/// Where the store does not answer.
pub fn find_by_name(db: &mut Db, username: &str) -> Result<Option<Account>, StoreError> {
    // People type anything; PostgreSQL takes no U+0000, so nobody is called that.
    if username.contains('\0') {
        return Ok(None);
    }
    accounts!()
        .filter(users::username.eq(username))
        .get_result::<Row>(db)
        .optional()?
        .map(account_of)
        .transpose()
}

/// The account of a key.
///
/// # Errors
/// Where the store does not answer.
pub fn find(db: &mut Db, id: i64) -> Result<Option<Account>, StoreError> {
    accounts!()
        .filter(users::id.eq(id))
        .get_result::<Row>(db)
        .optional()?
        .map(account_of)
        .transpose()
}

/// Every name that is taken.
///
/// # Errors
/// Where the store does not answer.
pub fn names(db: &mut Db) -> Result<Vec<String>, StoreError> {
    Ok(users::table.select(users::username).order(users::id).load(db)?)
}

/// Name of the account that holds a registrar's certificate.
///
/// # Errors
/// Where the store does not answer.
pub fn holder_of(db: &mut Db, registrar_id: i64) -> Result<Option<String>, StoreError> {
    Ok(users::table
        .filter(users::registrar_id.eq(registrar_id))
        .select(users::username)
        .first(db)
        .optional()?)
}

/// Adds an account; answers its key.
///
/// # Errors
/// [`StoreError::Duplicate`] where the name is taken.
pub fn insert(db: &mut Db, account: &NewAccount, at: Moment) -> Result<i64, StoreError> {
    Ok(diesel::insert_into(users::table)
        .values((
            users::username.eq(&account.username),
            users::password_hash.eq(&account.password_hash),
            users::roles.eq(role_ids(&account.roles)),
            users::agency_id.eq(account.agency_id),
            users::registrar_id.eq(account.registrar_id),
            users::created_at.eq(at.micros()),
            users::password_changed_at.eq(at.micros()),
        ))
        .returning(users::id)
        .get_result(db)?)
}

/// Sets the roles.
///
/// # Errors
/// Where the store does not answer.
pub fn set_roles(db: &mut Db, id: i64, roles: &[Role]) -> Result<(), StoreError> {
    diesel::update(users::table.filter(users::id.eq(id)))
        .set(users::roles.eq(role_ids(roles)))
        .execute(db)?;
    Ok(())
}

/// Sets a password hash.
///
/// # Errors
/// Where the store does not answer.
pub fn set_password(db: &mut Db, id: i64, password_hash: &str, at: Moment) -> Result<(), StoreError> {
    diesel::update(users::table.filter(users::id.eq(id)))
        .set((
            users::password_hash.eq(password_hash),
            users::password_changed_at.eq(at.micros()),
        ))
        .execute(db)?;
    Ok(())
}

/// Writes the same password's hash at another cost, unless the password was changed meanwhile.
///
/// # Errors
/// Where the store does not answer.
pub fn replace_hash(db: &mut Db, id: i64, from: &str, to: &str) -> Result<(), StoreError> {
    diesel::update(
        users::table
            .filter(users::id.eq(id))
            .filter(users::password_hash.eq(from)),
    )
    .set(users::password_hash.eq(to))
    .execute(db)?;
    Ok(())
}
