//! What people were told: each person's inbox.

use diesel::prelude::*;

use super::{
    Db, StoreError,
    dialect::last_insert_rowid,
    schema::{messages, users},
};
use crate::domain::{account::Role, time::Moment};

/// A message, to be kept.
#[derive(Debug, Clone)]
pub struct NewMessage<'a> {
    /// Whose.
    pub username: &'a str,
    /// What it is about.
    pub kind: &'a str,
    /// Subject.
    pub subject: &'a str,
    /// Text.
    pub body: &'a str,
    /// Key of the contract that it is about.
    pub contract_id: Option<i64>,
    /// What it tells of: nobody is told twice.
    pub dedup: &'a str,
    /// When.
    pub at: Moment,
}

/// A message as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Key in the store.
    pub id: i64,
    /// Whose.
    pub username: String,
    /// What it is about.
    pub kind: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub body: String,
    /// Key of the contract that it is about.
    pub contract_id: Option<i64>,
    /// When it was written.
    pub created_at: Moment,
    /// When it was read first.
    pub read_at: Option<Moment>,
}

type Row = (i64, String, String, String, String, Option<i64>, i64, Option<i64>);

fn message_of((id, username, kind, subject, body, contract_id, created_at, read_at): Row) -> Message {
    Message {
        id,
        username,
        kind,
        subject,
        body,
        contract_id,
        created_at: Moment::from_micros(created_at),
        read_at: read_at.map(Moment::from_micros),
    }
}

macro_rules! columns {
    () => {
        (
            messages::id,
            messages::username,
            messages::kind,
            messages::subject,
            messages::body,
            messages::contract_id,
            messages::created_at,
            messages::read_at,
        )
    };
}

/// Whom a message may go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// E-mail address.
    pub email: Option<String>,
    /// Whether the account may not log in.
    pub locked: bool,
}

/// The account of a name, as far as messages go.
///
/// # Errors
/// Where the store does not answer.
pub fn addressee(db: &mut Db, username: &str) -> Result<Option<Addressee>, StoreError> {
    let account = super::accounts::find_by_name(db, username)?;
    Ok(account.map(|account| Addressee {
        locked: !account.is_unlocked(),
        email: account.profile.email.filter(|e| !e.trim().is_empty()),
    }))
}

/// Names of the accounts of an agency, in the order in which they were made.
///
/// # Errors
/// Where the store does not answer.
pub fn accounts_of_agency(db: &mut Db, agency_id: i64) -> Result<Vec<String>, StoreError> {
    Ok(users::table
        .filter(users::agency_id.eq(agency_id))
        .order(users::id)
        .select(users::username)
        .load(db)?)
}

/// Names of the accounts that hold a role, in the order in which they were made.
///
/// # Errors
/// Where the store does not answer.
pub fn holders_of(db: &mut Db, role: Role) -> Result<Vec<String>, StoreError> {
    let all: Vec<(String, String)> = users::table
        .order(users::id)
        .select((users::username, users::roles))
        .load(db)?;
    let holders = all
        .into_iter()
        .filter(|(_, roles)| roles.split(',').any(|r| r == role.id()));
    Ok(holders.map(|(username, _)| username).collect())
}

/// Keeps a message; answers its key, or none where this was told before.
///
/// # Errors
/// Where the store does not answer.
pub fn insert(db: &mut Db, message: &NewMessage<'_>) -> Result<Option<i64>, StoreError> {
    let values = (
        messages::username.eq(message.username),
        messages::kind.eq(message.kind),
        messages::subject.eq(message.subject),
        messages::body.eq(message.body),
        messages::contract_id.eq(message.contract_id),
        messages::dedup.eq(message.dedup),
        messages::created_at.eq(message.at.micros()),
    );
    let once = diesel::insert_into(messages::table)
        .values(values)
        .on_conflict(messages::dedup)
        .do_nothing();
    match db {
        Db::Postgres(c) => Ok(once.returning(messages::id).get_result(c).optional()?),
        // RETURNING has SQLite copy every page that the statement changes.
        Db::Sqlite(c) => match once.execute(c)? {
            0 => Ok(None),
            _ => Ok(Some(diesel::select(last_insert_rowid()).get_result(c)?)),
        },
    }
}

/// Messages of a person, newest first, older than the one of the key `before`.
///
/// # Errors
/// Where the store does not answer.
pub fn page(
    db: &mut Db,
    username: &str,
    unread: bool,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Message>, StoreError> {
    let of_person = messages::table
        .filter(messages::username.eq(username))
        .filter(messages::id.lt(before.unwrap_or(i64::MAX)))
        .order(messages::id.desc())
        .limit(limit)
        .select(columns!());
    let rows: Vec<Row> = if unread {
        of_person.filter(messages::read_at.is_null()).load(db)?
    } else {
        of_person.load(db)?
    };
    Ok(rows.into_iter().map(message_of).collect())
}

/// A person's message of a key.
///
/// # Errors
/// Where the store does not answer.
pub fn find(db: &mut Db, username: &str, id: i64) -> Result<Option<Message>, StoreError> {
    let row: Option<Row> = messages::table
        .filter(messages::id.eq(id))
        .filter(messages::username.eq(username))
        .select(columns!())
        .get_result(db)
        .optional()?;
    Ok(row.map(message_of))
}

/// Messages that a person has not read.
///
/// # Errors
/// Where the store does not answer.
pub fn unread(db: &mut Db, username: &str) -> Result<i64, StoreError> {
    Ok(messages::table
        .filter(messages::username.eq(username))
        .filter(messages::read_at.is_null())
        .count()
        .get_result(db)?)
}

/// Marks a message as read; one that was read stays as it was.
///
/// # Errors
/// Where the store does not answer.
pub fn mark_read(db: &mut Db, username: &str, id: i64, at: Moment) -> Result<(), StoreError> {
    diesel::update(
        messages::table
            .filter(messages::id.eq(id))
            .filter(messages::username.eq(username))
            .filter(messages::read_at.is_null()),
    )
    .set(messages::read_at.eq(at.micros()))
    .execute(db)?;
    Ok(())
}

/// Marks all of a person's messages as read; answers how many were not.
///
/// # Errors
/// Where the store does not answer.
pub fn mark_all_read(db: &mut Db, username: &str, at: Moment) -> Result<usize, StoreError> {
    Ok(diesel::update(
        messages::table
            .filter(messages::username.eq(username))
            .filter(messages::read_at.is_null()),
    )
    .set(messages::read_at.eq(at.micros()))
    .execute(db)?)
}
