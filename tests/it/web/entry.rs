//! Entering a contract by the pages, without scripts.

use serde_json::{Value, json};

use crate::support::{App, PASSWORD, Page, Pages, Person, both, complete_contract, papers::small_pdf};

/// A complete contract as it is typed.
pub fn typed(n: u32) -> Vec<(String, String)> {
    let contract = complete_contract(n);
    let mut fields = Vec::new();
    for (name, value) in contract.as_object().unwrap() {
        match value {
            Value::Object(party) => {
                for (inner, value) in party {
                    fields.push((format!("/{name}/{inner}"), value.as_str().unwrap().to_owned()));
                }
            }
            Value::Number(fen) if name != "non_technology_amount_fen" => {
                fields.push((format!("/{name}"), format!("{}.00", fen.as_i64().unwrap() / 100)));
            }
            Value::Number(_) => {}
            Value::Bool(yes) => fields.push((format!("/{name}"), yes.to_string())),
            other => fields.push((format!("/{name}"), other.as_str().unwrap().to_owned())),
        }
    }
    fields
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect()
}

/// Enters a contract; the page that follows.
fn enter(pages: &Pages, fields: &[(String, String)], go: &str) -> Page {
    let page = pages.get("/contracts/new").expect(200);
    let mut fields = borrowed(fields);
    fields.push(("_go", go));
    pages.submit(&page, "/contracts/new", &fields).expect(200)
}

fn id_of(page: &Page) -> i64 {
    page.path.split('/').nth(2).unwrap().parse().unwrap()
}

fn looking_for(text: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("q", text)
        .finish();
    format!("/contracts/parties?{query}")
}

fn drafts(app: &App) -> usize {
    let list = app
        .person(Person::Registrar)
        .get("/contracts?state=draft&limit=100")
        .expect(200);
    list["items"].as_array().unwrap().len()
}

both! {
    fn a_contract_is_entered_and_submitted_without_script(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let page = enter(&pages, &typed(1), "check");
        let id = id_of(&page);
        assert_eq!(page.path, format!("/contracts/{id}/submit?done=saved"));
        assert!(page.says("壹佰贰拾万元整"), "{}", page.text);
        assert!(page.says("缺少必备附件“合同文本”"), "{}", page.text);
        assert!(page.texts("form button").iter().all(|b| b != "提交"), "nothing to submit yet");
        let action = format!("/contracts/{id}/attachments");
        let page = pages.upload(&page, &action, &[("kind", "contract_text")], ("合同<b>文本.pdf", &small_pdf(1))).expect(200);
        assert_eq!(page.path, format!("/contracts/{id}/submit?done=attached"));
        assert!(page.says("合同<b>文本.pdf"), "shown, not run: {}", page.text);
        assert!(page.says("2026-06-15"), "received today");
        let action = format!("/contracts/{id}/submit");
        let form = page.form(&action);
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let done = pages.post_once(&action, &fields);
        assert_eq!(done.header("location"), Some(format!("/contracts/{id}?done=submit").as_str()), "{}", done.text);
        // A double click gets the same answer.
        assert_eq!(pages.post_once(&action, &fields).header("location"), done.header("location"));
        let contract = app.person(Person::Registrar).get(&format!("/contracts/{id}")).expect(200);
        assert_eq!((&contract["state"], &contract["non_technology_amount_fen"]), (&json!("submitted"), &json!(20_000_000)));
        for (name, value) in complete_contract(1).as_object().unwrap() {
            if !value.is_object() {
                assert_eq!(&contract[name], value, "{name}");
            }
        }
        // There is nothing to edit any more.
        assert_eq!(pages.get(&format!("/contracts/{id}/edit")).status, 409);
        assert_eq!(pages.get(&format!("/contracts/{id}/submit")).status, 409);
        // Whoever sees the contract reads its file.
        let file = pages.get(&format!("/contracts/{id}/attachments/1?inline=true")).expect(200);
        assert_eq!(file.header("content-type"), Some("application/pdf"));
        assert!(file.header("content-disposition").unwrap().starts_with("inline"));
        assert_eq!(app.pages_of(Person::OtherRegistrar).get(&file.path).status, 404);
        assert_eq!(app.pages_of(Person::Reviewer).get(&file.path).status, 200);
    }

    fn a_draft_may_be_empty_and_says_what_is_missing(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let page = enter(&pages, &[], "draft");
        let id = id_of(&page);
        assert_eq!(page.path, format!("/contracts/{id}/edit?done=saved"));
        assert!(page.says("已保存"));
        assert!(page.says("缺 5 项"), "{:?}", page.texts(".left"));
        assert_eq!(page.texts(".field.wrong").len(), 0, "nothing is called wrong before it is asked for");
        let asked = pages.get(&format!("/contracts/{id}/edit?check=1")).expect(200);
        assert!(asked.texts(".field.wrong label").len() > 15);
        let check = pages.get(&format!("/contracts/{id}/submit")).expect(200);
        assert!(check.links().contains(&format!("/contracts/{id}/edit?check=1#f-seller-uscc")), "{:?}", check.links());
    }

    fn what_cannot_be_kept_is_told_and_everything_typed_stays(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get("/contracts/new");
        let refused = pages
            .submit(&page, "/contracts/new", &[
                ("/project_name", "<script>alert(1)</script>"), ("/seller/uscc", "123"), ("/amount_fen", "一百"),
                ("/signed_on", "2025-02-30"), ("/technology_amount_fen", "1,000.50"), ("/type", "transfer"), ("/related_party", "true"),
            ])
            .expect(422);
        assert_eq!(refused.texts(".field.wrong > label").len(), 3, "{:?}", refused.texts(".error"));
        for href in ["#f-seller-uscc", "#f-amount-fen", "#f-signed-on"] {
            assert!(refused.links().iter().any(|l| l == href), "{href}");
        }
        let form = refused.form("/contracts/new");
        assert_eq!(form.value("/project_name"), Some("<script>alert(1)</script>"));
        assert!(!refused.text.contains("<script>alert"));
        assert_eq!((form.value("/seller/uscc"), form.value("/amount_fen")), (Some("123"), Some("一百")));
        assert_eq!((form.value("/signed_on"), form.value("/type"), form.value("/related_party")), (Some("2025-02-30"), Some("transfer"), Some("true")));
        assert!(refused.says("壹仟元伍角整"), "{}", refused.text);
        let saved = pages
            .submit(&refused, "/contracts/new", &[("/seller/uscc", ""), ("/amount_fen", "2000.5"), ("/signed_on", "2025-02-28")])
            .expect(200);
        assert_eq!(saved.form(&format!("/contracts/{}/edit", id_of(&saved))).value("/non_technology_amount_fen"), Some("1000.00"));
    }

    fn a_form_that_is_sent_twice_makes_one_draft(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get("/contracts/new");
        let form = page.form("/contracts/new").filled(&[("/project_name", "双击")]);
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let first = pages.post_once("/contracts/new", &fields);
        let second = pages.post_once("/contracts/new", &fields);
        assert_eq!((first.status, first.header("location")), (303, second.header("location")));
        assert_eq!(drafts(app), 1);
        // The same form with something else in it: told, and kept.
        let other = pages.submit(&page, "/contracts/new", &[("/project_name", "另一份")]).expect(422);
        assert!(other.says("已经保存过一次"));
        pages.submit(&other, "/contracts/new", &[]).expect(200);
        assert_eq!(drafts(app), 2);
    }

    fn a_session_that_ran_out_loses_nothing(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get("/contracts/new");
        app.pass_seconds(3600);
        let fields = typed(7);
        let asked = pages.submit(&page, "/contracts/new", &borrowed(&fields)).expect(401);
        let resumed = pages.submit(&asked, "/login", &[("username", "registrar"), ("password", PASSWORD)]).expect(200);
        let shown = pages.submit(&resumed, "/contracts/new?_again", &[]).expect(200);
        let form = shown.form("/contracts/new");
        for (name, value) in &fields {
            assert_eq!(form.value(name), Some(value.as_str()), "{name}, as it was typed");
        }
        assert_eq!(drafts(app), 0, "nothing is saved by logging in");
        let saved = pages.submit(&shown, "/contracts/new", &[]).expect(200);
        let form = saved.form(&format!("/contracts/{}/edit", id_of(&saved)));
        for (name, value) in &fields {
            assert_eq!(form.value(name), Some(value.as_str()), "{name}");
        }
    }

    fn two_at_one_draft_are_told(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let id = id_of(&enter(&pages, &typed(3), "draft"));
        let path = format!("/contracts/{id}/edit");
        let (mine, theirs) = (pages.get(&path), app.pages_of(Person::Colleague));
        let page = theirs.get(&path);
        theirs.submit(&page, &path, &[("/project_name", "同事改的名称")]).expect(200);
        let stale = pages.submit(&mine, &path, &[("/project_name", "我改的名称")]).expect(412);
        assert!(stale.says("他人保存过修改") && stale.says("同事改的名称"), "{}", stale.text);
        assert_eq!(stale.form(&path).value("/project_name"), Some("我改的名称"));
        let saved = pages.submit(&stale, &path, &[]).expect(200);
        assert_eq!(saved.form(&path).value("/project_name"), Some("我改的名称"));
    }

    fn nobody_else_gets_to_a_draft(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let id = id_of(&enter(&pages, &typed(4), "draft"));
        for (person, statuses) in [
            (Person::OtherRegistrar, (200, 404, 404)),
            (Person::Reviewer, (403, 404, 404)),
            (Person::Auditor, (403, 403, 403)),
            (Person::Administrator, (403, 404, 404)),
            (Person::Expert, (403, 404, 404)),
        ] {
            let other = app.pages_of(person);
            let found = (
                other.get("/contracts/new").status,
                other.get(&format!("/contracts/{id}/edit")).status,
                other.get(&format!("/contracts/{id}/submit")).status,
            );
            assert_eq!(found, statuses, "{person:?}");
            let token = other.get("/password").form("/logout").value("_token").unwrap().to_owned();
            let sent = [("_token", token.as_str()), ("_version", "1"), ("/project_name", "x")];
            assert_eq!(other.post_once(&format!("/contracts/{id}/edit"), &sent).status, statuses.1, "{person:?}");
            assert_eq!(other.post_once(&format!("/contracts/{id}/autosave"), &sent).status, statuses.1, "{person:?}");
            assert_eq!(other.post_once(&format!("/contracts/{id}/submit"), &sent).status, statuses.1, "{person:?}");
            let check = [("_token", token.as_str()), ("_id", &id.to_string())];
            assert_eq!(other.post_once("/contracts/check", &check).status, statuses.1, "{person:?}");
            assert_eq!(other.get(&looking_for("石河子")).status, statuses.0, "{person:?}");
        }
        assert_eq!(app.pages_of(Person::Registrar).get("/contracts/x/edit").status, 404);
    }

    fn a_known_party_is_found_and_taken_over(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        enter(&pages, &typed(11), "draft");
        enter(&pages, &typed(12), "draft");
        let page = pages.get("/contracts/new");
        let found = pages.submit(&page, "/contracts/new", &[("/buyer/name", "某某农场"), ("/project_name", "新合同"), ("_find", "buyer")]).expect(200);
        assert_eq!(found.texts("#buyer .found strong"), ["一师某某农场12", "一师某某农场11"]);
        assert_eq!(found.texts("#seller .found").len(), 0);
        // By the beginning of the code, too.
        let code = complete_contract(11)["buyer"]["uscc"].as_str().unwrap().to_owned();
        let by_code = pages.submit(&page, "/contracts/new", &[("/buyer/uscc", &code.to_lowercase()[..17]), ("_find", "buyer")]).expect(200);
        assert_eq!(by_code.texts("#buyer .found strong"), ["一师某某农场11"]);
        let take = scraper_value(&found, "#buyer .found button");
        let taken = pages.submit(&found, "/contracts/new", &[("_take", &take)]).expect(200);
        let form = taken.form("/contracts/new");
        assert_eq!(form.value("/project_name"), Some("新合同"), "what was typed stays");
        for (field, value) in [("name", "一师某某农场12"), ("region", "659002"), ("unit", "div_01"), ("phone", "0997-4612345"), ("kind", "enterprise")] {
            assert_eq!(form.value(&format!("/buyer/{field}")), Some(value), "{field}");
        }
        // Nobody takes over from what is hidden.
        let other = app.pages_of(Person::OtherRegistrar);
        let page = other.get("/contracts/new");
        let nothing = other.submit(&page, "/contracts/new", &[("/buyer/name", "某某农场"), ("_find", "buyer")]);
        assert!(nothing.says("没有找到"));
        assert_eq!(other.submit(&page, "/contracts/new", &[("_take", &take)]).status, 404);
        let known: Value = serde_json::from_str(&pages.get(&looking_for("某某科技")).text).unwrap();
        assert_eq!(known[0]["name"], "石河子某某科技有限公司12");
        assert_eq!(other.get(&looking_for("某某科技")).text, "[]");
    }

    fn drafts_keep_themselves_but_for_what_cannot_be_kept(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let page = enter(&pages, &typed(5), "draft");
        let id = id_of(&page);
        let form = page.form(&format!("/contracts/{id}/edit")).filled(&[("/project_name", "自动保存的名称"), ("/seller/uscc", "12"), ("/amount_fen", "x")]);
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let told: Value = serde_json::from_str(&pages.post_once(&format!("/contracts/{id}/autosave"), &fields).expect(200).text).unwrap();
        assert_eq!((&told["version"], &told["at"]), (&json!(2), &json!("12:00")));
        let contract = app.person(Person::Registrar).get(&format!("/contracts/{id}")).expect(200);
        assert_eq!(contract["project_name"], "自动保存的名称");
        assert_eq!((&contract["seller"]["uscc"], &contract["amount_fen"]), (&complete_contract(5)["seller"]["uscc"], &json!(120_000_000)));
        assert_eq!(pages.post_once(&format!("/contracts/{id}/autosave"), &fields).status, 412, "the version has moved on");
        let mut check = fields.clone();
        let id_text = id.to_string();
        check.push(("_id", &id_text));
        let found: Value = serde_json::from_str(&pages.post_once("/contracts/check", &check).expect(200).text).unwrap();
        let of = |pointer: &str| found["findings"].as_array().unwrap().iter().any(|f| f["pointer"] == pointer && f["severity"] == "error");
        assert!(of("/seller/uscc") && of("/amount_fen") && !of("/project_name"), "{found}");
        assert_eq!(found["notes"]["/technology_amount_fen"], "100.00 万元，壹佰万元整");
    }

    fn a_copy_begins_without_dates_and_amounts(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let id = id_of(&enter(&pages, &typed(6), "draft"));
        let contract = pages.get(&format!("/contracts/{id}")).expect(200);
        let page = pages.submit(&contract, &format!("/contracts/{id}/copy"), &[]).expect(200);
        assert!(page.says("已复制为新草稿"));
        let form = page.form(&format!("/contracts/{}/edit", id_of(&page)));
        assert_ne!(id_of(&page), id);
        assert_eq!((form.value("/buyer/name"), form.value("/field")), (Some("一师某某农场6"), Some("agriculture")));
        for empty in ["/signed_on", "/ends_on", "/amount_fen", "/non_technology_amount_fen"] {
            assert_eq!(form.value(empty), Some(""), "{empty}");
        }
        let other = app.pages_of(Person::OtherRegistrar);
        let token = other.get("/password").form("/logout").value("_token").unwrap().to_owned();
        assert_eq!(other.post_once(&format!("/contracts/{id}/copy"), &[("_token", &token)]).status, 404);
    }

    fn a_row_is_pasted_looked_at_and_made_a_draft(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get("/contracts/paste").expect(200);
        assert_eq!(pages.submit(&page, "/contracts/paste", &[("/row", "")]).status, 422);
        let row = "合同名称\t合同类别\t卖方名称\t卖方统一社会信用代码\t合同成交额（元）\t签订日期\n<i>滴灌</i>技术服务\t技术服务\t甲公司\t不是代码\t123,400.5\t2025年3月1日";
        let read = pages.submit(&page, "/contracts/paste", &[("/row", row)]).expect(200);
        assert!(read.says("<i>滴灌</i>技术服务") && read.says("技术服务") && read.says("2025-03-01"), "{}", read.text);
        assert!(read.texts(".notice li").iter().any(|l| l.contains("卖方统一社会信用代码")), "{:?}", read.texts(".notice li"));
        let made = pages.submit(&read, "/contracts/paste", &[("_go", "create")]).expect(200);
        let form = made.form(&format!("/contracts/{}/edit", id_of(&made)));
        assert_eq!((form.value("/amount_fen"), form.value("/type"), form.value("/seller/uscc")), (Some("123400.50"), Some("service"), Some("")));
        assert_eq!(app.pages_of(Person::Reviewer).get("/contracts/paste").status, 403);
    }

    fn look_alikes_are_named_and_compared(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let first = app.submitted(1)["id"].as_i64().unwrap();
        let mut twin = typed(1);
        for (name, value) in &mut twin {
            if name == "/amount_fen" {
                *value = "1200001".to_owned();
            }
        }
        let id = id_of(&enter(&pages, &twin, "check"));
        let check = pages.get(&format!("/contracts/{id}/submit")).expect(200);
        let href = format!("/contracts/{id}/compare/{first}");
        assert!(check.links().contains(&href), "{:?}", check.links());
        assert!(pages.get(&format!("/contracts/{id}/edit")).links().contains(&href));
        let compared = pages.get(&href).expect(200);
        assert_eq!(compared.texts(".differs th"), ["受理日期", "合同成交额（元）", "非技术性费用（元）"]);
        assert_eq!(app.pages_of(Person::Reviewer).get(&href).status, 404, "a draft is not theirs to see");
    }

    fn a_warning_asks_for_its_reason(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let mut fields = typed(9);
        for (name, value) in &mut fields {
            match name.as_str() {
                "/amount_fen" => *value = "900".to_owned(),
                "/technology_amount_fen" => *value = "800".to_owned(),
                _ => {}
            }
        }
        let page = enter(&pages, &fields, "check");
        let id = id_of(&page);
        let page = pages.upload(&page, &format!("/contracts/{id}/attachments"), &[], ("合同文本.pdf", &small_pdf(9))).expect(200);
        let action = format!("/contracts/{id}/submit");
        let reason = page.form(&action).fields.iter().find(|(n, _)| n.starts_with("/reasons/")).unwrap().0.clone();
        let refused = pages.submit(&page, &action, &[]).expect(422);
        assert_eq!(refused.texts(".field.wrong").len(), 1);
        let form = refused.form(&action).filled(&[(&reason, "合同即如此约定")]);
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(pages.post_once(&action, &fields).header("location"), Some(format!("/contracts/{id}?done=submit").as_str()));
    }

    fn an_attachment_is_refused_in_words_and_goes_after_a_question(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let page = enter(&pages, &typed(8), "draft");
        let id = id_of(&page);
        let action = format!("/contracts/{id}/attachments");
        let refused = pages.upload(&page, &action, &[("kind", "")], ("a.exe", b"MZ")).expect(422);
        assert_eq!(refused.texts("#attachments .field.wrong").len(), 2, "{}", refused.text);
        let page = pages.upload(&refused, &action, &[("kind", "other")], ("a.pdf", &small_pdf(8))).expect(200);
        assert!(page.path.starts_with(&format!("/contracts/{id}/edit?done=attached")), "{}", page.path);
        let ask = page.links().into_iter().find(|l| l.ends_with("/remove")).unwrap();
        let asked = pages.get(&ask).expect(200);
        assert!(asked.says("a.pdf"));
        let gone = pages.submit(&asked, &ask, &[]).expect(200);
        assert!(gone.says("还没有附件"));
        assert_eq!(pages.get(&ask).status, 404);
    }

    fn what_a_reviewer_asked_for_stands_at_its_field(app: &App) {
        let contract = app.claimed(2);
        let items = json!({"reason": "请补正", "items": [{"pointer": "/seller/name", "detail": "与<u>公章</u>不符"}]});
        app.person(Person::Reviewer).act(&contract, "return", &items);
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get(&format!("/contracts/{}/edit", contract["id"])).expect(200);
        assert!(page.says("请补正") && page.says("与<u>公章</u>不符"));
        assert!(page.links().iter().any(|l| l == "#f-seller-name"));
    }
}

/// The value of a button.
fn scraper_value(page: &Page, selector: &str) -> String {
    let html = scraper::Html::parse_document(&page.text);
    let selector = scraper::Selector::parse(selector).unwrap();
    html.select(&selector).next().unwrap().attr("value").unwrap().to_owned()
}
