//! Convening a panel, and changing one.

use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::{PLACE, address_of, at_work};
use crate::{
    domain::{contract::Contract, policy},
    http::query::Query,
    usecases::{
        Context, Error, StoredAnswer,
        expert_reviews::{
            MOST_EXPERTS, PanelView,
            convene::{ConveneInput, convene},
            edit::{EditInput, edit},
            read,
        },
        experts,
    },
    web::{
        act::ActPage,
        acted::{acted, go_to, go_to_made},
        contract_facts::name,
        field::{Choice, Field, Fieldset},
        key_page::key,
        people::{one, person, several},
        posted::{Posted, Typed, kept},
        refusal::Refusal,
        show::yuan,
        visitor::Visitor,
    },
};

/// Experts that can be chosen from at most.
const MOST_OFFERED: usize = 500;

/// What stands in the form before anybody types.
#[derive(Default)]
struct Standing {
    title: String,
    held_on: String,
    chair: String,
    experts: Vec<String>,
    contracts: Vec<String>,
}

/// What tells contracts of one name apart.
fn hint(contract: &Contract) -> String {
    let seller = contract.content.seller.name.clone().unwrap_or_default();
    match contract.content.amount_fen {
        Some(fen) => format!("{seller}，{} 元", yuan(fen)),
        None => seller,
    }
}

async fn sets(ctx: &Context, visitor: &Visitor, standing: Standing, seated: &[Choice]) -> Result<Vec<Fieldset>, Error> {
    let actor = &visitor.caller.actor;
    let mut people: Vec<Choice> = experts::list(ctx, actor, None, None, MOST_OFFERED)
        .await?
        .into_iter()
        .map(|expert| Choice {
            hint: expert.employer.unwrap_or_default(),
            ..person(expert.username, expert.full_name)
        })
        .collect();
    // Who sits there stays in the list, in office or not.
    let gone = seated
        .iter()
        .filter(|s| !people.iter().any(|p| p.value == s.value))
        .cloned();
    let gone: Vec<Choice> = gone.collect();
    people.extend(gone);
    let waiting = read::waiting(ctx, actor.clone()).await?;
    let mut seats = people.clone();
    for choice in &mut seats {
        choice.chosen = standing.experts.contains(&choice.value);
    }
    let chosen: Vec<Choice> = waiting
        .iter()
        .map(|contract| Choice {
            chosen: standing.contracts.contains(&contract.id.to_string()),
            hint: hint(contract),
            ..Choice::new(contract.id.to_string(), name(contract))
        })
        .collect();
    let mut contracts = Fieldset::new("合同", Vec::new());
    if chosen.is_empty() {
        contracts.lead =
            "没有等待论证、且您可以办理的合同。合同由领取人“提请专家论证”后在此列出，也可以稍后加入。".to_owned();
    } else {
        contracts.fields.push(
            Field::several("/contracts", "提交论证的合同", chosen)
                .help("已提请专家论证、尚未列入其他论证的合同；本人录入、提交或本机构的不列。"),
        );
    }
    Ok(vec![
        Fieldset::new(
            "论证",
            vec![
                Field::text("/title", "名称")
                    .required()
                    .focus()
                    .value(standing.title)
                    .help("例如“2026 年第二次专家论证”，印在纪要上，最多 200 字。"),
                Field::date("/held_on", "论证日期").required().value(standing.held_on),
            ],
        ),
        Fieldset::new(
            "专家组",
            vec![
                several("/experts", "专家", seats)
                    .required()
                    .help(format!(
                        "最多 {MOST_EXPERTS} 人，组长在内。所在单位是合同卖方、买方或登记机构的，或经办过合同的，系统自动列为该合同的回避人。"
                    )),
                one("/chair", "组长", people)
                    .required()
                    .value(standing.chair)
                    .help("应为所选专家之一，由其形成结论。"),
            ],
        ),
        contracts,
    ])
}

fn keys(typed: &Typed) -> Vec<i64> {
    // What is no key is the key of no contract.
    typed
        .all("/contracts")
        .iter()
        .map(|k| k.parse().unwrap_or(-1))
        .collect()
}

fn convened(view: &PanelView) -> Result<StoredAnswer, Error> {
    kept(format!("{}?done=convened", address_of(view.review.id)))
}

async fn new_page(ctx: &Context, visitor: &Visitor, contract: Option<i64>) -> Result<ActPage, Refusal> {
    policy::decide_convene(&visitor.caller.actor).map_err(Error::from)?;
    let mut act = ActPage::new(visitor.shell("召集专家论证").at(PLACE), "/expert-reviews/new", PLACE);
    act.consequences = vec![
        "所选专家收到通知，并能看到合同的全部内容（须回避的除外）。".to_owned(),
        "达到规定人数后由组长按多数意见形成结论，合同随即回到原领取人处。".to_owned(),
    ];
    act.button = "召集".to_owned();
    let standing = Standing {
        contracts: contract.map(|c| c.to_string()).into_iter().collect(),
        held_on: ctx.clock.today().to_string(),
        ..Standing::default()
    };
    act.sets = sets(ctx, visitor, standing, &[]).await?;
    Ok(act)
}

#[get("/expert-reviews/new")]
pub async fn show_convene(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    policy::decide_convene(&visitor.caller.actor).map_err(Error::from)?;
    let mut query = Query::parse(request.query_string());
    let contract = query.integer("contract", 0..=i64::MAX);
    query.finish()?;
    Ok(new_page(&ctx, &visitor, contract).await?.show())
}

#[post("/expert-reviews/new")]
pub async fn convene_panel(ctx: web::Data<Context>, mut posted: Posted) -> Result<HttpResponse, Refusal> {
    let typed = &mut posted.typed;
    let input = ConveneInput {
        title: typed.text("/title"),
        held_on: typed.date("/held_on"),
        chair: typed.text("/chair"),
        experts: Some(typed.all("/experts")),
        contracts: Some(keys(typed)),
    };
    let done = convene(&ctx, posted.command(convened), posted.typed.checked(input)).await;
    let act = new_page(&ctx, &posted.visitor, None);
    go_to_made(done, convened, &posted.typed, act).await
}

async fn edit_page(ctx: &Context, visitor: &Visitor, id: i64) -> Result<ActPage, Refusal> {
    let actor = &visitor.caller.actor;
    let view = read::read(ctx, actor.clone(), id).await?;
    policy::decide_change_panel(actor, &view.review).map_err(Error::from)?;
    let view = match at_work(ctx, actor.clone(), id).await {
        Ok(view) => view,
        Err(refusal) => return Err(refusal),
    };
    let review = &view.review;
    let place = address_of(id);
    let mut act = ActPage::new(visitor.shell("修改论证").at(PLACE), format!("{place}/edit"), place);
    act.button = "保存".to_owned();
    let contracts = read::contracts(ctx, actor.clone(), id).await?;
    let before: Vec<String> = review
        .contracts
        .iter()
        .filter_map(|line| contracts.get(&line.contract_id))
        .map(|c| {
            format!(
                "{}（{} 元）",
                name(c),
                c.content.amount_fen.map(yuan).unwrap_or_default()
            )
        })
        .collect();
    act.subject = vec![
        ("论证", review.title.clone()),
        (
            "已列入的合同",
            if before.is_empty() {
                "无".to_owned()
            } else {
                before.join("\n")
            },
        ),
    ];
    act.consequences = vec![
        "新加入的专家收到通知；已发表意见的专家不能移出，须回避的请登记回避。".to_owned(),
        "已列入的合同不能在此移出；论证无法进行的，由其领取人收回。".to_owned(),
    ];
    let seated: Vec<Choice> = review
        .members
        .iter()
        .map(|m| Choice::new(&m.username, super::named(m)))
        .collect();
    let standing = Standing {
        title: review.title.clone(),
        held_on: review.held_on.to_string(),
        chair: review.chair.clone(),
        experts: review.members.iter().map(|m| m.username.clone()).collect(),
        contracts: Vec::new(),
    };
    act.sets = sets(ctx, visitor, standing, &seated).await?;
    Ok(act)
}

#[get("/expert-reviews/{id}/edit")]
pub async fn show_edit(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    Ok(edit_page(&ctx, &visitor, key(&path)?).await?.show())
}

#[post("/expert-reviews/{id}/edit")]
pub async fn edit_panel(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    mut posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let before = read::read(&ctx, posted.visitor.caller.actor.clone(), id).await?;
    let typed = &mut posted.typed;
    // Who is chair already need not be in office; a new one must.
    let chair = typed.text("/chair").filter(|c| *c != before.review.chair);
    let input = EditInput {
        title: Some(typed.text("/title")),
        held_on: Some(typed.date("/held_on")),
        chair: match typed.raw("/chair").is_empty() {
            true => Some(None),
            false => chair.map(Some),
        },
        experts: Some(Some(typed.all("/experts"))),
        contracts: Some(Some(keys(typed))),
    };
    let done = edit(&ctx, posted.command(acted), id, posted.typed.checked(input)).await;
    let act = edit_page(&ctx, &posted.visitor, id);
    go_to(done, &format!("{}?done=saved", address_of(id)), &posted.typed, act).await
}
