//! Follow-ups, activities and reference figures on the pages.

use crate::support::{Person, both};

both! {
    fn a_follow_up_is_recorded_changed_and_removed(app: &App) {
        app.import_whole_sample();
        let (client, pages) = (app.person(Person::Statistician), app.pages_of(Person::Statistician));
        let number = client.get("/contracts?year=2025&state=confirmed&limit=1").expect(200)["items"][0]["registration_number"].as_str().unwrap().to_owned();
        let page = pages.get("/follow-ups/new").expect(200);
        let refused = pages.submit(&page, "/follow-ups/new", &[("/registration_number", &number), ("/survey_year", "2026"), ("/due_fen", "x")]).expect(422);
        assert!(refused.links().contains(&"#f-due-fen".to_owned()), "{:?}", refused.texts(".problem"));
        let flags = ["/tax_relevant", "/fulfilled", "/entitled", "/enjoyed", "/reward_due", "/reward_issued"].map(|name| (name, "false"));
        let mut fields = vec![("/registration_number", number.as_str()), ("/survey_year", "2026"), ("/due_fen", "1,000.50"), ("/received_fen", "2000")];
        fields.extend(flags);
        let shown = pages.submit(&refused, "/follow-ups/new", &fields).expect(200);
        let address = format!("/follow-ups/{number}-2026");
        assert_eq!(shown.path, format!("{address}?done=created"));
        assert!(shown.says("实到账额大于应到账额") && shown.says("1,000.50"), "{:?}", shown.texts("main"));
        let api = client.get(&address).expect(200);
        assert_eq!((api["due_fen"].as_i64(), api["received_fen"].as_i64(), api["net_income_fen"].as_i64()), (Some(100_050), Some(200_000), None));
        let flagged = pages.get("/follow-ups?year=2026&flag=received_above_due").expect(200);
        assert_eq!(flagged.texts("tbody tr").len(), 1);
        pages.submit(&page, "/follow-ups/new", &[("_once", "another")].into_iter().chain(fields.iter().copied()).collect::<Vec<_>>()).expect(409);

        let edit = format!("{address}/edit");
        let page = pages.get(&edit).expect(200);
        assert_eq!(page.form(&edit).value("/due_fen"), Some("1000.50"));
        let shown = pages.submit(&page, &edit, &[("/received_fen", "1000.50"), ("/net_income_fen", "10")]).expect(200);
        assert!(shown.says("已保存") && !shown.says("请核实"));
        assert_eq!(client.get(&address).expect(200)["net_income_fen"], 1000);
        let remove = format!("{address}/remove");
        let page = pages.get(&remove).expect(200);
        assert_eq!(pages.submit(&page, &remove, &[]).expect(200).path, "/follow-ups?done=removed");
        pages.get(&address).expect(404);
        pages.get("/follow-ups/none").expect(404);

        // Pages of the list follow each other to its end.
        let all = pages.get("/follow-ups").expect(200);
        assert_eq!(all.texts("tbody tr").len(), 50);
        let next = all.links().into_iter().find(|href| href.contains("after=")).unwrap();
        assert_ne!(pages.get(&next).expect(200).texts("tbody th"), all.texts("tbody th"));
    }

    fn an_activity_is_recorded_changed_and_removed(app: &App) {
        let pages = app.pages_of(Person::Statistician);
        let page = pages.get("/activities/new").expect(200);
        let refused = pages.submit(&page, "/activities/new", &[("/name", "将来"), ("/kind", "policy_training"), ("/held_on", "2030-01-01")]).expect(422);
        assert!(refused.links().contains(&"#f-held-on".to_owned()));
        let name = "宣讲 <img src=x onerror=alert(1)>";
        let fields = [("/name", name), ("/kind", "policy_training"), ("/held_on", "2026-03-01"), ("/participants", "820"), ("/events", "1")];
        let shown = pages.submit(&refused, "/activities/new", &fields).expect(200);
        assert!(shown.says(name) && !shown.text.contains("<img"));
        let edit = shown.links().into_iter().find(|href| href.ends_with("/edit")).unwrap();
        let page = pages.get(&edit).expect(200);
        pages.submit(&page, &edit, &[("/participants_xpcc", "900")]).expect(422);
        let shown = pages.submit(&page, &edit, &[("/participants_xpcc", "20")]).expect(200);
        assert!(shown.says("已保存"));
        assert_eq!(pages.get("/activities?year=2026").expect(200).texts("tbody tr").len(), 1);
        assert!(pages.get("/activities?year=2025").expect(200).says("没有市场活动"));
        let auditor = app.pages_of(Person::Auditor);
        let seen = auditor.get(&edit.replace("/edit", "")).expect(200);
        assert!(!seen.links().contains(&edit));
        let remove = edit.replace("/edit", "/remove");
        let page = pages.get(&remove).expect(200);
        assert_eq!(pages.submit(&page, &remove, &[]).expect(200).path, "/activities?done=removed");
    }

    fn a_reference_figure_is_recorded_changed_and_removed(app: &App) {
        let pages = app.pages_of(Person::Statistician);
        let page = pages.get("/reference-figures/new").expect(200);
        pages.submit(&page, "/reference-figures/new", &[("/kind", "amount"), ("/year", "2020")]).expect(422);
        let shown = pages.submit(&page, "/reference-figures/new", &[("/kind", "amount"), ("/year", "2020"), ("/amount_fen", "318000000"), ("/note", "上一规划期末")]).expect(200);
        assert_eq!(shown.path, "/reference-figures/amount-2020?done=created");
        assert!(shown.says("318,000,000.00"));
        let edit = "/reference-figures/amount-2020/edit";
        let page = pages.get(edit).expect(200);
        assert!(pages.submit(&page, edit, &[("/note", "")]).expect(200).says("已保存"));
        assert_eq!(pages.get("/reference-figures").expect(200).texts("tbody th"), ["2020 年成交额"]);
        let remove = "/reference-figures/amount-2020/remove";
        let page = pages.get(remove).expect(200);
        assert!(pages.submit(&page, remove, &[]).expect(200).says("没有参考数据"));
    }

    fn of_two_editors_the_second_sees_both_texts(app: &App) {
        let (first, second) = (app.pages_of(Person::Statistician), app.pages_of(Person::Statistician));
        let page = first.get("/activities/new").expect(200);
        let fields = [("/name", "政策宣讲"), ("/kind", "policy_training"), ("/held_on", "2026-03-01"), ("/participants", "820")];
        let shown = first.submit(&page, "/activities/new", &fields).expect(200);
        let edit = shown.links().into_iter().find(|href| href.ends_with("/edit")).unwrap();
        let remove = edit.replace("/edit", "/remove");
        let (opened, removal) = (second.get(&edit).expect(200), second.get(&remove).expect(200));
        first.submit(&first.get(&edit), &edit, &[("/participants", "821")]).expect(200);
        let told = second.submit(&opened, &edit, &[("/participants", "900"), ("/name", "改名宣讲")]).expect(412);
        assert!(told.says("他人已修改") && told.texts(".beside").concat().contains("821"), "{}", told.text);
        assert_eq!(told.form(&edit).value("/participants"), Some("900"), "what was typed stays");
        assert!(second.submit(&removal, &remove, &[]).expect(412).texts(".beside").concat().contains("821"));
        let saved = second.submit(&told, &edit, &[("_once", "another")]).expect(200);
        assert!(saved.says("改名宣讲") && saved.says("900"), "{}", saved.text);

        let new = "/statistics/2025/paragraphs/new";
        let kept = first.submit(&first.get(new), new, &[("/chapter", "summary"), ("/text", "原来的。")]).expect(200);
        let edit = kept.links().into_iter().find(|href| href.ends_with("/edit")).unwrap();
        let opened = second.get(&edit).expect(200);
        first.submit(&first.get(&edit), &edit, &[("/text", "甲改的。")]).expect(200);
        // A look in between does not make it anew.
        let opened = second.submit(&opened, &edit, &[("/text", "乙改的。"), ("_preview", "1")]).expect(200);
        let told = second.submit(&opened, &edit, &[]).expect(412);
        assert!(told.texts(".beside").concat().contains("甲改的。") && told.form(&edit).value("/text") == Some("乙改的。"), "{}", told.text);
        assert!(second.submit(&told, &edit, &[("_once", "once more")]).expect(200).says("乙改的。"));
    }
}
