//! What an import would change, kept outside memory while its transaction is undone, and the digest by which a reviewer's approval is
//! bound to it.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, BufWriter, Seek as _, SeekFrom, Write as _},
};

use super::run::Imported;
use crate::{
    domain::{
        import_job::Difference,
        ledger::{GENESIS, canonical, chain_hash},
    },
    storage::{Db, import_differences},
    usecases::Error,
};

/// A preview that is being written.
#[derive(Debug)]
pub(super) struct Previewing {
    lines: BufWriter<File>,
    digest: String,
}

/// What an import would change.
#[derive(Debug)]
pub struct Preview {
    /// A line of JSON a difference.
    lines: File,
    /// Of the differences and of the rows that are new, in the order of the file.
    pub(super) digest: String,
    /// What the import would do.
    pub(super) done: Imported,
}

impl Previewing {
    pub fn begin() -> Result<Self, Error> {
        Ok(Self {
            lines: BufWriter::new(tempfile::tempfile().map_err(Error::internal)?),
            digest: GENESIS.to_owned(),
        })
    }

    /// A contract that would be changed, and the agency that it would be of: its key, none where the import makes it.
    pub fn differs(&mut self, difference: &Difference, agency: Option<i64>) -> Result<(), Error> {
        let line = serde_json::to_string(difference).map_err(Error::internal)?;
        writeln!(self.lines, "{line}").map_err(Error::internal)?;
        let bound = canonical(&(difference, agency)).map_err(Error::internal)?;
        self.digest = chain_hash(&self.digest, &bound);
        Ok(())
    }

    /// A row that would be added.
    pub fn adds(&mut self, row: u32, digest: &str) {
        self.digest = chain_hash(&self.digest, &format!("{row} {digest}"));
    }

    pub fn end(self, done: Imported) -> Result<Preview, Error> {
        let lines = self.lines.into_inner().map_err(Error::internal)?;
        Ok(Preview {
            lines,
            digest: self.digest,
            done,
        })
    }
}

impl Preview {
    /// Keeps the differences as those of an import, in the place of earlier ones.
    pub(super) fn keep(&self, db: &mut Db, import_id: i64) -> Result<(), Error> {
        import_differences::clear(db, import_id)?;
        let mut file = &self.lines;
        file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
        for (line, position) in BufReader::new(file).lines().zip(1..) {
            let line = line.map_err(Error::internal)?;
            let difference: Difference = serde_json::from_str(&line).map_err(Error::internal)?;
            import_differences::insert(db, import_id, position, &difference)?;
        }
        Ok(())
    }
}
