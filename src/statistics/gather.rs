//! The one way from the store to the annual figures: reads the facts of a question within the caller's transaction and counts
//! them. Command line and REST both come through here.

use std::collections::HashMap;

use super::{
    Accumulator, AnnualFigures, Coder, Ending, Event, LedgerHead, Question, ReferenceFigure, ReferenceKind, Standing,
    UNKNOWN,
};
use crate::{
    domain::{catalogue::Catalogue, code_list::ListName, money::Fen, time::Moment},
    storage::{
        Db, StoreError, endings, ledger, registrars, reinstatements,
        standings::{self, StandingRow},
        surveys,
    },
};

/// Maps ids to indexes, remembering what it was asked: a register uses few ids many times.
struct Cached<'a> {
    coder: &'a Coder<'a>,
    list: ListName,
    known: HashMap<String, u8>,
}

impl<'a> Cached<'a> {
    fn new(coder: &'a Coder<'a>, list: ListName) -> Self {
        Self {
            coder,
            list,
            known: HashMap::new(),
        }
    }

    fn code(&mut self, id: Option<&str>) -> u8 {
        let Some(id) = id else { return UNKNOWN };
        if let Some(code) = self.known.get(id) {
            return *code;
        }
        let code = self.coder.code(self.list, Some(id));
        self.known.insert(id.to_owned(), code);
        code
    }
}

/// The annual figures that answer `question`, from the store as it is in the caller's transaction.
///
/// # Errors
/// Where the store does not answer or does not read back.
pub fn gather(db: &mut Db, catalogue: &Catalogue, question: &Question) -> Result<AnnualFigures, StoreError> {
    let coder = Coder::new(catalogue);
    let mut counted = Accumulator::new(&coder, question);
    let years = question.years_needed();
    let years = (*years.start(), *years.end());
    for_each_counted(db, &coder, question, years, |_, _, standing| {
        counted.add_standing(standing)
    })?;
    count_events(db, question, &mut counted)?;
    for history in registrars::histories(db, None)?.values() {
        counted.add_registrar(history);
    }
    count_surveys(db, question, &mut counted)?;
    let head = ledger::head(db)?;
    Ok(counted.finish(LedgerHead {
        sequence: head.sequence,
        hash: head.hash,
    }))
}

/// Hands every contract that is in force at the question's moment and was first confirmed in the years `years` to `f`: key,
/// revision in force, and its values.
///
/// # Errors
/// Where the store does not answer.
pub fn for_each_counted(
    db: &mut Db,
    coder: &Coder<'_>,
    question: &Question,
    years: (i32, i32),
    mut f: impl FnMut(i64, i64, &Standing),
) -> Result<(), StoreError> {
    let mut reader = StandingReader::new(coder);
    standings::for_each(db, years, question.as_of(), |row| {
        f(row.contract_id, row.revision, &reader.read(&row));
    })
}

/// Makes standings of rows.
pub(super) struct StandingReader<'a> {
    units: Cached<'a>,
    types: Cached<'a>,
    plan_sources: Cached<'a>,
    kinds: Cached<'a>,
    fields: Cached<'a>,
    flows: Cached<'a>,
    borders: Cached<'a>,
}

impl<'a> StandingReader<'a> {
    pub fn new(coder: &'a Coder<'a>) -> Self {
        let cached = |list| Cached::new(coder, list);
        Self {
            units: cached(ListName::Unit),
            types: cached(ListName::Type),
            plan_sources: cached(ListName::PlanSource),
            kinds: cached(ListName::PartyKind),
            fields: cached(ListName::Field),
            flows: cached(ListName::Flow),
            borders: cached(ListName::CrossBorder),
        }
    }

    pub fn read(&mut self, row: &StandingRow) -> Standing {
        Standing {
            first_confirmed_at: Moment::from_micros(row.first_confirmed_at),
            amount_fen: row.amount_fen,
            technology_amount_fen: row.technology_amount_fen.unwrap_or(0),
            unit: self.units.code(row.unit.as_deref()),
            contract_type: self.types.code(row.contract_type.as_deref()),
            plan_source: self.plan_sources.code(row.plan_source.as_deref()),
            seller_kind: self.kinds.code(row.seller_kind.as_deref()),
            field: self.fields.code(row.field.as_deref()),
            flow: self.flows.code(Some(&row.flow)),
            cross_border: self.borders.code(row.cross_border.as_deref()),
        }
    }
}

fn count_events(db: &mut Db, question: &Question, counted: &mut Accumulator<'_>) -> Result<(), StoreError> {
    let (from, before) = (
        Moment::start_of_year(question.year()),
        Moment::start_of_year(question.year() + 1),
    );
    for (contract, at) in standings::expert_conclusions(db, from, before)? {
        counted.add_expert_conclusion(Event { contract, at });
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
