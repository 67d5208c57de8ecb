//! Reads from the store which contracts stand otherwise than an edition counted them.

use std::collections::BTreeMap;

use super::{
    Coder, Question,
    codes::Codes,
    gather::{for_each_counted, for_each_stretch},
    memory::Snapshot,
    restatement::{Difference, Side},
    trace::YearEvents,
};
use crate::{
    domain::{code_list::ListName, time::Moment},
    storage::{Db, StoreError, editions::Counted, revisions, standings::StandingRow},
};

/// The contracts that stand otherwise at the question's moment than in an edition, in the order of keys; what stands now is taken
/// from `facts` where they are in memory.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn differences(
    db: &mut Db,
    facts: Option<&Snapshot>,
    coder: &Coder<'_>,
    question: &Question,
    frozen: &Counted,
    (then, now): (&YearEvents, &YearEvents),
) -> Result<Vec<Difference>, StoreError> {
    let mut found: BTreeMap<i64, (Side, Side)> = BTreeMap::new();
    let mut seen: BTreeMap<i32, Vec<bool>> = frozen.iter().map(|(y, list)| (*y, vec![false; list.len()])).collect();
    let years = question.years_needed();
    for_each_counted(
        db,
        facts,
        coder,
        question,
        (*years.start(), *years.end()),
        |contract, revision, standing| {
            let year = standing.first_confirmed_at.year();
            let list = frozen.get(&year);
            let at = list.and_then(|list| list.binary_search(&(contract, revision)).ok());
            match at.and_then(|at| seen.get_mut(&year)?.get_mut(at)) {
                Some(seen) => *seen = true,
                None => found.entry(contract).or_default().1.counted = Some((revision, *standing)),
            }
        },
    )?;
    let mut reader = Codes::new(coder);
    for_each_unseen(db, &mut reader, frozen, &seen, |contract, revision, standing| {
        found.entry(contract).or_default().0.counted = Some((revision, *standing));
    })?;
    for (events, is_now) in [(then, false), (now, true)] {
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

/// Hands the contracts that an edition counted to `f`, as [`for_each_counted`] does: key, revision, and its values; from the facts in
/// memory where they are there.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub(super) fn for_each_frozen(
    db: &mut Db,
    facts: Option<&Snapshot>,
    coder: &Coder<'_>,
    frozen: &Counted,
    mut f: impl FnMut(i64, i64, &super::Standing),
) -> Result<(), StoreError> {
    let (Some((first, _)), Some((last, _))) = (frozen.first_key_value(), frozen.last_key_value()) else {
        return Ok(());
    };
    let mut reader = Codes::new(coder);
    let mut seen: BTreeMap<i32, Vec<bool>> = frozen.iter().map(|(y, list)| (*y, vec![false; list.len()])).collect();
    for_each_stretch(db, facts, coder, (*first, *last), |contract, revision, standing| {
        let year = standing.first_confirmed_at.year();
        let list = frozen.get(&year);
        let at = list.and_then(|list| list.binary_search(&(contract, revision)).ok());
        // One revision may have several stretches, before and after a time out of force.
        if let Some(seen) = at.and_then(|at| seen.get_mut(&year)?.get_mut(at))
            && !*seen
        {
            *seen = true;
            f(contract, revision, standing);
        }
    })?;
    // A correction of history may have laid the stretches anew, in another year too; the revision is still there.
    for_each_unseen(db, &mut reader, frozen, &seen, f)
}

/// Hands what an edition counted and the register no longer counts so to `f`, from its revision: key, revision, and its values.
fn for_each_unseen(
    db: &mut Db,
    reader: &mut Codes<'_>,
    frozen: &Counted,
    seen: &BTreeMap<i32, Vec<bool>>,
    mut f: impl FnMut(i64, i64, &super::Standing),
) -> Result<(), StoreError> {
    for (year, list) in frozen {
        let unseen = list
            .iter()
            .zip(seen.get(year).into_iter().flatten())
            .filter(|(_, seen)| !**seen);
        for ((contract, revision), _) in unseen {
            let content = revisions::find(db, *contract, *revision)?
                .ok_or_else(|| StoreError::corrupt(format!("contract {contract} has no revision {revision}")))?
                .content;
            // When in its year it was confirmed is no matter: editions are of whole years.
            let row = StandingRow::of(Moment::start_of_year(*year), &content);
            f(*contract, *revision, &reader.standing(&row));
        }
    }
    Ok(())
}
