//! Sends what is in the outbox.
//!
//! Each mail is taken in a short writing transaction, sent outside any, and settled in another one. Two processes on one store
//! never have the same mail at a time. A process that dies between taking and settling loses the mail when its lease is over, and
//! it is sent again: nothing is lost. Whether the server had taken it before nobody can know then; it has the same Message-ID, by
//! which a receiver knows it for the same. In that one window mail is sent at least once; otherwise once.

use std::time::Duration;

use tokio::{sync::watch, task::JoinHandle, time::sleep};

use crate::{
    mail::{Failure, Letter, Transport, retry::pause_seconds},
    storage::outbox::{self, Outcome, Taken},
    usecases::{Context, Error, seam::random_bytes},
};

/// What one pass through the outbox did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pass {
    /// Mails that were taken.
    pub sent: usize,
    /// Mails to be sent again.
    pub postponed: usize,
    /// Mails given up.
    pub dead: usize,
    /// Whether the pass ended since nothing is taken now.
    pub unreachable: bool,
}

/// How often writing down what became of a mail is tried, a second apart: it was sent, and must not be again.
const SETTLING: u32 = 10;

/// A worker that runs.
pub struct Worker {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Worker {
    /// Starts to send, by the transport of the settings; none where mail is off. Async since transport and task need the runtime
    /// that they live in.
    ///
    /// # Errors
    /// Settings that are wrong.
    pub async fn start(ctx: &Context) -> Result<Option<Self>, String> {
        let Some(transport) = Transport::open(&ctx.settings)? else {
            return Ok(None);
        };
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(run(ctx.clone(), transport, stopped));
        Ok(Some(Self { stop, task }))
    }

    /// Lets it finish the mail that it is at, and no other.
    pub async fn stop(self) {
        // A worker that has ended needs no telling.
        let _ = self.stop.send(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the mail worker ended badly");
        }
    }
}

async fn run(ctx: Context, transport: Transport, mut stop: watch::Receiver<bool>) {
    let poll = Duration::from_secs(ctx.settings.mail.poll_seconds);
    let mut rung = false;
    while !*stop.borrow() {
        let mut pause = match once(&ctx, &transport, rung, &stop).await {
            Ok(pause) => pause,
            Err(error) => {
                error.log_undone("the outbox was not worked off");
                Pause::Long
            }
        };
        if matches!(pause, Pause::Until(wait) if wait > poll) {
            pause = Pause::Until(poll);
        }
        rung = match pause {
            Pause::Until(wait) => tokio::select! {
                _ = stop.changed() => false,
                () = ctx.mail_bell.notified() => true,
                () = sleep(wait) => false,
            },
            // Nothing is taken now: more mail does not change that.
            Pause::Long => tokio::select! {
                _ = stop.changed() => false,
                () = sleep(poll) => false,
            },
        };
    }
}

/// How long to wait before looking again.
enum Pause {
    /// So long, or until the bell.
    Until(Duration),
    /// The whole time between two looks, bell or not.
    Long,
}

/// Looks whether anything is due (the bell says so without looking) and sends it.
async fn once(ctx: &Context, transport: &Transport, rung: bool, stop: &watch::Receiver<bool>) -> Result<Pause, Error> {
    let due = |wait: Option<Duration>| wait == Some(Duration::ZERO);
    if rung || due(wait_for_next(ctx).await?) {
        let pass = deliver(ctx, transport, || *stop.borrow()).await?;
        if pass.unreachable {
            return Ok(Pause::Long);
        }
    }
    Ok(match wait_for_next(ctx).await? {
        Some(wait) => Pause::Until(wait),
        None => Pause::Until(Duration::MAX),
    })
}

/// How long until the next mail is due; none where there is none.
async fn wait_for_next(ctx: &Context) -> Result<Option<Duration>, Error> {
    let next = ctx.store.read(|db| Ok::<_, Error>(outbox::next_due(db)?)).await?;
    let now = ctx.clock.now();
    Ok(next.map(|at| Duration::from_micros(u64::try_from(at.micros() - now.micros()).unwrap_or(0))))
}

/// Sends what is due by now, one after another, until nothing is, nothing is taken, or `stopped`.
///
/// # Errors
/// Where the store does not answer. What becomes of a mail is no error.
pub async fn deliver(ctx: &Context, transport: &Transport, stopped: impl Fn() -> bool) -> Result<Pass, Error> {
    let mut pass = Pass::default();
    while !stopped() {
        let Some(mail) = take(ctx).await? else {
            break;
        };
        let failure = if mail.attempt > ctx.settings.mail.attempts {
            // Attempts of which nothing was heard count, or a mail that ends its sender would be tried for ever.
            Some(Failure::Refused("多次发送均未完成".into()))
        } else {
            transport.send(&letter(&mail)).await.err()
        };
        let outcome = outcome(ctx, &mail, failure.as_ref())?;
        match &outcome {
            Outcome::Sent(_) => pass.sent += 1,
            Outcome::Postponed(_, reason) => {
                pass.postponed += 1;
                tracing::warn!(mail = mail.id, attempt = mail.attempt, %reason, "mail was not taken; it is sent again");
            }
            Outcome::Dead(reason) => {
                pass.dead += 1;
                tracing::error!(mail = mail.id, attempt = mail.attempt, %reason, "mail was given up");
            }
        }
        settle(ctx, &mail, outcome).await?;
        if matches!(failure, Some(Failure::Unreachable(_))) {
            pass.unreachable = true;
            break;
        }
    }
    Ok(pass)
}

async fn take(ctx: &Context) -> Result<Option<Taken>, Error> {
    let clock = ctx.clock.clone();
    let seconds = ctx.settings.mail.lease_seconds;
    ctx.store
        .write(move |db| {
            let now = clock.now();
            Ok::<_, Error>(outbox::take(db, now, now.plus_seconds(seconds))?)
        })
        .await
}

fn letter(mail: &Taken) -> Letter {
    Letter {
        id: mail.header_id.clone(),
        to: mail.address.clone(),
        subject: mail.subject.clone(),
        text: mail.body.clone(),
        at: mail.written_at,
    }
}

fn outcome(ctx: &Context, mail: &Taken, failure: Option<&Failure>) -> Result<Outcome, Error> {
    let settings = &ctx.settings.mail;
    let now = ctx.clock.now();
    Ok(match failure {
        None => Outcome::Sent(now),
        Some(Failure::Refused(reason)) => Outcome::Dead(reason.clone()),
        Some(Failure::Later(reason) | Failure::Unreachable(reason)) if mail.attempt >= settings.attempts => {
            Outcome::Dead(reason.clone())
        }
        Some(Failure::Later(reason) | Failure::Unreachable(reason)) => {
            let random = u64::from_le_bytes(random_bytes::<8>()?);
            let pause = pause_seconds(
                mail.attempt,
                settings.backoff_seconds,
                settings.backoff_most_seconds,
                random,
            );
            Outcome::Postponed(now.plus_seconds(pause), reason.clone())
        }
    })
}

/// Writes down what became of a mail, again where the store does not answer at once.
async fn settle(ctx: &Context, mail: &Taken, outcome: Outcome) -> Result<(), Error> {
    let (id, lease) = (mail.id, mail.lease);
    let mut tries = 1;
    loop {
        let outcome = outcome.clone();
        let settled = ctx
            .store
            .write(move |db| Ok::<_, Error>(outbox::settle(db, id, lease, &outcome)?))
            .await;
        match settled {
            Ok(ours) => {
                if !ours {
                    tracing::warn!(mail = id, "mail was sent after its lease; it may arrive twice");
                }
                return Ok(());
            }
            Err(error) if tries >= SETTLING => return Err(error),
            Err(error) => {
                tracing::warn!(mail = id, reason = ?error, "what became of a mail was not written down yet");
                tries += 1;
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}
