//! The contracts that self-audits drew, and what was found about them.

use std::collections::HashMap;

use diesel::{dsl::count_star, prelude::*};

use super::{
    Db, StoreError,
    binding::rows,
    db::MultiBackend,
    dialect::insert_for_key,
    schema::{contract_revisions, contracts, self_audit_findings, self_audit_items},
};
use crate::domain::{
    money::Fen,
    self_audit::ItemState,
    time::{Date, Moment},
};

/// A contract drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewItem {
    /// Key of the contract.
    pub contract_id: i64,
    /// Revision in force when it was drawn.
    pub revision: i64,
    /// Its 合同成交额, in fen.
    pub amount_fen: Fen,
    /// Index in the audit's strata.
    pub stratum: i64,
    /// Username of the auditor; none where nobody may.
    pub assigned_to: Option<String>,
}

/// The verdict on an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Key in the store.
    pub id: i64,
    /// `Right` or `Wrong`.
    pub verdict: ItemState,
    /// Code list `revocation_ground`, where it is wrong.
    pub ground: Option<String>,
    /// Free text.
    pub note: Option<String>,
    /// 文书号 of the revocation, where it has one of its own.
    pub document_number: Option<String>,
    /// 送达日期 of the same.
    pub served_on: Option<Date>,
    /// Username of who found it.
    pub found_by: String,
    /// When.
    pub found_at: Moment,
}

/// A contract of a self-audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Key in the store.
    pub id: i64,
    /// What it was drawn as.
    pub drawn: NewItem,
    /// Where it stands.
    pub state: ItemState,
    /// What completion did with a wrong one: `revoked`, or `already_ended`.
    pub outcome: Option<String>,
    /// 登记编号.
    pub registration_number: Option<String>,
    /// 合同名称 of the revision drawn.
    pub project_name: Option<String>,
    /// The verdict.
    pub finding: Option<Finding>,
}

/// Which items, in the order of drawing.
#[derive(Debug, Clone, Default)]
pub struct ItemQuery {
    /// Given to this auditor; `Some(None)`: to nobody.
    pub assigned_to: Option<Option<String>>,
    /// In this state.
    pub state: Option<ItemState>,
    /// With a verdict.
    pub judged: bool,
    /// The one of this key.
    pub id: Option<i64>,
    /// The one of this contract.
    pub contract_id: Option<i64>,
    /// Begin after the item of this key.
    pub after: Option<i64>,
    /// Items at most; all where none.
    pub limit: Option<i64>,
}

/// How many items stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Not looked at.
    pub open: i64,
    /// Found right.
    pub right: i64,
    /// Found wrong.
    pub wrong: i64,
    /// Handed to nobody.
    pub unassigned: i64,
    /// Revoked by the completion.
    pub revoked: i64,
    /// Wrong, but ended before the completion.
    pub already_ended: i64,
}

fn item_state(id: &str) -> Result<ItemState, StoreError> {
    ItemState::from_id(id).ok_or_else(|| StoreError::corrupt(id))
}

/// Adds what a self-audit drew, in this order.
///
/// # Errors
/// Where the store does not answer.
pub fn insert(db: &mut Db, audit: i64, items: &[NewItem]) -> Result<(), StoreError> {
    for item in items {
        let values = (
            self_audit_items::self_audit_id.eq(audit),
            self_audit_items::contract_id.eq(item.contract_id),
            self_audit_items::revision.eq(item.revision),
            self_audit_items::amount_fen.eq(item.amount_fen),
            self_audit_items::stratum.eq(item.stratum),
            self_audit_items::assigned_to.eq(&item.assigned_to),
            self_audit_items::state.eq(ItemState::Open.id()),
        );
        let statement = diesel::insert_into(self_audit_items::table).values(values);
        rows::self_audit_items::note(insert_for_key!(db, statement, self_audit_items::id)?);
    }
    Ok(())
}

/// How many items of each of these self-audits stand where.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn progress(db: &mut Db, audits: &[i64]) -> Result<HashMap<i64, Progress>, StoreError> {
    type Row = (i64, String, Option<String>, Option<String>, i64);
    let rows: Vec<Row> = self_audit_items::table
        .filter(self_audit_items::self_audit_id.eq_any(audits.to_vec()))
        .group_by((
            self_audit_items::self_audit_id,
            self_audit_items::state,
            self_audit_items::outcome,
            self_audit_items::assigned_to,
        ))
        .select((
            self_audit_items::self_audit_id,
            self_audit_items::state,
            self_audit_items::outcome,
            self_audit_items::assigned_to,
            count_star(),
        ))
        .load(db)?;
    let mut found: HashMap<i64, Progress> = HashMap::new();
    for (audit, state, outcome, auditor, n) in rows {
        let progress = found.entry(audit).or_default();
        match item_state(&state)? {
            ItemState::Open => progress.open += n,
            ItemState::Right => progress.right += n,
            ItemState::Wrong => progress.wrong += n,
        }
        match outcome.as_deref() {
            Some("revoked") => progress.revoked += n,
            Some(_) => progress.already_ended += n,
            None => {}
        }
        if auditor.is_none() {
            progress.unassigned += n;
        }
    }
    Ok(found)
}

type ItemTuple = (i64, i64, i64, i64, i64, Option<String>, String, Option<String>);
type FindingTuple = (
    i64,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<Date>,
    String,
    i64,
);

/// Items of a self-audit by key, which is the order of drawing.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn items(db: &mut Db, audit: i64, query: &ItemQuery) -> Result<Vec<Item>, StoreError> {
    let mut q = self_audit_items::table
        .inner_join(contracts::table)
        .left_join(self_audit_findings::table)
        .filter(self_audit_items::self_audit_id.eq(audit))
        .select((
            (
                self_audit_items::id,
                self_audit_items::contract_id,
                self_audit_items::revision,
                self_audit_items::amount_fen,
                self_audit_items::stratum,
                self_audit_items::assigned_to,
                self_audit_items::state,
                self_audit_items::outcome,
            ),
            contracts::registration_number,
            (
                self_audit_findings::id,
                self_audit_findings::verdict,
                self_audit_findings::ground,
                self_audit_findings::note,
                self_audit_findings::document_number,
                self_audit_findings::served_on,
                self_audit_findings::found_by,
                self_audit_findings::found_at,
            )
                .nullable(),
        ))
        .into_boxed::<MultiBackend>();
    match query.assigned_to.clone() {
        Some(Some(auditor)) => q = q.filter(self_audit_items::assigned_to.eq(auditor)),
        Some(None) => q = q.filter(self_audit_items::assigned_to.is_null()),
        None => {}
    }
    if let Some(state) = query.state {
        q = q.filter(self_audit_items::state.eq(state.id()));
    }
    if query.judged {
        q = q.filter(self_audit_items::state.ne(ItemState::Open.id()));
    }
    if let Some(id) = query.id {
        q = q.filter(self_audit_items::id.eq(id));
    }
    if let Some(contract) = query.contract_id {
        q = q.filter(self_audit_items::contract_id.eq(contract));
    }
    if let Some(after) = query.after {
        q = q.filter(self_audit_items::id.gt(after));
    }
    if let Some(limit) = query.limit {
        q = q.limit(limit);
    }
    let rows: Vec<(ItemTuple, Option<String>, Option<FindingTuple>)> = q.order(self_audit_items::id).load(db)?;
    rows.into_iter()
        .map(|(item, number, finding)| item_of(item, number, finding))
        .collect()
}

fn item_of(item: ItemTuple, number: Option<String>, finding: Option<FindingTuple>) -> Result<Item, StoreError> {
    let (id, contract_id, revision, amount_fen, stratum, assigned_to, state, outcome) = item;
    let finding = finding
        .map(
            |(id, verdict, ground, note, document_number, served_on, found_by, found_at)| {
                Ok::<_, StoreError>(Finding {
                    id,
                    verdict: item_state(&verdict)?,
                    ground,
                    note,
                    document_number,
                    served_on,
                    found_by,
                    found_at: Moment::from_micros(found_at),
                })
            },
        )
        .transpose()?;
    Ok(Item {
        id,
        drawn: NewItem {
            contract_id,
            revision,
            amount_fen,
            stratum,
            assigned_to,
        },
        state: item_state(&state)?,
        outcome,
        registration_number: number,
        project_name: None,
        finding,
    })
}

/// Adds the names of the projects, of the revisions that were drawn: for pages, not for whole samples.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn name_projects(db: &mut Db, items: &mut [Item]) -> Result<(), StoreError> {
    for item in items {
        let content: Option<String> = contract_revisions::table
            .filter(contract_revisions::contract_id.eq(item.drawn.contract_id))
            .filter(contract_revisions::revision.eq(item.drawn.revision))
            .select(contract_revisions::content)
            .get_result(db)
            .optional()?;
        let content = content.as_deref().map(super::contracts::parse_content).transpose()?;
        item.project_name = content.and_then(|c| c.project_name);
    }
    Ok(())
}

/// Hands an item to an auditor; a verdict on it goes, and it is open again.
///
/// # Errors
/// Where the store does not answer.
pub fn assign(db: &mut Db, item: i64, auditor: &str) -> Result<(), StoreError> {
    rows::self_audit_items::note(item);
    rows::self_audit_findings::note(item);
    diesel::delete(self_audit_findings::table.filter(self_audit_findings::item_id.eq(item))).execute(db)?;
    diesel::update(self_audit_items::table.filter(self_audit_items::id.eq(item)))
        .set((
            self_audit_items::assigned_to.eq(auditor),
            self_audit_items::state.eq(ItemState::Open.id()),
        ))
        .execute(db)?;
    Ok(())
}

/// Writes the verdict on an item, over an earlier one (whose key it keeps); `finding.id` is not looked at. Answers its key.
///
/// # Errors
/// Where the store does not answer.
pub fn put_finding(db: &mut Db, audit: i64, item: i64, finding: &Finding) -> Result<i64, StoreError> {
    rows::self_audit_items::note(item);
    rows::self_audit_findings::note(item);
    let values = (
        self_audit_findings::verdict.eq(finding.verdict.id()),
        self_audit_findings::ground.eq(&finding.ground),
        self_audit_findings::note.eq(&finding.note),
        self_audit_findings::document_number.eq(&finding.document_number),
        self_audit_findings::served_on.eq(finding.served_on),
        self_audit_findings::found_by.eq(&finding.found_by),
        self_audit_findings::found_at.eq(finding.found_at.micros()),
    );
    let of_item = self_audit_findings::table.filter(self_audit_findings::item_id.eq(item));
    let known: Option<i64> = of_item.select(self_audit_findings::id).get_result(db).optional()?;
    let id = match known {
        Some(id) => {
            diesel::update(of_item).set(values).execute(db)?;
            id
        }
        None => insert_for_key!(
            db,
            diesel::insert_into(self_audit_findings::table).values((
                self_audit_findings::self_audit_id.eq(audit),
                self_audit_findings::item_id.eq(item),
                values
            )),
            self_audit_findings::id
        )?,
    };
    diesel::update(self_audit_items::table.filter(self_audit_items::id.eq(item)))
        .set(self_audit_items::state.eq(finding.verdict.id()))
        .execute(db)?;
    Ok(id)
}

/// Writes what completion did with an item.
///
/// # Errors
/// Where the store does not answer.
pub fn set_outcome(db: &mut Db, item: i64, outcome: &str) -> Result<(), StoreError> {
    rows::self_audit_items::note(item);
    diesel::update(self_audit_items::table.filter(self_audit_items::id.eq(item)))
        .set(self_audit_items::outcome.eq(outcome))
        .execute(db)?;
    Ok(())
}
