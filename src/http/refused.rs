//! What the log says of requests that were refused: route, status, who asked and from where. Neither query strings nor anything that was
//! typed: people type passwords into the wrong field. Lines of one cause are sampled, so that nobody fills a disk by knocking.

use actix_web::{
    HttpMessage as _, HttpRequest,
    dev::ServiceResponse,
    http::{Method, StatusCode},
    web,
};

use super::address::client_address;
use crate::usecases::{Context, sampled::Sampler};

/// Lines of one route and status in a minute.
const LINES: u32 = 20;

/// How many of which refusals are written.
pub struct RefusalLog(Sampler<(u16, String)>);

impl Default for RefusalLog {
    fn default() -> Self {
        Self(Sampler::per_minute(LINES))
    }
}

/// Name of the account that a request is from, noted where it is found out.
struct Asking(String);

/// Notes who asks.
pub fn note_caller(request: &HttpRequest, username: &str) {
    request.extensions_mut().insert(Asking(username.to_owned()));
}

/// The pattern of the route that an address belongs to.
pub fn route_of(request: &HttpRequest) -> String {
    request.match_pattern().unwrap_or_else(|| "(none)".to_owned())
}

/// Writes the line, where the answer is a refusal: of 400 and above, or the way to the log-in page for who sent something.
pub fn tell<B>(response: &ServiceResponse<B>) {
    let request = response.request();
    let status = response.status();
    let led_away = status == StatusCode::SEE_OTHER && response.response().error().is_some();
    if !(status.is_client_error() || status.is_server_error() || (led_away && request.method() != Method::GET)) {
        return;
    }
    let status = status.as_u16();
    let route = route_of(request);
    let log = request.app_data::<web::Data<RefusalLog>>();
    let Some(unwritten) = log.map_or(Some(0), |log| log.0.admit(&(status, route.clone()))) else {
        return;
    };
    let trusted = request.app_data::<web::Data<Context>>();
    let trusted = trusted.map_or(&[][..], |ctx| &ctx.settings.server.trusted_proxies);
    let address = client_address(request, trusted);
    let extensions = request.extensions();
    let caller = extensions.get::<Asking>().map_or("-", |asking| asking.0.as_str());
    tracing::info!(status, %route, caller, %address, unwritten, "refused");
}
