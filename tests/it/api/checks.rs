//! The checks over REST: what blocks a submission, what asks for a reason, what only informs; a contract rule by rule; a year.

use dengji::domain::{account::Role, interchange::Kind};
use serde_json::{Value, json};

use crate::support::{App, Person, both, complete_contract};

fn ids(contract: &Value) -> Vec<(String, String)> {
    let text = |c: &Value, name: &str| c[name].as_str().unwrap().to_owned();
    let checks = contract["checks"].as_array().unwrap();
    checks
        .iter()
        .map(|c| (text(c, "id"), text(c, "severity")))
        // Every contract of these tests has the same text, once it has one.
        .filter(|(id, _)| id.starts_with('A') && id != "A03" && id != "A06")
        .collect()
}

fn pair(id: &str, severity: &str) -> (String, String) {
    (id.to_owned(), severity.to_owned())
}

/// A contract like the first, but for what is changed.
fn like_the_first(change: impl FnOnce(&mut Value)) -> Value {
    let mut document = complete_contract(1);
    change(&mut document);
    document
}

/// The verdict of one rule about a contract.
fn verdict(app: &App, contract: &Value, rule: &str) -> String {
    let path = format!("/contracts/{}/checks", contract["id"]);
    let report = app.person(Person::Auditor).get(&path).expect(200);
    let items = report["items"].as_array().unwrap();
    assert_eq!(items.len(), 30);
    let item = items.iter().find(|i| i["id"] == rule).unwrap();
    item["verdict"].as_str().unwrap().to_owned()
}

both! {
    fn the_same_contract_is_registered_once(app: &App) {
        let registrar = app.person(Person::Registrar);
        let first = app.submitted(1);
        let again = registrar.post("/contracts", &complete_contract(1)).expect(201);
        assert_eq!(ids(&again), [pair("A01", "error")]);
        let reply = registrar.try_act(&again, "submit", &json!({"reasons": {"A01": "不是同一合同"}}));
        let refused = reply.expect_problem(422, "invalid");
        assert_eq!(refused["errors"][0]["code"], "A01", "{refused}");
        let message = refused["errors"][0]["detail"].as_str().unwrap();
        assert!(message.contains(&format!("合同（ID {}）", first["id"])), "{message}");
        assert_eq!(verdict(app, &again, "A01"), "hit");
        assert_eq!(verdict(app, &again, "A02"), "pass");
        assert_eq!(verdict(app, &again, "A20"), "not_applicable");
        assert_eq!(verdict(app, &again, "A24"), "not_automated");

        // What was withdrawn stands in nobody's way.
        let path = format!("/contracts/{}", again["id"]);
        registrar.act(&first, "withdraw", &json!({"reason": "重复"}));
        let again = registrar.get(&path).expect(200);
        assert_eq!(ids(&again), []);
        registrar.act(&again, "submit", &json!({}));
    }

    fn a_near_duplicate_asks_for_a_reason(app: &App) {
        let registrar = app.person(Person::Registrar);
        app.submitted(1);
        let near = like_the_first(|c| {
            c["signed_on"] = json!("2025-03-20");
            c["amount_fen"] = json!(121_000_000);
            c["non_technology_amount_fen"] = json!(21_000_000);
        });
        let draft = registrar.post("/contracts", &near).expect(201);
        assert_eq!(ids(&draft), [pair("A02", "warning")]);
        let reply = registrar.try_act(&draft, "submit", &json!({}));
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/reasons/A02"]);
        let submitted = registrar.act(&draft, "submit", &json!({"reasons": {"A02": "第二批样机，另行签订"}}));
        assert_eq!(submitted["state"], "submitted");
        let history = registrar.get(&format!("/contracts/{}/history", draft["id"])).expect(200);
        assert_eq!(history[1]["reason"], "A02：第二批样机，另行签订");
    }

    fn a_series_of_the_same_parties_is_a_notice(app: &App) {
        let registrar = app.person(Person::Registrar);
        app.submitted(1);
        for (name, id) in [("棉田残膜回收装备研制（2）", "A01"), ("棉田残膜回收装备研制（3）", "A01")] {
            let next = like_the_first(|c| c["project_name"] = json!(name));
            let draft = registrar.post("/contracts", &next).expect(201);
            assert_eq!(ids(&draft), [pair(id, "notice")]);
            registrar.act(&draft, "submit", &json!({}));
        }
        // Four of 1.2 million yuan each, below five million alone.
        for (name, found) in [("四号机", vec![pair("A01", "notice")]), ("五号机", vec![pair("A01", "notice"), pair("A05", "warning")])] {
            let next = like_the_first(|c| c["project_name"] = json!(name));
            let draft = registrar.post("/contracts", &next).expect(201);
            let mut seen = ids(&draft);
            seen.sort();
            assert_eq!(seen, found);
            let reasons = json!({"reasons": {"A05": "分期采购，已备案"}});
            registrar.act(&draft, "submit", &reasons);
        }
    }

    fn another_agencys_contract_is_not_named(app: &App) {
        let first = app.submitted(1);
        let other = app.person(Person::OtherRegistrar);
        let draft = other.post("/contracts", &complete_contract(1)).expect(201);
        // Nothing before it is submitted, and then the one bit.
        assert_eq!(ids(&draft), []);
        let reply = other.try_act(&draft, "submit", &json!({}));
        let text = reply.expect_problem(422, "invalid").to_string();
        assert!(text.contains("另一登记机构已有"), "{text}");
        assert!(!text.contains(&format!("ID {}", first["id"])), "{text}");
        let path = format!("/contracts/{}/checks", first["id"]);
        other.get(&path).expect_problem(404, "not-found");
        app.person(Person::Expert).get(&path).expect_problem(404, "not-found");
        app.person(Person::Registrar).get(&path).expect(200);
    }

    fn lists_show_what_the_content_alone_says(app: &App) {
        let registrar = app.person(Person::Registrar);
        app.submitted(1);
        let draft = registrar.post("/contracts", &like_the_first(|c| c["seller"]["contact"] = json!("无"))).expect(201);
        assert_eq!(ids(&draft), [pair("A01", "error"), pair("A27", "warning")]);
        let page = registrar.get("/contracts?state=draft").expect(200);
        assert_eq!(ids(&page["items"][0]), [pair("A27", "warning")]);
    }

    fn a_year_is_looked_through_page_by_page(app: &App) {
        app.import_sample("registrars.csv", Kind::Registrars);
        for year in [2024, 2025] {
            app.import_sample(&format!("contracts-{year}.csv"), Kind::Register);
        }
        let reviewer = app.person(Person::Reviewer);
        let mut found = std::collections::BTreeMap::new();
        let mut contracts = Vec::new();
        for year in [2024, 2025] {
            let mut cursor = String::new();
            loop {
                let page = reviewer.get(&format!("/checks?year={year}&limit=100{cursor}")).expect(200);
                for item in page["items"].as_array().unwrap() {
                    contracts.push(item["contract_id"].as_i64().unwrap());
                    for (id, severity) in ids(item) {
                        *found.entry((year, id, severity)).or_insert(0) += 1;
                    }
                }
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
        }
        let all = contracts.len();
        contracts.sort_unstable();
        contracts.dedup();
        assert_eq!(contracts.len(), all, "no contract comes twice");
        let lines: String = found.iter().map(|((year, id, severity), n)| format!("{year} {id} {severity} {n}\n")).collect();
        // How many contracts of the sample each check hits: reviewed; see docs/ARCHITECTURE.md.
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/snapshots/checks-of-the-sample.txt");
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(path, &lines).unwrap();
        }
        assert_eq!(lines, std::fs::read_to_string(path).unwrap());

        let of_rule = reviewer.get("/checks?year=2024&rule=A25&severity=warning&unit=div_08&limit=1").expect(200);
        for item in of_rule["items"].as_array().unwrap() {
            assert_eq!(item["unit"], "div_08");
            assert!(ids(item).iter().all(|f| *f == pair("A25", "warning")));
        }
        for wrong in ["", "?year=abc", "?year=2025&rule=A31", "?year=2025&unit=x", "?year=2025&severity=fatal", "?year=2025&cursor=x"] {
            reviewer.get(&format!("/checks{wrong}")).expect_problem(422, "invalid");
        }
        for person in [Person::Statistician, Person::Auditor] {
            app.person(person).get("/checks?year=2025&limit=1").expect(200);
        }
        for person in [Person::Registrar, Person::Expert, Person::Administrator] {
            app.person(person).get("/checks?year=2025").expect_problem(403, "forbidden");
        }
        app.anonymous().get("/checks?year=2025").expect_problem(401, "unauthenticated");
    }

    fn a_self_audit_sees_how_it_was_decided(app: &App) {
        let confirmed = app.confirmed(1);
        assert_eq!(verdict(app, &confirmed, "A21"), "pass");
        assert_eq!(verdict(app, &confirmed, "A26"), "pass");
        assert_eq!(verdict(app, &confirmed, "A25"), "not_applicable");
        let year = |rule: &str| {
            let page = app.person(Person::Auditor).get(&format!("/checks?year=2026&rule={rule}")).expect(200);
            page["items"].as_array().unwrap().len()
        };
        assert_eq!(year("A26"), 0);
        app.ctx
            .store
            .with_connection(|db| {
                use diesel::connection::SimpleConnection as _;
                Ok(db.batch_execute("UPDATE standings SET until_at = from_at + 1")?)
            })
            .unwrap();
        app.pass_seconds(1);
        assert_eq!((year("A26"), year("A21")), (1, 0));
        assert_eq!(verdict(app, &confirmed, "A26"), "hit");
        let both = app.add_user("both", &[Role::Reviewer, Role::Statistician], None, None);
        both.get("/checks?year=2026").expect(200);
    }
}
