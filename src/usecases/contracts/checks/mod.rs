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
    storage::Db,
    usecases::{Context, Error},
};

use super::view::rule_set_of;

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
) -> Result<Vec<Check>, Error> {
    let accepted = content.received_on.unwrap_or(today);
    let rule_set = rule_set_of(&ctx.catalogue, contract.rule_set.as_deref(), accepted);
    let facts = before_decision(db, ctx, &Scope::of(actor), contract.id, content, rule_set)?;
    Ok(checks::examine(&Case {
        content,
        catalogue: &ctx.catalogue,
        rule_set,
        today,
        phase: Phase::Submission,
        facts: &facts,
    }))
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
