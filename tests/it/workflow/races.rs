//! Acts at the same moment: one wins, the others are told so, nothing is lost.

use std::{
    collections::BTreeSet,
    sync::{Arc, Barrier},
    thread,
};

use dengji::domain::{account::Role, interchange::Kind};
use serde_json::{Value, json};

use crate::{
    storage::writer::Holder,
    support::{App, Client, Person, Reply, both, complete_contract, papers},
};

/// Runs the jobs at the same moment; what came of each, in their order.
fn at_once<T: Send + 'static>(jobs: Vec<Box<dyn FnOnce() -> T + Send>>) -> Vec<T> {
    let barrier = Arc::new(Barrier::new(jobs.len()));
    let threads: Vec<_> = jobs
        .into_iter()
        .map(|job| {
            let barrier = Arc::clone(&barrier);
            thread::spawn(move || {
                barrier.wait();
                job()
            })
        })
        .collect();
    threads.into_iter().map(|t| t.join().unwrap()).collect()
}

fn act_later(client: &Client, contract: &Value, action: &str, body: Value) -> Box<dyn FnOnce() -> Reply + Send> {
    let (client, contract, action) = (client.clone(), contract.clone(), action.to_owned());
    Box::new(move || client.try_act(&contract, &action, &body))
}

fn ledger_is_whole(app: &App) {
    let verification = app.person(Person::Auditor).get("/ledger/verification").expect(200);
    assert!(verification["fault"].is_null(), "{verification}");
    assert_eq!(app.block_on(papers::register_faults(&app.ctx)), []);
}

/// The thirty-two registrars of one agency, each with a certificate of the own.
fn registrars(app: &App) -> Vec<Client> {
    let mut csv = "证书编号,姓名,登记机构,机构代码,发证日期,有效期至,最近继续教育日期\n".to_owned();
    for n in 1..=32 {
        csv.push_str(&format!(
            "DJY7700{n:06},登记员{n},九师技术合同登记站,660009,2020-01-01,2028-12-31,2025-09-01\n"
        ));
    }
    let path = app.folder.path().join("registrars.csv");
    std::fs::write(&path, csv).unwrap();
    app.import(path, Kind::Registrars, false).unwrap();
    (1..=32)
        .map(|n| {
            let certificate = format!("DJY7700{n:06}");
            app.add_user(&format!("registrar-{n}"), &[Role::Registrar], None, Some(&certificate))
        })
        .collect()
}

both! {
    fn of_equal_contracts_submitted_at_once_all_but_one_are_told(app: &App) {
        // Planned while none of them was submitted: all wait for the writing lock of somebody else.
        let registrar = app.person(Person::Registrar);
        let other_agency = app.person(Person::OtherRegistrar);
        let drafts: Vec<(Client, Value)> = (0..8)
            .map(|n| {
                let client = if n % 2 == 0 { &registrar } else { &other_agency };
                let draft = client.post("/contracts", &complete_contract(1)).expect(201);
                let id = draft["id"].as_i64().unwrap();
                app.block_on(papers::give_text(&app.ctx, id));
                (client.clone(), client.get(&format!("/contracts/{id}")).expect(200))
            })
            .collect();
        let holder = Holder::take(app, "SELECT 1");
        let jobs: Vec<_> = drafts
            .iter()
            .map(|(client, draft)| {
                let job = act_later(client, draft, "submit", json!({}));
                thread::spawn(job)
            })
            .collect();
        // All of them are planned once the readers are done; nothing is written before the lock is free.
        // The writer has taken the first already.
        while app.ctx.store.waiting() < 7 {
            thread::yield_now();
        }
        holder.release();
        let replies: Vec<Reply> = jobs.into_iter().map(|job| job.join().unwrap()).collect();
        let done = replies.iter().filter(|reply| reply.status == 200).count();
        assert_eq!(done, 1, "{replies:?}");
        for lost in replies.iter().filter(|reply| reply.status != 200) {
            assert_eq!(lost.expect_problem(422, "invalid")["status"], 422);
        }
        ledger_is_whole(app);
    }

    fn of_two_claims_one_wins(app: &App) {
        let (one, other) = (app.person(Person::Reviewer), app.person(Person::Reviewer2));
        for n in 1..=12 {
            let submitted = app.submitted(n);
            let replies = at_once(vec![
                act_later(&one, &submitted, "claim", json!({})),
                act_later(&other, &submitted, "claim", json!({})),
            ]);
            let (won, lost): (Vec<_>, Vec<_>) = replies.iter().partition(|r| r.status == 200);
            assert_eq!((won.len(), lost.len()), (1, 1), "{replies:?}");
            lost[0].expect_problem(409, "wrong-state");
            let claimed = one.get(&format!("/contracts/{}", submitted["id"])).expect(200);
            assert_eq!(claimed["claimed_by"], won[0].json()["claimed_by"]);
            assert_eq!(claimed["version"], submitted["version"].as_i64().unwrap() + 1);
            let history = one.get(&format!("/contracts/{}/history", submitted["id"])).expect(200);
            assert_eq!(history.as_array().unwrap().len(), 3, "create, submit, one claim");
        }
        ledger_is_whole(app);
    }

    fn only_a_claim_of_what_is_claimed_looks_past_the_version(app: &App) {
        let (reviewer, other) = (app.person(Person::Reviewer), app.person(Person::Reviewer2));
        let submitted = app.submitted(1);
        let claimed = reviewer.act(&submitted, "claim", &json!({}));
        // Missing is still missing, and everything but a claim is stale before it is in the wrong state.
        let path = format!("/contracts/{}", submitted["id"]);
        other.post(&format!("{path}/claim"), &json!({})).expect_problem(428, "version-missing");
        other.try_act(&submitted, "claim", &json!({})).expect_problem(409, "wrong-state");
        reviewer.try_act(&submitted, "release", &json!({})).expect_problem(412, "stale-version");
        other.try_act(&submitted, "reassign", &json!({"reason": "接手"})).expect_problem(412, "stale-version");
        other.try_act(&submitted, "revoke", &json!({})).expect_problem(412, "stale-version");
        // A contract that can be claimed again, or never, has changed under the caller's eyes.
        let released = reviewer.act(&claimed, "release", &json!({}));
        other.try_act(&submitted, "claim", &json!({})).expect_problem(412, "stale-version");
        app.person(Person::Registrar).act(&released, "withdraw", &json!({"reason": "重报"}));
        other.try_act(&submitted, "claim", &json!({})).expect_problem(412, "stale-version");
    }

    fn of_many_edits_of_one_version_one_wins(app: &App) {
        let registrar = app.person(Person::Registrar);
        let draft = app.draft(1);
        let path = format!("/contracts/{}", draft["id"]);
        let jobs = (0..12)
            .map(|n| {
                let (client, path) = (registrar.clone(), path.clone());
                let job = move || client.patch_at(&path, 1, &json!({"project_name": format!("第 {n} 个名称")}));
                Box::new(job) as Box<dyn FnOnce() -> Reply + Send>
            })
            .collect();
        let replies = at_once(jobs);
        let (won, lost): (Vec<_>, Vec<_>) = replies.iter().partition(|r| r.status == 200);
        assert_eq!(won.len(), 1, "{replies:?}");
        for reply in lost {
            reply.expect_problem(412, "stale-version");
        }
        let now = registrar.get(&path).expect(200);
        assert_eq!((&now["version"], &now["project_name"]), (&json!(2), &won[0].json()["project_name"]));
        ledger_is_whole(app);
    }

    fn thirty_two_registrars_submit_and_all_is_confirmed_at_once(app: &App) {
        let clients = registrars(app);
        let contracts: Vec<Value> = clients
            .iter()
            .zip(1..)
            .map(|(client, n)| client.post("/contracts", &complete_contract(n)).expect(201))
            .collect();
        let mut jobs: Vec<_> = clients
            .iter()
            .zip(&contracts)
            .map(|(client, contract)| act_later(client, contract, "submit", json!({})))
            .collect();
        // Beside them, others keep entering and fighting over one draft.
        let fought_over = clients[0].post("/contracts", &complete_contract(100)).expect(201);
        for (n, client) in clients[..8].iter().enumerate() {
            let (client, path) = (client.clone(), format!("/contracts/{}", fought_over["id"]));
            let name = format!("第 {n} 个名称");
            jobs.push(Box::new(move || client.patch_at(&path, 1, &json!({"project_name": name}))));
        }
        let replies = at_once(jobs);
        let (submitted, edits) = replies.split_at(32);
        let submitted: Vec<Value> = submitted.iter().map(|r| r.expect(200)).collect();
        assert!(submitted.iter().all(|c| c["state"] == "submitted" && c["version"] == 2));
        assert_eq!(edits.iter().filter(|r| r.status == 200).count(), 1, "{edits:?}");
        assert_eq!(edits.iter().filter(|r| r.status == 412).count(), 7, "{edits:?}");

        let reviewer = app.person(Person::Reviewer);
        let claimed = at_once(submitted.iter().map(|c| act_later(&reviewer, c, "claim", json!({}))).collect());
        let claimed: Vec<Value> = claimed.iter().map(|r| r.expect(200)).collect();
        let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        let confirmed = at_once(claimed.iter().map(|c| act_later(&reviewer, c, "confirm", verified.clone())).collect());
        let numbers: BTreeSet<String> = confirmed
            .iter()
            .map(|r| r.expect(200)["registration_number"].as_str().unwrap().to_owned())
            .collect();
        let expected: BTreeSet<String> = (500_001..=500_032).map(|n| format!("2026660009{n}")).collect();
        assert_eq!(numbers, expected, "unique and without a gap");

        let figures = app.person(Person::Statistician).get("/statistics/annual/2026").expect(200);
        assert_eq!(figures["total"]["contracts"], 32);
        assert_eq!(figures["total"]["amount_fen"], 32 * 120_000_000_i64);
        for contract in &contracts {
            let history = reviewer.get(&format!("/contracts/{}/history", contract["id"])).expect(200);
            let acts: Vec<&str> = history.as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
            assert_eq!(acts, ["create", "submit", "claim", "confirm"]);
        }
        ledger_is_whole(app);
    }

    fn the_same_request_sent_many_times_at_once_is_done_once(app: &App) {
        let registrar = app.person(Person::Registrar);
        let jobs = (0..12)
            .map(|_| {
                let client = registrar.clone();
                let job = move || {
                    client.with_body("POST", "/contracts", &[("Idempotency-Key", "once")], &complete_contract(1))
                };
                Box::new(job) as Box<dyn FnOnce() -> Reply + Send>
            })
            .collect();
        let replies = at_once(jobs);
        let texts: BTreeSet<(u16, &str)> = replies.iter().map(|r| (r.status, r.text.as_str())).collect();
        assert_eq!(texts.len(), 1, "{texts:?}");
        assert_eq!(texts.first().unwrap().0, 201);
        let list = registrar.get("/contracts").expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
    }
}
