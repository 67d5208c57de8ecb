//! The one place where a clock is read and random bytes are drawn; tests put their own clock here.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::domain::time::{Date, Moment};

/// Tells the time: the machine's, and never one before what the ledgers hold (see [`Clock::learn`]).
///
/// A store may have several servers, and a machine's clock may be set back. So whoever begins a transaction tells the clock the
/// moment of the ledgers' last entries; from then on it answers later moments only. Where the machine is behind, time goes on at
/// half its pace until the machine has caught up: what waits for a time (a brake on log-ins, a session's end) still comes.
#[derive(Clone)]
pub struct Clock {
    machine: Machine,
    /// What [`Clock::slow`] must be added to for the earliest moment that may be told; shared by clones.
    ahead: Arc<AtomicI64>,
    /// While the machine's clock is not believed: what [`Clock::passed`] must be added to instead; else [`BELIEVED`].
    instead: Arc<AtomicI64>,
}

/// No moment: the machine's clock is believed.
const BELIEVED: i64 = i64::MIN;

#[derive(Clone)]
enum Machine {
    /// The operating system's clocks; the instant is the process's first reading.
    System(Instant),
    /// Clocks that a hand moves.
    Manual(Arc<Hand>),
}

/// The hand-moved clocks.
struct Hand {
    /// The machine's clock, microseconds.
    shown: AtomicI64,
    /// Microseconds that have really passed.
    passed: AtomicI64,
    /// Which start of which machine.
    boot: String,
}

/// What a machine knows of the time beside its clock: how long it has been running, which no change of the clock changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uptime {
    /// Which start of which machine; none where the system does not tell.
    pub boot: Option<String>,
    /// Microseconds since that start, suspension included.
    pub micros: i64,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::of(Machine::System(Instant::now()))
    }

    /// A clock that stands at `at` until it is moved: for tests, and for replaying a year.
    pub fn manual(at: Moment) -> Self {
        Self::manual_on("manual", at, 0)
    }

    /// The same on a machine of a name that has been running for `passed` microseconds.
    pub fn manual_on(boot: &str, at: Moment, passed: i64) -> Self {
        Self::of(Machine::Manual(Arc::new(Hand {
            shown: AtomicI64::new(at.micros()),
            passed: AtomicI64::new(passed),
            boot: boot.to_owned(),
        })))
    }

    fn of(machine: Machine) -> Self {
        Self {
            machine,
            ahead: Arc::new(AtomicI64::new(i64::MIN / 4)),
            instead: Arc::new(AtomicI64::new(BELIEVED)),
        }
    }

    /// Moves a manual clock to `at`: so much time passes. The machine's clock is not ours to move.
    pub fn set(&self, at: Moment) {
        if let Machine::Manual(hand) = &self.machine {
            let before = hand.shown.swap(at.micros(), Ordering::SeqCst);
            hand.passed.fetch_add((at.micros() - before).max(0), Ordering::SeqCst);
        }
    }

    /// Sets a manual clock wrongly, or right again: it shows something else, and no time passes.
    pub fn step(&self, seconds: i64) {
        if let Machine::Manual(hand) = &self.machine {
            hand.shown.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
        }
    }

    /// Now: what the machine shows, or, where that is not later than what was learned, a moment that is.
    pub fn now(&self) -> Moment {
        let shown = match self.instead.load(Ordering::SeqCst) {
            BELIEVED => self.shown(),
            instead => Moment::from_micros(instead + self.passed()),
        };
        shown.max(Moment::from_micros(self.slow() + self.ahead.load(Ordering::SeqCst)))
    }

    /// Today in Beijing.
    pub fn today(&self) -> Date {
        self.now().date()
    }

    /// What the machine's clock shows, right or wrong.
    pub fn shown(&self) -> Moment {
        match &self.machine {
            #[expect(clippy::disallowed_methods, reason = "the one seam through which the clock is read")]
            Machine::System(_) => Moment::from_datetime(chrono::Utc::now()),
            Machine::Manual(hand) => Moment::from_micros(hand.shown.load(Ordering::SeqCst)),
        }
    }

    /// From now on no moment before `at` is told.
    pub fn learn(&self, at: Moment) {
        self.ahead.fetch_max(at.micros() - self.slow(), Ordering::SeqCst);
    }

    /// From now on the time is told by what passes since it was `at`, not by what the machine shows; none: by the machine again.
    pub fn distrust(&self, at: Option<i64>) {
        let instead = at.map_or(BELIEVED, |at| at - self.passed());
        self.instead.store(instead, Ordering::SeqCst);
    }

    /// Microseconds since the process began, by a clock that nobody sets.
    pub fn passed(&self) -> i64 {
        match &self.machine {
            Machine::System(began) => micros(began.elapsed()),
            Machine::Manual(hand) => hand.passed.load(Ordering::SeqCst),
        }
    }

    /// Half of [`Clock::passed`].
    fn slow(&self) -> i64 {
        self.passed() / 2
    }

    /// How long the machine has been running.
    pub fn uptime(&self) -> Uptime {
        match &self.machine {
            Machine::System(_) => system_uptime().unwrap_or_else(|| Uptime {
                boot: None,
                micros: self.passed(),
            }),
            Machine::Manual(hand) => Uptime {
                boot: Some(hand.boot.clone()),
                micros: hand.passed.load(Ordering::SeqCst),
            },
        }
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// What Linux tells; none elsewhere.
fn system_uptime() -> Option<Uptime> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let (whole, hundredths) = uptime.split_whitespace().next()?.split_once('.')?;
    let seconds: i64 = whole.parse().ok()?;
    let hundredths: i64 = hundredths.parse().ok()?;
    Some(Uptime {
        boot: Some(boot.trim().to_owned()),
        micros: seconds * 1_000_000 + hundredths * 10_000,
    })
}

/// `N` random bytes of the operating system.
///
/// # Errors
/// Where the system has none.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], super::Error> {
    let mut bytes = [0; N];
    #[expect(
        clippy::disallowed_methods,
        reason = "the one seam through which randomness is drawn"
    )]
    getrandom::fill(&mut bytes).map_err(|e| super::Error::internal(format!("no randomness: {e}")))?;
    Ok(bytes)
}

/// A random token of 256 bits, base64url.
///
/// # Errors
/// Where the system has no randomness.
pub fn random_token() -> Result<String, super::Error> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes::<32>()?))
}

/// `N` random bytes in lower-case hex.
///
/// # Errors
/// Where the system has no randomness.
pub fn random_hex<const N: usize>() -> Result<String, super::Error> {
    Ok(hex::encode(random_bytes::<N>()?))
}
