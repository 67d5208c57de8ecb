//! Expert panels as the model has them: who sits, who stays out, what was said, what follows. Quorum and majority are counted here
//! as the rules say them: three votes at least, and two thirds of those who may vote; more than half of those who may vote.

#![expect(
    clippy::if_same_then_else,
    reason = "each line is one rule of the specification, in its order"
)]

use std::collections::{BTreeMap, BTreeSet};

use dengji::{
    domain::{expert_review::Outcome as On, workflow::Action},
    usecases::{
        Error,
        contracts::refer::{self, ReferInput},
        expert_reviews::{
            Answer,
            close_voting::{self, VotingInput},
            conclude::{self, ConcludeInput},
            convene::{self, ConveneInput},
            give_opinion::{self, OpinionInput},
            open_voting, read,
            recuse::{self, RecuseInput},
        },
    },
};
use proptest::{prelude::*, test_runner::TestCaseError};

use super::{
    Draw, Told, World,
    model::{Model, Outcome, Someone, outcome_of},
};
use crate::support::{App, desk};

/// A vote, and the technology amount (fen) that it would have instead.
pub type Ballot = (usize, Option<i64>);

pub const RECOGNISE: usize = 0;
pub const RECOGNISE_WITH_CHANGES: usize = 1;
pub const NOT_RECOGNISE: usize = 2;
const VOTES: [&str; 3] = ["recognise", "recognise_with_changes", "not_recognise"];

/// A panel.
#[derive(Debug, Clone)]
pub struct Panel {
    pub id: i64,
    pub convener: usize,
    /// Username.
    pub chair: String,
    pub members: BTreeSet<String>,
    /// Who stays out of everything, of what joins later as well.
    out: BTreeSet<String>,
    pub lines: Vec<Line>,
}

/// A contract before a panel.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its place among the contracts of the model.
    pub contract: usize,
    pub on: On,
    /// Who stays out.
    pub out: BTreeSet<String>,
    pub opinions: BTreeMap<String, Ballot>,
    /// Those who might vote when voting closed; none while it is open.
    closed: Option<usize>,
    /// The round of voting.
    round: i64,
}

impl Panel {
    fn open(&self) -> bool {
        self.lines.is_empty() || self.lines.iter().any(|l| l.on == On::Open)
    }

    fn sees(&self, who: &Someone) -> bool {
        who.reviews || who.audits || (who.advises && self.members.contains(&who.actor.username))
    }

    fn line(&self, contract: usize) -> Option<&Line> {
        self.lines.iter().find(|l| l.contract == contract)
    }

    /// The line, where an expert of the panel may know of it.
    fn shown(&self, contract: usize, username: &str) -> Option<&Line> {
        self.line(contract)
            .filter(|l| self.members.contains(username) && !l.out.contains(username))
    }

    /// Votes that count, and how many might vote.
    fn count(&self, line: &Line) -> (Vec<Ballot>, usize) {
        let may = || self.members.iter().filter(|m| !line.out.contains(*m));
        (
            may().filter_map(|m| line.opinions.get(m).copied()).collect(),
            line.closed.unwrap_or_else(|| may().count()),
        )
    }

    /// Three votes at least, and two thirds of those who may vote.
    fn quorum(&self, line: &Line) -> bool {
        let (votes, may) = self.count(line);
        votes.len() >= 3 && 3 * votes.len() >= 2 * may
    }

    /// What the votes give, if they give anything.
    fn conclusion(&self, line: &Line) -> Option<Ballot> {
        let (votes, may) = self.count(line);
        let more_than_half = |vote: &&Ballot| 2 * votes.iter().filter(|v| v == vote).count() > may;
        votes.iter().find(more_than_half).copied().filter(|_| self.quorum(line))
    }

    /// Puts a contract before it: who worked on the contract stays out, and who stays out of everything.
    fn take(&mut self, at: usize, model: &mut Model) {
        let worked = |m: &&String| model.workers.contains(*m) || self.out.contains(*m);
        let out: BTreeSet<String> = self.members.iter().filter(worked).cloned().collect();
        model
            .seats
            .insert(self.id, self.members.difference(&out).cloned().collect());
        self.lines.push(Line {
            contract: at,
            on: On::Open,
            out,
            opinions: BTreeMap::new(),
            closed: None,
            round: 1,
        });
    }
}

/// Takes a recalled contract off its panel.
pub fn recalled(world: &mut World, contract: usize) {
    for panel in &mut world.panels {
        let lines = panel.lines.iter_mut();
        if let Some(line) = lines.into_iter().find(|l| l.contract == contract && l.on == On::Open) {
            line.on = On::Recalled;
            world.models[contract].seats.remove(&panel.id);
            world.entries += 1;
        }
    }
}

fn before_a_panel(world: &World, contract: usize) -> bool {
    world
        .panels
        .iter()
        .any(|p| p.line(contract).is_some_and(|l| l.on == On::Open))
}

/// One act on panels, chosen by the draw; none where there is nothing to do it on.
pub fn act(app: &App, world: &mut World, draw: &Draw) -> Option<Told> {
    let guided = draw.kind < 80;
    let at_work = |p: &usize| world.panels[*p].lines.iter().any(|l| l.on == On::Open);
    let open: Vec<usize> = (0..world.panels.len()).filter(at_work).collect();
    match draw.choice % 10 {
        _ if world.panels.is_empty() || (guided && open.is_empty()) => convene(app, world, draw),
        0 | 1 => convene(app, world, draw),
        choice => {
            let at = if guided {
                *draw.panel.get(&open)
            } else {
                draw.panel.index(world.panels.len())
            };
            let panel = &world.panels[at];
            let settled = |l: &Line| l.on == On::Open && (l.closed.is_some() || panel.conclusion(l).is_some());
            let settled = guided && panel.lines.iter().any(settled);
            match choice {
                2 => refer(app, world, draw, at),
                3 => recuse(app, world, draw, at),
                4..=7 if !settled => opine(app, world, draw, at),
                _ => preside(app, world, draw, at),
            }
        }
    }
}

/// Some of what is there, each by a bit.
fn some<T: Clone>(all: &[T], bits: u64) -> Vec<T> {
    let chosen = |(n, _): &(usize, &T)| bits >> (n % 64) & 1 == 1;
    all.iter()
        .enumerate()
        .filter(chosen)
        .map(|(_, one)| one.clone())
        .collect()
}

fn convene(app: &App, world: &mut World, draw: &Draw) -> Option<Told> {
    let guided = draw.kind < 80;
    let who = if guided {
        world.one(draw, |p| p.reviews)
    } else {
        draw.person.index(world.people.len())
    };
    let someone = &world.people[who];
    let waits = |at: &usize| {
        let model = &world.models[*at];
        model.state == "expert_review" && !model.own(someone) && !before_a_panel(world, *at)
    };
    let mut contracts: Vec<usize> = (0..world.models.len()).filter(|at| !guided || waits(at)).collect();
    if !guided {
        contracts = contracts
            .into_iter()
            .skip(draw.contract.index(world.models.len()))
            .take(1)
            .collect();
    } else if contracts.len() > 1 && draw.bits >> 60 & 1 == 1 {
        contracts.truncate(1);
    }
    if guided && contracts.is_empty() && draw.bits & 15 != 0 {
        return None;
    }
    let experts: Vec<String> = world.names(|p| p.advises);
    // All but one or two, mostly; where anything goes, any of them, and somebody who is none.
    let mut experts = some(
        &experts,
        if guided {
            draw.bits | draw.bits >> 8 | draw.bits >> 16
        } else {
            draw.bits
        },
    );
    let stranger = draw.kind % 20 == 19;
    if stranger {
        experts.push("registrar".to_owned());
    }
    let chair = (!experts.is_empty()).then(|| draw.other.get(&experts).clone());
    let valid = !(16..26).contains(&draw.flaw);

    let sees = |at: &&usize| world.models[**at].state != "gone" && world.models[**at].sees(someone);
    let expected = if !someone.reviews {
        Outcome::Forbidden
    } else if contracts.iter().filter(sees).any(|at| world.models[*at].own(someone)) {
        Outcome::Forbidden
    } else if contracts
        .iter()
        .filter(sees)
        .any(|at| world.models[*at].state != "expert_review" || before_a_panel(world, *at))
    {
        Outcome::WrongState
    } else if !contracts.iter().all(|at| sees(&at)) || experts.is_empty() || stranger || !valid {
        Outcome::Invalid
    } else {
        Outcome::Done
    };
    let input = ConveneInput {
        title: valid.then(|| "专家论证会".to_owned()),
        held_on: Some(app.ctx.clock.today()),
        chair: chair.clone(),
        experts: Some(experts.clone()),
        contracts: Some(contracts.iter().map(|at| world.models[*at].id).collect()),
    };
    let what = format!(
        "{} convenes {experts:?} for {:?}",
        someone.actor.username, input.contracts
    );
    let done = app.block_on(convene::convene(
        &app.ctx,
        desk::command(&someone.actor, None),
        Ok(input),
    ));
    let came = outcome_of(&done);
    if let (Outcome::Done, Ok(Answer::Done(view))) = (expected, done) {
        let mut panel = Panel {
            id: view.review.id,
            convener: who,
            chair: chair.unwrap_or_default(),
            members: experts.into_iter().collect(),
            out: BTreeSet::new(),
            lines: Vec::new(),
        };
        for at in &contracts {
            panel.take(*at, &mut world.models[*at]);
        }
        world.entries += 1;
        world.panels.push(panel);
    }
    Some((what, expected, came, contracts))
}

/// `refer` with a panel to join; without one it is an act like others.
fn refer(app: &App, world: &mut World, draw: &Draw, at: usize) -> Option<Told> {
    let claimed: Vec<usize> = (0..world.models.len())
        .filter(|c| world.models[*c].state == "under_review")
        .collect();
    let contract = *draw
        .contract
        .get(if claimed.is_empty() { return None } else { &claimed });
    let (model, panel) = (&world.models[contract], &world.panels[at]);
    let who = match &model.claimed_by {
        Some(name) if draw.kind < 80 => world.one(draw, |p| p.actor.username == *name && p.reviews),
        _ => draw.person.index(world.people.len()),
    };
    let someone = &world.people[who];
    let valid = draw.flaw >= 16;
    let input = if valid {
        desk::Input::Valid(1)
    } else {
        desk::Input::Invalid
    };
    let mut expected = model.expect(someone, Action::Refer, Some(model.version), input);
    let convener = &world.people[panel.convener];
    // What the panel has against it is told before what is wrong with the values.
    let joins = panel.open() && panel.line(contract).is_none() && convener.checks && !model.own(convener);
    if matches!(expected, Outcome::Done | Outcome::Invalid) && !joins {
        expected = Outcome::WrongState;
    }
    let input = ReferInput {
        reason: valid.then(|| "技术性存疑".to_owned()),
        expert_review_id: Some(panel.id),
    };
    let what = format!("{} refers {model:?} to {panel:?}", someone.actor.username);
    let command = desk::command(&someone.actor, Some(model.version));
    let came = outcome_of(&app.block_on(refer::refer(&app.ctx, command, model.id, Ok(input))));
    if expected == Outcome::Done && came == expected {
        let today = app.ctx.clock.today().to_string();
        let someone = &world.people[who];
        world.models[contract].follow(someone, Action::Refer, desk::Input::Valid(1), &today);
        // The claimer who refers is entered before the panel takes it: an act of this same transaction counts or not alike.
        world.panels[at].take(contract, &mut world.models[contract]);
        world.entries += 1;
    }
    Some((what, expected, came, vec![contract]))
}

/// A line of the panel, open ones first where the draw is guided, or any contract; its place among the contracts.
fn target(world: &World, draw: &Draw, at: usize) -> usize {
    let panel = &world.panels[at];
    let open = panel.lines.iter().filter(|l| l.on == On::Open).map(|l| l.contract);
    let open: Vec<usize> = open.collect();
    if draw.kind < 80 && !open.is_empty() {
        *draw.contract.get(&open)
    } else {
        draw.contract.index(world.models.len())
    }
}

fn recuse(app: &App, world: &mut World, draw: &Draw, at: usize) -> Option<Told> {
    let contract = (draw.bits & 3 != 0).then(|| target(world, draw, at));
    let panel = &world.panels[at];
    // Seldom where it is to go well: a panel whose members all stay out concludes nothing.
    if draw.kind < 80 && draw.bits >> 4 & 3 != 0 {
        return None;
    }
    let who = match draw.bits >> 2 & 3 {
        0 => panel.convener,
        1 | 2 => world.one(draw, |p| panel.members.contains(&p.actor.username)),
        _ => draw.person.index(world.people.len()),
    };
    let someone = &world.people[who];
    let everyone = world.names(|_| true);
    let members: Vec<String> = panel.members.iter().cloned().collect();
    let whom = match draw.bits >> 6 & 7 {
        0 => draw.other.get(&everyone).clone(),
        1..=3 => draw.other.get(&members).clone(),
        _ => someone.actor.username.clone(),
    };
    let valid = draw.flaw >= 16;
    let seated = panel.members.contains(&whom);
    let own = someone.advises && whom == someone.actor.username && seated;
    let line = contract
        .and_then(|c| panel.line(c))
        .filter(|l| someone.reviews || someone.audits || panel.shown(l.contract, &someone.actor.username).is_some());
    let expected = if !panel.sees(someone) {
        Outcome::NotFound
    } else if !own && (!someone.reviews || world.people[panel.convener].actor.username != someone.actor.username) {
        Outcome::Forbidden
    } else if !panel.open() {
        Outcome::WrongState
    } else if contract.is_none() && panel.out.contains(&whom) {
        Outcome::WrongState
    } else if line.is_some_and(|l| l.on != On::Open || l.closed.is_some() || l.out.contains(&whom)) {
        Outcome::WrongState
    } else if !valid || !seated || (contract.is_some() && line.is_none()) {
        Outcome::Invalid
    } else {
        Outcome::Done
    };
    let input = RecuseInput {
        contract_id: contract.map(|c| world.models[c].id),
        username: Some(whom.clone()),
        reason: valid.then(|| "与卖方有亲属关系".to_owned()),
    };
    let what = format!(
        "{} recuses {whom} ({:?}) on {panel:?}",
        someone.actor.username, input.reason
    );
    let command = desk::command(&someone.actor, None);
    let came = outcome_of(&app.block_on(recuse::recuse(&app.ctx, command, panel.id, Ok(input))));
    if expected == Outcome::Done && came == expected {
        let World { panels, models, .. } = world;
        let panel = &mut panels[at];
        if contract.is_none() {
            panel.out.insert(whom.clone());
        }
        let lines = panel.lines.iter_mut();
        let lines = lines.filter(|l| l.on == On::Open && l.closed.is_none());
        for line in lines.filter(|l| contract.is_none_or(|c| c == l.contract)) {
            line.out.insert(whom.clone());
            models[line.contract].seats.get_mut(&panel.id).unwrap().remove(&whom);
        }
        world.entries += 1;
    }
    Some((what, expected, came, contract.into_iter().collect()))
}

fn opine(app: &App, world: &mut World, draw: &Draw, at: usize) -> Option<Told> {
    let contract = target(world, draw, at);
    let (panel, model) = (&world.panels[at], &world.models[contract]);
    let who = if draw.kind < 80 {
        // Who has not said anything yet comes first.
        let said = panel.line(contract).map(|l| &l.opinions);
        let silent = |p: &Someone| {
            panel.shown(contract, &p.actor.username).is_some()
                && said.is_some_and(|s| !s.contains_key(&p.actor.username))
        };
        world.one(draw, silent)
    } else {
        draw.person.index(world.people.len())
    };
    let someone = &world.people[who];
    let me = &someone.actor.username;
    // Mostly of one mind, so that something is concluded; the other amounts are few.
    let vote = [RECOGNISE, RECOGNISE, NOT_RECOGNISE, RECOGNISE_WITH_CHANGES][(panel.id as usize + contract) % 4];
    let vote = if draw.bits & 7 == 0 {
        draw.bits as usize >> 3 & 1
    } else {
        vote
    };
    let changed = [1, 500, model.technology, model.total + 1];
    let changed = if draw.bits >> 8 & 7 == 0 {
        *draw.other.get(&changed)
    } else {
        1
    };
    let changed = (vote == RECOGNISE_WITH_CHANGES).then_some(changed);
    let valid = draw.flaw >= 16;
    let shown = panel.shown(contract, me);
    let acted = [
        Some(&model.entered_by),
        model.submitted_by.as_ref(),
        model.claimed_by.as_ref(),
        model.confirmed_by.as_ref(),
    ];
    let expected = if !panel.sees(someone) {
        Outcome::NotFound
    } else if !someone.advises || !panel.members.contains(me) {
        Outcome::Forbidden
    } else if !panel.open() || shown.is_some_and(|l| l.on != On::Open || l.closed.is_some()) {
        Outcome::WrongState
    } else if shown.is_none() {
        Outcome::Invalid
    } else if acted.contains(&Some(me)) {
        Outcome::WrongState
    } else if !valid || changed.is_some_and(|fen| fen == model.technology || fen > model.total) {
        Outcome::Invalid
    } else {
        Outcome::Done
    };
    let input = OpinionInput {
        contract_id: Some(model.id),
        vote: Some(VOTES[vote].to_owned()),
        technology_amount_fen: changed,
        text: valid.then(|| "技术路线清楚".to_owned()),
        ..OpinionInput::default()
    };
    let what = format!(
        "{me} says {:?}, {changed:?}, {:?} of {model:?} on {panel:?}",
        input.vote, input.text
    );
    let command = desk::command(&someone.actor, None);
    let came = outcome_of(&app.block_on(give_opinion::give_opinion(&app.ctx, command, panel.id, Ok(input))));
    if expected == Outcome::Done && came == expected {
        let me = me.clone();
        let line = world.panels[at]
            .lines
            .iter_mut()
            .find(|l| l.contract == contract)
            .unwrap();
        line.opinions.insert(me, (vote, changed));
        world.entries += 1;
    }
    Some((what, expected, came, vec![contract]))
}

/// What the chair does next with a contract of the panel; sometimes what cannot be done with it.
fn preside(app: &App, world: &mut World, draw: &Draw, at: usize) -> Option<Told> {
    let contract = target(world, draw, at);
    let panel = &world.panels[at];
    let next = match panel.line(contract) {
        _ if draw.bits >> 10 & 7 == 0 => draw.bits >> 13 & 3,
        Some(line) if line.closed.is_none() => 0,
        Some(line) if panel.conclusion(line).is_none() => 1,
        _ => 2,
    };
    match next {
        0 => vote_on(app, world, draw, (at, contract), false),
        1 => vote_on(app, world, draw, (at, contract), true),
        _ => conclude(app, world, draw, (at, contract)),
    }
}

/// Closes a round of voting, or opens the next.
fn vote_on(app: &App, world: &mut World, draw: &Draw, (at, contract): (usize, usize), again: bool) -> Option<Told> {
    let (panel, model) = (&world.panels[at], &world.models[contract]);
    let who = if draw.kind < 80 {
        world.one(draw, |p| p.actor.username == panel.chair)
    } else {
        draw.person.index(world.people.len())
    };
    let someone = &world.people[who];
    let me = &someone.actor.username;
    let shown = panel.shown(contract, me);
    let possible = |line: &Line| match again {
        false => line.closed.is_none() && panel.quorum(line),
        true => line.closed.is_some() && panel.conclusion(line).is_none(),
    };
    let expected = if !panel.sees(someone) {
        Outcome::NotFound
    } else if !someone.advises || !panel.members.contains(me) || panel.chair != *me {
        Outcome::Forbidden
    } else if !panel.open() || shown.is_some_and(|l| l.on != On::Open) {
        Outcome::WrongState
    } else if shown.is_none() {
        Outcome::Invalid
    } else if !shown.is_some_and(possible) {
        Outcome::WrongState
    } else {
        Outcome::Done
    };
    let input = VotingInput {
        contract_id: Some(model.id),
    };
    let act = if again { "opens" } else { "closes" };
    let what = format!("{me} {act} voting on {:?} of {panel:?}", input.contract_id);
    let command = desk::command(&someone.actor, None);
    let came = if again {
        outcome_of(&app.block_on(open_voting::open_voting(&app.ctx, command, panel.id, Ok(input))))
    } else {
        outcome_of(&app.block_on(close_voting::close_voting(&app.ctx, command, panel.id, Ok(input))))
    };
    if expected == Outcome::Done && came == expected {
        let World { panels, models, .. } = world;
        let panel = &mut panels[at];
        let may = panel.line(contract).map(|l| panel.count(l).1);
        let out = panel.out.clone();
        let line = panel.lines.iter_mut().find(|l| l.contract == contract).unwrap();
        if again {
            (line.closed, line.round) = (None, line.round + 1);
            line.opinions.clear();
            // Who stays out of everything stays out of what is voted on anew.
            for member in out.iter().filter(|m| panel.members.contains(*m)) {
                line.out.insert(member.clone());
                models[contract].seats.get_mut(&panel.id).unwrap().remove(member);
            }
        } else {
            line.closed = may;
        }
        world.entries += 1;
    }
    Some((what, expected, came, vec![contract]))
}

fn conclude(app: &App, world: &mut World, draw: &Draw, (at, contract): (usize, usize)) -> Option<Told> {
    let (panel, model) = (&world.panels[at], &world.models[contract]);
    let who = if draw.kind < 80 {
        world.one(draw, |p| p.actor.username == panel.chair)
    } else {
        draw.person.index(world.people.len())
    };
    let someone = &world.people[who];
    let me = &someone.actor.username;
    let named = (draw.bits & 3 == 0).then_some(draw.bits as usize >> 2 & 1);
    let valid = draw.flaw >= 16;
    let shown = panel.shown(contract, me);
    let given = shown.and_then(|l| panel.conclusion(l));
    let expected = if !panel.sees(someone) {
        Outcome::NotFound
    } else if !someone.advises || !panel.members.contains(me) || panel.chair != *me {
        Outcome::Forbidden
    } else if !panel.open() || shown.is_some_and(|l| l.on != On::Open) {
        Outcome::WrongState
    } else if shown.is_none() {
        Outcome::Invalid
    } else if shown.is_some_and(|l| l.closed.is_none()) {
        Outcome::WrongState
    } else if !valid {
        Outcome::Invalid
    } else if given.is_none() {
        Outcome::WrongState
    } else if named.is_some_and(|n| given.is_some_and(|(vote, _)| n != vote)) {
        Outcome::Invalid
    } else {
        Outcome::Done
    };
    let input = ConcludeInput {
        contract_id: Some(model.id),
        conclusion: named.map(|n| VOTES[n].to_owned()),
        reason: valid.then(|| "多数意见".to_owned()),
    };
    let what = format!("{me} concludes {:?}, {:?} on {panel:?}", input.conclusion, input.reason);
    let command = desk::command(&someone.actor, None);
    let came = outcome_of(&app.block_on(conclude::conclude(&app.ctx, command, panel.id, Ok(input))));
    if expected == Outcome::Done && came == expected {
        let lines = &mut world.panels[at].lines;
        lines.iter_mut().find(|l| l.contract == contract).unwrap().on = On::Concluded;
        let model = &mut world.models[contract];
        (model.state, model.conclusion) = ("under_review", given);
        model.version += 1;
        model.acts += 1;
        world.entries += 1;
        world.concluded += 1;
    }
    Some((what, expected, came, vec![contract]))
}

/// Every panel as one person sees it: members, contracts, outcomes and counts; hidden where the model hides it.
pub fn agree(app: &App, who: &Someone, world: &World) -> Result<(), TestCaseError> {
    for panel in &world.panels {
        let seen = app.block_on(read::read(&app.ctx, who.actor.clone(), panel.id));
        if !panel.sees(who) {
            prop_assert!(
                matches!(seen, Err(Error::NotFound)),
                "{} sees {:?}",
                who.actor.username,
                panel
            );
            continue;
        }
        let view = seen.unwrap();
        prop_assert_eq!(view.review.state.id(), if panel.open() { "open" } else { "closed" });
        let members: BTreeSet<String> = view.review.members.iter().map(|m| m.username.clone()).collect();
        prop_assert_eq!(&members, &panel.members);
        let mut lines: Vec<_> = view
            .lines
            .iter()
            .map(|l| {
                (
                    l.contract.contract_id,
                    l.contract.outcome,
                    l.quorum.votes,
                    l.quorum.entitled,
                    l.contract.round(),
                    l.contract.closed_voting().is_some(),
                )
            })
            .collect();
        let shown = |l: &&Line| who.reviews || who.audits || panel.shown(l.contract, &who.actor.username).is_some();
        let mut expected: Vec<_> = panel
            .lines
            .iter()
            .filter(shown)
            .map(|l| {
                let (votes, may) = panel.count(l);
                (
                    world.models[l.contract].id,
                    l.on,
                    votes.len(),
                    may,
                    l.round,
                    l.closed.is_some(),
                )
            })
            .collect();
        lines.sort_by_key(|l| l.0);
        expected.sort_by_key(|l| l.0);
        prop_assert_eq!(lines, expected, "{:?} as {} sees it", panel, who.actor.username);
    }
    Ok(())
}
