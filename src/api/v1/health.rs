//! `/livez`, `/readyz`: for whoever watches the server.

use actix_web::{HttpResponse, get, web};

use crate::{
    api::problem::{Kind, Problem},
    usecases::{Context, Error, readiness},
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
/// disks, the folder of the files takes files, and the clock has not jumped. A line each for what is wrong with the clock, in seconds.
#[utoipa::path(tag = "health", responses((status = 200, body = String, content_type = "text/plain"),
    (status = 503, body = crate::api::problem::ProblemOut, content_type = "application/problem+json")))]
#[get("/readyz")]
pub async fn read_readiness(ctx: web::Data<Context>) -> Result<HttpResponse, Problem> {
    let clock = ctx.watch.report();
    // While the clock is not believed nothing is written, so that no writing can be tried.
    let faults = match clock.jumped {
        None => readiness::faults(&ctx).await,
        Some(_) => Vec::new(),
    };
    if !faults.is_empty() {
        for fault in &faults {
            Error::Unavailable(format!("{}: {}", fault.id, fault.reason)).log();
        }
        let detail: String = faults.into_iter().map(|fault| fault.detail).collect();
        return Err(Problem::new(Kind::Unavailable, detail).retry_after(LOOK_AGAIN));
    }
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
