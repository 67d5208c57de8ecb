//! Self-audits as the model has them: what is drawn from, who may be handed what, what completion revokes.

use std::collections::BTreeSet;

use dengji::{
    domain::account::Actor,
    usecases::self_audits::{
        ItemQuery, abandon, assign, complete,
        complete::CompleteInput,
        create::{self, CreateInput, DesignInput},
        read,
        record_finding::{self, FindingInput},
    },
};
use proptest::{prelude::*, test_runner::TestCaseError};

use super::{
    Draw, Told, World,
    model::{Model, Outcome, Someone, outcome_of},
};
use crate::support::{App, desk};

/// A self-audit.
#[derive(Debug, Clone)]
pub struct Audit {
    id: i64,
    state: &'static str,
    items: Vec<Item>,
}

/// A contract that it drew.
#[derive(Debug, Clone)]
struct Item {
    id: i64,
    /// Its place among the contracts of the model.
    contract: usize,
    assigned_to: Option<String>,
    /// Whether it was found wrong, and by whom.
    found: Option<(bool, String)>,
    outcome: Option<&'static str>,
}

/// Whether an account may be handed the contract: a reviewer's, who neither confirmed it nor had to do with it before.
fn may_check(who: &Someone, model: &Model) -> bool {
    who.checks && model.confirmed_by.as_ref() != Some(&who.actor.username) && !model.own(who)
}

fn checker(world: &World, username: &str) -> Option<usize> {
    world
        .people
        .iter()
        .position(|p| p.checks && p.actor.username == username)
}

/// One act on self-audits, chosen by the draw.
pub fn act(app: &App, world: &mut World, draw: &Draw, auditor: &Actor) -> Result<Option<Told>, TestCaseError> {
    let guided = draw.kind < 80;
    let drawn: Vec<usize> = (0..world.audits.len())
        .filter(|a| world.audits[*a].state == "drawn")
        .collect();
    if world.audits.is_empty() || (guided && drawn.is_empty()) || draw.choice.is_multiple_of(16) {
        return create(app, world, draw, auditor).map(Some);
    }
    let at = if guided {
        *draw.panel.get(&drawn)
    } else {
        draw.panel.index(world.audits.len())
    };
    let ready = world.audits[at].items.iter().all(|i| i.found.is_some());
    Ok(Some(match draw.choice % 16 {
        1 if !guided || draw.bits & 3 == 0 => abandon(app, world, draw, at),
        2 => complete(app, world, draw, at),
        _ if ready && guided => complete(app, world, draw, at),
        3 | 4 => assign(app, world, draw, at),
        _ => record_finding(app, world, draw, at),
    }))
}

fn someone(world: &World, draw: &Draw) -> usize {
    if draw.kind < 80 {
        world.one(draw, |p| p.reviews)
    } else {
        draw.person.index(world.people.len())
    }
}

fn create(app: &App, world: &mut World, draw: &Draw, auditor: &Actor) -> Result<Told, TestCaseError> {
    let who = &world.people[someone(world, draw)];
    let year = if draw.bits & 1 == 0 { 2026 } else { 2027 };
    let size = (draw.bits >> 1 & 3 != 0).then_some(1 + draw.bits as usize % 5);
    let mut auditors: Vec<String> = world.names(|p| p.checks);
    auditors.rotate_left(draw.bits as usize >> 4 & 3);
    auditors.truncate(1 + (draw.bits as usize >> 6 & 3));
    let stranger = draw.kind % 20 == 19;
    if stranger {
        auditors.push("registrar".to_owned());
    }
    let valid = draw.flaw >= 16;
    let population: BTreeSet<usize> = (0..world.models.len())
        .filter(|at| world.models[*at].state == "confirmed" && world.models[*at].confirmed_in == year)
        .collect();
    let expected = if !who.reviews {
        Outcome::Forbidden
    } else if !valid || stranger || population.is_empty() {
        Outcome::Invalid
    } else {
        Outcome::Done
    };
    let input = CreateInput {
        title: valid.then(|| "年度自查".to_owned()),
        year: Some(i64::from(year)),
        design: DesignInput {
            kind: Some(if size.is_some() { "random" } else { "all" }.to_owned()),
            size: size.map(|n| n as i64),
            seed: size.map(|_| draw.bits.to_string()),
            ..DesignInput::default()
        },
        auditors: auditors.clone(),
        ..CreateInput::default()
    };
    let what = format!(
        "{} draws {size:?} of {year} by {:?} for {auditors:?} (whole: {valid}) from {population:?}",
        who.actor.username, draw.bits
    );
    let done = app.block_on(create::create(&app.ctx, desk::command(&who.actor, None), Ok(input)));
    let came = outcome_of(&done);
    if let (Outcome::Done, Ok(dengji::usecases::command::Answer::Done(view))) = (expected, done) {
        let query = ItemQuery {
            limit: Some(1000),
            ..ItemQuery::default()
        };
        let (_, page) = app
            .block_on(read::list_items(&app.ctx, auditor.clone(), view.audit.id, query))
            .unwrap();
        let mut items = Vec::new();
        for item in page.items {
            let at = world
                .models
                .iter()
                .position(|m| m.id == item.drawn.contract_id)
                .unwrap();
            let eligible =
                |name: &String| checker(world, name).is_some_and(|p| may_check(&world.people[p], &world.models[at]));
            match &item.drawn.assigned_to {
                Some(name) => prop_assert!(
                    auditors.contains(name) && eligible(name),
                    "{} got {:?}",
                    name,
                    world.models[at]
                ),
                None => prop_assert!(!auditors.iter().any(eligible), "nobody got {:?}", world.models[at]),
            }
            items.push(Item {
                id: item.id,
                contract: at,
                assigned_to: item.drawn.assigned_to,
                found: None,
                outcome: None,
            });
        }
        let drawn: BTreeSet<usize> = items.iter().map(|i| i.contract).collect();
        prop_assert_eq!(drawn.len(), items.len());
        prop_assert!(drawn.is_subset(&population), "{:?} of {:?}", drawn, population);
        prop_assert_eq!(drawn.len(), size.unwrap_or(population.len()).min(population.len()));
        world.audits.push(Audit {
            id: view.audit.id,
            state: "drawn",
            items,
        });
        world.entries += 1;
    }
    Ok((what, expected, came, Vec::new()))
}

/// A thing of the audit: one that is not judged yet where the draw is guided.
fn item(world: &World, draw: &Draw, at: usize) -> usize {
    let items = &world.audits[at].items;
    let open: Vec<usize> = (0..items.len()).filter(|i| items[*i].found.is_none()).collect();
    if draw.kind < 70 && !open.is_empty() {
        *draw.contract.get(&open)
    } else {
        draw.contract.index(items.len())
    }
}

fn record_finding(app: &App, world: &mut World, draw: &Draw, at: usize) -> Told {
    let place = item(world, draw, at);
    let (audit, item) = (&world.audits[at], &world.audits[at].items[place]);
    let assigned = item.assigned_to.as_deref().and_then(|name| checker(world, name));
    let who = assigned
        .filter(|_| draw.kind < 80)
        .unwrap_or_else(|| someone(world, draw));
    let who = &world.people[who];
    let contract = item.contract;
    let wrong = draw.bits & 3 == 0;
    let valid = draw.flaw >= 12;
    let me = &who.actor.username;
    let expected = if !who.reviews || item.assigned_to.as_ref() != Some(me) || !may_check(who, &world.models[contract])
    {
        Outcome::Forbidden
    } else if audit.state != "drawn" {
        Outcome::WrongState
    } else if !valid {
        Outcome::Invalid
    } else {
        Outcome::Done
    };
    // A ground where it is wrong, and only there.
    let input = FindingInput {
        item_id: Some(item.id),
        verdict: Some(if wrong { "wrong" } else { "right" }.to_owned()),
        ground: (wrong == valid).then(|| "duplicate".to_owned()),
        ..FindingInput::default()
    };
    let what = format!("{me} finds {:?}, {:?} of {item:?}", input.verdict, input.ground);
    let command = desk::command(&who.actor, None);
    let came = outcome_of(&app.block_on(record_finding::record_finding(&app.ctx, command, audit.id, Ok(input))));
    if expected == Outcome::Done && came == expected {
        let me = me.clone();
        world.models[contract].acts += 1;
        world.models[contract].workers.insert(me.clone());
        world.audits[at].items[place].found = Some((wrong, me));
    }
    (what, expected, came, vec![contract])
}

fn assign(app: &App, world: &mut World, draw: &Draw, at: usize) -> Told {
    let place = item(world, draw, at);
    let who = &world.people[someone(world, draw)];
    let (audit, item) = (&world.audits[at], &world.audits[at].items[place]);
    let names = world.names(|p| p.checks || draw.kind.is_multiple_of(5));
    let name = draw.other.get(&names).clone();
    let may =
        |name: &str| checker(world, name).is_some_and(|p| may_check(&world.people[p], &world.models[item.contract]));
    let expected = if !who.reviews {
        Outcome::Forbidden
    } else if audit.state != "drawn" || item.found.as_ref().is_some_and(|(_, by)| may(by)) {
        Outcome::WrongState
    } else if !may(&name) {
        Outcome::Invalid
    } else {
        Outcome::Done
    };
    let what = format!("{} hands {item:?} to {name}", who.actor.username);
    let command = desk::command(&who.actor, None);
    let done = app.block_on(assign::assign(
        &app.ctx,
        command,
        audit.id,
        item.id,
        Ok(Some(name.clone())),
    ));
    let came = outcome_of(&done);
    let contract = item.contract;
    if expected == Outcome::Done && came == expected {
        let item = &mut world.audits[at].items[place];
        item.assigned_to = Some(name);
        item.found = None;
        world.entries += 1;
    }
    (what, expected, came, vec![contract])
}

fn complete(app: &App, world: &mut World, draw: &Draw, at: usize) -> Told {
    let who = &world.people[someone(world, draw)];
    let audit = &world.audits[at];
    let valid = draw.flaw >= 16;
    let wrong: Vec<usize> = (0..audit.items.len())
        .filter(|i| matches!(audit.items[*i].found, Some((true, _))))
        .collect();
    let in_force = |i: &usize| world.models[audit.items[*i].contract].state == "confirmed";
    let expected = if !who.reviews {
        Outcome::Forbidden
    } else if audit.state != "drawn" || audit.items.iter().any(|i| i.found.is_none()) {
        Outcome::WrongState
    } else if !valid && wrong.iter().any(in_force) {
        Outcome::Invalid
    } else {
        Outcome::Done
    };
    let input = CompleteInput {
        document_number: valid.then(|| "兵科撤〔2026〕9号".to_owned()),
        ..CompleteInput::default()
    };
    let what = format!(
        "{} completes {audit:?} with {:?}",
        who.actor.username, input.document_number
    );
    let command = desk::command(&who.actor, None);
    let came = outcome_of(&app.block_on(complete::complete(&app.ctx, command, audit.id, Ok(input))));
    let touched = audit.items.iter().map(|i| i.contract).collect();
    if expected == Outcome::Done && came == expected {
        let me = who.actor.username.clone();
        let World { audits, models, .. } = world;
        audits[at].state = "completed";
        for place in wrong {
            let item = &mut audits[at].items[place];
            let model = &mut models[item.contract];
            item.outcome = Some("already_ended");
            if model.state == "confirmed" {
                item.outcome = Some("revoked");
                (model.state, model.asked) = ("revoked", false);
                // Who found it wrong revoked it, whoever completes; the act is the latter's.
                model.ended_by = item.found.clone().map(|(_, by)| by);
                model.workers.insert(me.clone());
                model.version += 1;
                model.acts += 1;
                world.revoked += 1;
            }
        }
        world.entries += 1;
    }
    (what, expected, came, touched)
}

fn abandon(app: &App, world: &mut World, draw: &Draw, at: usize) -> Told {
    let who = &world.people[someone(world, draw)];
    let audit = &world.audits[at];
    let valid = draw.flaw >= 16;
    let expected = if !who.reviews {
        Outcome::Forbidden
    } else if audit.state != "drawn" {
        Outcome::WrongState
    } else if !valid {
        Outcome::Invalid
    } else {
        Outcome::Done
    };
    let what = format!("{} abandons {audit:?}", who.actor.username);
    let command = desk::command(&who.actor, None);
    let reason = valid.then(|| "范围有误".to_owned());
    let came = outcome_of(&app.block_on(abandon::abandon(&app.ctx, command, audit.id, Ok(reason))));
    if expected == Outcome::Done && came == expected {
        world.audits[at].state = "abandoned";
        world.entries += 1;
    }
    (what, expected, came, Vec::new())
}

/// Every self-audit stands where the model has it.
pub fn agree(app: &App, auditor: &Actor, world: &World) -> Result<(), TestCaseError> {
    for audit in &world.audits {
        let view = app.block_on(read::read(&app.ctx, auditor.clone(), audit.id)).unwrap();
        prop_assert_eq!(view.audit.state.id(), audit.state);
        let count = |holds: &dyn Fn(&Item) -> bool| audit.items.iter().filter(|i| holds(i)).count() as i64;
        let found = |verdict: bool| count(&|i| i.found.as_ref().is_some_and(|(wrong, _)| *wrong == verdict));
        let seen = &view.progress;
        prop_assert_eq!(seen.open, count(&|i| i.found.is_none()));
        prop_assert_eq!((seen.right, seen.wrong), (found(false), found(true)), "{:?}", audit);
        prop_assert_eq!(seen.unassigned, count(&|i| i.assigned_to.is_none()));
        prop_assert_eq!(seen.revoked, count(&|i| i.outcome == Some("revoked")), "{:?}", audit);
        prop_assert_eq!(
            seen.already_ended,
            count(&|i| i.outcome == Some("already_ended")),
            "{:?}",
            audit
        );
    }
    Ok(())
}
