//! `GET /contracts`: pages that are complete under every order, filters, and who sees what.

use std::collections::BTreeSet;

use dengji::domain::{account::Role, workflow::State};
use serde_json::{Value, json};

use crate::support::{
    App, Client, Person, both,
    desk::{Staff, actor, complete_content, with_technology},
};

/// Whether a filter, or a person's scope, keeps a contract.
type Keeps = Box<dyn Fn(&Value) -> bool>;

const STATES: [State; 8] = [
    State::Draft,
    State::Submitted,
    State::UnderReview,
    State::Returned,
    State::Confirmed,
    State::Refused,
    State::Withdrawn,
    State::Revoked,
];

fn people(app: &App) -> Staff {
    for person in [
        Person::Registrar,
        Person::OtherRegistrar,
        Person::Reviewer,
        Person::Reviewer2,
    ] {
        app.person(person);
    }
    Staff {
        enterer: actor(app, "registrar"),
        submitter: actor(app, "registrar"),
        reviewer: actor(app, "reviewer"),
        revoker: actor(app, "reviewer2"),
    }
}

/// Forty contracts: five of each state, with ties and gaps under every sort key, some of another agency, over the turn of a year.
fn fill(app: &App) {
    let staff = people(app);
    app.set_time("2026-12-29T12:00:00+08:00");
    let elsewhere = Staff {
        enterer: actor(app, "other-registrar"),
        submitter: actor(app, "other-registrar"),
        reviewer: actor(app, "reviewer2"),
        revoker: actor(app, "reviewer"),
    };
    for n in 0..40_u32 {
        let state = STATES[n as usize % STATES.len()];
        // Nine by nine at the same moment: ties in every time; amounts tie by fours.
        if n % 9 == 0 {
            app.pass_seconds(50_000);
        }
        let mut content = with_technology(complete_content(n), 1_000_000 * i64::from(n / 4 % 3 + 1));
        if state == State::Draft && n % 16 == 0 {
            (
                content.amount_fen,
                content.technology_amount_fen,
                content.non_technology_amount_fen,
            ) = (None, None, None);
        }
        if n % 5 == 0 {
            content.unit = Some("div_01".to_owned());
            content.field = Some("electronic_information".to_owned());
            content.contract_type = Some("service".to_owned());
            content.subtype = Some("sv_general".to_owned());
        }
        let verified_as_development = matches!(state, State::Confirmed | State::Revoked);
        if n % 5 == 0 && verified_as_development {
            content.contract_type = Some("development".to_owned());
            content.subtype = Some("dev_cooperative".to_owned());
        }
        let staff = if n % 7 == 0 { &elsewhere } else { &staff };
        staff.bring(app, content, state);
    }
}

/// Every item of a list, page by page; no page but the last is short.
fn all(client: &Client, query: &str, limit: usize) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client
            .get(&format!("/contracts?{query}&limit={limit}{cursor}"))
            .expect(200);
        let found = page["items"].as_array().unwrap();
        items.extend(found.iter().cloned());
        match page["next_cursor"].as_str() {
            None => return items,
            Some(next) => {
                assert_eq!(found.len(), limit, "{query}");
                cursor = format!("&cursor={next}");
            }
        }
    }
}

fn ids(items: &[Value]) -> Vec<i64> {
    items.iter().map(|c| c["id"].as_i64().unwrap()).collect()
}

both! {
    fn pages_are_complete_and_in_order_under_every_sort(app: &App) {
        fill(app);
        let auditor = app.person(Person::Auditor);
        let everything = all(&auditor, "sort=id", 100);
        assert_eq!(everything.len(), 40);
        assert_eq!(all(&auditor, "", 100), all(&auditor, "sort=-id", 100), "the newest first");
        for key in ["id", "submitted_at", "confirmed_at", "due_on", "amount_fen"] {
            let with_value = everything.iter().filter(|c| !c[key].is_null());
            let distinct: BTreeSet<String> = with_value.clone().map(|c| c[key].to_string()).collect();
            if key != "id" {
                // No two acts are of one moment.
                let of_acts = key.ends_with("_at");
                assert!(distinct.len() > 1 && (of_acts || distinct.len() < with_value.clone().count()), "{key}: ties");
                assert!(with_value.count() < 40, "{key}: gaps");
            }
            for descending in [false, true] {
                let mut sorted = everything.clone();
                // Numbers as numbers; dates and moments of one zone sort as their texts do. What has no value comes last.
                sorted.sort_by_key(|c| {
                    let value = (c[key].as_i64().unwrap_or(0), c[key].as_str().unwrap_or_default().to_owned());
                    (c[key].is_null(), value, c["id"].as_i64())
                });
                if descending {
                    let (mut tail, mut head): (Vec<Value>, Vec<Value>) = sorted.into_iter().partition(|c| c[key].is_null());
                    head.reverse();
                    tail.reverse();
                    head.extend(tail);
                    sorted = head;
                }
                let sign = if descending { "-" } else { "" };
                for limit in [1, 3, 7, 39, 40, 41] {
                    let query = format!("sort={sign}{key}");
                    assert_eq!(ids(&all(&auditor, &query, limit)), ids(&sorted), "{query} by {limit}");
                }
            }
        }
        // A contract entered between two pages is neither lost nor does it repeat another.
        let first = auditor.get("/contracts?sort=-id&limit=10").expect(200);
        app.draft(100);
        let next = first["next_cursor"].as_str().unwrap();
        let second = auditor.get(&format!("/contracts?sort=-id&limit=10&cursor={next}")).expect(200);
        let seen = [ids(first["items"].as_array().unwrap()), ids(second["items"].as_array().unwrap())].concat();
        let mut expected = ids(&everything);
        expected.reverse();
        assert_eq!(seen, expected[..20]);
    }

    fn every_filter_gives_what_a_look_at_each_contract_gives(app: &App) {
        fill(app);
        let auditor = app.person(Person::Auditor);
        let everything = all(&auditor, "sort=id", 100);
        let is = |name: &'static str, value: &'static str| Box::new(move |c: &Value| c[name] == value) as Keeps;
        let text = |c: &Value, name: &str| c[name].as_str().unwrap_or_default().to_owned();
        let day = text(&everything[1], "submitted_at")[..10].to_owned();
        let moment = text(&everything[20], "submitted_at");
        let due = everything.iter().map(|c| text(c, "due_on")).filter(|d| !d.is_empty()).nth(9).unwrap();
        let (from_day, to_day, from, due_limit) = (day.clone(), day.clone(), moment.clone(), due.clone());
        let to = moment.clone();
        let filters: Vec<(String, Keeps)> = vec![
            ("state=draft".to_owned(), is("state", "draft")),
            ("state=confirmed,revoked".to_owned(), Box::new(|c| c["state"] == "confirmed" || c["state"] == "revoked")),
            ("year=2026".to_owned(), Box::new(move |c| text(c, "confirmed_at").starts_with("2026-"))),
            ("year=2027".to_owned(), Box::new(move |c| text(c, "confirmed_at").starts_with("2027-"))),
            ("year=2025".to_owned(), Box::new(|_| false)),
            ("unit=div_01".to_owned(), is("unit", "div_01")),
            ("type=service".to_owned(), is("type", "service")),
            ("field=electronic_information".to_owned(), is("field", "electronic_information")),
            ("agency=660001".to_owned(), is("agency", "660001")),
            ("agency=660099".to_owned(), Box::new(|_| false)),
            ("claimed_by=reviewer".to_owned(), is("claimed_by", "reviewer")),
            (format!("due_before={due}"), Box::new(move |c| !c["due_on"].is_null() && text(c, "due_on") < due_limit)),
            (format!("submitted_from={day}"), Box::new(move |c| !c["submitted_at"].is_null() && text(c, "submitted_at")[..10] >= *from_day)),
            (format!("submitted_to={day}"), Box::new(move |c| !c["submitted_at"].is_null() && text(c, "submitted_at")[..10] <= *to_day)),
            (
                format!("submitted_from={}", moment.replace('+', "%2B")),
                Box::new(move |c| !c["submitted_at"].is_null() && text(c, "submitted_at") >= from),
            ),
            (
                format!("submitted_to={}", moment.replace('+', "%2B")),
                Box::new(move |c| !c["submitted_at"].is_null() && text(c, "submitted_at") < to),
            ),
            ("q=%EF%BC%8817%EF%BC%89".to_owned(), Box::new(move |c| text(c, "project_name").contains("（17）"))),
            ("q=%E5%86%9C%E5%9C%BA3".to_owned(), Box::new(|c| c["buyer"]["name"].as_str().unwrap().contains("农场3"))),
            ("q=%25".to_owned(), Box::new(|_| false)),
            ("q=_".to_owned(), Box::new(|_| false)),
            ("q=500001".to_owned(), Box::new(move |c| text(c, "registration_number").contains("500001"))),
            (
                "state=under_review&unit=div_08&claimed_by=reviewer&agency=660008".to_owned(),
                Box::new(|c| c["state"] == "under_review" && c["unit"] == "div_08" && c["claimed_by"] == "reviewer" && c["agency"] == "660008"),
            ),
        ];
        for (query, keeps) in &filters {
            let expected: Vec<Value> = everything.iter().filter(|c| keeps(c)).cloned().collect();
            assert_eq!(ids(&all(&auditor, &format!("sort=id&{query}"), 3)), ids(&expected), "{query}");
        }
        let some = filters.iter().filter(|(_, keeps)| everything.iter().any(keeps) && !everything.iter().all(keeps));
        assert!(some.count() >= 17, "filters that keep some and drop some");
        let reviewer = app.person(Person::Reviewer);
        assert_eq!(ids(&all(&reviewer, "claimed_by=me", 10)), ids(&all(&reviewer, "claimed_by=reviewer", 10)));
        // An empty value is no filter.
        assert_eq!(all(&auditor, "sort=id&q=&state=&unit=", 100), everything);
    }

    fn wrong_parameters_are_named(app: &App) {
        fill(app);
        let auditor = app.person(Person::Auditor);
        let cases = [
            ("limit=0", "/limit"),
            ("limit=101", "/limit"),
            ("limit=abc", "/limit"),
            ("limit=-1", "/limit"),
            ("limit=1.5", "/limit"),
            ("limit=99999999999999999999", "/limit"),
            ("stat=draft", "/stat"),
            ("state=drafts", "/state"),
            ("state=draft,", ""),
            ("state=draft&state=draft", "/state"),
            ("year=x", "/year"),
            ("year=1", "/year"),
            ("unit=div_99", "/unit"),
            ("type=x", "/type"),
            ("field=x", "/field"),
            ("due_before=2026-02-30", "/due_before"),
            ("due_before=tomorrow", "/due_before"),
            ("submitted_from=x", "/submitted_from"),
            ("submitted_to=2026-13-01", "/submitted_to"),
            ("submitted_to=9999-12-31", "/submitted_to"),
            ("submitted_to=2200-12-31", ""),
            ("sort=name", "/sort"),
            ("sort=--id", "/sort"),
            ("cursor=x", "/cursor"),
            ("cursor=%00", "/cursor"),
            ("cursor=aWR8dHJ1ZXx8eA", "/cursor"),
            ("offset=1", "/offset"),
        ];
        for (query, pointer) in cases {
            let reply = auditor.get(&format!("/contracts?{query}"));
            if pointer.is_empty() {
                reply.expect(200);
            } else {
                reply.expect_problem(422, "invalid");
                assert_eq!(reply.pointers(), [pointer], "{query}");
            }
        }
        let reply = auditor.get("/contracts?limit=0&sort=x&nonsense=1&unit=y&due_before=z");
        reply.expect_problem(422, "invalid");
        assert_eq!(reply.pointers(), ["/due_before", "/limit", "/nonsense", "/sort", "/unit"], "all of them at once");
        // A cursor belongs to its order.
        let page = auditor.get("/contracts?sort=amount_fen&limit=2").expect(200);
        let cursor = page["next_cursor"].as_str().unwrap();
        for sort in ["-amount_fen", "id", "submitted_at", "due_on"] {
            let reply = auditor.get(&format!("/contracts?sort={sort}&cursor={cursor}"));
            reply.expect_problem(422, "invalid");
            assert_eq!(reply.pointers(), ["/cursor"]);
        }
        assert_eq!(auditor.get("/contracts").expect(200)["items"].as_array().unwrap().len(), 20, "the default");
        assert_eq!(auditor.get("/contracts?limit=100").expect(200)["next_cursor"], Value::Null);
    }

    fn everyone_lists_what_they_may_read(app: &App) {
        fill(app);
        app.add_user("roaming", &[Role::Reviewer, Role::Registrar], Some("660001"), None);
        app.add_user("counting", &[Role::Statistician, Role::Registrar], Some("660001"), None);
        let everything = all(&app.person(Person::Auditor), "sort=id", 100);
        let confirmed_once = |c: &Value| !c["confirmed_at"].is_null();
        let of = |agency: &'static str| move |c: &Value| c["agency"] == agency;
        let scopes: [(Client, Keeps); 9] = [
            (app.person(Person::Registrar), Box::new(of("660008"))),
            (app.person(Person::OtherRegistrar), Box::new(of("660001"))),
            (app.person(Person::Reviewer), Box::new(|c| c["state"] != "draft")),
            (app.person(Person::Statistician), Box::new(confirmed_once)),
            (app.person(Person::Auditor), Box::new(|_| true)),
            (app.person(Person::Expert), Box::new(|_| false)),
            (app.person(Person::Administrator), Box::new(|_| false)),
            (app.log_in("roaming"), Box::new(move |c| c["state"] != "draft" || of("660001")(c))),
            (app.log_in("counting"), Box::new(move |c| confirmed_once(c) || of("660001")(c))),
        ];
        for (client, sees) in &scopes {
            let expected: Vec<Value> = everything.iter().filter(|c| sees(c)).cloned().collect();
            let me = client.get("/auth/me").expect(200)["username"].clone();
            for query in ["sort=id", "sort=amount_fen", "sort=-due_on"] {
                let listed: BTreeSet<i64> = ids(&all(client, query, 7)).into_iter().collect();
                assert_eq!(listed, ids(&expected).into_iter().collect(), "{me} {query}");
            }
            for contract in all(client, "sort=id", 50) {
                let read = client.get(&format!("/contracts/{}", contract["id"])).expect(200);
                assert_eq!(read, contract, "{me}: a list shows what reading shows");
            }
            let hidden = everything.iter().find(|c| !sees(c));
            if let Some(hidden) = hidden {
                let name = hidden["project_name"].as_str().unwrap();
                let number: String = name.chars().filter(char::is_ascii_digit).collect();
                let found = all(client, &format!("sort=id&q=%EF%BC%88{number}%EF%BC%89"), 50);
                assert!(!ids(&found).contains(&hidden["id"].as_i64().unwrap()), "{me} finds what is hidden");
            }
        }
        let nothing = app.person(Person::Expert).get("/contracts").expect(200);
        assert_eq!(nothing, json!({"items": [], "next_cursor": null}));
    }
}
