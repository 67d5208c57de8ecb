//! The HTTP server: REST (`api`) and pages (`web`) on one socket.

use std::{net::TcpListener, sync::Arc, time::Duration};

use actix_web::{
    App, HttpMessage as _, HttpRequest, HttpServer,
    body::MessageBody,
    dev::{Server, ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::{Compress, Condition, DefaultHeaders, Next, from_fn},
    web,
};
use tracing_actix_web::{RequestId, RootSpanBuilder};
use utoipa_swagger_ui::{Config as SwaggerConfig, SwaggerUi};

use crate::{
    api::{self, DocumentText, Known, PublicThrottle},
    http::refused::{self, RefusalLog},
    usecases::Context,
    web as pages,
};

/// How long a connection may lie idle: longer than clients and proxies keep theirs (30 to 60 seconds, most of them), so that it is they
/// who close it and no request meets a closed one.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Starts the server on a bound socket; the future it answers runs until it is stopped.
///
/// # Errors
/// Where the socket cannot be used.
pub fn serve(ctx: &Context, listener: TcpListener) -> std::io::Result<Server> {
    let context = web::Data::new(ctx.remembering());
    let document = api::document();
    let text = web::Data::new(DocumentText(document.to_json().map_err(std::io::Error::other)?));
    let known = Arc::new(Known::of(&document));
    drop(document);
    let throttle = web::Data::new(PublicThrottle::new(ctx.settings.verify));
    let behind_tls = ctx.settings.server.is_behind_tls();
    let refusals = web::Data::new(RefusalLog::default());
    let workers = ctx.settings.server.workers.max(1);
    let server = HttpServer::new(move || {
        let known = Arc::clone(&known);
        let app = App::new()
            .wrap(from_fn(pages::with_way_around))
            .wrap(from_fn(pages::with_what_was_typed))
            .wrap(from_fn(pages::documentation_for_people))
            .wrap(tracing_actix_web::TracingLogger::<RouteSpan>::new())
            .wrap(from_fn(head_as_get))
            .wrap(Compress::default())
            .wrap(
                DefaultHeaders::new()
                    .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
                    .add((header::X_FRAME_OPTIONS, "DENY"))
                    .add((header::REFERRER_POLICY, "no-referrer"))
                    .add((header::CACHE_CONTROL, "no-store")),
            )
            .wrap(Condition::new(
                behind_tls,
                DefaultHeaders::new().add((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000")),
            ))
            .app_data(context.clone())
            .app_data(text.clone())
            .app_data(throttle.clone())
            .app_data(refusals.clone())
            .configure(api::routes);
        // Without this the page asks a validator in the internet about the document wherever it is not at localhost.
        let page = SwaggerConfig::from("/api/v1/openapi.json").validator_url("none");
        app.configure(pages::routes)
            .service(SwaggerUi::new("/api/docs/{_:.*}").config(page))
            .service(web::redirect("/api/docs", "/api/docs/"))
            .default_service(web::to(move |request: HttpRequest| {
                let known = Arc::clone(&known);
                async move { unrouted(&known, &request).await }
            }))
    });
    Ok(server
        .workers(workers)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(30)
        .listen(listener)?
        .run())
}

/// The log's span of a request: its route, without the query and what stands in the path, which may name people or be typed by anyone.
struct RouteSpan;

impl RootSpanBuilder for RouteSpan {
    fn on_request_start(request: &ServiceRequest) -> tracing::Span {
        let id = request
            .extensions()
            .get::<RequestId>()
            .map(ToString::to_string)
            .unwrap_or_default();
        let route = refused::route_of(request.request());
        tracing::info_span!("request", id, method = %request.method(), route, status = tracing::field::Empty)
    }

    fn on_request_end<B: MessageBody>(span: tracing::Span, outcome: &Result<ServiceResponse<B>, actix_web::Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("status", status.as_u16());
        if let Ok(response) = outcome {
            span.in_scope(|| refused::tell(response));
        }
    }
}

/// HEAD is GET without its body: the answer's body is left out where it is written to the wire.
async fn head_as_get<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    next.call(request).await
}

/// What is nowhere: told to programs as JSON, to people as a page.
async fn unrouted(known: &Known, request: &HttpRequest) -> actix_web::HttpResponse {
    if known.is_ours(request.path()) {
        known.unrouted(request)
    } else {
        pages::unrouted(request).await
    }
}
