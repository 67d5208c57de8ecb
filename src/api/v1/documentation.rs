//! `/openapi.json`; the page that shows it is at `/api/docs/`.

use actix_web::{HttpResponse, get, web};

/// The document's text, made once at the start.
pub struct DocumentText(pub String);

/// This document.
#[utoipa::path(tag = "documentation", responses((status = 200, body = Object)))]
#[get("/openapi.json")]
pub async fn read_openapi(text: web::Data<DocumentText>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(text.0.clone())
}
