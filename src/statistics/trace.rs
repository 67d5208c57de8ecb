//! The contracts behind a figure, in one pass over the years that the figure is made of: from the facts in memory, where a process
//! keeps them, or from the store.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{
    Coder, Question, Standing,
    behind::{Behind, Recount, Selection, TermSum, Years},
    compare::for_each_frozen,
    edition::Frozen,
    gather::for_each_counted,
    memory::Snapshot,
};
use crate::{
    domain::{code_list::ListName, money::Fen, time::Moment, workflow::State},
    storage::{Db, StoreError, endings, reinstatements, standings},
};

/// A revocation of the year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// When.
    pub at: Moment,
    /// Id of the ground, where known.
    pub ground: Option<String>,
    /// 合同成交额 of the revision that was valid at the end, in fen.
    pub amount_fen: Fen,
}

/// What happened to contracts in the year asked for, once for each contract (its key).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearEvents {
    /// Experts concluded on it: when first.
    pub reviewed: BTreeMap<i64, Moment>,
    /// It was revoked: the last time.
    pub revoked: BTreeMap<i64, Revocation>,
    /// It was reinstated: when first.
    pub reinstated: BTreeMap<i64, Moment>,
}

impl YearEvents {
    /// The events of the question's year, up to its day and moment.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub fn read(db: &mut Db, question: &Question) -> Result<Self, StoreError> {
        let (from, before) = (
            Moment::start_of_year(question.year()),
            Moment::start_of_year(question.year() + 1),
        );
        let mut events = Self::default();
        let first = |events: &mut BTreeMap<i64, Moment>, contract: i64, at: Moment| {
            let known = events.entry(contract).or_insert(at);
            *known = at.min(*known);
        };
        for (contract, at) in standings::expert_conclusions(db, from, before)? {
            if question.holds(at) {
                first(&mut events.reviewed, contract, at);
            }
        }
        for (contract, at) in reinstatements::between(db, from, before)? {
            if question.holds(at) {
                first(&mut events.reinstated, contract, at);
            }
        }
        for ending in endings::between(db, from, before)? {
            if ending.state != State::Revoked || !question.holds(ending.at) {
                continue;
            }
            let revocation = Revocation {
                at: ending.at,
                ground: ending.ground,
                amount_fen: ending.amount_fen,
            };
            let last = events
                .revoked
                .entry(ending.contract_id)
                .or_insert_with(|| revocation.clone());
            if revocation.at >= last.at {
                *last = revocation;
            }
        }
        Ok(events)
    }

    /// Hands the contracts of a selection to `f`.
    pub fn for_each(&self, coder: &Coder<'_>, selection: Selection, mut f: impl FnMut(Listed)) {
        let plain = |contract: &i64, at: &Moment| Listed {
            contract: *contract,
            revision: None,
            at: *at,
            amount_fen: None,
            technology_amount_fen: None,
        };
        match selection {
            Selection::Counted(..) => {}
            Selection::Reviewed => self.reviewed.iter().for_each(|(contract, at)| f(plain(contract, at))),
            Selection::Reinstated => self.reinstated.iter().for_each(|(contract, at)| f(plain(contract, at))),
            Selection::Revoked(ground) => {
                for (contract, revocation) in &self.revoked {
                    let found = coder.code(ListName::RevocationGround, revocation.ground.as_deref());
                    if ground.is_none_or(|ground| ground == found) {
                        f(Listed {
                            amount_fen: Some(revocation.amount_fen),
                            ..plain(contract, &revocation.at)
                        });
                    }
                }
            }
        }
    }
}

/// A contract behind a figure, as it is counted there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub contract: i64,
    /// The revision whose values count; none for an event.
    pub revision: Option<i64>,
    /// First confirmation, or when the event was.
    pub at: Moment,
    /// 合同成交额 in fen; none where it does not count for the figure's section.
    pub amount_fen: Option<Fen>,
    /// 技术交易额 in fen.
    pub technology_amount_fen: Option<Fen>,
}

impl Listed {
    /// A counted contract.
    pub const fn counted(contract: i64, revision: i64, standing: &Standing) -> Self {
        Self {
            contract,
            revision: Some(revision),
            at: standing.first_confirmed_at,
            amount_fen: Some(standing.amount_fen),
            technology_amount_fen: Some(standing.technology_amount_fen),
        }
    }
}

/// First and last year of the contracts that a figure follows from; none where only events are behind it.
pub fn years_of(behind: &Behind) -> Option<(i32, i32)> {
    let years = behind.selections().into_iter().filter_map(|selection| match selection {
        Selection::Counted(Years::One(year), _) => Some((year, year)),
        Selection::Counted(Years::Through(first, last), _) => Some((first, last)),
        _ => None,
    });
    years.reduce(|(first, last), (from, to)| (first.min(from), last.max(to)))
}

/// Which contracts are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Reads codes.
    pub coder: &'a Coder<'a>,
    /// Year, moment and span.
    pub question: &'a Question,
    /// What the figure is made of.
    pub behind: &'a Behind,
    /// The selection whose contracts are handed out.
    pub listed: Selection,
    /// What an edition counted; none for what is counted at the question's moment.
    pub frozen: Option<&'a Frozen>,
}

/// Hands the contracts of `listed`, one of the figure's selections, to `f`, in no order, and answers the sums of all of them: of
/// what is counted at the question's moment, or of what an edition counted. `facts`, where they are in memory, must be those of the
/// caller's transaction.
///
/// # Errors
/// Where the store does not answer.
pub fn trace(
    db: &mut Db,
    facts: Option<&Snapshot>,
    asked: &Asked<'_>,
    mut f: impl FnMut(Listed),
) -> Result<HashMap<Selection, TermSum>, StoreError> {
    let Asked {
        coder,
        question,
        behind,
        listed,
        frozen,
    } = *asked;
    let mut recount = Recount::new(coder, question, behind.selections());
    if let Some(years) = years_of(behind) {
        let watched = recount.place(listed);
        let mut take = |contract: i64, revision: i64, standing: &Standing| {
            if recount.add_watching(standing, watched) {
                f(Listed::counted(contract, revision, standing));
            }
        };
        match frozen {
            None => for_each_counted(db, facts, coder, question, years, |row| {
                if let Some(standing) = row.standing() {
                    take(row.contract, row.revision, &standing);
                }
            })?,
            Some(frozen) => for_each_frozen(db, facts, coder, frozen, years, take)?,
        }
    } else {
        let read;
        let events = match frozen {
            None => {
                read = YearEvents::read(db, question)?;
                &read
            }
            Some(frozen) => &frozen.events,
        };
        for term in &behind.terms {
            events.for_each(coder, term.selection, |event| {
                recount.add_event(term.selection, event.amount_fen.unwrap_or(0));
                if term.selection == listed {
                    f(event);
                }
            });
        }
    }
    let summed = |selection: Selection| (selection, recount.sum(selection));
    Ok(behind.selections().into_iter().map(summed).collect())
}
