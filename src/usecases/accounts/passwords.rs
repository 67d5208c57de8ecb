//! Hashing of passwords: Argon2id at the cost of `auth.argon2`, off the threads that answer requests, in so many lanes. A lane keeps its
//! memory: what each hash took anew from the allocator would stay with the process, several hundred MiB after a flood of log-ins.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version, password_hash::phc::PasswordHash};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::password_policy::normalised;
use crate::{
    config::Argon2Settings,
    usecases::{
        Error,
        errand::{Errand, in_thread},
        seam,
    },
};

/// Bytes of a hash.
const HASH_BYTES: usize = 32;

/// What hashes passwords.
pub struct Passwords {
    argon: Argon2<'static>,
    prefix: Arc<str>,
    places: Arc<Semaphore>,
    /// Memory of the lanes that nobody is in.
    idle: Arc<Mutex<Vec<Vec<Block>>>>,
}

/// A lane, until the last who works in it has ended.
struct Lane {
    memory: Mutex<Vec<Block>>,
    idle: Arc<Mutex<Vec<Vec<Block>>>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Lane {
    fn drop(&mut self) {
        let memory = std::mem::take(self.memory.get_mut().unwrap_or_else(PoisonError::into_inner));
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    }
}

/// A place at the hashing; as many are given out as there are lanes. Whoever guesses is counted before the place is given back.
pub(in crate::usecases) struct Place {
    argon: Argon2<'static>,
    prefix: Arc<str>,
    lane: Arc<Lane>,
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
            at_once,
        } = cost;
        let params = Params::new(m, t, p, None).map_err(|e| format!("auth.argon2 取值无效：{e}"))?;
        Ok(Self {
            argon: argon(params),
            prefix: format!("$argon2id$v=19$m={m},t={t},p={p}$").into(),
            places: Arc::new(Semaphore::new(at_once.get())),
            idle: Arc::default(),
        })
    }

    /// Waits for a place, as long as the errand does.
    pub(in crate::usecases) async fn place(&self) -> Result<Place, Error> {
        let place = Arc::clone(&self.places).acquire_owned();
        let permit = match Errand::current().deadline() {
            None => place.await,
            Some(deadline) => tokio::time::timeout_at(deadline.into(), place)
                .await
                .map_err(|_| Error::Unavailable("too many passwords are being hashed".into()))?,
        };
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Ok(Place {
            argon: self.argon.clone(),
            prefix: self.prefix.clone(),
            lane: Arc::new(Lane {
                memory: Mutex::new(idle.unwrap_or_default()),
                idle: Arc::clone(&self.idle),
                _permit: permit.map_err(Error::internal)?,
            }),
        })
    }
}

fn argon(params: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

impl Place {
    /// The hash of a password in PHC form.
    pub(in crate::usecases) async fn hash(&self, password: &str) -> Result<String, Error> {
        let password = normalised(password).ok_or_else(|| Error::internal("a password of boundless length"))?;
        let salt = seam::random_bytes::<16>()?;
        let hash = self
            .run(self.argon.clone(), password, salt.to_vec(), HASH_BYTES)
            .await?;
        let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
        Ok(format!("{}{salt}${hash}", self.prefix))
    }

    /// Whether the password is the one that was hashed. Without a hash (there is no such account) the answer is no, and costs
    /// as much time as any other.
    pub(in crate::usecases) async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, Error> {
        let (Some(password), Some(hash)) = (normalised(password), hash) else {
            let password = normalised(password).unwrap_or_default();
            self.run(self.argon.clone(), password, vec![0; 16], HASH_BYTES).await?;
            return Ok(false);
        };
        let stored = PasswordHash::new(hash).map_err(Error::internal)?;
        let params = Params::try_from(&stored).map_err(Error::internal)?;
        let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(Error::internal)?;
        let version = stored.version.map_or(Ok(Version::default()), Version::try_from);
        let argon = Argon2::new(algorithm, version.map_err(Error::internal)?, params);
        let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else {
            return Err(Error::internal("a hash without salt or output"));
        };
        let found = self
            .run(argon, password, salt.as_ref().to_vec(), expected.len())
            .await?;
        // In constant time.
        Ok(argon2::password_hash::phc::Output::new(&found).map_err(Error::internal)? == expected)
    }

    /// A digest of `text` that costs as much to make as a password's hash: for what is kept to recognise a request again that
    /// carried a password. Its salt comes from `salt`, so that the same request gives the same digest.
    pub(in crate::usecases) async fn digest(&self, text: &str, salt: &str) -> Result<String, Error> {
        let salt = Sha256::digest(salt).to_vec();
        let digest = self.run(self.argon.clone(), text.to_owned(), salt, HASH_BYTES).await?;
        Ok(hex::encode(digest))
    }

    /// Whether a hash was made at another cost than today's.
    pub(super) fn is_outdated(&self, hash: &str) -> bool {
        !hash.starts_with(&*self.prefix)
    }

    /// Hashes in the lane.
    async fn run(&self, argon: Argon2<'static>, text: String, salt: Vec<u8>, bytes: usize) -> Result<Vec<u8>, Error> {
        let (lane, usual) = (Arc::clone(&self.lane), self.argon.params().block_count());
        in_thread(move || {
            let mut memory = lane.memory.lock().unwrap_or_else(PoisonError::into_inner);
            let blocks = argon.params().block_count();
            if memory.len() < blocks {
                memory.resize(blocks, Block::new());
            }
            let mut hash = vec![0; bytes];
            let done = argon.hash_password_into_with_memory(text.as_bytes(), &salt, &mut hash, &mut **memory);
            // A hash of an earlier, greater cost leaves nothing behind.
            memory.truncate(usual);
            memory.shrink_to_fit();
            done.map(|()| hash).map_err(Error::internal)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher as _, PasswordVerifier as _};

    use super::*;

    fn passwords(memory_kib: u32, at_once: usize) -> Passwords {
        Passwords::new(Argon2Settings {
            memory_kib,
            iterations: 1,
            parallelism: 1,
            at_once: at_once.try_into().unwrap(),
        })
        .unwrap()
    }

    #[tokio::test]
    async fn hashes_are_those_of_the_library() {
        let ours = passwords(64, 1);
        let hash = ours.place().await.unwrap().hash("a long sentence").await.unwrap();
        argon(Params::default())
            .verify_password(b"a long sentence", &*hash)
            .unwrap();
        // Of other costs, too, greater and smaller ones; the lane's memory stays what it is.
        for memory in [32, 512] {
            let params = Params::new(memory, 2, 1, None).unwrap();
            let theirs = argon(params)
                .hash_password_with_salt(b"another", b"0123456789abcdef")
                .unwrap()
                .to_string();
            let place = ours.place().await.unwrap();
            assert!(place.verify("another", Some(&theirs)).await.unwrap());
            assert!(!place.verify("Another", Some(&theirs)).await.unwrap());
            assert!(!place.verify("another", None).await.unwrap());
            assert!(place.is_outdated(&theirs) && !place.is_outdated(&hash));
        }
        assert!(
            ours.place()
                .await
                .unwrap()
                .verify("a long sentence", Some(&hash))
                .await
                .unwrap()
        );
        let idle = ours.idle.lock().unwrap();
        assert_eq!(idle.iter().map(Vec::capacity).collect::<Vec<_>>(), [64]);
    }

    #[tokio::test]
    async fn lanes_are_as_many_as_were_set_and_keep_their_memory() {
        let ours = Arc::new(passwords(64, 2));
        let mut hashing = tokio::task::JoinSet::new();
        for n in 0..40 {
            let ours = Arc::clone(&ours);
            hashing.spawn(async move { ours.place().await?.hash(&format!("password {n}")).await });
        }
        for hash in hashing.join_all().await {
            hash.unwrap();
        }
        let memory = ours.idle.lock().unwrap().iter().map(Vec::len).collect::<Vec<_>>();
        assert!(
            memory.len() <= 2 && memory.iter().all(|blocks| *blocks == 64),
            "{memory:?}"
        );
    }

    #[tokio::test]
    async fn nobody_waits_for_a_lane_past_the_deadline() {
        let ours = passwords(64, 1);
        let _taken = ours.place().await.unwrap();
        let late = Errand::within(std::time::Duration::from_millis(50))
            .scope(ours.place())
            .await;
        assert!(matches!(late.map(|_| ()), Err(Error::Unavailable(_))));
    }
}
