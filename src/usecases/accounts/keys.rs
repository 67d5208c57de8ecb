//! The keys that sign access tokens: the newest signs, superseded ones verify until no token of theirs can be valid any more.

use std::{
    path::PathBuf,
    sync::{LazyLock, PoisonError, RwLock},
};

use jsonwebtoken::{DecodingKey, EncodingKey};

use super::key_file::{self, KeyError, Stamp, StoredKey};
use crate::{
    config::AuthSettings,
    domain::time::Moment,
    usecases::{sampled::Sampler, seam},
};

/// Seconds for which a superseded key verifies beyond the life of an access token: a token may be signed while the key is being
/// superseded.
const GRACE_SECONDS: i64 = 5;

/// The signing keys. Another process may rotate them: the file is looked at before each signing, and when a token names a key
/// that is not known.
pub struct Keyring {
    file: PathBuf,
    token_seconds: i64,
    loaded: RwLock<Option<Loaded>>,
}

struct Loaded {
    stamp: Stamp,
    keys: Vec<Key>,
}

struct Key {
    kid: String,
    created_at: Moment,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Keyring {
    /// The keys in `auth.key_file`. Touches nothing yet.
    pub fn new(settings: &AuthSettings) -> Self {
        Self {
            file: settings.key_file.clone(),
            token_seconds: settings.access_token_seconds,
            loaded: RwLock::new(None),
        }
    }

    /// Reads the keys, and makes the first one where there is no file: for the server's start, so that what is wrong shows then.
    ///
    /// # Errors
    /// Where others can read the file, or it cannot be read or made, or is not of its form.
    pub fn prepare(&self, now: Moment) -> Result<(), KeyError> {
        if key_file::read(&self.file)?.is_none() {
            key_file::change(&self.file, |keys| match keys.as_slice() {
                [] => Ok(Some(vec![fresh_key(now)?])),
                // Another process was quicker.
                [..] => Ok(None),
            })?;
        }
        self.load()
    }

    /// Adds a key, which signs from now on, and drops those that no valid token can name any more; answers the new key's id.
    /// Running servers pick it up with the next token they sign.
    ///
    /// # Errors
    /// As [`Self::prepare`].
    pub fn rotate(&self, now: Moment) -> Result<String, KeyError> {
        let key = fresh_key(now)?;
        let kid = key.kid.clone();
        key_file::change(&self.file, |mut keys| {
            keys.push(key);
            let times: Vec<Moment> = keys.iter().map(|k| k.created_at).collect();
            let kept = keys.into_iter().enumerate();
            Ok(Some(
                kept.filter(|(i, _)| self.verifies(times.get(i + 1).copied(), now))
                    .map(|(_, k)| k)
                    .collect(),
            ))
        })?;
        self.load()?;
        Ok(kid)
    }

    /// Calls `f` with the newest key and its id.
    pub(super) fn with_newest<T>(&self, now: Moment, f: impl FnOnce(&str, &EncodingKey) -> T) -> Result<T, KeyError> {
        self.renew(now)?;
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        match loaded.as_ref().and_then(|l| l.keys.last()) {
            Some(key) => Ok(f(&key.kid, &key.encoding)),
            None => Err(KeyError::Malformed(self.file.clone(), "没有密钥".into())),
        }
    }

    /// Calls `f` with the key of an id, unless there is none or it verifies no longer.
    pub(super) fn with_key<T>(
        &self,
        kid: &str,
        now: Moment,
        f: impl FnOnce(&DecodingKey) -> T,
    ) -> Result<Option<T>, KeyError> {
        if !self.knows(kid) {
            self.renew(now)?;
        }
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        let keys = loaded.as_ref().map_or(&[][..], |l| &l.keys);
        let Some(at) = keys.iter().position(|k| k.kid == kid) else {
            return Ok(None);
        };
        let superseded_at = keys.get(at + 1).map(|k| k.created_at);
        let key = keys.get(at).filter(|_| self.verifies(superseded_at, now));
        Ok(key.map(|k| f(&k.decoding)))
    }

    /// Whether a key that was superseded then (or never) still verifies.
    fn verifies(&self, superseded_at: Option<Moment>, now: Moment) -> bool {
        superseded_at.is_none_or(|at| now < at.plus_seconds(self.token_seconds + GRACE_SECONDS))
    }

    fn knows(&self, kid: &str) -> bool {
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        loaded.as_ref().is_some_and(|l| l.keys.iter().any(|k| k.kid == kid))
    }

    /// Reads the file again where it has changed. A server that has keys goes on with them while the file is gone or unreadable
    /// (a rotation that went wrong must not log everybody out), and says so in the log.
    fn renew(&self, now: Moment) -> Result<(), KeyError> {
        let known = {
            let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
            loaded.as_ref().map(|l| l.stamp)
        };
        let Some(known) = known else {
            return self.prepare(now);
        };
        if key_file::stamp(&self.file).is_ok_and(|stamp| stamp == known) {
            return Ok(());
        }
        if let Err(error) = self.load() {
            // Every request comes by here.
            static SAMPLER: LazyLock<Sampler<String>> = LazyLock::new(|| Sampler::per_minute(1));
            if let Some(repeated) = SAMPLER.admit(&error.to_string()) {
                tracing::error!(%error, repeated, "the signing keys have changed but cannot be read; the earlier ones stay in use");
            }
        }
        Ok(())
    }

    fn load(&self) -> Result<(), KeyError> {
        let Some((stamp, stored)) = key_file::read(&self.file)? else {
            let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(KeyError::Io(self.file.clone(), missing));
        };
        let keys = stored
            .iter()
            .map(|key| {
                let secret = key.secret().map_err(|e| KeyError::Malformed(self.file.clone(), e))?;
                Ok(Key {
                    kid: key.kid.clone(),
                    created_at: key.created_at,
                    encoding: EncodingKey::from_secret(&secret),
                    decoding: DecodingKey::from_secret(&secret),
                })
            })
            .collect::<Result<_, KeyError>>()?;
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Some(Loaded { stamp, keys });
        Ok(())
    }
}

fn fresh_key(now: Moment) -> Result<StoredKey, KeyError> {
    let random = |e: crate::usecases::Error| KeyError::Randomness(e.to_string());
    let kid = seam::random_bytes::<12>().map_err(random)?;
    let secret = seam::random_bytes::<32>().map_err(random)?;
    Ok(StoredKey::new(&kid, &secret, now))
}
