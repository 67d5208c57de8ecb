//! `/api/docs/`, the interface's documentation for people: whose pages come with a library, but whose rules are those of our pages: who is
//! not logged in is led to the log-in page (`server.public_docs` opens it), and browsers load nothing for it from elsewhere.

use actix_web::{
    ResponseError as _,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderValue},
    middleware::Next,
};

use super::{
    refusal::Refusal,
    shell::POLICY,
    visitor::{context, visitor},
};
use crate::usecases::Error;

const PLACE: &str = "/api/docs";

/// Keeps the documentation for who may see it; leaves everything else alone.
///
/// # Errors
/// Those of what it surrounds.
pub async fn documentation_for_people<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    // As the router reads the path: `/api/%64ocs/` is the same place.
    let below = request.match_info().as_str().strip_prefix(PLACE);
    if !below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let ctx = context(request.request()).map_err(Refusal::from)?;
    if !ctx.settings.server.public_docs
        && let Err(refusal) = visitor(request.request()).await
    {
        let refusal = match refusal {
            Refusal::Use(Error::Unauthenticated) => Refusal::log_in_first(request.request()),
            other => other,
        };
        return Ok(request.into_response(refusal.error_response()).map_into_right_body());
    }
    let mut response = next.call(request).await?;
    let policy = HeaderValue::from_static(POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response.map_into_left_body())
}
