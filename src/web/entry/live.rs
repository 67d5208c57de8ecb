//! What the form's script asks while somebody types: what a submission would find, which parties are known, and to keep a draft.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde_json::{Value, json};

use super::{
    form::{self, amount_note, party_values, told},
    key,
};
use crate::domain::money::format_yuan;
use crate::{
    domain::draft::sound_part,
    http::query::Query,
    usecases::{
        Context, Error,
        contracts::{Answer, edit::edit, try_out::try_out},
        parties,
    },
    web::{
        posted::Posted,
        refusal::{Refusal, status_of},
        show::minute,
        visitor::Visitor,
    },
};

/// What a submission would find in the form as it stands; nothing is written.
#[post("/contracts/check")]
pub async fn check_contract_form(ctx: web::Data<Context>, mut posted: Posted) -> Result<HttpResponse, Refusal> {
    let id = match posted.typed.text("_id") {
        Some(id) => Some(key(&id)?),
        None => None,
    };
    let content = form::read(&mut posted.typed);
    let checks = try_out(&ctx, posted.visitor.caller.actor.clone(), id, content.clone()).await?;
    let unread = posted.typed.errors();
    let amounts = [
        ("/amount_fen", content.amount_fen),
        ("/technology_amount_fen", content.technology_amount_fen),
        ("/non_technology_amount_fen", content.non_technology_amount_fen),
    ];
    let notes: BTreeMap<&str, String> = amounts
        .iter()
        .filter_map(|(p, fen)| Some((*p, amount_note((*fen)?))))
        .collect();
    let finding = |pointer: &str, id: &str, severity: &str, message: &str| json!({"pointer": pointer, "id": id, "severity": severity, "message": message});
    let mut findings: Vec<Value> = unread
        .iter()
        .map(|e| finding(&e.pointer, e.code, "error", &e.detail))
        .collect();
    let of_read = checks.iter().filter(|c| !unread.iter().any(|e| e.pointer == c.pointer));
    findings.extend(of_read.map(|c| finding(&c.pointer, c.id, c.severity.id(), &told(c))));
    Ok(HttpResponse::Ok().json(json!({
        "findings": findings,
        "notes": notes,
        "rest": content.non_technology_amount_fen.map(format_yuan),
    })))
}

/// Keeps a draft as it stands. What cannot be kept of it stays as it was saved before.
#[post("/contracts/{id}/autosave")]
pub async fn keep_contract_form(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    mut posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let content = form::read(&mut posted.typed);
    let unread: Vec<String> = posted.typed.errors().iter().map(|e| e.pointer.clone()).collect();
    let catalogue = ctx.catalogue.clone();
    let command = posted.visitor.command(posted.typed.version());
    let patch = Box::new(move |before: &_| Ok(sound_part(content.clone(), before, &unread, &catalogue)));
    match edit(&ctx, command, id, patch).await {
        Ok(Answer::Done(view)) => {
            let at = minute(ctx.clock.now());
            let time = at.split_once(' ').map_or("", |(_, time)| time);
            Ok(HttpResponse::Ok().json(json!({"version": view.contract.version, "at": time})))
        }
        Ok(Answer::Repeated(_)) => Err(Error::internal("what is kept by itself carries no key").into()),
        Err(error @ (Error::Stale { .. } | Error::WrongState(_))) => {
            Ok(HttpResponse::build(status_of(&error).0).json(json!({"detail": error.to_string()})))
        }
        Err(error) => Err(error.into()),
    }
}

/// Parties by name or credit code.
#[get("/contracts/parties")]
pub async fn find_parties(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let text = query.text("q").unwrap_or_default();
    query.finish()?;
    let found = parties::find(&ctx, visitor.caller.actor, &text).await?;
    let items: Vec<Value> = found
        .iter()
        .map(|known| json!(BTreeMap::from(party_values(known))))
        .collect();
    Ok(HttpResponse::Ok().json(items))
}
