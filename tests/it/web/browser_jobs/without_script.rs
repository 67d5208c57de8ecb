//! Without scripts: the statistician reads the year, a figure with what it means and its contracts, the pivot, the report.

use crate::support::{App, Backend, Person};

#[test]
fn the_figures_are_read() {
    let app = App::start(Backend::Sqlite);
    app.import_whole_sample();
    app.person(Person::Statistician);
    let browser = app.browser_without_script();
    browser.log_in("statistician");
    browser.click_text("统计");
    browser.find(".totals");
    browser.find("html:not(.scripted)");
    assert!(browser.text(".totals").contains("1134"));
    assert!(
        browser.text(".panels").contains("石河子"),
        "the numbers stand beside the drawings"
    );
    browser.picture("job-plain-board");
    browser.click(".totals .big a");
    browser.find(".figure-value");
    assert_eq!(browser.text(".figure-value"), "1134 项");
    let said = browser.text("main");
    assert!(
        ["定义", "算法", "出处", "下列 1134 项合同之和"]
            .iter()
            .all(|w| said.contains(w)),
        "{said}"
    );
    browser.click("main p.pages a.next");
    browser.find("main p.pages a:first-child:not(.next)");
    browser.click("[aria-label='所计合同'] tbody tr:first-child a");
    browser.find(".contract");
    assert!(browser.text("main").contains("已确认"));

    browser.click_text("统计");
    browser.find(".totals");
    browser.click_text("交叉表");
    browser.find(".choosers");
    for (name, value) in [("columns", "quarter"), ("measure", "contracts")] {
        let select = browser.find(&format!("[name={name}]"));
        app.block_on(select.select_by_value(value)).unwrap();
    }
    browser.click_text("地区");
    browser.click("[name=filter][value='region:south']");
    browser.click_text("制表");
    browser.find(".choosers details[open]");
    let table = browser.text("main table");
    assert!(table.contains("第2季度") && table.contains("合计"), "{table}");

    browser.click_text("报告");
    browser.find(".report");
    assert!(browser.text(".report").contains("1134"));
    // Half a year, and as of a day.
    let select = browser.find("[name=quarter]");
    app.block_on(select.select_by_value("2")).unwrap();
    browser.click(".filters button");
    browser.find(".scope");
    assert!(browser.path().contains("quarter=2"), "{}", browser.path());
    assert!(
        browser.text("h1").contains("第二季度") || browser.text("h1").contains('2'),
        "{}",
        browser.text("h1")
    );
    browser.picture("job-plain-report");
}
