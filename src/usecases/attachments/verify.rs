//! Looking whether every attachment's file is there and is what it was.

use crate::{
    domain::attachment::Attachment,
    storage::attachments,
    usecases::{Context, Error},
};

use super::waiting;

/// Attachments looked at between two questions to the store.
const BATCH: i64 = 200;

/// What is wrong with an attachment's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The attachment.
    pub attachment: Attachment,
    /// Whether the file is there at all; its content is another then.
    pub is_there: bool,
}

/// Reads every attachment's file through: how many are right, and what is wrong with the others.
///
/// # Errors
/// Where the folder or the store does not answer.
pub async fn verify_files(ctx: &Context) -> Result<(u64, Vec<Fault>), Error> {
    let (mut after, mut sound, mut faults) = (0, 0, Vec::new());
    loop {
        let batch = ctx
            .store
            .read(move |db| attachments::all_after(db, after, BATCH))
            .await?;
        let Some(last) = batch.last() else {
            return Ok((sound, faults));
        };
        after = last.id;
        for attachment in batch {
            let (files, sha256) = (ctx.files.clone(), attachment.sha256.clone());
            match waiting(move || files.is_sound(&sha256)).await? {
                Some(true) => sound += 1,
                wrong => faults.push(Fault {
                    attachment,
                    is_there: wrong.is_some(),
                }),
            }
        }
    }
}
