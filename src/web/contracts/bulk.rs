//! What is done with many contracts at once: each claimed by itself, and told of; handed over all together or not at all.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::columns::name_of;
use crate::{
    domain::{error::FieldError, policy, workflow::State},
    usecases::{
        Context, Error, StoredAnswer, contracts,
        work_queues::{self, HandOver, HandedOver},
    },
    web::{
        act::ActPage,
        field::{Choice, Field, Fieldset},
        posted::{Posted, Typed, kept, location},
        refusal::{Refusal, log, redirect, status_of},
        shell::{Shell, page},
        show::state_mark,
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

/// Contracts claimed at once: as many as a page of the list may show.
const MOST_CLAIMED: usize = 100;

#[derive(Template)]
#[template(path = "contracts/bulk.html")]
struct BulkPage {
    shell: Shell,
    /// What came of it, in a sentence.
    told: String,
    partly: bool,
    table: Table,
}

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
        1..=MOST_CLAIMED => Ok(found),
        _ => {
            let detail = format!("一次最多选择 {MOST_CLAIMED} 项。");
            Err(Error::invalid("/ids", "too_many", detail))
        }
    }
}

/// Claims what was ticked, one after the other: what another was quicker with does not keep the rest.
#[post("/contracts/bulk/claim")]
pub async fn claim_many(ctx: web::Data<Context>, posted: Posted) -> Result<HttpResponse, Refusal> {
    let chosen = ticked(&posted.typed)?;
    let visitor = &posted.visitor;
    let mut rows = Vec::new();
    let (mut done, mut first_error) = (0, None);
    let count = chosen.len();
    for (id, version) in chosen {
        let claimed = contracts::claim::claim(&ctx, visitor.command(Some(version)), id, Ok(())).await;
        let seen = contracts::read::read(&ctx, visitor.caller.actor.clone(), id).await;
        let (name, state, claimer) = match &seen {
            Ok(view) => (
                Cell::link(name_of(&view.contract), format!("/contracts/{id}")),
                state_mark(view.contract.state),
                view.contract.claimed_by.clone(),
            ),
            Err(_) => (Cell::text(format!("ID {id}")), Cell::maybe(None::<String>), None),
        };
        let came = match claimed {
            Ok(_) => {
                done += 1;
                Cell::mark("已领取", "good")
            }
            Err(error) => {
                log(&error);
                let told = match (&error, &claimer) {
                    (Error::WrongState(State::UnderReview), Some(who)) if *who == visitor.caller.actor.username => {
                        "已在您手中".to_owned()
                    }
                    (Error::WrongState(State::UnderReview), Some(who)) => format!("未领取：已由 {who} 领取"),
                    _ => format!("未领取：{error}"),
                };
                first_error.get_or_insert(status_of(&error).0);
                Cell::mark(told, "bad")
            }
        };
        rows.push(Row {
            key: String::new(),
            cells: vec![name, came, state],
        });
    }
    let partly = done < count;
    let told = match (done, partly) {
        (0, _) => format!("所选 {count} 项均未领取，原因见下表。"),
        (_, true) => format!(
            "所选 {count} 项中，已领取 {done} 项，{} 项未领取，原因见下表。",
            count - done
        ),
        (_, false) => format!("已领取 {done} 项。"),
    };
    let result = BulkPage {
        shell: visitor.shell("领取结果").at("/contracts"),
        told,
        partly,
        table: Table {
            caption: "领取结果".to_owned(),
            columns: vec![Column::text("合同名称"), Column::text("结果"), Column::text("现状态")],
            rows,
            ..Table::default()
        },
    };
    let status = first_error.filter(|_| done == 0).unwrap_or(StatusCode::OK);
    Ok(page(status, &result))
}

/// Everything that one has under review, for who is away.
#[get("/contracts/bulk/hand-over")]
pub async fn show_hand_over(ctx: web::Data<Context>, visitor: Visitor) -> Result<HttpResponse, Refusal> {
    Ok(hand_over_page(&ctx, &visitor, &[]).await?.show())
}

/// The page where one says to whom, or the handing over itself where that was said.
#[post("/contracts/bulk/hand-over")]
pub async fn hand_over_many(ctx: web::Data<Context>, posted: Posted) -> Result<HttpResponse, Refusal> {
    let typed = &posted.typed;
    let all = typed.raw("/all") == "true";
    let chosen = if all { Vec::new() } else { ticked(typed)? };
    let form = hand_over_page(&ctx, &posted.visitor, &chosen).await?;
    if !typed.has("/to") {
        return Ok(form.show());
    }
    let render: fn(&HandedOver) -> Result<StoredAnswer, Error> =
        |_| kept("/contracts?queue=mine&done=reassign".to_owned());
    let input = HandOver {
        to: typed.text("/to"),
        reason: typed.text("/reason"),
        contracts: (!all).then(|| chosen.iter().map(|(id, _)| *id).collect()),
        all: all.then_some(true),
    };
    match work_queues::hand_over(&ctx, posted.command(render), Ok(input)).await {
        Ok(answer) => Ok(redirect(&location(&answer, render)?)),
        Err(error) => form.refused(told(error), typed),
    }
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
    let receivers = receivers.into_iter().map(|(username, name)| {
        let label = name.map_or_else(|| username.clone(), |name| format!("{username}（{name}）"));
        Choice::new(username, label)
    });
    let mut form = ActPage::new(
        visitor.shell("移交合同").at("/contracts"),
        "/contracts/bulk/hand-over",
        "/contracts?queue=mine",
    );
    let mut fields = vec![
        Field::select("/to", "接收人", receivers.collect()).required().focus(),
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
