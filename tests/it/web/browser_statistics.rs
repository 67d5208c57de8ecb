//! Statistics in a real browser: every page sound at every width, nothing that moves, the statistician's job by mouse and by keyboard.

use fantoccini::key::Key;
use serde_json::json;

use crate::support::{App, Backend, Person, browser::Browser};

const YEAR: &str = "/statistics/2025";

fn looked_at(browser: &Browser<'_>, path: &str, name: &str) {
    for width in [1280, 360] {
        browser.resize(width, 900);
        browser.open(path);
        // What moves by its making moves each time; a table that a busy machine painted by halves does not.
        let still = (0..3).any(|again| {
            if again > 0 {
                browser.open(path);
            }
            moved(browser) <= 0.0
        });
        assert!(still, "{path} moves at {width}");
        browser.expect_sound();
        browser.picture(&format!("{name}-{width}"));
    }
    browser.resize(1280, 900);
}

/// How far things moved while the page was loaded.
fn moved(browser: &Browser<'_>) -> f64 {
    let script = "const done = arguments[arguments.length - 1]; let sum = 0; new PerformanceObserver(list => { for (const e of list.getEntries()) sum += e.value; })\
        .observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(sum), 400);";
    let found = browser.wait_for(script);
    found.as_f64().unwrap()
}

#[test]
fn pages_are_sound_at_every_width_and_nothing_moves() {
    let app = App::start(Backend::Sqlite);
    app.import_whole_sample();
    let browser = app.browser_of(Person::Statistician);
    for (path, name) in [
        ("", "statistics-board"),
        ("?quarter=2", "statistics-quarter"),
        ("/figures", "statistics-figures"),
        ("/figures/units.div_08.share", "statistics-figure"),
        ("/pivot", "statistics-pivot"),
        ("/report", "statistics-report"),
        ("/close", "statistics-close"),
        ("/paragraphs/new", "statistics-paragraph"),
    ] {
        looked_at(&browser, &format!("{YEAR}{path}"), name);
    }
    for (path, name) in [
        ("/statistics/check", "statistics-check"),
        ("/follow-ups", "follow-ups"),
        ("/follow-ups/new", "follow-up-new"),
        ("/activities", "activities"),
        ("/reference-figures", "reference-figures"),
    ] {
        looked_at(&browser, path, name);
    }
    // The first visit: the page, its style, its script.
    let script = "return performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource')).map(e => e.encodedBodySize)";
    browser.open(YEAR);
    let sizes = browser.ask(script, vec![]);
    let bytes: u64 = sizes
        .as_array()
        .unwrap()
        .iter()
        .map(|size| size.as_u64().unwrap())
        .sum();
    assert!((1..150_000).contains(&bytes), "{sizes}");
    browser.resize(2560, 1200);
    browser.open(YEAR);
    browser.expect_sound();
    browser.picture("statistics-board-2560");
}

#[test]
fn a_statistician_closes_the_year_and_follows_what_changes() {
    let app = App::start(Backend::Sqlite);
    app.import_whole_sample();
    let browser = app.browser_of(Person::Statistician);
    // By mouse: from the board to a figure to its contracts.
    browser.click_text("统计");
    browser.find(".totals");
    assert_eq!(browser.path(), YEAR);
    browser.click(".totals .big a");
    browser.find(".figure-value");
    assert_eq!(browser.text(".figure-value"), "1134 项");
    browser.click_text("封账");
    browser.find(".checklist");
    browser.fill("/checklist/contracts_decided", "年末在办合同于次年办结，计入次年。");
    // By keyboard from here: the note, the button.
    browser.key(Key::Tab);
    browser.keys("2025 年年报");
    browser.key(Key::Tab);
    browser.key(Key::Enter);
    browser.find(".edition");
    browser.expect_sound();
    browser.picture("statistics-editions");
    app.pass_seconds(60);
    let client = app.person(Person::Statistician);
    let contracts = client
        .get("/contracts?year=2025&state=confirmed&agency=660008&sort=id&limit=3")
        .expect(200);
    let reviewer = app.person(Person::Reviewer);
    for (number, contract) in contracts["items"].as_array().unwrap().iter().enumerate() {
        let body = json!({"ground": "duplicate", "document_number": format!("兵科撤〔2026〕{number}号")});
        reviewer.act(contract, "revoke", &body);
    }
    browser.click_text("重述");
    browser.find("main table");
    looked_at(
        &browser,
        &format!("{YEAR}/restatement?edition=1&figure=total.amount"),
        "statistics-restatement",
    );
    looked_at(&browser, &format!("{YEAR}/editions"), "statistics-editions");
}

#[test]
fn a_published_report_is_checked_by_mouse() {
    let app = App::start(Backend::Sqlite);
    app.import_whole_sample();
    let browser = app.browser_of(Person::Reviewer);
    browser.open("/statistics/check");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/statistics/report-2025.md");
    browser.choose("file", file);
    browser.click("main form.form button[type=submit]");
    browser.find("#report");
    for width in [1280, 360] {
        browser.resize(width, 900);
        browser.expect_sound();
        browser.picture(&format!("statistics-checked-{width}"));
    }
}
