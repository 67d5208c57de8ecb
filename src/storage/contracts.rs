//! Contracts: one row each, the current content beside it in `contract_revisions`.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{
    Db, StoreError,
    agencies::AgencyRow,
    binding::{rows, touched},
    dialect::{each, insert_for_key},
    readings,
    schema::{agencies, contract_revisions, contracts},
};
use crate::domain::{
    contract::{Agency, Content, Contract},
    interchange::RegisterRow,
    ledger::{canonical, canonical_value, sha256_hex},
    text,
    time::{Date, Moment},
    workflow::State,
};

/// The columns of a contract but its key.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Clone)]
#[diesel(table_name = contracts, treat_none_as_null = true, treat_none_as_default_value = false)]
#[diesel(check_for_backend(super::db::MultiBackend))]
pub(super) struct ContractColumns {
    version: i64,
    revision: i64,
    state: String,
    registration_number: Option<String>,
    national_number: Option<String>,
    agency_id: Option<i64>,
    registrar_certificate: Option<String>,
    rule_set: Option<String>,
    entered_by: Option<String>,
    submitted_by: Option<String>,
    claimed_by: Option<String>,
    confirmed_by: Option<String>,
    created_at: i64,
    submitted_at: Option<i64>,
    due_on: Option<Date>,
    confirmed_at: Option<i64>,
    confirmed_year: Option<i32>,
    expert_concluded_at: Option<i64>,
    returned: Option<String>,
    refusal: Option<String>,
    ended: Option<String>,
    contract_type: Option<String>,
    unit: Option<String>,
    field: Option<String>,
    amount_fen: Option<i64>,
    search_text: String,
    row_digest: String,
    claimed_at: Option<i64>,
    expert_conclusion: Option<String>,
    open_change_request: Option<i64>,
    contested_national_number: Option<String>,
}

/// SHA-256 of the contract as a row of the register (canonical JSON), by which an import knows a row that is there already. The
/// code of the agency is left out: it belongs to the agency, and older files do not carry it.
///
/// # Errors
/// Never for rows that this program built.
pub fn row_digest(row: &RegisterRow) -> Result<String, StoreError> {
    let mut row = serde_json::to_value(row).map_err(StoreError::corrupt)?;
    if let Some(fields) = row.as_object_mut() {
        fields.shift_remove("agency_code");
    }
    let text = canonical_value(&row).map_err(StoreError::corrupt)?;
    Ok(sha256_hex(text.as_bytes()))
}

/// [`row_digest`] of a contract.
pub(super) fn row_digest_of(contract: &Contract) -> Result<String, StoreError> {
    row_digest(&RegisterRow::of(contract))
}

fn to_json<T: serde::Serialize>(value: Option<&T>) -> Result<Option<String>, StoreError> {
    value.map(|v| canonical(v).map_err(StoreError::corrupt)).transpose()
}

fn from_json<T: serde::de::DeserializeOwned>(text: Option<&str>) -> Result<Option<T>, StoreError> {
    text.map(|t| serde_json::from_str(t).map_err(StoreError::corrupt))
        .transpose()
}

/// What [`joined`] selects.
macro_rules! selection {
    () => {
        (
            $crate::storage::schema::contracts::id,
            $crate::storage::contracts::ContractColumns::as_select(),
            $crate::storage::schema::contract_revisions::content,
            Option::<$crate::storage::agencies::AgencyRow>::as_select(),
        )
    };
}
pub(super) use selection;

/// What a contract is found by, a line each, as `domain::text` folds it.
pub(super) fn search_text(contract: &Contract) -> String {
    let c = &contract.content;
    [
        contract.registration_number.as_deref(),
        contract.national_number.as_deref(),
        c.project_name.as_deref(),
        c.seller.name.as_deref(),
        c.buyer.name.as_deref(),
        c.seller.uscc.as_deref(),
        c.buyer.uscc.as_deref(),
    ]
    .into_iter()
    .flatten()
    .map(text::key)
    .collect::<Vec<_>>()
    .join("\n")
}

/// Makes what contracts are found by anew, within the caller's transaction.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub(super) fn rebuild_search(db: &mut Db) -> Result<(), StoreError> {
    let mut seen = 0;
    loop {
        let rows: Vec<JoinedRow> = joined()
            .filter(contracts::id.gt(seen))
            .order(contracts::id)
            .limit(500)
            .select(selection!())
            .load(db)?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            let contract = contract_of(row)?;
            seen = contract.id;
            diesel::update(contracts::table.filter(contracts::id.eq(contract.id)))
                .set(contracts::search_text.eq(search_text(&contract)))
                .execute(db)?;
        }
    }
}

impl ContractColumns {
    /// The columns of a contract. Its national number goes where it is unique; where another contract holds it already (reported by
    /// whoever may not know of that one), beside that.
    fn stored(db: &mut Db, contract: &Contract, row_digest: String) -> Result<Self, StoreError> {
        let mut columns = Self::of(contract, row_digest)?;
        if let Some(number) = &columns.national_number {
            let holder = contracts::table
                .filter(contracts::national_number.eq(number))
                .filter(contracts::id.ne(contract.id));
            if diesel::select(diesel::dsl::exists(holder)).get_result(db)? {
                columns.contested_national_number = columns.national_number.take();
            }
        }
        Ok(columns)
    }

    fn of(contract: &Contract, row_digest: String) -> Result<Self, StoreError> {
        let c = &contract.content;
        Ok(Self {
            version: contract.version,
            revision: contract.revision,
            state: contract.state.id().to_owned(),
            registration_number: contract.registration_number.clone(),
            national_number: contract.national_number.clone(),
            agency_id: contract.agency.as_ref().map(|a| a.id),
            registrar_certificate: contract.registrar_certificate.clone(),
            rule_set: contract.rule_set.clone(),
            entered_by: contract.entered_by.clone(),
            submitted_by: contract.submitted_by.clone(),
            claimed_by: contract.claimed_by.clone(),
            confirmed_by: contract.confirmed_by.clone(),
            created_at: contract.created_at.micros(),
            submitted_at: contract.submitted_at.map(Moment::micros),
            due_on: contract.due_on,
            confirmed_at: contract.confirmed_at.map(Moment::micros),
            confirmed_year: contract.confirmed_at.map(Moment::year),
            expert_concluded_at: contract.expert_concluded_at.map(Moment::micros),
            returned: to_json(contract.returned.as_ref())?,
            refusal: to_json(contract.refusal.as_ref())?,
            ended: to_json(contract.ended.as_ref())?,
            contract_type: c.contract_type.clone(),
            unit: c.unit.clone(),
            field: c.field.clone(),
            amount_fen: c.amount_fen,
            search_text: search_text(contract),
            row_digest,
            claimed_at: contract.claimed_at.map(Moment::micros),
            expert_conclusion: to_json(contract.expert_conclusion.as_ref())?,
            open_change_request: contract.open_change_request,
            contested_national_number: None,
        })
    }

    /// What the contract is found by, and its row's digest, as they are kept.
    pub(super) fn derived(&self) -> (&str, &str) {
        (&self.search_text, &self.row_digest)
    }

    /// The row as an entry binds it.
    fn text(&self) -> String {
        rows::contracts::text([
            &self.version,
            &self.revision,
            &self.state,
            &self.registration_number,
            &self.national_number,
            &self.agency_id,
            &self.registrar_certificate,
            &self.rule_set,
            &self.entered_by,
            &self.submitted_by,
            &self.claimed_by,
            &self.confirmed_by,
            &self.created_at,
            &self.submitted_at,
            &self.due_on,
            &self.confirmed_at,
            &self.confirmed_year,
            &self.expert_concluded_at,
            &self.returned,
            &self.refusal,
            &self.ended,
            &self.contract_type,
            &self.unit,
            &self.field,
            &self.amount_fen,
            &self.claimed_at,
            &self.expert_conclusion,
            &self.open_change_request,
            &self.contested_national_number,
        ])
    }

    fn into_contract(self, id: i64, content: &str, agency: Option<AgencyRow>) -> Result<Contract, StoreError> {
        Ok(Contract {
            id,
            version: self.version,
            revision: self.revision,
            state: State::from_id(&self.state).ok_or_else(|| StoreError::corrupt(&self.state))?,
            registration_number: self.registration_number,
            national_number: self.national_number.or(self.contested_national_number),
            content: parse_content(content)?,
            agency: agency.map(Agency::from),
            registrar_certificate: self.registrar_certificate,
            rule_set: self.rule_set,
            entered_by: self.entered_by,
            submitted_by: self.submitted_by,
            claimed_by: self.claimed_by,
            confirmed_by: self.confirmed_by,
            created_at: Moment::from_micros(self.created_at),
            submitted_at: self.submitted_at.map(Moment::from_micros),
            due_on: self.due_on,
            confirmed_at: self.confirmed_at.map(Moment::from_micros),
            returned: from_json(self.returned.as_deref())?,
            refusal: from_json(self.refusal.as_deref())?,
            ended: from_json(self.ended.as_deref())?,
            expert_concluded_at: self.expert_concluded_at.map(Moment::from_micros),
            claimed_at: self.claimed_at.map(Moment::from_micros),
            expert_conclusion: from_json(self.expert_conclusion.as_deref())?,
            open_change_request: self.open_change_request,
            experts: Vec::new(),
        })
    }
}

/// Content as stored.
pub(super) fn parse_content(text: &str) -> Result<Content, StoreError> {
    serde_json::from_str(text).map_err(StoreError::corrupt)
}

/// A row as the joined query below answers it.
pub(super) type JoinedRow = (i64, ContractColumns, String, Option<AgencyRow>);

/// Contracts with their current content and agency; lists add filters to it.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn joined() -> _ {
    contracts::table
        .inner_join(
            contract_revisions::table.on(contract_revisions::contract_id
                .eq(contracts::id)
                .and(contract_revisions::revision.eq(contracts::revision))),
        )
        .left_join(agencies::table)
}

pub(super) fn contract_of((id, columns, content, agency): JoinedRow) -> Result<Contract, StoreError> {
    columns.into_contract(id, &content, agency)
}

/// One contract.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn find(db: &mut Db, id: i64) -> Result<Option<Contract>, StoreError> {
    readings::note_contracts(&[id]);
    let row = joined()
        .filter(contracts::id.eq(id))
        .select(selection!())
        .get_result::<JoinedRow>(db)
        .optional()?;
    let mut found = row.map(contract_of).transpose()?;
    super::expert_seats::seat_experts(db, found.as_mut_slice())?;
    Ok(found)
}

/// Several contracts, by key; those that are not there are left out.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn find_all(db: &mut Db, ids: &[i64]) -> Result<HashMap<i64, Contract>, StoreError> {
    readings::note_contracts(ids);
    let rows: Vec<JoinedRow> = joined()
        .filter(contracts::id.eq_any(ids))
        .select(selection!())
        .load(db)?;
    rows.into_iter()
        .map(|row| contract_of(row).map(|c| (c.id, c)))
        .collect()
}

/// Key and row digest of the contract with a registration number.
///
/// # Errors
/// Where the store does not answer.
pub fn digest_by_number(db: &mut Db, number: &str) -> Result<Option<(i64, String)>, StoreError> {
    let query = contracts::table
        .filter(contracts::registration_number.eq(number))
        .select((contracts::id, contracts::row_digest));
    Ok(each!(db, |c| query.get_result(c)).optional()?)
}

/// Keys of the contracts other than `id` that carry a number of the national system.
///
/// # Errors
/// Where the store does not answer.
pub fn with_national_number(db: &mut Db, number: &str, id: i64) -> Result<Vec<i64>, StoreError> {
    // Two queries, since an OR over two columns would make SQLite weigh a scan.
    let holding = contracts::table.filter(contracts::national_number.eq(number));
    let mut found: Vec<i64> = holding.select(contracts::id).load(db)?;
    let contesting = contracts::table.filter(contracts::contested_national_number.eq(number));
    found.extend(contesting.select(contracts::id).load::<i64>(db)?);
    found.retain(|other| *other != id);
    Ok(found)
}

/// How many contracts without a registration number say the same as `digest`.
///
/// # Errors
/// Where the store does not answer.
pub fn count_unnumbered(db: &mut Db, digest: &str) -> Result<i64, StoreError> {
    Ok(contracts::table
        .filter(contracts::registration_number.is_null())
        .filter(contracts::row_digest.eq(digest))
        .count()
        .get_result(db)?)
}

/// Adds a contract (its `id` is not looked at) and its content as its current revision; answers the key given.
///
/// # Errors
/// [`StoreError::Duplicate`] where a number is taken.
pub fn insert(db: &mut Db, contract: &Contract, by: &str, at: Moment) -> Result<i64, StoreError> {
    insert_row(db, contract, row_digest_of(contract)?, by, at)
}

/// The same for a contract that is a row of the register whose [`row_digest`] is known.
///
/// # Errors
/// [`StoreError::Duplicate`] where a number is taken.
pub fn insert_row(db: &mut Db, contract: &Contract, digest: String, by: &str, at: Moment) -> Result<i64, StoreError> {
    let columns = ContractColumns::stored(db, contract, digest)?;
    let text = columns.text();
    let id = insert_for_key!(db, diesel::insert_into(contracts::table).values(columns), contracts::id)?;
    touched::note_row(id, "contracts", &text);
    super::revisions::insert_first(db, id, contract.revision, &contract.content, by, at)?;
    super::likeness::add(db, id, contract)?;
    Ok(id)
}

/// Writes a contract back that was `before`, its version one up, if it is still at that version and in one of `states`; `false` where
/// it is not. The revision's content is the business of [`super::revisions`].
///
/// # Errors
/// [`StoreError::Duplicate`] where a number is taken.
pub fn update(db: &mut Db, before: &Contract, contract: &mut Contract, states: &[State]) -> Result<bool, StoreError> {
    let written = update_row(db, contract, before.version, states)?;
    if written && !super::likeness::is_recognised_alike(before, contract) {
        super::likeness::follow(db, before, contract)?;
    }
    Ok(written)
}

/// The same for one of which the version alone is known.
///
/// # Errors
/// [`StoreError::Duplicate`] where a number is taken.
pub fn replace(db: &mut Db, contract: &mut Contract, version: i64, states: &[State]) -> Result<bool, StoreError> {
    let written = update_row(db, contract, version, states)?;
    if written {
        super::likeness::keep(db, contract)?;
    }
    Ok(written)
}

fn update_row(db: &mut Db, contract: &mut Contract, version: i64, states: &[State]) -> Result<bool, StoreError> {
    contract.version = version + 1;
    let digest = row_digest_of(contract)?;
    let states: Vec<&str> = states.iter().map(|s| s.id()).collect();
    let columns = ContractColumns::stored(db, contract, digest)?;
    let text = columns.text();
    let changed = diesel::update(
        contracts::table
            .filter(contracts::id.eq(contract.id))
            .filter(contracts::version.eq(version))
            .filter(contracts::state.eq_any(states)),
    )
    .set(columns)
    .execute(db)?;
    if changed == 1 {
        touched::note_row(contract.id, "contracts", &text);
    }
    Ok(changed == 1)
}

/// Makes the row digests of an agency's contracts anew: its name is a part of them, and it has another one now. Versions stay: no
/// contract was changed.
///
/// # Errors
/// Where the store does not answer.
pub fn redigest_agency(db: &mut Db, agency_id: i64) -> Result<(), StoreError> {
    let mut seen = 0;
    loop {
        let ids: Vec<i64> = contracts::table
            .filter(contracts::agency_id.eq(agency_id))
            .filter(contracts::id.gt(seen))
            .order(contracts::id)
            .limit(500)
            .select(contracts::id)
            .load(db)?;
        let Some(last) = ids.last() else {
            return Ok(());
        };
        seen = *last;
        for id in ids {
            if let Some(contract) = find(db, id)? {
                let digest = row_digest_of(&contract)?;
                diesel::update(contracts::table.filter(contracts::id.eq(id)))
                    .set(contracts::row_digest.eq(digest))
                    .execute(db)?;
            }
        }
    }
}

/// Removes a draft that is still at `version`, its attachments with it; `false` where it is not. The files stay until they are
/// collected.
///
/// # Errors
/// Where the store does not answer.
pub fn delete_draft(db: &mut Db, id: i64, version: i64) -> Result<bool, StoreError> {
    let still_there = contracts::table
        .filter(contracts::id.eq(id))
        .filter(contracts::version.eq(version))
        .filter(contracts::state.eq(State::Draft.id()))
        .count()
        .get_result::<i64>(db)?
        == 1;
    if still_there {
        super::attachments::delete_all_of(db, id)?;
        rows::contract_revisions::note(id);
        rows::contracts::note(id);
        diesel::delete(contract_revisions::table.filter(contract_revisions::contract_id.eq(id))).execute(db)?;
        diesel::delete(contracts::table.filter(contracts::id.eq(id))).execute(db)?;
    }
    Ok(still_there)
}
