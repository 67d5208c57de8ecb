//! What an expert may know: the contracts of the own panels, but for those he or she stays out of, and nothing else. And panels under
//! race: one act wins.

use std::{
    collections::BTreeSet,
    sync::{Arc, Barrier},
    thread,
};

use serde_json::{Value, json};

use super::experts::{close_voting, employ, experts, panel, path, referred, vote};
use crate::support::{Client, Person, Reply, both};

/// Every way in which a caller can ask for a contract.
fn every_way(client: &Client, id: &str) -> Vec<Reply> {
    let path = |below: &str| format!("/contracts/{id}{below}");
    let mut replies = vec![
        client.get(&path("")),
        client.get(&path("/history")),
        client.get(&path("/revisions/1")),
        client.patch_at(&path(""), 1, &json!({"summary": "x"})),
        client.delete_at(&path(""), 1),
    ];
    let acts = dengji::domain::workflow::Action::ALL.map(|a| a.id());
    let offered = dengji::usecases::contracts::OFFERED.map(|a| a.id());
    for act in acts
        .iter()
        .filter(|a| offered.contains(a) && !["edit", "discard"].contains(a))
    {
        // Amendments and cancellations are asked for, not done.
        let below = match *act {
            "amend" | "cancel" => "/change-requests".to_owned(),
            act => format!("/{act}"),
        };
        replies.push(client.post(&path(&below), &json!({})));
    }
    replies
}

fn listed(client: &Client, query: &str) -> Vec<i64> {
    let list = client.get(&format!("/contracts?limit=100{query}")).expect(200);
    assert_eq!(list["next_cursor"], Value::Null);
    let items = list["items"].as_array().unwrap();
    items.iter().map(|c| c["id"].as_i64().unwrap()).collect()
}

both! {
    fn an_expert_sees_the_panels_contracts_and_nothing_else(app: &App) {
        let experts = experts(app);
        let reviewer = app.person(Person::Reviewer);
        let contracts: Vec<Value> = (1..=4).map(|n| referred(app, n)).collect();
        let ids: Vec<i64> = contracts.iter().map(|c| c["id"].as_i64().unwrap()).collect();
        app.confirmed(5);
        app.draft(6);
        employ(app, "e2", contracts[1]["seller"]["name"].as_str().unwrap(), "");
        let first = panel(app, &[&contracts[0], &contracts[1]]);
        let body = json!({"title": "另一次", "held_on": "2026-06-20", "chair": "e3", "experts": ["e3", "e4", "e5"], "contracts": [ids[2]]});
        let second = app.person(Person::Reviewer2).post("/expert-reviews", &body).expect(201);

        // Lists and search hold what is shown, in every order and under every filter.
        for query in ["", "&sort=submitted_at", "&sort=-amount_fen", "&state=expert_review,confirmed,draft", "&q=%E6%AE%8B%E8%86%9C", "&claimed_by=reviewer"] {
            let mut found = listed(&experts[0], query);
            found.sort_unstable();
            assert_eq!(found, ids[..2], "{query}");
            assert_eq!(listed(&experts[1], query), ids[..1], "stays out of the second: {query}");
        }
        assert_eq!(listed(&experts[0], "&state=confirmed"), Vec::<i64>::new());
        assert_eq!(listed(&experts[2], "").len(), 3);
        assert_eq!(listed(&app.person(Person::Expert), ""), Vec::<i64>::new());

        // One by one: what is hidden answers, byte for byte, as what is not there.
        let nothing = every_way(&experts[0], "999999");
        for (client, hidden) in [(&experts[0], ids[2]), (&experts[0], ids[3]), (&experts[1], ids[1]), (&app.person(Person::Expert), ids[0])] {
            for (found, missing) in every_way(client, &hidden.to_string()).iter().zip(&nothing) {
                assert_eq!((found.status, &found.text), (404, &missing.text));
                let names = |r: &Reply| r.headers.iter().map(|(n, _)| n.clone()).collect::<BTreeSet<_>>();
                assert_eq!(names(found), names(missing));
            }
        }
        let seen = experts[0].get(&format!("/contracts/{}", ids[0])).expect(200);
        assert_eq!(seen["available_actions"], json!([]));
        for reply in every_way(&experts[0], &ids[0].to_string()).iter().skip(5) {
            assert_eq!(reply.status, 403, "seen, but an expert does none of this: {}", reply.text);
        }

        // Panels alike; and a contract that an expert stays out of is none of the panel's, for him or her.
        let ways = |client: &Client, id: &str| {
            let path = |below: &str| format!("/expert-reviews/{id}{below}");
            let mut replies: Vec<Reply> = ["", "/recusals", "/opinions", "/minutes"].iter().map(|b| client.get(&path(b))).collect();
            replies.push(client.with_body("PATCH", &path(""), &[], &json!({})));
            replies.extend(["/recusals", "/opinions", "/close-voting", "/open-voting", "/conclude"].iter().map(|b| client.post(&path(b), &json!({}))));
            replies
        };
        for (client, id) in [(&experts[0], &second["id"]), (&app.person(Person::Expert), &first["id"]), (&app.person(Person::Registrar), &first["id"]),
            (&app.person(Person::Statistician), &first["id"]), (&app.person(Person::Administrator), &first["id"])] {
            for (found, missing) in ways(client, &id.to_string()).iter().zip(ways(client, "999999")) {
                assert_eq!((found.status, &found.text), (404, &missing.text));
            }
        }
        assert_eq!(experts[0].get("/expert-reviews").expect(200)["items"].as_array().unwrap().len(), 1);
        assert_eq!(app.person(Person::Registrar).get("/expert-reviews").expect(200)["items"], json!([]));
        let of_second = experts[1].get(&path(&first, ""));
        assert_eq!(of_second.json()["contracts"].as_array().unwrap().len(), 1);
        assert_eq!(experts[1].get(&path(&first, "/recusals")).expect(200)["items"], json!([]));
        for below in ["/opinions", "/recusals"] {
            let body = |id: i64| json!({"contract_id": id, "vote": "recognise", "text": "同意"});
            let body = |id: i64| if below == "/opinions" { body(id) } else { json!({"contract_id": id, "reason": "回避"}) };
            let hidden = experts[1].post(&path(&first, below), &body(ids[1]));
            let missing = experts[1].post(&path(&first, below), &body(999_999));
            assert_eq!((hidden.status, &hidden.text), (422, &missing.text));
        }

        // What is recalled is the panel's no more; what is concluded stays visible to who sat there.
        reviewer.act(&contracts[1], "recall", &json!({"reason": "误提"}));
        experts[0].get(&format!("/contracts/{}", ids[1])).expect_problem(404, "not-found");
        for expert in &experts[..4] {
            vote(expert, &first, &contracts[0], "recognise");
        }
        close_voting(&experts[0], &first, &contracts[0]);
        experts[0].post(&path(&first, "/conclude"), &json!({"contract_id": ids[0], "reason": "同意"})).expect(200);
        experts[3].get(&format!("/contracts/{}", ids[0])).expect(200);
        assert_eq!(listed(&experts[0], ""), ids[..1]);
        let minutes = experts[1].get(&path(&first, "/minutes"));
        assert!(minutes.text.contains(&format!("合同 {}", ids[0])) && !minutes.text.contains(&format!("合同 {}", ids[1])), "{}", minutes.text);
        // The role is asked for at every request: without it, nothing is left of the seat.
        let username = "e4".to_owned();
        app.ctx.store.with_connection(move |db| {
            let account = dengji::storage::accounts::find_by_name(db, &username)?.unwrap();
            dengji::storage::accounts::set_roles(db, account.id, &[dengji::domain::account::Role::Statistician])
        }).unwrap();
        experts[3].get(&path(&first, "")).expect_problem(404, "not-found");
    }

    fn of_acts_on_one_contract_at_once_one_wins(app: &App) {
        let experts = experts(app);
        let reviewer = app.person(Person::Reviewer);
        for n in 1..=6 {
            let waiting = referred(app, n);
            let panel = panel(app, &[&waiting]);
            for expert in &experts {
                vote(expert, &panel, &waiting, "recognise");
            }
            close_voting(&experts[0], &panel, &waiting);
            let conclude = || {
                let (client, path) = (experts[0].clone(), path(&panel, "/conclude"));
                let body = json!({"contract_id": waiting["id"], "reason": "同意"});
                Box::new(move || client.post(&path, &body)) as Box<dyn FnOnce() -> Reply + Send>
            };
            let recall = || {
                let (client, waiting) = (reviewer.clone(), waiting.clone());
                Box::new(move || client.try_act(&waiting, "recall", &json!({"reason": "误提"}))) as Box<dyn FnOnce() -> Reply + Send>
            };
            let other = if n % 2 == 0 { conclude() } else { recall() };
            let barrier = Arc::new(Barrier::new(2));
            let threads: Vec<_> = [conclude(), other]
                .into_iter()
                .map(|job| {
                    let barrier = Arc::clone(&barrier);
                    thread::spawn(move || {
                        barrier.wait();
                        job()
                    })
                })
                .collect();
            let replies: Vec<Reply> = threads.into_iter().map(|t| t.join().unwrap()).collect();
            let won = replies.iter().filter(|r| r.status == 200).count();
            assert_eq!(won, 1, "{replies:?}");
            // Who recalls has named the version before the conclusion: 412, as everywhere.
            assert!(replies.iter().all(|r| [200, 409, 412].contains(&r.status)), "{replies:?}");
            let after = reviewer.get(&format!("/contracts/{}", waiting["id"])).expect(200);
            assert_eq!((&after["state"], &after["version"]), (&json!("under_review"), &json!(waiting["version"].as_i64().unwrap() + 1)));
            let closed = reviewer.get(&path(&panel, "")).expect(200);
            let concluded = closed["contracts"][0]["state"] == "concluded";
            assert_eq!(concluded, after["expert_conclusion"] != Value::Null);
            assert_eq!(closed["state"], "closed");
        }
        assert_eq!(app.person(Person::Auditor).get("/ledger/verification").expect(200)["valid"], true);
    }

    fn of_two_panels_over_one_contract_one_is_convened(app: &App) {
        experts(app);
        let waiting = referred(app, 1);
        let clients = [app.person(Person::Reviewer), app.person(Person::Reviewer2)];
        let barrier = Arc::new(Barrier::new(2));
        let threads: Vec<_> = clients
            .into_iter()
            .map(|client| {
                let barrier = Arc::clone(&barrier);
                let body = json!({"title": "论证", "held_on": "2026-06-20", "chair": "e1", "experts": ["e1", "e2", "e3"], "contracts": [waiting["id"]]});
                thread::spawn(move || {
                    barrier.wait();
                    client.post("/expert-reviews", &body)
                })
            })
            .collect();
        let mut statuses: Vec<u16> = threads.into_iter().map(|t| t.join().unwrap().status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
    }
}
