//! Logging in and out, the password, forms without their token, a session that ran out.

use crate::support::{PASSWORD, Person, both};

both! {
    fn a_stranger_is_led_to_the_log_in_page_and_back(app: &App) {
        app.person(Person::Registrar);
        let pages = app.pages();
        let led = pages.get_once("/password");
        assert_eq!((led.status, led.header("location")), (303, Some("/login?next=%2Fpassword")));
        let page = pages.get("/password");
        let page = pages.submit(&page, "/login", &[("username", "registrar"), ("password", PASSWORD)]);
        assert_eq!((page.status, page.path.as_str()), (200, "/password"));
    }

    fn a_wrong_password_is_told_and_the_name_kept(app: &App) {
        app.person(Person::Registrar);
        let pages = app.pages();
        let page = pages.get("/login");
        let page = pages.submit(&page, "/login", &[("username", "registrar"), ("password", "wrong wrong wrong")]);
        assert_eq!(page.status, 401);
        assert!(page.says("用户名或密码不正确"), "{}", page.text);
        assert_eq!(page.form("/login").value("username"), Some("registrar"));
        assert_eq!(page.form("/login").value("password"), Some(""));
        assert_eq!(pages.cookie("dengji_session"), None);
    }

    fn nobody_is_led_to_another_host(app: &App) {
        app.person(Person::Registrar);
        for next in ["https://example.org/", "//example.org/", "/\\example.org", "/\t/example.org", "/.//example.org", "/\n/example.org"] {
            // By the address of the log-in page too, for who is logged in already.
            let asked = form_urlencoded::Serializer::new("/login?".to_owned()).append_pair("next", next).finish();
            let led = app.pages_of(Person::Registrar).get_once(&asked);
            assert_eq!((led.status, led.header("location")), (303, Some("/")), "{next:?}");
            let pages = app.pages();
            let page = pages.get("/login");
            let page = pages.submit(&page, "/login", &[("username", "registrar"), ("password", PASSWORD), ("next", next)]);
            assert_eq!((page.status, page.path.as_str()), (200, "/"), "{next}");
        }
    }

    fn who_logs_out_is_out(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let stolen = pages.cookie("dengji_session").unwrap();
        let page = pages.get("/");
        assert_eq!(pages.submit(&page, "/logout", &[]).path, "/login");
        assert_eq!(pages.get_once("/").status, 303);
        assert_ne!(pages.cookie("dengji_session").as_deref(), Some(stolen.as_str()));
    }

    fn a_form_without_its_token_is_refused(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        assert_eq!(pages.post_once("/logout", &[]).status, 403);
        assert_eq!(pages.post_once("/logout", &[("_token", "0000")]).status, 403);
        assert_eq!(pages.get_once("/").status, 200, "still logged in");
        let stranger = app.pages();
        assert_eq!(stranger.post_once("/login", &[("username", "registrar"), ("password", PASSWORD)]).status, 403);
    }

    fn the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: &App) {
        app.person(Person::Registrar);
        let pages = app.pages();
        let page = pages.get("/login");
        let form = page.form("/login").filled(&[("username", "registrar"), ("password", PASSWORD)]);
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let answer = pages.post_once("/login", &fields);
        let cookie = answer.headers.iter().find(|(n, v)| n == "set-cookie" && v.starts_with("dengji_session=")).unwrap();
        assert!(cookie.1.contains("HttpOnly") && cookie.1.contains("SameSite=Strict") && cookie.1.contains("Path=/"), "{cookie:?}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    }

    fn the_password_page_tells_what_is_wrong_with_a_password(app: &App) {
        let pages = app.pages_of(Person::Registrar);
        let page = pages.get("/password");
        let page = pages.submit(&page, "/password", &[("/current_password", PASSWORD), ("/new_password", "short"), ("/repeated", "short")]).expect(422);
        assert_eq!(page.texts(".field.wrong label").len(), 1, "{}", page.text);
        assert!(page.links().iter().any(|href| href == "#f-new-password"), "the summary leads to the field: {:?}", page.links());
    }

    fn an_unknown_page_is_a_page_and_an_unknown_address_of_the_api_a_problem(app: &App) {
        let pages = app.pages();
        let page = pages.get_once("/nowhere").expect(404);
        assert!(page.header("content-type").unwrap().starts_with("text/html"));
        assert_eq!(pages.get_once("/api/v1/nowhere").header("content-type"), Some("application/problem+json"));
        for path in ["/livez", "/readyz", "/verify/0123"] {
            let refused = pages.post_once(path, &[]).expect(405);
            assert_eq!(refused.header("allow"), Some("GET"), "{path}");
        }
    }

    fn a_first_visit_is_light_and_comes_from_this_host_alone(app: &App) {
        let pages = app.pages();
        let page = pages.get("/login");
        let assets: Vec<String> = page
            .attributes("link[href]", "href")
            .into_iter()
            .chain(page.attributes("script[src], img[src]", "src"))
            .collect();
        assert!(assets.len() >= 2, "{assets:?}");
        let mut bytes = page.text.len();
        for asset in assets {
            assert!(asset.starts_with("/assets/"), "{asset}");
            let answer = pages.get_once(&asset).expect(200);
            assert!(answer.header("cache-control").unwrap().contains("immutable"), "{asset}");
            bytes += answer.text.len();
        }
        assert!(bytes <= 150 * 1024, "{bytes} bytes, not even compressed");
    }
}
