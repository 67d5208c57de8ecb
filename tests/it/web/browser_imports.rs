//! Imports in a real browser: a whole register by the file dialog; wrong cells without script.

use crate::{
    intake::{contract, file, register},
    support::{App, Backend, Person},
};

#[test]
fn an_administrator_imports_a_register() {
    let app = App::start(Backend::Sqlite);
    let browser = app.browser_of(Person::Administrator);
    let sample = format!("{}/config/demo/contracts-2025.csv", env!("CARGO_MANIFEST_DIR"));
    browser.click_text("导入");
    browser.find("#upload");
    for width in [360, 1280] {
        browser.resize(width, 900);
        browser.expect_sound();
        browser.picture(&format!("imports-{width}"));
    }
    browser.click("input[value=register]");
    let input = browser.find("input[type=file]");
    app.block_on(input.send_keys(&sample)).unwrap();
    browser.click_text("上传");
    browser.find(".import-state");
    browser.picture("import-running");
    browser.expect_sound();
    // The page comes to its end by itself.
    browser.find("#next");
    assert!(browser.text("main").contains("试运行通过"), "{}", browser.text("main"));
    for width in [360, 1280] {
        browser.resize(width, 900);
        browser.expect_sound();
        browser.picture(&format!("import-tried-{width}"));
    }
    browser.click_text("正式导入");
    let started = std::time::Instant::now();
    while !browser.text("main").contains("导入完成") {
        assert!(started.elapsed().as_secs() < 120, "{}", browser.text("main"));
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    browser.expect_sound();
    browser.picture("import-done");
    browser.click_text("返回导入");
    browser.find("tbody tr");
    for width in [360, 1280] {
        browser.resize(width, 900);
        browser.expect_sound();
        browser.picture(&format!("imports-listed-{width}"));
    }
}

#[test]
fn wrong_cells_are_read_without_script() {
    let app = App::start(Backend::Sqlite);
    let rows = (1..40).map(|n| {
        let wrong: &[(&str, &str)] = if n % 3 == 0 {
            &[("合同类别", "技术研发"), ("签订日期", "2025年2月30日")]
        } else {
            &[("归属单位", "新疆生产建设兵团第十五师某某团场某某连队技术推广服务站")]
        };
        contract(&n.to_string(), wrong)
    });
    let path = file(&app, "台账", &register(rows.collect()));
    app.person(Person::Administrator);
    let browser = app.browser_without_script();
    browser.log_in(Person::Administrator.username());
    browser.open("/imports");
    browser.click("input[value=register]");
    let input = browser.find("input[type=file]");
    app.block_on(input.send_keys(path.to_str().unwrap())).unwrap();
    browser.click_text("上传");
    browser.find("#marked");
    for width in [360, 1280] {
        browser.resize(width, 900);
        browser.picture(&format!("import-wrong-{width}"));
    }
    let browser = app.browser_of(Person::Administrator);
    browser.open("/imports/1");
    for width in [360, 1280] {
        browser.resize(width, 900);
        browser.expect_sound();
    }
}
