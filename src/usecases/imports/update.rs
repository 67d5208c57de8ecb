//! `--update`: a row of the register replaces what is there, as a new revision.
//!
//! When things happened (confirmation, end) is taken from the row as business time, also for the past; what the contract says
//! (amounts, type, parties …) is a correction known from now on: as of an earlier moment the earlier revision is counted.

use serde_json::{Value, json};

use super::run::Taker;
use crate::{
    domain::{
        contract::{Contract, Ended, Refusal},
        import_job::Difference,
        interchange::RegisterRow,
        ledger::{Change, content_changes},
        time::Moment,
        workflow::State,
    },
    storage::{contracts, endings, reinstatements, revisions, standings},
    usecases::{Error, change_requests},
};

/// Pointer of the digest by which an entry pins the row.
const ROW_DIGEST: &str = "/row_digest";

/// The fields in which two rows differ, by the pointers of the API, as every other act names them. The code of the agency is the
/// agency's and no part of the row.
pub(super) fn row_changes(before: &RegisterRow, after: &RegisterRow) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut field = |pointer: &str, from: Value, to: Value| {
        if from != to {
            changes.push(Change {
                pointer: pointer.to_owned(),
                from,
                to,
            });
        }
    };
    let told = |row: &RegisterRow| {
        [
            ("/registration_number", json!(row.registration_number)),
            ("/national_number", json!(row.national_number)),
            ("/agency", json!(row.agency)),
            ("/registrar_certificate", json!(row.registrar_certificate)),
            ("/state", json!(row.state)),
            ("/submitted_at", json!(row.submitted_at)),
            ("/confirmed_at", json!(row.confirmed_at)),
            ("/expert_reviewed", json!(row.expert_reviewed)),
            ("/returned", json!(row.returned)),
            ("/refusal", json!(row.refusal)),
            ("/ended", json!(row.ended)),
        ]
    };
    for ((pointer, from), (_, to)) in told(before).into_iter().zip(told(after)) {
        field(pointer, from, to);
    }
    changes.extend(content_changes(&before.content, &after.content));
    changes
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
            pointer: ROW_DIGEST.to_owned(),
            from: json!(contracts::row_digest(&RegisterRow::of(&stored))?),
            to: json!(digest),
        });
        let (state, confirmed) = (
            stored.state,
            stored.confirmed_at.is_some() || stored.state.was_confirmed(),
        );
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
            // Who decided is not in the form; while the decision stands, so does who made it.
            refusal: fresh.refusal.map(|r| Refusal {
                by: stored.refusal.and_then(|s| s.by),
                ..r
            }),
            ended: fresh.ended.map(|e| Ended {
                self_audit_id: stored.ended.as_ref().and_then(|s| s.self_audit_id),
                by: stored.ended.and_then(|s| s.by),
                ..e
            }),
            ..fresh
        };
        let by = &self.request.actor;
        if contract.state != State::Confirmed {
            changes.extend(self.close_request(&mut contract)?);
        }
        revisions::insert(self.db, id, contract.revision, &contract.content, by, self.now)?;
        if !contracts::replace(self.db, &mut contract, stored.version, &State::ALL)? {
            return Err(Error::internal("a contract changed within the import's transaction"));
        }
        self.count_anew(&contract)?;
        self.done.updated += 1;
        // A submission that a file makes a registration is confirmed without a second person, too.
        let to_approve = confirmed || contract.state.was_confirmed();
        self.done.to_approve += u64::from(to_approve);
        self.preview_update(row, state, to_approve, &contract, &changes)?;
        let states = (Some(state.id()), Some(contract.state.id()));
        self.enter(row, "import_update", Some(id), states, changes)
    }

    /// Shows the update to the reviewer who is to approve it.
    fn preview_update(
        &mut self,
        row: u32,
        from: State,
        to_approve: bool,
        contract: &Contract,
        changes: &[Change],
    ) -> Result<(), Error> {
        let Some(preview) = &mut self.preview else {
            return Ok(());
        };
        let difference = Difference {
            row,
            contract_id: contract.id,
            to_approve,
            from: from.id().to_owned(),
            to: contract.state.id().to_owned(),
            changes: changes.iter().filter(|c| c.pointer != ROW_DIGEST).cloned().collect(),
        };
        let agency = contract.agency.as_ref().map(|a| a.id);
        preview.differs(&difference, agency.filter(|id| !self.made.contains(id)))
    }

    /// Closes the request for a change of what is not confirmed any more; what the ledger is to say of it.
    fn close_request(&mut self, contract: &mut Contract) -> Result<Vec<Change>, Error> {
        let open = contract.open_change_request;
        let reason = format!("由导入更正为“{}”", contract.state.label());
        let by = &self.request.actor;
        let mut changes = change_requests::close_open(self.db, contract, by, self.now, Some(&reason))?;
        if open.is_some() {
            changes.push(Change {
                pointer: "/open_change_request".to_owned(),
                from: json!(open),
                to: json!(null),
            });
        }
        Ok(changes)
    }

    /// Lays the contract's stretches anew: its interval of business time, cut where a later revision was recorded, without the
    /// stretches before reinstatements. Those, and the endings that they followed, are acts of this register and no part of a row.
    fn count_anew(&mut self, contract: &Contract) -> Result<(), Error> {
        let first = standings::first_revision(self.db, contract.id)?.unwrap_or(contract.revision);
        standings::delete(self.db, contract.id)?;
        let gaps = reinstatements::gaps(self.db, contract.id)?;
        let past: Vec<Moment> = gaps.iter().map(|(ended, _)| *ended).collect();
        endings::delete_but(self.db, contract.id, &past)?;
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
            let standing = Contract {
                revision: number,
                content: revision.content,
                ..contract.clone()
            };
            for (from, until) in outside((from, until), &gaps) {
                standings::open(self.db, &standing, from, until)?;
            }
            from = from.max(next.unwrap_or(from));
        }
        Ok(())
    }
}

/// A stretch of time, `[from, until)` or open.
type Stretch = (Moment, Option<Moment>);

/// What of a stretch lies outside the gaps, which are in order of time; nothing of an empty one.
fn outside((from, until): Stretch, gaps: &[(Moment, Moment)]) -> Vec<Stretch> {
    let mut left = Vec::new();
    let mut from = from;
    for (start, end) in gaps {
        if *end <= from || until.is_some_and(|until| *start >= until) {
            continue;
        }
        left.push((from, Some(*start)));
        from = *end;
    }
    left.push((from, until));
    left.retain(|(from, until)| until.is_none_or(|until| until > *from));
    left
}

fn earlier(a: Option<Moment>, b: Option<Moment>) -> Option<Moment> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_lies_outside_the_gaps() {
        let at = Moment::from_micros;
        let gaps = [(at(10), at(20)), (at(30), at(40))];
        let open = |from: i64, until: Option<i64>| outside((at(from), until.map(at)), &gaps);
        let pair = |from: i64, until: i64| (at(from), Some(at(until)));
        assert_eq!(open(0, None), [pair(0, 10), pair(20, 30), (at(40), None)]);
        assert_eq!(open(0, Some(10)), [pair(0, 10)]);
        assert_eq!(open(0, Some(15)), [pair(0, 10)]);
        assert_eq!(open(12, Some(18)), []);
        assert_eq!(open(15, Some(35)), [pair(20, 30)]);
        assert_eq!(open(20, Some(30)), [pair(20, 30)]);
        assert_eq!(open(50, Some(50)), []);
        assert_eq!(open(50, Some(60)), [pair(50, 60)]);
    }
}
