//! What the form's script asks while somebody types: what a submission would find, which parties are known, and to keep a draft.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde_json::{Value, json};

use super::{
    edit::{id_of, to_form},
    form::{self, amount_note, party_values, told},
    key,
    page::AlikePart,
};
use crate::{
    domain::{
        checks::{tidy, well_formed},
        contract::Content,
        draft::sound_part,
        money::format_yuan,
    },
    http::query::Query,
    usecases::{
        Context, Error,
        contracts::{
            Answer, ContractView,
            create::{ContentPatch, create},
            edit::edit,
            try_out::try_out,
        },
        parties,
    },
    web::{
        posted::{Posted, Typed, location},
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

/// What is kept of a form as it stands: what cannot be kept of it stays as it was saved before, and is counted.
struct Kept {
    content: Content,
    wrong: Vec<String>,
}

impl Kept {
    fn of(ctx: &Context, typed: &mut Typed) -> Self {
        let content = form::read(typed);
        let mut tidied = content.clone();
        tidy(&mut tidied);
        let errors = typed.errors().iter().cloned();
        let errors = errors.chain(well_formed(&tidied, &ctx.catalogue));
        let mut wrong: Vec<String> = errors.map(|e| e.pointer).collect();
        wrong.sort();
        wrong.dedup();
        Self { content, wrong }
    }

    fn patch(&self, ctx: &Context) -> ContentPatch {
        let (content, wrong, catalogue) = (self.content.clone(), self.wrong.clone(), ctx.catalogue.clone());
        Box::new(move |before: &_| Ok(sound_part(content.clone(), before, &wrong, &catalogue)))
    }

    /// Address and version of the draft, and the time, for the form to go on with; `once` for its next sending; what resembles it.
    async fn told(&self, ctx: &Context, visitor: &Visitor, view: &ContractView) -> Result<HttpResponse, Error> {
        let at = minute(ctx.clock.now());
        let (alike, part) = AlikePart::of(ctx, visitor, view.contract.id).await?;
        Ok(HttpResponse::Ok().json(json!({
            "id": view.contract.id,
            "version": view.contract.version,
            "at": at.split_once(' ').map_or("", |(_, time)| time),
            "wrong": self.wrong.len(),
            "once": visitor.shell("").once,
            "alike": alike,
            "alike_part": part,
        })))
    }
}

/// Why nothing was kept, and of which draft, where there is one.
fn not_kept(error: &Error, id: Option<i64>) -> HttpResponse {
    error.log();
    let detail = match error {
        Error::Stale { .. } => "他人保存过这份草稿。填写的内容还在本页，点“保存草稿”可逐项对照。".to_owned(),
        Error::KeyReused => "这份表单已经保存过。".to_owned(),
        Error::NotFound => "这份合同已不存在。填写的内容还在本页。".to_owned(),
        other => other.to_string(),
    };
    HttpResponse::build(status_of(error).0).json(json!({"detail": detail, "id": id}))
}

/// Makes a draft of a form that was not saved yet, once, and keeps it as it stands.
#[post("/contracts/new/autosave")]
pub async fn keep_new_contract(ctx: web::Data<Context>, mut posted: Posted) -> Result<HttpResponse, Refusal> {
    let kept = Kept::of(&ctx, &mut posted.typed);
    let made = create(&ctx, posted.command_by_itself(to_form), kept.patch(&ctx)).await;
    let id = match made {
        Ok(Answer::Done(view)) => return Ok(kept.told(&ctx, &posted.visitor, &view).await?),
        // The form never heard of its draft.
        Ok(answer @ Answer::Repeated(_)) => id_of(&location(&answer, to_form)?)?,
        Err(error) => return Ok(not_kept(&error, None)),
    };
    Ok(keep(&ctx, &posted, id, Some(1), &kept).await)
}

/// Keeps a draft as it stands.
#[post("/contracts/{id}/autosave")]
pub async fn keep_contract_form(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    mut posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let kept = Kept::of(&ctx, &mut posted.typed);
    Ok(keep(&ctx, &posted, id, posted.typed.version(), &kept).await)
}

async fn keep(ctx: &Context, posted: &Posted, id: i64, version: Option<i64>, kept: &Kept) -> HttpResponse {
    let command = posted.visitor.command(version);
    match edit(ctx, command, id, kept.patch(ctx)).await {
        Ok(Answer::Done(view)) => match kept.told(ctx, &posted.visitor, &view).await {
            Ok(told) => told,
            Err(error) => not_kept(&error, Some(id)),
        },
        Ok(Answer::Repeated(_)) => not_kept(&Error::internal("what is kept by itself carries no key"), Some(id)),
        Err(error) => not_kept(&error, Some(id)),
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
