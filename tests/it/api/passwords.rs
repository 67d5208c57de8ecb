//! The two password policies: what is accepted, for how long, and what may not be taken again.

use dengji::config::PasswordPolicy;
use serde_json::{Value, json};

use crate::support::{App, Backend, Client, Person, Reply, both, second};

const FIRST: &str = "Tu8-bazaar!";

/// The program under 等保, with an account `li` of that policy; later than the machine's clock, by which a command makes the administrator:
/// to a server that is behind, time would not stand.
fn djbh(backend: Backend) -> App {
    App::start_with(backend, "2036-06-15T12:00:00+08:00", |settings| {
        settings.auth.password.policy = PasswordPolicy::Djbh;
    })
}

/// Ends the initial password's time: an account whose password only its owner knows.
fn owned(app: &App, admin: &Client, username: &str) -> Client {
    let made = admin
        .post("/users", &json!({"username": username, "roles": ["expert"]}))
        .expect(201);
    let client = session(app, username, made["initial_password"].as_str().unwrap());
    change(&client, made["initial_password"].as_str().unwrap(), FIRST).expect(204);
    client
}

/// An administrator of that policy: made under the other, since its password is of the other's.
fn administrator(app: &App) -> Client {
    let output = {
        use std::io::Write as _;
        let mut child = crate::support::dengji(&app.url, app.folder.path())
            .env("DENGJI_AUTH__PASSWORD__POLICY", "djbh")
            .args(["user", "add", "boss", "--role", "administrator"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(format!("{FIRST}\n").as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    };
    assert!(output.status.success());
    session(app, "boss", FIRST)
}

fn session(app: &App, username: &str, password: &str) -> Client {
    let body = json!({"username": username, "password": password});
    let tokens = app.anonymous().post("/auth/login", &body).expect(200);
    app.anonymous().with_token(tokens["access_token"].as_str().unwrap())
}

fn change(client: &Client, current: &str, new: &str) -> Reply {
    client.post(
        "/auth/password",
        &json!({"current_password": current, "new_password": new}),
    )
}

fn code(reply: &Reply) -> Value {
    reply.expect_problem(422, "invalid")["errors"][0]["code"].clone()
}

both! {
    fn nist_knows_no_kinds_no_age_and_no_history(app: &App) {
        app.person(Person::Expert);
        let first = crate::support::PASSWORD;
        let client = session(app, "expert", first);
        assert_eq!(code(&change(&client, first, FIRST)), "too_short");
        change(&client, first, "second long sentence").expect(204);
        change(&client, "second long sentence", first).expect(204);
        app.set_time("2036-06-15T12:00:00+08:00");
        let client = session(app, "expert", first);
        client.get("/code-lists/unit").expect(200);
        assert_eq!(client.get("/auth/me").expect(200)["password_expires_at"], Value::Null);
    }

    fn djbh_wants_kinds(app: &App) {
        let app = djbh(app.backend);
        let admin = administrator(&app);
        let client = owned(&app, &admin, "li");
        for (new, expected) in [
            ("Short-1", "too_short"),
            ("an ordinary long sentence", "too_few_kinds"),
            ("Admin@123456", "common_password"),
            (FIRST, "unchanged"),
        ] {
            assert_eq!(code(&change(&client, FIRST, new)), expected, "{new}");
        }
        let weak = json!({"username": "wang", "roles": ["expert"], "password": "an ordinary long sentence"});
        assert_eq!(code(&admin.post("/users", &weak)), "too_few_kinds");
        let reset = admin.post("/users/li/password", &json!({"password": "alllowercase1"}));
        assert_eq!(code(&reset), "too_few_kinds");
    }

    fn djbh_passwords_run_out(app: &App) {
        let app = djbh(app.backend);
        let admin = administrator(&app);
        let client = owned(&app, &admin, "li");
        let me = client.get("/auth/me").expect(200);
        assert_eq!(second(&me["password_expires_at"]), "2036-09-13T12:00:00");
        app.set_time("2036-09-13T11:59:59+08:00");
        let client = session(&app, "li", FIRST);
        client.get("/code-lists/unit").expect(200);
        // It runs out while the session is open.
        app.set_time("2036-09-13T12:00:01+08:00");
        assert_eq!(client.get("/code-lists/unit").expect_problem(403, "forbidden")["denial"], "password-must-change");
        assert_eq!(client.get("/auth/me").expect(200)["password_must_change"], true);
        let client = session(&app, "li", FIRST);
        client.get("/code-lists/unit").expect_problem(403, "forbidden");
        change(&client, FIRST, "Zweite-Tasse-2").expect(204);
        client.get("/code-lists/unit").expect(200);
        assert_eq!(second(&client.get("/auth/me").expect(200)["password_expires_at"]), "2036-12-12T12:00:01");
    }

    fn djbh_passwords_are_not_taken_again(app: &App) {
        let app = djbh(app.backend);
        let admin = administrator(&app);
        let client = owned(&app, &admin, "li");
        let nth = |n: usize| if n == 0 { FIRST.to_owned() } else { format!("Kanne-{n}-blau") };
        for n in 1..=6_usize {
            // The current one, and the five before it.
            for earlier in n.saturating_sub(6)..n.saturating_sub(1) {
                assert_eq!(code(&change(&client, &nth(n - 1), &nth(earlier))), "reused_password", "{n} {earlier}");
            }
            change(&client, &nth(n - 1), &nth(n)).expect(204);
        }
        let given = |password: String| admin.post("/users/li/password", &json!({"password": password}));
        assert_eq!(code(&given(nth(6))), "reused_password", "the current one");
        assert_eq!(code(&given(nth(1))), "reused_password");
        change(&client, &nth(6), FIRST).expect(204);
        // By the administrator, over which the owner's next one counts, too.
        given(nth(1)).expect(200);
        let client = session(&app, "li", &nth(1));
        assert_eq!(code(&change(&client, &nth(1), FIRST)), "reused_password");
        change(&client, &nth(1), &nth(2)).expect(204);
    }
}
