//! The HTTP server: REST (`api`) and pages (`web`) on one socket.

mod bounded;
mod doors;
mod lines;

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

use bounded::bounded;
use doors::Doors;
use lines::in_use;

use crate::{
    api::{self, DocumentText, Known, PublicThrottle},
    http::refused::{self, RefusalLog},
    usecases::Context,
    web as pages,
};

/// What every answer carries.
const HEADERS: [(header::HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
];

/// What every answer carries besides, behind TLS.
const HSTS: (header::HeaderName, &str) = (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");

/// Lets the process have as many files and connections open as the settings want and the system allows. With fewer than the connections
/// need, two each, a full house would keep the store from its own files: that is said.
pub fn raise_open_files(settings: &crate::config::ServerSettings) {
    let raised = rlimit::increase_nofile_limit(settings.open_files);
    let needed = 2 * settings.connections.get() as u64 + OPEN_BESIDE;
    match raised {
        Ok(limit) if limit >= needed => {}
        Ok(limit) => tracing::warn!(
            limit,
            needed,
            "the system allows fewer open files than server.connections needs"
        ),
        Err(error) => tracing::warn!(%error, "the limit of open files could not be raised"),
    }
}

/// Files that are open beside the connections: the store's, those on their way in and out.
const OPEN_BESIDE: u64 = 512;

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
    let settings = Arc::new(ctx.settings.server.clone());
    let workers = settings.workers.max(1);
    let doors = Doors::new(&settings);
    // The doors turn away who is one too many; the workers themselves are to make nobody wait.
    let beyond = settings.connections.get().saturating_add(1024);
    let head = Duration::from_secs(settings.head_seconds);
    let idle = Duration::from_secs(settings.idle_seconds);
    tokio::spawn(doors::show_out(Arc::downgrade(&doors), idle + head));
    let server = HttpServer::new(move || {
        let known = Arc::clone(&known);
        let (bounds, addresses) = (Arc::clone(&settings), Arc::clone(&known));
        let app = App::new()
            .wrap(from_fn(pages::with_way_around))
            .wrap(from_fn(pages::with_what_was_typed))
            .wrap(from_fn(pages::documentation_for_people))
            // Around all that waits for the store.
            .wrap(from_fn(move |request, next| {
                bounded(Arc::clone(&bounds), Arc::clone(&addresses), request, next)
            }))
            .wrap(tracing_actix_web::TracingLogger::<RouteSpan>::new())
            .wrap(from_fn(head_as_get))
            .wrap(Compress::default())
            .wrap(HEADERS.into_iter().fold(DefaultHeaders::new(), DefaultHeaders::add))
            .wrap(Condition::new(behind_tls, DefaultHeaders::new().add(HSTS)))
            .wrap(from_fn(in_use))
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
        .keep_alive(idle)
        .client_request_timeout(head)
        // Whoever hangs up wants no answer: what was begun for them ends.
        .h1_allow_half_closed(false)
        .max_connections(beyond)
        .on_connect(move |connection, data| doors.admit(connection, data))
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
