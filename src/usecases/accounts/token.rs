//! Access tokens: JWTs signed with HS256 and nothing else, checked as RFC 8725 wants: one algorithm, a known key, our own issuer
//! and audience, an explicit type. What a token proves is which session it belongs to; roles and rights are read from the store
//! at every request.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    domain::time::Moment,
    storage::sessions::Session,
    usecases::{Context, Error, seam},
};

/// The type of access tokens, RFC 9068 2.1.
const TYPE: &str = "at+jwt";
/// A token of ours is far shorter; what is longer is not looked into.
pub(super) const MAX_BYTES: usize = 4096;
/// How far ahead of this machine's clock a token's `iat` may be (the clock was set back a little), seconds.
const MAX_AHEAD_SECONDS: i64 = 60;

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it: `auth.issuer`.
    pub iss: String,
    /// For whom: `auth.audience`.
    pub aud: String,
    /// Name of the account.
    pub sub: String,
    /// Id of the session.
    pub sid: String,
    /// Issued at, seconds since 1970.
    pub iat: i64,
    /// Not valid from then on, seconds since 1970.
    pub exp: i64,
    /// Random id of the token.
    pub jti: String,
}

/// What a log-in or a refresh gives. Not to be logged: `Debug` shows no secret.
#[derive(Clone)]
pub struct Tokens {
    /// A JWT.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: &'static str,
    /// Life of the access token, seconds.
    pub expires_in: i64,
    /// Good for one refresh.
    pub refresh_token: String,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// Seconds since 1970, cut off.
pub(super) const fn seconds(at: Moment) -> i64 {
    at.micros().div_euclid(1_000_000)
}

/// The only header that a token of ours of a type has; comparing whole headers refuses `crit`, `jku`, `jwk` and whatever else there is.
pub(super) fn header(of: &str, kid: &str) -> Header {
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some(of.to_owned());
    header.kid = Some(kid.to_owned());
    header
}

/// Tokens for a session: an access token, valid no longer than the session, beside the given refresh token.
pub(super) fn issue(
    ctx: &Context,
    username: &str,
    session: &Session,
    refresh_token: String,
    now: Moment,
) -> Result<Tokens, Error> {
    let auth = &ctx.settings.auth;
    let iat = seconds(now);
    let exp = (iat + auth.access_token_seconds).min(seconds(session.expires_at));
    let claims = Claims {
        iss: auth.issuer.clone(),
        aud: auth.audience.clone(),
        sub: username.to_owned(),
        sid: session.id.clone(),
        iat,
        exp,
        jti: URL_SAFE_NO_PAD.encode(seam::random_bytes::<16>()?),
    };
    let access_token = ctx
        .keys
        .with_newest(now, |kid, key| jsonwebtoken::encode(&header(TYPE, kid), &claims, key))
        .map_err(Error::internal)?
        .map_err(Error::internal)?;
    Ok(Tokens {
        access_token,
        token_type: "Bearer",
        expires_in: exp - iat,
        refresh_token,
    })
}

/// What a token says, once everything about it has been checked but the session.
pub(super) fn verify(ctx: &Context, token: &str, now: Moment) -> Result<Claims, Error> {
    if token.len() > MAX_BYTES {
        return Err(Error::Unauthenticated);
    }
    let given = jsonwebtoken::decode_header(token).map_err(|_| Error::Unauthenticated)?;
    let kid = given.kid.as_deref().ok_or(Error::Unauthenticated)?;
    if given != header(TYPE, kid) {
        return Err(Error::Unauthenticated);
    }
    let auth = &ctx.settings.auth;
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    validation.set_issuer(&[&auth.issuer]);
    validation.set_audience(&[&auth.audience]);
    // The crate asks the machine's clock; the time is checked below against ours.
    validation.validate_exp = false;
    let claims = ctx
        .keys
        .with_key(kid, now, |key| jsonwebtoken::decode::<Claims>(token, key, &validation))
        .map_err(Error::internal)?
        .ok_or(Error::Unauthenticated)?
        .map_err(|_| Error::Unauthenticated)?
        .claims;
    let now = seconds(now);
    let in_time = claims.iat <= now + MAX_AHEAD_SECONDS && now < claims.exp;
    if in_time {
        Ok(claims)
    } else {
        Err(Error::Unauthenticated)
    }
}

/// What is stored of a refresh token: SHA-256, lower-case hex. The token has 256 random bits, so no salt and no slow hash.
pub(super) fn hash_of(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}
