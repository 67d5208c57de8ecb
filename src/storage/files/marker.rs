//! The marker of the folder of the files: whose it is. A folder serves one store; a program with another store leaves it alone.

use std::{
    fs::File,
    io::{self, Read as _, Write as _},
};

use serde::{Deserialize, Serialize};

use super::{FileStore, make_folder, sync_folder, unavailable};
use crate::{
    domain::time::Moment,
    storage::{StoreError, removal::remove_whole},
};

/// Its name in the folder.
const NAME: &str = ".dengji-store.json";

/// Longest marker that is read, bytes.
const LONGEST: u64 = 65_536;

/// What the marker says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// The store's id.
    pub store: String,
    /// From when on everything that comes into the folder is this store's. What lay there before and is not named may be somebody
    /// else's, or belong to a later state of the store: it is never collected by itself.
    pub since: Moment,
    /// End of the store's ledger as last seen: its sequence, 0 for none …
    pub sequence: i64,
    /// … and its hash. A store that lacks this entry is an older one, or went another way since.
    pub hash: String,
    /// From when on the store has been served without a break.
    pub served_from: Option<Moment>,
    /// Until when, as last seen.
    pub served_until: Option<Moment>,
    /// Times between two runs of serving, and a while before them: what came then may be named by acts that the folder has not seen, which
    /// a backup that was put back in between need not hold. It is never collected by itself. The oldest first, none touching another.
    #[serde(default)]
    pub unseen: Vec<(Moment, Moment)>,
}

/// Times that a marker names apart; of more the oldest are taken together.
const MOST_UNSEEN: usize = 256;

impl Marker {
    /// Whether a file that came at a moment came while nobody saw what the store named.
    pub fn is_unseen(&self, at: Moment) -> bool {
        self.unseen
            .iter()
            .any(|(from, until)| (from.micros()..until.micros()).contains(&at.micros()))
    }

    /// Adds a time in which nobody saw what the store named.
    pub fn add_unseen(&mut self, from: Moment, until: Moment) {
        let (mut from, mut until) = (from, until);
        self.unseen.retain(|(a, b)| {
            let apart = b.micros() < from.micros() || until.micros() < a.micros();
            if !apart {
                from = from.min(*a);
                until = until.max(*b);
            }
            apart
        });
        self.unseen.push((from, until));
        self.unseen.sort();
        while self.unseen.len() > MOST_UNSEEN {
            let (oldest, _) = self.unseen.remove(0);
            if let Some(next) = self.unseen.first_mut() {
                next.0 = oldest;
            }
        }
    }
}

impl FileStore {
    /// Notes whose folder it is: from now on nothing is put where that store's marker does not lie.
    pub fn belong_to(&self, store: &str) {
        // A store has one name for ever.
        self.owner.get_or_init(|| store.to_owned());
    }

    /// Whether the folder is still that of [`Self::belong_to`], where that was said: without its disk another folder may lie in its place,
    /// where nobody would find again what is put there.
    ///
    /// # Errors
    /// Where it is not, or its marker cannot be read.
    pub fn stands(&self) -> Result<(), StoreError> {
        let Some(owner) = self.owner.get() else {
            return Ok(());
        };
        match self.marker() {
            Ok(Some(marker)) if marker.store == *owner => Ok(()),
            Err(error @ StoreError::Unavailable(_)) => Err(error),
            // One that is of another form, too: the store itself is sound.
            _ => Err(StoreError::Unavailable(format!(
                "files: {} is not the folder that was there when the program started; is its disk there?",
                self.root.display()
            ))),
        }
    }

    /// What the marker says; `None` where there is none.
    ///
    /// # Errors
    /// Where it cannot be read, or is not of its form: then nobody knows whose the folder is.
    pub fn marker(&self) -> Result<Option<Marker>, StoreError> {
        let file = match File::open(self.root.join(NAME)) {
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
            opened => opened.map_err(unavailable)?,
        };
        let mut text = String::new();
        file.take(LONGEST).read_to_string(&mut text).map_err(unavailable)?;
        let read = serde_json::from_str(&text);
        read.map(Some).map_err(|e| {
            let path = self.root.join(NAME);
            StoreError::Files(format!("{}: {e}", path.display()))
        })
    }

    /// Marks a folder that has no marker; `false` where it has one by now.
    ///
    /// # Errors
    /// Where the folder cannot be written to.
    pub fn claim(&self, marker: &Marker) -> Result<bool, StoreError> {
        match self.written(marker)?.persist_noclobber(self.root.join(NAME)) {
            Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            done => done.map_err(|e| unavailable(e.error))?,
        };
        sync_folder(&self.root).map_err(unavailable)?;
        Ok(true)
    }

    /// Writes the marker anew.
    ///
    /// # Errors
    /// Where the folder cannot be written to.
    pub fn mark(&self, marker: &Marker) -> Result<(), StoreError> {
        let written = self.written(marker)?;
        written
            .persist(self.root.join(NAME))
            .map_err(|e| unavailable(e.error))?;
        sync_folder(&self.root).map_err(unavailable)
    }

    /// The marker under a temporary name, durable.
    fn written(&self, marker: &Marker) -> Result<tempfile::NamedTempFile, StoreError> {
        make_folder(&self.root).map_err(unavailable)?;
        let mut file = tempfile::Builder::new()
            .prefix(super::TEMPORARY)
            .tempfile_in(&self.root)
            .map_err(unavailable)?;
        let text = serde_json::to_vec_pretty(marker).map_err(StoreError::corrupt)?;
        file.write_all(&text).map_err(unavailable)?;
        file.as_file().sync_all().map_err(unavailable)?;
        Ok(file)
    }

    /// Removes the folder with all that is in it, where it is that store's; does nothing where there is none.
    ///
    /// # Errors
    /// Where it has no marker, or another store's; where it cannot be removed.
    pub fn destroy(&self, store: &str) -> Result<(), StoreError> {
        if !self.root.exists() {
            return Ok(());
        }
        match self.marker()? {
            Some(marker) if marker.store == store => remove_whole(&self.root).map_err(unavailable),
            _ => Err(StoreError::Unavailable(format!(
                "the folder {} is not this store's",
                self.root.display()
            ))),
        }
    }
}
