//! Removing files for good. Nothing else in the program does it (`tests/it/layering.rs` holds that, and who asks for it): whoever wants a
//! file gone must say here what it is, and what lies in the folder of the files goes by way of its trash.

use std::{fs, io, path::Path};

/// Removes a file; `false` where there is none.
///
/// # Errors
/// Where the folder cannot be written to.
pub fn remove_one(file: &Path) -> io::Result<bool> {
    match fs::remove_file(file) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        done => done.map(|()| true),
    }
}

/// Removes a folder in which nothing is left; leaves any other alone.
pub(super) fn remove_if_empty(folder: &Path) {
    let _ = fs::remove_dir(folder);
}

/// Removes a folder with all that is in it.
///
/// # Errors
/// Where it is not there or cannot be removed.
pub(super) fn remove_whole(folder: &Path) -> io::Result<()> {
    fs::remove_dir_all(folder)
}
