//! Every request has an end: its body arrives at a certain pace or is cut off, and its deadline travels with it as an [`Errand`].

use std::{sync::Arc, time::Duration};

use actix_web::{
    Error, HttpMessage as _, HttpResponse, ResponseError as _,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::{InternalError, PayloadError},
    http::header,
    middleware::Next,
    web::Bytes,
};
use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;

use crate::{
    api::{Known, Problem},
    config::ServerSettings,
    usecases::{self, errand::Errand},
    web::Refusal,
};

/// How much longer than its deadline a request is left to answer by itself: all its waits end at the deadline.
const GRACE: Duration = Duration::from_secs(2);

/// Gives a request its deadline.
///
/// # Errors
/// Those of what it surrounds; 503 where that did not keep the deadline.
pub(super) async fn bounded<B: MessageBody>(
    settings: Arc<ServerSettings>,
    known: Arc<Known>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let errand = Errand::within(Duration::from_secs(settings.request_seconds));
    // Whoever goes away, or was answered, waits no more.
    let _waiting = errand.waiting();
    let payload = match request.take_payload() {
        Payload::None => Payload::None,
        payload => Payload::Stream {
            payload: paced(payload, errand.clone(), &settings),
        },
    };
    request.set_payload(payload);
    let is_api = known.is_ours(request.path());
    let work = errand.clone().scope(next.call(request));
    tokio::pin!(work);
    loop {
        let end = errand.deadline().map_or_else(Instant::now, Instant::from_std) + GRACE;
        if let Ok(done) = tokio::time::timeout_at(end, &mut work).await {
            return done;
        }
        // Work that is known to be long was given more time meanwhile.
        if errand
            .deadline()
            .is_none_or(|deadline| Instant::from_std(deadline) + GRACE <= Instant::now())
        {
            return Err(cut_off(is_api, settings.is_behind_tls()));
        }
    }
}

/// 503 as programs or people read it. It stands outside what adds the headers of every answer.
fn cut_off(is_api: bool, behind_tls: bool) -> Error {
    let late = usecases::Error::Unavailable("a request did not keep its deadline".into());
    let mut response: HttpResponse = if is_api {
        Problem::from(late).error_response()
    } else {
        Refusal::from(late).error_response()
    };
    for (name, value) in super::HEADERS.into_iter().chain(behind_tls.then_some(super::HSTS)) {
        response
            .headers_mut()
            .insert(name, header::HeaderValue::from_static(value));
    }
    InternalError::from_response("past the deadline", response).into()
}

/// The body, which arrives at the pace of the settings or ends with an error that says so. Whoever reads it has the time that a request
/// has from its last piece on.
fn paced(
    payload: Payload,
    errand: Errand,
    settings: &ServerSettings,
) -> std::pin::Pin<Box<dyn stream::Stream<Item = Result<Bytes, PayloadError>>>> {
    let started = Instant::now();
    let first = Duration::from_secs(settings.body_seconds);
    let after = Duration::from_secs(settings.request_seconds);
    let pace = settings.body_bytes_per_second.get();
    // Who reads a form asks once more after the end.
    let pieces = stream::unfold(Some((payload, 0_u64)), move |state| {
        let errand = errand.clone();
        async move {
            let (mut payload, received) = state?;
            let by = started + first + Duration::from_secs(received / pace);
            errand.extend(by.saturating_duration_since(Instant::now()));
            match tokio::time::timeout_at(by, payload.next()).await {
                Ok(Some(Ok(piece))) => {
                    errand.wait_anew(after);
                    let received = received.saturating_add(piece.len() as u64);
                    Some((Ok(piece), Some((payload, received))))
                }
                Ok(Some(Err(error))) => Some((Err(error), None)),
                Ok(None) => {
                    errand.wait_anew(after);
                    None
                }
                Err(_) => {
                    let slow = std::io::Error::from(std::io::ErrorKind::TimedOut);
                    Some((Err(PayloadError::Io(slow)), None))
                }
            }
        }
    });
    Box::pin(pieces.fuse())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_has_the_headers_of_every_answer() {
        for (is_api, behind_tls) in [(true, true), (true, false), (false, true), (false, false)] {
            let error = cut_off(is_api, behind_tls);
            let response = error.as_response_error().error_response();
            assert_eq!(response.status(), 503);
            for (name, value) in super::super::HEADERS {
                assert_eq!(
                    response.headers().get(&name).map(header::HeaderValue::as_bytes),
                    Some(value.as_bytes())
                );
            }
            let told = response.headers().get(header::STRICT_TRANSPORT_SECURITY);
            assert_eq!(told.is_some(), behind_tls, "{is_api}");
        }
    }
}
