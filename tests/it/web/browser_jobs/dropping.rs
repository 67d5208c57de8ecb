//! Attachments dropped onto their place, as from the desktop: the browser's own drag and drop with files of this computer.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{App, Backend, Person, browser::Browser, hand::Hand, papers::small_pdf};

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

fn choose_kind(app: &App, browser: &Browser<'_>) {
    let kind = browser.find("#attachments select");
    app.block_on(kind.select_by_value("plan_document")).unwrap();
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
    let (paper, other, third, wrong) = (
        folder.join("立项批复.pdf"),
        folder.join("授权委托书.pdf"),
        folder.join("补充说明.pdf"),
        folder.join("合同.exe"),
    );
    std::fs::write(&paper, small_pdf(77)).unwrap();
    std::fs::write(&other, small_pdf(78)).unwrap();
    std::fs::write(&third, small_pdf(79)).unwrap();
    std::fs::write(&wrong, b"MZ").unwrap();
    let browser = app.browser_of(Person::Registrar);
    browser.open(&format!("/contracts/{}/edit", contract["id"]));
    browser.fill("/project_name", "还没有保存的名称");
    // Everything that is told on the way.
    let watch = "window.told = []; const place = document.querySelector('form[data-attach]');\
        new MutationObserver(() => window.told.push([place.querySelector('.told').textContent, place.querySelector('progress').hidden]))\
            .observe(place, {subtree: true, childList: true, attributes: true})";
    browser.ask(watch, vec![]);
    choose_kind(&app, &browser);
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
        told.iter()
            .any(|t| t[0] == json!("正在上传 立项批复.pdf") && t[1] == json!(false)),
        "{told:?}"
    );
    browser.find(".attach:not(.over) progress[hidden]");
    assert_eq!(attached(&app, &contract), ["合同文本.pdf", "立项批复.pdf"]);
    browser.expect_sound();

    // Without its kind nothing is sent.
    let told = || browser.text(".attach .told");
    drop_files(&browser, ".attach", &[&other]);
    assert_eq!(told(), "请先选择附件类别。");
    // What is no paper is refused with the reason, beside its place.
    choose_kind(&app, &browser);
    drop_files(&browser, ".attach", &[&wrong]);
    browser.find("#attachments .field.wrong .error");
    let reason = browser.text("#attachments .field.wrong .error");
    assert!(
        reason.contains("合同.exe：") && reason.contains("只接受 PDF") && !reason.contains("附件类别"),
        "{reason}"
    );
    assert_eq!(told(), "没有添加，原因见文件一栏。");
    assert_eq!(attached(&app, &contract).len(), 2);
    // Several at once are taken one by one.
    drop_files(&browser, ".attach", &[&other, &wrong, &third]);
    browser.find("#attachments .papers li:nth-child(4)");
    assert_eq!(told(), "2 个附件已添加。1 个没有添加，原因见文件一栏。");
    assert_eq!(attached(&app, &contract).len(), 4);
    // Beside its place a file is not opened instead of the page.
    let watch = "window.kept = []; window.addEventListener('dragover', e => window.kept.push(e.defaultPrevented))";
    browser.ask(watch, vec![]);
    drop_files(&browser, "h1", &[&other]);
    let kept = browser.ask("return window.kept.length > 0 && window.kept.every(k => k)", vec![]);
    assert_eq!(kept, json!(true));
    let name = "return document.querySelector('[name=\"/project_name\"]').value";
    assert_eq!(browser.ask(name, vec![]), json!("还没有保存的名称"));
    // The form is of the version that the paper made.
    browser.click("#entry button[value=draft]");
    browser.find(".done");
    assert_eq!(attached(&app, &contract).len(), 4);
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
    let (paper, wrong) = (
        app.folder.path().join("立项批复.pdf"),
        app.folder.path().join("合同.exe"),
    );
    std::fs::write(&paper, small_pdf(77)).unwrap();
    std::fs::write(&wrong, b"MZ").unwrap();
    let worker = app.worker(Hand::Keyboard, "registrar");
    worker.browser.open(&format!("/contracts/{}/edit", contract["id"]));
    let focused = |css: &str| {
        let script = "return document.activeElement.matches(arguments[0])";
        assert_eq!(
            worker.browser.ask(script, vec![json!(css)]),
            json!(true),
            "the focus is not at {css}"
        );
    };
    let add = |file: &Path| {
        worker.upload("file", file.to_str().unwrap());
        worker.press_in("#attachments", "添加附件");
    };
    add(&paper);
    worker.sees_in("#attachments", "请先选择附件类别。");
    focused("#attachments select");
    worker.choose("kind", "plan_document");
    add(&paper);
    worker.sees_in("#attachments", "附件已添加。");
    focused("#attachments input[type=file]");
    worker.choose("kind", "other");
    add(&wrong);
    worker.sees_in("#attachments", "没有添加，原因见文件一栏。");
    focused("#attachments input[type=file]");
    worker.leave();
}
