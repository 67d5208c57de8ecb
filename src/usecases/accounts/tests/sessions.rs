//! Refreshing, logging out, and what a session sees of changes.

use super::support::{ADDRESS, House, PASSWORD};
use crate::{
    domain::account::Role,
    storage::{accounts, sessions},
    usecases::{
        Context, Error,
        accounts::{Tokens, login, logout, refresh, token},
    },
};

async fn refused(ctx: &Context, tokens: &Tokens) -> bool {
    matches!(
        refresh(ctx, &tokens.refresh_token, ADDRESS).await,
        Err(Error::Unauthenticated)
    )
}

#[tokio::test]
async fn a_refresh_gives_a_new_pair_of_the_same_session() {
    let house = House::new();
    house.add("li", &[Role::Reviewer]).await;
    let first = house.log_in("li").await;
    assert_eq!((first.token_type, first.expires_in), ("Bearer", 900));
    house.forward(1000);
    assert!(matches!(house.caller(&first).await, Err(Error::Unauthenticated)));
    let second = refresh(&house.ctx, &first.refresh_token, ADDRESS).await.unwrap();
    assert_ne!(second.refresh_token, first.refresh_token);
    house.caller(&second).await.unwrap();
    assert!(!format!("{second:?}").contains(&second.refresh_token));
    for bad in ["", "x", &second.access_token] {
        assert!(matches!(
            refresh(&house.ctx, bad, ADDRESS).await,
            Err(Error::Unauthenticated)
        ));
    }
}

#[tokio::test]
async fn a_refresh_token_used_twice_ends_its_session_and_no_other() {
    let house = House::new();
    house.add("li", &[Role::Reviewer]).await;
    let other = house.log_in("li").await;
    let first = house.log_in("li").await;
    let second = refresh(&house.ctx, &first.refresh_token, ADDRESS).await.unwrap();
    house.caller(&second).await.unwrap();
    assert!(refused(&house.ctx, &first).await);
    // Committed, though the answer was an error.
    assert!(matches!(house.caller(&second).await, Err(Error::Unauthenticated)));
    assert!(refused(&house.ctx, &second).await);
    house.caller(&other).await.unwrap();
    refresh(&house.ctx, &other.refresh_token, ADDRESS).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_refreshes_at_the_same_moment_one_wins_and_the_session_ends() {
    let house = House::new();
    house.add("li", &[Role::Reviewer]).await;
    for _ in 0..10 {
        let tokens = house.log_in("li").await;
        let start = || {
            let (ctx, token) = (house.ctx.clone(), tokens.refresh_token.clone());
            tokio::spawn(async move { refresh(&ctx, &token, ADDRESS).await })
        };
        let (a, b) = (start(), start());
        let given: Vec<Tokens> = [a.await.unwrap(), b.await.unwrap()]
            .into_iter()
            .filter_map(|r| match r {
                Ok(tokens) => Some(tokens),
                Err(Error::Unauthenticated) => None,
                Err(other) => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(given.len(), 1);
        for tokens in &given {
            assert!(matches!(house.caller(tokens).await, Err(Error::Unauthenticated)));
        }
    }
}

#[tokio::test]
async fn sessions_end_when_not_refreshed_and_in_any_case() {
    let house = House::with(&[
        ("DENGJI_AUTH__REFRESH_TOKEN_SECONDS", "3600"),
        ("DENGJI_AUTH__SESSION_SECONDS", "9000"),
    ]);
    house.add("li", &[Role::Reviewer]).await;
    let idle = house.log_in("li").await;
    let mut busy = house.log_in("li").await;
    for _ in 0..2 {
        house.forward(3599);
        busy = refresh(&house.ctx, &busy.refresh_token, ADDRESS).await.unwrap();
    }
    assert!(refused(&house.ctx, &idle).await);
    // 7198 s have gone. An access token is valid no longer than its session.
    house.forward(1500);
    busy = refresh(&house.ctx, &busy.refresh_token, ADDRESS).await.unwrap();
    assert_eq!(busy.expires_in, 302);
    house.forward(301);
    house.caller(&busy).await.unwrap();
    house.forward(1);
    assert!(matches!(house.caller(&busy).await, Err(Error::Unauthenticated)));
    assert!(refused(&house.ctx, &busy).await);
}

#[tokio::test]
async fn a_log_out_holds_at_once() {
    let house = House::new();
    house.add("li", &[Role::Reviewer]).await;
    let (here, there) = (house.log_in("li").await, house.log_in("li").await);
    let caller = house.caller(&here).await.unwrap();
    logout(&house.ctx, &caller).await.unwrap();
    assert!(matches!(house.caller(&here).await, Err(Error::Unauthenticated)));
    assert!(refused(&house.ctx, &here).await);
    house.caller(&there).await.unwrap();
    // Harmless a second time.
    logout(&house.ctx, &caller).await.unwrap();
}

#[tokio::test]
async fn changed_roles_are_seen_by_the_next_request() {
    let house = House::new();
    let id = house.add("li", &[Role::Reviewer]).await;
    let tokens = house.log_in("li").await;
    assert!(house.caller(&tokens).await.unwrap().actor.has(Role::Reviewer));
    house.store(move |db| accounts::set_roles(db, id, &[Role::Statistician, Role::Expert]));
    let caller = house.caller(&tokens).await.unwrap();
    assert_eq!(caller.actor.roles, [Role::Statistician, Role::Expert]);
    assert_eq!(caller.account.roles, caller.actor.roles);
}

#[tokio::test]
async fn what_is_long_over_is_swept_out_by_a_log_in() {
    let house = House::new();
    house.add("li", &[Role::Reviewer]).await;
    let hash = token::hash_of(&house.log_in("li").await.refresh_token);
    assert!(matches!(
        house.guess("nobody", "10.0.0.1").await,
        Err(Error::Credentials)
    ));
    let kept = || {
        house.store(|db| {
            let token = sessions::find_token(db, &hash)?.is_some();
            Ok((token, sessions::failures(db, "address:10.0.0.1")?.is_some()))
        })
    };
    assert_eq!(kept(), (true, true));
    house.forward(86_401);
    house.log_in("li").await;
    assert_eq!(kept(), (true, false));
    house.forward(7 * 86_400);
    house.log_in("li").await;
    assert_eq!(kept(), (false, false));
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_get_the_same_answer() {
    let house = House::new();
    house.add("li", &[Role::Reviewer]).await;
    for name in ["li", "LI", "nobody", "", "cli:root"] {
        let error = house.guess(name, "10.0.0.1").await.unwrap_err();
        assert_eq!(error.to_string(), Error::Credentials.to_string(), "{name}");
    }
    // Names are written as they were given out.
    let other_case = login(&house.ctx, "LI", PASSWORD, ADDRESS).await;
    assert!(matches!(other_case, Err(Error::Credentials)));
}
