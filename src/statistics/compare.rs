//! Reads from the store which contracts stand otherwise than an edition counted them.

use std::collections::BTreeMap;

use super::{
    Coder, Question, Standing,
    codes::Codes,
    edition::{Frozen, Mark, Ticks},
    gather::{for_each_counted, for_each_stretch},
    memory::Snapshot,
    restatement::{Difference, Side},
    trace::YearEvents,
};
use crate::{
    domain::{code_list::ListName, time::Moment},
    storage::{Db, StoreError, revisions, standings::StandingRow},
};

/// The contracts that stand otherwise at the question's moment, or of which `now` tells otherwise, than in an edition, in the order
/// of keys; what stands now is taken from `facts` where they are in memory.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn differences(
    db: &mut Db,
    facts: Option<&Snapshot>,
    coder: &Coder<'_>,
    question: &Question,
    frozen: &Frozen,
    now: &YearEvents,
) -> Result<Vec<Difference>, StoreError> {
    let mut found: BTreeMap<i64, (Side, Side)> = BTreeMap::new();
    let years = question.years_needed();
    let years = (*years.start(), *years.end());
    let mut ticks = Ticks::new(frozen, years);
    for_each_counted(db, facts, coder, question, years, |row| {
        if ticks.mark(row.first_confirmed_at, row.contract, row.revision) == Mark::Unknown {
            found.entry(row.contract).or_default().1.counted = row.standing().map(|standing| (row.revision, standing));
        }
    })?;
    for_each_missing(db, coder, &ticks, |contract, revision, standing| {
        found.entry(contract).or_default().0.counted = Some((revision, *standing));
    })?;
    for (events, is_now) in [(&frozen.events, false), (now, true)] {
        let mut side = |contract: &i64, f: &dyn Fn(&mut Side)| {
            let (before, after) = found.entry(*contract).or_default();
            f(if is_now { after } else { before });
        };
        for contract in events.reviewed.keys() {
            side(contract, &|side| side.reviewed = true);
        }
        for contract in events.reinstated.keys() {
            side(contract, &|side| side.reinstated = true);
        }
        for (contract, revocation) in &events.revoked {
            let ground = coder.code(ListName::RevocationGround, revocation.ground.as_deref());
            side(contract, &|side| side.revoked = Some((ground, revocation.amount_fen)));
        }
    }
    Ok(found
        .into_iter()
        .filter(|(_, (before, after))| before != after)
        .map(|(contract, (before, after))| Difference {
            contract,
            before,
            after,
        })
        .collect())
}

/// Hands the contracts that an edition counted to `f`, those first confirmed in the years `years`: key, revision, and its values; in
/// no order, from the facts in memory where they are there.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub(super) fn for_each_frozen(
    db: &mut Db,
    facts: Option<&Snapshot>,
    coder: &Coder<'_>,
    frozen: &Frozen,
    years: (i32, i32),
    mut f: impl FnMut(i64, i64, &Standing),
) -> Result<(), StoreError> {
    let mut ticks = Ticks::new(frozen, years);
    for_each_stretch(db, facts, coder, years, |row| {
        // One revision may have several stretches, before and after a time out of force.
        if ticks.mark(row.first_confirmed_at, row.contract, row.revision) == Mark::First
            && let Some(standing) = row.standing()
        {
            f(row.contract, row.revision, &standing);
        }
    })?;
    // A correction of history may have laid the stretches anew, in another year too; the revision is still there.
    for_each_missing(db, coder, &ticks, f)
}

/// Hands what an edition counted and the register no longer counts so to `f`, from its revision: key, revision, and its values.
fn for_each_missing(
    db: &mut Db,
    coder: &Coder<'_>,
    ticks: &Ticks<'_>,
    mut f: impl FnMut(i64, i64, &Standing),
) -> Result<(), StoreError> {
    let mut reader = Codes::new(coder);
    for (year, contract, revision) in ticks.missing() {
        let content = revisions::find(db, contract, revision)?
            .ok_or_else(|| StoreError::corrupt(format!("contract {contract} has no revision {revision}")))?
            .content;
        // When in its year it was confirmed is no matter: editions are of whole years.
        let row = StandingRow::of(Moment::start_of_year(year), &content);
        f(contract, revision, &reader.standing(&row));
    }
    Ok(())
}
