//! Files that are not taken: told on the page they came from, at their field, with what else was typed; in a real browser several at once.

use serde_json::Value;

use super::browser_entry::{says, wait_for};
use crate::support::{App, Backend, Page, Person, papers::small_pdf};

/// Bytes of a file at most here.
const MOST: usize = 100_000;

fn app() -> App {
    App::start_with(Backend::Sqlite, "2026-06-15T12:00:00+08:00", |settings| {
        settings.files.max_bytes = MOST as u64;
    })
}

/// A PDF, and too large.
fn large() -> Vec<u8> {
    let mut bytes = small_pdf(1);
    bytes.resize(3 * MOST, b' ');
    bytes
}

/// The page tells it above and at the field.
#[track_caller]
fn told(page: &Page, what: &str) {
    assert!(page.texts("#problem").concat().contains(what), "{}", page.text);
    assert!(
        page.texts(".field.wrong .error").concat().contains(what),
        "{:?}",
        page.texts(".error")
    );
    assert!(page.links().iter().any(|l| l == "#ffile"), "{:?}", page.links());
}

#[test]
fn a_file_that_is_not_taken_is_told_where_it_was_chosen() {
    let app = app();
    let (draft, confirmed) = (app.draft(1), app.confirmed(2));
    let pages = app.pages_of(Person::Registrar);
    let (large, words) = (large(), "不得超过 100000 字节");
    for (page, action) in [
        (
            format!("/contracts/{}/edit", draft["id"]),
            format!("/contracts/{}/attachments", draft["id"]),
        ),
        (
            format!("/contracts/{}/submit", draft["id"]),
            format!("/contracts/{}/attachments", draft["id"]),
        ),
        (
            format!("/contracts/{}", confirmed["id"]),
            format!("/contracts/{}/attachments", confirmed["id"]),
        ),
    ] {
        let from = pages.get(&page).expect(200);
        let kind = [("kind", "ip_proof")];
        let refused = pages.upload(&from, &action, &kind, ("大文件.pdf", &large)).expect(422);
        told(&refused, words);
        assert_eq!(refused.form(&action).value("kind"), Some("ip_proof"), "{page}");
        let refused = pages.upload(&from, &action, &kind, ("程序.exe", b"MZ")).expect(422);
        assert!(refused.links().iter().any(|l| l == "#ffile"), "{page}");
        assert_eq!(refused.form(&action).value("kind"), Some("ip_proof"), "{page}");
        let refused = pages.upload(&from, &action, &kind, ("", b"")).expect(422);
        told(&refused, "此项必填");
        // From the page that tells it, it goes on.
        let added = pages
            .upload(&refused, &action, &[], ("补充.pdf", &small_pdf(7)))
            .expect(200);
        assert!(added.says("补充.pdf"), "{}", added.text);
    }
    let statistician = app.pages_of(Person::Statistician);
    let from = statistician.get("/imports").expect(200);
    let refused = statistician
        .upload(&from, "/imports", &[("/kind", "reference")], ("台账.csv", &large))
        .expect(422);
    told(&refused, words);
    assert_eq!(refused.form("/imports").value("/kind"), Some("reference"));
    let from = statistician.get("/statistics/check").expect(200);
    let refused = statistician
        .upload(&from, "/statistics/check", &[("/year", "2024")], ("年报.md", &large))
        .expect(422);
    told(&refused, words);
    assert_eq!(refused.form("/statistics/check").value("/year"), Some("2024"));
    // What is larger by far is not read to its end.
    let huge = vec![b' '; 6 * MOST];
    statistician
        .upload(&from, "/statistics/check", &[], ("年报.md", &huge))
        .expect(413);
}

#[test]
fn in_a_browser_of_several_files_the_good_ones_stay() {
    let app = app();
    let draft = app.draft(1);
    let browser = app.browser_of(Person::Registrar);
    browser.open(&format!("/contracts/{}/edit", draft["id"]));
    let file = |name: &str, content: &[u8]| {
        let path = app.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let paths = [
        file("价款说明一.pdf", &small_pdf(11)),
        file("太大.pdf", &large()),
        file("不是.pdf", b"MZ not a document"),
        file("价款说明二.pdf", &small_pdf(12)),
    ];
    browser.fill("/seller/name", "还没有保存的卖方");
    browser.click("#fkind");
    let kind = browser.find("[name=kind]");
    app.block_on(kind.select_by_value("ip_proof")).unwrap();
    browser.choose("file", &paths.join("\n"));
    browser.click("[data-attach] button");
    wait_for(&browser, "told", || {
        says(&browser, "#attachments", "2 个附件已添加。2 个没有添加")
    });
    for name in ["价款说明一.pdf", "价款说明二.pdf"] {
        assert!(says(&browser, ".papers", name), "{name}");
    }
    let told = browser.text("#attachments .field.wrong .error");
    assert!(told.contains("太大.pdf：") && told.contains("不是.pdf："), "{told}");
    assert_eq!(
        browser.ask(
            "return document.activeElement.id + document.querySelector('[name=kind]').value",
            vec![]
        ),
        Value::from("ffileip_proof")
    );
    browser.expect_sound();
    browser.picture("files-refused");
    // What else was typed is there, and is saved on the version that the files made.
    browser.click(".side button[value=draft]");
    wait_for(&browser, "saved", || browser.path().ends_with("done=saved"));
    let saved = app
        .person(Person::Registrar)
        .get(&format!("/contracts/{}", draft["id"]))
        .expect(200);
    assert_eq!(saved["seller"]["name"], "还没有保存的卖方");
}

#[test]
fn in_a_browser_a_return_has_as_many_rows_as_are_needed() {
    let app = App::start(Backend::Sqlite);
    let contract = app.claimed(1);
    let browser = app.browser_of(Person::Reviewer);
    let here = format!("/contracts/{}/return", contract["id"]);
    browser.open(&here);
    let rows = || {
        browser
            .ask(
                "return Array.from(document.querySelectorAll('[data-row]')).filter(f => !f.hidden).length / 2",
                vec![],
            )
            .as_i64()
            .unwrap()
    };
    assert_eq!(rows(), 1);
    browser.fill("/reason", "多处有误");
    for n in 0..10 {
        let field = browser.find(&format!("#f-items-{n}-pointer"));
        app.block_on(field.send_keys("jsjy")).unwrap();
        let words = browser.find(&format!("#f-items-{n}-detail"));
        // Leaving the list chooses what was found.
        app.block_on(words.click()).unwrap();
        app.block_on(words.send_keys(&format!("意见 {n}"))).unwrap();
        assert_eq!(rows(), n + 2);
    }
    browser.expect_sound();
    browser.picture("return-rows");
    // A row without its words, by the button.
    browser.click_text("再加一项");
    assert_eq!(rows(), 12);
    let field = browser.find("#f-items-11-pointer");
    app.block_on(field.send_keys("内容摘要")).unwrap();
    browser.click("main form button[type=submit]");
    wait_for(&browser, "refused", || says(&browser, "#problem", "第 11 项：意见"));
    assert!(says(&browser, ".field.wrong", "第 11 项"));
    browser.fill("/items/10/detail", "补上");
    browser.click("main form button[type=submit]");
    wait_for(&browser, "returned", || browser.path().ends_with("done=return"));
    let after = app
        .person(Person::Auditor)
        .get(&format!("/contracts/{}", contract["id"]))
        .expect(200);
    let items = after["returned"]["items"].as_array().unwrap();
    assert_eq!(
        (items.len(), items[0]["pointer"].as_str()),
        (11, Some("/technology_amount_fen"))
    );
    assert_eq!(items[10]["pointer"], "/summary");
}

#[test]
fn in_a_browser_an_attachment_stands_beside_the_fields() {
    let app = App::start(Backend::Sqlite);
    let contract = app.claimed(1);
    let here = format!("/contracts/{}", contract["id"]);
    let pages = app.pages_of(Person::Reviewer);
    let page = pages.get(&here).expect(200);
    let to = page.links().into_iter().find(|l| l.contains("?paper=")).unwrap();
    assert!(!page.header("content-security-policy").unwrap().contains("frame-src"));
    let beside = pages.get(to.split('#').next().unwrap()).expect(200);
    assert!(
        beside
            .header("content-security-policy")
            .unwrap()
            .ends_with("frame-src 'self'")
    );
    let framed = pages
        .get(beside.attributes("iframe", "src")[0].split('#').next().unwrap())
        .expect(200);
    assert_eq!(framed.header("x-frame-options"), Some("SAMEORIGIN"));
    assert!(
        framed
            .header("content-security-policy")
            .unwrap()
            .contains("frame-ancestors 'self'")
    );
    pages.get(&format!("{here}?paper=999")).expect(404);
    pages.get(&format!("{here}?paper=x")).expect(422);
    app.pages_of(Person::OtherRegistrar)
        .get(to.split('#').next().unwrap())
        .expect(404);
    let browser = app.browser_of(Person::Reviewer);
    for width in [360, 1280] {
        browser.resize(width, 900);
        browser.open(&here);
        browser.click_text("并排查看");
        browser.find(".paper-beside iframe");
        browser.expect_sound();
        browser.picture(&format!("paper-beside-{width}"));
    }
}
