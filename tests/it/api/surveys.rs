//! Follow-ups, activities and reference figures: kept by statisticians, read by those who read statistics, told of in the ledger.

use dengji::domain::interchange::Kind;
use serde_json::{Value, json};

use crate::{
    statistics::sample::AFTER,
    support::{App, Person, both},
};

fn ledger_actions(app: &App) -> Vec<String> {
    let page = app.person(Person::Auditor).get("/ledger?limit=100&after=0").expect(200);
    let mut sequence = 0;
    let mut actions = Vec::new();
    let mut items = page["items"].as_array().unwrap().clone();
    while let Some(last) = items.last() {
        sequence = last["sequence"].as_i64().unwrap().max(sequence);
        for item in &items {
            let entry: Value = serde_json::from_str(item["entry"].as_str().unwrap()).unwrap();
            actions.push(entry["action"].as_str().unwrap().to_owned());
        }
        let next = app
            .person(Person::Auditor)
            .get(&format!("/ledger?limit=100&after={sequence}"))
            .expect(200);
        items = next["items"].as_array().unwrap().clone();
    }
    actions.retain(|action| !action.starts_with("import"));
    actions
}

fn follow_up(number: &str) -> Value {
    json!({"registration_number": number, "survey_year": 2026, "tax_relevant": true, "fulfilled": true,
        "due_fen": 10_000, "received_fen": 6_000, "entitled": false, "enjoyed": false, "reward_due": false,
        "reward_issued": false})
}

both! {
    fn a_statistician_keeps_follow_ups(app: &App) {
        app.import_sample("registrars.csv", Kind::Registrars);
        app.import_sample("contracts-2021.csv", Kind::Register);
        app.set_time(AFTER);
        let statistician = app.person(Person::Statistician);
        // A plan-funded and another contract of the sample.
        let contracts = statistician.get("/contracts?year=2021&limit=100").expect(200);
        let of = |plan: bool| {
            let mut ids = contracts["items"].as_array().unwrap().iter().map(|c| c["id"].as_i64().unwrap());
            ids.find_map(|id| {
                let contract = statistician.get(&format!("/contracts/{id}")).expect(200);
                let fits = (contract["plan_source"] != "outside_plan") == plan && contract["type"] == "development";
                fits.then(|| contract["registration_number"].as_str().unwrap().to_owned())
            }).unwrap()
        };
        let (planned, outside) = (of(true), of(false));

        let reply = statistician.post("/follow-ups", &follow_up(&outside));
        let address = format!("/api/v1/follow-ups/{outside}-2026");
        assert_eq!(reply.header("location"), Some(address.as_str()));
        let made = reply.expect(201);
        assert_eq!((&made["checks"], &made["persons"], &made["net_income_fen"]), (&json!([]), &json!(0), &Value::Null));
        statistician.post("/follow-ups", &follow_up(&outside)).expect_problem(409, "conflict");

        // Doubts are told and refuse nothing.
        let mut doubtful = follow_up(&planned);
        doubtful["received_fen"] = json!(10_001);
        doubtful["enjoyed"] = json!(true);
        let made = statistician.post("/follow-ups", &doubtful).expect(201);
        let ids = |view: &Value| -> Vec<String> {
            view["checks"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(ids(&made), ["received_above_due", "enjoyed_not_entitled", "enjoyed_without_relief", "relief_plan_funded"]);

        let page = app.person(Person::Reviewer).get("/follow-ups?year=2026").expect(200);
        assert_eq!((page["items"].as_array().unwrap().len(), &page["flagged"]), (2, &json!(1)));
        let page = app.person(Person::Auditor).get("/follow-ups?year=2026&flag=relief_plan_funded").expect(200);
        assert_eq!(page["items"][0]["registration_number"], json!(planned));
        assert_eq!(page["items"].as_array().unwrap().len(), 1);
        assert_eq!(statistician.get("/follow-ups?year=2025").expect(200)["items"], json!([]));
        let first = statistician.get("/follow-ups?limit=1").expect(200);
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = statistician.get(&format!("/follow-ups?limit=1&cursor={cursor}")).expect(200);
        assert_eq!(second["next_cursor"], Value::Null);
        assert_ne!(first["items"][0]["id"], second["items"][0]["id"]);

        // What is not named stays.
        let path = format!("/follow-ups/{planned}-2026");
        let changed = statistician.patch_now(&path, &json!({"enjoyed": false, "received_fen": 5})).expect(200);
        assert_eq!((ids(&changed), &changed["due_fen"]), (vec![], &json!(10_000)));
        assert_eq!(statistician.get(&path).expect(200), changed);
        for (body, pointer) in [
            (json!({"survey_year": 2025}), "/survey_year"),
            (json!({"registration_number": "x"}), "/registration_number"),
            (json!({"due_fen": -1}), "/due_fen"),
            (json!({"entitled": null}), "/entitled"),
        ] {
            assert_eq!(statistician.patch_now(&path, &body).pointers(), [pointer]);
        }
        let unknown = statistician.post("/follow-ups", &follow_up("2021990000000001"));
        assert_eq!((unknown.status, unknown.pointers()), (422, vec!["/registration_number".to_owned()]));
        let empty = statistician.post("/follow-ups", &json!({})).pointers();
        assert_eq!(empty.len(), 8, "{empty:?}");

        // The figures follow.
        let rate = || statistician.get("/statistics/annual/2026").expect(200)["follow_up"]["collection_rate"].clone();
        assert_eq!(rate(), json!(6005.0 / 20_000.0));
        for person in [Person::Reviewer, Person::Auditor, Person::Registrar] {
            assert_eq!(app.person(person).send("DELETE", &path, &[], None).status, 403);
        }
        assert_eq!(app.person(Person::Registrar).get(&path).status, 403);
        assert_eq!(statistician.delete_now(&path).status, 204);
        assert_eq!(statistician.delete_now(&path).status, 404);
        assert_eq!(rate(), json!(0.6));
        assert_eq!(ledger_actions(app), ["record_follow_up", "record_follow_up", "change_follow_up", "remove_follow_up"]);
    }

    fn a_statistician_keeps_activities_and_reference_figures(app: &App) {
        app.set_time(AFTER);
        let statistician = app.person(Person::Statistician);
        let training = json!({"kind": "policy_training", "held_on": "2026-03-01", "name": "政策宣讲", "events": 1, "participants": 80});
        // Two of the same kind, day, name and unit are two.
        let first = statistician.post("/activities", &training).expect(201);
        let second = statistician.post("/activities", &training).expect(201);
        assert_ne!(first["id"], second["id"]);
        let trained = || statistician.get("/statistics/annual/2026").expect(200)["activities"]["policy_training"].clone();
        assert_eq!(trained(), json!({"events": 2, "participants": 160}));
        let path = format!("/activities/{}", second["id"]);
        let changed = statistician.patch_now(&path, &json!({"unit": "div_08", "participants": 90})).expect(200);
        assert_eq!((&changed["unit"], &changed["name"], &changed["participants_xpcc"]), (&json!("div_08"), &json!("政策宣讲"), &Value::Null));
        assert_eq!(app.person(Person::Auditor).get(&path).expect(200), changed);
        for (body, pointer) in [
            (json!({"kind": "party"}), "/kind"),
            (json!({"held_on": "2027-01-01"}), "/held_on"),
            (json!({"participants_xpcc": 91}), "/participants_xpcc"),
            (json!({"name": null}), "/name"),
            (json!({"events": -1}), "/events"),
        ] {
            assert_eq!(statistician.patch_now(&path, &body).pointers(), [pointer]);
        }
        assert_eq!(statistician.get("/activities?year=2026").expect(200)["items"].as_array().unwrap().len(), 2);
        assert_eq!(statistician.get("/activities?year=2025").expect(200)["items"], json!([]));
        assert_eq!(statistician.delete_now(&path).status, 204);
        assert_eq!(statistician.get(&path).status, 404);
        assert_eq!(trained(), json!({"events": 1, "participants": 80}));
        assert_eq!(app.person(Person::Reviewer).post("/activities", &training).status, 403);

        let base = json!({"kind": "amount", "year": 2025, "amount_fen": 1_000, "note": "系统启用前"});
        let made = statistician.post("/reference-figures", &base).expect(201);
        assert_eq!(made["id"], "amount-2025");
        statistician.post("/reference-figures", &base).expect_problem(409, "conflict");
        let path = "/reference-figures/amount-2025";
        let changed = statistician.patch_now(path, &json!({"amount_fen": 2_000})).expect(200);
        assert_eq!((&changed["amount_fen"], &changed["note"]), (&json!(2_000), &json!("系统启用前")));
        assert_eq!(statistician.patch_now(path, &json!({"year": 2024})).pointers(), ["/year"]);
        assert_eq!(statistician.post("/reference-figures", &json!({})).pointers(), ["/amount_fen", "/kind", "/year"]);
        assert_eq!(app.person(Person::Auditor).get("/reference-figures?year=2025").expect(200)["items"], json!([changed]));
        assert_eq!(app.person(Person::Expert).get("/reference-figures").status, 403);
        assert_eq!(statistician.delete_now(path).status, 204);
        assert_eq!(statistician.get(path).status, 404);
        assert_eq!(
            ledger_actions(app),
            [
                "record_activity", "record_activity", "change_activity", "remove_activity",
                "record_reference_figure", "change_reference_figure", "remove_reference_figure",
            ]
        );
    }

    fn of_two_editors_the_second_is_told(app: &App) {
        app.import_sample("registrars.csv", Kind::Registrars);
        app.import_sample("contracts-2021.csv", Kind::Register);
        app.set_time(AFTER);
        let statistician = app.person(Person::Statistician);
        let number = statistician.get("/contracts?year=2021&limit=1").expect(200)["items"][0]["registration_number"].as_str().unwrap().to_owned();
        let activity = json!({"kind": "policy_training", "held_on": "2026-03-01", "name": "政策宣讲", "participants": 80});
        let reference = json!({"kind": "amount", "year": 2025, "amount_fen": 1_000});
        let paragraph = json!({"chapter": "summary", "text": "一段。"});
        let paragraphs = "/reports/annual/2025/paragraphs";
        let records = [
            ("/follow-ups", follow_up(&number), json!({"received_fen": 1}), json!({"received_fen": 2})),
            ("/activities", activity, json!({"participants": 81}), json!({"participants": 82})),
            ("/reference-figures", reference, json!({"amount_fen": 1_001}), json!({"amount_fen": 1_002})),
            (paragraphs, paragraph, json!({"text": "甲写的。"}), json!({"text": "乙写的。"})),
        ];
        for (list, record, first, second) in records {
            let made = statistician.post(list, &record);
            let etag = made.header("etag").unwrap().to_owned();
            let made = made.expect(201);
            assert_eq!(etag, format!("\"{}\"", made["version"]), "{list}");
            let path = format!("{list}/{}", made["id"].as_str().map_or_else(|| made["id"].to_string(), str::to_owned));
            if list != paragraphs {
                assert_eq!(statistician.get(&path).header("etag"), Some(etag.as_str()), "{list}");
            }
            let opened = made["version"].as_i64().unwrap();
            let refused = |method: &str, headers: &[(&str, &str)]| statistician.with_body(method, &path, headers, &second);
            refused("PATCH", &[]).expect_problem(428, "version-missing");
            statistician.send("DELETE", &path, &[], None).expect_problem(428, "version-missing");
            let changed = statistician.patch_at(&path, opened, &first).expect(200);
            assert!(changed["version"].as_i64() > Some(opened), "{list}");
            // What changes nothing is no new version.
            assert_eq!(statistician.patch_at(&path, changed["version"].as_i64().unwrap(), &first).expect(200), changed, "{list}");
            refused("PATCH", &[("If-Match", &etag)]).expect_problem(412, "stale-version");
            statistician.delete_at(&path, opened).expect_problem(412, "stale-version");
            // What was removed and recorded anew is not what was opened.
            assert_eq!(statistician.delete_at(&path, changed["version"].as_i64().unwrap()).status, 204, "{list}");
            let anew = statistician.post(list, &record).expect(201);
            assert!(anew["version"].as_i64() > changed["version"].as_i64(), "{list}");
        }
        // A file that brings the record on is another editor, too.
        let path = format!("/follow-ups/{number}-2026");
        let opened = statistician.get(&path).expect(200)["version"].as_i64().unwrap();
        let text = format!("登记编号,调查年度,是否涉税,是否履行,应到账额（元）,实到账额（元）,应享税收优惠,实享税收优惠,增值税免税额（元）,企业所得税减免额（元）,应发奖酬金,已发奖酬金,净收益额（元）,实发奖酬金（元）,受奖励人次\n{number},2026,是,是,1,1,否,否,0,0,否,否,,0,3\n");
        let file = app.folder.path().join("follow-up.csv");
        std::fs::write(&file, text).unwrap();
        assert_eq!(app.import(file, Kind::FollowUp, true).unwrap().updated, 1);
        statistician.patch_at(&path, opened, &json!({"persons": 9})).expect_problem(412, "stale-version");
        assert_eq!(statistician.get(&path).expect(200)["persons"], 3);
    }
}
