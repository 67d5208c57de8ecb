//! Addresses: where a request came from, and which addresses are this server's own.

use std::net::{IpAddr, SocketAddr};

use actix_web::{HttpRequest, http::header};
use url::Url;

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

/// What a client calls itself.
pub fn client_name(request: &HttpRequest) -> Option<String> {
    let name = request.headers().get(header::USER_AGENT)?;
    Some(String::from_utf8_lossy(name.as_bytes()).into_owned())
}

/// What own addresses are read against: a name that is nobody's (RFC 2606).
const BASE: &str = "http://own.invalid";

/// An address of this server's own, as it may be given to a browser to go to: path and query, in the one spelling that the parser of
/// the URL standard gives them. None where a browser would go anywhere else by it (`//host`, `/\\host`, `/\t/host`, `https://host`), or
/// could make something else of it when reading it once more (`/.//host`). The one place where this is decided.
pub fn own_address(address: &str) -> Option<String> {
    let base = Url::parse(BASE).ok()?;
    let read = |address: &str| {
        let url = base.join(address).ok()?;
        let own = address.starts_with('/') && url.origin() == base.origin() && !url.path().starts_with("//");
        own.then_some(url)
    };
    let url = read(address)?;
    let text = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let again = read(&text)?;
    (again.path() == url.path() && again.query() == url.query()).then_some(text)
}

/// Whether a browser says that one of this server's own pages sent the request: `Sec-Fetch-Site` where there is one, else an `Origin` that
/// is this server's, by the name that the request itself asks for or by `public_url`. No page can set either header.
pub fn is_from_own_page(request: &HttpRequest, public_url: &str) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = header("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = header(header::ORIGIN.as_str()).and_then(|text| Url::parse(text).ok()) else {
        return false;
    };
    let own = |text: &str| Url::parse(text).is_ok_and(|url| url.origin() == origin.origin());
    let asked_for = header(header::HOST.as_str());
    own(public_url) || asked_for.is_some_and(|host| own(&format!("{}://{host}", origin.scheme())))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn an_address_leads_here_or_nowhere() {
        let cases = [
            ("/", Some("/")),
            (
                "/contracts/7/edit?done=saved&x=%E4%B8%AD",
                Some("/contracts/7/edit?done=saved&x=%E4%B8%AD"),
            ),
            ("/contracts/../users", Some("/users")),
            ("/合同", Some("/%E5%90%88%E5%90%8C")),
            ("/a#b", Some("/a")),
            ("/%09/evil.example", Some("/%09/evil.example")),
            ("", None),
            ("contracts", None),
            ("?x", None),
            ("//evil.example", None),
            ("///evil.example", None),
            ("/\t/evil.example", None),
            ("/\n/evil.example", None),
            ("\t//evil.example", None),
            (" //evil.example", None),
            ("/\\evil.example", None),
            ("\\/evil.example", None),
            ("/.//evil.example", None),
            ("/a/..//evil.example", None),
            ("/%2e//evil.example", None),
            ("https://evil.example/", None),
            ("https:/evil.example", None),
            ("javascript:alert(1)", None),
            ("//own.invalid@evil.example/", None),
        ];
        for (address, own) in cases {
            assert_eq!(own_address(address).as_deref(), own, "{address:?}");
        }
    }

    #[test]
    fn a_request_comes_from_an_own_page_where_the_browser_says_so() {
        let from = |headers: &[(&str, &str)]| {
            let mut request = TestRequest::post().insert_header(("host", "register.example:8080"));
            for header in headers {
                request = request.insert_header(*header);
            }
            is_from_own_page(&request.to_http_request(), "https://public.example")
        };
        assert!(from(&[("sec-fetch-site", "same-origin")]));
        assert!(from(&[("origin", "http://register.example:8080")]));
        assert!(from(&[("origin", "https://public.example")]));
        assert!(!from(&[]));
        assert!(!from(&[
            ("sec-fetch-site", "same-site"),
            ("origin", "http://register.example:8080")
        ]));
        assert!(!from(&[("sec-fetch-site", "cross-site")]));
        for origin in [
            "null",
            "http://evil.example",
            "http://register.example",
            "https://public.example.evil.example",
        ] {
            assert!(!from(&[("origin", origin)]), "{origin}");
        }
    }
}
