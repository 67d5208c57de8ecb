//! Sessions over REST: log-in, refresh, log-out, password, the brake on guesses, the own account.

use serde_json::{Value, json};

use crate::support::{App, Client, Person, Reply, both, second};

const PASSWORD: &str = "an ordinary long sentence";
const NEW_PASSWORD: &str = "another ordinary long sentence";

fn log_in(app: &App, username: &str, password: &str) -> Reply {
    let body = json!({"username": username, "password": password});
    app.anonymous().post("/auth/login", &body)
}

fn session(app: &App, username: &str) -> (Client, String) {
    let tokens = log_in(app, username, PASSWORD).expect(200);
    let client = app.anonymous().with_token(tokens["access_token"].as_str().unwrap());
    (client, tokens["refresh_token"].as_str().unwrap().to_owned())
}

fn refresh(app: &App, token: &str) -> Reply {
    app.anonymous().post("/auth/refresh", &json!({"refresh_token": token}))
}

both! {
    fn a_log_in_gives_tokens_and_me_says_who(app: &App) {
        app.person(Person::Registrar);
        let reply = log_in(app, "registrar", PASSWORD);
        let tokens = reply.expect(200);
        assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
        let mut names: Vec<&String> = tokens.as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, ["access_token", "expires_in", "refresh_token", "token_type"]);
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let me = app.anonymous().with_token(tokens["access_token"].as_str().unwrap()).get("/auth/me").expect(200);
        assert_eq!(me, json!({
            "username": "registrar",
            "roles": ["registrar"],
            "agency": {"code": "660008", "name": "八师技术合同登记站"},
            "certificate": {"number": "DJY6620190044", "issued_on": "2019-11-09", "valid_until": "2028-12-31", "valid_today": true},
            "password_must_change": false, "password_expires_at": null, "unread_messages": 0,
        }));
        let me = app.person(Person::Auditor).get("/auth/me").expect(200);
        assert_eq!(me, json!({
            "username": "auditor", "roles": ["auditor"], "agency": null, "certificate": null,
            "password_must_change": false, "password_expires_at": null, "unread_messages": 0,
        }));
    }

    fn wrong_names_and_passwords_are_not_told_apart(app: &App) {
        app.person(Person::Reviewer);
        let wrong = log_in(app, "reviewer", "not the password at all");
        wrong.expect_problem(401, "credentials");
        let unknown = log_in(app, "nobody", PASSWORD);
        unknown.expect_problem(401, "credentials");
        assert_eq!(wrong.text, unknown.text);
        log_in(app, "REVIEWER", PASSWORD).expect_problem(401, "credentials");
        for (body, pointers) in [
            (json!({}), vec!["/password", "/username"]),
            (json!({"username": "", "password": ""}), vec!["/password", "/username"]),
            (json!({"username": 7, "password": [], "remember": true}), vec!["/password", "/remember", "/username"]),
            (json!({"username": "a", "password": "x".repeat(1025)}), vec!["/password"]),
        ] {
            let reply = app.anonymous().post("/auth/login", &body);
            reply.expect_problem(422, "invalid");
            assert_eq!(reply.pointers(), pointers, "{body}");
        }
        let reply = app.anonymous().post("/auth/refresh", &json!({}));
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/refresh_token"]);
    }

    fn refresh_tokens_rotate_and_reuse_ends_the_session(app: &App) {
        app.person(Person::Reviewer);
        let (client, first) = session(app, "reviewer");
        let (other_client, other) = session(app, "reviewer");
        let tokens = refresh(app, &first).expect(200);
        let second = tokens["refresh_token"].as_str().unwrap();
        assert_ne!(second, first);
        let refreshed = app.anonymous().with_token(tokens["access_token"].as_str().unwrap());
        refreshed.get("/auth/me").expect(200);
        client.get("/auth/me").expect(200);
        // The first one again: it leaked, or a client is at fault. Everything of this session ends, nothing of the other one.
        refresh(app, &first).expect_problem(401, "unauthenticated");
        refresh(app, second).expect_problem(401, "unauthenticated");
        client.get("/auth/me").expect_problem(401, "unauthenticated");
        refreshed.get("/auth/me").expect_problem(401, "unauthenticated");
        other_client.get("/auth/me").expect(200);
        refresh(app, &other).expect(200);
        refresh(app, "never given").expect_problem(401, "unauthenticated");
        // An access token is no refresh token, and the other way round.
        refresh(app, client.token().unwrap()).expect_problem(401, "unauthenticated");
        let (_, fresh) = session(app, "reviewer");
        app.anonymous().with_token(&fresh).get("/auth/me").expect_problem(401, "unauthenticated");
    }

    fn sessions_end_by_the_clock(app: &App) {
        app.person(Person::Reviewer);
        let (_, token) = session(app, "reviewer");
        app.pass_seconds(43_199);
        let second = refresh(app, &token).expect(200)["refresh_token"].as_str().unwrap().to_owned();
        app.pass_seconds(43_200);
        refresh(app, &second).expect_problem(401, "unauthenticated");
        // Seven days in any case, however often it is refreshed; and no access token outlives its session.
        let (_, mut token) = session(app, "reviewer");
        for _ in 0..14 {
            app.pass_seconds(43_000);
            token = refresh(app, &token).expect(200)["refresh_token"].as_str().unwrap().to_owned();
        }
        app.pass_seconds(604_800 - 14 * 43_000 - 1);
        let tokens = refresh(app, &token).expect(200);
        let client = app.anonymous().with_token(tokens["access_token"].as_str().unwrap());
        client.get("/auth/me").expect(200);
        app.pass_seconds(1);
        client.get("/auth/me").expect_problem(401, "unauthenticated");
        refresh(app, tokens["refresh_token"].as_str().unwrap()).expect_problem(401, "unauthenticated");
    }

    fn a_log_out_ends_the_session_at_once(app: &App) {
        app.person(Person::Reviewer);
        let (client, token) = session(app, "reviewer");
        let (other, _) = session(app, "reviewer");
        assert_eq!(client.send("POST", "/auth/logout", &[], None).expect(204), Value::Null);
        client.get("/auth/me").expect_problem(401, "unauthenticated");
        client.post("/auth/logout", &json!({})).expect_problem(401, "unauthenticated");
        refresh(app, &token).expect_problem(401, "unauthenticated");
        other.get("/auth/me").expect(200);
    }

    fn a_changed_password_ends_every_other_session(app: &App) {
        app.person(Person::Reviewer);
        let (client, token) = session(app, "reviewer");
        let (other, other_token) = session(app, "reviewer");
        let change = |current: &str, new: &str| {
            client.post("/auth/password", &json!({"current_password": current, "new_password": new}))
        };
        for (current, new, pointer) in [
            ("not the password at all", NEW_PASSWORD, "/current_password"),
            (PASSWORD, "only 14 chars!", "/new_password"),
            (PASSWORD, "passwordpassword", "/new_password"),
            (PASSWORD, "reviewerreviewer", "/new_password"),
            (PASSWORD, PASSWORD, "/new_password"),
        ] {
            let reply = change(current, new);
            reply.expect_problem(422, "invalid");
            assert_eq!(reply.pointers(), [pointer], "{new}");
        }
        let reply = client.post("/auth/password", &json!({}));
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/current_password", "/new_password"]);
        other.get("/auth/me").expect(200);
        change(PASSWORD, NEW_PASSWORD).expect(204);
        client.get("/auth/me").expect(200);
        refresh(app, &token).expect(200);
        other.get("/auth/me").expect_problem(401, "unauthenticated");
        refresh(app, &other_token).expect_problem(401, "unauthenticated");
        log_in(app, "reviewer", PASSWORD).expect_problem(401, "credentials");
        log_in(app, "reviewer", NEW_PASSWORD).expect(200);
    }

    fn guesses_are_braked_per_account_and_successes_do_not_count(app: &App) {
        app.person(Person::Reviewer);
        app.person(Person::Auditor);
        let wrong = |name: &str| log_in(app, name, "not the password at all");
        for _ in 0..30 {
            log_in(app, "reviewer", PASSWORD).expect(200);
        }
        for _ in 0..9 {
            wrong("reviewer").expect_problem(401, "credentials");
        }
        // A success forgets them.
        log_in(app, "reviewer", PASSWORD).expect(200);
        for _ in 0..10 {
            wrong("reviewer").expect_problem(401, "credentials");
        }
        for reply in [wrong("reviewer"), log_in(app, "reviewer", PASSWORD)] {
            reply.expect_problem(429, "throttled");
            assert_eq!(reply.header("retry-after"), Some("30"));
        }
        // Nobody else waits, nor does a session that is open; a name without an account is braked as one with an account is.
        log_in(app, "auditor", PASSWORD).expect(200);
        for _ in 0..10 {
            wrong("nobody").expect_problem(401, "credentials");
        }
        wrong("nobody").expect_problem(429, "throttled");
        app.pass_seconds(29);
        assert_eq!(wrong("reviewer").expect_problem(429, "throttled")["status"], 429);
        app.pass_seconds(1);
        // One more, and the wait is twice as long.
        wrong("reviewer").expect_problem(401, "credentials");
        assert_eq!(log_in(app, "reviewer", PASSWORD).header("retry-after"), Some("60"));
        app.pass_seconds(60);
        log_in(app, "reviewer", PASSWORD).expect(200);
    }

    fn guesses_at_many_accounts_brake_strangers_at_their_address_and_nobody_who_is_known_there(app: &App) {
        app.person(Person::Reviewer);
        for n in 0..100 {
            log_in(app, &format!("somebody-{n}"), PASSWORD).expect_problem(401, "credentials");
        }
        let reply = log_in(app, "auditor", PASSWORD);
        reply.expect_problem(429, "throttled");
        assert_eq!(reply.header("retry-after"), Some("30"));
        log_in(app, "reviewer", PASSWORD).expect(200);
    }

    fn one_sees_and_ends_the_own_sessions_and_nobody_elses(app: &App) {
        app.person(Person::Registrar);
        let other = app.person(Person::Reviewer);
        let (first, refresh_token) = session(app, "registrar");
        app.pass_seconds(60);
        let pages = app.pages_of(Person::Registrar);
        let (client, _) = session(app, "registrar");
        let listed = client.get("/auth/sessions").expect(200);
        let items = listed["items"].as_array().unwrap();
        let mine = items.iter().filter(|i| i["current"] == true).count();
        assert!(mine == 1 && items.len() >= 3, "{listed}");
        let page = items.iter().find(|i| i["kind"] == "page").unwrap();
        assert_eq!((&page["address"], second(&page["seen_at"])), (&json!("127.0.0.1"), "2026-06-15T12:01:00"));
        assert!(items.iter().all(|i| i["client"].as_str().is_some_and(|c| c.starts_with("ureq"))), "{listed}");
        // Another's is not there to be ended.
        let id = page["id"].as_str().unwrap();
        other.send("DELETE", &format!("/auth/sessions/{id}"), &[], None).expect_problem(404, "not-found");
        client.send("DELETE", "/auth/sessions/%00", &[], None).expect_problem(404, "not-found");
        assert_eq!(pages.get_once("/").status, 200);
        client.send("DELETE", &format!("/auth/sessions/{id}"), &[], None).expect(204);
        assert_eq!(pages.get_once("/").status, 303, "out at once");
        client.send("DELETE", &format!("/auth/sessions/{id}"), &[], None).expect_problem(404, "not-found");
        first.get("/auth/me").expect(200);
        client.send("DELETE", "/auth/sessions", &[], None).expect(204);
        first.get("/auth/me").expect_problem(401, "unauthenticated");
        refresh(app, &refresh_token).expect_problem(401, "unauthenticated");
        let left = client.get("/auth/sessions").expect(200);
        assert_eq!(left["items"].as_array().unwrap().len(), 1, "{left}");
        other.get("/auth/me").expect(200);
        let own = left["items"][0]["id"].as_str().unwrap();
        client.send("DELETE", &format!("/auth/sessions/{own}"), &[], None).expect(204);
        client.get("/auth/me").expect_problem(401, "unauthenticated");
        // What ran out, or was idle for too long, is none.
        let idle = app.pages_of(Person::Registrar);
        app.pass_seconds(1801);
        let (client, _) = session(app, "registrar");
        assert_eq!(client.get("/auth/sessions").expect(200)["items"].as_array().unwrap().len(), 2, "one was made by the way");
        assert_eq!(idle.get_once("/").status, 303);
    }

    fn a_first_password_runs_out(app: &App) {
        let admin = app.person(Person::Administrator);
        let given = |name: &str| {
            let made = admin.post("/users", &json!({"username": name, "roles": ["auditor"]})).expect(201);
            made["initial_password"].as_str().unwrap().to_owned()
        };
        let (early, late) = (given("frueh"), given("spaet"));
        app.pass_seconds(7 * 86_400 - 1);
        let tokens = log_in(app, "frueh", &early).expect(200);
        let client = app.anonymous().with_token(tokens["access_token"].as_str().unwrap());
        client.post("/auth/password", &json!({"current_password": early, "new_password": NEW_PASSWORD})).expect(204);
        app.pass_seconds(1);
        let refused = log_in(app, "spaet", &late).expect_problem(403, "forbidden");
        assert_eq!(refused["denial"], "first-password-over");
        // Who does not know it learns nothing.
        log_in(app, "spaet", PASSWORD).expect_problem(401, "credentials");
        log_in(app, "frueh", NEW_PASSWORD).expect(200);
        let auditor = app.person(Person::Auditor);
        let entries = auditor.get("/account-ledger?limit=100").expect(200);
        assert!(entries.to_string().contains("expired"), "{entries}");
        let admin = app.log_in("administrator");
        let again = admin.post("/users/spaet/password", &json!({})).expect(200);
        log_in(app, "spaet", again["initial_password"].as_str().unwrap()).expect(200);
    }
}
