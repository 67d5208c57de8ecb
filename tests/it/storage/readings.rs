//! What an act was planned on holds until something of it changes, whoever changes it, and no longer.

use dengji::{
    domain::{account::Role, likeness::Profile, policy::Scope},
    storage::{
        Store, StoreError, StoreOptions, attachments, contracts,
        likeness::{self, Span},
        readings::{self, Reading},
    },
};
use serde_json::{Value, json};

use super::writer::another;
use crate::support::{App, Person, both, complete_contract, desk, papers};

const SPAN: Span = Span {
    near_days: 3,
    amounts: (1, i64::MAX),
    percent: 80,
    pair_days: 90,
};

/// What an act on a contract looks at, as a reader sees it now.
fn read(app: &App, contract: &Value) -> Reading {
    let id = contract["id"].as_i64().unwrap();
    let scope = Scope::of(&desk::moved("reviewer", &[Role::Reviewer]));
    let reading = app.ctx.store.read(move |db| {
        let noted = readings::noted(db, |db| {
            let contract = contracts::find(db, id)?.unwrap();
            let profile = Profile::of(&contract.content).unwrap();
            likeness::resembling(db, &scope, id, &profile, SPAN)?;
            attachments::with_same_text(db, &scope, id, 5)?;
            Ok::<_, StoreError>(())
        });
        Ok::<_, StoreError>(noted?.1)
    });
    app.block_on(reading).unwrap()
}

/// Whether it still holds for the writer of a store.
fn holds(app: &App, store: &Store, reading: &Reading) -> bool {
    let reading = reading.clone();
    app.block_on(store.write(move |_| Ok::<_, StoreError>(reading.still_holds())))
        .unwrap()
}

both! {
    fn a_reading_holds_until_something_of_it_changes(app: &App) {
        let strange = another(app, StoreOptions::default());
        let (registrar, reviewer) = (app.person(Person::Registrar), app.person(Person::Reviewer));
        let statistician = app.person(Person::Statistician);
        let administrator = app.person(Person::Administrator);
        let contract = app.submitted(1);
        let twin = {
            let mut twin = complete_contract(1);
            twin["project_name"] = json!("同一双方的另一项技术服务");
            registrar.post("/contracts", &twin).expect(201)
        };
        app.block_on(papers::give_text(&app.ctx, twin["id"].as_i64().unwrap()));

        // Each store's writer has looked at the ledger's end before.
        let begin = || {
            app.block_on(strange.try_writing()).unwrap();
            read(app, &contract)
        };
        let unchanged = begin();
        assert!(holds(app, &app.ctx.store, &unchanged) && holds(app, &strange, &unchanged));

        // Nobody's business: a draft of other parties.
        let reading = begin();
        registrar.post("/contracts", &complete_contract(40)).expect(201);
        assert!(holds(app, &app.ctx.store, &reading), "another draft");

        type Change<'a> = (&'a str, Box<dyn Fn() + 'a>);
        let changes: [Change<'_>; 5] = [
            ("the contract itself", Box::new(|| {
                reviewer.act(&contract, "claim", &json!({}));
            })),
            ("a contract that comes to resemble it", Box::new(|| {
                let fresh = registrar.get(&format!("/contracts/{}", twin["id"])).expect(200);
                let reasons: serde_json::Map<String, Value> = fresh["checks"].as_array().unwrap().iter()
                    .map(|check| (check["id"].as_str().unwrap().to_owned(), json!("分期签订"))).collect();
                registrar.act(&fresh, "submit", &json!({"reasons": reasons}));
            })),
            ("the contract that resembles it", Box::new(|| {
                let fresh = registrar.get(&format!("/contracts/{}", twin["id"])).expect(200);
                registrar.act(&fresh, "withdraw", &json!({"reason": "重复录入"}));
            })),
            ("something that is no contract", Box::new(|| {
                let activity = json!({"kind": "policy_training", "held_on": "2025-11-05", "name": "政策宣讲", "events": 1,
                    "participants": 60});
                statistician.post("/activities", &activity).expect(201);
            })),
            ("an agency", Box::new(|| {
                let agencies = administrator.get("/agencies").expect(200);
                let agency = agencies["items"].as_array().unwrap()[0].clone();
                let body = json!({"name": format!("{}（新）", agency["name"].as_str().unwrap())});
                let path = format!("/agencies/{}", agency["code"].as_str().unwrap());
                administrator.with_body("PATCH", &path, &[], &body).expect(200);
            })),
        ];
        for (name, change) in changes {
            let reading = begin();
            change();
            assert!(!holds(app, &app.ctx.store, &reading), "{name}: by the store that wrote it");
            assert!(!holds(app, &strange, &reading), "{name}: by another");
            let anew = begin();
            assert!(holds(app, &app.ctx.store, &anew) && holds(app, &strange, &anew), "{name}: read anew");
        }
    }

    fn what_was_undone_changed_nothing(app: &App) {
        let contract = app.submitted(1);
        let reading = read(app, &contract);
        let reviewer = app.person(Person::Reviewer);
        // Refused within the transaction, after others in it were done.
        reviewer.try_act(&contract, "confirm", &json!({})).expect_problem(409, "wrong-state");
        let after = reading.clone();
        let store = app.ctx.store.clone();
        let failed: Result<(), StoreError> = app.block_on(store.write(move |db| {
            let act = dengji::domain::ledger::Act {
                at: dengji::domain::time::Moment::from_micros(i64::MAX / 4),
                actor: "nobody".to_owned(),
                role: None,
                contract: None,
                action: "nothing".to_owned(),
                from: None,
                to: None,
                reason: None,
                changes: Vec::new(),
            };
            dengji::storage::ledger::append(db, act)?;
            Err(StoreError::Corrupt("on purpose".into()))
        }));
        failed.unwrap_err();
        assert!(holds(app, &app.ctx.store, &after));
    }
}
