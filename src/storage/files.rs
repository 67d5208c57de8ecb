//! The folder of the files: contents too large for a table, each once, under its own hash (`ab/cd/<sha256>`). Folders and files are
//! the owner's alone. Everything here waits for the disk: callers run it where waiting is allowed.
//!
//! A content arrives in a temporary file of the same folder ([`FileStore::spool`]), is made durable ([`Spool::finish`]), and gets
//! its name within the writing transaction that names it ([`FileStore::keep`]): no row tells of a file that is not there. A file
//! that no row names is left where a transaction was undone after that; it is removed later, within a writing transaction too
//! ([`FileStore::discard`]), so that none goes while a row is written that names it: into a trash, and for good only a month later. A
//! marker in the folder says whose it is.

mod marker;
mod trash;

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::UNIX_EPOCH,
};

use sha2::{Digest as _, Sha256};
use tempfile::{NamedTempFile, TempPath};

pub use marker::Marker;
pub use trash::Discarded;

use super::{StoreError, removal::remove_one};
use crate::domain::time::Moment;

/// How the names of temporary files begin.
const TEMPORARY: &str = ".upload-";

/// The folder of the files. Cheap to clone; nothing is made before the first file comes.
#[derive(Debug, Clone)]
pub struct FileStore {
    root: PathBuf,
    /// The store whose folder it is, once a program has made sure of that; it may be exchanged, or its disk go away, afterwards.
    owner: Arc<OnceLock<String>>,
}

/// A content that is arriving.
#[derive(Debug)]
pub struct Spool {
    file: NamedTempFile,
    hasher: Sha256,
    size: u64,
}

/// A content that has arrived and is durable, under a temporary name; it goes with this value unless it is kept.
#[derive(Debug)]
pub struct Spooled {
    path: TempPath,
    /// Lower-case hex.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

/// A file as it lies in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lying {
    path: PathBuf,
    /// The content's hash; none for a temporary file.
    pub sha256: Option<String>,
    /// Bytes.
    pub size: u64,
    /// When it was last written to.
    pub written_at: Moment,
}

fn unavailable(error: io::Error) -> StoreError {
    let told = format!("files: {error}");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full(told),
        _ => StoreError::Unavailable(told),
    }
}

impl FileStore {
    /// The files in `root`.
    pub fn new(root: PathBuf) -> Self {
        Self {
            root,
            owner: Arc::default(),
        }
    }

    /// Where they are.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Begins to take a content.
    ///
    /// # Errors
    /// Where the folder cannot be written to, or is not that of [`Self::belong_to`] any more.
    pub fn spool(&self) -> Result<Spool, StoreError> {
        self.stands()?;
        make_folder(&self.root).map_err(unavailable)?;
        // Made for the owner alone, and removed with the value.
        let file = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .tempfile_in(&self.root)
            .map_err(unavailable)?;
        Ok(Spool {
            file,
            hasher: Sha256::new(),
            size: 0,
        })
    }

    fn path(&self, sha256: &str) -> Result<PathBuf, StoreError> {
        match (sha256.get(..2), sha256.get(2..4)) {
            (Some(first), Some(second)) if is_hash(sha256) => Ok(self.root.join(first).join(second).join(sha256)),
            _ => Err(StoreError::corrupt(format!("no hash: {sha256}"))),
        }
    }

    /// Makes the folder in which a content will lie, so that [`Self::keep`] has little to do.
    ///
    /// # Errors
    /// Where the folder cannot be written to.
    pub fn prepare(&self, spooled: &Spooled) -> Result<(), StoreError> {
        let path = self.path(&spooled.sha256)?;
        path.parent().map_or(Ok(()), make_folder).map_err(unavailable)
    }

    /// Gives a content its name, durably, within the writing transaction that names it. Doing it twice is doing it once.
    ///
    /// # Errors
    /// Where the folder cannot be written to.
    pub fn keep(&self, spooled: &Spooled) -> Result<(), StoreError> {
        let path = self.path(&spooled.sha256)?;
        match fs::rename(&spooled.path, &path) {
            // The transaction is run again, and the file lies where it should.
            Err(e) if e.kind() == io::ErrorKind::NotFound && path.exists() => {}
            done => done.map_err(unavailable)?,
        }
        path.parent().map_or(Ok(()), sync_folder).map_err(unavailable)
    }

    /// Where a content lies, for readers that open it themselves.
    ///
    /// # Errors
    /// Where `sha256` is no hash.
    pub fn place(&self, sha256: &str) -> Result<PathBuf, StoreError> {
        self.path(sha256)
    }

    /// Opens a content for reading.
    ///
    /// # Errors
    /// Where it is not there or cannot be read.
    pub fn open(&self, sha256: &str) -> Result<File, StoreError> {
        File::open(self.path(sha256)?).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => StoreError::Files(format!("the file {sha256} is not there")),
            _ => unavailable(e),
        })
    }

    /// Reads a content through; whether it is what its name says. `None` where it is not there.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn is_sound(&self, sha256: &str) -> Result<Option<bool>, StoreError> {
        let mut file = match File::open(self.path(sha256)?) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(unavailable)?,
        };
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match file.read(&mut buffer).map_err(unavailable)? {
                0 => return Ok(Some(hex::encode(hasher.finalize()) == sha256)),
                n => hasher.update(buffer.get(..n).unwrap_or_default()),
            }
        }
    }

    /// The files whose hash begins with `first`, or the temporary ones where it is `None`, in no order: a part at a time, since there
    /// may be many. What is not of this folder's making is left out.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn lying(&self, first: Option<u8>) -> Result<Vec<Lying>, StoreError> {
        let Some(first) = first else {
            let here = entries(&self.root).map_err(unavailable)?.into_iter();
            let temporary = |name: &str| name.starts_with(TEMPORARY);
            return Ok(here.filter_map(|path| lying(path, &temporary, false)).collect());
        };
        let mut found = Vec::new();
        for below in entries(&self.root.join(format!("{first:02x}"))).map_err(unavailable)? {
            let here = entries(&below).map_err(unavailable)?.into_iter();
            found.extend(here.filter_map(|path| lying(path, &is_hash, true)));
        }
        Ok(found)
    }

    /// Removes an upload that broke off; `false` where it was gone already, and for a file that has its name: such a one is discarded.
    ///
    /// # Errors
    /// Where the folder cannot be written to.
    pub fn remove_temporary(&self, file: &Lying) -> Result<bool, StoreError> {
        if file.sha256.is_some() {
            return Ok(false);
        }
        remove_one(&file.path).map_err(unavailable)
    }
}

impl Spool {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// Where the disk is full or cannot be written to.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.file.write_all(bytes).map_err(unavailable)?;
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// Makes what arrived durable.
    ///
    /// # Errors
    /// Where the disk is full or cannot be written to.
    pub fn finish(self) -> Result<Spooled, StoreError> {
        self.file.as_file().sync_all().map_err(unavailable)?;
        Ok(Spooled {
            path: self.file.into_temp_path(),
            sha256: hex::encode(self.hasher.finalize()),
            size: self.size,
        })
    }
}

impl Spooled {
    /// Where it lies until it is kept.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The paths in a folder; none where there is no such folder.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        entries => entries?.map(|e| e.map(|e| e.path())).collect(),
    }
}

fn lying(path: PathBuf, ours: &dyn Fn(&str) -> bool, kept: bool) -> Option<Lying> {
    let name = path.file_name()?.to_str().filter(|name| ours(name))?.to_owned();
    // A file that goes while the folder is read is none that lies there.
    let metadata = fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file)?;
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Lying {
        path,
        sha256: kept.then_some(name),
        size: metadata.len(),
        written_at: Moment::from_micros(i64::try_from(since.as_micros()).ok()?),
    })
}

/// Makes a folder and those above it for the owner alone, durably.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent().filter(|p| !p.as_os_str().is_empty()) {
        make_folder(above)?;
    }
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
        _ => {}
    }
    match folder.parent() {
        Some(above) if above.as_os_str().is_empty() => sync_folder(Path::new(".")),
        Some(above) => sync_folder(above),
        None => Ok(()),
    }
}

/// Makes what was named in a folder durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(test)]
mod tests;
