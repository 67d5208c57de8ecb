//! One contract from draft through return, resubmission and confirmation to revocation, statistics following each step.

use serde_json::{Value, json};

use crate::support::{Client, Person, attach_text, both, complete_contract};

fn figures(client: &Client) -> (i64, i64, i64) {
    let figures = client.get("/statistics/annual/2026").expect(200);
    let number = |pointer: &str| figures.pointer(pointer).and_then(Value::as_i64).unwrap();
    (
        number("/total/contracts"),
        number("/total/amount_fen"),
        number("/revocations/contracts"),
    )
}

both! {
    fn statistics_follow_a_contract(app: &App) {
        let registrar = app.person(Person::Registrar).without_papers();
        let reviewer = app.person(Person::Reviewer);
        let statistician = app.person(Person::Statistician);
        let created = registrar.post("/contracts", &complete_contract(1));
        let draft = created.expect(201);
        assert_eq!(created.header("etag"), Some("\"1\""));
        assert_eq!(created.header("location").unwrap(), format!("/api/v1/contracts/{}", draft["id"]));
        assert_eq!(draft["state"], "draft");
        assert_eq!(draft["available_actions"], json!(["edit", "discard", "submit"]));
        assert_eq!(figures(&statistician), (0, 0, 0));

        registrar.try_act(&draft, "submit", &json!({})).expect_problem(422, "invalid");
        let mut draft = draft;
        draft["version"] = json!(attach_text(&registrar, &draft));
        let submitted = registrar.act(&draft, "submit", &json!({}));
        assert_eq!(submitted["state"], "submitted");
        assert_eq!(submitted["received_on"], "2026-06-15");
        assert_eq!(submitted["rule_set"], "r2026");
        let claimed = reviewer.act(&submitted, "claim", &json!({}));
        assert_eq!(claimed["claimed_by"], "reviewer");
        let items = json!([{"pointer": "/amount_fen", "detail": "与合同文本不符"}]);
        let returned = reviewer.act(&claimed, "return", &json!({"reason": "金额有误", "items": items}));
        let told = json!([{"pointer": "/amount_fen", "attachment": null, "detail": "与合同文本不符"}]);
        assert_eq!(returned["returned"]["items"], told);
        assert_eq!(figures(&statistician), (0, 0, 0));

        let path = format!("/contracts/{}", draft["id"]);
        let patch = json!({"amount_fen": 130_000_000, "non_technology_amount_fen": 30_000_000});
        let edited = registrar.patch_at(&path, returned["version"].as_i64().unwrap(), &patch).expect(200);
        let resubmitted = registrar.act(&edited, "submit", &json!({}));
        assert_eq!(resubmitted["returned"], Value::Null);
        let claimed = reviewer.act(&resubmitted, "claim", &json!({}));
        let verified = json!({"verified_type": "service", "verified_subtype": "sv_general",
            "verified_technology_amount_fen": 90_000_000, "note": "按服务认定"});
        let confirmed = reviewer.act(&claimed, "confirm", &verified);
        assert_eq!(confirmed["registration_number"], "2026660008500001");
        assert_eq!((&confirmed["type"], &confirmed["non_technology_amount_fen"]), (&json!("service"), &json!(40_000_000)));
        assert_eq!(figures(&statistician), (1, 130_000_000, 0));
        let entered = registrar.get(&format!("{path}/revisions/1")).expect(200);
        assert_eq!((&entered["type"], &entered["technology_amount_fen"]), (&json!("development"), &json!(100_000_000)));
        let verified = registrar.get(&format!("{path}/revisions/2")).expect(200);
        assert_eq!(verified["technology_amount_fen"], 90_000_000);

        app.pass_seconds(1);
        let before = app.ctx.clock.now().to_string();
        app.pass_seconds(1);
        let ground = json!({"ground": "wrong_category", "document_number": "兵科撤〔2026〕1号", "served_on": "2026-06-16"});
        reviewer.try_act(&confirmed, "revoke", &ground).expect_problem(403, "forbidden");
        let revoked = app.person(Person::Reviewer2).act(&confirmed, "revoke", &ground);
        assert_eq!(revoked["ended"]["ground"], "wrong_category");
        assert_eq!(revoked["available_actions"], json!([]));
        assert_eq!(figures(&statistician), (0, 0, 1));
        let as_of = before.replace('+', "%2B");
        let then = statistician.get(&format!("/statistics/annual/2026?as_of={as_of}")).expect(200);
        assert_eq!(then["types"]["service"]["contracts"], 1);
        assert_eq!(then["revocations"]["contracts"], 0);

        let history = registrar.get(&format!("{path}/history")).expect(200);
        let actions: Vec<&str> = history.as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
        assert_eq!(
            actions,
            ["create", "attach", "submit", "claim", "return", "edit", "submit", "claim", "confirm", "revoke"]
        );
    }
}
