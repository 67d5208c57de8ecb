//! Taking a file in, piece by piece, before anything is known of what it is for. What is refused later leaves nothing behind: the
//! file goes with the value.

use std::mem;

use crate::{
    domain::attachment::{MediaType, checked_name},
    intake::{attached, scanner::Scanner},
    storage::files::{Spool, Spooled},
    usecases::{Context, Error},
};

use super::{Checked, waiting};
use crate::domain::error::FieldError;

/// Bytes that are gathered before they are written.
const PIECE_BYTES: usize = 1 << 20;

/// A file that is arriving.
pub struct Receiving {
    /// Taken out while it is written to.
    spool: Option<Spool>,
    gathered: Vec<u8>,
    received: u64,
    limit: u64,
}

/// A file that has arrived, not yet anybody's.
#[derive(Debug)]
pub struct Received {
    pub(in crate::usecases) spooled: Spooled,
    /// As the sender called it.
    sent_name: Option<String>,
}

/// A file that may be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sound {
    /// As it is kept.
    pub file_name: String,
    /// By name and content.
    pub media_type: MediaType,
}

impl Receiving {
    /// Begins to take a file of at most `files.max_bytes`.
    ///
    /// # Errors
    /// Where the folder of the files cannot be written to.
    pub async fn start(ctx: &Context) -> Result<Self, Error> {
        let files = ctx.files.clone();
        Ok(Self {
            spool: Some(waiting(move || files.spool()).await?),
            gathered: Vec::new(),
            received: 0,
            limit: ctx.settings.files.max_bytes,
        })
    }

    /// Takes the next bytes; `false`, and nothing more is taken, where the file becomes too large.
    ///
    /// # Errors
    /// Where the disk is full or cannot be written to.
    pub async fn take(&mut self, bytes: &[u8]) -> Result<bool, Error> {
        self.received += bytes.len() as u64;
        if self.received > self.limit {
            return Ok(false);
        }
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= PIECE_BYTES {
            self.write().await?;
        }
        Ok(true)
    }

    async fn write(&mut self) -> Result<(), Error> {
        let piece = mem::take(&mut self.gathered);
        let mut spool = self
            .spool
            .take()
            .ok_or_else(|| Error::internal("no file is being received"))?;
        let spool = waiting(move || spool.write(&piece).map(|()| spool)).await?;
        self.spool = Some(spool);
        Ok(())
    }

    /// The file, durable. `sent_name`: as the sender calls it.
    ///
    /// # Errors
    /// Where the disk is full or cannot be written to.
    pub async fn finish(mut self, sent_name: Option<String>) -> Result<Received, Error> {
        self.write().await?;
        let spool = self
            .spool
            .take()
            .ok_or_else(|| Error::internal("no file is being received"))?;
        let spooled = waiting(move || spool.finish()).await?;
        Ok(Received { spooled, sent_name })
    }
}

impl Received {
    /// Lower-case hex of SHA-256 of the content.
    pub fn sha256(&self) -> &str {
        &self.spooled.sha256
    }

    /// As the sender called it.
    pub fn sent_name(&self) -> Option<&str> {
        self.sent_name.as_deref()
    }

    /// Where the file lies until it is somebody's.
    pub(in crate::usecases) fn path(&self) -> &std::path::Path {
        self.spooled.path()
    }

    /// Whether the file may be taken: its name first, then its content, by the virus scanner last. Waits for the disk and the scanner.
    pub(super) fn examine(
        &self,
        unpacked: u64,
        examiner: Option<&std::path::Path>,
        scanner: Option<&Scanner>,
    ) -> Checked<Sound> {
        let name = self.sent_name.as_deref().unwrap_or_default();
        checked_name(name)
            .and_then(|(file_name, media_type)| {
                attached::examine(self.spooled.path(), media_type, unpacked, examiner)?;
                scanner.map_or(Ok(()), |scanner| scanner.scan(self.spooled.path()))?;
                Ok(Sound { file_name, media_type })
            })
            .map_err(|(code, detail)| vec![FieldError::new("/file", code, detail)])
    }
}
