//! Removing files that belong to nothing: uploads that broke off, attachments of drafts that went, imported files whose time is over,
//! transactions that were undone.

use crate::{
    storage::{attachments, files::Lying, import_jobs},
    usecases::{Context, Error},
};

use super::waiting;

/// Files looked at in one transaction, so that nobody who writes waits long.
const BATCH: usize = 500;

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Collected {
    /// Files that no attachment names.
    pub files: u64,
    /// Uploads that broke off.
    pub temporary: u64,
    /// Bytes of both.
    pub bytes: u64,
}

/// Removes what is older than `files.orphan_seconds` and no attachment and no import names.
///
/// # Errors
/// Where the folder or the store does not answer.
pub async fn collect_orphans(ctx: &Context) -> Result<Collected, Error> {
    let before = ctx.clock.now().plus_seconds(-ctx.settings.files.orphan_seconds);
    let mut collected = Collected::default();
    for first in std::iter::once(None).chain((0..=u8::MAX).map(Some)) {
        let files = ctx.files.clone();
        let mut old = waiting(move || files.lying(first)).await?;
        old.retain(|file| file.written_at < before);
        for batch in old.chunks(BATCH) {
            let (files, batch) = (ctx.files.clone(), batch.to_vec());
            // A writing transaction of its own: nobody writes a row meanwhile that names what is being removed.
            let removed = ctx.store.write_alone(move |db| {
                let mut removed = Vec::new();
                for file in &batch {
                    let used = match file.sha256.as_deref() {
                        Some(hash) => attachments::is_used(db, hash)? || import_jobs::is_used(db, hash)?,
                        None => false,
                    };
                    if !used && files.remove(file)? {
                        removed.push(file.clone());
                    }
                }
                Ok::<Vec<Lying>, Error>(removed)
            });
            for file in removed.await? {
                collected.bytes += file.size;
                match file.sha256 {
                    Some(_) => collected.files += 1,
                    None => collected.temporary += 1,
                }
            }
        }
    }
    Ok(collected)
}
