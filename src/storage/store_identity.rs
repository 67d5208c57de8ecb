//! Who a store is: an id that no other store has, and what the store is for.

use diesel::prelude::*;

use super::{Db, StoreError, StoreUrl, schema::store_identity};

/// What a store is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// An office's register.
    Register,
    /// A demonstration: `dengji demo` made it, and makes it anew.
    Demo,
}

impl Purpose {
    const fn id(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Demo => "demo",
        }
    }
}

/// Who a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreIdentity {
    /// 32 hexadecimal digits, by chance; copies and backups of a store have the same.
    pub store_id: String,
    /// What it is for.
    pub purpose: Purpose,
}

/// Who the store is.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn find(db: &mut Db) -> Result<StoreIdentity, StoreError> {
    let (store_id, purpose): (String, String) = store_identity::table
        .filter(store_identity::id.eq(1))
        .select((store_identity::store_id, store_identity::purpose))
        .get_result(db)?;
    let purpose = [Purpose::Register, Purpose::Demo]
        .into_iter()
        .find(|p| p.id() == purpose);
    Ok(StoreIdentity {
        store_id,
        purpose: purpose.ok_or_else(|| StoreError::corrupt("purpose of the store"))?,
    })
}

/// Who the store at an address is, for whoever will not open it: by a connection that is closed when this returns.
///
/// # Errors
/// Where there is no such store, or it is of a version whose stores do not say who they are.
pub fn at(url: &StoreUrl) -> Result<StoreIdentity, StoreError> {
    let mut db = url.peek().map_err(|e| StoreError::unreachable(&e))?;
    find(&mut db)
}

/// Says what a store is for that was just made.
///
/// # Errors
/// Where the store does not answer.
pub fn set_purpose(db: &mut Db, purpose: Purpose) -> Result<(), StoreError> {
    diesel::update(store_identity::table.filter(store_identity::id.eq(1)))
        .set(store_identity::purpose.eq(purpose.id()))
        .execute(db)?;
    Ok(())
}
