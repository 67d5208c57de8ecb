//! Collects what rules are told of the world outside a contract's content.

use std::collections::HashMap;

use crate::{
    domain::{
        catalogue::Catalogue,
        checks::rules::{Certified, Decision, Likeness, Lookalike, PairDeal, Papers},
        contract::{Content, Contract},
        likeness::{Profile, near_amounts},
        policy::Scope,
        registrar::History,
        rules::RuleSet,
        time::Moment,
    },
    storage::{
        Db, attachments, audit_facts, contracts,
        likeness::{self, Candidate, Span},
        lists, registrars,
    },
    usecases::Error,
};

/// How many look-alikes are named; more are only counted.
pub(super) const NAMED: usize = 5;

/// Contracts that resemble a content and that the scope shows, but for the contract `id` itself. None where the rule set has no limits for likeness, or the
/// content lacks what it would be recognised by; nor for whoever sees a panel's contracts alone, and may not know of any other.
pub(super) fn likeness(
    db: &mut Db,
    scope: &Scope,
    id: i64,
    content: &Content,
    rule_set: Option<&RuleSet>,
) -> Result<Option<Likeness>, Error> {
    let Some((own, alike, pair)) = resembling(db, scope, id, content, rule_set)? else {
        return Ok(None);
    };
    let mut found = Vec::with_capacity(alike.len());
    for (at, candidate) in alike.into_iter().enumerate() {
        let shown = if at < NAMED {
            called(db, candidate.id)?
        } else {
            "另一项合同".to_owned()
        };
        found.push(Lookalike {
            shown,
            same_seller: candidate.seller == own.seller,
            same_buyer: candidate.buyer == own.buyer,
            name: candidate.name,
            signed_on: candidate.signed_on,
            amount_fen: candidate.amount_fen,
        });
    }
    Ok(Some(Likeness { alike: found, pair }))
}

/// The profile of a content, the contracts that resemble it (the gravest first), and those of the same parties.
pub(super) type Resembling = (Profile, Vec<Candidate>, Vec<PairDeal>);

/// What resembles a content; none as in [`likeness()`].
pub(super) fn resembling(
    db: &mut Db,
    scope: &Scope,
    id: i64,
    content: &Content,
    rule_set: Option<&RuleSet>,
) -> Result<Option<Resembling>, Error> {
    let Some(limits) = rule_set.and_then(|r| r.checks.as_ref()) else {
        return Ok(None);
    };
    let Some(own) = Profile::of(content).filter(|_| scope.panels_alone().is_none()) else {
        return Ok(None);
    };
    let span = Span {
        near_days: limits.near_days,
        amounts: near_amounts(own.amount_fen, limits.near_amount_per_mille),
        percent: limits.near_name_percent,
        pair_days: limits.split_days,
    };
    let (candidates, pair) = likeness::resembling(db, scope, id, &own, span)?;
    let same_deal = |c: &Candidate| {
        (c.seller, c.buyer, c.signed_on, c.amount_fen) == (own.seller, own.buyer, own.signed_on, own.amount_fen)
    };
    let mut alike: Vec<Candidate> = candidates
        .into_iter()
        .filter(|c| same_deal(c) || own.name.is_alike(&c.name, limits.near_name_percent))
        .collect();
    // The gravest first, so that they are the ones that are named.
    alike.sort_by_key(|c| {
        let same_parties = c.seller == own.seller && c.buyer == own.buyer;
        (!same_parties, c.name != own.name, !same_deal(c), c.id)
    });
    Ok(Some((own, alike, pair)))
}

/// How another contract is called that the reader may see.
fn called(db: &mut Db, id: i64) -> Result<String, Error> {
    let number = contracts::find(db, id)?.and_then(|c| c.registration_number);
    Ok(number.map_or_else(
        || format!("合同（ID {id}）"),
        |number| format!("登记编号 {number} 的合同"),
    ))
}

/// The attachments of a contract and what its rules demand of them.
pub(super) fn papers(
    db: &mut Db,
    catalogue: &Catalogue,
    scope: &Scope,
    id: i64,
    content: &Content,
    rule_set: Option<&RuleSet>,
) -> Result<Papers, Error> {
    let contract_type = content.contract_type.as_deref();
    let blocking = rule_set.map_or_else(Vec::new, |rules| catalogue.blocking_attachments(rules, contract_type));
    let mut asked: Vec<&str> = rule_set.map_or_else(Vec::new, |rules| rules.attachments_of(contract_type).collect());
    asked.retain(|kind| !blocking.contains(kind));
    asked.sort_unstable();
    asked.dedup();
    // Whoever sees a panel's contracts alone may not know of any other.
    let twins = if scope.panels_alone().is_none() {
        attachments::with_same_text(db, scope, id, NAMED)?
    } else {
        Vec::new()
    };
    Ok(Papers {
        kinds: attachments::kinds(db, id)?.into_iter().collect(),
        required: blocking.into_iter().map(str::to_owned).collect(),
        asked: asked.into_iter().map(str::to_owned).collect(),
        same_text: twins
            .into_iter()
            .map(|twin| called(db, twin))
            .collect::<Result<_, _>>()?,
    })
}

/// Contracts that carry the contract's number of the national system and that the scope shows.
pub(super) fn same_number(db: &mut Db, scope: &Scope, contract: &Contract) -> Result<Vec<String>, Error> {
    let Some(number) = &contract.national_number else {
        return Ok(Vec::new());
    };
    let others = audit_facts::with_number(db, number, contract.id)?;
    let others = lists::shown_among(db, scope, &others)?;
    others.into_iter().take(NAMED).map(|id| called(db, id)).collect()
}

/// Whether a contract that the scope does not show is the same deal as `content`: same parties, day and amount. The one bit that a
/// submission tells of other agencies.
pub(super) fn has_hidden_twin(db: &mut Db, scope: &Scope, id: i64, content: &Content) -> Result<bool, Error> {
    match Profile::of(content) {
        Some(own) => Ok(likeness::has_hidden_twin(db, scope, id, &own)?),
        None => Ok(false),
    }
}

/// How a contract was decided; `histories` keeps certificates that were looked up.
pub(super) fn decision(
    db: &mut Db,
    contract: &Contract,
    now: Moment,
    histories: &mut HashMap<String, Option<History>>,
) -> Result<Decision, Error> {
    let at = contract.submitted_at.or(contract.confirmed_at).unwrap_or(now);
    let certificate = match &contract.registrar_certificate {
        None => Certified::NotNamed,
        Some(number) => {
            if !histories.contains_key(number) {
                let history = certificate_history(db, number)?;
                histories.insert(number.clone(), history);
            }
            match histories.get(number).and_then(Option::as_ref) {
                None => Certified::Unknown(number.clone()),
                Some(history) => Certified::Known(number.clone(), history.is_certified_at(at)),
            }
        }
    };
    Ok(Decision {
        state: contract.state,
        confirmed_at: contract.confirmed_at,
        due_on: contract.due_on,
        certificate,
        entered_by: contract.entered_by.clone(),
        submitted_by: contract.submitted_by.clone(),
        confirmed_by: contract.confirmed_by.clone(),
        expert_reviewed: contract.expert_concluded_at.is_some(),
        counted: audit_facts::is_counted(db, contract.id, now)?,
    })
}

fn certificate_history(db: &mut Db, number: &str) -> Result<Option<History>, Error> {
    let Some(registrar) = registrars::find(db, number)? else {
        return Ok(None);
    };
    Ok(registrars::histories(db, Some(registrar.id))?.remove(&registrar.id))
}
