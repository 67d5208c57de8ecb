//! `/users`: who may, what is asked of an account, versions, the last administrator, locking, resetting, lists.

use dengji::{
    domain::account::Role,
    usecases::{Error, accounts::authenticate, command::Command, users::lock},
};
use serde_json::{Value, json};

use crate::support::{App, Client, PASSWORD, Person, Reply, both, second};

const NEW_PASSWORD: &str = "another ordinary long sentence";

fn log_in(app: &App, username: &str, password: &str) -> Reply {
    app.anonymous()
        .post("/auth/login", &json!({"username": username, "password": password}))
}

/// Access and refresh token of a log-in.
fn session(app: &App, username: &str, password: &str) -> (Client, String) {
    let tokens = log_in(app, username, password).expect(200);
    let client = app.anonymous().with_token(tokens["access_token"].as_str().unwrap());
    (client, tokens["refresh_token"].as_str().unwrap().to_owned())
}

fn user(admin: &Client, username: &str) -> Value {
    admin.get(&format!("/users/{username}")).expect(200)
}

fn version(admin: &Client, username: &str) -> i64 {
    user(admin, username)["version"].as_i64().unwrap()
}

fn patch(admin: &Client, username: &str, body: &Value) -> Reply {
    admin.patch_at(&format!("/users/{username}"), version(admin, username), body)
}

fn lock_out(admin: &Client, username: &str) -> Reply {
    admin.post(&format!("/users/{username}/lock"), &json!({"reason": "调离"}))
}

both! {
    fn administrators_change_auditors_read_and_nobody_else_learns_anything(app: &App) {
        app.person(Person::Registrar);
        let new = json!({"username": "new", "roles": ["expert"], "full_name": "某某"});
        let reason = json!({"reason": "有理由"});
        for person in Person::ALL {
            let client = app.person(person);
            for name in ["registrar", "nobody", "%00", "x%2Fy"] {
                let there = name == "registrar";
                let path = format!("/users/{name}");
                let read = client.get(&path);
                let changes = [
                    client.patch_at(&path, 99, &json!({"roles": ["expert"]})),
                    client.post(&format!("{path}/lock"), &json!({})),
                    client.post(&format!("{path}/unlock"), &reason),
                    client.post_at(&format!("{path}/password"), 99, &json!({})),
                ];
                let statuses: Vec<u16> = changes.iter().map(|r| r.status).collect();
                match person {
                    Person::Administrator if there => {
                        read.expect(200);
                        assert_eq!(statuses, [412, 422, 409, 412]);
                    }
                    Person::Auditor if there => {
                        read.expect(200);
                        assert_eq!(statuses, [403; 4]);
                    }
                    Person::Administrator | Person::Auditor => {
                        read.expect_problem(404, "not-found");
                        assert_eq!(statuses, [404; 4], "{person:?} {name}");
                    }
                    _ => {
                        read.expect_problem(403, "forbidden");
                        assert_eq!(statuses, [403; 4], "{person:?} {name}");
                    }
                }
            }
            match person {
                Person::Administrator | Person::Auditor => client.get("/users").expect(200),
                _ => client.get("/users").expect_problem(403, "forbidden"),
            };
            if person != Person::Administrator {
                for reply in [client.post("/users", &new), client.post("/users", &json!({"password": 7}))] {
                    assert_eq!(reply.expect_problem(403, "forbidden")["denial"], "role");
                }
            }
        }
        app.person(Person::Administrator).get("/users/new").expect_problem(404, "not-found");
    }

    fn a_new_account_has_a_random_password_that_must_be_changed(app: &App) {
        app.person(Person::Registrar);
        let admin = app.person(Person::Administrator);
        let body = json!({
            "username": "ＺhangSan@btk", "roles": ["registrar", "reviewer"], "certificate": "DJY6620190008",
            "full_name": " 张三 ", "email": "zhang@example.cn", "employer": "八师科技局", "employer_uscc": null,
        });
        let reply = admin.post("/users", &body);
        let made = reply.expect(201);
        let initial = made["initial_password"].as_str().unwrap().to_owned();
        assert!(initial.len() >= 20, "{initial}");
        let mut shown = made.clone();
        shown.as_object_mut().unwrap().remove("initial_password");
        assert_eq!(shown, json!({
            "username": "ZhangSan@btk", "version": 1, "roles": ["registrar", "reviewer"],
            "agency": {"code": "660008", "name": "八师技术合同登记站"},
            "certificate": {"number": "DJY6620190008", "issued_on": "2019-05-14", "valid_until": "2028-12-31", "valid_today": true},
            "full_name": "张三", "email": "zhang@example.cn", "employer": "八师科技局", "employer_uscc": null,
            "created_at": made["created_at"], "locked_at": null, "password_changed_at": made["created_at"],
            "password_must_change": true, "password_expires_at": null,
        }), "{made}");
        assert_eq!(second(&made["created_at"]), "2026-06-15T12:00:00");
        assert_eq!((reply.header("etag"), reply.header("location")), (Some("\"1\""), Some("/api/v1/users/ZhangSan%40btk")));
        assert_eq!(admin.get("/users/ZhangSan%40btk").expect(200), shown);

        // Until it is changed, nothing but the own account is open.
        let (client, refresh) = session(app, "ZhangSan@btk", &initial);
        assert_eq!(client.get("/auth/me").expect(200)["password_must_change"], true);
        for reply in [
            client.get("/contracts"),
            client.get("/contracts/1"),
            client.get("/code-lists/unit"),
            client.get("/agencies"),
            client.get("/users"),
            client.post("/contracts", &json!({})),
            client.post_at("/contracts/1/claim", 1, &json!({})),
        ] {
            let problem = reply.expect_problem(403, "forbidden");
            assert_eq!(problem["denial"], "password-must-change");
        }
        let refreshed = app.anonymous().post("/auth/refresh", &json!({"refresh_token": refresh})).expect(200);
        let client = app.anonymous().with_token(refreshed["access_token"].as_str().unwrap());
        client.get("/contracts").expect_problem(403, "forbidden");
        let change = |current: &str, new: &str| {
            client.post("/auth/password", &json!({"current_password": current, "new_password": new}))
        };
        change(&initial, &initial).expect_problem(422, "invalid");
        change(&initial, NEW_PASSWORD).expect(204);
        client.get("/contracts").expect(200);
        client.post("/contracts", &json!({})).expect(201);
        assert_eq!(client.get("/auth/me").expect(200)["password_must_change"], false);
        log_in(app, "ZhangSan@btk", &initial).expect_problem(401, "credentials");

        // A password that the administrator gives is known to two people, too.
        let given = json!({"username": "li", "roles": ["reviewer"], "full_name": "李", "password": PASSWORD});
        assert_eq!(admin.post("/users", &given).expect(201)["initial_password"], Value::Null);
        let (client, _) = session(app, "li", PASSWORD);
        client.get("/contracts").expect_problem(403, "forbidden");
        client.post("/auth/logout", &json!({})).expect(204);
    }

    fn what_is_wrong_with_an_account_is_said_all_at_once(app: &App) {
        app.person(Person::Registrar);
        let admin = app.person(Person::Administrator);
        let long = "长".repeat(201);
        for (body, pointers) in [
            (json!({}), vec!["/roles", "/username"]),
            (json!({"username": "REGISTRAR", "roles": ["registrar"]}), vec!["/agency", "/username"]),
            (json!({"username": "a", "roles": ["administrator", "expert"]}), vec!["/roles"]),
            (json!({"username": "a", "roles": ["auditor", "reviewer"]}), vec!["/roles"]),
            (json!({"username": "a", "roles": ["expert", "boss", "king"]}), vec!["/roles/1", "/roles/2"]),
            (json!({"username": 7, "roles": "expert", "colour": 1}), vec!["/colour", "/roles", "/username"]),
            (
                json!({"username": "a b", "roles": ["registrar"], "agency": "660099", "certificate": "Z-9", "password": "short",
                    "full_name": long, "email": "no address", "employer": "a\u{0}b", "employer_uscc": "91650000"}),
                vec!["/agency", "/certificate", "/email", "/employer", "/employer_uscc", "/full_name", "/password", "/username"],
            ),
            (json!({"username": "a", "roles": ["registrar"], "agency": "6600\u{0}"}), vec!["/agency"]),
            (json!({"username": "a", "roles": ["registrar"], "certificate": "DJY6620190044"}), vec!["/certificate"]),
            (json!({"username": "a", "roles": ["registrar"], "agency": "660001", "certificate": "DJY6620190008"}), vec!["/certificate"]),
            (json!({"username": "a", "roles": ["expert"], "password": "passwordpassword"}), vec!["/password"]),
        ] {
            let mut body = body;
            if body["roles"].is_array() && body["full_name"].is_null() {
                body["full_name"] = json!("某某");
            }
            let reply = admin.post("/users", &body);
            reply.expect_problem(422, "invalid");
            assert_eq!(reply.pointers(), pointers, "{body}");
        }
        // Whoever holds a business role is named; auditors and administrators may be.
        for role in ["registrar", "reviewer", "expert", "statistician"] {
            let nameless = json!({"username": "nameless", "roles": [role], "agency": "660008", "full_name": "  "});
            assert_eq!(admin.post("/users", &nameless).pointers(), ["/full_name"], "{role}");
        }
        admin.post("/users", &json!({"username": "second-auditor", "roles": ["auditor"]})).expect(201);
        assert_eq!(patch(&admin, "second-auditor", &json!({"roles": ["expert"]})).pointers(), ["/full_name"]);
        assert_eq!(patch(&admin, "registrar", &json!({"full_name": null})).pointers(), ["/full_name"]);
        // On the command line the certificate's name is taken, else the user name.
        assert_eq!(user(&admin, "registrar")["full_name"], "登记员44");
        assert_eq!(user(&admin, "administrator")["full_name"], "administrator");
        assert_eq!(user(&admin, "registrar")["version"], 1);
        for (body, pointers) in [
            (json!({"roles": null}), vec!["/roles"]),
            (json!({"roles": []}), vec!["/roles"]),
            (json!({"roles": ["registrar", "auditor"]}), vec!["/roles"]),
            (json!({"agency": null, "certificate": null}), vec!["/agency"]),
            (json!({"agency": "660001"}), vec!["/certificate"]),
            (json!({"email": "x"}), vec!["/current_password", "/email"]),
            (json!({"email": "x", "current_password": PASSWORD}), vec!["/email"]),
            (json!({"email": "a@example.cn"}), vec!["/current_password"]),
            (json!({"email": "a@example.cn", "current_password": "not the password"}), vec!["/current_password"]),
            (json!({"username": "other", "password": PASSWORD}), vec!["/password", "/username"]),
        ] {
            let reply = patch(&admin, "registrar", &body);
            reply.expect_problem(422, "invalid");
            assert_eq!(reply.pointers(), pointers, "{body}");
        }
    }

    fn a_change_needs_the_version_and_holds_at_once(app: &App) {
        let registrar = app.person(Person::Registrar);
        let admin = app.person(Person::Administrator);
        let path = "/users/registrar";
        admin.with_body("PATCH", path, &[], &json!({"full_name": "李四"})).expect_problem(428, "version-missing");
        admin.patch_at(path, 7, &json!({"roles": 7})).expect_problem(412, "stale-version");
        let reply = admin.patch_at(path, 1, &json!({"full_name": "李四", "email": "li@example.cn", "roles": ["registrar"], "current_password": PASSWORD}));
        assert_eq!((&reply.expect(200)["version"], reply.header("etag")), (&json!(2), Some("\"2\"")));
        // What changes nothing writes nothing.
        assert_eq!(patch(&admin, "registrar", &json!({"full_name": "李四", "agency": "660008"})).expect(200)["version"], 2);
        assert_eq!(patch(&admin, "registrar", &json!({"email": "li@example.cn"})).expect(200)["version"], 2);
        assert_eq!(patch(&admin, "registrar", &json!({"email": null})).expect_problem(422, "invalid")["errors"][0]["code"], "required");
        assert_eq!(patch(&admin, "registrar", &json!({"email": null, "current_password": PASSWORD})).expect(200)["email"], Value::Null);
        // Guessing by a stolen session is braked, and who may not change accounts has no say about a password.
        registrar.patch_at(path, 3, &json!({"email": "x@example.cn", "current_password": "guess"})).expect_problem(403, "forbidden");
        for _ in 0..10 {
            patch(&admin, "registrar", &json!({"email": "x@example.cn", "current_password": "guess"})).expect_problem(422, "invalid");
        }
        patch(&admin, "registrar", &json!({"email": "x@example.cn", "current_password": PASSWORD})).expect_problem(429, "throttled");

        registrar.post("/contracts", &json!({})).expect(201);
        let moved = patch(&admin, "registrar", &json!({"agency": "660001", "certificate": null})).expect(200);
        assert_eq!((&moved["agency"]["code"], &moved["certificate"]), (&json!("660001"), &Value::Null));
        assert_eq!(registrar.get("/contracts").expect(200)["items"], json!([]), "the agency's that was left");
        let back = patch(&admin, "registrar", &json!({"agency": null, "certificate": "DJY6620190044"})).expect(200);
        assert_eq!(back["agency"]["code"], "660008", "the certificate's");
        patch(&admin, "registrar", &json!({"roles": ["expert", "statistician"]})).expect(200);
        registrar.post("/contracts", &json!({})).expect_problem(403, "forbidden");
        assert_eq!(registrar.get("/auth/me").expect(200)["roles"], json!(["expert", "statistician"]));
    }

    fn an_administrator_is_always_left(app: &App) {
        let admin = app.person(Person::Administrator);
        for reply in [
            lock_out(&admin, "administrator"),
            patch(&admin, "administrator", &json!({"roles": ["reviewer"]})),
            patch(&admin, "administrator", &json!({"roles": ["auditor"]})),
        ] {
            reply.expect_problem(409, "conflict");
        }
        patch(&admin, "administrator", &json!({"full_name": "王五"})).expect(200);
        let second = app.add_user("second", &[Role::Administrator], None, None);
        lock_out(&admin, "second").expect(200);
        lock_out(&admin, "administrator").expect_problem(409, "conflict");
        second.get("/users").expect_problem(401, "unauthenticated");
        admin.post("/users/second/unlock", &json!({"reason": "查清"})).expect(200);
        let second = app.log_in("second");
        patch(&second, "administrator", &json!({"roles": ["reviewer"]})).expect(200);
        admin.get("/users").expect_problem(403, "forbidden");
        lock_out(&second, "second").expect_problem(409, "conflict");
    }

    fn a_lock_ends_sessions_and_looks_like_a_wrong_password(app: &App) {
        app.person(Person::Reviewer);
        let admin = app.person(Person::Administrator);
        let (client, refresh) = session(app, "reviewer", PASSWORD);
        let caller = app.block_on(authenticate(&app.ctx, client.token().unwrap())).unwrap();
        let reply = admin.post("/users/reviewer/lock", &json!({"reason": "  "}));
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/reason"]);
        client.get("/auth/me").expect(200);
        let locked = lock_out(&admin, "reviewer").expect(200);
        assert_eq!((second(&locked["locked_at"]), &locked["version"]), ("2026-06-15T12:00:00", &json!(2)));
        lock_out(&admin, "reviewer").expect_problem(409, "conflict");

        client.get("/auth/me").expect_problem(401, "unauthenticated");
        app.anonymous().post("/auth/refresh", &json!({"refresh_token": refresh})).expect_problem(401, "unauthenticated");
        // A request that was let in before is stopped where it would write.
        let late = Command { actor: caller.actor, session_id: Some(caller.session_id), version: None, once: None };
        let done = app.block_on(lock::lock(&app.ctx, late, "administrator".into(), Ok(Some("理由".into()))));
        assert!(matches!(done, Err(Error::Unauthenticated)), "{done:?}");
        let right = log_in(app, "reviewer", PASSWORD);
        let unknown = log_in(app, "nobody", PASSWORD);
        right.expect_problem(401, "credentials");
        assert_eq!(right.text, unknown.text);
        // Counted alike, too.
        for _ in 0..9 {
            log_in(app, "reviewer", PASSWORD).expect_problem(401, "credentials");
        }
        log_in(app, "reviewer", PASSWORD).expect_problem(429, "throttled");
        let unlocked = admin.post("/users/reviewer/unlock", &json!({"reason": "查清"})).expect(200);
        assert_eq!(unlocked["locked_at"], Value::Null);
        log_in(app, "reviewer", PASSWORD).expect(200);
        client.get("/auth/me").expect_problem(401, "unauthenticated");
        admin.post("/users/reviewer/unlock", &json!({"reason": "查清"})).expect_problem(409, "conflict");
        // Nobody needs to be locked to be let in again after too many failures.
        for _ in 0..10 {
            log_in(app, "reviewer", "not the password at all").expect_problem(401, "credentials");
        }
        log_in(app, "reviewer", PASSWORD).expect_problem(429, "throttled");
        admin.post("/users/reviewer/unlock", &json!({"reason": "本人来电"})).expect(200);
        log_in(app, "reviewer", PASSWORD).expect(200);
    }

    fn a_reset_ends_sessions_and_must_be_followed_by_a_change(app: &App) {
        app.person(Person::Reviewer);
        let admin = app.person(Person::Administrator);
        let (client, refresh) = session(app, "reviewer", PASSWORD);
        let reply = admin.post("/users/reviewer/password", &json!({"password": "short"}));
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/password"]);
        admin.post("/users/reviewer/password", &json!({"password": 7})).expect_problem(422, "invalid");
        client.get("/auth/me").expect(200);
        let reset = admin.post("/users/reviewer/password", &json!({})).expect(200);
        let initial = reset["initial_password"].as_str().unwrap();
        assert_eq!(reset["password_must_change"], true);
        client.get("/auth/me").expect_problem(401, "unauthenticated");
        app.anonymous().post("/auth/refresh", &json!({"refresh_token": refresh})).expect_problem(401, "unauthenticated");
        log_in(app, "reviewer", PASSWORD).expect_problem(401, "credentials");
        let (client, _) = session(app, "reviewer", initial);
        client.get("/contracts").expect_problem(403, "forbidden");
        let body = json!({"current_password": initial, "new_password": NEW_PASSWORD});
        client.post("/auth/password", &body).expect(204);
        client.get("/contracts").expect(200);
        let given = json!({"password": "yet another ordinary sentence"});
        assert_eq!(admin.post("/users/reviewer/password", &given).expect(200)["initial_password"], Value::Null);
        session(app, "reviewer", "yet another ordinary sentence").0.get("/contracts").expect_problem(403, "forbidden");
        // The own password is changed with the current one: a stolen session is no way around it.
        admin.post("/users/administrator/password", &json!({})).expect_problem(409, "conflict");
        admin.get("/auth/me").expect(200);
    }

    fn a_repeated_request_is_done_once_and_tells_no_password_twice(app: &App) {
        let admin = app.person(Person::Administrator);
        let send = |path: &str, key: &str, body: &Value| admin.with_body("POST", path, &[("Idempotency-Key", key)], body);
        for (key, username, password) in [("k1", "a1", Value::Null), ("k2", "a2", json!(NEW_PASSWORD))] {
            let body = json!({"username": username, "roles": ["expert"], "full_name": "某某", "password": password});
            let first = send("/users", key, &body).expect(201);
            assert_eq!(first["initial_password"].is_null(), !password.is_null());
            let mut kept = first.clone();
            kept["initial_password"] = Value::Null;
            let again = send("/users", key, &body);
            assert_eq!(again.expect(201), kept);
            assert!(again.header("etag").is_some() && again.header("location").is_some());
            let other = json!({"username": username, "roles": ["expert"], "full_name": "某某", "password": PASSWORD});
            send("/users", key, &other).expect_problem(422, "idempotency-key-reused");
            let current = first["initial_password"].as_str().unwrap_or(NEW_PASSWORD);
            log_in(app, username, current).expect(200);

            let (path, key) = (format!("/users/{username}/password"), format!("{key}-reset"));
            let body = json!({"password": if password.is_null() { Value::Null } else { json!(PASSWORD) }});
            let reset = send(&path, &key, &body).expect(200);
            let mut kept = reset.clone();
            kept["initial_password"] = Value::Null;
            assert_eq!(send(&path, &key, &body).expect(200), kept);
            assert_eq!(user(&admin, username)["version"], reset["version"], "done once");
        }
        let lock = json!({"reason": "调离"});
        let first = send("/users/a1/lock", "k3", &lock).expect(200);
        assert_eq!(send("/users/a1/lock", "k3", &lock).expect(200), first);
    }

    fn lists_are_filtered_and_paged(app: &App) {
        for person in Person::ALL {
            app.person(person);
        }
        let admin = app.person(Person::Administrator);
        patch(&admin, "expert", &json!({"full_name": "Öztürk 教授"})).expect(200);
        lock_out(&admin, "colleague").expect(200);
        let names = |query: &str| -> Vec<String> {
            let page = admin.get(&format!("/users?limit=100&{query}")).expect(200);
            page["items"].as_array().unwrap().iter().map(|u| u["username"].as_str().unwrap().to_owned()).collect()
        };
        let everyone = Person::ALL.map(Person::username);
        assert_eq!(names(""), everyone);
        assert_eq!(names("role=reviewer"), ["reviewer", "reviewer2", "reviewing-registrar"]);
        assert_eq!(names("role=registrar&agency=660001"), ["other-registrar"]);
        assert_eq!(names("locked=true"), ["colleague"]);
        assert_eq!(names("locked=false").len(), everyone.len() - 1);
        assert_eq!(names("q=REVIEW&role=registrar"), ["reviewing-registrar"]);
        assert_eq!(names("q=%C3%B6zt%C3%9CRK"), ["expert"]);
        assert_eq!(names("q=%25"), Vec::<String>::new());
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = admin.get(&format!("/users?limit=4{cursor}")).expect(200);
            let items = page["items"].as_array().unwrap().clone();
            assert!((1..=4).contains(&items.len()));
            seen.extend(items.iter().map(|u| u["username"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, everyone);
        for wrong in ["role=boss", "locked=perhaps", "limit=0", "cursor=x", "sort=id"] {
            admin.get(&format!("/users?{wrong}")).expect_problem(422, "invalid");
        }
    }
}
