//! The file of the signing keys: a JSON list `[{kid, created_at, secret}]`, oldest first, `secret` base64url of 32 bytes or more.
//! It is read and written as `usecases::owned_file` does.

use std::{
    io,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{
    domain::time::Moment,
    usecases::owned_file::{self, OwnedFileError},
};

pub(super) use owned_file::{Stamp, stamp};

/// Least length of a secret: RFC 7518 3.2 wants as many bytes as the hash has (SHA-256: 32).
const MIN_SECRET_BYTES: usize = 32;

/// Why the signing keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Others can read the file.
    #[error(
        "签名密钥文件 {0} 可被其他用户读取（权限 {1:o}），已拒绝使用。请先执行 chmod 600 收回权限，再执行 dengji keys rotate 更换密钥。"
    )]
    Exposed(PathBuf, u32),
    /// The file cannot be read or written.
    #[error("无法读写签名密钥文件 {}：{}", .0.display(), crate::domain::file_fault::words(.1))]
    Io(PathBuf, io::Error),
    /// The file is not of its form.
    #[error("签名密钥文件 {0} 内容有误：{1}")]
    Malformed(PathBuf, String),
    /// The system has no randomness.
    #[error("无法生成签名密钥：{0}")]
    Randomness(String),
}

impl From<OwnedFileError> for KeyError {
    fn from(error: OwnedFileError) -> Self {
        match error {
            OwnedFileError::Exposed(path, mode) => Self::Exposed(path, mode),
            OwnedFileError::Io(path, error) => Self::Io(path, error),
        }
    }
}

/// A key as it is in the file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredKey {
    /// Its name in the header of tokens.
    pub(super) kid: String,
    /// From when on it signs.
    pub(super) created_at: Moment,
    /// base64url.
    secret: String,
}

impl StoredKey {
    /// A key of these random bytes.
    pub(super) fn new(kid: &[u8], secret: &[u8; MIN_SECRET_BYTES], created_at: Moment) -> Self {
        Self {
            kid: URL_SAFE_NO_PAD.encode(kid),
            created_at,
            secret: URL_SAFE_NO_PAD.encode(secret),
        }
    }

    /// The secret's bytes.
    pub(super) fn secret(&self) -> Result<Vec<u8>, String> {
        let bytes = URL_SAFE_NO_PAD
            .decode(&self.secret)
            .map_err(|_| format!("密钥 {} 不是 base64url", self.kid))?;
        if bytes.len() < MIN_SECRET_BYTES {
            return Err(format!("密钥 {} 短于 {MIN_SECRET_BYTES} 字节", self.kid));
        }
        Ok(bytes)
    }
}

/// Reads the file; none where there is none.
pub(super) fn read(path: &Path) -> Result<Option<(Stamp, Vec<StoredKey>)>, KeyError> {
    let Some((stamp, text)) = owned_file::read(path)? else {
        return Ok(None);
    };
    Ok(Some((stamp, parse(path, &text)?)))
}

fn parse(path: &Path, text: &str) -> Result<Vec<StoredKey>, KeyError> {
    let keys: Vec<StoredKey> =
        serde_json::from_str(text).map_err(|e| KeyError::Malformed(path.to_owned(), e.to_string()))?;
    if keys.is_empty() {
        return Err(KeyError::Malformed(path.to_owned(), "没有密钥".into()));
    }
    Ok(keys)
}

/// Changes the file, one process at a time: hands `change` what is there (nothing, where there is no file) and writes what it
/// answers; leaves the file alone where it answers none. Makes the folder where missing.
pub(super) fn change(
    path: &Path,
    change: impl FnOnce(Vec<StoredKey>) -> Result<Option<Vec<StoredKey>>, KeyError>,
) -> Result<(), KeyError> {
    owned_file::change(path, |text| {
        let known = text.map(|text| parse(path, &text)).transpose()?;
        let Some(keys) = change(known.unwrap_or_default())? else {
            return Ok(None);
        };
        let text = serde_json::to_string_pretty(&keys);
        text.map(Some)
            .map_err(|e| KeyError::Malformed(path.to_owned(), e.to_string()))
    })
}
