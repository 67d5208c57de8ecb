//! Entering a contract, and changing a draft or one that was returned.

use actix_web::{HttpRequest, HttpResponse, get, http::StatusCode, post, web};

use super::{form, key, page::EntryPage};
use crate::{
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        contracts::{ContractView, create::create, edit::edit},
        parties::{self, Side},
    },
    web::{
        posted::{Posted, kept, location},
        refusal::{Refusal, redirect},
        visitor::Visitor,
    },
};

#[get("/contracts/new")]
pub async fn show_new_contract(ctx: web::Data<Context>, visitor: Visitor) -> Result<HttpResponse, Refusal> {
    Ok(EntryPage::new(&ctx, &visitor)?.answer(StatusCode::OK))
}

#[post("/contracts/new")]
pub async fn create_contract(ctx: web::Data<Context>, mut posted: Posted) -> Result<HttpResponse, Refusal> {
    if let Some(page) = looked_up(&ctx, &mut posted, None).await? {
        return Ok(page);
    }
    let then = afterwards(&posted);
    let patch = form::patch(&mut posted.typed, &ctx.catalogue);
    match create(&ctx, posted.command(then), patch).await {
        Ok(answer) => Ok(redirect(&location(&answer, then)?)),
        Err(Error::KeyReused) => go_on(&ctx, posted).await,
        Err(error) => EntryPage::new(&ctx, &posted.visitor)?.refused(error, &posted.typed),
    }
}

/// The form was sent before with something else in it: by its script, which made a draft of it that the browser did not come to know
/// of, so that it is saved onto that; or by hand, which is told.
async fn go_on(ctx: &Context, mut posted: Posted) -> Result<HttpResponse, Refusal> {
    let then = afterwards(&posted);
    let patch = || form::patch(&mut posted.typed.clone(), &ctx.catalogue);
    let id = match create(ctx, posted.command_by_itself(to_form), patch()).await {
        Ok(answer) => id_of(&location(&answer, to_form)?)?,
        Err(error) => return EntryPage::new(ctx, &posted.visitor)?.refused(error, &posted.typed),
    };
    match edit(ctx, posted.command_onwards(then), id, patch()).await {
        Ok(answer) => Ok(redirect(&location(&answer, then)?)),
        Err(error) => {
            posted.typed.set("_version", "1");
            EntryPage::of(ctx, &posted.visitor, id, false)
                .await?
                .refused(error, &posted.typed)
        }
    }
}

/// The draft that [`to_form`] leads to.
pub(super) fn id_of(location: &str) -> Result<i64, Error> {
    let id = location.split('/').nth(2).and_then(|id| id.parse().ok());
    id.ok_or_else(|| Error::internal("an address of no draft"))
}

#[get("/contracts/{id}/edit")]
pub async fn show_contract_form(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let (done, check) = (query.text("done"), query.text("check"));
    query.finish()?;
    let mut page = EntryPage::of(&ctx, &visitor, key(&path)?, check.is_some()).await?;
    page.shell = page.shell.done(done.as_deref());
    Ok(page.answer(StatusCode::OK))
}

#[post("/contracts/{id}/edit")]
pub async fn save_contract(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    mut posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    if let Some(page) = looked_up(&ctx, &mut posted, Some(id)).await? {
        return Ok(page);
    }
    let then = afterwards(&posted);
    let patch = form::patch(&mut posted.typed, &ctx.catalogue);
    match edit(&ctx, posted.command(then), id, patch).await {
        Ok(answer) => Ok(redirect(&location(&answer, then)?)),
        Err(error) => {
            let mut page = EntryPage::of(&ctx, &posted.visitor, id, false).await?;
            if !matches!(error, Error::Stale { .. }) {
                page.version = posted.typed.version();
            }
            page.refused(error, &posted.typed)
        }
    }
}

/// Where to go after saving: on with the form, or to the page to check before submitting.
fn afterwards(posted: &Posted) -> fn(&ContractView) -> Result<StoredAnswer, Error> {
    if posted.typed.raw("_go") == "check" {
        to_check
    } else {
        to_form
    }
}

/// On with the form.
pub(super) fn to_form(view: &ContractView) -> Result<StoredAnswer, Error> {
    kept(format!("/contracts/{}/edit?done=saved", view.contract.id))
}

/// To the page to check before submitting.
fn to_check(view: &ContractView) -> Result<StoredAnswer, Error> {
    kept(format!("/contracts/{}/submit?done=saved", view.contract.id))
}

/// The form with parties to choose from, or with the one that was chosen; none where neither was asked for.
async fn looked_up(ctx: &Context, posted: &mut Posted, id: Option<i64>) -> Result<Option<HttpResponse>, Refusal> {
    let Posted { visitor, typed, .. } = posted;
    let (find, take) = (typed.raw("_find").to_owned(), typed.raw("_take").to_owned());
    if find.is_empty() && take.is_empty() {
        return Ok(None);
    }
    let actor = visitor.caller.actor.clone();
    let mut page = EntryPage::for_form(ctx, visitor, id).await?;
    page.version = typed.version();
    if let Some((side, contract, there)) = chosen(&take) {
        let known = parties::take(ctx, actor.clone(), contract, there).await?;
        form::take(typed, side, &known);
    }
    let mut page = page.typed(typed, &[]);
    if let Some(side) = Side::from_id(&find) {
        let base = format!("/{}", side.id());
        let text = typed.text(&format!("{base}/uscc"));
        let text = text.or_else(|| typed.text(&format!("{base}/name"))).unwrap_or_default();
        let found = parties::find(ctx, actor, &text).await?;
        for section in page.sections.iter_mut().filter(|s| s.side == Some(side)) {
            section.found = Some(found.clone());
        }
    } else if let Some((side, ..)) = chosen(&take) {
        // On to what the party does not fill in.
        let kind = format!("/{}/kind", side.id());
        for field in page.sections.iter_mut().flat_map(|s| &mut s.set.fields) {
            field.focus = field.name == kind;
        }
    }
    Ok(Some(page.answer(StatusCode::OK)))
}

/// `seller:12:buyer`: into the seller's fields, the buyer of contract 12.
fn chosen(text: &str) -> Option<(Side, i64, Side)> {
    let mut parts = text.split(':');
    let side = Side::from_id(parts.next()?)?;
    let contract = parts.next()?.parse().ok()?;
    Some((side, contract, Side::from_id(parts.next()?)?))
}
