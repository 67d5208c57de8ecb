//! Closing a year, its editions, and what is restated later.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{App, Client, Person, both};

const YEAR: &str = "/statistics/annual/2025";

/// What stands in the way of closing the sample's last year, with reasons.
fn overrides() -> Value {
    json!([{"item": "contracts_decided", "reason": "年末在办合同于次年办结，计入次年。"}])
}

/// Closes the sample's year; the answer.
fn close(client: &Client, note: &str) -> Value {
    client
        .post(
            &format!("{YEAR}/close"),
            &json!({"note": note, "overrides": overrides()}),
        )
        .expect(201)
}

fn outcomes(checklist: &Value) -> BTreeMap<&str, &str> {
    let items = checklist.as_array().unwrap().iter();
    items
        .map(|item| (item["item"].as_str().unwrap(), item["outcome"].as_str().unwrap()))
        .collect()
}

/// The annual object without what tells an edition from figures that are computed, and without its moment: an act is later than what was
/// read before it.
fn bare(annual: &Value) -> Value {
    let mut annual = annual.clone();
    for key in ["edition", "closed", "ledger", "restated", "as_of"] {
        assert!(annual.as_object_mut().unwrap().shift_remove(key).is_some(), "{key}");
    }
    annual
}

fn quoted(moment: &Value) -> String {
    moment.as_str().unwrap().replace('+', "%2B")
}

/// Contracts of the agency 660008 confirmed in 2025, the oldest first.
fn of_agency(client: &Client) -> Vec<Value> {
    let mut found = Vec::new();
    let mut path = "/contracts?year=2025&state=confirmed&agency=660008&sort=id&limit=100".to_owned();
    while found.len() < 40 {
        let page = client.get(&path).expect(200);
        found.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/contracts?year=2025&state=confirmed&agency=660008&sort=id&limit=100&cursor={cursor}");
    }
    found
}

fn revoke(client: &Client, contract: &Value, number: usize) {
    let body = json!({"ground": "duplicate", "document_number": format!("兵科撤〔2026〕{number}号")});
    client.act(contract, "revoke", &body);
}

/// Takes `fen` off a contract's amount and technology amount, by a request that is approved.
fn amend(app: &App, contract: &Value, fen: i64) {
    let amount = contract["amount_fen"].as_i64().unwrap() - fen;
    let technology = contract["technology_amount_fen"].as_i64().unwrap() - fen;
    let body = json!({"kind": "amend", "reason": "补充协议减少经费", "attachments": [],
        // Imported contracts lack these two, which an amendment must bring.
        "changes": {"amount_fen": amount, "technology_amount_fen": technology, "related_party": false,
            "summary": "受托方为委托方提供技术服务，按合同约定完成全部技术内容并交付成果资料，双方按约定办理验收与结算。"}});
    let path = format!("/contracts/{}/change-requests", contract["id"]);
    let request = app
        .person(Person::Registrar)
        .post_at(&path, contract["version"].as_i64().unwrap(), &body)
        .expect(201);
    let path = format!("/change-requests/{}/approve", request["id"]);
    app.person(Person::Reviewer2).post(&path, &json!({})).expect(200);
}

both! {
    fn a_closed_year_stays_as_it_was_and_what_changes_is_explained(app: &App) {
        app.import_whole_sample();
        let statistician = app.person(Person::Statistician);
        let words = json!({"chapter": "summary", "text": "全年成交 {{total.amount|yi_yuan|2}} 亿元。"});
        let paragraph = statistician.post("/reports/annual/2025/paragraphs", &words).expect(201);
        let before = statistician.get(YEAR).expect(200);
        assert_eq!((&before["closed"], &before["edition"]), (&json!(false), &Value::Null));
        let closed = close(&statistician, "2025 年年报");
        assert_eq!((&closed["edition"], &closed["contracts"], &closed["closed_by"]), (&json!(1), &json!(1134), &json!("statistician")));
        assert_eq!(closed["ledger"], before["ledger"]);
        let edition = statistician.get(&format!("{YEAR}?edition=1"));
        let edition_json = edition.expect(200);
        let document = |client: &Client, format: &str| client.get(&format!("/reports/annual/2025?edition=1&format={format}")).text;
        let documents = ["html", "xlsx", "csv"].map(|format| (format, document(&statistician, format)));
        assert!(documents[0].1.contains(closed["figures_hash"].as_str().unwrap()), "its hash is printed");
        assert_eq!((&edition_json["edition"], &edition_json["closed"]), (&json!(1), &json!(true)));
        assert_eq!(bare(&edition_json), bare(&before));
        let unchanged = statistician.get(&format!("{YEAR}/restatement?edition=1")).expect(200);
        assert_eq!((&unchanged["figures"], &unchanged["contracts"]), (&json!([]), &json!([])));

        app.pass_seconds(86_400);
        // A day later the tokens are over.
        let (statistician, reviewer) = (app.person(Person::Statistician), app.person(Person::Reviewer));
        let contracts = of_agency(&statistician);
        assert!(contracts.len() > 40);
        for (number, contract) in contracts[..18].iter().enumerate() {
            revoke(&reviewer, contract, number);
            app.pass_seconds(10);
        }
        let amended: Vec<&Value> = contracts[18..].iter().filter(|c| c["technology_amount_fen"].as_i64() > Some(500_000)).take(3).collect();
        for contract in &amended {
            amend(app, contract, 100_000);
            app.pass_seconds(60);
        }
        let touched: BTreeSet<i64> = contracts[..18].iter().chain(amended.iter().copied()).map(|c| c["id"].as_i64().unwrap()).collect();
        assert_eq!(touched.len(), 21);

        let path = format!("/reports/annual/2025/paragraphs/{}", paragraph["id"]);
        statistician.patch_at(&path, paragraph["version"].as_i64().unwrap(), &json!({"text": "改写。"})).expect(200);

        // The edition is byte for byte what it was.
        for (format, bytes) in &documents {
            assert_eq!(document(&statistician, format), *bytes, "{format}");
        }
        assert_eq!(statistician.get(&format!("{YEAR}?edition=1")).text, edition.text);
        let now = statistician.get(YEAR).expect(200);
        assert_eq!((&now["closed"], &now["edition"], &now["total"]["contracts"]), (&json!(true), &Value::Null, &json!(1134 - 18)));
        // As of the closing moment everything equals it.
        let then = quoted(&closed["closed_at"]);
        assert_eq!(bare(&statistician.get(&format!("{YEAR}?as_of={then}")).expect(200)), bare(&edition_json));
        let nothing = statistician.get(&format!("{YEAR}/restatement?edition=1&as_of={then}")).expect(200);
        assert_eq!((&nothing["figures"], &nothing["contracts"]), (&json!([]), &json!([])));

        let restated = statistician.get(&format!("{YEAR}/restatement?edition=1")).expect(200);
        let named: BTreeSet<i64> = restated["contracts"].as_array().unwrap().iter().map(|c| c["id"].as_i64().unwrap()).collect();
        assert_eq!(named, touched);
        assert_eq!((&restated["contracts_count"], &restated["records"]), (&json!(21), &json!([])));
        for contract in restated["contracts"].as_array().unwrap() {
            let is_amended = amended.iter().any(|c| c["id"] == contract["id"]);
            let why = if is_amended { "amended" } else { "revoked" };
            assert_eq!(contract["why"], why);
            assert_eq!(contract["after"].is_null(), !is_amended);
            let acts = contract["acts"].as_array().unwrap();
            assert_eq!((acts.len(), &acts[0]["action"]), (1, &json!(if is_amended { "amend" } else { "revoke" })));
            assert!(acts[0]["sequence"].as_i64() > closed["ledger"]["sequence"].as_i64());
            if is_amended {
                let change = contract["after"]["amount_fen"].as_i64().unwrap() - contract["before"]["amount_fen"].as_i64().unwrap();
                assert_eq!(change, -100_000);
            }
        }
        // Exactly the figures that differ are there, and of the sums the contracts' changes add up to the difference.
        let list = |query: &str| -> BTreeMap<String, Value> {
            let figures = statistician.get(&format!("{YEAR}/figures?{query}")).expect(200);
            figures["items"].as_array().unwrap().iter().map(|f| (f["name"].as_str().unwrap().to_owned(), f["value"].clone())).collect()
        };
        let (old, new) = (list("edition=1"), list(""));
        let differing: BTreeSet<&String> = old.iter().filter(|(name, value)| new[*name] != **value).map(|(name, _)| name).collect();
        let mut summed = 0;
        let mut found = BTreeSet::new();
        for figure in restated["figures"].as_array().unwrap() {
            let name = figure["name"].as_str().unwrap();
            found.insert(name.to_owned());
            assert_eq!((&figure["edition"]["value"], &figure["current"]["value"]), (&old[name], &new[name]), "{name}");
            let contracts = figure["contracts"].as_array().unwrap();
            assert!(!contracts.is_empty() && contracts.len() <= 21, "{name}");
            assert_eq!(figure["contracts_count"], contracts.len(), "{name}");
            assert!(contracts.iter().all(|c| touched.contains(&c["id"].as_i64().unwrap())), "{name}");
            if contracts[0]["change"].is_null() {
                continue;
            }
            let changes: i64 = contracts.iter().map(|c| c["change"].as_i64().unwrap()).sum();
            assert_eq!(changes, new[name].as_i64().unwrap() - old[name].as_i64().unwrap(), "{name}");
            summed += 1;
        }
        assert_eq!(found.iter().collect::<BTreeSet<_>>(), differing);
        assert!(summed > 20 && found.len() > 60, "{summed} {}", found.len());
        let of = |name: &str| restated["figures"].as_array().unwrap().iter().find(|f| f["name"] == name).cloned();
        assert_eq!(of("total.amount").unwrap()["contracts_count"], 21);
        assert_eq!(of("total.contracts").unwrap()["contracts_count"], 18);
        // What is made this year is no revocation of the year that is closed.
        assert_eq!(of("revocations.contracts"), None);
        assert_eq!(of("total.previous_amount"), None);

        // The contracts behind the edition's figures are still those that it counted.
        for figure in ["units.div_08.amount", "total.contracts", "period.plan_funded_amount", "revocations.amount", "total.growth"] {
            let behind = statistician.get(&format!("/contracts?year=2025&figure={figure}&edition=1&limit=1")).expect(200);
            assert_eq!(behind["behind"]["value"], old[figure], "{figure}");
            assert_eq!((&behind["behind"]["edition"], &behind["behind"]["as_of"]), (&json!(1), &closed["closed_at"]));
        }
        let sum = statistician.get("/contracts?year=2025&figure=total.amount&edition=1&limit=1").expect(200);
        assert_eq!(sum["behind"]["sum"]["amount_fen"], old["total.amount"]);

        // Next year's report says beside its own comparison what last year's edition printed.
        let next = statistician.get("/statistics/annual/2026").expect(200);
        assert_eq!((&next["restated"]["year"], &next["restated"]["edition"]), (&json!(2025), &json!(1)));
        let printed = &next["restated"]["figures"]["total.previous_amount"];
        assert_eq!((&printed["printed_as"], &printed["value"]), (&json!("total.amount"), &old["total.amount"]));
        assert_eq!(next["total"]["previous_amount_fen"], new["total.amount"]);
        assert!(next["restated"]["figures"].get("series.2024.amount").is_none());
        assert_eq!(statistician.get("/statistics/annual/2026?as_of=2026-06-15T11:59:59%2B08:00").expect(200)["restated"], Value::Null);

        // A second edition needs a note, and leaves the first as it is.
        let refused = statistician.post(&format!("{YEAR}/close"), &json!({"overrides": overrides()}));
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), ["/note"]);
        let second = close(&statistician, "自查后撤销 18 份、变更 3 份");
        assert_eq!((&second["edition"], &second["contracts"]), (&json!(2), &json!(1134 - 18)));
        assert_eq!(statistician.get(&format!("{YEAR}?edition=1")).text, edition.text);
        assert_eq!(statistician.get(&format!("{YEAR}?edition=2")).expect(200)["total"], now["total"]);
        let last = statistician.get(&format!("{YEAR}/restatement")).expect(200);
        assert_eq!((&last["edition"], &last["figures"]), (&json!(2), &json!([])));
        let editions = statistician.get(&format!("{YEAR}/editions")).expect(200);
        assert_eq!(editions["items"], json!([closed, second]));
        assert_eq!(statistician.get("/statistics/annual/2026").expect(200)["restated"], Value::Null);
    }

    fn late_history_and_corrections_are_told_too(app: &App) {
        app.import_whole_sample();
        let statistician = app.person(Person::Statistician);
        let closed = close(&statistician, "2025 年年报");
        app.pass_seconds(86_400);
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config/demo/contracts-2025.csv")).unwrap();
        let mut lines = text.lines();
        let (head, first) = (lines.next().unwrap(), lines.next().unwrap());
        // The first row comes again under another number: late history; and the same row corrected, in its field.
        let late = first.replacen("2025660003000001", "2025660003400001", 1).replace("（2025-0006）", "（2025-9906）");
        let corrected = first.replacen("环境保护与资源综合利用", "农业", 1);
        assert_ne!(corrected, first);
        for (name, row, update) in [("late.csv", &late, false), ("corrected.csv", &corrected, true)] {
            let path = app.folder.path().join(name);
            std::fs::write(&path, format!("{head}\n{row}\n")).unwrap();
            app.import(path, dengji::domain::interchange::Kind::Register, update).unwrap();
            app.pass_seconds(60);
        }
        let statistician = app.person(Person::Statistician);
        let restated = statistician.get(&format!("{YEAR}/restatement")).expect(200);
        let why: BTreeSet<&str> = restated["contracts"].as_array().unwrap().iter().map(|c| c["why"].as_str().unwrap()).collect();
        assert_eq!((restated["contracts"].as_array().unwrap().len(), why), (2, BTreeSet::from(["corrected", "late"])));
        let figure = |name: &str| restated["figures"].as_array().unwrap().iter().find(|f| f["name"] == name).cloned();
        assert_eq!(figure("total.contracts").unwrap()["contracts_count"], 1);
        assert_eq!(figure("fields.agriculture.contracts").unwrap()["contracts"][0]["change"], 1);
        // The edition stands, contracts and all, though history as of its moment reads otherwise now.
        let behind = statistician.get("/contracts?year=2025&figure=fields.environment_resources.contracts&edition=1&limit=1").expect(200);
        let edition = statistician.get(&format!("{YEAR}?edition=1")).expect(200);
        assert_eq!(behind["behind"]["sum"]["contracts"], edition["fields"]["environment_resources"]["contracts"]);
        assert_eq!(closed["contracts"], edition["total"]["contracts"]);

        // What is recorded beside contracts explains the figures that no contract does.
        assert_eq!(restated["records"], json!([]));
        let activity = json!({"kind": "policy_training", "held_on": "2025-11-05", "name": "政策宣讲", "events": 1, "participants": 60});
        let recorded = [1, 2].map(|_| statistician.post("/activities", &activity).expect(201));
        let restated = statistician.get(&format!("{YEAR}/restatement")).expect(200);
        let figure = restated["figures"].as_array().unwrap().iter().find(|f| f["contracts_count"] == 0);
        assert!(figure.is_some_and(|f| f["name"].as_str().unwrap().starts_with("activities.")), "{figure:?}");
        let records = &restated["records"][0];
        assert_eq!(restated["records"].as_array().unwrap().len(), 1, "{records}");
        assert_eq!((&records["action"], &records["entries"]), (&json!("record_activity"), &json!(recorded.len())));
        assert!(records["first_sequence"].as_i64() < records["last_sequence"].as_i64(), "{records}");
    }

    fn a_year_is_closed_by_statisticians_when_it_is_over_and_in_order(app: &App) {
        app.import_whole_sample();
        let statistician = app.person(Person::Statistician);
        for person in Person::ALL {
            let status = if person == Person::Statistician { 409 } else { 403 };
            let refused = app.person(person).post(&format!("{YEAR}/close"), &json!({"note": "试"}));
            assert_eq!(refused.status, status, "{person:?}: {}", refused.text);
            let status = match person {
                Person::Statistician | Person::Reviewer | Person::Reviewer2 | Person::ReviewingRegistrar | Person::Auditor => 200,
                _ => 403,
            };
            for path in ["checklist", "editions"] {
                assert_eq!(app.person(person).get(&format!("{YEAR}/{path}")).status, status, "{person:?} {path}");
            }
        }
        statistician.get(&format!("{YEAR}/restatement")).expect_problem(404, "not-found");
        statistician.get(&format!("{YEAR}?edition=1")).expect_problem(404, "not-found");

        // What stands in the way is told, item by item.
        let checklist = statistician.get(&format!("{YEAR}/checklist")).expect(200);
        assert_eq!((&checklist["can_close"], &checklist["next_edition"]), (&json!(false), &json!(1)));
        assert_eq!(outcomes(&checklist["items"]), BTreeMap::from([
            ("year_over", "passed"), ("contracts_decided", "failed"), ("self_audit_completed", "not_applicable"),
            ("tables_add_up", "passed"), ("figures_true", "passed"), ("sentences_true", "passed"), ("follow_up_present", "passed"), ("activities_present", "passed"),
        ]));
        let blocked = statistician.post(&format!("{YEAR}/close"), &json!({"note": "年报"}));
        let problem = blocked.expect_problem(409, "conflict");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1);
        assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]), (&json!("/checklist/contracts_decided"), &json!("contracts_decided")));
        let detail = problem["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains("有 4 份"), "{detail}");
        assert!(detail.contains("三师技术合同登记站（待审核 1 份），") && detail.contains("九师技术合同登记站（退回补正 1 份）"), "agency by agency: {detail}");

        // An override is of a known item and has a reason.
        let close_path = format!("{YEAR}/close");
        for (body, pointers) in [
            (json!({"overrides": [{"item": "contracts_decided"}]}), vec!["/overrides/0/reason"]),
            (json!({"overrides": [{"item": "contracts_decided", "reason": "在办"}, {"item": "luck", "reason": "有"}]}), vec!["/overrides/1/item"]),
            (json!({"overrides": [{"item": "contracts_decided", "reason": "在办"}, {"item": "contracts_decided", "reason": "在办"}]}), vec!["/overrides/1/item"]),
            (json!({"overrides": [{"item": "contracts_decided", "reason": "在办"}, {"item": "year_over", "reason": "等不及"}]}), vec!["/overrides/1/item"]),
            (json!({"overrides": [{"item": "contracts_decided", "reason": "在办"}], "note": "长".repeat(2001)}), vec!["/note"]),
        ] {
            let refused = statistician.post(&close_path, &body);
            refused.expect_problem(422, "invalid");
            assert_eq!(refused.pointers(), pointers, "{body}");
        }
        let wrong = statistician.post(&close_path, &json!({"overrides": "all"}));
        wrong.expect_problem(409, "conflict");
        assert_eq!(statistician.get(&format!("{YEAR}/editions")).expect(200)["items"], json!([]));

        // A year that is not over is not closed, whatever is said.
        let all: Vec<Value> = outcomes(&checklist["items"]).keys().map(|item| json!({"item": item, "reason": "确需提前"})).collect();
        let refused = statistician.post("/statistics/annual/2026/close", &json!({"note": "提前", "overrides": all}));
        let codes: Vec<&str> = refused.expect_problem(409, "conflict")["errors"].as_array().unwrap().iter()
            .map(|e| if e["code"] == "year_over" { "year_over" } else { "other" }).collect();
        assert_eq!(codes, ["year_over"]);
        // A year without surveys and activities is closed with reasons, kept with it.
        let refused = statistician.post("/statistics/annual/2024/close", &json!({}));
        let blocked = refused.expect_problem(409, "conflict");
        let blocked: Vec<&str> = blocked["errors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap()).collect();
        assert_eq!(blocked, ["follow_up_present", "activities_present"]);
        let reasons: Vec<Value> = blocked.iter().map(|item| json!({"item": item, "reason": "系统启用前的年度"})).collect();
        let closed = statistician.post("/statistics/annual/2024/close", &json!({"overrides": reasons}));
        assert_eq!(closed.header("location"), Some("/api/v1/statistics/annual/2024?edition=1"));
        let closed = closed.expect(201);
        assert_eq!((&closed["note"], &closed["overrides"], &closed["contracts"]), (&Value::Null, &json!(reasons), &json!(777)));
        // The ledger says who closed what.
        let head = app.person(Person::Auditor).get("/ledger/head").expect(200);
        let after = head["sequence"].as_i64().unwrap() - 1;
        let entry = app.person(Person::Auditor).get(&format!("/ledger?after={after}")).expect(200);
        let entry: Value = serde_json::from_str(entry["items"][0]["entry"].as_str().unwrap()).unwrap();
        assert_eq!((&entry["action"], &entry["actor"], &entry["role"]), (&json!("close_year"), &json!("statistician"), &json!("statistician")));
        assert_eq!(entry["changes"][0]["pointer"], "/editions/2024/1");
        assert_eq!(entry["changes"][0]["to"]["figures_hash"], closed["figures_hash"]);
        // What is done once is done once.
        let headers = [("Idempotency-Key", "close-2025")];
        let body = json!({"note": "年报", "overrides": overrides()});
        let one = statistician.with_body("POST", &close_path, &headers, &body);
        let two = statistician.with_body("POST", &close_path, &headers, &body);
        assert_eq!((one.status, &one.text), (201, &two.text));
        assert_eq!(statistician.get(&format!("{YEAR}/editions")).expect(200)["items"].as_array().unwrap().len(), 1);
    }
}
