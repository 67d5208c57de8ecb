//! The file of an embedded store as it was opened: where another lies in its place, or none, what is written would be lost.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::StoreError;

/// The file that was opened.
#[derive(Debug)]
pub struct OpenedFile {
    path: PathBuf,
    identity: Identity,
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
        Ok(Self { path, identity })
    }

    /// Where it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// That it lies there still.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where it was removed, moved or replaced.
    pub fn is_there(&self) -> Result<(), StoreError> {
        match identity(&self.path) {
            Ok(identity) if identity == self.identity => Ok(()),
            Ok(_) => Err(StoreError::Unavailable(
                "another file lies in place of the store that was opened".into(),
            )),
            Err(e) => Err(StoreError::Unavailable(format!("the store's file is gone: {e}"))),
        }
    }
}
