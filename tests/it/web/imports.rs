//! Imports at the pages, without script.

use std::time::{Duration, Instant};

use dengji::domain::interchange::Kind;

use crate::{
    intake::{contract, head, register},
    storage::execute,
    support::{App, Page, Pages, Person, both},
};

/// The page of an import once it is over.
fn over(pages: &Pages, page: Page) -> Page {
    let path = page.path.split('?').next().unwrap().to_owned();
    assert!(path.starts_with("/imports/"), "{path}: {}", page.text);
    let started = Instant::now();
    let mut page = page;
    while page.text.contains("data-live") {
        assert!(
            page.text.contains("http-equiv=\"refresh\""),
            "without script the browser looks again"
        );
        assert!(started.elapsed() < Duration::from_secs(120), "{}", page.text);
        std::thread::sleep(Duration::from_millis(100));
        page = pages.get(&path);
    }
    page
}

fn upload(pages: &Pages, kind: &str, file: (&str, &[u8])) -> Page {
    let page = pages.get("/imports").expect(200);
    let page = pages.upload(&page, "/imports", &[("/kind", kind)], file).expect(200);
    over(pages, page)
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/config/demo/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

both! {
    fn a_file_that_comes_after_the_session_ended_is_said_to_be_lost(app: &App) {
        let pages = app.pages_of(Person::Statistician);
        let page = pages.get("/imports").expect(200);
        app.pass_seconds(86_400);
        let told = pages.upload(&page, "/imports", &[("/kind", "register")], ("台账.csv", b"x"));
        assert!(told.path.starts_with("/login") && told.says("所选的文件没有上传"), "{}", told.text);
        assert!(!pages.get("/login").expect(200).says("没有上传"));
    }

    fn a_file_is_tried_first_and_imported_without_being_sent_again(app: &App) {
        let pages = app.pages_of(Person::Administrator);
        let before = head(app);
        let page = pages.get("/imports").expect(200);
        assert_eq!(page.form("/imports").value("/dry_run"), Some("true"), "ticked beforehand");
        let tried = upload(&pages, "register", ("contracts-2021.csv", &sample("contracts-2021.csv")));
        assert!(tried.says("试运行通过") && tried.says("尚未写入任何内容"), "{}", tried.text);
        assert_eq!(head(app), before);
        let action = format!("{}/again", tried.path.split('?').next().unwrap());
        let done = over(&pages, pages.submit(&tried, &action, &[]).expect(200));
        assert!(done.says("导入完成"), "{}", done.text);
        let other = App::start(app.backend);
        let added = other.import_sample("contracts-2021.csv", Kind::Register).added;
        assert_eq!(head(app).0, head(&other).0);
        let listed = pages.get("/imports");
        assert!(listed.says(&format!("新增 {added}，更正 0，未变 0")), "{}", listed.text);
        assert!(listed.says("试运行通过") && listed.says("已完成"));
        // Nothing is left to import: no button any more.
        let again = upload(&pages, "register", ("contracts-2021.csv", &sample("contracts-2021.csv")));
        assert!(again.says("与已有记录相同") && !again.text.contains("<button type=\"submit\">正式导入"), "{}", again.text);
    }

    fn what_is_wrong_is_told_by_row_and_column(app: &App) {
        let pages = app.pages_of(Person::Administrator);
        let sheet = register(vec![contract("1", &[("合同类别", "<script>alert(1)</script>")]), contract("2", &[("状态", "?")])]);
        let page = upload(&pages, "register", ("<img src=x>台账.csv", sheet.csv(false).as_bytes()));
        assert!(page.says("共发现 2 处错误"), "{}", page.text);
        assert_eq!(page.texts("tbody th"), ["2", "3"]);
        assert!(!page.text.contains("<script>alert") && !page.text.contains("<img"), "shown, not run");
        assert!(page.says("<img src=x>台账.csv") && page.says("<script>alert(1)</script>"));
        let marked = page.links().into_iter().find(|href| href.ends_with("/errors.xlsx")).unwrap();
        let file = pages.get_once(&marked).expect(200);
        assert!(file.text.starts_with("PK") && file.header("content-disposition").unwrap().starts_with("attachment"));
    }

    fn corrections_are_approved_by_another_person_who_sees_them(app: &App) {
        let (administrator, reviewer) = (app.pages_of(Person::Administrator), app.pages_of(Person::Reviewer));
        let csv = |name: &str| register(vec![contract("1", &[("合同名称", name)])]).csv(false).into_bytes();
        let submit = |page: Page| {
            let action = format!("{}/again", page.path.split('?').next().unwrap());
            over(&administrator, administrator.submit(&page, &action, &[]).expect(200))
        };
        assert!(submit(upload(&administrator, "register", ("a.csv", &csv("旧名称")))).says("新增 1 行"));
        let refused = upload(&administrator, "register", ("b.csv", &csv("新名称")));
        assert!(refused.says("以文件为准更正已有记录") && refused.says("有 1 行与登记簿中同一编号的记录不同"), "{}", refused.text);
        assert!(!refused.text.contains("合同名称"), "no column");
        let tried = submit(refused);
        assert!(tried.says("试运行通过") && tried.says("更正 1 行") && tried.says("其中 1 行更正曾经确认的合同"), "{}", tried.text);
        let before = head(app);
        let waiting = submit(tried);
        assert!(waiting.says("待审核员批准") && waiting.says("尚未写入任何内容"), "{}", waiting.text);
        assert!(!waiting.text.contains("旧名称") && !waiting.text.contains("/approve"), "{}", waiting.text);
        assert_eq!(head(app), before);
        let path = waiting.path.split('?').next().unwrap().to_owned();

        assert!(reviewer.get("/messages").says("有导入的更正待您核对"));
        let seen = reviewer.get(&path).expect(200);
        assert!(seen.says("旧名称") && seen.says("新名称") && seen.says("合同名称"), "{}", seen.text);
        let link = |page: &Page, verdict: &str| page.links().into_iter().find(|l| l.starts_with(&format!("{path}/{verdict}"))).unwrap();
        let form = reviewer.get(&link(&seen, "refuse")).expect(200);
        let missing = reviewer.submit(&form, &format!("{path}/refuse"), &[]).expect(422);
        assert!(missing.says("此项必填"), "{}", missing.text);
        let form = reviewer.get(&link(&seen, "approve")).expect(200);
        assert!(form.says("更正曾经确认的合同") && form.says("1 项"), "{}", form.text);
        let done = over(&reviewer, reviewer.submit(&form, &format!("{path}/approve"), &[("/reason", "已核对合同文本")]).expect(200));
        assert!(done.says("导入完成") && done.says("reviewer") && done.says("已核对合同文本"), "{}", done.text);
        // Decided: nothing more to decide, also by who had opened the form before.
        reviewer.submit(&form, &format!("{path}/approve"), &[("_once", "another")]).expect(412);
        let told = administrator.get("/messages");
        assert!(told.says("导入的更正已批准"), "{}", told.text);
        let auditor = app.pages_of(Person::Auditor);
        let read = auditor.get(&path).expect(200);
        assert!(read.says("旧名称") && !read.text.contains("/approve?"), "{}", read.text);
        assert_eq!(administrator.get_once(&format!("{path}/approve")).status, 403);
    }

    fn a_form_that_is_wrong_keeps_what_was_chosen(app: &App) {
        let pages = app.pages_of(Person::Statistician);
        let page = pages.get("/imports");
        let refused = pages.upload(&page, "/imports", &[("/kind", "reference"), ("/update", "true")], ("", b"")).expect(422);
        assert!(refused.links().contains(&"#ffile".to_owned()), "{:?}", refused.links());
        assert!(refused.says("请选择要导入的文件"));
        assert_eq!(refused.form("/imports").value("/kind"), Some("reference"));
        assert_eq!(refused.form("/imports").value("/update"), Some("true"));
        let refused = pages.upload(&page, "/imports", &[("_once", "another")], ("a.csv", b"x")).expect(422);
        assert!(refused.says("请选择文件的种类"));
        assert_eq!(pages.upload(&page, "/imports", &[("_token", "0"), ("/kind", "reference")], ("a.csv", b"x")).status, 403);
    }

    fn each_sees_what_is_theirs(app: &App) {
        let administrator = app.pages_of(Person::Administrator);
        let done = upload(&administrator, "registrars", ("registrars.csv", &sample("registrars.csv")));
        let path = done.path.split('?').next().unwrap().to_owned();
        for person in Person::ALL {
            let pages = app.pages_of(person);
            let (list, one) = match person {
                Person::Administrator | Person::Auditor => (200, 200),
                // Reviewers see those that they decide on, of which this is none.
                Person::Statistician | Person::Reviewer | Person::Reviewer2 | Person::ReviewingRegistrar => (200, 404),
                _ => (403, 403),
            };
            assert_eq!(pages.get_once("/imports").status, list, "{person:?}");
            assert_eq!(pages.get_once(&path).status, one, "{person:?}");
            assert_eq!(pages.get_once("/imports/templates/register.xlsx").status, list, "{person:?}");
        }
        let auditor = app.pages_of(Person::Auditor);
        assert!(!auditor.get("/imports").text.contains("<form method=\"post\" action=\"/imports\""));
        assert!(!auditor.get(&path).text.contains("/again\""), "an auditor changes nothing");
        assert_eq!(app.pages().get_once("/imports").status, 303);
    }

    fn an_interrupted_import_is_started_again(app: &App) {
        let pages = app.pages_of(Person::Statistician);
        let page = upload(&pages, "reference", ("reference-figures.csv", &sample("reference-figures.csv")));
        execute(app, "UPDATE import_jobs SET state = 'interrupted', dry_run = 0").unwrap();
        let path = page.path.split('?').next().unwrap().to_owned();
        let page = pages.get(&path);
        assert!(page.says("没有导入任何内容"), "{}", page.text);
        let done = over(&pages, pages.submit(&page, &format!("{path}/again"), &[]).expect(200));
        assert!(done.says("导入完成"), "{}", done.text);
    }
}
