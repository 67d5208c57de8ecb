//! The minutes 论证纪要 of a closed panel.

use crate::{
    documents::expert_minutes::{self, EarlierRound, Item, Minutes, Vote},
    domain::{
        account::Actor,
        contract::Contract,
        expert_review::{Opinion, PanelContract, PanelState, Sitting},
        money::grouped_yuan,
    },
    storage::contracts,
    usecases::{
        Context, Error, documents,
        people::{self, Names},
    },
};

use super::{panel, view};

/// The minutes of a closed panel, as far as the caller may know its contracts.
///
/// # Errors
/// [`Error::NotFound`] where there is no panel that the caller may know of; [`Error::Conflict`] while it is open.
pub async fn minutes(ctx: &Context, actor: Actor, id: i64) -> Result<Minutes, Error> {
    let context = ctx.clone();
    ctx.store
        .read(move |db| {
            let sitting = panel::visible(db, &actor, id)?;
            if sitting.review.state == PanelState::Open {
                return Err(Error::Conflict("论证未结束，尚无纪要。".into()));
            }
            let names = people::read(db)?;
            let review = &sitting.review;
            let mut items = Vec::new();
            let lines = review.contracts.iter();
            for line in lines.filter(|c| view::shows(&actor, &sitting, c.contract_id)) {
                let contract =
                    contracts::find(db, line.contract_id)?.ok_or_else(|| Error::internal("a contract vanished"))?;
                items.push(item(&context, &names, &sitting, line, &contract));
            }
            Ok(Minutes {
                title: review.title.clone(),
                number: review.id,
                held_on: review.held_on,
                chair: names.of(&review.chair),
                members: review.members.iter().map(|m| names.of(&m.username)).collect(),
                convened_by: names.of(&review.convened_by),
                closed_at: review.closed_at,
                items,
            })
        })
        .await
}

/// The same as a PDF.
///
/// # Errors
/// As [`minutes`]; [`Error::Unavailable`] where the machine has no Chinese font.
pub async fn minutes_pdf(ctx: &Context, actor: Actor, id: i64) -> Result<Vec<u8>, Error> {
    let minutes = minutes(ctx, actor, id).await?;
    documents::make(ctx, move |pdf| expert_minutes::pdf(pdf, &minutes)).await
}

fn item(ctx: &Context, names: &Names, sitting: &Sitting, line: &PanelContract, contract: &Contract) -> Item {
    let id = line.contract_id;
    let content = &contract.content;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let vote = |o: &Opinion| Vote {
        by: names.of(&o.username),
        vote: o.ballot.in_words(&ctx.catalogue, grouped_yuan),
        text: o.text.clone(),
        counts: sitting.counts(o),
        dissents: sitting.dissents(o) == Some(true),
    };
    let votes_of = |round: i64| {
        let of_round = sitting
            .opinions
            .iter()
            .filter(|o| o.contract_id == id && o.round == round);
        of_round.map(vote).collect::<Vec<_>>()
    };
    let last = line.round();
    let earlier = line.rounds.iter().filter(|r| r.number < last).map(|r| EarlierRound {
        number: r.number,
        entitled: r.closed.as_ref().map_or(0, |c| c.entitled),
        votes: votes_of(r.number),
    });
    let recusals = sitting.recusals.iter().filter(|r| r.contract_id == id);
    Item {
        contract_id: id,
        project_name: text(&content.project_name),
        seller: text(&content.seller.name),
        buyer: text(&content.buyer.name),
        amount: content.amount_fen.map(grouped_yuan).unwrap_or_default(),
        outcome: line.outcome.label(),
        conclusion: line
            .concluded
            .as_ref()
            .map(|c| c.ballot.in_words(&ctx.catalogue, grouped_yuan)),
        entitled: line
            .concluded
            .as_ref()
            .map_or_else(|| sitting.entitled(id), |c| c.entitled),
        reason: text(&line.reason),
        ended_by: line.ended_by.as_deref().map(|u| names.of(u)).unwrap_or_default(),
        recusals: recusals
            .map(|r| (names.of(&r.username), r.kind.label(), r.reason.clone()))
            .collect(),
        votes: votes_of(last),
        earlier: earlier.collect(),
    }
}
