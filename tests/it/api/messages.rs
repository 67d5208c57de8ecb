//! The own inbox, and the outbox as administrators and auditors see it.

use std::sync::Arc;

use dengji::{
    mail::{Failure, Memory, Notice, Transport},
    storage::StoreError,
    usecases::{
        Error,
        messages::{Tell, tell, worker::deliver},
    },
};
use serde_json::{Value, json};

use crate::{
    mail::{give_address, outbox, return_one},
    support::{App, Person, both},
};

/// Tells the registrar something that no act tells; whether it was told.
fn told(app: &App, to: Person, by: &str, once: &str) -> bool {
    let (ctx, now) = (app.ctx.clone(), app.ctx.clock.now());
    let (to, by, once) = (to.username(), by.to_owned(), once.to_owned());
    app.block_on(app.ctx.store.write(move |db| {
        let notice = Notice::CertificateSuspended {
            number: "DJY6620190044",
            from_on: now.date(),
            reason: "培训学时不足",
        };
        let message = Tell {
            to,
            by: &by,
            notice,
            contract_id: None,
            once: &once,
        };
        tell(db, &ctx, &message, now)
    }))
    .unwrap()
}

fn ids(page: &Value) -> Vec<i64> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|m| m["id"].as_i64().unwrap()).collect()
}

both! {
    fn the_inbox_is_read_page_by_page_and_marked(app: &App) {
        let registrar = app.person(Person::Registrar);
        assert_eq!(registrar.get("/messages").expect(200), json!({"items": [], "next_cursor": null}));
        for n in 0..5 {
            assert!(told(app, Person::Registrar, "system:test", &n.to_string()));
        }
        assert_eq!(registrar.get("/auth/me").expect(200)["unread_messages"], 5);
        let first = registrar.get("/messages?limit=2").expect(200);
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = registrar.get(&format!("/messages?limit=2&cursor={cursor}")).expect(200);
        let cursor = second["next_cursor"].as_str().unwrap();
        let third = registrar.get(&format!("/messages?limit=2&cursor={cursor}")).expect(200);
        assert_eq!(third["next_cursor"], Value::Null);
        let all: Vec<i64> = [&first, &second, &third].iter().flat_map(|p| ids(p)).collect();
        assert_eq!(all.len(), 5);
        assert!(all.is_sorted_by(|a, b| a > b), "newest first: {all:?}");

        let path = format!("/messages/{}", all[1]);
        let message = registrar.get(&path).expect(200);
        assert_eq!(message, first["items"][1]);
        assert_eq!(message["read_at"], Value::Null);
        assert_eq!(message["subject"], "【技术合同登记】登记员证书已暂停");
        let read = registrar.post(&format!("{path}/read"), &json!({})).expect(200);
        assert_eq!(crate::support::second(&read["read_at"]), "2026-06-15T12:00:00");
        app.pass_seconds(60);
        assert_eq!(registrar.post(&format!("{path}/read"), &json!({})).expect(200), read, "once read, it stays so");
        let unread = registrar.get("/messages?unread=true").expect(200);
        assert_eq!(ids(&unread).len(), 4);
        assert!(!ids(&unread).contains(&all[1]));
        assert_eq!(ids(&registrar.get("/messages?unread=false").expect(200)).len(), 5);
        assert_eq!(registrar.get("/auth/me").expect(200)["unread_messages"], 4);
        assert_eq!(registrar.post("/messages/all/read", &json!({})).expect(200), json!({"marked": 4}));
        assert_eq!(registrar.post("/messages/all/read", &json!({})).expect(200), json!({"marked": 0}));
        assert_eq!(registrar.get("/auth/me").expect(200)["unread_messages"], 0);
        assert_eq!(registrar.get(&path).expect(200), read);
    }

    fn nobody_has_anyone_elses(app: &App) {
        assert!(told(app, Person::Registrar, "system:test", "1") || {
            app.person(Person::Registrar);
            told(app, Person::Registrar, "system:test", "1")
        });
        let id = ids(&app.person(Person::Registrar).get("/messages").expect(200))[0];
        for person in Person::ALL.into_iter().filter(|p| *p != Person::Registrar) {
            let client = app.person(person);
            client.get(&format!("/messages/{id}")).expect_problem(404, "not-found");
            client.post(&format!("/messages/{id}/read"), &json!({})).expect_problem(404, "not-found");
            assert_eq!(client.post("/messages/all/read", &json!({})).expect(200)["marked"], 0);
            assert!(ids(&client.get("/messages").expect(200)).is_empty());
        }
        assert_eq!(app.person(Person::Registrar).get("/auth/me").expect(200)["unread_messages"], 1);
    }

    fn wrong_requests_are_told(app: &App) {
        let registrar = app.person(Person::Registrar);
        told(app, Person::Registrar, "system:test", "1");
        let id = ids(&registrar.get("/messages").expect(200))[0];
        for (query, pointer) in [
            ("unread=maybe", "/unread"), ("limit=0", "/limit"), ("cursor=x", "/cursor"), ("colour=red", "/colour"),
        ] {
            let reply = registrar.get(&format!("/messages?{query}"));
            assert_eq!((reply.status, reply.pointers()), (422, vec![pointer.to_owned()]), "{query}");
        }
        for path in ["/messages/0", "/messages/x", "/messages/99999999999999999999", "/messages/-1"] {
            registrar.get(path).expect_problem(404, "not-found");
            registrar.post(&format!("{path}/read"), &json!({})).expect_problem(404, "not-found");
        }
        registrar.post(&format!("/messages/{id}/read"), &json!({"colour": 1})).expect_problem(422, "invalid");
        registrar.post("/messages/all/read", &json!({"colour": 1})).expect_problem(422, "invalid");
        assert_eq!(registrar.get("/auth/me").expect(200)["unread_messages"], 1);
    }

    fn nobody_is_told_twice_nor_of_the_own_acts(app: &App) {
        give_address(app, Person::Registrar);
        assert!(!told(app, Person::Registrar, "registrar", "1"), "of what he did himself");
        assert!(told(app, Person::Registrar, "system:test", "1"));
        assert!(!told(app, Person::Registrar, "system:test", "1"), "twice");
        assert!(told(app, Person::Registrar, "system:test", "2"));
        assert!(!told(app, Person::Expert, "system:test", "1"), "no such account");
        let page = app.person(Person::Registrar).get("/messages").expect(200);
        assert_eq!(ids(&page).len(), 2);
        assert_eq!(outbox(app).len(), 2);
    }

    fn what_is_told_goes_with_its_transaction(app: &App) {
        give_address(app, Person::Registrar);
        let (ctx, now) = (app.ctx.clone(), app.ctx.clock.now());
        let undone = app.block_on(app.ctx.store.write(move |db| {
            let message = Tell {
                to: "registrar",
                by: "system:test",
                notice: Notice::Released { project: "某项目" },
                contract_id: None,
                once: "1",
            };
            assert!(tell(db, &ctx, &message, now)?);
            Err::<(), Error>(StoreError::Corrupt("undone".to_owned()).into())
        }));
        assert!(undone.is_err());
        assert_eq!(app.person(Person::Registrar).get("/auth/me").expect(200)["unread_messages"], 0);
        assert!(outbox(app).is_empty());
    }

    fn dead_letters_are_seen_and_sent_again(app: &App) {
        return_one(app, 1);
        let memory: Arc<Memory> = Arc::default();
        memory.fail_next(Failure::Refused("550 没有这个用户".to_owned()));
        let transport = Transport::Memory(Arc::clone(&memory));
        app.block_on(deliver(&app.ctx, &transport, || false)).unwrap();
        let administrator = app.person(Person::Administrator);
        let page = administrator.get("/outbox?state=dead").expect(200);
        let [mail] = page["items"].as_array().unwrap().clone().try_into().unwrap();
        assert_eq!(mail["address"], "registrar@example.org");
        assert_eq!(mail["kind"], "returned");
        assert_eq!(mail["last_error"], "550 没有这个用户");
        assert_eq!((&mail["state"], &mail["attempts"], &mail["due_at"]), (&json!("dead"), &json!(1), &Value::Null));
        assert_eq!(app.person(Person::Auditor).get("/outbox").expect(200), page);
        for word in ["棉田残膜回收装备研制", "金额有误", "subject", "body"] {
            assert!(!page.to_string().contains(word), "no words of the mail: {word} in {page}");
        }
        assert!(ids(&administrator.get("/outbox?state=sent").expect(200)).is_empty());
        for query in ["state=lost", "colour=red", "limit=101"] {
            administrator.get(&format!("/outbox?{query}")).expect_problem(422, "invalid");
        }

        let path = format!("/outbox/{}/retry", mail["id"]);
        for person in Person::ALL.into_iter().filter(|p| *p != Person::Administrator) {
            let client = app.person(person);
            client.post(&path, &json!({})).expect_problem(403, "forbidden");
            if person != Person::Auditor {
                client.get("/outbox").expect_problem(403, "forbidden");
            }
        }
        administrator.post("/outbox/999/retry", &json!({})).expect_problem(404, "not-found");
        administrator.post(&path, &json!({"colour": 1})).expect_problem(422, "invalid");
        // To the address that the recipient has by then.
        let address = |email: Value| {
            let user = administrator.get("/users/registrar").expect(200);
            let version = user["version"].as_i64().unwrap();
            administrator.patch_at("/users/registrar", version, &json!({"email": email, "current_password": crate::support::PASSWORD})).expect(200);
        };
        address(Value::Null);
        let refused = administrator.post(&path, &json!({}));
        assert!(refused.expect_problem(409, "conflict").to_string().contains("没有登记电子邮件地址"), "{}", refused.text);
        address(json!("right@example.org"));
        let again = administrator.post(&path, &json!({})).expect(200);
        assert_eq!(again["address"], "right@example.org");
        assert_eq!((&again["state"], &again["attempts"]), (&json!("pending"), &json!(0)));
        assert_eq!(again["header_id"], mail["header_id"]);
        app.block_on(deliver(&app.ctx, &transport, || false)).unwrap();
        assert_eq!(memory.taken().iter().map(|letter| letter.to.as_str()).collect::<Vec<_>>(), ["right@example.org"]);
        administrator.post(&path, &json!({})).expect_problem(409, "conflict");
        let auditor = app.person(Person::Auditor);
        let last = auditor.get("/ledger/head").expect(200)["sequence"].as_i64().unwrap();
        let ledger = auditor.get(&format!("/ledger?after={}", last - 1)).expect(200);
        let entry: Value = serde_json::from_str(ledger["items"][0]["entry"].as_str().unwrap()).unwrap();
        assert_eq!((&entry["action"], &entry["actor"], &entry["contract"]), (&json!("retry_mail"), &json!("administrator"), &Value::Null));
        assert_eq!(entry["changes"][0]["to"], "pending");
        assert_eq!(auditor.get("/ledger/verification").expect(200)["valid"], true);
    }
}
