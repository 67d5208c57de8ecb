//! `/reports/annual/{year}/paragraphs`: statisticians write, readers of statistics read, typed numbers are told.

use dengji::report::FreeParagraph;
use serde_json::{Value, json};

use crate::support::{Person, both};

const PATH: &str = "/reports/annual/2025/paragraphs";

both! {
    fn paragraphs_are_added_changed_and_removed(app: &App) {
        let statistician = app.person(Person::Statistician);
        let text = "成交额 {{total.amount|yi_yuan|2}} 亿元，另有 12 项待审，三家单位未报。";
        let reply = statistician.post(PATH, &json!({"chapter": "summary", "text": text}));
        let made = reply.expect(201);
        let path = format!("{PATH}/{}", made["id"]);
        assert_eq!(reply.header("location"), Some(format!("/api/v1{path}").as_str()));
        assert_eq!((&made["chapter"], &made["position"], &made["text"]), (&json!("summary"), &json!(1), &json!(text)));
        assert_eq!(made["unbound"], json!([{"text": "12 项", "offset": 37}, {"text": "三家", "offset": 44}]));
        let second = statistician.post(PATH, &json!({"chapter": "summary", "text": "第二段。"})).expect(201);
        assert_eq!((&second["position"], &second["unbound"]), (&json!(2), &json!([])));

        let change = |body: &Value| statistician.patch_at(&path, made["version"].as_i64().unwrap(), body);
        assert_eq!(change(&json!({})).expect(200), made);
        let changed = change(&json!({"chapter": "types", "position": 7, "text": "共 {{total.contracts}} 项。"})).expect(200);
        assert_eq!((&changed["chapter"], &changed["position"], &changed["unbound"]), (&json!("types"), &json!(7), &json!([])));
        let page = statistician.get(&format!("{PATH}?limit=1")).expect(200);
        assert_eq!(page["items"], json!([changed]));
        let next = format!("{PATH}?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
        assert_eq!(statistician.get(&next).expect(200), json!({"items": [second], "next_cursor": null}));
        assert_eq!(statistician.get("/reports/annual/2024/paragraphs").expect(200)["items"], json!([]));

        // Another year's is not this one's.
        let elsewhere = path.replace("2025", "2024");
        statistician.patch_at(&elsewhere, 1, &json!({})).expect_problem(404, "not-found");
        statistician.delete_at(&elsewhere, 1).expect_problem(404, "not-found");
        let taken = app.block_on(app.ctx.store.read(|db| dengji::usecases::report_paragraphs::all(db, 2025))).unwrap();
        assert_eq!(taken.len(), 2);
        assert_eq!(taken[0], FreeParagraph { chapter: "types".into(), position: 7, text: "共 {{total.contracts}} 项。".into() });
        assert_eq!(statistician.delete_at(&path, changed["version"].as_i64().unwrap()).status, 204);
        statistician.delete_at(&path, 1).expect_problem(404, "not-found");
        assert_eq!(statistician.get(PATH).expect(200)["items"], json!([second]));

        // Each act is in the ledger, with the words as they were and are; what changed nothing is not.
        let entries = app.person(Person::Auditor).get("/ledger?limit=100").expect(200)["items"].as_array().unwrap().clone();
        let read = |e: &Value| serde_json::from_str::<Value>(e["entry"].as_str().unwrap()).unwrap();
        let acts: Vec<_> = entries.iter().map(read).filter(|e| e["action"].as_str().unwrap().ends_with("_report_paragraph")).collect();
        let actions: Vec<_> = acts.iter().map(|e| e["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["add_report_paragraph", "add_report_paragraph", "change_report_paragraph", "remove_report_paragraph"]);
        assert_eq!(acts[2]["changes"][0]["from"]["text"], json!(text));
        assert_eq!(acts[3]["changes"][0]["to"], Value::Null);
    }

    fn what_is_no_figure_is_refused(app: &App) {
        let statistician = app.person(Person::Statistician);
        for (body, pointers) in [
            (json!({}), vec!["/chapter", "/text"]),
            (json!({"chapter": "九", "text": " ", "position": -1}), vec!["/chapter", "/position", "/text"]),
            (json!({"chapter": "types", "text": "{{total.nothing}}，{{total.amount|percent}}，{{total"}), vec!["/text"]),
            (json!({"chapter": "types", "text": "长".repeat(2001)}), vec!["/text"]),
            (json!({"chapter": 1, "text": "a\u{0}"}), vec!["/chapter"]),
        ] {
            let reply = statistician.post(PATH, &body);
            reply.expect_problem(422, "invalid");
            assert_eq!(reply.pointers(), pointers, "{body}");
        }
        let text = "{{total.nothing}}，{{total.amount|percent}}，{{total";
        let problem = statistician.post(PATH, &json!({"chapter": "types", "text": text})).expect_problem(422, "invalid");
        let details: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|e| e["detail"].as_str().unwrap()).collect();
        assert_eq!(details.len(), 3);
        for part in ["第 1 个字符处的“total.nothing”：没有这个指标。", "第 19 个字符处的“total.amount|percent”", "第 44 个字符处的“{{total”：缺少“}}”。"] {
            assert!(details.iter().any(|detail| detail.contains(part)), "{part} {details:?}");
        }
        for year in ["1899", "2201", "x", "99999999999"] {
            let reply = statistician.post(&format!("/reports/annual/{year}/paragraphs"), &json!({"chapter": "types", "text": "文。"}));
            reply.expect_problem(404, "not-found");
            statistician.get(&format!("/reports/annual/{year}/paragraphs")).expect_problem(404, "not-found");
        }
        let once = |text: &str| {
            let body = json!({"chapter": "types", "text": text});
            statistician.with_body("POST", PATH, &[("Idempotency-Key", "k")], &body)
        };
        let first = once("一段。").expect(201);
        assert_eq!(once("一段。").expect(201), first);
        assert_eq!(statistician.get(PATH).expect(200)["items"].as_array().unwrap().len(), 1);
    }
}
