//! The panels that the visitor may know of.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{PLACE, address_of, state_label, state_mark};
use crate::{
    domain::{
        expert_review::{Outcome, PanelState},
        policy,
    },
    http::query::Query,
    usecases::{
        Context,
        expert_reviews::{PanelView, read},
        people::Names,
    },
    web::{
        field::{Choice, Field},
        key_page::{KeyPage, ROWS, address},
        refusal::Refusal,
        sheet::{ActLink, Sheet},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

#[get("/expert-reviews")]
pub async fn list_expert_reviews(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    let state = query.one_of("state", PanelState::from_id);
    query.finish()?;
    let views = read::list(&ctx, visitor.caller.actor.clone(), state, page.after, ROWS).await?;
    let (views, next) = KeyPage::cut(views, |v| v.review.id);
    let state_id = state.map(|s| s.id().to_owned());
    let table = Table {
        total: None,
        caption: "专家论证".to_owned(),
        columns: ["名称", "日期", "状态", "组长", "专家", "合同", "召集人"]
            .map(column)
            .into(),
        rows: views.iter().map(|view| row(&visitor.names, view)).collect(),
        empty: match policy::sees_all_panels(&visitor.caller.actor) {
            true => "没有专家论证。",
            false => "没有您参加的专家论证。",
        }
        .to_owned(),
        next: next.map(|n| address(PLACE, &[("state", state_id.clone()), ("after", Some(n.to_string()))])),
        first: page.after.map(|_| address(PLACE, &[("state", state_id.clone())])),
        tick: None,
    };
    let states = [PanelState::Open, PanelState::Closed].map(|s| Choice::new(s.id(), state_label(s)));
    let mut sheet = Sheet::list(visitor.shell("专家论证").at(PLACE), table).filtered(
        PLACE,
        vec![Field::select("state", "状态", states.into()).maybe(state_id)],
    );
    if policy::decide_convene(&visitor.caller.actor).is_ok() {
        sheet.acts.push(ActLink::new("召集论证", "/expert-reviews/new").main());
    }
    Ok(sheet.show())
}

fn column(label: &str) -> Column {
    match label {
        "专家" => Column::number(label),
        _ => Column::text(label),
    }
}

fn row(names: &Names, view: &PanelView) -> Row {
    let review = &view.review;
    let open = review.contracts.iter().filter(|c| c.outcome == Outcome::Open).count();
    let contracts = match (review.contracts.len(), open) {
        (all, 0) => format!("{all} 项"),
        (all, open) => format!("{all} 项，待论证 {open} 项"),
    };
    Row {
        key: review.id.to_string(),
        cells: vec![
            Cell::link(&review.title, address_of(review.id)),
            Cell::text(review.held_on.to_string()),
            state_mark(review.state),
            Cell::text(names.of(&review.chair)),
            Cell::text(review.members.len().to_string()),
            Cell::text(contracts),
            Cell::text(names.of(&review.convened_by)),
        ],
    }
}
