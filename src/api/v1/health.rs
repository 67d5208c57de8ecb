//! `/livez`, `/readyz`: for whoever watches the server.

use actix_web::{HttpResponse, get, web};

use crate::{
    api::problem::{Kind, Problem},
    http::unavailable,
    usecases::{Context, readiness},
};

/// Seconds after which to look again.
const LOOK_AGAIN: i64 = 5;

/// Whether the program runs.
#[utoipa::path(tag = "health", responses((status = 200, body = String, content_type = "text/plain")))]
#[get("/livez")]
pub async fn read_liveness() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// Whether the program can do its work: the store answers and can be written to, its file is the one that was opened, there is room on the
/// disks, and the folder of the files takes files.
#[utoipa::path(tag = "health", responses((status = 200, body = String, content_type = "text/plain"),
    (status = 503, body = crate::api::problem::ProblemOut, content_type = "application/problem+json")))]
#[get("/readyz")]
pub async fn read_readiness(ctx: web::Data<Context>) -> Result<HttpResponse, Problem> {
    let faults = readiness::faults(&ctx).await;
    if !faults.is_empty() {
        for fault in &faults {
            unavailable::tell(&format!("{}: {}", fault.id, fault.reason));
        }
        let detail: String = faults.into_iter().map(|fault| fault.detail).collect();
        return Err(Problem::new(Kind::Unavailable, detail).retry_after(LOOK_AGAIN));
    }
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n"))
}
