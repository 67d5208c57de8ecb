//! Every page of the office under every person and under none: the same answer as the API's right.

use dengji::domain::account::Role;
use serde_json::{Value, json};

use crate::support::{App, Client, Pages, Person, both};

/// A page, and what the API has in its place: a path to read, or one to post nothing to.
enum Api {
    Get(String),
    Post(String),
}

fn status(client: &Client, api: &Api) -> u16 {
    match api {
        Api::Get(path) => client.get(path).status,
        Api::Post(path) => client.post(path, &json!({})).status,
    }
}

/// A panel of `expert` and others, a self-audit, and what else there is.
fn cases(app: &App) -> Vec<(String, Api)> {
    for name in ["e1", "e2"] {
        app.add_user(name, &[Role::Expert], None, None);
    }
    app.person(Person::Expert);
    app.person(Person::Reviewer2);
    let contract = app.claimed(1);
    let reviewer = app.person(Person::Reviewer);
    reviewer.act(&contract, "refer", &json!({"reason": "金额大"}));
    let body = json!({"title": "论证", "held_on": "2026-06-20", "chair": "e1", "experts": ["expert", "e1", "e2"], "contracts": [contract["id"]]});
    let panel = reviewer.post("/expert-reviews", &body).expect(201);
    app.confirmed(2);
    let body = json!({"title": "自查", "year": 2026, "design": {"kind": "all"}, "auditors": ["reviewer2"]});
    let audit = reviewer.post("/self-audits", &body).expect(201);
    let items = reviewer.get(&format!("/self-audits/{}/items", audit["id"])).expect(200);
    let item: &Value = &items["items"][0]["id"];
    let body = json!({"kind": "continuing", "title": "培训", "held_on": "2026-06-01", "minutes": 60});
    let training = app.person(Person::Administrator).post("/trainings", &body).expect(201);
    let (panel, audit) = (
        format!("/expert-reviews/{}", panel["id"]),
        format!("/self-audits/{}", audit["id"]),
    );
    let (training, own) = (
        format!("/trainings/{}", training["id"]),
        "/registrars/DJY6620190044".to_owned(),
    );
    let get = |path: &str| (path.to_owned(), Api::Get(path.to_owned()));
    let post = |page: String, api: &str| (page, Api::Post(api.to_owned()));
    vec![
        get("/expert-reviews"),
        post("/expert-reviews/new".into(), "/expert-reviews"),
        get(&panel),
        post(format!("{panel}/recuse"), &format!("{panel}/recusals")),
        post(format!("{panel}/opinion"), &format!("{panel}/opinions")),
        post(format!("{panel}/close-voting"), &format!("{panel}/close-voting")),
        post(format!("{panel}/open-voting"), &format!("{panel}/open-voting")),
        post(format!("{panel}/conclude"), &format!("{panel}/conclude")),
        get(&format!("{panel}/minutes")),
        get("/self-audits"),
        post("/self-audits/new".into(), "/self-audits"),
        get(&audit),
        get(&format!("{audit}/items/{item}")),
        post(
            format!("{audit}/items/{item}/assign"),
            &format!("{audit}/items/{item}/assign"),
        ),
        post(format!("{audit}/complete"), &format!("{audit}/complete")),
        post(format!("{audit}/abandon"), &format!("{audit}/abandon")),
        get(&format!("{audit}/report")),
        get("/registrars"),
        post("/registrars/new".into(), "/registrars"),
        get(&own),
        post(format!("{own}/suspend"), &format!("{own}/suspend")),
        post(format!("{own}/lift"), &format!("{own}/lift")),
        get("/trainings"),
        post("/trainings/new".into(), "/trainings"),
        get(&training),
        post(format!("{training}/participants"), &format!("{training}/participants")),
        get("/users"),
        get("/users/registrar"),
        get("/users/nobody"),
        post("/users/new".into(), "/users"),
        post("/users/registrar/lock".into(), "/users/registrar/lock"),
        get("/agencies"),
        post("/agencies/new".into(), "/agencies"),
        get("/messages"),
        get("/outbox"),
        get("/ledger"),
        get("/ledger/verification"),
        get("/account-ledger"),
        get("/account-ledger/verification"),
        get("/expert-reviews/999"),
        get("/expert-reviews/x"),
        get("/self-audits/999"),
        get("/trainings/999"),
        get("/registrars/none"),
        post("/outbox/1/retry".into(), "/outbox/1/retry"),
    ]
}

/// What the page answers where the API answers this: a form where the API has something to say about its content.
fn page_for(api: u16) -> u16 {
    match api {
        401 | 403 | 404 | 409 => api,
        _ => 200,
    }
}

fn token(pages: &Pages) -> String {
    pages.get("/").form("/logout").value("_token").unwrap().to_owned()
}

both! {
    fn every_page_answers_as_the_api_does(app: &App) {
        let cases = cases(app);
        let mut wrong = Vec::new();
        for person in Person::ALL {
            let (client, pages) = (app.person(person), app.pages_of(person));
            let token = token(&pages);
            for (page, api) in &cases {
                let allowed = status(&client, api);
                let shown = pages.get_once(page).status;
                // What is not there yet (nothing to lift, no mail, open items) is told when it is tried.
                let tried_first = allowed == 409 && shown == 200 && matches!(api, Api::Post(_));
                let no_mail = page.starts_with("/outbox/") && allowed == 404 && shown == 200;
                if shown != page_for(allowed) && !tried_first && !no_mail {
                    wrong.push(format!("{person:?} {page}: API {allowed}, page {shown}"));
                }
                if matches!(api, Api::Post(_)) && matches!(allowed, 403 | 404) {
                    let sent = pages.post_once(page, &[("_token", &token)]).status;
                    if sent != allowed {
                        wrong.push(format!("{person:?} POST {page}: API {allowed}, page {sent}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    fn who_is_not_logged_in_gets_nowhere(app: &App) {
        let cases = cases(app);
        let stranger = app.pages();
        for (page, api) in &cases {
            assert_eq!(status(&app.anonymous(), api), 401, "{page}");
            let led = stranger.get_once(page);
            assert!(led.status == 303 && led.header("location").unwrap().starts_with("/login?next="), "{page}: {}", led.status);
        }
    }

    fn forms_without_their_token_do_nothing(app: &App) {
        let cases = cases(app);
        let reviewer = app.pages_of(Person::Reviewer);
        for (page, _) in cases.iter().filter(|(_, api)| matches!(api, Api::Post(_))) {
            assert_eq!(reviewer.post_once(page, &[("/reason", "x")]).status, 403, "{page}");
        }
    }
}
