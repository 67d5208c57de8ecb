//! Settings of accounts and sessions.

use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;

/// Accounts and sessions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSettings {
    /// File of the keys that sign access tokens.
    pub key_file: PathBuf,
    /// `iss` of access tokens.
    pub issuer: String,
    /// `aud` of access tokens.
    pub audience: String,
    /// Life of an access token, seconds.
    pub access_token_seconds: i64,
    /// Life of a refresh token, seconds.
    pub refresh_token_seconds: i64,
    /// Life of a session, seconds.
    pub session_seconds: i64,
    /// How long someone at the pages may be idle, seconds.
    pub idle_seconds: i64,
    /// Days within which a password that somebody else gave must be changed; 0: it does not run out.
    pub first_password_days: i64,
    /// Cost of password hashes.
    pub argon2: Argon2Settings,
    /// Which passwords are accepted, and for how long.
    pub password: PasswordSettings,
    /// Brake on failed log-ins.
    pub throttle: ThrottleSettings,
}

/// Cost of password hashes (Argon2id).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Argon2Settings {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes.
    pub iterations: u32,
    /// Lanes of each hash.
    pub parallelism: u32,
    /// Hashes computed at a time: each keeps its memory.
    pub at_once: std::num::NonZeroUsize,
}

/// Which passwords are accepted, and for how long: one of two policies.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordSettings {
    /// The policy in force.
    pub policy: PasswordPolicy,
    /// Numbers of `nist`.
    pub nist: NistSettings,
    /// Numbers of `djbh`.
    pub djbh: DjbhSettings,
}

/// A password policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordPolicy {
    /// NIST SP 800-63B-4: length; no composition, no expiry.
    Nist,
    /// 等保, GB/T 22239-2019 8.1.4.1: composition and regular change.
    Djbh,
}

/// NIST SP 800-63B-4, 3.1.1.2.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NistSettings {
    /// Least length, code points: 15–64.
    pub min_chars: usize,
}

/// 等保 (GB/T 22239-2019 8.1.4.1 names no numbers; these are what assessors expect).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DjbhSettings {
    /// Least length, code points: 8–64.
    pub min_chars: usize,
    /// Kinds of characters (upper case, lower case, digits, others) at least: 1–4.
    pub kinds: usize,
    /// Days that a password is good for: 1–3650.
    pub max_age_days: i64,
    /// Earlier passwords that may not be taken again, beside the current one: 0–24.
    pub history: i64,
}

impl PasswordSettings {
    /// Days that a password is good for; none where it does not run out.
    pub fn max_age_days(&self) -> Option<i64> {
        match self.policy {
            PasswordPolicy::Nist => None,
            PasswordPolicy::Djbh => Some(self.djbh.max_age_days),
        }
    }

    /// Earlier passwords that may not be taken again, beside the current one.
    pub fn history(&self) -> i64 {
        match self.policy {
            PasswordPolicy::Nist => 0,
            PasswordPolicy::Djbh => self.djbh.history,
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let wrong =
            |key: &str, range: &str| Err(ConfigError::Settings(format!("auth.password.{key} 应在 {range} 之间")));
        let d = &self.djbh;
        if !(15..=64).contains(&self.nist.min_chars) {
            return wrong("nist.min_chars", "15 至 64");
        }
        if !(8..=64).contains(&d.min_chars) {
            return wrong("djbh.min_chars", "8 至 64");
        }
        if !(1..=4).contains(&d.kinds) {
            return wrong("djbh.kinds", "1 至 4");
        }
        if !(1..=3650).contains(&d.max_age_days) {
            return wrong("djbh.max_age_days", "1 至 3650");
        }
        if !(0..=24).contains(&d.history) {
            return wrong("djbh.history", "0 至 24");
        }
        Ok(())
    }
}

/// Brake on failed log-ins; see `usecases::accounts::throttle`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThrottleSettings {
    /// How long failures of one name, and of one network, are counted together, seconds.
    pub window_seconds: i64,
    /// Failures of one name at one place after which one waits.
    pub account_failures: i64,
    /// Failures of strangers at one name within a window, wherever they are.
    pub name_failures: i64,
    /// Failures of strangers from one network within a window.
    pub address_failures: i64,
    /// The first wait, seconds; each failure doubles it.
    pub first_seconds: i64,
    /// The longest wait, seconds.
    pub longest_seconds: i64,
}
