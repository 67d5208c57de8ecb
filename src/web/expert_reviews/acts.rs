//! What is done on a panel by its members: staying out, and giving an opinion. The chair's acts are in `chair`.

use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::{PLACE, address_of, at_work};
use crate::{
    domain::{
        catalogue::Catalogue,
        code_list::ListName,
        contract::{Conclusion, Contract},
        expert_review::Outcome,
        policy,
    },
    http::query::Query,
    usecases::{
        Context, Error,
        expert_reviews::{
            PanelView,
            give_opinion::{OpinionInput, give_opinion},
            read,
            recuse::{RecuseInput, recuse},
        },
    },
    web::{
        act::ActPage,
        acted::{acted, go_to},
        contract_facts::{brief, name},
        field::{Choice, Field, Fieldset, choices},
        key_page::key,
        posted::{Posted, Typed},
        refusal::Refusal,
        visitor::Visitor,
    },
};

/// The contract that an act's address names.
pub(super) fn asked(request: &HttpRequest) -> Result<Option<i64>, Refusal> {
    let mut query = Query::parse(request.query_string());
    let contract = query.integer("contract", 0..=i64::MAX);
    query.finish()?;
    Ok(contract)
}

/// The contract that a form names; what is no key is the key of nothing.
pub(super) fn named(typed: &Typed) -> Option<i64> {
    typed.text("/contract_id").map(|k| k.parse().unwrap_or(-1))
}

/// A contract that is open before the panel.
pub(super) async fn open_contract(
    ctx: &Context,
    visitor: &Visitor,
    view: &PanelView,
    wanted: Option<i64>,
) -> Result<Contract, Refusal> {
    let id = view.review.id;
    let mut lines = view.lines.iter().map(|l| &l.contract);
    let line = match wanted {
        Some(wanted) => lines.find(|l| l.contract_id == wanted).ok_or(Error::NotFound)?,
        None => lines.find(|l| l.outcome == Outcome::Open).ok_or(Error::NotFound)?,
    };
    match line.outcome {
        Outcome::Open => {}
        Outcome::Concluded => return Err(Error::Conflict("本次论证已就该合同形成结论。".into()).into()),
        Outcome::Recalled => return Err(Error::Conflict("该合同已由审核员收回。".into()).into()),
    }
    let mut contracts = read::contracts(ctx, visitor.caller.actor.clone(), id).await?;
    Ok(contracts.remove(&line.contract_id).ok_or(Error::NotFound)?)
}

fn votes() -> Vec<Choice> {
    Conclusion::ALL
        .into_iter()
        .map(|vote| Choice {
            hint: match vote {
                Conclusion::Recognise => "按录入的类别和技术交易额认定。",
                Conclusion::RecogniseWithChanges => "认定，但类别、子类或技术交易额应当调整，请在下面填写。",
                Conclusion::NotRecognise => "不属于技术合同，或不符合认定条件。",
            }
            .to_owned(),
            ..Choice::new(vote.id(), vote.label())
        })
        .collect()
}

/// The subtypes, under the types that they belong to.
fn subtypes(catalogue: &Catalogue) -> Vec<Choice> {
    let types = catalogue.list(ListName::Type);
    let items = catalogue.list(ListName::Subtype).items().iter();
    items
        .map(|item| Choice {
            group: item
                .parent
                .as_deref()
                .and_then(|t| types.label(t))
                .unwrap_or_default()
                .to_owned(),
            ..Choice::new(&item.id, &item.label)
        })
        .collect()
}

async fn opinion_page(ctx: &Context, visitor: &Visitor, id: i64, contract: Option<i64>) -> Result<ActPage, Refusal> {
    let actor = &visitor.caller.actor;
    let view = read::read(ctx, actor.clone(), id).await?;
    policy::decide_opinion(actor, &view.review).map_err(Error::from)?;
    at_work(ctx, actor.clone(), id).await?;
    let contract = open_contract(ctx, visitor, &view, contract).await?;
    let line = super::line_of(&view, contract.id)?;
    if line.closed_voting().is_some() {
        return Err(Error::Conflict("该合同的表决已经结束，意见不能再改。".into()).into());
    }
    let said = read::opinions(ctx, actor.clone(), id).await?;
    let own = said
        .iter()
        .map(|o| &o.opinion)
        .find(|o| o.contract_id == contract.id && o.round == line.round() && o.username == actor.username);
    let place = address_of(id);
    let title = if own.is_some() { "修改意见" } else { "发表意见" };
    let mut act = ActPage::new(visitor.shell(title).at(PLACE), format!("{place}/opinion"), place);
    act.button = "提交意见".to_owned();
    act.consequences = vec![
        "表决结束前，其他任何人（含组长、召集人、审计员）只能看到已投几票，看不到您的意见。".to_owned(),
        "表决结束前您可以随时修改；结束后不能再改，专家组成员可以看到，并连同姓名记入纪要。".to_owned(),
    ];
    act.beside = vec![brief(&ctx.catalogue, &contract)];
    let changes = own.map(|o| o.ballot.changes.clone()).unwrap_or_default();
    act.sets = vec![
        Fieldset::new(
            "",
            vec![
                Field::hidden("/contract_id", contract.id.to_string()),
                Field::radios("/vote", "意见", votes())
                    .required()
                    .span(4)
                    .focus()
                    .maybe(own.map(|o| o.ballot.vote.id())),
                Field::area("/text", "理由", 5)
                    .required()
                    .maybe(own.map(|o| o.text.clone()))
                    .help("说明判断的依据，记入纪要，最多 2000 字。"),
            ],
        ),
        Fieldset {
            lead: "只在选“调整后认定”时填写，至少填一项；不变的留空。".to_owned(),
            ..Fieldset::new(
                "调整",
                vec![
                    Field::select("/type", "合同类别", choices(ctx.catalogue.list(ListName::Type)))
                        .maybe(changes.contract_type)
                        .span(4),
                    Field::select("/subtype", "合同子类", subtypes(&ctx.catalogue))
                        .maybe(changes.subtype)
                        .help("调整类别时必填，且属于该类别。")
                        .span(4),
                    Field::yuan("/technology_amount_fen", "技术交易额（元）")
                        .fen(changes.technology_amount_fen)
                        .help("大于 0，不超过合同成交额。")
                        .span(4),
                ],
            )
        },
    ];
    Ok(act)
}

#[get("/expert-reviews/{id}/opinion")]
pub async fn show_opinion(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let act = opinion_page(&ctx, &visitor, key(&path)?, asked(&request)?).await?;
    Ok(act.show())
}

#[post("/expert-reviews/{id}/opinion")]
pub async fn give(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    mut posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let contract = named(&posted.typed);
    let typed = &mut posted.typed;
    let input = OpinionInput {
        contract_id: contract,
        vote: typed.text("/vote"),
        contract_type: typed.text("/type"),
        subtype: typed.text("/subtype"),
        technology_amount_fen: typed.yuan("/technology_amount_fen"),
        text: typed.text("/text"),
    };
    let done = give_opinion(&ctx, posted.command(acted), id, posted.typed.checked(input)).await;
    let act = opinion_page(&ctx, &posted.visitor, id, contract);
    go_to(done, &format!("{}?done=opinion", address_of(id)), &posted.typed, act).await
}

async fn recuse_page(ctx: &Context, visitor: &Visitor, id: i64, contract: Option<i64>) -> Result<ActPage, Refusal> {
    let actor = &visitor.caller.actor;
    let view = read::read(ctx, actor.clone(), id).await?;
    let convenes = policy::decide_change_panel(actor, &view.review).is_ok();
    policy::decide_recuse(actor, &view.review, &actor.username).map_err(Error::from)?;
    at_work(ctx, actor.clone(), id).await?;
    let contracts = read::contracts(ctx, actor.clone(), id).await?;
    let open = view.lines.iter().map(|l| &l.contract);
    let open = open.filter(|c| c.outcome == Outcome::Open && c.closed_voting().is_none());
    let offered: Vec<Choice> = open
        .filter_map(|c| contracts.get(&c.contract_id))
        .map(|c| Choice::new(c.id.to_string(), name(c)))
        .collect();
    let place = address_of(id);
    let title = if convenes { "登记回避" } else { "申明回避" };
    let mut act = ActPage::new(visitor.shell(title).at(PLACE), format!("{place}/recuse"), place);
    act.subject = vec![("论证", view.review.title.clone())];
    act.consequences = vec![
        "回避后看不到该合同，不再有表决权；已发表的意见保留，但不计票。".to_owned(),
        "回避不能撤销。组长回避的，须由召集人更换组长后才能结束表决、形成结论。".to_owned(),
        "表决已经结束的合同不在其列：结束后须回避的，由审核员收回合同，另行论证。".to_owned(),
    ];
    act.grave = true;
    let mut fields = Vec::new();
    if convenes {
        let members = view.review.members.iter();
        let members = members.map(|m| Choice::new(&m.username, super::named(m))).collect();
        fields.push(Field::select("/username", "专家", members).required().focus());
    }
    fields.push(
        Field::select("/contract_id", "合同", offered)
            .maybe(contract.map(|c| c.to_string()))
            .help("留空表示回避本次论证的全部合同，包括以后加入的。"),
    );
    fields.push(
        Field::area("/reason", "理由", 3)
            .required()
            .help("例如与当事人有亲属、雇佣、投资关系，或参与过该项目。"),
    );
    act.sets = vec![Fieldset::new("", fields)];
    Ok(act)
}

#[get("/expert-reviews/{id}/recuse")]
pub async fn show_recuse(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let act = recuse_page(&ctx, &visitor, key(&path)?, asked(&request)?).await?;
    Ok(act.show())
}

#[post("/expert-reviews/{id}/recuse")]
pub async fn recuse_member(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let mut typed = posted.typed.clone();
    if typed.has("/username") && typed.text("/username").is_none() {
        typed.wrong("/username", "required", "请选择专家。");
    }
    let input = RecuseInput {
        contract_id: named(&typed),
        username: typed.text("/username"),
        reason: typed.text("/reason"),
    };
    let done = recuse(&ctx, posted.command(acted), id, typed.checked(input)).await;
    let act = recuse_page(&ctx, &posted.visitor, id, None);
    // Whoever stays out of everything may still see the panel.
    go_to(done, &format!("{}?done=recused", address_of(id)), &posted.typed, act).await
}
