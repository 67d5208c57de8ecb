//! The file of an embedded store as it was opened, with its journal: where another lies in the place of either, or none, what is
//! written would be lost.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use super::StoreError;

/// The file that was opened.
#[derive(Debug)]
pub struct OpenedFile {
    path: PathBuf,
    identity: Identity,
    /// Of the journal, once a connection holds it: SQLite makes it for the first and takes it away after the last.
    journal: OnceLock<Identity>,
}

/// Device and number of a file.
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(path: &Path) -> std::io::Result<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).map(|file| (file.dev(), file.ino()))
}

/// Elsewhere a file that is open cannot be taken away; what is left to see is whether it is there.
#[cfg(not(unix))]
fn identity(path: &Path) -> std::io::Result<Identity> {
    fs::metadata(path).map(|_| (0, 0))
}

impl OpenedFile {
    /// The file at a path, which is there.
    pub(super) fn at(path: &Path) -> Result<Self, StoreError> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let identity = identity(&path).map_err(|e| StoreError::Unavailable(e.to_string()))?;
        Ok(Self {
            path,
            identity,
            journal: OnceLock::new(),
        })
    }

    /// Takes the journal that lies there for the store's own; called when a connection of this process holds it.
    pub(super) fn note_journal(&self) {
        if let Ok(identity) = identity(&self.journal_path()) {
            self.journal.get_or_init(|| identity);
        }
    }

    fn journal_path(&self) -> PathBuf {
        let mut path = OsString::from(&self.path);
        path.push("-wal");
        path.into()
    }

    /// Whether the file lies there still and its journal was taken away, and none put in its place: what the journal holds is in the
    /// hands of this process alone.
    pub(super) fn has_lost_journal(&self) -> bool {
        let is_gone = || identity(&self.journal_path()).is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound);
        self.journal.get().is_some() && is_gone() && identity(&self.path).is_ok_and(|found| found == self.identity)
    }

    /// Where it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// That it lies there still, and its journal.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where one of the two was removed, moved or replaced.
    pub fn is_there(&self) -> Result<(), StoreError> {
        lies_at(&self.path, self.identity, "file")?;
        match self.journal.get() {
            Some(journal) => lies_at(&self.journal_path(), *journal, "journal (-wal)"),
            None => Ok(()),
        }
    }
}

fn lies_at(path: &Path, opened: Identity, what: &str) -> Result<(), StoreError> {
    match identity(path) {
        Ok(found) if found == opened => Ok(()),
        Ok(_) => Err(StoreError::Unavailable(format!(
            "another {what} lies in place of the store's that was opened"
        ))),
        Err(e) => Err(StoreError::Unavailable(format!("the store's {what} is gone: {e}"))),
    }
}
