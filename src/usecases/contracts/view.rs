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
    storage::Db,
    usecases::{Context, Error},
};

use super::{OFFERED, checks::Findings};

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
    /// With what the content alone says: lists ask no more, so that a page costs no more than its contracts.
    pub(super) fn of(ctx: &Context, actor: &Actor, contract: Contract, now: Moment) -> Self {
        let rule_set = rule_set_of_contract(ctx, &contract, now);
        let checks = if is_undecided(contract.state) {
            checks::for_submission_under(&contract.content, &ctx.catalogue, rule_set, now.date())
        } else {
            Vec::new()
        };
        Self {
            available_actions: available_actions(ctx, actor, &contract, now),
            contract,
            checks,
        }
    }

    /// With all that a submission would find, other contracts looked at, too.
    pub(super) fn full(
        db: &mut Db,
        ctx: &Context,
        actor: &Actor,
        contract: Contract,
        now: Moment,
    ) -> Result<Self, Error> {
        Self::found(db, ctx, actor, contract, now, None)
    }

    /// The same, where a submission's findings may be known already.
    pub(super) fn found(
        db: &mut Db,
        ctx: &Context,
        actor: &Actor,
        contract: Contract,
        now: Moment,
        known: Option<Findings>,
    ) -> Result<Self, Error> {
        let today = now.date();
        let checks = if is_undecided(contract.state) {
            match known.filter(|known| known.are_of(ctx, actor, &contract, today)) {
                Some(known) => known.checks,
                None => Findings::at_submission(db, ctx, actor, &contract, &contract.content, today)?.checks,
            }
        } else {
            Vec::new()
        };
        Ok(Self {
            available_actions: available_actions(ctx, actor, &contract, now),
            contract,
            checks,
        })
    }
}

fn rule_set_of_contract<'a>(ctx: &'a Context, contract: &Contract, now: Moment) -> Option<&'a RuleSet> {
    let accepted = contract.content.received_on.unwrap_or_else(|| now.date());
    rule_set_of(&ctx.catalogue, contract.rule_set.as_deref(), accepted)
}

fn available_actions(ctx: &Context, actor: &Actor, contract: &Contract, now: Moment) -> Vec<Action> {
    let mut actions = policy::available(actor, &OFFERED, contract, now.date());
    // What waits for experts is not offered to be confirmed.
    let rule_set = rule_set_of_contract(ctx, contract, now);
    let stopped = rule_set.is_some_and(|rules| heed::stops(&rules.expert_review, contract));
    actions.retain(|action| *action != Action::Confirm || !stopped);
    actions
}

/// Whether a contract has yet to be decided.
pub const fn is_undecided(state: State) -> bool {
    matches!(
        state,
        State::Draft | State::Returned | State::Submitted | State::UnderReview | State::ExpertReview
    )
}

/// The rule set of a contract: for life that of its first acceptance; before that, the one that holds on the day of acceptance.
pub fn rule_set_of<'a>(catalogue: &'a Catalogue, first: Option<&str>, accepted: Date) -> Option<&'a RuleSet> {
    first
        .and_then(|id| catalogue.rule_set(id))
        .or_else(|| catalogue.rule_set_on(accepted))
}
