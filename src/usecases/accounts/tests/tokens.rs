//! Forged, foreign and stale access tokens.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::support::House;
use crate::{
    domain::account::Role,
    usecases::{Error, accounts::authenticate},
};

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn parts(token: &str) -> (Value, Value) {
    let mut parts = token
        .split('.')
        .map(|p| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(p).unwrap_or_default()).unwrap_or_default());
    (parts.next().unwrap(), parts.next().unwrap())
}

/// Signs whatever header and claims with a MAC.
fn signed(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let key = EncodingKey::from_secret(secret);
    let mac = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{mac}")
}

fn secret_of(house: &House) -> Vec<u8> {
    let keys: Value = serde_json::from_slice(&std::fs::read(house.key_file()).unwrap()).unwrap();
    URL_SAFE_NO_PAD.decode(keys[0]["secret"].as_str().unwrap()).unwrap()
}

fn with(base: &Value, name: &str, value: Value) -> Value {
    let mut changed = base.clone();
    match value {
        Value::Null => changed
            .as_object_mut()
            .unwrap()
            .remove(name)
            .map(drop)
            .unwrap_or_default(),
        value => changed[name] = value,
    }
    changed
}

#[tokio::test]
async fn a_token_says_what_it_should() {
    let house = House::new();
    house.add("li", &[Role::Reviewer]).await;
    let token = house.log_in("li").await.access_token;
    let (header, claims) = parts(&token);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("HS256"), &json!("at+jwt")));
    assert!(header["kid"].is_string());
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&json!("dengji"), &json!("dengji-api"))
    );
    assert_eq!(claims["sub"], json!("li"));
    let iat = claims["iat"].as_i64().unwrap();
    assert_eq!(iat, house.ctx.clock.now().micros() / 1_000_000);
    assert_eq!(claims["exp"], json!(iat + 900));
    let again = parts(&house.log_in("li").await.access_token).1;
    assert_ne!((&again["jti"], &again["sid"]), (&claims["jti"], &claims["sid"]));
    let mut names: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "sid", "sub"]);
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let house = House::new();
    house.add("li", &[Role::Reviewer]).await;
    house.add("wang", &[Role::Reviewer]).await;
    let token = house.log_in("li").await.access_token;
    let secret = secret_of(&house);
    let (header, claims) = parts(&token);
    let now = claims["iat"].as_i64().unwrap();
    // The way of signing here is the program's: unchanged, the token holds.
    authenticate(&house.ctx, &signed(&header, &claims, &secret))
        .await
        .unwrap();

    let mut forged: Vec<(&str, String)> = [
        ("alg none", "alg", json!("none")),
        ("alg RS256 over a MAC", "alg", json!("RS256")),
        ("alg HS384", "alg", json!("HS384")),
        ("alg hs256", "alg", json!("hs256")),
        ("no typ", "typ", Value::Null),
        ("typ JWT", "typ", json!("JWT")),
        ("no kid", "kid", Value::Null),
        ("unknown kid", "kid", json!("../../etc/passwd")),
        ("crit", "crit", json!(["exp"])),
        ("jku", "jku", json!("https://example.org/keys")),
        ("jwk", "jwk", json!({"kty": "oct", "k": "AAAA"})),
        ("x", "x", json!(1)),
    ]
    .into_iter()
    .map(|(what, name, value)| (what, signed(&with(&header, name, value), &claims, &secret)))
    .collect();
    for (what, name, value) in [
        ("no iss", "iss", Value::Null),
        ("other iss", "iss", json!("denji")),
        ("no aud", "aud", Value::Null),
        ("other aud", "aud", json!("dengji-web")),
        ("several aud", "aud", json!(["dengji-api", "other"])),
        ("no sub", "sub", Value::Null),
        ("other account", "sub", json!("wang")),
        ("other session", "sid", json!("x")),
        ("no sid", "sid", Value::Null),
        ("no exp", "exp", Value::Null),
        ("exp now", "exp", json!(now)),
        ("exp past", "exp", json!(now - 1)),
        ("exp text", "exp", json!("9999999999")),
        ("iat far ahead", "iat", json!(now + 61)),
        ("no iat", "iat", Value::Null),
        ("no jti", "jti", Value::Null),
    ] {
        forged.push((what, signed(&header, &with(&claims, name, value), &secret)));
    }
    let body = format!("{}.{}", part(&header), part(&claims));
    let none = part(&with(&header, "alg", json!("none")));
    forged.extend([
        ("another key", signed(&header, &claims, &[7; 32])),
        ("empty key", signed(&header, &claims, b"")),
        ("no signature", format!("{body}.")),
        ("two parts", body.clone()),
        ("alg none, no signature", format!("{none}.{}.", part(&claims))),
        ("claims of others", {
            let signature = token.rsplit('.').next().unwrap();
            format!(
                "{}.{}.{signature}",
                part(&header),
                part(&with(&claims, "sub", json!("wang")))
            )
        }),
        ("noise", "x.y.z".into()),
        ("nothing", String::new()),
        ("too long", format!("{token}{}", "A".repeat(5000))),
    ]);
    for (what, token) in forged {
        let result = authenticate(&house.ctx, &token).await;
        assert!(
            matches!(result, Err(Error::Unauthenticated)),
            "{what}: {:?}",
            result.err()
        );
    }
    authenticate(&house.ctx, &token).await.unwrap();
}

#[tokio::test]
async fn a_token_holds_for_fifteen_minutes_of_our_clock() {
    let house = House::new();
    house.add("li", &[Role::Reviewer]).await;
    let tokens = house.log_in("li").await;
    house.forward(899);
    house.caller(&tokens).await.unwrap();
    house.forward(1);
    assert!(matches!(house.caller(&tokens).await, Err(Error::Unauthenticated)));
    // A clock set back harms nobody: no moment before the log-in is told any more, so no token is of the future.
    house.forward(-960);
    house.caller(&tokens).await.unwrap();
    house.forward(-86_400);
    house.caller(&tokens).await.unwrap();
}
