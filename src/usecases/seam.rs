//! The one place where a clock is read and random bytes are drawn; tests put their own clock here.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::domain::time::{Date, Moment};

/// Tells the time.
#[derive(Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands until it is moved: for tests, and for replaying a year.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `at`.
    pub fn manual(at: Moment) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.micros())))
    }

    /// Moves a manual clock; the machine's clock is not ours to move.
    pub fn set(&self, at: Moment) {
        if let Self::Manual(micros) = self {
            micros.store(at.micros(), Ordering::SeqCst);
        }
    }

    /// Now.
    pub fn now(&self) -> Moment {
        match self {
            #[expect(clippy::disallowed_methods, reason = "the one seam through which the clock is read")]
            Self::System => Moment::from_datetime(chrono::Utc::now()),
            Self::Manual(micros) => Moment::from_micros(micros.load(Ordering::SeqCst)),
        }
    }

    /// Today in Beijing.
    pub fn today(&self) -> Date {
        self.now().date()
    }
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
