//! Device cookies (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"): what a browser keeps to show that the owner of an
//! account has logged in there before. It opens nothing; it only tells the owner's guesses at the own password from those of strangers.
//! Signed with the keys of access tokens, as a token of another type and audience, and bound to one account by the hash of its name. A
//! rotation of the keys makes strangers of all browsers, until the next log-in in each.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, Serialize};

use super::{
    throttle::name_hash,
    token::{MAX_BYTES, header, seconds},
};
use crate::{
    domain::time::Moment,
    usecases::{Context, Error, seam},
};

const TYPE: &str = "device+jwt";

/// How long a browser is known, seconds: a year.
pub const DEVICE_SECONDS: i64 = 365 * 86_400;

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The account.
    sub: String,
    /// Seconds since 1970.
    exp: i64,
    /// What failures of this browser are counted under.
    jti: String,
}

fn audience(ctx: &Context) -> String {
    format!("{} device", ctx.settings.auth.audience)
}

/// A cookie for the browser in which the account's owner has just logged in.
pub(super) fn issue(ctx: &Context, username: &str, now: Moment) -> Result<String, Error> {
    let claims = Claims {
        iss: ctx.settings.auth.issuer.clone(),
        aud: audience(ctx),
        sub: name_hash(username),
        exp: seconds(now) + DEVICE_SECONDS,
        jti: URL_SAFE_NO_PAD.encode(seam::random_bytes::<16>()?),
    };
    ctx.keys
        .with_newest(now, |kid, key| jsonwebtoken::encode(&header(TYPE, kid), &claims, key))
        .map_err(Error::internal)?
        .map_err(Error::internal)
}

/// The browser's id, where a cookie is one of ours and the account's.
pub(super) fn known(ctx: &Context, cookie: &str, name: &str, now: Moment) -> Result<Option<String>, Error> {
    if cookie.len() > MAX_BYTES {
        return Ok(None);
    }
    let Ok(given) = jsonwebtoken::decode_header(cookie) else {
        return Ok(None);
    };
    let Some(kid) = given.kid.as_deref().filter(|kid| given == header(TYPE, kid)) else {
        return Ok(None);
    };
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    validation.set_issuer(&[&ctx.settings.auth.issuer]);
    validation.set_audience(&[&audience(ctx)]);
    // The crate asks the machine's clock; the time is checked below against ours.
    validation.validate_exp = false;
    let claims = ctx
        .keys
        .with_key(kid, now, |key| jsonwebtoken::decode::<Claims>(cookie, key, &validation))
        .map_err(Error::internal)?
        .and_then(Result::ok)
        .map(|token| token.claims);
    let claims = claims.filter(|claims| claims.sub == name_hash(name) && seconds(now) < claims.exp);
    Ok(claims.map(|claims| claims.jti))
}
