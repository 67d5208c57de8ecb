//! The signing keys: made once, kept from others, rotated under a running server.

use std::fs;

use serde_json::{Value, json};

use super::support::{House, noon};
use crate::{
    domain::account::Role,
    usecases::{
        Error,
        accounts::{KeyError, authenticate, login},
    },
};

fn kids(house: &House) -> Vec<String> {
    let keys: Vec<Value> = serde_json::from_slice(&fs::read(house.key_file()).unwrap()).unwrap();
    keys.iter().map(|k| k["kid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_first_start_makes_a_key_and_the_second_keeps_it() {
    let house = House::new();
    assert!(!house.key_file().exists());
    house.ctx.keys.prepare(noon()).unwrap();
    let made = fs::read(house.key_file()).unwrap();
    let keys: Value = serde_json::from_slice(&made).unwrap();
    assert_eq!(keys[0]["created_at"], json!("2026-11-22T12:00:00.000000+08:00"));
    assert_eq!(keys[0]["secret"].as_str().map(str::len), Some(43));
    assert_eq!(keys[0].as_object().map(serde_json::Map::len), Some(3));
    house.ctx.keys.prepare(noon()).unwrap();
    house.second_process(&[]).keys.prepare(noon()).unwrap();
    assert_eq!(fs::read(house.key_file()).unwrap(), made);
}

#[test]
fn of_many_first_starts_one_makes_the_key() {
    let house = House::new();
    let processes: Vec<_> = (0..8).map(|_| house.second_process(&[])).collect();
    let barrier = std::sync::Barrier::new(processes.len());
    std::thread::scope(|scope| {
        for process in &processes {
            scope.spawn(|| {
                barrier.wait();
                process.keys.prepare(noon()).unwrap();
            });
        }
    });
    assert_eq!(kids(&house).len(), 1);
    std::thread::scope(|scope| {
        for process in &processes {
            scope.spawn(|| process.keys.rotate(noon()).unwrap());
        }
    });
    // None of the rotations is lost.
    assert_eq!(kids(&house).len(), 9);
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = House::new();
    let mode = || fs::metadata(house.key_file()).unwrap().permissions().mode() & 0o777;
    house.ctx.keys.prepare(noon()).unwrap();
    assert_eq!(mode(), 0o600);
    house.ctx.keys.rotate(noon()).unwrap();
    assert_eq!(mode(), 0o600);
    for bad in [0o640, 0o604, 0o660, 0o777, 0o620] {
        fs::set_permissions(house.key_file(), fs::Permissions::from_mode(bad)).unwrap();
        let error = house.second_process(&[]).keys.prepare(noon()).unwrap_err();
        assert!(matches!(error, KeyError::Exposed(..)), "{error}");
        assert!(error.to_string().contains("chmod 600"), "{error}");
        assert!(house.ctx.keys.rotate(noon()).is_err());
    }
    fs::set_permissions(house.key_file(), fs::Permissions::from_mode(0o400)).unwrap();
    house.second_process(&[]).keys.prepare(noon()).unwrap();
}

#[test]
fn a_file_of_another_form_is_refused_and_left_alone() {
    let house = House::new();
    house.ctx.keys.prepare(noon()).unwrap();
    let good: Value = serde_json::from_slice(&fs::read(house.key_file()).unwrap()).unwrap();
    let mut short = good.clone();
    short[0]["secret"] = json!("c2hvcnQ");
    let mut odd = good.clone();
    odd[0]["alg"] = json!("none");
    for bad in [
        "".to_owned(),
        "[]".into(),
        "{}".into(),
        short.to_string(),
        odd.to_string(),
    ] {
        fs::write(house.key_file(), &bad).unwrap();
        let error = house.second_process(&[]).keys.prepare(noon()).unwrap_err();
        assert!(matches!(error, KeyError::Malformed(..)), "{bad}: {error}");
        assert_eq!(fs::read_to_string(house.key_file()).unwrap(), bad);
    }
}

#[tokio::test]
async fn a_rotation_is_picked_up_by_a_running_server() {
    let house = House::new();
    house.add("li", &[Role::Reviewer]).await;
    let kid_of = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let before = house.log_in("li").await;
    let other = house.second_process(&[]);
    other.keys.prepare(noon()).unwrap();

    house.forward(60);
    // Another process rotates; this one signs with the new key, and verifies with either.
    let kid = other.keys.rotate(other.clock.now()).unwrap();
    let after = house.log_in("li").await;
    assert_eq!(kid_of(&after.access_token), kid);
    assert_ne!(kid_of(&before.access_token), kid);
    house.caller(&before).await.unwrap();
    house.caller(&after).await.unwrap();

    // A token of a key that a running process has not read yet makes it read.
    let kid = house.ctx.keys.rotate(house.ctx.clock.now()).unwrap();
    let newest = house.log_in("li").await;
    assert_eq!(kid_of(&newest.access_token), kid);
    authenticate(&other, &newest.access_token).await.unwrap();
    authenticate(&other, &before.access_token).await.unwrap();
}

#[tokio::test]
async fn a_superseded_key_verifies_as_long_as_its_tokens_may_live() {
    let house = House::with(&[("DENGJI_AUTH__SESSION_SECONDS", "86400")]);
    house.add("li", &[Role::Reviewer]).await;
    house.ctx.keys.prepare(noon()).unwrap();
    // Another process whose tokens live longer: only the key's end can end them here.
    let long_lived = house.second_process(&[("DENGJI_AUTH__ACCESS_TOKEN_SECONDS", "7200")]);
    let token = login(&long_lived, "li", super::support::PASSWORD, super::support::ADDRESS)
        .await
        .unwrap()
        .access_token;
    house.forward(100);
    house.ctx.keys.rotate(house.ctx.clock.now()).unwrap();
    house.forward(904);
    authenticate(&house.ctx, &token).await.unwrap();
    house.forward(1);
    assert!(matches!(
        authenticate(&house.ctx, &token).await,
        Err(Error::Unauthenticated)
    ));
    // The next rotation drops it, and keeps the one that it supersedes.
    let kept = kids(&house).pop();
    let newest = house.ctx.keys.rotate(house.ctx.clock.now()).unwrap();
    assert_eq!(kids(&house), [kept.unwrap(), newest]);
}

#[tokio::test]
async fn a_running_server_survives_a_broken_key_file() {
    let house = House::new();
    house.add("li", &[Role::Reviewer]).await;
    let tokens = house.log_in("li").await;
    let good = fs::read(house.key_file()).unwrap();
    fs::write(house.key_file(), "half a fi").unwrap();
    house.caller(&tokens).await.unwrap();
    let more = house.log_in("li").await;
    fs::remove_file(house.key_file()).unwrap();
    house.log_in("li").await;
    fs::write(house.key_file(), good).unwrap();
    house.caller(&more).await.unwrap();
}
