//! A new request: the contract's fields as they stand, of which those that are changed go; or the ground of a cancellation.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde_json::{Map, Value};

use super::kind_label;
use crate::{
    domain::{
        attachment::Attachment,
        change_request::ChangeKind,
        code_list::ListName,
        contract::Contract,
        money::{format_yuan, parse_yuan},
        policy,
        time::parse_date,
        workflow::next_state,
    },
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer, attachments,
        change_requests::{
            ChangeRequestView,
            request::{Proposed, RequestInput, request},
        },
        contracts,
    },
    web::{
        act::ActPage,
        contract_words::{Holds, fields, patched, put, shown},
        contracts::{key, subject},
        entry::form,
        field::{Choice, Control, Field, Fieldset, choices},
        posted::{Posted, Typed, kept, location},
        refusal::{Refusal, redirect},
        visitor::Visitor,
    },
};

/// Attachments to choose from.
const PAPERS: i64 = 50;

/// The page of a new request; refused as the request would be to whom it is not open.
#[get("/contracts/{id:\\d+}/change-requests/new")]
pub async fn show_new_request(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let mut query = Query::parse(request.query_string());
    let kind = query.one_of("kind", ChangeKind::from_id).unwrap_or(ChangeKind::Amend);
    query.finish()?;
    let actor = visitor.caller.actor.clone();
    let view = contracts::read::read(&ctx, actor.clone(), id).await?;
    let contract = &view.contract;
    policy::decide(&actor, kind.action(), contract, ctx.clock.today()).map_err(Error::from)?;
    if next_state(contract.state, kind.action()).is_none() {
        return Err(Error::WrongState(contract.state).into());
    }
    if contract.open_change_request.is_some() {
        return Err(Error::Conflict("该合同已有一项未办结的变更或注销申请。".to_owned()).into());
    }
    Ok(form_of(&ctx, &visitor, contract, kind).await?.show())
}

async fn form_of(ctx: &Context, visitor: &Visitor, contract: &Contract, kind: ChangeKind) -> Result<ActPage, Error> {
    let id = contract.id;
    let (papers, _) = attachments::list::list(ctx, visitor.caller.actor.clone(), id, None, PAPERS).await?;
    let title = format!("申请{}", kind_label(kind));
    let mut form = ActPage::new(
        visitor.shell(&title).at("/contracts"),
        format!("/contracts/{id}/change-requests/new"),
        format!("/contracts/{id}"),
    );
    form.subject = subject(&visitor.names.in_contract(contract), &ctx.catalogue);
    form.version = Some(contract.version);
    form.button = "提交申请".to_owned();
    let consequences: &[&str] = match kind {
        ChangeKind::Amend => &[
            "由审核员审核；批准前合同不变，批准后成为新的一版，登记编号和统计年度不变。",
            "只有改动的项目写入申请；未改动的保持原样。",
        ],
        ChangeKind::Cancel => &["由审核员审核；批准后合同注销，不再计入统计，登记证明失效。"],
    };
    form.consequences = consequences.iter().map(|&line| line.to_owned()).collect();
    form.consequences
        .push("审核前可以撤回；同一合同同时只能有一项申请。".to_owned());
    form.sets = sets(ctx, contract, kind, &papers);
    Ok(form)
}

fn sets(ctx: &Context, contract: &Contract, kind: ChangeKind, papers: &[Attachment]) -> Vec<Fieldset> {
    let mut sets = Vec::new();
    let reason = Field::area("/reason", "申请理由", 3).required();
    let mut why = vec![Field::hidden("/kind", kind.id())];
    if kind == ChangeKind::Cancel {
        let grounds = choices(ctx.catalogue.list(ListName::CancellationGround));
        why.push(Field::radios("/ground", "注销事由", grounds).required().span(4));
    }
    why.push(reason.focus());
    if !papers.is_empty() {
        let kinds = ctx.catalogue.list(ListName::AttachmentKind);
        let named = papers.iter().map(|p| {
            let kind = kinds.label(&p.kind).unwrap_or(&p.kind);
            Choice::new(p.id.to_string(), format!("{kind}：{}", p.file_name))
        });
        let papers = Field::several("/attachments", "证明材料", named.collect());
        why.push(papers.help("在合同上添加的附件中选择；新的证明材料请先在合同页添加附件。"));
    }
    sets.push(Fieldset::new("申请", why));
    if kind == ChangeKind::Amend {
        for section in form::sections(&contract.content, &ctx.catalogue) {
            let mut set = section.set;
            set.fields = set.fields.into_iter().map(proposed).collect();
            sets.push(set);
        }
    }
    sets
}

/// A field of the entry as a field of the request: nothing is needed that is not needed of the contract, and nobody is looked for.
fn proposed(mut field: Field) -> Field {
    field.name = format!("/changes{}", field.name);
    field.required = false;
    field.data.retain(|(name, _)| !matches!(*name, "party" | "rest"));
    if let Control::Text(list) = &mut field.control {
        *list = None;
    }
    field
}

/// What stands in a form's field where this value stands in the contract.
fn standing(holds: Holds, value: Option<&Value>) -> String {
    match (holds, value) {
        (_, None | Some(Value::Null)) => String::new(),
        (Holds::Amount, Some(value)) => value.as_i64().map(format_yuan).unwrap_or_default(),
        (_, Some(Value::String(text))) => text.clone(),
        (_, Some(value)) => value.to_string(),
    }
}

/// The fields that were changed, as a merge patch over the contract as the API shows it.
fn patch(typed: &mut Typed, contract: &Contract) -> Map<String, Value> {
    let values = shown(&contract.content);
    let mut patch = Map::new();
    for field in fields() {
        let name = format!("/changes{}", field.pointer);
        if !typed.has(&name) {
            continue;
        }
        let new = typed.text(&name).unwrap_or_default();
        let before = standing(field.holds, values.pointer(field.pointer));
        if new == before {
            continue;
        }
        let value = if new.is_empty() {
            Ok(Value::Null)
        } else {
            read(field.holds, &new)
        };
        match value {
            Ok(value) => {
                // An amount written in another way is the same amount.
                if values.pointer(field.pointer) != Some(&value) {
                    put(&mut patch, field.pointer, value);
                }
            }
            Err(detail) => typed.wrong(&name, "wrong_type", detail),
        }
    }
    patch
}

fn read(holds: Holds, text: &str) -> Result<Value, String> {
    match holds {
        Holds::Amount => {
            let plain: String = text
                .chars()
                .filter(|c| !matches!(c, ',' | '，' | ' ' | '¥' | '￥'))
                .collect();
            parse_yuan(&plain)
                .map(Value::from)
                .map_err(|detail| format!("{detail}。"))
        }
        Holds::Day => parse_date(text)
            .map(|day| Value::from(day.to_string()))
            .map_err(|detail| format!("{detail}。")),
        Holds::YesNo => Ok(Value::from(text == "true")),
        Holds::Text | Holds::Lines | Holds::Region | Holds::Code(_) => Ok(Value::from(text)),
    }
}

/// Asks for the change.
#[post("/contracts/{id:\\d+}/change-requests/new")]
pub async fn make_request(
    ctx: web::Data<Context>,
    mut posted: Posted,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let render: fn(&ChangeRequestView) -> Result<StoredAnswer, Error> =
        |view| kept(format!("/change-requests/{}?done=sent", view.request.id));
    let command = posted.command(render);
    let actor = posted.visitor.caller.actor.clone();
    let view = contracts::read::read(&ctx, actor, id).await?;
    let kind = posted.typed.text("/kind");
    let known = kind.as_deref().and_then(ChangeKind::from_id);
    let typed = &mut posted.typed;
    let changes = (known == Some(ChangeKind::Amend)).then(|| Proposed {
        patch: Value::Object(patch(typed, &view.contract)),
        apply: patched,
    });
    let keys = typed
        .all("/attachments")
        .into_iter()
        .map(|key| key.parse().unwrap_or(0));
    let input = RequestInput {
        kind,
        changes,
        ground: typed.text("/ground"),
        reason: typed.text("/reason"),
        attachments: keys.collect(),
    };
    let input = typed.checked(input);
    match request(&ctx, command, id, input).await {
        Ok(answer) => Ok(redirect(&location(&answer, render)?)),
        Err(
            error @ (Error::NotFound
            | Error::Forbidden(_)
            | Error::Unauthenticated
            | Error::VersionMissing
            | Error::WrongState(_)
            | Error::Conflict(_)),
        ) => Err(error.into()),
        Err(error) => {
            let kind = known.unwrap_or(ChangeKind::Amend);
            let form = form_of(&ctx, &posted.visitor, &view.contract, kind).await?;
            form.refused(error, &posted.typed)
        }
    }
}
