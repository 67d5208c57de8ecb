//! What the chair of a panel does: ending a round of voting, opening another, concluding with the opinions in sight.

use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::{
    PLACE,
    acts::{asked, named, open_contract},
    address_of, at_work, line_of, person,
};
use crate::{
    domain::{contract::Contract, expert_review::PanelContract, policy},
    usecases::{
        Context, Error,
        expert_reviews::{
            Line, PanelView, Tallied,
            close_voting::{VotingInput, close_voting},
            conclude::{ConcludeInput, conclude},
            open_voting::open_voting,
            read,
        },
    },
    web::{
        act::ActPage,
        acted::{acted, go_to},
        contract_facts::brief,
        field::{Field, Fieldset},
        key_page::key,
        posted::Posted,
        refusal::Refusal,
        sheet::Section,
        show::{minute, yuan},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

/// What the chair acts on.
struct Chaired {
    view: PanelView,
    contract: Contract,
}

impl Chaired {
    /// The contract that the chair of an open panel acts on.
    async fn of(ctx: &Context, visitor: &Visitor, id: i64, contract: Option<i64>) -> Result<Self, Refusal> {
        let actor = &visitor.caller.actor;
        let view = read::read(ctx, actor.clone(), id).await?;
        policy::decide_conclude(actor, &view.review).map_err(Error::from)?;
        at_work(ctx, actor.clone(), id).await?;
        let contract = open_contract(ctx, visitor, &view, contract).await?;
        Ok(Self { view, contract })
    }

    fn line(&self) -> Result<&Line, Refusal> {
        let mut lines = self.view.lines.iter();
        let line = lines.find(|l| l.contract.contract_id == self.contract.id);
        Ok(line.ok_or(Error::NotFound)?)
    }

    fn act(&self, ctx: &Context, visitor: &Visitor, title: &str, below: &str) -> ActPage {
        let place = address_of(self.view.review.id);
        let mut act = ActPage::new(visitor.shell(title).at(PLACE), format!("{place}/{below}"), place);
        act.grave = true;
        act.beside = vec![brief(&ctx.catalogue, &self.contract)];
        act.sets = vec![Fieldset::new(
            "",
            vec![Field::hidden("/contract_id", self.contract.id.to_string())],
        )];
        act
    }

    /// The opinions of the round that counts, as the panel reads them once voting is closed.
    async fn opinions(&self, ctx: &Context, visitor: &Visitor) -> Result<Section, Refusal> {
        let line = line_of(&self.view, self.contract.id)?;
        let said = read::opinions(ctx, visitor.caller.actor.clone(), self.view.review.id).await?;
        let of_round = said
            .iter()
            .filter(|o| (o.opinion.contract_id, o.opinion.round) == (self.contract.id, line.round()) && o.counts);
        let rows = of_round.map(|said| {
            let o = &said.opinion;
            Row {
                key: o.id.to_string(),
                cells: vec![
                    Cell::text(person(&self.view, &o.username)),
                    Cell::text(o.ballot.in_words(&ctx.catalogue, yuan)),
                    Cell::text(&o.text),
                    Cell::text(minute(o.given_at)),
                ],
            }
        });
        let table = Table {
            caption: format!("第 {} 轮表决的意见", line.round()),
            columns: ["专家", "意见", "理由", "时间"].map(Column::text).into(),
            rows: rows.collect(),
            ..Table::default()
        };
        Ok(Section::list("opinions", "专家意见", table))
    }
}

/// Refuses what waits for the end of voting.
fn voting_closed(line: &PanelContract) -> Result<(), Refusal> {
    match line.closed_voting() {
        Some(_) => Ok(()),
        None => Err(Error::Conflict("表决尚未结束，请先结束表决。".into()).into()),
    }
}

async fn close_page(ctx: &Context, visitor: &Visitor, id: i64, contract: Option<i64>) -> Result<ActPage, Refusal> {
    let chaired = Chaired::of(ctx, visitor, id, contract).await?;
    let line = chaired.line()?;
    if line.contract.closed_voting().is_some() {
        return Err(Error::Conflict("该合同的表决已经结束。".into()).into());
    }
    let mut act = chaired.act(ctx, visitor, "结束表决", "close-voting");
    let quorum = &line.quorum;
    act.consequences = vec![
        format!(
            "第 {} 轮表决：应投 {} 人，已投 {} 票，须 {} 票。",
            line.contract.round(),
            quorum.entitled,
            quorum.votes,
            quorum.needed
        ),
        "结束后各人的意见不能再改，没有投票的不能再投，也不能再登记回避；专家组成员可以看到全部意见。".to_owned(),
        "有多数意见的，由您写明理由形成结论；没有的，可以开启下一轮表决。".to_owned(),
    ];
    Ok(act)
}

#[get("/expert-reviews/{id}/close-voting")]
pub async fn show_close_voting(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let act = close_page(&ctx, &visitor, key(&path)?, asked(&request)?).await?;
    Ok(act.show())
}

#[post("/expert-reviews/{id}/close-voting")]
pub async fn close_contract_voting(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let contract = named(&posted.typed);
    let input = VotingInput { contract_id: contract };
    let done = close_voting(&ctx, posted.command(acted), id, Ok(input)).await;
    let act = close_page(&ctx, &posted.visitor, id, contract);
    go_to(
        done,
        &format!("{}?done=voting-closed", address_of(id)),
        &posted.typed,
        act,
    )
    .await
}

async fn open_page(ctx: &Context, visitor: &Visitor, id: i64, contract: Option<i64>) -> Result<ActPage, Refusal> {
    let chaired = Chaired::of(ctx, visitor, id, contract).await?;
    let line = chaired.line()?;
    voting_closed(&line.contract)?;
    if let Some(Tallied::Majority(_)) = line.tallied {
        return Err(Error::Conflict("表决已有多数意见，请形成结论。".into()).into());
    }
    let mut act = chaired.act(ctx, visitor, "开启下一轮表决", "open-voting");
    act.beside.push(chaired.opinions(ctx, visitor).await?);
    act.consequences = vec![
        format!(
            "第 {} 轮表决没有一种意见超过有表决权专家（{} 人）的半数。",
            line.contract.round(),
            line.quorum.entitled
        ),
        format!(
            "开启第 {} 轮后，有表决权的专家重新发表意见，并收到通知；本轮的意见和票数记入纪要。",
            line.contract.round() + 1
        ),
    ];
    Ok(act)
}

#[get("/expert-reviews/{id}/open-voting")]
pub async fn show_open_voting(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let act = open_page(&ctx, &visitor, key(&path)?, asked(&request)?).await?;
    Ok(act.show())
}

#[post("/expert-reviews/{id}/open-voting")]
pub async fn open_contract_voting(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let contract = named(&posted.typed);
    let input = VotingInput { contract_id: contract };
    let done = open_voting(&ctx, posted.command(acted), id, Ok(input)).await;
    let act = open_page(&ctx, &posted.visitor, id, contract);
    go_to(
        done,
        &format!("{}?done=voting-opened", address_of(id)),
        &posted.typed,
        act,
    )
    .await
}

async fn conclude_page(ctx: &Context, visitor: &Visitor, id: i64, contract: Option<i64>) -> Result<ActPage, Refusal> {
    let chaired = Chaired::of(ctx, visitor, id, contract).await?;
    let line = chaired.line()?;
    voting_closed(&line.contract)?;
    let mut act = chaired.act(ctx, visitor, "形成论证结论", "conclude");
    act.button = "形成结论".to_owned();
    act.beside.push(chaired.opinions(ctx, visitor).await?);
    let quorum = &line.quorum;
    act.consequences.push(match &line.tallied {
        Some(Tallied::Majority(ballot)) => format!(
            "有表决权 {} 人，投票 {} 票，多数意见为“{}”，即为结论。",
            quorum.entitled,
            quorum.votes,
            ballot.in_words(&ctx.catalogue, yuan)
        ),
        Some(Tallied::NoMajority) | None => format!(
            "有表决权 {} 人，投票 {} 票，没有多数意见，不能形成结论；请开启下一轮表决。",
            quorum.entitled, quorum.votes
        ),
    });
    act.consequences
        .push("形成后不能更改，合同回到原领取人处；全部合同有结论后论证结束，各专家的意见公开并记入纪要。".to_owned());
    act.sets = vec![Fieldset::new(
        "",
        vec![
            Field::hidden("/contract_id", chaired.contract.id.to_string()),
            Field::area("/reason", "结论的理由", 4)
                .required()
                .focus()
                .help("综合各专家意见写明，记入合同和纪要。"),
        ],
    )];
    Ok(act)
}

#[get("/expert-reviews/{id}/conclude")]
pub async fn show_conclude(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let act = conclude_page(&ctx, &visitor, key(&path)?, asked(&request)?).await?;
    Ok(act.show())
}

#[post("/expert-reviews/{id}/conclude")]
pub async fn conclude_contract(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let contract = named(&posted.typed);
    let input = ConcludeInput {
        contract_id: contract,
        conclusion: None,
        reason: posted.typed.text("/reason"),
    };
    let done = conclude(&ctx, posted.command(acted), id, Ok(input)).await;
    let act = conclude_page(&ctx, &posted.visitor, id, contract);
    go_to(done, &format!("{}?done=concluded", address_of(id)), &posted.typed, act).await
}
