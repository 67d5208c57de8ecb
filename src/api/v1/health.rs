//! `/livez`, `/readyz`: for whoever watches the server.

use actix_web::{HttpResponse, get, web};

use crate::{
    api::problem::Problem,
    usecases::{Context, ledger},
};

/// Whether the program runs.
#[utoipa::path(tag = "health", responses((status = 200, body = String, content_type = "text/plain")))]
#[get("/livez")]
pub async fn read_liveness() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// Whether the program can answer: the store does, and the clock has not jumped. A line each for what is wrong with the clock, in seconds.
#[utoipa::path(tag = "health", responses((status = 200, body = String, content_type = "text/plain"),
    (status = 503, body = crate::api::problem::ProblemOut, content_type = "application/problem+json")))]
#[get("/readyz")]
pub async fn read_readiness(ctx: web::Data<Context>) -> Result<HttpResponse, Problem> {
    ledger::head(&ctx).await?;
    let clock = ctx.watch.report();
    let mut body = match clock.jumped {
        None => "ok\n".to_owned(),
        Some(_) => "not ok\n".to_owned(),
    };
    for line in clock.lines() {
        body.push_str(&line);
        body.push('\n');
    }
    let mut response = match clock.jumped {
        None => HttpResponse::Ok(),
        Some(_) => HttpResponse::ServiceUnavailable(),
    };
    Ok(response.content_type("text/plain; charset=utf-8").body(body))
}
