//! `/agencies`: looked up by everyone who is logged in, kept by administrators.

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        answer::{KeyPage, answer, stored},
        extract::{Caller, Change},
        json::{Document, present},
        openapi::Refusals,
        problem::Problem,
    },
    domain::contract::Agency,
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        agencies::{self, AgencyInput},
        values::Checked,
    },
};

/// A registration agency; in a patch, what is absent stays.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct AgencyIn {
    /// Six digits, the part of registration numbers that says who registered.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "660008")]
    code: Option<Option<String>>,
    /// 2–100 characters.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    name: Option<Option<String>>,
}

impl Document for AgencyIn {}

impl From<AgencyIn> for AgencyInput {
    fn from(body: AgencyIn) -> Self {
        Self {
            code: body.code,
            name: body.name,
        }
    }
}

/// A registration agency as it is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyRecordOut {
    /// Key; `id-<key>` is the address of an agency without a code.
    id: i64,
    /// Six digits; null where history named the agency without one.
    code: Option<String>,
    name: String,
}

impl From<&Agency> for AgencyRecordOut {
    fn from(agency: &Agency) -> Self {
        Self {
            id: agency.id,
            code: agency.code.clone(),
            name: agency.name.clone(),
        }
    }
}

/// A page of agencies.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyPage {
    items: Vec<AgencyRecordOut>,
    /// For the next page; null on the last.
    next_cursor: Option<String>,
}

fn input(body: Checked<AgencyIn>) -> Checked<AgencyInput> {
    body.map(AgencyInput::from)
}

fn render_changed(agency: &Agency) -> Result<StoredAnswer, Error> {
    stored(&AgencyRecordOut::from(agency), 200, None)
}

fn render_created(agency: &Agency) -> Result<StoredAnswer, Error> {
    let location = format!("/api/v1/agencies/{}", agencies::read::key_of(agency));
    stored(&AgencyRecordOut::from(agency), 201, Some(location))
}

/// List the registration agencies.
#[utoipa::path(tag = "agencies", security(("bearer" = [])),
    params(("limit" = Option<i64>, Query, description = "1–100, default 20"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = AgencyPage), Refusals))]
#[get("/agencies")]
pub async fn list_agencies(ctx: web::Data<Context>, _: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    query.finish().map_err(Problem::invalid)?;
    let found = agencies::read::list(&ctx, page.after, page.limit + 1).await?;
    let (found, next_cursor) = page.cut(found, |a| a.id);
    Ok(HttpResponse::Ok().json(AgencyPage {
        next_cursor,
        items: found.iter().map(AgencyRecordOut::from).collect(),
    }))
}

/// Add a registration agency.
#[utoipa::path(tag = "agencies", request_body = AgencyIn, security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 201, body = AgencyRecordOut, headers(("Location" = String))), Refusals))]
#[post("/agencies")]
pub async fn create_agency(ctx: web::Data<Context>, change: Change<AgencyIn>) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_created);
    answer(
        agencies::create::create(&ctx, command, input(body)).await?,
        render_created,
    )
}

/// Read one registration agency.
#[utoipa::path(tag = "agencies", security(("bearer" = [])),
    params(("agency" = String, Path, description = "Its code, or `id-<key>` where it has none")),
    responses((status = 200, body = AgencyRecordOut), Refusals))]
#[get("/agencies/{agency}")]
pub async fn read_agency(ctx: web::Data<Context>, _: Caller, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let agency = agencies::read::read(&ctx, &path).await?;
    Ok(HttpResponse::Ok().json(AgencyRecordOut::from(&agency)))
}

/// Change an agency's name, or its code while no registration number bears it (RFC 7396 merge patch).
#[utoipa::path(tag = "agencies", request_body(content = AgencyIn, content_type = "application/merge-patch+json"),
    security(("bearer" = [])),
    params(("agency" = String, Path, description = "Its code, or `id-<key>` where it has none")),
    responses((status = 200, body = AgencyRecordOut), Refusals))]
#[patch("/agencies/{agency}")]
pub async fn change_agency(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<AgencyIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_changed);
    let done = agencies::change::change(&ctx, command, path.into_inner(), input(body)).await?;
    answer(done, render_changed)
}
