//! Cookies: random secrets that scripts cannot read (`HttpOnly`) and other sites cannot send (`SameSite=Strict`). Behind TLS they are
//! `Secure` and named `__Host-…`, so that no other host of the domain can set them (RFC 6265bis, 4.1.3.2).

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};

use super::visitor::context;
use crate::usecases::{Context, accounts::DEVICE_SECONDS};

/// Of who is logged in.
const SESSION: &str = "dengji_session";

/// Of who is not: what the token of the log-in form is made of.
const STRANGER: &str = "dengji_stranger";

/// Of a browser in which someone has logged in; it opens nothing.
const DEVICE: &str = "dengji_device";

fn name(secure: bool, name: &str) -> String {
    if secure {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

fn read(request: &HttpRequest, cookie: &str) -> Option<String> {
    let secure = context(request).ok()?.settings.server.is_behind_tls();
    request.cookie(&name(secure, cookie)).map(|c| c.value().to_owned())
}

fn cookie(secure: bool, base: &str, value: String) -> Cookie<'static> {
    Cookie::build(name(secure, base), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(secure)
        .finish()
}

/// The secret in the cookie of a session, over or not.
pub(super) fn page_secret(request: &HttpRequest) -> Option<String> {
    read(request, SESSION)
}

/// The secret of who is not logged in, where there is one.
pub(super) fn stranger(request: &HttpRequest) -> Option<String> {
    read(request, STRANGER)
}

/// The device cookie, where there is one.
pub(super) fn device(request: &HttpRequest) -> Option<String> {
    read(request, DEVICE)
}

/// The cookie by which a browser is known in which someone has logged in.
pub(super) fn device_cookie(ctx: &Context, value: String) -> Cookie<'static> {
    let mut cookie = cookie(ctx.settings.server.is_behind_tls(), DEVICE, value);
    cookie.set_max_age(Duration::seconds(DEVICE_SECONDS));
    cookie
}

/// The cookie that keeps someone logged in until the browser is closed or the session is over.
pub(super) fn session_cookie(ctx: &Context, secret: String) -> Cookie<'static> {
    cookie(ctx.settings.server.is_behind_tls(), SESSION, secret)
}

/// The cookie that the log-in form needs.
pub(super) fn stranger_cookie(behind_tls: bool, secret: String) -> Cookie<'static> {
    cookie(behind_tls, STRANGER, secret)
}

/// The cookie that takes the session's away.
pub(super) fn no_session_cookie(ctx: &Context) -> Cookie<'static> {
    let mut cookie = session_cookie(ctx, String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}
