//! `/statistics`.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::figures::{read_asked, year_of};
use crate::{
    api::{extract::Caller, openapi::Refusals, problem::Problem},
    usecases::{Context, statistics},
};

/// The annual statistics: the whole tree.
#[utoipa::path(tag = "statistics", security(("bearer" = [])),
    params(("year" = i32, Path),
        ("as_of" = Option<String>, Query, description = "RFC 3339; now where absent"),
        ("until" = Option<String>, Query, description = "A day of the year: only what was confirmed up to its end, compared with the same span of the year before"),
        ("edition" = Option<i64>, Query, description = "A closed edition; without `as_of` and `until`")),
    responses((status = 200, body = Object), Refusals))]
#[get("/statistics/annual/{year}")]
pub async fn read_annual_statistics(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let year = year_of(&path)?;
    statistics::may_read(&caller.0.actor)?;
    let (asked, ()) = read_asked(year, request.query_string(), |_| ()).map_err(Problem::invalid)?;
    Ok(HttpResponse::Ok().json(statistics::read(&ctx, &asked).await?))
}
