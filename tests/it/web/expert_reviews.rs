//! A panel through the pages, from convening to the minutes; what each may see of it, and when.

use dengji::domain::account::Role;
use serde_json::{Value, json};

use crate::support::{App, Page, Pages, Person, both};

fn pages_of(app: &App, username: &str) -> Pages {
    let pages = app.pages();
    pages.log_in(username);
    pages
}

/// A contract that waits for experts, with markup in its name.
fn referred(app: &App, n: u32) -> Value {
    let registrar = app.person(Person::Registrar);
    let mut document = crate::support::complete_contract(n);
    document["project_name"] = json!(format!("<script>alert({n})</script>残膜回收装备"));
    let entered = registrar.post("/contracts", &document).expect(201);
    let draft = registrar.get(&format!("/contracts/{}", entered["id"])).expect(200);
    let submitted = registrar.act(&draft, "submit", &json!({}));
    let reviewer = app.person(Person::Reviewer);
    let claimed = reviewer.act(&submitted, "claim", &json!({}));
    reviewer.act(&claimed, "refer", &json!({"reason": "金额大"}))
}

fn convene(app: &App, reviewer: &Pages, contracts: &[&Value]) -> Page {
    for name in ["e1", "e2", "e3", "e4"] {
        app.add_user(name, &[Role::Expert], None, None);
    }
    let page = reviewer.get("/expert-reviews/new").expect(200);
    let ids: Vec<String> = contracts.iter().map(|c| c["id"].to_string()).collect();
    for id in &ids {
        assert!(
            page.text.contains(&format!("value=\"{id}\"")),
            "the contract is offered"
        );
    }
    let mut fields = vec![
        ("/title", "第一次<b>论证</b>"),
        ("/held_on", "2026-06-20"),
        ("/chair", "e1"),
        ("/experts", "e1"),
        ("/experts", "e2"),
        ("/experts", "e3"),
        ("/experts", "e4"),
    ];
    fields.extend(ids.iter().map(|id| ("/contracts", id.as_str())));
    reviewer.submit(&page, "/expert-reviews/new", &fields).expect(200)
}

fn place(page: &Page) -> String {
    page.path.split('?').next().unwrap().to_owned()
}

both! {
    fn a_panel_is_convened_heard_and_concluded(app: &App) {
        let (first, second) = (referred(app, 1), referred(app, 2));
        let reviewer = app.pages_of(Person::Reviewer);
        assert!(reviewer.get("/expert-reviews").expect(200).links().contains(&"/expert-reviews/new".to_owned()));
        let shown = convene(app, &reviewer, &[&first, &second]);
        let panel = place(&shown);
        assert!(shown.path.ends_with("?done=convened") && shown.says("已召集论证"), "{}", shown.path);
        assert!(!shown.text.contains("<script>alert") && !shown.text.contains("<b>论证"), "{}", shown.text);
        assert!(shown.says("第一次<b>论证</b>") && shown.says("<script>alert(1)</script>残膜回收装备"));

        // The convener changes the day; who sits there stays.
        let page = reviewer.get(&format!("{panel}/edit")).expect(200);
        let page = reviewer.submit(&page, &format!("{panel}/edit"), &[("/held_on", "2026-06-21")]).expect(200);
        assert!(page.says("2026-06-21") && page.says("专家 4 人"), "{}", page.text);

        // One stays out of the second contract, and does not see it any more.
        let e3 = pages_of(app, "e3");
        let page = e3.get(&format!("{panel}/recuse?contract={}", second["id"])).expect(200);
        let page = e3.submit(&page, &format!("{panel}/recuse"), &[("/reason", "与买方有亲属关系")]).expect(200);
        assert!(page.says("已登记回避") && !page.says("alert(2)") && page.says("alert(1)"), "{}", page.text);

        // An opinion without its reason is refused, and keeps what was typed.
        let e2 = pages_of(app, "e2");
        let opinion = format!("{panel}/opinion");
        let page = e2.get(&format!("{opinion}?contract={}", first["id"])).expect(200);
        assert!(page.says("看不到您的意见") && page.says("棉田") , "{}", page.text);
        let page = e2.submit(&page, &opinion, &[("/vote", "recognise_with_changes"), ("/type", "service"), ("/technology_amount_fen", "五")]).expect(422);
        assert_eq!(page.form(&opinion).value("/type"), Some("service"));
        assert_eq!(page.form(&opinion).value("/technology_amount_fen"), Some("五"));
        let page = e2.submit(&page, &opinion, &[("/vote", "not_recognise"), ("/type", ""), ("/technology_amount_fen", ""), ("/text", "机密：不属于技术合同")]).expect(200);
        assert!(page.says("意见已提交") && page.says("机密"), "the own one is seen");

        // It is replaced by its author, and seen by nobody else: not the chair, not the convener, not the auditor.
        let page = e2.get(&format!("{opinion}?contract={}", first["id"])).expect(200);
        assert!(page.form(&opinion).value("/text").unwrap().contains("机密"));
        let e1 = pages_of(app, "e1");
        for other in [&e1, &e3, &reviewer, &app.pages_of(Person::Auditor)] {
            let page = other.get(&panel).expect(200);
            assert!(!page.text.contains("机密") && !page.text.contains("不予认定"), "{}", page.text);
            assert!(page.says("已投 1"), "{}", page.text);
            assert_eq!(other.get(&format!("{panel}/minutes")).status, 409);
        }
        assert_eq!(app.pages_of(Person::Expert).get(&panel).status, 404, "another expert knows nothing of it");

        // Votes on both contracts; the chair concludes with what the votes give.
        let vote = |pages: &Pages, contract: &Value, vote: &str| {
            let page = pages.get(&format!("{opinion}?contract={}", contract["id"])).expect(200);
            pages.submit(&page, &opinion, &[("/vote", vote), ("/text", "本人意见")]).expect(200);
        };
        let conclude = format!("{panel}/conclude");
        let close = format!("{panel}/close-voting");
        assert_eq!(e1.get(&format!("{conclude}?contract={}", first["id"])).status, 409, "voting is open");
        let page = e1.get(&format!("{close}?contract={}", first["id"])).expect(200);
        assert_eq!(e1.submit(&page, &close, &[]).status, 409, "no quorum");
        vote(&e1, &first, "recognise");
        vote(&e3, &first, "recognise");
        vote(&pages_of(app, "e4"), &first, "recognise");
        assert_eq!(reviewer.get(&conclude).status, 403, "the convener does not conclude");
        // Voting is closed: the chair and the panel read, the convener does not yet; the reason is written with all in sight.
        let page = e1.get(&format!("{close}?contract={}", first["id"])).expect(200);
        assert!(page.says("须 3 票") && !page.text.contains("机密"), "{}", page.text);
        let page = e1.submit(&page, &close, &[]).expect(200);
        assert!(page.says("表决已结束") && page.says("多数意见：同意认定") && page.says("机密"), "{}", page.text);
        assert!(page.links().contains(&format!("{conclude}?contract={}", first["id"])));
        assert!(e3.get(&panel).expect(200).says("机密"));
        let convener = reviewer.get(&panel).expect(200);
        assert!(convener.says("表决已结束") && !convener.text.contains("机密") && !convener.text.contains("多数意见"), "{}", convener.text);
        assert_eq!(e2.get(&format!("{opinion}?contract={}", first["id"])).status, 409, "opinions are final");
        assert_eq!(e1.get(&format!("{panel}/open-voting?contract={}", first["id"])).status, 409, "there is a majority");
        let page = e1.get(&format!("{conclude}?contract={}", first["id"])).expect(200);
        assert!(page.says("多数意见为“同意认定”") && page.says("机密"), "{}", page.text);
        let refused = e1.submit(&page, &conclude, &[("/reason", "")]).expect(422);
        let page = e1.submit(&refused, &conclude, &[("/reason", "多数同意")]).expect(200);
        assert!(page.says("已形成论证结论"), "{}", page.text);
        // Without a majority the chair opens a second round, and the first stays on record.
        vote(&e1, &second, "not_recognise");
        let page = e2.get(&format!("{opinion}?contract={}", second["id"])).expect(200);
        let changes = [("/vote", "recognise_with_changes"), ("/technology_amount_fen", "500000"), ("/text", "第一轮：应核减")];
        e2.submit(&page, &opinion, &changes).expect(200);
        vote(&pages_of(app, "e4"), &second, "recognise");
        let page = e1.get(&format!("{close}?contract={}", second["id"])).expect(200);
        let page = e1.submit(&page, &close, &[]).expect(200);
        assert!(page.says("没有多数意见"), "{}", page.text);
        let again = format!("{panel}/open-voting");
        assert!(page.links().contains(&format!("{again}?contract={}", second["id"])));
        let page = e1.get(&format!("{conclude}?contract={}", second["id"])).expect(200);
        assert_eq!(e1.submit(&page, &conclude, &[("/reason", "无多数")]).status, 409);
        let page = e1.get(&format!("{again}?contract={}", second["id"])).expect(200);
        assert!(page.says("第一轮：应核减"), "{}", page.text);
        let page = e1.submit(&page, &again, &[]).expect(200);
        assert!(page.says("已开启下一轮表决") && page.says("第 2 轮：应投"), "{}", page.text);
        vote(&e1, &second, "not_recognise");
        vote(&e2, &second, "not_recognise");
        vote(&pages_of(app, "e4"), &second, "not_recognise");
        let page = e1.get(&format!("{close}?contract={}", second["id"])).expect(200);
        e1.submit(&page, &close, &[]).expect(200);
        let page = e1.get(&format!("{conclude}?contract={}", second["id"])).expect(200);
        let page = e1.submit(&page, &conclude, &[("/reason", "一致")]).expect(200);
        assert!(page.says("已结束") && page.says("机密"), "closed: what was said is open to who sits there");

        // The minutes: read and taken along.
        app.person(Person::Administrator).patch_now("/users/e1", &json!({"full_name": "陈明"})).expect(200);
        let minutes = reviewer.get(&format!("{panel}/minutes")).expect(200);
        assert!(minutes.says("陈明") && !minutes.text.contains("陈明（"), "{}", minutes.text);
        assert!(minutes.says("同意认定") && minutes.says("不同意见") && minutes.says("与买方有亲属关系"), "{}", minutes.text);
        assert!(minutes.says("第一轮：应核减") && minutes.says("第 1 轮，没有多数意见"), "{}", minutes.text);
        assert!(!minutes.text.contains("<script>alert"));
        let pdf = reviewer.get_once(&format!("{panel}/minutes.pdf")).expect(200);
        assert_eq!(pdf.header("content-type"), Some("application/pdf"));
        assert!(!e3.get(&format!("{panel}/minutes")).expect(200).text.contains("alert(2)"), "not even afterwards");
        let back = app.person(Person::Reviewer).get(&format!("/contracts/{}", first["id"])).expect(200);
        assert_eq!(back["state"], "under_review");
    }

    fn a_panel_that_cannot_be_is_refused_with_what_was_chosen(app: &App) {
        let contract = referred(app, 1);
        let reviewer = app.pages_of(Person::Reviewer);
        app.add_user("e1", &[Role::Expert], None, None);
        app.add_user("e2", &[Role::Expert], None, None);
        let page = reviewer.get("/expert-reviews/new").expect(200);
        let id = contract["id"].to_string();
        let page = reviewer.submit(&page, "/expert-reviews/new", &[("/title", ""), ("/chair", "e2"), ("/experts", "e1"), ("/contracts", &id)]).expect(422);
        assert_eq!(page.texts(".field.wrong").len(), 2, "title and chair: {:?}", page.texts(".error"));
        let form = page.form("/expert-reviews/new");
        assert_eq!((form.value("/experts"), form.value("/contracts")), (Some("e1"), Some(id.as_str())));
        // Sent twice, the right one is one panel.
        let sent = form.filled(&[("/title", "论证"), ("/chair", "e1")]);
        let fields: Vec<(&str, &str)> = sent.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let (once, twice) = (reviewer.post_once("/expert-reviews/new", &fields), reviewer.post_once("/expert-reviews/new", &fields));
        assert_eq!((once.status, twice.status), (303, 303));
        assert_eq!(once.header("location"), twice.header("location"));
        // What is before a panel is not offered again.
        assert!(!reviewer.get("/expert-reviews/new").text.contains(&format!("name=\"/contracts\" value=\"{id}\"")));
    }
}
