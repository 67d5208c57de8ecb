//! `/statistics`.

use actix_web::{HttpRequest, HttpResponse, get, web};

use crate::{
    api::{answer::key, extract::Caller, openapi::Refusals, problem::Problem},
    domain::time::Moment,
    http::query::Query,
    usecases::{
        Context, Error,
        statistics::{self, Asked, Span},
    },
};

/// The annual statistics: the whole tree.
#[utoipa::path(tag = "statistics", security(("bearer" = [])),
    params(("year" = i32, Path),
        ("as_of" = Option<String>, Query, description = "RFC 3339; now where absent"),
        ("until" = Option<String>, Query, description = "A day of the year: only what was confirmed up to its end, compared with the same span of the year before"),
        ("month" = Option<i64>, Query, description = "1–12: only that month, compared with the same month of the year before"),
        ("quarter" = Option<i64>, Query, description = "1–4: only that quarter, compared with the same quarter of the year before"),
        ("edition" = Option<i64>, Query, description = "A closed edition; without the others")),
    responses((status = 200, body = Object), Refusals))]
#[get("/statistics/annual/{year}")]
pub async fn read_annual_statistics(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    statistics::may_read(&caller.0.actor)?;
    let asked = with_edition(&ctx, &path, Query::parse(request.query_string()))?;
    Ok(HttpResponse::Ok().json(statistics::read(&ctx, &asked).await?))
}

/// Reads the year and what of it is asked for: a moment and a part, or an edition, which has its moment and is of the whole year.
pub(super) fn with_edition(ctx: &Context, path: &str, mut query: Query) -> Result<Asked, Problem> {
    let edition = query.integer("edition", 1..=i64::MAX);
    refuse_with_edition(&mut query, edition);
    let AskedFor { year, as_of, span } = asked_for(ctx, path, query)?;
    Ok(Asked {
        year,
        as_of,
        span,
        edition,
    })
}

pub(super) use crate::http::counted_contracts::refuse_with_edition;

/// What of the statistics is asked for.
pub(super) struct AskedFor {
    pub year: i32,
    pub as_of: Option<Moment>,
    pub span: Span,
}

/// Reads the year and the parameters that are left; a year that there is not is 404.
pub(super) fn asked_for(ctx: &Context, path: &str, mut query: Query) -> Result<AskedFor, Problem> {
    let year = i32::try_from(key(path)?).map_err(|_| Error::NotFound)?;
    let as_of = query.moment_so_far("as_of", ctx.clock.now());
    let until = query.date("until");
    let mut part = |name: &str, last: i64| query.integer(name, 1..=last).and_then(|part| u32::try_from(part).ok());
    let (month, quarter) = (part("month", 12), part("quarter", 4));
    query.finish().map_err(Problem::invalid)?;
    let span = Span::of(month, quarter, until).map_err(Error::from)?;
    Ok(AskedFor { year, as_of, span })
}
