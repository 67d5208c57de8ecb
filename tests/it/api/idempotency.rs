//! `Idempotency-Key`: the same request twice is done once and answered alike.

use serde_json::{Value, json};

use crate::support::{App, Client, Person, Reply, both, complete_contract};

fn keyed(client: &Client, path: &str, key: &str, version: i64, body: &Value) -> Reply {
    let version = format!("\"{version}\"");
    client.with_body("POST", path, &[("Idempotency-Key", key), ("If-Match", &version)], body)
}

fn same(one: &Reply, other: &Reply) {
    assert_eq!((one.status, &one.text), (other.status, &other.text));
    for name in ["etag", "location", "content-type"] {
        assert_eq!(one.header(name), other.header(name), "{name}");
    }
}

fn head(app: &App) -> Value {
    app.person(Person::Auditor).get("/ledger/head").expect(200)
}

both! {
    fn a_repeated_request_is_answered_word_for_word_and_done_once(app: &App) {
        let registrar = app.person(Person::Registrar);
        let body = complete_contract(1);
        let first = keyed(&registrar, "/contracts", "key-1", 0, &body);
        let contract = first.expect(201);
        assert!(first.header("etag").is_some() && first.header("location").is_some());
        let after = head(app);
        same(&first, &keyed(&registrar, "/contracts", "key-1", 0, &body));
        // What was done since does not show: it is the answer given then; a log-in later it is still the same person.
        let path = format!("/contracts/{}", contract["id"]);
        registrar.patch_at(&path, 1, &json!({"project_name": "另一个名称"})).expect(200);
        app.pass_seconds(3600);
        same(&first, &keyed(&app.person(Person::Registrar), "/contracts", "key-1", 0, &body));
        assert_ne!(head(app), after, "the edit");
        let registrar = app.person(Person::Registrar);
        assert_eq!(registrar.get("/contracts").expect(200)["items"].as_array().unwrap().len(), 1);
        // Another body or another address under the key is a mistake.
        let after = head(app);
        keyed(&registrar, "/contracts", "key-1", 0, &complete_contract(2)).expect_problem(422, "idempotency-key-reused");
        keyed(&registrar, &format!("{path}/submit"), "key-1", 2, &body).expect_problem(422, "idempotency-key-reused");
        assert_eq!(head(app), after);
        // Keys are each person's own.
        let other = keyed(&app.person(Person::Colleague), "/contracts", "key-1", 0, &complete_contract(2));
        assert_ne!(other.expect(201)["id"], contract["id"]);
        // Without a key, and under other methods, there is no such thing.
        assert_ne!(registrar.post("/contracts", &body).expect(201)["id"], contract["id"]);
    }

    fn every_act_may_carry_a_key(app: &App) {
        let registrar = app.person(Person::Registrar);
        let (reviewer, reviewer2) = (app.person(Person::Reviewer), app.person(Person::Reviewer2));
        let once = |client: &Client, contract: &Value, action: &str, body: Value| {
            let path = format!("/contracts/{}/{action}", contract["id"]);
            let version = contract["version"].as_i64().unwrap();
            let key = format!("{}-{action}-{version}", contract["id"]);
            let first = keyed(client, &path, &key, version, &body);
            let done = first.expect(200);
            let after = head(app);
            // The version is stale by now: the repeated request does not ask.
            same(&first, &keyed(client, &path, &key, version, &body));
            same(&first, &keyed(client, &path, &key, version + 7, &body));
            assert_eq!(head(app), after, "{action} is done once");
            done
        };
        let nothing = || json!({});
        let submitted = once(&registrar, &app.draft(1), "submit", nothing());
        let claimed = once(&reviewer, &submitted, "claim", nothing());
        let released = once(&reviewer, &claimed, "release", nothing());
        let claimed = once(&reviewer, &released, "claim", nothing());
        let reassigned = once(&reviewer2, &claimed, "reassign", json!({"reason": "休假"}));
        let items = json!([{"pointer": "/amount_fen", "detail": "不符"}]);
        let returned = once(&reviewer2, &reassigned, "return", json!({"reason": "x", "items": items}));
        let submitted = once(&registrar, &returned, "submit", nothing());
        let claimed = once(&reviewer, &submitted, "claim", nothing());
        let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        let confirmed = once(&reviewer, &claimed, "confirm", verified);
        once(&reviewer2, &confirmed, "revoke", json!({"ground": "fraud", "document_number": "1"}));
        once(&reviewer, &app.claimed(2), "refuse", json!({"reasons": ["price_unclear"]}));
        once(&registrar, &app.submitted(3), "withdraw", json!({"reason": "重报"}));
        let figures = app.person(Person::Statistician).get("/statistics/annual/2026").expect(200);
        assert_eq!((&figures["total"]["contracts"], &figures["revocations"]["contracts"]), (&json!(0), &json!(1)));
    }

    fn a_refused_request_may_be_sent_again_under_its_key(app: &App) {
        let registrar = app.person(Person::Registrar);
        let draft = registrar.post("/contracts", &json!({"project_name": "棉田残膜回收装备研制"})).expect(201);
        let path = format!("/contracts/{}", draft["id"]);
        let submit = |version: i64| keyed(&registrar, &format!("{path}/submit"), "s", version, &json!({}));
        submit(1).expect_problem(422, "invalid");
        submit(9).expect_problem(412, "stale-version");
        let edited = registrar.patch_at(&path, 1, &complete_contract(1)).expect(200);
        assert_eq!(submit(edited["version"].as_i64().unwrap()).expect(200)["state"], "submitted");
        // The key answers for what was done, whatever the version says; who may not see the contract learns nothing by it.
        submit(1).expect(200);
        let other = app.person(Person::OtherRegistrar);
        keyed(&other, &format!("{path}/submit"), "s", 1, &json!({})).expect_problem(404, "not-found");
    }

    fn a_key_is_of_visible_ascii(app: &App) {
        let registrar = app.person(Person::Registrar);
        let longest = "k".repeat(255);
        let too_long = "k".repeat(256);
        for key in ["", "a b", "键", "a\tb", &too_long] {
            let reply = keyed(&registrar, "/contracts", key, 0, &complete_contract(1));
            reply.expect_problem(400, "malformed");
            // Before 404 and all the rest.
            keyed(&registrar, "/contracts/999999/submit", key, 0, &json!({})).expect_problem(400, "malformed");
        }
        for key in ["!", "~", &longest] {
            keyed(&registrar, "/contracts", key, 0, &complete_contract(1)).expect(201);
        }
        assert_eq!(registrar.get("/contracts").expect(200)["items"].as_array().unwrap().len(), 3);
    }
}
