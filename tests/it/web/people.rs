//! People and contracts are found by typing a part of what is known of them: what the forms offer, and in a real browser.

use serde_json::{Value, json};

use super::browser_entry::{says, wait_for};
use crate::support::{App, Backend, Page, Person, both, browser::Browser};
use dengji::domain::account::Role;

fn issue(app: &App, number: &str, name: &str) {
    let body = json!({"certificate_number": number, "name": name, "agency": "660008"});
    app.person(Person::Administrator).post("/registrars", &body).expect(201);
}

fn training(app: &App) -> String {
    let body = json!({"kind": "continuing", "title": "继续教育", "held_on": "2026-06-01", "minutes": 240});
    let made = app.person(Person::Administrator).post("/trainings", &body).expect(201);
    format!("/trainings/{}/participants", made["id"])
}

fn numbers(page: &Page) -> Vec<String> {
    page.texts("tbody a")
}

fn found(page: &Page) -> Vec<String> {
    let items: Vec<Value> = serde_json::from_str(&page.text).unwrap();
    items.iter().map(|i| i["value"].as_str().unwrap().to_owned()).collect()
}

fn query(path: &str, text: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("q", text)
        .finish();
    format!("{path}?{query}")
}

both! {
    fn a_certificate_is_found_by_number_name_or_agency(app: &App) {
        app.person(Person::Registrar);
        for (number, name) in [("DJY-1", "赵六"), ("DJY-2", "钱七"), ("DJY-3", "钱七"), ("DJY-4", "100%_真名")] {
            issue(app, number, name);
        }
        let admin = app.pages_of(Person::Administrator);
        let find = |text: &str| found(&admin.get(&query("/registrars/find", text)).expect(200));
        assert_eq!((find("赵"), find("djy-2")), (vec!["DJY-1".to_owned()], vec!["DJY-2".to_owned()]));
        assert_eq!((find("%_真"), find("没有这个人")), (vec!["DJY-4".to_owned()], vec![]));
        let all = find("");
        assert!(all.len() >= 5, "{all:?}");
        let agency = app.person(Person::Administrator).get("/agencies").expect(200)["items"].as_array().unwrap().iter()
            .find(|a| a["code"] == "660008").unwrap()["name"].as_str().unwrap().to_owned();
        assert!(find(&agency).contains(&"DJY-1".to_owned()), "{agency}");
        assert_eq!(numbers(&admin.get(&query("/registrars", "钱")).expect(200)), ["DJY-2", "DJY-3"]);
        // A registrar finds no certificate but his or her own, an expert none.
        assert_eq!(found(&app.pages_of(Person::Registrar).get("/registrars/find").expect(200)), ["DJY6620190044"]);
        app.pages_of(Person::Expert).get("/registrars/find").expect(403);
        app.pages().get_once("/registrars/find").expect(303);

        // Without script a name does for a number, where it is one person's.
        let form = training(app);
        let page = admin.get(&form).expect(200);
        assert!(page.attributes("datalist#certificates option[value='DJY-1']", "label")[0].starts_with("赵六，"));
        let row = |n: usize| format!("/participants/{n}/certificate_number");
        let (first, third, fourth) = (row(0), row(2), row(3));
        let refused = admin.submit(&page, &form, &[(&first, "赵六"), (&third, "钱七"), (&fourth, "djy6620190044")]).expect(422);
        let told = refused.texts(".field.wrong .error");
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("DJY-2（钱七，") && told[0].contains("DJY-3（"), "{told:?}");
        assert_eq!(refused.texts(".field.wrong").len(), 1);
        assert_eq!((refused.form(&form).value(&first), refused.form(&form).value(&third)), (Some("DJY-1"), Some("钱七")));
        let refused = admin.submit(&refused, &form, &[(&third, "没有这个人")]).expect(422);
        assert_eq!(refused.attributes(".field.wrong input", "name"), std::slice::from_ref(&third), "{:?}", refused.texts(".error"));
        let done = admin.submit(&refused, &form, &[(&third, "DJY-3"), (&fourth, "DJY6620190044")]).expect(200);
        for number in ["DJY-1", "DJY-3", "DJY6620190044"] {
            assert!(done.links().contains(&format!("/registrars/{number}")), "{number}");
        }
        // The account's form proposes them, too.
        let account = admin.get("/users/registrar/edit").expect(200);
        assert_eq!(account.attributes("[name='/certificate']", "list"), ["certificates"]);
        assert!(account.attributes("datalist#certificates option", "value").contains(&"DJY-2".to_owned()));
    }

    fn a_contract_is_found_by_its_name_for_a_follow_up(app: &App) {
        let (one, other) = (app.confirmed(1), app.confirmed(2));
        let number = |contract: &Value| {
            let path = format!("/contracts/{}", contract["id"]);
            app.person(Person::Auditor).get(&path).expect(200)["registration_number"].as_str().unwrap().to_owned()
        };
        app.draft(3);
        let pages = app.pages_of(Person::Statistician);
        let find = |text: &str| found(&pages.get(&query("/contracts/numbers", text)).expect(200));
        assert_eq!(find("装备研制（1）"), [number(&one)]);
        assert_eq!(find("棉田残膜").len(), 2, "a draft has no number");
        assert!(find("棉").is_empty() && find("").is_empty(), "too short");
        assert!(found(&app.pages_of(Person::Expert).get(&query("/contracts/numbers", "棉田残膜")).expect(200)).is_empty());
        let page = pages.get("/follow-ups/new").expect(200);
        let flags = ["/tax_relevant", "/fulfilled", "/entitled", "/enjoyed", "/reward_due", "/reward_issued"].map(|name| (name, "false"));
        let mut fields = vec![("/registration_number", "棉田残膜"), ("/survey_year", "2026")];
        fields.extend(flags);
        let refused = pages.submit(&page, "/follow-ups/new", &fields).expect(422);
        assert!(refused.texts("#f-registration-number-error")[0].contains(&number(&other)), "{:?}", refused.texts(".error"));
        let shown = pages.submit(&refused, "/follow-ups/new", &[("/registration_number", "装备研制（2）")]).expect(200);
        assert_eq!(shown.path, format!("/follow-ups/{}-2026?done=created", number(&other)));
    }

    fn a_region_may_be_typed_by_its_name(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get("/contracts/new").expect(200);
        let saved = pages.submit(&page, "/contracts/new", &[("/seller/region", "石河子"), ("/buyer/region", "659002")]).expect(200);
        let action = saved.path.split('?').next().unwrap().to_owned();
        assert_eq!((saved.form(&action).value("/seller/region"), saved.form(&action).value("/buyer/region")), (Some("659001"), Some("659002")));
        let refused = pages.submit(&saved, &action, &[("/seller/region", "自治区")]).expect(422);
        assert_eq!(refused.form(&action).value("/seller/region"), Some("自治区"));
    }

    fn who_is_chosen_is_read_by_name(app: &App) {
        let claimed = app.claimed(1);
        let confirmed = app.confirmed(2);
        app.person(Person::Reviewer2);
        let pages = app.pages_of(Person::Reviewer);
        let list = pages.get("/contracts").expect(200);
        assert!(list.texts("[name=agency] option").iter().any(|o| o.contains("660008")));
        assert!(list.texts("[name=claimed_by] option").contains(&"本人".to_owned()));
        let own = pages.get("/contracts?claimed_by=me&agency=660008").expect(200);
        assert!(own.links().contains(&format!("/contracts/{}", claimed["id"])), "{}", own.text);
        assert_eq!(own.form("/contracts").value("claimed_by"), Some("me"));
        // Registrars do not know who reviews.
        assert!(app.pages_of(Person::Registrar).get("/contracts").expect(200).texts("[name=claimed_by] option").is_empty());
        let hand = pages.get("/contracts/bulk/hand-over").expect(200);
        assert_eq!(hand.attributes("[data-choose] [name='/to'] option[value=reviewer2]", "data-keys").len(), 1);
        let revoke = app.pages_of(Person::Reviewer2).get(&format!("/contracts/{}/revoke", confirmed["id"])).expect(200);
        assert_eq!(revoke.texts("select[name='/self_audit_id']").len(), 1);
        let requests = pages.get("/change-requests?agency=660008").expect(200);
        assert!(requests.texts("[name=agency] option").iter().any(|o| o.contains("660008")));
    }
}

/// Types into what has this id, and leaves it.
fn type_and_leave(app: &App, browser: &Browser<'_>, id: &str, text: &str) {
    let field = browser.find(&format!("#{id}"));
    app.block_on(field.send_keys(text)).unwrap();
    browser.key(fantoccini::key::Key::Tab);
}

#[test]
fn in_a_browser_a_part_of_a_name_is_enough() {
    let app = App::start(Backend::Sqlite);
    app.person(Person::Registrar);
    for (number, name) in [("DJY-1", "赵六"), ("DJY-2", "钱七"), ("DJY-3", "钱七妹")] {
        issue(&app, number, name);
    }
    let form = training(&app);
    let browser = app.browser_of(Person::Administrator);
    browser.open(&form);
    let value = |n: usize| {
        browser.ask(
            &format!("return document.getElementById('f-participants-{n}-certificate-number').value"),
            vec![],
        )
    };
    type_and_leave(&app, &browser, "f-participants-0-certificate-number", "赵");
    wait_for(&browser, "told whose", || {
        says(&browser, "#f-participants-0-certificate-number-who", "赵六，")
    });
    assert_eq!(value(0), "DJY-1");
    type_and_leave(&app, &browser, "f-participants-1-certificate-number", "钱七");
    wait_for(&browser, "told of two", || {
        says(&browser, "#f-participants-1-certificate-number-who", "2 项符合")
    });
    assert_eq!(value(1), "钱七");
    browser.expect_sound();
    browser.picture("people-participants");

    // A region by the first letters of its sounds, by a part of its name, by its code.
    let registrar = app.browser_of(Person::Registrar);
    registrar.open("/contracts/new");
    for (side, typed, told) in [("seller", "shz", "石河子市"), ("buyer", "五家渠", "五家渠市")] {
        type_and_leave(&app, &registrar, &format!("f-{side}-region"), typed);
        wait_for(&registrar, "told where", || {
            says(&registrar, &format!("#f-{side}-region-who"), told)
        });
    }
    let code = |side: &str| {
        registrar.ask(
            &format!("return document.getElementById('f-{side}-region').value"),
            vec![],
        )
    };
    assert_eq!((code("seller"), code("buyer")), (json!("659001"), json!("659004")));
    registrar.expect_sound();
    registrar.picture("people-region");

    // A long list of people is cut down by typing; who is chosen stays.
    for n in 0..12 {
        app.add_user(&format!("expert{n}"), &[Role::Expert], None, None);
    }
    app.person(Person::Reviewer);
    let browser = app.browser_of(Person::Reviewer);
    browser.open("/expert-reviews/new");
    let shown = || {
        browser
            .ask("return Array.from(document.querySelectorAll('[data-sift] label.choice')).filter(c => !c.hidden).length", vec![])
            .as_i64()
            .unwrap()
    };
    assert!(shown() >= 12);
    let sift = browser.find("[data-sift] input[type=search]");
    app.block_on(sift.send_keys("expert11")).unwrap();
    assert_eq!(shown(), 1);
    browser.key(fantoccini::key::Key::Enter);
    app.block_on(sift.clear()).unwrap();
    app.block_on(sift.send_keys("expert3")).unwrap();
    assert_eq!(shown(), 2, "who is chosen, and who is found");
    assert!(says(&browser, "[data-sift]", "已选 1 人"));
    // The chair by typing, as well.
    browser.click("#f-chair");
    browser.keys("expert11");
    browser.key(fantoccini::key::Key::Enter);
    assert_eq!(
        browser.ask("return document.querySelector('[name=\"/chair\"]').value", vec![]),
        json!("expert11")
    );
    browser.expect_sound();
    browser.picture("people-panel");
}
