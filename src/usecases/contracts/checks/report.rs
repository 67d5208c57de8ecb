//! One contract, rule by rule: what was asked, what was found, what nobody could ask.

use crate::{
    domain::{
        account::Actor,
        checks::{
            self, Check,
            rules::{Case, Facts, Phase, RULES, Rule, Run, rule_of},
        },
        policy::Scope,
    },
    usecases::{Context, Error},
};

use super::{
    super::{
        read::visible,
        view::{is_undecided, rule_set_of},
    },
    before_decision,
    year::Survey,
};

/// What came of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It found something.
    Hit,
    /// It found nothing.
    Pass,
    /// It is asked at another time, or what it would need is not known.
    NotApplicable,
    /// Only a person can tell.
    NotAutomated,
}

/// One rule and what came of it.
pub struct Asked {
    /// The rule.
    pub rule: &'static Rule,
    /// What came of it.
    pub verdict: Verdict,
    /// What it found.
    pub findings: Vec<Check>,
}

/// Every rule of the catalogue about one contract: as at a submission while it is undecided, as in a self-audit after.
///
/// # Errors
/// [`Error::NotFound`] where there is none that the caller may know of.
pub async fn report(ctx: &Context, actor: Actor, id: i64) -> Result<Vec<Asked>, Error> {
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            let contract = visible(db, &actor, id)?;
            let (scope, now) = (Scope::of(&actor), context.clock.now());
            // Whoever sees a panel's contracts alone is told of what the contract itself says and of nothing else.
            if !is_undecided(contract.state)
                && scope.panels_alone().is_none()
                && let Some(year) = contract.confirmed_at.map(|at| at.year())
            {
                let mut survey = Survey::new(db, &context, scope, year, now)?;
                let facts = survey.facts(db, &contract)?;
                let case = survey.case(&contract, &facts);
                return Ok(asked(Phase::Audit, &facts, &checks::audit(&case)));
            }
            let accepted = contract.content.received_on.unwrap_or_else(|| now.date());
            let rule_set = rule_set_of(&context.catalogue, contract.rule_set.as_deref(), accepted);
            let facts = before_decision(db, &context, &scope, id, &contract.content, rule_set)?;
            let found = checks::examine(&Case {
                content: &contract.content,
                catalogue: &context.catalogue,
                rule_set,
                today: now.date(),
                phase: Phase::Submission,
                facts: &facts,
            });
            Ok(asked(Phase::Submission, &facts, &found))
        })
        .await
}

fn asked(phase: Phase, facts: &Facts, found: &[Check]) -> Vec<Asked> {
    RULES
        .iter()
        .map(|rule| {
            let of_rule = |check: &&Check| rule_of(check.id).is_some_and(|r| r.id == rule.id);
            let findings: Vec<Check> = found.iter().filter(of_rule).cloned().collect();
            let verdict = match rule.run {
                Run::ByHand(_) => Verdict::NotAutomated,
                Run::Rule(_) | Run::Form(_) if !rule.applies(phase, facts) => Verdict::NotApplicable,
                Run::Rule(_) | Run::Form(_) if findings.is_empty() => Verdict::Pass,
                Run::Rule(_) | Run::Form(_) => Verdict::Hit,
            };
            Asked {
                rule,
                verdict,
                findings,
            }
        })
        .collect()
}
