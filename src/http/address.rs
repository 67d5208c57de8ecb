//! Where a request came from.

use std::net::{IpAddr, SocketAddr};

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
