//! Accounts.

use diesel::prelude::*;

use super::{
    Db, StoreError,
    agencies::AgencyRow,
    at_hand::{self, Which},
    binding::rows,
    schema::{agencies, password_history, registrars, users},
};
use crate::domain::{
    account::{Actor, Certificate, Role, Suspended},
    contract::Agency,
    time::{Date, Moment},
};

/// An account. `Debug` leaves out everything but its name: the password's hash is in it.
#[derive(Clone)]
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
    /// Who it is.
    pub profile: Profile,
    /// Rises with every change of what is shown of it.
    pub version: i64,
    /// When it was added.
    pub created_at: Moment,
    /// Since when it may not log in.
    pub locked_at: Option<Moment>,
    /// When the password was set.
    pub password_changed_at: Moment,
    /// Whether somebody else gave the password, so that it must be changed first.
    pub must_change_password: bool,
    /// From when on its first password runs out, where that was given before first passwords did.
    pub first_password_since: Option<Moment>,
}

/// Who an account is beside its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Name of the person.
    pub full_name: Option<String>,
    /// Address for mail.
    pub email: Option<String>,
    /// Employer, for conflicts of interest.
    pub employer: Option<String>,
    /// Credit code of the employer.
    pub employer_uscc: Option<String>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Account").field(&self.username).finish()
    }
}

impl Account {
    /// Whether its holder may log in, and so do work that is handed to the account.
    pub const fn is_unlocked(&self) -> bool {
        self.locked_at.is_none()
    }

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
#[derive(Clone)]
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
    /// Who it is.
    pub profile: Profile,
    /// Whether the password must be changed first.
    pub must_change_password: bool,
}

/// Number, first issue, last day, first and last day of the suspension that is not over.
type CertificateTuple = (String, Date, Option<Date>, Option<Date>, Option<Date>);

/// Accounts read at once while a page is filled.
const BATCH: i64 = 200;

type ProfileRow = (Option<String>, Option<String>, Option<String>, Option<String>);

/// Version, added, locked, password set, password to be changed, from when on a first one of before runs out.
type StandingRow = (i64, i64, Option<i64>, i64, i64, Option<i64>);

type Row = (
    i64,
    String,
    String,
    String,
    Option<AgencyRow>,
    Option<CertificateTuple>,
    ProfileRow,
    StandingRow,
);

fn account_of(
    (id, username, password_hash, roles, agency, certificate, profile, standing): Row,
) -> Result<Account, StoreError> {
    let (full_name, email, employer, employer_uscc) = profile;
    let (version, created_at, locked_at, password_changed_at, must_change, since) = standing;
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
        profile: Profile {
            full_name,
            email,
            employer,
            employer_uscc,
        },
        version,
        created_at: Moment::from_micros(created_at),
        locked_at: locked_at.map(Moment::from_micros),
        password_changed_at: Moment::from_micros(password_changed_at),
        must_change_password: must_change != 0,
        first_password_since: since.map(Moment::from_micros),
    })
}

/// Whether a role is among those of an account, as they are stored.
pub(super) fn holds(roles: &str, role: Role) -> bool {
    roles.split(',').any(|r| r == role.id())
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
                (users::full_name, users::email, users::employer, users::employer_uscc),
                (
                    users::version,
                    users::created_at,
                    users::locked_at,
                    users::password_changed_at,
                    users::must_change_password,
                    users::first_password_since,
                ),
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
    at_hand::account(&Which::Name(username), || {
        let row = accounts!().filter(users::username.eq(username));
        row.get_result::<Row>(db).optional()?.map(account_of).transpose()
    })
}

/// The account of a key.
///
/// # Errors
/// Where the store does not answer.
pub fn find(db: &mut Db, id: i64) -> Result<Option<Account>, StoreError> {
    at_hand::account(&Which::Key(id), || {
        let row = accounts!().filter(users::id.eq(id));
        row.get_result::<Row>(db).optional()?.map(account_of).transpose()
    })
}

/// Up to `limit` accounts that `keep` wants, by key, after a key; with the key of each.
///
/// # Errors
/// Where the store does not answer.
pub fn page(
    db: &mut Db,
    after: i64,
    limit: usize,
    keep: impl Fn(&Account) -> bool,
) -> Result<Vec<Account>, StoreError> {
    let mut found = Vec::new();
    let mut seen = after;
    loop {
        let rows: Vec<Row> = accounts!()
            .filter(users::id.gt(seen))
            .order(users::id)
            .limit(BATCH)
            .load(db)?;
        let Some(last) = rows.last() else {
            return Ok(found);
        };
        seen = last.0;
        for row in rows {
            let account = account_of(row)?;
            if keep(&account) {
                found.push(account);
            }
            if found.len() == limit {
                return Ok(found);
            }
        }
    }
}

/// How many accounts of a role are not locked, `except` one.
///
/// # Errors
/// Where the store does not answer.
pub fn count_unlocked(db: &mut Db, role: Role, except: i64) -> Result<usize, StoreError> {
    let rows: Vec<String> = users::table
        .filter(users::locked_at.is_null())
        .filter(users::id.ne(except))
        .select(users::roles)
        .load(db)?;
    Ok(rows.iter().filter(|roles| holds(roles, role)).count())
}

/// Those among `usernames` whose accounts hold a role and are not locked.
///
/// # Errors
/// Where the store does not answer.
pub fn unlocked_among(db: &mut Db, role: Role, usernames: &[String]) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String, String)> = users::table
        .filter(users::username.eq_any(usernames))
        .filter(users::locked_at.is_null())
        .select((users::username, users::roles))
        .load(db)?;
    Ok(rows
        .into_iter()
        .filter(|(_, roles)| holds(roles, role))
        .map(|(username, _)| username)
        .collect())
}

/// What an account says of whose it is.
#[derive(Debug, Clone, Queryable)]
pub struct Bearer {
    /// Name of the account.
    pub username: String,
    /// Name of the person.
    pub full_name: Option<String>,
    /// Name on the registrar certificate.
    pub certified_name: Option<String>,
}

/// Whose every account is.
///
/// # Errors
/// Where the store does not answer.
pub fn bearers(db: &mut Db) -> Result<Vec<Bearer>, StoreError> {
    Ok(users::table
        .left_join(registrars::table)
        .select((users::username, users::full_name, registrars::name.nullable()))
        .load(db)?)
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
    let id = diesel::insert_into(users::table)
        .values((
            users::username.eq(&account.username),
            users::password_hash.eq(&account.password_hash),
            users::roles.eq(role_ids(&account.roles)),
            users::agency_id.eq(account.agency_id),
            users::registrar_id.eq(account.registrar_id),
            users::created_at.eq(at.micros()),
            users::password_changed_at.eq(at.micros()),
            users::full_name.eq(&account.profile.full_name),
            users::email.eq(&account.profile.email),
            users::employer.eq(&account.profile.employer),
            users::employer_uscc.eq(&account.profile.employer_uscc),
            users::version.eq(1),
            users::must_change_password.eq(i64::from(account.must_change_password)),
        ))
        .returning(users::id)
        .get_result(db)?;
    rows::users::note(id);
    Ok(id)
}

/// Sets the roles.
///
/// # Errors
/// Where the store does not answer.
pub fn set_roles(db: &mut Db, id: i64, roles: &[Role]) -> Result<(), StoreError> {
    rows::users::note(id);
    diesel::update(users::table.filter(users::id.eq(id)))
        .set(users::roles.eq(role_ids(roles)))
        .execute(db)?;
    Ok(())
}

/// What an administrator may change of an account.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Roles.
    pub roles: Vec<Role>,
    /// Key of the agency.
    pub agency_id: Option<i64>,
    /// Key of the registrar whose certificate it holds.
    pub registrar_id: Option<i64>,
    /// Who it is.
    pub profile: Profile,
}

/// Writes what an administrator changed, the version one up.
///
/// # Errors
/// [`StoreError::Duplicate`] where the certificate is another account's.
pub fn update(db: &mut Db, id: i64, changed: &Changed) -> Result<(), StoreError> {
    rows::users::note(id);
    diesel::update(users::table.filter(users::id.eq(id)))
        .set((
            users::roles.eq(role_ids(&changed.roles)),
            users::agency_id.eq(changed.agency_id),
            users::registrar_id.eq(changed.registrar_id),
            users::full_name.eq(&changed.profile.full_name),
            users::email.eq(&changed.profile.email),
            users::employer.eq(&changed.profile.employer),
            users::employer_uscc.eq(&changed.profile.employer_uscc),
            users::version.eq(users::version + 1),
        ))
        .execute(db)?;
    Ok(())
}

/// Locks an account, or unlocks it; the version one up.
///
/// # Errors
/// Where the store does not answer.
pub fn set_locked(db: &mut Db, id: i64, since: Option<Moment>) -> Result<(), StoreError> {
    rows::users::note(id);
    diesel::update(users::table.filter(users::id.eq(id)))
        .set((
            users::locked_at.eq(since.map(Moment::micros)),
            users::version.eq(users::version + 1),
        ))
        .execute(db)?;
    Ok(())
}

/// A new password.
#[derive(Clone, Copy)]
pub struct NewPassword<'a> {
    /// Argon2id hash in PHC form.
    pub hash: &'a str,
    /// Whether it must be changed first.
    pub must_change: bool,
    /// Hashes of earlier passwords to be kept, the one that it takes the place of among them.
    pub history: i64,
}

/// Sets a password, the version one up; the one before it goes to the history, of which no more is kept than the policy asks for.
///
/// # Errors
/// Where the store does not answer.
pub fn set_password(db: &mut Db, account: &Account, new: NewPassword<'_>, at: Moment) -> Result<(), StoreError> {
    rows::users::note(account.id);
    diesel::update(users::table.filter(users::id.eq(account.id)))
        .set((
            users::password_hash.eq(new.hash),
            users::password_changed_at.eq(at.micros()),
            users::must_change_password.eq(i64::from(new.must_change)),
            users::version.eq(users::version + 1),
        ))
        .execute(db)?;
    diesel::insert_into(password_history::table)
        .values((
            password_history::user_id.eq(account.id),
            password_history::password_hash.eq(&account.password_hash),
        ))
        .execute(db)?;
    let kept: Vec<i64> = password_history::table
        .filter(password_history::user_id.eq(account.id))
        .order(password_history::id.desc())
        .limit(new.history)
        .select(password_history::id)
        .load(db)?;
    diesel::delete(
        password_history::table
            .filter(password_history::user_id.eq(account.id))
            .filter(password_history::id.ne_all(kept)),
    )
    .execute(db)?;
    Ok(())
}

/// Hashes of the passwords before the current one, newest first.
///
/// # Errors
/// Where the store does not answer.
pub fn earlier_passwords(db: &mut Db, id: i64, limit: i64) -> Result<Vec<String>, StoreError> {
    Ok(password_history::table
        .filter(password_history::user_id.eq(id))
        .order(password_history::id.desc())
        .limit(limit)
        .select(password_history::password_hash)
        .load(db)?)
}

/// Writes the same password's hash at another cost, unless the password was changed meanwhile.
///
/// # Errors
/// Where the store does not answer.
pub fn replace_hash(db: &mut Db, id: i64, from: &str, to: &str) -> Result<(), StoreError> {
    rows::users::note(id);
    diesel::update(
        users::table
            .filter(users::id.eq(id))
            .filter(users::password_hash.eq(from)),
    )
    .set(users::password_hash.eq(to))
    .execute(db)?;
    Ok(())
}
