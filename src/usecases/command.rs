//! The frame of whatever changes something: who asks, on which version, under which key; a repeated request is answered as the first
//! time; and the caller is looked at again within the transaction, so that a right that was taken away meanwhile is not used.

use crate::{
    domain::{account::Actor, time::Moment},
    storage::{Db, accounts, idempotency, idempotency::StoredAnswer, sessions},
    usecases::{Context, Error},
};

/// Who asks, on the basis of which version, under which key.
pub struct Command<T> {
    /// The caller, as of the moment when the request was let in.
    pub actor: Actor,
    /// The session that the request came by; none on the command line, whose user is who the system says.
    pub session_id: Option<String>,
    /// Version that the caller has seen (`If-Match`).
    pub version: Option<i64>,
    /// Set where the caller may repeat the request.
    pub once: Option<Once<T>>,
}

/// A request that is to be done once, however often it is sent.
pub struct Once<T> {
    /// The caller's key (`Idempotency-Key`).
    pub key: String,
    /// Tells one request from another: digest of method, path and body.
    pub fingerprint: String,
    /// Makes the answer that is kept.
    pub render: fn(&T) -> Result<StoredAnswer, Error>,
}

// By hand: a derived `Clone` would ask it of `T`, the answer, too.
impl<T> Clone for Command<T> {
    fn clone(&self) -> Self {
        Self {
            actor: self.actor.clone(),
            session_id: self.session_id.clone(),
            version: self.version,
            once: self.once.clone(),
        }
    }
}

impl<T> Clone for Once<T> {
    fn clone(&self) -> Self {
        Self {
            key: self.key.clone(),
            fingerprint: self.fingerprint.clone(),
            render: self.render,
        }
    }
}

/// What came of a request.
#[derive(Debug)]
pub enum Answer<T> {
    /// It was done now.
    Done(T),
    /// It was done before: the answer given then.
    Repeated(StoredAnswer),
}

/// How long answers are kept for repetition: a week.
const KEPT_SECONDS: i64 = 7 * 86_400;

/// Answers a repeated request, or runs `f` and keeps its answer; within the caller's transaction.
fn once<T>(
    db: &mut Db,
    command: &Command<T>,
    now: Moment,
    f: impl FnOnce(&mut Db) -> Result<Decided<T>, Error>,
) -> Result<Decided<Answer<T>>, Error> {
    let Some(once) = &command.once else {
        return Ok(match f(db)? {
            Decided::Done(done) => Decided::Done(Answer::Done(done)),
            Decided::Refused(error) => Decided::Refused(error),
        });
    };
    let username = &command.actor.username;
    if let Some((fingerprint, answer)) = idempotency::find(db, username, &once.key)? {
        return if fingerprint == once.fingerprint {
            Ok(Decided::Done(Answer::Repeated(answer)))
        } else {
            Err(Error::KeyReused)
        };
    }
    let done = match f(db)? {
        Decided::Done(done) => done,
        Decided::Refused(error) => return Ok(Decided::Refused(error)),
    };
    let answer = (once.render)(&done)?;
    idempotency::sweep(db, now.plus_seconds(-KEPT_SECONDS))?;
    idempotency::insert(db, username, &once.key, &once.fingerprint, &answer, now)?;
    Ok(Decided::Done(Answer::Done(done)))
}

/// The command with its caller as he or she is now: session, roles, agency and certificate are read again within the transaction, so
/// that nobody acts by a right that was lost between the request's arrival and its turn.
///
/// # Errors
/// [`Error::Unauthenticated`] where the session is over by now, or the account locked.
pub(super) fn with_current_caller<T>(db: &mut Db, command: &Command<T>, now: Moment) -> Result<Command<T>, Error> {
    let mut command = command.clone();
    if let Some(id) = &command.session_id {
        let session = sessions::find_live(db, id, now)?.ok_or(Error::Unauthenticated)?;
        let account = accounts::find(db, session.user_id)?
            .filter(|a| a.username == command.actor.username && a.locked_at.is_none())
            .ok_or(Error::Unauthenticated)?;
        command.actor = account.actor();
    }
    Ok(command)
}

/// Lets a change through that is based on the version that is there.
///
/// # Errors
/// [`Error::VersionMissing`] where none is named, [`Error::Stale`] where it is another.
pub(super) fn on_current<T>(command: &Command<T>, current: i64) -> Result<(), Error> {
    match command.version {
        None => Err(Error::VersionMissing),
        Some(version) if version != current => Err(Error::Stale { current }),
        Some(_) => Ok(()),
    }
}

/// Runs `f` in one writing transaction for the caller as he or she is now, or answers a repeated request. `f` may be run again where
/// the transaction loses a race.
///
/// # Errors
/// What `f` answers; a session that is over; a key used for another request.
pub(super) async fn change<T: Send + 'static>(
    ctx: &Context,
    command: Command<T>,
    mut f: impl FnMut(&mut Db, &Command<T>, Moment) -> Result<T, Error> + Send + 'static,
) -> Result<Answer<T>, Error> {
    change_or_refuse(ctx, command, move |db, command, now| {
        f(db, command, now).map(Decided::Done)
    })
    .await
}

/// What came of an act within its transaction.
pub(super) enum Decided<T> {
    /// It was done.
    Done(T),
    /// It was refused, and what was written while refusing it stays: that something was told, say. No answer is kept.
    Refused(Error),
}

/// As [`change`], for acts that may leave an entry when they refuse.
///
/// # Errors
/// As [`change`]; and, after the commit, what is refused with an entry.
pub(super) async fn change_or_refuse<T: Send + 'static>(
    ctx: &Context,
    command: Command<T>,
    mut f: impl FnMut(&mut Db, &Command<T>, Moment) -> Result<Decided<T>, Error> + Send + 'static,
) -> Result<Answer<T>, Error> {
    let clock = ctx.clock.clone();
    let committed: Result<Answer<T>, Error> = ctx
        .store
        .write(move |db| {
            let now = clock.now();
            let command = with_current_caller(db, &command, now)?;
            Ok::<_, Error>(match once(db, &command, now, |db| f(db, &command, now))? {
                Decided::Done(answer) => Ok(answer),
                Decided::Refused(error) => Err(error),
            })
        })
        .await?;
    committed
}
