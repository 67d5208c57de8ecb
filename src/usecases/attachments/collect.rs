//! Putting aside files that belong to nothing: attachments of drafts that went, imported files whose time is over, what undone
//! transactions left. They go to the folder's trash and are removed for good after [`TRASH_DAYS`]; uploads that broke off, which never
//! were anything, are removed at once.

use crate::{
    domain::time::Moment,
    storage::{
        files::{Discarded, Lying, Marker},
        store_identity,
    },
    usecases::{Context, Error},
};

use super::{
    folder::{BATCH, Emptiness, claim, is_continued, is_named, is_settled, look, seen_until},
    waiting,
};

/// Days for which what was put aside can be taken back.
pub const TRASH_DAYS: i64 = 30;

/// How far a collection goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// What came to the folder since it is the store's, and only once the store was served for a day: what the program does by itself.
    Settled,
    /// Whatever the store does not name: what an operator asks for.
    All,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Collected {
    /// Files that nothing names, put into the trash.
    pub files: u64,
    /// Uploads that broke off, removed.
    pub temporary: u64,
    /// Bytes of both.
    pub bytes: u64,
    /// Files of the trash whose time was over, removed.
    pub expired: u64,
    /// Whether the store was served for a day: else nothing is put aside by itself.
    pub is_settled: bool,
}

/// Puts aside what is older than `files.orphan_seconds` and nothing names.
///
/// # Errors
/// Where the folder is not the store's; where it or the store does not answer.
pub async fn collect_orphans(ctx: &Context, reach: Reach) -> Result<Collected, Error> {
    claim(ctx, Emptiness::Refused).await?;
    let marker = look(ctx)
        .await?
        .ok_or_else(|| Error::internal("the folder of the files lost its marker"))?;
    let mut collected = Collected {
        is_settled: is_settled(&marker),
        ..Collected::default()
    };
    let parts: &[Option<u8>] = &match collected.is_settled || reach == Reach::All {
        true => std::iter::once(None).chain((0..=u8::MAX).map(Some)).collect::<Vec<_>>(),
        false => vec![None],
    };
    for first in parts {
        collect_part(ctx, *first, reach, &marker, &mut collected).await?;
    }
    if collected.is_settled || reach == Reach::All {
        collected.expired = expire(ctx, &marker).await?;
    }
    Ok(collected)
}

async fn collect_part(
    ctx: &Context,
    first: Option<u8>,
    reach: Reach,
    marker: &Marker,
    collected: &mut Collected,
) -> Result<(), Error> {
    let now = ctx.clock.now();
    let before = now.plus_seconds(-ctx.settings.files.orphan_seconds);
    let files = ctx.files.clone();
    let mut old = waiting(move || files.lying(first)).await?;
    let seen = marker.served_until.map(seen_until);
    let is_settled = |at: Moment| at >= marker.since && seen.is_some_and(|seen| at < seen) && !marker.is_unseen(at);
    old.retain(|file| {
        let is_ours = file.sha256.is_none() || reach == Reach::All || is_settled(file.written_at);
        is_ours && file.written_at < before
    });
    for batch in old.chunks(BATCH) {
        let (files, batch, marker) = (ctx.files.clone(), batch.to_vec(), marker.clone());
        // A writing transaction of its own: nobody writes a row meanwhile that names what is being put aside.
        let gone = ctx.store.write_alone(move |db| {
            refuse_another(db, &marker)?;
            let mut gone = Vec::new();
            for file in &batch {
                let done = match file.sha256.as_deref() {
                    Some(hash) => !is_named(db, hash)? && files.discard(file, now.date())?,
                    None => files.remove_temporary(file)?,
                };
                if done {
                    gone.push(file.clone());
                }
            }
            Ok::<Vec<Lying>, Error>(gone)
        });
        for file in gone.await? {
            collected.bytes += file.size;
            match file.sha256 {
                Some(_) => collected.files += 1,
                None => collected.temporary += 1,
            }
        }
    }
    Ok(())
}

/// Removes what has been in the trash for longer than its time, and is not named.
async fn expire(ctx: &Context, marker: &Marker) -> Result<u64, Error> {
    let files = ctx.files.clone();
    let mut over = waiting(move || files.discarded()).await?;
    let before = ctx.clock.now().plus_seconds(-TRASH_DAYS * 86_400).date();
    over.retain(|file| file.day < before);
    let mut expired = 0;
    for batch in over.chunks(BATCH) {
        let (files, batch, marker): (_, Vec<Discarded>, _) = (ctx.files.clone(), batch.to_vec(), marker.clone());
        let gone = ctx.store.write_alone(move |db| {
            refuse_another(db, &marker)?;
            let mut gone = 0;
            for file in &batch {
                // What is named and lies in the trash all the same is damaged in its place, or about to be taken back.
                gone += u64::from(!is_named(db, &file.sha256)? && files.forget(file)?);
            }
            Ok::<_, Error>(gone)
        });
        expired += gone.await?;
    }
    Ok(expired)
}

/// Within the transaction that decides: the store is still the one that the folder knows.
fn refuse_another(db: &mut crate::storage::Db, marker: &Marker) -> Result<(), Error> {
    match store_identity::find(db)?.store_id == marker.store && is_continued(db, marker)? {
        true => Ok(()),
        false => Err(Error::Conflict(
            "数据库在整理附件目录期间被换成了另一个，已停止整理。".to_owned(),
        )),
    }
}
