//! `/experts`: who may be asked to a panel, for those who convene panels.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{answer::KeyPage, extract::Caller, openapi::Refusals, problem::Problem},
    http::query::Query,
    usecases::{
        Context,
        experts::{self, Expert},
    },
};

/// Someone who may be asked to a panel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertAccountOut {
    id: i64,
    /// As in `chair` and `experts` of a panel.
    username: String,
    full_name: Option<String>,
    employer: Option<String>,
}

impl From<Expert> for ExpertAccountOut {
    fn from(expert: Expert) -> Self {
        Self {
            id: expert.id,
            username: expert.username,
            full_name: expert.full_name,
            employer: expert.employer,
        }
    }
}

/// A page of experts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpertPage {
    items: Vec<ExpertAccountOut>,
    /// For the next page; null on the last.
    next_cursor: Option<String>,
}

/// List the experts who can log in, in the order in which they were added.
#[utoipa::path(tag = "expert-reviews", security(("bearer" = [])),
    params(("q" = Option<String>, Query, description = "Text in the user name, the person's name or the employer, whatever the case"),
        ("limit" = Option<i64>, Query, description = "1–100, default 20"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = ExpertPage), Refusals))]
#[get("/experts")]
pub async fn list_experts(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    experts::may_read(&caller.0.actor)?;
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    let q = query.text("q");
    query.finish().map_err(Problem::invalid)?;
    let wanted = usize::try_from(page.limit + 1).unwrap_or(100);
    let found = experts::list(&ctx, &caller.0.actor, q, page.after, wanted).await?;
    let (found, next_cursor) = page.cut(found, |e| e.id);
    Ok(HttpResponse::Ok().json(ExpertPage {
        items: found.into_iter().map(ExpertAccountOut::from).collect(),
        next_cursor,
    }))
}
