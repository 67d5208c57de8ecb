//! One request: what stands in the contract and what shall stand there, and the decision.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;

use super::{kind_label, state_of_request};
use crate::{
    domain::{
        change_request::{ChangeKind, Decision},
        code_list::ListName,
        ledger::content_changes,
    },
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer, attachments,
        change_requests::{self, ChangeRequestView, approve::ApproveInput},
        contracts,
        people::Names,
    },
    web::{
        act::ActPage,
        contract_words::changed,
        contracts::key,
        field::{Field, Fieldset},
        posted::{Posted, kept, location},
        refusal::{Refusal, redirect},
        shell::{Shell, ok},
        show::minute,
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "change_requests/show.html")]
struct RequestPage {
    shell: Shell,
    state: Cell,
    facts: Vec<(&'static str, Cell)>,
    buttons: Vec<(&'static str, String)>,
    table: Option<Table>,
    papers: Vec<(String, String)>,
}

/// Attachments looked through.
const PAPERS: i64 = 100;

const fn decision_label(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "批准",
        Decision::Refuse => "不批准",
        Decision::Withdraw => "撤回申请",
    }
}

#[get("/change-requests/{id}")]
pub async fn show_request(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    query.finish()?;
    let actor = &visitor.caller.actor;
    let view = change_requests::read::read(&ctx, actor.clone(), key(&path)?).await?;
    let asked = &view.request;
    let contract = asked.contract_id;
    let table = differences(&ctx, &visitor, &view).await?;
    let mut papers = Vec::new();
    if !asked.attachments.is_empty() {
        let (all, _) = attachments::list::list(&ctx, actor.clone(), contract, None, PAPERS).await?;
        let named = all.iter().filter(|p| asked.attachments.contains(&p.id));
        papers.extend(named.map(|p| {
            (
                p.file_name.clone(),
                format!("/contracts/{contract}/attachments/{}", p.id),
            )
        }));
    }
    let buttons = view.available_actions.iter().map(|decision| {
        let address = format!("/change-requests/{}/{}", asked.id, decision.id());
        (decision_label(*decision), address)
    });
    let title = format!("{}申请", kind_label(asked.kind));
    let page = RequestPage {
        shell: visitor.shell(&title).at("/change-requests").done(done.as_deref()),
        state: state_of_request(asked.state()),
        facts: facts(&ctx, &visitor.names, &view),
        buttons: buttons.collect(),
        table,
        papers,
    };
    Ok(ok(&page))
}

fn facts(ctx: &Context, names: &Names, view: &ChangeRequestView) -> Vec<(&'static str, Cell)> {
    let asked = &view.request;
    let name = view.project_name.clone().unwrap_or_else(|| "未命名".to_owned());
    let mut facts = vec![
        ("合同", Cell::link(name, format!("/contracts/{}", asked.contract_id))),
        ("登记编号", Cell::maybe(view.registration_number.clone())),
        (
            "申请",
            Cell::text(format!(
                "{} {}",
                names.of(&asked.requested_by),
                minute(asked.requested_at)
            )),
        ),
    ];
    if let Some(ground) = &asked.ground {
        let list = ctx.catalogue.list(ListName::CancellationGround);
        facts.push(("注销事由", Cell::text(list.label(ground).unwrap_or(ground))));
    }
    facts.push(("理由", Cell::text(asked.reason.clone())));
    if let Some(decided) = &asked.decided {
        let told = format!(
            "{} {} {}",
            decided.state.label(),
            names.of(&decided.by),
            minute(decided.at)
        );
        facts.push(("办理", Cell::text(told)));
        facts.extend(decided.reason.clone().map(|r| ("办理说明", Cell::text(r))));
        facts.extend(decided.document_number.clone().map(|n| ("文书号", Cell::text(n))));
    }
    facts
}

/// What stands in the contract and what shall stand there.
async fn differences(ctx: &Context, visitor: &Visitor, view: &ChangeRequestView) -> Result<Option<Table>, Error> {
    let asked = &view.request;
    let Some(content) = &asked.content else { return Ok(None) };
    let actor = visitor.caller.actor.clone();
    let base = contracts::read::read_revision(ctx, actor, asked.contract_id, asked.base_revision).await?;
    let changes = changed(&ctx.catalogue, &content_changes(&base.content, content));
    let rows = changes.into_iter().map(|change| Row {
        key: String::new(),
        cells: vec![Cell::text(change.label), Cell::text(change.from), Cell::text(change.to)],
    });
    Ok(Some(Table {
        caption: format!("变更内容（与第 {} 版相比）", asked.base_revision),
        columns: vec![Column::text("项目"), Column::text("原"), Column::text("现")],
        rows: rows.collect(),
        empty: "没有改动。".to_owned(),
        ..Table::default()
    }))
}

fn decision_of(id: &str) -> Result<Decision, Error> {
    Decision::ALL.into_iter().find(|d| d.id() == id).ok_or(Error::NotFound)
}

fn form_of(visitor: &Visitor, view: &ChangeRequestView, decision: Decision) -> ActPage {
    let asked = &view.request;
    let kind = kind_label(asked.kind);
    let here = format!("/change-requests/{}", asked.id);
    let title = format!("{}：{kind}申请", decision_label(decision));
    let mut form = ActPage::new(
        visitor.shell(&title).at("/change-requests"),
        format!("{here}/{}", decision.id()),
        here,
    );
    form.subject = vec![
        ("合同", view.project_name.clone().unwrap_or_else(|| "未命名".to_owned())),
        ("登记编号", crate::web::show::text(view.registration_number.as_deref())),
        ("申请人", visitor.names.of(&asked.requested_by)),
        ("申请理由", asked.reason.clone()),
        ("状态", asked.state().label().to_owned()),
    ];
    let (consequences, fields): (Vec<&str>, Vec<Field>) = match decision {
        Decision::Approve => (
            match asked.kind {
                ChangeKind::Amend => vec![
                    "合同按申请的内容变更，成为新的一版，自批准时起按新内容统计；登记编号和统计年度不变。",
                    "原登记证明自动被取代，可按新内容重新出具。",
                ],
                ChangeKind::Cancel => vec![
                    "合同注销，自批准时起不再计入统计；此前时点的统计和已封账的版次不变。",
                    "登记证明查验时显示“登记已注销”。",
                ],
            },
            vec![
                Field::text("/document_number", "决定文书号").help("有决定文书的填写。"),
                Field::area("/note", "说明", 3).focus(),
            ],
        ),
        Decision::Refuse => (
            vec!["合同保持不变；申请人会收到理由，可以重新申请。"],
            vec![Field::area("/reason", "理由", 3).required().focus()],
        ),
        Decision::Withdraw => (
            vec!["申请撤回，合同保持不变；需要时可以重新申请。"],
            vec![Field::area("/reason", "理由", 3).focus()],
        ),
    };
    form.consequences = consequences.into_iter().map(str::to_owned).collect();
    form.sets = vec![Fieldset::new("", fields)];
    form.button = decision_label(decision).to_owned();
    form.grave = decision == Decision::Approve && asked.kind == ChangeKind::Cancel;
    form
}

/// The page of a decision; refused as the decision would be to whom it is not open.
#[get("/change-requests/{id}/{decision:approve|refuse|withdraw}")]
pub async fn show_decision(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (id, decision) = (key(&path.0)?, decision_of(&path.1)?);
    let actor = visitor.caller.actor.clone();
    let view = change_requests::read::read(&ctx, actor.clone(), id).await?;
    let contract = contracts::read::read(&ctx, actor.clone(), view.request.contract_id).await?;
    crate::domain::policy::decide_change(&actor, decision, &contract.contract, &view.request).map_err(Error::from)?;
    if view.request.decided.is_some() {
        let label = view.request.state().label();
        return Err(Error::Conflict(format!("该申请{label}，不能再办理。")).into());
    }
    Ok(form_of(&visitor, &view, decision).show())
}

/// The decision itself.
#[post("/change-requests/{id}/{decision:approve|refuse|withdraw}")]
pub async fn decide_request(
    ctx: web::Data<Context>,
    posted: Posted,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (id, decision) = (key(&path.0)?, decision_of(&path.1)?);
    let render: fn(&ChangeRequestView) -> Result<StoredAnswer, Error> =
        |view| kept(format!("/change-requests/{}?done=decided", view.request.id));
    let command = posted.command(render);
    let typed = &posted.typed;
    let reason = typed.text("/reason");
    let done = match decision {
        Decision::Approve => {
            let input = ApproveInput {
                note: typed.text("/note"),
                document_number: typed.text("/document_number"),
            };
            change_requests::approve::approve(&ctx, command, id, Ok(input)).await
        }
        Decision::Refuse => change_requests::refuse::refuse(&ctx, command, id, Ok(reason)).await,
        Decision::Withdraw => change_requests::withdraw::withdraw(&ctx, command, id, Ok(reason)).await,
    };
    match done {
        Ok(answer) => Ok(redirect(&location(&answer, render)?)),
        Err(error @ (Error::NotFound | Error::Forbidden(_) | Error::Unauthenticated)) => Err(error.into()),
        Err(error) => {
            let view = change_requests::read::read(&ctx, posted.visitor.caller.actor.clone(), id).await?;
            form_of(&posted.visitor, &view, decision).refused(error, typed)
        }
    }
}
