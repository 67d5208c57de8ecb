//! Random sequences of acts by several people on several contracts, panels and self-audits, against a small model of the workflow
//! kept here, with rules of its own written by hand from the specification. Every outcome agrees with the model; ledger, contracts,
//! who sees them, panels, self-audits and statistics agree with it after the acts.

mod agree;
mod audits;
mod model;
mod panels;

use std::collections::{BTreeMap, BTreeSet};

use dengji::{
    domain::{account::Role, time::Moment, workflow::Action},
    storage::moments,
    usecases::{Context, contracts::OFFERED, ledger},
};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};

use self::{
    agree::{contract_agrees, sight_agrees, statistics_agree},
    audits::Audit,
    model::{Model, Outcome, Someone, outcome_of},
    panels::Panel,
};
use crate::support::{
    App, Backend, Person, both,
    desk::{self, Input, NON_TECHNOLOGY, complete_content, moved, with_technology},
    papers,
};

/// Acts tried on each database in an ordinary run, of which more than half are done.
const ORDINARY: u64 = 4000;

/// How far the clocks of the two servers that the acts come to are off, seconds.
const SKEWS: [i64; 2] = [3600, -3600];

/// Between which acts the first server's clock is a day behind beside that.
const SET_BACK: std::ops::Range<usize> = 300..500;

/// Acts of one sequence, which has a store of its own, and in which some five weeks pass.
const ACTS: usize = 1000;

/// A number of the environment.
fn of_environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// One act, to be chosen when the model is known.
#[derive(Debug, Clone)]
struct Draw {
    /// Below 10: enter a new contract; below 80: an act that the model allows, if there is one; else anything.
    kind: u8,
    person: prop::sample::Index,
    contract: prop::sample::Index,
    action: prop::sample::Index,
    /// Below 8: no version; below 16: an old version; below 26: invalid input.
    flaw: u8,
    /// In fen.
    technology: i64,
    seconds: i64,
    /// Below 60: an act on a contract; below 88: on a panel; else on a self-audit.
    noun: u8,
    /// Which act on it.
    choice: u8,
    panel: prop::sample::Index,
    other: prop::sample::Index,
    bits: u64,
}

fn draws() -> impl Strategy<Value = Vec<Draw>> {
    use prop::sample::Index;
    let technology = prop_oneof![Just(1), Just(500_000_000), 1..9_900_000_000_i64];
    let one = (
        (0..100_u8, any::<Index>(), any::<Index>(), any::<Index>()),
        (0..100_u8, technology, 0..6_000_i64),
        (0..100_u8, any::<u8>(), any::<Index>(), any::<Index>(), any::<u64>()),
    )
        .prop_map(|(act, values, more)| {
            let (kind, person, contract, action) = act;
            let (flaw, technology, seconds) = values;
            let (noun, choice, panel, other, bits) = more;
            Draw {
                kind,
                person,
                contract,
                action,
                flaw,
                technology,
                seconds,
                noun,
                choice,
                panel,
                other,
                bits,
            }
        });
    prop::collection::vec(one, ACTS)
}

fn people(app: &App) -> Vec<Someone> {
    let person = |who: Person, registers, reviews, certified, agency| {
        app.person(who);
        let actor = desk::actor(app, who.username());
        let audits = who == Person::Auditor;
        let checks = reviews;
        Someone {
            actor,
            registers,
            reviews,
            certified,
            audits,
            advises: false,
            checks,
            agency,
        }
    };
    let mut people = vec![
        person(Person::Registrar, true, false, true, "660008"),
        person(Person::Colleague, true, false, true, "660008"),
        person(Person::OtherRegistrar, true, false, true, "660001"),
        person(Person::Uncertified, true, false, false, "660008"),
        person(Person::Reviewer, false, true, false, ""),
        person(Person::Reviewer2, false, true, false, ""),
        person(Person::ReviewingRegistrar, true, true, false, "660008"),
        person(Person::Auditor, false, false, false, ""),
        person(Person::Administrator, false, false, false, ""),
    ];
    // One who registers at some times and reviews at others, elsewhere.
    let actor = moved("colleague", &[Role::Reviewer]);
    people.push(Someone {
        actor,
        registers: false,
        reviews: true,
        certified: false,
        audits: false,
        advises: false,
        checks: false,
        agency: "",
    });
    let experts = [
        "expert1",
        "expert2",
        "expert3",
        "expert4",
        "expert5",
        "reviewing-expert",
    ];
    for username in experts {
        let reviews = username == "reviewing-expert";
        let roles: &[Role] = if reviews {
            &[Role::Expert, Role::Reviewer]
        } else {
            &[Role::Expert]
        };
        app.add_user(username, roles, None, None);
        people.push(Someone {
            actor: desk::actor(app, username),
            registers: false,
            reviews,
            certified: false,
            audits: false,
            advises: true,
            checks: reviews,
            agency: "",
        });
    }
    people
}

/// Everything that the model knows.
struct World {
    people: Vec<Someone>,
    models: Vec<Model>,
    panels: Vec<Panel>,
    audits: Vec<Audit>,
    /// Last running number of an agency's year.
    numbers: BTreeMap<(i32, &'static str), u32>,
    /// Entries of the ledger beside those of acts on one contract.
    entries: usize,
    /// How often experts concluded, and how many contracts a self-audit revoked.
    concluded: usize,
    revoked: usize,
}

impl World {
    /// Someone of whom this holds; anyone where it holds of nobody.
    fn one(&self, draw: &Draw, holds: impl Fn(&Someone) -> bool) -> usize {
        let those: Vec<usize> = (0..self.people.len()).filter(|p| holds(&self.people[*p])).collect();
        if those.is_empty() {
            draw.person.index(self.people.len())
        } else {
            *draw.person.get(&those)
        }
    }

    /// Usernames of those of whom this holds.
    fn names(&self, holds: impl Fn(&Someone) -> bool) -> Vec<String> {
        let those = self
            .people
            .iter()
            .filter(|p| holds(p))
            .map(|p| p.actor.username.clone());
        those.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn acts(&self) -> usize {
        self.entries + self.models.iter().map(|m| m.acts).sum::<usize>()
    }
}

/// Enters a contract.
fn enter(app: &App, world: &mut World, draw: &Draw, n: usize) {
    let registrars: Vec<&Someone> = world.people.iter().filter(|p| p.registers).collect();
    let who = *draw.person.get(&registrars);
    let mut content = with_technology(complete_content(u32::try_from(n).unwrap()), draw.technology);
    let complete = draw.flaw >= 30;
    content.summary = content.summary.filter(|_| complete);
    let contract = desk::enter(app, &who.actor, content).unwrap();
    world.models.push(Model {
        id: contract.id,
        agency: who.agency,
        state: "draft",
        version: 1,
        acts: 1,
        entered_by: who.actor.username.clone(),
        submitted_by: None,
        claimed_by: None,
        confirmed_by: None,
        refused_by: None,
        ended_by: None,
        reported: None,
        asked: false,
        confirmed_in: 0,
        complete,
        technology: draw.technology,
        total: draw.technology + NON_TECHNOLOGY,
        workers: BTreeSet::from([who.actor.username.clone()]),
        seats: BTreeMap::new(),
        conclusion: None,
    });
}

/// What was done, what it had to come to, what it came to, and the contracts it touched, by their places.
type Told = (String, Outcome, Outcome, Vec<usize>);

/// One of the offered acts on one contract.
fn act(app: &App, world: &mut World, draw: &Draw) -> Result<Told, TestCaseError> {
    let today = app.ctx.clock.today().to_string();
    let people = &world.people;
    let all: Vec<(&Someone, Action)> = people.iter().flat_map(|p| OFFERED.map(|a| (p, a))).collect();
    let allowed = |model: &Model| -> Vec<(&Someone, Action)> {
        let open = |p: &Someone, a: Action| model.sees(p) && model.may(p, a) && model.leads_to(a).is_some();
        // What ends a life before it has begun, or a panel before it has met, is chosen less often.
        let ends = |a: Action| matches!(a, Action::Discard | Action::Withdraw | Action::Refuse);
        let delays = |a: Action| {
            use Action as A;
            matches!(a, A::Edit | A::Release | A::Reassign | A::Return | A::Report)
        };
        let chosen = |a: Action| {
            (!ends(a) || draw.kind.is_multiple_of(6))
                && (a != Action::Recall || draw.kind.is_multiple_of(24))
                && (!delays(a) || draw.kind.is_multiple_of(4))
        };
        all.iter().copied().filter(|(p, a)| open(p, *a) && chosen(*a)).collect()
    };
    let first = draw.contract.index(world.models.len());
    let mut from_there = (first..world.models.len()).chain(0..first);
    let live = from_there.find(|at| draw.kind < 80 && !allowed(&world.models[*at]).is_empty());
    let (guided, at) = (live.is_some(), live.unwrap_or(first));
    let model = world.models[at].clone();
    let (who, action) = *draw.action.get(&if guided { allowed(&model) } else { all.clone() });
    let version = match draw.flaw {
        0..8 => None,
        8..16 => Some(model.version - 1),
        _ => Some(model.version),
    };
    let input = match draw.flaw {
        16..26 => Input::Invalid,
        26..55 => Input::Noted(draw.technology),
        _ => Input::Valid(draw.technology),
    };
    let expected = model.expect(who, action, version, input);
    let result = desk::act(app, &who.actor, action, model.id, version, input);
    let what = format!(
        "{} {action:?} with {version:?} and {input:?} on {model:?}",
        who.actor.username
    );
    let came = outcome_of(&result);
    if expected == Outcome::Done && came == expected {
        world.models[at].follow(who, action, input, &today);
        if action == Action::Recall {
            panels::recalled(world, at);
        }
        if action == Action::Confirm {
            let year: i32 = today[..4].parse().unwrap();
            let count = world.numbers.entry((year, model.agency)).or_default();
            *count += 1;
            let number = format!("{year}{}{}", model.agency, 500_000 + *count);
            prop_assert_eq!(result.unwrap().unwrap().registration_number, Some(number));
        }
    }
    Ok((what, expected, came, vec![at]))
}

/// When the last act happened, by the ledgers.
fn last_moment(app: &App) -> Option<Moment> {
    app.block_on(app.ctx.store.read(moments::last)).unwrap()
}

/// Lets time pass on every machine.
fn pass_seconds(servers: &[Context], seconds: i64) {
    for server in servers {
        server.clock.set(server.clock.shown().plus_seconds(seconds));
    }
}

fn play(backend: Backend, draws: &[Draw]) -> Result<(), TestCaseError> {
    let mut app = App::start_at(backend, "2026-12-20T08:00:00+08:00");
    let people = people(&app);
    let servers = SKEWS.map(|skew| app.another_server(&format!("{skew}"), skew).remembering());
    let mut before = last_moment(&app);
    let auditor = people.iter().find(|p| p.audits).unwrap().actor.clone();
    let base = app.block_on(ledger::head(&app.ctx)).unwrap().sequence;
    let mut entries = 0;
    let mut world = World {
        people,
        models: Vec::new(),
        panels: Vec::new(),
        audits: Vec::new(),
        numbers: BTreeMap::new(),
        entries: 0,
        concluded: 0,
        revoked: 0,
    };
    for (n, draw) in draws.iter().enumerate() {
        pass_seconds(&servers, draw.seconds);
        if n == SET_BACK.start || n == SET_BACK.end {
            let back = if n == SET_BACK.start { -86_400 } else { 86_400 };
            servers[0].clock.step(back);
        }
        let server = &servers[draw.bits.count_ones() as usize % 2];
        app.remembering = server.clone();
        app.ctx = Context {
            facts: None,
            ..server.clone()
        };
        // Whoever asks what day it is knows of what was done elsewhere.
        let last = last_moment(&app);
        prop_assert!(last >= before, "the ledger's end went back before act {}", n);
        before = last;
        if world.models.is_empty() || draw.kind < 4 {
            enter(&app, &mut world, draw, n);
            entries = app.block_on(ledger::head(&app.ctx)).unwrap().sequence - base;
            continue;
        }
        let (what, expected, came, touched) = match draw.noun {
            60..88 => panels::act(&app, &mut world, draw),
            88.. => audits::act(&app, &mut world, draw, &auditor)?,
            _ => None,
        }
        .map_or_else(|| act(&app, &mut world, draw), Ok)?;
        prop_assert_eq!(came, expected, "act {}: {}", n, what);
        let last = last_moment(&app);
        // What changed nothing is no act.
        let entered = app.block_on(ledger::head(&app.ctx)).unwrap().sequence - base;
        prop_assert!(
            last > before || entered == entries,
            "act {} is not later than the one before: {}",
            n,
            what
        );
        prop_assert!(last >= before);
        entries = entered;
        let after = |e| TestCaseError::fail(format!("after act {n}, {what}: {e}"));
        let eye = &world.people[draw.other.index(world.people.len())];
        for at in touched {
            contract_agrees(&app, &auditor, &world.models[at]).map_err(after)?;
            sight_agrees(&app, eye, &world.models[at]).map_err(after)?;
        }
        if n % 30 == 29 {
            statistics_agree(&app, &world.models).map_err(after)?;
            panels::agree(&app, eye, &world).map_err(after)?;
            audits::agree(&app, &auditor, &world).map_err(after)?;
        }
    }
    for model in &world.models {
        contract_agrees(&app, &auditor, model)?;
        for who in &world.people {
            sight_agrees(&app, who, model)?;
        }
    }
    for who in &world.people {
        panels::agree(&app, who, &world)?;
    }
    audits::agree(&app, &auditor, &world)?;
    statistics_agree(&app, &world.models)?;
    let verification = app.block_on(ledger::verdict::verify(&app.ctx, None)).unwrap().ledger;
    prop_assert_eq!(verification.fault, None);
    // Whatever was done, each row is bound by an entry.
    let faults = app.block_on(papers::register_faults(&app.ctx));
    prop_assert_eq!(&faults, &[]);
    // One entry an act, and none for what was refused.
    prop_assert_eq!(verification.head.sequence - base, i64::try_from(world.acts()).unwrap());
    // The sequence went somewhere: a test that only ever meets refusals shows nothing.
    let confirmed = world.models.iter().filter(|m| m.confirmed_in > 0).count();
    let reached = [world.acts(), confirmed, world.concluded, world.revoked];
    println!("acts done, contracts confirmed, concluded by experts, revoked by self-audits: {reached:?}");
    prop_assert!(world.acts() > ACTS / 3 && confirmed > 0, "{:?}", reached);
    Ok(())
}

both! {
    /// `DENGJI_MODEL_ACTS` is how many acts are tried, `DENGJI_MODEL_SEED` the seed of the first sequence; the next has the next.
    fn every_sequence_of_acts_agrees_with_the_model(app: &App) {
        let acts = of_environment("DENGJI_MODEL_ACTS").unwrap_or(ORDINARY);
        let first = of_environment("DENGJI_MODEL_SEED").unwrap_or(1);
        for seed in first..first + acts.div_ceil(ACTS as u64) {
            let config = Config { cases: 1, max_shrink_iters: 0, failure_persistence: None, ..Config::default() };
            let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed.to_le_bytes(); 4].concat());
            let mut runner = TestRunner::new_with_rng(config, rng);
            let draws = draws().new_tree(&mut runner).unwrap().current();
            // A failure of any kind, a panic below as well, names the seed.
            let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play(app.backend, &draws)));
            let again = format!("again with DENGJI_MODEL_SEED={seed} DENGJI_MODEL_ACTS={ACTS}");
            match told {
                Ok(Ok(())) => {}
                Ok(Err(reason)) => panic!("{:?}, seed {seed} ({again}): {reason}", app.backend),
                Err(panic) => {
                    eprintln!("{:?}, seed {seed} ({again})", app.backend);
                    std::panic::resume_unwind(panic);
                }
            }
        }
    }
}
