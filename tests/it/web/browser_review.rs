//! The reviewer's job in a real browser: by mouse, by keyboard alone, and without scripts; every page looked at wide and narrow.

use fantoccini::key::Key;
use serde_json::json;

use crate::support::{App, Backend, Person, browser::Browser};

/// Looks at a page at two widths.
fn look(browser: &Browser<'_>, path: &str, name: &str) {
    for width in [1280, 360] {
        browser.resize(width, 900);
        browser.open(path);
        browser.expect_sound();
        browser.picture(&format!("{name}-{width}"));
    }
    browser.resize(1280, 900);
}

/// What has the focus: its words or its name.
fn focused(browser: &Browser<'_>) -> String {
    let script = "const e = document.activeElement; return (e.name || '') + '|' + (e.textContent || '').trim();";
    browser.ask(script, vec![]).as_str().unwrap().to_owned()
}

/// Goes on by the tabulator until something has the focus.
#[track_caller]
fn tab_to(browser: &Browser<'_>, wanted: &str) {
    for _ in 0..80 {
        if focused(browser).split('|').any(|part| part == wanted) {
            return;
        }
        browser.key(Key::Tab);
    }
    panic!("{}: no way to {wanted} by the tabulator", browser.path());
}

#[test]
fn a_contract_is_claimed_and_confirmed_by_keyboard_alone() {
    let app = App::start(Backend::Sqlite);
    let contract = app.submitted(1);
    let browser = app.browser_of(Person::Reviewer);
    tab_to(&browser, "棉田残膜回收装备研制（1）");
    browser.key(Key::Enter);
    browser.find(".contract");
    tab_to(&browser, "领取");
    browser.key(Key::Enter);
    browser.find("p.done");
    tab_to(&browser, "审核确认");
    browser.key(Key::Enter);
    browser.find("[name='/verified_type']");
    assert_eq!(
        focused(&browser).split('|').next(),
        Some("/verified_type"),
        "the first field has the cursor"
    );
    tab_to(&browser, "/note");
    browser.keys("已核对合同文本");
    tab_to(&browser, "审核确认");
    browser.key(Key::Enter);
    browser.find("p.done");
    assert!(
        browser.text("main").contains("2026660008500001"),
        "{}",
        browser.text("main")
    );
    let now = app
        .person(Person::Reviewer)
        .get(&format!("/contracts/{}", contract["id"]))
        .expect(200);
    assert_eq!(now["state"], "confirmed");
}

#[test]
fn a_contract_is_claimed_and_confirmed_without_scripts() {
    let app = App::start(Backend::Sqlite);
    app.submitted(1);
    app.person(Person::Reviewer);
    let browser = app.browser_without_script();
    browser.log_in("reviewer");
    browser.click_text("棉田残膜回收装备研制（1）");
    browser.click(".actions button");
    browser.find("p.done");
    browser.click_text("审核确认");
    browser.fill("/verified_technology_amount_fen", "900000");
    browser.click("main .form button");
    browser.find("p.done");
    assert!(
        browser.text("main").contains("2026660008500001"),
        "{}",
        browser.text("main")
    );
}

#[test]
fn many_are_claimed_by_mouse() {
    let app = App::start(Backend::Sqlite);
    for n in 1..=3 {
        app.submitted(n);
    }
    let browser = app.browser_of(Person::Reviewer);
    browser.open("/contracts?queue=unclaimed");
    browser.click("[data-all-ticks]");
    browser.click_text("领取所选");
    browser.find(".done");
    assert!(browser.text("main").contains("已领取 3 项"), "{}", browser.text("main"));
    browser.expect_sound();
}

#[test]
fn every_page_of_the_review_is_sound() {
    let app = App::start(Backend::Sqlite);
    let registrar = app.person(Person::Registrar);
    let reviewer = app.person(Person::Reviewer);
    // One that was returned and mended, one confirmed and asked to be changed, others that wait.
    let long = "新疆生产建设兵团第八师石河子市棉花全程机械化生产装备与残膜污染综合治理关键技术集成研究及其规模化推广应用示范项目（二期）";
    let first = app.claimed(1);
    let returned = reviewer.act(
        &first,
        "return",
        &json!({"reason": "金额与合同文本不符，摘要过于简略。", "items": [
            {"pointer": "/amount_fen", "detail": "合同文本第三条为 130 万元"}, {"pointer": "/summary", "detail": "请写明交付内容"}]}),
    );
    let path = format!("/contracts/{}", first["id"]);
    let patch =
        json!({"project_name": long, "amount_fen": 98_765_432_100_i64, "technology_amount_fen": 98_745_432_100_i64});
    let edited = registrar
        .patch_at(&path, returned["version"].as_i64().unwrap(), &patch)
        .expect(200);
    let reasons = json!({"reasons": {"A02": "二期", "A05": "二期", "unusual_amount": "合同文本如此", "amount_unusual": "合同文本如此", "A10": "合同文本如此"}});
    let resubmitted = registrar.try_act(&edited, "submit", &reasons);
    let codes: Vec<String> = resubmitted.pointers();
    let submitted = if codes.is_empty() {
        resubmitted.expect(200)
    } else {
        let said: serde_json::Map<_, _> = codes
            .iter()
            .map(|p| {
                (
                    p.trim_start_matches("/reasons/").to_owned(),
                    json!("合同文本如此，见第三条"),
                )
            })
            .collect();
        registrar
            .try_act(&edited, "submit", &json!({"reasons": said}))
            .expect(200)
    };
    reviewer.act(&submitted, "claim", &json!({}));
    let confirmed = app.confirmed(2);
    let ask = json!({"kind": "amend", "changes": {"project_name": long}, "reason": "补充协议约定更名"});
    let version = confirmed["version"].as_i64().unwrap();
    let request = registrar
        .post_at(
            &format!("/contracts/{}/change-requests", confirmed["id"]),
            version,
            &ask,
        )
        .expect(201);
    app.submitted(3);
    app.draft(4);

    let browser = app.browser_of(Person::Reviewer);
    look(&browser, "/", "review-workbench");
    look(&browser, "/contracts", "review-list");
    look(
        &browser,
        "/contracts?queue=unclaimed&columns=state,number,type,unit,seller,buyer,amount,technology,due_on,agency",
        "review-list-columns",
    );
    look(&browser, &path, "review-contract");
    browser.open(&path);
    assert!(browser.print("review-contract").starts_with(b"%PDF"));
    look(&browser, &format!("{path}/confirm"), "review-confirm");
    look(&browser, &format!("{path}/return"), "review-return");
    look(&browser, &format!("{path}/refuse"), "review-refuse");
    look(&browser, &format!("{path}/refer"), "review-refer");
    look(&browser, &format!("{path}/revisions/1"), "review-revision");
    look(&browser, &format!("/contracts/{}", confirmed["id"]), "review-confirmed");
    look(&browser, "/contracts/bulk/hand-over", "review-hand-over");
    look(&browser, "/change-requests", "review-requests");
    look(
        &browser,
        &format!("/change-requests/{}", request["id"]),
        "review-request",
    );
    look(
        &browser,
        &format!("/change-requests/{}/approve", request["id"]),
        "review-approve",
    );
    drop(browser);
    let other = app.browser_of(Person::Reviewer2);
    look(
        &other,
        &format!("/contracts/{}/revoke", confirmed["id"]),
        "review-revoke",
    );
    look(&other, &format!("{path}/reassign"), "review-reassign");
    drop(other);
    let confirmed = app.confirmed(5);
    let browser = app.browser_of(Person::Registrar);
    look(&browser, "/", "review-workbench-registrar");
    look(
        &browser,
        &format!("/contracts/{}/change-requests/new?kind=amend", confirmed["id"]),
        "review-amend",
    );
    look(
        &browser,
        &format!("/contracts/{}/change-requests/new?kind=cancel", confirmed["id"]),
        "review-cancel",
    );
    drop(browser);
    let browser = app.browser_of(Person::Statistician);
    look(&browser, "/contracts?year=2026&figure=total.amount", "review-counted");
}
