//! What the program does by itself about deadlines, and the races of rights and releases.

use std::{
    sync::{Arc, Barrier},
    thread,
};

use dengji::{
    storage::accounts,
    usecases::{
        Error,
        accounts::authenticate,
        contracts::{Command, submit},
        deadlines, sweeps,
    },
};
use serde_json::{Value, json};

use crate::storage::lines;
use crate::support::{App, Person, both};

fn entries(app: &App) -> Vec<Value> {
    lines(app, "SELECT entry AS line FROM ledger ORDER BY sequence")
        .iter()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

fn noticed(app: &App) -> Vec<String> {
    lines(
        app,
        "SELECT contract_id || ' ' || days || ' ' || coalesce(claimer, '-') AS line FROM deadline_notices
         ORDER BY noticed_on, contract_id",
    )
}

both! {
    fn what_lies_with_a_reviewer_is_released(app: &App) {
        let lying = app.claimed(1);
        app.pass_seconds(3600);
        let fresh = app.claimed(2);
        let release = || app.block_on(deadlines::release_idle(&app.ctx)).unwrap();
        // Ten days to the microsecond are not more than ten days.
        app.set_time("2026-06-25T12:00:00+08:00");
        assert_eq!(release(), 0);
        app.pass_seconds(1);
        assert_eq!(release(), 1);
        assert_eq!(release(), 0);
        let reviewer = app.log_in("reviewer");
        let now = reviewer.get(&format!("/contracts/{}", lying["id"])).expect(200);
        assert_eq!((&now["state"], &now["claimed_by"]), (&json!("submitted"), &json!(null)));
        assert_eq!(now["version"], lying["version"].as_i64().unwrap() + 1);
        assert_eq!(reviewer.get(&format!("/contracts/{}", fresh["id"])).expect(200), fresh);
        let history = reviewer.get(&format!("/contracts/{}/history", lying["id"])).expect(200);
        let last = history.as_array().unwrap().last().unwrap();
        assert_eq!(
            (&last["action"], &last["actor"], &last["role"], &last["from"], &last["to"]),
            (&json!("release"), &json!("system:deadlines"), &json!(null), &json!("under_review"), &json!("submitted"))
        );
        assert!(last["reason"].as_str().unwrap().contains("10"));
        assert_eq!(last["changes"], json!([{"pointer": "/claimed_by", "from": "reviewer", "to": null}]));
        // Taken over, it does not lie any more.
        let other = app.log_in("reviewer");
        let body = json!({"to": "reviewer2", "reason": "出差", "contracts": [fresh["id"]]});
        app.person(Person::Reviewer2);
        other.post("/work-queues/hand-over", &body).expect(200);
        app.pass_seconds(86_400 * 9);
        assert_eq!(release(), 0);
    }

    fn nothing_is_released_where_the_office_says_never(app: &App) {
        let app = App::start_with(app.backend, "2026-06-15T12:00:00+08:00", |settings| {
            settings.review.release_after_days = 0;
        });
        app.claimed(1);
        app.pass_seconds(86_400 * 400);
        assert_eq!(app.block_on(deadlines::release_idle(&app.ctx)).unwrap(), 0);
    }

    fn a_contract_released_while_it_is_confirmed_is_one_or_the_other(app: &App) {
        let contracts: Vec<Value> = (1..=8).map(|n| app.claimed(n)).collect();
        app.pass_seconds(86_400 * 11);
        let reviewer = app.log_in("reviewer");
        let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        let barrier = Arc::new(Barrier::new(contracts.len() + 1));
        let threads: Vec<_> = contracts
            .iter()
            .cloned()
            .map(|contract| {
                let (client, barrier, verified) = (reviewer.clone(), Arc::clone(&barrier), verified.clone());
                thread::spawn(move || {
                    barrier.wait();
                    client.try_act(&contract, "confirm", &verified)
                })
            })
            .collect();
        barrier.wait();
        let released = app.block_on(deadlines::release_idle(&app.ctx)).unwrap();
        let replies: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
        let confirmed = replies.iter().filter(|r| r.status == 200).count();
        assert_eq!(u64::try_from(confirmed).unwrap() + released, 8, "{replies:?}");
        for (contract, reply) in contracts.iter().zip(&replies) {
            let now = reviewer.get(&format!("/contracts/{}", contract["id"])).expect(200);
            if reply.status == 200 {
                assert_eq!(now["state"], "confirmed");
            } else {
                reply.expect_problem(412, "stale-version");
                assert_eq!(now["state"], "submitted");
            }
            assert_eq!(now["version"], contract["version"].as_i64().unwrap() + 1, "one act, not two");
        }
    }

    fn a_suspended_registrars_running_request_is_stopped(app: &App) {
        let registrar = app.person(Person::Registrar);
        let administrator = app.person(Person::Administrator);
        // Let in before the suspension, its turn after it.
        let draft = app.draft(1);
        let caller = app.block_on(authenticate(&app.ctx, registrar.token().unwrap())).unwrap();
        administrator.post("/registrars/DJY6620190044/suspend", &json!({"reason": "核查"})).expect(200);
        let command = Command {
            actor: caller.actor.clone(),
            session_id: Some(caller.session_id.clone()),
            version: draft["version"].as_i64(),
            once: None,
        };
        assert!(caller.actor.certificate.as_ref().unwrap().is_valid_on(app.ctx.clock.today()), "as of then");
        let id = draft["id"].as_i64().unwrap();
        let done = app.block_on(submit::submit(&app.ctx, command, id, Ok(Default::default())));
        assert!(matches!(done, Err(Error::Forbidden(dengji::domain::policy::Denial::Certificate))), "{done:?}");
        // At the same moment: whichever comes first in the ledger, nothing is submitted after the suspension.
        for n in 2..=6 {
            administrator.post("/registrars/DJY6620190044/lift", &json!({"reason": "结束"})).expect(200);
            let draft = app.draft(n);
            let barrier = Arc::new(Barrier::new(2));
            let (client, other) = (registrar.clone(), Arc::clone(&barrier));
            let running = thread::spawn(move || {
                other.wait();
                client.try_act(&draft, "submit", &json!({}))
            });
            barrier.wait();
            administrator.post("/registrars/DJY6620190044/suspend", &json!({"reason": "核查"})).expect(200);
            let reply = running.join().unwrap();
            let ledger = entries(app);
            let last = ledger.last().unwrap();
            match reply.status {
                200 => assert_eq!(ledger[ledger.len() - 2]["action"], "submit"),
                _ => assert_eq!(reply.expect_problem(403, "forbidden")["denial"], "certificate-not-valid"),
            }
            assert_eq!(last["action"], "suspend_registrar_certificate");
        }
        let stored = app
            .block_on(app.ctx.store.read(|db| accounts::find_by_name(db, "registrar")))
            .unwrap();
        assert!(!stored.unwrap().actor().certificate.unwrap().is_valid_on(app.ctx.clock.today()));
    }

    fn deadlines_are_told_once_at_each_threshold(app: &App) {
        let (one, two) = (app.claimed(1), app.submitted(2));
        let due = one["due_on"].as_str().unwrap().to_owned();
        assert_eq!(two["due_on"], due.as_str());
        let due = due.parse::<chrono::NaiveDate>().unwrap();
        let run = |days: i64| {
            let day = due - chrono::Duration::days(days);
            app.set_time(&format!("{day}T08:00:00+08:00"));
            let count = app.block_on(deadlines::remind(&app.ctx)).unwrap();
            assert_eq!(app.block_on(deadlines::remind(&app.ctx)).unwrap(), 0, "not twice, {days} days before");
            count
        };
        for (days, expected) in [(4, 0), (3, 2), (2, 0), (0, 2), (-1, 2), (-2, 0), (-30, 2), (-60, 0)] {
            assert_eq!(run(days), expected, "{days} days before");
        }
        let (a, b) = (&one["id"], &two["id"]);
        let expected: Vec<String> = [3, 1, -1, -7]
            .into_iter()
            .flat_map(|days| [format!("{a} {days} reviewer"), format!("{b} {days} -")])
            .collect();
        assert_eq!(noticed(app), expected);
        // What comes up after the day's notice of unclaimed contracts waits for the next day's.
        let reviewer = app.log_in("reviewer");
        app.pass_seconds(86_400);
        let released = reviewer.with_token(app.log_in("reviewer").token().unwrap()).act(&one, "release", &json!({}));
        assert_eq!(released["state"], "submitted");
        assert_eq!(app.block_on(deadlines::remind(&app.ctx)).unwrap(), 0, "told already, to whoever had it");
    }

    fn a_sweep_does_it_all_and_again_nothing(app: &App) {
        app.claimed(1);
        app.set_time("2028-12-20T08:00:00+08:00");
        let counts = |app: &App| {
            let done = app.block_on(sweeps::run_all(&app.ctx));
            done.into_iter().map(|(sweep, n)| (sweep.id(), n.unwrap())).collect::<Vec<_>>()
        };
        let done = counts(app);
        assert_eq!(done[0].0, "registrar_reminders");
        assert!(done[0].1 > 70, "every certificate of the sample runs out with 2028: {done:?}");
        assert_eq!(&done[1..3], [("deadline_notices", 1), ("idle_releases", 1)]);
        assert!(counts(app).iter().all(|(_, n)| *n == 0));
        // The program itself, on the same store.
        let output = crate::support::dengji(&app.url, app.folder.path()).args(["sweep", "--format", "json"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(printed.as_object().unwrap().len(), sweeps::Sweep::ALL.len());
    }
}
