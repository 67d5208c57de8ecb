//! Attachments dropped onto their place, as from the desktop: the browser's own drag and drop with files of this computer.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{App, Backend, Person, browser::Browser, papers::small_pdf};

/// Where the middle of something is in the window.
fn middle(browser: &Browser<'_>, css: &str) -> (f64, f64) {
    let script = "const e = document.querySelector(arguments[0]); e.scrollIntoView({block: 'center'});\
        const r = e.getBoundingClientRect(); return [(r.left + r.right) / 2, (r.top + r.bottom) / 2]";
    let at = browser.ask(script, vec![json!(css)]);
    (at[0].as_f64().unwrap(), at[1].as_f64().unwrap())
}

/// One step of dragging files over something.
fn drag(browser: &Browser<'_>, step: &str, css: &str, files: &[&Path]) {
    let (x, y) = middle(browser, css);
    let data = json!({"items": [], "files": files, "dragOperationsMask": 1});
    let event = json!({"type": step, "x": x, "y": y, "data": data});
    browser.devtools("Input.dispatchDragEvent", &event);
}

fn drop_files(browser: &Browser<'_>, css: &str, files: &[&Path]) {
    for step in ["dragEnter", "dragOver", "drop"] {
        drag(browser, step, css, files);
    }
}

fn attached(app: &App, contract: &Value) -> Vec<String> {
    let path = format!("/contracts/{}/attachments", contract["id"]);
    let found = app.person(Person::Registrar).get(&path).expect(200);
    let items = found["items"].as_array().unwrap();
    items
        .iter()
        .map(|a| a["file_name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_file_is_dropped_and_tells_how_far_it_is() {
    let app = App::start(Backend::Sqlite);
    let contract = app.draft(1);
    let folder = app.folder.path();
    let (paper, other, wrong) = (
        folder.join("立项批复.pdf"),
        folder.join("授权委托书.pdf"),
        folder.join("合同.exe"),
    );
    std::fs::write(&paper, small_pdf(77)).unwrap();
    std::fs::write(&other, small_pdf(78)).unwrap();
    std::fs::write(&wrong, b"MZ").unwrap();
    let browser = app.browser_of(Person::Registrar);
    browser.open(&format!("/contracts/{}/edit", contract["id"]));
    browser.fill("/project_name", "还没有保存的名称");
    // Everything that is told on the way.
    let watch = "window.told = []; const place = document.querySelector('form[data-attach]');\
        new MutationObserver(() => window.told.push([place.querySelector('.told').textContent, place.querySelector('progress').hidden]))\
            .observe(place, {subtree: true, childList: true, attributes: true})";
    browser.ask(watch, vec![]);
    let kind = browser.find("#attachments select");
    app.block_on(kind.select_by_value("plan_document")).unwrap();
    drag(&browser, "dragEnter", ".attach", &[&paper]);
    drag(&browser, "dragOver", ".attach", &[&paper]);
    browser.find(".attach.over");
    drag(&browser, "drop", ".attach", &[&paper]);
    browser.find("#attachments .papers li:nth-child(2)");
    assert!(browser.text("#attachments .papers").contains("立项批复.pdf"));
    assert!(browser.text("#attachments .papers").contains("计划立项文件"));
    assert_eq!(browser.text(".attach .told"), "附件已添加。");
    let told = browser.ask("return window.told", vec![]);
    let told = told.as_array().unwrap();
    assert!(
        told.iter().any(|t| t[0] == json!("正在上传") && t[1] == json!(false)),
        "{told:?}"
    );
    browser.find(".attach:not(.over) progress[hidden]");
    assert_eq!(attached(&app, &contract), ["合同文本.pdf", "立项批复.pdf"]);
    browser.expect_sound();

    // What is no paper is refused with the reason, beside its place.
    drop_files(&browser, ".attach", &[&wrong]);
    browser.find("#attachments .problem");
    assert!(
        browser.text("#attachments .problem").contains("合同.exe")
            || browser.text("#attachments .problem").contains("扩展名"),
        "{}",
        browser.text("#attachments")
    );
    // Several at once are not taken for one.
    drop_files(&browser, ".attach", &[&paper, &other]);
    assert!(
        browser.text(".attach .told").contains("一次"),
        "{}",
        browser.text(".attach")
    );
    assert_eq!(attached(&app, &contract).len(), 2);
    // Beside its place a file is not opened in place of what is typed.
    let watch = "window.kept = null; window.addEventListener('drop', e => { window.kept = e.defaultPrevented; })";
    browser.ask(watch, vec![]);
    drop_files(&browser, "h1", &[&other]);
    assert_eq!(browser.ask("return window.kept !== false", vec![]), json!(true));
    assert_eq!(
        browser.ask(
            "return document.querySelector('[name=\"/project_name\"]').value",
            vec![]
        ),
        json!("还没有保存的名称")
    );
    // The form is of the version that the paper made.
    browser.click("#entry button[value=draft]");
    browser.find(".done");
    assert_eq!(attached(&app, &contract).len(), 2);
    let now = app
        .person(Person::Registrar)
        .get(&format!("/contracts/{}", contract["id"]))
        .expect(200);
    assert_eq!(now["project_name"], "还没有保存的名称");
}

#[test]
fn who_adds_a_file_by_key_goes_on_from_there() {
    let app = App::start(Backend::Sqlite);
    let contract = app.draft(1);
    let paper = app.folder.path().join("立项批复.pdf");
    std::fs::write(&paper, small_pdf(77)).unwrap();
    let worker = app.worker(crate::support::hand::Hand::Keyboard, "registrar");
    worker.browser.open(&format!("/contracts/{}/edit", contract["id"]));
    worker.upload("file", paper.to_str().unwrap());
    worker.press_in("#attachments", "添加附件");
    worker.sees_in("#attachments", "附件已添加。");
    let within = "return document.getElementById('attachments').contains(document.activeElement)";
    assert_eq!(worker.browser.ask(within, vec![]), json!(true), "the focus is not lost");
}
