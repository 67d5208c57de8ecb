//! `/messages`: the own inbox.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::acts::NothingIn;
use crate::{
    api::{
        answer::{KeyPage, answer, key, stored},
        extract::{Caller, Change},
        openapi::Refusals,
        problem::Problem,
    },
    domain::time::Moment,
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        messages::{self, Message},
    },
};

/// A page of the inbox, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessagePage {
    items: Vec<MessageOut>,
    /// To be given as `cursor`; null where nothing comes after it.
    next_cursor: Option<String>,
}

/// A message.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageOut {
    id: i64,
    /// What it is about: `returned`, `confirmed`, `expert_invited` and so on.
    #[schema(example = "returned")]
    kind: String,
    subject: String,
    body: String,
    /// The contract that it is about.
    contract_id: Option<i64>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// When it was read first; null until then.
    #[schema(value_type = Option<String>, format = DateTime)]
    read_at: Option<Moment>,
}

/// How many messages were marked.
#[derive(Debug, Serialize, ToSchema)]
pub struct MarkedOut {
    marked: usize,
}

impl From<Message> for MessageOut {
    fn from(m: Message) -> Self {
        Self {
            id: m.id,
            kind: m.kind,
            subject: m.subject,
            body: m.body,
            contract_id: m.contract_id,
            created_at: m.created_at,
            read_at: m.read_at,
        }
    }
}

fn render(message: &Message) -> Result<StoredAnswer, Error> {
    stored(&MessageOut::from(message.clone()), 200, None)
}

fn render_marked(marked: &usize) -> Result<StoredAnswer, Error> {
    stored(&MarkedOut { marked: *marked }, 200, None)
}

/// Messages to the caller, newest first.
#[utoipa::path(tag = "messages", security(("bearer" = [])),
    params(("unread" = Option<bool>, Query, description = "`true`: only those that are not read"),
        ("limit" = Option<i64>, Query, description = "1–100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = MessagePage), Refusals))]
#[get("/messages")]
pub async fn list_messages(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut query = Query::parse(request.query_string());
    let unread = match query.text("unread").as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => {
            query.error("unread", "wrong_type", "应为 true 或 false。");
            false
        }
    };
    let page = KeyPage::read(&mut query);
    query.finish().map_err(Problem::invalid)?;
    let found = messages::list(&ctx, &caller.0.actor, unread, page.after, page.limit + 1).await?;
    let (found, next_cursor) = page.cut(found, |m| m.id);
    Ok(HttpResponse::Ok().json(MessagePage {
        next_cursor,
        items: found.into_iter().map(MessageOut::from).collect(),
    }))
}

/// One message to the caller.
#[utoipa::path(tag = "messages", security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 200, body = MessageOut), Refusals))]
#[get("/messages/{id}")]
pub async fn read_message(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let message = messages::read(&ctx, &caller.0.actor, key(&path)?).await?;
    Ok(HttpResponse::Ok().json(MessageOut::from(message)))
}

/// Mark one message to the caller as read.
#[utoipa::path(tag = "messages", request_body = NothingIn, security(("bearer" = [])),
    params(("id" = i64, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = MessageOut), Refusals))]
#[post("/messages/{id}/read")]
pub async fn mark_message_read(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<NothingIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render);
    let done = messages::mark_read(&ctx, command, key(&path)?, body.map(|NothingIn {}| ())).await?;
    answer(done, render)
}

/// Mark every message to the caller as read.
#[utoipa::path(tag = "messages", request_body = NothingIn, security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = MarkedOut), Refusals))]
#[post("/messages/all/read")]
pub async fn mark_all_messages_read(
    ctx: web::Data<Context>,
    change: Change<NothingIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_marked);
    let done = messages::mark_all_read(&ctx, command, body.map(|NothingIn {}| ())).await?;
    answer(done, render_marked)
}
