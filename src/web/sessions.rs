//! `/sessions`: where the visitor is logged in, and ending what is not needed or known any more.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;

use super::{
    cookies::no_session_cookie,
    posted::Posted,
    refusal::{Refusal, redirect},
    shell::{Shell, ok},
    show::minute,
    visitor::Visitor,
};
use crate::{
    http::query::Query,
    usecases::{
        Context, Error,
        accounts::{SessionView, end_other_sessions, end_session, list_sessions},
    },
};

/// Where it is.
const PLACE: &str = "/sessions";

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage {
    shell: Shell,
    sessions: Vec<SessionLine>,
    /// Whether there are others than the one that asks.
    others: bool,
}

/// A session in words.
struct SessionLine {
    id: String,
    is_current: bool,
    way: &'static str,
    opened: String,
    seen: String,
    until: String,
    address: String,
    client: String,
}

impl From<SessionView> for SessionLine {
    fn from(view: SessionView) -> Self {
        let session = view.session;
        Self {
            is_current: view.is_current,
            way: if session.is_page { "网页" } else { "接口" },
            opened: minute(session.created_at),
            seen: minute(session.seen_at),
            until: minute(session.expires_at),
            address: session.opened.address.unwrap_or_else(|| "未记录".to_owned()),
            client: session.opened.client.unwrap_or_else(|| "未记录".to_owned()),
            id: session.id,
        }
    }
}

#[get("/sessions")]
pub async fn show_sessions(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    query.finish()?;
    let sessions = list_sessions(&ctx, &visitor.caller).await?;
    Ok(ok(&SessionsPage {
        shell: visitor.shell("登录情况").done(done.as_deref()),
        others: sessions.iter().any(|view| !view.is_current),
        sessions: sessions.into_iter().map(SessionLine::from).collect(),
    }))
}

#[post("/sessions/others")]
pub async fn end_others(ctx: web::Data<Context>, posted: Posted) -> Result<HttpResponse, Refusal> {
    end_other_sessions(&ctx, &posted.visitor.caller).await?;
    Ok(redirect(&format!("{PLACE}?done=others_ended")))
}

#[post("/sessions/{id}/end")]
pub async fn end_one(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let caller = &posted.visitor.caller;
    let id = path.into_inner();
    let own = caller.session_id == id;
    end_session(&ctx, caller, id).await?;
    if !own {
        return Ok(redirect(&format!("{PLACE}?done=session_ended")));
    }
    let mut response = redirect("/login");
    response.add_cookie(&no_session_cookie(&ctx)).map_err(Error::internal)?;
    Ok(response)
}
