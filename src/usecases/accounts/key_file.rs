//! The file of the signing keys: a JSON list `[{kid, created_at, secret}]`, oldest first, `secret` base64url of 32 bytes or more.
//! Written whole (a temporary file, then a rename), readable by its owner alone.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{domain::time::Moment, storage::removal::remove_one};

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
    #[error("无法读写签名密钥文件 {0}：{1}")]
    Io(PathBuf, io::Error),
    /// The file is not of its form.
    #[error("签名密钥文件 {0} 内容有误：{1}")]
    Malformed(PathBuf, String),
    /// The system has no randomness.
    #[error("无法生成签名密钥：{0}")]
    Randomness(String),
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

/// Tells whether the file is still the one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
}

/// The file's stamp as it is now.
pub(super) fn stamp(path: &Path) -> io::Result<Stamp> {
    fs::metadata(path).map(|m| stamp_of(&m))
}

fn stamp_of(metadata: &fs::Metadata) -> Stamp {
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(metadata);
    #[cfg(not(unix))]
    let inode = 0;
    Stamp {
        modified: metadata.modified().ok(),
        length: metadata.len(),
        inode,
    }
}

/// Reads the file; none where there is none.
pub(super) fn read(path: &Path) -> Result<Option<(Stamp, Vec<StoredKey>)>, KeyError> {
    let unreadable = |e| KeyError::Io(path.to_owned(), e);
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(unreadable(e)),
    };
    // Of the open file, not of the path: what is checked is what is read.
    let metadata = file.metadata().map_err(unreadable)?;
    refuse_exposed(path, &metadata)?;
    let mut text = String::new();
    io::Read::read_to_string(&mut file, &mut text).map_err(unreadable)?;
    let keys: Vec<StoredKey> =
        serde_json::from_str(&text).map_err(|e| KeyError::Malformed(path.to_owned(), e.to_string()))?;
    if keys.is_empty() {
        return Err(KeyError::Malformed(path.to_owned(), "没有密钥".into()));
    }
    Ok(Some((stamp_of(&metadata), keys)))
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, metadata: &fs::Metadata) -> Result<(), KeyError> {
    let mode = std::os::unix::fs::MetadataExt::mode(metadata) & 0o777;
    match mode & 0o077 {
        0 => Ok(()),
        _ => Err(KeyError::Exposed(path.to_owned(), mode)),
    }
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path, _: &fs::Metadata) -> Result<(), KeyError> {
    Ok(())
}

/// Changes the file, one process at a time: hands `change` what is there (nothing, where there is no file) and writes what it
/// answers; leaves the file alone where it answers none. Makes the folder where missing.
pub(super) fn change(
    path: &Path,
    change: impl FnOnce(Vec<StoredKey>) -> Result<Option<Vec<StoredKey>>, KeyError>,
) -> Result<(), KeyError> {
    let failed = |e| KeyError::Io(path.to_owned(), e);
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let lock = owner_only().create(true).truncate(false).open(beside(path, "lock"));
    let lock = lock.map_err(failed)?;
    lock.lock().map_err(failed)?;
    let keys = read(path)?.map(|(_, keys)| keys).unwrap_or_default();
    let Some(keys) = change(keys)? else {
        return Ok(());
    };
    let text = serde_json::to_vec_pretty(&keys).map_err(|e| KeyError::Malformed(path.to_owned(), e.to_string()))?;
    let temporary = beside(path, "new");
    // What a process that died has left; the lock keeps others out.
    remove_one(&temporary).map_err(failed)?;
    let mut file = owner_only().create_new(true).open(&temporary).map_err(failed)?;
    file.write_all(&text).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&temporary, path).map_err(failed)
}

/// `signing-keys.json` → `signing-keys.json.lock`, in the same folder, so that a rename stays within one file system.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
