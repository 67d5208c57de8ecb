//! Adding accounts, showing them, changing passwords.

use super::support::{ADDRESS, House, PASSWORD, WRONG, new_user};
use crate::{
    domain::account::Role,
    storage::accounts::find_by_name,
    usecases::{
        Error,
        accounts::{NewUser, add_user, change_password, login, me, refresh},
    },
};

fn fields(error: Error) -> Vec<(String, &'static str)> {
    match error {
        Error::Invalid(fields) => fields.into_iter().map(|f| (f.pointer, f.code)).collect(),
        other => panic!("{other:?}"),
    }
}

fn registrar(name: &str, agency: Option<&str>, certificate: Option<&str>) -> NewUser {
    NewUser {
        agency_code: agency.map(str::to_owned),
        certificate_number: certificate.map(str::to_owned),
        full_name: None,
        ..new_user(name, &[Role::Registrar])
    }
}

#[tokio::test]
async fn a_new_account_works_at_once_and_shows_itself() {
    let house = House::new().with_registrars();
    add_user(&house.ctx, "cli:test", registrar("ＺhangSan", None, Some("B-1")))
        .await
        .unwrap();
    let caller = house.caller(&house.log_in("ZhangSan").await).await.unwrap();
    let shown = me(&house.ctx, &caller);
    assert_eq!(
        serde_json::to_value(&shown).unwrap(),
        serde_json::json!({
            "username": "ZhangSan",
            "roles": [{"id": "registrar", "label": "登记员"}],
            "agency": {"code": "650102", "name": "第二登记处"},
            "certificate": {"number": "B-1", "issued_on": "2023-01-01", "valid_until": "2026-11-22", "valid_today": true},
            "password_must_change": false,
            "password_expires_at": null,
        })
    );
    // Twelve hours later it is tomorrow, and the certificate has run out.
    house.forward(12 * 3600);
    assert_eq!(me(&house.ctx, &caller).certificate.map(|c| c.valid_today), Some(false));

    house.add("li", &[Role::Auditor]).await;
    let caller = house.caller(&house.log_in("li").await).await.unwrap();
    let shown = me(&house.ctx, &caller);
    assert_eq!((shown.agency, shown.certificate), (None, None));
}

#[tokio::test]
async fn what_is_wrong_with_a_new_account_is_said_all_at_once() {
    let house = House::new().with_registrars();
    let add = async |new| add_user(&house.ctx, "cli:test", new).await;
    add(registrar("Taken", None, Some("A-1"))).await.unwrap();
    // By its code alone, and with both agreeing.
    add(registrar("by-code", Some("650101"), None)).await.unwrap();
    add(registrar("by-both", Some("650101"), Some("A-2"))).await.unwrap();

    let refused: Vec<(NewUser, &[(&str, &str)])> = vec![
        (registrar("tAKEN", Some("650101"), None), &[("/username", "taken")]),
        (registrar("a b", Some("650101"), None), &[("/username", "format")]),
        (registrar("wang", None, None), &[("/agency", "required")]),
        (
            registrar("wang", Some("650199"), None),
            &[("/agency", "unknown_agency")],
        ),
        (
            registrar("wang", None, Some("Z-9")),
            &[("/certificate", "unknown_certificate")],
        ),
        (
            registrar("wang", None, Some("A-1")),
            &[("/certificate", "certificate_in_use")],
        ),
        (
            registrar("wang", Some("650101"), Some("B-1")),
            &[("/certificate", "other_agency")],
        ),
        (new_user("wang", &[]), &[("/roles", "required")]),
        (
            new_user("wang", &[Role::Auditor, Role::Reviewer]),
            &[("/roles", "exclusive_role")],
        ),
        (
            NewUser {
                password: "too short".into(),
                agency_code: Some("650199".into()),
                ..new_user("", &[Role::Administrator, Role::Expert])
            },
            &[
                ("/username", "required"),
                ("/roles", "exclusive_role"),
                ("/password", "too_short"),
                ("/agency", "unknown_agency"),
            ],
        ),
    ];
    for (new, expected) in refused {
        let name = new.username.clone();
        let found = fields(add(new).await.unwrap_err());
        let expected: Vec<_> = expected.iter().map(|(p, c)| ((*p).to_owned(), *c)).collect();
        assert_eq!(found, expected, "{name}");
    }
    // A role named twice is one role.
    add(new_user("twice", &[Role::Auditor, Role::Auditor])).await.unwrap();
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    const NEW: &str = "sechs grüne teekannen";
    let house = House::new();
    house.add("li", &[Role::Reviewer]).await;
    let (here, there) = (house.log_in("li").await, house.log_in("li").await);
    let caller = house.caller(&here).await.unwrap();
    let change = async |current: &str, new: &str| change_password(&house.ctx, &caller, current, new, ADDRESS).await;

    let refused = [
        (PASSWORD, "short", "/new_password", "too_short"),
        (PASSWORD, "passwordpassword", "/new_password", "common_password"),
        (PASSWORD, PASSWORD, "/new_password", "unchanged"),
        (WRONG, NEW, "/current_password", "wrong_password"),
    ];
    for (current, new, pointer, code) in refused {
        let found = fields(change(current, new).await.unwrap_err());
        assert_eq!(found, [(pointer.to_owned(), code)]);
    }
    house.caller(&there).await.unwrap();

    change(PASSWORD, NEW).await.unwrap();
    house.caller(&here).await.unwrap();
    assert!(matches!(house.caller(&there).await, Err(Error::Unauthenticated)));
    let there = refresh(&house.ctx, &there.refresh_token, ADDRESS).await;
    assert!(matches!(there, Err(Error::Unauthenticated)));
    refresh(&house.ctx, &here.refresh_token, ADDRESS).await.unwrap();
    assert!(matches!(
        login(&house.ctx, "li", PASSWORD, ADDRESS).await,
        Err(Error::Credentials)
    ));
    login(&house.ctx, "li", NEW, ADDRESS).await.unwrap();
}

#[tokio::test]
async fn unicode_typed_in_another_form_is_the_same_password() {
    let house = House::new();
    let new = NewUser {
        password: "fu\u{308}nf rote Kaffeetassen".into(),
        ..new_user("li", &[Role::Expert])
    };
    add_user(&house.ctx, "cli:test", new).await.unwrap();
    login(&house.ctx, "li", "fünf rote Kaffeetassen", ADDRESS)
        .await
        .unwrap();
    let other = login(&house.ctx, "li", "funf rote Kaffeetassen", ADDRESS).await;
    assert!(matches!(other, Err(Error::Credentials)));
}

#[tokio::test]
async fn a_log_in_brings_the_hash_to_todays_cost() {
    let house = House::new();
    house.add("li", &[Role::Expert]).await;
    let hash = || {
        house
            .store(|db| find_by_name(db, "li"))
            .map(|a| a.password_hash)
            .unwrap()
    };
    let before = hash();
    assert!(before.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{before}");
    house.log_in("li").await;
    assert_eq!(hash(), before);

    let dearer = house.second_process(&[("DENGJI_AUTH__ARGON2__ITERATIONS", "2")]);
    assert!(login(&dearer, "li", WRONG, ADDRESS).await.is_err());
    assert_eq!(hash(), before);
    login(&dearer, "li", PASSWORD, ADDRESS).await.unwrap();
    let after = hash();
    assert!(after.starts_with("$argon2id$v=19$m=64,t=2,p=1$"), "{after}");
    login(&dearer, "li", PASSWORD, ADDRESS).await.unwrap();
    assert_eq!(hash(), after);
}
