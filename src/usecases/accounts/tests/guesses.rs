//! The brake on guessing: who waits, where, for how long; and who does not.

use futures_util::FutureExt as _;

use super::support::{ADDRESS, House, PASSWORD, WRONG};
use crate::{
    domain::account::Role,
    storage::account_ledger,
    usecases::{
        Error,
        accounts::{Tokens, Whence, change_password, login, open_page_session, refresh},
    },
};

const LIMITS: &[(&str, &str)] = &[
    ("DENGJI_AUTH__THROTTLE__WINDOW_SECONDS", "600"),
    ("DENGJI_AUTH__THROTTLE__ACCOUNT_FAILURES", "3"),
    ("DENGJI_AUTH__THROTTLE__NAME_FAILURES", "6"),
    ("DENGJI_AUTH__THROTTLE__ADDRESS_FAILURES", "8"),
    ("DENGJI_AUTH__THROTTLE__FIRST_SECONDS", "30"),
    ("DENGJI_AUTH__THROTTLE__LONGEST_SECONDS", "100"),
];

async fn house() -> House {
    let house = House::with(LIMITS);
    house.add("li", &[Role::Reviewer]).await;
    house
}

/// What became of an attempt: seconds to wait, none where only the password was wrong.
fn wait<T: std::fmt::Debug>(result: Result<T, Error>) -> Option<i64> {
    match result {
        Err(Error::Throttled { retry_after }) => Some(retry_after),
        Err(Error::Credentials) => None,
        other => panic!("{other:?}"),
    }
}

/// Logs in at the pages with a password and a device cookie; the new device cookie.
async fn at_pages(
    house: &House,
    name: &str,
    password: &str,
    address: &str,
    device: Option<&str>,
) -> Result<String, Error> {
    let whence = Whence {
        device: device.map(str::to_owned),
        ..Whence::from(address.parse::<std::net::IpAddr>().unwrap())
    };
    let opened = open_page_session(&house.ctx, name, password, whence).await;
    opened.map(|opened| opened.device)
}

#[tokio::test]
async fn a_name_waits_at_one_place_and_longer_each_time() {
    for name in ["li", "nobody"] {
        let house = house().await;
        for _ in 0..3 {
            assert_eq!(wait(house.guess(name, "10.0.0.1").await), None);
            house.forward(10);
        }
        // Known or not, and however it is written.
        assert_eq!(wait(house.guess(name, "10.0.0.1").await), Some(20), "{name}");
        assert_eq!(wait(house.guess(&name.to_uppercase(), "10.0.0.1").await), Some(20));
        assert_eq!(
            wait(house.guess(name, "10.0.0.2").await),
            None,
            "elsewhere one is not to blame"
        );
        house.forward(20);
        assert_eq!(wait(house.guess(name, "10.0.0.1").await), None);
        assert_eq!(wait(house.guess(name, "10.0.0.1").await), Some(60));
        house.forward(60);
        assert_eq!(wait(house.guess(name, "10.0.0.1").await), None);
        assert_eq!(wait(house.guess(name, "10.0.0.1").await), Some(100), "the longest");
        // After a quiet day nothing is held against anybody.
        house.forward(86_400);
        for _ in 0..3 {
            assert_eq!(wait(house.guess(name, "10.0.0.1").await), None);
        }
    }
}

#[tokio::test]
async fn strangers_lock_out_strangers_and_not_the_owner() {
    let house = house().await;
    house.log_in("li").await;
    let device = at_pages(&house, "li", PASSWORD, "10.0.0.77", None).await.unwrap();
    for n in 1..=6 {
        assert_eq!(wait(house.guess("li", &format!("10.0.1.{n}")).await), None);
    }
    // The name is under attack: that is entered, and strangers wait, wherever they are, with the right password too.
    let entered = house.store(|db| account_ledger::after(db, 0, 100));
    let told = entered
        .iter()
        .filter(|stored| stored.entry.contains("该用户名正被人猜测密码"));
    assert_eq!(told.count(), 1);
    assert_eq!(wait(house.guess("li", "10.0.2.1").await), Some(30));
    assert_eq!(
        wait(
            login(
                &house.ctx,
                "li",
                PASSWORD,
                "10.0.2.1".parse::<std::net::IpAddr>().unwrap()
            )
            .await
        ),
        Some(30)
    );
    // The owner does not: from a network known for the name, or in a known browser wherever it is.
    house.log_in("li").await;
    at_pages(&house, "li", PASSWORD, "10.9.9.9", Some(&device))
        .await
        .unwrap();
    house.forward(30);
    assert_eq!(wait(house.guess("li", "10.0.2.1").await), None);
    assert_eq!(wait(house.guess("li", "10.0.2.2").await), Some(60));
}

#[tokio::test]
async fn an_office_goes_on_behind_an_address_from_which_somebody_guesses() {
    let house = house().await;
    let office = "192.0.2.7";
    let mut devices = Vec::new();
    for name in ["wang", "zhao", "qian"] {
        house.add(name, &[Role::Reviewer]).await;
        devices.push(at_pages(&house, name, PASSWORD, office, None).await.unwrap());
    }
    // Names that are nobody's, and every colleague's.
    for n in 0..20 {
        let _ = house.guess(&format!("nobody-{n}"), office).await;
    }
    for name in ["wang", "zhao", "qian"] {
        for _ in 0..20 {
            let _ = house.guess(name, office).await;
        }
        assert_eq!(wait(house.guess(name, office).await), Some(30));
    }
    // Who never came from there waits there, and nowhere else.
    assert!(wait(house.guess("li", office).await).is_some());
    login(
        &house.ctx,
        "li",
        PASSWORD,
        "10.0.0.9".parse::<std::net::IpAddr>().unwrap(),
    )
    .await
    .unwrap();
    // Each goes on in the own browser.
    for (name, device) in ["wang", "zhao", "qian"].into_iter().zip(&devices) {
        at_pages(&house, name, PASSWORD, office, Some(device)).await.unwrap();
    }
}

#[tokio::test]
async fn a_device_cookie_helps_its_owner_alone_and_has_its_own_limit() {
    let house = house().await;
    house.add("wang", &[Role::Reviewer]).await;
    let lis = at_pages(&house, "li", PASSWORD, "10.0.0.1", None).await.unwrap();
    let wangs = at_pages(&house, "wang", PASSWORD, "10.0.0.2", None).await.unwrap();
    let access = house.log_in("li").await.access_token;
    for _ in 0..3 {
        assert_eq!(wait(house.guess("li", "10.0.0.3").await), None);
    }
    // Another's, one that was changed, another kind of token, nonsense.
    let changed = format!("{}x", &lis[..lis.len() - 1]);
    for cookie in [wangs.as_str(), &changed, &access, "x", "", &"x".repeat(10_000)] {
        assert_eq!(
            wait(at_pages(&house, "li", PASSWORD, "10.0.0.3", Some(cookie)).await),
            Some(30),
            "{cookie}"
        );
    }
    let again = at_pages(&house, "li", PASSWORD, "10.0.0.3", Some(&lis)).await.unwrap();
    // Who sits at it guesses no more freely than anybody.
    for _ in 0..3 {
        assert_eq!(
            wait(at_pages(&house, "li", WRONG, "10.0.0.4", Some(&again)).await),
            None
        );
    }
    assert_eq!(
        wait(at_pages(&house, "li", PASSWORD, "10.0.0.5", Some(&again)).await),
        Some(30)
    );
    at_pages(&house, "li", PASSWORD, "10.0.0.4", None).await.unwrap();
    // A year later it is no longer known.
    house.forward(366 * 86_400);
    for _ in 0..3 {
        assert_eq!(wait(house.guess("li", "10.0.0.3").await), None);
    }
    assert_eq!(
        wait(at_pages(&house, "li", PASSWORD, "10.0.0.3", Some(&lis)).await),
        Some(30)
    );
}

#[tokio::test]
async fn success_clears_the_names_count_there_and_never_the_networks() {
    let house = house().await;
    let address = ADDRESS.to_string();
    for _ in 0..3 {
        assert_eq!(wait(house.guess("li", &address).await), None);
        assert_eq!(wait(house.guess("li", &address).await), None);
        house.log_in("li").await;
    }
    // Successes do not count, however many.
    for _ in 0..10 {
        house.log_in("li").await;
    }
    // Two of strangers were counted before the network was known; six more are too many.
    for n in 0..6 {
        assert_eq!(wait(house.guess(&format!("nobody-{n}"), &address).await), None);
    }
    assert_eq!(wait(house.guess("somebody", &address).await), Some(30));
    house.log_in("li").await;
}

#[tokio::test]
async fn guessing_at_the_current_password_counts_for_the_session_alone() {
    let house = house().await;
    let caller = house.caller(&house.log_in("li").await).await.unwrap();
    let change = async || change_password(&house.ctx, &caller, WRONG, "sechs grüne teekannen", ADDRESS).await;
    for _ in 0..3 {
        assert!(matches!(change().await, Err(Error::Invalid(_))));
    }
    assert!(matches!(change().await, Err(Error::Throttled { retry_after: 30 })));
    // Whoever stole the session keeps nobody out.
    let caller = house.caller(&house.log_in("li").await).await.unwrap();
    change_password(&house.ctx, &caller, PASSWORD, "sechs grüne teekannen", ADDRESS)
        .await
        .unwrap();
}

#[tokio::test]
async fn who_sends_tokens_that_nobody_was_given_waits_and_others_do_not() {
    let house = house().await;
    let tokens = house.log_in("li").await;
    for n in 0..8 {
        let guess = refresh(&house.ctx, &format!("guess-{n}"), ADDRESS).await;
        assert!(matches!(guess, Err(Error::Unauthenticated)));
    }
    let guess = refresh(&house.ctx, "guess", ADDRESS).await;
    assert!(matches!(guess, Err(Error::Throttled { retry_after: 30 })), "{guess:?}");
    let tokens = refresh(&house.ctx, &tokens.refresh_token, ADDRESS).await.unwrap();
    house.caller(&tokens).await.unwrap();
    let elsewhere = refresh(&house.ctx, "guess", "10.0.0.9".parse().unwrap()).await;
    assert!(matches!(elsewhere, Err(Error::Unauthenticated)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_at_the_same_moment_overshoot_by_the_hashing_places_at_most() {
    let house = house().await;
    let guesses: Vec<_> = (0..24)
        .map(|_| {
            let ctx = house.ctx.clone();
            tokio::spawn(async move { login(&ctx, "li", WRONG, ADDRESS).await })
        })
        .collect();
    let mut tried = 0;
    for guess in guesses {
        if wait::<Tokens>(guess.await.unwrap()).is_none() {
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
    while wait(login(&house.ctx, "li", WRONG, ADDRESS).await).is_none() {
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
