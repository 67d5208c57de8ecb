//! Each refusal of the way from draft to revocation, the order in which they are checked, and that a refusal leaves nothing behind.

use serde_json::{Value, json};

use crate::support::{App, Client, Person, Reply, both, complete_contract};

/// A refusal is a well-formed problem (RFC 9457) of a status, its kind being one of those that docs name.
#[track_caller]
fn refused(reply: &Reply, status: u16, kind: &str) {
    let body = reply.expect_problem(status, kind);
    let mut names: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["denial", "detail", "errors", "status", "title", "type"]);
    assert!(body["title"].as_str().is_some_and(|t| !t.is_empty()), "{body}");
    assert_eq!(body["denial"].is_string(), kind == "forbidden", "{body}");
    for error in body["errors"].as_array().unwrap() {
        let texts = ["pointer", "code", "detail"].map(|name| error[name].as_str().unwrap());
        assert!(texts[0].is_empty() || texts[0].starts_with('/'), "{body}");
        assert!(!texts[1].is_empty() && !texts[2].is_empty(), "{body}");
    }
    assert_eq!(
        !body["errors"].as_array().unwrap().is_empty(),
        kind == "invalid",
        "{body}"
    );
    assert_eq!(reply.header("www-authenticate").is_some(), status == 401);
}

/// The pointers of an invalid body.
#[track_caller]
fn invalid(reply: &Reply, pointers: &[&str]) {
    refused(reply, 422, "invalid");
    assert_eq!(reply.pointers(), pointers, "{}", reply.text);
}

/// What must not change by a refusal: the ledger's end and the contract.
fn standing(app: &App, contract: &Value) -> (Value, Value) {
    let auditor = app.person(Person::Auditor);
    let head = auditor.get("/ledger/head").expect(200);
    (head, auditor.get(&format!("/contracts/{}", contract["id"])).expect(200))
}

fn version(contract: &Value) -> i64 {
    contract["version"].as_i64().unwrap()
}

fn path(contract: &Value) -> String {
    format!("/contracts/{}", contract["id"])
}

fn json_headers(version: i64) -> [(String, String); 2] {
    [
        ("Content-Type".to_owned(), "application/json".to_owned()),
        ("If-Match".to_owned(), format!("\"{version}\"")),
    ]
}

/// A request with raw bytes as its body.
fn raw(client: &Client, method: &str, path: &str, version: i64, body: &[u8]) -> Reply {
    let headers = json_headers(version);
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    client.send(method, path, &headers, Some(body))
}

both! {
    fn without_a_valid_token_nothing_is_said(app: &App) {
        let draft = app.draft(1);
        let before = standing(app, &draft);
        let anonymous = app.anonymous();
        let expired = app.person(Person::Registrar);
        let ended = app.person(Person::Registrar);
        ended.post("/auth/logout", &json!({})).expect(204);
        let (header, rest) = expired.token().unwrap().split_once('.').unwrap();
        let (payload, signature) = rest.split_once('.').unwrap();
        let other_signature: String = signature.chars().rev().collect();
        let garbage = [
            anonymous.clone(),
            anonymous.with_token("garbage"),
            anonymous.with_token(""),
            anonymous.with_token(&format!("{header}.{payload}.{other_signature}")),
            anonymous.with_token(&format!("{header}.{payload}.")),
            anonymous.with_token(&format!("eyJhbGciOiJub25lIn0.{payload}.")),
            ended,
        ];
        for client in &garbage {
            refused(&client.get(&path(&draft)), 401, "unauthenticated");
            refused(&client.get("/contracts/999999"), 401, "unauthenticated");
            refused(&client.post_at(&format!("{}/submit", path(&draft)), 1, &json!({})), 401, "unauthenticated");
            // Before anything else that is wrong.
            refused(&raw(client, "PATCH", &path(&draft), 9, b"{"), 401, "unauthenticated");
            refused(&raw(client, "POST", "/contracts", 0, &vec![b' '; 2 << 20]), 401, "unauthenticated");
        }
        // Fifteen minutes by the clock, not a second more.
        expired.get(&path(&draft)).expect(200);
        app.pass_seconds(899);
        expired.get(&path(&draft)).expect(200);
        app.pass_seconds(1);
        refused(&expired.get(&path(&draft)), 401, "unauthenticated");
        assert_eq!(standing(app, &draft), before);
    }

    fn what_the_caller_may_not_know_of_is_not_there(app: &App) {
        let draft = app.draft(1);
        let before = standing(app, &draft);
        let registrar = app.person(Person::Registrar);
        for id in ["999999", "0", "-1", "9223372036854775807", "9223372036854775808", "abc", "1e0", "1.0", "%20", "%FF", "%00"] {
            let path = format!("/contracts/{id}");
            refused(&registrar.get(&path), 404, "not-found");
            refused(&registrar.get(&format!("{path}/history")), 404, "not-found");
            refused(&registrar.get(&format!("{path}/revisions/1")), 404, "not-found");
            refused(&registrar.patch_at(&path, 1, &json!({})), 404, "not-found");
            refused(&registrar.delete_at(&path, 1), 404, "not-found");
            refused(&registrar.post_at(&format!("{path}/submit"), 1, &json!({})), 404, "not-found");
        }
        refused(&registrar.get(&format!("{}/revisions/2", path(&draft))), 404, "not-found");
        refused(&registrar.get(&format!("{}/revisions/x", path(&draft))), 404, "not-found");
        refused(&registrar.post_at(&format!("{}/approve", path(&draft)), 1, &json!({})), 404, "not-found");
        refused(&registrar.get("/nothing"), 404, "not-found");
        let not_allowed = registrar.send("PUT", &path(&draft), &[], None);
        refused(&not_allowed, 405, "method-not-allowed");
        assert_eq!(not_allowed.header("allow"), Some("GET, PATCH, DELETE"));
        // A draft is hidden from everyone but the agency's registrars and the auditors.
        for person in [
            Person::OtherRegistrar,
            Person::Reviewer,
            Person::Expert,
            Person::Statistician,
            Person::Administrator,
        ] {
            let client = app.person(person);
            let hidden = client.get(&path(&draft));
            refused(&hidden, 404, "not-found");
            assert_eq!(hidden.text, client.get("/contracts/999999").text, "as if it were not there");
            refused(&client.get(&format!("{}/history", path(&draft))), 404, "not-found");
            refused(&client.get(&format!("{}/revisions/1", path(&draft))), 404, "not-found");
        }
        assert_eq!(standing(app, &draft), before);
    }

    fn each_denial_has_its_reason(app: &App) {
        let registrar = app.person(Person::Registrar);
        let reviewer = app.person(Person::Reviewer);
        let denial = |reply: Reply| {
            refused(&reply, 403, "forbidden");
            reply.json()["denial"].as_str().unwrap().to_owned()
        };
        for person in [Person::Reviewer, Person::Expert, Person::Statistician, Person::Auditor, Person::Administrator] {
            assert_eq!(denial(app.person(person).post("/contracts", &complete_contract(1))), "role");
        }
        let draft = app.draft(1);
        assert_eq!(denial(app.person(Person::Auditor).try_act(&draft, "submit", &json!({}))), "role");
        assert_eq!(denial(app.person(Person::Uncertified).try_act(&draft, "submit", &json!({}))), "certificate-not-valid");
        let submitted = registrar.act(&draft, "submit", &json!({}));
        let before = standing(app, &submitted);
        assert_eq!(denial(registrar.try_act(&submitted, "claim", &json!({}))), "role");
        assert_eq!(denial(reviewer.try_act(&submitted, "withdraw", &json!({"reason": "x"}))), "role");
        assert_eq!(denial(app.person(Person::ReviewingRegistrar).try_act(&submitted, "claim", &json!({}))), "own-work");
        assert_eq!(standing(app, &submitted), before);
        let claimed = reviewer.act(&submitted, "claim", &json!({}));
        let reason = json!({"reason": "请接手"});
        assert_eq!(denial(app.person(Person::Reviewer2).try_act(&claimed, "release", &json!({}))), "not-claimer");
        assert_eq!(denial(reviewer.try_act(&claimed, "reassign", &reason)), "already-claimer");
        let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        let confirmed = reviewer.act(&claimed, "confirm", &verified);
        let ground = json!({"ground": "duplicate", "document_number": "1"});
        assert_eq!(denial(reviewer.try_act(&confirmed, "revoke", &ground)), "same-person");
        assert_eq!(denial(app.person(Person::Statistician).try_act(&confirmed, "revoke", &ground)), "role");
        // The certificate runs out at the end of its last day, Beijing time.
        let second = app.draft(2);
        app.set_time("2028-12-31T23:59:59+08:00");
        let third = app.draft(3);
        app.person(Person::Registrar).act(&third, "submit", &json!({"reasons": {}}));
        app.set_time("2029-01-01T00:00:00+08:00");
        assert_eq!(denial(app.person(Person::Registrar).try_act(&second, "submit", &json!({}))), "certificate-not-valid");
    }

    fn what_is_missing_or_wrong_is_named_by_create_and_edit(app: &App) {
        let registrar = app.person(Person::Registrar);
        let head = app.person(Person::Auditor).get("/ledger/head").expect(200);
        let create = |body: Value| registrar.post("/contracts", &body);
        invalid(
            &create(json!({
                "project_name": "  ", "type": "gift", "subtype": "x", "unit": "div_99", "field": "x", "plan_source": "x", "ip_kind": "x",
                "objective": "x", "payment_mode": "x", "cross_border": "x", "summary": "有\u{0}空字符",
                "seller": {"kind": "x", "country": "XYZ", "uscc": "123", "region": "1", "phone": ""},
                "buyer": {"kind": "x", "country": "??", "uscc": "91659001MA0000001O", "region": "990000", "unit": "x"},
                "signed_on": "1900-01-01", "amount_fen": -1
            })),
            &[
                "/amount_fen", "/buyer/country", "/buyer/kind", "/buyer/region", "/buyer/unit", "/buyer/uscc", "/cross_border",
                "/field", "/ip_kind", "/objective", "/payment_mode", "/plan_source", "/project_name", "/seller/country",
                "/seller/kind", "/seller/phone", "/seller/region", "/seller/uscc", "/signed_on", "/subtype", "/summary", "/type",
                "/unit",
            ],
        );
        invalid(&create(json!({"amount_fen": 100, "technology_amount_fen": 101})), &["/technology_amount_fen"]);
        invalid(&create(json!({"amount_fen": 100, "non_technology_amount_fen": 101})), &["/non_technology_amount_fen"]);
        invalid(
            &create(json!({"amount_fen": 100, "technology_amount_fen": 50, "non_technology_amount_fen": 51})),
            &["/technology_amount_fen"],
        );
        invalid(&create(json!({"amount_fen": i64::MAX})), &["/amount_fen"]);
        invalid(&create(json!({"project_name": "长".repeat(201)})), &["/project_name"]);
        assert_eq!(app.person(Person::Auditor).get("/ledger/head").expect(200), head);

        let draft = app.draft(1);
        let before = standing(app, &draft);
        let edit = |body: Value| registrar.patch_at(&path(&draft), 1, &body);
        invalid(&edit(json!({"amount_fen": 1})), &["/non_technology_amount_fen", "/technology_amount_fen"]);
        invalid(&edit(json!({"technology_amount_fen": 1})), &["/technology_amount_fen"]);
        invalid(&edit(json!({"seller": {"uscc": "91659001MA00000010"}, "type": "x"})), &["/seller/uscc", "/type"]);
        assert_eq!(standing(app, &draft), before);
    }

    fn what_a_submission_lacks_is_named(app: &App) {
        let registrar = app.person(Person::Registrar);
        let empty = registrar.post("/contracts", &json!({})).expect(201);
        let before = standing(app, &empty);
        let submit = |contract: &Value, body: Value| registrar.try_act(contract, "submit", &body);
        invalid(
            &submit(&empty, json!({})),
            &[
                "/amount_fen", "/begins_on", "/buyer/kind", "/buyer/name", "/buyer/region", "/buyer/uscc", "/cross_border",
                "/ends_on", "/field", "/ip_kind", "/non_technology_amount_fen", "/objective", "/payment_mode", "/plan_source",
                "/project_name", "/related_party", "/seller/kind", "/seller/name", "/seller/region", "/seller/uscc",
                "/signed_on", "/subtype", "/summary", "/technology_amount_fen", "/type", "/unit",
            ],
        );
        assert_eq!(standing(app, &empty), before);
        // One thing wrong at a time, on a contract that is complete otherwise.
        let cases = [
            (json!({"technology_amount_fen": 0, "non_technology_amount_fen": 120_000_000}), vec!["/technology_amount_fen"]),
            (json!({"signed_on": "2026-06-16", "ends_on": "2027-12-31"}), vec!["/signed_on"]),
            (json!({"received_on": "2026-06-16"}), vec!["/received_on"]),
            (json!({"received_on": "2025-02-28"}), vec!["/signed_on"]),
            (json!({"begins_on": "2028-01-01"}), vec!["/ends_on"]),
            (json!({"subtype": "tr_technical_secret"}), vec!["/subtype"]),
            (json!({"type": "transfer", "subtype": "tr_technical_secret", "ip_kind": "none"}), vec!["/ip_kind"]),
            (json!({"type": "transfer", "subtype": "tr_patent_right"}), vec!["/ip_kind"]),
            (json!({"summary": "太短"}), vec!["/summary"]),
            (json!({"project_name": "短"}), vec!["/project_name"]),
            (json!({"plan_source": "national"}), vec!["/plan_name", "/plan_number"]),
            (json!({"seller": {"kind": "university"}}), vec!["/seller/kind"]),
            (json!({"seller": {"uscc": null}}), vec!["/seller/uscc"]),
            (json!({"buyer": {"region": null, "uscc": null}}), vec!["/buyer/region", "/buyer/uscc"]),
            (json!({"seller": {"phone": "12345678"}}), vec!["/reasons/A27"]),
            (
                json!({"amount_fen": 99_999, "technology_amount_fen": 99_999, "non_technology_amount_fen": 0}),
                vec!["/reasons/A12"],
            ),
        ];
        for (n, (patch, pointers)) in (10..).zip(cases) {
            let draft = app.draft(n);
            let patched = registrar.patch_at(&path(&draft), 1, &patch);
            let contract = patched.expect(200);
            let before = standing(app, &contract);
            let reply = submit(&contract, json!({}));
            assert_eq!(reply.status, 422, "{patch}: {}", reply.text);
            assert_eq!(reply.pointers(), pointers, "{patch}");
            assert_eq!(standing(app, &contract), before, "{patch}");
        }
        // A warning passes with a reason in words; blank ones are none.
        let draft = app.draft(30);
        let amounts = json!({"amount_fen": 99_999, "technology_amount_fen": 99_999, "non_technology_amount_fen": 0});
        let small = registrar.patch_at(&path(&draft), 1, &amounts).expect(200);
        invalid(&submit(&small, json!({"reasons": {"A12": "  "}})), &["/reasons/A12"]);
        submit(&small, json!({"reasons": {"A12": "小额技术咨询"}})).expect(200);
        let history = registrar.get(&format!("{}/history", path(&draft))).expect(200);
        assert_eq!(history[2]["reason"], "A12：小额技术咨询");
        // Natural persons and foreign parties need no credit code, foreign ones no region either.
        let draft = app.draft(31);
        let parties = json!({
            "seller": {"kind": "natural_person", "uscc": null},
            "buyer": {"country": "KAZ", "uscc": null, "region": null}
        });
        let contract = registrar.patch_at(&path(&draft), 1, &parties).expect(200);
        submit(&contract, json!({})).expect(200);
    }

    fn what_the_bodies_of_acts_lack_is_named(app: &App) {
        let registrar = app.person(Person::Registrar);
        let (reviewer, reviewer2) = (app.person(Person::Reviewer), app.person(Person::Reviewer2));
        let long = "长".repeat(2001);
        let submitted = app.submitted(1);
        let before = standing(app, &submitted);
        for body in [json!({}), json!({"reason": null}), json!({"reason": " "}), json!({"reason": long}), json!({"reason": 7})] {
            invalid(&registrar.try_act(&submitted, "withdraw", &body), &["/reason"]);
        }
        invalid(&registrar.try_act(&submitted, "withdraw", &json!({"reason": "x", "cause": "y"})), &["/cause"]);
        invalid(&reviewer.try_act(&submitted, "claim", &json!({"reason": "x"})), &["/reason"]);
        assert_eq!(standing(app, &submitted), before);

        let claimed = reviewer.act(&submitted, "claim", &json!({}));
        let before = standing(app, &claimed);
        invalid(&reviewer.try_act(&claimed, "release", &json!({"reason": "x"})), &["/reason"]);
        for body in [json!({}), json!({"reason": ""}), json!({"reason": ["x"]})] {
            invalid(&reviewer2.try_act(&claimed, "reassign", &body), &["/reason"]);
        }
        let give_back = |body: Value| reviewer.try_act(&claimed, "return", &body);
        invalid(&give_back(json!({})), &["/items", "/reason"]);
        invalid(&give_back(json!({"reason": "x", "items": []})), &["/items"]);
        invalid(
            &give_back(json!({"reason": "x", "items": [{}, {"pointer": "amount", "detail": " "}]})),
            &["/items/0/detail", "/items/1/detail", "/items/1/pointer"],
        );
        invalid(&give_back(json!({"reason": 1, "items": [7, {"pointer": true, "detail": {}}]})), &["/items/0", "/items/1/detail", "/items/1/pointer", "/reason"]);
        let confirm = |body: Value| reviewer.try_act(&claimed, "confirm", &body);
        invalid(&confirm(json!({})), &["/verified_technology_amount_fen", "/verified_type"]);
        invalid(
            &confirm(json!({"verified_type": "service", "verified_technology_amount_fen": 120_000_001})),
            &["/verified_subtype", "/verified_technology_amount_fen"],
        );
        invalid(
            &confirm(json!({"verified_type": "service", "verified_subtype": "dev_commissioned", "verified_technology_amount_fen": 1})),
            &["/verified_subtype"],
        );
        invalid(
            &confirm(json!({"verified_type": "gift", "verified_subtype": "x", "verified_technology_amount_fen": 0, "note": long})),
            &["/note", "/verified_subtype", "/verified_technology_amount_fen", "/verified_type"],
        );
        invalid(
            &confirm(json!({"verified_type": 1, "verified_subtype": [], "verified_technology_amount_fen": "1", "note": {}, "x": 1})),
            &["/note", "/verified_subtype", "/verified_technology_amount_fen", "/verified_type", "/x"],
        );
        let refuse = |body: Value| reviewer.try_act(&claimed, "refuse", &body);
        invalid(&refuse(json!({})), &["/reasons"]);
        invalid(&refuse(json!({"reasons": []})), &["/reasons"]);
        invalid(&refuse(json!({"reasons": ["price_unclear", "x", "y"]})), &["/reasons/1", "/reasons/2"]);
        invalid(&refuse(json!({"reasons": ["other"]})), &["/note"]);
        invalid(&refuse(json!({"reasons": "other"})), &["/reasons"]);
        assert_eq!(standing(app, &claimed), before);

        let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        let confirmed = reviewer.act(&claimed, "confirm", &verified);
        let before = standing(app, &confirmed);
        let revoke = |body: Value| reviewer2.try_act(&confirmed, "revoke", &body);
        invalid(&revoke(json!({})), &["/document_number", "/ground"]);
        invalid(&revoke(json!({"ground": "x", "document_number": " "})), &["/document_number", "/ground"]);
        invalid(&revoke(json!({"ground": "other", "document_number": "1"})), &["/note"]);
        invalid(&revoke(json!({"ground": "rescinded", "document_number": "1"})), &["/ground"]);
        invalid(&revoke(json!({"ground": "fraud", "document_number": "1", "self_audit_id": 1})), &["/self_audit_id"]);
        invalid(
            &revoke(json!({"ground": "fraud", "document_number": "1", "served_on": "2026-02-30", "note": 1})),
            &["/note", "/served_on"],
        );
        assert_eq!(standing(app, &confirmed), before);
    }

    fn a_text_that_no_store_keeps_is_refused(app: &App) {
        let reviewer = app.person(Person::Reviewer);
        let claimed = app.claimed(1);
        let before = standing(app, &claimed);
        let nul = "有\u{0}空字符";
        invalid(&app.person(Person::Reviewer2).try_act(&claimed, "reassign", &json!({"reason": nul})), &["/reason"]);
        let items = json!([{"pointer": "/a\u{0}", "detail": nul}]);
        invalid(
            &reviewer.try_act(&claimed, "return", &json!({"reason": nul, "items": items})),
            &["/items/0/detail", "/items/0/pointer", "/reason"],
        );
        invalid(&reviewer.try_act(&claimed, "refuse", &json!({"reasons": ["other"], "note": nul})), &["/note"]);
        let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000, "note": nul});
        invalid(&reviewer.try_act(&claimed, "confirm", &verified), &["/note"]);
        assert_eq!(standing(app, &claimed), before);
        let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        let confirmed = reviewer.act(&claimed, "confirm", &verified);
        let before = standing(app, &confirmed);
        let ground = json!({"ground": "other", "document_number": nul, "note": nul, "served_on": "+12345-01-01"});
        invalid(
            &app.person(Person::Reviewer2).try_act(&confirmed, "revoke", &ground),
            &["/document_number", "/note", "/served_on"],
        );
        assert_eq!(standing(app, &confirmed), before);
        // In addresses and at the door too.
        for query in ["q=%00", "agency=%00", "claimed_by=%00", "unit=%00", "sort=%00", "cursor=%00"] {
            let status = reviewer.get(&format!("/contracts?{query}")).status;
            assert!(status == 200 || status == 422, "{query}: {status}");
        }
        let log_in = json!({"username": "a\u{0}", "password": "b\u{0}"});
        refused(&app.anonymous().post("/auth/login", &log_in), 401, "credentials");
        refused(&app.anonymous().post("/auth/refresh", &json!({"refresh_token": "\u{0}"})), 401, "unauthenticated");
        refused(&reviewer.get("/code-lists/%00"), 404, "not-found");
    }

    fn a_body_that_cannot_be_read_is_told_apart(app: &App) {
        let registrar = app.person(Person::Registrar);
        let draft = app.draft(1);
        let before = standing(app, &draft);
        let path = path(&draft);
        let bodies: [&[u8]; 9] = [
            b"{", b"[]", b"[{}]", b"null", b"7", b"\"x\"", b"{\"a\":1}{", b"{\"summary\":\"\xff\xfe\"}", b"{\"amount_fen\":1e999}",
        ];
        for body in bodies {
            refused(&raw(&registrar, "PATCH", &path, 1, body), 400, "malformed");
            refused(&raw(&registrar, "POST", &format!("{path}/submit"), 1, body), 400, "malformed");
            refused(&raw(&registrar, "POST", "/contracts", 1, body), 400, "malformed");
            refused(&raw(&app.anonymous(), "POST", "/auth/login", 1, body), 400, "malformed");
        }
        let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
        refused(&raw(&registrar, "PATCH", &path, 1, &deep), 400, "malformed");
        let text = complete_contract(1).to_string();
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/merge-patch+json"] {
            let headers = [("Content-Type", kind), ("If-Match", "\"1\"")];
            refused(&registrar.send("POST", "/contracts", &headers, Some(text.as_bytes())), 415, "media-type");
        }
        refused(&registrar.send("PATCH", &path, &[("If-Match", "\"1\"")], Some(text.as_bytes())), 415, "media-type");
        let large = format!("{{\"summary\":\"{}\"}}", "x".repeat(1 << 20));
        refused(&raw(&registrar, "POST", "/contracts", 1, large.as_bytes()), 413, "too-large");
        refused(&raw(&registrar, "PATCH", &path, 1, large.as_bytes()), 413, "too-large");
        assert_eq!(standing(app, &draft), before);
        // A merge patch under its own name, with a parameter, is one.
        let headers = [("Content-Type", "application/merge-patch+json; charset=utf-8"), ("If-Match", "\"1\"")];
        registrar.send("PATCH", &path, &headers, Some(b"{\"project_name\":\"x y\"}")).expect(200);
    }

    fn refusals_come_in_their_order(app: &App) {
        let registrar = app.person(Person::Registrar);
        let other = app.person(Person::OtherRegistrar);
        let reviewer = app.person(Person::Reviewer);
        let draft = app.draft(1);
        let path_of = |action: &str| format!("{}/{action}", path(&draft));
        let wrong = json!({"reason": 7, "project_name": 7});
        let no_version = |client: &Client, action: &str, body: &Value| client.post(&path_of(action), body);
        let before = standing(app, &draft);

        // 413, 415, 400 before 404.
        let large = format!("{{\"summary\":\"{}\"}}", "x".repeat(1 << 20));
        refused(&raw(&other, "PATCH", "/contracts/999999", 1, large.as_bytes()), 413, "too-large");
        refused(&other.send("PATCH", "/contracts/999999", &[("Content-Type", "text/plain")], Some(b"{")), 415, "media-type");
        refused(&raw(&other, "PATCH", "/contracts/999999", 1, b"{"), 400, "malformed");
        // 404 before 403, 428, 422.
        refused(&no_version(&reviewer, "submit", &wrong), 404, "not-found");
        refused(&no_version(&other, "submit", &wrong), 404, "not-found");
        refused(&registrar.post("/contracts/999999/submit", &wrong), 404, "not-found");
        refused(&registrar.post("/contracts/abc/submit", &wrong), 404, "not-found");
        refused(&other.with_body("PATCH", &path(&draft), &[], &wrong), 404, "not-found");
        refused(&other.send("DELETE", &path(&draft), &[], None), 404, "not-found");
        // 403 before 428, 412, 409, 422.
        refused(&no_version(&registrar, "claim", &wrong), 403, "forbidden");
        refused(&registrar.post_at(&path_of("confirm"), 99, &wrong), 403, "forbidden");
        refused(&reviewer.post("/contracts", &json!({"type": 7})), 403, "forbidden");
        refused(&app.person(Person::Auditor).with_body("PATCH", &path(&draft), &[], &wrong), 403, "forbidden");
        // 428 before 412, 409, 422.
        refused(&no_version(&registrar, "withdraw", &wrong), 428, "version-missing");
        refused(&registrar.with_body("PATCH", &path(&draft), &[], &wrong), 428, "version-missing");
        refused(&registrar.send("DELETE", &path(&draft), &[], None), 428, "version-missing");
        // 412 before 409, 422; whatever is no version of ours is stale.
        refused(&registrar.post_at(&path_of("withdraw"), 2, &wrong), 412, "stale-version");
        refused(&registrar.patch_at(&path(&draft), 0, &wrong), 412, "stale-version");
        for tag in ["1", "\"x\"", "W/\"1\"", "\"1\", \"2\"", "*", "\"\"", "\"1", "\"01x\""] {
            let reply = registrar.with_body("PATCH", &path(&draft), &[("If-Match", tag)], &wrong);
            refused(&reply, 412, "stale-version");
        }
        // 409 before 422.
        refused(&registrar.post_at(&path_of("withdraw"), 1, &wrong), 409, "wrong-state");
        // 422 last.
        invalid(&registrar.patch_at(&path(&draft), 1, &wrong), &["/project_name", "/reason"]);
        assert_eq!(standing(app, &draft), before);

        let submitted = registrar.act(&draft, "submit", &json!({}));
        let before = standing(app, &submitted);
        refused(&registrar.patch_at(&path(&draft), version(&submitted), &wrong), 409, "wrong-state");
        refused(&registrar.patch_at(&path(&draft), 1, &wrong), 412, "stale-version");
        refused(&registrar.delete_at(&path(&draft), version(&submitted)), 409, "wrong-state");
        refused(&reviewer.try_act(&submitted, "confirm", &wrong), 409, "wrong-state");
        invalid(&registrar.try_act(&submitted, "withdraw", &json!({"reason": 7})), &["/reason"]);
        assert_eq!(standing(app, &submitted), before);
    }

    fn a_discarded_draft_is_gone(app: &App) {
        let registrar = app.person(Person::Registrar);
        let draft = app.draft(1);
        assert_eq!(registrar.delete_at(&path(&draft), 1).expect(204), Value::Null);
        refused(&registrar.get(&path(&draft)), 404, "not-found");
        refused(&registrar.delete_at(&path(&draft), 1), 404, "not-found");
        refused(&registrar.try_act(&draft, "submit", &json!({})), 404, "not-found");
        // The ledger keeps that it was there, and its key is not given again.
        let entries = app.person(Person::Auditor).get("/ledger?limit=100").expect(200);
        let last = entries["items"].as_array().unwrap().last().unwrap()["entry"].as_str().unwrap().to_owned();
        let last: Value = serde_json::from_str(&last).unwrap();
        assert_eq!((&last["action"], &last["contract"], &last["from"], &last["to"]), (&json!("discard"), &draft["id"], &json!("draft"), &Value::Null));
        assert_ne!(app.draft(2)["id"], draft["id"]);
    }
}
