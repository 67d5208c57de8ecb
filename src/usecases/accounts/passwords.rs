//! Hashing of passwords: Argon2id at the cost of `auth.argon2`, off the threads that answer requests, a few at a time.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{self, PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::password_policy::normalised;
use crate::{
    config::Argon2Settings,
    usecases::{Error, seam},
};

/// Hashes computed at a time: each takes its memory (19 MiB) and a core for tens of milliseconds.
const PLACES: usize = 2;

/// What hashes passwords.
pub struct Passwords {
    argon: Argon2<'static>,
    prefix: Arc<str>,
    places: Arc<Semaphore>,
}

/// A place at the hashing; at most two are given out. Whoever guesses is counted before the place is given back.
pub(in crate::usecases) struct Place {
    argon: Argon2<'static>,
    prefix: Arc<str>,
    _permit: OwnedSemaphorePermit,
}

impl Passwords {
    /// Hashing at a cost.
    ///
    /// # Errors
    /// A Chinese sentence where the cost is none that Argon2 knows.
    pub fn new(cost: Argon2Settings) -> Result<Self, String> {
        let Argon2Settings {
            memory_kib: m,
            iterations: t,
            parallelism: p,
        } = cost;
        let params = Params::new(m, t, p, None).map_err(|e| format!("auth.argon2 取值无效：{e}"))?;
        Ok(Self {
            argon: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            prefix: format!("$argon2id$v=19$m={m},t={t},p={p}$").into(),
            places: Arc::new(Semaphore::new(PLACES)),
        })
    }

    /// Waits for a place.
    pub(in crate::usecases) async fn place(&self) -> Result<Place, Error> {
        Ok(Place {
            argon: self.argon.clone(),
            prefix: self.prefix.clone(),
            _permit: self.places.clone().acquire_owned().await.map_err(Error::internal)?,
        })
    }
}

impl Place {
    /// The hash of a password in PHC form.
    pub(in crate::usecases) async fn hash(&self, password: &str) -> Result<String, Error> {
        let password = normalised(password).ok_or_else(|| Error::internal("a password of boundless length"))?;
        let salt = seam::random_bytes::<16>()?;
        self.blocking(move |argon| argon.hash_password_with_salt(password.as_bytes(), &salt))
            .await?
            .map(|hash| hash.to_string())
            .map_err(Error::internal)
    }

    /// Whether the password is the one that was hashed. Without a hash (there is no such account) the answer is no, and costs
    /// as much time as any other.
    pub(in crate::usecases) async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, Error> {
        let (password, hash) = match (normalised(password), hash) {
            (Some(password), Some(hash)) => (password, PasswordHash::new(hash).map_err(Error::internal)?),
            (password, _) => {
                let password = password.unwrap_or_default();
                self.blocking(move |argon| argon.hash_password_with_salt(password.as_bytes(), &[0; 16]))
                    .await?
                    .map_err(Error::internal)?;
                return Ok(false);
            }
        };
        match self
            .blocking(move |argon| argon.verify_password(password.as_bytes(), &hash))
            .await?
        {
            Ok(()) => Ok(true),
            Err(password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// A digest of `text` that costs as much to make as a password's hash: for what is kept to recognise a request again that
    /// carried a password. Its salt comes from `salt`, so that the same request gives the same digest.
    pub(in crate::usecases) async fn digest(&self, text: &str, salt: &str) -> Result<String, Error> {
        let text = text.to_owned();
        let salt = Sha256::digest(salt);
        self.blocking(move |argon| {
            let mut out = [0; 32];
            argon.hash_password_into(text.as_bytes(), &salt, &mut out).map(|()| out)
        })
        .await?
        .map(hex::encode)
        .map_err(Error::internal)
    }

    /// Whether a hash was made at another cost than today's.
    pub(super) fn is_outdated(&self, hash: &str) -> bool {
        !hash.starts_with(&*self.prefix)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        f: impl FnOnce(Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let argon = self.argon.clone();
        tokio::task::spawn_blocking(move || f(argon))
            .await
            .map_err(Error::internal)
    }
}
