//! 技术合同登记证明: made out once per revision, the same bytes each time, verified by anyone who has the code.

use std::io::{Read as _, Write as _};

use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};

use crate::support::{App, Client, Person, both, complete_contract};

/// The document, or the status and text of the refusal.
fn certificate(app: &App, client: &Client, contract: &Value) -> Result<Vec<u8>, (u16, String)> {
    let url = format!("{}/api/v1/contracts/{}/certificate.pdf", app.base, contract["id"]);
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let bearer = format!("Bearer {}", client.token().unwrap());
    let mut response = agent.get(&url).header("Authorization", bearer).call().unwrap();
    let status = response.status().as_u16();
    let mut bytes = Vec::new();
    response.body_mut().as_reader().read_to_end(&mut bytes).unwrap();
    if status != 200 {
        return Err((status, String::from_utf8(bytes).unwrap()));
    }
    assert_eq!(response.headers()["content-type"], "application/pdf");
    let disposition = response.headers()["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment;"), "{disposition}");
    Ok(bytes)
}

/// What a reader of the document reads (poppler's `pdftotext`), without white space.
pub fn text_of(pdf: &[u8]) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(pdf).unwrap();
    let output = std::process::Command::new("pdftotext")
        .arg(file.path())
        .arg("-")
        .output()
        .expect("pdftotext of poppler-utils, which tests/run installs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().split_whitespace().collect()
}

/// A contract of these contents, confirmed.
fn confirmed(app: &App, document: &Value) -> Value {
    let (registrar, reviewer) = (app.person(Person::Registrar), app.person(Person::Reviewer));
    let draft = registrar.post("/contracts", document).expect(201);
    let submitted = registrar.act(&draft, "submit", &json!({}));
    let claimed = reviewer.act(&submitted, "claim", &json!({}));
    let verified = json!({"verified_type": document["type"], "verified_technology_amount_fen": 100_000_000});
    reviewer.act(&claimed, "confirm", &verified)
}

/// The code, as the contract's history tells it.
fn code_of(client: &Client, contract: &Value) -> String {
    let history = client
        .get(&format!("/contracts/{}/history", contract["id"]))
        .expect(200);
    let issued = history
        .as_array()
        .unwrap()
        .iter()
        .rfind(|e| e["action"] == "issue_registration_certificate");
    issued.unwrap()["changes"][0]["to"].as_str().unwrap().to_owned()
}

both! {
    fn a_certificate_says_what_was_registered_and_claims_no_seal(app: &App) {
        let contract = confirmed(app, &complete_contract(1));
        let registrar = app.person(Person::Registrar);
        let first = certificate(app, &registrar, &contract).unwrap();
        app.pass_seconds(600);
        let again = certificate(app, &app.person(Person::Reviewer), &contract).unwrap();
        assert_eq!(first, again, "the same revision gives the same bytes");
        let text = text_of(&first);
        for said in [
            "技术合同登记证明",
            contract["registration_number"].as_str().unwrap(),
            "棉田残膜回收装备研制（1）",
            "石河子某某科技有限公司1",
            "一师某某农场1",
            "1,200,000.00元",
            "1,000,000.00元",
            "2025年3月1日",
            "未加盖印章",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
        let code = code_of(&registrar, &contract);
        assert!(text.replace('-', "").contains(&code), "{code}: {text}");
        let head = registrar.get(&format!("/contracts/{}", contract["id"])).expect(200);
        assert_eq!(head["version"], contract["version"], "handing out a document changes no version");
    }

    fn anyone_learns_whether_a_certificate_holds_and_nothing_about_people(app: &App) {
        let mut document = complete_contract(1);
        document["buyer"]["kind"] = json!("natural_person");
        document["buyer"]["name"] = json!("买买提·某某");
        document["buyer"]["uscc"] = Value::Null;
        document["project_name"] = json!("<b>棉田</b>装备研制");
        let contract = confirmed(app, &document);
        let registrar = app.person(Person::Registrar);
        certificate(app, &registrar, &contract).unwrap();
        let code = code_of(&registrar, &contract);
        let public = app.anonymous();
        for path in [format!("/api/v1/verify/{code}"), format!("/verify/{code}"), format!("/verify/{}", code.to_uppercase())] {
            let found = public.get(&path).expect(200);
            assert_eq!((&found["status"], &found["status_label"]), (&json!("valid"), &json!("有效")));
            assert_eq!(found["registration_number"], contract["registration_number"]);
            assert_eq!(found["seller"], "石河子某某科技有限公司1");
            assert_eq!(found["buyer"], "自然人（不公开姓名）");
            assert_eq!((&found["amount_fen"], &found["technology_amount_fen"]), (&json!(120_000_000), &json!(100_000_000)));
            let text = found.to_string();
            for secret in ["买买提", "王一", "李二", "0993", "registrar\""] {
                assert!(!text.contains(secret), "{secret}: {text}");
            }
        }
        let page = public.send("GET", &format!("/verify/{code}"), &[("Accept", "text/html,*/*;q=0.8")], None);
        assert_eq!(page.status, 200);
        assert!(page.header("content-type").unwrap().starts_with("text/html"));
        assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
        assert!(page.text.contains("有效") && page.text.contains("&lt;b&gt;棉田&lt;/b&gt;"), "{}", page.text);
        assert!(!page.text.contains("<b>") && !page.text.contains("买买提"), "{}", page.text);
        for amount in ["合同成交额</th><td>1,200,000.00 元", "技术交易额</th><td>1,000,000.00 元"] {
            assert!(page.text.contains(amount), "{amount}: {}", page.text);
        }

        let ground = json!({"ground": "duplicate", "document_number": "兵科撤〔2026〕2号"});
        app.person(Person::Reviewer2).act(&contract, "revoke", &ground);
        let found = public.get(&format!("/verify/{code}")).expect(200);
        assert_eq!((&found["status"], &found["ended_on"]), (&json!("revoked"), &json!("2026-06-15")));
        let refused = certificate(app, &registrar, &contract).unwrap_err();
        assert_eq!(refused.0, 409, "{}", refused.1);
    }

    fn what_an_amendment_replaced_says_since_when(app: &App) {
        let contract = confirmed(app, &complete_contract(1));
        let registrar = app.person(Person::Registrar);
        certificate(app, &registrar, &contract).unwrap();
        let code = code_of(&registrar, &contract);
        let amendment = json!({"kind": "amend", "changes": {"project_name": "棉田残膜回收装备改进"}, "reason": "双方更名"});
        let path = format!("/contracts/{}/change-requests", contract["id"]);
        let request = registrar.post_at(&path, contract["version"].as_i64().unwrap(), &amendment).expect(201);
        app.set_time("2026-07-01T09:00:00+08:00");
        let reviewer = app.person(Person::Reviewer);
        let decision = json!({"document_number": "兵科变〔2026〕1号"});
        reviewer.post(&format!("/change-requests/{}/approve", request["id"]), &decision).expect(200);
        app.set_time("2026-07-09T09:00:00+08:00");
        let found = app.anonymous().get(&format!("/verify/{code}")).expect(200);
        assert_eq!((&found["status"], &found["ended_on"]), (&json!("superseded"), &json!("2026-07-01")));
    }

    fn what_was_printed_stays_whatever_is_renamed_or_reported(app: &App) {
        let contract = confirmed(app, &complete_contract(1));
        let (registrar, administrator) = (app.person(Person::Registrar), app.person(Person::Administrator));
        let printed = certificate(app, &registrar, &contract).unwrap();
        let earlier = registrar.get("/agencies/660008").expect(200)["name"].clone();
        assert!(text_of(&printed).contains(earlier.as_str().unwrap()));

        let reported = registrar.act(&contract, "report", &json!({"national_number": "G2026-77", "reported_on": "2026-06-15"}));
        assert_eq!(reported["revision"], contract["revision"]);
        let other = confirmed(app, &complete_contract(2));
        let named = administrator.with_body("PATCH", "/agencies/660008", &[], &json!({"name": "改名后的登记站"}));
        assert_eq!(named.expect(200)["name"], "改名后的登记站");
        app.pass_seconds(86_400);
        let again = certificate(app, &app.person(Person::Auditor), &reported).unwrap();
        assert!(printed == again, "{}", text_of(&again));
        let found = app.anonymous().get(&format!("/verify/{}", code_of(&app.log_in("registrar"), &contract))).expect(200);
        assert_eq!(found["agency"], earlier, "the page says what the paper says");

        // What is made out from now on has the new name; that number stands on neither.
        let other = text_of(&certificate(app, &app.log_in("registrar"), &other).unwrap());
        assert!(other.contains("改名后的登记站"), "{other}");
        assert!(!text_of(&again).contains("G2026-77"));
    }

    fn a_certificate_from_before_sheets_were_kept_gets_one_when_it_is_printed(app: &App) {
        let contract = confirmed(app, &complete_contract(1));
        let registrar = app.person(Person::Registrar);
        let printed = certificate(app, &registrar, &contract).unwrap();
        let entries = || app.person(Person::Auditor).get(&format!("/contracts/{}/history", contract["id"])).expect(200);
        let before = entries();
        app.ctx.store.with_connection(|db| Ok(db.batch_execute("UPDATE registration_certificates SET sheet = NULL")?)).unwrap();
        let again = certificate(app, &app.person(Person::Auditor), &contract).unwrap();
        assert!(printed == again, "nothing has changed meanwhile: {}", text_of(&again));
        // The row that was written is bound by an entry of its own, and nothing else is said.
        let (now, before) = (entries(), before.as_array().unwrap());
        let (last, others) = now.as_array().unwrap().split_last().unwrap();
        assert_eq!((others, &last["action"]), (&before[..], &json!("keep_certificate_sheet")), "{now}");
        assert_eq!(last["from"], last["to"], "no act");
        app.person(Person::Administrator).with_body("PATCH", "/agencies/660008", &[], &json!({"name": "改名后的登记站"})).expect(200);
        assert!(certificate(app, &registrar, &contract).unwrap() == again);
    }

    fn a_character_that_no_font_has_is_named_before_anything_is_made_out(app: &App) {
        let mut document = complete_contract(1);
        // Not assigned in any version of Unicode: no font has it.
        document["project_name"] = "棉田\u{3fff0}关键技术".into();
        let contract = confirmed(app, &document);
        let registrar = app.person(Person::Registrar);
        let (status, text) = certificate(app, &registrar, &contract).unwrap_err();
        assert_eq!(status, 409, "{text}");
        assert!(text.contains("U+3FFF0"), "{text}");
        let history = registrar.get(&format!("/contracts/{}/history", contract["id"])).expect(200);
        let acts: Vec<_> = history.as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap().to_owned()).collect();
        assert!(!acts.contains(&"issue_registration_certificate".to_owned()), "{acts:?}");
    }

    fn a_code_is_found_as_input_methods_type_it(app: &App) {
        let contract = confirmed(app, &complete_contract(1));
        let registrar = app.person(Person::Registrar);
        certificate(app, &registrar, &contract).unwrap();
        let code = code_of(&registrar, &contract);
        let wide: String = code.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect();
        let dashed: String = code.as_bytes().chunks(4).map(|p| String::from_utf8_lossy(p).into_owned()).collect::<Vec<_>>().join("—");
        let letters = code.replace('0', "o").replace('1', "l");
        for typed in [wide, dashed, letters] {
            let path: String = typed.bytes().map(|b| format!("%{b:02X}")).collect();
            let found = app.anonymous().get(&format!("/verify/{path}")).expect(200);
            assert_eq!(found["code"], code.as_str(), "{typed}");
        }
    }

    fn an_unknown_code_says_nothing(app: &App) {
        let public = app.anonymous();
        let number = "0".repeat(32);
        for code in [number.as_str(), "1", "%00", "2026660008500001", "..%2F..", &"a".repeat(500)] {
            public.get(&format!("/verify/{code}")).expect_problem(404, "not-found");
        }
        let page = public.send("GET", &format!("/verify/{number}"), &[("Accept", "text/html")], None);
        assert_eq!(page.status, 404);
        assert!(page.text.contains("没有这份登记证明"), "{}", page.text);
    }

    fn whoever_asks_too_often_must_wait(app: &App) {
        let public = app.anonymous();
        let replies: Vec<_> = (0..60).map(|n| public.get(&format!("/verify/{n}"))).collect();
        let refused: Vec<_> = replies.iter().filter(|r| r.status == 429).collect();
        assert!(refused.len() >= 20, "{} of 60 refused", refused.len());
        assert!(replies.iter().take(30).all(|r| r.status == 404));
        for reply in refused {
            reply.expect_problem(429, "throttled");
            assert!(reply.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
        }
    }

    fn who_may_not_read_the_contract_gets_no_certificate(app: &App) {
        let registrar = app.person(Person::Registrar);
        let draft = registrar.post("/contracts", &complete_contract(2)).expect(201);
        assert_eq!(certificate(app, &registrar, &draft).unwrap_err().0, 409);
        let contract = confirmed(app, &complete_contract(1));
        for (person, status) in [(Person::OtherRegistrar, 404), (Person::Expert, 404), (Person::Administrator, 404)] {
            assert_eq!(certificate(app, &app.person(person), &contract).unwrap_err().0, status, "{person:?}");
        }
        // An auditor changes nothing, so has none made out; once there is one, it can be read.
        assert_eq!(certificate(app, &app.person(Person::Auditor), &contract).unwrap_err().0, 404);
        let made = certificate(app, &registrar, &contract).unwrap();
        assert_eq!(certificate(app, &app.person(Person::Auditor), &contract).unwrap(), made);
        assert_eq!(certificate(app, &app.person(Person::Statistician), &contract).unwrap(), made);
    }

    fn two_who_ask_at_once_get_the_same(app: &App) {
        let contract = confirmed(app, &complete_contract(1));
        let people = [app.person(Person::Registrar), app.person(Person::Colleague), app.person(Person::Reviewer)];
        let made: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let asked: Vec<_> = people.iter().map(|p| scope.spawn(|| certificate(app, p, &contract).unwrap())).collect();
            asked.into_iter().map(|a| a.join().unwrap()).collect()
        });
        assert!(made.iter().all(|m| m == &made[0]));
    }
}
