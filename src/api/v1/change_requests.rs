//! `/contracts/{id}/change-requests` and `/change-requests`: what agencies ask to be changed in confirmed contracts.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::{
    acts::ReasonIn,
    contract_in::{ContractIn, apply},
};
use crate::{
    api::{
        answer::{KeyPage, answer, key, stored},
        extract::{Caller, Change},
        json::Document,
        openapi::Refusals,
        problem::Problem,
    },
    domain::{
        change_request::{ChangeKind, RequestState},
        error::FieldError,
    },
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        change_requests::{
            self, ChangeRequestView,
            approve::ApproveInput,
            list::{ChangeRequestQuery, Page},
            request::{Proposed, RequestInput},
        },
    },
};

/// What is asked for.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ChangeRequestIn {
    /// `amend` or `cancel`.
    #[schema(example = "amend")]
    kind: Option<String>,
    /// For `amend`: a merge patch (RFC 7396) over the content.
    #[schema(value_type = Option<ContractIn>)]
    changes: Option<Map<String, Value>>,
    /// For `cancel`: code list `cancellation_ground`.
    ground: Option<String>,
    reason: Option<String>,
    /// Keys of attachments of the contract, the evidence.
    attachments: Option<Vec<i64>>,
}

impl Document for ChangeRequestIn {
    const ARRAYS: &'static [&'static str] = &["/attachments"];
}

/// What goes with an approval.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ApproveIn {
    note: Option<String>,
    document_number: Option<String>,
}

impl Document for ApproveIn {}

/// A request for a change of a confirmed contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeRequestOut {
    id: i64,
    contract_id: i64,
    /// 登记编号 of the contract.
    registration_number: Option<String>,
    /// 合同名称 as it is now.
    project_name: Option<String>,
    /// `amend` or `cancel`.
    kind: &'static str,
    /// `open`, `approved`, `refused`, `withdrawn`; `closed` where the contract ended otherwise.
    #[schema(example = "open")]
    state: &'static str,
    /// `amend`: the merge patch as it came.
    #[schema(value_type = Option<Object>)]
    changes: Option<Value>,
    /// `cancel`: code list `cancellation_ground`.
    ground: Option<String>,
    reason: String,
    attachments: Vec<i64>,
    /// Version of the contract that the request was made on.
    base_version: i64,
    /// Revision of the contract that the request was made on.
    base_revision: i64,
    requested_by: String,
    /// RFC 3339.
    requested_at: String,
    decided_by: Option<String>,
    /// RFC 3339.
    decided_at: Option<String>,
    /// Why it was refused, withdrawn or closed; the note of an approval.
    decision_reason: Option<String>,
    document_number: Option<String>,
    /// What the caller may do now: `approve`, `refuse`, `withdraw`.
    available_actions: Vec<&'static str>,
}

impl From<&ChangeRequestView> for ChangeRequestOut {
    fn from(view: &ChangeRequestView) -> Self {
        let (r, decided) = (view.request.clone(), view.request.decided.clone());
        Self {
            id: r.id,
            contract_id: r.contract_id,
            registration_number: view.registration_number.clone(),
            project_name: view.project_name.clone(),
            kind: r.kind.id(),
            state: r.state().id(),
            changes: r.changes,
            ground: r.ground,
            reason: r.reason,
            attachments: r.attachments,
            base_version: r.base_version,
            base_revision: r.base_revision,
            requested_by: r.requested_by,
            requested_at: r.requested_at.to_string(),
            decided_by: decided.as_ref().map(|d| d.by.clone()),
            decided_at: decided.as_ref().map(|d| d.at.to_string()),
            decision_reason: decided.as_ref().and_then(|d| d.reason.clone()),
            document_number: decided.and_then(|d| d.document_number),
            available_actions: view.available_actions.iter().map(|a| a.id()).collect(),
        }
    }
}

/// A page of requests, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeRequestPage {
    items: Vec<ChangeRequestOut>,
    /// To be given as `cursor`; null on the last page.
    next_cursor: Option<String>,
}

impl From<Page> for ChangeRequestPage {
    fn from(page: Page) -> Self {
        Self {
            items: page.items.iter().map(ChangeRequestOut::from).collect(),
            next_cursor: page.next.map(KeyPage::cursor),
        }
    }
}

/// Filters of the requests of one contract.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; Query reads them")]
struct OfContractParams {
    /// One or more, separated by commas: `open`, `approved`, `refused`, `withdrawn`, `closed`.
    state: Option<String>,
    /// One or more, separated by commas: `amend`, `cancel`.
    kind: Option<String>,
    /// A user name, or `me`.
    requested_by: Option<String>,
    /// 1–100, default 20.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Filters of all requests.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; Query reads them")]
struct ChangeRequestListParams {
    /// Six digits.
    agency: Option<String>,
    /// One or more, separated by commas: `open`, `approved`, `refused`, `withdrawn`, `closed`.
    state: Option<String>,
    /// One or more, separated by commas: `amend`, `cancel`.
    kind: Option<String>,
    /// A user name, or `me`.
    requested_by: Option<String>,
    /// 1–100, default 20.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

fn read_filters(query: &mut Query, me: &str) -> ChangeRequestQuery {
    let page = KeyPage::read(query);
    let person = |name: String| if name == "me" { me.to_owned() } else { name };
    ChangeRequestQuery {
        agency_id: None,
        contract_id: None,
        states: query.list("state", RequestState::from_id),
        kinds: query.list("kind", ChangeKind::from_id),
        requested_by: query.text("requested_by").map(person),
        after: page.after,
        limit: page.limit,
    }
}

fn render_created(view: &ChangeRequestView) -> Result<StoredAnswer, Error> {
    let location = format!("/api/v1/change-requests/{}", view.request.id);
    stored(&ChangeRequestOut::from(view), 201, Some(location))
}

fn render(view: &ChangeRequestView) -> Result<StoredAnswer, Error> {
    stored(&ChangeRequestOut::from(view), 200, None)
}

impl From<ChangeRequestIn> for RequestInput {
    fn from(body: ChangeRequestIn) -> Self {
        Self {
            kind: body.kind,
            changes: body.changes.map(|fields| Proposed {
                patch: Value::Object(fields),
                apply,
            }),
            ground: body.ground,
            reason: body.reason,
            attachments: body.attachments.unwrap_or_default(),
        }
    }
}

/// Ask for an amendment or the cancellation of a confirmed contract.
#[utoipa::path(tag = "change requests", request_body = ChangeRequestIn, security(("bearer" = [])),
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header, description = "\"<version>\" of the contract"),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 201, body = ChangeRequestOut, headers(("Location" = String))), Refusals))]
#[post("/contracts/{id}/change-requests")]
pub async fn create_change_request(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ChangeRequestIn>,
) -> Result<HttpResponse, Problem> {
    let id = key(&path)?;
    let (command, body) = change.into_parts(render_created);
    let done = change_requests::request::request(&ctx, command, id, body.map(RequestInput::from)).await?;
    answer(done, render_created)
}

/// List the change requests of a contract, the newest first.
#[utoipa::path(tag = "change requests", security(("bearer" = [])), params(("id" = i64, Path), OfContractParams),
    responses((status = 200, body = ChangeRequestPage), Refusals))]
#[get("/contracts/{id}/change-requests")]
pub async fn list_contract_change_requests(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let id = key(&path)?;
    let actor = caller.0.actor;
    let mut query = Query::parse(request.query_string());
    let filters = read_filters(&mut query, &actor.username);
    // What is wrong with the filters is told only to whoever may know of the contract.
    let wrong: Option<Vec<FieldError>> = query.finish().err();
    let page = change_requests::list::list_of_contract(&ctx, actor, id, filters).await?;
    if let Some(errors) = wrong {
        return Err(Problem::invalid(errors));
    }
    Ok(HttpResponse::Ok().json(ChangeRequestPage::from(page)))
}

/// List the change requests that the caller may see, the newest first.
#[utoipa::path(tag = "change requests", security(("bearer" = [])), params(ChangeRequestListParams),
    responses((status = 200, body = ChangeRequestPage), Refusals))]
#[get("/change-requests")]
pub async fn list_change_requests(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let actor = caller.0.actor;
    let mut query = Query::parse(request.query_string());
    let filters = read_filters(&mut query, &actor.username);
    let agency = query.text("agency");
    query.finish().map_err(Problem::invalid)?;
    let page = change_requests::list::list(&ctx, actor, agency, filters).await?;
    Ok(HttpResponse::Ok().json(ChangeRequestPage::from(page)))
}

/// Read a change request.
#[utoipa::path(tag = "change requests", security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 200, body = ChangeRequestOut), Refusals))]
#[get("/change-requests/{id}")]
pub async fn read_change_request(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = change_requests::read::read(&ctx, caller.0.actor, key(&path)?).await?;
    Ok(HttpResponse::Ok().json(ChangeRequestOut::from(&view)))
}

/// Approve a change request: the contract is amended or cancelled.
#[utoipa::path(tag = "change requests", request_body = ApproveIn, security(("bearer" = [])),
    params(("id" = i64, Path), ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = ChangeRequestOut), Refusals))]
#[post("/change-requests/{id}/approve")]
pub async fn approve_change_request(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ApproveIn>,
) -> Result<HttpResponse, Problem> {
    let id = key(&path)?;
    let (command, body) = change.into_parts(render);
    let input = body.map(|b| ApproveInput {
        note: b.note,
        document_number: b.document_number,
    });
    answer(
        change_requests::approve::approve(&ctx, command, id, input).await?,
        render,
    )
}

/// Refuse a change request: the contract stays as it is.
#[utoipa::path(tag = "change requests", request_body = ReasonIn, security(("bearer" = [])),
    params(("id" = i64, Path), ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = ChangeRequestOut), Refusals))]
#[post("/change-requests/{id}/refuse")]
pub async fn refuse_change_request(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ReasonIn>,
) -> Result<HttpResponse, Problem> {
    let id = key(&path)?;
    let (command, body) = change.into_parts(render);
    let done = change_requests::refuse::refuse(&ctx, command, id, body.map(|b| b.reason)).await?;
    answer(done, render)
}

/// Take a change request back.
#[utoipa::path(tag = "change requests", request_body = ReasonIn, security(("bearer" = [])),
    params(("id" = i64, Path), ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = ChangeRequestOut), Refusals))]
#[post("/change-requests/{id}/withdraw")]
pub async fn withdraw_change_request(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ReasonIn>,
) -> Result<HttpResponse, Problem> {
    let id = key(&path)?;
    let (command, body) = change.into_parts(render);
    let done = change_requests::withdraw::withdraw(&ctx, command, id, body.map(|b| b.reason)).await?;
    answer(done, render)
}
