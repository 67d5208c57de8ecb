//! The checks over the contracts first confirmed in a year, one contract after the other: what is kept in memory is a few numbers
//! for each seller, never the year.

use std::{collections::HashMap, ops::ControlFlow};

use crate::{
    domain::{
        account::Actor,
        checks::{
            self, Check, Severity,
            rules::{Case, Facts, Phase, SellerHabits, rule_of},
        },
        contract::Contract,
        likeness::party_key,
        policy::{Scope, decide_year_checks},
        registrar::History,
        time::Moment,
        workflow::State,
    },
    storage::{
        Db,
        audit_facts::{self, Answers},
        contracts,
    },
    usecases::{Context, Error, errand::go_on},
};

use super::{super::view::rule_set_of, facts};

/// Contracts read from the store at a time.
const BATCH: i64 = 200;

/// Contracts that one page looks at, at most: where few have findings, a page is shorter than asked for.
const LOOKED_AT: i64 = 500;

/// What a seller's contracts of the year say together.
#[derive(Default)]
struct Seller {
    contracts: u32,
    /// What the first one answered; none once another answered otherwise.
    answers: Option<Answers>,
}

/// Number and amount of contracts, and how many of them in December.
#[derive(Default, Clone, Copy)]
struct Sum {
    contracts: u32,
    december: u32,
    fen: i64,
}

impl Sum {
    fn add(&mut self, december: bool, fen: i64) {
        self.contracts += 1;
        self.december += u32::from(december);
        self.fen = self.fen.saturating_add(fen);
    }
}

/// Examines the contracts of a year; holds what all of them are compared with.
pub struct Survey<'a> {
    ctx: &'a Context,
    scope: Scope,
    now: Moment,
    certificates: HashMap<String, Option<History>>,
    sellers: HashMap<i64, Seller>,
    agencies: HashMap<i64, Sum>,
    /// By agency and seller.
    shares: HashMap<(i64, i64), Sum>,
}

impl<'a> Survey<'a> {
    /// Reads the year once, for what sellers do in it, as far as the scope shows it.
    ///
    /// # Errors
    /// Where the store does not answer or does not read back.
    pub fn new(db: &mut Db, ctx: &'a Context, scope: Scope, year: i32, now: Moment) -> Result<Self, Error> {
        let agency = scope.agency_alone();
        let mut survey = Self {
            ctx,
            scope,
            now,
            certificates: HashMap::new(),
            sellers: HashMap::new(),
            agencies: HashMap::new(),
            shares: HashMap::new(),
        };
        audit_facts::for_each_habit(db, year, agency, |habit| {
            let december = habit
                .confirmed_at
                .is_some_and(|at| at.date().format("%m").to_string() == "12");
            let seller = survey.sellers.entry(habit.seller).or_default();
            if seller.contracts == 0 {
                seller.answers = Some(habit.answers);
            } else if seller.answers.as_ref() != Some(&habit.answers) {
                seller.answers = None;
            }
            seller.contracts += 1;
            if let Some(agency) = habit.agency {
                survey
                    .agencies
                    .entry(agency)
                    .or_default()
                    .add(december, habit.amount_fen);
                let share = survey.shares.entry((agency, habit.seller)).or_default();
                share.add(december, habit.amount_fen);
            }
        })?;
        Ok(survey)
    }

    fn habits(&self, contract: &Contract) -> Option<SellerHabits> {
        let key = party_key(&contract.content.seller)?;
        let seller = self.sellers.get(&key)?;
        let agency = contract.agency.as_ref().map(|a| a.id);
        let share = agency
            .and_then(|a| self.shares.get(&(a, key)))
            .copied()
            .unwrap_or_default();
        let all = agency.and_then(|a| self.agencies.get(&a)).copied().unwrap_or_default();
        let plain = |a: &Answers| a.field.is_some() && a.objective.is_some() && a.ip_kind.as_deref() == Some("none");
        Some(SellerHabits {
            contracts: seller.contracts,
            at_agency: share.contracts,
            at_agency_in_december: share.december,
            at_agency_fen: share.fen,
            agency_contracts: all.contracts,
            agency_fen: all.fen,
            uniform: seller.answers.as_ref().is_some_and(plain),
        })
    }

    /// What the checks find in one contract of the year. Of one that has ended, only whether it is still counted.
    ///
    /// # Errors
    /// Where the store does not answer or does not read back.
    pub fn examine(&mut self, db: &mut Db, contract: &Contract) -> Result<Vec<Check>, Error> {
        let facts = self.facts(db, contract)?;
        let mut found = checks::audit(&self.case(contract, &facts));
        if contract.state != State::Confirmed {
            found.retain(|check| check.id == "A26");
        }
        Ok(found)
    }

    /// All that is known of a contract.
    pub(super) fn facts(&mut self, db: &mut Db, contract: &Contract) -> Result<Facts, Error> {
        let rule_set = self.rule_set(contract);
        let decision = facts::decision(db, contract, self.now, &mut self.certificates)?;
        let follow_ups = match &contract.registration_number {
            Some(number) => audit_facts::surveys(db, number)?,
            None => Vec::new(),
        };
        // What history brought has no attachments here, and lacks none by that.
        let papers = match &contract.entered_by {
            None => None,
            Some(_) => Some(facts::papers(
                db,
                &self.ctx.catalogue,
                &self.scope,
                contract.id,
                &contract.content,
                rule_set,
            )?),
        };
        Ok(Facts {
            likeness: facts::likeness(db, &self.scope, contract.id, &contract.content, rule_set)?,
            papers,
            same_number: Some(facts::same_number(db, &self.scope, contract)?),
            decision: Some(decision),
            follow_ups: (!follow_ups.is_empty()).then_some(follow_ups),
            seller: self.habits(contract),
        })
    }

    fn rule_set(&self, contract: &Contract) -> Option<&'a crate::domain::rules::RuleSet> {
        let accepted = contract.content.received_on;
        let accepted = accepted.or_else(|| contract.submitted_at.or(contract.confirmed_at).map(Moment::date));
        let day = accepted.unwrap_or_else(|| self.now.date());
        rule_set_of(&self.ctx.catalogue, contract.rule_set.as_deref(), day)
    }

    /// The contract as rules look at it.
    pub(super) fn case<'c>(&self, contract: &'c Contract, facts: &'c Facts) -> Case<'c>
    where
        'a: 'c,
    {
        Case {
            content: &contract.content,
            catalogue: &self.ctx.catalogue,
            rule_set: self.rule_set(contract),
            today: self.now.date(),
            phase: Phase::Audit,
            facts,
        }
    }
}

/// Hands each contract first confirmed in `year` (of `unit`, where one is named), in order of their keys after `after`, to `f` with
/// what the checks find in it, until `f` breaks. The self-audit draws “the risky first” from this.
///
/// # Errors
/// Where the store does not answer or does not read back; what `f` answers.
pub fn over_year(
    db: &mut Db,
    survey: &mut Survey<'_>,
    (year, unit, mut after): (i32, Option<&str>, i64),
    mut f: impl FnMut(Contract, Vec<Check>) -> Result<ControlFlow<()>, Error>,
) -> Result<(), Error> {
    loop {
        let keys = audit_facts::keys_of_year(db, year, unit, after, BATCH)?;
        let Some(last) = keys.last() else { return Ok(()) };
        after = *last;
        for id in keys {
            go_on()?;
            let contract = contracts::find(db, id)?.ok_or_else(|| Error::internal("a contract vanished"))?;
            let found = survey.examine(db, &contract)?;
            if f(contract, found)?.is_break() {
                return Ok(());
            }
        }
    }
}

/// Which findings of a year.
#[derive(Debug, Clone)]
pub struct YearQuery {
    /// Year of first confirmation.
    pub year: i32,
    /// Code list `unit`.
    pub unit: Option<String>,
    /// A01 … A30.
    pub rule: Option<String>,
    /// Only of this severity.
    pub severity: Option<Severity>,
    /// Key of the contract after which to begin.
    pub after: Option<i64>,
    /// Contracts at most.
    pub limit: i64,
}

impl YearQuery {
    fn wants(&self, check: &Check) -> bool {
        let of_rule = |rule: &String| rule_of(check.id).is_some_and(|r| r.id == rule);
        self.rule.as_ref().is_none_or(of_rule) && self.severity.is_none_or(|s| s == check.severity)
    }
}

/// A contract and what was found in it.
#[derive(Debug)]
pub struct ContractFindings {
    /// The contract.
    pub contract: Contract,
    /// Findings, errors first.
    pub checks: Vec<Check>,
}

/// Contracts of a year with findings.
#[derive(Debug)]
pub struct FindingsPage {
    /// In order of their keys.
    pub items: Vec<ContractFindings>,
    /// Key after which the next page begins; none on the last.
    pub next: Option<i64>,
}

/// Whether the caller may ask for the findings of a year at all: told before what is wrong with the question.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn may_survey(actor: &Actor) -> Result<(), Error> {
    Ok(decide_year_checks(actor)?)
}

/// One page of the findings of a year. A page looks at no more than 500 contracts, so it may be shorter than asked for and not the
/// last.
///
/// # Errors
/// [`Error::Forbidden`] for whoever does not see all contracts that were confirmed.
pub async fn page_of_year(ctx: &Context, actor: Actor, query: YearQuery) -> Result<FindingsPage, Error> {
    may_survey(&actor)?;
    let context = ctx.clone();
    ctx.read_heavy(move |db| {
        let mut survey = Survey::new(db, &context, Scope::of(&actor), query.year, context.clock.now())?;
        let wanted = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let (mut items, mut looked_at, mut next) = (Vec::new(), 0, None);
        let span = (query.year, query.unit.as_deref(), query.after.unwrap_or(0));
        over_year(db, &mut survey, span, |contract, mut checks| {
            let id = contract.id;
            looked_at += 1;
            checks.retain(|check| query.wants(check));
            if !checks.is_empty() {
                items.push(ContractFindings { contract, checks });
            }
            if items.len() == wanted || looked_at == LOOKED_AT {
                next = Some(id);
                return Ok(ControlFlow::Break(()));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        // A full page may have been the last.
        if let Some(id) = next
            && audit_facts::keys_of_year(db, query.year, query.unit.as_deref(), id, 1)?.is_empty()
        {
            next = None;
        }
        Ok(FindingsPage { items, next })
    })
    .await
}
