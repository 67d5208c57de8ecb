//! The index of look-alikes: it has a row for each contract that counts or may come to, of what the contract says now, whoever wrote
//! it; and looking something up in it passes nothing over.

use dengji::{
    domain::{
        interchange::Kind,
        likeness::{Profile, amounts_are_near, near_amounts},
        policy::Scope,
    },
    storage::likeness::{Span, resembling},
};
use serde_json::{Value, json};

use super::{execute, lines, number};
use crate::support::{App, Person, both, desk};

/// All rows, as text.
fn rows(app: &App) -> Vec<String> {
    lines(
        app,
        "SELECT contract_id || '|' || name || '|' || sketch || '|' || seller_key || '|' || buyer_key || '|' || pair_key || '|'
            || signed_on || '|' || amount_fen AS line FROM contract_likeness ORDER BY contract_id",
    )
}

fn count(app: &App) -> i64 {
    number(app, "SELECT count(*) || '' AS line FROM contract_likeness")
}

both! {
    fn it_follows_a_contract_through_its_life(app: &App) {
        let (registrar, reviewer) = (app.person(Person::Registrar), app.person(Person::Reviewer));
        let draft = app.draft(1);
        assert_eq!(count(app), 0, "a draft is nobody's business");
        let submitted = registrar.act(&draft, "submit", &json!({}));
        let first = rows(app);
        assert_eq!(first.len(), 1);
        let claimed = reviewer.act(&submitted, "claim", &json!({}));
        let items = json!([{"pointer": "/amount_fen", "detail": "与合同文本不符"}]);
        let returned = reviewer.act(&claimed, "return", &json!({"reason": "金额有误", "items": items}));
        assert_eq!(rows(app), first);
        let patch = json!({"amount_fen": 130_000_000, "non_technology_amount_fen": 30_000_000});
        let path = format!("/contracts/{}", draft["id"]);
        let edited = registrar.patch_at(&path, returned["version"].as_i64().unwrap(), &patch).expect(200);
        let second = rows(app);
        assert_eq!(second, [first[0].replace("120000000", "130000000")]);
        let claimed = reviewer.act(&registrar.act(&edited, "submit", &json!({})), "claim", &json!({}));
        let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        let confirmed = reviewer.act(&claimed, "confirm", &verified);
        assert_eq!(rows(app), second);
        let ground = json!({"ground": "duplicate", "document_number": "1"});
        app.person(Person::Reviewer2).act(&confirmed, "revoke", &ground);
        assert_eq!(count(app), 0, "what has ended is in nobody's way");

        let refused: Value = app.claimed(2);
        assert_eq!(count(app), 1);
        reviewer.act(&refused, "refuse", &json!({"reasons": ["price_unclear"]}));
        assert_eq!(count(app), 0);
        let withdrawn = app.submitted(3);
        registrar.act(&withdrawn, "withdraw", &json!({"reason": "有误"}));
        assert_eq!(count(app), 0);
    }

    fn an_import_fills_it_and_a_migration_does_so_for_what_was_there(app: &App) {
        app.import_sample("registrars.csv", Kind::Registrars);
        app.import_sample("contracts-2025.csv", Kind::Register);
        let live = number(
            app,
            "SELECT count(*) || '' AS line FROM contracts
             WHERE state IN ('submitted', 'under_review', 'expert_review', 'returned', 'confirmed')",
        );
        assert_eq!((count(app), live), (1138, 1138));
        // A store from before the index: without its table, and without the migration that made it.
        let before = rows(app);
        execute(app, "DROP TABLE contract_likeness").unwrap();
        execute(app, "DELETE FROM __diesel_schema_migrations WHERE version = '20261122000006'").unwrap();
        assert_eq!(app.ctx.migrate().unwrap().ran, ["20261122000006"]);
        assert_eq!(rows(app), before);
        assert_eq!(app.ctx.migrate().unwrap().ran, Vec::<String>::new());
        assert_eq!(rows(app), before);
    }

    fn nothing_within_the_span_is_passed_over(app: &App) {
        app.import_sample("registrars.csv", Kind::Registrars);
        app.import_sample("contracts-2024.csv", Kind::Register);
        let mut content = desk::complete_content(1);
        content.signed_on = "2024-06-15".parse().ok();
        let profile = Profile::of(&content).unwrap();
        app.submitted(1);
        let id = number(app, "SELECT max(contract_id) || '' AS line FROM contract_likeness");
        let seek = |profile: Profile| {
            let span = Span {
                near_days: 30,
                amounts: near_amounts(profile.amount_fen, 10),
                percent: 90,
                pair_days: 90,
            };
            let scope = Scope { everything: true, ..Scope::default() };
            app.block_on(app.ctx.store.read(move |db| resembling(db, &scope, 0, &profile, span))).unwrap()
        };
        // Planted at every place within the span, and just outside.
        let (least, most) = near_amounts(profile.amount_fen, 10);
        for (day, fen, near) in [
            ("2024-05-16", least, true),
            ("2024-07-15", most, true),
            ("2024-06-15", profile.amount_fen, true),
            ("2024-05-15", least, false),
            ("2024-07-16", most, false),
            ("2024-05-16", least - 1, false),
            ("2024-07-15", most + 1, false),
        ] {
            execute(
                app,
                &format!("UPDATE contract_likeness SET signed_on = '{day}', amount_fen = {fen}, pair_key = 1 WHERE contract_id = {id}"),
            )
            .unwrap();
            assert_eq!(amounts_are_near(fen, profile.amount_fen, 10), (least..=most).contains(&fen));
            let (found, _) = seek(profile.clone());
            assert_eq!(found.iter().any(|c| c.id == id), near, "{day} {fen}");
        }
        // One character of the ten is another; the number does not matter here.
        let mut other = profile.clone();
        other.name = dengji::domain::likeness::Name::of("棉田残膜回收机备研制");
        assert!(!seek(other.clone()).0.iter().any(|c| c.id == id), "outside by amount");
        execute(app, &format!("UPDATE contract_likeness SET amount_fen = {most} WHERE contract_id = {id}")).unwrap();
        assert!(seek(other).0.iter().any(|c| c.id == id));

        // Of the same parties, whatever the name.
        execute(
            app,
            &format!("UPDATE contract_likeness SET pair_key = {}, signed_on = '2024-03-17' WHERE contract_id = {id}", profile.pair),
        )
        .unwrap();
        let mut named_otherwise = profile.clone();
        named_otherwise.name = dengji::domain::likeness::Name::of("葡萄埋藤机械");
        assert_eq!(seek(named_otherwise).1.len(), 1);
        execute(app, &format!("UPDATE contract_likeness SET signed_on = '2024-03-16' WHERE contract_id = {id}")).unwrap();
        assert_eq!(seek(profile).1.len(), 0);
    }
}
