//! What is done with many contracts at once: each claimed by itself, and told of; handed over all together or not at all.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::{
    Kept,
    came::{Came, MOST, Outcome},
    columns::name_of,
};
use crate::{
    domain::{error::FieldError, policy},
    usecases::{
        Context, Error, StoredAnswer, contracts,
        work_queues::{self, HandOver, HandedOver},
    },
    web::{
        act::ActPage,
        field::{Field, Fieldset},
        people::{one, person},
        posted::{Posted, Typed, kept, location},
        refusal::{Refusal, redirect},
        visitor::Visitor,
    },
};

/// Longest query of a list that is gone back to.
const LONGEST_LIST: usize = 2000;

/// The contracts that were ticked, with the versions that the list showed.
fn ticked(typed: &Typed) -> Result<Vec<(i64, i64)>, Error> {
    let mut seen = BTreeSet::new();
    let read = |value: String| {
        let (id, version) = value.split_once(':')?;
        Some((id.parse().ok()?, version.parse().ok()?))
    };
    let found: Option<Vec<(i64, i64)>> = typed.all("ids").into_iter().map(read).collect();
    let mut found = found.ok_or_else(|| Error::invalid("/ids", "malformed", "所选合同无法识别，请刷新列表后重选。"))?;
    found.retain(|(id, _)| seen.insert(*id));
    match found.len() {
        0 => Err(Error::invalid("/ids", "required", "请先在列表中勾选合同。")),
        1..=MOST => Ok(found),
        _ => {
            let detail = format!("一次最多选择 {MOST} 项。");
            Err(Error::invalid("/ids", "too_many", detail))
        }
    }
}

/// Claims what was ticked, one after the other: what another was quicker with does not keep the rest. Told of on the list.
#[post("/contracts/bulk/claim")]
pub async fn claim_many(ctx: web::Data<Context>, posted: Posted) -> Result<HttpResponse, Refusal> {
    let list = list_of(&posted.typed);
    if posted.typed.all("ids").is_empty() {
        return Ok(redirect(&list(&Came::nothing())));
    }
    let visitor = &posted.visitor;
    let mut came = Vec::new();
    for (id, version) in ticked(&posted.typed)? {
        match contracts::claim::claim(&ctx, visitor.command(Some(version)), id, Ok(())).await {
            Ok(_) => came.push((id, Outcome::Claimed)),
            Err(error @ (Error::Unauthenticated | Error::Unavailable(_) | Error::Internal(_))) if came.is_empty() => {
                return Err(error.into());
            }
            Err(error) => {
                error.log();
                came.push((id, Outcome::NotClaimed));
            }
        }
    }
    Ok(redirect(&list(&Came::of(came))))
}

/// The list that a form stands on, with what came of the form.
fn list_of(typed: &Typed) -> impl Fn(&Came) -> String {
    let text = typed.raw("_list");
    let text = if text.len() <= LONGEST_LIST { text } else { "" };
    let columns = Typed::parse(text.as_bytes()).text("columns");
    let kept = Kept::of(text).with("columns", columns.as_deref());
    move |came| kept.with("came", Some(&came.written())).address("/contracts")
}

/// To whom: of what was ticked, or of everything that one has under review, for who is away.
#[get("/contracts/bulk/hand-over")]
pub async fn show_hand_over(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let asked = Typed::parse(request.query_string().as_bytes());
    let chosen = if asked.has("ids") { ticked(&asked)? } else { Vec::new() };
    Ok(hand_over_page(&ctx, &visitor, &chosen).await?.show())
}

/// On to the page where one says to whom, or the handing over itself where that was said.
#[post("/contracts/bulk/hand-over")]
pub async fn hand_over_many(ctx: web::Data<Context>, posted: Posted) -> Result<HttpResponse, Refusal> {
    let typed = &posted.typed;
    let all = typed.raw("/all") == "true";
    if !all && typed.all("ids").is_empty() {
        return Ok(redirect(&list_of(typed)(&Came::nothing())));
    }
    let chosen = if all { Vec::new() } else { ticked(typed)? };
    if !typed.has("/to") {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(chosen.iter().map(|(id, version)| ("ids", format!("{id}:{version}"))));
        return Ok(redirect(&format!("/contracts/bulk/hand-over?{}", query.finish())));
    }
    let form = hand_over_page(&ctx, &posted.visitor, &chosen).await?;
    let input = HandOver {
        to: typed.text("/to"),
        reason: typed.text("/reason"),
        contracts: (!all).then(|| chosen.iter().map(|(id, _)| *id).collect()),
        all: all.then_some(true),
    };
    match work_queues::hand_over(&ctx, posted.command(handed_over), Ok(input)).await {
        Ok(answer) => Ok(redirect(&location(&answer, handed_over)?)),
        Err(error) => form.refused(told(error), typed),
    }
}

/// On to one's own contracts, and each told of where they are not too many.
fn handed_over(done: &HandedOver) -> Result<StoredAnswer, Error> {
    let mine = Kept::of("queue=mine");
    let mine = if done.contracts.len() > MOST {
        mine.with("done", Some("reassign"))
    } else {
        let came = done.contracts.iter().map(|(id, _)| (*id, Outcome::HandedOver));
        mine.with("came", Some(&Came::of(came.collect()).written()))
    };
    kept(mine.address("/contracts"))
}

/// The errors of single contracts stand above the form, where they name them.
fn told(error: Error) -> Error {
    let Error::Invalid(errors) = error else { return error };
    let plain = |e: FieldError| match e.pointer.starts_with("/contracts/") {
        true => FieldError::new("", e.code, e.detail),
        false => e,
    };
    Error::Invalid(errors.into_iter().map(plain).collect())
}

async fn hand_over_page(ctx: &Context, visitor: &Visitor, chosen: &[(i64, i64)]) -> Result<ActPage, Refusal> {
    let actor = &visitor.caller.actor;
    policy::decide_hand_over(actor).map_err(Error::from)?;
    let receivers = work_queues::receivers(ctx, actor.clone()).await?;
    let receivers = receivers.into_iter().map(|(username, name)| person(username, name));
    let mut form = ActPage::new(
        visitor.shell("移交合同").at("/contracts"),
        "/contracts/bulk/hand-over",
        "/contracts?queue=mine",
    );
    let mut fields = vec![
        one("/to", "接收人", receivers.collect()).required().focus(),
        Field::area("/reason", "理由", 3)
            .required()
            .help("写入各合同的办理记录，并通知接收人。"),
    ];
    if chosen.is_empty() {
        fields.push(Field::hidden("/all", "true"));
        form.subject
            .push(("移交", "您审核中的全部合同（专家论证中的除外）".to_owned()));
    }
    for (id, version) in chosen {
        let view = contracts::read::read(ctx, actor.clone(), *id).await?;
        form.subject.push(("合同", name_of(&view.contract)));
        fields.push(Field::hidden("ids", format!("{id}:{version}")));
    }
    form.consequences = vec![
        "所列合同要么全部移交，要么全部不移交；有一项接收人不能审核的，都不移交。".to_owned(),
        "移交后由接收人负责在原期限内办结，您不再能办理这些合同。".to_owned(),
    ];
    form.sets = vec![Fieldset::new("", fields)];
    form.button = "移交".to_owned();
    Ok(form)
}
