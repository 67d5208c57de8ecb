//! Who is told of what, and that it is told with the act or not at all.

use dengji::usecases::{deadlines, registrars};
use serde_json::{Value, json};

use crate::{
    mail::{execute, give_address, outbox},
    support::{App, Person, both},
    workflow::experts::{EXPERTS, employ, experts, panel, path, referred},
};

/// What overseers are told of rights that were given is looked at by itself ([`rights_are_given_in_the_sight_of_others`]).
const OVERSIGHT: [&str; 4] = [
    "account_added",
    "roles_given",
    "certificate_issued",
    "certificates_imported",
];

fn inbox(app: &App, person: Person) -> Vec<Value> {
    let page = app.person(person).get("/messages?limit=100").expect(200);
    let items = page["items"].as_array().unwrap().iter();
    items
        .filter(|m| !OVERSIGHT.contains(&m["kind"].as_str().unwrap()))
        .cloned()
        .collect()
}

fn kinds(app: &App, person: Person) -> Vec<String> {
    let kinds = inbox(app, person)
        .into_iter()
        .map(|m| m["kind"].as_str().unwrap().to_owned());
    kinds.collect()
}

fn return_body() -> Value {
    json!({"reason": "金额有误", "items": [{"pointer": "/amount_fen", "detail": "与合同文本不符"}]})
}

both! {
    fn decisions_reach_whoever_submitted_and_nobody_else(app: &App) {
        give_address(app, Person::Registrar);
        let reviewer = app.person(Person::Reviewer);
        let returned = reviewer.act(&app.claimed(1), "return", &return_body());
        let [message] = inbox(app, Person::Registrar).try_into().unwrap();
        assert_eq!(message["kind"], "returned");
        assert_eq!(message["contract_id"], returned["id"]);
        assert_eq!(message["created_at"], returned["returned"]["at"]);
        let body = message["body"].as_str().unwrap();
        assert!(body.contains("棉田残膜回收装备研制") && body.contains("金额有误") && body.contains("（合同成交额）") && !body.contains('/'), "{body}");

        let confirmed = app.confirmed(2);
        let refusal = json!({"reasons": ["price_unclear"], "note": "无付款期限"});
        reviewer.act(&app.claimed(3), "refuse", &refusal);
        let revocation = json!({"ground": "duplicate", "document_number": "兵科撤〔2026〕1号"});
        app.person(Person::Reviewer2).act(&confirmed, "revoke", &revocation);
        assert_eq!(kinds(app, Person::Registrar), ["revoked", "refused", "confirmed", "returned"]);
        let messages = inbox(app, Person::Registrar);
        let text = |n: usize| messages[n]["body"].as_str().unwrap();
        let number = confirmed["registration_number"].as_str().unwrap();
        assert!(text(0).contains("兵科撤〔2026〕1号") && text(0).contains(number), "{}", text(0));
        assert!(text(1).contains("无付款期限"), "{}", text(1));
        assert!(text(2).contains(number), "{}", text(2));
        for person in Person::ALL.into_iter().filter(|p| *p != Person::Registrar) {
            assert_eq!(inbox(app, person), Vec::<Value>::new(), "{person:?}");
        }
        let mails = outbox(app);
        assert_eq!(mails.len(), 4);
        assert!(mails.iter().all(|m| m.address == "registrar@example.org"));
    }

    fn work_taken_over_is_told_to_whoever_had_it(app: &App) {
        let contract = app.claimed(1);
        app.person(Person::Reviewer2).act(&contract, "reassign", &json!({"reason": "休假"}));
        assert_eq!(kinds(app, Person::Reviewer), ["taken_over"]);
        assert_eq!(kinds(app, Person::Reviewer2), Vec::<String>::new());
        assert_eq!(kinds(app, Person::Registrar), Vec::<String>::new());
    }

    fn whoever_asked_for_a_change_is_told_how_it_was_decided(app: &App) {
        let registrar = app.person(Person::Registrar);
        let reviewer = app.person(Person::Reviewer2);
        let mut contract = app.confirmed(1);
        let path = format!("/contracts/{}", contract["id"]);
        let body = json!({"kind": "cancel", "changes": null, "ground": "rescinded", "reason": "双方解除合同", "attachments": []});
        for (decision, answer) in [
            ("refuse", json!({"reason": "证明材料不全"})),
            ("withdraw", json!({})),
            ("approve", json!({"note": "同意"})),
        ] {
            let version = contract["version"].as_i64().unwrap();
            let request = registrar.post_at(&format!("{path}/change-requests"), version, &body).expect(201);
            let who = if decision == "withdraw" { &registrar } else { &reviewer };
            who.post(&format!("/change-requests/{}/{decision}", request["id"]), &answer).expect(200);
            contract = registrar.get(&path).expect(200);
        }
        assert_eq!(contract["state"], "cancelled");
        assert_eq!(kinds(app, Person::Registrar), ["change_decided", "change_decided", "confirmed"]);
        let messages = inbox(app, Person::Registrar);
        let text = |n: usize| messages[n]["body"].as_str().unwrap();
        assert!(text(0).contains("注销申请已批准") && text(0).contains("同意"), "{}", text(0));
        assert!(text(1).contains("注销申请未获批准") && text(1).contains("证明材料不全"), "{}", text(1));
        assert!(kinds(app, Person::Colleague).is_empty());
    }

    fn work_handed_over_and_work_taken_back_is_told(app: &App) {
        app.person(Person::Reviewer2);
        let contract = app.claimed(1);
        let body = json!({"to": "reviewer2", "reason": "出差", "contracts": [contract["id"]]});
        app.person(Person::Reviewer).post("/work-queues/hand-over", &body).expect(200);
        assert_eq!(kinds(app, Person::Reviewer2), ["handed_over"]);
        assert!(kinds(app, Person::Reviewer).is_empty());
        app.pass_seconds(86_400 * 11);
        assert_eq!(app.block_on(deadlines::release_idle(&app.ctx)).unwrap(), 1);
        assert_eq!(kinds(app, Person::Reviewer2), ["released", "handed_over"]);
    }

    fn sweeps_tell_of_deadlines_and_certificates(app: &App) {
        app.person(Person::Reviewer2);
        app.person(Person::Administrator);
        let (claimed, _) = (app.claimed(1), app.submitted(2));
        let due = claimed["due_on"].as_str().unwrap().to_owned();
        app.set_time(&format!("{due}T08:00:00+08:00"));
        for _ in 0..2 {
            app.block_on(deadlines::remind(&app.ctx)).unwrap();
        }
        assert_eq!(kinds(app, Person::Reviewer), ["unclaimed_due", "due_soon"]);
        assert_eq!(kinds(app, Person::Reviewer2), ["unclaimed_due"]);
        assert!(inbox(app, Person::Reviewer)[1]["body"].as_str().unwrap().contains("今天是最后一天"));
        app.pass_seconds(86_400);
        app.block_on(deadlines::remind(&app.ctx)).unwrap();
        assert_eq!(kinds(app, Person::Reviewer)[..2], ["unclaimed_due", "overdue"]);

        app.set_time("2028-12-20T08:00:00+08:00");
        for _ in 0..2 {
            app.block_on(registrars::remind(&app.ctx)).unwrap();
        }
        assert_eq!(kinds(app, Person::Registrar), ["certificate_expiring"]);
        assert!(inbox(app, Person::Registrar)[0]["body"].as_str().unwrap().contains("还有 11 天"));
        assert_eq!(kinds(app, Person::Administrator), ["certificates_expiring"]);
        let path = "/registrars/DJY6620190044/suspend";
        app.person(Person::Administrator).post(path, &json!({"reason": "培训学时不足"})).expect(200);
        assert_eq!(kinds(app, Person::Registrar), ["certificate_suspended", "certificate_expiring"]);
    }

    fn auditors_are_told_of_what_they_are_given(app: &App) {
        let contracts: Vec<Value> = (1..=3).map(|n| app.confirmed(n)).collect();
        app.person(Person::Reviewer2);
        let body = json!({"title": "2026 年度自查", "year": 2026, "design": {"kind": "all"}, "auditors": ["reviewer", "reviewer2"]});
        app.person(Person::Reviewer).post("/self-audits", &body).expect(201);
        // Who confirmed all of them is given none.
        let [message] = inbox(app, Person::Reviewer2).try_into().unwrap();
        assert_eq!(message["kind"], "audit_assigned");
        let text = message["body"].as_str().unwrap();
        assert!(text.contains("2026 年度自查") && text.contains(&format!("{} 项", contracts.len())), "{text}");
        assert!(kinds(app, Person::Reviewer).is_empty());
    }

    fn experts_are_invited_each_to_what_they_may_know(app: &App) {
        let clients = experts(app);
        let contract = referred(app, 1);
        employ(app, "e5", contract["seller"]["name"].as_str().unwrap(), "");
        let panel = panel(app, &[&contract]);
        let texts: Vec<String> = clients
            .iter()
            .map(|client| {
                let page = client.get("/messages").expect(200);
                let [message] = page["items"].as_array().unwrap().clone().try_into().unwrap();
                assert_eq!((&message["kind"], &message["contract_id"]), (&json!("expert_invited"), &Value::Null));
                message["body"].as_str().unwrap().to_owned()
            })
            .collect();
        assert!(texts[0].contains("组长") && texts[0].contains("2026-06-20"), "{}", texts[0]);
        assert!(texts[1].contains("成员") && texts[1].contains("论证合同 1 项"), "{}", texts[1]);
        assert!(!texts[4].contains("论证合同"), "whoever stays out of it: {}", texts[4]);
        assert!(kinds(app, Person::Reviewer).is_empty());
        // Whoever joins later, and nobody else.
        let sixth = app.add_user("e6", &[dengji::domain::account::Role::Expert], None, None);
        let members: Vec<&str> = EXPERTS.into_iter().chain(["e6"]).collect();
        let body = json!({"experts": members});
        app.person(Person::Reviewer).patch_at(&path(&panel, ""), 1, &body).expect(200);
        for client in clients.iter().chain([&sixth]) {
            assert_eq!(client.get("/messages").expect(200)["items"].as_array().unwrap().len(), 1);
        }
    }

    fn without_an_address_there_is_the_message_alone(app: &App) {
        app.person(Person::Reviewer).act(&app.claimed(1), "return", &return_body());
        assert_eq!(kinds(app, Person::Registrar), ["returned"]);
        assert!(outbox(app).is_empty());
    }

    fn what_is_refused_tells_nobody(app: &App) {
        give_address(app, Person::Registrar);
        let contract = app.claimed(1);
        let reviewer = app.person(Person::Reviewer);
        reviewer.try_act(&contract, "return", &json!({"reason": "金额有误"})).expect(422);
        app.person(Person::Reviewer2).try_act(&contract, "return", &return_body()).expect(403);
        let path = format!("/contracts/{}/return", contract["id"]);
        reviewer.post_at(&path, 1, &return_body()).expect(412);
        assert!(inbox(app, Person::Registrar).is_empty() && outbox(app).is_empty());
    }

    fn act_message_and_mail_are_there_together_or_not_at_all(app: &App) {
        give_address(app, Person::Registrar);
        let contract = app.claimed(1);
        let (reviewer, auditor) = (app.person(Person::Reviewer), app.person(Person::Auditor));
        let head = auditor.get("/ledger/head").expect(200);
        // The last of what the act writes cannot be written.
        execute(app, "ALTER TABLE outbox RENAME TO outbox_away");
        assert_eq!(reviewer.try_act(&contract, "return", &return_body()).status, 500);
        execute(app, "ALTER TABLE outbox_away RENAME TO outbox");
        assert_eq!(auditor.get("/ledger/head").expect(200), head);
        let path = format!("/contracts/{}", contract["id"]);
        assert_eq!(reviewer.get(&path).expect(200)["state"], "under_review");
        assert!(inbox(app, Person::Registrar).is_empty() && outbox(app).is_empty());
        reviewer.act(&contract, "return", &return_body());
        assert_eq!((inbox(app, Person::Registrar).len(), outbox(app).len()), (1, 1));
    }

    fn a_repeated_request_tells_once(app: &App) {
        give_address(app, Person::Registrar);
        let contract = app.claimed(1);
        let path = format!("/contracts/{}/return", contract["id"]);
        let version = format!("\"{}\"", contract["version"]);
        let headers = [("If-Match", version.as_str()), ("Idempotency-Key", "k1")];
        let reviewer = app.person(Person::Reviewer);
        let first = reviewer.with_body("POST", &path, &headers, &return_body());
        let second = reviewer.with_body("POST", &path, &headers, &return_body());
        assert_eq!(first.expect(200), second.expect(200));
        assert_eq!((inbox(app, Person::Registrar).len(), outbox(app).len()), (1, 1));
    }

    fn whoever_may_not_see_the_contract_any_more_is_not_told_of_it(app: &App) {
        app.person(Person::Colleague);
        app.person(Person::OtherRegistrar);
        // Done behind the writer's back, so that it is told: it reads accounts anew where any was written.
        let change = |sql: &str, newcomer: &str| {
            execute(app, sql);
            app.add_user(newcomer, &[dengji::domain::account::Role::Expert], None, None);
        };
        let contract = app.claimed(1);
        change("UPDATE users SET locked_at = 1 WHERE username = 'registrar'", "first");
        app.person(Person::Reviewer).act(&contract, "return", &return_body());
        change("UPDATE users SET locked_at = NULL WHERE username = 'registrar'", "second");
        assert_eq!(kinds(app, Person::Registrar), Vec::<String>::new(), "locked");
        assert_eq!(kinds(app, Person::Colleague), ["returned"], "another registrar of the agency");
        assert_eq!(kinds(app, Person::OtherRegistrar), Vec::<String>::new());

        let contract = app.claimed(2);
        change("UPDATE users SET agency_id = (SELECT id FROM agencies WHERE code = '660001') WHERE username = 'registrar'", "third");
        app.person(Person::Reviewer).act(&contract, "return", &return_body());
        assert_eq!(kinds(app, Person::Registrar), Vec::<String>::new(), "of another agency now");
        assert_eq!(kinds(app, Person::Colleague), ["returned", "returned"]);
    }

    fn rights_are_given_in_the_sight_of_others(app: &App) {
        let (first, second, auditor) = (
            app.person(Person::Administrator),
            app.add_user("second-administrator", &[dengji::domain::account::Role::Administrator], None, None),
            app.person(Person::Auditor),
        );
        let told = |client: &crate::support::Client| {
            let page = client.get("/messages?limit=100").expect(200);
            let told: Vec<(String, String)> = page["items"].as_array().unwrap().iter()
                .map(|m| (m["kind"].as_str().unwrap().to_owned(), m["body"].as_str().unwrap().to_owned())).collect();
            client.post("/messages/read", &json!({}));
            told
        };
        // The operator made the second one, which the first is told, and the auditor, whom the second is told of.
        assert!(told(&first).iter().any(|(kind, body)| kind == "account_added" && body.contains("second-administrator") && body.contains("管理员")));
        assert!(told(&second).iter().any(|(kind, body)| kind == "account_added" && body.contains("auditor")));
        let counts = |before: [usize; 3]| {
            let now = [&first, &second, &auditor].map(|c| told(c).len());
            [now[0] - before[0], now[1] - before[1], now[2] - before[2]]
        };
        let now = || [&first, &second, &auditor].map(|c| told(c).len());

        let before = now();
        let made = first.post("/users", &json!({"username": "newcomer", "full_name": "李四", "roles": ["reviewer"]})).expect(201);
        assert_eq!(counts(before), [0, 1, 1], "not who did it");
        let (kind, body) = told(&auditor).remove(0);
        assert!(kind == "account_added" && body.contains("newcomer") && body.contains("审核员") && body.contains("administrator"), "{body}");

        let before = now();
        let patched = first.patch_at("/users/newcomer", made["version"].as_i64().unwrap(), &json!({"roles": ["reviewer", "statistician"]})).expect(200);
        assert_eq!(counts(before), [0, 1, 1]);
        let (kind, body) = told(&second).remove(0);
        assert!(kind == "roles_given" && body.contains("统计员") && !body.contains("审核员"), "{body}");
        let before = now();
        first.patch_at("/users/newcomer", patched["version"].as_i64().unwrap(), &json!({"roles": ["statistician"]})).expect(200);
        assert_eq!(counts(before), [0, 0, 0], "a role taken is no right given");

        app.person(Person::Registrar);
        assert_eq!(told(&auditor).iter().filter(|(kind, _)| kind == "certificates_imported").count(), 1, "one a file");
        let before = now();
        second.post("/registrars", &json!({"certificate_number": "DJY6620260099", "name": "王五", "agency": "660008"})).expect(201);
        assert_eq!(counts(before), [1, 0, 1]);
        assert!(told(&first)[0].1.contains("DJY6620260099"));
    }
}
