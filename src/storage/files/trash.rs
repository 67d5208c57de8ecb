//! The trash of the folder of the files: what no row names goes there, in a folder for each day, before it goes for good.

use std::{
    fs::{self, File},
    path::PathBuf,
    time::{Duration, UNIX_EPOCH},
};

use super::{FileStore, Lying, entries, is_hash, lying, make_folder, sync_folder, unavailable};
use crate::{
    domain::time::{Date, Moment},
    storage::{
        StoreError,
        removal::{remove_if_empty, remove_one},
    },
};

/// The trash's name in the folder.
const NAME: &str = ".trash";

/// A file in the trash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discarded {
    path: PathBuf,
    /// The content's hash.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// The day on which it was put there.
    pub day: Date,
}

impl FileStore {
    /// Puts a file into the trash of a day; `false` where it is gone already. What is no content (a broken upload) is none's to want
    /// back, see [`Self::remove_temporary`].
    ///
    /// # Errors
    /// Where the folder cannot be written to.
    pub fn discard(&self, file: &Lying, day: Date) -> Result<bool, StoreError> {
        let Some(sha256) = file.sha256.as_deref() else {
            return Ok(false);
        };
        let folder = self.root.join(NAME).join(day.to_string());
        make_folder(&folder).map_err(unavailable)?;
        match fs::rename(&file.path, folder.join(sha256)) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            done => done.map_err(unavailable)?,
        }
        sync_folder(&folder).map_err(unavailable)?;
        Ok(true)
    }

    /// What lies in the trash, the oldest first.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn discarded(&self) -> Result<Vec<Discarded>, StoreError> {
        let mut found = Vec::new();
        for folder in entries(&self.root.join(NAME)).map_err(unavailable)? {
            let name = folder.file_name().and_then(|n| n.to_str());
            let Some(day) = name.and_then(|n| n.parse::<Date>().ok()) else {
                continue;
            };
            for path in entries(&folder).map_err(unavailable)? {
                let Some(file) = lying(path.clone(), &is_hash, true) else {
                    continue;
                };
                if let Some(sha256) = file.sha256 {
                    found.push(Discarded {
                        path,
                        sha256,
                        size: file.size,
                        day,
                    });
                }
            }
        }
        found.sort_by(|a, b| (a.day, &a.sha256).cmp(&(b.day, &b.sha256)));
        Ok(found)
    }

    /// Puts a file of the trash back in its place, as one that came at `now`; `false` where a file of its content lies there already
    /// or it is gone.
    ///
    /// # Errors
    /// Where the folder cannot be written to.
    pub fn take_back(&self, file: &Discarded, now: Moment) -> Result<bool, StoreError> {
        let place = self.path(&file.sha256)?;
        if place.exists() {
            return Ok(false);
        }
        if let Some(folder) = place.parent() {
            make_folder(folder).map_err(unavailable)?;
        }
        // Before it has its name: a file that is as old as it was would be taken for one that nobody wants.
        let opened = match File::options().write(true).open(&file.path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            opened => opened.map_err(unavailable)?,
        };
        let micros = u64::try_from(now.micros()).unwrap_or_default();
        opened
            .set_modified(UNIX_EPOCH + Duration::from_micros(micros))
            .map_err(unavailable)?;
        match fs::rename(&file.path, &place) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            done => done.map_err(unavailable)?,
        }
        place.parent().map_or(Ok(()), sync_folder).map_err(unavailable)?;
        Ok(true)
    }

    /// Removes a file of the trash for good; `false` where it was gone already.
    ///
    /// # Errors
    /// Where the folder cannot be written to.
    pub fn forget(&self, file: &Discarded) -> Result<bool, StoreError> {
        let gone = remove_one(&file.path).map_err(unavailable)?;
        // The day's folder goes with its last file.
        if let Some(day) = file.path.parent() {
            remove_if_empty(day);
        }
        Ok(gone)
    }
}
