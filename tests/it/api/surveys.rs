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
        let changed = statistician.with_body("PATCH", &path, &[], &json!({"enjoyed": false, "received_fen": 5})).expect(200);
        assert_eq!((ids(&changed), &changed["due_fen"]), (vec![], &json!(10_000)));
        assert_eq!(statistician.get(&path).expect(200), changed);
        for (body, pointer) in [
            (json!({"survey_year": 2025}), "/survey_year"),
            (json!({"registration_number": "x"}), "/registration_number"),
            (json!({"due_fen": -1}), "/due_fen"),
            (json!({"entitled": null}), "/entitled"),
        ] {
            assert_eq!(statistician.with_body("PATCH", &path, &[], &body).pointers(), [pointer]);
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
        assert_eq!(statistician.send("DELETE", &path, &[], None).status, 204);
        assert_eq!(statistician.send("DELETE", &path, &[], None).status, 404);
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
        let changed = statistician.with_body("PATCH", &path, &[], &json!({"unit": "div_08", "participants": 90})).expect(200);
        assert_eq!((&changed["unit"], &changed["name"], &changed["participants_xpcc"]), (&json!("div_08"), &json!("政策宣讲"), &Value::Null));
        assert_eq!(app.person(Person::Auditor).get(&path).expect(200), changed);
        for (body, pointer) in [
            (json!({"kind": "party"}), "/kind"),
            (json!({"held_on": "2027-01-01"}), "/held_on"),
            (json!({"participants_xpcc": 91}), "/participants_xpcc"),
            (json!({"name": null}), "/name"),
            (json!({"events": -1}), "/events"),
        ] {
            assert_eq!(statistician.with_body("PATCH", &path, &[], &body).pointers(), [pointer]);
        }
        assert_eq!(statistician.get("/activities?year=2026").expect(200)["items"].as_array().unwrap().len(), 2);
        assert_eq!(statistician.get("/activities?year=2025").expect(200)["items"], json!([]));
        assert_eq!(statistician.send("DELETE", &path, &[], None).status, 204);
        assert_eq!(statistician.get(&path).status, 404);
        assert_eq!(trained(), json!({"events": 1, "participants": 80}));
        assert_eq!(app.person(Person::Reviewer).post("/activities", &training).status, 403);

        let base = json!({"kind": "amount", "year": 2025, "amount_fen": 1_000, "note": "系统启用前"});
        let made = statistician.post("/reference-figures", &base).expect(201);
        assert_eq!(made["id"], "amount-2025");
        statistician.post("/reference-figures", &base).expect_problem(409, "conflict");
        let path = "/reference-figures/amount-2025";
        let changed = statistician.with_body("PATCH", path, &[], &json!({"amount_fen": 2_000})).expect(200);
        assert_eq!((&changed["amount_fen"], &changed["note"]), (&json!(2_000), &json!("系统启用前")));
        assert_eq!(statistician.with_body("PATCH", path, &[], &json!({"year": 2024})).pointers(), ["/year"]);
        assert_eq!(statistician.post("/reference-figures", &json!({})).pointers(), ["/amount_fen", "/kind", "/year"]);
        assert_eq!(app.person(Person::Auditor).get("/reference-figures?year=2025").expect(200)["items"], json!([changed]));
        assert_eq!(app.person(Person::Expert).get("/reference-figures").status, 403);
        assert_eq!(statistician.send("DELETE", path, &[], None).status, 204);
        assert_eq!(statistician.get(path).status, 404);
        assert_eq!(
            ledger_actions(app),
            [
                "record_activity", "record_activity", "change_activity", "remove_activity",
                "record_reference_figure", "change_reference_figure", "remove_reference_figure",
            ]
        );
    }
}
