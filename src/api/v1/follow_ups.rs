//! `/follow-ups`: follow-ups of contracts, kept by statisticians. Its address is the registration number and the year of the survey.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::attachments::RemoveIn;
use crate::{
    api::{
        answer::{answer, stored_version, versioned},
        extract::{Caller, Change},
        json::{Document, present},
        openapi::Refusals,
        problem::Problem,
    },
    domain::follow_up::CHECKS,
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        follow_ups::{self, FollowUpInput, FollowUpQuery, FollowUpView, Identity},
    },
};

/// A follow-up; in a patch, what is absent stays. Amounts in fen, 0 where absent at first.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct FollowUpIn {
    /// 登记编号 of a registered contract; stays.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    registration_number: Option<Option<String>>,
    /// The year of the survey; stays.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    survey_year: Option<Option<i64>>,
    /// 是否涉税
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<bool>)]
    tax_relevant: Option<Option<bool>>,
    /// 是否履行
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<bool>)]
    fulfilled: Option<Option<bool>>,
    /// 应到账额
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    due_fen: Option<Option<i64>>,
    /// 实到账额
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    received_fen: Option<Option<i64>>,
    /// 应享税收优惠
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<bool>)]
    entitled: Option<Option<bool>>,
    /// 实享税收优惠
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<bool>)]
    enjoyed: Option<Option<bool>>,
    /// 增值税免税额
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    vat_exempted_fen: Option<Option<i64>>,
    /// 企业所得税减免额
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    income_tax_reduced_fen: Option<Option<i64>>,
    /// 应发奖酬金
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<bool>)]
    reward_due: Option<Option<bool>>,
    /// 已发奖酬金
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<bool>)]
    reward_issued: Option<Option<bool>>,
    /// 净收益额; null where not surveyed
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    net_income_fen: Option<Option<i64>>,
    /// 实发奖酬金
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    reward_paid_fen: Option<Option<i64>>,
    /// 受奖励人次
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    persons: Option<Option<i64>>,
}

impl Document for FollowUpIn {}

impl From<FollowUpIn> for FollowUpInput {
    fn from(body: FollowUpIn) -> Self {
        Self {
            registration_number: body.registration_number,
            survey_year: body.survey_year,
            tax_relevant: body.tax_relevant,
            fulfilled: body.fulfilled,
            due_fen: body.due_fen,
            received_fen: body.received_fen,
            entitled: body.entitled,
            enjoyed: body.enjoyed,
            vat_exempted_fen: body.vat_exempted_fen,
            income_tax_reduced_fen: body.income_tax_reduced_fen,
            reward_due: body.reward_due,
            reward_issued: body.reward_issued,
            net_income_fen: body.net_income_fen,
            reward_paid_fen: body.reward_paid_fen,
            persons: body.persons,
        }
    }
}

/// Something doubtful about a follow-up.
#[derive(Debug, Serialize, ToSchema)]
pub struct FollowUpCheckOut {
    id: &'static str,
    /// `warning`: it refuses nothing.
    severity: &'static str,
    message: String,
    pointer: &'static str,
}

/// A follow-up as it is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct FollowUpOut {
    /// Its address: registration number and year.
    id: String,
    /// Rises with every write: what `If-Match` must name.
    version: i64,
    /// 登记编号 of a registered contract; stays.
    registration_number: String,
    /// The year of the survey; stays.
    survey_year: i32,
    /// 是否涉税
    tax_relevant: bool,
    /// 是否履行
    fulfilled: bool,
    /// 应到账额
    due_fen: i64,
    /// 实到账额
    received_fen: i64,
    /// 应享税收优惠
    entitled: bool,
    /// 实享税收优惠
    enjoyed: bool,
    /// 增值税免税额
    vat_exempted_fen: i64,
    /// 企业所得税减免额
    income_tax_reduced_fen: i64,
    /// 应发奖酬金
    reward_due: bool,
    /// 已发奖酬金
    reward_issued: bool,
    /// 净收益额; null where not surveyed
    net_income_fen: Option<i64>,
    /// 实发奖酬金
    reward_paid_fen: i64,
    /// 受奖励人次
    persons: i64,
    checks: Vec<FollowUpCheckOut>,
}

fn id_of(view: &FollowUpView) -> String {
    format!("{}-{}", view.row.registration_number, view.row.survey_year)
}

impl From<&FollowUpView> for FollowUpOut {
    fn from(view: &FollowUpView) -> Self {
        let row = view.row.clone();
        let checks = view.checks.iter().map(|check| FollowUpCheckOut {
            id: check.id,
            severity: "warning",
            message: check.message.clone(),
            pointer: check.pointer,
        });
        Self {
            id: id_of(view),
            version: view.version,
            registration_number: row.registration_number,
            survey_year: row.survey_year,
            tax_relevant: row.tax_relevant,
            fulfilled: row.fulfilled,
            due_fen: row.due_fen,
            received_fen: row.received_fen,
            entitled: row.entitled,
            enjoyed: row.enjoyed,
            vat_exempted_fen: row.vat_exempted_fen,
            income_tax_reduced_fen: row.income_tax_reduced_fen,
            reward_due: row.reward_due,
            reward_issued: row.reward_issued,
            net_income_fen: row.net_income_fen,
            reward_paid_fen: row.reward_paid_fen,
            persons: row.persons,
            checks: checks.collect(),
        }
    }
}

/// A page of follow-ups.
#[derive(Debug, Serialize, ToSchema)]
pub struct FollowUpPage {
    items: Vec<FollowUpOut>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
    /// How many of the year have something doubtful about them.
    flagged: usize,
}

/// Registration number and year of an address; what is none is the address of nothing.
fn identity(id: &str) -> Result<Identity, Error> {
    let found = id
        .rsplit_once('-')
        .and_then(|(number, year)| Some((number.to_owned(), year.parse().ok()?)));
    found
        .filter(|(number, _)| !number.contains('\0'))
        .ok_or(Error::NotFound)
}

fn render_created(view: &FollowUpView) -> Result<StoredAnswer, Error> {
    stored_version(
        &FollowUpOut::from(view),
        view.version,
        201,
        Some(format!("/api/v1/follow-ups/{}", id_of(view))),
    )
}

fn render_changed(view: &FollowUpView) -> Result<StoredAnswer, Error> {
    stored_version(&FollowUpOut::from(view), view.version, 200, None)
}

/// List follow-ups by year and registration number, with what is doubtful about them.
#[utoipa::path(tag = "follow-ups", security(("bearer" = [])),
    params(("year" = Option<i32>, Query, description = "Of the survey made in this year"),
        ("flag" = Option<String>, Query, description = "With this doubt (id of a check), or `any`"),
        ("limit" = Option<i64>, Query, description = "1–100, default 20"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = FollowUpPage), Refusals))]
#[get("/follow-ups")]
pub async fn list_follow_ups(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut query = Query::parse(request.query_string());
    let year = query
        .integer("year", 1900..=2200)
        .and_then(|year| i32::try_from(year).ok());
    let flag = query.text("flag");
    if flag
        .as_deref()
        .is_some_and(|flag| flag != "any" && !CHECKS.contains(&flag))
    {
        query.error("flag", "unknown_code", "不认识的检查项。");
    }
    let after = query.text("cursor").and_then(|cursor| {
        let bytes = URL_SAFE_NO_PAD.decode(&cursor).ok();
        let after = bytes.and_then(|bytes| identity(&String::from_utf8(bytes).ok()?).ok());
        if after.is_none() {
            query.error("cursor", "malformed_cursor", "cursor 无效。");
        }
        after
    });
    let limit = query.integer("limit", 1..=100).unwrap_or(20);
    query.finish().map_err(Problem::invalid)?;
    let limit = usize::try_from(limit).unwrap_or(20);
    let asked = FollowUpQuery {
        year,
        flag,
        after,
        limit,
    };
    let found = follow_ups::list(&ctx, &caller.0.actor, asked).await?;
    let last = found.items.last().filter(|_| found.more);
    Ok(HttpResponse::Ok().json(FollowUpPage {
        next_cursor: last.map(|view| URL_SAFE_NO_PAD.encode(id_of(view))),
        flagged: found.flagged,
        items: found.items.iter().map(FollowUpOut::from).collect(),
    }))
}

/// Record the follow-up of a contract in a survey.
#[utoipa::path(tag = "follow-ups", request_body = FollowUpIn, security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 201, body = FollowUpOut, headers(("Location" = String))), Refusals))]
#[post("/follow-ups")]
pub async fn create_follow_up(ctx: web::Data<Context>, change: Change<FollowUpIn>) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_created);
    answer(
        follow_ups::create(&ctx, command, body.map(FollowUpInput::from)).await?,
        render_created,
    )
}

/// Read a follow-up.
#[utoipa::path(tag = "follow-ups", security(("bearer" = [])),
    params(("id" = String, Path, description = "`<registration number>-<year>`")),
    responses((status = 200, body = FollowUpOut), Refusals))]
#[get("/follow-ups/{id}")]
pub async fn read_follow_up(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    crate::usecases::statistics::may_read(&caller.0.actor)?;
    let view = follow_ups::read(&ctx, &caller.0.actor, identity(&path)?).await?;
    Ok(versioned(&FollowUpOut::from(&view), view.version))
}

/// Change a follow-up (RFC 7396 merge patch).
#[utoipa::path(tag = "follow-ups", request_body(content = FollowUpIn, content_type = "application/merge-patch+json"),
    security(("bearer" = [])), params(("id" = String, Path, description = "`<registration number>-<year>`"),
        ("If-Match" = Option<String>, Header, description = "\"<version>\"")),
    responses((status = 200, body = FollowUpOut, headers(("ETag" = String))), Refusals))]
#[patch("/follow-ups/{id}")]
pub async fn change_follow_up(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<FollowUpIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_changed);
    follow_ups::may_keep(&command.actor)?;
    let done = follow_ups::change(&ctx, command, identity(&path)?, body.map(FollowUpInput::from)).await?;
    answer(done, render_changed)
}

/// Remove a follow-up that was recorded by mistake. The ledger keeps what it said.
#[utoipa::path(tag = "follow-ups", security(("bearer" = [])),
    params(("id" = String, Path, description = "`<registration number>-<year>`"),
        ("If-Match" = Option<String>, Header, description = "\"<version>\"")),
    responses((status = 204), Refusals))]
#[delete("/follow-ups/{id}")]
pub async fn remove_follow_up(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<RemoveIn>,
) -> Result<HttpResponse, Problem> {
    let (command, _) = change.into_parts(|()| Err(Error::internal("a removal has no answer to keep")));
    follow_ups::may_keep(&command.actor)?;
    follow_ups::remove(&ctx, command, identity(&path)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
