//! Counts facts as they come and gives the annual figures. Nothing is kept of a fact but its part in the sums.

use std::collections::{HashMap, HashSet};

use super::{
    activity::Activities,
    annual::{AnnualFigures, Figure},
    coder::{Coder, Section},
    facts::{AuditOutcome, Ending, Event, Handling, LedgerHead, ReferenceFigure, ReferenceKind, Standing},
    memory::{Block, EventFact, Group, What},
    question::{Plan, Question},
    records::{self, Records},
    sections,
    sums::{Sum, YearSums},
    survey::Survey,
    value::{FigureValue, UnitKind},
};
use crate::domain::{
    code_list::ListName,
    interchange::{ActivityRow, FollowUpRow},
    money::Fen,
    registrar::History,
    time::{Date, Moment},
    workflow::State,
};

/// One year of first confirmation.
#[derive(Debug)]
pub(super) struct YearFacts {
    year: i32,
    from: Moment,
    /// First moment of the next year.
    end: Moment,
    /// First moment counted (see [`Question::start`]).
    start: Moment,
    /// First moment no longer counted (see [`Question::cut`]).
    cut: Moment,
    /// Of the span.
    pub sums: YearSums,
    /// From the first day of the year up to the cut.
    so_far: Whole,
    /// Of the whole year, whatever the span.
    whole: Whole,
}

/// A whole year's total and its two plan groups.
#[derive(Debug, Clone, Copy, Default)]
struct Whole {
    total: Sum,
    plan_funded: Sum,
    outside_plan: Sum,
}

impl Whole {
    fn plus(self, other: Self) -> Self {
        Self {
            total: self.total.plus(other.total),
            plan_funded: self.plan_funded.plus(other.plan_funded),
            outside_plan: self.outside_plan.plus(other.outside_plan),
        }
    }
}

/// Contracts that were not confirmed: what came of them within the span.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Judged {
    /// Refused.
    pub refused: i64,
    /// Of these, returned before.
    pub refused_returned: i64,
    /// In history, returned and no more.
    pub returned: i64,
    /// Whether history has refusals, or returns, of which it does not say when.
    pub refused_undated: bool,
    pub returned_undated: bool,
}

/// Takes facts in any order; [`Accumulator::finish`] gives the figures.
#[derive(Debug)]
pub struct Accumulator<'a> {
    coder: &'a Coder<'a>,
    question: &'a Question,
    as_of: Moment,
    /// First moment of the span asked for, and the first after it.
    span: (Moment, Moment),
    /// By year, rising, without gaps.
    years: Vec<YearFacts>,
    plan_funded: u8,
    outside_plan: u8,
    reviewed: HashSet<i64>,
    reinstated: HashSet<i64>,
    /// Revocations of the year by contract: the last one's moment, ground and amount.
    revoked: HashMap<i64, (Moment, u8, Fen)>,
    judged: Judged,
    records: Records<'a>,
    certified: i64,
    newly_certified: i64,
    survey: Survey,
    activities: Activities,
    reference: HashMap<(ReferenceKind, i32), Fen>,
}

/// Ids of the two plan groups (published report, chapter 四).
pub(super) const PLAN_FUNDED: &str = "plan_funded";
pub(super) const OUTSIDE_PLAN: &str = "outside_plan";

impl<'a> Accumulator<'a> {
    /// Begins with nothing.
    pub fn new(coder: &'a Coder<'a>, question: &'a Question) -> Self {
        let year_facts = |year| YearFacts {
            year,
            from: Moment::start_of_year(year),
            end: Moment::start_of_year(year + 1),
            start: question.start(year),
            cut: question.cut(year),
            sums: YearSums::new(coder),
            so_far: Whole::default(),
            whole: Whole::default(),
        };
        let plan_group = |id| coder.code(ListName::PlanGroup, Some(id));
        Self {
            coder,
            question,
            as_of: question.as_of(),
            span: (question.start(question.year()), question.cut(question.year())),
            years: question.years_needed().map(year_facts).collect(),
            plan_funded: plan_group(PLAN_FUNDED),
            outside_plan: plan_group(OUTSIDE_PLAN),
            reviewed: HashSet::new(),
            reinstated: HashSet::new(),
            revoked: HashMap::new(),
            judged: Judged::default(),
            records: Records::default(),
            certified: 0,
            newly_certified: 0,
            survey: Survey::default(),
            activities: Activities::new(coder, question),
            reference: HashMap::new(),
        }
    }

    /// Counts a contract that is in force at the question's moment. One confirmed outside [`Question::years_needed`] is ignored.
    pub fn add_standing(&mut self, standing: &Standing) {
        let at = standing.first_confirmed_at;
        let after = self.years.partition_point(|year| year.from <= at);
        let last = self.years.len();
        let Some(year) = after.checked_sub(1).and_then(|index| self.years.get_mut(index)) else {
            return;
        };
        if after == last && at >= year.end {
            return;
        }
        let (amount, technology) = (standing.amount_fen, standing.technology_amount_fen);
        let group = self.coder.plan_group_of_source(standing.plan_source);
        let in_plan = |whole: &mut Whole| {
            whole.total.add(1, amount, technology);
            match group {
                group if group == self.plan_funded => whole.plan_funded.add(1, amount, technology),
                group if group == self.outside_plan => whole.outside_plan.add(1, amount, technology),
                _ => {}
            }
        };
        in_plan(&mut year.whole);
        if at < year.cut {
            in_plan(&mut year.so_far);
            if at >= year.start {
                year.sums.add(self.coder, self.question.large_from_fen(), standing);
                if year.year == self.question.year() {
                    self.records.add_amount(amount);
                }
            }
        }
    }

    /// Counts how a contract was handled that is confirmed within the span and in force at the question's moment.
    pub fn add_handling(&mut self, handling: Handling) {
        self.records.add_handling(handling);
    }

    /// Counts a contract that was refused, which had been returned before or not; of one that history does not date it is not known
    /// whether it belongs to the span.
    pub fn add_refusal(&mut self, at: Option<Moment>, returned: bool) {
        match at {
            None => self.judged.refused_undated = true,
            Some(at) if self.holds(at) => {
                self.judged.refused += 1;
                self.judged.refused_returned += i64::from(returned);
            }
            Some(_) => {}
        }
    }

    /// Counts a contract of which history says that it was returned for correction, and no more.
    pub fn add_return(&mut self, at: Option<Moment>) {
        match at {
            None => self.judged.returned_undated = true,
            Some(at) if self.holds(at) => self.judged.returned += 1,
            Some(_) => {}
        }
    }

    /// Takes what the self-audits of the year came to.
    pub fn set_self_audits(&mut self, audits: AuditOutcome) {
        self.records.audits = audits;
    }

    /// Counts what of a block is in force at the question's moment: its groups as a whole where they can be, row by row where not.
    pub(super) fn add_block(&mut self, block: &'a Block) {
        let (first, last) = block.span();
        let (Some(from), Some(end)) = (
            self.years.first().map(|year| year.from.micros()),
            self.years.last().map(|year| year.end.micros()),
        ) else {
            return;
        };
        let as_of = self.as_of.micros();
        if last < from || first >= end || first > as_of {
            return;
        }
        for group in block.groups().iter().filter(|group| group.len() > 0) {
            if !(group.all_in_force(as_of) && self.add_group(block, group)) {
                block
                    .in_force(group, as_of)
                    .for_each(|place| self.add_row(block, place));
            }
        }
        block.past_in_force(as_of).for_each(|place| self.add_row(block, place));
    }

    fn add_row(&mut self, block: &Block, place: usize) {
        let Some((standing, handling)) = block.standing(place) else {
            return;
        };
        self.add_standing(&standing);
        let at = standing.first_confirmed_at;
        if self.span.0 <= at && at < self.span.1 {
            self.records.add_handling(handling);
        }
    }

    /// Counts rows that are all in force by their sums; nothing where they lie in several years or partly within the span.
    fn add_group(&mut self, block: &'a Block, group: &'a Group) -> bool {
        let (first, last) = block.span();
        let (first, last) = (Moment::from_micros(first), Moment::from_micros(last));
        let after = self.years.partition_point(|year| year.from <= first);
        let Some(year) = after.checked_sub(1).and_then(|at| self.years.get_mut(at)) else {
            return false;
        };
        let before_cut = last < year.cut;
        let within = before_cut && first >= year.start;
        if last >= year.end || !(within || last < year.start || first >= year.cut) {
            return false;
        }
        let sums = group.sums();
        let plan = sums.section(Section::Plan);
        let of = |index: u8| plan.get(usize::from(index)).copied().unwrap_or_default();
        let whole = Whole {
            total: sums.total,
            plan_funded: of(self.plan_funded),
            outside_plan: of(self.outside_plan),
        };
        year.whole = year.whole.plus(whole);
        if before_cut {
            year.so_far = year.so_far.plus(whole);
        }
        if within {
            year.sums.plus(sums);
            if year.year == self.question.year() {
                self.records.add_group(block, group);
            }
        }
        true
    }

    /// Counts something that happened.
    pub(super) fn add_event(&mut self, event: &EventFact) {
        let at = Moment::from_micros(event.at);
        match event.what {
            What::RefusedUndated => return self.add_refusal(None, false),
            What::ReturnedUndated => return self.add_return(None),
            _ if !self.holds(at) => return,
            _ => {}
        }
        match event.what {
            What::Concluded => {
                self.reviewed.insert(event.contract);
            }
            What::Reinstated => {
                self.reinstated.insert(event.contract);
            }
            What::Refused(returned) => self.add_refusal(Some(at), returned),
            What::Returned => self.add_return(Some(at)),
            What::Cancelled | What::RefusedUndated | What::ReturnedUndated => {}
            What::Revoked(ground) => self.revoke(event.contract, (at, ground, event.amount)),
        }
    }

    /// Whether something that happened at `at` belongs to the span, up to the question's moment.
    fn holds(&self, at: Moment) -> bool {
        self.span.0 <= at && at < self.span.1 && at <= self.as_of
    }

    /// Counts an expert conclusion.
    pub fn add_expert_conclusion(&mut self, event: Event) {
        if self.holds(event.at) {
            self.reviewed.insert(event.contract);
        }
    }

    /// Counts a reinstatement.
    pub fn add_reinstatement(&mut self, event: Event) {
        if self.holds(event.at) {
            self.reinstated.insert(event.contract);
        }
    }

    /// Counts an end; of one contract revoked twice within the year, the later revocation.
    pub fn add_ending(&mut self, ending: &Ending) {
        if ending.state != State::Revoked || !self.holds(ending.at) {
            return;
        }
        let ground = self.coder.code(ListName::RevocationGround, ending.ground.as_deref());
        self.revoke(ending.contract, (ending.at, ground, ending.amount_fen));
    }

    fn revoke(&mut self, contract: i64, revocation: (Moment, u8, Fen)) {
        let last = self.revoked.entry(contract).or_insert(revocation);
        if revocation.0 >= last.0 {
            *last = revocation;
        }
    }

    /// Counts a registrar's certificate: among the certified where it is valid and not suspended at the closing moment, among the
    /// newly certified where it was first issued within the span, up to the closing day.
    pub fn add_registrar(&mut self, history: &History) {
        if history.is_certified_at(self.question.closing_moment()) {
            self.certified += 1;
        }
        let day: Date = self.question.closing_day();
        let first = self.question.span().first_day(self.question.year());
        if history
            .issued_on()
            .is_some_and(|issued| first <= issued && issued <= day)
        {
            self.newly_certified += 1;
        }
    }

    /// Counts a row of the survey made in the year asked for.
    pub fn add_follow_up(&mut self, row: &FollowUpRow) {
        self.survey.add(row);
    }

    /// Counts an activity of any year.
    pub fn add_activity(&mut self, activity: &ActivityRow) {
        self.activities.add(self.coder, activity);
    }

    /// Takes a reference figure of any year; the last of its kind and year holds.
    pub fn add_reference(&mut self, figure: ReferenceFigure) {
        self.reference.insert((figure.kind, figure.year), figure.amount_fen);
    }

    /// The annual figures, with where the ledger stood when the facts were read.
    pub fn finish(self, ledger: LedgerHead) -> AnnualFigures {
        let question = self.question;
        let mut figures = sections::annual(
            self.coder,
            question,
            |year| self.year(year).map(|facts| &facts.sums),
            |year| self.before_register(year),
        );
        figures.extend(self.period());
        figures.extend(self.events());
        figures.extend(self.survey.figures());
        figures.extend(self.activities.figures(self.coder));
        let empty = YearSums::new(self.coder);
        let sums = |year| {
            self.years
                .iter()
                .find(|facts| facts.year == year)
                .map_or(&empty, |facts| &facts.sums)
        };
        let year = records::Year {
            current: sums(question.year()),
            previous: sums(question.year() - 1),
            judged: self.judged,
            revoked: i64::try_from(self.revoked.len()).unwrap_or(i64::MAX),
        };
        figures.extend(self.records.figures(&year));
        AnnualFigures::new(question.year(), question.as_of(), question.span(), ledger, figures)
    }

    /// Of a year before the register's first: its amount, where a reference figure says it (of a whole year alone). None for other
    /// years, and for the year asked for, of which the register always speaks.
    fn before_register(&self, year: i32) -> Option<Option<Fen>> {
        let reached = |facts: &YearFacts| {
            let counted = if facts.year < year { facts.whole } else { facts.so_far };
            facts.year <= year && counted.total.contracts > 0
        };
        let is_before = year < self.question.year() && !self.years.iter().any(reached);
        let known = || self.reference.get(&(ReferenceKind::Amount, year)).copied();
        is_before.then(|| if self.question.is_whole_year() { known() } else { None })
    }

    fn year(&self, year: i32) -> Option<&YearFacts> {
        self.years.iter().find(|facts| facts.year == year)
    }

    fn events(&self) -> Vec<Figure> {
        let mut figures = Vec::new();
        let mut put = |name: String, value: FigureValue| figures.push(Figure { name, value });
        let count = |set: &HashSet<i64>| FigureValue::count(i64::try_from(set.len()).unwrap_or(i64::MAX));
        put("expert_reviews.contracts".into(), count(&self.reviewed));
        let grounds = self.coder.items(ListName::RevocationGround);
        let mut total = Sum::default();
        let mut by_ground = vec![Sum::default(); grounds.len()];
        for (_, ground, amount) in self.revoked.values() {
            total.add(1, *amount, 0);
            if let Some(sum) = by_ground.get_mut(usize::from(*ground)) {
                sum.add(1, *amount, 0);
            }
        }
        put("revocations.contracts".into(), FigureValue::count(total.contracts));
        put("revocations.amount".into(), FigureValue::fen(total.amount));
        for (item, sum) in grounds.iter().zip(by_ground) {
            put(
                format!("revocations.by_ground.{}.contracts", item.id),
                FigureValue::count(sum.contracts),
            );
            put(
                format!("revocations.by_ground.{}.amount", item.id),
                FigureValue::fen(sum.amount),
            );
        }
        put("reinstatements.contracts".into(), count(&self.reinstated));
        put("registrars.certified".into(), FigureValue::count(self.certified));
        put(
            "registrars.newly_certified".into(),
            FigureValue::count(self.newly_certified),
        );
        figures
    }

    /// The section `period`: the plan so far. Its sums hold everything confirmed from the plan's first year up to the span's end,
    /// a month's bulletin included; its comparisons are of the year up to that day in either year, so a base known only as a whole year's reference figure gives none for a part of a year.
    fn period(&self) -> Vec<Figure> {
        let plan = self.question.plan();
        let last_year = plan.map(|plan| self.question.year().min(plan.to));
        let mut sums = Whole::default();
        if let (Some(plan), Some(last)) = (plan, last_year) {
            for facts in self
                .years
                .iter()
                .filter(|facts| (plan.from..last).contains(&facts.year))
            {
                sums = sums.plus(facts.whole);
            }
        }
        let last = last_year.and_then(|year| self.year(year)).map(|facts| facts.so_far);
        sums = sums.plus(last.unwrap_or_default());
        let amount = last.map(|last| last.total.amount);
        let base = plan.and_then(|plan| self.base_amount(plan));
        let target = plan.and_then(|plan| self.reference.get(&(ReferenceKind::AmountTarget, plan.to)).copied());
        let years = plan.zip(last_year).map_or(0, |(plan, last)| last - plan.base_year);
        let nothing = FigureValue::nothing;
        let year = |year: Option<i32>| year.map_or(nothing(UnitKind::Year), FigureValue::year);
        let ratio = |other: Option<Fen>| {
            amount
                .zip(other)
                .map_or(nothing(UnitKind::Ratio), |(a, b)| FigureValue::ratio(a, b))
        };
        let average = amount
            .zip(base)
            .map(|(last, base)| FigureValue::average_growth(last, base, years));
        let known = |value: FigureValue| if plan.is_some() { value } else { nothing(value.unit()) };
        [
            ("from", year(plan.map(|plan| plan.from))),
            ("to", year(plan.map(|plan| plan.to))),
            ("last_year", year(last_year)),
            ("base_year", year(plan.map(|plan| plan.base_year))),
            (
                "plan_funded_contracts",
                known(FigureValue::count(sums.plan_funded.contracts)),
            ),
            (
                "outside_plan_contracts",
                known(FigureValue::count(sums.outside_plan.contracts)),
            ),
            ("plan_funded_amount", known(FigureValue::fen(sums.plan_funded.amount))),
            ("outside_plan_amount", known(FigureValue::fen(sums.outside_plan.amount))),
            (
                "plan_funded_share",
                FigureValue::share(sums.plan_funded.amount, sums.total.amount),
            ),
            (
                "outside_plan_share",
                FigureValue::share(sums.outside_plan.amount, sums.total.amount),
            ),
            ("average_growth", average.unwrap_or(nothing(UnitKind::Rate))),
            ("multiple_of_base", ratio(base)),
            ("multiple_of_target", ratio(target)),
        ]
        .map(|(name, value)| Figure {
            name: format!("period.{name}"),
            value,
        })
        .into()
    }

    /// What the plan's base year came to: the register's sum where it has that year, else the reference figure.
    fn base_amount(&self, plan: &Plan) -> Option<Fen> {
        match self.year(plan.base_year) {
            Some(facts) if facts.whole.total.contracts > 0 => Some(facts.so_far.total.amount),
            _ if self.question.is_whole_year() => self.reference.get(&(ReferenceKind::Amount, plan.base_year)).copied(),
            _ => None,
        }
    }
}
