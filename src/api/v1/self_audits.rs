//! `/self-audits`.

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};

use super::{
    acts::ReasonIn,
    self_audit_in::{AssignIn, CompleteIn, FindingIn, SelfAuditIn},
    self_audit_out::{
        FindingOut, FindingPage, SelfAuditItemOut, SelfAuditItemPage, SelfAuditOut, SelfAuditPage, SelfAuditReportOut,
    },
};
use crate::{
    api::{
        answer::{KeyPage, answer, key, stored},
        extract::{Caller, Change},
        openapi::Refusals,
        problem::Problem,
    },
    documents::self_audit_text::self_audit_text,
    domain::self_audit::{AuditState, ItemState},
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        self_audits::{
            self, AuditView, Item, ItemQuery, SelfAudit, complete::CompleteInput, create::CreateInput,
            read::AuditQuery, record_finding::FindingInput,
        },
    },
};

fn location(id: i64) -> String {
    format!("/api/v1/self-audits/{id}")
}

fn render_created(view: &AuditView) -> Result<StoredAnswer, Error> {
    stored(&SelfAuditOut::from(view.clone()), 201, Some(location(view.audit.id)))
}

fn render(view: &AuditView) -> Result<StoredAnswer, Error> {
    stored(&SelfAuditOut::from(view.clone()), 200, None)
}

fn render_item((audit, item): &(SelfAudit, Item)) -> Result<StoredAnswer, Error> {
    stored(&SelfAuditItemOut::of(audit, item.clone()), 200, None)
}

fn render_finding((audit, item): &(SelfAudit, Item)) -> Result<StoredAnswer, Error> {
    let place = format!("{}/items/{}", location(audit.id), item.id);
    stored(&FindingOut::of(item), 201, Some(place))
}

/// Draw a self-audit and hand it out.
#[utoipa::path(tag = "self-audits", request_body = SelfAuditIn, security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 201, body = SelfAuditOut, headers(("Location" = String))), Refusals))]
#[post("/self-audits")]
pub async fn create_self_audit(ctx: web::Data<Context>, change: Change<SelfAuditIn>) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_created);
    let input = body.map(CreateInput::from);
    answer(self_audits::create::create(&ctx, command, input).await?, render_created)
}

/// List self-audits, the latest first.
#[utoipa::path(tag = "self-audits", security(("bearer" = [])),
    params(("year" = Option<i32>, Query), ("state" = Option<String>, Query, description = "`drawn`, `completed`, `abandoned`"),
        ("limit" = Option<i64>, Query, description = "1–100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = SelfAuditPage), Refusals))]
#[get("/self-audits")]
pub async fn list_self_audits(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    self_audits::read::may_read(&caller.0.actor)?;
    let mut query = Query::parse(request.query_string());
    let year = query.integer("year", 0..=9999).and_then(|y| i32::try_from(y).ok());
    let state = query.one_of("state", AuditState::from_id);
    let KeyPage { after, limit } = KeyPage::read(&mut query);
    query.finish().map_err(Problem::invalid)?;
    let asked = AuditQuery {
        year,
        state,
        after,
        limit,
    };
    let page = self_audits::read::list(&ctx, caller.0.actor, asked).await?;
    Ok(HttpResponse::Ok().json(SelfAuditPage {
        items: page.items.into_iter().map(SelfAuditOut::from).collect(),
        next_cursor: page.next.map(KeyPage::cursor),
    }))
}

/// Read one self-audit.
#[utoipa::path(tag = "self-audits", security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 200, body = SelfAuditOut), Refusals))]
#[get("/self-audits/{id}")]
pub async fn read_self_audit(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = self_audits::read::read(&ctx, caller.0.actor, key(&path)?).await?;
    Ok(HttpResponse::Ok().json(SelfAuditOut::from(view)))
}

/// List what a self-audit drew, in the order of drawing.
#[utoipa::path(tag = "self-audits", security(("bearer" = [])),
    params(("id" = i64, Path),
        ("assigned_to" = Option<String>, Query, description = "Username, `me`, or `-` for what nobody has"),
        ("state" = Option<String>, Query, description = "`open`, `right`, `wrong`"),
        ("limit" = Option<i64>, Query, description = "1–100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = SelfAuditItemPage), Refusals))]
#[get("/self-audits/{id}/items")]
pub async fn list_self_audit_items(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    self_audits::read::may_read(&caller.0.actor)?;
    let id = key(&path)?;
    let mut query = Query::parse(request.query_string());
    let assigned_to = query.text("assigned_to").map(|name| match name.as_str() {
        "-" => None,
        "me" => Some(caller.0.actor.username.clone()),
        _ => Some(name),
    });
    let state = query.one_of("state", ItemState::from_id);
    let KeyPage { after, limit } = KeyPage::read(&mut query);
    query.finish().map_err(Problem::invalid)?;
    let asked = ItemQuery {
        assigned_to,
        state,
        after,
        limit: Some(limit),
        ..ItemQuery::default()
    };
    let (audit, page) = self_audits::read::list_items(&ctx, caller.0.actor, id, asked).await?;
    Ok(HttpResponse::Ok().json(SelfAuditItemPage {
        next_cursor: page.next.map(KeyPage::cursor),
        items: page
            .items
            .into_iter()
            .map(|i| SelfAuditItemOut::of(&audit, i))
            .collect(),
    }))
}

/// Read one contract of a self-audit.
#[utoipa::path(tag = "self-audits", security(("bearer" = [])), params(("id" = i64, Path), ("item" = i64, Path)),
    responses((status = 200, body = SelfAuditItemOut), Refusals))]
#[get("/self-audits/{id}/items/{item}")]
pub async fn read_self_audit_item(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, item) = (key(&path.0)?, key(&path.1)?);
    let (audit, item) = self_audits::read::read_item(&ctx, caller.0.actor, id, item).await?;
    Ok(HttpResponse::Ok().json(SelfAuditItemOut::of(&audit, item)))
}

/// Hand one contract to another auditor.
#[utoipa::path(tag = "self-audits", request_body = AssignIn, security(("bearer" = [])),
    params(("id" = i64, Path), ("item" = i64, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = SelfAuditItemOut), Refusals))]
#[post("/self-audits/{id}/items/{item}/assign")]
pub async fn assign_self_audit_item(
    ctx: web::Data<Context>,
    path: web::Path<(String, String)>,
    change: Change<AssignIn>,
) -> Result<HttpResponse, Problem> {
    let (id, item) = (key(&path.0)?, key(&path.1)?);
    let (command, body) = change.into_parts(render_item);
    let done = self_audits::assign::assign(&ctx, command, id, item, body.map(|b| b.auditor)).await?;
    answer(done, render_item)
}

/// Say what was found about a contract; again, to replace one's own finding.
#[utoipa::path(tag = "self-audits", request_body = FindingIn, security(("bearer" = [])),
    params(("id" = i64, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 201, body = FindingOut, headers(("Location" = String, description = "The item"))), Refusals))]
#[post("/self-audits/{id}/findings")]
pub async fn record_self_audit_finding(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<FindingIn>,
) -> Result<HttpResponse, Problem> {
    let id = key(&path)?;
    let (command, body) = change.into_parts(render_finding);
    let input = body.map(FindingInput::from);
    let done = self_audits::record_finding::record_finding(&ctx, command, id, input).await?;
    answer(done, render_finding)
}

/// List what was found, in the order of drawing.
#[utoipa::path(tag = "self-audits", security(("bearer" = [])),
    params(("id" = i64, Path),
        ("verdict" = Option<String>, Query, description = "`right` or `wrong`"),
        ("limit" = Option<i64>, Query, description = "1–100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = FindingPage), Refusals))]
#[get("/self-audits/{id}/findings")]
pub async fn list_self_audit_findings(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    self_audits::read::may_read(&caller.0.actor)?;
    let id = key(&path)?;
    let mut query = Query::parse(request.query_string());
    let state = query.one_of("verdict", |v| ItemState::from_id(v).filter(|s| *s != ItemState::Open));
    let KeyPage { after, limit } = KeyPage::read(&mut query);
    query.finish().map_err(Problem::invalid)?;
    let asked = ItemQuery {
        state,
        judged: true,
        after,
        limit: Some(limit),
        ..ItemQuery::default()
    };
    let (_, page) = self_audits::read::list_items(&ctx, caller.0.actor, id, asked).await?;
    Ok(HttpResponse::Ok().json(FindingPage {
        items: page.items.iter().filter_map(FindingOut::of).collect(),
        next_cursor: page.next.map(KeyPage::cursor),
    }))
}

/// Complete a self-audit: what was found wrong is revoked, all or nothing.
#[utoipa::path(tag = "self-audits", request_body = CompleteIn, security(("bearer" = [])),
    params(("id" = i64, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = SelfAuditOut), Refusals))]
#[post("/self-audits/{id}/complete")]
pub async fn complete_self_audit(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<CompleteIn>,
) -> Result<HttpResponse, Problem> {
    let id = key(&path)?;
    let (command, body) = change.into_parts(render);
    let input = body.map(CompleteInput::from);
    answer(self_audits::complete::complete(&ctx, command, id, input).await?, render)
}

/// Give a self-audit up: nothing is revoked.
#[utoipa::path(tag = "self-audits", request_body = ReasonIn, security(("bearer" = [])),
    params(("id" = i64, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = SelfAuditOut), Refusals))]
#[post("/self-audits/{id}/abandon")]
pub async fn abandon_self_audit(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ReasonIn>,
) -> Result<HttpResponse, Problem> {
    let id = key(&path)?;
    let (command, body) = change.into_parts(render);
    let reason = body.map(|b| b.reason);
    answer(self_audits::abandon::abandon(&ctx, command, id, reason).await?, render)
}

/// The report of a self-audit, finished or not.
#[utoipa::path(tag = "self-audits", security(("bearer" = [])),
    params(("id" = i64, Path), ("format" = Option<String>, Query, description = "`json` (default) or `text`")),
    responses((status = 200, content((SelfAuditReportOut = "application/json"), (String = "text/plain"))), Refusals))]
#[get("/self-audits/{id}/report")]
pub async fn read_self_audit_report(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    self_audits::read::may_read(&caller.0.actor)?;
    let id = key(&path)?;
    let mut query = Query::parse(request.query_string());
    let text = query.one_of("format", |f| match f {
        "json" => Some(false),
        "text" => Some(true),
        _ => None,
    });
    query.finish().map_err(Problem::invalid)?;
    let (heading, report) = self_audits::report::read(&ctx, caller.0.actor, id).await?;
    if text == Some(true) {
        return Ok(HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
            .body(self_audit_text(&heading, &report, &ctx.catalogue)));
    }
    Ok(HttpResponse::Ok().json(SelfAuditReportOut::of(id, heading, report)))
}
