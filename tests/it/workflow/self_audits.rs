//! Self-audits over REST: drawn, handed out, judged, completed; what is revoked and what statistics make of it.

use std::collections::{BTreeMap, BTreeSet};

use dengji::{
    domain::{interchange::Kind, ledger::sha256_hex},
    storage::StoreError,
};
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};

use crate::support::{App, Backend, Client, Person, both};

const DOCUMENT: &str = "兵科撤〔2026〕9号";

/// The sample's register of 2025, and two reviewers.
fn register(app: &App) -> (Client, Client) {
    app.import_sample("registrars.csv", Kind::Registrars);
    app.import_sample("contracts-2025.csv", Kind::Register);
    (app.person(Person::Reviewer), app.person(Person::Reviewer2))
}

fn audit_of(design: &Value) -> Value {
    json!({"title": "2025 年度自查", "year": 2025, "design": design, "auditors": ["reviewer", "reviewer2"]})
}

/// Every thing of a list, page by page.
fn all(client: &Client, path: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let mark = if path.contains('?') { '&' } else { '?' };
        let page = client.get(&format!("{path}{mark}limit=100{cursor}")).expect(200);
        found.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

fn path_of(audit: &Value) -> String {
    format!("/self-audits/{}", audit["id"])
}

/// Judges an item as the auditor who has it.
fn judge(app: &App, audit: &Value, item: &Value, body: &Value) -> Value {
    let mut body = body.clone();
    body["item_id"] = item["id"].clone();
    let auditor = app.log_in(item["assigned_to"].as_str().unwrap());
    auditor.post(&format!("{}/findings", path_of(audit)), &body).expect(201)
}

fn wrong(ground: &str) -> Value {
    json!({"verdict": "wrong", "ground": ground, "note": "核对原件"})
}

fn statistics(client: &Client, year: i32) -> Value {
    client.get(&format!("/statistics/annual/{year}")).expect(200)
}

fn sum(items: &[&Value]) -> i64 {
    items.iter().map(|i| i["amount_fen"].as_i64().unwrap()).sum()
}

both! {
    fn a_stratified_campaign_revokes_what_was_wrong_and_nothing_else(app: &App) {
        let (reviewer, reviewer2) = register(app);
        let before = statistics(&reviewer, 2025);
        let design = json!({"kind": "stratified", "by": ["unit", "type"], "size": 110, "seed": "2025 自查"});
        let made = reviewer.post("/self-audits", &audit_of(&design));
        let audit = made.expect(201);
        let path = path_of(&audit);
        assert_eq!(made.header("location"), Some(&*format!("/api/v1{path}")));
        assert_eq!(audit["state"], "drawn");
        assert_eq!(audit["population"]["contracts"], before["total"]["contracts"]);
        assert_eq!(audit["population"]["amount_fen"], before["total"]["amount_fen"]);
        let strata = audit["strata"].as_array().unwrap();
        assert!(strata.len() > 20 && strata.iter().all(|s| s["drawn"].as_i64().unwrap() >= 1), "one of each stratum");
        assert_eq!(strata.iter().map(|s| s["drawn"].as_i64().unwrap()).sum::<i64>(), 110);
        let division = strata.iter().filter(|s| s["stratum"].as_str().unwrap().starts_with("div_08/"));
        let of_division: i64 = division.map(|s| s["contracts"].as_i64().unwrap()).sum();
        assert_eq!(of_division, before["units"]["div_08"]["contracts"].as_i64().unwrap());

        let items = all(&reviewer, &format!("{path}/items"));
        assert_eq!(items.len(), 110);
        let loads: Vec<usize> = ["reviewer", "reviewer2"]
            .map(|name| items.iter().filter(|i| i["assigned_to"] == name).count())
            .to_vec();
        assert_eq!(loads, [55, 55], "half each");
        assert_eq!(all(&reviewer, &format!("{path}/items?assigned_to=me")).len(), 55);
        assert!(items[0]["project_name"].is_string() && items[0]["registration_number"].is_string());

        // Five wrong on three grounds, one of them first found right by mistake.
        let grounds = ["duplicate", "duplicate", "wrong_category", "fraud", "duplicate"];
        judge(app, &audit, &items[0], &json!({"verdict": "right"}));
        for (item, ground) in items.iter().zip(grounds) {
            let finding = judge(app, &audit, item, &wrong(ground));
            assert_eq!((&finding["verdict"], &finding["ground"]), (&json!("wrong"), &json!(ground)));
            assert_eq!(finding["found_by"], item["assigned_to"]);
        }
        reviewer.post(&format!("{path}/complete"), &json!({"document_number": DOCUMENT})).expect_problem(409, "conflict");
        let report = reviewer.get(&format!("{path}/report")).expect(200);
        assert_eq!((&report["checked"]["contracts"], &report["sample_error_rate"]), (&json!(5), &json!(1.0)));
        assert_eq!((&report["error_rate"], &report["estimated_wrong_amount_fen"]), (&Value::Null, &Value::Null));
        for item in &items[5..] {
            judge(app, &audit, item, &json!({"verdict": "right"}));
        }
        assert_eq!(statistics(&reviewer, 2025)["total"], before["total"], "a finding alone changes no figure");

        let no_number = reviewer2.post(&format!("{path}/complete"), &json!({}));
        no_number.expect_problem(422, "invalid");
        assert_eq!(no_number.pointers(), ["/document_number"]);
        app.pass_seconds(60);
        let body = json!({"document_number": DOCUMENT, "served_on": "2026-06-16", "note": "年度自查"});
        let done = reviewer2.post(&format!("{path}/complete"), &body).expect(200);
        assert_eq!((&done["state"], &done["completed_by"]), (&json!("completed"), &json!("reviewer2")));
        assert_eq!((&done["completion"]["revoked"], &done["completion"]["already_ended"]), (&json!(5), &json!(0)));

        let after = statistics(&reviewer, 2025);
        let bad: Vec<&Value> = items[..5].iter().collect();
        let total = |s: &Value, name: &str| s["total"][name].as_i64().unwrap();
        assert_eq!(total(&before, "contracts") - total(&after, "contracts"), 5);
        assert_eq!(total(&before, "amount_fen") - total(&after, "amount_fen"), sum(&bad));
        let revocations = &statistics(&reviewer, 2026)["revocations"];
        assert_eq!((&revocations["contracts"], &revocations["amount_fen"]), (&json!(5), &json!(sum(&bad))));
        let by_ground = |id: &str| revocations["by_ground"][id]["contracts"].as_i64().unwrap();
        assert_eq!((by_ground("duplicate"), by_ground("wrong_category"), by_ground("fraud")), (3, 1, 1));

        for (index, item) in items.iter().enumerate() {
            let contract = reviewer.get(&format!("/contracts/{}", item["contract_id"])).expect(200);
            assert_eq!(contract["state"], if index < 5 { "revoked" } else { "confirmed" });
            if index < 5 {
                assert_eq!(contract["ended"]["ground"], grounds[index]);
                assert_eq!(contract["ended"]["document_number"], DOCUMENT);
                assert_eq!(contract["ended"]["served_on"], "2026-06-16");
                assert_eq!(contract["ended"]["self_audit_id"], audit["id"]);
                let history = reviewer.get(&format!("/contracts/{}/history", item["contract_id"])).expect(200);
                let last = history.as_array().unwrap().last().unwrap();
                assert_eq!((&last["action"], &last["actor"], &last["role"]), (&json!("revoke"), &json!("reviewer2"), &json!("reviewer")));
                let finder = item["assigned_to"].as_str().unwrap();
                assert!(last["reason"].as_str().unwrap().contains(finder), "{last}");
                let ended = last["changes"].as_array().unwrap().iter().find(|c| c["pointer"] == "/ended").unwrap();
                assert_eq!(ended["to"]["by"], finder, "on the finder's authority");
            }
        }
        let now: Vec<Value> = all(&reviewer, &format!("{path}/items?state=wrong"));
        assert!(now.len() == 5 && now.iter().all(|i| i["outcome"] == "revoked"));
        assert_eq!(all(&reviewer, &format!("{path}/findings")).len(), 110);
        assert_eq!(all(&reviewer, &format!("{path}/findings?verdict=wrong")).len(), 5);

        let report = reviewer.get(&format!("{path}/report")).expect(200);
        assert_eq!(report["drawn"]["contracts"], 110);
        assert_eq!(report["wrong"], json!({"contracts": 5, "amount_fen": sum(&bad)}));
        assert_eq!(report["wrong_by_ground"]["duplicate"]["contracts"], 3);
        assert_eq!(report["wrong_by_ground"]["void"]["contracts"], 0);
        assert_eq!(report["sample_error_rate"], 5.0 / 110.0);
        // The estimate, weighted stratum by stratum.
        let mut by_stratum: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
        for (index, item) in items.iter().enumerate() {
            let [n, x] = by_stratum.entry(item["stratum"].as_str().unwrap()).or_default();
            *n += 1.0;
            *x += if index < 5 { 1.0 } else { 0.0 };
        }
        let expected: f64 = strata.iter().map(|s| {
            let [n, x] = by_stratum[s["stratum"].as_str().unwrap()];
            s["contracts"].as_f64().unwrap() * x / n
        }).sum::<f64>() / total(&before, "contracts") as f64;
        let rate = &report["error_rate"];
        assert!((rate["value"].as_f64().unwrap() - expected).abs() < 1e-9, "{rate} {expected}");
        assert!(rate["lower"].as_f64() < rate["value"].as_f64() && rate["value"].as_f64() < rate["upper"].as_f64());
        assert_eq!(rate["confidence"], 0.95);
        assert_eq!((&report["revoked"], &report["state"]), (&json!(5), &json!("completed")));
        let text = reviewer.get(&format!("{path}/report?format=text"));
        assert_eq!(text.header("content-type"), Some("text/plain; charset=utf-8"));
        for part in ["2025 年度自查", "按归属单位、合同类别分层", "2025 自查", "重复登记", "95% 置信区间", "撤销登记 5 份"] {
            assert!(text.text.contains(part), "{part}: {}", text.text);
        }

        // Completed, it is closed.
        reviewer.post(&format!("{path}/complete"), &body).expect_problem(409, "conflict");
        reviewer.post(&format!("{path}/abandon"), &json!({"reason": "不做了"})).expect_problem(409, "conflict");
        let mine = items.iter().find(|i| i["assigned_to"] == "reviewer").unwrap();
        let again = json!({"item_id": mine["id"], "verdict": "right"});
        reviewer.post(&format!("{path}/findings"), &again).expect_problem(409, "conflict");
        let give = json!({"auditor": "reviewer2"});
        reviewer.post(&format!("{path}/items/{}/assign", mine["id"]), &give).expect_problem(409, "conflict");
        let verified = app.person(Person::Auditor).get("/ledger/verification").expect(200);
        assert_eq!(verified["valid"], true);
    }

    fn completion_is_all_or_nothing(app: &App) {
        let (reviewer, _) = register(app);
        let auditor = app.person(Person::Auditor);
        let audit = reviewer.post("/self-audits", &audit_of(&json!({"kind": "random", "size": 6, "seed": "s"}))).expect(201);
        let path = path_of(&audit);
        let items = all(&reviewer, &format!("{path}/items"));
        for item in &items {
            judge(app, &audit, item, &wrong("duplicate"));
        }
        let before = (statistics(&reviewer, 2025), statistics(&reviewer, 2026)["revocations"].clone());
        let head = auditor.get("/ledger/head").expect(200);
        let body = json!({"document_number": DOCUMENT});
        let unchanged = |why: &str| {
            assert_eq!(statistics(&reviewer, 2025)["total"], before.0["total"], "{why}");
            assert_eq!(statistics(&reviewer, 2026)["revocations"], before.1, "{why}");
            assert_eq!(auditor.get("/ledger/head").expect(200), head, "{why}");
            assert_eq!(reviewer.get(&path).expect(200)["state"], "drawn", "{why}");
            for item in all(&reviewer, &format!("{path}/items")) {
                assert_eq!(item["outcome"], Value::Null, "{why}");
                let contract = reviewer.get(&format!("/contracts/{}", item["contract_id"])).expect(200);
                assert_eq!((&contract["state"], &contract["version"]), (&json!("confirmed"), &json!(1)), "{why}");
            }
        };

        // The store gives up in the middle.
        let fourth = items[3]["contract_id"].as_i64().unwrap();
        let (set, unset) = failing(app.backend, fourth);
        let run = |sql: &str| app.ctx.store.with_connection(|db| Ok::<_, StoreError>(db.batch_execute(sql)?)).unwrap();
        run(&set);
        let failed = reviewer.post(&format!("{path}/complete"), &body);
        assert!(failed.status >= 500, "{}", failed.text);
        unchanged("the store failed at the fourth");
        run(unset);

        // Someone became the confirmer of what he or she found wrong.
        let finder = items[4]["assigned_to"].as_str().unwrap();
        let id = &items[4]["contract_id"];
        run(&format!("UPDATE contracts SET confirmed_by = '{finder}' WHERE id = {id}"));
        let refused = reviewer.post(&format!("{path}/complete"), &body).expect_problem(409, "conflict");
        assert!(refused["detail"].as_str().unwrap().contains(items[4]["registration_number"].as_str().unwrap()), "{refused}");
        unchanged("one finding is not its finder's to make");
        // It goes to the other reviewer, who is asked anew.
        let other = if finder == "reviewer" { "reviewer2" } else { "reviewer" };
        let assign = format!("{path}/items/{}/assign", items[4]["id"]);
        let given = reviewer.post(&assign, &json!({"auditor": other})).expect(200);
        assert_eq!((&given["state"], &given["finding"], &given["assigned_to"]), (&json!("open"), &Value::Null, &json!(other)));
        judge(app, &audit, &given, &json!({"verdict": "right"}));
        let done = reviewer.post(&format!("{path}/complete"), &body).expect(200);
        assert_eq!(done["completion"]["revoked"], 5);
        assert_eq!(statistics(&reviewer, 2026)["revocations"]["contracts"], 5);
    }

    fn nobody_is_given_what_they_handled(app: &App) {
        let contracts = [app.confirmed(1), app.confirmed(2), app.confirmed(3)];
        let (reviewer, reviewer2) = (app.person(Person::Reviewer), app.person(Person::Reviewer2));
        let of_agency = app.person(Person::ReviewingRegistrar);
        let body = |auditors: &Value| json!({"title": "自查", "year": 2026, "design": {"kind": "all"}, "auditors": auditors});
        let nobody = reviewer.post("/self-audits", &body(&json!(["reviewer", "reviewing-registrar"]))).expect(201);
        assert_eq!(nobody["progress"], json!({"open": 3, "right": 0, "wrong": 0, "unassigned": 3}));
        assert_eq!(all(&reviewer, &format!("{}/items?assigned_to=-", path_of(&nobody))).len(), 3);

        let audit = reviewer.post("/self-audits", &body(&json!(["reviewer", "reviewer2"]))).expect(201);
        let path = path_of(&audit);
        let items = all(&reviewer, &format!("{path}/items"));
        assert!(items.iter().all(|i| i["assigned_to"] == "reviewer2"), "{items:?}");
        assert_eq!(items[0]["contract_id"], contracts[0]["id"]);
        let verdict = json!({"contract_id": contracts[0]["id"], "verdict": "right"});
        for other in [&reviewer, &of_agency] {
            let refused = other.post(&format!("{path}/findings"), &verdict).expect_problem(403, "forbidden");
            assert_eq!(refused["denial"], "not-assigned");
        }
        let assign = format!("{path}/items/{}/assign", items[0]["id"]);
        for (name, code) in [("reviewer", "same_person"), ("reviewing-registrar", "own_work"), ("auditor", "unknown_reviewer"), ("", "required")] {
            let refused = reviewer.post(&assign, &json!({"auditor": name})).expect_problem(422, "invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/auditor"), &json!(code)));
        }
        // A verdict stands until its author changes it.
        let judged = reviewer2.post(&format!("{path}/findings"), &verdict).expect(201);
        reviewer.post(&assign, &json!({"auditor": "reviewer2"})).expect_problem(409, "conflict");
        let mut changed = wrong("other");
        changed["contract_id"] = contracts[0]["id"].clone();
        changed["document_number"] = json!("兵科撤〔2026〕1号");
        let again = reviewer2.post(&format!("{path}/findings"), &changed).expect(201);
        assert_eq!((&again["id"], &again["ground"]), (&judged["id"], &json!("other")));
        // The second is wrong too, but is revoked before the end; that revocation may name the self-audit, if there is one.
        judge(app, &audit, &items[1], &wrong("duplicate"));
        judge(app, &audit, &items[2], &json!({"verdict": "right"}));
        let mut revoke = json!({"ground": "duplicate", "document_number": DOCUMENT, "self_audit_id": 999});
        let refused = reviewer2.try_act(&contracts[1], "revoke", &revoke);
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), ["/self_audit_id"]);
        revoke["self_audit_id"] = audit["id"].clone();
        let revoked = reviewer2.act(&contracts[1], "revoke", &revoke);
        assert_eq!(revoked["ended"]["self_audit_id"], audit["id"]);
        // The confirmer may complete: the authority is the finder's. The finding has a number of its own, so none is asked for.
        let done = reviewer.post(&format!("{path}/complete"), &json!({})).expect(200);
        assert_eq!((&done["completion"]["revoked"], &done["completion"]["already_ended"]), (&json!(1), &json!(1)));
        let ended = reviewer.get(&format!("/contracts/{}", contracts[0]["id"])).expect(200)["ended"].clone();
        assert_eq!((&ended["document_number"], &ended["served_on"]), (&json!("兵科撤〔2026〕1号"), &Value::Null));
        let outcomes: Vec<Value> = all(&reviewer, &format!("{path}/items")).iter().map(|i| i["outcome"].clone()).collect();
        assert_eq!(outcomes, [json!("revoked"), json!("already_ended"), Value::Null]);
        let history = reviewer.get(&format!("/contracts/{}/history", contracts[0]["id"])).expect(200);
        let actions: Vec<&str> = history.as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
        assert_eq!(actions[actions.len() - 3..], ["record_finding", "record_finding", "revoke"]);
        let report = reviewer.get(&format!("{path}/report")).expect(200);
        assert_eq!(report["error_rate"], json!({"value": 2.0 / 3.0, "lower": null, "upper": null, "confidence": null, "method": null}));
        assert_eq!(report["estimated_wrong_amount_fen"]["value"], report["wrong"]["amount_fen"]);
    }

    fn anyone_can_repeat_the_drawing(app: &App) {
        let (reviewer, _) = register(app);
        let design = json!({"kind": "random", "size": 40, "seed": "2026-01-15 公布"});
        let audit = reviewer.post("/self-audits", &audit_of(&design)).expect(201);
        let numbers = |audit: &Value| -> Vec<String> {
            let items = all(&reviewer, &format!("{}/items", path_of(audit)));
            items.iter().map(|i| i["registration_number"].as_str().unwrap().to_owned()).collect()
        };
        let drawn = numbers(&audit);
        // By hand, from the list of contracts.
        let listed = all(&reviewer, "/contracts?year=2025&state=confirmed&sort=id");
        let mut order: Vec<(String, String)> = listed
            .iter()
            .map(|c| c["registration_number"].as_str().unwrap().to_owned())
            .map(|number| (sha256_hex(format!("2026-01-15 公布:{number}").as_bytes()), number))
            .collect();
        order.sort();
        assert_eq!(drawn, order.into_iter().take(40).map(|(_, n)| n).collect::<Vec<_>>());
        let lines: String = listed.iter()
            .map(|c| format!("{}\t{}\t{}\n", c["registration_number"].as_str().unwrap(), c["revision"], c["amount_fen"]))
            .collect();
        assert_eq!(audit["population"]["digest"], sha256_hex(lines.as_bytes()));
        let lines: String = drawn.iter().map(|n| format!("{n}\n")).collect();
        assert_eq!(audit["drawn"]["digest"], sha256_hex(lines.as_bytes()));
        // Again, the same; and part of the same order within a filter.
        let again = reviewer.post("/self-audits", &audit_of(&design)).expect(201);
        assert_eq!(numbers(&again), drawn);
        let mut narrow = audit_of(&design);
        narrow["filter"] = json!({"unit": "div_08", "amount_from_fen": 10_000_000});
        let narrow = reviewer.post("/self-audits", &narrow).expect(201);
        let found = all(&reviewer, "/contracts?year=2025&state=confirmed&unit=div_08");
        let large = found.iter().filter(|c| c["amount_fen"].as_i64().unwrap() >= 10_000_000).count();
        assert_eq!(narrow["population"]["contracts"], large);

        // Weighted by amount: the largest contracts are certain.
        let weighted = reviewer.post("/self-audits", &audit_of(&json!({"kind": "amount_weighted", "size": 50, "seed": "x"}))).expect(201);
        let items = all(&reviewer, &format!("{}/items", path_of(&weighted)));
        assert_eq!(items.len(), 50);
        let largest = listed.iter().max_by_key(|c| c["amount_fen"].as_i64().unwrap()).unwrap();
        assert!(items.iter().any(|i| i["contract_id"] == largest["id"] && i["stratum"] == "certain"));
        // The risky first: nothing follows for the rest.
        let risky = reviewer.post("/self-audits", &audit_of(&json!({"kind": "risky_first", "size": 3}))).expect(201);
        let items = all(&reviewer, &format!("{}/items", path_of(&risky)));
        for item in &items {
            judge(app, &risky, item, &json!({"verdict": "right"}));
        }
        let report = reviewer.get(&format!("{}/report", path_of(&risky))).expect(200);
        assert_eq!((&report["sample_error_rate"], &report["error_rate"]), (&json!(0.0), &Value::Null));
        assert_eq!(risky["design"]["seed"], Value::Null);
    }

    fn wrong_plans_are_told_all_at_once(app: &App) {
        let (reviewer, _) = register(app);
        let cases = [
            (json!({}), vec!["/design/kind", "/title", "/year"]),
            (json!({"title": "x", "year": 3000, "design": {"kind": "dice"}}), vec!["/design/kind", "/year"]),
            (audit_of(&json!({"kind": "all", "size": 3, "seed": "x"})), vec!["/design/seed", "/design/size"]),
            (audit_of(&json!({"kind": "random"})), vec!["/design/size"]),
            (audit_of(&json!({"kind": "random", "size": 0})), vec!["/design/size"]),
            (audit_of(&json!({"kind": "random", "size": 1, "seed": "a\nb"})), vec!["/design/seed"]),
            (audit_of(&json!({"kind": "stratified", "size": 3, "rate": 2})), vec!["/design/by", "/design/rate"]),
            (audit_of(&json!({"kind": "stratified", "by": ["unit", "unit", "colour"]})), vec!["/design/by/1", "/design/by/2", "/design/size"]),
            (json!({"title": "x", "year": 2025, "design": {"kind": "all"}, "auditors": ["reviewer", "reviewer", "registrar", "a\u{0}b"]}),
             vec!["/auditors/1", "/auditors/2", "/auditors/3"]),
            (json!({"title": "x", "year": 2025, "design": {"kind": "all"},
                "filter": {"unit": "x", "type": "x", "field": "x", "agency": "999999", "amount_from_fen": 5, "amount_to_fen": 4}}),
             vec!["/filter/agency", "/filter/amount_to_fen", "/filter/field", "/filter/type", "/filter/unit"]),
            (json!({"title": "x", "year": 2019, "design": {"kind": "all"}}), vec!["/filter"]),
        ];
        for (body, pointers) in cases {
            let reply = reviewer.post("/self-audits", &body);
            reply.expect_problem(422, "invalid");
            assert_eq!(reply.pointers(), pointers, "{body}");
        }
        assert_eq!(reviewer.get("/self-audits").expect(200), json!({"items": [], "next_cursor": null}), "nothing was left behind");
    }

    fn findings_are_checked_and_campaigns_given_up(app: &App) {
        let (reviewer, _) = register(app);
        let mut plan = audit_of(&json!({"kind": "random", "size": 4}));
        plan["auditors"] = json!(["reviewer"]);
        // The same request again: the same self-audit, although its seed is drawn by chance.
        let post = || reviewer.with_body("POST", "/self-audits", &[("Idempotency-Key", "k1")], &plan);
        let audit = post().expect(201);
        assert_eq!(post().expect(201), audit);
        assert!(audit["design"]["seed"].as_str().unwrap().len() > 20);
        let path = path_of(&audit);
        let items = all(&reviewer, &format!("{path}/items"));
        let item = items[0]["id"].clone();
        let findings = format!("{path}/findings");
        for (body, pointers) in [
            (json!({}), vec!["/item_id"]),
            (json!({"item_id": item, "contract_id": 1}), vec!["/contract_id"]),
            (json!({"item_id": 99_999_999}), vec!["/item_id"]),
            (json!({"item_id": "x"}), vec!["/item_id"]),
            (json!({"item_id": item}), vec!["/verdict"]),
            (json!({"item_id": item, "verdict": "open"}), vec!["/verdict"]),
            (json!({"item_id": item, "verdict": "wrong"}), vec!["/ground"]),
            (json!({"item_id": item, "verdict": "wrong", "ground": "other"}), vec!["/note"]),
            (json!({"item_id": item, "verdict": "right", "ground": "fraud", "served_on": "2026-01-01"}), vec!["/ground", "/served_on"]),
        ] {
            let reply = reviewer.post(&findings, &body);
            reply.expect_problem(422, "invalid");
            assert_eq!(reply.pointers(), pointers, "{body}");
        }
        assert_eq!(reviewer.get(&format!("{path}/items/{item}")).expect(200)["state"], "open");
        reviewer.get(&format!("{path}/items/99999999")).expect_problem(404, "not-found");
        reviewer.get("/self-audits/99999999").expect_problem(404, "not-found");
        reviewer.get(&format!("{path}/items?state=closed")).expect_problem(422, "invalid");
        reviewer.post(&format!("{path}/abandon"), &json!({"reason": " "})).expect_problem(422, "invalid");
        judge(app, &audit, &items[0], &wrong("fraud"));
        let given_up = reviewer.post(&format!("{path}/abandon"), &json!({"reason": "改期"})).expect(200);
        assert_eq!((&given_up["state"], &given_up["abandoned"]["reason"]), (&json!("abandoned"), &json!("改期")));
        reviewer.post(&format!("{path}/complete"), &json!({})).expect_problem(409, "conflict");
        let contract = reviewer.get(&format!("/contracts/{}", items[0]["contract_id"])).expect(200);
        assert_eq!(contract["state"], "confirmed", "nothing is revoked");

        // Who reads and who does not; the latest first, by year and state.
        let second = reviewer.post("/self-audits", &plan).expect(201);
        let ids = |path: &str| -> BTreeSet<i64> { all(&reviewer, path).iter().map(|a| a["id"].as_i64().unwrap()).collect() };
        let [first, second] = [&audit, &second].map(|a| a["id"].as_i64().unwrap());
        let page = reviewer.get("/self-audits?limit=1").expect(200);
        assert_eq!(page["items"][0]["id"], second);
        assert_eq!(ids("/self-audits"), BTreeSet::from([first, second]));
        assert_eq!(ids("/self-audits?state=abandoned&year=2025"), BTreeSet::from([first]));
        assert_eq!(ids("/self-audits?year=2024"), BTreeSet::new());
        let reads = ["", "/items", "/findings", "/report"].map(|end| format!("{path}{end}"));
        for person in Person::ALL {
            let client = app.person(person);
            let may = matches!(person, Person::Reviewer | Person::Reviewer2 | Person::ReviewingRegistrar | Person::Statistician | Person::Auditor);
            for read in &reads {
                assert_eq!(client.get(read).status, if may { 200 } else { 403 }, "{person:?} {read}");
            }
            let unknown = client.get("/self-audits/99999999").status;
            assert_eq!(unknown, if may { 404 } else { 403 }, "{person:?}: what is there is not told");
            if !matches!(person, Person::Reviewer | Person::Reviewer2 | Person::ReviewingRegistrar) {
                for act in ["complete", "abandon", "findings"] {
                    client.post(&format!("/self-audits/{second}/{act}"), &json!({})).expect_problem(403, "forbidden");
                }
                client.post("/self-audits", &plan).expect_problem(403, "forbidden");
            }
        }
    }
}

/// What makes the store refuse the ending of one contract, and what undoes that.
fn failing(backend: Backend, contract: i64) -> (String, &'static str) {
    match backend {
        Backend::Sqlite => (
            format!(
                "CREATE TRIGGER boom BEFORE INSERT ON endings WHEN NEW.contract_id = {contract} \
                 BEGIN SELECT RAISE(ABORT, 'boom'); END"
            ),
            "DROP TRIGGER boom",
        ),
        Backend::Postgres => (
            format!(
                "CREATE FUNCTION boom() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'boom'; END $$; \
                 CREATE TRIGGER boom BEFORE INSERT ON endings FOR EACH ROW WHEN (NEW.contract_id = {contract}) \
                 EXECUTE FUNCTION boom()"
            ),
            "DROP TRIGGER boom ON endings; DROP FUNCTION boom()",
        ),
    }
}
