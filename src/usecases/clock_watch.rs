//! Whether the machine's clock can be believed, and what becomes of the register's time where it cannot.
//!
//! **No act before another.** At the start of every transaction the store tells the moment of the ledgers' last entries
//! ([`TimeKeeper`]); what the clock tells within it is not before that, and within a writing one later. So acts are dated in the order
//! of the ledgers, by whichever server, and who reads sees every act that the transaction sees as past.
//!
//! **A clock set forward** cannot be told from a quiet register by the ledgers' end. It is told by what passes beside the clock: the
//! process's own steady clock while it serves (by which the register's time goes on while the machine's is not believed); and across its end a mark in the store (`clock_marks`), written every minute by whoever
//! serves, with the time that the machine had been running: where the machine was not started anew, the difference of both running
//! times is what really passed. Where it was, nothing proves the time between, and a gap beyond the limit is taken for a jump.
//! A store that was never served has no marks and no gaps.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{
    Context, Error,
    seam::{Clock, Uptime},
};
use crate::{
    domain::{
        account_ledger::{AccountAction, AccountEvent},
        time::Moment,
    },
    storage::{
        account_ledger,
        moments::{self, ClockMark, TimeKeeper},
    },
};

/// From so many microseconds on a difference is told.
const TOLD: i64 = 5_000_000;
/// How long a step of the clock is told, microseconds.
const STEP_TOLD: i64 = 86_400_000_000;
/// How often who serves leaves a mark.
const MARKED_EVERY: Duration = Duration::from_secs(60);
/// Marks of machines that were not seen for so long are forgotten, seconds.
const MARKS_KEPT: i64 = 400 * 86_400;

/// What is watched; shared by a context's clones.
pub struct ClockWatch {
    clock: Clock,
    /// How far the clock may go forward without that time having passed, microseconds.
    limit: i64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What the time was believed to be, and the steady clock's reading then; none while nobody watches.
    believed: Option<(i64, i64)>,
    /// Of the last step: how far, and when.
    stepped: Option<(i64, i64)>,
    /// How far the clock has jumped beyond the limit.
    jumped: Option<i64>,
    /// How far the clock is behind the ledgers' end.
    behind: i64,
    /// How far it is ahead of another server's.
    ahead: i64,
}

/// What there is to say of the clock; all in seconds, none where there is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClockReport {
    /// Behind the ledgers' last entries.
    pub behind: Option<i64>,
    /// Ahead of the clock of another server on the same store.
    pub ahead: Option<i64>,
    /// Set forward (back, where negative) within the last day.
    pub stepped: Option<i64>,
    /// Jumped forward so far that nothing is written.
    pub jumped: Option<i64>,
}

impl ClockReport {
    /// One line each; none where all is well.
    pub fn lines(&self) -> Vec<String> {
        let told = [
            (self.jumped, "clock_jumped_seconds"),
            (self.behind, "clock_behind_ledger_seconds"),
            (self.ahead, "clock_ahead_of_others_seconds"),
            (self.stepped, "clock_stepped_seconds"),
        ];
        told.into_iter()
            .filter_map(|(seconds, name)| Some(format!("{name} {}", seconds?)))
            .collect()
    }
}

impl ClockWatch {
    /// Watches nothing yet but that no act is dated before another.
    pub fn new(clock: Clock, limit_hours: u32) -> Self {
        Self {
            clock,
            limit: i64::from(limit_hours) * 3_600_000_000,
            state: Mutex::default(),
        }
    }

    /// What there is to say.
    pub fn report(&self) -> ClockReport {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = |micros: i64| (micros.abs() >= TOLD).then_some(micros / 1_000_000);
        let now = self.clock.passed();
        let recent = |(_, at): &(i64, i64)| now - at < STEP_TOLD;
        ClockReport {
            behind: seconds(state.behind),
            ahead: seconds(state.ahead),
            stepped: state.stepped.filter(recent).and_then(|(by, _)| seconds(by)),
            jumped: state.jumped.map(|by| by / 1_000_000),
        }
    }

    /// Begins to watch: `passed_to` is where the time must have come to since it was last seen, if anybody knows.
    fn begin(&self, passed_to: Option<i64>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let from = passed_to.unwrap_or_else(|| self.clock.shown().micros());
        state.believed = Some((from, self.clock.passed()));
        state.jumped = None;
        self.clock.distrust(None);
    }

    /// Looks at the clock: answers how far it has jumped, where that is too far.
    fn look(&self, last: Option<Moment>) -> Option<i64> {
        let (shown, passed) = (self.clock.shown().micros(), self.clock.passed());
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let behind = last.map_or(0, |last| (last.micros() - shown).max(0));
        if behind >= TOLD && state.behind < TOLD {
            tracing::warn!(seconds = behind / 1_000_000, "the clock is behind the ledger's end");
        }
        state.behind = behind;
        let (believed, since) = state.believed?;
        let believed = believed.saturating_add(passed - since);
        let by = shown - believed;
        // What the ledgers already hold was let through before.
        let unproven = shown - last.map_or(believed, |last| believed.max(last.micros()));
        if unproven > self.limit {
            if state.jumped.is_none() {
                tracing::error!(
                    seconds = by / 1_000_000,
                    "the clock jumped forward; nothing is written until it is right, or `dengji serve --accept-clock`"
                );
            }
            state.jumped = Some(by);
            self.clock.distrust(Some(believed));
            return state.jumped;
        }
        if state.jumped.take().is_some() {
            self.clock.distrust(None);
            tracing::warn!("the clock is right again; writing goes on");
        }
        if by.abs() >= TOLD && state.stepped.is_none_or(|(told, _)| (told - by).abs() >= TOLD) {
            tracing::warn!(seconds = by / 1_000_000, "the clock was set while the program ran");
            state.stepped = Some((by, passed));
        }
        // Only forward: a clock that is set back and right again has not jumped.
        if by > 0 {
            state.believed = Some((shown, passed));
        }
        None
    }

    /// How far this machine's clock is ahead of those of others: exactly for a mark of the same start of the same machine, else by
    /// what a mark that was written since the last look must be behind at least.
    fn compare(&self, marks: &[ClockMark], before: &[ClockMark], uptime: &Uptime) {
        let shown = self.clock.shown().micros();
        let interval = i64::try_from(MARKED_EVERY.as_micros()).unwrap_or(i64::MAX);
        let ahead = marks.iter().filter_map(|mark| {
            if uptime.boot.as_ref() == Some(&mark.boot) {
                return Some((shown - uptime.micros) - (mark.seen_at - mark.uptime));
            }
            let fresh = before.iter().any(|b| b.boot == mark.boot && b != mark);
            fresh.then_some(shown - mark.seen_at - interval)
        });
        let ahead = ahead.max().unwrap_or(0).max(0);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if ahead >= TOLD && state.ahead < TOLD {
            tracing::warn!(seconds = ahead / 1_000_000, "the clock is ahead of another server's");
        }
        state.ahead = ahead;
    }
}

impl TimeKeeper for ClockWatch {
    fn reading(&self, last: Option<Moment>) {
        self.look(last);
        if let Some(last) = last {
            self.clock.learn(last);
        }
    }

    fn writing(&self, last: Option<Moment>) -> Result<(), String> {
        if let Some(by) = self.look(last) {
            return Err(format!(
                "本机时钟（{}）比应有的时间超前约 {} 小时，已停止写入。请核对时钟；确认无误后，以 dengji serve --accept-clock 启动服务。",
                self.clock.shown(),
                by / 3_600_000_000
            ));
        }
        if let Some(last) = last {
            self.clock.learn(Moment::from_micros(last.micros() + 1));
        }
        Ok(())
    }
}

/// Where the time must have come to by what was last seen, if anybody saw anything.
fn passed_to(marks: &[ClockMark], uptime: &Uptime) -> Option<i64> {
    let same = marks.iter().find(|m| uptime.boot.as_ref() == Some(&m.boot));
    let measured = same.filter(|m| m.uptime <= uptime.micros);
    match measured {
        Some(mark) => Some(mark.seen_at + uptime.micros - mark.uptime),
        None => marks.iter().map(|mark| mark.seen_at).max(),
    }
}

/// Watches the clock from now on, by the marks in the store. With `accept` whatever the clock shows is taken for right, which is
/// entered in the account ledger in `actor`'s name where it had jumped.
///
/// # Errors
/// Where the store does not answer.
pub async fn watch(ctx: &Context, accept: Option<&str>) -> Result<(), Error> {
    let marks = ctx.store.read(|db| Ok::<_, Error>(moments::marks(db)?)).await?;
    let last = ctx.store.read(|db| Ok::<_, Error>(moments::last(db)?)).await?;
    ctx.watch.begin(passed_to(&marks, &ctx.clock.uptime()));
    let (Some(actor), Some(by)) = (accept, ctx.watch.look(last)) else {
        return Ok(());
    };
    ctx.watch.begin(None);
    let mut event = AccountEvent::new(ctx.clock.now(), AccountAction::AcceptClock);
    event.actor = Some(actor.to_owned());
    event.reason = Some(format!(
        "时钟比应有的时间超前约 {} 小时，经确认无误",
        by / 3_600_000_000
    ));
    let clock = ctx.clock.clone();
    ctx.store
        .write(move |db| {
            let mut event = event.clone();
            event.at = clock.now();
            Ok::<_, Error>(account_ledger::append(db, event)?)
        })
        .await?;
    tracing::warn!(hours = by / 3_600_000_000, %actor, "the clock was accepted");
    Ok(())
}

/// Leaves a mark now and every minute, and compares it with those of others, until it is dropped.
pub async fn keep_marking(ctx: Context) {
    let mut ticks = tokio::time::interval(MARKED_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut before = Vec::new();
    loop {
        ticks.tick().await;
        match leave_mark(&ctx, &before).await {
            Ok(marks) => before = marks,
            // Told by the log when it was noticed.
            Err(Error::Halted(_)) => {}
            Err(error) => tracing::debug!(?error, "the clock was not marked; it is tried again"),
        }
    }
}

/// Leaves one mark; answers the marks of others that it found.
///
/// # Errors
/// Where nothing can be written.
pub async fn leave_mark(ctx: &Context, before: &[ClockMark]) -> Result<Vec<ClockMark>, Error> {
    let (clock, watch, before) = (ctx.clock.clone(), Arc::clone(&ctx.watch), before.to_vec());
    ctx.store
        .write(move |db| {
            let marks = moments::marks(db)?;
            let uptime = clock.uptime();
            watch.compare(&marks, &before, &uptime);
            if let Some(boot) = uptime.boot {
                let mark = ClockMark {
                    boot,
                    seen_at: clock.shown().micros(),
                    uptime: uptime.micros,
                };
                moments::mark(db, &mark, clock.shown().plus_seconds(-MARKS_KEPT))?;
            }
            Ok(marks)
        })
        .await
}
