//! Random sequences of acts by several people on several contracts, against a small model of the workflow kept here, with rules of
//! its own written by hand from the specification. Every outcome agrees with the model; ledger, contracts and statistics agree with
//! it after the acts.

use std::collections::BTreeMap;

use dengji::{
    domain::{
        account::{Actor, Role},
        contract::{Content, Contract},
        workflow::Action,
    },
    usecases::{
        Error,
        contracts::{OFFERED, history::history, read::read},
        ledger, statistics,
    },
};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use serde_json::{Value, json};

use crate::support::{
    App, Backend, Person, both,
    desk::{self, Input, NON_TECHNOLOGY, complete_content, moved, with_technology},
};

/// Acts tried on each database in an ordinary run, of which more than half are done.
const ORDINARY: u64 = 4000;

/// Acts of one sequence, which has a store of its own.
const ACTS: usize = 400;

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
}

fn draws() -> impl Strategy<Value = Vec<Draw>> {
    use prop::sample::Index;
    let technology = prop_oneof![Just(1), Just(500_000_000), 1..9_900_000_000_i64];
    let one = (
        0..100_u8,
        any::<Index>(),
        any::<Index>(),
        any::<Index>(),
        0..100_u8,
        technology,
        0..15_000_i64,
    )
        .prop_map(|(kind, person, contract, action, flaw, technology, seconds)| Draw {
            kind,
            person,
            contract,
            action,
            flaw,
            technology,
            seconds,
        });
    prop::collection::vec(one, ACTS)
}

/// What an act must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    NotFound,
    Forbidden,
    VersionMissing,
    Stale,
    WrongState,
    Invalid,
}

/// A person: what the program is handed, and what the model goes by.
struct Someone {
    actor: Actor,
    registers: bool,
    reviews: bool,
    certified: bool,
    audits: bool,
    /// Code of the agency; none is empty.
    agency: &'static str,
}

fn people(app: &App) -> Vec<Someone> {
    let person = |who: Person, registers, reviews, certified, agency| {
        app.person(who);
        let actor = desk::actor(app, who.username());
        let audits = who == Person::Auditor;
        Someone {
            actor,
            registers,
            reviews,
            certified,
            audits,
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
        agency: "",
    });
    people
}

/// A contract as the model has it; `gone` once it was discarded.
#[derive(Debug, Clone)]
struct Model {
    id: i64,
    agency: &'static str,
    state: &'static str,
    version: i64,
    acts: usize,
    entered_by: String,
    submitted_by: Option<String>,
    claimed_by: Option<String>,
    confirmed_by: Option<String>,
    refused_by: Option<String>,
    ended_by: Option<String>,
    /// Number (made of an amount) and day of the last report.
    reported: Option<(i64, String)>,
    /// A change was asked for and nobody decided; approvals are not drawn here.
    asked: bool,
    confirmed_in: i32,
    complete: bool,
    technology: i64,
    total: i64,
}

impl Model {
    fn sees(&self, who: &Someone) -> bool {
        who.audits || (who.registers && who.agency == self.agency) || (who.reviews && self.state != "draft")
    }

    /// Whether the person may do this, whatever the state.
    fn may(&self, who: &Someone, action: Action) -> bool {
        let me = Some(&who.actor.username);
        let own = me == Some(&self.entered_by) || me == self.submitted_by.as_ref() || who.agency == self.agency;
        let registers = who.registers && who.agency == self.agency;
        let reviews = who.reviews && !own;
        let unclaimed_or_mine = self.claimed_by.is_none() || self.claimed_by.as_ref() == me;
        match action.id() {
            "edit" | "discard" | "withdraw" | "amend" | "cancel" => registers,
            "submit" => registers && who.certified,
            "claim" => reviews,
            "release" | "return" | "refer" | "recall" | "confirm" | "refuse" => reviews && unclaimed_or_mine,
            "reassign" => reviews && self.claimed_by.as_ref() != me,
            "revoke" => reviews && self.confirmed_by.as_ref() != me,
            "reinstate" => reviews && self.ended_by.as_ref() != me,
            "reopen" => reviews && self.refused_by.as_ref() != me,
            "report" => registers || who.reviews,
            _ => false,
        }
    }

    fn leads_to(&self, action: Action) -> Option<&'static str> {
        match (self.state, action.id()) {
            ("draft", "edit") => Some("draft"),
            ("returned", "edit") => Some("returned"),
            ("draft", "discard") => Some("gone"),
            ("draft" | "returned", "submit") => Some("submitted"),
            ("submitted" | "returned", "withdraw") => Some("withdrawn"),
            ("submitted", "claim") => Some("under_review"),
            ("under_review", "release") => Some("submitted"),
            ("under_review", "reassign") => Some("under_review"),
            ("under_review", "return") => Some("returned"),
            ("under_review", "refer") => Some("expert_review"),
            ("expert_review", "recall") => Some("under_review"),
            ("under_review", "confirm") => Some("confirmed"),
            ("under_review", "refuse") => Some("refused"),
            ("confirmed", "amend" | "cancel") => (!self.asked).then_some("confirmed"),
            ("confirmed", "report") => Some("confirmed"),
            ("confirmed", "revoke") => Some("revoked"),
            ("revoked", "reinstate") => Some("confirmed"),
            ("refused", "reopen") => Some("submitted"),
            _ => None,
        }
    }

    fn expect(&self, who: &Someone, action: Action, version: Option<i64>, input: Input) -> Outcome {
        if self.state == "gone" || !self.sees(who) {
            return Outcome::NotFound;
        }
        if !self.may(who, action) {
            return Outcome::Forbidden;
        }
        let Some(version) = version else {
            return Outcome::VersionMissing;
        };
        if version != self.version {
            let taken = action == Action::Claim && self.state == "under_review";
            return if taken { Outcome::WrongState } else { Outcome::Stale };
        }
        if self.leads_to(action).is_none() {
            return Outcome::WrongState;
        }
        let wrong = match (action.id(), input) {
            ("claim" | "release" | "discard", _) => false,
            ("submit", _) if !self.complete => true,
            ("confirm", Input::Valid(fen)) => fen > self.total,
            (_, input) => input == Input::Invalid,
        };
        if wrong { Outcome::Invalid } else { Outcome::Done }
    }

    /// What a successful act makes of the contract.
    fn follow(&mut self, who: &Someone, action: Action, input: Input, today: &str) {
        let year = today[..4].parse().unwrap();
        let me = Some(who.actor.username.clone());
        let state = self.leads_to(action).unwrap();
        match (action.id(), input) {
            // Nothing changes, nothing is written.
            ("edit", Input::Valid(fen)) if self.complete && self.technology == fen => return,
            ("edit", Input::Valid(fen)) => {
                (self.technology, self.total) = (fen, fen + NON_TECHNOLOGY);
                self.complete = true;
            }
            ("submit", _) => self.submitted_by = me,
            ("claim" | "reassign", _) => self.claimed_by = me,
            ("release" | "return", _) => self.claimed_by = None,
            ("refuse", _) => {
                self.claimed_by = None;
                self.refused_by = me;
            }
            ("reopen", _) => self.refused_by = None,
            ("amend" | "cancel", _) => self.asked = true,
            ("revoke", _) => {
                self.ended_by = me;
                self.asked = false;
            }
            ("reinstate", _) => self.ended_by = None,
            // The same report on the same day changes nothing.
            ("report", Input::Valid(fen)) => {
                let report = Some((fen, today.to_owned()));
                if self.reported == report {
                    return;
                }
                self.reported = report;
            }
            ("confirm", Input::Valid(fen)) => {
                self.claimed_by = None;
                self.confirmed_by = me;
                self.confirmed_in = year;
                self.technology = fen;
            }
            _ => {}
        }
        self.state = state;
        self.version += 1;
        self.acts += 1;
    }
}

fn outcome_of(result: &Result<Option<Contract>, Error>) -> Outcome {
    match result {
        Ok(_) => Outcome::Done,
        Err(Error::NotFound) => Outcome::NotFound,
        Err(Error::Forbidden(_)) => Outcome::Forbidden,
        Err(Error::VersionMissing) => Outcome::VersionMissing,
        Err(Error::Stale { .. }) => Outcome::Stale,
        // A second request beside an open one; the number reported is the contract's own.
        Err(Error::WrongState(_) | Error::Conflict(_)) => Outcome::WrongState,
        Err(Error::Invalid(_)) => Outcome::Invalid,
        Err(other) => panic!("{other:?}"),
    }
}

/// The contract as it stands: the store's row and the replayed ledger agree with the model.
fn contract_agrees(app: &App, auditor: &Actor, model: &Model) -> Result<(), TestCaseError> {
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
        prop_assert_eq!(&entry.from, &state, "{:?}", entry);
        state.clone_from(&entry.to);
        // What is told of requests and reports beside the contract is not the contract's.
        let beside = |pointer: &str| pointer.starts_with("/change_requests/") || pointer == "/reported_on";
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
fn statistics_agree(app: &App, models: &[Model]) -> Result<(), TestCaseError> {
    for year in [2026, 2027] {
        let figures = app.block_on(statistics::annual(&app.ctx, year, None, None)).unwrap();
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

fn play(backend: Backend, draws: &[Draw]) -> Result<(), TestCaseError> {
    let app = App::start_at(backend, "2026-12-20T08:00:00+08:00");
    let people = people(&app);
    let auditor = &people.iter().find(|p| p.audits).unwrap().actor;
    let base = app.block_on(ledger::head(&app.ctx)).unwrap().sequence;
    let mut models: Vec<Model> = Vec::new();
    let mut numbers: BTreeMap<(i32, &str), u32> = BTreeMap::new();
    let mut acts = 0;
    for (n, draw) in draws.iter().enumerate() {
        app.pass_seconds(draw.seconds);
        let today = app.ctx.clock.today().to_string();
        let year: i32 = today[..4].parse().unwrap();
        if models.is_empty() || draw.kind < 10 {
            let registrars: Vec<&Someone> = people.iter().filter(|p| p.registers).collect();
            let who = *draw.person.get(&registrars);
            let mut content = with_technology(complete_content(u32::try_from(n).unwrap()), draw.technology);
            let complete = draw.flaw >= 30;
            content.summary = content.summary.filter(|_| complete);
            let contract = desk::enter(&app, &who.actor, content).unwrap();
            acts += 1;
            models.push(Model {
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
            });
            continue;
        }
        let all: Vec<(&Someone, Action)> = people.iter().flat_map(|p| OFFERED.map(|a| (p, a))).collect();
        let allowed = |model: &Model| -> Vec<(&Someone, Action)> {
            let open = |p: &Someone, a: Action| model.sees(p) && model.may(p, a) && model.leads_to(a).is_some();
            // What ends a life before it has begun is chosen less often.
            let ends = |a: Action| matches!(a, Action::Discard | Action::Withdraw | Action::Refuse);
            let chosen = |a: Action| !ends(a) || draw.kind % 6 == 0;
            all.iter().copied().filter(|(p, a)| open(p, *a) && chosen(*a)).collect()
        };
        let live: Vec<usize> = (0..models.len())
            .filter(|at| !allowed(&models[*at]).is_empty())
            .collect();
        let guided = draw.kind < 80 && !live.is_empty();
        let at = if guided {
            *draw.contract.get(&live)
        } else {
            draw.contract.index(models.len())
        };
        let model = models[at].clone();
        let (who, action) = *draw.action.get(&if guided { allowed(&model) } else { all.clone() });
        let version = match draw.flaw {
            0..8 => None,
            8..16 => Some(model.version - 1),
            _ => Some(model.version),
        };
        let input = match draw.flaw {
            16..26 => Input::Invalid,
            _ => Input::Valid(draw.technology),
        };
        let expected = model.expect(who, action, version, input);
        let result = desk::act(&app, &who.actor, action, model.id, version, input);
        let name = &who.actor.username;
        prop_assert_eq!(
            outcome_of(&result),
            expected,
            "act {}: {} {:?} with {:?} and {:?} on {:?}",
            n,
            name,
            action,
            version,
            input,
            model
        );
        if expected == Outcome::Done {
            let model = &mut models[at];
            model.follow(who, action, input, &today);
            if action == Action::Confirm {
                let count = numbers.entry((year, model.agency)).or_default();
                *count += 1;
                let number = format!("{year}{}{}", model.agency, 500_000 + *count);
                prop_assert_eq!(result.unwrap().unwrap().registration_number, Some(number));
            }
        }
        acts += models[at].acts - model.acts;
        contract_agrees(&app, auditor, &models[at])
            .map_err(|e| TestCaseError::fail(format!("after act {n}, {name} {action:?}: {e}")))?;
        if n % 30 == 29 {
            statistics_agree(&app, &models).map_err(|e| TestCaseError::fail(format!("after act {n}: {e}")))?;
        }
    }
    for model in &models {
        contract_agrees(&app, auditor, model)?;
    }
    statistics_agree(&app, &models)?;
    let verification = app.block_on(ledger::verify(&app.ctx)).unwrap();
    prop_assert_eq!(verification.fault, None);
    // One entry an act, and none for what was refused.
    prop_assert_eq!(verification.head.sequence - base, i64::try_from(acts).unwrap());
    // The sequence went somewhere: a test that only ever meets refusals shows nothing.
    prop_assert!(
        acts > ACTS / 2 && models.iter().any(|m| m.confirmed_in > 0),
        "{} acts",
        acts
    );
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
