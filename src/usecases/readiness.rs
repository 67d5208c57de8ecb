//! Whether the program can do its work: what whoever watches it asks time and again.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use super::{
    Context, Error,
    attachments::folder,
    errand::{Errand, in_thread},
};
use crate::storage::{Writing, binding};

/// How long the store may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long after a write that worked none need be tried.
const RECENT: Duration = Duration::from_secs(60);

/// What keeps the program from its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Stable id: `store`, `store_file`, `writing`, `room`, `files`.
    pub id: &'static str,
    /// In Chinese; names no path.
    pub detail: String,
    /// What is behind it, for the log.
    pub reason: String,
}

impl Fault {
    fn new(id: &'static str, detail: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self {
            id,
            detail: detail.into(),
            reason: reason.to_string(),
        }
    }
}

/// The last look of a process: when it was begun, and what it found. One is made at a time, since anybody may ask.
#[derive(Default)]
pub struct LastLook(tokio::sync::Mutex<Option<(Instant, Vec<Fault>)>>);

/// All that keeps the program from its work; nothing where it can do it. Waits for nobody's heavy work, and not long for anything. Those
/// who ask while others are being answered share the next look, which is begun after they asked.
pub async fn faults(ctx: &Context) -> Vec<Fault> {
    let asked = Instant::now();
    let mut last = ctx.last_look.0.lock().await;
    if let Some((begun, found)) = &*last
        && *begun >= asked
    {
        return found.clone();
    }
    let begun = Instant::now();
    let found = look(ctx).await;
    *last = Some((begun, found.clone()));
    found
}

async fn look(ctx: &Context) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Err(gone) = ctx.store.file().map_or(Ok(()), crate::storage::OpenedFile::is_there) {
        faults.push(Fault::new(
            "store_file",
            "打开的数据库文件或其日志（-wal）已不在原处，或已被替换，请查明后重新启动服务。",
            gone,
        ));
    }
    let asking = Errand::within(PATIENCE);
    let reading = async {
        // Bounded by itself as well: opening a connection may take longer than the errand.
        let look = ctx.store.read(|db| Ok::<_, Error>(binding::look_into_each(db)?));
        let looked = tokio::time::timeout(PATIENCE, look).await;
        looked.unwrap_or_else(|_| Err(Error::Unavailable("the store does not answer".into())))
    };
    match asking.scope(reading).await {
        Ok(()) => {
            let damage = ctx.store.health().damage();
            faults.extend(damage.map(|damage| Fault::new("store", format!("{}。", damage.in_words()), damage)));
            faults.extend(writing(ctx).await);
            faults.extend(folder_of_another(ctx).await);
        }
        Err(Error::Damaged(damage)) => faults.push(Fault::new("store", format!("{}。", damage.in_words()), damage)),
        Err(error) => faults.push(Fault::new("store", "数据库没有应答。", reason(&error))),
    }
    let (context, least) = (ctx.clone(), ctx.settings.store.free_bytes);
    let disks = in_thread(move || Ok::<_, Error>(on_disks(&context, least)));
    match Errand::within(PATIENCE).scope(disks).await {
        Ok(found) => faults.extend(found),
        Err(error) => faults.push(Fault::new("files", "磁盘没有应答。", reason(&error))),
    }
    faults
}

fn reason(error: &Error) -> String {
    match error {
        Error::Unavailable(reason) | Error::Contention(reason) | Error::Internal(reason) => reason.clone(),
        Error::NotWritable(fault) | Error::Damaged(fault) => fault.to_string(),
        other => other.to_string(),
    }
}

/// What came of the last writing; where that is long past, or failed, of another.
async fn writing(ctx: &Context) -> Option<Fault> {
    let is_recent = |writing: Writing| matches!(writing, Writing::Worked { at } if Instant::now() - at < RECENT);
    if !is_recent(ctx.store.health().writing()) {
        // That another process writes for longer (an import) is no fault.
        let _ = Errand::within(PATIENCE).scope(ctx.store.try_writing()).await;
    }
    match ctx.store.health().writing() {
        Writing::Failed { fault, .. } => Some(Fault::new("writing", format!("{}。", fault.in_words()), fault)),
        Writing::Worked { .. } | Writing::NotYet => None,
    }
}

/// That the folder of the files is another store's by now: it was exchanged under the server.
async fn folder_of_another(ctx: &Context) -> Option<Fault> {
    match Errand::within(PATIENCE).scope(folder::look(ctx)).await {
        Err(Error::Conflict(foreign)) => Some(Fault::new("files", "附件目录属于另一个数据库。", foreign)),
        // That it cannot be read is found below.
        _ => None,
    }
}

/// Room, and the folder of the files.
fn on_disks(ctx: &Context, least: u64) -> Vec<Fault> {
    let mut faults = Vec::new();
    let store = ctx.store.file().and_then(|file| file.path().parent());
    let files = Some(ctx.files.root()).filter(|root| root.exists());
    for folder in store.into_iter().chain(files) {
        match room(folder) {
            Ok(room) if room >= least => {}
            Ok(room) => faults.push(Fault::new(
                "room",
                "磁盘可用空间不足。",
                format!("{room} bytes are left"),
            )),
            Err(error) => faults.push(Fault::new("room", "无法得知磁盘的可用空间。", error)),
        }
    }
    if let Err(error) = ctx.files.stands() {
        let detail = "附件目录不是启动时的目录，所在磁盘可能未挂载。";
        faults.push(Fault::new("files", detail, error));
    } else if files.is_some()
        && let Err(error) = ctx.files.spool()
    {
        faults.push(Fault::new("files", "附件目录不能写入。", error));
    }
    faults.dedup_by(|a, b| (a.id, &a.detail) == (b.id, &b.detail));
    faults
}

/// Bytes that this process may still write to a folder's disk.
fn room(folder: &Path) -> std::io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}
