//! Work queues agree with lists and with what the contracts say; work is handed over whole.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
};

use dengji::domain::{account::Role, workflow::State};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use serde_json::{Value, json};

use super::experts::{experts, panel, referred};
use crate::support::{App, Client, Person, both, desk};

fn queues(client: &Client) -> BTreeMap<String, i64> {
    let counted = client.get("/work-queues").expect(200);
    let counted = counted.as_array().unwrap().iter();
    counted
        .map(|q| (q["id"].as_str().unwrap().to_owned(), q["contracts"].as_i64().unwrap()))
        .collect()
}

fn everything(client: &Client, filter: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("/contracts?limit=100{filter}{cursor}")).expect(200);
        found.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// What belongs to a queue, said once more over what the API shows.
fn belongs(queue: &str, contract: &Value, username: &str, agency: &str, entered: &BTreeMap<i64, String>) -> bool {
    let is = |states: &[&str]| states.contains(&contract["state"].as_str().unwrap());
    let today = "2026-06-15";
    let due = contract["due_on"].as_str().unwrap_or("9999-12-31");
    let undecided = is(&["submitted", "under_review", "expert_review"]);
    let own = contract["agency"] == agency;
    let mine = entered[&contract["id"].as_i64().unwrap()] == username;
    let claimed = contract["claimed_by"] == username;
    match queue {
        "drafts" => own && is(&["draft"]),
        "returned_to_me" => own && mine && is(&["returned"]),
        "waiting" => own && undecided,
        "change_requests" => own && !contract["open_change_request"].is_null(),
        "mine" => claimed && is(&["under_review", "expert_review"]),
        "unclaimed" => !own && !mine && is(&["submitted"]),
        "overdue" => !own && !mine && undecided && due < today,
        "due_soon" => !own && !mine && undecided && (today..="2026-06-18").contains(&due),
        "waiting_for_experts" => claimed && is(&["expert_review"]),
        other => panic!("{other}"),
    }
}

/// Contracts of two agencies in all states that acts reach, with deadlines around today.
fn furnish(app: &App, plan: &[(usize, u8, bool)]) -> BTreeMap<i64, String> {
    let people = [
        Person::Registrar,
        Person::Colleague,
        Person::OtherRegistrar,
        Person::ReviewingRegistrar,
    ];
    let reviewers = [Person::Reviewer, Person::Reviewer2];
    let states = [
        State::Draft,
        State::Submitted,
        State::UnderReview,
        State::Returned,
        State::Confirmed,
        State::Refused,
    ];
    let mut entered = BTreeMap::new();
    for (who, age, second) in plan {
        // No contract twice, in no case: the same one would be refused.
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let person = people[who % 3];
        let enterer = desk::actor(app, person.username());
        let reviewer = desk::actor(app, reviewers[usize::from(*second)].username());
        let staff = desk::Staff {
            enterer: enterer.clone(),
            submitter: enterer,
            reviewer: reviewer.clone(),
            revoker: reviewer,
        };
        // The rule set gives 15 working days from the acceptance, three weeks; around its end they are due.
        let mut content = desk::complete_content(number);
        let today = app.ctx.clock.today();
        content.received_on = Some(today - chrono::Duration::days(i64::from(*age)));
        let contract = staff.bring(app, content, states[who / 3 % states.len()]);
        entered.insert(contract.id, person.username().to_owned());
    }
    entered
}

fn clients(app: &App) -> Vec<(Client, &'static str, &'static str, &'static [&'static str])> {
    const REGISTRAR: &[&str] = &["drafts", "returned_to_me", "waiting", "change_requests"];
    const REVIEWER: &[&str] = &["mine", "unclaimed", "overdue", "due_soon", "waiting_for_experts"];
    const BOTH: &[&str] = &[
        "drafts",
        "returned_to_me",
        "waiting",
        "change_requests",
        "mine",
        "unclaimed",
        "overdue",
        "due_soon",
        "waiting_for_experts",
    ];
    [
        (Person::Registrar, "660008", REGISTRAR),
        (Person::Colleague, "660008", REGISTRAR),
        (Person::OtherRegistrar, "660001", REGISTRAR),
        (Person::Reviewer, "-", REVIEWER),
        (Person::Reviewer2, "-", REVIEWER),
        (Person::ReviewingRegistrar, "660008", BOTH),
    ]
    .map(|(p, agency, ids)| (app.person(p), p.username(), agency, ids))
    .into()
}

both! {
    fn queues_are_lists_and_what_the_contracts_say(app: &App) {
        let clients = clients(app);
        let all = app.person(Person::Auditor);
        let mut entered = BTreeMap::new();
        let mut nonempty = BTreeMap::new();
        let plan = prop::collection::vec((0_usize..18, 10_u8..32, any::<bool>()), 25);
        let mut runner = TestRunner::deterministic();
        for _ in 0..2 {
            let plan = plan.new_tree(&mut runner).unwrap().current();
            entered.extend(furnish(app, &plan));
            let contracts = everything(&all, "");
            for (client, username, agency, ids) in &clients {
                let counted = queues(client);
                assert_eq!(counted.keys().map(String::as_str).collect::<std::collections::BTreeSet<_>>(),
                    ids.iter().copied().collect(), "{username}");
                for (queue, count) in &counted {
                    let listed = everything(client, &format!("&queue={queue}"));
                    let mut found: Vec<i64> = listed.iter().map(|c| c["id"].as_i64().unwrap()).collect();
                    found.sort_unstable();
                    let expected: Vec<i64> = contracts
                        .iter()
                        .filter(|c| belongs(queue, c, username, agency, &entered))
                        .map(|c| c["id"].as_i64().unwrap())
                        .collect();
                    let mut expected = expected;
                    expected.sort_unstable();
                    assert_eq!(found, expected, "{username} {queue} {plan:?}");
                    assert_eq!(*count, i64::try_from(found.len()).unwrap(), "{username} {queue}");
                    *nonempty.entry(queue.clone()).or_insert(0) += count;
                    // Another filter narrows the queue, and another order keeps it.
                    let narrowed = everything(client, &format!("&queue={queue}&state=submitted"));
                    assert_eq!(narrowed.len(), listed.iter().filter(|c| c["state"] == "submitted").count());
                    assert_eq!(everything(client, &format!("&queue={queue}&sort=due_on")).len(), listed.len());
                }
            }
        }
        for (queue, count) in nonempty {
            let later = ["change_requests", "waiting_for_experts"];
            assert!(count > 0 || later.contains(&queue.as_str()), "{queue} was never more than empty");
        }
    }

    fn what_waits_for_experts_waits_in_their_queues(app: &App) {
        let clients = experts(app);
        let (reviewer, other) = (app.person(Person::Reviewer), app.person(Person::Reviewer2));
        let (before, waiting) = (referred(app, 1), referred(app, 2));
        panel(app, &[&before]);
        let (mine, all) = (queues(&reviewer), queues(&clients[0]));
        assert_eq!((mine["waiting_for_experts"], mine["mine"], all["panels"]), (2, 2, 1));
        let listed = everything(&clients[0], "&queue=panels");
        assert_eq!(listed.iter().map(|c| &c["id"]).collect::<Vec<_>>(), [&before["id"]]);
        assert_eq!(queues(&other)["waiting_for_experts"], 0);
        assert_eq!(queues(&app.person(Person::Registrar))["waiting"], 2);
        assert_eq!(everything(&reviewer, "&queue=waiting_for_experts").len(), 2);
        // What is before experts cannot be handed over; "all" leaves it where it is.
        let reply = reviewer.post("/work-queues/hand-over",
            &json!({"to": "reviewer2", "reason": "出差", "contracts": [waiting["id"]]}));
        assert_eq!(reply.expect_problem(422, "invalid")["errors"][0]["code"], "wrong_state");
        let under_review = app.claimed(3);
        let done = reviewer.post("/work-queues/hand-over", &json!({"to": "reviewer2", "reason": "出差", "all": true}));
        assert_eq!(done.expect(200)["contracts"][0]["id"], under_review["id"]);
        // A reviewer who sits on the panel as an expert may not decide the contract, whatever its state.
        let both = app.add_user("both", &[Role::Reviewer, Role::Expert], None, None);
        app.set_time("2026-09-01T12:00:00+08:00");
        let overdue = queues(&app.log_in("both"))["overdue"];
        drop(both);
        assert_eq!(overdue, 3);
        let seat = "INSERT INTO expert_review_members (expert_review_id, username, added_at) SELECT id, 'both', 0
            FROM expert_reviews";
        crate::storage::execute(app, seat).unwrap();
        assert_eq!(queues(&app.log_in("both"))["overdue"], 2);
    }

    fn a_queue_is_of_its_role(app: &App) {
        for (person, queue) in [
            (Person::Registrar, "mine"),
            (Person::Reviewer, "drafts"),
            (Person::Auditor, "overdue"),
            (Person::Administrator, "drafts"),
            (Person::Statistician, "panels"),
        ] {
            let reply = app.person(person).get(&format!("/contracts?queue={queue}"));
            assert_eq!(reply.expect_problem(403, "forbidden")["denial"], "role");
        }
        assert_eq!(app.person(Person::Auditor).get("/work-queues").expect(200), json!([]));
        assert_eq!(queues(&app.person(Person::Expert)), [("panels".to_owned(), 0)].into());
        let reply = app.person(Person::Reviewer).get("/contracts?queue=everything");
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/queue"]);
    }

    fn work_is_handed_over_whole_or_not_at_all(app: &App) {
        let (one, two) = (app.person(Person::Reviewer), app.person(Person::Reviewer2));
        app.person(Person::ReviewingRegistrar);
        let (a, b, free) = (app.claimed(1), app.claimed(2), app.submitted(3));
        let theirs = two.act(&app.submitted(4), "claim", &json!({}));
        let decided = app.confirmed(5);
        let draft = app.draft(6);
        let hand = |body: Value| one.post("/work-queues/hand-over", &body);
        let reply = hand(json!({"to": "reviewer2", "reason": "出差", "contracts":
            [a["id"], free["id"], theirs["id"], decided["id"], draft["id"], a["id"], 999_999]}));
        let wrong = reply.expect_problem(422, "invalid");
        let codes: Vec<_> = wrong["errors"].as_array().unwrap().iter().map(|e| {
            (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap())
        }).collect();
        assert_eq!(codes, [("/contracts/1", "not_claimer"), ("/contracts/2", "not_claimer"), ("/contracts/3", "not_claimer"),
            ("/contracts/4", "unknown_contract"), ("/contracts/5", "repeated"), ("/contracts/6", "unknown_contract")]);
        let path = format!("/contracts/{}", a["id"]);
        assert_eq!(one.get(&path).expect(200), a, "nothing was done");
        // The receiver must be a reviewer, another one, and free to decide each.
        for (to, pointer) in [("registrar", "/to"), ("nobody", "/to"), ("reviewer", "/to"), ("reviewing-registrar", "/to")] {
            let reply = hand(json!({"to": to, "reason": "出差", "contracts": [a["id"]]}));
            reply.expect_problem(422, "invalid");
            assert_eq!(reply.pointers(), [pointer], "{to}");
        }
        let reply = hand(json!({}));
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/contracts", "/reason", "/to"]);
        hand(json!({"to": "reviewer2", "reason": "出差", "contracts": [], "all": true})).expect_problem(422, "invalid");
        let body = json!({"to": "reviewer2", "reason": "出差", "all": true});
        app.person(Person::Registrar).post("/work-queues/hand-over", &body).expect_problem(403, "forbidden");

        let done = hand(body.clone()).expect(200);
        assert_eq!(done["to"], "reviewer2");
        let versions: Vec<_> = done["contracts"].as_array().unwrap().clone();
        assert_eq!(versions, [json!({"id": a["id"], "version": 4}), json!({"id": b["id"], "version": 4})]);
        let now = two.get(&path).expect(200);
        assert_eq!((&now["claimed_by"], &now["version"], &now["state"]), (&json!("reviewer2"), &json!(4), &json!("under_review")));
        let history = two.get(&format!("{path}/history")).expect(200);
        let last = history.as_array().unwrap().last().unwrap();
        assert_eq!((&last["action"], &last["actor"], &last["reason"]), (&json!("reassign"), &json!("reviewer"), &json!("出差")));
        assert_eq!(last["changes"], json!([{"pointer": "/claimed_by", "from": "reviewer", "to": "reviewer2"}]));
        assert_eq!(queues(&two)["mine"], 3);
        hand(body).expect_problem(422, "invalid");
        one.try_act(&a, "release", &json!({})).expect_problem(403, "forbidden");
        let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        two.act(&now, "confirm", &verified);
    }
}
