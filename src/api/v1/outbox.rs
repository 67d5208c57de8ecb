//! `/outbox`: where mail stands, for administrators and auditors. Never its words.

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
    domain::{policy, time::Moment},
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        messages::{self, Mail, MailState},
    },
};

/// A page of the outbox, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailPage {
    items: Vec<MailOut>,
    /// To be given as `cursor`; null where nothing comes after it.
    next_cursor: Option<String>,
}

/// A mail without its words.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailOut {
    id: i64,
    /// Whom it is to.
    username: String,
    address: String,
    /// What it is about.
    #[schema(example = "returned")]
    kind: String,
    /// `Message-ID`, the same at every attempt.
    header_id: String,
    /// `pending`, `sending`, `sent` or `dead`.
    state: &'static str,
    attempts: i64,
    /// When it is due; while someone sends it, until when; null where nothing is to come.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Moment>,
    /// Why the last attempt failed.
    last_error: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    #[schema(value_type = Option<String>, format = DateTime)]
    sent_at: Option<Moment>,
}

impl From<Mail> for MailOut {
    fn from(m: Mail) -> Self {
        Self {
            id: m.id,
            username: m.username,
            address: m.address,
            kind: m.kind,
            header_id: m.header_id,
            state: m.state.id(),
            attempts: m.attempts,
            due_at: m.due_at,
            last_error: m.last_error,
            created_at: m.created_at,
            sent_at: m.sent_at,
        }
    }
}

fn render(mail: &Mail) -> Result<StoredAnswer, Error> {
    stored(&MailOut::from(mail.clone()), 200, None)
}

/// Mails and where they stand, newest first.
#[utoipa::path(tag = "outbox", security(("bearer" = [])),
    params(("state" = Option<String>, Query, description = "`pending`, `sending`, `sent` or `dead`"),
        ("limit" = Option<i64>, Query, description = "1–100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = MailPage), Refusals))]
#[get("/outbox")]
pub async fn list_mails(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    policy::decide_read_outbox(&caller.0.actor).map_err(Error::from)?;
    let mut query = Query::parse(request.query_string());
    let state = query.one_of("state", MailState::from_id);
    let page = KeyPage::read(&mut query);
    query.finish().map_err(Problem::invalid)?;
    let found = messages::list_mails(&ctx, &caller.0.actor, state, page.after, page.limit + 1).await?;
    let (found, next_cursor) = page.cut(found, |m| m.id);
    Ok(HttpResponse::Ok().json(MailPage {
        next_cursor,
        items: found.into_iter().map(MailOut::from).collect(),
    }))
}

/// Send a dead letter, or a mail that waits for its next attempt, at once.
#[utoipa::path(tag = "outbox", request_body = NothingIn, security(("bearer" = [])),
    params(("id" = i64, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 200, body = MailOut), Refusals))]
#[post("/outbox/{id}/retry")]
pub async fn retry_mail(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<NothingIn>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render);
    let done = messages::retry_mail(&ctx, command, key(&path)?, body.map(|NothingIn {}| ())).await?;
    answer(done, render)
}
