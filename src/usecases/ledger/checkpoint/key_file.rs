//! The file of the keys that sign checkpoints: a JSON list `[{id, created_at, public_key, seed}]`, oldest first, apart from the store,
//! readable by its owner alone. The last one signs; of those before the seed is gone, and the public part stays for what they signed.

use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{ledger::sha256_hex, time::Moment},
    usecases::{owned_file, seam},
};

/// Hexadecimal digits of a key's id.
const ID_DIGITS: usize = 16;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointKeyError {
    /// The file cannot be had.
    #[error("检查点密钥：{0}")]
    File(#[from] owned_file::OwnedFileError),
    /// The file is not of its form.
    #[error("检查点密钥文件 {0} 内容有误：{1}")]
    Malformed(PathBuf, String),
    /// The system has no randomness.
    #[error("无法生成检查点密钥")]
    Randomness,
}

/// The public part of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// The first digits of the SHA-256 of its 32 bytes.
    pub id: String,
    /// The bytes in base64url.
    pub public_key: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKey {
    id: String,
    created_at: Moment,
    public_key: String,
    /// base64url of 32 bytes; none of a key that was superseded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seed: Option<String>,
}

/// A key that signs.
pub(super) struct SigningKey {
    pub(super) id: String,
    pub(super) public_key: String,
    pair: Ed25519KeyPair,
}

impl SigningKey {
    /// The signature in base64url.
    pub(super) fn sign(&self, message: &[u8]) -> Result<String, CheckpointKeyError> {
        Ok(URL_SAFE_NO_PAD.encode(self.pair.sign(message)))
    }
}

/// The id of a public key.
pub(super) fn id_of(public_key: &[u8]) -> String {
    let mut id = sha256_hex(public_key);
    id.truncate(ID_DIGITS);
    id
}

fn parse(path: &Path, text: &str) -> Result<Vec<StoredKey>, CheckpointKeyError> {
    serde_json::from_str(text).map_err(|e| CheckpointKeyError::Malformed(path.to_owned(), super::misread(&e)))
}

/// The key that signs now; made where there is no file.
///
/// # Errors
/// Where others can read the file, or it cannot be read, made or understood.
pub(super) fn newest(path: &Path, now: Moment) -> Result<SigningKey, CheckpointKeyError> {
    let text = match owned_file::read(path)? {
        Some((_, text)) => text,
        None => {
            owned_file::change(path, |known| match known {
                // Another process was quicker.
                Some(_) => Ok(None),
                None => text_of(path, &[fresh(now)?]).map(Some),
            })?;
            owned_file::read(path)?.map(|(_, text)| text).unwrap_or_default()
        }
    };
    let keys = parse(path, &text)?;
    let malformed = |what: &str| CheckpointKeyError::Malformed(path.to_owned(), what.to_owned());
    let last = keys.into_iter().next_back().ok_or_else(|| malformed("没有密钥"))?;
    let seed = last.seed.as_deref().ok_or_else(|| malformed("最后一个密钥没有私钥"))?;
    let seed = URL_SAFE_NO_PAD
        .decode(seed)
        .map_err(|_| malformed("私钥不是 base64url"))?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| malformed("私钥应为 32 字节"))?;
    let public_key = pair.public_key().as_ref();
    if id_of(public_key) != last.id {
        return Err(malformed("私钥与编号不符"));
    }
    Ok(SigningKey {
        id: last.id,
        public_key: URL_SAFE_NO_PAD.encode(public_key),
        pair,
    })
}

fn fresh(now: Moment) -> Result<StoredKey, CheckpointKeyError> {
    let seed = seam::random_bytes::<32>().map_err(|_| CheckpointKeyError::Randomness)?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| CheckpointKeyError::Randomness)?;
    Ok(StoredKey {
        id: id_of(pair.public_key().as_ref()),
        created_at: now,
        public_key: URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()),
        seed: Some(URL_SAFE_NO_PAD.encode(seed)),
    })
}

fn text_of(path: &Path, keys: &[StoredKey]) -> Result<String, CheckpointKeyError> {
    serde_json::to_string_pretty(keys).map_err(|e| CheckpointKeyError::Malformed(path.to_owned(), e.to_string()))
}

/// Adds a key, which signs from now on; the private parts of those before are gone for good. Answers the new key's id.
///
/// # Errors
/// As [`newest`].
pub fn rotate(path: &Path, now: Moment) -> Result<String, CheckpointKeyError> {
    let key = fresh(now)?;
    let id = key.id.clone();
    owned_file::change(path, |known| {
        let mut keys = match known {
            Some(text) => parse(path, &text)?,
            None => Vec::new(),
        };
        for key in &mut keys {
            key.seed = None;
        }
        keys.push(key);
        text_of(path, &keys).map(Some)
    })?;
    Ok(id)
}

/// The public parts of all keys of the file; none where there is no file.
///
/// # Errors
/// As [`newest`].
pub fn public_keys(path: &Path) -> Result<Vec<PublicKey>, CheckpointKeyError> {
    let Some((_, text)) = owned_file::read(path)? else {
        return Ok(Vec::new());
    };
    let keys = parse(path, &text)?.into_iter();
    Ok(keys
        .map(|key| PublicKey {
            id: key.id,
            public_key: key.public_key,
        })
        .collect())
}
