//! Taking files back from the trash.

use crate::{
    storage::files::Discarded,
    usecases::{Context, Error},
};

use super::{folder::look, waiting};

/// What lies in the trash, the oldest first.
///
/// # Errors
/// Where the folder is another store's; where it or the store does not answer.
pub async fn list_discarded(ctx: &Context) -> Result<Vec<Discarded>, Error> {
    look(ctx).await?;
    let files = ctx.files.clone();
    waiting(move || files.discarded()).await
}

/// Puts files of the trash back in their places: those of these hashes, or all where none is named. Answers those that went back; a
/// file of the same content that lies there already stays. What nothing names is put aside again a day later.
///
/// # Errors
/// A hash that is not in the trash; where the folder is another store's; where it or the store does not answer.
pub async fn restore(ctx: &Context, hashes: &[String]) -> Result<Vec<Discarded>, Error> {
    let discarded = list_discarded(ctx).await?;
    if let Some(unknown) = hashes
        .iter()
        .find(|hash| discarded.iter().all(|file| file.sha256 != **hash))
    {
        return Err(Error::Conflict(format!("回收目录中没有文件 {unknown}。")));
    }
    let (files, now) = (ctx.files.clone(), ctx.clock.now());
    let wanted: Vec<Discarded> = discarded
        .into_iter()
        .filter(|file| hashes.is_empty() || hashes.contains(&file.sha256))
        .collect();
    waiting(move || {
        let mut back = Vec::new();
        for file in wanted {
            if files.take_back(&file, now)? {
                back.push(file);
            }
        }
        Ok::<_, crate::storage::StoreError>(back)
    })
    .await
}
