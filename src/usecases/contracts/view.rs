//! A contract as a caller sees it: with what is to be said about it and what the caller may do now.

use crate::{
    domain::{
        account::Actor,
        catalogue::Catalogue,
        checks::{self, Check},
        contract::Contract,
        expert_review::heed,
        policy,
        rules::RuleSet,
        time::{Date, Moment},
        workflow::{Action, State},
    },
    usecases::Context,
};

use super::OFFERED;

/// A contract as a caller sees it.
#[derive(Debug, Clone)]
pub struct ContractView {
    /// The contract.
    pub contract: Contract,
    /// Findings about its content, while it is not decided.
    pub checks: Vec<Check>,
    /// What the caller may do with it now.
    pub available_actions: Vec<Action>,
}

impl ContractView {
    pub(super) fn of(ctx: &Context, actor: &Actor, contract: Contract, now: Moment) -> Self {
        let undecided = matches!(
            contract.state,
            State::Draft | State::Returned | State::Submitted | State::UnderReview | State::ExpertReview
        );
        let accepted = contract.content.received_on.unwrap_or_else(|| now.date());
        let rule_set = rule_set_of(&ctx.catalogue, contract.rule_set.as_deref(), accepted);
        let mut available_actions = policy::available(actor, &OFFERED, &contract, now.date());
        // What waits for experts is not offered to be confirmed.
        let stopped = rule_set.is_some_and(|rules| heed::stops(&rules.expert_review, &contract));
        available_actions.retain(|action| *action != Action::Confirm || !stopped);
        let checks = if undecided {
            checks::for_submission_under(&contract.content, &ctx.catalogue, rule_set, now.date())
        } else {
            Vec::new()
        };
        Self {
            available_actions,
            contract,
            checks,
        }
    }
}

/// The rule set of a contract: for life that of its first acceptance; before that, the one that holds on the day of acceptance.
pub(in crate::usecases) fn rule_set_of<'a>(
    catalogue: &'a Catalogue,
    first: Option<&str>,
    accepted: Date,
) -> Option<&'a RuleSet> {
    first
        .and_then(|id| catalogue.rule_set(id))
        .or_else(|| catalogue.rule_set_on(accepted))
}
