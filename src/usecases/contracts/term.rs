//! From which day the term for a decision counts: the day of acceptance; where the rule set says so, the day on which papers that were
//! asked for were filed; the day of a reopening.

use crate::{
    domain::{
        contract::Contract,
        rules::RuleSet,
        time::Date,
        workflow::{Action, State},
    },
    storage::{Db, ledger},
    usecases::{Context, Error},
};

use super::{act::Work, view::rule_set_of};

/// The day from which the term of a contract counts that is submitted on `today`.
pub(super) fn begins_on_submission(rules: &RuleSet, contract: &Contract, received_on: Date, today: Date) -> Date {
    if rules.supplement_resets_acceptance && contract.state == State::Returned {
        today
    } else {
        received_on
    }
}

/// The day from which the term of a submitted contract counts, by what was done with it.
///
/// # Errors
/// Where the store does not answer or does not read back.
fn began_on(db: &mut Db, rules: &RuleSet, contract: &Contract, today: Date) -> Result<Date, Error> {
    let accepted = contract.content.received_on.unwrap_or(today);
    let returned = State::Returned.id();
    let entries = ledger::of_contract(db, contract.id)?;
    let resets = entries.iter().rev().map(|e| &e.act).find(|act| {
        act.action == Action::Reopen.id()
            || (rules.supplement_resets_acceptance
                && act.action == Action::Submit.id()
                && act.from.as_deref() == Some(returned))
    });
    Ok(resets.map_or(accepted, |act| act.at.date()))
}

/// Sets the last day for a decision anew: that of a disputed contract, or that of any other.
///
/// # Errors
/// As [`began_on`].
pub(super) fn set_due(ctx: &Context, work: &mut Work<'_>, disputed: bool) -> Result<(), Error> {
    let accepted = work.contract.content.received_on.unwrap_or(work.today);
    let Some(rules) = rule_set_of(&ctx.catalogue, work.contract.rule_set.as_deref(), accepted) else {
        return Ok(());
    };
    // Rules that know no disputed contracts leave the day as it is, whatever set it.
    if rules.disputed_days.is_none() {
        return Ok(());
    }
    let began = began_on(work.db, rules, work.contract, work.today)?;
    let technology = work.contract.content.technology_amount_fen.unwrap_or(0);
    let calendar = ctx.catalogue.calendar();
    let due = match disputed {
        true => rules.due_on_disputed(began, technology, calendar),
        false => rules.due_on(began, technology, calendar),
    };
    work.contract.due_on = Some(due.on);
    Ok(())
}
