//! The second part of the matrix: contracts that an expert panel has or had before it, and those who sit there, stay out, chair it.

use std::collections::{BTreeMap, BTreeSet};

use dengji::{
    domain::{
        account::Role,
        contract::Contract,
        workflow::{Action, State},
    },
    usecases::expert_reviews::{
        Answer,
        close_voting::{VotingInput, close_voting},
        conclude::{ConcludeInput, conclude},
        convene::{ConveneInput, convene},
        give_opinion::{OpinionInput, give_opinion},
        recuse::{RecuseInput, recuse},
    },
};
use serde_json::{Value, json};

use super::{Matrix, agree, attempt, file, outcome, written};
use crate::support::{
    App, Client, Person, both,
    desk::{self, Input, Staff, actor, command, complete_content},
};

/// States that a contract can be in once a panel had it before it.
const REACHED: [State; 9] = [
    State::Submitted,
    State::UnderReview,
    State::ExpertReview,
    State::Returned,
    State::Confirmed,
    State::Refused,
    State::Withdrawn,
    State::Cancelled,
    State::Revoked,
];

/// Acts on the panel.
const ON_PANEL: [&str; 4] = ["panel", "opine", "recuse", "conclude"];

/// Who sits on every panel here, the chair first; the last two stay out of the contract.
const MEMBERS: [&str; 5] = [
    "chair",
    "panel-member",
    "member-reviewer",
    "recused",
    "recused-reviewer",
];

/// A contract before its panel, as auditors see it, and the panel's key.
struct Case {
    contract: Value,
    panel: i64,
}

fn done<T>(answer: Answer<T>) -> T {
    match answer {
        Answer::Done(value) => value,
        Answer::Repeated(_) => panic!("nothing carries a key here"),
    }
}

/// Convenes the panel over a contract that waits for it; who is to stay out does, the others vote.
fn sit(app: &App, contract: &Contract) -> i64 {
    let input = ConveneInput {
        title: Some("论证".to_owned()),
        held_on: Some(app.ctx.clock.today()),
        chair: Some(MEMBERS[0].to_owned()),
        experts: Some(MEMBERS.map(str::to_owned).to_vec()),
        contracts: Some(vec![contract.id]),
    };
    let panel = app.block_on(convene(&app.ctx, command(&actor(app, "reviewer"), None), Ok(input)));
    let panel = done(panel.unwrap()).review.id;
    for name in &MEMBERS[3..] {
        let input = RecuseInput {
            contract_id: Some(contract.id),
            reason: Some("亲属任职".to_owned()),
            ..RecuseInput::default()
        };
        app.block_on(recuse(&app.ctx, command(&actor(app, name), None), panel, Ok(input)))
            .unwrap();
    }
    for name in &MEMBERS[..3] {
        let input = OpinionInput {
            contract_id: Some(contract.id),
            vote: Some("recognise".to_owned()),
            text: Some("同意".to_owned()),
            ..OpinionInput::default()
        };
        app.block_on(give_opinion(
            &app.ctx,
            command(&actor(app, name), None),
            panel,
            Ok(input),
        ))
        .unwrap();
    }
    panel
}

/// A contract that went before a panel, brought into a state.
fn bring(app: &App, staff: &Staff, n: u32, state: State) -> Case {
    use Action as A;
    let waiting = staff.bring(app, complete_content(n), State::ExpertReview);
    let panel = sit(app, &waiting);
    let id = waiting.id;
    if state != State::ExpertReview {
        let voting = VotingInput { contract_id: Some(id) };
        let chair = command(&actor(app, "chair"), None);
        app.block_on(close_voting(&app.ctx, chair, panel, Ok(voting))).unwrap();
        let input = ConcludeInput {
            contract_id: Some(id),
            reason: Some("同意".to_owned()),
            conclusion: None,
        };
        app.block_on(conclude(
            &app.ctx,
            command(&actor(app, "chair"), None),
            panel,
            Ok(input),
        ))
        .unwrap();
    }
    let steps: &[Action] = match state {
        State::Submitted => &[A::Release],
        State::Returned => &[A::Return],
        State::Confirmed => &[A::Confirm],
        State::Refused => &[A::Refuse],
        State::Withdrawn => &[A::Return, A::Withdraw],
        State::Cancelled => &[A::Confirm, A::Cancel],
        State::Revoked => &[A::Confirm, A::Revoke],
        _ => &[],
    };
    let auditor = desk::moved("auditor", &[Role::Auditor]);
    let seen = app.block_on(dengji::usecases::contracts::read::read(&app.ctx, auditor, id));
    let contract = staff.go_on(app, seen.unwrap().contract, steps, Input::Noted(100_000_000));
    assert_eq!(contract.state, state);
    let contract = app.person(Person::Auditor).get(&format!("/contracts/{id}")).expect(200);
    Case { contract, panel }
}

/// Tries an act on the panel; the status.
fn attempt_on_panel(client: &Client, person: &str, act: &str, case: &Case) -> u16 {
    let path = |below: &str| format!("/expert-reviews/{}{below}", case.panel);
    let id = &case.contract["id"];
    let whom = if MEMBERS.contains(&person) {
        person
    } else {
        "panel-member"
    };
    match act {
        "panel" => client.get(&path("")).status,
        "opine" => {
            client
                .post(
                    &path("/opinions"),
                    &json!({"contract_id": id, "vote": "recognise", "text": "同意"}),
                )
                .status
        }
        "recuse" => {
            client
                .post(
                    &path("/recusals"),
                    &json!({"contract_id": id, "username": whom, "reason": "亲属任职"}),
                )
                .status
        }
        // Voting is closed first, by whoever concludes.
        "conclude" => match client.post(&path("/close-voting"), &json!({"contract_id": id})).status {
            200 => {
                let body = json!({"contract_id": id, "reason": "同意"});
                client.post(&path("/conclude"), &body).status
            }
            refused => {
                let body = json!({"contract_id": id, "reason": "同意"});
                assert_eq!(client.post(&path("/conclude"), &body).status, refused, "{person}");
                refused
            }
        },
        other => panic!("{other}"),
    }
}

both! {
    fn everyone_tries_everything_on_what_a_panel_has_or_had(app: &App) {
        let written = written(&file().1);
        let people: BTreeSet<&str> = written.keys().map(|(p, _, _)| p.as_str()).collect();
        let tried: BTreeSet<&str> = written.keys().map(|(_, a, _)| a.as_str()).filter(|a| *a != "read").collect();
        let offered = dengji::usecases::contracts::OFFERED.iter().map(|a| a.id());
        assert_eq!(tried, offered.chain(ON_PANEL).collect(), "the file has the acts that are offered, and those on the panel");
        assert_eq!(written.len(), people.len() * (tried.len() + 1) * REACHED.len(), "the file is complete");

        let mut clients: BTreeMap<&str, Client> = BTreeMap::new();
        for (name, reviews) in MEMBERS.iter().zip([false, false, true, false, true]) {
            let roles = if reviews { vec![Role::Expert, Role::Reviewer] } else { vec![Role::Expert] };
            clients.insert(name, app.add_user(name, &roles, None, None));
        }
        for person in Person::ALL {
            if people.contains(person.username()) {
                clients.insert(person.username(), app.person(person));
            }
        }
        assert_eq!(clients.keys().copied().collect::<BTreeSet<_>>(), people);
        let registrar = actor(app, "registrar");
        let staff = Staff {
            enterer: registrar.clone(),
            submitter: registrar,
            reviewer: actor(app, "reviewer"),
            revoker: actor(app, "reviewer2"),
        };
        let auditor = &clients["auditor"];
        let mut n = 0;
        let mut found = Matrix::new();
        for state in REACHED {
            let mut fresh = || {
                n += 1;
                bring(app, &staff, n, state)
            };
            let mut case = fresh();
            for (person, client) in &clients {
                let cell = |act: &str| ((*person).to_owned(), act.to_owned(), state.id().to_owned());
                let mut may = BTreeSet::new();
                for act in &tried {
                    let on_panel = ON_PANEL.contains(act);
                    let status = if on_panel {
                        attempt_on_panel(client, person, act, &case)
                    } else {
                        attempt(client, act, &case.contract)
                    };
                    let outcome = outcome(status);
                    if outcome == "ok" && *act != "panel" {
                        if !on_panel {
                            may.insert(*act);
                        }
                        case = fresh();
                    } else {
                        let after = auditor.get(&format!("/contracts/{}", case.contract["id"])).expect(200);
                        assert_eq!(after, case.contract, "{person} {act} {} was refused", state.id());
                    }
                    found.insert(cell(act), outcome);
                }
                let seen = client.get(&format!("/contracts/{}", case.contract["id"]));
                found.insert(cell("read"), outcome(seen.status));
                if seen.status == 200 {
                    let available = seen.json()["available_actions"].clone();
                    let available: BTreeSet<&str> = available.as_array().unwrap().iter().map(|a| a.as_str().unwrap()).collect();
                    assert_eq!(available, may, "what {person} is offered in {} is what succeeds", state.id());
                } else {
                    assert!(may.is_empty(), "{person} acts in {} on what may not be known of", state.id());
                }
            }
        }
        agree(&written, &found);
    }
}
