//! Accounts, agencies, certificates, trainings, messages, mail, the ledgers, the manual, verification and the demonstration's tour.

use dengji::{config::DemoAccounts, domain::account::Role};
use serde_json::json;

use crate::support::{App, Backend, PASSWORD, Person, both};

both! {
    fn an_account_is_made_and_must_change_its_password_first(app: &App) {
        app.person(Person::Registrar);
        let admin = app.pages_of(Person::Administrator);
        let page = admin.get("/users/new").expect(200);
        let page = admin.submit(&page, "/users/new", &[("/username", ""), ("/roles", "expert"), ("/full_name", "<b>王五</b>")]).expect(422);
        assert_eq!(page.form("/users/new").value("/full_name"), Some("<b>王五</b>"));
        let sent = page.form("/users/new").filled(&[("/username", "wang.wu")]);
        let fields: Vec<(&str, &str)> = sent.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let given = admin.post_once("/users/new", &fields).expect(200);
        assert_eq!(given.header("cache-control"), Some("no-store"));
        let password = given.texts("#password").remove(0);
        assert!(password.len() >= 15, "{password}");
        // Told this once: sent again it leads to the account.
        let again = admin.post_once("/users/new", &fields);
        assert_eq!((again.status, again.header("location")), (303, Some("/users/wang.wu")));
        let shown = admin.get("/users/wang.wu").expect(200);
        assert!(shown.says("须修改密码") && shown.says("<b>王五</b>") && !shown.text.contains("<b>王五") && !shown.text.contains(&password));

        let new = app.pages();
        let page = new.get("/login");
        let page = new.submit(&page, "/login", &[("username", "wang.wu"), ("password", &password)]);
        assert_eq!((page.status, page.path.as_str()), (200, "/password"), "nothing else is open");
        assert_eq!(new.get("/expert-reviews").path, "/password");
        let own = "three unrelated words here";
        let page = new.submit(&page, "/password", &[("/current_password", &password), ("/new_password", own), ("/repeated", own)]).expect(200);
        assert_eq!(page.path, "/?done=password");
        new.get("/expert-reviews").expect(200);
    }

    fn accounts_are_changed_locked_and_given_another_password(app: &App) {
        app.person(Person::Registrar);
        app.person(Person::Expert);
        let admin = app.pages_of(Person::Administrator);
        let expert = app.pages_of(Person::Expert);
        // Two administrators at once: the later one is told.
        let page = admin.get("/users/expert/edit").expect(200);
        let edit = |fields: &[(&str, &str)]| admin.submit(&page, "/users/expert/edit", fields);
        let done = edit(&[("/employer", "石河子大学"), ("/roles", "expert"), ("/roles", "reviewer")]).expect(200);
        assert!(done.says("已保存") && done.says("石河子大学"), "{}", done.text);
        let stale = page.form("/users/expert/edit").filled(&[("/employer", "另一单位"), ("_once", "other")]);
        let fields: Vec<(&str, &str)> = stale.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(admin.post_once("/users/expert/edit", &fields).status, 412);

        let page = admin.get("/users/expert/lock").expect(200);
        let page = admin.submit(&page, "/users/expert/lock", &[("/reason", " ")]).expect(422);
        let page = admin.submit(&page, "/users/expert/lock", &[("/reason", "离岗")]).expect(200);
        assert!(page.says("账号已锁定"), "{}", page.text);
        assert_eq!(expert.get_once("/").status, 303, "out at once");
        let page = admin.get("/users/expert/unlock").expect(200);
        admin.submit(&page, "/users/expert/unlock", &[("/reason", "返岗")]).expect(200);
        let page = admin.get("/users/expert/password").expect(200);
        let given = admin.submit(&page, "/users/expert/password", &[]).expect(200);
        let password = given.texts("#password").remove(0);
        let pages = app.pages();
        let page = pages.get("/login");
        let page = pages.submit(&page, "/login", &[("username", "expert"), ("password", &password)]);
        assert_eq!(page.path, "/password");
        let listed = admin.get("/users?role=expert&q=EXP").expect(200);
        assert!(listed.links().contains(&"/users/expert".to_owned()) && !listed.links().contains(&"/users/registrar".to_owned()));
        assert!(admin.get("/users/administrator").expect(200).links().contains(&"/password".to_owned()), "the own password is changed with the current one");
    }

    fn agencies_are_added_and_changed(app: &App) {
        let admin = app.pages_of(Person::Administrator);
        let page = admin.get("/agencies/new").expect(200);
        let page = admin.submit(&page, "/agencies/new", &[("/name", "某<script>站"), ("/code", "12")]).expect(422);
        let page = admin.submit(&page, "/agencies/new", &[("/code", "660099")]).expect(200);
        assert!(page.says("已新建") && page.says("某<script>站") && !page.text.contains("<script>站"));
        let page = admin.get("/agencies/660099/edit").expect(200);
        let page = admin.submit(&page, "/agencies/660099/edit", &[("/name", "某登记站")]).expect(200);
        assert!(page.says("已保存") && page.says("某登记站"));
    }

    fn a_certificate_is_issued_after_an_examination_renewed_suspended_and_lifted(app: &App) {
        app.person(Person::Registrar);
        let admin = app.pages_of(Person::Administrator);
        let page = admin.get("/trainings/new").expect(200);
        let fields = [("/title", "上岗考试"), ("/kind", "examination"), ("/held_on", "2026-06-01"), ("/minutes", "90")];
        let page = admin.submit(&page, "/trainings/new", &fields).expect(200);
        let training = page.path.split('?').next().unwrap().to_owned();
        let form = format!("{training}/participants");
        // The second row is wrong, and told there, though the first is empty.
        let page = admin.get(&form).expect(200);
        let page = admin.submit(&page, &form, &[("/participants/1/name", "赵六"), ("/participants/1/agency", "660008")]).expect(422);
        assert_eq!(page.texts("#f-participants-1-passed-error").len(), 1, "{:?}", page.texts(".error"));
        let page = admin.submit(&page, &form, &[("/participants/1/passed", "true"), ("/participants/1/score", "88"),
            ("/participants/3/certificate_number", "DJY6620190044"), ("/participants/3/passed", "false")]).expect(200);
        assert!(page.says("参加人员 2 人") && page.says("通过 88 分"), "{}", page.text);

        let page = admin.get("/registrars/new").expect(200);
        let id = training.rsplit('/').next().unwrap();
        let page = admin.submit(&page, "/registrars/new", &[("/certificate_number", "DJY-1"), ("/name", "钱七"), ("/agency", "660008"), ("/examination_id", id)]).expect(422);
        assert!(page.says("未通过"), "{}", page.text);
        let page = admin.submit(&page, "/registrars/new", &[("/name", "赵六"), ("/examination_id", id), ("/valid_until", "2026-07-01")]).expect(200);
        assert!(page.path.starts_with("/registrars/DJY-1?done=issued") && page.says("还有 16 天") && page.says("上岗考试"), "{}", page.text);
        assert!(admin.get("/registrars?expiring_within=30&agency=660008&state=valid").expect(200).links().contains(&"/registrars/DJY-1".to_owned()));

        let act = |name: &str, fields: &[(&str, &str)], status: u16| {
            let path = format!("/registrars/DJY-1/{name}");
            let page = admin.get(&path).expect(200);
            admin.submit(&page, &path, fields).expect(status)
        };
        assert!(act("renew", &[("/valid_until", "2029-06-30")], 200).says("2029-06-30"));
        act("suspend", &[("/from_on", "2026-06-01"), ("/reason", "违规")], 422);
        assert!(act("suspend", &[("/reason", "违规")], 200).says("暂停"));
        act("lift", &[], 422);
        assert!(act("lift", &[("/reason", "已整改")], 200).says("已整改"));
        // A registrar sees the own one alone.
        let registrar = app.pages_of(Person::Registrar);
        assert!(registrar.get("/registrars/DJY6620190044").expect(200).says("上岗考试"));
        assert_eq!(registrar.get("/registrars/DJY-1").status, 404);
        assert_eq!(registrar.get("/registrars/DJY6620190044/renew").status, 403);
    }

    fn messages_are_read_by_opening_them(app: &App) {
        app.confirmed(1);
        app.confirmed(2);
        let registrar = app.pages_of(Person::Registrar);
        let page = registrar.get("/messages").expect(200);
        assert!(page.says("未读消息 2 条"), "{}", page.text);
        let href = page.links().into_iter().find(|h| h.starts_with("/messages/")).unwrap();
        let message = registrar.get(&href).expect(200);
        assert!(message.links().iter().any(|h| h.starts_with("/contracts/")), "{}", message.text);
        let page = registrar.get("/messages?unread=true").expect(200);
        assert!(page.says("未读消息 1 条") && !page.links().contains(&href));
        let page = registrar.submit(&page, "/messages/read", &[]).expect(200);
        assert!(page.says("没有未读消息"), "{}", page.text);
        assert_eq!(app.pages_of(Person::Reviewer).get(&href).status, 404, "another's");
    }

    fn auditors_read_and_verify_both_ledgers(app: &App) {
        let contract = app.confirmed(1);
        let auditor = app.pages_of(Person::Auditor);
        let page = auditor.get("/ledger").expect(200);
        assert!(page.says("审核确认") && page.links().contains(&format!("/contracts/{}", contract["id"])), "{}", page.text);
        // What changed is told in the words of the forms.
        assert!(page.says("合同名称：无 → 棉田残膜回收装备研制（1）"), "{}", page.text);
        assert!(!page.says("/project_name"), "{}", page.text);
        let registrar = app.person(Person::Registrar);
        let amendment = json!({"kind": "amend", "changes": {"project_name": "另一名称"}, "reason": "更名"});
        let version = contract["version"].as_i64().unwrap();
        let request = registrar.post_at(&format!("/contracts/{}/change-requests", contract["id"]), version, &amendment).expect(201);
        registrar.post(&format!("/change-requests/{}/withdraw", request["id"]), &json!({"reason": "不改了"})).expect(200);
        let page = auditor.get("/ledger").expect(200);
        assert!(page.says(&format!("变更、注销申请 {} 状态：待审核 → 已撤回", request["id"])), "{}", page.text);
        let page = auditor.get("/ledger?from=1").expect(200);
        assert!(page.links().contains(&"/ledger/1".to_owned()));
        assert!(auditor.get("/ledger/1").expect(200).says("本条的哈希"));
        let user = json!({"username": "new.reviewer", "roles": ["reviewer", "statistician"], "full_name": "某某"});
        app.person(Person::Administrator).post("/users", &user).expect(201);
        let accounts = auditor.get("/account-ledger").expect(200);
        assert!(accounts.says("角色：无 → 审核员、统计员") && accounts.says("姓名：无 → 某某"), "{}", accounts.text);
        assert_eq!(auditor.get("/ledger/99999").status, 404);
        assert!(auditor.get("/ledger/verification").expect(200).says("完整，没有改动"));
        assert!(auditor.get("/account-ledger").expect(200).says("登录"));
        assert!(auditor.get("/account-ledger/verification").expect(200).says("完整，没有改动"));
        assert!(auditor.get("/account-ledger/1").expect(200).says("存储的原文"));
    }

    fn the_manual_is_open_to_everyone_and_verification_too(app: &App) {
        let pages = app.pages();
        let help = pages.get("/help").expect(200);
        assert_eq!(help.texts("h1"), ["用户手册"]);
        let contents: Vec<String> = help.attributes(".contents a", "href");
        assert!(contents.len() > 10);
        for place in &contents {
            assert!(help.text.contains(&format!("id=\"{}\"", &place[1..])), "{place}");
        }
        assert!(pages.get("/login").links().contains(&"/verify".to_owned()));
        let page = pages.get("/verify").expect(200);
        assert_eq!(pages.get("/verify?code=12").status, 422);
        assert!(pages.get("/verify?code=").expect(422).says("此项必填"));
        assert!(pages.get("/verify?code=%3Cscript%3E").text.contains("value=\"&#60;script&#62;\""), "{}", page.text);
        let contract = app.confirmed(1);
        let certificate = app.person(Person::Registrar).get(&format!("/contracts/{}/certificate.pdf", contract["id"]));
        assert_eq!(certificate.status, 200);
        let found = pages.get_once("/verify?code=0123-4567%2089ABCDEF0123456789abcdef");
        assert_eq!((found.status, found.header("location")), (303, Some("/verify/0123456789abcdef0123456789abcdef")));
        assert_eq!(pages.get("/verify/0123456789abcdef0123456789abcdef").status, 404);
    }

    fn mail_is_seen_by_administrators_and_sent_again(app: &App) {
        app.person(Person::Registrar);
        let admin_api = app.person(Person::Administrator);
        let version = admin_api.get("/users/registrar").expect(200)["version"].as_i64().unwrap();
        admin_api.patch_at("/users/registrar", version, &json!({"email": "r@example.org", "current_password": PASSWORD})).expect(200);
        app.confirmed(1);
        let admin = app.pages_of(Person::Administrator);
        let page = admin.get("/outbox").expect(200);
        assert!(page.says("r@example.org") && page.says("审核确认"), "{}", page.text);
        let retry = page.links().into_iter().find(|h| h.ends_with("/retry")).unwrap();
        let page = admin.get(&retry).expect(200);
        let page = admin.submit(&page, &retry, &[]);
        // Meanwhile it may have gone.
        assert!(page.status == 200 || page.status == 409, "{}", page.text);
    }
}

#[test]
fn a_demonstration_tells_its_accounts_and_an_office_does_not() {
    let office = App::start(Backend::Sqlite);
    let page = office.pages().get("/login");
    assert!(!page.says("演示"), "{}", page.text);
    let demo = App::start_with(Backend::Sqlite, "2026-06-15T12:00:00+08:00", |settings| {
        settings.documents.made_up_records = true;
        settings.demo = Some(DemoAccounts {
            password: "told to everyone".to_owned(),
            accounts: vec![("zhang".to_owned(), Role::Auditor), ("li".to_owned(), Role::Reviewer)],
        });
    });
    let page = demo.pages().get("/login");
    assert!(
        page.says("told to everyone") && page.says("zhang") && page.says("核对全部"),
        "{}",
        page.text
    );
}
