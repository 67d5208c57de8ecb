//! Files with secrets, readable by their owner alone: read whole, and written whole (a temporary file, then a rename), one process at a
//! time.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::storage::removal::remove_one;

/// Why such a file cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum OwnedFileError {
    /// Others can read the file.
    #[error("文件 {0} 可被其他用户读取（权限 {1:o}），已拒绝使用；请执行 chmod 600 收回权限，并更换其中的密钥。")]
    Exposed(PathBuf, u32),
    /// The file cannot be read or written.
    #[error("无法读写 {}：{}", .0.display(), crate::domain::file_fault::words(.1))]
    Io(PathBuf, io::Error),
}

/// Tells whether a file is still the one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
}

/// The file's stamp as it is now.
///
/// # Errors
/// Where there is no file, or nothing can be known of it.
pub fn stamp(path: &Path) -> io::Result<Stamp> {
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

/// The file's text, and the stamp of what was read; none where there is no file.
///
/// # Errors
/// Where others can read it, or it cannot be read.
pub fn read(path: &Path) -> Result<Option<(Stamp, String)>, OwnedFileError> {
    let failed = |e| OwnedFileError::Io(path.to_owned(), e);
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(failed(e)),
    };
    // Of the open file, not of the path: what is checked is what is read.
    let metadata = file.metadata().map_err(failed)?;
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&metadata) & 0o777;
        if mode & 0o077 != 0 {
            return Err(OwnedFileError::Exposed(path.to_owned(), mode));
        }
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(failed)?;
    Ok(Some((stamp_of(&metadata), text)))
}

/// Hands `change` what is there (nothing, where there is no file) and writes what it answers; leaves the file alone where it answers none.
/// Makes the folder where missing.
///
/// # Errors
/// As [`read`]; where the file cannot be written; what `change` answers.
pub fn change<E: From<OwnedFileError>>(
    path: &Path,
    change: impl FnOnce(Option<String>) -> Result<Option<String>, E>,
) -> Result<(), E> {
    let failed = |e| E::from(OwnedFileError::Io(path.to_owned(), e));
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let lock = owner_only().create(true).truncate(false).open(beside(path, "lock"));
    let lock = lock.map_err(failed)?;
    lock.lock().map_err(failed)?;
    let known = read(path)?.map(|(_, text)| text);
    let Some(text) = change(known)? else {
        return Ok(());
    };
    let temporary = beside(path, "new");
    // What a process that died has left; the lock keeps others out.
    remove_one(&temporary).map_err(failed)?;
    let mut file = owner_only().create_new(true).open(&temporary).map_err(failed)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(failed)?;
    fs::rename(&temporary, path).map_err(failed)
}

/// `keys.json` → `keys.json.lock`, in the same folder, so that a rename stays within one file system.
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
