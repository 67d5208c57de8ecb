//! Restatement (重述): what has changed since an edition was closed, figure by figure, and which acts changed it.

use std::collections::BTreeMap;

use crate::{
    domain::{account::Actor, contract::Contract, ledger::Entry, policy::Scope, time::Moment},
    statistics::{
        Coder, Definition, LedgerHead, Question,
        compare::differences,
        definition,
        memory::Snapshot,
        restatement::{NAMED, restate},
        trace::YearEvents,
    },
    storage::{Db, contracts, ledger},
    usecases::{Context, Error},
};

use super::editions::EditionView;

pub use crate::statistics::restatement::{ChangedFigure, Difference, Side};

/// Which edition is compared with what.
#[derive(Debug, Clone, Copy)]
pub struct RestatementQuery {
    /// The year.
    pub year: i32,
    /// The edition; the last where none is named.
    pub edition: Option<i64>,
    /// The moment whose state of things it is compared with; now where none is named.
    pub as_of: Option<Moment>,
}

/// What made a contract stand otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// 撤销登记.
    Revoked,
    /// 注销.
    Cancelled,
    /// 变更.
    Amended,
    /// 恢复登记.
    Reinstated,
    /// Confirmed, as the moment has it and the edition does not.
    Confirmed,
    /// History imported later.
    Late,
    /// History corrected by a later import.
    Corrected,
    /// None of these acts is in the ledger between the two.
    Unknown,
}

impl Why {
    /// Its stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Cancelled => "cancelled",
            Self::Amended => "amended",
            Self::Reinstated => "reinstated",
            Self::Confirmed => "confirmed",
            Self::Late => "late",
            Self::Corrected => "corrected",
            Self::Unknown => "unknown",
        }
    }

    /// By the action of a ledger's entry; none for acts that change nothing in figures.
    fn of(action: &str) -> Option<Self> {
        Some(match action {
            "revoke" => Self::Revoked,
            "cancel" => Self::Cancelled,
            "amend" => Self::Amended,
            "reinstate" => Self::Reinstated,
            "confirm" => Self::Confirmed,
            "import" => Self::Late,
            "import_update" => Self::Corrected,
            _ => return None,
        })
    }
}

/// A contract that stands otherwise than in the edition.
#[derive(Debug, Clone)]
pub struct RestatedContract {
    /// The contract as it is now.
    pub contract: Contract,
    /// How it stood, and how it stands.
    pub difference: Difference,
    /// By the last of the acts.
    pub why: Why,
    /// The acts that made it so, oldest first.
    pub acts: Vec<Entry>,
}

/// Entries of the ledger of one action, since the edition, that are about no contract: surveys, activities, certificates, reference
/// figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherRecords {
    /// Id of the action.
    pub action: String,
    /// How many.
    pub entries: i64,
    /// Sequence and moment of the first.
    pub first: (i64, Moment),
    /// Sequence and moment of the last.
    pub last: (i64, Moment),
}

/// What has changed since an edition.
#[derive(Debug)]
pub struct Restatement {
    /// The edition.
    pub edition: EditionView,
    /// The moment it is compared with.
    pub as_of: Moment,
    /// The end of the ledger now.
    pub ledger: LedgerHead,
    /// Every figure that differs, with its definition.
    pub figures: Vec<(ChangedFigure, Definition)>,
    /// How many contracts stand otherwise.
    pub contracts_count: usize,
    /// The first of them, in the order of keys.
    pub contracts: Vec<RestatedContract>,
    /// What was recorded beside contracts since; only where some figure differs that no contract explains.
    pub records: Vec<OtherRecords>,
}

/// Compares an edition with the figures as of a moment.
///
/// # Errors
/// Rights; no such edition.
pub async fn read(ctx: &Context, actor: Actor, query: RestatementQuery) -> Result<Restatement, Error> {
    super::may_read(&actor)?;
    super::counted(ctx, move |db, ctx, facts| {
        compare(db, ctx, facts, &actor, query, ctx.clock.now())
    })
    .await
}

fn compare(
    db: &mut Db,
    ctx: &Context,
    facts: Option<&Snapshot>,
    actor: &Actor,
    query: RestatementQuery,
    now: Moment,
) -> Result<Restatement, Error> {
    let year = query.year;
    let number = match query.edition {
        Some(number) => number,
        None => super::editions::last(db, year, Moment::from_micros(i64::MAX))?.ok_or(Error::NotFound)?,
    };
    let stored = super::editions::stored(db, year, number)?;
    let edition = EditionView::of(&stored)?;
    let frozen_figures = super::editions::thawed(&stored)?;
    let as_of = query.as_of.unwrap_or(now);
    let question = Question::new(year, as_of, None)?;
    let current = super::compute(db, ctx, &question, facts)?;
    let coder = Coder::new(&ctx.catalogue);
    let years = question.years_needed();
    let frozen = super::editions::frozen(db, ctx, &stored, Some((*years.start(), *years.end())))?;
    let events = YearEvents::read(db, &question)?;
    let found = differences(db, facts, &coder, &question, &frozen, &events)?;
    let changed = restate(&coder, &question, &frozen_figures, &current, &found);
    let unexplained = changed.iter().any(|figure| figure.contracts_count == 0);
    let records = if unexplained {
        other_records(db, (edition.ledger.sequence, current.ledger.sequence))?
    } else {
        Vec::new()
    };
    let contracts_count = found.len();
    let since = (edition.ledger.sequence, as_of.min(edition.closed_at));
    let figures = changed.into_iter().map(|figure| {
        let definition = definition(&ctx.catalogue, &figure.name)
            .ok_or_else(|| Error::internal(format!("the figure {} has no definition", figure.name)))?;
        Ok((figure, definition))
    });
    Ok(Restatement {
        as_of,
        ledger: current.ledger.clone(),
        figures: figures.collect::<Result<_, Error>>()?,
        contracts: explained(db, actor, found, since)?,
        contracts_count,
        records,
        edition,
    })
}

/// The first of the contracts, with the acts that made them differ.
fn explained(
    db: &mut Db,
    actor: &Actor,
    found: Vec<Difference>,
    (sequence, since): (i64, Moment),
) -> Result<Vec<RestatedContract>, Error> {
    let scope = Scope::of(actor);
    let mut explained = Vec::new();
    for difference in found.into_iter().take(NAMED) {
        let Some(contract) = contracts::find(db, difference.contract)?.filter(|contract| scope.shows(contract)) else {
            continue;
        };
        let mut acts = ledger::of_contract(db, contract.id)?;
        acts.retain(|entry| {
            (entry.sequence > sequence || entry.act.at > since) && Why::of(&entry.act.action).is_some()
        });
        let why = acts.last().and_then(|entry| Why::of(&entry.act.action));
        explained.push(RestatedContract {
            contract,
            difference,
            why: why.unwrap_or(Why::Unknown),
            acts,
        });
    }
    Ok(explained)
}

fn other_records(db: &mut Db, sequences: (i64, i64)) -> Result<Vec<OtherRecords>, Error> {
    let mut found: BTreeMap<String, OtherRecords> = BTreeMap::new();
    ledger::for_each_about_no_contract(db, sequences, |entry| {
        if entry.act.action == "close_year" {
            return;
        }
        let place = (entry.sequence, entry.act.at);
        let records = found.entry(entry.act.action.clone()).or_insert_with(|| OtherRecords {
            action: entry.act.action,
            entries: 0,
            first: place,
            last: place,
        });
        records.entries += 1;
        records.last = place;
    })?;
    Ok(found.into_values().collect())
}
