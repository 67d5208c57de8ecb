//! `/activities`: trainings, guidance, matchmaking, technology managers, kept by statisticians.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::attachments::RemoveIn;
use crate::{
    api::{
        answer::{KeyPage, answer, key, stored_version, versioned},
        extract::{Caller, Change},
        json::{Document, present},
        openapi::Refusals,
        problem::Problem,
    },
    domain::time::Date,
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        activities::{self, ActivityInput, ActivityView},
        follow_ups::may_keep,
        statistics::may_read,
    },
};

/// An activity; in a patch, what is absent stays.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ActivityIn {
    /// Code list `activity_kind`.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    kind: Option<Option<String>>,
    /// 日期, not in the future; decides the year.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<Date>)]
    held_on: Option<Option<Date>>,
    /// 名称, up to 200 characters.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    name: Option<Option<String>>,
    /// 师市院校: code list `unit`.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    unit: Option<Option<String>>,
    /// 场次
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    events: Option<Option<i64>>,
    /// 人次
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    participants: Option<Option<i64>>,
    /// 其中兵团系统人次
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    participants_xpcc: Option<Option<i64>>,
    /// 项数
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    items: Option<Option<i64>>,
}

impl Document for ActivityIn {}

impl From<ActivityIn> for ActivityInput {
    fn from(body: ActivityIn) -> Self {
        Self {
            kind: body.kind,
            held_on: body.held_on,
            name: body.name,
            unit: body.unit,
            events: body.events,
            participants: body.participants,
            participants_xpcc: body.participants_xpcc,
            items: body.items,
        }
    }
}

/// An activity as it is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityOut {
    id: i64,
    /// Rises with every write: what `If-Match` must name.
    version: i64,
    /// Code list `activity_kind`.
    kind: String,
    /// 日期, not in the future; decides the year.
    held_on: Date,
    /// 名称, up to 200 characters.
    name: String,
    /// 师市院校: code list `unit`.
    unit: Option<String>,
    /// 场次
    events: Option<i64>,
    /// 人次
    participants: Option<i64>,
    /// 其中兵团系统人次
    participants_xpcc: Option<i64>,
    /// 项数
    items: Option<i64>,
}

impl From<&ActivityView> for ActivityOut {
    fn from(view: &ActivityView) -> Self {
        let row = view.row.clone();
        Self {
            id: view.id,
            version: view.version,
            kind: row.kind,
            held_on: row.held_on,
            name: row.name,
            unit: row.unit,
            events: row.events,
            participants: row.participants,
            participants_xpcc: row.participants_xpcc,
            items: row.items,
        }
    }
}

/// A page of activities.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityPage {
    items: Vec<ActivityOut>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

fn render_created(view: &ActivityView) -> Result<StoredAnswer, Error> {
    stored_version(
        &ActivityOut::from(view),
        view.version,
        201,
        Some(format!("/api/v1/activities/{}", view.id)),
    )
}

fn render_changed(view: &ActivityView) -> Result<StoredAnswer, Error> {
    stored_version(&ActivityOut::from(view), view.version, 200, None)
}

/// List activities in the order of entry.
#[utoipa::path(tag = "activities", security(("bearer" = [])),
    params(("year" = Option<i32>, Query, description = "Held in this year"),
        ("limit" = Option<i64>, Query, description = "1–100, default 20"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = ActivityPage), Refusals))]
#[get("/activities")]
pub async fn list_activities(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut query = Query::parse(request.query_string());
    let year = query
        .integer("year", 1900..=2200)
        .and_then(|year| i32::try_from(year).ok());
    let KeyPage { after, limit } = KeyPage::read(&mut query);
    query.finish().map_err(Problem::invalid)?;
    let (from, to) = year.map_or((1, 9999), |year| (year, year));
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).ok_or(Error::NotFound);
    let days = (day(from, 1, 1)?, day(to, 12, 31)?);
    let (found, more) = activities::list(&ctx, &caller.0.actor, days, after, limit).await?;
    Ok(HttpResponse::Ok().json(ActivityPage {
        next_cursor: found.last().filter(|_| more).map(|view| KeyPage::cursor(view.id)),
        items: found.iter().map(ActivityOut::from).collect(),
    }))
}

/// Record an activity.
#[utoipa::path(tag = "activities", request_body = ActivityIn, security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 201, body = ActivityOut, headers(("Location" = String))), Refusals))]
#[post("/activities")]
pub async fn create_activity(ctx: web::Data<Context>, change: Change<ActivityIn>) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_created);
    answer(
        activities::create(&ctx, command, body.map(ActivityInput::from)).await?,
        render_created,
    )
}

/// Read an activity.
#[utoipa::path(tag = "activities", security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 200, body = ActivityOut), Refusals))]
#[get("/activities/{id}")]
pub async fn read_activity(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    may_read(&caller.0.actor)?;
    let view = activities::read(&ctx, &caller.0.actor, key(&path)?).await?;
    Ok(versioned(&ActivityOut::from(&view), view.version))
}

/// Change an activity (RFC 7396 merge patch).
#[utoipa::path(tag = "activities", request_body(content = ActivityIn, content_type = "application/merge-patch+json"),
    security(("bearer" = [])), params(("id" = i64, Path), ("If-Match" = Option<String>, Header, description = "\"<version>\"")),
    responses((status = 200, body = ActivityOut, headers(("ETag" = String))), Refusals))]
#[patch("/activities/{id}")]
pub async fn change_activity(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ActivityIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_changed);
    may_keep(&command.actor)?;
    let done = activities::change(&ctx, command, key(&path)?, body.map(ActivityInput::from)).await?;
    answer(done, render_changed)
}

/// Remove an activity that was recorded by mistake. The ledger keeps what it said.
#[utoipa::path(tag = "activities", security(("bearer" = [])),
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header, description = "\"<version>\"")),
    responses((status = 204), Refusals))]
#[delete("/activities/{id}")]
pub async fn remove_activity(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<RemoveIn>,
) -> Result<HttpResponse, Problem> {
    let (command, _) = change.into_parts(|()| Err(Error::internal("a removal has no answer to keep")));
    may_keep(&command.actor)?;
    activities::remove(&ctx, command, key(&path)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
