//! Whose the folder of the files is, and whether it may be tidied. A program touches the folder of its own store alone: the folder's
//! marker names the store. What no row names is put aside only when the store has been served out of this folder for a whole day, and
//! only what came since the folder was marked, or since the store was last seen to be another state of itself (restored from a backup).

use crate::{
    domain::time::Moment,
    storage::{
        Db, attachments,
        files::{FileStore, Marker},
        import_jobs,
        ledger::{self, Head},
        store_identity,
    },
    usecases::{Context, Error},
};

use super::waiting;

/// How long a store must have been served without a break before its folder is tidied, seconds.
pub const SERVED_SECONDS: i64 = 86_400;

/// Longest time between two marks that is no break, seconds. A clock that jumps is a break.
pub const LONGEST_PAUSE_SECONDS: i64 = 3_600;

/// Files looked at in one transaction.
pub(super) const BATCH: usize = 500;

/// What the folder turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The store's, as it was left.
    Own,
    /// Empty: it is the store's from now on.
    New,
    /// Of a version without markers, with files that the store names: it is the store's from now on.
    Adopted {
        /// Files that the store names.
        named: u64,
        /// Files that it does not name; they stay where they are.
        unnamed: u64,
    },
    /// The store's, which is an earlier state of itself than the folder has seen, or went another way since.
    Restored,
}

/// Whether anything that the store holds names a content.
pub fn is_named(db: &mut Db, sha256: &str) -> Result<bool, Error> {
    Ok(attachments::is_used(db, sha256)? || import_jobs::is_used(db, sha256)?)
}

/// Whether the folder may be tidied.
pub const fn is_settled(marker: &Marker) -> bool {
    match (marker.served_from, marker.served_until) {
        (Some(from), Some(until)) => {
            let since = if from.micros() > marker.since.micros() {
                from
            } else {
                marker.since
            };
            until.micros() - since.micros() >= SERVED_SECONDS * 1_000_000
        }
        _ => false,
    }
}

fn foreign(files: &FileStore, ours: &str, theirs: &str) -> Error {
    Error::Conflict(format!(
        "文件目录 {} 属于另一个数据库（标识 {theirs}，本数据库的标识为 {ours}），不能使用。请在配置 files.folder 中为本数据库指定它自己的目录；\
         数据库地址写错的，请改正。",
        files.root().display()
    ))
}

fn unknown(files: &FileStore) -> Error {
    Error::Conflict(format!(
        "文件目录 {} 没有标明属于哪个数据库，其中的文件本数据库一个也没有登记，不能使用。请在配置 files.folder 中为本数据库指定它自己的目录；\
         数据库地址写错的，请改正。",
        files.root().display()
    ))
}

fn empty(files: &FileStore) -> Error {
    Error::Conflict(format!(
        "文件目录 {} 中没有附件，而本数据库登记有附件：目录所在的磁盘可能未挂载，或配置 files.folder 写错，请先检查；附件确已丢失的，\
         用 dengji serve --create 从空目录重新开始。",
        files.root().display()
    ))
}

/// The marker of the store's own folder, for whoever only looks; `None` where there is none.
///
/// # Errors
/// Where the folder is another store's, or is not readable.
pub async fn look(ctx: &Context) -> Result<Option<Marker>, Error> {
    let files = ctx.files.clone();
    let marker = waiting(move || files.marker()).await?;
    let ours = ctx.store.read(|db| Ok::<_, Error>(store_identity::find(db)?)).await?;
    match marker {
        Some(marker) if marker.store != ours.store_id => Err(foreign(&ctx.files, &ours.store_id, &marker.store)),
        marker => Ok(marker),
    }
}

/// What is made of an empty folder where the store names attachments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emptiness {
    /// It is refused: its disk may not be there.
    Refused,
    /// The attachments are lost, and whoever serves the store knows it.
    Known,
}

/// Makes sure that the folder is the store's, marks it where it has no marker, and brings back from the trash what the store names.
///
/// # Errors
/// Where the folder is another store's, or may be, or is refused for being empty; where it or the store does not answer.
pub async fn claim(ctx: &Context, emptiness: Emptiness) -> Result<Found, Error> {
    let found = match look(ctx).await? {
        Some(marker) => remark(ctx, marker, Serving::No).await?,
        None => first(ctx, emptiness).await?,
    };
    let ours = ctx.store.read(|db| Ok::<_, Error>(store_identity::find(db)?)).await?;
    ctx.files.belong_to(&ours.store_id);
    let root = ctx.files.root().display();
    match &found {
        Found::Own => {}
        Found::New => tracing::info!(folder = %root, "the folder of the files is marked as this store's"),
        Found::Adopted { named, unnamed } => tracing::warn!(
            folder = %root, named, unnamed,
            "the folder of the files had no marker; the store names files in it, so it is marked as this store's; what it does not name stays there"
        ),
        Found::Restored => tracing::warn!(
            folder = %root,
            "the store is not the state that this folder has last seen (restored from a backup?); nothing that lies there now is put aside"
        ),
    }
    let back = bring_back(ctx).await?;
    if back > 0 {
        tracing::warn!(folder = %root, back, "files that the store names were taken back from the trash");
    }
    Ok(found)
}

/// What a program says of itself in the marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serving {
    /// It does not serve.
    No,
    /// It begins to.
    Begins,
    /// It goes on.
    GoesOn,
}

/// Says in the marker that the store is being served out of this folder. Answers as [`claim`] for a folder that has its marker.
///
/// # Errors
/// Where the folder is another store's or has no marker (any more); where it or the store does not answer.
pub async fn mark_served(ctx: &Context, serving: Serving) -> Result<Found, Error> {
    match look(ctx).await? {
        Some(marker) => remark(ctx, marker, serving).await,
        None => Err(unknown(&ctx.files)),
    }
}

/// Brings the marker up to what the store is now.
async fn remark(ctx: &Context, marker: Marker, serving: Serving) -> Result<Found, Error> {
    let seen = marker.clone();
    // The marker was read before: what another server of this store has seen is in what is read now.
    let (head, continued) = ctx
        .store
        .read(move |db| Ok::<_, Error>((ledger::head(db)?, is_continued(db, &seen)?)))
        .await?;
    let next = following(&marker, head, continued, serving, ctx.clock.now());
    if next != marker {
        let files = ctx.files.clone();
        waiting(move || files.mark(&next)).await?;
    }
    Ok(if continued { Found::Own } else { Found::Restored })
}

/// Whether the store's ledger goes through what the folder has seen of it.
pub fn is_continued(db: &mut Db, marker: &Marker) -> Result<bool, Error> {
    if marker.sequence == 0 {
        return Ok(true);
    }
    let entry = ledger::after(db, marker.sequence - 1, 1)?;
    Ok(entry
        .first()
        .is_some_and(|e| e.sequence == marker.sequence && e.hash == marker.hash))
}

/// The marker that follows.
fn following(marker: &Marker, head: Head, continued: bool, serving: Serving, now: Moment) -> Marker {
    let unbroken = |until: Moment| (0..=LONGEST_PAUSE_SECONDS * 1_000_000).contains(&(now.micros() - until.micros()));
    let goes_on = serving == Serving::GoesOn && continued && marker.served_until.is_some_and(unbroken);
    let (served_from, served_until) = match serving {
        Serving::No if continued => (marker.served_from, marker.served_until),
        Serving::No => (None, None),
        Serving::GoesOn if goes_on => (marker.served_from, Some(now)),
        Serving::Begins | Serving::GoesOn => (Some(now), Some(now)),
    };
    let mut next = Marker {
        store: marker.store.clone(),
        since: if continued { marker.since } else { now },
        sequence: head.sequence,
        hash: head.hash,
        served_from,
        served_until,
        unseen: if continued { marker.unseen.clone() } else { Vec::new() },
    };
    // A backup that is no older than the last mark cannot be told from the store by its ledger.
    if continued && serving != Serving::No && !goes_on {
        next.add_unseen(marker.served_until.map_or(marker.since, seen_until), now);
    }
    next
}

/// Of what came until when the store had surely said whether it names it, by a mark of that moment: an upload arrives before its act.
pub(super) fn seen_until(mark: Moment) -> Moment {
    mark.plus_seconds(-LONGEST_PAUSE_SECONDS)
}

/// Marks a folder that has no marker, where the store names something in it, or it is empty and may be.
async fn first(ctx: &Context, emptiness: Emptiness) -> Result<Found, Error> {
    let (mut named, mut unnamed) = (0, 0);
    for first in 0..=u8::MAX {
        let files = ctx.files.clone();
        let here = waiting(move || files.lying(Some(first))).await?;
        let hashes: Vec<String> = here.into_iter().filter_map(|file| file.sha256).collect();
        for batch in hashes.chunks(BATCH) {
            let batch = batch.to_vec();
            let count = move |db: &mut Db| {
                let mut named = 0;
                for hash in &batch {
                    named += u64::from(is_named(db, hash)?);
                }
                Ok::<_, Error>((named, batch.len() as u64 - named))
            };
            let (ours, others) = ctx.store.read(count).await?;
            named += ours;
            unnamed += others;
        }
    }
    if named == 0 && unnamed > 0 {
        return Err(unknown(&ctx.files));
    }
    if named == 0 {
        let names_some = |db: &mut Db| Ok::<_, Error>(!attachments::all_after(db, 0, 1)?.is_empty());
        if ctx.store.read(names_some).await? {
            if emptiness == Emptiness::Refused {
                return Err(empty(&ctx.files));
            }
            tracing::warn!(
                folder = %ctx.files.root().display(),
                "the folder of the files is empty, but the store names attachments; it is begun anew, as was asked for"
            );
        }
    }
    let (store, head) = ctx
        .store
        .read(|db| Ok::<_, Error>((store_identity::find(db)?.store_id, ledger::head(db)?)))
        .await?;
    let marker = Marker {
        store,
        since: ctx.clock.now(),
        sequence: head.sequence,
        hash: head.hash,
        served_from: None,
        served_until: None,
        unseen: Vec::new(),
    };
    let files = ctx.files.clone();
    if !waiting(move || files.claim(&marker)).await? {
        // Somebody was quicker: another program of this store, or one of another.
        return look(ctx).await.map(|_| Found::Own);
    }
    Ok(match named {
        0 => Found::New,
        _ => Found::Adopted { named, unnamed },
    })
}

/// Takes back from the trash what the store names and lacks; answers how many.
async fn bring_back(ctx: &Context) -> Result<u64, Error> {
    let files = ctx.files.clone();
    let discarded = waiting(move || files.discarded()).await?;
    let mut back = 0;
    for batch in discarded.chunks(BATCH) {
        let (files, batch, now) = (ctx.files.clone(), batch.to_vec(), ctx.clock.now());
        let taken = ctx.store.read(move |db| {
            let mut taken = 0;
            for file in &batch {
                if is_named(db, &file.sha256)? {
                    taken += u64::from(files.take_back(file, now)?);
                }
            }
            Ok::<_, Error>(taken)
        });
        back += taken.await?;
    }
    Ok(back)
}
