//! Accounts that are locked, or no expert's any more, are given no work, and nothing waits for them.

use serde_json::{Value, json};

use super::experts::{EXPERTS, close_voting, experts, panel, path, referred, vote};
use crate::support::{App, Client, Person, Reply, both};

fn lock(app: &App, username: &str) {
    let path = format!("/users/{username}/lock");
    app.person(Person::Administrator)
        .post(&path, &json!({"reason": "调离"}))
        .expect(200);
}

/// Takes the role of an expert away.
fn dismiss(app: &App, username: &str) {
    let administrator = app.person(Person::Administrator);
    let path = format!("/users/{username}");
    let version = administrator.get(&path).expect(200)["version"].as_i64().unwrap();
    administrator
        .patch_at(&path, version, &json!({"roles": ["statistician"]}))
        .expect(200);
}

/// Pointer and code of each wrong field.
#[track_caller]
fn wrong(reply: &Reply) -> Vec<(String, String)> {
    let problem = reply.expect_problem(422, "invalid");
    let text = |e: &Value, name: &str| e[name].as_str().unwrap().to_owned();
    let errors = problem["errors"].as_array().unwrap().iter();
    errors.map(|e| (text(e, "pointer"), text(e, "code"))).collect()
}

fn one(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

both! {
    fn a_locked_reviewer_is_given_no_work(app: &App) {
        let reviewer = app.person(Person::Reviewer);
        app.person(Person::Reviewer2);
        let contract = app.claimed(1);
        // What it is given and judges while it is unlocked stays judged until the item is handed to another.
        let confirmed = app.confirmed(2);
        let third = app.add_user("third", &[dengji::domain::account::Role::Reviewer], None, None);
        let plan = |auditors: &[&str]| json!({"title": "自查", "year": 2026, "design": {"kind": "all"}, "auditors": auditors});
        let audit = third.post("/self-audits", &plan(&["reviewer2"])).expect(201);
        let below = format!("/self-audits/{}", audit["id"]);
        let item = third.get(&format!("{below}/items")).expect(200)["items"][0].clone();
        assert_eq!((&item["contract_id"], &item["assigned_to"]), (&confirmed["id"], &json!("reviewer2")));
        let finding = json!({"item_id": item["id"], "verdict": "right"});
        app.person(Person::Reviewer2).post(&format!("{below}/findings"), &finding).expect(201);
        let assign = |to: &str| third.post(&format!("{below}/items/{}/assign", item["id"]), &json!({"auditor": to}));
        assign("third").expect_problem(409, "conflict");

        lock(app, "reviewer2");
        let hand = json!({"to": "reviewer2", "reason": "出差", "contracts": [contract["id"]]});
        assert_eq!(wrong(&reviewer.post("/work-queues/hand-over", &hand)), one("/to", "locked_account"));
        let before = reviewer.get(&format!("/contracts/{}", contract["id"])).expect(200);
        assert_eq!((&before["claimed_by"], &before["version"]), (&json!("reviewer"), &contract["version"]));
        let refused = third.post("/self-audits", &plan(&["third", "reviewer2"]));
        assert_eq!(wrong(&refused), one("/auditors/1", "locked_account"));
        assert_eq!(wrong(&assign("reviewer2")), one("/auditor", "locked_account"));
        assert_eq!(assign("third").expect(200)["assigned_to"], "third");

        let reason = json!({"reason": "回来"});
        app.person(Person::Administrator).post("/users/reviewer2/unlock", &reason).expect(200);
        reviewer.post("/work-queues/hand-over", &hand).expect(200);
    }

    fn who_is_no_expert_or_locked_is_not_asked_to_a_panel(app: &App) {
        experts(app);
        let reviewer = app.person(Person::Reviewer);
        let contract = referred(app, 1);
        lock(app, "e2");
        dismiss(app, "e3");
        let body = |experts: &[&str]| json!({"title": "论证", "held_on": "2026-06-20", "chair": experts[0], "experts": experts, "contracts": [contract["id"]]});
        let refused = reviewer.post("/expert-reviews", &body(&["e1", "e2", "e3", "e4"]));
        assert_eq!(wrong(&refused), [one("/experts/1", "unknown_expert"), one("/experts/2", "unknown_expert")].concat());
        let refused = reviewer.post("/expert-reviews", &body(&["e2", "e1"]));
        assert_eq!(wrong(&refused), [one("/chair", "not_an_expert"), one("/experts/0", "unknown_expert")].concat());
        let panel = reviewer.post("/expert-reviews", &body(&["e1", "e4", "e5"])).expect(201);
        let joining = reviewer.with_body("PATCH", &path(&panel, ""), &[], &json!({"experts": ["e1", "e2", "e4", "e5"]}));
        assert_eq!(wrong(&joining), one("/experts/1", "unknown_expert"));
    }

    fn a_panel_does_not_wait_for_who_left(app: &App) {
        let experts = experts(app);
        let reviewer = app.person(Person::Reviewer);
        let contract = referred(app, 1);
        let panel = panel(app, &[&contract]);
        let line = |client: &Client| client.get(&path(&panel, "")).expect(200)["contracts"][0].clone();
        let count = |line: &Value| ["entitled", "votes", "votes_needed"].map(|n| line[n].as_i64().unwrap());
        vote(&experts[0], &panel, &contract, "recognise");
        vote(&experts[1], &panel, &contract, "recognise");
        assert_eq!(count(&line(&reviewer)), [5, 2, 4]);

        // Two leave without a vote: the other three are who is entitled. One leaves after the vote: it stands.
        lock(app, "e4");
        dismiss(app, "e5");
        lock(app, "e2");
        assert_eq!(count(&line(&reviewer)), [3, 2, 3]);
        let seen = reviewer.get(&path(&panel, "")).expect(200);
        let active: Vec<bool> = seen["experts"].as_array().unwrap().iter().map(|e| e["active"].as_bool().unwrap()).collect();
        assert_eq!(active, [true, false, true, false, false], "{EXPERTS:?}");
        let conclude = json!({"contract_id": contract["id"], "reason": "同意"});
        let early = experts[0].post(&path(&panel, "/close-voting"), &json!({"contract_id": contract["id"]})).expect_problem(409, "conflict");
        assert!(early["detail"].as_str().unwrap().contains("应有 3 票"), "{early}");

        // The convener can replace who left, and those who voted stay; the chair who left is replaced by one who is there.
        let patch = |body: &Value| reviewer.with_body("PATCH", &path(&panel, ""), &[], body);
        patch(&json!({"experts": ["e1", "e3"]})).expect_problem(409, "conflict");
        assert_eq!(wrong(&patch(&json!({"chair": "e4"}))), one("/chair", "unknown_expert"));
        app.add_user("e6", &[dengji::domain::account::Role::Expert], None, None);
        patch(&json!({"experts": ["e1", "e2", "e3", "e6"]})).expect(200);
        assert_eq!(count(&line(&reviewer)), [4, 2, 3]);
        lock(app, "e1");
        assert_eq!(patch(&json!({"chair": "e3", "title": "论证（改组长）"})).expect(200)["chair"], "e3");
        vote(&experts[2], &panel, &contract, "recognise");
        close_voting(&experts[2], &panel, &contract);
        let closed = experts[2].post(&path(&panel, "/conclude"), &conclude).expect(200);
        assert_eq!(count(&closed["contracts"][0]), [4, 3, 3]);
        // What was concluded stays as it was counted, whoever leaves or comes back.
        lock(app, "e6");
        assert_eq!(count(&line(&reviewer)), [4, 3, 3]);
    }

    fn a_convener_finds_the_experts_and_nobody_else_does(app: &App) {
        experts(app);
        app.person(Person::Reviewer2);
        let administrator = app.person(Person::Administrator);
        let profile = json!({"full_name": "古丽·某某", "employer": "石河子大学"});
        let version = administrator.get("/users/e2").expect(200)["version"].as_i64().unwrap();
        administrator.patch_at("/users/e2", version, &profile).expect(200);
        lock(app, "e4");
        dismiss(app, "e5");
        let reviewer = app.person(Person::Reviewer);
        let names = |reply: &Value| -> Vec<String> {
            reply["items"].as_array().unwrap().iter().map(|e| e["username"].as_str().unwrap().to_owned()).collect()
        };
        let all = reviewer.get("/experts").expect(200);
        assert_eq!((names(&all), &all["next_cursor"]), (["e1", "e2", "e3"].map(str::to_owned).to_vec(), &Value::Null));
        let second = &all["items"][1];
        assert_eq!(second, &json!({"id": second["id"], "username": "e2", "full_name": "古丽·某某", "employer": "石河子大学"}));
        // Page by page it is the same list.
        let first = reviewer.get("/experts?limit=2").expect(200);
        let next = reviewer.get(&format!("/experts?limit=2&cursor={}", first["next_cursor"].as_str().unwrap())).expect(200);
        assert_eq!([names(&first), names(&next)].concat(), names(&all));
        assert_eq!(next["next_cursor"], Value::Null);
        for (q, found) in [("大学", vec!["e2"]), ("E3", vec!["e3"]), ("古丽", vec!["e2"]), ("e4", vec![])] {
            let q: String = q.bytes().map(|byte| format!("%{byte:02X}")).collect();
            assert_eq!(names(&reviewer.get(&format!("/experts?q={q}")).expect(200)), found, "{q}");
        }
        assert_eq!(reviewer.get("/experts?limit=0&role=expert").pointers(), ["/limit", "/role"]);
        app.person(Person::Auditor).get("/experts").expect(200);
        for person in [Person::Registrar, Person::Expert, Person::Statistician, Person::Administrator] {
            app.person(person).get("/experts?limit=0").expect_problem(403, "forbidden");
        }
    }
}
