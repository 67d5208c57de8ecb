//! The manual's pictures, taken in a real browser: the main pages of each role on the sample register. `UPDATE_PICTURES=1` writes them to
//! `docs/pictures`; otherwise the pages must still say what they said when the pictures were taken (`snapshots/pictures.txt`), which does
//! not depend on a machine's fonts, and the files must be those that were taken then.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf};

use dengji::domain::{account::Role, ledger::sha256_hex};
use serde_json::{Value, json};

use super::browser_entry::{says, wait_for};
use crate::{
    intake::{contract, file, register},
    support::{App, Backend, Person, attach_text, browser::Browser, complete_contract},
};

/// Width of the window.
const WIDTH: u32 = 1_040;

/// Most height of a picture.
const HEIGHT: u32 = 1_000;

/// Most bytes of a picture, and of all.
const MOST: (usize, usize) = (80_000, 1_000_000);

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/pictures")
}

fn updating() -> bool {
    std::env::var_os("UPDATE_PICTURES").is_some()
}

/// What was taken: for each picture a line with its file's sum and size, and one with the page's words.
#[derive(Default)]
struct Album {
    taken: BTreeMap<String, String>,
}

impl Album {
    /// Takes a picture of the page that is open, from one element to another.
    #[track_caller]
    fn take(&mut self, browser: &Browser<'_>, name: &str, from: &str, to: &str) {
        let part = browser.part(from, to, HEIGHT);
        let path = folder().join(format!("{name}.png"));
        if updating() {
            fs::write(&path, browser.cut(&part)).unwrap();
        }
        browser.resize(WIDTH, 900);
        let content = fs::read(&path).unwrap_or_else(|e| panic!("{name}: {e}; UPDATE_PICTURES=1 takes the pictures"));
        let size = |at: usize| u32::from_be_bytes(content[at..at + 4].try_into().unwrap());
        assert_eq!(size(16), part.width, "{name} is as wide as the page");
        let (now, then) = (i64::from(part.height), i64::from(size(20)));
        assert!(
            (now - then).abs() * 4 < then,
            "{name}: {then} pixels high and now {now}"
        );
        assert!(content.len() <= MOST.0, "{name}: {} bytes", content.len());
        let line = format!("{} {} × {}\n  {}", sha256_hex(&content), size(16), then, part.words);
        assert!(self.taken.insert(name.to_owned(), line).is_none(), "{name} twice");
    }

    /// Opens a page and takes it.
    #[track_caller]
    fn page(&mut self, browser: &Browser<'_>, name: &str, path: &str, from: &str, to: &str) {
        browser.open(path);
        self.take(browser, name, from, to);
    }

    /// Nothing else lies there, and all is as it was.
    fn compare(&self) {
        let mut there: Vec<String> = fs::read_dir(folder())
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        there.sort();
        let taken: Vec<String> = self.taken.keys().map(|name| format!("{name}.png")).collect();
        assert_eq!(there, taken);
        let bytes: u64 = fs::read_dir(folder())
            .unwrap()
            .map(|e| e.unwrap().metadata().unwrap().len())
            .sum();
        assert!(bytes <= MOST.1 as u64, "{bytes} bytes in all");
        let mut text = String::from("# The manual's pictures: sum of the file, its size, what the page says there.\n");
        for (name, line) in &self.taken {
            writeln!(text, "{name} {line}").unwrap();
        }
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots/pictures.txt");
        if updating() {
            fs::write(&path, &text).unwrap();
        }
        let reviewed = fs::read_to_string(&path).unwrap_or_default();
        for (found, reviewed) in text.lines().zip(reviewed.lines().chain(std::iter::repeat("(nothing)"))) {
            assert_eq!(
                found, reviewed,
                "the page or its picture is not what it was; UPDATE_PICTURES=1 takes the pictures again"
            );
        }
        assert_eq!(text.lines().count(), reviewed.lines().count());
    }
}

/// What is there: contracts in several states.
struct Things {
    draft: Value,
    returned: Value,
    reviewed: Value,
    confirmed: Value,
    request: String,
    panel: String,
    audit: String,
    code: String,
}

fn things(app: &App) -> Things {
    app.import_whole_sample();
    let (registrar, reviewer) = (app.person(Person::Registrar), app.person(Person::Reviewer));
    app.person(Person::Reviewer2);
    let confirmed = app.confirmed(1);
    let path = format!("/contracts/{}", confirmed["id"]);
    assert_eq!(registrar.get(&format!("{path}/certificate.pdf")).status, 200);
    let history = registrar.get(&format!("{path}/history")).expect(200);
    let history = history.as_array().unwrap();
    let issued = history.iter().find(|e| e["action"] == "issue_registration_certificate");
    let code = issued.unwrap()["changes"][0]["to"].as_str().unwrap().to_owned();
    let amend = json!({"kind": "amend", "changes": {"project_name": "棉田残膜回收装备研制与试验", "ends_on": "2028-12-31"}, "reason": "双方签订补充协议，延长履行期限"});
    let version = confirmed["version"].as_i64().unwrap();
    let request = registrar
        .post_at(&format!("{path}/change-requests"), version, &amend)
        .expect(201);
    let asked =
        json!({"reason": "内容摘要过于简略。", "items": [{"pointer": "/summary", "detail": "请写明交付的成果"}]});
    let returned = reviewer.act(&app.claimed(2), "return", &asked);
    let submitted = registrar.act(&entered(app, 3), "submit", &json!({}));
    let mended = reviewer.act(&submitted, "claim", &json!({}));
    let mended = reviewer.act(&mended, "return", &asked);
    let summary = json!({"summary": "研制适用于机采棉田的残膜回收装备，完成两轮田间试验，交付样机一台、试验报告一份和全部设计图纸。"});
    let path = format!("/contracts/{}", mended["id"]);
    let mended = registrar
        .patch_at(&path, mended["version"].as_i64().unwrap(), &summary)
        .expect(200);
    let mended = registrar.act(&mended, "submit", &json!({}));
    let reviewed = reviewer.act(&mended, "claim", &json!({}));
    app.submitted(4);
    let referred = reviewer.act(&app.claimed(5), "refer", &json!({"reason": "技术内容须由专家判断"}));
    for name in ["expert2", "expert3"] {
        app.add_user(name, &[Role::Expert], None, None);
    }
    app.person(Person::Expert);
    let panel = json!({"title": "2026 年第二次专家论证", "held_on": "2026-06-20", "chair": "expert",
        "experts": ["expert", "expert2", "expert3"], "contracts": [referred["id"]]});
    let panel = reviewer.post("/expert-reviews", &panel).expect(201);
    let audit = json!({"title": "2025 年度技术合同自查", "year": 2025, "design": {"kind": "random", "size": 5, "seed": "2025"}, "auditors": ["reviewer"]});
    let audit = reviewer.post("/self-audits", &audit).expect(201);
    Things {
        draft: entered(app, 6),
        returned,
        reviewed,
        confirmed,
        request: format!("/change-requests/{}", request["id"]),
        panel: format!("/expert-reviews/{}", panel["id"]),
        audit: format!("/self-audits/{}", audit["id"]),
        code,
    }
}

/// A draft whose text the registrar added.
fn entered(app: &App, n: u32) -> Value {
    let registrar = app.person(Person::Registrar).without_papers();
    let draft = registrar.post("/contracts", &complete_contract(n)).expect(201);
    attach_text(&registrar, &draft);
    registrar.get(&format!("/contracts/{}", draft["id"])).expect(200)
}

fn browser_of(app: &App, person: Person) -> Browser<'_> {
    let browser = app.browser_of(person);
    browser.resize(WIDTH, 900);
    browser
}

fn registrars_pages(app: &App, album: &mut Album, there: &Things) {
    let browser = app.browser();
    browser.resize(WIDTH, 900);
    album.page(&browser, "log-in", "/login", ".top", "main form ~ p");
    album.page(
        &browser,
        "verification",
        &format!("/verify/{}", there.code),
        "main",
        "main",
    );
    let browser = browser_of(app, Person::Registrar);
    album.page(&browser, "workbench", "/", ".top", ".others + .others");
    browser.open("/contracts/new");
    browser.fill("/project_name", "棉田残膜回收装备研制");
    browser.fill("/seller/uscc", "91659001MA0000000X");
    browser.fill("/amount_fen", "一百二十万");
    // The form keeps itself meanwhile: only then it is always the same page.
    wait_for(&browser, "kept", || says(&browser, "#kept", "草稿已自动保存"));
    browser.click("form#entry button[value=draft]");
    browser.find("#problem");
    album.take(&browser, "entry", "h1", ".side");
    let returned = format!("/contracts/{}/edit", there.returned["id"]);
    album.page(&browser, "returned", &returned, "h1", ".side");
    let draft = format!("/contracts/{}/submit", there.draft["id"]);
    album.page(&browser, "submission", &draft, "#attachments", ".decision");
    let confirmed = format!("/contracts/{}", there.confirmed["id"]);
    album.page(&browser, "confirmed", &confirmed, "h1", ".actions");
}

fn reviewers_pages(app: &App, album: &mut Album, there: &Things) {
    let browser = browser_of(app, Person::Reviewer);
    album.page(
        &browser,
        "queue",
        "/contracts?queue=unclaimed",
        "h1",
        "form[data-ticks]",
    );
    let reviewed = format!("/contracts/{}", there.reviewed["id"]);
    album.page(&browser, "review", &reviewed, "h1", ".contract");
    album.page(&browser, "return", &format!("{reviewed}/return"), "h1", "main form");
    album.page(&browser, "confirm", &format!("{reviewed}/confirm"), "h1", "main form");
    album.page(&browser, "change", &there.request, "h1", "main table");
    album.page(&browser, "self-audit", &there.audit, "h1", "main table");
    let browser = browser_of(app, Person::Expert);
    album.page(&browser, "panel", &there.panel, "h1", "#opinions");
    browser.click_text("发表意见");
    browser.find("[name='/vote']");
    album.take(&browser, "opinion", "h1", "main form");
}

fn statisticians_pages(app: &App, album: &mut Album) {
    let browser = browser_of(app, Person::Statistician);
    let year = "/statistics/2025";
    album.page(&browser, "board", year, "h1", ".panels .figure");
    album.page(
        &browser,
        "figure",
        &format!("{year}/figures/units.div_08.share"),
        ".scope",
        "main .grid",
    );
    let pivot = format!("{year}/pivot?rows=unit&columns=quarter&measure=amount");
    album.page(&browser, "pivot", &pivot, "h1", "main .grid");
    album.page(&browser, "closing", &format!("{year}/close"), "h1", ".checklist");
}

fn administrators_pages(app: &App, album: &mut Album) {
    let rows = (1..8).map(|n| {
        let wrong: &[(&str, &str)] = match n {
            3 => &[("合同类别", "技术研发"), ("签订日期", "2025年2月30日")],
            5 => &[("归属单位", "十五师")],
            _ => &[],
        };
        contract(&n.to_string(), wrong)
    });
    let made = file(app, "台账2025", &register(rows.collect()));
    let path = made.with_file_name("台账2025.csv");
    fs::rename(made, &path).unwrap();
    let browser = browser_of(app, Person::Administrator);
    browser.open("/imports");
    browser.click("input[value=register]");
    browser.choose("file", path.to_str().unwrap());
    browser.click_text("上传");
    browser.find("#marked");
    album.take(&browser, "import", "h1", ".import-errors");
    album.page(&browser, "account", "/users/expert2", "h1", "main .facts");
}

#[test]
fn the_pictures_show_what_the_pages_show() {
    let app = App::start(Backend::Sqlite);
    let there = things(&app);
    let mut album = Album::default();
    registrars_pages(&app, &mut album, &there);
    reviewers_pages(&app, &mut album, &there);
    statisticians_pages(&app, &mut album);
    administrators_pages(&app, &mut album);
    album.compare();
}

#[test]
fn the_manual_is_sound_at_every_width() {
    let app = App::start(Backend::Sqlite);
    let browser = app.browser();
    for width in [1280, 360] {
        browser.resize(width, 900);
        browser.open("/help");
        browser.expect_sound();
        // Every picture is loaded when it is come to, and no wider than the text.
        let script = "const done = arguments[arguments.length - 1]; const all = Array.from(document.querySelectorAll('.manual img')); \
            Promise.all(all.map(i => { i.loading = 'eager'; return i.decode(); })).then(() => done([all.length, \
            all.filter(i => i.naturalWidth < 100 || i.getBoundingClientRect().right > document.documentElement.clientWidth).map(i => i.src)]), e => done(String(e)));";
        let found = browser.wait_for(script);
        assert!(found[0].as_u64().is_some_and(|n| n > 10), "{found}");
        assert_eq!(found[1], json!([]), "{width}");
        browser.picture(&format!("manual-{width}"));
    }
}
