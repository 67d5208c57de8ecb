//! Forms that come when no session is alive: those of our own pages are kept and shown again, filled, once their author has logged in;
//! what any other site posts is dropped. Nothing is done by logging in.

use serde_json::Value;

use crate::support::{App, PASSWORD, Page, Pages, Person, both};

use super::every_page::{addresses, somewhere};
use crate::api::strangers::furnish;

const FOREIGN: &[(&str, &str)] = &[("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")];
const OWN: &[(&str, &str)] = &[("Sec-Fetch-Site", "same-origin")];

const LOG_IN: &[(&str, &str)] = &[("username", "registrar"), ("password", PASSWORD)];

fn drafts(app: &App) -> usize {
    let listed = app.person(Person::Registrar).get("/contracts?state=draft").expect(200);
    listed["items"].as_array().map_or(0, Vec::len)
}

/// The form of a new contract with a name in it, sent after its session ran out.
fn interrupted(app: &App, pages: &Pages) -> Page {
    let page = pages.get("/contracts/new").expect(200);
    app.pass_seconds(1801);
    pages.submit(
        &page,
        "/contracts/new",
        &[
            ("/project_name", "打了\"很久\"<的>&合同"),
            ("/summary", "第一行\n第二行"),
            ("/type", "consulting"),
        ],
    )
}

#[track_caller]
fn shown_again(page: &Page) {
    assert!(page.says("尚未提交"), "{}: {}", page.status, page.text);
    let form = page.form("/contracts/new");
    assert_eq!(form.value("/project_name"), Some("打了\"很久\"<的>&合同"));
    assert_eq!(form.value("/summary"), Some("第一行\n第二行"));
    assert_eq!(form.value("/type"), Some("consulting"));
}

both! {
    fn who_was_idle_logs_in_again_and_finds_the_form_as_it_was(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get("/password");
        app.pass_seconds(1799);
        assert_eq!(pages.get_once("/password").status, 200);
        drop(page);
        let asked = interrupted(app, &pages).expect(401);
        assert!(asked.says("没有丢失"), "{}", asked.text);
        let resumed = pages.submit(&asked, "/login", LOG_IN).expect(200);
        let page = pages.submit(&resumed, "/contracts/new?_again", &[]).expect(200);
        shown_again(&page);
        assert_eq!(drafts(app), 0, "nothing is done before it is looked at");
        let saved = pages.submit(&page, "/contracts/new", &[("_go", "draft")]).expect(200);
        assert!(saved.path.contains("done=saved"), "{}", saved.path);
        assert_eq!(drafts(app), 1);
    }

    fn a_browser_that_was_closed_is_believed_when_it_says_where_a_form_comes_from(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let fields = [("/project_name", "打了\"很久\"<的>&合同"), ("/summary", "第一行\n第二行"), ("/type", "consulting"), ("_as", "registrar")];
        pages.forget_cookies();
        let asked = pages.post_from("/contracts/new", &fields, OWN).expect(401);
        let resumed = pages.submit(&asked, "/login", LOG_IN).expect(200);
        shown_again(&pages.submit(&resumed, "/contracts/new?_again", &[]).expect(200));
    }

    fn what_one_typed_is_not_shown_to_another(app: &App) {
        app.person(Person::Colleague);
        let pages = app.pages_of(Person::Registrar);
        let asked = interrupted(app, &pages).expect(401);
        let landed = pages.submit(&asked, "/login", &[("username", "colleague"), ("password", PASSWORD)]);
        assert_eq!((landed.status, landed.path.as_str()), (200, "/"));
        assert!(!landed.text.contains("很久"));
    }

    fn what_another_site_posts_is_dropped_wherever_it_goes(app: &App) {
        let there = furnish(app);
        let mut tried = 0;
        for template in addresses("post").iter().filter(|a| *a != "/login") {
            let address = somewhere(&there, template);
            let fields = [("/project_name", "Fremdes"), ("/username", "Fremdes"), ("/reason", "Fremdes"), ("_as", "registrar"), ("_token", "0000")];
            for headers in [FOREIGN, &[][..], &[("Origin", "null")][..], &[("Sec-Fetch-Site", "same-site")][..]] {
                // The cookie is withheld from what another site sends.
                let pages = app.pages();
                let led = pages.post_from(&address, &fields, headers);
                if template.ends_with("/autosave") || template == "/contracts/check" {
                    // A script is told so that it can tell its page, which holds what was typed.
                    assert!(led.status == 401 && !led.text.contains("Fremdes"), "{template}: {}", led.text);
                    continue;
                }
                assert_eq!(led.status, 303, "{template}: {}", led.text);
                let to = led.header("location").unwrap();
                assert!(to.starts_with("/login?next="), "{template}: {to}");
                let asked = pages.get(to);
                assert!(!asked.text.contains("Fremdes") && asked.form("/login").value("typed") == Some(""), "{template}");
                tried += 1;
            }
            if template.ends_with("/autosave") || template == "/contracts/check" {
                continue;
            }
            // Where the log-in leads is a page.
            let led = app.pages().post_from(&address, &fields, FOREIGN);
            let query = led.header("location").unwrap().split_once('?').unwrap().1.to_owned();
            let next = form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == "next").unwrap().1.into_owned();
            let page = app.pages_of(Person::Administrator).get_once(&next);
            assert!([200, 303, 403, 404].contains(&page.status), "{template} → {next}: {}", page.status);
            assert!(!page.says("没有这个页面"), "{template} → {next}");
        }
        assert!(tried > 150, "{tried}");
    }

    fn a_foreign_form_makes_no_administrator(app: &App) {
        let pages = app.pages_of(Person::Administrator);
        let secret = pages.cookie("dengji_session").unwrap();
        pages.forget_cookies();
        let fields = [("/username", "zweiter"), ("/roles", "administrator"), ("_as", "administrator"), ("_once", "x")];
        let led = pages.post_from("/users/new", &fields, FOREIGN).expect(303);
        let asked = pages.get(led.header("location").unwrap());
        let landed = pages.submit(&asked, "/login", &[("username", "administrator"), ("password", PASSWORD)]).expect(200);
        assert_eq!(landed.path, "/users/new");
        assert_eq!(landed.form("/users/new").value("/username"), Some(""));
        let users = app.person(Person::Administrator).get("/users").expect(200);
        let names: Vec<&Value> = users["items"].as_array().unwrap().iter().map(|u| &u["username"]).collect();
        assert!(!names.iter().any(|n| *n == "zweiter"), "{names:?}");
        // Nor is a form shown for who has not the token.
        for token in ["", "0000", &secret] {
            let fields = [("_token", token), ("typed", "/username=zweiter")];
            assert_eq!(pages.post_once("/users/new?_again", &fields).status, 403);
        }
        assert_eq!(pages.get("/users/new?_again").expect(200).path, "/users/new?_again");
    }

    fn a_form_with_a_password_or_a_large_one_is_not_kept(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get("/password").expect(200);
        let entry = pages.get("/contracts/new").expect(200);
        app.pass_seconds(1801);
        let typed = [("/current_password", PASSWORD), ("/new_password", "ganz geheimer satz"), ("/repeated", "ganz geheimer satz")];
        let sent = page.form("/password").filled(&typed);
        let fields: Vec<(&str, &str)> = sent.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        for headers in [&[][..], OWN] {
            let led = pages.post_from("/password", &fields, headers).expect(303);
            let asked = pages.get(led.header("location").unwrap());
            assert!(asked.says("没有保留"), "{}", asked.text);
            assert!(!led.text.contains("geheim") && !asked.text.contains("geheim") && !asked.text.contains(PASSWORD));
        }
        let long = "长".repeat(8000);
        let sent = entry.form("/contracts/new").filled(&[("/summary", &long)]);
        let fields: Vec<(&str, &str)> = sent.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let led = pages.post_from("/contracts/new", &fields, OWN).expect(303);
        assert!(led.header("location").unwrap().contains("lost=typed"));
        // Nothing was typed: nothing is said of it.
        let fields = [("_token", "x")];
        assert_eq!(pages.post_from("/logout", &fields, OWN).header("location"), Some("/login?next=%2F"));
    }

    fn what_was_typed_is_told_where_its_form_is_gone(app: &App) {
        let draft = app.draft(1);
        let pages = app.pages_of(Person::Registrar);
        let address = format!("/contracts/{}/edit", draft["id"]);
        let page = pages.get(&address).expect(200);
        app.pass_seconds(1801);
        let asked = pages.submit(&page, &address, &[("/project_name", "改了<很>多")]).expect(401);
        // Meanwhile it is submitted elsewhere.
        app.person(Person::Registrar).act(&draft, "submit", &serde_json::json!({}));
        let resumed = pages.submit(&asked, "/login", LOG_IN).expect(200);
        let told = pages.submit(&resumed, &format!("{address}?_again"), &[]).expect(200);
        assert!(told.says("改了<很>多") && !told.text.contains("改了<很>"), "{}", told.text);
    }
}
