//! Contracts as documents: merge patches, tidying, findings, deadlines, history and revisions.

use serde_json::{Value, json};

use crate::support::{Person, both, complete_contract, credit_code, second};

fn path(contract: &Value) -> String {
    format!("/contracts/{}", contract["id"])
}

both! {
    fn a_contract_has_every_field(app: &App) {
        let contract = app.person(Person::Registrar).post("/contracts", &json!({})).expect(201);
        let mut names: Vec<&str> = contract.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        let mut expected: Vec<&str> = "id, version, revision, state, registration_number, national_number, project_name, type, \
            subtype, unit, agency, registrar_certificate, seller, buyer, received_on, signed_on, begins_on, ends_on, amount_fen, \
            technology_amount_fen, non_technology_amount_fen, field, plan_source, plan_name, plan_number, ip_kind, objective, \
            payment_mode, cross_border, related_party, summary, rule_set, submitted_at, due_on, claimed_by, returned, refusal, \
            confirmed_at, ended, expert_reviewed, expert_conclusion, open_change_request, checks, available_actions"
            .split(", ")
            .collect();
        expected.sort_unstable();
        assert_eq!(names, expected);
        let party = json!({"name": null, "uscc": null, "kind": null, "region": null, "country": "CHN", "address": null,
            "legal_representative": null, "contact": null, "phone": null});
        assert_eq!(contract["seller"], party);
        let mut buyer = party;
        buyer["unit"] = Value::Null;
        assert_eq!(contract["buyer"], buyer);
        assert_eq!((&contract["version"], &contract["revision"], &contract["state"]), (&json!(1), &json!(1), &json!("draft")));
        assert_eq!((&contract["agency"], &contract["registrar_certificate"]), (&json!("660008"), &json!("DJY6620190044")));
        assert_eq!((&contract["expert_reviewed"], &contract["project_name"]), (&json!(false), &Value::Null));
    }

    fn a_patch_merges_as_rfc_7396_says(app: &App) {
        let registrar = app.person(Person::Registrar);
        let draft = app.draft(1);
        let edit = |version: i64, patch: Value| registrar.patch_at(&path(&draft), version, &patch).expect(200);
        let mut expected = draft.clone();
        let agrees = |found: &Value, expected: &Value| {
            for name in complete_contract(1).as_object().unwrap().keys() {
                assert_eq!(found[name], expected[name], "{name}");
            }
        };
        // What is absent stays, at every depth.
        let edited = edit(1, json!({"project_name": "滴灌设备研制", "seller": {"phone": "0993-2012346"}}));
        expected["project_name"] = json!("滴灌设备研制");
        expected["seller"]["phone"] = json!("0993-2012346");
        agrees(&edited, &expected);
        assert_eq!(edited["version"], 2);
        // Null clears; a country that is cleared is China's.
        let edited = edit(2, json!({"summary": null, "related_party": null, "buyer": {"unit": null, "address": null, "country": null}}));
        for name in ["summary", "related_party"] {
            expected[name] = Value::Null;
        }
        expected["buyer"]["unit"] = Value::Null;
        expected["buyer"]["address"] = Value::Null;
        agrees(&edited, &expected);
        assert_eq!(edited["buyer"]["country"], "CHN");
        // A party as a whole.
        let edited = edit(3, json!({"seller": null}));
        assert!(edited["seller"].as_object().unwrap().iter().all(|(k, v)| v.is_null() || (k == "country" && v == "CHN")));
        // The same again, and nothing at all, change nothing: no version, no entry in the ledger.
        let history = registrar.get(&format!("{}/history", path(&draft))).expect(200);
        for patch in [json!({}), json!({"seller": null}), json!({"project_name": "滴灌设备研制", "seller": {}})] {
            assert_eq!(edit(4, patch)["version"], 4);
        }
        assert_eq!(registrar.get(&format!("{}/history", path(&draft))).expect(200), history);
    }

    fn unknown_fields_and_wrong_types_are_named_all_at_once(app: &App) {
        let registrar = app.person(Person::Registrar);
        let draft = app.draft(1);
        let body = json!({
            "project_name": 7, "amount_fen": "100", "technology_amount_fen": 1.5, "signed_on": "2025-02-29", "related_party": "yes",
            "summary": ["x"], "seller": {"name": true, "uscc": {}, "fax": "x"}, "buyer": "x", "colour": "red", "a/b~c.d": 1
        });
        let expected = [
            "/amount_fen", "/a~1b~0c.d", "/buyer", "/colour", "/project_name", "/related_party", "/seller/fax", "/seller/name",
            "/seller/uscc", "/signed_on", "/summary", "/technology_amount_fen",
        ];
        for reply in [registrar.post("/contracts", &body), registrar.patch_at(&path(&draft), 1, &body)] {
            reply.expect_problem(422, "invalid");
            assert_eq!(reply.pointers(), expected);
        }
        // What the server alone writes is no field of a request.
        let own = json!({"id": 7, "version": 7, "revision": 7, "state": "confirmed", "registration_number": "2026660008500001",
            "agency": "660001", "registrar_certificate": "x", "confirmed_at": "2026-01-01T00:00:00+08:00", "rule_set": "r2001",
            "claimed_by": "x", "checks": [], "available_actions": []});
        let reply = registrar.patch_at(&path(&draft), 1, &own);
        reply.expect_problem(422, "invalid");
        let mut names: Vec<String> = own.as_object().unwrap().keys().map(|k| format!("/{k}")).collect();
        names.sort();
        assert_eq!(reply.pointers(), names);
        assert_eq!(registrar.get(&path(&draft)).expect(200), draft);
    }

    fn what_people_type_is_tidied(app: &App) {
        let registrar = app.person(Person::Registrar);
        let code = credit_code("91659001", 7);
        let wide: String = code.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap()).collect();
        for typed in [code.to_lowercase(), wide.clone(), wide.to_lowercase(), format!("  {code} ")] {
            let body = json!({"project_name": "  滴灌设备研制\t", "seller": {"uscc": typed, "region": " ６５９００１ ", "country": "chn"}});
            let contract = registrar.post("/contracts", &body).expect(201);
            assert_eq!(contract["seller"]["uscc"], code, "{typed}");
            assert_eq!((&contract["seller"]["region"], &contract["seller"]["country"]), (&json!("659001"), &json!("CHN")));
            assert_eq!(contract["project_name"], "滴灌设备研制");
        }
    }

    fn the_findings_about_a_draft_are_what_submission_would_say(app: &App) {
        let registrar = app.person(Person::Registrar);
        let empty = registrar.post("/contracts", &json!({})).expect(201);
        let empty = registrar.get(&path(&empty)).expect(200);
        let of = |contract: &Value, severity: &str| -> Vec<(String, String)> {
            let checks = contract["checks"].as_array().unwrap().iter().filter(|c| c["severity"] == severity);
            let text = |c: &Value, name: &str| c[name].as_str().unwrap().to_owned();
            checks.map(|c| (text(c, "id"), text(c, "pointer"))).collect()
        };
        let errors = of(&empty, "error");
        assert_eq!(errors.len(), 26);
        assert!(errors.iter().all(|(id, _)| id == "required"));
        let refused = registrar.try_act(&empty, "submit", &json!({}));
        let mut pointers: Vec<String> = errors.into_iter().map(|(_, pointer)| pointer).collect();
        pointers.sort();
        assert_eq!(refused.pointers(), pointers);
        let wanted = ["/address", "/contact", "/legal_representative", "/phone"];
        let notices = of(&empty, "notice");
        for side in ["/buyer", "/seller"] {
            for name in wanted {
                assert!(notices.contains(&("recommended".to_owned(), format!("{side}{name}"))), "{side}{name}");
            }
        }
        // A complete one lacks nothing; that the rules of 2026 were not compared is a notice and blocks nothing.
        let draft = app.draft(1);
        assert_eq!((of(&draft, "error"), of(&draft, "warning")), (vec![], vec![]));
        assert_eq!(of(&draft, "notice"), [("rule_set_unverified".to_owned(), String::new())]);
        let small = json!({"amount_fen": 99_999, "technology_amount_fen": 99_999, "non_technology_amount_fen": 0});
        let small = registrar.patch_at(&path(&draft), 1, &small).expect(200);
        assert_eq!(of(&small, "warning"), [("A12".to_owned(), "/amount_fen".to_owned())]);
        let messages = small["checks"].as_array().unwrap();
        assert!(messages.iter().all(|c| c["message"].as_str().is_some_and(|m| !m.is_empty())));
        // Nothing is found about what is decided.
        assert_eq!(app.confirmed(2)["checks"], json!([]));
    }

    fn the_deadline_follows_the_rule_set_of_the_first_acceptance(app: &App) {
        let registrar = app.person(Person::Registrar);
        let reviewer = app.person(Person::Reviewer);
        // Counted by hand with the State Council's calendar of 2026: the first day is the day after; 2026-06-19 is a holiday,
        // 2026-05-01 to 05-05 too, and Saturday 2026-05-09 is a working day.
        let cases = [
            // r2001: 30 days, calendar ones.
            ("2026-02-28", 100_000_000_i64, "r2001", "2026-03-30"),
            ("2026-02-28", 900_000_000, "r2001", "2026-03-30"),
            ("2025-06-02", 100_000_000, "r2001", "2025-07-02"),
            // r2026: 15 working days, 30 from a technology amount of 5 million yuan on.
            ("2026-03-01", 100_000_000, "r2026", "2026-03-20"),
            ("2026-06-01", 499_999_999, "r2026", "2026-06-23"),
            ("2026-06-01", 500_000_000, "r2026", "2026-07-14"),
            ("2026-04-24", 100_000_000, "r2026", "2026-05-19"),
        ];
        for (n, (received_on, technology, rule_set, due_on)) in (1..).zip(cases) {
            let draft = app.draft(n);
            assert_eq!((&draft["rule_set"], &draft["due_on"]), (&Value::Null, &Value::Null));
            let patch = json!({"received_on": received_on, "amount_fen": technology + 20_000_000, "technology_amount_fen": technology});
            let draft = registrar.patch_at(&path(&draft), 1, &patch).expect(200);
            let submitted = registrar.act(&draft, "submit", &json!({}));
            assert_eq!(submitted["due_on"], due_on, "{received_on} {technology}");
            assert_eq!((&submitted["rule_set"], &submitted["received_on"]), (&json!(rule_set), &json!(received_on)));
        }
        // A contract keeps its rule set for life, whatever day the papers are said to have come in after a return.
        let draft = app.draft(20);
        let draft = registrar.patch_at(&path(&draft), 1, &json!({"received_on": "2026-02-27"})).expect(200);
        let submitted = registrar.act(&draft, "submit", &json!({}));
        let claimed = reviewer.act(&submitted, "claim", &json!({}));
        let items = json!([{"pointer": "/received_on", "detail": "与登记表不符"}]);
        let returned = reviewer.act(&claimed, "return", &json!({"reason": "日期有误", "items": items}));
        let edited = registrar.patch_at(&path(&draft), returned["version"].as_i64().unwrap(), &json!({"received_on": "2026-06-01"})).expect(200);
        let again = registrar.act(&edited, "submit", &json!({}));
        assert_eq!((&again["rule_set"], &again["due_on"]), (&json!("r2001"), &json!("2026-07-01")));
    }

    fn history_and_revisions_tell_what_happened(app: &App) {
        let registrar = app.person(Person::Registrar);
        let reviewer = app.person(Person::Reviewer);
        let draft = app.draft(1);
        app.pass_seconds(60);
        let edited = registrar.patch_at(&path(&draft), 1, &json!({"project_name": "滴灌设备研制", "buyer": {"unit": "div_02"}})).expect(200);
        app.pass_seconds(60);
        let submitted = registrar.act(&edited, "submit", &json!({}));
        let claimed = reviewer.act(&submitted, "claim", &json!({}));
        app.pass_seconds(60);
        let verified = json!({"verified_type": "service", "verified_subtype": "sv_general", "verified_technology_amount_fen": 90_000_000, "note": "按服务认定"});
        let confirmed = reviewer.act(&claimed, "confirm", &verified);
        assert_eq!(confirmed["revision"], 2);
        let history = registrar.get(&format!("{}/history", path(&draft))).expect(200);
        let entries = history.as_array().unwrap();
        for (entry, (action, actor, role, from, to)) in entries.iter().zip([
            ("create", "registrar", "registrar", Value::Null, "draft"),
            ("edit", "registrar", "registrar", json!("draft"), "draft"),
            ("submit", "registrar", "registrar", json!("draft"), "submitted"),
            ("claim", "reviewer", "reviewer", json!("submitted"), "under_review"),
            ("confirm", "reviewer", "reviewer", json!("under_review"), "confirmed"),
        ]) {
            let mut names: Vec<&str> = entry.as_object().unwrap().keys().map(String::as_str).collect();
            names.sort_unstable();
            assert_eq!(names, ["action", "actor", "at", "changes", "from", "reason", "role", "sequence", "to"]);
            assert_eq!(
                (&entry["action"], &entry["actor"], &entry["role"], &entry["from"], &entry["to"]),
                (&json!(action), &json!(actor), &json!(role), &from, &json!(to))
            );
        }
        assert_eq!(entries.len(), 5);
        let sequences: Vec<i64> = entries.iter().map(|e| e["sequence"].as_i64().unwrap()).collect();
        assert!(sequences.windows(2).all(|w| w[0] < w[1]), "oldest first");
        assert_eq!(second(&entries[1]["at"]), "2026-06-15T12:01:00");
        let changes = |n: usize| {
            let mut changes = entries[n]["changes"].as_array().unwrap().clone();
            changes.sort_by_key(|c| c["pointer"].to_string());
            changes
        };
        assert_eq!(changes(1), [
            json!({"pointer": "/buyer/unit", "from": "div_01", "to": "div_02"}),
            json!({"pointer": "/project_name", "from": "棉田残膜回收装备研制（1）", "to": "滴灌设备研制"}),
        ]);
        assert_eq!(changes(2), [
            json!({"pointer": "/due_on", "from": null, "to": "2026-07-07"}),
            json!({"pointer": "/received_on", "from": null, "to": "2026-06-15"}),
            json!({"pointer": "/rule_set", "from": null, "to": "r2026"}),
        ]);
        assert_eq!(changes(3), [json!({"pointer": "/claimed_by", "from": null, "to": "reviewer"})]);
        assert_eq!(changes(4), [
            json!({"pointer": "/claimed_by", "from": "reviewer", "to": null}),
            json!({"pointer": "/non_technology_amount_fen", "from": 20_000_000, "to": 30_000_000}),
            json!({"pointer": "/registration_number", "from": null, "to": "2026660008500001"}),
            json!({"pointer": "/subtype", "from": "dev_commissioned", "to": "sv_general"}),
            json!({"pointer": "/technology_amount_fen", "from": 100_000_000, "to": 90_000_000}),
            json!({"pointer": "/type", "from": "development", "to": "service"}),
        ]);
        assert_eq!(entries[4]["reason"], "按服务认定");
        // Revision 1 is the content as entered (and edited), 2 as verified.
        let first = registrar.get(&format!("{}/revisions/1", path(&draft))).expect(200);
        assert_eq!((&first["revision"], &first["recorded_by"], &first["type"]), (&json!(1), &json!("registrar"), &json!("development")));
        assert_eq!((&first["project_name"], &first["received_on"]), (&json!("滴灌设备研制"), &json!("2026-06-15")));
        let second = registrar.get(&format!("{}/revisions/2", path(&draft))).expect(200);
        assert_eq!((&second["revision"], &second["recorded_by"], &second["type"]), (&json!(2), &json!("reviewer"), &json!("service")));
        assert_eq!(second["recorded_at"], confirmed["confirmed_at"]);
        for name in complete_contract(1).as_object().unwrap().keys() {
            assert_eq!(second[name], confirmed[name], "{name}");
        }
    }
}
