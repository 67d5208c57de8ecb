//! Ending a self-audit: completing it, which revokes what is wrong, or giving it up.

use actix_web::{HttpResponse, get, post, web};

use super::{PLACE, address_of};
use crate::{
    domain::{
        code_list::ListName,
        policy,
        self_audit::{AuditState, ItemState},
    },
    usecases::{
        Context, Error,
        self_audits::{
            AuditView, ItemQuery,
            abandon::abandon,
            complete::{CompleteInput, complete},
            read,
        },
    },
    web::{
        act::ActPage,
        acted::{acted, go_to},
        field::{Field, Fieldset},
        key_page::{ROWS, key},
        posted::Posted,
        refusal::Refusal,
        sheet::Section,
        show::yuan,
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

async fn at_work(ctx: &Context, visitor: &Visitor, id: i64) -> Result<AuditView, Refusal> {
    let actor = &visitor.caller.actor;
    policy::decide_run_self_audits(actor).map_err(Error::from)?;
    let view = read::read(ctx, actor.clone(), id).await?;
    match view.audit.state {
        AuditState::Drawn => Ok(view),
        over => Err(Error::Conflict(format!("该自查{}，不能再作更改。", over.label())).into()),
    }
}

async fn wrong_contracts(ctx: &Context, visitor: &Visitor, id: i64) -> Result<Section, Refusal> {
    let query = ItemQuery {
        state: Some(ItemState::Wrong),
        limit: Some(ROWS),
        ..ItemQuery::default()
    };
    let (_, page) = read::list_items(ctx, visitor.caller.actor.clone(), id, query).await?;
    let grounds = ctx.catalogue.list(ListName::RevocationGround);
    let rows = page.items.iter().map(|item| {
        let finding = item.finding.as_ref();
        let ground = finding.and_then(|f| f.ground.as_deref());
        let name = item.project_name.clone();
        Row {
            key: item.id.to_string(),
            cells: vec![
                Cell::link(
                    name.unwrap_or_else(|| format!("合同 {}", item.drawn.contract_id)),
                    format!("/contracts/{}", item.drawn.contract_id),
                ),
                Cell::text(yuan(item.drawn.amount_fen)),
                Cell::maybe(ground.map(|g| grounds.label(g).unwrap_or(g))),
                Cell::maybe(finding.map(|f| visitor.names.of(&f.found_by))),
                Cell::maybe(finding.and_then(|f| f.document_number.as_deref())),
            ],
        }
    });
    let table = Table {
        caption: "判为有误的合同".to_owned(),
        columns: vec![
            Column::text("合同"),
            Column::number("成交额（元）"),
            Column::text("撤销事由"),
            Column::text("检查人"),
            Column::text("文书号"),
        ],
        rows: rows.collect(),
        empty: "没有判为有误的合同。".to_owned(),
        ..Table::default()
    };
    let section = Section::list("wrong", "将要撤销的合同", table);
    Ok(match page.next {
        Some(_) => section.lead(format!("只列前 {ROWS} 份，全部见自查的合同列表。")),
        None => section,
    })
}

async fn complete_page(ctx: &Context, visitor: &Visitor, id: i64) -> Result<ActPage, Refusal> {
    let view = at_work(ctx, visitor, id).await?;
    let place = address_of(id);
    let mut act = ActPage::new(visitor.shell("完成自查").at(PLACE), format!("{place}/complete"), place);
    act.subject = vec![("自查", view.audit.made.title.clone())];
    act.grave = view.progress.wrong > 0;
    act.beside = vec![wrong_contracts(ctx, visitor, id).await?];
    act.consequences = vec![
        format!(
            "检查 {} 份，无误 {} 份，有误 {} 份，待检查 {} 份。",
            view.progress.right + view.progress.wrong + view.progress.open,
            view.progress.right,
            view.progress.wrong,
            view.progress.open
        ),
        "判为有误且仍有效的合同全部撤销登记，从此刻起不再计入统计；要么全部撤销，要么一份也不撤销。".to_owned(),
        "完成后不能再改。撤销有误的，须由检查人以外的审核员逐份恢复登记。".to_owned(),
    ];
    if view.progress.open > 0 {
        act.consequences
            .push("还有合同没有检查结论，现在提交会被拒绝。".to_owned());
    }
    act.sets = vec![Fieldset::new(
        "",
        vec![
            Field::text("/document_number", "撤销文书号")
                .focus()
                .help("有检查结论没有填文书号的，在此必填。"),
            Field::date("/served_on", "送达日期").span(2),
            Field::area("/note", "说明", 3),
        ],
    )];
    Ok(act)
}

#[get("/self-audits/{id}/complete")]
pub async fn show_complete(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    policy::decide_run_self_audits(&visitor.caller.actor).map_err(Error::from)?;
    Ok(complete_page(&ctx, &visitor, key(&path)?).await?.show())
}

#[post("/self-audits/{id}/complete")]
pub async fn complete_self_audit(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    mut posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let typed = &mut posted.typed;
    let input = CompleteInput {
        document_number: typed.text("/document_number"),
        served_on: typed.date("/served_on"),
        note: typed.text("/note"),
    };
    let done = complete(&ctx, posted.command(acted), id, posted.typed.checked(input)).await;
    let act = complete_page(&ctx, &posted.visitor, id);
    go_to(done, &format!("{}?done=completed", address_of(id)), &posted.typed, act).await
}

async fn abandon_page(ctx: &Context, visitor: &Visitor, id: i64) -> Result<ActPage, Refusal> {
    let view = at_work(ctx, visitor, id).await?;
    let place = address_of(id);
    let mut act = ActPage::new(visitor.shell("终止自查").at(PLACE), format!("{place}/abandon"), place);
    act.subject = vec![("自查", view.audit.made.title.clone())];
    act.grave = true;
    act.consequences = vec![
        "不撤销任何合同；已记录的检查结论保留，可以查看，不能再改。".to_owned(),
        "终止后不能恢复，需要时另建自查。".to_owned(),
    ];
    act.sets = vec![Fieldset::new(
        "",
        vec![Field::area("/reason", "理由", 3).required().focus()],
    )];
    Ok(act)
}

#[get("/self-audits/{id}/abandon")]
pub async fn show_abandon(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    policy::decide_run_self_audits(&visitor.caller.actor).map_err(Error::from)?;
    Ok(abandon_page(&ctx, &visitor, key(&path)?).await?.show())
}

#[post("/self-audits/{id}/abandon")]
pub async fn abandon_self_audit(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let reason = Ok(posted.typed.text("/reason"));
    let done = abandon(&ctx, posted.command(acted), id, reason).await;
    let act = abandon_page(&ctx, &posted.visitor, id);
    go_to(done, &format!("{}?done=abandoned", address_of(id)), &posted.typed, act).await
}
