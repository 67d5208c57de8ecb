//! What comes after a decision: reinstatement, reopening, the national number, and imports beside them.

use std::thread;

use dengji::domain::interchange::Kind;
use serde_json::{Value, json};

use crate::support::{App, Client, Person, both};

const REVOCATION: &str = r#"{"ground": "duplicate", "document_number": "兵科撤〔2026〕1号"}"#;

fn ground() -> Value {
    serde_json::from_str(REVOCATION).unwrap()
}

fn overruling() -> Value {
    json!({"reason": "行政复议撤销原决定", "document_number": "兵复决〔2026〕1号"})
}

fn read(client: &Client, contract: &Value) -> Value {
    client.get(&format!("/contracts/{}", contract["id"])).expect(200)
}

/// Contracts counted, revoked and reinstated in a year, as of a moment or now.
fn figures(app: &App, year: i32, as_of: Option<&str>) -> (i64, i64, i64) {
    let query = as_of
        .map(|at| format!("?as_of={}", at.replace('+', "%2B")))
        .unwrap_or_default();
    let client = app.person(Person::Statistician);
    let figures = client.get(&format!("/statistics/annual/{year}{query}")).expect(200);
    let number = |section: &str| figures[section]["contracts"].as_i64().unwrap();
    (number("total"), number("revocations"), number("reinstatements"))
}

/// The register as CSV, changed by `change`, as a file to import.
fn exported(app: &App, change: impl Fn(&str) -> String) -> std::path::PathBuf {
    let path = app.folder.path().join("register.csv");
    let arguments = [
        "export",
        "--kind",
        "register",
        "--format",
        "csv",
        "--output",
        path.to_str().unwrap(),
    ];
    let output = crate::support::dengji(&app.url, app.folder.path())
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, change(&text)).unwrap();
    path
}

both! {
    fn a_reinstated_contract_counts_again(app: &App) {
        let (reviewer, revoker) = (app.person(Person::Reviewer), app.person(Person::Reviewer2));
        let confirmed = app.confirmed(1);
        app.set_time("2026-08-01T10:00:00+08:00");
        let revoker = revoker.with_token(app.person(Person::Reviewer2).token().unwrap());
        let revoked = revoker.act(&confirmed, "revoke", &ground());
        app.set_time("2027-03-01T10:00:00+08:00");
        let (reviewer, revoker) = (
            reviewer.with_token(app.person(Person::Reviewer).token().unwrap()),
            revoker.with_token(app.person(Person::Reviewer2).token().unwrap()),
        );
        let problem = revoker.try_act(&revoked, "reinstate", &overruling()).expect_problem(403, "forbidden");
        assert_eq!(problem["denial"], "same-person");
        let reply = reviewer.try_act(&revoked, "reinstate", &json!({"reason": " "}));
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/document_number", "/reason"]);
        reviewer.try_act(&confirmed, "reinstate", &overruling()).expect_problem(412, "stale-version");
        let restored = reviewer.act(&revoked, "reinstate", &overruling());
        assert_eq!((&restored["state"], &restored["ended"], &restored["revision"]), (&json!("confirmed"), &Value::Null, &json!(2)));
        assert_eq!((&restored["confirmed_at"], &restored["registration_number"]),
            (&confirmed["confirmed_at"], &confirmed["registration_number"]));
        reviewer.try_act(&restored, "reinstate", &overruling()).expect_problem(409, "wrong-state");
        let last = reviewer.get(&format!("/contracts/{}/history", confirmed["id"])).expect(200).as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["action"], &last["from"], &last["to"]), (&json!("reinstate"), &json!("revoked"), &json!("confirmed")));
        assert_eq!(last["reason"], "行政复议撤销原决定（兵复决〔2026〕1号）");

        let (ended, again) = (revoked["ended"]["at"].as_str().unwrap(), last["at"].as_str().unwrap());
        let all = [
            (2026, Some("2026-08-01T09:59:59+08:00"), (1, 0, 0)),
            (2026, Some(ended), (0, 1, 0)),
            (2026, Some("2027-03-01T09:59:59+08:00"), (0, 1, 0)),
            // In force again from that very moment; the revocation stays a fact of 2026, the reinstatement is one of 2027.
            (2026, Some(again), (1, 1, 0)),
            (2026, None, (1, 1, 0)),
            (2027, None, (0, 0, 1)),
        ];
        for (year, as_of, expected) in all {
            assert_eq!(figures(app, year, as_of), expected, "{year} {as_of:?}");
        }

        // What is exported says the same; and an update of the row keeps that the contract was not in force for a while.
        let path = exported(app, str::to_owned);
        let done = app.import(path, Kind::Register, false).unwrap();
        assert_eq!((done.unchanged, done.updated, done.added), (1, 0, 0));
        app.pass_seconds(60);
        let path = exported(app, |text| text.replace("棉田残膜回收装备研制", "棉田残膜回收机研制"));
        assert_eq!(app.import(path, Kind::Register, true).unwrap().updated, 1);
        for (year, as_of, expected) in all {
            assert_eq!(figures(app, year, as_of), expected, "updated, {year} {as_of:?}");
        }
        // Ended and restored once more: counted once a year, the gaps apart.
        app.pass_seconds(60);
        let again = revoker.act(&read(&revoker, &confirmed), "revoke", &ground());
        app.pass_seconds(60);
        let now = app.ctx.clock.now().to_string();
        app.pass_seconds(60);
        reviewer.act(&again, "reinstate", &overruling());
        assert_eq!(figures(app, 2026, Some(&now)), (0, 1, 0));
        assert_eq!(figures(app, 2027, Some(&now)), (0, 1, 1));
        assert_eq!(figures(app, 2027, None), (0, 1, 1));
        assert_eq!(figures(app, 2026, None), (1, 1, 0));
    }

    fn a_cancelled_contract_is_reinstated_by_another_than_who_approved(app: &App) {
        let (registrar, reviewer, other) = (app.person(Person::Registrar), app.person(Person::Reviewer), app.person(Person::Reviewer2));
        let confirmed = app.confirmed(1);
        let body = json!({"kind": "cancel", "ground": "terminated", "reason": "合同终止"});
        let path = format!("/contracts/{}/change-requests", confirmed["id"]);
        let request = registrar.post_at(&path, confirmed["version"].as_i64().unwrap(), &body).expect(201);
        other.post(&format!("/change-requests/{}/approve", request["id"]), &json!({})).expect(200);
        let cancelled = read(&other, &confirmed);
        assert_eq!(cancelled["available_actions"], json!([]));
        other.try_act(&cancelled, "reinstate", &overruling()).expect_problem(403, "forbidden");
        app.pass_seconds(60);
        let restored = reviewer.act(&cancelled, "reinstate", &overruling());
        assert_eq!(restored["state"], "confirmed");
        assert_eq!(figures(app, 2026, None), (1, 0, 1));
        // From now on it is as any other: changed, or ended again.
        assert_eq!(read(&registrar, &confirmed)["available_actions"], json!(["amend", "cancel", "report"]));
    }

    fn a_refused_contract_is_reopened_with_a_new_deadline(app: &App) {
        let (reviewer, other) = (app.person(Person::Reviewer), app.person(Person::Reviewer2));
        let refused = reviewer.act(&app.claimed(1), "refuse", &json!({"reasons": ["price_unclear"]}));
        app.set_time("2026-07-06T09:00:00+08:00");
        let (reviewer, other) = (
            reviewer.with_token(app.person(Person::Reviewer).token().unwrap()),
            other.with_token(app.person(Person::Reviewer2).token().unwrap()),
        );
        let problem = reviewer.try_act(&refused, "reopen", &overruling()).expect_problem(403, "forbidden");
        assert_eq!(problem["denial"], "same-person");
        let reply = other.try_act(&refused, "reopen", &json!({}));
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/document_number", "/reason"]);
        let reopened = other.act(&refused, "reopen", &overruling());
        assert_eq!((&reopened["state"], &reopened["refusal"], &reopened["claimed_by"]), (&json!("submitted"), &Value::Null, &Value::Null));
        // Fifteen working days after the Monday of the reopening.
        assert_ne!(refused["due_on"], reopened["due_on"]);
        assert_eq!(reopened["due_on"], "2026-07-27");
        for kept in ["rule_set", "received_on", "submitted_at", "registrar_certificate"] {
            assert_eq!(reopened[kept], refused[kept], "{kept}");
        }
        // Whoever refused may take it in hand again: a new review.
        let claimed = reviewer.act(&reopened, "claim", &json!({}));
        let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        let confirmed = reviewer.act(&claimed, "confirm", &verified);
        assert_eq!(confirmed["registration_number"], "2026660008500001");
        other.try_act(&confirmed, "reopen", &overruling()).expect_problem(409, "wrong-state");
    }

    fn the_national_number_is_entered_corrected_and_unique(app: &App) {
        let (registrar, reviewer) = (app.person(Person::Registrar), app.person(Person::Reviewer));
        let (first, second) = (app.confirmed(1), app.confirmed(2));
        let report = |number: &str, day: &str| json!({"national_number": number, "reported_on": day});
        app.person(Person::OtherRegistrar).try_act(&first, "report", &report("A1", "2026-06-15")).expect_problem(404, "not-found");
        app.person(Person::Auditor).try_act(&first, "report", &report("A1", "2026-06-15")).expect_problem(403, "forbidden");
        registrar.try_act(&app.submitted(3), "report", &report("A1", "2026-06-15")).expect_problem(409, "wrong-state");
        for (body, pointers) in [
            (json!({}), vec!["/national_number", "/reported_on"]),
            (report(" ", "2026-06-16"), vec!["/national_number", "/reported_on"]),
            (report("A 1", "1900-01-01"), vec!["/national_number", "/reported_on"]),
            (report("国字1号", "2026-06-15"), vec!["/national_number"]),
            (report("2.0E+15", "2026-06-15"), vec!["/national_number"]),
            (report(&"9".repeat(65), "2026-06-15"), vec!["/national_number"]),
            (report("A1", "06-15"), vec!["/reported_on"]),
        ] {
            let reply = registrar.try_act(&first, "report", &body);
            reply.expect_problem(422, "invalid");
            assert_eq!(reply.pointers(), pointers, "{body}");
        }
        let number = "9".repeat(64);
        let reported = registrar.act(&first, "report", &report(&format!(" {number} "), "2026-06-15"));
        assert_eq!((&reported["national_number"], &reported["state"]), (&json!(number), &json!("confirmed")));
        assert_eq!(reported["version"], first["version"].as_i64().unwrap() + 1);
        // The same again is nothing new; a full-width digit is the same digit.
        let same = registrar.act(&reported, "report", &report(&"９".repeat(64), "2026-06-15"));
        assert_eq!(same, reported);
        registrar.try_act(&second, "report", &report(&number, "2026-06-15")).expect_problem(409, "conflict");
        registrar.try_act(&second, "report", &report(&number, "2027-01-01")).expect_problem(409, "conflict");
        // A reviewer corrects it, even of the own agency: nothing is decided by it.
        let corrected = app.person(Person::ReviewingRegistrar).act(&reported, "report", &report("G-2026-1", "2026-06-14"));
        assert_eq!(corrected["national_number"], "G-2026-1");
        let freed = reviewer.act(&second, "report", &report(&number, "2026-06-15"));
        assert_eq!(freed["national_number"], json!(number));
        let history = reviewer.get(&format!("/contracts/{}/history", first["id"])).expect(200);
        let last = history.as_array().unwrap().last().unwrap();
        assert_eq!(last["changes"], json!([
            {"pointer": "/reported_on", "from": "2026-06-15", "to": "2026-06-14"},
            {"pointer": "/national_number", "from": number, "to": "G-2026-1"},
        ]));
        // It goes out and comes back.
        let done = app.import(exported(app, str::to_owned), Kind::Register, false).unwrap();
        assert_eq!((done.unchanged, done.updated, done.added), (3, 0, 0));

        // Two contracts, one number, at once.
        let jobs = [(registrar, corrected), (reviewer, freed)].map(|(client, contract)| {
            thread::spawn(move || client.try_act(&contract, "report", &json!({"national_number": "G-1", "reported_on": "2026-06-15"})))
        });
        let mut statuses: Vec<u16> = jobs.into_iter().map(|j| j.join().unwrap().status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
    }

    fn an_import_leaves_no_request_hanging(app: &App) {
        let (registrar, reviewer) = (app.person(Person::Registrar), app.person(Person::Reviewer));
        let confirmed = app.confirmed(1);
        let path = format!("/contracts/{}/change-requests", confirmed["id"]);
        let ask = |body: &Value| registrar.post_at(&path, read(&registrar, &confirmed)["version"].as_i64().unwrap(), body).expect(201);
        let request = ask(&json!({"kind": "amend", "reason": "更正", "changes": {"project_name": "另一名称"}}));
        app.pass_seconds(60);
        // The content is corrected meanwhile: the request stays, but what it was made on is not there any more.
        let path_of = exported(app, |text| text.replace("棉田残膜回收装备研制", "棉田残膜回收机研制"));
        assert_eq!(app.import(path_of, Kind::Register, true).unwrap().updated, 1);
        let updated = read(&registrar, &confirmed);
        assert_eq!((&updated["open_change_request"], &updated["revision"]), (&request["id"], &json!(3)));
        let approve = |id: &Value| reviewer.post(&format!("/change-requests/{id}/approve"), &json!({}));
        approve(&request["id"]).expect_problem(409, "conflict");
        reviewer.post(&format!("/change-requests/{}/refuse", request["id"]), &json!({"reason": "内容已更正"})).expect(200);
        // A cancellation asks for nothing about the content.
        let request = ask(&json!({"kind": "cancel", "reason": "解除", "ground": "rescinded"}));
        let ended = |text: &str| {
            let now = app.ctx.clock.now().date().to_string();
            let header: Vec<String> = text.lines().next().unwrap().trim_start_matches('\u{feff}').split(',').map(str::to_owned).collect();
            let place = |name: &str| header.iter().position(|h| h == name).unwrap();
            let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(&header).unwrap();
            for record in reader.records() {
                let mut cells: Vec<String> = record.unwrap().iter().map(str::to_owned).collect();
                cells[place("状态")] = "已撤销".to_owned();
                cells[place("撤销或注销时间")] = format!("{now} 12:00");
                cells[place("撤销或注销原因")] = "重复登记".to_owned();
                writer.write_record(&cells).unwrap();
            }
            String::from_utf8(writer.into_inner().unwrap()).unwrap()
        };
        app.set_time("2026-06-16T13:00:00+08:00");
        assert_eq!(app.import(exported(app, ended), Kind::Register, true).unwrap().updated, 1);
        let reviewer = app.person(Person::Reviewer);
        let revoked = read(&reviewer, &confirmed);
        assert_eq!((&revoked["state"], &revoked["open_change_request"]), (&json!("revoked"), &Value::Null));
        let closed = reviewer.get(&format!("/change-requests/{}", request["id"])).expect(200);
        assert_eq!((&closed["state"], &closed["decided_by"]), (&json!("closed"), &json!("cli:test")));
        // Nobody here ended it: any reviewer may restore it.
        assert_eq!(reviewer.act(&revoked, "reinstate", &overruling())["state"], "confirmed");
    }
}

both! {
    /// What came in by import as pending was never submitted here: nobody held it against the checks before.
    fn a_confirmation_repeats_the_checks_and_keeps_why(app: &App) {
        app.submitted(1);
        let path = exported(app, str::to_owned);
        let app = &App::start(app.backend);
        app.pass_seconds(60);
        app.import_sample("registrars.csv", Kind::Registrars);
        let done = app.import(path, Kind::Register, false).unwrap();
        assert_eq!(done.added, 1);
        let reviewer = app.person(Person::Reviewer);
        let pending = reviewer.get("/contracts?state=submitted").expect(200)["items"][0].clone();
        let claimed = reviewer.act(&pending, "claim", &json!({}));
        let found = claimed["checks"].as_array().unwrap().iter().find(|c| c["id"] == "A06").expect("it has no text");
        assert_eq!(found["severity"], "error");
        let mut verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        let refused = reviewer.try_act(&claimed, "confirm", &verified);
        let problem = refused.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), ["/reasons/A06"]);
        assert_eq!(problem["errors"][0]["code"], "reason_required");
        assert!(problem["errors"][0]["detail"].as_str().unwrap().contains(found["message"].as_str().unwrap()), "{problem}");
        // A reason for something else, or an empty one, is none.
        for reasons in [json!({"A01": "核对过"}), json!({"A06": " "})] {
            verified["reasons"] = reasons;
            assert_eq!(reviewer.try_act(&claimed, "confirm", &verified).pointers(), ["/reasons/A06"]);
        }
        // The page asks for it in a field of its own.
        let pages = app.pages_of(Person::Reviewer);
        let act = format!("/contracts/{}/confirm", claimed["id"]);
        let page = pages.get(&act).expect(200);
        assert!(page.says("仍予确认的理由") && page.says(found["message"].as_str().unwrap()), "{}", page.text);
        let page = pages.submit(&page, &act, &[]).expect(422);
        let page = pages.submit(&page, &act, &[("/reasons/A06", "纸质档案齐全，存于本机关档案室")]).expect(200);
        let reason = "纸质档案齐全，存于本机关档案室";
        assert!(page.says("已确认") && page.says(reason), "{}", page.text);
        let history = reviewer.get(&format!("/contracts/{}/history", claimed["id"])).expect(200);
        let last = history.as_array().unwrap().iter().find(|e| e["action"] == "confirm").unwrap();
        let kept = last["reason"].as_str().unwrap();
        assert!(kept.contains(reason) && kept.contains(found["message"].as_str().unwrap()), "{kept}");
        // Ever after, whoever reads the contract sees it.
        for person in [Person::Statistician, Person::Auditor] {
            let page = app.pages_of(person).get(&format!("/contracts/{}", claimed["id"])).expect(200);
            assert!(page.says("审核确认的说明") && page.says(reason), "{person:?}");
        }
    }
}

both! {
    /// The draft of the measures of 2026: 15 working days from the day on which papers that were asked for are filed, 30 for what is
    /// disputed. Days counted by hand in the calendar of July and August 2026, which have no holidays.
    fn papers_asked_for_and_experts_move_the_last_day(app: &App) {
        let reviewer = app.person(Person::Reviewer);
        let claimed = app.claimed(1);
        assert_eq!((&claimed["rule_set"], &claimed["due_on"]), (&json!("r2026"), &json!("2026-07-07")));
        let items = json!([{"pointer": "/summary", "detail": "请补充"}]);
        let returned = reviewer.act(&claimed, "return", &json!({"reason": "补正材料", "items": items}));
        assert_eq!(returned["due_on"], "2026-07-07");
        app.set_time("2026-07-01T10:00:00+08:00");
        let (registrar, reviewer) = (app.log_in(Person::Registrar.username()), app.log_in(Person::Reviewer.username()));
        let pages = app.pages_of(Person::Registrar);
        let prospect = pages.get(&format!("/contracts/{}/submit", returned["id"])).expect(200);
        assert!(prospect.says("2026-07-22 以前作出决定"), "{}", prospect.text);
        let again = registrar.act(&returned, "submit", &json!({}));
        assert_eq!((&again["due_on"], &again["received_on"]), (&json!("2026-07-22"), &claimed["received_on"]));
        assert!(again["checks"].as_array().unwrap().iter().any(|c| c["id"] == "rule_set_unverified"), "the notice stays");
        let referred = reviewer.act(&reviewer.act(&again, "claim", &json!({})), "refer", &json!({"reason": "有争议"}));
        assert_eq!(referred["due_on"], "2026-08-12");
        let recalled = reviewer.act(&referred, "recall", &json!({"reason": "误提"}));
        assert_eq!(recalled["due_on"], "2026-07-22");
        // Where nothing was asked for, acceptance counts.
        let fresh = reviewer.act(&reviewer.act(&app.submitted(2), "claim", &json!({})), "refer", &json!({"reason": "有争议"}));
        assert_eq!((&fresh["received_on"], &fresh["due_on"]), (&json!("2026-07-01"), &json!("2026-08-12")));
    }
}

both! {
    fn what_a_return_asked_for_stands_on_top_with_its_answers(app: &App) {
        let (registrar, reviewer) = (app.person(Person::Registrar), app.person(Person::Reviewer));
        let claimed = app.claimed(1);
        let both = json!({"reason": "补正", "items": [{"pointer": "/summary", "attachment": "contract_text", "detail": "x"}]});
        assert_eq!(reviewer.try_act(&claimed, "return", &both).pointers(), ["/items/0/attachment"]);
        for nothing in ["/nosuch", "/summary/", "/state", "/sell", "/"] {
            let wrong = json!({"reason": "补正", "items": [{"pointer": nothing, "detail": "x"}]});
            let reply = reviewer.try_act(&claimed, "return", &wrong);
            assert_eq!(reply.json()["errors"][0]["code"], "unknown_field", "{nothing}: {}", reply.text);
        }
        let items = json!([{"pointer": "/summary", "detail": "请写明交付内容"}, {"attachment": "contract_text", "detail": "缺第三页"},
            {"detail": "请电话联系"}]);
        let returned = reviewer.act(&claimed, "return", &json!({"reason": "补正", "items": items}));
        assert_eq!(returned["returned"]["items"][1], json!({"pointer": null, "attachment": "contract_text", "detail": "缺第三页"}));
        let path = format!("/contracts/{}", returned["id"]);
        let longer = "乙方交付残膜回收样机三台、全部图纸和田间试验报告，并培训甲方人员。";
        let edited = registrar.patch_at(&path, returned["version"].as_i64().unwrap(), &json!({"summary": longer})).expect(200);
        let pdf = crate::support::papers::small_pdf(99);
        registrar.attach_at(&path, edited["version"].as_i64().unwrap(), "contract_text", "全文.pdf", &pdf).expect(201);
        let now = registrar.get(&path).expect(200);
        let answers = |answers: Value| registrar.try_act(&now, "submit", &json!({"answers": answers}));
        for (wrong, pointer) in [
            (json!([{"text": "已改"}]), "/answers/0/item"),
            (json!([{"item": 3, "text": "已改"}]), "/answers/0/item"),
            (json!([{"item": 0, "text": " "}]), "/answers/0/text"),
            (json!([{"item": 0, "text": "已改"}, {"item": 0, "text": "又改"}]), "/answers/1/item"),
        ] {
            assert_eq!(answers(wrong.clone()).pointers(), [pointer], "{wrong}");
        }
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get(&format!("{path}/submit")).expect(200);
        let fields = [("/answers/0/text", "已补充"), ("/answers/2/text", "已于今天上午通话")];
        pages.submit(&page, &format!("{path}/submit"), &fields).expect(200);
        let page = app.pages_of(Person::Reviewer).get(&path).expect(200);
        for told in ["补正情况", "请写明交付内容", longer, "已补充", "附件：合同文本", "缺第三页", "全文.pdf", "请电话联系", "已于今天上午通话"] {
            assert!(page.says(told), "{told}: {}", page.text);
        }
        assert!(page.says("全文.pdf（新）"), "{}", page.text);
        // A second round is that of the section on top; the first stays among the acts, folded, with its answers.
        let again = reviewer.act(&registrar.get(&path).expect(200), "claim", &json!({}));
        let second = json!({"reason": "再补", "items": [{"pointer": "/summary", "detail": "请写明验收标准"}]});
        let returned = reviewer.act(&again, "return", &second);
        registrar.act(&returned, "submit", &json!({"answers": [{"item": 0, "text": "验收标准已写"}]}));
        let page = app.pages_of(Person::Reviewer).get(&path).expect(200);
        let top = page.texts("#answers").concat();
        assert!(top.contains("请写明验收标准") && top.contains("验收标准已写") && !top.contains("请电话联系"), "{top}");
        let acts = page.texts(".timeline li details");
        let rounds: Vec<&String> = acts.iter().filter(|text| text.contains("补正意见")).collect();
        assert_eq!(rounds.len(), 2, "{acts:?}");
        assert!(rounds[0].contains("补正意见 1 项") && rounds[0].contains("请写明验收标准") && rounds[0].contains("验收标准已写"), "{acts:?}");
        for told in ["补正意见 3 项", "请写明交付内容", "已补充", "附件：合同文本", "缺第三页", "请电话联系", "已于今天上午通话"] {
            assert!(rounds[1].contains(told) && !rounds[0].contains(told), "{told}: {acts:?}");
        }
        // Where nothing was returned, there is nothing to answer.
        let draft = app.draft(2);
        let reply = registrar.try_act(&draft, "submit", &json!({"answers": [{"item": 0, "text": "无"}]}));
        assert_eq!(reply.pointers(), ["/answers/0/item"]);
    }
}
