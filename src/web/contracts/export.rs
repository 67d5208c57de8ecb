//! The list as a file: the same filters, order and columns as on the page.

use actix_web::{HttpRequest, HttpResponse, get, http::header, web};

use super::filters::Asked;
use crate::{
    documents::list_xlsx::{ListCell, ListXlsx},
    http::download::disposition,
    usecases::{Context, Error, contracts, errand::in_thread, work_queues},
    web::{refusal::Refusal, visitor::Visitor},
};

/// Contracts of a file.
const MOST: usize = 20_000;

#[get("/contracts/export.xlsx")]
pub async fn export_contracts(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let asked = Asked::read(&ctx, &visitor, request.query_string());
    if !asked.errors.is_empty() {
        return Err(asked.errors.into());
    }
    let names = visitor.names;
    let actor = visitor.caller.actor;
    let mut query = asked.query;
    let queue = asked.queue.map(|queue| work_queues::queue_of(&ctx, &actor, queue));
    query.queue = queue.transpose().map_err(Error::from)?;
    let columns = asked.columns;
    let heads: Vec<(&str, f64)> = columns.iter().map(|c| (c.label, c.width)).collect();
    let file = ListXlsx::new("合同", &heads).map_err(Error::internal)?;
    let context = ctx.clone();
    let file = contracts::list::all(&ctx, actor, query, MOST, file, move |file, contract| {
        let contract = &names.in_contract(contract);
        let cells: Vec<ListCell> = columns
            .iter()
            .map(|c| (c.value)(&context.catalogue, contract))
            .collect();
        file.write(&cells).map_err(Error::internal)
    })
    .await?;
    let bytes = in_thread(move || file.finish().map_err(Error::internal));
    let bytes = ctx.heavy.run(bytes).await?;
    let name = format!("合同列表-{}.xlsx", ctx.clock.today());
    Ok(HttpResponse::Ok()
        .content_type("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        .insert_header((header::CONTENT_DISPOSITION, disposition(false, &name)))
        .body(bytes))
}
