//! The statistician: from the board to a figure to its contracts, a pivot, the report, the year closed, what changed since, and a published
//! report checked.

use serde_json::json;

use crate::support::{
    App, Person,
    hand::{Hand, by_both_hands},
};

/// A contract of last year is revoked after the year was closed.
fn revoke_one(app: &App) {
    app.pass_seconds(60);
    let found = app
        .person(Person::Statistician)
        .get("/contracts?year=2025&state=confirmed&agency=660008&sort=id&limit=1")
        .expect(200);
    let body = json!({"ground": "duplicate", "document_number": "兵科撤〔2026〕1号"});
    app.person(Person::Reviewer).act(&found["items"][0], "revoke", &body);
}

by_both_hands! {
    fn the_year_is_read_closed_and_followed(app: &App, hand: Hand) {
        app.import_whole_sample();
        app.person(Person::Statistician);
        let worker = app.worker(hand, "statistician");
        worker.go_in(".nav", "统计");
        worker.sees_in(".totals", "1134");
        worker.sound();
        worker.go_in(".totals", "1134");
        worker.sees_in(".figure-value", "1134 项");
        worker.sees("下列 1134 项合同之和");
        worker.sound();
        worker.go_in("[aria-label='所计合同'] tbody tr:first-child", "");
        worker.sees("已确认");
        worker.sound();

        worker.go_in(".nav", "统计");
        worker.go_in(".ways", "交叉表");
        worker.choose("columns", "quarter");
        worker.choose("measure", "contracts");
        worker.press_in(".choosers", "地区");
        worker.tick("filter", "region:south");
        worker.go_in("form.filters", "制表");
        worker.sees("已选 1");
        worker.sees_in("main table", "合计");
        worker.sound();
        worker.press_on("下载 CSV");
        assert!(String::from_utf8(worker.downloaded(".csv")).unwrap().contains("合计"));

        worker.go_in(".ways", "报告");
        worker.sees_in(".report", "1134");
        worker.sound();
        worker.press_in(".downloads", "Word");
        assert!(worker.downloaded(".docx").starts_with(b"PK"));

        worker.go_in(".ways", "封账");
        worker.sees_in(".checklist", "不符合");
        worker.sound();
        worker.go_in("main form", "封账");
        worker.sees_in("#problem", "说明");
        worker.sound();
        worker.write("/checklist/contracts_decided", "年末在办合同于次年办结，计入次年。");
        worker.write("/note", "2025 年年报定稿");
        worker.go_in("main form", "封账");
        worker.sees("已封账");
        worker.sees_in(".edition", "年末在办合同于次年办结，计入次年。");
        worker.sound();

        revoke_one(app);
        worker.go_in(".edition", "封账后的变化");
        worker.sees("撤销登记");
        worker.sound();
        worker.go_in("[aria-label='有变化的指标'] tbody tr:first-child td:last-child", "");
        worker.sees("使“");
        worker.go_in(".ways", "核对已发布的报告");
        let report = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/statistics/report-2025.md");
        worker.upload("file", report);
        worker.write("/year", "2025");
        worker.go_in("main form", "核对");
        worker.sees("与登记数据不符");
        worker.sound();
        worker.leave();
    }
}
