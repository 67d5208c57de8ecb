//! `/expert-reviews`: expert panels 专家论证.

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};

use super::{
    expert_review_in::{ConcludeIn, ConveneIn, ExpertReviewPatch, OpinionIn, RecuseIn, VotingIn},
    expert_review_out::{ExpertReviewOut, ExpertReviewPage, OpinionOut, OpinionPage, RecusalOut, RecusalPage},
};
use crate::{
    api::{
        answer::{KeyPage, answer, key, stored},
        extract::{Caller, Change},
        openapi::Refusals,
        problem::Problem,
    },
    documents::expert_minutes,
    domain::expert_review::{PanelState, Recusal},
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        expert_reviews::{
            OpinionView, PanelView,
            close_voting::close_voting,
            conclude::conclude,
            convene::convene,
            edit::edit,
            give_opinion::give_opinion,
            minutes::{minutes, minutes_pdf},
            open_voting::open_voting,
            read,
            recuse::recuse,
        },
    },
};

fn render(view: &PanelView) -> Result<StoredAnswer, Error> {
    stored(&ExpertReviewOut::from(view.clone()), 200, None)
}

fn render_convened(view: &PanelView) -> Result<StoredAnswer, Error> {
    let location = format!("/api/v1/expert-reviews/{}", view.review.id);
    stored(&ExpertReviewOut::from(view.clone()), 201, Some(location))
}

fn render_opinion(view: &OpinionView) -> Result<StoredAnswer, Error> {
    let status = if view.replaced { 200 } else { 201 };
    stored(&OpinionOut::from(view.clone()), status, None)
}

#[expect(clippy::ptr_arg, reason = "renders what the use case answers, which is a Vec")]
fn render_recusals(made: &Vec<Recusal>) -> Result<StoredAnswer, Error> {
    let page = RecusalPage {
        items: made.iter().cloned().map(RecusalOut::from).collect(),
        next_cursor: None,
    };
    stored(&page, 201, None)
}

/// Cuts a page out of what is listed by key.
fn cut<T>(mut items: Vec<T>, page: KeyPage, id: fn(&T) -> i64) -> (Vec<T>, Option<String>) {
    items.retain(|item| page.after.is_none_or(|after| id(item) > after));
    page.cut(items, id)
}

/// Convene a panel over contracts that wait for experts.
#[utoipa::path(tag = "expert-reviews", request_body = ConveneIn, security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 201, body = ExpertReviewOut, headers(("Location" = String))), Refusals))]
#[post("/expert-reviews")]
pub async fn convene_expert_review(
    ctx: web::Data<Context>,
    change: Change<ConveneIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_convened);
    answer(convene(&ctx, command, body.map(Into::into)).await?, render_convened)
}

/// List the panels that the caller may know of, the newest first.
#[utoipa::path(tag = "expert-reviews", security(("bearer" = [])),
    params(("state" = Option<String>, Query, description = "`open` or `closed`"),
        ("limit" = Option<i64>, Query, description = "1–100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = ExpertReviewPage), Refusals))]
#[get("/expert-reviews")]
pub async fn list_expert_reviews(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    let state = query.one_of("state", PanelState::from_id);
    query.finish().map_err(Problem::invalid)?;
    let views = read::list(&ctx, caller.0.actor, state, page.after, page.limit).await?;
    let (views, next_cursor) = page.cut(views, |v| v.review.id);
    Ok(HttpResponse::Ok().json(ExpertReviewPage {
        items: views.into_iter().map(ExpertReviewOut::from).collect(),
        next_cursor,
    }))
}

/// Read one panel.
#[utoipa::path(tag = "expert-reviews", security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 200, body = ExpertReviewOut), Refusals))]
#[get("/expert-reviews/{id}")]
pub async fn read_expert_review(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = read::read(&ctx, caller.0.actor, key(&path)?).await?;
    Ok(HttpResponse::Ok().json(ExpertReviewOut::from(view)))
}

/// Change a panel (RFC 7396 merge patch); `contracts` are taken in beside those it has.
#[utoipa::path(tag = "expert-reviews",
    request_body(content = ExpertReviewPatch, content_type = "application/merge-patch+json"),
    security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 200, body = ExpertReviewOut), Refusals))]
#[patch("/expert-reviews/{id}")]
pub async fn edit_expert_review(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ExpertReviewPatch>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render);
    answer(edit(&ctx, command, key(&path)?, body.map(Into::into)).await?, render)
}

/// Stay out of one contract of a panel, or of the whole panel.
#[utoipa::path(tag = "expert-reviews", request_body = RecuseIn, security(("bearer" = [])),
    params(("id" = i64, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 201, body = RecusalPage), Refusals))]
#[post("/expert-reviews/{id}/recusals")]
pub async fn recuse_expert(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<RecuseIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_recusals);
    let done = recuse(&ctx, command, key(&path)?, body.map(Into::into)).await?;
    answer(done, render_recusals)
}

/// List the recusals of a panel; an expert sees those of the contracts that he or she sees.
#[utoipa::path(tag = "expert-reviews", security(("bearer" = [])),
    params(("id" = i64, Path), ("limit" = Option<i64>, Query, description = "1–100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = RecusalPage), Refusals))]
#[get("/expert-reviews/{id}/recusals")]
pub async fn list_expert_recusals(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let recusals = read::recusals(&ctx, caller.0.actor, key(&path)?).await?;
    let page = read_page(&request)?;
    let (recusals, next_cursor) = cut(recusals, page, |r| r.id);
    Ok(HttpResponse::Ok().json(RecusalPage {
        items: recusals.into_iter().map(RecusalOut::from).collect(),
        next_cursor,
    }))
}

/// Vote on a contract of a panel, or replace the own vote while voting is open.
#[utoipa::path(tag = "expert-reviews", request_body = OpinionIn, security(("bearer" = [])),
    params(("id" = i64, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 201, body = OpinionOut), (status = 200, body = OpinionOut, description = "Replaced"), Refusals))]
#[post("/expert-reviews/{id}/opinions")]
pub async fn give_expert_opinion(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<OpinionIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_opinion);
    let done = give_opinion(&ctx, command, key(&path)?, body.map(Into::into)).await?;
    answer(done, render_opinion)
}

/// List opinions: the own ones; those of the panel once voting is closed; all once the panel is closed.
#[utoipa::path(tag = "expert-reviews", security(("bearer" = [])),
    params(("id" = i64, Path), ("limit" = Option<i64>, Query, description = "1–100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = OpinionPage), Refusals))]
#[get("/expert-reviews/{id}/opinions")]
pub async fn list_expert_opinions(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let opinions = read::opinions(&ctx, caller.0.actor, key(&path)?).await?;
    let page = read_page(&request)?;
    let (opinions, next_cursor) = cut(opinions, page, |o| o.opinion.id);
    Ok(HttpResponse::Ok().json(OpinionPage {
        items: opinions.into_iter().map(OpinionOut::from).collect(),
        next_cursor,
    }))
}

fn read_page(request: &HttpRequest) -> Result<KeyPage, Problem> {
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    query.finish().map_err(Problem::invalid)?;
    Ok(page)
}

/// End the round of voting on a contract; its opinions are final from then on, and the panel reads them.
#[utoipa::path(tag = "expert-reviews", request_body = VotingIn, security(("bearer" = [])),
    params(("id" = i64, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = ExpertReviewOut), Refusals))]
#[post("/expert-reviews/{id}/close-voting")]
pub async fn close_expert_voting(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<VotingIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render);
    let done = close_voting(&ctx, command, key(&path)?, body.map(Into::into)).await?;
    answer(done, render)
}

/// Open another round of voting on a contract whose last one gave no majority.
#[utoipa::path(tag = "expert-reviews", request_body = VotingIn, security(("bearer" = [])),
    params(("id" = i64, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = ExpertReviewOut), Refusals))]
#[post("/expert-reviews/{id}/open-voting")]
pub async fn open_expert_voting(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<VotingIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render);
    let done = open_voting(&ctx, command, key(&path)?, body.map(Into::into)).await?;
    answer(done, render)
}

/// Draw the conclusion that the votes on a contract give, once voting is closed.
#[utoipa::path(tag = "expert-reviews", request_body = ConcludeIn, security(("bearer" = [])),
    params(("id" = i64, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = ExpertReviewOut), Refusals))]
#[post("/expert-reviews/{id}/conclude")]
pub async fn conclude_expert_review(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ConcludeIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render);
    answer(
        conclude(&ctx, command, key(&path)?, body.map(Into::into)).await?,
        render,
    )
}

/// The minutes 论证纪要 of a closed panel.
#[utoipa::path(tag = "expert-reviews", security(("bearer" = [])),
    params(("id" = i64, Path), ("format" = Option<String>, Query, description = "`text` (default) or `pdf`")),
    responses((status = 200, content((String = "text/plain"), (Vec<u8> = "application/pdf"))), Refusals))]
#[get("/expert-reviews/{id}/minutes")]
pub async fn read_expert_minutes(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.0.actor, key(&path)?);
    let mut query = Query::parse(request.query_string());
    let format = query.text("format");
    if format.as_deref().is_some_and(|f| !["text", "pdf"].contains(&f)) {
        query.error("format", "unknown_code", "应为 text 或 pdf。");
    }
    // What the caller may not know of, and what is not there yet, is told before a wrong parameter.
    let minutes = minutes(&ctx, actor.clone(), id).await?;
    query.finish().map_err(Problem::invalid)?;
    if format.as_deref() == Some("pdf") {
        return Ok(HttpResponse::Ok()
            .content_type("application/pdf")
            .body(minutes_pdf(&ctx, actor, id).await?));
    }
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(expert_minutes::text(&minutes)))
}
