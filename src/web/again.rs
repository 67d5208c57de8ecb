//! A form shown again with what was typed into it before the session was over: the page that the form stands on, as whoever is logged in
//! now would see it, with the kept values in its fields. Nothing is done by showing it; it is sent by its own button once it was looked at.
//!
//! What was typed comes as a form of its own (`resume.html`), with the token of the new session, to the address of the page and
//! [`MARK`]. It is taken off here, and the page asked for as ever.

use actix_web::{
    HttpMessage as _, HttpRequest,
    body::{EitherBody, MessageBody, to_bytes},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, Uri, header},
    middleware::Next,
};
use askama::Template;

use super::{
    cookies::page_secret,
    posted::{Beyond, OPEN_BYTES, Typed, read_body},
    refill_page::refilled,
    refusal::Refusal,
    shell::{Shell, page},
    visitor::{token_matches, visitor},
};
use crate::{http::address::own_address, usecases::Error};

/// Parameter of an address at which a form is to be shown with what comes with it.
const MARK: &str = "_again";

/// The address of a page that shows a form again.
pub(super) fn again_at(page: &str) -> String {
    let joint = if page.contains('?') { '&' } else { '?' };
    format!("{page}{joint}{MARK}")
}

/// What was typed, where its form cannot be shown: to be read and copied.
#[derive(Template)]
#[template(path = "kept.html")]
struct KeptPage {
    shell: Shell,
    values: Vec<String>,
}

/// Shows a form again where that is asked for; leaves everything else alone.
///
/// # Errors
/// Those of what it surrounds; a request without the token of its session.
pub async fn with_what_was_typed<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let Some(plain) = without_mark(request.uri()) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let posted = request.method() == Method::POST;
    request.head_mut().uri = plain;
    if !posted {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let payload = request.take_payload();
    let bytes = read_body(request.request(), payload, OPEN_BYTES, Beyond::Refuse).await?;
    let form = Typed::parse(&bytes);
    if !page_secret(request.request()).is_some_and(|secret| token_matches(&secret, form.raw("_token"))) {
        return Err(Refusal::NoToken.into());
    }
    let kept = Typed::parse(form.raw("typed").as_bytes());
    request.head_mut().method = Method::GET;
    let address = request.uri().path().to_owned();
    let response = next.call(request).await?;
    let (request, response) = response.into_parts();
    let (mut response, body) = response.into_parts();
    let html = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|t| t.as_bytes().starts_with(b"text/html"));
    if response.status() == StatusCode::OK && html {
        let bytes = to_bytes(body).await.map_err(|_| unreadable())?;
        let text = std::str::from_utf8(&bytes).map_err(|_| unreadable())?;
        if let Some(filled) = refilled(text, &address, &kept).map_err(Refusal::from)? {
            response.headers_mut().remove(header::CONTENT_LENGTH);
            let response = response.set_body(filled).map_into_boxed_body().map_into_right_body();
            return Ok(ServiceResponse::new(request, response));
        }
    }
    let response = only_told(&request, &kept).await?.map_into_right_body();
    Ok(ServiceResponse::new(request, response))
}

fn unreadable() -> Refusal {
    Error::internal("a page that cannot be read").into()
}

/// The page that tells what was typed where there is no form for it any more.
async fn only_told(request: &HttpRequest, kept: &Typed) -> Result<actix_web::HttpResponse, Refusal> {
    let visitor = visitor(request).await?;
    let values = kept.fields().filter(|(_, value)| !value.trim().is_empty());
    let told = KeptPage {
        values: values.map(|(_, value)| value.to_owned()).collect(),
        shell: visitor.shell("刚才填写的内容"),
    };
    Ok(page(StatusCode::OK, &told))
}

/// The address without [`MARK`]; none where it has none.
fn without_mark(uri: &Uri) -> Option<Uri> {
    let query = uri.query()?;
    let mut parts: Vec<&str> = query.split('&').collect();
    let before = parts.len();
    parts.retain(|part| *part != MARK);
    if parts.len() == before {
        return None;
    }
    let text = match parts.as_slice() {
        [] => uri.path().to_owned(),
        [..] => format!("{}?{}", uri.path(), parts.join("&")),
    };
    own_address(&text)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_comes_off_and_nothing_else() {
        let plain = |text: &str| without_mark(&text.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(
            plain(&again_at("/contracts/7/edit")).as_deref(),
            Some("/contracts/7/edit")
        );
        assert_eq!(
            plain(&again_at("/contracts/new?type=a")).as_deref(),
            Some("/contracts/new?type=a")
        );
        assert_eq!(plain("/contracts?_against=1"), None);
        assert_eq!(plain("/contracts"), None);
    }
}
