//! The whole product person × act × state, against tables written by hand: over REST the reviewed file
//! `snapshots/policy-matrix.txt`, for the pure rules the tables in this file.

mod panels;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use dengji::domain::{
    account::{Actor, Certificate, Role},
    change_request::{ChangeKind, ChangeRequest, Decided, Decision, RequestState},
    contract::{Agency, Content, Contract, Ended, Refusal},
    interchange::Kind,
    policy::{self, Denial},
    time::{Date, Moment},
    workflow::{Action, State, next_state},
};
use serde_json::{Value, json};

use crate::support::{
    Client, Person, both,
    desk::{Staff, actor, complete_content, moved},
};

/// Outcome by person, act (or `read`) and state.
type Matrix = BTreeMap<(String, String, String), String>;

/// States that acts reach today.
const REACHED: [State; 10] = [
    State::Draft,
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

/// The reviewed file: contracts that no panel has seen, and those that one has or had before it.
fn file() -> (String, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots/policy-matrix.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let (without, with) = text.split_once("\n=== ").unwrap();
    let (_, with) = with.split_once('\n').unwrap();
    (without.to_owned(), with.to_owned())
}

fn written(text: &str) -> Matrix {
    let mut matrix = Matrix::new();
    let (mut people, mut states) = (Vec::new(), Vec::new());
    for line in text.lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
        if let Some(heading) = line.strip_prefix("== ") {
            people = heading
                .split(':')
                .next()
                .unwrap()
                .split(", ")
                .map(str::to_owned)
                .collect();
        } else if line.starts_with(' ') {
            states = line.split_whitespace().map(str::to_owned).collect();
        } else {
            let cells: Vec<&str> = line.split_whitespace().collect();
            assert_eq!(cells.len(), states.len() + 1, "{line}");
            for person in &people {
                for (state, outcome) in states.iter().zip(&cells[1..]) {
                    let cell = (person.clone(), cells[0].to_owned(), state.clone());
                    assert!(
                        matrix.insert(cell, (*outcome).to_owned()).is_none(),
                        "twice: {person} {line}"
                    );
                }
            }
        }
    }
    matrix
}

/// Tries an act with everything in order but, perhaps, who and when; the status.
fn attempt(client: &Client, action: &str, contract: &Value) -> u16 {
    let path = format!("/contracts/{}", contract["id"]);
    let version = contract["version"].as_i64().unwrap();
    let body = match action {
        "read" => return client.get(&path).status,
        "discard" => return client.delete_at(&path, version).status,
        "edit" => {
            let summary = "乙方为甲方研制棉田残膜回收装备，完成样机设计与试制，并向甲方交付全部技术资料和样机。";
            return client.patch_at(&path, version, &json!({"summary": summary})).status;
        }
        "withdraw" | "reassign" | "refer" | "recall" => json!({"reason": "有理由"}),
        "return" => json!({"reason": "金额有误", "items": [{"pointer": "/amount_fen", "detail": "不符"}]}),
        "confirm" => {
            json!({"verified_type": "development", "verified_technology_amount_fen": 90_000_000, "note": "见审核意见"})
        }
        "refuse" => json!({"reasons": ["price_unclear"], "note": "见审核意见"}),
        "revoke" => json!({"ground": "duplicate", "document_number": "兵科撤〔2026〕1号"}),
        "reinstate" | "reopen" => json!({"reason": "原决定被撤销", "document_number": "兵复决〔2026〕1号"}),
        "report" => json!({"national_number": format!("G{}", contract["id"]), "reported_on": "2026-06-15"}),
        "amend" => {
            let body = json!({"kind": "amend", "changes": {"project_name": "变更后的合同名称"}, "reason": "名称有误"});
            return client
                .post_at(&format!("{path}/change-requests"), version, &body)
                .status;
        }
        "cancel" => {
            let body = json!({"kind": "cancel", "ground": "rescinded", "reason": "双方解除合同"});
            return client
                .post_at(&format!("{path}/change-requests"), version, &body)
                .status;
        }
        _ => json!({}),
    };
    client.try_act(contract, action, &body).status
}

fn outcome(status: u16) -> String {
    match status {
        200 | 201 | 204 => "ok".to_owned(),
        refused => refused.to_string(),
    }
}

#[track_caller]
fn agree(written: &Matrix, found: &Matrix) {
    let differing: Vec<String> = written
        .iter()
        .filter(|(cell, outcome)| found.get(*cell) != Some(*outcome))
        .map(|(cell, outcome)| format!("{cell:?}: the file says {outcome}, the program {:?}", found.get(cell)))
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

both! {
    fn everyone_tries_everything_in_every_state(app: &App) {
        let written = written(&file().0);
        let people: BTreeSet<&str> = written.keys().map(|(p, _, _)| p.as_str()).collect();
        let acts: BTreeSet<&str> = written.keys().map(|(_, a, _)| a.as_str()).filter(|a| *a != "read").collect();
        let offered: BTreeSet<&str> = dengji::usecases::contracts::OFFERED.iter().map(|a| a.id()).collect();
        assert_eq!(acts, offered, "the file has the acts that are offered");
        assert_eq!(written.len(), people.len() * (acts.len() + 1) * REACHED.len(), "the file is complete");

        let mut clients: BTreeMap<&str, Client> = Person::ALL.iter().map(|p| (p.username(), app.person(*p))).collect();
        clients.insert("enterer", app.add_user("enterer", &[Role::Reviewer], None, None));
        clients.insert("submitter", app.add_user("submitter", &[Role::Reviewer], None, None));
        let both = [Role::Reviewer, Role::Registrar];
        clients.insert("roaming", app.add_user("roaming", &both, Some("660001"), None));
        assert_eq!(clients.keys().copied().collect::<BTreeSet<_>>(), people);

        let registrar = actor(app, "registrar");
        let staff = Staff {
            enterer: Actor { username: "enterer".to_owned(), ..registrar.clone() },
            submitter: Actor { username: "submitter".to_owned(), ..registrar },
            reviewer: actor(app, "reviewer"),
            revoker: actor(app, "reviewer2"),
        };
        let auditor = &clients["auditor"];
        let mut n = 0;
        let mut found = Matrix::new();
        for state in REACHED {
            let mut fresh = || {
                n += 1;
                let id = staff.bring(app, complete_content(n), state).id;
                auditor.get(&format!("/contracts/{id}")).expect(200)
            };
            let mut contract = fresh();
            for (person, client) in &clients {
                let cell = |act: &str| ((*person).to_owned(), act.to_owned(), state.id().to_owned());
                let mut done = BTreeSet::new();
                for act in &acts {
                    let outcome = outcome(attempt(client, act, &contract));
                    if outcome == "ok" {
                        done.insert(*act);
                        contract = fresh();
                    } else {
                        let after = auditor.get(&format!("/contracts/{}", contract["id"])).expect(200);
                        assert_eq!(after, contract, "{person} {act} {} was refused", state.id());
                    }
                    found.insert(cell(act), outcome);
                }
                let seen = client.get(&format!("/contracts/{}", contract["id"]));
                found.insert(cell("read"), outcome(seen.status));
                if seen.status == 200 {
                    let available = seen.json()["available_actions"].clone();
                    let available: BTreeSet<&str> = available.as_array().unwrap().iter().map(|a| a.as_str().unwrap()).collect();
                    assert_eq!(available, done, "what {person} is offered in {} is what succeeds", state.id());
                } else {
                    assert!(done.is_empty(), "{person} acts in {} on what may not be known of", state.id());
                }
            }
        }
        agree(&written, &found);
    }
}

both! {
    fn what_history_brought_is_offered_to_who_may(app: &App) {
        // Two rows of the sample that ended in a revocation: the second one is made a cancellation, and one is in force.
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/demo/contracts-2025.csv");
        let mut reader = csv::Reader::from_path(path).unwrap();
        let header = reader.headers().unwrap().clone();
        let column = |name: &str| header.iter().position(|h| h.trim_start_matches('\u{feff}') == name).unwrap();
        let (state, ground, agency) = (column("状态"), column("撤销或注销原因"), column("登记机构"));
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let mut chosen: Vec<Vec<String>> = Vec::new();
        let ended: Vec<_> = rows.iter().filter(|r| &r[state] == "已撤销").take(2).collect();
        let in_force = rows.iter().find(|r| &r[state] == "已确认" && &r[agency] == "八师技术合同登记站").unwrap();
        for row in [ended[0], ended[1], in_force] {
            chosen.push(row.iter().map(str::to_owned).collect());
        }
        chosen[1][state] = "已注销".to_owned();
        chosen[1][ground] = "合同解除".to_owned();
        let file = app.folder.path().join("history.csv");
        let mut writer = csv::Writer::from_path(&file).unwrap();
        writer.write_record(&header).unwrap();
        chosen.iter().for_each(|row| writer.write_record(row).unwrap());
        writer.flush().unwrap();
        app.import_sample("registrars.csv", Kind::Registrars);
        app.import(file, Kind::Register, false).unwrap();

        let offered = |person: Person, state: &str| {
            let list = app.person(person).get(&format!("/contracts?state={state}")).expect(200);
            list["items"].as_array().unwrap().first().map(|c| c["available_actions"].clone())
        };
        for person in Person::ALL {
            let own = matches!(person, Person::Registrar | Person::Colleague | Person::Uncertified | Person::ReviewingRegistrar);
            let reviews = matches!(person, Person::Reviewer | Person::Reviewer2);
            let reads = matches!(person, Person::Statistician | Person::Auditor);
            let sees_all = reviews || reads || person == Person::ReviewingRegistrar;
            // Both are another agency's than the reviewing registrar's.
            let restores = reviews || person == Person::ReviewingRegistrar;
            let to_do = if restores { json!(["reinstate"]) } else { json!([]) };
            assert_eq!(offered(person, "revoked"), sees_all.then(|| to_do.clone()), "{person:?}");
            assert_eq!(offered(person, "cancelled"), sees_all.then_some(to_do), "{person:?}");
            let to_do = match (own, reviews) {
                (true, _) => json!(["amend", "cancel", "report"]),
                (_, true) => json!(["revoke", "report"]),
                _ => json!([]),
            };
            assert_eq!(offered(person, "confirmed"), (own || sees_all).then_some(to_do), "{person:?}");
        }
        let reviewer = app.person(Person::Reviewer);
        let cancelled = reviewer.get("/contracts?state=cancelled").expect(200)["items"][0].clone();
        let ground = json!({"ground": "duplicate", "document_number": "1"});
        reviewer.try_act(&cancelled, "revoke", &ground).expect_problem(409, "wrong-state");
        let confirmed = reviewer.get("/contracts?state=confirmed").expect(200)["items"][0].clone();
        assert_eq!(reviewer.act(&confirmed, "revoke", &ground)["state"], "revoked");
    }
}

/// Where each act leads, from the specification's section 2; `-` where it is forbidden, `gone` where the contract is deleted.
const TRANSITIONS: &str = "
            draft     submitted    under_review  expert_review  returned   confirmed  refused    withdrawn  cancelled  revoked
edit        draft     -            -             -              returned   -          -          -          -          -
discard     gone      -            -             -              -          -          -          -          -          -
submit      submitted -            -             -              submitted  -          -          -          -          -
withdraw    -         withdrawn    -             -              withdrawn  -          -          -          -          -
claim       -         under_review -             -              -          -          -          -          -          -
release     -         -            submitted     -              -          -          -          -          -          -
reassign    -         -            under_review  -              -          -          -          -          -          -
return      -         -            returned      -              -          -          -          -          -          -
refer       -         -            expert_review -              -          -          -          -          -          -
recall      -         -            -             under_review   -          -          -          -          -          -
conclude    -         -            -             under_review   -          -          -          -          -          -
confirm     -         -            confirmed     -              -          -          -          -          -          -
refuse      -         -            refused       -              -          -          -          -          -          -
amend       -         -            -             -              -          confirmed  -          -          -          -
cancel      -         -            -             -              -          cancelled  -          -          -          -
revoke      -         -            -             -              -          revoked    -          -          -          -
reinstate   -         -            -             -              -          -          -          -          confirmed  confirmed
reopen      -         -            -             -              -          -          submitted  -          -          -
report      -         -            -             -              -          confirmed  -          -          -          -
";

#[test]
fn every_act_in_every_state_leads_where_the_table_says() {
    let mut lines = TRANSITIONS.lines().filter(|l| !l.is_empty());
    let states: Vec<State> = lines
        .next()
        .unwrap()
        .split_whitespace()
        .map(|s| State::from_id(s).unwrap())
        .collect();
    assert_eq!(states.len(), State::ALL.len());
    let mut seen = BTreeSet::new();
    for line in lines {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let action = Action::ALL.into_iter().find(|a| a.id() == cells[0]).unwrap();
        assert!(seen.insert(action) && cells.len() == states.len() + 1, "{line}");
        for (state, to) in states.iter().zip(&cells[1..]) {
            let expected = match *to {
                "-" => None,
                // What `discard` leaves is nothing; the pure table keeps the state.
                "gone" => Some(*state),
                id => Some(State::from_id(id).unwrap()),
            };
            assert_eq!(next_state(*state, action), expected, "{action:?} in {state:?}");
        }
    }
    assert_eq!(seen.len(), Action::ALL.len());
}

/// Who may do each act on a contract that they see, whatever its state (section 2, column "who"). The contract is claimed by
/// `claimer`, was confirmed by `confirmer`, ended by `ender`, entered by `enterer`, submitted by `submitter`, refused by `refuser`, all
/// reviewers now.
/// `cert`: a certificate is needed. Experts, statisticians, auditors and administrators do none of them.
const RIGHTS: &str = "
            registrar uncertified own_reviewer reviewer claimer confirmer ender enterer submitter refuser
edit        yes       yes         yes          no       no      no        no    no      no        no
discard     yes       yes         yes          no       no      no        no    no      no        no
submit      yes       no          no           no       no      no        no    no      no        no
withdraw    yes       yes         yes          no       no      no        no    no      no        no
claim       no        no          no           yes      yes     yes       yes   no      no        yes
release     no        no          no           no       yes     no        no    no      no        no
reassign    no        no          no           yes      no      yes       yes   no      no        yes
return      no        no          no           no       yes     no        no    no      no        no
refer       no        no          no           no       yes     no        no    no      no        no
recall      no        no          no           no       yes     no        no    no      no        no
conclude    no        no          no           no       no      no        no    no      no        no
confirm     no        no          no           no       yes     no        no    no      no        no
refuse      no        no          no           no       yes     no        no    no      no        no
amend       yes       yes         yes          no       no      no        no    no      no        no
cancel      yes       yes         yes          no       no      no        no    no      no        no
revoke      no        no          no           yes      yes     no        yes   no      no        yes
reinstate   no        no          no           yes      yes     yes       no    no      no        yes
reopen      no        no          no           yes      yes     yes       yes   no      no        no
report      yes       yes         yes          yes      yes     yes       yes   yes     yes       yes
";

fn someone(name: &str) -> Actor {
    let certificate = Certificate::new(
        "DJY6620190044".to_owned(),
        Date::from_ymd_opt(2019, 11, 9).unwrap(),
        Date::from_ymd_opt(2028, 12, 31),
    );
    let (roles, agency_id, certificate) = match name {
        "registrar" => (vec![Role::Registrar], Some(8), Some(certificate)),
        "uncertified" => (vec![Role::Registrar], Some(8), None),
        "own_reviewer" => (vec![Role::Registrar, Role::Reviewer], Some(8), None),
        "expert" => (vec![Role::Expert], None, None),
        "statistician" => (vec![Role::Statistician], None, None),
        "auditor" => (vec![Role::Auditor], None, None),
        "administrator" => (vec![Role::Administrator], None, None),
        _ => (vec![Role::Reviewer], None, None),
    };
    Actor {
        username: name.to_owned(),
        roles,
        agency_id,
        certificate,
    }
}

fn contract_in(state: State) -> Contract {
    let at = Moment::parse("2026-06-01T09:00:00+08:00").unwrap();
    let by = |name: &str| Some(name.to_owned());
    Contract {
        id: 1,
        version: 7,
        revision: 2,
        state,
        registration_number: None,
        national_number: None,
        content: Content::default(),
        agency: Some(Agency {
            id: 8,
            code: Some("660008".to_owned()),
            name: "八师技术合同登记站".to_owned(),
        }),
        registrar_certificate: None,
        rule_set: None,
        entered_by: by("enterer"),
        submitted_by: by("submitter"),
        claimed_by: by("claimer"),
        confirmed_by: by("confirmer"),
        created_at: at,
        submitted_at: Some(at),
        due_on: None,
        confirmed_at: Some(at),
        returned: None,
        refusal: Some(Refusal {
            at: Some(at),
            reasons: vec!["price_unclear".to_owned()],
            note: None,
            by: by("refuser"),
        }),
        ended: Some(Ended {
            at,
            state: State::Revoked,
            ground: None,
            document_number: None,
            served_on: None,
            note: None,
            by: by("ender"),
            self_audit_id: None,
        }),
        expert_concluded_at: None,
        claimed_at: None,
        expert_conclusion: None,
        open_change_request: None,
        experts: Vec::new(),
    }
}

#[test]
fn every_right_is_as_the_table_says_in_every_state() {
    let today = Date::from_ymd_opt(2026, 6, 15).unwrap();
    let mut lines = RIGHTS.lines().filter(|l| !l.is_empty());
    let people: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let mut seen = BTreeSet::new();
    for line in lines {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let action = Action::ALL.into_iter().find(|a| a.id() == cells[0]).unwrap();
        assert!(seen.insert(action) && cells.len() == people.len() + 1, "{line}");
        for state in State::ALL {
            let contract = contract_in(state);
            for (person, right) in people.iter().zip(&cells[1..]) {
                let decided = policy::decide(&someone(person), action, &contract, today);
                let sees = state != State::Draft || ["registrar", "uncertified", "own_reviewer"].contains(person);
                match (sees, *right) {
                    (false, _) => assert_eq!(decided, Err(Denial::Hidden), "{person} {line} {state:?}"),
                    (true, "yes") => assert!(decided.is_ok(), "{person} {line} {state:?}: {decided:?}"),
                    (true, "no") => assert!(
                        decided.is_err() && decided != Err(Denial::Hidden),
                        "{person} {line} {state:?}: {decided:?}"
                    ),
                    _ => panic!("{line}"),
                }
            }
            for person in ["expert", "statistician", "auditor", "administrator"] {
                assert!(
                    policy::decide(&someone(person), action, &contract, today).is_err(),
                    "{person} {action:?} {state:?}"
                );
            }
        }
    }
    assert_eq!(seen.len(), Action::ALL.len());
}

#[test]
fn a_certificate_holds_on_its_first_and_last_day() {
    let mut registrar = someone("registrar");
    let contract = contract_in(State::Draft);
    for (day, valid) in [
        ("2019-11-08", false),
        ("2019-11-09", true),
        ("2028-12-31", true),
        ("2029-01-01", false),
    ] {
        let today = day.parse().unwrap();
        let decided = policy::decide(&registrar, Action::Submit, &contract, today);
        assert_eq!(decided.is_ok(), valid, "{day}: {decided:?}");
        assert!(
            policy::decide(&registrar, Action::Edit, &contract, today).is_ok(),
            "{day}"
        );
    }
    registrar.agency_id = Some(9);
    let today = Date::from_ymd_opt(2026, 6, 15).unwrap();
    assert_eq!(
        policy::decide(&registrar, Action::Edit, &contract, today),
        Err(Denial::Hidden)
    );
    let reviewing = moved("reviewer", &[Role::Reviewer]);
    assert_eq!(
        policy::decide(&reviewing, Action::Claim, &contract, today),
        Err(Denial::Hidden),
        "a draft is hidden from reviewers"
    );
}

/// Who may decide on a request that `asker`, a reviewer elsewhere now, made for the contract of [`contract_in`].
const DECISIONS: &str = "
            registrar uncertified own_reviewer reviewer claimer confirmer ender enterer submitter refuser asker
approve     no        no          no           yes      yes     yes       yes   no      no        yes     no
refuse      no        no          no           yes      yes     yes       yes   no      no        yes     no
withdraw    yes       yes         yes          no       no      no        no    no      no        no      no
";

#[test]
fn every_right_over_a_request_is_as_the_table_says() {
    let contract = contract_in(State::Confirmed);
    let open = ChangeRequest {
        id: 5,
        contract_id: 1,
        kind: ChangeKind::Cancel,
        changes: None,
        content: None,
        ground: Some("rescinded".to_owned()),
        reason: "双方解除合同".to_owned(),
        attachments: Vec::new(),
        base_version: 7,
        base_revision: 2,
        requested_by: "asker".to_owned(),
        requested_at: contract.created_at,
        decided: None,
    };
    let mut lines = DECISIONS.lines().filter(|l| !l.is_empty());
    let people: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let mut seen = 0;
    for line in lines {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let decision = Decision::ALL.into_iter().find(|d| d.id() == cells[0]).unwrap();
        seen += 1;
        for (person, right) in people.iter().zip(&cells[1..]) {
            let (who, may) = (someone(person), *right == "yes");
            let decided = policy::decide_change(&who, decision, &contract, &open);
            assert_eq!(decided.is_ok(), may, "{person} {line}: {decided:?}");
            assert_ne!(decided, Err(Denial::Hidden), "{person} {line}");
            let available = policy::available_decisions(&who, &contract, &open);
            assert_eq!(available.contains(&decision), may, "{person} {line}");
        }
        for (person, denial) in [
            ("expert", Denial::Hidden),
            ("administrator", Denial::Hidden),
            ("statistician", Denial::Role),
            ("auditor", Denial::Role),
        ] {
            assert_eq!(
                policy::decide_change(&someone(person), decision, &contract, &open),
                Err(denial)
            );
        }
    }
    assert_eq!(seen, Decision::ALL.len());
    assert_eq!(
        policy::decide_change(&someone("asker"), Decision::Approve, &contract, &open),
        Err(Denial::OwnRequest)
    );
    let mut elsewhere = someone("registrar");
    elsewhere.agency_id = Some(9);
    assert_eq!(
        policy::decide_change(&elsewhere, Decision::Withdraw, &contract, &open),
        Err(Denial::Hidden)
    );
    // Nothing is offered with what is decided, nor another request beside an open one.
    let decided = Decided {
        state: RequestState::Refused,
        by: "reviewer".to_owned(),
        at: contract.created_at,
        reason: None,
        document_number: None,
    };
    let closed = ChangeRequest {
        decided: Some(decided),
        ..open
    };
    assert!(policy::available_decisions(&someone("reviewer"), &contract, &closed).is_empty());
    let today = Date::from_ymd_opt(2026, 6, 15).unwrap();
    let asked = Contract {
        open_change_request: Some(5),
        ..contract.clone()
    };
    let offered = |c: &Contract| policy::available(&someone("registrar"), &Action::ALL, c, today);
    assert_eq!(offered(&contract), [Action::Amend, Action::Cancel, Action::Report]);
    assert_eq!(offered(&asked), [Action::Report]);
}
