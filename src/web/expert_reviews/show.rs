//! A panel: members, contracts and how things stand with each, recusals, opinions as far as the visitor may know them.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{PLACE, address_of, named, outcome_mark, person, state_mark};
use crate::{
    domain::{
        account::Actor,
        catalogue::Catalogue,
        contract::Contract,
        expert_review::{Outcome, PanelContract, PanelState, Recusal},
        policy,
    },
    http::query::Query,
    usecases::{
        Context,
        expert_reviews::{Line, OpinionView, PanelView, Tallied, read},
    },
    web::{
        contract_facts::name,
        key_page::{address, key},
        refusal::Refusal,
        sheet::{ActLink, Section, Sheet},
        show::{minute, yuan},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

/// What the page is made of.
struct Panel {
    view: PanelView,
    contracts: HashMap<i64, Contract>,
    opinions: Vec<OpinionView>,
    recusals: Vec<Recusal>,
    actor: Actor,
}

#[get("/expert-reviews/{id}")]
pub async fn show_expert_review(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let actor = visitor.caller.actor.clone();
    let view = read::read(&ctx, actor.clone(), id).await?;
    let mut query = Query::parse(request.query_string());
    let done = query.text("done");
    query.finish()?;
    let panel = Panel {
        contracts: read::contracts(&ctx, actor.clone(), id).await?,
        opinions: read::opinions(&ctx, actor.clone(), id).await?,
        recusals: read::recusals(&ctx, actor.clone(), id).await?,
        view,
        actor,
    };
    let review = &panel.view.review;
    let mut sheet = Sheet::new(visitor.shell(&review.title).at(PLACE).done(done.as_deref()));
    sheet.acts = panel.acts();
    sheet.facts = vec![
        ("状态", state_mark(review.state)),
        ("日期", Cell::text(review.held_on.to_string())),
        ("组长", Cell::text(person(&panel.view, &review.chair))),
        ("召集人", Cell::text(&review.convened_by)),
        ("召集时间", Cell::text(minute(review.created_at))),
        ("结束时间", Cell::maybe(review.closed_at.map(minute))),
    ];
    sheet.sections = vec![
        panel.lines(&ctx.catalogue),
        panel.said(&ctx.catalogue),
        panel.members(),
        panel.stays_out(),
    ];
    Ok(sheet.show())
}

fn columns(labels: &[&str]) -> Vec<Column> {
    let column = |label: &&str| match label.ends_with("（元）") {
        true => Column::number(*label),
        false => Column::text(*label),
    };
    labels.iter().map(column).collect()
}

impl Panel {
    fn is_open(&self) -> bool {
        self.view.review.state == PanelState::Open
    }

    /// Whether the visitor votes on this panel.
    fn votes(&self) -> bool {
        self.is_open() && policy::decide_opinion(&self.actor, &self.view.review).is_ok()
    }

    fn acts(&self) -> Vec<ActLink> {
        let review = &self.view.review;
        let place = address_of(review.id);
        let convenes = policy::decide_change_panel(&self.actor, review).is_ok();
        let mut acts = Vec::new();
        if self.is_open() && convenes {
            acts.push(ActLink::new("修改论证", format!("{place}/edit")));
        }
        if self.is_open() && (convenes || self.votes()) {
            let label = if convenes { "登记回避" } else { "申明回避" };
            acts.push(ActLink::new(label, format!("{place}/recuse")));
        }
        if !self.is_open() {
            acts.push(ActLink::new("论证纪要", format!("{place}/minutes")).main());
        }
        acts
    }

    fn link(&self, contract: i64) -> Cell {
        let known = self.contracts.get(&contract);
        Cell::link(
            known.map_or_else(|| format!("合同 {contract}"), name),
            format!("/contracts/{contract}"),
        )
    }

    fn lines(&self, catalogue: &Catalogue) -> Section {
        let table = Table {
            caption: "提交论证的合同".to_owned(),
            columns: columns(&["合同", "卖方", "合同成交额（元）", "状态", "表决", "结论", "办理"]),
            rows: self.view.lines.iter().map(|line| self.line(catalogue, line)).collect(),
            empty: "没有您可以查看的合同。".to_owned(),
            ..Table::default()
        };
        Section::list("contracts", "合同", table)
    }

    fn line(&self, catalogue: &Catalogue, line: &Line) -> Row {
        let id = line.contract.contract_id;
        let content = self.contracts.get(&id).map(|c| &c.content);
        let concluded = line.contract.concluded.as_ref();
        let mut conclusion = concluded
            .map(|c| c.ballot.in_words(catalogue, yuan))
            .unwrap_or_default();
        if let Some(reason) = line
            .contract
            .reason
            .as_ref()
            .filter(|_| line.contract.outcome != Outcome::Open)
        {
            conclusion = format!("{conclusion}\n理由：{reason}").trim_start().to_owned();
        }
        if let Some(dissenting) = line.dissenting.filter(|d| *d > 0) {
            conclusion.push_str(&format!("\n不同意见 {dissenting} 票"));
        }
        let quorum = &line.quorum;
        let mut votes = format!(
            "应投 {}，已投 {}\n须 {} 票",
            quorum.entitled, quorum.votes, quorum.needed
        );
        if line.contract.round() > 1 {
            votes = format!("第 {} 轮：{votes}", line.contract.round());
        }
        if line.contract.outcome == Outcome::Open && line.contract.closed_voting().is_some() {
            votes.push_str("\n表决已结束");
            match &line.tallied {
                Some(Tallied::Majority(ballot)) => {
                    votes.push_str(&format!("，多数意见：{}", ballot.in_words(catalogue, yuan)));
                }
                Some(Tallied::NoMajority) => votes.push_str("，没有多数意见"),
                None => {}
            }
        }
        Row {
            key: id.to_string(),
            cells: vec![
                self.link(id),
                Cell::maybe(content.and_then(|c| c.seller.name.clone())),
                Cell::yuan(content.and_then(|c| c.amount_fen)),
                outcome_mark(line.contract.outcome),
                Cell::text(votes),
                Cell::text(if conclusion.is_empty() {
                    "–".to_owned()
                } else {
                    conclusion
                }),
                self.offers(line),
            ],
        }
    }

    /// What the visitor may do with one contract of the panel.
    fn offers(&self, line: &Line) -> Cell {
        let review = &self.view.review;
        let id = line.contract.contract_id;
        let place = address_of(review.id);
        let of = |act: &str| address(&format!("{place}/{act}"), &[("contract", Some(id.to_string()))]);
        let mut cells = Vec::new();
        if line.contract.outcome != Outcome::Open {
            return Cell::text("–");
        }
        let voting = line.contract.closed_voting().is_none();
        if self.votes() && voting {
            let round = line.contract.round();
            let own = self
                .opinions
                .iter()
                .map(|o| &o.opinion)
                .any(|o| (o.contract_id, o.round) == (id, round) && o.username == self.actor.username);
            cells.push(Cell::link(if own { "修改意见" } else { "发表意见" }, of("opinion")));
        }
        if self.is_open() && policy::decide_conclude(&self.actor, review).is_ok() && !line.chair_recused {
            cells.push(match (voting, &line.tallied) {
                (true, _) if line.quorum.is_met() => Cell::link("结束表决", of("close-voting")),
                (true, _) => Cell::text("票数不足，暂不能结束表决"),
                (false, Some(Tallied::NoMajority)) => Cell::link("开启下一轮表决", of("open-voting")),
                (false, _) => Cell::link("形成结论", of("conclude")),
            });
        }
        if line.chair_recused {
            cells.push(Cell::mark("组长回避，须更换组长", "bad"));
        }
        match cells.is_empty() {
            true => Cell::text("–"),
            false => Cell::Many(cells),
        }
    }

    fn said(&self, catalogue: &Catalogue) -> Section {
        let rows = self.opinions.iter().map(|said| {
            let o = &said.opinion;
            let last = self.view.review.contract(o.contract_id).map_or(1, PanelContract::round);
            let standing = match (said.counts, said.dissents) {
                (false, _) => Cell::mark("回避，不计票", "over"),
                (true, _) if o.round < last => Cell::mark(format!("第 {} 轮，没有多数意见", o.round), "plain"),
                (true, Some(true)) => Cell::mark("不同意见", "wait"),
                (true, Some(false)) => Cell::mark("与结论一致", "good"),
                (true, None) => Cell::mark("计票", "plain"),
            };
            Row {
                key: o.id.to_string(),
                cells: vec![
                    Cell::text(person(&self.view, &o.username)),
                    self.link(o.contract_id),
                    Cell::text(o.ballot.in_words(catalogue, yuan)),
                    Cell::text(&o.text),
                    Cell::text(minute(o.given_at)),
                    standing,
                ],
            }
        });
        let table = Table {
            caption: "各专家的意见".to_owned(),
            columns: columns(&["专家", "合同", "意见", "理由", "时间", "计票"]),
            rows: rows.collect(),
            empty: if self.votes() {
                "您还没有发表意见。"
            } else {
                "没有可以查看的意见。"
            }
            .to_owned(),
            ..Table::default()
        };
        let section = Section::list("opinions", "专家意见", table);
        match self.is_open() {
            true => section.lead(
                "表决结束前，各人只能看到本人的意见和已投票数；表决结束后向专家组公开，论证结束后公开给有权查看的人。",
            ),
            false => section,
        }
    }

    fn members(&self) -> Section {
        let review = &self.view.review;
        let rows = review.members.iter().map(|member| {
            let part = if member.username == review.chair {
                "组长"
            } else {
                "成员"
            };
            let standing = match (&member.recusal_reason, member.active) {
                (Some(reason), _) => Cell::Many(vec![Cell::mark("回避全部合同", "over"), Cell::text(reason)]),
                (None, false) => Cell::mark("账号已锁定或不再任专家", "bad"),
                (None, true) => Cell::mark("参加", "good"),
            };
            Row {
                key: member.username.clone(),
                cells: vec![Cell::text(named(member)), Cell::text(part), standing],
            }
        });
        let table = Table {
            caption: format!("专家 {} 人", review.members.len()),
            columns: columns(&["专家", "身份", "状态"]),
            rows: rows.collect(),
            ..Table::default()
        };
        Section::list("members", "专家组", table)
    }

    fn stays_out(&self) -> Section {
        let rows = self.recusals.iter().map(|r| Row {
            key: r.id.to_string(),
            cells: vec![
                Cell::text(person(&self.view, &r.username)),
                self.link(r.contract_id),
                Cell::text(r.kind.label()),
                Cell::text(&r.reason),
                Cell::text(&r.recorded_by),
                Cell::text(minute(r.recorded_at)),
            ],
        });
        let table = Table {
            caption: "回避的专家和合同".to_owned(),
            columns: columns(&["专家", "合同", "方式", "理由", "登记人", "时间"]),
            rows: rows.collect(),
            empty: "没有可以查看的回避。".to_owned(),
            ..Table::default()
        };
        Section::list("recusals", "回避", table)
    }
}
