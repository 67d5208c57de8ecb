//! A registrar's job in a real browser: by keyboard alone and counted, by mouse, without scripts, with a session that runs out.

use fantoccini::{
    actions::{InputSource as _, KeyAction, KeyActions},
    key::Key,
};
use serde_json::{Value, json};

use super::entry::typed;
use crate::support::{
    App, Backend, PASSWORD, Person, browser::Browser, complete_contract, hand::typed_day, papers::small_pdf,
};

/// Key strokes beyond the typed values, at most.
const MOST_KEYS: usize = 90;

/// Someone at the keyboard, who counts.
struct Typist<'a> {
    app: &'a App,
    browser: &'a Browser<'a>,
    keys: usize,
}

impl Typist<'_> {
    /// A value: not counted.
    fn value(&self, text: &str) {
        self.browser.keys(text);
    }

    fn press(&mut self, key: Key) {
        self.keys += 1;
        let value = char::from(key);
        // As from a keyboard: what is sent to a field for files would be taken for a path.
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value });
        self.app.block_on(self.browser.client.perform_actions(keys)).unwrap();
    }

    /// Letters that choose: counted, each.
    fn choose(&mut self, letters: &str) {
        self.keys += letters.chars().count();
        self.browser.keys(letters);
    }

    #[track_caller]
    fn tab_to(&mut self, id: &str) {
        self.go_to(id, Key::Tab);
    }

    fn active(&self) -> String {
        let ask = "const a = document.activeElement; return a.id || a.name || a.textContent.trim()";
        self.browser.ask(ask, vec![]).as_str().unwrap().to_owned()
    }

    /// On to a field or button, each key counted.
    #[track_caller]
    fn go_to(&mut self, id: &str, key: Key) {
        for _ in 0..8 {
            self.press(key);
            if self.active() == id {
                return;
            }
        }
        panic!("not at {id}, but at {}", self.active());
    }
}

fn text_file(app: &App, n: u32) -> String {
    let path = app.folder.path().join("合同文本.pdf");
    std::fs::write(&path, small_pdf(n)).unwrap();
    path.display().to_string()
}

fn state_of(app: &App, id: &str) -> Value {
    app.person(Person::Registrar)
        .get(&format!("/contracts/{id}"))
        .expect(200)["state"]
        .clone()
}

pub fn wait_for(browser: &Browser<'_>, what: &str, is: impl Fn() -> bool) {
    for _ in 0..200 {
        if is() {
            return;
        }
        browser.ask("return 1", vec![]);
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("{}: never {what}", browser.path());
}

/// Whether a text stands in a part of the page that is open, whichever that is by now.
pub fn says(browser: &Browser<'_>, css: &str, text: &str) -> bool {
    let ask = "const e = document.querySelector(arguments[0]); return !!e && e.innerText.includes(arguments[1])";
    browser.ask(ask, vec![json!(css), json!(text)]) == json!(true)
}

fn sound_at_both_widths(browser: &Browser<'_>, name: &str) {
    for width in [360, 1280] {
        browser.resize(width, 900);
        browser.expect_sound();
        browser.picture(&format!("{name}-{width}"));
    }
}

#[test]
fn a_complete_contract_takes_few_keys() {
    let app = App::start(Backend::Sqlite);
    let browser = app.browser_of(Person::Registrar);
    browser.open("/contracts/new");
    let contract = complete_contract(1);
    let text = |pointer: &str| contract.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let mut t = Typist {
        app: &app,
        browser: &browser,
        keys: 0,
    };
    assert_eq!(t.active(), "f-project-name", "the page begins at the first field");
    t.value(&text("/project_name"));
    for (field, letters) in [("f-type", "kf"), ("f-subtype", "wt"), ("f-unit", "bs")] {
        t.tab_to(field);
        t.choose(letters);
    }
    for side in ["seller", "buyer"] {
        for field in [
            "name",
            "uscc",
            "kind",
            "region",
            "legal_representative",
            "address",
            "contact",
            "phone",
        ] {
            t.tab_to(&format!("f-{side}-{}", field.replace('_', "-")));
            match field {
                "kind" => t.choose("qy"),
                _ => t.value(&text(&format!("/{side}/{field}"))),
            }
        }
    }
    t.tab_to("f-buyer-unit");
    t.choose("ys");
    for field in ["signed_on", "begins_on", "ends_on"] {
        t.tab_to(&format!("f-{}", field.replace('_', "-")));
        t.value(&typed_day(&browser, &text(&format!("/{field}"))));
    }
    // Enter leads on as Tab does, past the parts of a date at once.
    t.go_to("f-amount-fen", Key::Enter);
    t.value("1200000");
    t.tab_to("f-technology-amount-fen");
    t.value("1000000");
    t.tab_to("f-payment-mode");
    t.choose("fq");
    for (field, letters) in [("f-field", "ny"), ("f-objective", "nl"), ("f-ip-kind", "js")] {
        t.tab_to(field);
        t.choose(letters);
    }
    t.tab_to("/related_party");
    t.choose(" ");
    t.tab_to("f-plan-source");
    t.choose("w");
    t.tab_to("f-summary");
    t.value(&text("/summary"));
    t.tab_to("_go");
    t.press(Key::Enter);
    browser.find("#decision-title");
    let id = browser.path().split('/').nth(2).unwrap().to_owned();
    assert!(
        browser.text("main").contains("缺少必备附件"),
        "{}",
        browser.text("main")
    );
    t.tab_to("ffile");
    // The dialog of the system is opened by a key; the path is what is typed there.
    t.keys += 1;
    t.value(&text_file(&app, 1));
    t.press(Key::Tab);
    t.press(Key::Enter);
    wait_for(&browser, "attached", || browser.path().ends_with("done=attached"));
    browser.find("#decision-title");
    t.press(Key::Tab);
    assert_eq!(t.active(), "提交");
    t.press(Key::Enter);
    wait_for(&browser, "submitted", || {
        browser.path() == format!("/contracts/{id}?done=submit")
    });
    let stored = app
        .person(Person::Registrar)
        .get(&format!("/contracts/{id}"))
        .expect(200);
    assert_eq!(stored["state"], "submitted");
    for (name, value) in contract.as_object().unwrap() {
        match value.as_object() {
            Some(party) => party
                .iter()
                .for_each(|(inner, value)| assert_eq!(&stored[name][inner], value, "{name}/{inner}")),
            None => assert_eq!(&stored[name], value, "{name}"),
        }
    }
    println!("{} key strokes beyond the typed values", t.keys);
    assert!(t.keys <= MOST_KEYS, "{} key strokes", t.keys);
}

#[test]
fn a_registrar_works_by_mouse_and_is_told_while_typing() {
    let app = App::start(Backend::Sqlite);
    let registrar = app.person(Person::Registrar);
    registrar.post("/contracts", &complete_contract(1)).expect(201);
    app.submitted(2);
    let browser = app.browser_of(Person::Registrar);
    browser.open("/contracts/new");
    sound_at_both_widths(&browser, "entry-new");
    // A wrong code is told as soon as one leaves the field, where it stands.
    browser.fill(
        "/project_name",
        "<script>document.title='run'</script>棉田残膜回收装备研制（2）",
    );
    browser.fill("/seller/uscc", "91650102LAB931P57X");
    browser.click("#f-seller-name");
    wait_for(&browser, "told", || says(&browser, "#seller", "校验位"));
    assert!(
        !browser.text("#seller").contains("缺少卖方性质"),
        "nobody was there yet"
    );
    // A party is proposed and fills in what is known of it.
    browser.fill("/buyer/name", "一师某某农场");
    browser.find("#parties-buyer option");
    let name = complete_contract(1)["buyer"]["name"].as_str().unwrap().to_owned();
    browser.fill("/buyer/name", &name);
    wait_for(&browser, "filled in", || {
        browser.ask(
            "return document.querySelector('[name=\"/buyer/region\"]').value",
            vec![],
        ) == json!("659002")
    });
    assert_eq!(
        browser.ask("return document.getElementById('f-buyer-unit').value", vec![]),
        json!("一师")
    );
    // Amounts are read in words, the rest is reckoned.
    browser.fill("/amount_fen", "1200000");
    browser.fill("/technology_amount_fen", "1000000");
    wait_for(&browser, "read in words", || {
        says(&browser, "#terms", "壹佰贰拾万元整") && says(&browser, "#terms", "贰拾万元整")
    });
    // A list by mouse; the subtypes follow the type.
    browser.click("#f-type");
    browser.click("#f-type-list li:nth-child(2)");
    browser.click("#f-subtype");
    assert!(
        !browser.text("#f-subtype-list").contains("委托开发"),
        "{}",
        browser.text("#f-subtype-list")
    );
    sound_at_both_widths(&browser, "entry-typing");
    browser.click(".side button[value=draft]");
    wait_for(&browser, "refused", || says(&browser, "main", "处错误"));
    sound_at_both_widths(&browser, "entry-refused");
    browser.fill("/seller/uscc", "");
    browser.click(".side button[value=draft]");
    wait_for(&browser, "saved", || browser.path().ends_with("edit?done=saved"));
    assert_ne!(browser.ask("return document.title", vec![]), json!("run"));
    let id = browser.path().split('/').nth(2).unwrap().to_owned();
    // A draft keeps itself.
    browser.fill(
        "/project_name",
        "<script>document.title='run'</script>棉田残膜回收装备研制（3）",
    );
    browser.ask("window.dispatchEvent(new Event('blur'))", vec![]);
    wait_for(&browser, "kept", || says(&browser, "#kept", "已自动保存 12:00"));
    let kept = registrar.get(&format!("/contracts/{id}")).expect(200);
    assert!(kept["project_name"].as_str().unwrap().ends_with("（3）"));
    // A file goes up without leaving the form, and the form can still be saved.
    browser.fill("/seller/name", "还没有保存的卖方");
    let file = browser.find("[name=file]");
    app.block_on(file.send_keys(&text_file(&app, 3))).unwrap();
    browser.click("[data-attach] button");
    wait_for(&browser, "attached", || says(&browser, "#attachments", "合同文本.pdf"));
    sound_at_both_widths(&browser, "entry-edit");
    browser.click(".side button[value=check]");
    wait_for(&browser, "at the check", || {
        browser.path().ends_with("submit?done=saved")
    });
    assert!(says(&browser, "main", "还没有保存的卖方"));
    sound_at_both_widths(&browser, "entry-check");
    browser.open(&format!("/contracts/{id}/edit?check=1"));
    sound_at_both_widths(&browser, "entry-marked");
    browser.open(&format!("/contracts/{id}/attachments/2/remove"));
    browser.expect_sound();
    browser.open(&format!("/contracts/{id}/compare/1"));
    sound_at_both_widths(&browser, "entry-compare");
    browser.open("/contracts/paste");
    browser.fill("/row", "合同名称,合同类别,签订日期");
    browser.click("button[value=read]");
    browser.find("#problem");
    sound_at_both_widths(&browser, "entry-paste");
}

#[test]
fn without_scripts_a_contract_is_entered_and_submitted() {
    let app = App::start(Backend::Sqlite);
    app.person(Person::Registrar);
    let browser = app.browser_without_script();
    browser.log_in("registrar");
    browser.open("/contracts/new");
    assert_eq!(browser.text("[name=\"/cross_border\"] option:checked"), "境内");
    for (name, value) in typed(1) {
        match name.as_str() {
            "/related_party" => browser.click(&format!("[name=\"{name}\"][value={value}]")),
            "/signed_on" | "/begins_on" | "/ends_on" => {
                let element = browser.find(&format!("[name=\"{name}\"]"));
                app.block_on(element.send_keys(&typed_day(&browser, &value))).unwrap();
            }
            "/type" | "/subtype" | "/unit" | "/field" | "/plan_source" | "/ip_kind" | "/objective"
            | "/payment_mode" | "/cross_border" | "/seller/kind" | "/buyer/kind" | "/buyer/unit" => {
                let select = browser.find(&format!("[name=\"{name}\"]"));
                app.block_on(select.select_by_value(&value)).unwrap();
            }
            _ => browser.fill(&name, &value),
        }
    }
    browser.picture("entry-plain");
    browser.click("form#entry button[value=check]");
    browser.find("#decision-title");
    let id = browser.path().split('/').nth(2).unwrap().to_owned();
    let file = browser.find("[name=file]");
    app.block_on(file.send_keys(&text_file(&app, 1))).unwrap();
    browser.click("form.attach button");
    wait_for(&browser, "attached", || browser.path().ends_with("done=attached"));
    browser.picture("entry-ready");
    browser.click(".decision button");
    wait_for(&browser, "submitted", || {
        browser.path() == format!("/contracts/{id}?done=submit")
    });
    assert_eq!(state_of(&app, &id), "submitted");
}

#[test]
fn a_session_that_ran_out_while_typing_loses_nothing() {
    let app = App::start(Backend::Sqlite);
    let browser = app.browser_of(Person::Registrar);
    browser.open("/contracts/new");
    browser.fill("/project_name", "打了很久的合同");
    app.pass_seconds(3600);
    browser.click("#f-summary");
    browser.click("#f-project-name");
    wait_for(&browser, "told", || says(&browser, "#kept", "登录已失效"));
    browser.click(".side button[value=draft]");
    browser.find("[name=password]");
    browser.fill("username", "registrar");
    browser.fill("password", PASSWORD);
    browser.click("main button[type=submit]");
    // Back at the form, filled, and nothing sent yet.
    wait_for(&browser, "shown again", || says(&browser, "main .notice", "尚未提交"));
    let drafts = app.person(Person::Registrar).get("/contracts?state=draft").expect(200);
    assert_eq!(drafts["items"], json!([]));
    browser.click(".side button[value=draft]");
    wait_for(&browser, "saved", || browser.path().ends_with("edit?done=saved"));
    assert_eq!(
        browser.ask(
            "return document.querySelector('[name=\"/project_name\"]').value",
            vec![]
        ),
        json!("打了很久的合同")
    );
}
