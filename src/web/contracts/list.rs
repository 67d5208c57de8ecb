//! The list of contracts.

use actix_web::{HttpRequest, HttpResponse, get, http::StatusCode, web};
use askama::Template;

use super::{
    came::CameTold,
    columns::row_of,
    counted,
    filters::{Asked, Offered, sort_of},
};
use crate::{
    domain::{
        account::Role,
        workflow::{Action, State},
    },
    http::contract_list::write_cursor,
    usecases::{
        Context, Error,
        contracts::{
            self, ContractView,
            list::{Page, SortKey},
        },
        work_queues,
    },
    web::{
        act::Problem,
        field::{Choice, Field},
        refusal::Refusal,
        shell::{Shell, page},
        table::{Column, Row, Table},
        visitor::Visitor,
    },
};

/// Contracts counted at most.
const MOST_COUNTED: i64 = 1_000;

#[derive(Template)]
#[template(path = "contracts/list.html")]
struct ListPage {
    shell: Shell,
    problem: Option<Problem>,
    queues: Vec<QueueTab>,
    fields: Vec<Field>,
    more: Vec<Field>,
    more_open: bool,
    columns: Vec<Choice>,
    /// Order and queue go on into the next search.
    sort: String,
    queue: String,
    plain: String,
    tally: String,
    export: String,
    table: Table,
    may_claim: bool,
    may_hand_over: bool,
    /// The query of this list, to come back to it.
    here: String,
    /// What came of something done with many.
    came: Option<CameTold>,
}

/// The link to one of the visitor's queues.
struct QueueTab {
    title: &'static str,
    /// How much is in it; empty where that is not counted.
    count: String,
    address: String,
    /// Whether it is shown.
    current: bool,
}

#[get("/contracts")]
pub async fn list_contracts(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let text = request.query_string();
    if form_urlencoded::parse(text.as_bytes()).any(|(name, _)| name == "figure") {
        return counted::show(&ctx, &visitor, text).await;
    }
    let asked = Asked::read(&ctx, &visitor, text);
    let offered = Offered::to(&ctx, &visitor).await?;
    if !asked.errors.is_empty() {
        let errors = asked.errors.iter().map(|e| (e.detail.clone(), None)).collect();
        let problem = Problem {
            detail: "查找条件有误，没有列出合同。".to_owned(),
            errors,
        };
        let list = ListPage {
            problem: Some(problem),
            ..empty(&ctx, &visitor, &asked, &offered)
        };
        return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &list));
    }
    let actor = &visitor.caller.actor;
    let mut query = asked.query.clone();
    let queue = asked.queue.map(|queue| work_queues::queue_of(&ctx, actor, queue));
    query.queue = queue.transpose().map_err(Error::from)?;
    let found = contracts::list::list(&ctx, actor.clone(), query.clone()).await?;
    let tally = tally(&ctx, &visitor, &asked, &found, query).await?;
    let mut list = filled(&ctx, &visitor, (&asked, &offered), &found, tally);
    if let Some(came) = &asked.came {
        list.came = Some(came.told(&ctx, &visitor).await?);
    }
    Ok(page(StatusCode::OK, &list))
}

/// How many there are, where that is cheaply known.
async fn tally(
    ctx: &Context,
    visitor: &Visitor,
    asked: &Asked,
    found: &Page,
    query: contracts::list::ContractQuery,
) -> Result<String, Error> {
    let shown = found.items.len();
    if asked.query.after.is_none() && found.next.is_none() {
        return Ok(format!("共 {shown} 项。"));
    }
    // A text is looked for contract by contract: only the page itself is.
    if query.text.is_some() {
        return Ok(format!("本页 {shown} 项。"));
    }
    let actor = visitor.caller.actor.clone();
    let (count, more) = contracts::list::count(ctx, actor, query, MOST_COUNTED).await?;
    Ok(if more {
        format!("共 {count} 项以上，本页 {shown} 项。")
    } else {
        format!("共 {count} 项，本页 {shown} 项。")
    })
}

fn empty(ctx: &Context, visitor: &Visitor, asked: &Asked, offered: &Offered) -> ListPage {
    let (fields, more) = asked.fields(ctx, offered);
    let title = asked.queue.map_or("合同", |queue| queue.title());
    let every = asked.kept.with("queue", None);
    let tab = |title, count, address, current| QueueTab {
        title,
        count,
        address,
        current,
    };
    let mut queues = vec![tab(
        "全部",
        String::new(),
        every.address("/contracts"),
        asked.queue.is_none(),
    )];
    queues.extend(offered.queues.iter().map(|counted| {
        let queue = counted.queue;
        let address = asked.kept.with("queue", Some(queue.id())).address("/contracts");
        tab(queue.title(), counted.to_string(), address, asked.queue == Some(queue))
    }));
    if queues.len() == 1 {
        queues.clear();
    }
    ListPage {
        shell: visitor.shell(title).at("/contracts").wide().done(asked.done.as_deref()),
        problem: None,
        queues,
        fields,
        more,
        more_open: asked.more_asked(),
        columns: asked.column_choices(),
        sort: asked.kept.value("sort").to_owned(),
        queue: asked.kept.value("queue").to_owned(),
        plain: "/contracts".to_owned(),
        tally: String::new(),
        export: asked.kept.with("limit", None).address("/contracts/export.xlsx"),
        table: Table::default(),
        may_claim: false,
        may_hand_over: false,
        here: asked.kept.address("").trim_start_matches('?').to_owned(),
        came: None,
    }
}

fn filled(
    ctx: &Context,
    visitor: &Visitor,
    (asked, offered): (&Asked, &Offered),
    found: &Page,
    tally: String,
) -> ListPage {
    let today = ctx.clock.today();
    let mut list = empty(ctx, visitor, asked, offered);
    let claims = |view: &ContractView| view.available_actions.contains(&Action::Claim);
    let gives = |view: &ContractView| {
        let own = view.contract.claimed_by.as_deref() == Some(visitor.caller.actor.username.as_str());
        own && view.contract.state == State::UnderReview && visitor.is_one_of(&[Role::Reviewer])
    };
    list.may_claim = found.items.iter().any(claims);
    list.may_hand_over = found.items.iter().any(gives);
    let rows = found.items.iter().map(|view| Row {
        key: if claims(view) || gives(view) {
            format!("{}:{}", view.contract.id, view.contract.version)
        } else {
            String::new()
        },
        ..row_of(
            &asked.columns,
            &ctx.catalogue,
            &visitor.names.in_contract(&view.contract),
            today,
        )
    });
    let (sort, descending) = (asked.query.sort, asked.query.descending);
    list.table = Table {
        total: None,
        caption: "合同".to_owned(),
        columns: asked.columns.iter().map(|column| head(asked, column)).collect(),
        rows: rows.collect(),
        empty: "没有符合条件的合同。".to_owned(),
        next: found.next.map(|position| {
            let cursor = write_cursor(sort, descending, position);
            asked.kept.with("cursor", Some(&cursor)).address("/contracts")
        }),
        first: asked.query.after.map(|_| asked.kept.address("/contracts")),
        tick: (list.may_claim || list.may_hand_over).then_some("ids"),
    };
    list.tally = tally;
    list
}

/// A column's head: it sorts, the other way round where it does already; the largest and latest first, but of deadlines the next.
fn head(asked: &Asked, column: &super::columns::ListColumn) -> Column {
    let current = column.sort == Some(asked.query.sort);
    let sort = column.sort.map(|sort| {
        let ascending = if current {
            asked.query.descending
        } else {
            sort == SortKey::DueOn
        };
        let value = sort_of((sort, !ascending));
        asked.kept.with("sort", Some(&value)).address("/contracts")
    });
    Column {
        label: column.label.to_owned(),
        number: column.number,
        short: column.short,
        sort,
        sorted: current.then_some(if asked.query.descending {
            "descending"
        } else {
            "ascending"
        }),
    }
}
