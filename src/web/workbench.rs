//! 工作台: what waits for whoever opens it.

use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;

use super::{
    refusal::Refusal,
    shell::{Shell, ok},
    visitor::Visitor,
};
use crate::{
    http::query::Query,
    usecases::{Context, work_queues},
};

#[derive(Template)]
#[template(path = "workbench.html")]
struct WorkbenchPage {
    shell: Shell,
    queues: Vec<QueueCard>,
}

struct QueueCard {
    title: &'static str,
    count: String,
    href: String,
    waits: bool,
}

#[get("/")]
pub async fn show_workbench(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    query.finish()?;
    let counts = work_queues::counts(&ctx, visitor.caller.actor.clone()).await?;
    let queues = counts.into_iter().map(|counted| QueueCard {
        title: counted.queue.title(),
        count: format!("{}{}", counted.contracts, if counted.more { "+" } else { "" }),
        href: format!("/contracts?queue={}", counted.queue.id()),
        waits: counted.contracts > 0,
    });
    Ok(ok(&WorkbenchPage {
        queues: queues.collect(),
        shell: visitor.shell("工作台").at("/").done(done.as_deref()),
    }))
}
