//! The office's pages in a real browser: sound at every width, and an expert's opinion by keyboard alone.

use dengji::domain::account::Role;
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::support::{App, Backend, Person, browser::Browser};

/// Looks at pages at 1280 and 360 pixels: nothing cut, nothing that axe-core finds.
fn look(browser: &Browser<'_>, pages: &[(&str, String)]) {
    for (name, path) in pages {
        for width in [1280, 360] {
            browser.resize(width, 900);
            browser.open(path);
            browser.find("h1");
            browser.expect_sound();
            browser.picture(&format!("office-{name}-{width}"));
        }
    }
    browser.resize(1280, 900);
}

fn referred(app: &App, n: u32) -> Value {
    let contract = app.claimed(n);
    app.person(Person::Reviewer)
        .act(&contract, "refer", &json!({"reason": "金额大"}))
}

fn panel(app: &App, contracts: &[&Value]) -> String {
    for name in ["e1", "e2"] {
        app.add_user(name, &[Role::Expert], None, None);
    }
    app.person(Person::Expert);
    let ids: Vec<&Value> = contracts.iter().map(|c| &c["id"]).collect();
    let title = "2026 年第一次技术合同专家论证（农业机械、生物育种、节水灌溉领域金额五百万元以上合同）";
    let body = json!({"title": title, "held_on": "2026-06-20", "chair": "expert", "experts": ["expert", "e1", "e2"], "contracts": ids});
    let panel = app.person(Person::Reviewer).post("/expert-reviews", &body).expect(201);
    format!("/expert-reviews/{}", panel["id"])
}

#[test]
fn an_expert_says_what_to_say_by_keyboard_alone() {
    let app = App::start(Backend::Sqlite);
    let contract = referred(&app, 1);
    let panel = panel(&app, &[&contract]);
    let browser = app.browser_of(Person::Expert);
    let to = |text: &str| {
        // Tab by tab, as who has no mouse.
        for _ in 0..60 {
            browser.key(Key::Tab);
            let here = browser.ask(
                "const e = document.activeElement; return e.tagName === 'DIV' ? '' : (e.innerText || e.value || '') + '|' + (e.name || '')",
                vec![],
            );
            if here.as_str().unwrap().contains(text) {
                return;
            }
        }
        panic!("no {text} by Tab at {}", browser.path());
    };
    to("专家论证");
    browser.key(Key::Enter);
    browser.find("#list");
    to("第一次技术合同专家论证");
    browser.key(Key::Enter);
    browser.find("#opinions");
    to("发表意见");
    browser.key(Key::Enter);
    browser.find("[name='/vote']");
    // The cursor stands at the first vote; down chooses the next one.
    browser.key(Key::Down);
    to("|/text");
    browser.keys("研制目标明确，有创新性。");
    to("|/type");
    browser.keys("技术服务");
    to("|/subtype");
    browser.keys("一般");
    to("提交意见");
    browser.key(Key::Enter);
    browser.find("#problem, .done");
    let said = browser.text("main");
    assert!(said.contains("意见已提交") || said.contains("合同子类"), "{said}");
    if browser.path().ends_with("/opinion") {
        // Adjusted without what is to be adjusted: the summary leads to the field; the vote is changed instead.
        browser.expect_sound();
        browser.open(&format!("{panel}/opinion?contract={}", contract["id"]));
        browser.find("[name='/vote']");
        browser.key(Key::Space);
        to("|/text");
        browser.keys("同意。");
        to("提交意见");
        browser.key(Key::Enter);
        browser.find(".done");
    }
    assert!(browser.path().starts_with(&panel), "{}", browser.path());
    assert!(browser.text("#opinions").contains("expert"));
}

#[test]
fn panels_and_self_audits_are_sound_at_every_width() {
    let app = App::start(Backend::Sqlite);
    let (first, second, third) = (referred(&app, 1), referred(&app, 2), referred(&app, 3));
    let panel = panel(&app, &[&first, &second]);
    app.confirmed(4);
    app.confirmed(5);
    app.person(Person::Reviewer2);
    let reviewer = app.person(Person::Reviewer);
    let body = json!({"title": "2026 年自查", "year": 2026, "design": {"kind": "random", "size": 2, "seed": "公开的种子"}, "auditors": ["reviewer2"]});
    let audit = format!(
        "/self-audits/{}",
        reviewer.post("/self-audits", &body).expect(201)["id"]
    );
    let items = reviewer.get(&format!("{audit}/items")).expect(200)["items"].clone();
    let auditor = app.person(Person::Reviewer2);
    for (n, item) in items.as_array().unwrap().iter().enumerate() {
        let finding = match n {
            0 => {
                json!({"item_id": item["id"], "verdict": "wrong", "ground": "duplicate", "note": "与另一项登记为同一合同"})
            }
            _ => json!({"item_id": item["id"], "verdict": "right"}),
        };
        auditor.post(&format!("{audit}/findings"), &finding).expect(201);
    }
    let browser = app.browser_of(Person::Reviewer);
    look(
        &browser,
        &[
            ("panels", "/expert-reviews".into()),
            ("convene", format!("/expert-reviews/new?contract={}", third["id"])),
            ("panel", panel.clone()),
            ("panel-edit", format!("{panel}/edit")),
            ("panel-recuse", format!("{panel}/recuse")),
            ("audits", "/self-audits".into()),
            ("audit-new", "/self-audits/new".into()),
            ("audit", audit.clone()),
            ("audit-item", format!("{audit}/items/{}", items[0]["id"])),
            ("audit-complete", format!("{audit}/complete")),
            ("audit-abandon", format!("{audit}/abandon")),
            ("audit-report", format!("{audit}/report")),
        ],
    );
    let body = |id: &Value| json!({"contract_id": id, "vote": "recognise", "text": "同意。\n理由如下：研制目标明确。"});
    for name in ["expert", "e1", "e2"] {
        for contract in [&first, &second] {
            let client = app.log_in(name);
            client
                .post(&format!("{panel}/opinions"), &body(&contract["id"]))
                .expect(201);
        }
    }
    let browser = app.browser_of(Person::Expert);
    look(
        &browser,
        &[
            ("expert-panel", panel.clone()),
            ("opinion", format!("{panel}/opinion?contract={}", first["id"])),
            ("close-voting", format!("{panel}/close-voting?contract={}", first["id"])),
        ],
    );
    let chair = app.log_in("expert");
    for contract in [&first, &second] {
        let body = json!({"contract_id": contract["id"]});
        chair.post(&format!("{panel}/close-voting"), &body).expect(200);
    }
    look(
        &browser,
        &[
            ("expert-panel-voted", panel.clone()),
            ("conclude", format!("{panel}/conclude?contract={}", first["id"])),
        ],
    );
    for contract in [&first, &second] {
        let body = json!({"contract_id": contract["id"], "reason": "一致同意"});
        chair.post(&format!("{panel}/conclude"), &body).expect(200);
    }
    look(
        &browser,
        &[("minutes", format!("{panel}/minutes")), ("panel-closed", panel)],
    );
    let browser = app.browser_of(Person::Reviewer2);
    look(&browser, &[("finding", format!("{audit}/items/{}", items[0]["id"]))]);
}

#[test]
fn the_rest_of_the_office_is_sound_at_every_width() {
    let app = App::start(Backend::Sqlite);
    app.confirmed(1);
    let administrator = app.person(Person::Administrator);
    let body = json!({"kind": "examination", "title": "2026 年登记员上岗考试", "held_on": "2026-06-01", "minutes": 90});
    let training = administrator.post("/trainings", &body).expect(201);
    let training = format!("/trainings/{}", training["id"]);
    let row = json!({"participants": [{"certificate_number": "DJY6620190044", "passed": true, "score": 90}]});
    administrator
        .post(&format!("{training}/participants"), &row)
        .expect(200);
    administrator
        .post("/registrars/DJY6620190008/suspend", &json!({"reason": "登记材料不实"}))
        .expect(200);
    let browser = app.browser_of(Person::Administrator);
    look(
        &browser,
        &[
            ("registrars", "/registrars".into()),
            ("registrar", "/registrars/DJY6620190008".into()),
            ("issue", "/registrars/new".into()),
            ("renew", "/registrars/DJY6620190044/renew".into()),
            ("trainings", "/trainings".into()),
            ("training", training.clone()),
            ("participants", format!("{training}/participants?rows=5")),
            ("users", "/users".into()),
            ("user", "/users/registrar".into()),
            ("user-new", "/users/new".into()),
            ("user-lock", "/users/registrar/lock".into()),
            ("agencies", "/agencies".into()),
            ("agency", "/agencies/660008/edit".into()),
            ("outbox", "/outbox".into()),
            ("help", "/help".into()),
        ],
    );
    app.person(Person::Expert);
    browser.open("/users/expert/password");
    browser.click("main button[type=submit]");
    browser.find("#password");
    browser.expect_sound();
    browser.picture("office-given");
    let browser = app.browser_of(Person::Auditor);
    look(
        &browser,
        &[
            ("ledger", "/ledger".into()),
            ("ledger-entry", "/ledger/1".into()),
            ("ledger-verified", "/ledger/verification".into()),
            ("account-ledger", "/account-ledger".into()),
        ],
    );
    let browser = app.browser_of(Person::Registrar);
    browser.open("/messages");
    browser.click("tbody a");
    browser.find("h1");
    browser.expect_sound();
    browser.picture("office-message");
    look(
        &browser,
        &[("messages", "/messages".into()), ("verify", "/verify".into())],
    );
}
