//! A contract that was not saved yet keeps itself: what the form's script sends, and in a real browser.

use serde_json::{Value, json};

use super::{
    browser_entry::{says, wait_for},
    entry::typed,
};
use crate::support::{App, Backend, PASSWORD, Page, Pages, Person, both, papers::small_pdf};

const KEEP: &str = "/contracts/new/autosave";

/// The fields of the blank form, filled in.
fn blank(page: &Page, fields: &[(&str, &str)]) -> Vec<(String, String)> {
    page.form("/contracts/new").filled(fields).fields
}

fn send(pages: &Pages, path: &str, fields: &[(String, String)]) -> Page {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    pages.post_once(path, &fields)
}

#[track_caller]
fn answer(page: &Page, status: u16) -> Value {
    assert_eq!(page.status, status, "{}", page.text);
    serde_json::from_str(&page.text).unwrap()
}

fn drafts(app: &App) -> Vec<Value> {
    let list = app
        .person(Person::Registrar)
        .get("/contracts?state=draft&limit=100")
        .expect(200);
    list["items"].as_array().unwrap().clone()
}

both! {
    fn a_form_that_keeps_itself_makes_one_draft(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get("/contracts/new");
        let first = answer(&send(&pages, KEEP, &blank(&page, &[("/project_name", "自动保存的合同")])), 200);
        assert_eq!((&first["version"], &first["at"], &first["wrong"]), (&json!(1), &json!("12:00"), &json!(0)));
        // The answer was lost, and more was typed since.
        let more = blank(&page, &[("/project_name", "自动保存的合同"), ("/seller/name", "石河子某某公司")]);
        let again = answer(&send(&pages, KEEP, &more), 200);
        assert_eq!((&again["id"], &again["version"]), (&first["id"], &json!(2)));
        assert_eq!(drafts(app).len(), 1);
        assert_eq!(drafts(app)[0]["seller"]["name"], "石河子某某公司");
        // The form goes on as that of the draft, under the key that it was given.
        let id = first["id"].as_i64().unwrap();
        let onwards = page.form("/contracts/new").filled(&[
            ("/project_name", "自动保存的合同"), ("_version", "2"), ("_once", again["once"].as_str().unwrap()), ("_go", "draft"),
        ]);
        let saved = send(&pages, &format!("/contracts/{id}/edit"), &onwards.fields);
        assert_eq!(saved.header("location"), Some(format!("/contracts/{id}/edit?done=saved").as_str()), "{}", saved.text);
        assert_eq!(drafts(app).len(), 1);
    }

    fn saving_at_the_same_moment_goes_on_with_the_one_draft(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get("/contracts/new");
        let kept = answer(&send(&pages, KEEP, &blank(&page, &[("/project_name", "一")])), 200);
        let id = kept["id"].as_i64().unwrap();
        // The person pressed save before the form knew of its draft; twice.
        let by_hand = blank(&page, &[("/project_name", "一二"), ("/summary", "摘要"), ("_go", "draft")]);
        for _ in 0..2 {
            let saved = send(&pages, "/contracts/new", &by_hand);
            assert_eq!((saved.status, saved.header("location")), (303, Some(format!("/contracts/{id}/edit?done=saved").as_str())), "{}", saved.text);
        }
        assert_eq!(drafts(app).len(), 1);
        assert_eq!((&drafts(app)[0]["project_name"], &drafts(app)[0]["version"]), (&json!("一二"), &json!(2)));
        // The other way round: what the script sends after the person saved makes nothing.
        let page = pages.get("/contracts/new");
        assert_eq!(send(&pages, "/contracts/new", &blank(&page, &[("/project_name", "三")])).status, 303);
        let late = answer(&send(&pages, KEEP, &blank(&page, &[("/project_name", "三四")])), 422);
        assert!(late["detail"].as_str().unwrap().contains("已经保存过"), "{late}");
        assert_eq!(drafts(app).len(), 2);
    }

    fn what_cannot_be_kept_does_not_keep_the_rest(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get("/contracts/new");
        let typed = blank(&page, &[
            ("/project_name", "部分有误"), ("/seller/uscc", "123"), ("/amount_fen", "一百"), ("/signed_on", "2025-02-30"), ("/type", "transfer"),
        ]);
        let kept = answer(&send(&pages, KEEP, &typed), 200);
        assert_eq!(kept["wrong"], 3, "{kept}");
        let draft = &drafts(app)[0];
        assert_eq!((&draft["project_name"], &draft["type"]), (&json!("部分有误"), &json!("transfer")));
        assert_eq!((&draft["seller"]["uscc"], &draft["signed_on"], &draft["amount_fen"]), (&Value::Null, &Value::Null, &Value::Null));
    }

    fn a_draft_that_another_saved_is_told_and_compared(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get("/contracts/new");
        let kept = answer(&send(&pages, KEEP, &blank(&page, &[("/project_name", "我的")])), 200);
        let (id, version) = (kept["id"].as_i64().unwrap(), kept["version"].to_string());
        let colleague = app.pages_of(Person::Colleague);
        let theirs = colleague.get(&format!("/contracts/{id}/edit"));
        colleague.submit(&theirs, &format!("/contracts/{id}/edit"), &[("/project_name", "同事的")]).expect(200);
        let mine = page.form("/contracts/new").filled(&[("/project_name", "我的二"), ("_version", &version), ("_once", kept["once"].as_str().unwrap())]);
        let refused = answer(&send(&pages, &format!("/contracts/{id}/autosave"), &mine.fields), 412);
        assert!(refused["detail"].as_str().unwrap().contains("他人保存过"), "{refused}");
        let compared = send(&pages, &format!("/contracts/{id}/edit"), &mine.fields).expect(412);
        assert!(compared.says("同事的"));
        assert_eq!(compared.form(&format!("/contracts/{id}/edit")).value("/project_name"), Some("我的二"));
        // Neither does a form that never knew of its draft save over what another did with it.
        let by_hand = blank(&page, &[("/project_name", "我的三"), ("_go", "draft")]);
        let compared = send(&pages, "/contracts/new", &by_hand).expect(412);
        assert!(compared.says("同事的"));
        assert_eq!(compared.form(&format!("/contracts/{id}/edit")).value("/project_name"), Some("我的三"));
        assert_eq!(drafts(app)[0]["project_name"], "同事的");
    }

    fn what_resembles_a_draft_is_told_as_it_is_kept(app: &App) {
        let other = app.submitted(1);
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get("/contracts/new");
        let mut fields: Vec<(String, String)> = typed(1);
        fields.retain(|(name, _)| name != "/summary");
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let kept = answer(&send(&pages, KEEP, &blank(&page, &fields)), 200);
        assert_eq!(kept["alike"], 1, "{kept}");
        assert!(kept["alike_part"].as_str().unwrap().contains(&format!("/contracts/{}/compare/{}", kept["id"], other["id"])), "{kept}");
        let page = pages.get("/contracts/new");
        let alone = answer(&send(&pages, KEEP, &blank(&page, &[("/project_name", "别的合同")])), 200);
        assert_eq!((&alone["alike"], alone["alike_part"].as_str().map(str::trim)), (&json!(0), Some("")));
    }

    fn only_who_enters_contracts_makes_drafts(app: &App) {
        for person in [Person::Reviewer, Person::Auditor, Person::Statistician, Person::Administrator] {
            let pages = app.pages_of(person);
            let token = pages.get("/password").form("/logout").value("_token").unwrap().to_owned();
            let page = pages.post_once(KEEP, &[("_token", &token), ("_once", "a"), ("/project_name", "x")]);
            assert_eq!(page.status, 403, "{person:?}: {}", page.text);
        }
        let stranger = app.pages().post_once(KEEP, &[("/project_name", "x")]);
        assert_eq!(stranger.status, 401);
        let untold = app.pages_of(Person::Registrar).post_once(KEEP, &[("/project_name", "x")]);
        assert_eq!(untold.status, 403, "without its token");
        assert_eq!(drafts(app).len(), 0);
    }
}

#[test]
fn in_a_browser_a_new_contract_keeps_itself() {
    let app = App::start(Backend::Sqlite);
    let registrar = app.person(Person::Registrar);
    let browser = app.browser_of(Person::Registrar);
    browser.open("/contracts/new");
    browser.click("#f-project-name");
    browser.click("#f-summary");
    assert!(browser.path().ends_with("/new"), "nothing was filled in");
    browser.fill("/project_name", "自己保存的合同");
    browser.fill("/seller/uscc", "12");
    wait_for(&browser, "kept", || says(&browser, "#kept", "草稿已自动保存 12:00"));
    wait_for(&browser, "at the draft", || browser.path() == "/contracts/1/edit");
    // The attachments are there as soon as the draft is, and armed.
    let path = app.folder.path().join("合同文本.pdf");
    std::fs::write(&path, small_pdf(1)).unwrap();
    browser.find("[data-attach]");
    browser.choose("file", &path.display().to_string());
    browser.click("[data-attach] button");
    wait_for(&browser, "attached", || says(&browser, "#attachments", "合同文本.pdf"));
    browser.expect_sound();
    // What is wrong is told of, and does not keep the rest from being kept.
    browser.fill("/summary", "摘要第一稿");
    browser.ask("window.dispatchEvent(new Event('blur'))", vec![]);
    wait_for(&browser, "kept but for one", || {
        says(&browser, "#kept", "1 处填写有误，未存入")
    });
    browser.picture("draft-kept");
    browser.fill("/seller/uscc", "");
    browser.click(".side button[value=draft]");
    wait_for(&browser, "saved", || {
        browser.path().ends_with("/contracts/1/edit?done=saved")
    });
    assert_eq!(drafts(&app).len(), 1);
    // Reloading is reading.
    browser.open("/contracts/1/edit");
    // Somebody else saves it: told, nothing typed is lost, and saving by hand shows both.
    browser.fill("/project_name", "我的名称");
    let draft = registrar.get("/contracts/1").expect(200);
    let version = draft["version"].as_i64().unwrap();
    registrar
        .patch_at("/contracts/1", version, &json!({"project_name": "别处的名称"}))
        .expect(200);
    browser.ask("window.dispatchEvent(new Event('blur'))", vec![]);
    wait_for(&browser, "told", || says(&browser, "#kept", "他人保存过"));
    browser.click(".side button[value=draft]");
    wait_for(&browser, "compared", || says(&browser, "main", "别处的名称"));
    assert_eq!(
        browser.ask(
            "return document.querySelector('[name=\"/project_name\"]').value",
            vec![]
        ),
        json!("我的名称")
    );
}

#[test]
fn in_a_browser_saving_and_leaving_at_once_makes_one_draft() {
    let app = App::start(Backend::Sqlite);
    let browser = app.browser_of(Person::Registrar);
    browser.open("/contracts/new");
    browser.fill("/project_name", "马上保存");
    // The click leaves the field, which keeps the draft, and saves.
    browser.click(".side button[value=check]");
    browser.find("#decision-title");
    assert_eq!(drafts(&app).len(), 1);
    assert_eq!(drafts(&app)[0]["project_name"], "马上保存");
}

#[test]
fn in_a_browser_who_logs_in_again_elsewhere_goes_on() {
    let app = App::start(Backend::Sqlite);
    let browser = app.browser_of(Person::Registrar);
    browser.open("/contracts/new");
    browser.fill("/project_name", "打到一半");
    app.pass_seconds(3600);
    browser.click("#f-summary");
    wait_for(&browser, "told", || says(&browser, "#kept", "登录已失效"));
    assert_eq!(drafts(&app).len(), 0);
    // In another window of the same browser.
    let first = app.block_on(browser.client.window()).unwrap();
    let other = app.block_on(browser.client.new_window(true)).unwrap();
    app.block_on(browser.client.switch_to_window(other.handle)).unwrap();
    browser.open("/login");
    browser.fill("username", "registrar");
    browser.fill("password", PASSWORD);
    browser.click("main button[type=submit]");
    browser.find(".who");
    app.block_on(browser.client.switch_to_window(first)).unwrap();
    browser.ask("window.dispatchEvent(new Event('focus'))", vec![]);
    wait_for(&browser, "kept", || says(&browser, "#kept", "草稿已自动保存"));
    assert_eq!(drafts(&app)[0]["project_name"], "打到一半");
}
