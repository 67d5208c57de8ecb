//! `--update`: a row of the register replaces what is there, as a new revision.
//!
//! When things happened (confirmation, end) is taken from the row as business time, also for the past; what the contract says
//! (amounts, type, parties …) is a correction known from now on: as of an earlier moment the earlier revision is counted.

use serde_json::{Value, json};

use super::run::Taker;
use crate::{
    domain::{contract::Contract, interchange::RegisterRow, ledger::Change, time::Moment, workflow::State},
    storage::{contracts, endings, revisions, standings},
    usecases::Error,
};

/// The fields in which two rows differ.
pub(super) fn row_changes(before: &RegisterRow, after: &RegisterRow) -> Vec<Change> {
    let (Ok(Value::Object(before)), Ok(Value::Object(after))) =
        (serde_json::to_value(before), serde_json::to_value(after))
    else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    for (key, old) in &before {
        let new = after.get(key).unwrap_or(&Value::Null);
        match (key.as_str(), old, new) {
            ("agency_code", _, _) => {}
            ("content", Value::Object(old), Value::Object(new)) => {
                for (field, old) in old {
                    push(&mut changes, field, old, new.get(field).unwrap_or(&Value::Null));
                }
            }
            _ => push(&mut changes, key, old, new),
        }
    }
    changes
}

fn push(changes: &mut Vec<Change>, field: &str, from: &Value, to: &Value) {
    if from != to {
        changes.push(Change {
            pointer: format!("/{field}"),
            from: from.clone(),
            to: to.clone(),
        });
    }
}

impl Taker<'_> {
    pub(super) fn update_contract(
        &mut self,
        row: u32,
        record: RegisterRow,
        stored: Contract,
        digest: &str,
    ) -> Result<(), Error> {
        let id = stored.id;
        let free = self.national_number_is_free(row, &record, id)?;
        let agency = self.agency_of(row, &record)?;
        if !free || !self.writes() {
            return Ok(());
        }
        let mut changes = row_changes(&RegisterRow::of(&stored), &record);
        changes.push(Change {
            pointer: "/row_digest".to_owned(),
            from: json!(contracts::row_digest(&RegisterRow::of(&stored))?),
            to: json!(digest),
        });
        let fresh = self.contract_of(record, agency);
        let mut contract = Contract {
            id,
            version: stored.version,
            revision: stored.revision + 1,
            entered_by: stored.entered_by,
            submitted_by: stored.submitted_by,
            confirmed_by: stored.confirmed_by,
            created_at: stored.created_at,
            // The rule set of the first acceptance is a contract's for life, and so is its deadline.
            rule_set: stored.rule_set.or(fresh.rule_set),
            due_on: stored.due_on.or(fresh.due_on),
            expert_concluded_at: fresh
                .expert_concluded_at
                .map(|at| stored.expert_concluded_at.unwrap_or(at)),
            expert_conclusion: stored.expert_conclusion,
            open_change_request: stored.open_change_request,
            experts: stored.experts,
            ..fresh
        };
        let by = &self.request.actor;
        revisions::insert(self.db, id, contract.revision, &contract.content, by, self.now)?;
        if !contracts::update(self.db, &mut contract, stored.version, &State::ALL)? {
            return Err(Error::internal("a contract changed within the import's transaction"));
        }
        self.count_anew(&contract)?;
        self.done.updated += 1;
        let states = (Some(stored.state.id()), Some(contract.state.id()));
        self.enter(row, "import_update", Some(id), states, changes)
    }

    /// Lays the contract's stretches anew: its interval of business time, cut where a later revision was recorded.
    fn count_anew(&mut self, contract: &Contract) -> Result<(), Error> {
        let first = standings::first_revision(self.db, contract.id)?.unwrap_or(contract.revision);
        standings::delete(self.db, contract.id)?;
        endings::delete(self.db, contract.id)?;
        self.add_ending(contract)?;
        let Some(confirmed_at) = contract.confirmed_at.filter(|_| contract.state.was_confirmed()) else {
            return Ok(());
        };
        let end = contract.ended.as_ref().map(|e| e.at);
        let mut from = confirmed_at;
        for number in first..=contract.revision {
            let Some(revision) = revisions::find(self.db, contract.id, number)? else {
                continue;
            };
            let next = revisions::find(self.db, contract.id, number + 1)?.map(|r| r.recorded_at);
            let until = earlier(next, end);
            if until.is_none_or(|until| until > from) {
                let standing = Contract {
                    revision: number,
                    content: revision.content,
                    ..contract.clone()
                };
                standings::open(self.db, &standing, from, until)?;
            }
            from = from.max(next.unwrap_or(from));
        }
        Ok(())
    }
}

fn earlier(a: Option<Moment>, b: Option<Moment>) -> Option<Moment> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
