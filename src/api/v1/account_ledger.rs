//! `/account-ledger`, for auditors: what happened to accounts, in the forms of `/ledger`.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::ledger::{LedgerHeadOut, LedgerPage, LedgerVerificationOut, place};
use crate::{
    api::{extract::Caller, openapi::Refusals, problem::Problem},
    usecases::{Context, account_ledger, ledger::may_read},
};

/// Entries of the account ledger after a sequence, oldest first.
#[utoipa::path(tag = "ledger", security(("bearer" = [])),
    params(("after" = Option<i64>, Query, description = "Default 0"),
        ("limit" = Option<i64>, Query, description = "1–100, default 20")),
    responses((status = 200, body = LedgerPage), Refusals))]
#[get("/account-ledger")]
pub async fn list_account_ledger_entries(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    may_read(&caller.0.actor)?;
    let (after, limit) = place(&request)?;
    let entries = account_ledger::after(&ctx, after, limit + 1).await?;
    Ok(HttpResponse::Ok().json(LedgerPage::of(entries, limit)))
}

/// The end of the account ledger's chain.
#[utoipa::path(tag = "ledger", security(("bearer" = [])),
    responses((status = 200, body = LedgerHeadOut), Refusals))]
#[get("/account-ledger/head")]
pub async fn read_account_ledger_head(ctx: web::Data<Context>, caller: Caller) -> Result<HttpResponse, Problem> {
    may_read(&caller.0.actor)?;
    Ok(HttpResponse::Ok().json(LedgerHeadOut::from(account_ledger::head(&ctx).await?)))
}

/// Recompute the account ledger's chain.
#[utoipa::path(tag = "ledger", security(("bearer" = [])),
    responses((status = 200, body = LedgerVerificationOut), Refusals))]
#[get("/account-ledger/verification")]
pub async fn verify_account_ledger(ctx: web::Data<Context>, caller: Caller) -> Result<HttpResponse, Problem> {
    may_read(&caller.0.actor)?;
    let found = account_ledger::verify(&ctx).await?;
    Ok(HttpResponse::Ok().json(LedgerVerificationOut::from(found)))
}
