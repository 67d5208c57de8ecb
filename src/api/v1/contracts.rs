//! `/contracts` but for the actions, which are in `acts`.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use serde_json::Value;

use super::{
    contract_in::{ContractIn, ContractPatch, apply},
    contract_out::{ActOut, ContractOut, RevisionOut},
};
use crate::{
    api::{
        answer::{answer, key, respond},
        extract::{Caller, Change},
        openapi::Refusals,
        problem::Problem,
    },
    domain::error::FieldError,
    usecases::{
        Context, Error, StoredAnswer,
        contracts::{self, Checked, Command, ContractView, create::ContentPatch},
    },
};

/// The answer that tells of a contract: body, `ETag`, and `Location` for a new one.
fn render(view: &ContractView, status: u16) -> Result<StoredAnswer, Error> {
    let (id, version) = (view.contract.id, view.contract.version);
    Ok(StoredAnswer {
        status,
        etag: Some(format!("\"{version}\"")),
        location: (status == 201).then(|| format!("/api/v1/contracts/{id}")),
        body: serde_json::to_string(&ContractOut::from(view.clone())).map_err(Error::internal)?,
    })
}

pub(super) fn render_changed(view: &ContractView) -> Result<StoredAnswer, Error> {
    render(view, 200)
}

fn render_created(view: &ContractView) -> Result<StoredAnswer, Error> {
    render(view, 201)
}

fn content_patch(patch: Checked<ContractPatch>) -> ContentPatch {
    match patch {
        Ok(ContractPatch(fields)) => {
            let patch = Value::Object(fields);
            Box::new(move |before| apply(&patch, before))
        }
        Err(errors) => Box::new(move |_| -> Result<_, Vec<FieldError>> { Err(errors.clone()) }),
    }
}

/// Enter a contract as a draft of the caller's agency.
#[utoipa::path(tag = "contracts", request_body = ContractIn, security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters")),
    responses((status = 201, body = ContractOut, headers(("ETag" = String), ("Location" = String))), Refusals))]
#[post("/contracts")]
pub async fn create_contract(ctx: web::Data<Context>, change: Change<ContractPatch>) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_created);
    answer(
        contracts::create::create(&ctx, command, content_patch(body)).await?,
        render_created,
    )
}

/// Read one contract.
#[utoipa::path(tag = "contracts", security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 200, body = ContractOut, headers(("ETag" = String))), Refusals))]
#[get("/contracts/{id}")]
pub async fn read_contract(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = contracts::read::read(&ctx, caller.0.actor, key(&path)?).await?;
    respond(&render_changed(&view)?)
}

/// Change the content of a draft or a returned contract (RFC 7396 merge patch).
#[utoipa::path(tag = "contracts", request_body(content = ContractIn, content_type = "application/merge-patch+json"),
    security(("bearer" = [])),
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header, description = "\"<version>\"")),
    responses((status = 200, body = ContractOut, headers(("ETag" = String))), Refusals))]
#[patch("/contracts/{id}")]
pub async fn edit_contract(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ContractPatch>,
) -> Result<HttpResponse, Problem> {
    let (command, body) = change.into_parts(render_changed);
    let done = contracts::edit::edit(&ctx, command, key(&path)?, content_patch(body)).await?;
    answer(done, render_changed)
}

/// Delete a draft that was never submitted.
#[utoipa::path(tag = "contracts", security(("bearer" = [])),
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header, description = "\"<version>\"")),
    responses((status = 204), Refusals))]
#[delete("/contracts/{id}")]
pub async fn discard_contract(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    change: Change<ContractPatch>,
) -> Result<HttpResponse, Problem> {
    let (command, _) = change.into_parts(|_| Err(Error::internal("a deletion has no answer to keep")));
    let command: Command<()> = command;
    contracts::discard::discard(&ctx, command, key(&path)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What happened to a contract, oldest first.
#[utoipa::path(tag = "contracts", security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 200, body = [ActOut]), Refusals))]
#[get("/contracts/{id}/history")]
pub async fn read_contract_history(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let entries = contracts::history::history(&ctx, caller.0.actor, key(&path)?).await?;
    Ok(HttpResponse::Ok().json(entries.into_iter().map(ActOut::from).collect::<Vec<_>>()))
}

/// One revision of a contract's content.
#[utoipa::path(tag = "contracts", security(("bearer" = [])), params(("id" = i64, Path), ("n" = i64, Path)),
    responses((status = 200, body = RevisionOut), Refusals))]
#[get("/contracts/{id}/revisions/{n}")]
pub async fn read_contract_revision(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, n) = (key(&path.0)?, key(&path.1)?);
    let revision = contracts::read::read_revision(&ctx, caller.0.actor, id, n).await?;
    Ok(HttpResponse::Ok().json(RevisionOut::from(revision)))
}
