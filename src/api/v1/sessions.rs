//! `/auth/sessions`: where the caller is logged in.

use actix_web::{HttpResponse, delete, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{extract::Caller, openapi::Refusals, problem::Problem},
    domain::time::Moment,
    usecases::{
        Context,
        accounts::{self, SessionView},
    },
};

/// The own sessions, the one that was opened last first.
#[derive(Serialize, ToSchema)]
pub struct SessionPage {
    items: Vec<SessionOut>,
}

/// A session of the caller's that is alive.
#[derive(Serialize, ToSchema)]
pub struct SessionOut {
    id: String,
    /// Whether it is the one that asks.
    current: bool,
    /// `page` or `api`.
    #[schema(example = "page")]
    kind: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// At the pages within a minute; else when its token was last refreshed.
    #[schema(value_type = String, format = DateTime)]
    seen_at: Moment,
    /// When it is over in any case.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Moment,
    /// The client's address when it logged in; null for sessions that were opened before this was noted.
    address: Option<String>,
    /// What the client called itself.
    client: Option<String>,
}

impl From<SessionView> for SessionOut {
    fn from(view: SessionView) -> Self {
        let session = view.session;
        Self {
            id: session.id,
            current: view.is_current,
            kind: if session.is_page { "page" } else { "api" },
            created_at: session.created_at,
            seen_at: session.seen_at,
            expires_at: session.expires_at,
            address: session.opened.address,
            client: session.opened.client,
        }
    }
}

/// The own sessions.
#[utoipa::path(tag = "auth", security(("bearer" = [])), responses((status = 200, body = SessionPage), Refusals))]
#[get("/auth/sessions")]
pub async fn list_sessions(ctx: web::Data<Context>, caller: Caller) -> Result<HttpResponse, Problem> {
    let sessions = accounts::list_sessions(&ctx, &caller.0).await?;
    Ok(HttpResponse::Ok().json(SessionPage {
        items: sessions.into_iter().map(SessionOut::from).collect(),
    }))
}

/// End one of the own sessions; the one that asks, too.
#[utoipa::path(tag = "auth", security(("bearer" = [])), params(("session" = String, Path)),
    responses((status = 204), Refusals))]
#[delete("/auth/sessions/{session}")]
pub async fn end_session(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    accounts::end_session(&ctx, &caller.0, path.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// End all of the own sessions but the one that asks.
#[utoipa::path(tag = "auth", security(("bearer" = [])), responses((status = 204), Refusals))]
#[delete("/auth/sessions")]
pub async fn end_other_sessions(ctx: web::Data<Context>, caller: Caller) -> Result<HttpResponse, Problem> {
    accounts::end_other_sessions(&ctx, &caller.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
