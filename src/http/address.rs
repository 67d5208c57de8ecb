//! Where a request came from.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use actix_web::HttpRequest;

/// The address a request came from: the peer's, or what a trusted proxy says it is.
pub fn client_address(request: &HttpRequest, trusted: &[IpAddr]) -> IpAddr {
    let peer = request
        .peer_addr()
        .map_or(IpAddr::from([127, 0, 0, 1]), |a: SocketAddr| a.ip());
    if !trusted.contains(&peer) {
        return peer;
    }
    request
        .headers()
        .get_all("X-Forwarded-For")
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .filter_map(|a| a.trim().parse::<IpAddr>().ok())
        .filter(|a| !trusted.contains(a))
        .last()
        .unwrap_or(peer)
}

/// Whose address it is: of IPv6 the first 64 bits, since the rest is one subscriber's to choose.
pub fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_its_subscriber() {
        let whose = |text: &str| subscriber(text.parse().unwrap()).to_string();
        assert_eq!(whose("203.0.113.7"), "203.0.113.7");
        assert_eq!(whose("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(whose("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }
}
