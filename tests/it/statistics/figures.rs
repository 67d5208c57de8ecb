//! Figures as things of their own, and the contracts behind them.

use serde_json::{Value, json};

use crate::support::{Client, Person, both};

/// After the last act of the sample.
const AFTER: &str = "2026-03-01T00:00:00%2B08:00";

/// Every page of a list; the first page's frame.
fn all_pages(client: &Client, path: &str) -> (Vec<Value>, Value) {
    let first = client.get(path).expect(200);
    let mut items = first["items"].as_array().unwrap().clone();
    let mut next = first["next_cursor"].clone();
    while let Some(cursor) = next.as_str() {
        let page = client.get(&format!("{path}&cursor={cursor}")).expect(200);
        assert_eq!(page["behind"], first["behind"]);
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        next = page["next_cursor"].clone();
    }
    (items, first)
}

/// What the contracts of a list count for.
fn summed(items: &[Value]) -> Value {
    let sum = |field: &str| {
        items
            .iter()
            .map(|c| c["counted"][field].as_i64().unwrap_or(0))
            .sum::<i64>()
    };
    json!({"contracts": items.len(), "amount_fen": sum("amount_fen"), "technology_amount_fen": sum("technology_amount_fen")})
}

both! {
    fn every_figure_can_be_read_with_what_it_means(app: &App) {
        app.import_whole_sample();
        let statistician = app.person(Person::Statistician);
        let base = "/statistics/annual/2025";
        let annual = statistician.get(&format!("{base}?as_of={AFTER}")).expect(200);
        let list = statistician.get(&format!("{base}/figures?as_of={AFTER}")).expect(200);
        assert_eq!((&list["next_cursor"], &list["edition"], &list["as_of"]), (&Value::Null, &Value::Null, &annual["as_of"]));
        let items = list["items"].as_array().unwrap();
        for item in items {
            let name = item["name"].as_str().unwrap();
            let tail = if item["unit"] == "fen" { "_fen" } else { "" };
            let path = format!("/{}{tail}", name.replace('.', "/"));
            assert_eq!(Some(&item["value"]), annual.pointer(&path).or(Some(&Value::Null)), "{name}");
            for field in ["label", "display", "meaning", "source"] {
                assert!(item[field].as_str().is_some_and(|text| !text.is_empty()), "{name} {field}");
            }
        }
        assert!(items.len() > 500, "{}", items.len());
        let one = statistician.get(&format!("{base}/figures/units.div_08.amount?as_of={AFTER}")).expect(200);
        assert_eq!(Some(&one), items.iter().find(|i| i["name"] == "units.div_08.amount"));
        assert_eq!((&one["label"], &one["unit"], &one["shown_in"]), (&"八师合同成交额".into(), &"fen".into(), &"万元".into()));
        assert!(one["display"].as_str().unwrap().ends_with(" 万元"));
        let behind = statistician.get(one["contracts_link"].as_str().unwrap().strip_prefix("/api/v1").unwrap()).expect(200);
        assert_eq!(behind["behind"]["value"], one["value"]);
        assert_eq!(statistician.get(&format!("{base}/figures/registrars.certified")).expect(200)["contracts_link"], Value::Null);

        // Pages, where they are asked for.
        let page = statistician.get(&format!("{base}/figures?as_of={AFTER}&limit=100")).expect(200);
        assert_eq!(page["items"].as_array().unwrap()[..], items[..100]);
        let cursor = page["next_cursor"].as_str().unwrap();
        let page = statistician.get(&format!("{base}/figures?as_of={AFTER}&limit=100&cursor={cursor}")).expect(200);
        assert_eq!(page["items"].as_array().unwrap()[..], items[100..200]);

        statistician.get(&format!("{base}/figures/units.div_99.amount")).expect_problem(404, "not-found");
        statistician.get(&format!("{base}/figures/total")).expect_problem(404, "not-found");
        statistician.get("/statistics/annual/x/figures").expect_problem(404, "not-found");
        let wrong = statistician.get(&format!("{base}/figures?as_of=yesterday&colour=red"));
        wrong.expect_problem(422, "invalid");
        assert_eq!(wrong.pointers(), ["/as_of", "/colour"]);
        app.person(Person::Registrar).get(&format!("{base}/figures")).expect_problem(403, "forbidden");
        app.person(Person::Registrar).get(&format!("{base}/figures/total.amount")).expect_problem(403, "forbidden");
    }

    fn the_contracts_behind_every_figure_add_up_to_it(app: &App) {
        app.import_whole_sample();
        let statistician = app.person(Person::Statistician);
        let list = statistician.get(&format!("/statistics/annual/2025/figures?as_of={AFTER}")).expect(200);
        let mut listed = 0;
        for figure in list["items"].as_array().unwrap() {
            let name = figure["name"].as_str().unwrap();
            let path = format!("/contracts?year=2025&figure={name}&as_of={AFTER}&limit=1");
            if figure["contracts_link"].is_null() {
                let refused = statistician.get(&path);
                assert_eq!(refused.expect_problem(422, "invalid")["errors"][0]["code"], "no_contracts", "{name}");
                continue;
            }
            let behind = &statistician.get(&path).expect(200)["behind"];
            assert_eq!((&behind["value"], &behind["display"]), (&figure["value"], &figure["display"]), "{name}");
            assert_eq!(behind["sum"]["contracts"], behind["terms"][0]["contracts"], "{name}");
            if name.starts_with("contract_amounts.") {
                continue; // The mean of the contracts listed.
            }
            let measure = match (figure["unit"].as_str().unwrap(), name.ends_with(".rank")) {
                ("count", false) => "contracts",
                ("fen", _) if name.ends_with("technology_amount") || name == "technology.amount" => "technology_amount_fen",
                ("fen", _) => "amount_fen",
                _ => continue,
            };
            assert_eq!(behind["sum"][measure], figure["value"], "{name}");
            listed += 1;
        }
        assert!(listed > 300, "{listed}");
        // Every contract of some, page by page, in every order.
        for (figure, term, sort) in [
            ("units.div_08.amount", "sum", "-id"),
            ("types.service.technology_amount", "sum", "amount_fen"),
            ("sizes.s500_1000.share", "part", "-amount_fen"),
            ("flows.within_xpcc.growth", "previous", "confirmed_at"),
            ("regions.north_to_south", "south", "-confirmed_at"),
            ("period.average_growth", "last_year", "id"),
            ("units.div_01.rank", "div_08", "id"),
            ("revocations.amount", "sum", "-amount_fen"),
            ("expert_reviews.contracts", "sum", "id"),
            ("imports.amount", "sum", "id"),
            ("series.2022.plan_funded_amount", "sum", "-id"),
        ] {
            let path = format!("/contracts?year=2025&figure={figure}&as_of={AFTER}&limit=100&sort={sort}&term={term}");
            let (items, first) = all_pages(&statistician, &path);
            assert_eq!(summed(&items), first["behind"]["sum"], "{figure}");
            assert_eq!(first["behind"]["term"], term);
            let (field, descending) = match sort.strip_prefix('-') {
                Some(field) => (field, true),
                None => (sort, false),
            };
            let key = |item: &Value| match field {
                "id" => (0, String::new(), item["id"].as_i64()),
                "amount_fen" => (item["counted"]["amount_fen"].as_i64().unwrap(), String::new(), item["id"].as_i64()),
                _ => (0, item["counted"]["at"].as_str().unwrap().to_owned(), item["id"].as_i64()),
            };
            assert!(items.windows(2).all(|pair| (key(&pair[0]) < key(&pair[1])) != descending && key(&pair[0]) != key(&pair[1])), "{figure}");
            assert!(items.len() > 3 || figure == "imports.amount", "{figure}: {}", items.len());
        }
    }

    fn who_asks_for_what_is_none_is_told(app: &App) {
        app.import_whole_sample();
        let statistician = app.person(Person::Statistician);
        for (query, pointers) in [
            ("figure=total.amount", vec!["/year"]),
            ("figure=&year=2025", vec!["/figure"]),
            ("figure=total.x&year=2025", vec!["/figure"]),
            ("figure=bands.x.amount&year=2025", vec!["/figure"]),
            ("figure=series.2020.amount&year=2025", vec!["/figure"]),
            ("figure=follow_up.tax_relief&year=2025", vec!["/figure"]),
            ("figure=total.share&year=2025", vec!["/figure"]),
            ("figure=total.growth&year=2025&term=whole", vec!["/term"]),
            ("figure=total.amount&year=2025&sort=due_on&unit=div_01", vec!["/sort", "/unit"]),
            ("figure=total.amount&year=2025&cursor=abc", vec!["/cursor"]),
            ("figure=total.amount&year=2025&edition=1&as_of=2026-01-01T00:00:00%2B08:00", vec!["/as_of"]),
            ("year=2025&as_of=2026-01-01T00:00:00%2B08:00&term=part", vec!["/as_of", "/term"]),
        ] {
            let refused = statistician.get(&format!("/contracts?{query}"));
            refused.expect_problem(422, "invalid");
            assert_eq!(refused.pointers(), pointers, "{query}");
        }
        statistician.get("/contracts?figure=total.amount&year=2025&edition=1").expect_problem(404, "not-found");
        for person in [Person::Registrar, Person::Expert, Person::Administrator] {
            let refused = app.person(person).get("/contracts?figure=total.amount&year=2025");
            refused.expect_problem(403, "forbidden");
        }
        for person in [Person::Reviewer, Person::Auditor] {
            app.person(person).get("/contracts?figure=total.amount&year=2025").expect(200);
        }
        // The other form of the list is as it was.
        let plain = statistician.get("/contracts?year=2025&limit=1").expect(200);
        assert!(plain.get("behind").is_none() && plain["items"][0].get("counted").is_none());
    }

    fn a_contract_is_listed_as_it_was_counted(app: &App) {
        let contract = app.confirmed(1);
        let id = contract["id"].as_i64().unwrap();
        let before = app.ctx.clock.now();
        app.pass_seconds(3600);
        let registrar = app.person(Person::Registrar);
        let version = registrar.get(&format!("/contracts/{id}")).expect(200)["version"].as_i64().unwrap();
        let body = json!({"kind": "amend", "reason": "笔误", "attachments": [],
            "changes": {"amount_fen": 90_000_000, "technology_amount_fen": 90_000_000, "non_technology_amount_fen": 0}});
        let request = registrar.post_at(&format!("/contracts/{id}/change-requests"), version, &body).expect(201);
        app.person(Person::Reviewer2).post(&format!("/change-requests/{}/approve", request["id"]), &json!({})).expect(200);
        app.pass_seconds(3600);
        let statistician = app.person(Person::Statistician);
        let at = |query: &str| {
            let list = statistician.get(&format!("/contracts?year=2026&figure=total.amount{query}")).expect(200);
            assert_eq!(list["items"].as_array().unwrap().len(), 1);
            assert_eq!(list["items"][0]["id"], id);
            assert_eq!(list["items"][0]["amount_fen"], 90_000_000, "the contract as it is now");
            assert_eq!(list["behind"]["value"], list["items"][0]["counted"]["amount_fen"]);
            let counted = &list["items"][0]["counted"];
            (counted["revision"].as_i64().unwrap(), counted["amount_fen"].as_i64().unwrap())
        };
        let entered = contract["amount_fen"].as_i64().unwrap();
        assert_ne!(entered, 90_000_000);
        assert_eq!(at(""), (3, 90_000_000));
        let then = before.to_string().replace('+', "%2B");
        assert_eq!(at(&format!("&as_of={then}")), (2, entered));
    }

    fn how_things_will_stand_is_not_asked(app: &App) {
        app.confirmed(1);
        let (statistician, pages) = (app.person(Person::Statistician), app.pages_of(Person::Statistician));
        let now = app.ctx.clock.now();
        let at = |seconds: i64| now.plus_seconds(seconds).to_string().replace('+', "%2B");
        let base = "/statistics/annual/2026";
        let routes = [
            format!("{base}?"),
            format!("{base}/figures?"),
            format!("{base}/figures/total.amount?"),
            format!("{base}/restatement?"),
            "/statistics/pivot?rows=unit&year=2026&".to_owned(),
            "/contracts?figure=total.amount&year=2026&".to_owned(),
            "/reports/annual/2026?format=html&".to_owned(),
        ];
        for route in &routes {
            let refused = statistician.get(&format!("{route}as_of={}", at(3 * 3600)));
            let problem = refused.expect_problem(422, "invalid");
            assert_eq!(refused.pointers(), ["/as_of"], "{route}");
            assert_eq!((&problem["errors"][0]["code"], &problem["errors"][0]["detail"]),
                (&json!("in_future"), &json!("统计时点不能晚于现在。")), "{route}");
            // Of now, by a clock that is a little ahead.
            if !route.contains("restatement") {
                assert_eq!(statistician.get(&format!("{route}as_of={}", at(3600))).status, 200, "{route}");
            }
        }
        let report = [("file", Some("a.txt"), "认定登记技术合同 1 项。".as_bytes())];
        let refused = statistician.send_form(&format!("{base}/check?as_of={}", at(3 * 3600)), &[], "b", &report);
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), ["/as_of"]);

        // What another server's clock named is answered by the clock here.
        let ahead = statistician.get(&format!("{base}?as_of={}", at(3600))).expect(200);
        assert!(ahead["as_of"].as_str().unwrap() < now.plus_seconds(3600).to_string().as_str(), "{}", ahead["as_of"]);

        let (today, tomorrow) = (now.date(), now.date().succ_opt().unwrap());
        let shown = ["?", "/figures?", "/figures/total.amount?", "/pivot?", "/report?"].map(|page| format!("/statistics/2026{page}"));
        for page in &shown {
            pages.get(&format!("{page}as_of={today}")).expect(200);
            let refused = pages.get(&format!("{page}as_of={tomorrow}")).expect(422);
            assert!(refused.says("统计时点不能晚于今天。"), "{page}: {}", refused.text);
        }
        pages.get(&format!("/statistics/2026/restatement?as_of={tomorrow}")).expect(422);
        let from = pages.get("/statistics/check").expect(200);
        let text = "认定登记技术合同 1 项。".as_bytes();
        for (day, status) in [(today, 200), (tomorrow, 422)] {
            let day = day.to_string();
            let page = pages.upload(&from, "/statistics/check", &[("/year", "2026"), ("/as_of", &day)], ("a.txt", text)).expect(status);
            assert_eq!(page.says("统计时点不能晚于今天。"), status == 422);
        }
    }
}
