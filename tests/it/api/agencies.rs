//! `/agencies`: looked up by everyone, kept by administrators, whatever imports make of them.

use dengji::{domain::interchange::Kind, domain::time::Moment, storage::agencies};
use serde_json::{Value, json};

use crate::support::{Person, both, complete_contract, dengji};

both! {
    fn administrators_add_and_change_everyone_looks_up(app: &App) {
        let admin = app.person(Person::Administrator);
        let reply = admin.post("/agencies", &json!({"code": "660077", "name": " 七十七团登记站 "}));
        let made = reply.expect(201);
        assert_eq!((&made["code"], &made["name"]), (&json!("660077"), &json!("七十七团登记站")));
        assert_eq!(reply.header("location"), Some("/api/v1/agencies/660077"));
        for person in Person::ALL {
            let client = app.person(person);
            assert_eq!(client.get("/agencies/660077").expect(200), made);
            assert!(client.get("/agencies?limit=100").expect(200)["items"].as_array().unwrap().contains(&made));
            for unknown in ["660078", "66007", "id-99999", "id-", "id-x", "id-99999999999999999999", "%00", "x"] {
                client.get(&format!("/agencies/{unknown}")).expect_problem(404, "not-found");
            }
            if person != Person::Administrator {
                client.post("/agencies", &json!({"code": "x"})).expect_problem(403, "forbidden");
                let reply = client.with_body("PATCH", "/agencies/660077", &[], &json!({"name": "改"}));
                reply.expect_problem(403, "forbidden");
            }
        }
        app.anonymous().get("/agencies").expect_problem(401, "unauthenticated");
        for (body, pointers) in [
            (json!({}), vec!["/code", "/name"]),
            (json!({"code": "66007", "name": "站"}), vec!["/code", "/name"]),
            (json!({"code": "６６００７７", "name": "全角"}), vec!["/code"]),
            (json!({"code": "660077", "name": "七十七团登记站"}), vec!["/code", "/name"]),
            (json!({"code": 660077, "name": "a\u{0}b", "id": 7}), vec!["/code", "/id"]),
            (json!({"code": "6600\u{0}7", "name": "a\u{0}b"}), vec!["/code", "/name"]),
            (json!({"code": "660078", "name": "长".repeat(101)}), vec!["/name"]),
        ] {
            let reply = admin.post("/agencies", &body);
            reply.expect_problem(422, "invalid");
            assert_eq!(reply.pointers(), pointers, "{body}");
        }
        let change = |body: &Value| admin.with_body("PATCH", "/agencies/660077", &[], body);
        assert_eq!(change(&json!({})).expect(200), made);
        for body in [json!({"code": null}), json!({"name": null}), json!({"code": "x"})] {
            change(&body).expect_problem(422, "invalid");
        }
        assert_eq!(change(&json!({"code": "660079", "name": "七十九团登记站"})).expect(200)["id"], made["id"]);
        admin.get("/agencies/660077").expect_problem(404, "not-found");
        let once = |body: &Value| admin.with_body("POST", "/agencies", &[("Idempotency-Key", "k")], body);
        let first = once(&json!({"code": "660080", "name": "八十团登记站"})).expect(201);
        assert_eq!(once(&json!({"code": "660080", "name": "八十团登记站"})).expect(201), first);
    }

    fn pages_are_complete(app: &App) {
        app.import_sample("registrars.csv", Kind::Registrars);
        let client = app.person(Person::Expert);
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = client.get(&format!("/agencies?limit=3{cursor}")).expect(200);
            seen.extend(page["items"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(json!(seen), client.get("/agencies?limit=100").expect(200)["items"]);
        assert!(seen.len() > 3);
    }

    fn a_code_stays_once_a_number_bears_it(app: &App) {
        let admin = app.person(Person::Administrator);
        let change = |key: &str, body: &Value| admin.with_body("PATCH", &format!("/agencies/{key}"), &[], body);
        app.claimed(1);
        // A contract that has no number yet does not mind.
        change("660008", &json!({"code": "660088"})).expect(200);
        change("660088", &json!({"code": "660008"})).expect(200);
        app.confirmed(2);
        change("660008", &json!({"code": "660088"})).expect_problem(409, "conflict");
        change("660008", &json!({"code": null})).expect_problem(409, "conflict");
        change("660008", &json!({"name": "第八师登记站"})).expect(200);
    }

    fn an_agency_without_a_code_is_given_one(app: &App) {
        let id = app.ctx.store.with_connection(|db| agencies::insert(db, "旧站", None, Moment::from_micros(0))).unwrap();
        let admin = app.person(Person::Administrator);
        let path = format!("/agencies/id-{id}");
        assert_eq!(admin.get(&path).expect(200), json!({"id": id, "code": null, "name": "旧站"}));
        let renamed = admin.with_body("PATCH", &path, &[], &json!({"name": "旧登记站"})).expect(200);
        assert_eq!(renamed["code"], Value::Null);
        let coded = admin.with_body("PATCH", &path, &[], &json!({"code": "660090"})).expect(200);
        assert_eq!(coded, json!({"id": id, "code": "660090", "name": "旧登记站"}));
        assert_eq!(admin.get("/agencies/660090").expect(200), coded);
    }

    fn a_renamed_agency_exports_and_imports_as_before(app: &App) {
        app.confirmed(1);
        app.person(Person::Registrar).post("/contracts", &complete_contract(2)).expect(201);
        let admin = app.person(Person::Administrator);
        admin.with_body("PATCH", "/agencies/660008", &[], &json!({"name": "第八师技术合同登记站"})).expect(200);
        let file = app.folder.path().join("export.csv");
        let output = dengji(&app.url, app.folder.path())
            .args(["export", "--kind", "register", "--format", "csv", "--output", file.to_str().unwrap()])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(std::fs::read_to_string(&file).unwrap().contains("第八师技术合同登记站"));
        let imported = app.import(file, Kind::Register, false).unwrap();
        assert_eq!((imported.added, imported.updated), (0, 0));
        assert!(imported.unchanged > 0);
    }
}
