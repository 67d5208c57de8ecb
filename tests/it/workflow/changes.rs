//! Requests for amendments and cancellations: who asks, who decides, what it does to contract, ledger and statistics.

use std::{
    sync::{Arc, Barrier},
    thread,
};

use dengji::{
    domain::{account::Role, policy::Denial},
    usecases::{
        Error,
        change_requests::{Command, approve, refuse},
    },
};
use serde_json::{Value, json};

use crate::support::{App, Client, Person, Reply, both, desk::moved, second};

/// A larger contract: total 150 万元, of which 20 万元 not for technology.
fn amendment() -> Value {
    json!({"kind": "amend", "reason": "补充协议增加经费", "attachments": [],
        "changes": {"amount_fen": 150_000_000, "technology_amount_fen": 130_000_000, "buyer": {"contact": "孙五"}}})
}

fn cancellation() -> Value {
    json!({"kind": "cancel", "changes": null, "ground": "rescinded", "reason": "双方协议解除", "attachments": []})
}

fn try_ask(client: &Client, contract: &Value, body: &Value) -> Reply {
    let path = format!("/contracts/{}/change-requests", contract["id"]);
    client.post_at(&path, contract["version"].as_i64().unwrap(), body)
}

#[track_caller]
fn ask(app: &App, contract: &Value, body: &Value) -> Value {
    try_ask(&app.person(Person::Registrar), contract, body).expect(201)
}

fn decide(client: &Client, request: &Value, decision: &str, body: &Value) -> Reply {
    client.post(&format!("/change-requests/{}/{decision}", request["id"]), body)
}

fn read(client: &Client, contract: &Value) -> Value {
    client.get(&format!("/contracts/{}", contract["id"])).expect(200)
}

fn history(client: &Client, contract: &Value) -> Vec<Value> {
    let acts = client
        .get(&format!("/contracts/{}/history", contract["id"]))
        .expect(200);
    acts.as_array().unwrap().clone()
}

/// Contracts, amount and technology amount of 2026 as of a moment, or now.
fn total(app: &App, as_of: Option<&str>) -> (i64, i64, i64) {
    let query = as_of
        .map(|at| format!("?as_of={}", at.replace('+', "%2B")))
        .unwrap_or_default();
    let client = app.person(Person::Statistician);
    let figures = client.get(&format!("/statistics/annual/2026{query}")).expect(200);
    let number = |name: &str| figures["total"][name].as_i64().unwrap();
    (
        number("contracts"),
        number("amount_fen"),
        number("technology_amount_fen"),
    )
}

/// Runs two requests at the same moment; what came of each.
fn at_once(jobs: [Box<dyn FnOnce() -> Reply + Send>; 2]) -> Vec<Reply> {
    let barrier = Arc::new(Barrier::new(2));
    let threads = jobs.map(|job| {
        let barrier = Arc::clone(&barrier);
        thread::spawn(move || {
            barrier.wait();
            job()
        })
    });
    threads.into_iter().map(|t| t.join().unwrap()).collect()
}

fn ledger_is_whole(app: &App) {
    let verification = app.person(Person::Auditor).get("/ledger/verification").expect(200);
    assert_eq!(verification["valid"], true, "{verification}");
}

both! {
    fn an_amendment_is_the_next_revision_from_its_approval_on(app: &App) {
        let (registrar, reviewer) = (app.person(Person::Registrar), app.person(Person::Reviewer));
        let confirmed = app.confirmed(1);
        app.pass_seconds(600);
        let reply = try_ask(&registrar, &confirmed, &amendment());
        let request = reply.expect(201);
        assert_eq!(reply.header("location").unwrap(), format!("/api/v1/change-requests/{}", request["id"]));
        assert_eq!((&request["kind"], &request["state"]), (&json!("amend"), &json!("open")));
        assert_eq!(request["changes"], amendment()["changes"]);
        assert_eq!((&request["base_version"], &request["base_revision"]), (&confirmed["version"], &json!(2)));
        assert_eq!(request["available_actions"], json!(["withdraw"]));
        assert_eq!((&request["decided_by"], &request["ground"]), (&Value::Null, &Value::Null));
        let asked = read(&registrar, &confirmed);
        assert_eq!(asked["version"], confirmed["version"].as_i64().unwrap() + 1);
        assert_eq!((&asked["open_change_request"], &asked["revision"]), (&request["id"], &json!(2)));
        assert_eq!(asked["available_actions"], json!(["report"]), "no second request");
        assert_eq!(asked["amount_fen"], 120_000_000);

        // The year is over before anyone decides.
        app.set_time("2027-02-01T09:00:00+08:00");
        let seen = app.person(Person::Reviewer).get(&format!("/change-requests/{}", request["id"])).expect(200);
        assert_eq!(seen["available_actions"], json!(["approve", "refuse"]));
        assert_eq!(total(app, None), (1, 120_000_000, 100_000_000));
        // Whoever confirmed may approve: the request is another's.
        let reviewer = reviewer.with_token(app.person(Person::Reviewer).token().unwrap());
        let body = json!({"note": "经核定", "document_number": "兵科变〔2027〕1号"});
        let approved = decide(&reviewer, &request, "approve", &body).expect(200);
        assert_eq!((&approved["state"], &approved["decided_by"]), (&json!("approved"), &json!("reviewer")));
        assert_eq!(second(&approved["decided_at"]), "2027-02-01T09:00:00");
        assert_eq!((&approved["decision_reason"], &approved["document_number"]), (&json!("经核定"), &body["document_number"]));
        assert_eq!(approved["available_actions"], json!([]));
        let amended = read(&reviewer, &confirmed);
        assert_eq!((&amended["state"], &amended["revision"]), (&json!("confirmed"), &json!(3)));
        assert_eq!(amended["version"], asked["version"].as_i64().unwrap() + 1);
        assert_eq!((&amended["amount_fen"], &amended["buyer"]["contact"]), (&json!(150_000_000), &json!("孙五")));
        for kept in ["registration_number", "confirmed_at", "rule_set", "due_on", "submitted_at", "project_name"] {
            assert_eq!(amended[kept], confirmed[kept], "{kept}");
        }
        assert_eq!(amended["open_change_request"], Value::Null);
        // The confirmation is still the reviewer's: someone else must revoke.
        assert_eq!(amended["available_actions"], json!(["report"]));

        // Each revision is whole, and each moment counts its own.
        for (revision, amount, contact, by) in [(1, 120_000_000, "钱四", "registrar"), (2, 120_000_000, "钱四", "reviewer"),
            (3, 150_000_000, "孙五", "reviewer")]
        {
            let path = format!("/contracts/{}/revisions/{revision}", confirmed["id"]);
            let content = reviewer.get(&path).expect(200);
            assert_eq!((&content["amount_fen"], &content["buyer"]["contact"]), (&json!(amount), &json!(contact)));
            assert_eq!((&content["recorded_by"], &content["summary"]), (&json!(by), &confirmed["summary"]));
        }
        assert_eq!(total(app, None), (1, 150_000_000, 130_000_000));
        assert_eq!(total(app, approved["decided_at"].as_str()), (1, 150_000_000, 130_000_000));
        assert_eq!(total(app, Some("2027-02-01T08:59:59.999999+08:00")), (1, 120_000_000, 100_000_000));
        assert_eq!(total(app, Some("2026-12-31T23:59:59+08:00")), (1, 120_000_000, 100_000_000));

        let acts = history(&reviewer, &confirmed);
        let told: Vec<_> = acts[4..].iter().map(|a| (a["action"].as_str().unwrap(), a["role"].as_str().unwrap())).collect();
        assert_eq!(told, [("request_amend", "registrar"), ("amend", "reviewer")]);
        let pinned = acts[4]["changes"].as_array().unwrap();
        let change = |pointer: &str| pinned.iter().find(|c| c["pointer"] == pointer).unwrap()["to"].clone();
        assert_eq!(change("/open_change_request"), request["id"]);
        assert_eq!(change(&format!("/change_requests/{}", request["id"]))["changes"], amendment()["changes"]);
        let pointers: Vec<&str> = acts[5]["changes"].as_array().unwrap().iter().map(|c| c["pointer"].as_str().unwrap()).collect();
        let id = &request["id"];
        let (state, document) = (format!("/change_requests/{id}/state"), format!("/change_requests/{id}/document_number"));
        assert_eq!(pointers, ["/buyer/contact", "/amount_fen", "/technology_amount_fen", "/open_change_request", &state, &document]);
        ledger_is_whole(app);
    }

    fn a_cancellation_ends_the_registration_from_its_approval_on(app: &App) {
        let reviewer = app.person(Person::Reviewer2);
        let confirmed = app.confirmed(1);
        app.pass_seconds(60);
        let request = ask(app, &confirmed, &cancellation());
        assert_eq!((&request["ground"], &request["changes"]), (&json!("rescinded"), &Value::Null));
        app.pass_seconds(60);
        let before = app.ctx.clock.now().to_string();
        app.pass_seconds(60);
        decide(&reviewer, &request, "approve", &json!({"document_number": "兵科注〔2026〕1号"})).expect(200);
        let cancelled = read(&reviewer, &confirmed);
        assert_eq!(cancelled["state"], "cancelled");
        let ended = &cancelled["ended"];
        assert_eq!((&ended["state"], &ended["ground"]), (&json!("cancelled"), &json!("rescinded")));
        assert_eq!((&ended["document_number"], &ended["note"]), (&json!("兵科注〔2026〕1号"), &json!("双方协议解除")));
        assert_eq!(cancelled["revision"], 2);
        assert_eq!(total(app, None), (0, 0, 0));
        assert_eq!(total(app, Some(&before)), (1, 120_000_000, 100_000_000));
        let figures = app.person(Person::Statistician).get("/statistics/annual/2026").expect(200);
        assert_eq!(figures["revocations"]["contracts"], 0, "a cancellation is no revocation");
        let last = history(&reviewer, &confirmed).pop().unwrap();
        assert_eq!((&last["action"], &last["to"]), (&json!("cancel"), &json!("cancelled")));
        assert_eq!(last["reason"], "双方协议解除");
        let asked = read(&app.person(Person::Registrar), &confirmed);
        try_ask(&app.person(Person::Registrar), &asked, &amendment()).expect_problem(409, "wrong-state");
    }

    fn a_request_is_refused_in_the_order_of_every_act(app: &App) {
        let registrar = app.person(Person::Registrar);
        let (draft, confirmed) = (app.draft(1), app.confirmed(2));
        let before = read(&registrar, &confirmed);
        let path = format!("/contracts/{}/change-requests", confirmed["id"]);
        try_ask(&app.person(Person::OtherRegistrar), &confirmed, &amendment()).expect_problem(404, "not-found");
        try_ask(&app.person(Person::Expert), &confirmed, &amendment()).expect_problem(404, "not-found");
        try_ask(&app.person(Person::Reviewer), &confirmed, &amendment()).expect_problem(403, "forbidden");
        try_ask(&app.person(Person::Auditor), &confirmed, &json!({})).expect_problem(403, "forbidden");
        registrar.post(&path, &amendment()).expect_problem(428, "version-missing");
        registrar.post_at(&path, 1, &json!({})).expect_problem(412, "stale-version");
        try_ask(&registrar, &draft, &json!({})).expect_problem(409, "wrong-state");
        try_ask(&registrar, &confirmed, &json!({})).expect_problem(422, "invalid");
        registrar.post_at("/contracts/99999999999999999999/change-requests", 1, &amendment()).expect_problem(404, "not-found");

        let wrong = |body: Value, expected: &[(&str, &str)]| {
            let problem = try_ask(&registrar, &confirmed, &body).expect_problem(422, "invalid");
            let mut found: Vec<(&str, &str)> = problem["errors"].as_array().unwrap().iter()
                .map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap())).collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{body}");
        };
        let amend = |changes: Value| json!({"kind": "amend", "changes": changes, "reason": "更正"});
        wrong(json!({}), &[("/kind", "required"), ("/reason", "required")]);
        wrong(json!({"kind": "split", "reason": " "}), &[("/kind", "unknown_code"), ("/reason", "required")]);
        wrong(json!({"kind": "amend", "reason": "更正"}), &[("/changes", "required")]);
        wrong(amend(json!({})), &[("/changes", "unchanged")]);
        wrong(amend(json!({"amount_fen": 120_000_000, "project_name": " 棉田残膜回收装备研制（2） "})), &[("/changes", "unchanged")]);
        wrong(amend(json!([1])), &[("/changes", "wrong_type")]);
        wrong(amend(json!({"state": "draft", "buyer": {"nose": 1}})),
            &[("/changes/buyer/nose", "unknown_field"), ("/changes/state", "unknown_field")]);
        wrong(amend(json!({"signed_on": "2026-02-30", "amount_fen": "x", "seller": {"kind": [1]}})),
            &[("/changes/seller/kind", "wrong_type")]);
        wrong(amend(json!({"signed_on": "2026-02-30", "amount_fen": "x"})),
            &[("/changes/amount_fen", "wrong_type"), ("/changes/signed_on", "wrong_type")]);
        wrong(amend(json!({"summary": null, "field": "astrology", "technology_amount_fen": 1, "buyer": {"name": null}})), &[
            ("/changes/buyer/name", "required"),
            ("/changes/field", "unknown_code"), ("/changes/summary", "required"),
            ("/changes/technology_amount_fen", "amounts_do_not_add_up"),
        ]);
        wrong(json!({"kind": "amend", "changes": {"project_name": "甲\u{0}乙"}, "ground": "void", "reason": "更\u{0}正"}), &[
            ("/changes/project_name", "control_character"), ("/ground", "not_applicable"), ("/reason", "control_character"),
        ]);
        wrong(json!({"kind": "cancel", "changes": {"amount_fen": 1}, "reason": "解除", "attachments": [7, 7]}), &[
            ("/attachments/0", "unknown_attachment"), ("/attachments/1", "repeated"),
            ("/changes", "not_applicable"), ("/ground", "required"),
        ]);
        wrong(json!({"kind": "cancel", "ground": "duplicate", "reason": "长".repeat(2001), "attachments": vec![1; 51]}), &[
            ("/attachments", "too_many"), ("/ground", "unknown_code"), ("/reason", "too_long"),
        ]);
        wrong(json!({"kind": 1, "colour": 2, "attachments": ["x"]}),
            &[("/attachments/0", "wrong_type"), ("/colour", "unknown_field"), ("/kind", "wrong_type")]);
        assert_eq!(read(&registrar, &confirmed), before, "nothing was written");

        // Warnings need no reason of their own, and an empty document is nothing to change by a cancellation.
        let uncertified = app.person(Person::Uncertified);
        let request = try_ask(&uncertified, &confirmed,
            &json!({"kind": "amend", "reason": "更正联系人", "changes": {"seller": {"contact": "测试", "phone": "0000000"}}}));
        let asked = read(&registrar, &confirmed);
        try_ask(&registrar, &asked, &cancellation()).expect_problem(409, "conflict");
        try_ask(&registrar, &asked, &json!({})).expect_problem(409, "conflict");
        decide(&registrar, &request.expect(201), "withdraw", &json!({})).expect(200);
        let body = json!({"kind": "cancel", "ground": "other", "changes": {}, "reason": "项目终止"});
        try_ask(&registrar, &read(&registrar, &confirmed), &body).expect(201);
    }

    fn others_decide_on_a_request(app: &App) {
        let registrar = app.person(Person::Registrar);
        let confirmed = app.confirmed(1);
        let request = ask(app, &confirmed, &amendment());
        let id = request["id"].as_i64().unwrap();
        for (person, decision, status) in [
            (Person::OtherRegistrar, "withdraw", 404), (Person::OtherRegistrar, "approve", 404),
            (Person::Expert, "approve", 404), (Person::Administrator, "refuse", 404),
            (Person::Registrar, "approve", 403), (Person::Colleague, "refuse", 403),
            (Person::ReviewingRegistrar, "approve", 403), (Person::ReviewingRegistrar, "refuse", 403),
            (Person::Reviewer, "withdraw", 403), (Person::Statistician, "approve", 403), (Person::Auditor, "refuse", 403),
        ] {
            let reply = decide(&app.person(person), &request, decision, &json!({}));
            reply.expect_problem(status, if status == 404 { "not-found" } else { "forbidden" });
        }
        // Who asked as a registrar and reviews elsewhere now is still who asked; so is who entered and submitted.
        let command = |actor| Command { actor, session_id: None, version: None, once: None };
        for (name, denial) in [("registrar", Denial::OwnWork), ("colleague", Denial::OwnRequest)] {
            if name == "colleague" {
                decide(&registrar, &request, "withdraw", &json!({"reason": "换人申请"})).expect(200);
                let again = try_ask(&app.person(Person::Colleague), &read(&registrar, &confirmed), &amendment());
                let id = again.expect(201)["id"].as_i64().unwrap();
                let done = approve::approve(&app.ctx, command(moved(name, &[Role::Reviewer])), id, Ok(Default::default()));
                assert!(matches!(app.block_on(done), Err(Error::Forbidden(d)) if d == denial));
            } else {
                let done = refuse::refuse(&app.ctx, command(moved(name, &[Role::Reviewer])), id, Ok(None));
                assert!(matches!(app.block_on(done), Err(Error::Forbidden(d)) if d == denial));
            }
        }
        decide(&app.person(Person::Reviewer), &request, "approve", &json!({})).expect_problem(409, "conflict");
        decide(&registrar, &request, "withdraw", &json!({})).expect_problem(409, "conflict");

        let reviewer = app.person(Person::Reviewer);
        let asked = read(&reviewer, &confirmed);
        let open = json!({"id": asked["open_change_request"]});
        let long = "长".repeat(2001);
        for (decision, body, pointers) in [
            ("refuse", json!({}), vec!["/reason"]), ("refuse", json!({"reason": 1, "x": 1}), vec!["/reason", "/x"]),
            ("approve", json!({"note": long, "document_number": long}), vec!["/document_number", "/note"]),
        ] {
            let reply = decide(&reviewer, &open, decision, &body);
            reply.expect_problem(422, "invalid");
            assert_eq!(reply.pointers(), pointers);
        }
        let refused = decide(&reviewer, &open, "refuse", &json!({"reason": "证据不足"})).expect(200);
        assert_eq!((&refused["state"], &refused["decision_reason"]), (&json!("refused"), &json!("证据不足")));
        let after = read(&reviewer, &confirmed);
        assert_eq!((&after["revision"], &after["amount_fen"], &after["open_change_request"]),
            (&confirmed["revision"], &confirmed["amount_fen"], &Value::Null));
        let acts: Vec<Value> = history(&reviewer, &confirmed)[4..].iter().map(|a| a["action"].clone()).collect();
        assert_eq!(acts, ["request_amend", "withdraw_amend", "request_amend", "refuse_amend"]);
        assert_eq!(after["version"], confirmed["version"].as_i64().unwrap() + 4);
        for decision in ["approve", "refuse", "withdraw"] {
            reviewer.post(&format!("/change-requests/99999999999999999999/{decision}"), &json!({})).expect_problem(404, "not-found");
        }
        ledger_is_whole(app);
    }

    fn a_revocation_closes_the_open_request(app: &App) {
        let (reviewer, other) = (app.person(Person::Reviewer), app.person(Person::Reviewer2));
        let confirmed = app.confirmed(1);
        let request = ask(app, &confirmed, &amendment());
        let ground = json!({"ground": "duplicate", "document_number": "兵科撤〔2026〕1号"});
        other.try_act(&confirmed, "revoke", &ground).expect_problem(412, "stale-version");
        let revoked = other.act(&read(&other, &confirmed), "revoke", &ground);
        assert_eq!(revoked["open_change_request"], Value::Null);
        let closed = reviewer.get(&format!("/change-requests/{}", request["id"])).expect(200);
        assert_eq!((&closed["state"], &closed["decided_by"]), (&json!("closed"), &json!("reviewer2")));
        assert_eq!((&closed["decision_reason"], &closed["available_actions"]), (&json!("重复登记"), &json!([])));
        decide(&reviewer, &request, "approve", &json!({})).expect_problem(409, "conflict");
        let acts = history(&reviewer, &confirmed);
        assert_eq!(acts.len(), 6, "one entry for the revocation and what it closes");
        let changes = acts[5]["changes"].as_array().unwrap();
        let state = format!("/change_requests/{}/state", request["id"]);
        assert!(changes.contains(&json!({"pointer": state, "from": "open", "to": "closed"})), "{changes:?}");
        let cleared = json!({"pointer": "/open_change_request", "from": request["id"], "to": null});
        assert!(changes.contains(&cleared), "{changes:?}");
    }

    fn everyone_reads_the_requests_that_are_theirs(app: &App) {
        let registrar = app.person(Person::Registrar);
        let contracts: Vec<Value> = (1..=3).map(|n| app.confirmed(n)).collect();
        let first = ask(app, &contracts[0], &amendment());
        let second = ask(app, &contracts[1], &cancellation());
        decide(&registrar, &first, "withdraw", &json!({"reason": "有误"})).expect(200);
        let third = try_ask(&app.person(Person::Colleague), &read(&registrar, &contracts[0]), &cancellation()).expect(201);
        let ids = |client: &Client, path: &str| -> Vec<Value> {
            let page = client.get(path).expect(200);
            page["items"].as_array().unwrap().iter().map(|r| r["id"].clone()).collect()
        };
        let all = [&third, &second, &first].map(|r| r["id"].clone());
        for person in Person::ALL {
            let client = app.person(person);
            let sees = !matches!(person, Person::OtherRegistrar | Person::Expert | Person::Administrator);
            assert_eq!(ids(&client, "/change-requests"), if sees { all.to_vec() } else { vec![] }, "{person:?}");
            let nested = client.get(&format!("/contracts/{}/change-requests", contracts[0]["id"]));
            let one = client.get(&format!("/change-requests/{}", second["id"]));
            if sees {
                assert_eq!(nested.expect(200)["items"].as_array().unwrap().len(), 2, "{person:?}");
                assert_eq!(one.expect(200)["project_name"], contracts[1]["project_name"]);
            } else {
                nested.expect_problem(404, "not-found");
                one.expect_problem(404, "not-found");
            }
        }
        for (query, expected) in [
            ("state=open", &all[..2]), ("state=withdrawn,closed", &all[2..]), ("kind=amend", &all[2..]),
            ("kind=cancel&state=open&agency=660008", &all[..2]), ("agency=660001", &[]), ("agency=999999", &[]),
            ("requested_by=me", &all[1..]), ("requested_by=colleague", &all[..1]),
        ] {
            assert_eq!(ids(&registrar, &format!("/change-requests?{query}")), expected, "{query}");
        }
        assert_eq!(ids(&app.person(Person::OtherRegistrar), "/change-requests?agency=660008"), [] as [Value; 0]);
        let page = registrar.get("/change-requests?limit=2").expect(200);
        let rest = format!("/change-requests?limit=2&cursor={}", page["next_cursor"].as_str().unwrap());
        assert_eq!(ids(&registrar, &rest), all[2..]);
        assert_eq!(registrar.get(&rest).expect(200)["next_cursor"], Value::Null);
        let reply = registrar.get("/change-requests?state=lost&kind=x&limit=0&cursor=!&colour=1");
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/colour", "/cursor", "/kind", "/limit", "/state"]);
        let nested = format!("/contracts/{}/change-requests?limit=0", contracts[0]["id"]);
        registrar.get(&nested).expect_problem(422, "invalid");
        app.person(Person::OtherRegistrar).get(&nested).expect_problem(404, "not-found");
    }

    fn of_a_revocation_and_an_approval_at_once_one_wins(app: &App) {
        let (reviewer, other) = (app.person(Person::Reviewer), app.person(Person::Reviewer2));
        for n in 1..=8 {
            let confirmed = app.confirmed(n);
            let wanted = if n % 2 == 0 { cancellation() } else { amendment() };
            let request = ask(app, &confirmed, &wanted);
            let asked = read(&reviewer, &confirmed);
            let (one, two, wanted) = (reviewer.clone(), other.clone(), request.clone());
            let replies = at_once([
                Box::new(move || decide(&one, &wanted, "approve", &json!({}))),
                Box::new(move || two.try_act(&asked, "revoke", &json!({"ground": "void", "document_number": "1"}))),
            ]);
            let now = read(&reviewer, &confirmed);
            let state = reviewer.get(&format!("/change-requests/{}", request["id"])).expect(200)["state"].clone();
            match (replies[0].status, replies[1].status) {
                (200, 412) => assert_eq!((&state, &now["state"]), (&json!("approved"), &json!(if n % 2 == 0 { "cancelled" } else { "confirmed" }))),
                (409, 200) => assert_eq!((&state, &now["state"]), (&json!("closed"), &json!("revoked"))),
                other => panic!("{other:?}"),
            }
            assert_eq!(now["open_change_request"], Value::Null);
        }
        ledger_is_whole(app);
    }

    fn of_two_at_once_one_wins(app: &App) {
        let (registrar, colleague) = (app.person(Person::Registrar), app.person(Person::Colleague));
        let (reviewer, other) = (app.person(Person::Reviewer), app.person(Person::Reviewer2));
        for n in 1..=6 {
            let confirmed = app.confirmed(n);
            let jobs = [(registrar.clone(), amendment()), (colleague.clone(), cancellation())].map(|(client, body)| {
                let contract = confirmed.clone();
                Box::new(move || try_ask(&client, &contract, &body)) as Box<dyn FnOnce() -> Reply + Send>
            });
            let replies = at_once(jobs);
            let mut statuses: Vec<u16> = replies.iter().map(|r| r.status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 412], "{replies:?}");
            let request = replies.iter().find(|r| r.status == 201).unwrap().json();
            assert_eq!(read(&registrar, &confirmed)["open_change_request"], request["id"]);

            let jobs = [(reviewer.clone(), "approve"), (other.clone(), "refuse")].map(|(client, decision)| {
                let request = request.clone();
                Box::new(move || decide(&client, &request, decision, &json!({"reason": "证据不足"}))) as Box<dyn FnOnce() -> Reply + Send>
            });
            // `approve` knows no reason: told only to whoever is in time.
            let statuses: Vec<u16> = at_once(jobs).iter().map(|r| r.status).collect();
            assert!(statuses[1] == 200 && [409, 422].contains(&statuses[0]), "{statuses:?}");
            let open = try_ask(&registrar, &read(&registrar, &confirmed), &cancellation()).expect(201);
            let jobs = [(reviewer.clone(), "approve"), (registrar.clone(), "withdraw")].map(|(client, decision)| {
                let request = open.clone();
                Box::new(move || decide(&client, &request, decision, &json!({}))) as Box<dyn FnOnce() -> Reply + Send>
            });
            let mut statuses: Vec<u16> = at_once(jobs).iter().map(|r| r.status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 409]);
        }
        ledger_is_whole(app);
    }

    fn a_request_repeated_with_its_key_is_made_once(app: &App) {
        let registrar = app.person(Person::Registrar);
        let confirmed = app.confirmed(1);
        let path = format!("/contracts/{}/change-requests", confirmed["id"]);
        let version = format!("\"{}\"", confirmed["version"]);
        let headers = [("If-Match", version.as_str()), ("Idempotency-Key", "one")];
        let replies = [(), ()].map(|()| registrar.with_body("POST", &path, &headers, &amendment()));
        assert_eq!((replies[0].status, &replies[0].text), (201, &replies[1].text));
        assert_eq!(replies[0].header("location"), replies[1].header("location"));
        registrar.with_body("POST", &path, &headers, &cancellation()).expect_problem(422, "idempotency-key-reused");
        let path = format!("/change-requests/{}/approve", replies[0].json()["id"]);
        let reviewer = app.person(Person::Reviewer);
        let approvals = [(), ()].map(|()| reviewer.with_body("POST", &path, &[("Idempotency-Key", "two")], &json!({})));
        assert_eq!((approvals[0].status, &approvals[0].text), (200, &approvals[1].text));
        assert_eq!(read(&reviewer, &confirmed)["revision"], 3);
    }
}
