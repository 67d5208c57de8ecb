//! `/code-lists/{name}`.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{extract::Caller, openapi::Refusals, problem::Problem},
    domain::code_list::ListName,
    usecases::{Context, Error},
};

/// A code list.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeListOut {
    name: &'static str,
    /// In Chinese.
    title: String,
    /// Where the list is from.
    source: String,
    items: Vec<CodeOut>,
}

/// One code.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeOut {
    id: String,
    /// In Chinese.
    label: String,
    /// Code that it belongs under: a subtype's type.
    parent: Option<String>,
    /// Group in the statistics.
    group: Option<String>,
}

/// Read a code list.
#[utoipa::path(tag = "code-lists", security(("bearer" = [])), params(("name" = String, Path)),
    responses((status = 200, body = CodeListOut), Refusals))]
#[get("/code-lists/{name}")]
pub async fn read_code_list(
    ctx: web::Data<Context>,
    _caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let name = ListName::from_id(&path).ok_or(Error::NotFound)?;
    let list = ctx.catalogue.list(name);
    let items = list.items().iter().map(|item| CodeOut {
        id: item.id.clone(),
        label: item.label.clone(),
        parent: item.parent.clone(),
        group: item.group.clone(),
    });
    Ok(HttpResponse::Ok().json(CodeListOut {
        name: name.id(),
        title: list.title.clone(),
        source: list.source.clone(),
        items: items.collect(),
    }))
}
