//! Reading an attachment's content, by the contract's rights.

use std::{fs::File, io::Read as _};

use crate::{
    domain::{account::Actor, attachment::Attachment},
    storage::attachments,
    usecases::{Context, Error, contracts::read::visible},
};

use super::waiting;

/// Bytes that are read at a time.
const PIECE_BYTES: u64 = 256 * 1024;

/// An attachment's content, piece by piece.
pub struct Opened {
    file: File,
}

/// Opens an attachment of a contract.
///
/// # Errors
/// [`Error::NotFound`] where there is none that the caller may know of.
pub async fn open(ctx: &Context, actor: Actor, id: i64, attachment: i64) -> Result<(Attachment, Opened), Error> {
    let found = ctx
        .store
        .read(move |db| {
            visible(db, &actor, id)?;
            attachments::find(db, id, attachment)?.ok_or(Error::NotFound)
        })
        .await?;
    let (files, sha256) = (ctx.files.clone(), found.sha256.clone());
    let file = waiting(move || files.open(&sha256)).await?;
    Ok((found, Opened { file }))
}

impl Opened {
    /// A file's content from where it is read.
    pub(in crate::usecases) const fn of(file: File) -> Self {
        Self { file }
    }

    /// The next piece and the rest; `None` at the end.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub async fn next(self) -> Result<Option<(Vec<u8>, Self)>, Error> {
        waiting(move || {
            let mut piece = Vec::new();
            match (&self.file).take(PIECE_BYTES).read_to_end(&mut piece) {
                Ok(0) => Ok(None),
                Ok(_) => Ok(Some((piece, self))),
                Err(error) => Err(Error::internal(format!("files: {error}"))),
            }
        })
        .await
    }
}
