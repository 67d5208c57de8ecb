//! The store of a demonstration: told apart from an office's, so that none but a demonstration's is ever made anew.

use super::{Condition, Context, Error, condition};
use crate::{
    config::Settings,
    storage::{
        StoreUrl,
        files::FileStore,
        removal::remove_one,
        store_identity::{self, Purpose},
    },
};

/// Says that the store, just made, is a demonstration's.
///
/// # Errors
/// Where the store does not answer.
pub async fn mark_as_demo(ctx: &Context) -> Result<(), Error> {
    ctx.store
        .write(|db| Ok::<_, Error>(store_identity::set_purpose(db, Purpose::Demo)?))
        .await
}

/// Whether the store is a demonstration's.
///
/// # Errors
/// Where the store does not answer.
pub async fn is_demo(ctx: &Context) -> Result<bool, Error> {
    let identity = ctx.store.read(|db| Ok::<_, Error>(store_identity::find(db)?));
    Ok(identity.await?.purpose == Purpose::Demo)
}

/// Removes the earlier demonstration whose store is there: the folder of its files, then the store.
///
/// # Errors
/// Where the store is no demonstration's, or the folder another store's: nothing is removed then. Where either does not answer.
pub fn remove_demo(settings: &Settings) -> Result<(), Error> {
    let refused =
        || Error::Conflict("它不是演示建立的数据库。演示只重建自己的数据库；确实不要的，请自行移走。".to_owned());
    match condition(settings) {
        Ok(Condition::Current | Condition::Behind(_)) => {}
        _ => return Err(refused()),
    }
    let url: StoreUrl = settings.database_url.parse().map_err(Error::internal)?;
    // An earlier version's store says nothing of what it is for, and counts as an office's.
    let identity = store_identity::at(&url).map_err(|_| refused())?;
    if identity.purpose != Purpose::Demo {
        return Err(refused());
    }
    FileStore::new(settings.files.folder.clone().into()).destroy(&identity.store_id)?;
    if let StoreUrl::Sqlite(path) = &url {
        // The store last: what is left of a removal that broke off is a demonstration's still.
        for suffix in ["-wal", "-shm", ""] {
            let mut name = path.clone().into_os_string();
            name.push(suffix);
            remove_one(name.as_ref()).map_err(|e| Error::Unavailable(e.to_string()))?;
        }
    }
    Ok(())
}
