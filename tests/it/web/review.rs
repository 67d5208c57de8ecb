//! Contracts through the pages: found, claimed, returned, confirmed, changed, ended; by whom it may be done, and by nobody else.

use serde_json::{Value, json};

use crate::support::{App, Client, Page, Pages, Person, both, complete_contract};

fn id(contract: &Value) -> i64 {
    contract["id"].as_i64().unwrap()
}

fn address(contract: &Value) -> String {
    format!("/contracts/{}", contract["id"])
}

/// Does an act by its page: opens it, fills in, sends.
#[track_caller]
fn act(pages: &Pages, contract: &Value, action: &str, fields: &[(&str, &str)]) -> Page {
    let here = format!("{}/{action}", address(contract));
    let page = pages.get(&here).expect(200);
    pages.submit(&page, &here, fields)
}

/// The contract now, for whoever sees everything.
fn now(app: &App, contract: &Value) -> Value {
    app.person(Person::Auditor).get(&address(contract)).expect(200)
}

both! {
    fn a_reviewer_returns_and_confirms_by_pages(app: &App) {
        let contract = app.submitted(1);
        let here = address(&contract);
        let pages = app.pages_of(Person::Reviewer);
        let bench = pages.get("/").expect(200);
        assert!(bench.says("待领取") && bench.links().contains(&here), "{}", bench.text);
        let page = pages.get(&here).expect(200);
        assert!(page.says("棉田残膜回收装备研制（1）") && page.says("1,200,000.00 元（120.00 万元）"), "{}", page.text);
        let page = pages.submit(&page, &format!("{here}/claim"), &[]).expect(200);
        assert_eq!(page.path, format!("{here}?done=claim"));
        assert!(page.says("已完成：领取"));
        // Rows left empty between others do not matter; what is missing is told at its row.
        let wrong = act(&pages, &contract, "return", &[("/reason", "金额有误"), ("/items/3/pointer", "/amount_fen")]).expect(422);
        assert_eq!(wrong.form(&format!("{here}/return")).value("/items/0/pointer"), Some("/amount_fen"));
        assert_eq!(wrong.texts(".field.wrong label"), ["第 1 项：意见"]);
        let fields = [("/reason", "金额有误"), ("/items/0/pointer", "/amount_fen"), ("/items/0/detail", "与合同文本不符"),
            ("/items/4/pointer", "/summary"), ("/items/4/detail", "请写明交付内容")];
        let page = pages.submit(&wrong, &format!("{here}/return"), &fields).expect(200);
        assert!(page.says("退回补正：金额有误") && page.says("请写明交付内容"), "{}", page.text);
        // The registrar mends it; what is new stands beside what was.
        let registrar = app.person(Person::Registrar);
        let returned = now(app, &contract);
        let patch = json!({"amount_fen": 130_000_000, "technology_amount_fen": 110_000_000});
        let edited = registrar.patch_at(&here, returned["version"].as_i64().unwrap(), &patch).expect(200);
        registrar.act(&edited, "submit", &json!({}));
        let page = pages.get(&here).expect(200);
        assert_eq!(page.texts(".changed dt"), ["合同成交额", "技术交易额"]);
        assert_eq!(page.texts(".changed del")[0], "1,200,000.00 元（120.00 万元）");
        assert_eq!(page.texts(".changed ins")[0], "1,300,000.00 元（130.00 万元）");
        assert!(page.says("与合同文本不符"), "what was asked for is still said");
        pages.submit(&page, &format!("{here}/claim"), &[]).expect(200);
        let form = pages.get(&format!("{here}/confirm")).expect(200);
        let filled = form.form(&format!("{here}/confirm"));
        assert_eq!(filled.value("/verified_technology_amount_fen"), Some("1100000.00"));
        assert_eq!((filled.value("/verified_type"), filled.value("/verified_subtype")), (Some("development"), Some("dev_commissioned")));
        assert!(form.says("计入 2026 年统计"));
        let page = pages.submit(&form, &format!("{here}/confirm"), &[("/verified_technology_amount_fen", "1,000,000")]).expect(200);
        assert!(page.says("2026660008500001") && page.says("计入 2026 年统计"), "{}", page.text);
        assert_eq!(page.texts(".changed dt"), ["技术交易额", "非技术性费用"]);
        assert!(page.links().contains(&format!("{here}/certificate.pdf")));
        let revision = pages.get(&format!("{here}/revisions/2")).expect(200);
        assert!(revision.says("上一版：1,100,000.00 元"), "{}", revision.text);
        pages.get(&format!("{here}/revisions/3")).expect(404);
        let pdf = pages.get_once(&format!("{here}/certificate.pdf")).expect(200);
        assert_eq!(pdf.header("content-type"), Some("application/pdf"));
    }

    fn the_second_of_two_reviewers_is_told_who_has_it(app: &App) {
        let contract = app.submitted(1);
        let here = address(&contract);
        let (one, two) = (app.pages_of(Person::Reviewer), app.pages_of(Person::Reviewer2));
        let (first, second) = (one.get(&here), two.get(&here));
        one.submit(&first, &format!("{here}/claim"), &[]).expect(200);
        let told = two.submit(&second, &format!("{here}/claim"), &[]).expect(409);
        assert!(told.says("已由 reviewer 于 2026-06-15 12:00 领取"), "{}", told.text);
        // Sent twice, done once.
        let again = one.submit(&first, &format!("{here}/claim"), &[]).expect(200);
        assert_eq!(again.path, format!("{here}?done=claim"));
        // The other takes it over, and the first, on an old page, is told.
        let confirm = one.get(&format!("{here}/confirm")).expect(200);
        act(&two, &contract, "reassign", &[("/reason", "原审核员请假")]).expect(200);
        let told = one.submit(&confirm, &format!("{here}/confirm"), &[]).expect(403);
        assert!(told.says("审核确认：未办理") && told.says("该合同已由 reviewer2 于"), "{}", told.text);
        assert_eq!(now(app, &contract)["claimed_by"], "reviewer2");
    }

    fn who_is_on_an_old_page_sees_what_is_so_now_and_loses_nothing(app: &App) {
        let contract = app.claimed(1);
        let here = address(&contract);
        let pages = app.pages_of(Person::Reviewer);
        let old = pages.get(&format!("{here}/confirm")).expect(200);
        let reviewer = app.person(Person::Reviewer);
        let contract = reviewer.act(&contract, "release", &json!({}));
        let contract = reviewer.act(&contract, "claim", &json!({}));
        let told = pages.submit(&old, &format!("{here}/confirm"), &[("/note", "已核对合同文本")]).expect(412);
        assert!(told.says("又有变动"), "{}", told.text);
        let form = told.form(&format!("{here}/confirm"));
        assert_eq!(form.value("/note"), Some("已核对合同文本"));
        assert_eq!(form.value("_version"), Some(contract["version"].to_string().as_str()));
        pages.submit(&told, &format!("{here}/confirm"), &[]).expect(200);
        assert_eq!(now(app, &contract)["state"], "confirmed");
    }

    fn the_list_is_searched_sorted_and_paged_by_its_address(app: &App) {
        for n in 1..=4 {
            app.submitted(n);
        }
        app.draft(9);
        let pages = app.pages_of(Person::Reviewer);
        let page = pages.get("/contracts").expect(200);
        assert_eq!(page.texts("tbody tr").len(), 4, "drafts are not a reviewer's");
        assert!(page.says("共 4 项"));
        let page = pages.get("/contracts?q=%E7%A0%94%E5%88%B6%EF%BC%882%EF%BC%89&columns=state&columns=amount").expect(200);
        assert_eq!(page.texts("thead th"), ["选择", "合同名称", "状态", "合同成交额（元）"]);
        assert_eq!(page.texts("tbody th"), ["棉田残膜回收装备研制（2）"]);
        let sort = page.links().into_iter().find(|l| l.contains("sort=-amount_fen")).unwrap();
        assert!(sort.contains("q=") && sort.contains("columns=state%2Camount"), "{sort}");
        // Keyset pages, every contract once.
        let (mut at, mut seen) = ("/contracts?limit=3&sort=submitted_at&state=submitted".to_owned(), Vec::new());
        loop {
            let page = pages.get(&at).expect(200);
            seen.extend(page.texts("tbody th"));
            match page.links().into_iter().find(|l| l.contains("cursor=")) {
                Some(next) => at = next,
                None => break,
            }
        }
        assert_eq!(seen.len(), 4);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 4);
        let wrong = pages.get("/contracts?year=abc&nothing=1").expect(422);
        assert!(wrong.says("没有这个参数"), "{}", wrong.text);
        pages.get("/contracts?queue=drafts").expect(403);
        assert_eq!(app.pages_of(Person::Administrator).get("/contracts").expect(200).texts("tbody tr").len(), 0);
    }

    fn what_has_to_be_decided_first_stands_first(app: &App) {
        app.submitted(1);
        app.set_time("2026-06-20T12:00:00+08:00");
        app.submitted(2);
        let pages = app.pages_of(Person::Reviewer);
        let [first, second] = [1, 2].map(|n| format!("棉田残膜回收装备研制（{n}）"));
        assert_eq!(pages.get("/contracts").expect(200).texts("tbody th"), [second.as_str(), first.as_str()]);
        let page = pages.get("/contracts?queue=unclaimed&limit=1&sort=").expect(200);
        assert_eq!(page.texts("tbody th"), [first.as_str()]);
        let next = page.links().into_iter().find(|l| l.contains("cursor=")).unwrap();
        assert_eq!(pages.get(&next).expect(200).texts("tbody th"), [second.as_str()]);
        // The head of the column leads the same way, and back.
        let all = pages.get("/contracts?columns=due_on").expect(200);
        assert!(all.links().iter().any(|l| l.contains("sort=due_on")) && !all.text.contains("sort=-due_on"), "{:?}", all.links());
        let sorted = pages.get("/contracts?columns=due_on&sort=due_on").expect(200);
        assert_eq!(sorted.texts("tbody th"), [first.as_str(), second.as_str()]);
        assert!(sorted.links().iter().any(|l| l.contains("sort=-due_on")), "{:?}", sorted.links());
    }

    fn the_list_as_a_file_holds_texts_and_no_formulas(app: &App) {
        let registrar = app.person(Person::Registrar);
        let mut document = complete_contract(1);
        document["project_name"] = json!("=HYPERLINK(\"http://example.org\")");
        document["seller"]["name"] = json!("@SUM(1)");
        registrar.post("/contracts", &document).expect(201);
        let pages = app.pages_of(Person::Registrar);
        let list = pages.get("/contracts?state=draft&columns=seller,amount").expect(200);
        let export = list.links().into_iter().find(|l| l.starts_with("/contracts/export.xlsx")).unwrap();
        let file = pages.get_bytes(&export);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.xlsx");
        std::fs::write(&path, &file).unwrap();
        let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(&path).unwrap();
        let range = calamine::Reader::worksheet_range(&mut workbook, "合同").unwrap();
        let rows: Vec<Vec<String>> = range.rows().map(|r| r.iter().map(ToString::to_string).collect()).collect();
        assert_eq!(rows, [
            vec!["合同名称".to_owned(), "卖方".into(), "合同成交额（元）".into()],
            vec!["=HYPERLINK(\"http://example.org\")".into(), "@SUM(1)".into(), "1200000".into()],
        ]);
        let formulas = calamine::Reader::worksheet_formula(&mut workbook, "合同").unwrap();
        assert!(formulas.used_cells().all(|(_, _, f)| f.is_empty()), "{formulas:?}");
        assert_eq!(app.pages_of(Person::Reviewer).get_once("/contracts/export.xlsx?year=x").status, 422);
    }

    fn claiming_many_tells_what_came_of_each(app: &App) {
        let contracts: Vec<Value> = (1..=3).map(|n| app.submitted(n)).collect();
        let pages = app.pages_of(Person::Reviewer);
        let list = pages.get("/contracts?queue=unclaimed").expect(200);
        app.person(Person::Reviewer2).act(&contracts[1], "claim", &json!({}));
        let form = list.form("/contracts/bulk/claim");
        let ids: Vec<String> = contracts.iter().map(|c| format!("{}:{}", c["id"], c["version"])).collect();
        let mut fields: Vec<(&str, &str)> = form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        fields.extend(ids.iter().map(|id| ("ids", id.as_str())));
        let sent = pages.post_once("/contracts/bulk/claim", &fields).expect(303);
        let came = format!("{}d.{}x.{}d", contracts[0]["id"], contracts[1]["id"], contracts[2]["id"]);
        let there = sent.header("location").unwrap().to_owned();
        assert_eq!(there, format!("/contracts?queue=unclaimed&came={came}"), "the list one came from");
        // Told as often as the page is loaded again, and nothing done by it.
        for _ in 0..2 {
            let told = pages.get(&there).expect(200);
            assert!(told.says("所选 3 项中，已领取 2 项，1 项未领取"), "{}", told.text);
            assert!(told.says("未领取：已由 reviewer2 领取"), "{}", told.text);
            assert!(!told.links().iter().any(|l| l.contains("came=")), "it does not go on");
        }
        let again = pages.post_once("/contracts/bulk/claim", &fields).expect(303);
        let again = pages.get(again.header("location").unwrap()).expect(200);
        assert!(again.says("均未领取") && again.says("已在您手中"), "{}", again.text);
        let none: Vec<(&str, &str)> = fields.iter().copied().filter(|(n, _)| *n != "ids").collect();
        for act in ["claim", "hand-over"] {
            let nothing = pages.post_once(&format!("/contracts/bulk/{act}"), &none).expect(303);
            assert!(pages.get(nothing.header("location").unwrap()).says("没有勾选合同"));
        }
        // An address tells nothing that is not so.
        let forged = app.pages_of(Person::Reviewer2).get(&there).expect(200);
        assert!(forged.says("现由 reviewer 办理") && forged.says("均未领取"), "{}", forged.text);
        assert!(app.pages_of(Person::OtherRegistrar).get(&format!("/contracts?came={came}")).says("没有这份合同"));
        for wrong in ["1", "1d.%3Cb%3E", "x", "1d.2q"] {
            pages.get(&format!("/contracts?came={wrong}")).expect(422);
        }
        // Handed over: all or none.
        app.person(Person::Reviewer2);
        let mine: Vec<(&str, &str)> = fields.iter().copied().filter(|(n, v)| *n != "ids" || *v != ids[1]).collect();
        let asked = pages.post_once("/contracts/bulk/hand-over", &mine).expect(303);
        let asked = pages.get(asked.header("location").unwrap()).expect(200);
        let wrong = pages.submit(&asked, "/contracts/bulk/hand-over", &[("/to", "reviewer2")]).expect(422);
        assert_eq!(wrong.texts(".field.wrong label"), ["理由 必填"]);
        let mut form = asked.form("/contracts/bulk/hand-over");
        form.fields.extend([("/to".to_owned(), "reviewer2".to_owned()), ("/reason".to_owned(), "出差".to_owned())]);
        form.fields.retain(|(n, v)| !matches!(n.as_str(), "/to" | "/reason") || !v.is_empty());
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let done = pages.post_once("/contracts/bulk/hand-over", &fields).expect(303);
        let there = done.header("location").unwrap();
        assert_eq!(there, format!("/contracts?queue=mine&came={}h.{}h", contracts[0]["id"], contracts[2]["id"]));
        let told = pages.get(there).expect(200);
        assert!(told.says("已移交 2 项") && told.says("已移交 reviewer2"), "{}", told.text);
        for contract in &contracts {
            assert_eq!(now(app, contract)["claimed_by"], "reviewer2");
        }
        let theirs = app.pages_of(Person::Reviewer2);
        let all = theirs.get("/contracts/bulk/hand-over").expect(200);
        theirs.submit(&all, "/contracts/bulk/hand-over", &[("/to", "reviewer"), ("/reason", "换岗")]).expect(200);
        assert_eq!(now(app, &contracts[2])["claimed_by"], "reviewer");
        app.pages_of(Person::Registrar).get("/contracts/bulk/hand-over").expect(403);
    }

    fn a_return_names_as_many_items_as_the_rule_lets(app: &App) {
        let contract = app.claimed(1);
        let pages = app.pages_of(Person::Reviewer);
        let here = format!("{}/return", address(&contract));
        let page = pages.get(&here).expect(200);
        assert_eq!(page.texts("[data-row] select").len(), 8, "without script");
        assert!(page.attributes("[data-row] option[value='/seller/name']", "data-keys").iter().all(|k| k.contains("mc")), "by the first letters of its sounds");
        // As the script adds them: the eleventh row lacks its words, and is told so at its row.
        let mut typed: Vec<(String, String)> = vec![("/reason".into(), "多处有误".into())];
        for n in 0..11 {
            typed.push((format!("/items/{n}/pointer"), "/summary".into()));
            typed.push((format!("/items/{n}/detail"), if n == 10 { String::new() } else { format!("第 {n} 处") }));
        }
        let fields: Vec<(&str, &str)> = typed.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let wrong = pages.submit(&page, &here, &fields).expect(422);
        assert_eq!(wrong.texts(".field.wrong label"), ["第 11 项：意见"]);
        assert!(wrong.links().iter().any(|l| l == "#f-items-10-detail"));
        assert_eq!(wrong.form(&here).value("/items/9/detail"), Some("第 9 处"));
        // One more than the rule lets is told, not left out.
        let mut many: Vec<(String, String)> = vec![("/reason".into(), "多处有误".into())];
        for n in 0..101 {
            many.push((format!("/items/{n}/pointer"), "/summary".into()));
            many.push((format!("/items/{n}/detail"), "改".into()));
        }
        let fields: Vec<(&str, &str)> = many.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert!(pages.submit(&page, &here, &fields).expect(422).says("最多指明 100 项"));
        let done = pages.submit(&wrong, &here, &[("/items/10/detail", "第 10 处")]).expect(200);
        assert!(done.says("第 10 处"));
        assert_eq!(now(app, &contract)["returned"]["items"].as_array().unwrap().len(), 11);
    }

    fn every_act_is_refused_on_its_page_as_by_the_api(app: &App) {
        const ACTS: [&str; 14] = ["claim", "release", "reassign", "return", "refer", "recall", "confirm", "refuse", "withdraw",
            "revoke", "reinstate", "reopen", "report", "discard"];
        let makers: [fn(&App, u32) -> Value; 4] = [App::draft, App::submitted, App::claimed, App::confirmed];
        let pairs: Vec<(Value, Value)> =
            (0..4).map(|n| (makers[n as usize](app, 2 * n + 1), makers[n as usize](app, 2 * n + 2))).collect();
        let mut gone = false;
        for person in Person::ALL {
            let client: Client = app.person(person);
            let pages = app.pages_of(person);
            let token = pages.get("/").form("/logout").value("_token").unwrap().to_owned();
            for (by_api, by_page) in &pairs {
                for action in ACTS {
                    if gone && by_api["state"] == "draft" {
                        continue;
                    }
                    let (api, page) = (now(app, by_api), now(app, by_page));
                    assert_eq!(api["state"], page["state"]);
                    let (version, of_page) = (api["version"].as_i64().unwrap(), page["version"].to_string());
                    let path = format!("{}/{action}", address(by_page));
                    let seen = pages.get_once(&path).status;
                    let done = pages.post_once(&path, &[("_token", &token), ("_version", &of_page)]).status;
                    let asked = match action {
                        "discard" => client.delete_at(&address(by_api), version).status,
                        _ => client.post_at(&format!("{}/{action}", address(by_api)), version, &json!({})).status,
                    };
                    let what = format!("{person:?} {action} {}", api["state"]);
                    assert_eq!(done, if asked < 300 { 303 } else { asked }, "{what}");
                    assert_eq!(seen, if [403, 404, 409].contains(&asked) { asked } else { 200 }, "{what}");
                    gone |= action == "discard" && asked == 204;
                }
            }
        }
    }

    fn every_decision_on_a_request_is_refused_on_its_page_as_by_the_api(app: &App) {
        let registrar = app.person(Person::Registrar);
        let ask = |n: u32, reason: &str| {
            let contract = app.confirmed(n);
            let body = json!({"kind": "amend", "changes": {"project_name": format!("另一名称{n}")}, "reason": reason});
            let version = contract["version"].as_i64().unwrap();
            registrar.post_at(&format!("{}/change-requests", address(&contract)), version, &body).expect(201)
        };
        let (by_api, by_page) = (ask(1, "补充协议"), ask(2, "补充协议"));
        for person in Person::ALL {
            let (client, pages) = (app.person(person), app.pages_of(person));
            let token = pages.get("/").form("/logout").value("_token").unwrap().to_owned();
            for decision in ["refuse", "withdraw", "approve"] {
                let path = format!("/change-requests/{}/{decision}", by_page["id"]);
                let seen = pages.get_once(&path).status;
                let done = pages.post_once(&path, &[("_token", &token)]).status;
                let asked = client.post(&format!("/change-requests/{}/{decision}", by_api["id"]), &json!({})).status;
                let what = format!("{person:?} {decision}");
                assert_eq!(done, if asked < 300 { 303 } else { asked }, "{what}");
                assert_eq!(seen, if [403, 404, 409].contains(&asked) { asked } else { 200 }, "{what}");
            }
            let contract = app.person(Person::Auditor).get(&format!("/contracts/{}", by_page["contract_id"])).expect(200);
            for kind in ["amend", "cancel"] {
                let new = format!("/contracts/{}/change-requests", contract["id"]);
                let api = client.post_at(&new, contract["version"].as_i64().unwrap(), &json!({"kind": kind})).status;
                let page = pages.get_once(&format!("{new}/new?kind={kind}")).status;
                assert_eq!(page, if api == 422 { 200 } else { api }, "{person:?} {kind}");
            }
        }
    }

    fn what_people_type_is_shown_and_never_run(app: &App) {
        let registrar = app.person(Person::Registrar);
        let mut document = complete_contract(1);
        let evil = "<script>alert(1)</script>";
        document["project_name"] = json!(format!("研制{evil}"));
        document["seller"]["name"] = json!(format!("公司{evil}"));
        let draft = registrar.post("/contracts", &document).expect(201);
        let name = "甲'><img src=x onerror=alert(1)>.pdf";
        let version = registrar.get(&address(&draft)).expect(200)["version"].as_i64().unwrap();
        let pdf = b"%PDF-1.7\n% x\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n";
        let path = format!("/contracts/{}", id(&draft));
        registrar.attach_at(&path, version, "other", name, pdf).expect(201);
        let draft = registrar.get(&path).expect(200);
        let submitted = registrar.act(&draft, "submit", &json!({}));
        let reviewer = app.person(Person::Reviewer);
        let claimed = reviewer.act(&submitted, "claim", &json!({}));
        let pages = app.pages_of(Person::Reviewer);
        let returned = act(&pages, &claimed, "return", &[("/reason", evil), ("/items/0/pointer", "/summary"), ("/items/0/detail", evil)]).expect(200);
        let of_registrar = app.pages_of(Person::Registrar);
        for page in [returned, pages.get("/contracts"), pages.get("/"), of_registrar.get("/"), of_registrar.get(&path),
            of_registrar.get(&format!("{path}/withdraw")), of_registrar.get("/contracts?q=%3Cscript%3E")] {
            let page = page.expect(200);
            assert!(!page.text.contains("<script>alert") && !page.text.contains("<img"), "{}: {}", page.path, page.text);
        }
        assert!(of_registrar.get(&path).says(name), "the file's name is shown as it is");
    }

    fn a_contract_is_amended_and_cancelled_by_request(app: &App) {
        let contract = app.confirmed(1);
        let here = address(&contract);
        let registrar = app.pages_of(Person::Registrar);
        let page = registrar.get(&here).expect(200);
        assert!(page.links().contains(&format!("{here}/change-requests/new?kind=amend")), "{:?}", page.links());
        let evidence = b"%PDF-1.7\n% y\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n";
        let added = registrar.upload(&page, &format!("{here}/attachments"), &[("kind", "other")], ("补充协议.pdf", evidence)).expect(200);
        assert!(added.path.starts_with(&format!("{here}?done=")) && added.says("补充协议.pdf"), "{}", added.text);
        let new = format!("{here}/change-requests/new");
        let form = registrar.get(&format!("{new}?kind=amend")).expect(200);
        let unchanged = registrar.submit(&form, &new, &[("/reason", "补充协议")]).expect(422);
        assert!(unchanged.says("与现登记内容相同"), "{}", unchanged.text);
        let wrong = registrar.submit(&form, &new, &[("/reason", "补充协议"), ("/changes/seller/uscc", "1")]).expect(422);
        assert_eq!(wrong.texts(".field.wrong label"), ["统一社会信用代码"]);
        let fields = [("/reason", "补充协议"), ("/changes/project_name", "棉田残膜回收装备研制与推广"), ("/changes/buyer/unit", "")];
        let asked = registrar.submit(&form, &new, &fields).expect(200);
        assert!(asked.path.starts_with("/change-requests/") && asked.path.ends_with("?done=sent"), "{}", asked.path);
        assert_eq!(asked.texts("tbody th"), ["合同名称", "买方所属兵团单位"]);
        let request = asked.path.split('?').next().unwrap().to_owned();
        registrar.get(&format!("{new}?kind=cancel")).expect(409);
        registrar.get(&format!("{request}/approve")).expect(403);
        let reviewer = app.pages_of(Person::Reviewer2);
        assert!(reviewer.get("/").links().contains(&request));
        assert!(reviewer.get("/change-requests?state=open").links().contains(&request));
        let form = reviewer.get(&format!("{request}/approve")).expect(200);
        let done = reviewer.submit(&form, &format!("{request}/approve"), &[("/document_number", "兵科变〔2026〕1号")]).expect(200);
        assert!(done.says("已批准") && done.says("兵科变〔2026〕1号"), "{}", done.text);
        reviewer.get(&format!("{request}/refuse")).expect(409);
        reviewer.submit(&form, &format!("{request}/approve"), &[("/note", "再来")]).expect(422);
        let page = reviewer.get(&here).expect(200);
        assert_eq!(page.texts(".changed dt"), ["合同名称", "买方所属兵团单位"]);
        assert_eq!(now(app, &contract)["buyer"]["unit"], Value::Null);
        // A cancellation, refused, asked for again and withdrawn.
        let form = registrar.get(&format!("{new}?kind=cancel")).expect(200);
        let wrong = registrar.submit(&form, &new, &[]).expect(422);
        assert_eq!(wrong.texts("#problem li").len(), 2);
        let asked = registrar.submit(&form, &new, &[("/ground", "rescinded"), ("/reason", "双方协议解除")]).expect(200);
        let request = asked.path.split('?').next().unwrap().to_owned();
        let form = reviewer.get(&format!("{request}/refuse")).expect(200);
        reviewer.submit(&form, &format!("{request}/refuse"), &[]).expect(422);
        let done = reviewer.submit(&form, &format!("{request}/refuse"), &[("/reason", "缺解除协议")]).expect(200);
        assert!(done.says("未批准") && done.says("缺解除协议"));
        let form = registrar.get(&format!("{new}?kind=cancel")).expect(200);
        let asked = registrar.submit(&form, &new, &[("/ground", "rescinded"), ("/reason", "双方协议解除")]).expect(200);
        let request = asked.path.split('?').next().unwrap().to_owned();
        let form = registrar.get(&format!("{request}/withdraw")).expect(200);
        assert!(registrar.submit(&form, &format!("{request}/withdraw"), &[]).expect(200).says("已撤回"));
        let page = registrar.get(&here).expect(200);
        let copy = registrar.submit(&page, &format!("{here}/copy"), &[]).expect(200);
        assert!(copy.path.contains("/edit"), "{}", copy.path);
        let expert = app.pages_of(Person::Expert);
        assert_eq!(expert.get_once(&request).status, 404);
    }

    fn decisions_are_made_and_overruled_by_pages(app: &App) {
        let one = app.confirmed(1);
        let (first, second) = (app.pages_of(Person::Reviewer), app.pages_of(Person::Reviewer2));
        first.get(&format!("{}/revoke", address(&one))).expect(403);
        let page = second.get(&format!("{}/revoke", address(&one))).expect(200);
        assert!(page.says("不再计入 2026 年统计"), "{}", page.text);
        let fields = [("/ground", "duplicate"), ("/document_number", "兵科撤〔2026〕1号"), ("/served_on", "2026-06-14")];
        let page = second.submit(&page, &format!("{}/revoke", address(&one)), &fields).expect(200);
        assert!(page.says("已撤销") && page.says("兵科撤〔2026〕1号"), "{}", page.text);
        act(&first, &one, "reinstate", &[("/reason", "复议决定撤销"), ("/document_number", "兵复决〔2026〕1号")]).expect(200);
        assert_eq!(now(app, &one)["state"], "confirmed");
        let registrar = app.pages_of(Person::Registrar);
        let wrong = act(&registrar, &one, "report", &[("/national_number", "编 号"), ("/reported_on", "2026-06-16")]).expect(422);
        assert_eq!(wrong.texts(".field.wrong").len(), 2);
        let page = act(&registrar, &one, "report", &[("/national_number", "2026660000012345"), ("/reported_on", "2026-06-12")]).expect(200);
        assert!(page.says("2026660000012345"));
        // A correction begins with what is stored, not with today.
        let correction = registrar.get(&format!("{}/report", address(&one))).expect(200);
        let form = correction.form(&format!("{}/report", address(&one)));
        assert_eq!((form.value("/national_number"), form.value("/reported_on")), (Some("2026660000012345"), Some("2026-06-12")));
        let two = app.claimed(2);
        let wrong = act(&first, &two, "refuse", &[("/reasons", "other")]).expect(422);
        assert_eq!(wrong.texts(".field.wrong label")[0], "说明");
        act(&first, &two, "refuse", &[("/reasons", "price_unclear")]).expect(200);
        act(&second, &two, "reopen", &[("/reason", "复议决定"), ("/document_number", "兵复决〔2026〕2号")]).expect(200);
        act(&first, &two, "claim", &[]).expect(200);
        act(&first, &two, "refer", &[("/reason", "技术领域有争议")]).expect(200);
        assert_eq!(now(app, &two)["state"], "expert_review");
        act(&first, &two, "recall", &[("/reason", "补充材料后不再需要")]).expect(200);
        act(&first, &two, "release", &[]).expect(200);
        act(&registrar, &two, "withdraw", &[("/reason", "重复录入")]).expect(200);
        assert_eq!(now(app, &two)["state"], "withdrawn");
        let three = app.draft(3);
        let gone = act(&registrar, &three, "discard", &[]).expect(200);
        assert_eq!(gone.path, "/contracts?queue=drafts&done=discard");
        registrar.get(&address(&three)).expect(404);
    }

    fn the_contracts_behind_a_figure_are_listed(app: &App) {
        let contract = app.confirmed(1);
        let pages = app.pages_of(Person::Statistician);
        let page = pages.get("/contracts?year=2026&figure=total.amount").expect(200);
        assert!(page.links().contains(&address(&contract)), "{}", page.text);
        pages.get("/contracts?figure=total.amount").expect(422);
        app.pages_of(Person::Registrar).get("/contracts?year=2026&figure=total.amount").expect(403);
    }

    fn earlier_contracts_of_the_same_parties_are_shown_to_who_may_see_them(app: &App) {
        let first = app.submitted(1);
        let registrar = app.person(Person::Registrar);
        let mut document = complete_contract(1);
        document["project_name"] = json!("滴灌带回收再生工艺研究");
        document["signed_on"] = json!("2025-09-01");
        document["begins_on"] = json!("2025-09-01");
        let second = registrar.post("/contracts", &document).expect(201);
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get(&address(&second)).expect(200);
        assert!(page.links().contains(&format!("{}/compare/{}", address(&second), id(&first))), "{:?}", page.links());
        assert!(!page.links().contains(&address(&second)), "not itself");
    }

    fn each_role_has_a_workbench(app: &App) {
        app.submitted(1);
        for person in Person::ALL {
            let page = app.pages_of(person).get("/").expect(200);
            assert!(page.says("未读消息") && page.links().contains(&"/help".to_owned()), "{person:?}");
        }
        assert!(app.pages_of(Person::Registrar).get("/").says("待审核结果"));
        assert!(app.pages_of(Person::Administrator).get("/").links().contains(&"/users".to_owned()));
    }
}
