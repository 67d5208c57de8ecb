//! The brake on public pages: so many requests of one address, then 429.

use std::net::{IpAddr, Ipv6Addr};

use actix_web::{HttpRequest, web};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};

use super::{
    extract::context,
    problem::{Kind, Problem},
};
use crate::{config::VerifySettings, http::address::client_address};

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
        let address = whose(client_address(request, trusted));
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

/// Whose address it is: of IPv6 the first 64 bits, since the rest is one subscriber's to choose.
fn whose(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

/// The throttle among the server's data.
pub(super) fn of(request: &HttpRequest) -> Result<web::Data<PublicThrottle>, Problem> {
    request
        .app_data::<web::Data<PublicThrottle>>()
        .cloned()
        .ok_or_else(|| crate::usecases::Error::internal("no throttle").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_its_subscriber() {
        let whose = |text: &str| whose(text.parse().unwrap()).to_string();
        assert_eq!(whose("203.0.113.7"), "203.0.113.7");
        assert_eq!(whose("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(whose("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }
}
