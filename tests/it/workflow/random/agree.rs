//! What is held against the model: contracts with their ledgers, who sees them, the figures.

use dengji::{
    domain::{
        account::Actor,
        contract::{Content, Contract},
    },
    usecases::{
        Error,
        contracts::{history::history, read::read},
        statistics,
    },
};
use proptest::{prelude::*, test_runner::TestCaseError};
use serde_json::{Value, json};

use super::model::{Model, Someone};
use crate::support::App;

/// The contract as it stands: the store's row and the replayed ledger agree with the model.
pub fn contract_agrees(app: &App, auditor: &Actor, model: &Model) -> Result<(), TestCaseError> {
    let view = app.block_on(read(&app.ctx, auditor.clone(), model.id));
    if model.state == "gone" {
        prop_assert!(matches!(view, Err(Error::NotFound)));
        return Ok(());
    }
    let contract = view.unwrap().contract;
    prop_assert_eq!(contract.state.id(), model.state);
    prop_assert_eq!(contract.version, model.version);
    prop_assert_eq!(&contract.claimed_by, &model.claimed_by);
    prop_assert_eq!(contract.open_change_request.is_some(), model.asked);
    prop_assert_eq!(contract.content.technology_amount_fen, Some(model.technology));
    prop_assert_eq!(contract.content.amount_fen, Some(model.total));

    let entries = app.block_on(history(&app.ctx, auditor.clone(), model.id)).unwrap();
    prop_assert_eq!(entries.len(), model.acts);
    // Every field that an act may change, as the ledger builds it up from nothing.
    let standing = |c: Option<&Contract>| {
        let mut value = serde_json::to_value(c.map_or_else(Content::default, |c| c.content.clone())).unwrap();
        value["registration_number"] = json!(c.map(|c| &c.registration_number));
        value["registrar_certificate"] = json!(c.map(|c| &c.registrar_certificate));
        value["rule_set"] = json!(c.map(|c| &c.rule_set));
        value["due_on"] = json!(c.map(|c| &c.due_on));
        value["claimed_by"] = json!(c.map(|c| &c.claimed_by));
        value["returned"] = json!(c.map(|c| &c.returned));
        value["refusal"] = json!(c.map(|c| &c.refusal));
        value["ended"] = json!(c.map(|c| &c.ended));
        value["expert_conclusion"] = json!(c.map(|c| &c.expert_conclusion));
        value["national_number"] = json!(c.map(|c| &c.national_number));
        value["open_change_request"] = json!(c.map(|c| c.open_change_request));
        value
    };
    let mut state = None;
    let mut replayed = standing(None);
    for entry in entries.iter().map(|e| &e.act) {
        // A finding of a self-audit is told of the contract and leaves it as it is.
        if entry.action == "record_finding" {
            continue;
        }
        prop_assert_eq!(&entry.from, &state, "{:?}", entry);
        state.clone_from(&entry.to);
        // What is told of requests and reports beside the contract is not the contract's.
        let beside = |pointer: &str| {
            let others = ["/change_requests/", "/expert_reviews/", "/self_audits/", "/reported_on"];
            others.iter().any(|other| pointer.starts_with(other))
        };
        for change in entry.changes.iter().filter(|c| !beside(&c.pointer)) {
            let pointer = if change.pointer == "/buyer/unit" {
                "/buyer_unit"
            } else {
                &change.pointer
            };
            let place = replayed.pointer_mut(pointer).unwrap();
            prop_assert_eq!(&*place, &change.from, "{:?}", entry);
            place.clone_from(&change.to);
        }
    }
    prop_assert_eq!(state.as_deref(), Some(model.state));
    prop_assert_eq!(replayed, standing(Some(&contract)));
    Ok(())
}

/// The figures of both years are the sums over the contracts that the model has.
pub fn statistics_agree(app: &App, models: &[Model]) -> Result<(), TestCaseError> {
    for year in [2026, 2027] {
        let figures = app.block_on(statistics::annual(&app.ctx, year, None, None)).unwrap();
        let remembered = app
            .block_on(statistics::annual(&app.remembering, year, None, None))
            .unwrap();
        prop_assert_eq!(&remembered, &figures, "the facts in memory");
        let figures = serde_json::to_value(figures).unwrap();
        let confirmed = || {
            models
                .iter()
                .filter(|m| m.state == "confirmed" && m.confirmed_in == year)
        };
        let number = |pointer: &str| figures.pointer(pointer).and_then(Value::as_i64).unwrap();
        prop_assert_eq!(number("/total/contracts"), i64::try_from(confirmed().count()).unwrap());
        prop_assert_eq!(number("/total/amount_fen"), confirmed().map(|m| m.total).sum::<i64>());
        let technology: i64 = confirmed().map(|m| m.technology).sum();
        prop_assert_eq!(number("/total/technology_amount_fen"), technology);
        prop_assert_eq!(number("/types/development/technology_amount_fen"), technology);
    }
    Ok(())
}

/// One person sees the contract, or does not, as the model has it.
pub fn sight_agrees(app: &App, who: &Someone, model: &Model) -> Result<(), TestCaseError> {
    let seen = app.block_on(read(&app.ctx, who.actor.clone(), model.id));
    let shown = model.state != "gone" && model.sees(who);
    prop_assert!(
        shown || matches!(seen, Err(Error::NotFound)),
        "{} sees {:?}",
        who.actor.username,
        model
    );
    prop_assert!(
        !shown || seen.is_ok(),
        "{} does not see {:?}",
        who.actor.username,
        model
    );
    Ok(())
}
