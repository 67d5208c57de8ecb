//! A self-audit through the pages, from drawing to its report.

use serde_json::Value;

use crate::support::{App, Pages, Person, both};

/// A self-audit of all that was confirmed in 2026, handed to the second reviewer: the first confirmed it.
fn drawn(app: &App, reviewer: &Pages, contracts: u32) -> String {
    for n in 1..=contracts {
        app.confirmed(n);
    }
    app.person(Person::Reviewer2);
    let page = reviewer.get("/self-audits/new").expect(200);
    let fields = [
        ("/title", "2026 年<i>自查</i>"),
        ("/year", "2026"),
        ("/design/kind", "all"),
        ("/auditors", "reviewer2"),
    ];
    let page = reviewer.submit(&page, "/self-audits/new", &fields).expect(200);
    assert!(
        page.says("已抽取并分配自查合同") && page.says("2026 年<i>自查</i>"),
        "{}",
        page.text
    );
    page.path.split('?').next().unwrap().to_owned()
}

fn items(page: &crate::support::Page, audit: &str) -> Vec<String> {
    let start = format!("{audit}/items/");
    let links = page.links().into_iter();
    let mut items: Vec<String> = links
        .filter(|href| href.starts_with(&start) && !href.ends_with("/assign"))
        .collect();
    items.sort();
    items.dedup();
    items
}

both! {
    fn a_self_audit_is_drawn_judged_completed_and_reported(app: &App) {
        let reviewer = app.pages_of(Person::Reviewer);
        let audit = drawn(app, &reviewer, 3);
        assert!(reviewer.get("/self-audits?year=2026&state=drawn").expect(200).links().contains(&audit));
        let auditor = app.pages_of(Person::Reviewer2);
        let mine = auditor.get(&format!("{audit}?assigned_to=me&state=open")).expect(200);
        let items = items(&mine, &audit);
        assert_eq!(items.len(), 3, "{}", mine.text);
        // Not everything is looked at: nothing can be completed.
        let page = reviewer.get(&format!("{audit}/complete")).expect(200);
        assert_eq!(reviewer.submit(&page, &format!("{audit}/complete"), &[]).status, 409);

        // The contract stands beside the form; a wrong finding needs its ground.
        let page = auditor.get(&items[0]).expect(200);
        assert!(page.says("棉田残膜回收装备研制") && page.says("1,200,000.00"), "{}", page.text);
        let page = auditor.submit(&page, &items[0], &[("/verdict", "wrong"), ("/note", "附件<u>不符</u>")]).expect(422);
        assert_eq!(page.form(&items[0]).value("/note"), Some("附件<u>不符</u>"));
        let page = auditor.submit(&page, &items[0], &[("/ground", "duplicate")]).expect(200);
        assert!(page.says("检查结论已记录"), "{}", page.text);
        for item in &items[1..] {
            let page = auditor.get(item).expect(200);
            auditor.submit(&page, item, &[("/verdict", "right")]).expect(200);
        }
        // The other reviewer reads it, and cannot judge it.
        let read = reviewer.get(&items[0]).expect(200);
        assert!(read.says("附件<u>不符</u>") && read.says("重复登记"), "{}", read.text);
        assert!(!read.text.contains("<u>不符") && !read.text.contains("name=\"/verdict\""));

        let complete = format!("{audit}/complete");
        let page = reviewer.get(&complete).expect(200);
        assert!(page.says("有误 1 份") && page.says("重复登记"), "what will be revoked is said first: {}", page.text);
        let page = reviewer.submit(&page, &complete, &[]).expect(422);
        assert!(page.says("撤销文书号"), "{}", page.text);
        let page = reviewer.submit(&page, &complete, &[("/document_number", "兵科撤〔2026〕9号")]).expect(200);
        assert!(page.says("自查已完成") && page.says("撤销登记 1 份"), "{}", page.text);
        let report = reviewer.get(&format!("{audit}/report")).expect(200);
        assert!(report.says("33.33%") && report.says("重复登记") && report.says("撤销登记 1 份"), "{}", report.text);
        let states: Vec<Value> = (1..=3).map(|id| app.person(Person::Reviewer).get(&format!("/contracts/{id}")).expect(200)["state"].clone()).collect();
        assert_eq!(states.iter().filter(|s| *s == "revoked").count(), 1, "{states:?}");
        assert_eq!(reviewer.get(&format!("{audit}/abandon")).status, 409, "it is over");
    }

    fn a_self_audit_is_handed_on_and_given_up(app: &App) {
        let reviewer = app.pages_of(Person::Reviewer);
        let audit = drawn(app, &reviewer, 1);
        app.add_user("reviewer3", &[dengji::domain::account::Role::Reviewer], None, None);
        let item = items(&reviewer.get(&audit), &audit).remove(0);
        let assign = format!("{item}/assign");
        let page = reviewer.get(&assign).expect(200);
        let page = reviewer.submit(&page, &assign, &[("/auditor", "reviewer")]).expect(422);
        assert!(page.says("不能由其检查"), "{}", page.text);
        let page = reviewer.submit(&page, &assign, &[("/auditor", "reviewer3")]).expect(200);
        assert!(page.says("已重新分配") && page.says("reviewer3"), "{}", page.text);
        let auditor = app.pages_of(Person::Reviewer2);
        assert!(!auditor.get(&item).expect(200).text.contains("name=\"/verdict\""), "no longer");
        let abandon = format!("{audit}/abandon");
        let page = reviewer.get(&abandon).expect(200);
        let page = reviewer.submit(&page, &abandon, &[("/reason", "范围选错")]).expect(200);
        assert!(page.says("自查已终止") && page.says("范围选错"), "{}", page.text);
    }

    fn a_design_that_is_none_keeps_what_was_typed(app: &App) {
        let reviewer = app.pages_of(Person::Reviewer);
        let page = reviewer.get("/self-audits/new").expect(200);
        let typed = [("/title", "自查"), ("/design/kind", "stratified"), ("/design/rate", "百分之五"), ("/filter/amount_from_fen", "1,000.5")];
        let page = reviewer.submit(&page, "/self-audits/new", &typed).expect(422);
        let form = page.form("/self-audits/new");
        assert_eq!((form.value("/design/rate"), form.value("/filter/amount_from_fen")), (Some("百分之五"), Some("1,000.5")));
        assert_eq!(form.value("/design/kind"), Some("stratified"));
    }
}
