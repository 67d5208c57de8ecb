//! The one way from the store to the annual figures: reads the facts of a question within the caller's transaction and counts
//! them. Command line and REST both come through here.

use std::collections::HashMap;

use super::{
    Accumulator, AnnualFigures, AuditOutcome, Coder, Ending, Event, Handling, LedgerHead, Question, ReferenceFigure,
    ReferenceKind, Standing,
    codes::Codes,
    memory::{Block, Snapshot},
    pivot::{Counter, Layout, NoSuchValue, Pivot},
};
use crate::{
    domain::{catalogue::Catalogue, money::Fen, time::Moment},
    storage::{
        self, Db, StoreError, endings, ledger, registrars, reinstatements,
        standings::{self, ContractStandingRow},
        surveys,
    },
};

/// The annual figures that answer `question`, from the store as it is in the caller's transaction; contracts, what happened to them
/// and how they were handled are taken from `facts` where they are in memory, which must be the transaction's own.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn gather(
    db: &mut Db,
    catalogue: &Catalogue,
    question: &Question,
    facts: Option<&Snapshot>,
) -> Result<AnnualFigures, StoreError> {
    let coder = Coder::new(catalogue);
    let mut counted = Accumulator::new(&coder, question);
    if let Some(facts) = facts {
        facts.blocks().for_each(|block| counted.add_block(block));
        facts.events().for_each(|event| counted.add_event(event));
    } else {
        count_standings(db, &coder, question, &mut counted)?;
        count_events(db, question, &mut counted)?;
    }
    for history in registrars::histories(db, None)?.values() {
        counted.add_registrar(history);
    }
    count_surveys(db, question, &mut counted)?;
    let [drawn, checked, wrong] = storage::facts::self_audited(db, question.year(), question.as_of())?;
    counted.set_self_audits(AuditOutcome { drawn, checked, wrong });
    let head = ledger::head(db)?;
    Ok(counted.finish(LedgerHead {
        sequence: head.sequence,
        hash: head.hash,
    }))
}

/// The table that `layout` asks for, counted by `question`; from the facts in memory where there are any.
///
/// # Errors
/// Where the store does not answer; `Ok(Err)` where a filter names a value that there is not.
pub fn gather_pivot(
    db: &mut Db,
    catalogue: &Catalogue,
    question: &Question,
    layout: Layout,
    facts: Option<&Snapshot>,
) -> Result<Result<Pivot, NoSuchValue>, StoreError> {
    let coder = Coder::new(catalogue);
    let years = layout.years(question);
    let mut counter = match Counter::new(&coder, question, layout) {
        Ok(counter) => counter,
        Err(wrong) => return Ok(Err(wrong)),
    };
    if let Some(facts) = facts {
        facts.blocks().for_each(|block| counter.add_block(block));
    } else {
        let mut codes = Codes::new(&coder);
        standings::for_each(db, (*years.start(), *years.end()), question.as_of(), |row| {
            counter.add(&codes.standing(&row));
        })?;
    }
    let head = ledger::head(db)?;
    Ok(Ok(counter.finish(LedgerHead {
        sequence: head.sequence,
        hash: head.hash,
    })))
}

fn count_standings(
    db: &mut Db,
    coder: &Coder<'_>,
    question: &Question,
    counted: &mut Accumulator<'_>,
) -> Result<(), StoreError> {
    let mut codes = Codes::new(coder);
    let years = question.years_needed();
    standings::for_each(db, (*years.start(), *years.end()), question.as_of(), |row| {
        counted.add_standing(&codes.standing(&row));
    })?;
    let returned = storage::facts::returned(db)?;
    let span = (question.start(question.year()), question.cut(question.year()));
    storage::facts::handled(db, span, question.as_of(), |row| {
        counted.add_handling(Handling::of(
            Moment::from_micros(row.first_confirmed_at),
            row.submitted_at.map(Moment::from_micros),
            row.due_on,
            returned.contains(&row.contract_id),
        ));
    })
}

/// A contract that is or was in force, on its way to whoever asked for it.
#[derive(Debug, Clone, Copy)]
pub struct Handed<'a> {
    /// Its key.
    pub contract: i64,
    /// The revision in force.
    pub revision: i64,
    /// Decides the year.
    pub first_confirmed_at: Moment,
    values: Values<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Values<'a> {
    Remembered(&'a Block, usize),
    Read(&'a Standing),
}

impl Handed<'_> {
    /// Its values, gathered from their columns only where somebody asks. Always there: a block's columns are equally long.
    pub fn standing(&self) -> Option<Standing> {
        match self.values {
            Values::Remembered(block, place) => block.standing(place).map(|(standing, _)| standing),
            Values::Read(standing) => Some(*standing),
        }
    }

    fn of_row(row: &ContractStandingRow, standing: &Standing, f: &mut impl FnMut(Handed<'_>)) {
        f(Handed {
            contract: row.contract_id,
            revision: row.revision,
            first_confirmed_at: standing.first_confirmed_at,
            values: Values::Read(standing),
        });
    }
}

/// Hands the rows of a block at some places to `f`, those first confirmed from the first of two moments on and before the second.
fn hand(
    block: &Block,
    places: impl Iterator<Item = usize>,
    (from, before): (Moment, Moment),
    f: &mut impl FnMut(Handed<'_>),
) {
    for place in places {
        if let Some((contract, revision, first_confirmed_at)) = block.key(place)
            && from <= first_confirmed_at
            && first_confirmed_at < before
        {
            f(Handed {
                contract,
                revision,
                first_confirmed_at,
                values: Values::Remembered(block, place),
            });
        }
    }
}

/// Hands every contract that is in force at the question's moment and was first confirmed in the years `years` to `f`, in no order;
/// from the facts in memory where there are any.
///
/// # Errors
/// Where the store does not answer.
pub fn for_each_counted(
    db: &mut Db,
    facts: Option<&Snapshot>,
    coder: &Coder<'_>,
    question: &Question,
    years: (i32, i32),
    mut f: impl FnMut(Handed<'_>),
) -> Result<(), StoreError> {
    if let Some(facts) = facts {
        let as_of = question.as_of().micros();
        facts.of_years(years, |block, span| {
            for group in block.groups() {
                if group.all_in_force(as_of) {
                    hand(block, group.places(), span, &mut f);
                } else {
                    hand(block, block.in_force(group, as_of), span, &mut f);
                }
            }
            hand(block, block.past_in_force(as_of), span, &mut f);
        });
        return Ok(());
    }
    let mut codes = Codes::new(coder);
    standings::for_each_contract(db, years, question.as_of(), |row| {
        Handed::of_row(&row, &codes.standing(&row.standing), &mut f);
    })
}

/// Hands every stretch in which a contract first confirmed in the years `years` is or was in force to `f`, in no order; from the
/// facts in memory where there are any.
///
/// # Errors
/// Where the store does not answer.
pub fn for_each_stretch(
    db: &mut Db,
    facts: Option<&Snapshot>,
    coder: &Coder<'_>,
    years: (i32, i32),
    mut f: impl FnMut(Handed<'_>),
) -> Result<(), StoreError> {
    if let Some(facts) = facts {
        facts.of_years(years, |block, span| hand(block, 0..block.len(), span, &mut f));
        return Ok(());
    }
    let mut codes = Codes::new(coder);
    standings::for_each_stretch(db, years, |row| {
        Handed::of_row(&row, &codes.standing(&row.standing), &mut f);
    })
}

fn count_events(db: &mut Db, question: &Question, counted: &mut Accumulator<'_>) -> Result<(), StoreError> {
    let (from, before) = (
        Moment::start_of_year(question.year()),
        Moment::start_of_year(question.year() + 1),
    );
    for (contract, at) in standings::expert_conclusions(db, from, before)? {
        counted.add_expert_conclusion(Event { contract, at });
    }
    let returned = storage::facts::returned(db)?;
    for (contract, at) in storage::facts::refusals(db)? {
        counted.add_refusal(at, returned.contains(&contract));
    }
    for (_, at) in storage::facts::returns_of_history(db)? {
        counted.add_return(at);
    }
    for (contract, at) in reinstatements::between(db, from, before)? {
        counted.add_reinstatement(Event { contract, at });
    }
    for ending in endings::between(db, from, before)? {
        counted.add_ending(&Ending {
            contract: ending.contract_id,
            at: ending.at,
            state: ending.state,
            ground: ending.ground,
            amount_fen: ending.amount_fen,
        });
    }
    Ok(())
}

fn count_surveys(db: &mut Db, question: &Question, counted: &mut Accumulator<'_>) -> Result<(), StoreError> {
    surveys::for_each_follow_up(db, question.year(), |row| counted.add_follow_up(&row))?;
    for row in surveys::activities_until(db, question.closing_day())? {
        counted.add_activity(&row);
    }
    for ((kind, year), amount_fen) in references(db)? {
        counted.add_reference(ReferenceFigure { kind, year, amount_fen });
    }
    Ok(())
}

/// The reference figures by kind and year.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn references(db: &mut Db) -> Result<HashMap<(ReferenceKind, i32), Fen>, StoreError> {
    let mut found = HashMap::new();
    for row in surveys::references(db)? {
        let kind = match row.kind.as_str() {
            "amount" => ReferenceKind::Amount,
            "amount_target" => ReferenceKind::AmountTarget,
            other => return Err(StoreError::corrupt(format!("reference figure of kind {other}"))),
        };
        found.insert((kind, row.year), row.fen);
    }
    Ok(found)
}
