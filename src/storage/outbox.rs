//! Mail that is to leave. A row is put in by the act that it tells of, in the act's transaction. Whoever sends it takes it first
//! (`sending`, until `due_at`), in a transaction of its own, so that no two senders have it; whoever took it and is gone loses it
//! at `due_at`. Every later step names the taking it belongs to (`lease`), so that a sender who comes too late changes nothing.

use diesel::prelude::*;

use super::{
    Db, StoreError,
    dialect::each,
    schema::{messages, outbox},
};
use crate::domain::time::Moment;

/// Where a mail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailState {
    /// To be sent when it is due.
    Pending,
    /// Somebody is sending it.
    Sending,
    /// Taken by the server.
    Sent,
    /// Given up.
    Dead,
}

impl MailState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Sending, Self::Sent, Self::Dead];

    /// Stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Dead => "dead",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.id() == id)
    }
}

/// A mail that was taken to be sent.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Key in the store.
    pub id: i64,
    /// Until when it is ours; names this taking.
    pub lease: Moment,
    /// Which attempt this is, from 1.
    pub attempt: i64,
    /// Where it goes.
    pub address: String,
    /// Message-ID.
    pub header_id: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub body: String,
    /// When it was written.
    pub written_at: Moment,
}

/// A mail as the administrator sees it: without its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Key in the store.
    pub id: i64,
    /// Whom it is to.
    pub username: String,
    /// What it is about.
    pub kind: String,
    /// Where it goes.
    pub address: String,
    /// Message-ID.
    pub header_id: String,
    /// Where it stands.
    pub state: MailState,
    /// Attempts so far.
    pub attempts: i64,
    /// When it is due; or, while someone sends it, until when.
    pub due_at: Option<Moment>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was written.
    pub created_at: Moment,
    /// When it was taken by the server.
    pub sent_at: Option<Moment>,
}

type Row = (
    (i64, String, String, String, String),
    (String, i64, Option<i64>, Option<String>, i64, Option<i64>),
);

fn mail_of(row: Row) -> Result<Mail, StoreError> {
    let ((id, username, kind, address, header_id), (state, attempts, due_at, last_error, created_at, sent_at)) = row;
    Ok(Mail {
        id,
        username,
        kind,
        address,
        header_id,
        state: MailState::from_id(&state).ok_or_else(|| StoreError::corrupt(&state))?,
        attempts,
        due_at: due_at.map(Moment::from_micros),
        last_error,
        created_at: Moment::from_micros(created_at),
        sent_at: sent_at.map(Moment::from_micros),
    })
}

macro_rules! mails {
    () => {
        outbox::table.inner_join(messages::table).select((
            (
                outbox::id,
                messages::username,
                messages::kind,
                outbox::address,
                outbox::header_id,
            ),
            (
                outbox::state,
                outbox::attempts,
                outbox::due_at,
                outbox::last_error,
                messages::created_at,
                outbox::sent_at,
            ),
        ))
    };
}

/// Puts a message's mail in, due at once.
///
/// # Errors
/// Where the store does not answer.
pub fn insert(db: &mut Db, message_id: i64, address: &str, header_id: &str, now: Moment) -> Result<(), StoreError> {
    let values = (
        outbox::message_id.eq(message_id),
        outbox::address.eq(address),
        outbox::header_id.eq(header_id),
        outbox::state.eq(MailState::Pending.id()),
        outbox::attempts.eq(0_i64),
        outbox::due_at.eq(now.micros()),
    );
    each!(db, |c| diesel::insert_into(outbox::table).values(values).execute(c))?;
    Ok(())
}

/// When the next mail is due: to be sent, or lost by whoever took it.
///
/// # Errors
/// Where the store does not answer.
pub fn next_due(db: &mut Db) -> Result<Option<Moment>, StoreError> {
    let due: Option<Option<i64>> = outbox::table
        .filter(outbox::due_at.is_not_null())
        .order(outbox::due_at)
        .select(outbox::due_at)
        .first(db)
        .optional()?;
    Ok(due.flatten().map(Moment::from_micros))
}

/// Takes the mail that has been due longest, until `lease`; within a writing transaction, of which there is one at a time.
///
/// # Errors
/// Where the store does not answer.
pub fn take(db: &mut Db, now: Moment, lease: Moment) -> Result<Option<Taken>, StoreError> {
    type Found = (i64, i64, String, String, String, String, i64);
    let found: Option<Found> = outbox::table
        .inner_join(messages::table)
        .filter(outbox::due_at.le(now.micros()))
        .order((outbox::due_at, outbox::id))
        .select((
            outbox::id,
            outbox::attempts,
            outbox::address,
            outbox::header_id,
            messages::subject,
            messages::body,
            messages::created_at,
        ))
        .first(db)
        .optional()?;
    let Some((id, attempts, address, header_id, subject, body, created_at)) = found else {
        return Ok(None);
    };
    diesel::update(outbox::table.filter(outbox::id.eq(id)))
        .set((
            outbox::state.eq(MailState::Sending.id()),
            outbox::attempts.eq(attempts + 1),
            outbox::due_at.eq(lease.micros()),
        ))
        .execute(db)?;
    Ok(Some(Taken {
        id,
        lease,
        attempt: attempts + 1,
        address,
        header_id,
        subject,
        body,
        written_at: Moment::from_micros(created_at),
    }))
}

/// What became of a mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it, then.
    Sent(Moment),
    /// It is due again then, for a reason.
    Postponed(Moment, String),
    /// It is given up, for a reason.
    Dead(String),
}

/// Writes down what became of a mail; answers whether it was still ours.
///
/// # Errors
/// Where the store does not answer.
pub fn settle(db: &mut Db, id: i64, lease: Moment, outcome: &Outcome) -> Result<bool, StoreError> {
    let (state, due_at, sent_at, last_error) = match outcome {
        Outcome::Sent(at) => (MailState::Sent, None, Some(at.micros()), None),
        Outcome::Postponed(until, reason) => (MailState::Pending, Some(until.micros()), None, Some(reason)),
        Outcome::Dead(reason) => (MailState::Dead, None, None, Some(reason)),
    };
    let changed = diesel::update(
        outbox::table
            .filter(outbox::id.eq(id))
            .filter(outbox::state.eq(MailState::Sending.id()))
            .filter(outbox::due_at.eq(lease.micros())),
    )
    .set((
        outbox::state.eq(state.id()),
        outbox::due_at.eq(due_at),
        outbox::sent_at.eq(sent_at),
        outbox::last_error.eq(last_error),
    ))
    .execute(db)?;
    Ok(changed == 1)
}

/// Mails, newest first, older than the one of the key `before`.
///
/// # Errors
/// Where the store does not answer.
pub fn page(db: &mut Db, state: Option<MailState>, before: Option<i64>, limit: i64) -> Result<Vec<Mail>, StoreError> {
    let all = mails!()
        .filter(outbox::id.lt(before.unwrap_or(i64::MAX)))
        .order(outbox::id.desc())
        .limit(limit);
    let rows: Vec<Row> = match state {
        Some(state) => all.filter(outbox::state.eq(state.id())).load(db)?,
        None => all.load(db)?,
    };
    rows.into_iter().map(mail_of).collect()
}

/// The mail of a key.
///
/// # Errors
/// Where the store does not answer.
pub fn find(db: &mut Db, id: i64) -> Result<Option<Mail>, StoreError> {
    let row: Option<Row> = mails!().filter(outbox::id.eq(id)).get_result(db).optional()?;
    row.map(mail_of).transpose()
}

/// Makes a mail that is given up, or waits for its next attempt, due at once, to an address and with all its attempts before it;
/// answers whether it was either.
///
/// # Errors
/// Where the store does not answer.
pub fn revive(db: &mut Db, id: i64, address: &str, now: Moment) -> Result<bool, StoreError> {
    let changed = diesel::update(
        outbox::table
            .filter(outbox::id.eq(id))
            .filter(outbox::state.eq_any([MailState::Pending.id(), MailState::Dead.id()])),
    )
    .set((
        outbox::state.eq(MailState::Pending.id()),
        outbox::address.eq(address),
        outbox::attempts.eq(0_i64),
        outbox::due_at.eq(now.micros()),
    ))
    .execute(db)?;
    Ok(changed == 1)
}
