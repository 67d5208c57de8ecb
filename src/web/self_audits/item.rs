//! One contract of a self-audit: what stands in the register beside what was found, or the form to say it.

use actix_web::{HttpResponse, get, post, web};

use super::{PLACE, address_of, item_mark, outcome, people, stratum};
use crate::{
    domain::{
        catalogue::Catalogue,
        code_list::ListName,
        contract::Contract,
        policy::{self, Handled},
        self_audit::{AuditState, ItemState},
    },
    usecases::{
        Context, Error, contracts,
        people::Names,
        self_audits::{
            Item, SelfAudit,
            assign::assign,
            read,
            record_finding::{FindingInput, record_finding},
        },
    },
    web::{
        act::ActPage,
        acted::{acted, go_to},
        contract_facts::brief,
        field::{Choice, Field, Fieldset, choices},
        key_page::key,
        people::one,
        posted::Posted,
        refusal::Refusal,
        sheet::{ActLink, Section, Sheet},
        show::{NOTHING, day, minute},
        table::Cell,
        visitor::Visitor,
    },
};

async fn found(
    ctx: &Context,
    visitor: &Visitor,
    path: &(String, String),
) -> Result<(SelfAudit, Item, Contract), Refusal> {
    let actor = &visitor.caller.actor;
    read::may_read(actor)?;
    let (id, item) = (key(&path.0)?, key(&path.1)?);
    let (audit, item) = read::read_item(ctx, actor.clone(), id, item).await?;
    let view = contracts::read::read(ctx, actor.clone(), item.drawn.contract_id).await?;
    Ok((audit, item, view.contract))
}

fn drawn(catalogue: &Catalogue, names: &Names, audit: &SelfAudit, item: &Item) -> Vec<(&'static str, String)> {
    let stratum_id = usize::try_from(item.drawn.stratum)
        .ok()
        .and_then(|s| audit.made.strata.get(s))
        .map(|s| s.id.as_str());
    vec![
        ("自查", audit.made.title.clone()),
        ("抽取时的版本", format!("第 {} 版", item.drawn.revision)),
        ("抽取时成交额（元）", crate::web::show::yuan(item.drawn.amount_fen)),
        ("层", stratum_id.map_or_else(String::new, |s| stratum(s, catalogue))),
        (
            "检查人",
            match &item.drawn.assigned_to {
                Some(who) => names.of(who),
                None => "无人可查".to_owned(),
            },
        ),
    ]
}

/// What was found, for whoever only reads it.
fn told(catalogue: &Catalogue, names: &Names, item: &Item) -> Section {
    let mut facts = vec![("结论", item_mark(item)), ("处理", Cell::text(outcome(item)))];
    if let Some(finding) = &item.finding {
        let ground = finding.ground.as_deref().map(|g| {
            let label = catalogue.list(ListName::RevocationGround).label(g);
            label.unwrap_or(g).to_owned()
        });
        facts.extend([
            ("撤销事由", Cell::maybe(ground)),
            ("说明", Cell::text(finding.note.as_deref().unwrap_or(NOTHING))),
            (
                "文书号",
                Cell::text(finding.document_number.as_deref().unwrap_or(NOTHING)),
            ),
            ("送达日期", Cell::text(day(finding.served_on))),
            (
                "检查",
                Cell::text(format!("{}，{}", names.of(&finding.found_by), minute(finding.found_at))),
            ),
        ]);
    }
    Section::facts("finding", "检查结论", facts)
}

fn finding_page(ctx: &Context, visitor: &Visitor, audit: &SelfAudit, item: &Item, contract: &Contract) -> ActPage {
    let place = format!("{}/items/{}", address_of(audit.id), item.id);
    let back = format!("{}?assigned_to=me&state=open", address_of(audit.id));
    let mut act = ActPage::new(visitor.shell("检查合同").at(PLACE), place, back);
    act.button = "记录结论".to_owned();
    act.subject = drawn(&ctx.catalogue, &visitor.names, audit, item);
    act.beside = vec![brief(&ctx.catalogue, contract)];
    act.consequences = vec![
        "自查完成前可以修改结论，合同不受影响。".to_owned(),
        "判为有误的，在完成自查时以您的结论为依据撤销登记，不再计入统计。".to_owned(),
    ];
    let finding = item.finding.as_ref();
    let verdicts = vec![
        Choice {
            hint: "登记内容与合同、附件相符。".to_owned(),
            ..Choice::new(ItemState::Right.id(), "无误")
        },
        Choice {
            hint: "应当撤销登记，请在下面填写事由。".to_owned(),
            ..Choice::new(ItemState::Wrong.id(), "有误")
        },
    ];
    let grounds = choices(ctx.catalogue.list(ListName::RevocationGround));
    act.sets = vec![
        Fieldset::new(
            "",
            vec![
                Field::radios("/verdict", "结论", verdicts)
                    .required()
                    .focus()
                    .span(4)
                    .maybe(finding.map(|f| f.verdict.id())),
                Field::area("/note", "说明", 3)
                    .maybe(finding.and_then(|f| f.note.clone()))
                    .help("核对了什么、发现了什么。事由为“其他”时必填。"),
            ],
        ),
        Fieldset {
            lead: "只在判为有误时填写。".to_owned(),
            ..Fieldset::new(
                "有误",
                vec![
                    Field::select("/ground", "撤销事由", grounds)
                        .maybe(finding.and_then(|f| f.ground.clone()))
                        .span(4)
                        .help("有误时必填。"),
                    Field::text("/document_number", "文书号")
                        .maybe(finding.and_then(|f| f.document_number.clone()))
                        .help("本合同有单独的撤销文书时填写；不填的，用完成自查时填的文书号。"),
                    Field::date("/served_on", "送达日期")
                        .day(finding.and_then(|f| f.served_on))
                        .span(2),
                ],
            )
        },
    ];
    act
}

#[get("/self-audits/{id}/items/{item}")]
pub async fn show_item(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (audit, item, contract) = found(&ctx, &visitor, &path).await?;
    let handled = Handled::of(&contract);
    let judges = policy::decide_finding(&visitor.caller.actor, &handled, item.drawn.assigned_to.as_deref());
    if judges.is_ok() && audit.state == AuditState::Drawn {
        return Ok(finding_page(&ctx, &visitor, &audit, &item, &contract).show());
    }
    let mut sheet = Sheet::new(visitor.shell("自查合同").at(PLACE));
    sheet.acts.push(ActLink::new("返回自查", address_of(audit.id)));
    let facts = drawn(&ctx.catalogue, &visitor.names, &audit, &item).into_iter();
    sheet.facts = facts.map(|(label, text)| (label, Cell::text(text))).collect();
    sheet.sections = vec![
        told(&ctx.catalogue, &visitor.names, &item),
        brief(&ctx.catalogue, &contract),
    ];
    Ok(sheet.show())
}

#[post("/self-audits/{id}/items/{item}")]
pub async fn judge(
    ctx: web::Data<Context>,
    path: web::Path<(String, String)>,
    mut posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let (id, item) = (key(&path.0)?, key(&path.1)?);
    let typed = &mut posted.typed;
    let input = FindingInput {
        item_id: Some(item),
        contract_id: None,
        verdict: typed.text("/verdict"),
        ground: typed.text("/ground"),
        note: typed.text("/note"),
        document_number: typed.text("/document_number"),
        served_on: typed.date("/served_on"),
    };
    let done = record_finding(&ctx, posted.command(acted), id, posted.typed.checked(input)).await;
    let act = async {
        let (audit, item, contract) = found(&ctx, &posted.visitor, &path).await?;
        Ok(finding_page(&ctx, &posted.visitor, &audit, &item, &contract))
    };
    let to = format!("{}?assigned_to=me&state=open&done=finding", address_of(id));
    go_to(done, &to, &posted.typed, act).await
}

async fn assign_page(ctx: &Context, visitor: &Visitor, path: &(String, String)) -> Result<ActPage, Refusal> {
    policy::decide_run_self_audits(&visitor.caller.actor).map_err(Error::from)?;
    let (audit, item, contract) = found(ctx, visitor, path).await?;
    if audit.state != AuditState::Drawn {
        let detail = format!("该自查{}，不能再作更改。", audit.state.label());
        return Err(Error::Conflict(detail).into());
    }
    let place = address_of(audit.id);
    let action = format!("{place}/items/{}/assign", item.id);
    let mut act = ActPage::new(visitor.shell("重新分配").at(PLACE), action, place);
    act.button = "分配".to_owned();
    act.subject = drawn(&ctx.catalogue, &visitor.names, &audit, &item);
    act.subject
        .insert(1, ("合同", crate::web::contract_facts::name(&contract)));
    act.consequences = vec![
        "新的检查人收到通知；原检查人不能再检查这份合同。".to_owned(),
        "已有检查结论的不能改由他人检查，除非作出者已不能检查它。".to_owned(),
    ];
    let auditors = people(read::possible_auditors(ctx, &visitor.caller.actor).await?);
    act.sets = vec![Fieldset::new(
        "",
        vec![
            one("/auditor", "检查人", auditors)
                .required()
                .focus()
                .help("不能是录入、提交、确认该合同的人，也不能属于其登记机构。"),
        ],
    )];
    Ok(act)
}

#[get("/self-audits/{id}/items/{item}/assign")]
pub async fn show_assign(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    Ok(assign_page(&ctx, &visitor, &path).await?.show())
}

#[post("/self-audits/{id}/items/{item}/assign")]
pub async fn assign_item(
    ctx: web::Data<Context>,
    path: web::Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let (id, item) = (key(&path.0)?, key(&path.1)?);
    let auditor = Ok(posted.typed.text("/auditor"));
    let done = assign(&ctx, posted.command(acted), id, item, auditor).await;
    let act = assign_page(&ctx, &posted.visitor, &path);
    go_to(done, &format!("{}?done=assigned", address_of(id)), &posted.typed, act).await
}
