//! Where one is logged in; what a log-in leaves behind; cookies behind TLS.

use crate::support::{App, Backend, PASSWORD, Person, both};

fn page_sessions(app: &App, person: Person) -> usize {
    let listed = app.person(person).get("/auth/sessions").expect(200);
    listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|s| s["kind"] == "page")
        .count()
}

both! {
    fn one_sees_and_ends_the_own_sessions(app: &App) {
        let here = app.pages_of(Person::Registrar);
        let there = app.pages_of(Person::Registrar);
        assert!(here.get("/password").links().contains(&"/sessions".to_owned()));
        let page = here.get("/sessions").expect(200);
        assert_eq!(page.texts("td[data-label=方式]").iter().filter(|t| t.contains("本次")).count(), 1, "{}", page.text);
        // The other page session, by the button of its row.
        let rows = page.texts("tbody tr");
        let forms = page.sending_forms();
        let ends: Vec<&str> = forms.iter().map(|f| f.action.as_str()).filter(|a| a.ends_with("/end")).collect();
        assert_eq!(ends.len(), rows.len());
        let at = rows.iter().position(|row| row.contains("网页") && !row.contains("本次")).unwrap();
        let ended = here.submit(&page, ends[at], &[]).expect(200);
        assert!(ended.says("该处登录已结束"), "{}", ended.text);
        assert_eq!(there.get_once("/").status, 303);
        assert_eq!(here.get_once("/").status, 200);
        // Nobody ends another's, nor by an address alone.
        let other = app.pages_of(Person::Colleague);
        let token = other.get("/sessions").form("/logout").value("_token").unwrap().to_owned();
        let own = here.get("/sessions").sending_forms().into_iter().find(|f| f.action.ends_with("/end")).unwrap();
        assert_eq!(other.post_once(&own.action, &[("_token", &token)]).status, 404);
        assert_eq!(here.post_once(&own.action, &[]).status, 403);
        let page = here.get("/sessions");
        let alone = here.submit(&page, "/sessions/others", &[]).expect(200);
        assert!(alone.says("其他登录已全部结束") && !alone.says("结束其他全部登录"), "{}", alone.text);
        let own = alone.sending_forms().into_iter().find(|f| f.action.ends_with("/end")).unwrap();
        assert_eq!(here.submit(&alone, &own.action, &[]).path, "/login");
        assert_eq!(here.get_once("/").status, 303);
    }

    fn a_log_in_ends_the_session_that_the_browser_had(app: &App) {
        app.person(Person::Registrar);
        app.person(Person::Colleague);
        let pages = app.pages();
        let form = pages.get("/login");
        let log_in = |name: &str| pages.submit(&form, "/login", &[("username", name), ("password", PASSWORD)]).expect(200);
        log_in("registrar");
        assert_eq!(page_sessions(app, Person::Registrar), 1);
        let first = pages.cookie("dengji_session").unwrap();
        log_in("registrar");
        assert_eq!(page_sessions(app, Person::Registrar), 1);
        assert_ne!(pages.cookie("dengji_session").unwrap(), first, "whoever planted the first knows nothing of the second");
        // Whosever it was.
        log_in("colleague");
        assert_eq!((page_sessions(app, Person::Registrar), page_sessions(app, Person::Colleague)), (0, 1));
        // One that fails leaves the session alone.
        pages.submit(&form, "/login", &[("username", "registrar"), ("password", "wrong wrong wrong")]).expect(401);
        assert_eq!(page_sessions(app, Person::Colleague), 1);
    }

    fn who_logged_in_in_a_browser_goes_on_there_while_others_guess(app: &App) {
        let own = app.pages_of(Person::Registrar);
        let page = own.get("/");
        own.submit(&page, "/logout", &[]);
        let stranger = app.pages();
        let form = stranger.get("/login");
        for _ in 0..10 {
            stranger.submit(&form, "/login", &[("username", "registrar"), ("password", "wrong wrong wrong")]).expect(401);
        }
        let refused = stranger.submit(&form, "/login", &[("username", "registrar"), ("password", PASSWORD)]).expect(429);
        assert!(refused.header("retry-after").is_some() || refused.says("30 秒"), "{}", refused.text);
        own.log_in("registrar");
        let told = app.person(Person::Auditor).get("/account-ledger?limit=100").expect(200).to_string();
        assert!(told.contains("该用户名在该地址的失败次数达到上限"), "{told}");
    }
}

#[test]
fn behind_tls_cookies_are_the_hosts_own_and_browsers_stay_with_tls() {
    let app = App::start_with(Backend::Sqlite, "2026-06-15T12:00:00+08:00", |settings| {
        settings.server.public_url = "https://register.example".to_owned();
    });
    let pages = app.pages_of(Person::Registrar);
    let first = app.pages().get_once("/login");
    assert_eq!(first.header("strict-transport-security"), Some("max-age=31536000"));
    for name in ["session", "stranger", "device"] {
        assert!(pages.cookie(&format!("__Host-dengji_{name}")).is_some(), "{name}");
        assert!(pages.cookie(&format!("dengji_{name}")).is_none(), "{name}");
    }
    for (_, cookie) in first.headers.iter().filter(|(name, _)| name == "set-cookie") {
        assert!(
            cookie.contains("Secure") && cookie.contains("Path=/") && !cookie.contains("Domain"),
            "{cookie}"
        );
    }
    let plain = App::start(Backend::Sqlite);
    assert_eq!(
        plain.pages().get_once("/login").header("strict-transport-security"),
        None
    );
}
