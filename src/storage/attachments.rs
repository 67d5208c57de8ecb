//! Attachments: what is said of them. Their content is in [`super::files`].

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::{
    Db, StoreError,
    binding::rows,
    dialect::insert_for_key,
    lists::shown_among,
    readings::{self, Search, Trace},
    schema::{attachments, contract_likeness},
    tips,
};
use crate::domain::{
    attachment::{Attachment, MediaType},
    policy::Scope,
    time::Moment,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = attachments)]
struct AttachmentRow {
    id: i64,
    contract_id: i64,
    kind: String,
    file_name: String,
    media_type: String,
    size: i64,
    sha256: String,
    added_by: String,
    added_at: i64,
}

impl TryFrom<AttachmentRow> for Attachment {
    type Error = StoreError;

    fn try_from(row: AttachmentRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            contract_id: row.contract_id,
            kind: row.kind,
            file_name: row.file_name,
            media_type: MediaType::from_id(&row.media_type).ok_or_else(|| StoreError::corrupt(&row.media_type))?,
            size: row.size,
            sha256: row.sha256,
            added_by: row.added_by,
            added_at: Moment::from_micros(row.added_at),
        })
    }
}

/// Adds an attachment (its `id` is not looked at); answers its key.
///
/// # Errors
/// Where the store does not answer.
pub fn insert(db: &mut Db, attachment: &Attachment) -> Result<i64, StoreError> {
    rows::attachments::note(attachment.contract_id);
    tips::note(Trace::File(attachment.sha256.clone()));
    let values = (
        attachments::contract_id.eq(attachment.contract_id),
        attachments::kind.eq(&attachment.kind),
        attachments::file_name.eq(&attachment.file_name),
        attachments::media_type.eq(attachment.media_type.id()),
        attachments::size.eq(attachment.size),
        attachments::sha256.eq(&attachment.sha256),
        attachments::added_by.eq(&attachment.added_by),
        attachments::added_at.eq(attachment.added_at.micros()),
    );
    Ok(insert_for_key!(
        db,
        diesel::insert_into(attachments::table).values(values),
        attachments::id
    )?)
}

/// An attachment of a contract.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn find(db: &mut Db, contract_id: i64, id: i64) -> Result<Option<Attachment>, StoreError> {
    attachments::table
        .filter(attachments::id.eq(id))
        .filter(attachments::contract_id.eq(contract_id))
        .select(AttachmentRow::as_select())
        .get_result(db)
        .optional()?
        .map(Attachment::try_from)
        .transpose()
}

/// Attachments of a contract by key, those after `after`.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn page(db: &mut Db, contract_id: i64, after: Option<i64>, limit: i64) -> Result<Vec<Attachment>, StoreError> {
    let rows: Vec<AttachmentRow> = attachments::table
        .filter(attachments::contract_id.eq(contract_id))
        .filter(attachments::id.gt(after.unwrap_or(0)))
        .order(attachments::id)
        .limit(limit)
        .select(AttachmentRow::as_select())
        .load(db)?;
    rows.into_iter().map(Attachment::try_from).collect()
}

/// How many attachments a contract has.
///
/// # Errors
/// Where the store does not answer.
pub fn count(db: &mut Db, contract_id: i64) -> Result<i64, StoreError> {
    Ok(attachments::table
        .filter(attachments::contract_id.eq(contract_id))
        .count()
        .get_result(db)?)
}

/// The kinds of attachment that a contract has.
///
/// # Errors
/// Where the store does not answer.
pub fn kinds(db: &mut Db, contract_id: i64) -> Result<BTreeSet<String>, StoreError> {
    let kinds: Vec<String> = attachments::table
        .filter(attachments::contract_id.eq(contract_id))
        .select(attachments::kind)
        .distinct()
        .load(db)?;
    Ok(kinds.into_iter().collect())
}

/// Other contracts that the scope shows, that count or may come to (`storage::likeness`) and whose text (kind `contract_text`) is the
/// very file that is this contract's, `limit` at most. A draft is nobody else's business, and what was withdrawn or refused stands in
/// nobody's way.
///
/// # Errors
/// Where the store does not answer.
pub fn with_same_text(db: &mut Db, scope: &Scope, contract_id: i64, limit: usize) -> Result<Vec<i64>, StoreError> {
    let text =
        |q: attachments::BoxedQuery<'static, super::db::MultiBackend>| q.filter(attachments::kind.eq("contract_text"));
    let own: Vec<String> = text(attachments::table.into_boxed())
        .filter(attachments::contract_id.eq(contract_id))
        .select(attachments::sha256)
        .load(db)?;
    if own.is_empty() {
        return Ok(Vec::new());
    }
    for text in &own {
        readings::note_search(|| Search::Text(text.clone()));
    }
    let all: Vec<i64> = text(attachments::table.into_boxed())
        .filter(attachments::sha256.eq_any(own))
        .filter(attachments::contract_id.ne(contract_id))
        .filter(attachments::contract_id.eq_any(contract_likeness::table.select(contract_likeness::contract_id)))
        .select(attachments::contract_id)
        .distinct()
        .order(attachments::contract_id)
        .load(db)?;
    readings::note_contracts(&all);
    let mut shown = shown_among(db, scope, &all)?;
    shown.truncate(limit);
    Ok(shown)
}

/// Whether all of these are keys of the contract's attachments; true where there are none to look for.
///
/// # Errors
/// Where the store does not answer.
pub fn all_of_contract(db: &mut Db, contract_id: i64, ids: &[i64]) -> Result<bool, StoreError> {
    let wanted: BTreeSet<i64> = ids.iter().copied().collect();
    let found: i64 = attachments::table
        .filter(attachments::contract_id.eq(contract_id))
        .filter(attachments::id.eq_any(&wanted))
        .count()
        .get_result(db)?;
    Ok(usize::try_from(found).is_ok_and(|n| n == wanted.len()))
}

/// Has the next entry about a contract say which attachments it has: those with which it is submitted stay.
pub fn bind(contract_id: i64) {
    rows::attachments::note(contract_id);
}

/// Removes one attachment of a contract; its file stays until it is collected.
///
/// # Errors
/// Where the store does not answer.
pub fn delete(db: &mut Db, contract_id: i64, id: i64) -> Result<(), StoreError> {
    rows::attachments::note(contract_id);
    let its = attachments::table.filter(attachments::contract_id.eq(contract_id));
    diesel::delete(its.filter(attachments::id.eq(id))).execute(db)?;
    Ok(())
}

/// Removes every attachment of a contract that goes.
///
/// # Errors
/// Where the store does not answer.
pub fn delete_all_of(db: &mut Db, contract_id: i64) -> Result<(), StoreError> {
    rows::attachments::note(contract_id);
    diesel::delete(attachments::table.filter(attachments::contract_id.eq(contract_id))).execute(db)?;
    Ok(())
}

/// Whether some attachment has this content.
///
/// # Errors
/// Where the store does not answer.
pub fn is_used(db: &mut Db, sha256: &str) -> Result<bool, StoreError> {
    let with_it = attachments::table.filter(attachments::sha256.eq(sha256));
    Ok(diesel::select(diesel::dsl::exists(with_it)).get_result(db)?)
}

/// Attachments of any contract by key, those after `after`: for looking at all of them.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn all_after(db: &mut Db, after: i64, limit: i64) -> Result<Vec<Attachment>, StoreError> {
    let rows: Vec<AttachmentRow> = attachments::table
        .filter(attachments::id.gt(after))
        .order(attachments::id)
        .limit(limit)
        .select(AttachmentRow::as_select())
        .load(db)?;
    rows.into_iter().map(Attachment::try_from).collect()
}
