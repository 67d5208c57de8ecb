//! The checks A01 to A30 and the rules of form, with what the store knows beside the contract: at a submission and whenever one
//! contract is read (here), rule by rule ([`report()`]), over a year for the self-audit ([`mod@year`]).

mod facts;
mod report;
mod year;

pub use report::{Asked, Verdict, report};
pub use year::{ContractFindings, FindingsPage, Survey, YearQuery, may_survey, over_year, page_of_year};

use crate::{
    domain::{
        account::Actor,
        checks::{
            self, Check,
            rules::{Case, Facts, Phase},
        },
        contract::{Content, Contract},
        policy::Scope,
        rules::RuleSet,
        time::Date,
    },
    storage::{Db, lists},
    usecases::{Context, Error},
};

use super::view::rule_set_of;

/// What a submission finds, and what that is found in: looking again into the same is looking at other contracts alone.
#[derive(Debug, Clone)]
pub(super) struct Findings {
    basis: Basis,
    /// What was found.
    pub checks: Vec<Check>,
}

/// What findings rest on, beside other contracts and the attachments.
#[derive(Debug, Clone, PartialEq)]
struct Basis {
    scope: Scope,
    contract: i64,
    rule_set: Option<String>,
    content: Content,
    today: Date,
}

impl Basis {
    fn of(ctx: &Context, actor: &Actor, contract: &Contract, content: &Content, today: Date) -> Self {
        let accepted = content.received_on.unwrap_or(today);
        let rule_set = rule_set_of(&ctx.catalogue, contract.rule_set.as_deref(), accepted);
        Self {
            scope: Scope::of(actor),
            contract: contract.id,
            rule_set: rule_set.map(|rules| rules.id.clone()),
            content: content.clone(),
            today,
        }
    }
}

impl Findings {
    /// What a submission of `content` as this contract finds today, other contracts looked at, too; `actor` is told of those only that
    /// are his or hers to see.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub(super) fn at_submission(
        db: &mut Db,
        ctx: &Context,
        actor: &Actor,
        contract: &Contract,
        content: &Content,
        today: Date,
    ) -> Result<Self, Error> {
        let basis = Basis::of(ctx, actor, contract, content, today);
        let known = (contract.id, contract.rule_set.as_deref());
        let checks = found(db, ctx, &basis.scope, known, content, today)?;
        Ok(Self { basis, checks })
    }

    /// Whether they are what this reader would be told of this contract, its attachments being those that were looked at.
    pub(super) fn are_of(&self, ctx: &Context, actor: &Actor, contract: &Contract, today: Date) -> bool {
        self.are_of_content(ctx, actor, contract, &contract.content, today)
    }

    /// Whether they are what this reader is told of this content as the contract's.
    pub(super) fn are_of_content(
        &self,
        ctx: &Context,
        actor: &Actor,
        contract: &Contract,
        content: &Content,
        today: Date,
    ) -> bool {
        self.basis == Basis::of(ctx, actor, contract, content, today)
    }

    /// The same of a contract that had no key yet.
    pub(super) fn of_new(mut self, contract: &Contract) -> Self {
        self.basis.contract = contract.id;
        self
    }
}

/// The same about a content that nobody has saved: as that of the contract that it is typed over, or as a new one's.
///
/// # Errors
/// Where the store does not answer.
pub(super) fn of_unsaved(
    db: &mut Db,
    ctx: &Context,
    actor: &Actor,
    contract: Option<&Contract>,
    content: &Content,
    today: Date,
) -> Result<Vec<Check>, Error> {
    let (id, first) = contract.map_or((0, None), |c| (c.id, c.rule_set.as_deref()));
    found(db, ctx, &Scope::of(actor), (id, first), content, today)
}

fn found(
    db: &mut Db,
    ctx: &Context,
    scope: &Scope,
    (id, first): (i64, Option<&str>),
    content: &Content,
    today: Date,
) -> Result<Vec<Check>, Error> {
    let accepted = content.received_on.unwrap_or(today);
    let rule_set = rule_set_of(&ctx.catalogue, first, accepted);
    let facts = before_decision(db, ctx, scope, id, content, rule_set)?;
    Ok(checks::examine(&Case {
        content,
        catalogue: &ctx.catalogue,
        rule_set,
        today,
        phase: Phase::Submission,
        facts: &facts,
    }))
}

/// Whether another agency, whose contracts the submitter may not see, has one of the same parties, day and amount.
///
/// # Errors
/// Where the store does not answer.
pub(super) fn is_registered_elsewhere(
    db: &mut Db,
    actor: &Actor,
    contract: &Contract,
    content: &Content,
) -> Result<bool, Error> {
    facts::has_hidden_twin(db, &Scope::of(actor), contract.id, content)
}

/// Keys of the contracts that resemble one and that the scope shows, the gravest first; no more than are named in findings.
///
/// # Errors
/// Where the store does not answer.
pub(super) fn resembling(
    db: &mut Db,
    ctx: &Context,
    scope: &Scope,
    contract: &Contract,
    today: Date,
) -> Result<Vec<Contract>, Error> {
    let accepted = contract.content.received_on.unwrap_or(today);
    let rule_set = rule_set_of(&ctx.catalogue, contract.rule_set.as_deref(), accepted);
    let Some((_, alike, _)) = facts::resembling(db, scope, contract.id, &contract.content, rule_set)? else {
        return Ok(Vec::new());
    };
    let keys: Vec<i64> = alike.iter().take(facts::NAMED).map(|c| c.id).collect();
    Ok(lists::of_keys(db, &keys)?)
}

/// What is looked up beside an undecided contract.
fn before_decision(
    db: &mut Db,
    ctx: &Context,
    scope: &Scope,
    id: i64,
    content: &Content,
    rule_set: Option<&RuleSet>,
) -> Result<Facts, Error> {
    Ok(Facts {
        likeness: facts::likeness(db, scope, id, content, rule_set)?,
        papers: Some(facts::papers(db, &ctx.catalogue, scope, id, content, rule_set)?),
        ..Facts::default()
    })
}
