//! Requests for changes of confirmed contracts, and what became of them.

use diesel::prelude::*;

use super::{
    Db, StoreError,
    binding::rows,
    db::MultiBackend,
    dialect::insert_for_key,
    schema::{change_requests, contracts},
};
use crate::domain::{
    change_request::{ChangeKind, ChangeRequest, Decided, RequestState},
    ledger::{canonical, canonical_value},
    time::Moment,
};

/// A row but its key.
#[derive(Queryable, Selectable, Insertable, Clone)]
#[diesel(table_name = change_requests)]
#[diesel(check_for_backend(MultiBackend))]
struct Columns {
    contract_id: i64,
    kind: String,
    state: String,
    changes: Option<String>,
    content: Option<String>,
    ground: Option<String>,
    reason: String,
    attachments: String,
    base_version: i64,
    base_revision: i64,
    requested_by: String,
    requested_at: i64,
    decided_by: Option<String>,
    decided_at: Option<i64>,
    decision_reason: Option<String>,
    document_number: Option<String>,
}

impl Columns {
    fn of(request: &ChangeRequest) -> Result<Self, StoreError> {
        let decided = request.decided.clone();
        let changes = request.changes.as_ref().map(canonical_value).transpose();
        let content = request.content.as_ref().map(canonical).transpose();
        Ok(Self {
            contract_id: request.contract_id,
            kind: request.kind.id().to_owned(),
            state: request.state().id().to_owned(),
            changes: changes.map_err(StoreError::corrupt)?,
            content: content.map_err(StoreError::corrupt)?,
            ground: request.ground.clone(),
            reason: request.reason.clone(),
            attachments: canonical(&request.attachments).map_err(StoreError::corrupt)?,
            base_version: request.base_version,
            base_revision: request.base_revision,
            requested_by: request.requested_by.clone(),
            requested_at: request.requested_at.micros(),
            decided_by: decided.as_ref().map(|d| d.by.clone()),
            decided_at: decided.as_ref().map(|d| d.at.micros()),
            decision_reason: decided.as_ref().and_then(|d| d.reason.clone()),
            document_number: decided.and_then(|d| d.document_number),
        })
    }

    fn into_request(self, id: i64) -> Result<ChangeRequest, StoreError> {
        fn parsed<T: serde::de::DeserializeOwned>(text: Option<&str>) -> Result<Option<T>, StoreError> {
            text.map(|t| serde_json::from_str(t).map_err(StoreError::corrupt))
                .transpose()
        }
        let state = RequestState::from_id(&self.state).ok_or_else(|| StoreError::corrupt(&self.state))?;
        let decided = match (self.decided_by, self.decided_at) {
            (Some(by), Some(at)) => Some(Decided {
                state,
                by,
                at: Moment::from_micros(at),
                reason: self.decision_reason,
                document_number: self.document_number,
            }),
            _ if state == RequestState::Open => None,
            _ => {
                return Err(StoreError::corrupt(format!("change request {id} is decided by nobody")));
            }
        };
        Ok(ChangeRequest {
            id,
            contract_id: self.contract_id,
            kind: ChangeKind::from_id(&self.kind).ok_or_else(|| StoreError::corrupt(&self.kind))?,
            changes: parsed(self.changes.as_deref())?,
            content: parsed(self.content.as_deref())?,
            ground: self.ground,
            reason: self.reason,
            attachments: serde_json::from_str(&self.attachments).map_err(StoreError::corrupt)?,
            base_version: self.base_version,
            base_revision: self.base_revision,
            requested_by: self.requested_by,
            requested_at: Moment::from_micros(self.requested_at),
            decided,
        })
    }
}

/// Adds a request (its `id` is not looked at); answers the key given.
///
/// # Errors
/// [`StoreError::Duplicate`] where the contract has an open one.
pub fn insert(db: &mut Db, request: &ChangeRequest) -> Result<i64, StoreError> {
    let columns = Columns::of(request)?;
    rows::change_requests::note(request.contract_id);
    Ok(insert_for_key!(
        db,
        diesel::insert_into(change_requests::table).values(columns),
        change_requests::id
    )?)
}

/// One request.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn find(db: &mut Db, id: i64) -> Result<Option<ChangeRequest>, StoreError> {
    change_requests::table
        .filter(change_requests::id.eq(id))
        .select((change_requests::id, Columns::as_select()))
        .get_result::<(i64, Columns)>(db)
        .optional()?
        .map(|(id, columns)| columns.into_request(id))
        .transpose()
}

/// Ends a request of a contract (the keys of both) that is still open; `false` where it is not.
///
/// # Errors
/// Where the store does not answer.
pub fn decide(db: &mut Db, (contract_id, id): (i64, i64), decided: &Decided) -> Result<bool, StoreError> {
    rows::change_requests::note(contract_id);
    let open = change_requests::table
        .filter(change_requests::contract_id.eq(contract_id))
        .filter(change_requests::id.eq(id))
        .filter(change_requests::state.eq(RequestState::Open.id()));
    let changed = diesel::update(open)
        .set((
            change_requests::state.eq(decided.state.id()),
            change_requests::decided_by.eq(&decided.by),
            change_requests::decided_at.eq(decided.at.micros()),
            change_requests::decision_reason.eq(&decided.reason),
            change_requests::document_number.eq(&decided.document_number),
        ))
        .execute(db)?;
    Ok(changed == 1)
}

/// Which requests; the newest first.
#[derive(Debug, Clone, Default)]
pub struct ChangeRequestQuery {
    /// Of contracts of this agency alone.
    pub agency_id: Option<i64>,
    /// Of this contract alone.
    pub contract_id: Option<i64>,
    /// Any of these states; empty for all.
    pub states: Vec<RequestState>,
    /// Any of these kinds; empty for all.
    pub kinds: Vec<ChangeKind>,
    /// Made by this person.
    pub requested_by: Option<String>,
    /// Begin after the request of this key.
    pub after: Option<i64>,
    /// Requests at most.
    pub limit: i64,
}

/// One page of requests, the newest first.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn page(db: &mut Db, query: &ChangeRequestQuery) -> Result<Vec<ChangeRequest>, StoreError> {
    let mut q = change_requests::table
        .inner_join(contracts::table)
        .select((change_requests::id, Columns::as_select()))
        .into_boxed::<MultiBackend>();
    if let Some(agency) = query.agency_id {
        q = q.filter(contracts::agency_id.eq(agency));
    }
    if let Some(contract) = query.contract_id {
        q = q.filter(change_requests::contract_id.eq(contract));
    }
    if !query.states.is_empty() {
        let states: Vec<&str> = query.states.iter().map(|s| s.id()).collect();
        q = q.filter(change_requests::state.eq_any(states));
    }
    if !query.kinds.is_empty() {
        let kinds: Vec<&str> = query.kinds.iter().map(|k| k.id()).collect();
        q = q.filter(change_requests::kind.eq_any(kinds));
    }
    if let Some(by) = query.requested_by.clone() {
        q = q.filter(change_requests::requested_by.eq(by));
    }
    if let Some(after) = query.after {
        q = q.filter(change_requests::id.lt(after));
    }
    let rows: Vec<(i64, Columns)> = q.order(change_requests::id.desc()).limit(query.limit).load(db)?;
    rows.into_iter().map(|(id, columns)| columns.into_request(id)).collect()
}
