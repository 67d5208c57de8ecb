//! The brake on public pages: so many requests of one address, then 429.

use std::net::IpAddr;

use actix_web::{HttpRequest, web};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};

use super::{
    extract::context,
    problem::{Kind, Problem},
};
use crate::{config::VerifySettings, http::address::client_address, usecases::accounts::network_of};

/// Requests of each address, shared by the server's threads.
pub struct PublicThrottle(DefaultKeyedRateLimiter<IpAddr>);

/// Addresses after which those that have come to rest are forgotten.
const MANY: usize = 10_000;

impl PublicThrottle {
    /// For an allowance.
    pub fn new(settings: VerifySettings) -> Self {
        let quota = Quota::per_minute(settings.per_minute).allow_burst(settings.burst);
        Self(RateLimiter::keyed(quota))
    }

    /// Lets a request through.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub fn admit(&self, request: &HttpRequest) -> Result<(), Problem> {
        let trusted = &context(request)?.settings.server.trusted_proxies;
        let address = network_of(client_address(request, trusted));
        if self.0.len() > MANY {
            self.0.retain_recent();
        }
        self.0.check_key(&address).map_err(|not_until| {
            let wait = not_until.wait_time_from(governor::clock::DefaultClock::default().now());
            let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX).saturating_add(1);
            Problem::new(Kind::Throttled, format!("查询过于频繁，请在 {seconds} 秒后再试。")).retry_after(seconds)
        })
    }
}

/// The throttle among the server's data.
pub(super) fn of(request: &HttpRequest) -> Result<web::Data<PublicThrottle>, Problem> {
    request
        .app_data::<web::Data<PublicThrottle>>()
        .cloned()
        .ok_or_else(|| crate::usecases::Error::internal("no throttle").into())
}
