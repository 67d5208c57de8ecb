//! The brake on guessing.

use futures_util::FutureExt as _;

use super::support::{ADDRESS, House, PASSWORD, WRONG};
use crate::{
    domain::account::Role,
    usecases::{
        Error,
        accounts::{Tokens, change_password, login},
    },
};

const LIMITS: &[(&str, &str)] = &[
    ("DENGJI_AUTH__THROTTLE__WINDOW_SECONDS", "600"),
    ("DENGJI_AUTH__THROTTLE__ACCOUNT_FAILURES", "3"),
    ("DENGJI_AUTH__THROTTLE__ADDRESS_FAILURES", "5"),
];

async fn house() -> House {
    let house = House::with(LIMITS);
    house.add("li", &[Role::Reviewer]).await;
    house
}

/// What became of an attempt: seconds to wait, none where only the password was wrong.
fn wait(result: Result<Tokens, Error>) -> Option<i64> {
    match result {
        Err(Error::Throttled { retry_after }) => Some(retry_after),
        Err(Error::Credentials) => None,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_account_waits_for_the_windows_end() {
    for name in ["li", "nobody"] {
        let house = house().await;
        for address in ["10.0.0.1", "10.0.0.2", "10.0.0.3"] {
            assert_eq!(wait(house.guess(name, address).await), None);
            house.forward(10);
        }
        // Known or not, and however it is written, from wherever: the name has used up its guesses.
        assert_eq!(wait(house.guess(name, "10.0.0.4").await), Some(570), "{name}");
        assert_eq!(wait(house.guess(&name.to_uppercase(), "10.0.0.5").await), Some(570));
        house.forward(569);
        assert_eq!(wait(house.guess(name, "10.0.0.4").await), Some(1));
        house.forward(1);
        // A new window begins with the next failure.
        assert_eq!(wait(house.guess(name, "10.0.0.4").await), None);
        assert_eq!(wait(house.guess(name, "10.0.0.4").await), None);
        assert_eq!(wait(house.guess(name, "10.0.0.4").await), None);
        assert_eq!(wait(house.guess(name, "10.0.0.4").await), Some(600));
    }
}

#[tokio::test]
async fn the_right_password_waits_too_and_others_do_not() {
    let house = house().await;
    house.add("wang", &[Role::Reviewer]).await;
    for _ in 0..3 {
        assert_eq!(wait(house.guess("li", "10.0.0.1").await), None);
    }
    assert_eq!(wait(login(&house.ctx, "li", PASSWORD, ADDRESS).await), Some(600));
    house.log_in("wang").await;
    house.forward(600);
    house.log_in("li").await;
}

#[tokio::test]
async fn success_clears_the_accounts_count_and_never_the_addresss() {
    let house = house().await;
    let address = ADDRESS.to_string();
    for _ in 0..2 {
        assert_eq!(wait(house.guess("li", &address).await), None);
        assert_eq!(wait(house.guess("li", &address).await), None);
        house.log_in("li").await;
    }
    // Successes do not count, however many.
    for _ in 0..10 {
        house.log_in("li").await;
    }
    assert_eq!(wait(house.guess("nobody", &address).await), None);
    assert_eq!(wait(house.guess("somebody", &address).await), Some(600));
    assert_eq!(wait(login(&house.ctx, "li", PASSWORD, ADDRESS).await), Some(600));
    login(&house.ctx, "li", PASSWORD, "10.0.0.9".parse().unwrap())
        .await
        .unwrap();
}

#[tokio::test]
async fn guessing_at_the_current_password_counts() {
    let house = house().await;
    let caller = house.caller(&house.log_in("li").await).await.unwrap();
    let change = async || change_password(&house.ctx, &caller, WRONG, "sechs grüne teekannen", ADDRESS).await;
    for _ in 0..3 {
        assert!(matches!(change().await, Err(Error::Invalid(_))));
    }
    assert!(matches!(change().await, Err(Error::Throttled { retry_after: 600 })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_at_the_same_moment_overshoot_by_the_hashing_places_at_most() {
    let house = house().await;
    let guesses: Vec<_> = (0..24)
        .map(|i| {
            let ctx = house.ctx.clone();
            tokio::spawn(async move {
                let address = format!("10.0.1.{i}").parse().unwrap();
                login(&ctx, "li", WRONG, address).await
            })
        })
        .collect();
    let mut tried = 0;
    for guess in guesses {
        if wait(guess.await.unwrap()).is_none() {
            tried += 1;
        }
    }
    assert!((3..=4).contains(&tried), "{tried}");
}

#[tokio::test]
async fn hanging_up_saves_no_guess() {
    let house = house().await;
    for _ in 0..3 {
        // Started, and dropped at its first wait.
        let attempt = login(&house.ctx, "li", WRONG, ADDRESS).now_or_never();
        assert!(attempt.is_none());
    }
    // The attempts that were left alone come to their ends: each is counted, or still holds a place before ours.
    let mut attempts = 0;
    while wait(login(&house.ctx, "li", WRONG, "10.0.0.9".parse().unwrap()).await).is_none() {
        attempts += 1;
    }
    assert!(attempts <= 2, "{attempts}");
}

#[tokio::test]
async fn a_boundless_password_or_name_is_merely_wrong() {
    let house = house().await;
    let long = "密".repeat(100_000);
    assert_eq!(wait(login(&house.ctx, "li", &long, ADDRESS).await), None);
    assert_eq!(wait(login(&house.ctx, &long, PASSWORD, ADDRESS).await), None);
}
